package fieldwork

import (
	"context"
	"iter"
	"slices"
	"time"

	"panelverk/internal/panel"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// scheduleBatch is how many messages are written down in one transaction.
const scheduleBatch = 500

// Schedule writes down, for every study with a plan, what is due at a moment,
// and tells how many messages were new. It may run as often as one likes, and
// on several servers at once: each message is written down once. Members are
// read one after the other, so memory stays flat.
func (s *Service) Schedule(ctx context.Context, now time.Time) (written int, err error) {
	var studies []*study.Study
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Studies()
		for _, row := range rows {
			st, err := s.study(tx, row.Key)
			if err != nil {
				return err
			}
			studies = append(studies, st)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, st := range studies {
		n, err := s.scheduleStudy(ctx, now, st)
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

func (s *Service) scheduleStudy(ctx context.Context, now time.Time, st *study.Study) (written int, err error) {
	if st.Plan == nil {
		return 0, nil
	}
	var waiting []store.Message
	flush := func() error {
		n := 0
		err := s.store.Write(ctx, func(tx *store.Tx) error {
			n = 0 // the work may run again
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
		for mailing, err := range st.Due(members(tx, st, now), now) {
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
	return written, err
}

// ledgerRow gives what is written down of a mailing that is due.
func ledgerRow(st *study.Study, m study.Mailing, now time.Time) store.Message {
	return store.Message{ID: secret.NewID(), Study: st.Key, PID: m.PID, Wave: m.Wave, Key: m.Message.Key, Kind: string(m.Message.Kind),
		Template: m.Message.Template, Channel: string(m.Channel), Language: m.Language, State: store.Due,
		Planned: m.At, Next: now, Ends: m.Ends, Created: now}
}

// members streams a study's participants as its plan sees them.
func members(tx *store.Tx, st *study.Study, now time.Time) iter.Seq2[*study.Member, error] {
	return func(yield func(*study.Member, error) bool) {
		stopped := false
		err := tx.EachStanding(st.Key, func(row store.Standing) error {
			if !stopped {
				stopped = !yield(member(row, now), nil)
			}
			return nil
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

// member gives a participant as the plan sees one.
func member(row store.Standing, now time.Time) *study.Member {
	p := row.Participant
	m := &study.Member{PID: p.PID, Language: p.Language, Cohort: p.Cohort, Joined: p.CreatedAt, Attributes: p.Attributes,
		Silent: p.Status != store.Active || now.Before(p.PausedUntil) || !p.OptedOutAt.IsZero(),
		Waves:  map[int]study.Progress{}}
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
		at(mark.Wave, func(p *study.Progress) {
			if p.Written == nil {
				p.Written = map[string]time.Time{}
			}
			p.Written[mark.Key] = mark.Created
			if mark.Kind == string(study.Invitation) && slices.Contains([]store.MessageState{store.HandedOver, store.Bounced}, mark.State) {
				p.Invited = mark.Handed
			}
		})
	}
	return m
}
