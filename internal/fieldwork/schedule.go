package fieldwork

import (
	"context"
	"iter"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/panel"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// scheduleBatch is how many messages are written down in one transaction.
const scheduleBatch = 500

// Schedule writes down, for every study with a plan that does not hold its
// messages, what is due at a moment, and tells how many messages were new. It may run as often as one likes, and
// on several servers at once: each message is written down once. Members are
// read one after the other, so memory stays flat.
func (s *Service) Schedule(ctx context.Context, now time.Time) (written int, err error) {
	var (
		studies  []*study.Study
		editions []string
	)
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Studies()
		for _, row := range rows {
			held, err := tx.Held(row.Key)
			if err != nil {
				return err
			}
			if !held.IsZero() {
				continue
			}
			st, err := s.study(tx, row.Key)
			if err != nil {
				return err
			}
			studies, editions = append(studies, st), append(editions, row.Edition())
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	for i, st := range studies {
		n, err := s.scheduleStudy(ctx, now, st, editions[i])
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// scheduleStudy writes down what is due in one study. Where the study changes
// meanwhile it stops: what was worked out from the plan before must not be
// written under the new one.
func (s *Service) scheduleStudy(ctx context.Context, now time.Time, st *study.Study, edition string) (written int, err error) {
	if st.Plan == nil {
		return 0, nil
	}
	var waiting []store.Message
	flush := func() error {
		n := 0
		err := s.store.Write(ctx, func(tx *store.Tx) error {
			n = 0 // the work may run again
			present, err := tx.Edition(st.Key)
			if err != nil {
				return err
			}
			if present != edition {
				return errEdited
			}
			for _, m := range waiting {
				fresh, err := tx.AddMessage(m)
				if err != nil {
					return err
				}
				if fresh {
					n++
				}
			}
			return nil
		})
		written, waiting = written+n, waiting[:0]
		return err
	}
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		for mailing, err := range st.Due(s.members(tx, st), now) {
			if err != nil {
				return err
			}
			waiting = append(waiting, ledgerRow(st, mailing, now))
			if len(waiting) == scheduleBatch {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil && len(waiting) > 0 {
		err = flush()
	}
	if f := fault.Of(err); f != nil && f.Code == errEdited.Code {
		err = nil // the next run goes by the plan as it is then
	}
	return written, err
}

// ledgerRow gives what is written down of a mailing that is due.
func ledgerRow(st *study.Study, m study.Mailing, now time.Time) store.Message {
	return store.Message{ID: secret.NewID(), Study: st.Key, PID: m.PID, Wave: m.Wave, Key: m.Message.Key, Kind: string(m.Message.Kind),
		Template: m.Message.Template, Channel: string(m.Channel), Language: m.Language, State: store.Due,
		Planned: m.At, Next: now, Ends: m.Ends, Created: now}
}

// members streams a study's participants as its plan sees them.
func (s *Service) members(tx *store.Tx, st *study.Study) iter.Seq2[*study.Member, error] {
	return func(yield func(*study.Member, error) bool) {
		stopped := false
		err := tx.EachStanding(st.Key, func(row store.Standing) error {
			if !stopped {
				stopped = !yield(s.member(tx, st, row), nil)
			}
			return nil
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

// member gives a participant as the plan of a study sees one.
func (s *Service) member(tx *store.Tx, st *study.Study, row store.Standing) *study.Member {
	p := row.Participant
	m := &study.Member{PID: p.PID, Language: p.Language, Cohort: p.Cohort, Joined: p.CreatedAt, Attributes: p.Attributes,
		Silent: p.Status != store.Active || !p.OptedOutAt.IsZero(), Paused: p.PausedUntil, Waves: map[int]study.Progress{}}
	if st.Plan.Recalls() {
		m.Answer = s.answered(tx, st, p.PID)
	}
	for _, c := range p.Channels {
		m.Channels = append(m.Channels, study.Channel(c))
	}
	m.Channels = append(m.Channels, study.Paper) // a letter reaches everybody whom somebody knows
	at := func(wave int, do func(*study.Progress)) {
		progress := m.Waves[wave]
		do(&progress)
		m.Waves[wave] = progress
	}
	for _, r := range row.Progress {
		at(r.Wave, func(p *study.Progress) { p.Begun, p.Last, p.Submitted = r.Started, r.Last, r.Submitted })
	}
	for _, e := range row.Refused {
		kind := panel.EventKind(e.Kind)
		at(e.Wave, func(p *study.Progress) { p.Refused = kind == panel.Declined || kind == panel.RefusedByPhone })
	}
	for _, mark := range row.Messages {
		if mark.State == store.Cancelled && mark.Reason == store.PlanChanged {
			continue // as if it had never been written down
		}
		at(mark.Wave, func(p *study.Progress) { wrote(p, mark) })
	}
	return m
}

// wrote notes a message of the ledger in the progress of its wave.
func wrote(p *study.Progress, mark store.MessageMark) {
	if p.Written == nil {
		p.Written = map[string]time.Time{}
	}
	p.Written[mark.Key] = mark.Created
	if mark.Waits {
		if p.Waiting == nil {
			p.Waiting = map[string]time.Time{}
		}
		p.Waiting[mark.Key] = mark.Planned
	}
	if mark.Kind == string(study.Invitation) && (mark.State == store.HandedOver || mark.State == store.Bounced) {
		p.Invited = mark.Handed
	}
}

// answered gives the latest answer of a participant to a question before a
// wave; "" where there is none, or it cannot be read. The interviews are read
// when they are first asked for.
func (s *Service) answered(tx *store.Tx, st *study.Study, pid string) func(wave int, question string) string {
	var views []*interview.View
	var waves []int
	read := false
	return func(wave int, question string) string {
		if !read {
			read = true
			waves, views = s.interviewsOf(tx, st, pid)
		}
		for i, number := range waves {
			if number >= wave || views[i] == nil {
				continue
			}
			if value := views[i].Value(question); value != "" {
				return value
			}
		}
		return ""
	}
}

// interviewsOf gives the interviews of a participant as they stand, the latest
// first. One whose version is gone or broken is passed over: who is asked in a
// wave must not hang on it.
func (s *Service) interviewsOf(tx *store.Tx, st *study.Study, pid string) (waves []int, views []*interview.View) {
	rows, err := tx.InterviewsOf(pid)
	if err != nil {
		return nil, nil
	}
	for _, row := range rows {
		logic, err := s.logic(tx, st, row.Questionnaire, row.Version)
		if err != nil {
			continue
		}
		doc, err := row.Decoded()
		if err != nil {
			continue
		}
		waves, views = append(waves, row.Wave), append(views, logic.Current(doc, row.LastAt))
	}
	return waves, views
}
