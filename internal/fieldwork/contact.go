package fieldwork

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/panel"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

// NewContact is an attempt of staff to reach somebody.
type NewContact struct {
	Wave    int // 0: not for one wave
	Way     panel.ContactWay
	Outcome panel.ContactOutcome
	Note    string // goes into the key file; it takes the permission to edit identities
}

// RecordContact notes a contact. An outcome that decides a disposition is noted
// as an event of the wave as well, in the same transaction.
func (s *Service) RecordContact(ctx context.Context, now time.Time, actor access.Actor, studyKey, label string, c NewContact) error {
	if err := actor.May(access.ContactRecord, studyKey); err != nil {
		return err
	}
	note := strings.TrimSpace(c.Note)
	if note != "" {
		if err := actor.May(access.IdentityEdit, studyKey); err != nil {
			return err
		}
	}
	var ps fault.Problems
	if !slices.Contains(panel.ContactWays(), c.Way) {
		ps.Add(fault.Place{Field: "way"}, "way_missing", "Say how.")
	}
	if !slices.Contains(panel.ContactOutcomes(), c.Outcome) {
		ps.Add(fault.Place{Field: "outcome"}, "contact_outcome_missing", "Say what came of it.")
	}
	if utf8.RuneCountInString(note) > maxContact {
		ps.Add(fault.Place{Field: "note"}, "text_long", "Write a shorter text: at most %d characters.", maxContact)
	}
	if err := ps.Err("contact_wrong", "The contact was not noted."); err != nil {
		return err
	}
	_, p, err := s.someone(ctx, studyKey, label)
	if err != nil {
		return err
	}
	row := store.Contact{ID: secret.NewID(), Study: studyKey, PID: p.PID, Wave: c.Wave, Way: string(c.Way), Outcome: string(c.Outcome), Account: actor.Account, At: now}
	if note != "" {
		if err := s.identities.AddNote(ctx, row.ID, p.PID, note); err != nil {
			return err
		}
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error { return recordContact(tx, now, actor, row, c.Outcome) })
	if err != nil && note != "" {
		err = errors.Join(err, s.identities.RemoveNote(context.WithoutCancel(ctx), row.ID))
	}
	return err
}

func recordContact(tx *store.Tx, now time.Time, actor access.Actor, row store.Contact, outcome panel.ContactOutcome) error {
	p, err := tx.Participant(row.PID)
	if err != nil {
		return err
	}
	if p.Status != store.Active {
		return errAway
	}
	waves, err := tx.Waves(row.Study)
	if err != nil {
		return err
	}
	if row.Wave < 0 || row.Wave > len(waves) {
		return errNoWave
	}
	if err := tx.AddContact(row); err != nil {
		return err
	}
	if kind := outcome.Event(); kind != "" {
		if err := tx.AddEvent(store.Event{ID: secret.NewID(), Study: row.Study, PID: p.PID, Wave: row.Wave, Kind: string(kind), At: now}); err != nil {
			return err
		}
	}
	if outcome == panel.Refuses && row.Wave > 0 {
		if _, err := tx.CancelMessages(p.PID, row.Wave, "refused", now); err != nil {
			return err
		}
	}
	return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.ContactRecord), Study: row.Study,
		Object: fmt.Sprintf("wave %d", row.Wave), Detail: row.Way + ", " + row.Outcome})
}
