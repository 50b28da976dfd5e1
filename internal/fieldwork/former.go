package fieldwork

import (
	"context"
	"slices"
	"time"

	"panelverk/internal/keyfile"
	"panelverk/internal/mail"
	"panelverk/internal/store"
)

// noticeKey is the kind of the message to an address that was replaced, and the
// beginning of its key.
const noticeKey = string(mail.AddressChanged)

// isNotice tells whether a message goes to a former address. It names nobody,
// opens nothing and stops nothing: somebody else may read there by now.
func isNotice(m store.Message) bool { return m.Template == noticeKey }

// addressOf gives the address that a message goes to: a notice, the former one.
// What is missing is the zero Identity.
func (s *Service) addressOf(ctx context.Context, m store.Message) (keyfile.Identity, error) {
	if isNotice(m) {
		f, err := s.identities.Former(ctx, m.ID)
		if isMissing(err) {
			err = nil
		}
		return keyfile.Identity{PID: m.PID, Study: m.Study, Email: f.Email, Phone: f.Phone}, err
	}
	id, err := s.identities.Get(ctx, m.PID)
	if isMissing(err) {
		err = nil
	}
	return id, err
}

// settled are the states from which no further attempt comes.
var settled = []store.MessageState{store.HandedOver, store.Bounced, store.RefusedBy, store.OptedOut, store.Cancelled}

// forgetFormer removes a former address once nothing more goes to it.
func (s *Service) forgetFormer(ctx context.Context, message string) error {
	over := true
	if err := s.store.Read(ctx, func(tx *store.Tx) error {
		m, err := tx.Message(message)
		if isMissing(err) {
			return nil
		}
		over = slices.Contains(settled, m.State)
		return err
	}); err != nil || !over {
		return err
	}
	return s.identities.Forget(ctx, message)
}

// reconcileFormers does what a crash left undone of changes of address: the
// panel's part of one, and the forgetting of addresses that were told.
func (s *Service) reconcileFormers(ctx context.Context, now time.Time) error {
	all, err := s.identities.FormersUntil(ctx, now.Add(-inTheMaking))
	if err != nil {
		return err
	}
	for _, f := range all {
		if err := s.store.Write(ctx, func(tx *store.Tx) error {
			if _, err := tx.Message(f.ID); !isMissing(err) {
				return err
			}
			p, err := tx.Participant(f.PID)
			if isMissing(err) || err == nil && p.Status != store.Active {
				return nil
			}
			if err != nil {
				return err
			}
			if err := s.moved(tx, now, &p, []keyfile.Former{f}); err != nil {
				return err
			}
			return tx.UpdateParticipant(p)
		}); err != nil {
			return err
		}
		if err := s.forgetFormer(ctx, f.ID); err != nil {
			return err
		}
	}
	return nil
}
