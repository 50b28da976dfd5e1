package store

import (
	"encoding/json"
	"slices"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/panel"
	"panelverk/internal/study"
)

// A dataset is of a moment: what came later is not in it, so that one that was frozen
// can be made anew. What a study is, is kept with the release (Definition); what people
// did carries its time. An erasure, and two participants who became one, cannot be
// taken back: Unwindable counts them.

// Definition is a study as it stood at a moment, in so far as data are made of it.
type Definition struct {
	Key       string
	Source    string
	Consents  map[string]string
	Plan      string
	Waves     []Wave
	Decisions []dataset.Decision
	Frozen    dataset.Frozen
}

// Definition gives a study as it stands.
func (tx *Tx) Definition(key string) (*Definition, error) {
	row, err := tx.Study(key)
	if err != nil {
		return nil, err
	}
	d := &Definition{Key: key, Source: row.Source, Consents: row.Consents, Plan: row.Plan}
	if d.Waves, err = tx.Waves(key); err != nil {
		return nil, err
	}
	d.Decisions, d.Frozen, err = tx.Merging(key)
	return d, err
}

// Encode gives the definition as Defined reads it.
func (d *Definition) Encode() (string, error) {
	b, err := json.Marshal(d)
	return string(b), err
}

// Defined gives the study as it stood when a release was decided; nil where that was
// not kept.
func (r Release) Defined() (*Definition, error) {
	if r.Definition == "" {
		return nil, nil
	}
	d := &Definition{}
	return d, json.Unmarshal([]byte(r.Definition), d)
}

// study gives the study with its waves and its plan.
func (d *Definition) study() (*study.Study, error) {
	st, err := Study{Source: d.Source, Consents: d.Consents, Plan: d.Plan}.Parsed()
	if err != nil {
		return nil, err
	}
	return withPeriods(st, d.Waves), nil
}

// Participant gives a participant as at the moment of the material; false where there
// was none yet.
func (m *Material) Participant(p Participant) (Participant, bool) {
	at := m.Input.Now
	if f, changed := m.formers[p.PID]; changed && p.Status != Erased {
		p.Cohort, p.Attributes, p.Pilot = f.Cohort, f.Attributes, f.Pilot
	}
	if (p.Status == Left || p.Status == Dead) && p.LeftAt.After(at) && p.MergedInto == "" {
		p.Status, p.LeftAt = Active, time.Time{}
	}
	return p, !p.CreatedAt.After(at)
}

// Rewind gives a participant with everything as at the moment of the material.
func (m *Material) Rewind(tx *Tx, of Member) (Member, error) {
	at := m.Input.Now
	of.Participant, _ = m.Participant(of.Participant)
	var imported []int // the waves whose answers were imported later
	for _, i := range of.Interviews {
		if i.ImportedAt.After(at) {
			imported = append(imported, i.Wave)
		}
	}
	of.Interviews = slices.DeleteFunc(of.Interviews, func(i Interview) bool { return i.ImportedAt.After(at) || i.StartedAt.After(at) })
	of.Corrections = slices.DeleteFunc(of.Corrections, func(c Correction) bool { return c.At.After(at) })
	events := of.Events
	of.Events = slices.DeleteFunc(slices.Clone(events), func(e Event) bool {
		return e.At.After(at) || e.Kind == string(panel.Submitted) && slices.Contains(imported, e.Wave)
	})
	for n := range of.Interviews {
		i := &of.Interviews[n]
		if !i.LastAt.After(at) && !i.SubmittedAt.After(at) || i.Document == "" {
			continue
		}
		saves, err := tx.Saves(i.ID)
		if err != nil {
			return of, err
		}
		saves = slices.DeleteFunc(saves, func(s Save) bool { return s.At.After(at) })
		i.LastAt, i.SubmittedAt = i.StartedAt, time.Time{}
		for _, s := range saves {
			i.LastAt = later(i.LastAt, s.At)
		}
		for _, e := range of.Events {
			switch {
			case e.Wave != i.Wave:
			case e.Kind == string(panel.Submitted):
				i.SubmittedAt, i.LastAt = e.At, later(i.LastAt, e.At)
			case e.Kind == string(panel.Reopened):
				i.SubmittedAt, i.LastAt = time.Time{}, later(i.LastAt, e.At)
			}
		}
		i.Document = Replay(saves).Encode()
	}
	return of, nil
}

// Unwindable counts what was done in a study since a moment that cannot be taken back:
// persons who were erased, and pairs of participants who became one.
func (tx *Tx) Unwindable(study string, since time.Time) (erased, merged int, err error) {
	if erased, err = tx.count(`SELECT COUNT(*) FROM erasures e JOIN participants p ON p.pid = e.pid WHERE p.study = $1 AND e.at > $2`, study, millis(since)); err != nil {
		return 0, 0, err
	}
	merged, err = tx.count(`SELECT COUNT(*) FROM participants WHERE study = $1 AND merged_into <> '' AND left_at > $2`, study, millis(since))
	return erased, merged, err
}
