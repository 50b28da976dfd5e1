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

// Setup gives the token of a one-time link that creates the first owner, and
// whether one is needed: on a server that has an owner it makes none. Each
// start before that makes another; the first that is used ends them all.
func (s *Service) Setup(ctx context.Context, now time.Time) (token string, needed bool, err error) {
	token = secret.NewToken()
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		owners, err := tx.CountOwners()
		if needed = owners == 0; err != nil || !needed {
			return err
		}
		return tx.AddOneTime(store.OneTime{
			Lookup: s.lookup(token), Purpose: purposeSetup, Study: access.AllStudies, Role: access.Owner,
			CreatedAt: now, ExpiresAt: now.Add(SetupLife),
		})
	})
	if err != nil || !needed {
		return "", false, err
	}
	return token, true, nil
}

// CheckSetup gives a Gone error where the token's link does not work (any more).
func (s *Service) CheckSetup(ctx context.Context, now time.Time, token string) error {
	_, err := s.oneTime(ctx, now, purposeSetup, token)
	return err
}

// CompleteSetup creates the first owner, who owns every study. What is wrong
// with the person is listed by field, and leaves the link as it was.
func (s *Service) CompleteSetup(ctx context.Context, now time.Time, token string, p Person) (*store.Account, error) {
	if _, err := s.oneTime(ctx, now, purposeSetup, token); err != nil {
		return nil, err
	}
	a, err := s.newAccount(ctx, now, p)
	if err != nil {
		return nil, err
	}
	a.Roles = map[string]access.Role{access.AllStudies: access.Owner}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		if owners, err := tx.CountOwners(); err != nil {
			return err
		} else if owners > 0 {
			return errLink
		}
		if err := s.use(tx, token, now); err != nil {
			return err
		}
		if err := tx.AddAccount(*a); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: a.ID, Action: "account.setup", Object: "account " + a.ID})
	})
	if err != nil {
		return nil, atEmail(err)
	}
	return a, nil
}

// Invite gives the token of a link by which somebody becomes a member of staff
// with the role in the study (access.AllStudies for all). The address is a
// note of whom it is for and may be empty. Owners alone may invite.
func (s *Service) Invite(ctx context.Context, now time.Time, actor access.Actor, study string, role access.Role, email string) (string, error) {
	if err := actor.May(access.StaffInvite, study); err != nil {
		return "", err
	}
	email = normalEmail(email)
	var ps fault.Problems
	checkRole(&ps, role)
	if email != "" {
		checkEmail(&ps, email)
	}
	if err := ps.Err(formCode, formSentence); err != nil {
		return "", err
	}
	token := secret.NewToken()
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		if study != access.AllStudies {
			if _, err := tx.Study(study); err != nil {
				return err
			}
		}
		if err := tx.AddOneTime(store.OneTime{
			Lookup: s.lookup(token), Purpose: purposeInvite, Email: email, Study: study, Role: role,
			CreatedAt: now, ExpiresAt: now.Add(InviteLife),
		}); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: "staff.invite", Study: auditStudy(study), Object: "role " + string(role)})
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// Invitation gives what an invitation's link is for, or a Gone error.
func (s *Service) Invitation(ctx context.Context, now time.Time, token string) (*store.OneTime, error) {
	return s.oneTime(ctx, now, purposeInvite, token)
}

// AcceptInvite makes the account, or adds the role to the account that has the
// address already and whose password is given.
func (s *Service) AcceptInvite(ctx context.Context, now time.Time, token string, p Person) (*store.Account, error) {
	if _, err := s.oneTime(ctx, now, purposeInvite, token); err != nil {
		return nil, err
	}
	old, err := s.byEmail(ctx, normalEmail(p.Email))
	if err != nil {
		return nil, err
	}
	var a *store.Account
	if old != nil {
		a, err = s.proveOwn(ctx, now, old, p.Password)
	} else {
		a, err = s.newAccount(ctx, now, p)
	}
	if err != nil {
		return nil, err
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		o, err := s.find(tx, now, purposeInvite, token)
		if err != nil {
			return err
		}
		if err := s.use(tx, token, now); err != nil {
			return err
		}
		if old == nil {
			if err := tx.AddAccount(*a); err != nil {
				return err
			}
		}
		if err := setRole(tx, a.ID, o.Study, o.Role); err != nil {
			return err
		}
		if *a, err = tx.Account(a.ID); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: a.ID, Action: "staff.join", Study: auditStudy(o.Study), Object: "role " + string(o.Role)})
	})
	if err != nil {
		return nil, atEmail(err)
	}
	return a, nil
}

