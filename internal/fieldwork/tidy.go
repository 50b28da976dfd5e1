package fieldwork

import (
	"context"
	"time"

	"panelverk/internal/store"
	"panelverk/internal/study"
)

// echoFor is how long an echo of Enrol stays: about as long as it takes for
// nobody to see from a database's size which addresses were known.
const echoFor = time.Hour

// Tidied counts what Tidy did.
type Tidied struct {
	Removed int // who did not confirm, left the waiting list, or waited in vain
	Lapsed  int // places that were kept for somebody and are free again
	Offered int // to the next on a waiting list that works by itself
}

// Tidy does what falls due on the enrolments of all studies: it removes those
// who did not confirm, with their identities, takes offers back that nobody
// took up, and lets the next ones in where the study says that this goes by
// itself. It may run as often as one likes.
func (s *Service) Tidy(ctx context.Context, now time.Time) (Tidied, error) {
	var done Tidied
	var studies []*study.Study
	if err := s.store.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Studies()
		for _, row := range rows {
			st, err := s.study(tx, row.Key)
			if err != nil {
				return err
			}
			studies = append(studies, st)
		}
		return err
	}); err != nil {
		return done, err
	}
	for _, st := range studies {
		if err := s.tidyStudy(ctx, now, st, &done); err != nil {
			return done, err
		}
	}
	return done, nil
}

func (s *Service) tidyStudy(ctx context.Context, now time.Time, st *study.Study, done *Tidied) error {
	var due, gone []store.Joiner
	if err := s.store.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Joiners(st.Key, store.JoinerPending, store.JoinerWaiting, store.JoinerOffered, store.JoinerLapsed, store.JoinerEcho, store.JoinerGone)
		for _, j := range rows {
			switch {
			case j.State == store.JoinerGone:
				gone = append(gone, j)
			case overdue(st, j, now) != "":
				due = append(due, j)
			}
		}
		return err
	}); err != nil {
		return err
	}
	if len(due) > 0 {
		var more []store.Joiner
		lapsed := 0
		if err := s.store.Write(ctx, func(tx *store.Tx) error {
			more, lapsed = nil, 0
			for _, j := range due {
				j, err := tx.JoinerByPID(j.PID) // as it is by now
				if isMissing(err) {
					continue
				}
				if err != nil {
					return err
				}
				switch next := overdue(st, j, now); next {
				case store.JoinerLapsed:
					j.State, j.Changed = next, now
					lapsed++
					if err := tx.UpdateJoiner(j); err != nil {
						return err
					}
				case store.JoinerGone:
					if err := leaveList(tx, j, now); err != nil {
						return err
					}
					more = append(more, j)
				}
			}
			return nil
		}); err != nil {
			return err
		}
		gone = append(gone, more...)
		done.Lapsed += lapsed
	}
	// The identity goes first: what a crash leaves is taken up by the next run.
	for _, j := range gone {
		if err := s.identities.Delete(ctx, j.PID); err != nil {
			return err
		}
		if err := s.store.Write(ctx, func(tx *store.Tx) error { return tx.ForgetJoiner(j) }); err != nil {
			return err
		}
		if j.State != store.JoinerEcho {
			done.Removed++
		}
	}
	if st.Enrolment == nil || st.Enrolment.Waiting != study.WaitingAutomatic {
		return nil
	}
	n, err := s.letNextIn(ctx, now, st)
	done.Offered += n
	return err
}

// overdue tells what a joiner becomes by the mere passing of time, "" for nothing.
func overdue(st *study.Study, j store.Joiner, now time.Time) store.JoinerState {
	past := func(at time.Time, wait time.Duration) bool { return !now.Before(at.Add(wait)) }
	// Without its rules in the study's file nobody can join any more.
	over := st.Enrolment == nil || past(st.Enrolment.Closes, waitPast)
	switch {
	case j.State == store.JoinerPending && past(j.Asked, forgetAfter),
		j.State == store.JoinerLapsed && past(j.Changed, forgetAfter),
		j.State == store.JoinerEcho && past(j.Asked, echoFor),
		j.State == store.JoinerWaiting && over:
		return store.JoinerGone
	case j.State == store.JoinerOffered && past(j.Until, 0):
		return store.JoinerLapsed
	}
	return ""
}

// letNextIn offers free places to those who have waited longest and fit.
func (s *Service) letNextIn(ctx context.Context, now time.Time, st *study.Study) (offered int, err error) {
	next := func(tx *store.Tx) (waiting []store.Joiner, taken *places, err error) {
		if waiting, err = tx.Joiners(st.Key, store.JoinerWaiting); err == nil && len(waiting) > 0 {
			taken, err = occupied(tx, st, now, "")
		}
		return waiting, taken, err
	}
	worth := false
	if err := s.store.Read(ctx, func(tx *store.Tx) error {
		waiting, taken, err := next(tx)
		for _, j := range waiting {
			worth = worth || err == nil && taken.fits(st.Enrolment, j.Attributes)
		}
		return err
	}); err != nil || !worth || cohortAt(st, now) == 0 {
		return 0, err
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		offered = 0
		if err := tx.LockPlaces(st.Key); err != nil {
			return err
		}
		waiting, taken, err := next(tx)
		if err != nil {
			return err
		}
		for _, j := range waiting {
			if !taken.fits(st.Enrolment, j.Attributes) {
				continue
			}
			taken.add(j.Attributes)
			offered++
			if err := s.offer(tx, now, st, j); err != nil {
				return err
			}
		}
		return nil
	})
	return offered, err
}
