package disclosure

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Band is an interval of a number's values: Low ≤ x < High. −Inf and +Inf are
// open ends.
type Band struct{ Low, High float64 }

// Label names a band of whole numbers: "30–39", "under 30", "60 or more"; of
// others "30 – 39.5" with the upper end not in it.
func (b Band) Label(whole bool) string {
	short := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	switch {
	case math.IsInf(b.Low, -1) && math.IsInf(b.High, 1):
		return "all"
	case math.IsInf(b.Low, -1):
		return "under " + short(b.High)
	case math.IsInf(b.High, 1):
		return short(b.Low) + " or more"
	case whole && b.High-b.Low == 1:
		return short(b.Low)
	case whole:
		return short(b.Low) + "–" + short(b.High-1)
	}
	return fmt.Sprintf("%s – %s", short(b.Low), short(b.High))
}

// Bands cuts the range of values into bands of one width, the first beginning
// at a multiple of it, and joins those at both ends until each end holds tail
// values or more: the oldest and the youngest are who everybody knows. NaN is no
// value. Without values there are no bands; fewer than 2·tail values make one.
func Bands(values []float64, width float64, tail int) []Band {
	sorted := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	slices.Sort(sorted)
	if len(sorted) == 0 || width <= 0 {
		return nil
	}
	low, high := Tails(sorted, tail)
	// The cut of a tail falls on a multiple of the width, further in where need be.
	first := math.Ceil((low+tiny(low))/width) * width
	last := math.Floor(high/width) * width
	if len(sorted) < 2*tail || first > last || beneath(sorted, first) < tail || len(sorted)-beneath(sorted, last) < tail {
		return []Band{{math.Inf(-1), math.Inf(1)}}
	}
	out := []Band{{math.Inf(-1), first}}
	for at := first; at < last; at += width {
		out = append(out, Band{at, at + width})
	}
	return append(out, Band{last, math.Inf(1)})
}

// tiny is what makes a value itself fall under a cut at it.
func tiny(f float64) float64 { return math.Nextafter(f, math.Inf(1)) - f }

// Tails gives where to cut the ends of sorted values so that at least tail of
// them are at or under low, and at least tail at or over high: bottom and top
// coding turn what lies beyond into these values. Where there are fewer than
// 2·tail values both are the median.
func Tails(sorted []float64, tail int) (low, high float64) {
	n := len(sorted)
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	if n < 2*tail {
		return sorted[n/2], sorted[n/2]
	}
	tail = max(tail, 1)
	return sorted[tail-1], sorted[n-tail]
}

func beneath(sorted []float64, cut float64) int {
	n, _ := slices.BinarySearch(sorted, cut)
	return n
}

// In gives the band that holds a value, false where none does.
func In(bands []Band, value float64) (Band, bool) {
	for _, b := range bands {
		if b.Low <= value && value < b.High {
			return b, true
		}
	}
	return Band{}, false
}

// Level is one way to give a key variable out: as it is, in bands, not at all.
type Level struct {
	Name   string              // for the report: "as it is", "bands of 10", "left out"
	Of     func(string) string // a value as it is given out
	Coarse int                 // 0 is the finest; a search prefers lower sums where losses are equal
}

// Proposal is one way to give out all key variables that passes.
type Proposal struct {
	Levels     []int   // of each key the index of its level
	Loss       float64 // the share of what the key variables tell that is lost, 0 … 1
	Suppressed int     // cells that have to be suppressed besides
	Risk       Risk    // of what comes out
}

// mostTried bounds the work: rows of eight keys times combinations of levels that are tried;
// mostSuppressed, for how many of them suppression is worked out, and mostCompared how
// many pairs of rows there may be in all of these.
const (
	mostTried      = 2_000_000
	mostSuppressed = 100
	mostCompared   = 4_000_000
)

