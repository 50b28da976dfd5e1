package disclosure

import (
	"math"
	"slices"
)

// Cells decides which counts of one distribution, whose sum readers know, are
// not shown. A count from 1 to least−1 is hidden, and so are others, the smallest
// first, until every hidden count could still be least or more.
//
// The guarded cells are hidden whatever they hold, and with them at least one
// that is not guarded: then neither they nor the sum of all others can be worked
// out. It serves where another page tells a number that differs from that sum by
// a few people. Where not enough is left to hide behind, everything is hidden.
func Cells(counts []int, guarded []int, least int) []bool {
	hidden := make([]bool, len(counts))
	for i, n := range counts {
		hidden[i] = n > 0 && n < least || slices.Contains(guarded, i)
	}
	for {
		sum, n, free := 0, 0, 0
		for i, h := range hidden {
			if !h {
				continue
			}
			sum, n = sum+counts[i], n+1
			if counts[i] > 0 && !slices.Contains(guarded, i) {
				free++
			}
		}
		if n == 0 || covered(n, sum, least) && (len(guarded) == 0 || free > 0) {
			return hidden
		}
		next := -1
		for i, count := range counts {
			if !hidden[i] && count > 0 && (next < 0 || count < counts[next]) {
				next = i
			}
		}
		if next < 0 {
			for i := range hidden {
				hidden[i] = true
			}
			return hidden
		}
		hidden[next] = true
	}
}

// covered tells whether n hidden counts with a known sum hide each other.
func covered(n, sum, least int) bool { return n == 0 || n > 1 && sum-n >= least-1 }

// Margin is a distribution as it is shown.
type Margin struct {
	Counts []int // first the values, then everything that is none
	Hidden []bool
}

// mostOrdered bounds how many values are tried in all groups of neighbours.
const mostOrdered = 11

// Groups looks for groups of k values in which the moves of people between the
// values of several points of time can be shown beside the margins. moves holds
// one table for each two points that follow on each other, its last row and
// column being people without a value. It gives the groups that show most of the
// tables, then the most of them; shown tells which. No groups: nothing can be shown.
//
// A table is shown where each move between groups is made by least people or
// more, where those to and from having no value are by as many or by nobody, and
// where no group has hidden counts in its margin that its sum would give away.
// Within a group people can then change places without anything that is shown
// becoming different, so that no smaller move can be told. That needs one
// grouping for all tables: two would cut each other into smaller ones.
//
// Of ordered values neighbours are put together; of others all but one.
func Groups(k int, ordered bool, margins []Margin, moves [][][]int, least int) (groups [][]int, shown []bool) {
	best := 0
	for _, try := range groupings(k, ordered) {
		n, fits := 0, make([]bool, len(moves))
		for i, table := range moves {
			fits[i] = safe(try, k, margins[i], least) && safe(try, k, margins[i+1], least) && movable(try, k, table, least)
			if fits[i] {
				n++
			}
		}
		if n > best {
			best, groups, shown = n, try, fits
		}
	}
	return groups, shown
}

// groupings gives the ways to group k values, those with most groups first.
func groupings(k int, ordered bool) [][][]int {
	var out [][][]int
	if ordered && k <= mostOrdered {
		for cuts := range 1 << max(k-1, 0) {
			groups := [][]int{{0}}
			for i := 1; i < k; i++ {
				if cuts>>(i-1)&1 == 1 {
					groups = append(groups, nil)
				}
				groups[len(groups)-1] = append(groups[len(groups)-1], i)
			}
			if len(groups) > 1 {
				out = append(out, groups)
			}
		}
		slices.SortStableFunc(out, func(a, b [][]int) int { return len(b) - len(a) })
		return out
	}
	var each [][]int
	for i := range k {
		each = append(each, []int{i})
	}
	if k > 1 {
		out = append(out, each)
	}
	for i := range k {
		var rest []int
		for j := range k {
			if j != i {
				rest = append(rest, j)
			}
		}
		if k > 2 {
			out = append(out, [][]int{{i}, rest})
		}
	}
	return out
}

// safe tells whether the sums of groups give no hidden count of a margin away.
func safe(groups [][]int, k int, m Margin, least int) bool {
	rest := make([]int, 0, len(m.Counts))
	for i := k; i < len(m.Counts); i++ {
		rest = append(rest, i)
	}
	for _, group := range append(slices.Clone(groups), rest) {
		n, sum := 0, 0
		for _, i := range group {
			if m.Hidden[i] {
				n, sum = n+1, sum+m.Counts[i]
			}
		}
		if !covered(n, sum, least) {
			return false
		}
	}
	return true
}

// movable tells whether every move between groups is large enough.
func movable(groups [][]int, k int, table [][]int, least int) bool {
	for a, row := range Regroup(groups, k, table) {
		for b, n := range row {
			if n < least && (n > 0 || a < len(groups) && b < len(groups)) {
				return false
			}
		}
	}
	return true
}

// Regroup adds a table of k values and none up by groups; none stays the last.
func Regroup(groups [][]int, k int, table [][]int) [][]int {
	at := make([]int, k+1)
	for g, group := range append(slices.Clone(groups), []int{k}) {
		for _, i := range group {
			at[i] = g
		}
	}
	out := make([][]int, len(groups)+1)
	for g := range out {
		out[g] = make([]int, len(groups)+1)
	}
	for i, row := range table {
		for j, n := range row {
			out[at[i]][at[j]] += n
		}
	}
	return out
}

// mostBands is how many bands a range of numbers is cut into at most.
const mostBands = 8

// Cuts cuts a range of numbers into bands of a round width, that begin at a
// multiple of it, 1 at least where whole is set. It gives where the second and
// every further band begins.
func Cuts(low, high float64, whole bool) []float64 {
	width := roundWidth((high - low) / mostBands)
	if whole {
		width = max(width, 1)
	}
	var out []float64
	for i := math.Floor(low/width) + 1; i*width <= high && len(out) < 2*mostBands; i++ {
		out = append(out, i*width)
	}
	return out
}

// roundWidth gives the smallest of 1, 2, 5, 10, 20 … (or .5, .2, .1 …) of at least x.
func roundWidth(x float64) float64 {
	if x <= 0 {
		return 1
	}
	ten := math.Pow(10, math.Floor(math.Log10(x)))
	for _, f := range []float64{1, 2, 5} {
		if f*ten >= x*(1-1e-9) {
			return f * ten
		}
	}
	return 10 * ten
}

// JoinBands leaves out of the cuts those that would make a band of
// fewer than Least in one of several counts, each of which is as Cuts parts it.
func JoinBands(cuts []float64, counts ...[]int) []float64 {
	fewest := slices.Clone(counts[0])
	for _, c := range counts[1:] {
		for i, n := range c {
			fewest[i] = min(fewest[i], n)
		}
	}
	groups, _ := Shares(fewest, true)
	var out []float64
	for _, g := range groups[min(1, len(groups)):] {
		out = append(out, cuts[g.Choices[0]-1])
	}
	return out
}
