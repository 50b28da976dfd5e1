package fieldwork

import (
	"context"
	"errors"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/keyfile"
	"panelverk/internal/panel"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

var errSame = fault.New(fault.Invalid, "same_participant", "Choose two different participants.")

// Merge makes one participant of two who are one person: keep stays, and the
// other becomes a tombstone whose links lead to keep. Of two interviews in one
// wave the one that was submitted counts, of two alike the older; the other
// stays where it is, unread and uncounted. Nothing is deleted but the second
// identity, whose details fill the gaps of the first.
func (s *Service) Merge(ctx context.Context, now time.Time, actor access.Actor, studyKey, keep, other string) error {
	if err := actor.May(access.ParticipantMerge, studyKey); err != nil {
		return err
	}
	if keep == other {
		return errSame
	}
	_, stays, err := s.someone(ctx, studyKey, keep)
	if err != nil {
		return err
	}
	_, goes, err := s.someone(ctx, studyKey, other)
	if err != nil {
		return err
	}
	before := make([]keyfile.Identity, 2)
	for i, p := range []store.Participant{stays, goes} {
		if before[i], err = s.identities.Get(ctx, p.PID); err != nil && !isMissing(err) {
			return err
		}
		before[i].PID, before[i].Study = p.PID, studyKey
	}
	one := before[0]
	for _, field := range [][2]*string{{&one.Name, &before[1].Name}, {&one.Email, &before[1].Email}, {&one.Phone, &before[1].Phone},
		{&one.Note, &before[1].Note}, {&one.External, &before[1].External}} {
		if *field[0] == "" {
			*field[0] = *field[1]
		}
	}
	// The key file first. A crash in between leaves a participant without an
	// identity, which start-up tells of; merging once more does the rest.
	if err := s.identities.Merge(ctx, now, one, goes.PID); err != nil {
		return err
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		if err := s.merge(tx, now, stays.PID, goes.PID, rereached(nil, keyfile.Identity{}, one)); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.ParticipantMerge), Study: studyKey, Object: "two participants"})
	})
	if err != nil {
		return errors.Join(err, s.identities.Put(context.WithoutCancel(ctx), now, before...))
	}
	return nil
}

// merge does the panel's part of Merge.
func (s *Service) merge(tx *store.Tx, now time.Time, keep, other string, channels []string) error {
	stays, err := tx.Participant(keep)
	if err != nil {
		return err
	}
	goes, err := tx.Participant(other)
	if err != nil {
		return err
	}
	if stays.Status != store.Active || goes.Status != store.Active { // left meanwhile
		return errAway
	}
	waves, err := tx.Waves(stays.Study)
	if err != nil {
		return err
	}
	for _, w := range waves {
		over, err := takesOver(tx, keep, other, w.Number)
		if err != nil {
			return err
		}
		if over {
			if err := tx.TakeOver(other, keep, w.Number); err != nil {
				return err
			}
		}
	}
	if _, err := tx.StopMessages(other, store.Cancelled, "merged", now); err != nil {
		return err
	}
	if err := tx.MoveHistory(other, keep); err != nil {
		return err
	}
	united := unite(stays, goes)
	united.Channels = channels
	if err := tx.UpdateParticipant(united); err != nil {
		return err
	}
	goes.Status, goes.LeftAt, goes.MergedInto, goes.Attributes, goes.Channels = store.Left, now, keep, nil, nil
	if err := tx.UpdateParticipant(goes); err != nil {
		return err
	}
	if err := s.invite(tx, []store.Participant{united}, waves); err != nil {
		return err
	}
	return tx.AddEvent(store.Event{ID: secret.NewID(), Study: stays.Study, PID: keep, Kind: string(panel.Merged), At: now})
}

// takesOver tells whether the other's interview of a wave is the one that counts.
func takesOver(tx *store.Tx, keep, other string, wave int) (bool, error) {
	var rows [2]store.Interview
	for i, pid := range []string{keep, other} {
		inv, err := tx.InvitationOf(pid, wave)
		if err == nil {
			rows[i], err = tx.Interview(inv.ID)
		}
		if err != nil && !isMissing(err) {
			return false, err
		}
	}
	return rows[1].ID != "" && (rows[0].ID == "" || goesBefore(rows[1], rows[0])), nil
}

// goesBefore tells whether the interview a counts rather than b, of one wave.
func goesBefore(a, b store.Interview) bool {
	switch {
	case a.SubmittedAt.IsZero() != b.SubmittedAt.IsZero():
		return !a.SubmittedAt.IsZero()
	case !a.SubmittedAt.IsZero():
		return a.SubmittedAt.Before(b.SubmittedAt)
	}
	return a.StartedAt.Before(b.StartedAt)
}

// unite gives what is known of one person who had two rows. What holds messages
// or links back in either holds them back.
func unite(stays, goes store.Participant) store.Participant {
	stays.Cohort = min(stays.Cohort, goes.Cohort)
	attributes := map[string]string{}
	for _, of := range []store.Participant{goes, stays} {
		for name, value := range of.Attributes {
			if value != "" {
				attributes[name] = value
			}
		}
	}
	stays.Attributes = attributes
	if goes.ConsentVersion > stays.ConsentVersion {
		stays.ConsentVersion, stays.ConsentLanguage, stays.ConsentAt = goes.ConsentVersion, goes.ConsentLanguage, goes.ConsentAt
	}
	if stays.OptedOutAt.IsZero() {
		stays.OptedOutAt = goes.OptedOutAt
	}
	if goes.PausedUntil.After(stays.PausedUntil) {
		stays.PausedUntil = goes.PausedUntil
	}
	if goes.CodesFrom.After(stays.CodesFrom) {
		stays.CodesFrom = goes.CodesFrom
	}
	return stays
}
