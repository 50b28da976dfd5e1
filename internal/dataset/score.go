package dataset

import (
	"slices"

	"panelverk/internal/study"
)

// score is a scale of the study and where its cells are, counted from the first
// varying column.
type score struct {
	scale *study.Scale
	cell  int
	items [][]int // of each item the variables that it fills, in one version or another
}

// precedence is which missing code tells most of a score that has too few items.
var precedence = []Missing{Withdrawn, NotMember, NoInterview, NotInVersion, NotApplicable, NotReached, NotAsked, NotRecorded, Suppressed, Blank, Refused, DontKnow}

// scores makes the variables of the study's scales: one that has no item in the
// data so far is left out.
func (d *Dataset) scores(names []string) {
	for i := range d.Study.Scales {
		s := &score{scale: &d.Study.Scales[i]}
		found := false
		for _, item := range s.scale.Items {
			var cells []int
			for at, v := range d.vary {
				if v.Question == item.Question && v.Role == Whole && v.Kind == Number {
					cells = append(cells, at)
				}
			}
			found = found || len(cells) > 0
			s.items = append(s.items, cells)
		}
		if !found {
			continue
		}
		s.cell = len(d.vary)
		low := s.scale.Low
		if s.scale.Score == study.Sum {
			low *= float64(len(s.scale.Items))
		}
		d.vary = append(d.vary, &Variable{Name: names[i], Kind: Number, Role: Derived, Varying: true, Negative: low < 0, Label: s.scale.Label, Scale: s.scale})
		d.scored = append(d.scored, s)
	}
}

// fill works out the score of one row from the items' cells.
func (s *score) fill(cells []Cell) {
	values, why := s.values(cells)
	answered, sum := 0, 0.0
	for _, c := range values {
		if c.Missing == 0 {
			answered++
			sum += c.Number
		}
	}
	if answered < s.scale.Least {
		cells[s.cell] = gap(why)
		return
	}
	mean := sum / float64(answered)
	if s.scale.Score == study.Sum {
		mean *= float64(len(s.items))
	}
	cells[s.cell] = number(mean)
}

// values gives the items' cells, reversed where they count so, and why a score
// is missing that misses some of them.
func (s *score) values(cells []Cell) ([]Cell, Missing) {
	out := make([]Cell, len(s.items))
	worst := len(precedence)
	for i, at := range s.items {
		out[i] = gap(NotInVersion)
		for _, cell := range at {
			if cells[cell].Missing != NotInVersion {
				out[i] = cells[cell]
			}
		}
		if m := out[i].Missing; m != 0 {
			worst = min(worst, slices.Index(precedence, m))
		} else if s.scale.Items[i].Reversed {
			out[i].Number = s.scale.Low + s.scale.High - out[i].Number
		}
	}
	if worst == len(precedence) {
		return out, 0
	}
	return out, precedence[worst]
}

// covariances gathers what Cronbach's α needs, of the rows in which every item was
// answered: sums and sums of squares about the first row, so that large numbers
// lose nothing.
type covariances struct {
	n            int
	first        []float64
	sum, squares []float64 // of each item
	total, whole float64   // of the sum of the items: sum, sum of squares
}

func (m *covariances) add(values []Cell) {
	for _, c := range values {
		if c.Missing != 0 {
			return
		}
	}
	if m.n == 0 {
		m.first, m.sum, m.squares = make([]float64, len(values)), make([]float64, len(values)), make([]float64, len(values))
		for i, c := range values {
			m.first[i] = c.Number
		}
	}
	m.n++
	all := 0.0
	for i, c := range values {
		x := c.Number - m.first[i]
		m.sum[i] += x
		m.squares[i] += x * x
		all += x
	}
	m.total += all
	m.whole += all * all
}

// alpha gives Cronbach's α (Psychometrika 16, 1951): k/(k−1) · (1 − Σσᵢ²/σ²), and
// false where it has none: fewer than two rows, or everybody the same sum.
func (m *covariances) alpha() (float64, bool) {
	n, k := float64(m.n), float64(len(m.sum))
	if m.n < 2 || k < 2 {
		return 0, false
	}
	variance := func(sum, squares float64) float64 { return (squares - sum*sum/n) / (n - 1) }
	items := 0.0
	for i := range m.sum {
		items += variance(m.sum[i], m.squares[i])
	}
	whole := variance(m.total, m.whole)
	if whole <= 0 {
		return 0, false
	}
	return k / (k - 1) * (1 - items/whole), true
}
