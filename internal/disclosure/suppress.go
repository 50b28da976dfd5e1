package disclosure

import (
	"cmp"
	"fmt"
	"maps"
	"math/bits"
	"slices"
)

// Suppressed is which cells of a table to take away so that every row is like
// k−1 others.
type Suppressed struct {
	Cells [][]bool // by row and key: take this cell away
	Count int      // how many
	// Left holds the rows that no suppression helps: too few share the values
	// that cannot be taken away. They must be left out, or those values be made coarser.
	Left []int
}

// Suppress gives a set of cells to suppress so that each row has the same key
// values as at least k−1 others, where a suppressed value is a category of its
// own. fixed tells of each key whether it cannot be suppressed: a pattern of
// participation is seen in the rows themselves.
//
// To suppress the fewest cells is NP-hard (Meyerson and Williams, PODS 2004), so
// this is a search that ends at a set that no single change makes better: rows
// that are alike are grouped; each group under k joins the group, or takes
// spare rows of the one, that costs the fewest cells; then rows move between the
// groups that suppress something while that saves cells, and up to three small
// groups at a time are divided anew in the best of all ways. Tests hold it
// against tables that can be tried in full. The search ends sooner where the table is
// so large that it would take more than mostSteps; what it gives protects all the same,
// and is the same each time. At most MostKeys keys that are not fixed.
func Suppress(t Table, k int, fixed []bool) Suppressed {
	return suppress(t, k, fixed, mostSteps)
}

// MostKeys is how many keys Suppress can take cells from.
const MostKeys = 64

// How many pairs of rows are compared to make a suppression better, at the most: of a
// table that leaves; and of one that is tried for a proposal, of which there are many.
const (
	mostSteps  = 20_000_000
	triedSteps = 200_000
)

func suppress(t Table, k int, fixed []bool, steps int) Suppressed {
	out := Suppressed{Cells: make([][]bool, len(t.Rows))}
	for i, row := range t.Rows {
		out.Cells[i] = make([]bool, len(row))
	}
	keys, codes := coded(t, fixed)
	blocks := map[string][]int{}
	for i, row := range t.Rows {
		var shared []string
		for j, v := range row {
			if fixed[j] {
				shared = append(shared, v)
			}
		}
		blocks[class(shared)] = append(blocks[class(shared)], i)
	}
	for _, name := range slices.Sorted(maps.Keys(blocks)) {
		rows := blocks[name]
		if len(rows) < k {
			out.Left = append(out.Left, rows...)
			continue
		}
		s := &suppressing{codes: codes, k: k, steps: steps / len(t.Rows) * len(rows)}
		for _, g := range s.solve(rows) {
			for _, i := range g.rows {
				for n, j := range keys {
					if g.mask&(1<<n) != 0 {
						out.Cells[i][j] = true
						out.Count++
					}
				}
			}
		}
	}
	slices.Sort(out.Left)
	return out
}

// coded gives which keys are not fixed, and the values of those as numbers.
func coded(t Table, fixed []bool) (keys []int, codes [][]int32) {
	codes = make([][]int32, len(t.Rows))
	for j := range t.Keys {
		if fixed[j] {
			continue
		}
		keys = append(keys, j)
		known := map[string]int32{}
		for i, row := range t.Rows {
			code, there := known[row[j]]
			if !there {
				code = int32(len(known)) //nolint:gosec // as many as there are persons at the most
				known[row[j]] = code
			}
			codes[i] = append(codes[i], code)
		}
	}
	return keys, codes
}

// Apply puts a mark into the cells of a table that are to go.
func (s Suppressed) Apply(t Table, mark string) {
	for i, cells := range s.Cells {
		for j, gone := range cells {
			if gone {
				t.Rows[i][j] = mark
			}
		}
	}
}

// suppressing is the search within the rows that share their fixed values.
type suppressing struct {
	codes  [][]int32 // by row and key
	k      int
	groups []*group
	steps  int // that are left for making it better
}

