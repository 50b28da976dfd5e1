package account

import (
	"context"
	"errors"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

// Login gives the account of an address and its password. An unknown address,
// a wrong password and a disabled account give the same error after the same
// work; too many attempts give a TooMany error.
func (s *Service) Login(ctx context.Context, now time.Time, email, password string) (*store.Account, error) {
	email = normalEmail(email)
	if err := s.tries.take(now, s.address(email)); err != nil {
		return nil, err
	}
	a, err := s.byEmail(ctx, email)
	if err != nil {
		return nil, err
	}
	hash := ""
	if a != nil && a.DisabledAt.IsZero() {
		hash = a.PasswordHash
	}
	ok, err := s.hasher.matches(ctx, hash, password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errLogin
	}
	s.tries.forget(s.address(email))
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		return tx.AddAudit(store.AuditRow{At: now, Account: a.ID, Action: "account.login"})
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// Logout notes in the audit that somebody logged out. The session itself is
// ended by who holds it.
func (s *Service) Logout(ctx context.Context, now time.Time, actor access.Actor) error {
	if actor.Account == "" {
		return nil
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: "account.logout"})
	})
}

// Forgot notes that somebody has forgotten the password of an address, so that
// an owner can hand over a reset link in person. Whether there is such an
// account is not told.
func (s *Service) Forgot(ctx context.Context, now time.Time, email string) error {
	email = normalEmail(email)
	if err := s.tries.take(now, s.address(email)); err != nil {
		return err
	}
	a, err := s.byEmail(ctx, email)
	if err != nil || a == nil || !a.DisabledAt.IsZero() {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		waiting, err := tx.OneTimes(purposeForgot)
		if err != nil {
			return err
		}
		for _, o := range waiting {
			if o.Account == a.ID {
				return nil
			}
		}
		return tx.AddOneTime(store.OneTime{Lookup: s.lookup(secret.NewToken()), Purpose: purposeForgot, Account: a.ID, CreatedAt: now})
	})
}

// Request is somebody who waits for a reset link.
type Request struct {
	Account store.Account
	At      time.Time
}

// Requests gives those who have forgotten their password and may be helped by
// the actor, who waits longest first.
func (s *Service) Requests(ctx context.Context, actor access.Actor) ([]Request, error) {
	var out []Request
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		out = nil
		waiting, err := tx.OneTimes(purposeForgot)
		if err != nil {
			return err
		}
		for _, o := range waiting {
			a, err := tx.Account(o.Account)
			if err != nil {
				return err
			}
			if mayManage(actor, a) == nil {
				out = append(out, Request{Account: a, At: o.CreatedAt})
			}
		}
		return nil
	})
	return out, err
}

// ResetLink gives the token of a link by which the account's holder chooses a
// new password, for the actor to hand over in person. Who may manage the
// account may do it: see Disable.
func (s *Service) ResetLink(ctx context.Context, now time.Time, actor access.Actor, id string) (string, error) {
	token := secret.NewToken()
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		a, err := managed(tx, actor, id)
		if err != nil {
			return err
		}
		if err := s.answerRequests(tx, now, id); err != nil {
			return err
		}
		if err := tx.AddOneTime(store.OneTime{
			Lookup: s.lookup(token), Purpose: purposeReset, Account: a.ID, CreatedAt: now, ExpiresAt: now.Add(ResetLife),
		}); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: "staff.reset_link", Object: "account " + a.ID})
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// answerRequests ends the requests and the older reset links of an account.
func (s *Service) answerRequests(tx *store.Tx, now time.Time, id string) error {
	for _, purpose := range []string{purposeForgot, purposeReset} {
		waiting, err := tx.OneTimes(purpose)
		if err != nil {
			return err
		}
		for _, o := range waiting {
			if o.Account != id || !o.ExpiresAt.IsZero() && !now.Before(o.ExpiresAt) {
				continue
			}
			if err := tx.UseOneTime(o.Lookup, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// CheckReset gives a Gone error where the token's link does not work (any more).
func (s *Service) CheckReset(ctx context.Context, now time.Time, token string) error {
	_, err := s.oneTime(ctx, now, purposeReset, token)
	return err
}

// Reset stores a new password for the account of a reset link. Every session
// of the account ends with it.
func (s *Service) Reset(ctx context.Context, now time.Time, token, password string) (*store.Account, error) {
	o, err := s.oneTime(ctx, now, purposeReset, token)
	if err != nil {
		return nil, err
	}
	var a store.Account
	if err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		a, err = tx.Account(o.Account)
		return err
	}); err != nil {
		return nil, err
	}
	if !a.DisabledAt.IsZero() {
		return nil, errLink
	}
	hash, err := s.newHash(ctx, "password", password, a.Email)
	if err != nil {
		return nil, err
	}
	err = s.store.Write(ctx, func(tx *store.Tx) (err error) {
		if err := s.use(tx, token, now); err != nil {
			return err
		}
		if a, err = tx.Account(o.Account); err != nil {
			return err
		}
		a.PasswordHash = hash
		if err := tx.UpdateAccount(a); err != nil {
			return err
		}
		if err := s.answerRequests(tx, now, a.ID); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: a.ID, Action: "account.reset", Object: "account " + a.ID})
	})
	if err != nil {
		return nil, err
	}
	s.tries.forget(s.address(a.Email))
	return &a, nil
}

// newHash checks a password and gives its hash.
func (s *Service) newHash(ctx context.Context, field, password, email string) (string, error) {
	var ps fault.Problems
	if checkPassword(&ps, field, password, email); len(ps) > 0 {
		return "", ps.Err(formCode, formSentence)
	}
	return s.hasher.hash(ctx, password)
}

// address gives what the limits know an address by.
func (s *Service) address(email string) string { return s.keys.Lookup("login", email) }

// byEmail gives the account of an address, nil where there is none.
func (s *Service) byEmail(ctx context.Context, email string) (*store.Account, error) {
	var a store.Account
	err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		a, err = tx.AccountByEmail(email)
		return err
	})
	if errors.Is(err, errNoAccount) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &a, nil
}
