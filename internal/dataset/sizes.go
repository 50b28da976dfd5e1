package dataset

import (
	"maps"
	"math"
	"slices"
)

// Sizes is a histogram of numbers that never has more than maxBins bins: where
// there would be more, the bins become twice as wide. The zero value is ready, for
// numbers with decimals.
type Sizes struct {
	N     int
	whole bool
	width float64
	bins  map[int]int // how many lie from i·width up to and not with (i+1)·width
	sum   float64
}

const (
	maxBins    = 512
	finestSize = 1.0 / 1024 // a power of two, so that doubling stays exact
)

// Add counts a number. NaN and the infinite are none.
func (s *Sizes) Add(x float64) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return
	}
	if s.bins == nil {
		s.bins, s.width = map[int]int{}, finestSize
		if s.whole {
			s.width = 1
		}
	}
	for math.Abs(x)/s.width > math.MaxInt32 {
		s.coarsen()
	}
	s.N++
	s.sum += x
	s.bins[int(math.Floor(x/s.width))]++
	for len(s.bins) > maxBins {
		s.coarsen()
	}
}

func (s *Sizes) coarsen() {
	wider := map[int]int{}
	for i, n := range s.bins {
		wider[int(math.Floor(float64(i)/2))] += n
	}
	s.bins, s.width = wider, 2*s.width
}

// Mean gives the mean, NaN of none.
func (s *Sizes) Mean() float64 { return s.sum / float64(s.N) }

// Median gives the median, NaN of none: exact for whole numbers with no more
// than 512 different values, else to the width of a bin.
func (s *Sizes) Median() float64 {
	if s.N == 0 {
		return math.NaN()
	}
	return (s.at((s.N-1)/2) + s.at(s.N/2)) / 2
}

// at gives the number at a place in their order, from 0: of a bin its middle,
// of the finest the number itself.
func (s *Sizes) at(place int) float64 {
	for _, i := range slices.Sorted(maps.Keys(s.bins)) {
		if place -= s.bins[i]; place < 0 {
			switch {
			case s.whole:
				return float64(i)*s.width + math.Floor(s.width/2)
			case s.width == finestSize:
				return float64(i) * s.width
			}
			return (float64(i) + .5) * s.width
		}
	}
	return math.NaN()
}

// Tails gives the number up to which tail numbers lie, and that from which on
// tail do, to the width of a bin; ok is false where there are not 2·tail.
func (s *Sizes) Tails(tail int) (low, high float64, ok bool) {
	if s.N < 2*tail || tail < 1 {
		return 0, 0, false
	}
	return s.at(tail - 1), s.at(s.N - tail), true
}

// Between counts the numbers by cuts, which ascend: those under the first, those
// from each up to the next, those from the last on. A bin that lies across a cut
// counts where it begins.
func (s *Sizes) Between(cuts []float64) []int {
	out := make([]int, len(cuts)+1)
	for i, n := range s.bins {
		at, exact := slices.BinarySearch(cuts, float64(i)*s.width)
		if exact {
			at++
		}
		out[at] += n
	}
	return out
}
