package dataset

import (
	"cmp"
	"slices"
	"strings"

	"panelverk/internal/lang"
	"panelverk/internal/panel"
)

// leastCell is how many people have to have answered in a cell of its own.
const leastCell = 5

// Weighting is how the people who answered a wave are weighted to those who were
// asked in it: within a cell, everybody who answered counts for n/r people.
type Weighting struct {
	Wave      int
	Cells     []WeightCell // in the order of their values
	Sum       float64      // Σw: the people who were asked, in cells where somebody answered
	Effective float64      // n_eff = (Σw)² / Σw² (Kish, Survey Sampling, 1965)
}

// WeightCell is the people with the same values of the attributes, or, where
// fewer than five of them answered, several such groups.
type WeightCell struct {
	Values   [][]string // of each group that was put in, the attributes' values
	Asked    int        // n
	Answered int        // r
	Weight   float64    // n/r
}

// weigher is the weights of every wave, by the attributes' values.
type weigher struct {
	by    []string
	waves []map[string]float64 // as Dataset.Waves
	told  []Weighting
	cell  int // of the variable, counted from the first varying column
}

// Weights gives how the waves are weighted, nil where the study has no weights
// or no rows were read yet.
func (d *Dataset) Weights() []Weighting {
	if d.weigher == nil {
		return nil
	}
	return d.weigher.told
}

// weighs makes the variable of the weights.
func (d *Dataset) weighs(name string) {
	if d.Study.Weighting == nil {
		return
	}
	d.weigher = &weigher{by: d.Study.Weighting.By, cell: len(d.vary)}
	d.vary = append(d.vary, &Variable{Name: name, Kind: Number, Role: Weight, Varying: true, Label: lang.All("data.weight")})
}

// weigh reads everybody once and works the weights out. It must be done before
// rows are given, because a weight depends on all others.
func (d *Dataset) weigh() error {
	w := d.weigher
	r := newReader(d)
	asked, answered := make([]map[string]int, len(d.Waves)), make([]map[string]int, len(d.Waves))
	for i := range d.Waves {
		asked[i], answered[i] = map[string]int{}, map[string]int{}
	}
	for m, err := range d.members {
		if err == nil {
			err = r.read(&m, nil)
		}
		if err != nil {
			return err
		}
		group := w.group(&m)
		for i, o := range r.record.Outcomes {
			if !weighed(o, m.Status) {
				continue
			}
			asked[i][group]++
			if o.Group == panel.Complete || o.Group == panel.Partial {
				answered[i][group]++
			}
		}
	}
	w.waves, w.told = nil, nil
	for i, wave := range d.Waves {
		told := cells(wave.Number, asked[i], answered[i])
		of := map[string]float64{}
		for _, c := range told.Cells {
			for _, values := range c.Values {
				of[joinValues(values)] = c.Weight
			}
		}
		w.waves, w.told = append(w.waves, of), append(w.told, told)
	}
	return nil
}

// weighed tells whether somebody counts among those who were asked: whoever has
// an outcome, lives, is not known to be outside the panel, and whose answers are there.
func weighed(o panel.Disposition, status Status) bool {
	return o != panel.None && o != panel.Dead && o.Group != panel.NotEligible && status != Erased
}

// fill writes the weight of a row, or why there is none: what its other cells say.
func (w *weigher) fill(m *Member, wave int, o panel.Disposition, cells []Cell, absent Missing) {
	switch {
	case o.Group == panel.Complete || o.Group == panel.Partial:
		cells[w.cell] = gap(NotRecorded)
		if weight, ok := w.waves[wave][w.group(m)]; ok && weighed(o, m.Status) {
			cells[w.cell] = number(weight)
		}
	case absent != 0:
		cells[w.cell] = gap(absent)
	default: // a break-off: too little was answered to count
		cells[w.cell] = gap(NotReached)
	}
}

func (w *weigher) group(m *Member) string {
	values := make([]string, len(w.by))
	for i, name := range w.by {
		values[i] = m.Attributes[name]
	}
	return joinValues(values)
}

// joinValues makes one text of values, which cannot hold the mark between them.
func joinValues(values []string) string { return strings.Join(values, "\x1f") }

// cells puts groups together until at least leastCell people answered in each
// cell, the one with the fewest first, with the one most like it: that shares the
// most of the first attributes, and of these the smallest.
func cells(wave int, asked, answered map[string]int) Weighting {
	out := Weighting{Wave: wave}
	for group, n := range asked {
		out.Cells = append(out.Cells, WeightCell{Values: [][]string{strings.Split(group, "\x1f")}, Asked: n, Answered: answered[group]})
	}
	slices.SortFunc(out.Cells, func(a, b WeightCell) int { return slices.Compare(a.Values[0], b.Values[0]) })
	for len(out.Cells) > 1 {
		least := 0
		for i, c := range out.Cells {
			if c.Answered < out.Cells[least].Answered {
				least = i
			}
		}
		if out.Cells[least].Answered >= leastCell {
			break
		}
		with := -1
		for i, c := range out.Cells {
			if i != least && (with < 0 || cmp.Or(alike(out.Cells[with], out.Cells[least])-alike(c, out.Cells[least]), c.Answered-out.Cells[with].Answered) < 0) {
				with = i
			}
		}
		a, b := min(least, with), max(least, with)
		out.Cells[a].Values = append(out.Cells[a].Values, out.Cells[b].Values...)
		out.Cells[a].Asked += out.Cells[b].Asked
		out.Cells[a].Answered += out.Cells[b].Answered
		out.Cells = slices.Delete(out.Cells, b, b+1)
	}
	squares := 0.0
	for i := range out.Cells {
		c := &out.Cells[i]
		if c.Answered == 0 {
			continue // nobody answered the wave at all
		}
		c.Weight = float64(c.Asked) / float64(c.Answered)
		out.Sum += float64(c.Asked)
		squares += c.Weight * c.Weight * float64(c.Answered)
	}
	if squares > 0 {
		out.Effective = out.Sum * out.Sum / squares
	}
	return out
}

// alike counts the first attributes in which two cells agree.
func alike(a, b WeightCell) int {
	n := 0
	for n < len(a.Values[0]) && a.Values[0][n] == b.Values[0][n] {
		n++
	}
	return n
}
