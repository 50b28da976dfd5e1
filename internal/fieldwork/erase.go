package fieldwork

import (
	"context"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/erasures"
	"panelverk/internal/panel"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

// Erasing a person goes through four places, in this order:
//
//	the list of erasures   a line, on the disk
//	the key file           the identity, notes and former addresses
//	the panel              all but a tombstone, in one transaction
//	both databases' files  what deleting leaves in free space and in the log
//
// From the first line on it is decided: whatever a crash cuts off is done at the
// next start, as it is after a backup was restored that still holds the person.

// KeepErasures names the list that every erasure is written to. Without one
// nothing is kept: a rehearsal's panel is never restored.
func (s *Service) KeepErasures(list *erasures.List) { s.erasures = list }

// EraseParticipant erases a participant who asked staff for it. Files that were
// handed out with the person in them stay as they are: Participant lists them,
// for their recipients to be written to.
func (s *Service) EraseParticipant(ctx context.Context, now time.Time, actor access.Actor, studyKey, label string) error {
	if err := actor.May(access.ParticipantErase, studyKey); err != nil {
		return err
	}
	var p store.Participant
	if err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		p, err = tx.ParticipantByLabel(studyKey, label)
		return orElse(err, errNoParticipant)
	}); err != nil {
		return err
	}
	if p.Status == store.Erased || p.MergedInto != "" {
		return errAway
	}
	return s.erase(ctx, now, p, func(tx *store.Tx) error {
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.ParticipantErase), Study: studyKey, Object: "one participant"})
	})
}

// erase erases a participant and whoever turned out to be the same person. also
// runs in the panel's transaction; it may be nil.
func (s *Service) erase(ctx context.Context, now time.Time, p store.Participant, also func(*store.Tx) error) error {
	people := []store.Participant{p}
	if err := s.store.Read(ctx, func(tx *store.Tx) error {
		same, err := tx.MergedInto(p.PID)
		people = append(people[:1], same...)
		return err
	}); err != nil {
		return err
	}
	all := make([]erasures.Erasure, len(people))
	for i, one := range people {
		all[i] = erasures.Erasure{PID: one.PID, At: now}
	}
	if s.erasures != nil {
		if err := s.erasures.Add(all...); err != nil {
			return err
		}
	}
	// It is decided: that the browser went away must not leave it half done.
	ctx = context.WithoutCancel(ctx)
	if err := s.eraseAll(ctx, all, also); err != nil {
		return err
	}
	_, err := s.Sweep(ctx, now)
	return err
}

// eraseAll erases in the key file and in the panel. Once more changes nothing.
func (s *Service) eraseAll(ctx context.Context, all []erasures.Erasure, also func(*store.Tx) error) error {
	for _, e := range all {
		if err := s.identities.Delete(ctx, e.PID); err != nil {
			return err
		}
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		for _, e := range all {
			if err := eraseOne(tx, e); err != nil {
				return err
			}
		}
		if also != nil {
			return also(tx)
		}
		return nil
	})
}

func eraseOne(tx *store.Tx, e erasures.Erasure) error {
	done, err := tx.Erase(e.PID, e.At)
	if isMissing(err) {
		return nil
	}
	if err != nil || !done {
		return err
	}
	p, err := tx.Participant(e.PID)
	if err != nil {
		return err
	}
	return tx.AddEvent(store.Event{ID: secret.NewID(), Study: p.Study, PID: p.PID, Kind: string(panel.Erased), At: e.At})
}

// Sweep removes what is left of erased persons in the files of the databases,
// where something may be. left tells how many have to wait, since somebody is
// still reading as of a moment before; call it again then.
func (s *Service) Sweep(ctx context.Context, now time.Time) (left int, err error) {
	var pids []string
	if err := s.store.Read(ctx, func(tx *store.Tx) (err error) { pids, err = tx.Unswept(); return err }); err != nil || len(pids) == 0 {
		return 0, err
	}
	panelDone, err := s.store.DB().Scrub(ctx)
	if err != nil {
		return len(pids), err
	}
	keyDone, err := s.identities.DB().Scrub(ctx)
	if err != nil || !panelDone || !keyDone {
		return len(pids), err
	}
	return 0, s.store.Write(ctx, func(tx *store.Tx) error { return tx.Swept(pids, now) })
}

// Replayed is what Replay did.
type Replayed struct {
	Listed int // on the list
	Erased int // of them, found here and erased again
	Added  int // erased here and missing on the list, and written there
}

// Replay erases everybody on the list of whom anything is here: what a crash
// cut off, or what came back with a backup. It runs at start-up and after a
// restore. Who was erased here and is not on the list is added to it.
func (s *Service) Replay(ctx context.Context, now time.Time) (Replayed, error) {
	var done Replayed
	if s.erasures == nil {
		return done, nil
	}
	list, err := s.erasures.All()
	if err != nil {
		return done, err
	}
	done.Listed = len(list)
	listed := map[string]bool{}
	var again []erasures.Erasure
	for _, e := range list {
		listed[e.PID] = true
		here, err := s.remains(ctx, e.PID)
		if err != nil {
			return done, err
		}
		if here {
			again = append(again, e)
		}
	}
	if done.Erased = len(again); done.Erased > 0 {
		if err := s.eraseAll(ctx, again, nil); err != nil {
			return done, err
		}
	}
	var missing []erasures.Erasure
	if err := s.store.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Erasures()
		for _, e := range rows {
			if !listed[e.PID] {
				missing = append(missing, erasures.Erasure(e))
			}
		}
		return err
	}); err != nil {
		return done, err
	}
	if done.Added = len(missing); done.Added > 0 {
		if err := s.erasures.Add(missing...); err != nil {
			return done, err
		}
	}
	_, err = s.Sweep(ctx, now)
	return done, err
}

// remains tells whether the databases hold anything of somebody on the list.
func (s *Service) remains(ctx context.Context, pid string) (bool, error) {
	if held, err := s.identities.Holds(ctx, pid); held || err != nil {
		return held, err
	}
	here := false
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		status, err := tx.ParticipantStatus(pid)
		if isMissing(err) {
			return nil
		}
		here = status != store.Erased
		return err
	})
	return here, err
}

// handedOut gives the files that hold a person, under whichever pid.
func (s *Service) handedOut(tx *store.Tx, p store.Participant) ([]HandedOut, error) {
	same, err := tx.MergedInto(p.PID)
	if err != nil {
		return nil, err
	}
	recipients, err := tx.Recipients(p.Study)
	if err != nil {
		return nil, err
	}
	var out []HandedOut
	for _, one := range append(same, p) {
		for _, recipient := range recipients {
			id := s.keys.ExportID(p.Study, recipient, one.PID)
			rows, err := tx.DownloadsWith(p.Study, recipient, id)
			if err != nil {
				return nil, err
			}
			for _, d := range rows {
				file := HandedOut{Download: d}
				if p.Status == store.Erased {
					file.ExportID = id
				}
				out = append(out, file)
			}
		}
	}
	return out, nil
}
