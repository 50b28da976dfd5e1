package dataset

import (
	"cmp"
	"slices"

	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// Frozen is what is assigned when versions are published, and never changes
// afterwards: the numbers of choices, and the variables that questions fill.
type Frozen struct {
	Codes []questionnaire.CodeRow
	Roots []Root
}

// Root is the name of the variable that a question of a version fills, without
// the suffixes for wave, option and status.
type Root struct {
	Ref      Ref
	Question string
	Name     string
}

// Freeze assigns codes and names to all published versions of a study. What was
// frozen before stays as it is. Without that, it gives what Build works out.
func Freeze(st *study.Study, versions map[Ref]*questionnaire.Questionnaire, decisions []Decision, before Frozen) (Frozen, error) {
	d := &Dataset{Study: st, Waves: st.Waves}
	if err := d.order(versions); err != nil {
		return Frozen{}, err
	}
	d.constants()
	segments, codes := d.segments(decisions, before)
	out := Frozen{Codes: codes.Rows()}
	for _, s := range segments {
		for _, src := range s.sources {
			out.Roots = append(out.Roots, Root{src.Ref, s.question, s.root})
		}
	}
	slices.SortFunc(out.Roots, func(a, b Root) int {
		return cmp.Or(cmp.Compare(a.Ref.Key, b.Ref.Key), cmp.Compare(a.Ref.Number, b.Ref.Number), cmp.Compare(a.Question, b.Question))
	})
	return out, nil
}

// segments decides which questions are one variable, and names them.
func (d *Dataset) segments(decisions []Decision, frozen Frozen) ([]*segment, *questionnaire.Codes) {
	m := &merger{codes: d.code(frozen.Codes), decisions: map[filled][]Decision{}, roots: map[filled]string{}}
	for _, one := range decisions {
		at := filled{Ref{Key: one.To.Key}, one.Question}
		m.decisions[at] = append(m.decisions[at], one)
	}
	for _, row := range frozen.Roots {
		m.roots[filled{row.Ref, row.Question}] = row.Name
	}
	segments := d.merge(m)
	d.name(segments, frozen.Roots)
	return segments, m.codes
}
