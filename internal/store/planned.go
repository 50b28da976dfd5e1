package store

import (
	"cmp"
	"slices"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/panel"
	"panelverk/internal/study"
)

// Member gives a participant as the plan of a study sees one, without Answer.
// All who ask what is planned for somebody, or whether a wave is fielded to
// them, ask of this.
func (s Standing) Member() *study.Member {
	p := s.Participant
	m := &study.Member{PID: p.PID, Language: p.Language, Cohort: p.Cohort, Joined: p.CreatedAt, Attributes: p.Attributes, Erased: p.Status == Erased,
		Silent: p.Status != Active || !p.OptedOutAt.IsZero(), Paused: p.PausedUntil, Waves: map[int]study.Progress{}}
	for _, c := range p.Channels {
		m.Channels = append(m.Channels, study.Channel(c))
	}
	m.Channels = append(m.Channels, study.Paper) // a letter reaches everybody whom somebody knows
	at := func(wave int, do func(*study.Progress)) {
		progress := m.Waves[wave]
		do(&progress)
		m.Waves[wave] = progress
	}
	for _, r := range s.Progress {
		at(r.Wave, func(p *study.Progress) { p.Begun, p.Last, p.Submitted = r.Started, r.Last, r.Submitted })
	}
	for _, e := range s.Events {
		at(e.Wave, func(p *study.Progress) {
			switch panel.EventKind(e.Kind) {
			case panel.Invited:
				p.Invited = e.At // erasure takes the ledger and leaves this
			case panel.Declined, panel.RefusedByPhone:
				p.Refused = true
			case panel.Reopened, panel.Started:
				p.Refused = false
			}
		})
	}
	for _, mark := range s.Messages {
		if mark.State == Cancelled && mark.Reason == PlanChanged {
			continue // as if it had never been written down
		}
		at(mark.Wave, func(p *study.Progress) { mark.note(p) })
	}
	return m
}

// note enters a message of the ledger in the progress of its wave.
func (m MessageMark) note(p *study.Progress) {
	if p.Written == nil {
		p.Written = map[string]time.Time{}
	}
	p.Written[m.Key] = m.Created
	if m.Waits {
		if p.Waiting == nil {
			p.Waiting = map[string]time.Time{}
		}
		p.Waiting[m.Key] = m.Planned
	}
	if m.Kind == string(study.Invitation) && (m.State == HandedOver || m.State == Bounced) {
		p.Invited = m.Handed
	}
}

// Answered gives what a participant last answered to a question before a wave,
// "" for nothing, from their interviews in any order. An interview whose version or
// document is broken is passed over: who is asked in a wave must not hang on it.
// A database that does not answer is an error.
func Answered(interviews []Interview, logic func(key string, version int) (*interview.Logic, error)) (func(wave int, question string) string, error) {
	type earlier struct {
		wave int
		view *interview.View
	}
	var views []earlier
	for _, row := range interviews {
		if row.Document == "" {
			continue // erased
		}
		l, err := logic(row.Questionnaire, row.Version)
		if err != nil {
			if kind := fault.Of(err).Kind; kind == fault.NotFound || kind == fault.Invalid {
				continue
			}
			return nil, err
		}
		doc, err := row.Decoded()
		if err != nil {
			continue
		}
		views = append(views, earlier{row.Wave, l.Current(doc, row.LastAt)})
	}
	slices.SortFunc(views, func(a, b earlier) int { return cmp.Compare(b.wave, a.wave) })
	return func(wave int, question string) string {
		for _, e := range views {
			if e.wave >= wave {
				continue
			}
			if value := e.view.Value(question); value != "" {
				return value
			}
		}
		return ""
	}, nil
}
