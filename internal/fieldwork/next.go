package fieldwork

import (
	"context"
	"time"

	"panelverk/internal/store"
)

// NextDue gives the first moment after now at which Schedule or HandOver has
// something to do for a study, if nothing else happens until then; zero where
// nothing is ahead.
func (s *Service) NextDue(ctx context.Context, now time.Time, studyKey string) (time.Time, error) {
	var next time.Time
	sooner := func(at time.Time) {
		if at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		st, err := s.study(tx, studyKey)
		if err != nil || st.Plan == nil {
			return err
		}
		waiting, err := tx.NextTry(studyKey, now)
		if err != nil {
			return err
		}
		sooner(waiting)
		for m, err := range s.members(tx, st) {
			if err != nil {
				return err
			}
			for _, mailing := range st.Ahead(m, now) { // in the order of time
				if sooner(mailing.At); mailing.At.After(now) {
					break
				}
			}
		}
		return nil
	})
	return next, err
}
