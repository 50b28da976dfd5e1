// Package disclosure decides what may leave: which cells of a table would tell
// of single persons, how easily the persons of a file are recognised, and what
// helps: coarser values, suppression, or leaving something out.
package disclosure

import "slices"

// Least is the count under which a cell is not shown, the one threshold of all
// pages.
const Least = 5

// Hidden says what of a table is not shown.
type Hidden struct {
	Rows []bool
	// All says that the totals would tell of single persons as well, so that
	// nothing of the table can be shown.
	All bool
}

// Any tells whether something is hidden.
func (h Hidden) Any() bool { return h.All || slices.Contains(h.Rows, true) }

// Hide decides which rows of a table of counts are not shown. Each row is one
// group of people, and each column has a total that readers know.
//
// A row with a count from 1 to least−1 is hidden, and one with a zero beside
// other counts (who among seven invited has not answered is known if none
// has). Rows of zeros tell of nobody and are shown. So that no hidden count can be worked out
// from a total, further rows are hidden, the smallest first, until every hidden
// count could still be least or more: in each column, the hidden rows
// together hold at least least−1 persons more than one each.
func Hide(rows [][]int, least int) Hidden {
	h := Hidden{Rows: make([]bool, len(rows))}
	for i, row := range rows {
		h.Rows[i] = !empty(row) && slices.Min(row) < least
	}
	for h.Any() && exposed(rows, h.Rows, least) {
		next := -1
		for i, row := range rows {
			if !h.Rows[i] && !empty(row) && (next < 0 || slices.Compare(row, rows[next]) < 0) {
				next = i
			}
		}
		if next < 0 {
			h.All = true
			break
		}
		h.Rows[next] = true
	}
	return h
}

func empty(row []int) bool { return !slices.ContainsFunc(row, func(n int) bool { return n != 0 }) }

// exposed tells whether the total of some column gives a hidden count away.
func exposed(rows [][]int, hidden []bool, least int) bool {
	for column := range rows[0] {
		sum, n := 0, 0
		for i, row := range rows {
			if hidden[i] {
				sum, n = sum+row[column], n+1
			}
		}
		if n > 0 && sum-n < least-1 {
			return true
		}
	}
	return false
}