// group is rows that shall look alike: what differs between them, the mask's
// keys, is suppressed in all of them.
type group struct {
	rows []int
	mask uint64
}

func (g *group) cost() int { return len(g.rows) * bits.OnesCount64(g.mask) }

// differ gives the keys by which two rows differ.
func (s *suppressing) differ(a, b int) (mask uint64) {
	other := s.codes[b]
	for j, v := range s.codes[a] {
		if v != other[j] {
			mask |= 1 << j
		}
	}
	return mask
}

// of gives the mask of a set of rows.
func (s *suppressing) of(rows []int) (mask uint64) {
	for _, i := range rows[1:] {
		mask |= s.differ(rows[0], i)
	}
	return mask
}

func (s *suppressing) solve(rows []int) []*group {
	alike := map[string]*group{}
	for _, i := range rows {
		c := fmt.Sprint(s.codes[i])
		if alike[c] == nil {
			alike[c] = &group{}
			s.groups = append(s.groups, alike[c])
		}
		alike[c].rows = append(alike[c].rows, i)
	}
	for {
		small := slices.IndexFunc(s.groups, func(g *group) bool { return len(g.rows) < s.k })
		if small < 0 {
			break
		}
		s.join(small)
	}
	for s.move() || s.again() {
	}
	return s.groups
}

// join lets a group under k join another, or takes rows that one can spare,
// whichever suppresses the fewest further cells.
func (s *suppressing) join(small int) {
	g := s.groups[small]
	best, with, spare := -1, -1, 0
	least := 0 // no group costs fewer
	if g.mask == 0 {
		least = min(s.k, len(g.rows)+1)
	}
	for i, other := range s.groups {
		if i == small {
			continue
		}
		if best >= 0 && best <= least {
			break
		}
		mask := g.mask | other.mask | s.differ(g.rows[0], other.rows[0])
		wide := bits.OnesCount64(mask)
		cost := (len(g.rows)+len(other.rows))*wide - g.cost() - other.cost()
		if best < 0 || cost < best {
			best, with, spare = cost, i, 0
		}
		need := s.k - len(g.rows)
		if len(other.rows)-need >= s.k && other.mask == 0 { // rows of a group without a mask are all alike
			if cost := s.k*wide - g.cost(); cost < best {
				best, with, spare = cost, i, need
			}
		}
	}
	other := s.groups[with]
	g.mask |= other.mask | s.differ(g.rows[0], other.rows[0])
	if spare > 0 {
		end := len(other.rows) - spare
		g.rows, other.rows = append(g.rows, other.rows[end:]...), other.rows[:end]
		return
	}
	g.rows = append(g.rows, other.rows...)
	s.groups = slices.Delete(s.groups, with, with+1)
}

// move looks for one change that saves cells, makes it and tells whether there
// was one: a row moves to another group, two rows change places, or a group of
// 2k or more is cut in two.
func (s *suppressing) move() bool {
	for _, g := range s.groups {
		if g.mask == 0 {
			continue
		}
		if len(g.rows) >= 2*s.k && s.cut(g) {
			return true
		}
		for at, row := range g.rows {
			rest := slices.Delete(slices.Clone(g.rows), at, at+1)
			for _, to := range s.groups {
				if to == g {
					continue
				}
				joined := append(slices.Clone(to.rows), row)
				if len(rest) >= s.k && s.better([]*group{g, to}, rest, joined) {
					return true
				}
				// A group of others that are all alike offers one of them; of the
				// rest each may be the one to change.
				offers := to.rows
				if to.mask == 0 {
					offers = to.rows[:1]
				}
				for n := range offers {
					if to.mask == 0 && len(to.rows) == s.k {
						break // it would break up for nothing
					}
					mine := append(slices.Clone(rest), to.rows[n])
					theirs := slices.Delete(slices.Clone(joined), n, n+1)
					if s.better([]*group{g, to}, mine, theirs) {
						return true
					}
				}
			}
		}
	}
	return false
}