// Propose gives up to n ways to make a table pass k, the one that loses the
// least first. levels holds for each key its ways, the finest first; fixed tells
// which keys cannot be suppressed. The proposals differ in kind: the first by
// levels alone, and, where fewer cells than a tenth of all have to go,
// suppression with levels that are finer. Nothing passes where the table has fewer
// than k rows. Loss is measured by entropy, each key counting the same.
func Propose(t Table, levels [][]Level, fixed []bool, k, n int) []Proposal {
	if len(t.Rows) < k {
		return nil
	}
	p := proposing{table: t, levels: levels, k: k, whole: make([]float64, len(t.Keys))}
	for j := range t.Keys {
		p.whole[j] = Entropy(p.column(j, levels[j][0]))
	}
	var pure, nearly []Proposal
	for _, at := range p.combinations() {
		out := p.coarsened(at)
		one := Proposal{Levels: at, Loss: p.loss(out), Risk: Assess(out, k)}
		switch {
		case one.Risk.K >= k:
			pure = append(pure, one)
		case one.Risk.Violations <= len(t.Rows)/2: // else it would be suppression and little besides
			nearly = append(nearly, one)
		}
	}
	order := func(a, b Proposal) int {
		return cmp.Or(cmp.Compare(a.Loss, b.Loss), cmp.Compare(p.coarseness(a), p.coarseness(b)), slices.Compare(a.Levels, b.Levels))
	}
	slices.SortFunc(pure, order)
	slices.SortFunc(nearly, order)
	var mixed []Proposal
	for _, one := range nearly[:min(len(nearly), mostSuppressed, mostCompared/(len(t.Rows)*len(t.Rows)))] {
		if p.suppress(&one, fixed) {
			mixed = append(mixed, one)
		}
	}
	slices.SortFunc(mixed, order)
	var out []Proposal
	for len(out) < n && len(pure)+len(mixed) > 0 {
		if len(pure) > 0 {
			out, pure = append(out, pure[0]), pure[1:]
		}
		if len(out) < n && len(mixed) > 0 {
			out, mixed = append(out, mixed[0]), mixed[1:]
		}
	}
	return out
}

type proposing struct {
	table  Table
	levels [][]Level
	whole  []float64 // what each key tells at its finest, in bits
	k      int
}

// suppress makes a proposal pass by suppression and tells whether it can with
// fewer than a tenth of the cells. Cells that are gone count as lost.
func (p *proposing) suppress(one *Proposal, fixed []bool) bool {
	out := p.coarsened(one.Levels)
	gone, all := suppress(out, p.k, fixed, triedSteps), len(out.Rows)*len(out.Keys)
	if len(gone.Left) > 0 || gone.Count*10 > all {
		return false
	}
	gone.Apply(out, "suppressed")
	one.Suppressed, one.Risk = gone.Count, Assess(out, p.k)
	one.Loss = min(1, one.Loss+float64(gone.Count)/float64(all))
	return true
}

// combinations gives the levels to try. Where there are too many, the levels in
// the middle of the keys with the most go first, and then the keys that tell the least
// stay as they are.
func (p *proposing) combinations() [][]int {
	tried := make([][]int, len(p.levels))
	for j, levels := range p.levels {
		for l := range levels {
			tried[j] = append(tried[j], l)
		}
	}
	for {
		product, most, least := len(p.table.Rows)*max(1, len(tried)/8), 0, -1 // few keys take as long as eight
		for j, levels := range tried {
			product = min(product*len(levels), mostTried+1)
			if len(levels) > 1 && (least < 0 || p.whole[j] < p.whole[least]) {
				least = j
			}
			if len(levels) > len(tried[most]) {
				most = j
			}
		}
		if product <= mostTried || least < 0 {
			break
		}
		if len(tried[most]) <= 2 {
			tried[least] = tried[least][:1]
			continue
		}
		middle := len(tried[most]) / 2
		tried[most] = slices.Delete(tried[most], middle, middle+1)
	}
	all := [][]int{{}}
	for _, levels := range tried {
		var next [][]int
		for _, head := range all {
			for _, l := range levels {
				next = append(next, append(slices.Clone(head), l))
			}
		}
		all = next
	}
	return all
}

func (p *proposing) column(j int, l Level) []string {
	out := make([]string, len(p.table.Rows))
	for i, row := range p.table.Rows {
		out[i] = l.Of(row[j])
	}
	return out
}

func (p *proposing) coarsened(at []int) Table {
	out := Table{Keys: p.table.Keys, Rows: make([][]string, len(p.table.Rows))}
	for i, row := range p.table.Rows {
		out.Rows[i] = make([]string, len(row))
		for j, v := range row {
			out.Rows[i][j] = p.levels[j][at[j]].Of(v)
		}
	}
	return out
}

// loss gives the share of the keys' entropy that a coarser table lacks.
func (p *proposing) loss(out Table) float64 {
	sum, keys := 0.0, 0
	for j, whole := range p.whole {
		if whole == 0 {
			continue
		}
		values := make([]string, len(out.Rows))
		for i, row := range out.Rows {
			values[i] = row[j]
		}
		sum, keys = sum+max(0, 1-Entropy(values)/whole), keys+1
	}
	if keys == 0 {
		return 0
	}
	return sum / float64(keys)
}

func (p *proposing) coarseness(of Proposal) int {
	sum := 0
	for j, l := range of.Levels {
		sum += p.levels[j][l].Coarse
	}
	return sum
}
