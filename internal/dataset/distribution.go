package dataset

import (
	"maps"
	"math"
	"slices"
)

// mostKept is how many different numbers a distribution keeps apart.
const mostKept = 4096

// distribution keeps how often numbers came, in bounded memory: each by itself
// as long as there are no more than mostKept different ones, which codes,
// minutes and scales never have; then in classes of equal width, which doubles
// when there are too many again. Quantiles are then exact to the width of a class.
type distribution struct {
	n      int
	width  float64 // of classes; 0: every number by itself
	counts map[float64]int
}

func newDistribution() *distribution { return &distribution{counts: map[float64]int{}} }

func (d *distribution) add(x float64) {
	d.n++
	for d.width > 0 && math.IsInf(x/d.width, 0) {
		d.coarsen()
	}
	d.counts[d.class(x)]++
	if len(d.counts) <= mostKept {
		return
	}
	if d.width == 0 {
		low, high := math.Inf(1), math.Inf(-1)
		for x := range d.counts {
			low, high = min(low, x), max(high, x)
		}
		// Both halves by themselves: their difference may be no number.
		d.width = max(math.Exp2(math.Ceil(math.Log2(high/mostKept-low/mostKept))), math.SmallestNonzeroFloat64)
	}
	for len(d.counts) > mostKept/2 {
		d.coarsen()
	}
}

// coarsen makes the classes twice as wide.
func (d *distribution) coarsen() {
	counts := make(map[float64]int, len(d.counts))
	d.width *= 2
	for x, n := range d.counts {
		counts[d.class(x)] += n
	}
	d.counts = counts
}

// class gives the middle of the class of a number.
func (d *distribution) class(x float64) float64 {
	if d.width == 0 {
		return x
	}
	return math.Round(x/d.width) * d.width
}

// quantile gives the p-quantile, 0 of nothing: between the two numbers about
// the place 1 + (n−1)·p, as R does by default and Excel's QUARTILE.INC (type 7 of
// Hyndman and Fan, The American Statistician 50, 1996).
func (d *distribution) quantile(p float64) float64 {
	if d.n == 0 {
		return 0
	}
	at := float64(d.n-1) * p
	low, part := int(at), at-math.Floor(at)
	seen, first, found := 0, 0.0, false
	for _, x := range slices.Sorted(maps.Keys(d.counts)) {
		seen += d.counts[x]
		if !found && seen > low {
			first, found = x, true
		}
		if found && (part == 0 || seen > low+1) {
			return first + (x-first)*part
		}
	}
	return first
}