// cut divides a group by one of its keys' values where that saves cells.
func (s *suppressing) cut(g *group) bool {
	for j := range s.codes[g.rows[0]] {
		if g.mask&(1<<j) == 0 {
			continue
		}
		sorted := slices.Clone(g.rows)
		slices.SortStableFunc(sorted, func(a, b int) int { return cmp.Compare(s.codes[a][j], s.codes[b][j]) })
		for at := s.k; at <= len(sorted)-s.k; at++ {
			half := &group{}
			s.groups = append(s.groups, half)
			if s.better([]*group{g, half}, sorted[:at:at], sorted[at:]) {
				return true
			}
			s.groups = s.groups[:len(s.groups)-1]
		}
	}
	return false
}

// better gives two groups new rows where that costs fewer cells, and steps are left.
func (s *suppressing) better(of []*group, rows ...[]int) bool {
	if s.steps -= len(rows[0]) + len(rows[1]); s.steps < 0 {
		return false
	}
	before, after := 0, 0
	masks := make([]uint64, len(of))
	for i, g := range of {
		before += g.cost()
		masks[i] = s.of(rows[i])
		after += len(rows[i]) * bits.OnesCount64(masks[i])
	}
	if after >= before {
		return false
	}
	for i, g := range of {
		g.rows, g.mask = slices.Clone(rows[i]), masks[i]
	}
	return true
}

// How far dividing anew goes: rows at once (the ways are 3 to that power), and
// groups, of which every pair and triple is tried.
const (
	mostRows   = 12
	mostGroups = 40
)

// again divides the rows of two or three groups anew where some other way to
// divide them saves cells, and tells whether one did.
func (s *suppressing) again() bool {
	if len(s.groups) > mostGroups || s.steps < 0 {
		return false
	}
	for a, first := range s.groups {
		if first.mask == 0 {
			continue
		}
		for b, second := range s.groups {
			if b == a || len(first.rows)+len(second.rows) > mostRows {
				continue
			}
			if s.divide(first, second) {
				return true
			}
			for _, third := range s.groups[b+1:] {
				if third != first && len(first.rows)+len(second.rows)+len(third.rows) <= mostRows && s.divide(first, second, third) {
					return true
				}
			}
		}
	}
	return false
}

// divide puts the rows of some groups into other groups of k or more where that
// saves cells: it tries all ways, by the subsets of the rows.
func (s *suppressing) divide(groups ...*group) bool {
	var rows []int
	before := 0
	for _, g := range groups {
		rows, before = append(rows, g.rows...), before+g.cost()
	}
	all := 1<<len(rows) - 1
	if s.steps -= len(rows) << len(rows); s.steps < 0 {
		return false
	}
	keys := make([]uint64, all+1) // by subset: what differs in it
	for set := 1; set <= all; set++ {
		if rest := set & (set - 1); rest != 0 {
			low, next := bits.TrailingZeros(uint(set)), bits.TrailingZeros(uint(rest))
			keys[set] = keys[rest] | s.differ(rows[low], rows[next])
		}
	}
	least, of := make([]int, all+1), make([]int, all+1) // by subset: the fewest cells, and the group of its lowest row
	for set := 1; set <= all; set++ {
		low := set & -set
		least[set] = -1
		for rest := set ^ low; ; rest = (rest - 1) & (set ^ low) {
			one := rest | low
			n := bits.OnesCount(uint(one))
			if n >= s.k && least[set^one] >= 0 {
				if cost := n*bits.OnesCount64(keys[one]) + least[set^one]; least[set] < 0 || cost < least[set] {
					least[set], of[set] = cost, one
				}
			}
			if rest == 0 {
				break
			}
		}
	}
	if least[all] < 0 || least[all] >= before {
		return false
	}
	s.groups = slices.DeleteFunc(s.groups, func(g *group) bool { return slices.Contains(groups, g) })
	for set := all; set != 0; set ^= of[set] {
		g := &group{mask: keys[of[set]]}
		for i, row := range rows {
			if of[set]&(1<<i) != 0 {
				g.rows = append(g.rows, row)
			}
		}
		s.groups = append(s.groups, g)
	}
	return true
}
