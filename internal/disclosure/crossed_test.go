package disclosure

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// shown writes a table with its totals as somebody reads it.
func shown(counts [][]int, hidden [][]bool) string {
	c := newCrossed(counts)
	var rows []string
	for i := range hidden {
		var row []string
		for j := range hidden[i] {
			if hidden[i][j] {
				row = append(row, "·")
			} else {
				row = append(row, fmt.Sprint(c.value[i][j]))
			}
		}
		rows = append(rows, strings.Join(row, " "))
	}
	return strings.Join(rows, " | ")
}

func TestCrossed(t *testing.T) {
	for _, c := range []struct {
		name   string
		counts [][]int
		want   string
	}{
		{"nothing is small", [][]int{{9, 6}, {7, 8}}, "9 6 15 | 7 8 15 | 16 14 30"},
		{"one small count takes its row and column along", [][]int{{20, 3}, {9, 8}}, "· · 23 | · · 17 | 29 11 40"},
		{"two in a row of three", [][]int{{12, 1, 4}, {6, 9, 7}, {8, 6, 11}}, "12 · · 17 | · 9 · 22 | · · 11 25 | 26 16 22 64"},
		{"an answer nobody gave hides nothing", [][]int{{9, 0, 6}, {0, 0, 0}, {7, 0, 8}}, "9 0 6 15 | 0 0 0 0 | 7 0 8 15 | 16 0 14 30"},
		{"a total under five", [][]int{{1, 1}, {9, 8}}, "· · · | · · · | 10 9 19"},
		{"a handful", [][]int{{2, 0}, {0, 2}}, "· · · | · · · | · · ·"},
		{"one cell", [][]int{{7}}, "7 7 | 7 7"},
	} {
		if got := shown(c.counts, Crossed(c.counts, Least)); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
}

// Whatever the table: no small count is shown, and no row or column gives one
// away by subtraction.
func TestCrossedGivesNothingAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(1, 5).Draw(t, "rows"), rapid.IntRange(1, 5).Draw(t, "columns")
		counts := make([][]int, n)
		for i := range counts {
			counts[i] = rapid.SliceOfN(rapid.SampledFrom([]int{0, 0, 1, 2, 4, 5, 6, 9, 20}), m, m).Draw(t, "row")
		}
		hidden := Crossed(counts, Least)
		c := newCrossed(counts)
		line := func(cells [][2]int) {
			unknown, sum := 0, 0
			for k, at := range cells {
				i, j := at[0], at[1]
				if !hidden[i][j] {
					if c.value[i][j] < Least && !c.vacant(i, j) {
						t.Fatalf("%v shows a small count: %s", counts, shown(counts, hidden))
					}
					continue
				}
				unknown++
				if k < len(cells)-1 {
					sum += c.value[i][j]
				}
			}
			last := cells[len(cells)-1]
			if unknown == 1 || unknown > 1 && !hidden[last[0]][last[1]] && sum < Least {
				t.Fatalf("%v gives one away: %s", counts, shown(counts, hidden))
			}
		}
		for i := range c.rows {
			var cells [][2]int
			for j := range c.columns {
				cells = append(cells, [2]int{i, j})
			}
			line(cells)
		}
		for j := range c.columns {
			var cells [][2]int
			for i := range c.rows {
				cells = append(cells, [2]int{i, j})
			}
			line(cells)
		}
	})
}
