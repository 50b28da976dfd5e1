package store

import (
	"fmt"
	"slices"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/interview"
	"panelverk/internal/panel"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// Material is what a study's dataset is made of, but for the members: whoever
// builds one decides in which order they come, and under which ids. Everything
// that counts a study's outcomes starts here, so that two counts cannot differ.
type Material struct {
	Input dataset.Input // without Members and Total
	sent  map[int]bool  // the waves that invitations were handed over for
	logic map[dataset.Ref]*interview.Logic

	formers map[string]Former
}

// Material reads it, of a study as it stands.
func (tx *Tx) Material(studyKey string, now time.Time) (*Material, error) {
	d, err := tx.Definition(studyKey)
	if err != nil {
		return nil, err
	}
	return tx.MaterialOf(d, now)
}

// MaterialOf reads what the dataset was made of at a moment, of a study as it stood.
func (tx *Tx) MaterialOf(d *Definition, at time.Time) (*Material, error) {
	m := &Material{sent: map[int]bool{}, logic: map[dataset.Ref]*interview.Logic{}}
	st, err := d.study()
	if err != nil {
		return nil, err
	}
	m.Input.Study, m.Input.Now, m.Input.Decisions, m.Input.Frozen = st, at, d.Decisions, d.Frozen
	if m.Input.Versions, err = tx.CompiledVersions(st, at); err != nil {
		return nil, err
	}
	if m.formers, err = tx.formers(d.Key, at); err != nil {
		return nil, err
	}
	waves, err := list(tx, func(row scanner) (n int, err error) { err = row.Scan(&n); return n, err },
		`SELECT DISTINCT wave FROM events WHERE study = $1 AND kind = 'invited' AND at <= $2`, d.Key, millis(at))
	for _, w := range waves {
		m.sent[w] = true
	}
	return m, err
}

// CompiledVersions gives every version that a wave fields or that an interview used up to
// a moment: a version that is only published has no data yet.
func (tx *Tx) CompiledVersions(st *study.Study, at time.Time) (map[dataset.Ref]*questionnaire.Questionnaire, error) {
	rows, err := tx.Versions(st.Key)
	if err != nil {
		return nil, err
	}
	used := map[dataset.Ref]bool{}
	for _, w := range st.Waves {
		used[dataset.Ref{Key: w.Questionnaire, Number: w.Version}] = true
	}
	seen, err := list(tx, func(row scanner) (ref dataset.Ref, err error) { err = row.Scan(&ref.Key, &ref.Number); return ref, err },
		`SELECT DISTINCT questionnaire, version FROM interviews WHERE study = $1 AND started_at <= $2 AND imported_at <= $2`, st.Key, millis(at))
	if err != nil {
		return nil, err
	}
	for _, ref := range seen {
		used[ref] = true
	}
	out := map[dataset.Ref]*questionnaire.Questionnaire{}
	for _, v := range rows {
		ref := dataset.Ref{Key: v.Key, Number: v.Number}
		if !used[ref] {
			continue
		}
		if out[ref], err = v.Compiled(); err != nil {
			return nil, fmt.Errorf("%s v%d: %w", v.Key, v.Number, err)
		}
	}
	return out, nil
}

// Member gives a participant as the dataset reads one, under an id. Participants
// who only try the study out are in no dataset: the caller leaves them out.
func (m *Material) Member(of Member, id string) dataset.Member {
	p, st := of.Participant, m.Input.Study
	out := dataset.Member{ExportID: id, Attributes: p.Attributes, Cohort: p.Cohort, Status: dataset.Status(p.Status), LeftAt: p.LeftAt}
	tried := map[int]bool{} // waves whose invitation was handed over, or came back
	for _, e := range of.Events {
		kind := panel.EventKind(e.Kind)
		tried[e.Wave] = tried[e.Wave] || kind == panel.Invited || kind == panel.Unreachable
		out.Events = append(out.Events, panel.Event{Kind: kind, Wave: e.Wave, At: e.At})
	}
	out.Unasked = m.unasked(of)
	for _, inv := range of.Invitations {
		if slices.Contains(out.Unasked, inv.Wave) {
			continue
		}
		if inv.Wave > len(st.Waves) || !p.Belongs(st.Waves[inv.Wave-1]) {
			continue
		}
		// Where messages went out for a wave, the ledger knows whom they
		// reached. Without any, links were handed over by staff.
		if !m.sent[inv.Wave] || tried[inv.Wave] {
			out.Invited = append(out.Invited, inv.Wave)
		}
	}
	corrections, log := map[string]map[string]string{}, map[string][]dataset.Correction{}
	for _, c := range of.Corrections { // the last one of a question counts
		if corrections[c.Interview] == nil {
			corrections[c.Interview] = map[string]string{}
		}
		corrections[c.Interview][c.Question] = c.New
		log[c.Interview] = append(log[c.Interview], dataset.Correction{Question: c.Question, Old: c.Old, New: c.New, Reason: c.Reason, At: c.At})
	}
	for _, i := range of.Interviews {
		out.Interviews = append(out.Interviews, dataset.Interview{
			Wave: i.Wave, Ref: dataset.Ref{Key: i.Questionnaire, Number: i.Version}, Mode: string(i.Mode), Language: i.Language,
			Document: i.Document, StartedAt: i.StartedAt, LastAt: i.LastAt, SubmittedAt: i.SubmittedAt,
			Corrections: corrections[i.ID], Log: log[i.ID],
		})
	}
	return out
}

// unasked gives the waves that are not fielded to a member, of those that they
// belong to otherwise.
func (m *Material) unasked(of Member) (waves []int) {
	st := m.Input.Study
	if !st.Selects() {
		return nil
	}
	row := Standing{Participant: of.Participant, Events: of.Events}
	for _, i := range of.Interviews {
		row.Progress = append(row.Progress, Progress{PID: i.PID, Wave: i.Wave, Started: i.StartedAt, Last: i.LastAt, Submitted: i.SubmittedAt})
	}
	person := row.Member()
	if st.Plan.Recalls() {
		person.Answer, _ = Answered(of.Interviews, m.compiled) // no database is asked that could fail
	}
	for i := range st.Waves {
		if w := &st.Waves[i]; of.Participant.Belongs(*w) && !st.Fielded(w, person, m.Input.Now) {
			waves = append(waves, w.Number)
		}
	}
	return waves
}

// compiled gives the logic of a version among the material.
func (m *Material) compiled(key string, version int) (*interview.Logic, error) {
	ref := dataset.Ref{Key: key, Number: version}
	q := m.Input.Versions[ref]
	if q == nil {
		return nil, missing("version")
	}
	if m.logic[ref] == nil {
		m.logic[ref] = interview.New(q, m.Input.Study.TimeZone)
	}
	return m.logic[ref], nil
}
