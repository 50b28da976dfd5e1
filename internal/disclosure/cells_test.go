package disclosure_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"panelverk/internal/disclosure"
)

func TestHide(t *testing.T) {
	for _, c := range []struct {
		name string
		rows [][]int
		want []bool
		all  bool
	}{
		{"nothing small", [][]int{{20}, {9}, {7}}, []bool{false, false, false}, false},
		{"one small row takes the next smallest with it", [][]int{{20}, {9}, {3}}, []bool{false, true, true}, false},
		{"two small rows that hide each other", [][]int{{20}, {4}, {4}}, []bool{false, true, true}, false},
		{"five single persons sum to their number", [][]int{{20}, {1}, {1}, {1}, {1}, {1}, {9}}, []bool{false, true, true, true, true, true, true}, false},
		{"rows of zeros are shown", [][]int{{0}, {12}, {8}, {2}}, []bool{false, false, true, true}, false},
		{"a group in which nobody answered", [][]int{{7, 0}, {12, 10}, {9, 8}}, []bool{true, false, true}, false},
		{"too few in all", [][]int{{2}, {1}}, []bool{true, true}, true},
		{"everybody in one small group", [][]int{{4}}, []bool{true}, true},
		{"no rows", nil, []bool{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := disclosure.Hide(c.rows, disclosure.Least)
			if !slices.Equal(got.Rows, c.want) || got.All != c.all {
				t.Errorf("got %v, want %v and %v", got, c.want, c.all)
			}
		})
	}
}

// TestHiddenCellsCannotBeWorkedOut plays the reader who knows the totals, the
// shown rows and that no hidden group is empty: to that reader every hidden
// count may be anything from 1 to at least the threshold.
func TestHiddenCellsCannotBeWorkedOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 3).Draw(t, "columns")
		rows := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(0, 12), columns, columns), 1, 9).Draw(t, "rows")
		h := disclosure.Hide(rows, disclosure.Least)
		for column := range columns {
			total, shown, hidden := 0, 0, 0
			for i, row := range rows {
				total += row[column]
				if h.Rows[i] {
					hidden++
					continue
				}
				shown += row[column]
				if n := row[column]; n > 0 && n < disclosure.Least {
					t.Fatalf("%d is shown in row %d", n, i)
				}
			}
			if h.All || hidden == 0 {
				continue
			}
			most := total - shown - (hidden - 1) // the others have one each
			if hidden < 2 || most < disclosure.Least {
				t.Fatalf("%d hidden rows sum to %d: none can have more than %d", hidden, total-shown, most)
			}
		}
	})
}
