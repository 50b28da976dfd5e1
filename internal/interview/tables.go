package interview

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"panelverk/internal/expr"
	"panelverk/internal/questionnaire"
)

// table gives an attached file or a choice list to instance() and pulldata(),
// nil where the questionnaire has none of that name.
func (v *View) table(id string) expr.Table {
	q := v.logic.Questionnaire
	if t, ok := q.Tables[id]; ok {
		return fileTable{t}
	}
	if l, ok := q.Lists[id]; ok {
		return listTable{l, q.Default}
	}
	return nil
}

// fileTable is an attached file.
type fileTable struct{ *questionnaire.Table }

func (t fileTable) Len() int { return len(t.Rows) }

func (t fileTable) Cell(row int, column string) (string, bool) {
	i := slices.Index(t.Header, column)
	if i < 0 || row < 0 || row >= len(t.Rows) {
		return "", false
	}
	return t.Rows[row][i], true
}

// listTable is a choice list; its labels are those of the default language.
type listTable struct {
	list *questionnaire.List
	tag  string
}

func (t listTable) Len() int { return len(t.list.Choices) }

func (t listTable) Cell(row int, column string) (string, bool) {
	if row < 0 || row >= len(t.list.Choices) {
		return "", false
	}
	c := t.list.Choices[row]
	if column == "label" {
		text, _ := c.Label.In(t.tag)
		return text, true
	}
	return c.Column(column)
}

// chance gives the numbers for random() and uuid(). They follow from the moment
// and the question, so that the same step comes to the same result; what an
// interview drew once is kept by once().
func (v *View) chance(question string) func() float64 {
	var source *rand.Rand
	return func() float64 {
		if source == nil {
			h := fnv.New64a()
			_, _ = h.Write([]byte(question))                                    // a hash takes all
			source = rand.New(rand.NewPCG(uint64(v.now.UnixNano()), h.Sum64())) //nolint:gosec // a survey's chance, no secret
		}
		return source.Float64()
	}
}
