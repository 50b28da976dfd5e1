package fieldwork

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/keyfile"
	"panelverk/internal/mail"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Whoever has lost a link asks for it with an address. The page writes the
// address down, sealed, and answers; whose it is, if anybody's, is looked up
// afterwards, by whoever hands messages over. So the answer and the work before
// it are the same for every address, and nobody learns who takes part.

const (
	renewedPer  = 6 * time.Hour       // one message to a participant in so long
	renewalsAt  = 50                  // looked up at a time
	oldAttempts = 14 * 24 * time.Hour // nobody's attempts are forgotten
)

var (
	errRenewForm = fault.New(fault.Invalid, "renew_form", "Write the e-mail address or the mobile number that we write to.")
	errRenewAll  = fault.New(fault.TooMany, "renew_many", "Many ask for their links just now. Come back in an hour.")
)

// Sends tells whether this server can send anybody a message.
func (s *Service) Sends() bool { w := s.reaching(); return w.email || w.sms }

// Renew takes an address that somebody typed to get their link again. All that
// it tells is whether it can be an address.
func (s *Service) Renew(ctx context.Context, now time.Time, typed string) error {
	typed = strings.TrimSpace(typed)
	email, phone := keyfile.NormalizeEmail(typed), keyfile.NormalizePhone(typed)
	if email == "" && phone == "" || utf8.RuneCountInString(typed) > maxContact {
		return errRenewForm
	}
	often := false
	if err := s.store.Write(ctx, func(tx *store.Tx) error {
		often = false
		if err := renewAllLimit.take(tx, s.keys.Lookup("attempt/renew", ""), "", now, errRenewAll); err != nil {
			return err
		}
		err := renewLimit.take(tx, s.keys.Lookup("attempt/renew", email+" "+phone), "", now, errProofRests)
		if often = errors.Is(err, errProofRests); often {
			return nil
		}
		return err
	}); err != nil || often {
		return err // asked often: the answer is the same
	}
	if err := s.identities.AddRenewal(ctx, now, keyfile.Renewal{ID: secret.NewID(), Address: typed}); err != nil {
		return err
	}
	s.hurry()
	return nil
}

// SendLinks writes the messages down that carry the links asked for: one to each
// participant with the address, in whichever study, and none to those who have
// left, whose links rest, or who got one within some hours.
func (s *Service) SendLinks(ctx context.Context, now time.Time) error {
	waiting, err := s.identities.Renewals(ctx, renewalsAt)
	if err != nil || len(waiting) == 0 {
		return err
	}
	if err := s.store.Write(ctx, func(tx *store.Tx) error { return tx.ForgetAttempts(now.Add(-oldAttempts)) }); err != nil {
		return err
	}
	var studies []store.Study
	if err := s.store.Read(ctx, func(tx *store.Tx) (err error) { studies, err = tx.Studies(); return err }); err != nil {
		return err
	}
	for _, r := range waiting {
		for _, st := range studies {
			if err := s.sendLinks(ctx, now, st.Key, r.Address); err != nil {
				return err
			}
		}
		if err := s.identities.RemoveRenewal(ctx, r.ID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) sendLinks(ctx context.Context, now time.Time, studyKey, address string) error {
	pids, err := s.identities.FindAddresses(ctx, studyKey, address)
	if err != nil || len(pids) == 0 {
		return err
	}
	by := study.Email
	if keyfile.NormalizeEmail(address) == "" {
		by = study.SMS
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		for _, pid := range pids {
			p, err := tx.Participant(pid)
			if isMissing(err) { // who asked to take part and is no participant yet
				continue
			}
			if err != nil {
				return err
			}
			if err := s.sendLink(tx, now, p, string(by)); err != nil {
				return err
			}
		}
		return nil
	})
}

// sendLink writes the message down for one participant, to the kind of address
// that it was asked for with.
func (s *Service) sendLink(tx *store.Tx, now time.Time, p store.Participant, by string) error {
	if p.Status != store.Active || now.Before(p.CodesFrom) || s.reaching().first([]string{by}) == "" {
		return nil
	}
	id := itoa(int(now.Unix() / int64(renewedPer/time.Second)))
	return tx.AddNotice(store.Message{ID: secret.NewID(), Study: p.Study, PID: p.PID, Key: askedKey(mail.Link, id), Kind: string(mail.Link),
		Template: string(mail.Link), Channel: by, Language: p.Language, State: store.Due, Planned: now, Ends: now.Add(renewedPer), Next: foremost, Created: now})
}

// SendLinkTo sends a participant the link again, for staff who were asked for it.
// The same limit holds. It is audited.
func (s *Service) SendLinkTo(ctx context.Context, now time.Time, actor access.Actor, studyKey, label string) error {
	if err := actor.May(access.MessageChange, studyKey); err != nil {
		return err
	}
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		p, err := tx.ParticipantByLabel(studyKey, label)
		if err != nil {
			return orElse(err, errNoParticipant)
		}
		by := s.reaching().first(p.Channels)
		switch {
		case p.Status != store.Active:
			return errAway
		case by == "":
			return errNoWay
		}
		if err := s.sendLink(tx, now, p, by); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.MessageChange), Study: studyKey,
			Object: "one participant", Detail: "link sent again"})
	})
	if err == nil {
		s.hurry()
	}
	return err
}

// ResetPIN removes the numbers that a participant chose, and all that devices
// have proved: for who has forgotten theirs. Nobody sees the number. It is audited.
func (s *Service) ResetPIN(ctx context.Context, now time.Time, actor access.Actor, studyKey, label string) error {
	if err := actor.May(access.ParticipantEdit, studyKey); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		p, err := tx.ParticipantByLabel(studyKey, label)
		if err != nil {
			return orElse(err, errNoParticipant)
		}
		if p.Status != store.Active {
			return errAway
		}
		if err := tx.ResetPINs(p.PID); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.ParticipantEdit), Study: studyKey,
			Object: "one participant", Detail: "number removed"})
	})
}
