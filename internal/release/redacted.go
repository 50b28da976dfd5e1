package release

import (
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
)

// free tells whether a variable holds what people wrote in their own words, or
// something else that nobody has coded: a place, a file.
func free(v *dataset.Variable) bool {
	switch v.Type {
	case questionnaire.SelectOne, questionnaire.SelectMultiple, questionnaire.Rank:
		return false // choices, and numbers of instances
	}
	return v.Kind == dataset.Text && v.Question != ""
}

// readable tells whether a free variable leaves once somebody has read it: an
// answer in words, or what was worked out of such answers. What staff wrote of a
// participant, an earlier answer that was shown, places and files never do.
func readable(v *dataset.Variable) bool {
	return free(v) && v.Varying && v.Role == dataset.Whole && (v.Type == questionnaire.Text || v.Type == questionnaire.Calculate)
}

// redactions are what was decided about a study's texts until a moment. A text is
// found by its digest: the decision about one that was changed since is not found.
type redactions struct {
	service    *Service
	interviews map[stood]string // where something was decided
	by         map[string]store.Redaction
	read       map[string]bool // answers, by interview and question, that were read in some form
}

// stood names an interview by whose it is, under the ids of a recipient.
type stood struct {
	id   string
	wave int
}

// redactions reads them, under the ids of a recipient.
func (s *Service) redactions(tx *store.Tx, studyKey, recipient string, until time.Time) (*redactions, error) {
	rows, err := tx.Redactions(studyKey, until)
	if err != nil {
		return nil, err
	}
	out := &redactions{service: s, interviews: map[stood]string{}, by: map[string]store.Redaction{}, read: map[string]bool{}}
	ids := map[string]string{}
	for _, r := range rows {
		if ids[r.PID] == "" {
			ids[r.PID] = s.keys.ExportID(studyKey, recipient, r.PID)
		}
		out.interviews[stood{ids[r.PID], r.Wave}] = r.Interview
		out.by[r.Digest], out.read[r.Interview+" "+r.Question] = r, true
	}
	return out, nil
}

// of gives what was decided about the text that stands somewhere; changed tells that
// nothing was, but that another text was read in its place. It may be nil.
func (r *redactions) of(at dataset.At, question, text string) (decided store.Redaction, changed bool) {
	if r == nil {
		return decided, false
	}
	interview, key := r.interviews[stood{at.ID, at.Wave}], at.Key(question)
	if interview == "" {
		return decided, false
	}
	decided, ok := r.by[r.service.keys.Text(interview, key, text)]
	return decided, !ok && r.read[interview+" "+key]
}

// Texts counts answers in people's own words by what was decided about them.
type Texts struct{ All, AsIs, Redacted, Withheld int }

// Leave gives how many leave.
func (t Texts) Leave() int { return t.AsIs + t.Redacted }

// Read gives how many somebody has read and decided about.
func (t Texts) Read() int { return t.Leave() + t.Withheld }

// Unread gives how many nobody has: they do not leave.
func (t Texts) Unread() int { return t.All - t.Read() }

func (t *Texts) count(kind store.RedactionKind) {
	t.All++
	switch kind {
	case store.LeavesAsIs:
		t.AsIs++
	case store.LeavesRedacted:
		t.Redacted++
	case store.Withheld:
		t.Withheld++
	}
}

// textsOf counts those of some people.
func textsOf(people []*person) *Texts {
	var t Texts
	for _, one := range people {
		o := one.texts
		t.All, t.AsIs, t.Redacted, t.Withheld = t.All+o.All, t.AsIs+o.AsIs, t.Redacted+o.Redacted, t.Withheld+o.Withheld
	}
	return &t
}

// wordColumns is where a dataset's records hold the texts that can be read.
type wordColumns struct {
	d      *dataset.Dataset
	long   []int
	tables [][]int // by table
}

// columnsOf finds them among the variables that are wanted.
func columnsOf(d *dataset.Dataset, wanted func(*dataset.Variable) bool) wordColumns {
	find := func(columns []dataset.Column) (out []int) {
		for i, column := range columns {
			if readable(column.Variable) && wanted(column.Variable) {
				out = append(out, i)
			}
		}
		return out
	}
	c := wordColumns{d: d, long: find(d.Long())}
	for _, t := range d.Tables {
		c.tables = append(c.tables, find(t.Columns))
	}
	return c
}

// each gives every text of a record with where it stands.
func (c wordColumns) each(r *dataset.Record, do func(at dataset.At, v *dataset.Variable, text string)) {
	tell := func(at dataset.At, v *dataset.Variable, x dataset.Cell) {
		if x.Missing == 0 && x.Text != "" {
			do(at, v, x.Text)
		}
	}
	for w, row := range r.Long {
		for _, i := range c.long {
			tell(dataset.At{ID: r.ID, Wave: c.d.Waves[w].Number}, c.d.Long()[i].Variable, row[i])
		}
	}
	for t, columns := range c.tables {
		if len(columns) == 0 {
			continue
		}
		for _, row := range r.Tables[t] {
			at := c.d.Tables[t].At(r.ID, row)
			for _, i := range columns {
				tell(at, c.d.Tables[t].Columns[i].Variable, row[i])
			}
		}
	}
}
