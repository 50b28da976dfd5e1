package dataset

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"panelverk/internal/interview"
	"panelverk/internal/panel"
)

// Record is one member as rows. It is reused for the next member: a caller
// that wants to keep cells copies them.
type Record struct {
	ID          string
	Status      Status
	Interviewed []bool   // by wave, as in Dataset.Waves
	Long        [][]Cell // one row a wave, as in Dataset.Waves
	Wide        []Cell
	Tables      [][][]Cell // of each of Dataset.Tables the rows, of all waves

	Corrected []Corrected // values that were set right, by wave, in the order they were

	Facts    []panel.Facts       // by wave, as in Dataset.Waves: what the outcome follows from
	Outcomes []panel.Disposition // by wave, as in Dataset.Waves
	Path     panel.Path          // by the numbers of the study's waves
}

// Rows gives every member as rows, in the order of the input, and counts them
// in the tally (which may be nil). It stops at the first error.
func (d *Dataset) Rows(t *Tally) iter.Seq2[*Record, error] {
	if d.cut != nil {
		return d.cutRows(t)
	}
	return func(yield func(*Record, error) bool) {
		if t != nil {
			t.start(d)
		}
		if d.weigher != nil && d.weigher.waves == nil {
			if err := d.weigh(); err != nil {
				yield(nil, err)
				return
			}
		}
		r := newReader(d)
		for m, err := range d.members {
			if err == nil {
				err = r.read(&m, t)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&r.record, nil) {
				return
			}
		}
	}
}

// reader turns one member after the other into cells.
type reader struct {
	d       *Dataset
	record  Record
	doc     interview.Document
	waveAt  map[int]int // the index in d.Waves, by number
	modes   map[string]int
	tongues map[string]int
	states  map[Status]int
}

func newReader(d *Dataset) *reader {
	r := &reader{d: d, waveAt: map[int]int{}, modes: map[string]int{}, tongues: map[string]int{}, states: map[Status]int{}}
	for i, w := range d.Waves {
		r.waveAt[w.Number] = i
		r.record.Long = append(r.record.Long, make([]Cell, len(d.long)))
	}
	for _, m := range modes() {
		r.modes[m.Name] = m.Code
	}
	for i, tag := range d.Study.Languages {
		r.tongues[tag] = i + 1
	}
	for _, s := range memberStates() {
		r.states[Status(s.Name)] = s.Code
	}
	n := len(d.Waves)
	r.record.Wide = make([]Cell, len(d.wide))
	r.record.Tables = make([][][]Cell, len(d.Tables))
	r.record.Interviewed = make([]bool, n)
	r.record.Outcomes, r.record.Facts = make([]panel.Disposition, n), make([]panel.Facts, n)
	// A path counts by the numbers of the study's waves.
	all := 0
	for _, w := range d.Study.Waves {
		all = max(all, w.Number)
	}
	r.record.Path = panel.Path{Fielded: make([]bool, all), Invited: make([]bool, all), Answered: make([]bool, all), Unasked: make([]bool, all)}
	for _, w := range d.Waves {
		r.record.Path.Fielded[w.Number-1] = true
	}
	return r
}

// read fills the record with one member.
func (r *reader) read(m *Member, t *Tally) error {
	d := r.d
	r.record.ID, r.record.Status = m.ExportID, m.Status
	for i := range r.record.Tables {
		r.record.Tables[i] = r.record.Tables[i][:0]
	}
	r.record.Corrected = r.record.Corrected[:0]
	r.begin(m)
	for i := range m.Interviews {
		at := &m.Interviews[i]
		w, ok := r.waveAt[at.Wave]
		if !ok || m.Status == Erased {
			continue
		}
		if r.record.Interviewed[w] {
			return fmt.Errorf("dataset: a member has two interviews in wave %d", at.Wave)
		}
		r.record.Interviewed[w] = true
		if err := r.interview(m, at, w); err != nil {
			return fmt.Errorf("dataset: interview of wave %d: %w", at.Wave, err)
		}
		r.corrected(at)
	}
	r.conclude(m)
	r.constants(m)
	for w := range d.Waves {
		row := r.record.Long[w]
		copy(row, r.record.Long[0][:len(d.constant)])
		row[len(d.constant)] = number(float64(d.Waves[w].Number))
		cells := row[d.varying:]
		absent := Missing(0)
		if r.record.Interviewed[w] {
			for _, s := range d.scored {
				s.fill(cells)
			}
		} else {
			absent = absence(m, d.Waves[w].Number, d.Waves[w].Closes)
			reason := gap(absent)
			for i := range cells {
				cells[i] = reason
			}
		}
		if d.weigher != nil && d.weigher.waves != nil {
			d.weigher.fill(m, w, r.record.Outcomes[w], cells, absent)
		}
		r.about(m, w, cells)
		companions(d.vary, cells)
	}
	d.widen(r.record.Long, r.record.Wide)
	if t != nil {
		t.count(d, &r.record)
	}
	return nil
}

// begin states the facts of every wave before the interviews are read.
func (r *reader) begin(m *Member) {
	for i, w := range r.d.Waves {
		r.record.Interviewed[i] = false
		f := panel.Facts{Wave: w.Number, Cohort: m.Cohort, Invited: slices.Contains(m.Invited, w.Number),
			Unasked: slices.Contains(m.Unasked, w.Number), Until: w.Closes}
		if m.Status == Erased {
			// What is left of these interviews is that they took place.
			for _, e := range m.Events {
				if e.Wave == w.Number {
					f.Started = f.Started || e.Kind == panel.Started
					f.Submitted = e.Kind == panel.Submitted || f.Submitted && e.Kind != panel.Reopened
				}
			}
		}
		r.record.Facts[i] = f
	}
}

