package disclosure_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"panelverk/internal/disclosure"
)

// wide makes a table of n persons with so many key variables, and a pattern.
func wide(n, keys int) (t disclosure.Table, fixed []bool) {
	r := rand.New(rand.NewPCG(1, 2)) // made-up people, the same each time
	fixed = make([]bool, keys+1)
	fixed[keys] = true
	for j := range keys + 1 {
		t.Keys = append(t.Keys, "k"+strconv.Itoa(j))
	}
	for i := range n {
		var row []string
		for range keys {
			row = append(row, strconv.Itoa(r.IntN(6)))
		}
		t.Rows = append(t.Rows, append(row, strconv.Itoa(i%2)))
	}
	return t, fixed
}

// Whoever tries a profile names as many variables as they like. A server that
// searched for all the ways to give them out would have no time for others.
func TestLargeTablesEnd(t *testing.T) {
	const long = 2 * time.Minute // a second or two; before there was a limit, minutes and hours
	began := time.Now()
	for _, size := range [][2]int{{36, disclosure.MostKeys}, {300, 40}} {
		table, fixed := wide(size[0], size[1])
		gone := disclosure.Suppress(table, 3, fixed)
		gone.Apply(table, "gone")
		if r := disclosure.Assess(table, 3); r.K < 3 || len(gone.Left) > 0 {
			t.Errorf("%v: k is %d and %d are left", size, r.K, len(gone.Left))
		}
	}
	for _, ways := range []int{2, 6} {
		table, fixed := wide(36, 60)
		levels := make([][]disclosure.Level, len(table.Keys))
		for j := range levels {
			for n := range ways {
				levels[j] = append(levels[j], disclosure.Level{Name: fmt.Sprint(n), Coarse: n, Of: func(s string) string { return s[:len(s)*(ways-1-n)/(ways-1)] }})
			}
		}
		for _, p := range disclosure.Propose(table, levels, fixed, 3, 2) {
			if p.Risk.K < 3 {
				t.Errorf("%d ways: k is %d", ways, p.Risk.K)
			}
		}
	}
	if took := time.Since(began); took > long {
		t.Errorf("it took %s", took)
	}
}
