package dataset

import (
	"math"
	"slices"
)

// Counts counts what the rows of a dataset hold: of each variable and wave the
// values, the reasons why there is none, and how the same persons changed. It is
// fed with records as they are given out, so that it tells of what a file holds.
// Its size does not depend on how many people there are.
type Counts struct {
	d        *Dataset
	constant []tallied
	vary     [][]tallied     // by varying variable and wave
	tables   [][][]tallied   // by table, variable and wave
	moves    [][]*movement   // by varying variable and pair of waves; nil where it is not compared
	minutes  []*distribution // by wave
	minute   int             // the varying variable that holds them; −1: none does
	pairs    [][2]int
	place    map[*Variable]place
	waveAt   map[int]int
}

// place is where a variable's counts are: in vary (table −1), constant (−2) or a table.
type place struct{ table, at int }

// tallied is the cells of one variable in one wave.
type tallied struct {
	valid   int
	missing [13]int // by the code without its sign
	low     int     // the code that the first of codes counts
	codes   []int
}

// mostCodes is the widest range of codes whose values are counted one by one.
const mostCodes = 4096

func newTallied(v *Variable) tallied {
	if v.Kind != Number || len(v.Values) == 0 || v.Role == Companion {
		return tallied{}
	}
	low, high := v.Values[0].Code, v.Values[0].Code
	for _, value := range v.Values { // in the order of the choices, which need not be that of their codes
		low, high = min(low, value.Code), max(high, value.Code)
	}
	if high-low >= mostCodes {
		return tallied{}
	}
	return tallied{low: low, codes: make([]int, high-low+1)}
}

func (t *tallied) add(c *Cell) {
	if c.Missing != 0 {
		t.missing[-c.Missing]++
		return
	}
	t.valid++
	if t.codes != nil {
		if i := int(c.Number) - t.low; i >= 0 && i < len(t.codes) {
			t.codes[i]++
		}
	}
}

// NewCounts gives counts of nobody yet.
func NewCounts(d *Dataset) *Counts {
	c := &Counts{d: d, place: map[*Variable]place{}, waveAt: map[int]int{},
		minute: slices.IndexFunc(d.vary, func(v *Variable) bool { return v.Name == nameMinutes && v.Question == "" })}
	n := len(d.Waves)
	for i := range n - 1 {
		c.pairs = append(c.pairs, [2]int{i, i + 1})
	}
	if n > 2 {
		c.pairs = append(c.pairs, [2]int{0, n - 1})
	}
	waves := func(v *Variable) []tallied {
		out := make([]tallied, n)
		for w := range out {
			out[w] = newTallied(v)
		}
		return out
	}
	for w := range d.Waves {
		c.minutes = append(c.minutes, newDistribution())
		c.waveAt[d.Waves[w].Number] = w
	}
	for i, v := range d.constant {
		c.constant = append(c.constant, newTallied(v))
		c.place[v] = place{-2, i}
	}
	for i, v := range d.vary {
		c.vary = append(c.vary, waves(v))
		c.moves = append(c.moves, nil)
		if compared(v) {
			for range c.pairs {
				c.moves[i] = append(c.moves[i], newMovement(v))
			}
		}
		c.place[v] = place{-1, i}
	}
	for t, table := range d.Tables {
		c.tables = append(c.tables, nil)
		for i, v := range table.Variables {
			c.tables[t] = append(c.tables[t], waves(v))
			c.place[v] = place{t, i}
		}
	}
	return c
}

// Add counts one record.
func (c *Counts) Add(r *Record) {
	for i := range c.constant {
		c.constant[i].add(&r.Wide[i])
	}
	for w, row := range r.Long {
		cells := row[c.d.varying:]
		for i := range cells {
			c.vary[i][w].add(&cells[i])
		}
		if c.minute >= 0 && cells[c.minute].Missing == 0 {
			c.minutes[w].add(cells[c.minute].Number)
		}
	}
	for i, of := range c.moves {
		for p, m := range of {
			before, after := &r.Long[c.pairs[p][0]][c.d.varying+i], &r.Long[c.pairs[p][1]][c.d.varying+i]
			if before.Missing == 0 && after.Missing == 0 {
				m.add(before.Number, after.Number)
			}
		}
	}
	for t, rows := range r.Tables {
		keys := c.d.Tables[t].keys
		for _, row := range rows {
			w := c.waveAt[int(row[1].Number)]
			for i := range c.tables[t] {
				c.tables[t][i][w].add(&row[keys-1+i])
			}
		}
	}
}