// absence says why somebody has no interview in a wave.
func absence(m *Member, wave int, closes time.Time) Missing {
	switch {
	case m.Status == Erased, m.Status == Left && m.LeftAt.Before(closes):
		return Withdrawn
	case m.Cohort > wave:
		return NotMember
	}
	return NoInterview
}

// interview fills the varying cells of one wave from its interview.
func (r *reader) interview(m *Member, at *Interview, w int) error {
	p := r.d.plans[at.Ref]
	if p == nil {
		return fmt.Errorf("questionnaire %s v%d is not among the versions", at.Ref.Key, at.Ref.Number)
	}
	if err := r.doc.Read(at.Document); err != nil {
		return err
	}
	answers := r.doc.Answers
	for question, value := range at.Corrections {
		answers[question] = value
	}
	var view *interview.View
	if p.looking {
		moment := at.SubmittedAt
		if moment.IsZero() {
			moment = at.LastAt
		}
		view = p.logic.Look(answers, moment).Told(r.doc.Earlier)
	}
	cells := r.record.Long[w][r.d.varying:]
	of := &reading{reader: r, m: m, at: at, wave: w, plan: p}
	of.fill(p.fields, p.absent, view, cells)
	for _, t := range p.tables {
		of.table(t, view)
	}
	facts := &r.record.Facts[w]
	facts.Started = true
	facts.Submitted = !at.SubmittedAt.IsZero()
	if of.applicable > 0 {
		facts.Answered = float64(of.answered) / float64(of.applicable)
	}
	r.describe(at, p, cells)
	return nil
}

// The varying cells that are no answers, in the order of aboutInterviews.
const (
	cellDisposition = iota
	cellMode
	cellLanguage
	cellVersion
	cellMinutes
)

// describe fills the cells about the interview itself.
func (r *reader) describe(at *Interview, p *plan, cells []Cell) {
	cells[cellMode], cells[cellLanguage], cells[cellMinutes] = gap(NotRecorded), gap(NotRecorded), gap(NotRecorded)
	if code, ok := r.modes[at.Mode]; ok {
		cells[cellMode] = number(float64(code))
	}
	if code, ok := r.tongues[at.Language]; ok && at.Mode != Imported { // nobody said in which language those were given
		cells[cellLanguage] = number(float64(code))
	}
	cells[cellVersion] = number(float64(p.number))
	last := at.LastAt
	if at.SubmittedAt.After(last) {
		last = at.SubmittedAt
	}
	if at.Mode != Imported && !at.StartedAt.IsZero() && !last.Before(at.StartedAt) {
		cells[cellMinutes] = number(float64(int(last.Sub(at.StartedAt).Minutes() + .5)))
	}
}

// conclude derives the disposition of every wave and the person's path.
func (r *reader) conclude(m *Member) {
	r.record.Path.Cohort, r.record.Path.Died = m.Cohort, 0
	for i, w := range r.d.Waves {
		o := panel.Derive(m.Events, r.record.Facts[i], r.d.Study.Partial, r.d.frame)
		if m.Cohort > w.Number && !r.record.Facts[i].Started {
			o = panel.None
		}
		r.record.Outcomes[i] = o
		n := w.Number - 1
		r.record.Path.Unasked[n] = r.record.Facts[i].Unasked
		r.record.Path.Answered[n] = o.Group == panel.Complete || o.Group == panel.Partial
		r.record.Path.Invited[n] = r.record.Facts[i].Invited || r.record.Facts[i].Started
	}
	for _, e := range m.Events {
		if e.Kind != panel.Died {
			continue
		}
		for _, w := range r.d.Waves {
			if e.At.Before(w.Closes) && !r.record.Path.Answered[w.Number-1] {
				r.record.Path.Died = w.Number
				break
			}
		}
	}
}

// about fills the disposition, which people without an interview have as well.
func (r *reader) about(m *Member, w int, cells []Cell) {
	o := r.record.Outcomes[w]
	switch {
	case m.Status == Erased:
		cells[cellDisposition] = gap(Withdrawn)
	case o == panel.None:
		cells[cellDisposition] = gap(absence(m, r.d.Waves[w].Number, r.d.Waves[w].Closes))
	default:
		cells[cellDisposition] = number(float64(o.Number()))
	}
}

// constants fills the cells that are the same in every row of the member.
func (r *reader) constants(m *Member) {
	cells := r.record.Wide[:len(r.d.constant)]
	pattern := r.record.Path.Pattern()
	if m.Status == Erased {
		pattern = outside(len(pattern))
	}
	cells[0] = text(m.ExportID)
	cells[1] = number(float64(m.Cohort))
	cells[2] = number(float64(r.states[m.Status]))
	cells[3] = text(pattern)
	for i := 4; i < len(cells); i++ {
		v := r.d.constant[i]
		if v.Role == Companion {
			continue
		}
		value, ok := m.Attributes[v.Question]
		switch {
		case m.Status == Erased:
			cells[i] = gap(Withdrawn)
		case !ok || value == "":
			cells[i] = gap(NotRecorded)
		case v.Kind == Text:
			cells[i] = text(value)
		default:
			cells[i] = gap(NotRecorded)
			for _, one := range v.Values {
				if one.Name == value {
					cells[i] = number(float64(one.Code))
				}
			}
		}
	}
	companions(r.d.constant, cells)
	if len(r.record.Long) > 0 {
		copy(r.record.Long[0], cells)
	}
}

func outside(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = panel.MarkOutside
	}
	return string(b)
}

// companions fills every companion from the cell it follows.
func companions(variables []*Variable, cells []Cell) {
	for i, v := range variables {
		if v.Role == Companion {
			if m := cells[i-1].Missing; m != 0 {
				cells[i] = gap(m)
			} else {
				cells[i] = number(0)
			}
		}
	}
}
