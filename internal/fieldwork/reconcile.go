package fieldwork

import (
	"context"
	"time"

	"panelverk/internal/store"
)

// inTheMaking is how old an identity without a participant has to be before
// Reconcile takes it for what a crash left: the key file is written first, so
// that of people whom another process is just adding or importing look the same.
const inTheMaking = 10 * time.Minute

// fewStrangers is how many identities without a participant may always be
// removed; more only while they are less than half of a study's.
const fewStrangers = 10

// Reconciled is what Reconcile did.
type Reconciled struct {
	Removed int // identities without a participant that are gone
	Foreign int // identities without a participant that were left: too many for a crash
}

// Reconcile removes identities that a crash left without a participant. It
// runs at start-up. Where most of a study's identities have no participant it
// removes none of them: then this is rather a panel database that was restored
// from an older backup, or one that belongs to another key file.
//
// Changes of address that a crash cut off are finished.
func (s *Service) Reconcile(ctx context.Context, now time.Time) (Reconciled, error) {
	var done Reconciled
	if err := s.reconcileFormers(ctx, now); err != nil {
		return done, err
	}
	var studies []store.Study
	if err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		studies, err = tx.Studies()
		return err
	}); err != nil {
		return done, err
	}
	for _, st := range studies {
		pids, err := s.identities.PIDsUntil(ctx, st.Key, now.Add(-inTheMaking))
		if err != nil {
			return done, err
		}
		strangers, err := s.strangers(ctx, pids)
		if err != nil {
			return done, err
		}
		if len(strangers) > fewStrangers && 2*len(strangers) >= len(pids) {
			done.Foreign += len(strangers)
			continue
		}
		for _, pid := range strangers {
			if err := s.identities.Delete(ctx, pid); err != nil {
				return done, err
			}
			done.Removed++
		}
	}
	return done, nil
}

// strangers gives those of the pids that are neither a participant's nor of
// somebody who asked to take part.
func (s *Service) strangers(ctx context.Context, pids []string) ([]string, error) {
	var out []string
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		for _, pid := range pids {
			_, err := tx.Participant(pid)
			if isMissing(err) { // somebody who has asked to take part is in the key file too
				_, err = tx.JoinerByPID(pid)
			}
			switch {
			case err == nil:
			case isMissing(err):
				out = append(out, pid)
			default:
				return err
			}
		}
		return nil
	})
	return out, err
}
