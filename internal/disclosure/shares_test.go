package disclosure

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestShares(t *testing.T) {
	one := func(count int, choices ...int) Share { return Share{Choices: choices, Count: count} }
	rest := func(count int, choices ...int) Share { return Share{Choices: choices, Count: count, Rest: true} }
	for name, c := range map[string]struct {
		counts  []int
		ordered bool
		want    []Share
		why     Withheld
	}{
		"all large enough":                {[]int{6, 9, 12, 7, 5}, true, []Share{one(6, 0), one(9, 1), one(12, 2), one(7, 3), one(5, 4)}, Shown},
		"the ends of a scale":             {[]int{1, 6, 12, 7, 2}, true, []Share{one(7, 0, 1), one(12, 2), one(9, 3, 4)}, Shown},
		"nobody at an end":                {[]int{0, 8, 12}, true, []Share{one(8, 0, 1), one(12, 2)}, Shown},
		"the more even of two ways":       {[]int{8, 2, 5}, true, []Share{one(8, 0), one(7, 1, 2)}, Shown},
		"nine have answered":              {[]int{4, 5}, true, nil, TooFew},
		"ten, and two groups":             {[]int{5, 5}, true, []Share{one(5, 0), one(5, 1)}, Shown},
		"ten, and one against nine":       {[]int{1, 9}, true, nil, TooAlike},
		"all alike":                       {[]int{0, 30, 0}, true, nil, TooAlike},
		"occupations":                     {[]int{12, 3, 9, 2, 0}, false, []Share{one(12, 0), one(9, 2), rest(5, 1, 3, 4)}, Shown},
		"a rest that needs a further one": {[]int{12, 3, 9, 8}, false, []Share{one(12, 0), one(9, 2), rest(11, 1, 3)}, Shown},
		"one that nobody chose":           {[]int{12, 9, 0}, false, []Share{one(12, 0), rest(9, 1, 2)}, Shown},
		"all in the rest":                 {[]int{4, 4, 4}, false, nil, TooAlike},
		"nothing":                         {nil, false, nil, TooFew},
	} {
		got, why := Shares(c.counts, c.ordered)
		if !reflect.DeepEqual(got, c.want) || why != c.why {
			t.Errorf("%s: %+v %q, want %+v %q", name, got, why, c.want, c.why)
		}
	}
}

// Whatever is answered: nothing shown is smaller than five, every answer is in
// one group, nobody is lost, and neighbours stay neighbours.
func TestNoShareIsSmall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.IntRange(0, 14), 0, 12).Draw(t, "counts")
		ordered := rapid.Bool().Draw(t, "ordered")
		total := 0
		for _, n := range counts {
			total += n
		}
		got, why := Shares(counts, ordered)
		if (why == Shown) != (len(got) >= 2) || why == TooFew != (total < LeastAnswers) {
			t.Fatalf("%d groups and %q of %d", len(got), why, total)
		}
		if why != Shown {
			return
		}
		sum, seen := 0, []int{}
		for i, s := range got {
			n := 0
			for _, c := range s.Choices {
				n += counts[c]
			}
			if n != s.Count || s.Count < Least || len(s.Choices) == 0 {
				t.Fatalf("%+v of %v", s, counts)
			}
			if s.Rest && (ordered || i != len(got)-1 || len(s.Choices) < 2) {
				t.Fatalf("a rest of %+v", got)
			}
			if last := len(s.Choices) - 1; ordered && s.Choices[last]-s.Choices[0] != last {
				t.Fatalf("no neighbours: %+v", s)
			}
			sum, seen = sum+s.Count, append(seen, s.Choices...)
		}
		slices.Sort(seen)
		for i := range counts {
			if len(seen) != len(counts) || seen[i] != i {
				t.Fatalf("in groups: %v of %v", seen, counts)
			}
		}
		if sum != total {
			t.Fatalf("%d of %d are left", sum, total)
		}
	})
}