// Add makes an account with its role at once, without an invitation: for the
// command line and the demo.
func (s *Service) Add(ctx context.Context, now time.Time, actor access.Actor, study string, role access.Role, p Person) (*store.Account, error) {
	if err := actor.May(access.StaffInvite, study); err != nil {
		return nil, err
	}
	var ps fault.Problems
	if checkRole(&ps, role); len(ps) > 0 {
		return nil, ps.Err(formCode, formSentence)
	}
	a, err := s.newAccount(ctx, now, p)
	if err != nil {
		return nil, err
	}
	a.Roles = map[string]access.Role{study: role}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.AddAccount(*a); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: "staff.add", Study: auditStudy(study),
			Object: "account " + a.ID, Detail: "role " + string(role)})
	})
	if err != nil {
		return nil, atEmail(err)
	}
	return a, nil
}

// proveOwn gives the existing account where the password is its own. It
// counts as an attempt to log in.
func (s *Service) proveOwn(ctx context.Context, now time.Time, old *store.Account, password string) (*store.Account, error) {
	if err := s.tries.take(now, s.address(old.Email)); err != nil {
		return nil, err
	}
	ok, err := s.hasher.matches(ctx, old.PasswordHash, password)
	if err != nil {
		return nil, err
	}
	if !ok || !old.DisabledAt.IsZero() {
		var ps fault.Problems
		ps.Add(fault.Place{Field: "password"}, "password_of_account", "There is an account with this address already. Write its password.")
		return nil, ps.Err(formCode, formSentence)
	}
	return old, nil
}

// newAccount checks the person and gives an account that is not stored yet.
func (s *Service) newAccount(ctx context.Context, now time.Time, p Person) (*store.Account, error) {
	p = p.clean()
	if err := p.check(); err != nil {
		return nil, err
	}
	hash, err := s.hasher.hash(ctx, p.Password)
	if err != nil {
		return nil, err
	}
	return &store.Account{
		ID: secret.NewID(), Email: p.Email, Name: p.Name, PasswordHash: hash, Language: p.Language, CreatedAt: now,
		Roles: map[string]access.Role{},
	}, nil
}

func (s *Service) lookup(token string) string { return s.keys.Lookup("onetime", token) }

// oneTime gives a one-time link that still works.
func (s *Service) oneTime(ctx context.Context, now time.Time, purpose, token string) (*store.OneTime, error) {
	var o store.OneTime
	err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		o, err = s.find(tx, now, purpose, token)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &o, nil
}

func (s *Service) find(tx *store.Tx, now time.Time, purpose, token string) (store.OneTime, error) {
	o, err := tx.OneTime(s.lookup(token))
	if fault.Of(err) != nil && fault.Of(err).Kind == fault.NotFound {
		return o, errLink
	}
	if err != nil {
		return o, err
	}
	if o.Purpose != purpose || !o.UsedAt.IsZero() || !now.Before(o.ExpiresAt) {
		return o, errLink
	}
	return o, nil
}

func (s *Service) use(tx *store.Tx, token string, now time.Time) error {
	err := tx.UseOneTime(s.lookup(token), now)
	if e := fault.Of(err); e != nil && (e.Kind == fault.Gone || e.Kind == fault.NotFound) {
		return errLink
	}
	return err
}

// atEmail puts "the address is taken" beside its field.
func atEmail(err error) error {
	if !errors.Is(err, store.ErrEmailTaken) {
		return err
	}
	var ps fault.Problems
	ps.Add(fault.Place{Field: "email"}, "email_taken", "There is an account with this address already.")
	return ps.Err(formCode, formSentence)
}

// auditStudy gives the study as the audit holds it: "" for all of them.
func auditStudy(study string) string {
	if study == access.AllStudies {
		return ""
	}
	return study
}
