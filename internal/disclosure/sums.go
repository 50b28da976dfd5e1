package disclosure

import "math"

// Sums decides which sums of the same counts may be told together: what is told of
// persons in rates, totals and tables that overlap. It holds what has been told, and
// tells no further sum that would let a reader work out a count, or a sum of counts,
// of 1 to Least−1 persons. It is not safe for concurrent use.
type Sums struct {
	counts []int
	known  [][]float64 // in row echelon form: what a reader can work out is their span
}

// mostParts is how many counts above 0 are looked at: every sum of some of them is.
const mostParts = 14

// NewSums begins with nothing told. Counts of 0 tell of nobody; more than 14 others
// are too many, and then nothing is told.
func NewSums(counts []int) *Sums {
	s := &Sums{}
	for _, n := range counts {
		if n > 0 {
			s.counts = append(s.counts, n)
		}
	}
	return s
}

// Tell tells sums if they can be told, all of them or none. A sum is given by what
// it takes of each of the counts, in the order of NewSums and without those of 0.
func (s *Sums) Tell(sums ...[]bool) bool {
	if len(s.counts) > mostParts {
		return false
	}
	known := s.known
	for _, sum := range sums {
		row := make([]float64, len(s.counts))
		for i, in := range sum {
			if in {
				row[i] = 1
			}
		}
		known = reduce(known, row)
	}
	for mask := 1; mask < 1<<len(s.counts); mask++ {
		row, total := make([]float64, len(s.counts)), 0
		for i, n := range s.counts {
			if mask>>i&1 == 1 {
				row[i], total = 1, total+n
			}
		}
		if total < Least && len(reduce(known, row)) == len(known) {
			return false
		}
	}
	s.known = known
	return true
}

// reduce adds a row to rows in echelon form; one that follows from them adds nothing.
func reduce(rows [][]float64, row []float64) [][]float64 {
	row = append([]float64(nil), row...)
	for _, other := range rows {
		at := lead(other)
		f := row[at] / other[at]
		for i := range row {
			row[i] -= f * other[i]
		}
	}
	if lead(row) < 0 {
		return rows
	}
	return append(rows[:len(rows):len(rows)], row)
}

// lead gives the place of the first number that is not 0, −1 where all are.
func lead(row []float64) int {
	for i, x := range row {
		if math.Abs(x) > 1e-9 {
			return i
		}
	}
	return -1
}
