package disclosure_test

import (
	"testing"

	"panelverk/internal/disclosure"
)

func TestSums(t *testing.T) {
	of := func(marks string) []bool {
		out := make([]bool, len(marks))
		for i := range marks {
			out[i] = marks[i] == '1'
		}
		return out
	}
	for _, c := range []struct {
		name   string
		counts []int
		asked  []string
		want   string
	}{
		{"one who is left over", []int{32, 4}, []string{"11", "10", "01"}, "100"},
		{"seven are enough", []int{28, 7}, []string{"11", "10", "01"}, "111"},
		{"two sums that differ by one person", []int{20, 1, 9}, []string{"111", "100", "110"}, "110"},
		{"the other way round", []int{20, 1, 9}, []string{"111", "110", "100"}, "110"},
		{"nobody is in it", []int{20, 0, 9}, []string{"11", "10"}, "11"},
		{"three sums that give a small one together", []int{10, 10, 3}, []string{"110", "101", "011"}, "110"},
		{"a small total", []int{3}, []string{"1"}, "0"},
		{"what follows costs nothing", []int{10, 10, 10}, []string{"110", "001", "111"}, "111"},
	} {
		s, got := disclosure.NewSums(c.counts), ""
		for _, marks := range c.asked {
			if s.Tell(of(marks)) {
				got += "1"
			} else {
				got += "0"
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if disclosure.NewSums(make([]int, 20)).Tell() != true || disclosure.NewSums([]int{9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}).Tell(make([]bool, 15)) {
		t.Error("too many counts are told of, or none of nobody")
	}
}
