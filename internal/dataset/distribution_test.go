package dataset

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The quantiles are those that R gives: quantile(x, p).
func TestQuantiles(t *testing.T) {
	for _, c := range []struct {
		numbers    []float64
		q1, q2, q3 float64
	}{
		{[]float64{7}, 7, 7, 7},
		{[]float64{1, 2}, 1.25, 1.5, 1.75},
		{[]float64{4, 1, 3, 2}, 1.75, 2.5, 3.25},
		{[]float64{-1, -1, 0, 0, 0, 2, 9}, -.5, 0, 1},
		{nil, 0, 0, 0},
	} {
		d := newDistribution()
		for _, x := range c.numbers {
			d.add(x)
		}
		if a, b, e := d.quantile(.25), d.quantile(.5), d.quantile(.75); a != c.q1 || b != c.q2 || e != c.q3 {
			t.Errorf("%v: %g %g %g", c.numbers, a, b, e)
		}
	}
}

// However many different numbers come, memory is bounded and a quantile is off
// by no more than a class.
func TestDistributionIsBounded(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, scale := range []float64{1, 1e-9, 1e300} {
		d := newDistribution()
		var all []float64
		for range 50000 {
			x := random.NormFloat64() * scale
			all = append(all, x)
			d.add(x)
			if len(d.counts) > mostKept {
				t.Fatalf("%d numbers are kept", len(d.counts))
			}
		}
		slices.Sort(all)
		for _, p := range []float64{.25, .5, .75} {
			want := all[int(float64(len(all)-1)*p)]
			if got := d.quantile(p); d.width == 0 || math.Abs(got-want) > d.width || d.width > scale/50 {
				t.Errorf("scale %g: quantile %g is %g, want %g to %g", scale, p, got, want, d.width)
			}
		}
	}
	d := newDistribution()
	for i := range 2 * mostKept {
		d.add(float64(i))
	}
	d.add(math.MaxFloat64)
	if q := d.quantile(1); math.IsInf(q, 0) || q < math.MaxFloat64/2 {
		t.Errorf("the largest is %g", q)
	}
}