// of gives the counts of a variable in a wave, an index in Dataset.Waves; nil
// where it is not among the dataset's. Of a constant every wave is the same.
func (c *Counts) of(v *Variable, w int) *tallied {
	at, ok := c.place[v]
	switch {
	case !ok:
		return nil
	case at.table == -2:
		return &c.constant[at.at]
	case at.table == -1:
		return &c.vary[at.at][w]
	}
	return &c.tables[at.table][at.at][w]
}

// Valid gives how many people, of a repeat how many instances, have a value.
func (c *Counts) Valid(v *Variable, w int) int {
	if t := c.of(v, w); t != nil {
		return t.valid
	}
	return 0
}

// Missing gives how many have none, for one reason.
func (c *Counts) Missing(v *Variable, w int, m Missing) int {
	if t := c.of(v, w); t != nil {
		return t.missing[-m]
	}
	return 0
}

// Code gives how many have a value that has a label; ok is false where the
// variable's values are not counted one by one.
func (c *Counts) Code(v *Variable, w, code int) (n int, ok bool) {
	t := c.of(v, w)
	if t == nil || t.codes == nil || code < t.low || code >= t.low+len(t.codes) {
		return 0, false
	}
	return t.codes[code-t.low], true
}

// Minutes gives how many interviews of a wave have minutes, and their quartiles.
func (c *Counts) Minutes(w int) (n int, quartiles [3]float64) {
	d := c.minutes[w]
	return d.n, [3]float64{d.quantile(.25), d.quantile(.5), d.quantile(.75)}
}

// Pairs gives the pairs of waves that are compared, as indices in
// Dataset.Waves: each with the next, and the first with the last.
func (c *Counts) Pairs() [][2]int { return c.pairs }

// Movement is how the persons who have a value in both of two waves changed.
type Movement struct {
	N                   int
	Before, After, Mean float64 // means: of the earlier and the later values, and of later − earlier
	Median              float64 // of later − earlier
	Exact               bool    // the median is exact, not the middle of a class
	Same                int     // persons with the same value in both
	// Table counts persons by their earlier value (rows) and later value
	// (columns), in the order of Variable.Values; nil where a value has no label
	// or the variable has too many.
	Table [][]int
}

// Movement gives how a variable changed between the waves of a pair, an index in
// Pairs; ok is false where it is not compared or nobody has a value in both.
func (c *Counts) Movement(v *Variable, pair int) (m Movement, ok bool) {
	at, known := c.place[v]
	if !known || at.table != -1 || c.moves[at.at] == nil || c.moves[at.at][pair].differences.n == 0 {
		return Movement{}, false
	}
	of := c.moves[at.at][pair]
	n := float64(of.differences.n)
	out := Movement{N: of.differences.n, Before: of.before / n, After: of.after / n, Mean: of.difference / n,
		Median: of.differences.quantile(.5), Exact: of.differences.width == 0, Same: of.same}
	if !of.unlabelled {
		out.Table = of.table
	}
	return out, true
}

// compared tells whether a variable's waves are compared: answers that are
// numbers, and what is worked out of them.
func compared(v *Variable) bool {
	switch v.Role {
	case Whole, Indicator, Position:
		return v.Kind == Number && v.Question != ""
	case Derived:
		return true
	}
	return false
}

// mostRows is the most values that a table of changes has.
const mostRows = 24

// movement gathers a Movement.
type movement struct {
	differences               *distribution
	before, after, difference float64 // sums
	same                      int
	row                       map[int]int // of a code in the table
	table                     [][]int
	unlabelled                bool
}

func newMovement(v *Variable) *movement {
	m := &movement{differences: newDistribution()}
	if n := len(v.Values); n > 0 && n <= mostRows {
		m.row = make(map[int]int, n)
		for i, value := range v.Values {
			m.row[value.Code] = i
			m.table = append(m.table, make([]int, n))
		}
	}
	return m
}

func (m *movement) add(before, after float64) {
	d := after - before
	if math.IsInf(d, 0) {
		return // beyond what a number can hold
	}
	m.differences.add(d)
	m.before += before
	m.after += after
	m.difference += d
	if before == after {
		m.same++
	}
	if m.table == nil {
		return
	}
	from, known := m.row[int(before)]
	to, also := m.row[int(after)]
	if !known || !also {
		m.unlabelled = true
		return
	}
	m.table[from][to]++
}
