package fieldwork

import (
	"context"
	"iter"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// scheduleBatch is how many messages are written down in one transaction, or a
// few more.
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
	number := 0
	for last, more := "", true; more; {
		var page []*study.Member
		// Each page is a reading of its own: see store.Tx.StandingsAfter.
		if err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
			page, last, more, err = s.membersAfter(tx, st, last)
			return err
		}); err != nil {
			return written, err
		}
		for mailing, err := range st.Due(each(page), now) {
			if err != nil {
				return written, err
			}
			waiting = append(waiting, ledgerRow(st, mailing, now, number))
			number++
		}
		if len(waiting) < scheduleBatch && more {
			continue
		}
		n, err := s.writeDown(ctx, st.Key, edition, waiting)
		if f := fault.Of(err); f != nil && f.Code == errEdited.Code {
			return written, nil // the next run goes by the plan as it is then
		}
		if err != nil {
			return written, err
		}
		written, waiting = written+n, waiting[:0]
	}
	return written, nil
}

// each gives the members one after the other, as Due reads them.
func each(page []*study.Member) iter.Seq2[*study.Member, error] {
	return func(yield func(*study.Member, error) bool) {
		for _, m := range page {
			if !yield(m, nil) {
				return
			}
		}
	}
}

// writeDown adds messages to the ledger in one transaction, unless the study
// has been edited meanwhile, and tells how many are new.
func (s *Service) writeDown(ctx context.Context, studyKey, edition string, messages []store.Message) (written int, err error) {
	if len(messages) == 0 {
		return 0, nil
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		written = 0 // the work may run again
		present, err := tx.Edition(studyKey)
		if err != nil {
			return err
		}
		if present != edition {
			return errEdited
		}
		for _, m := range messages {
			fresh, err := tx.AddMessage(m)
			if err != nil {
				return err
			}
			if fresh {
				written++
			}
		}
		return nil
	})
	return written, err
}

// ledgerRow gives what is written down of a mailing that is due, by its number
// in the run.
func ledgerRow(st *study.Study, m study.Mailing, now time.Time, number int) store.Message {
	return store.Message{ID: secret.NewOrderedID(now, number), Study: st.Key, PID: m.PID, Wave: m.Wave, Key: m.Message.Key, Kind: string(m.Message.Kind),
		Template: m.Message.Template, Channel: string(m.Channel), Language: m.Language, State: store.Due,
		Planned: m.At, Next: now, Ends: m.Ends, Created: now}
}

// members streams a study's participants as its plan sees them.
func (s *Service) members(tx *store.Tx, st *study.Study) iter.Seq2[*study.Member, error] {
	return func(yield func(*study.Member, error) bool) {
		for last, more := "", true; more; {
			var page []*study.Member
			var err error
			if page, last, more, err = s.membersAfter(tx, st, last); err != nil {
				yield(nil, err)
				return
			}
			for _, m := range page {
				if !yield(m, nil) {
					return
				}
			}
		}
	}
}

// membersAfter gives the next page of them: see store.Tx.StandingsAfter.
func (s *Service) membersAfter(tx *store.Tx, st *study.Study, pid string) (page []*study.Member, last string, more bool, err error) {
	last, more, err = tx.StandingsAfter(st.Key, pid, func(row store.Standing) error {
		m, err := s.member(tx, st, row)
		page = append(page, m)
		return err
	})
	return page, last, more, err
}

// member gives a participant as the plan of a study sees one. Where the plan
// reads earlier answers, so does this.
func (s *Service) member(tx *store.Tx, st *study.Study, row store.Standing) (*study.Member, error) {
	m := row.Member()
	if !st.Plan.Recalls() {
		return m, nil
	}
	interviews, err := tx.InterviewsOf(m.PID)
	if err != nil {
		return nil, err
	}
	m.Answer, err = store.Answered(interviews, func(key string, version int) (*interview.Logic, error) { return s.logic(tx, st, key, version) })
	return m, err
}

// fielded tells of each participant whether a wave is fielded to them, for all
// who belong to it otherwise.
func (s *Service) fielded(tx *store.Tx, st *study.Study, now time.Time) (func(pid string, w *study.Wave) bool, error) {
	if !st.Selects() {
		return func(string, *study.Wave) bool { return true }, nil
	}
	left := map[string]bool{} // who is left out, by place
	for m, err := range s.members(tx, st) {
		if err != nil {
			return nil, err
		}
		for i := range st.Waves {
			if w := &st.Waves[i]; !st.Fielded(w, m, now) {
				left[place(m.PID, w.Number)] = true
			}
		}
	}
	return func(pid string, w *study.Wave) bool { return !left[place(pid, w.Number)] }, nil
}
