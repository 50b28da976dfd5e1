package disclosure_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"panelverk/internal/disclosure"
)

// people makes a table of n persons with five key variables.
func people(n int) disclosure.Table {
	r := rand.New(rand.NewPCG(7, 7)) // made-up people, the same each time
	t := disclosure.Table{Keys: []string{"age", "sex", "country", "sector", "pattern"}}
	for range n {
		t.Rows = append(t.Rows, []string{strconv.Itoa(20 + 10*r.IntN(5)), strconv.Itoa(r.IntN(2)), strconv.Itoa(r.IntN(5)), strconv.Itoa(r.IntN(5)), strconv.Itoa(r.IntN(4))})
	}
	return t
}

func BenchmarkSuppress(b *testing.B) {
	for _, n := range []int{36, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			t := people(n)
			var gone disclosure.Suppressed
			for b.Loop() {
				gone = disclosure.Suppress(t, 3, []bool{false, false, false, false, true})
			}
			b.ReportMetric(float64(gone.Count), "cells")
			b.ReportMetric(float64(len(gone.Left)), "left")
		})
	}
}
