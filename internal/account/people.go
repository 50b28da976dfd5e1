package account

import (
	"context"
	"slices"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/store"
)

// Colleagues gives the accounts that hold a role where the actor is owner, by
// address, disabled ones included. An actor who owns nothing is refused.
func (s *Service) Colleagues(ctx context.Context, actor access.Actor) ([]store.Account, error) {
	if !mayAnywhere(actor, access.StaffList) {
		return nil, actor.May(access.StaffList, access.AllStudies)
	}
	var out []store.Account
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		all, err := tx.Accounts()
		if err != nil {
			return err
		}
		out = slices.DeleteFunc(all, func(a store.Account) bool {
			for study := range a.Roles {
				if actor.Can(access.StaffList, study) {
					return false
				}
			}
			return !actor.Can(access.StaffList, access.AllStudies)
		})
		return nil
	})
	return out, err
}

// Pending gives the invitations that nobody has used and that still work, as
// far as the actor may see them.
func (s *Service) Pending(ctx context.Context, now time.Time, actor access.Actor) ([]store.OneTime, error) {
	if !mayAnywhere(actor, access.StaffList) {
		return nil, actor.May(access.StaffList, access.AllStudies)
	}
	var out []store.OneTime
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		all, err := tx.OneTimes(purposeInvite)
		out = slices.DeleteFunc(all, func(o store.OneTime) bool {
			return !now.Before(o.ExpiresAt) || !actor.Can(access.StaffList, o.Study)
		})
		return err
	})
	return out, err
}

// Withdraw makes an invitation's link worthless. It is named by its lookup value.
func (s *Service) Withdraw(ctx context.Context, now time.Time, actor access.Actor, lookup string) error {
	if !mayAnywhere(actor, access.StaffInvite) {
		return actor.May(access.StaffInvite, access.AllStudies)
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		o, err := tx.OneTime(lookup)
		if err != nil {
			return err
		}
		if o.Purpose != purposeInvite {
			return errLink
		}
		if err := actor.May(access.StaffInvite, o.Study); err != nil {
			return err
		}
		if err := tx.UseOneTime(lookup, now); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: "staff.withdraw_invite", Study: auditStudy(o.Study), Object: "role " + string(o.Role)})
	})
}

// SetRole gives an account a role in a study; "" takes it away. The last owner
// of all studies stays.
func (s *Service) SetRole(ctx context.Context, now time.Time, actor access.Actor, id, study string, role access.Role) error {
	if err := actor.May(access.StaffInvite, study); err != nil {
		return err
	}
	if role != "" {
		var ps fault.Problems
		if checkRole(&ps, role); len(ps) > 0 {
			return ps.Err(formCode, formSentence)
		}
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		if err := setRole(tx, id, study, role); err != nil {
			return err
		}
		detail := "role " + string(role)
		if role == "" {
			detail = "no role"
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: "staff.role", Study: auditStudy(study), Object: "account " + id, Detail: detail})
	})
}

// Disable ends an account's log-in and its sessions at once. Only who is owner
// wherever the account holds a role may do it; the last owner of all studies
// cannot be disabled.
func (s *Service) Disable(ctx context.Context, now time.Time, actor access.Actor, id string) error {
	return s.setDisabled(ctx, now, actor, id, now)
}

// Enable lets a disabled account log in again.
func (s *Service) Enable(ctx context.Context, now time.Time, actor access.Actor, id string) error {
	return s.setDisabled(ctx, now, actor, id, time.Time{})
}

func (s *Service) setDisabled(ctx context.Context, now time.Time, actor access.Actor, id string, at time.Time) error {
	return s.store.Write(ctx, func(tx *store.Tx) error {
		a, err := managed(tx, actor, id)
		if err != nil {
			return err
		}
		if a.DisabledAt.IsZero() == at.IsZero() {
			return nil
		}
		before := a
		a.DisabledAt = at
		if err := tx.UpdateAccount(a); err != nil {
			return err
		}
		if err := keepOwner(tx, before); err != nil {
			return err
		}
		action := "staff.disable"
		if at.IsZero() {
			action = "staff.enable"
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: action, Object: "account " + id})
	})
}

// ChangePassword stores a new password where the old one is right. Other
// sessions of the account end with it.
func (s *Service) ChangePassword(ctx context.Context, now time.Time, actor access.Actor, old, password string) (*store.Account, error) {
	if actor.Account == "" {
		return nil, errNotIn
	}
	var a store.Account
	if err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		a, err = tx.Account(actor.Account)
		return err
	}); err != nil {
		return nil, err
	}
	if err := s.tries.take(now, s.address(a.Email)); err != nil {
		return nil, err
	}
	var ps fault.Problems
	ok, err := s.hasher.matches(ctx, a.PasswordHash, old)
	if err != nil {
		return nil, err
	}
	if !ok {
		ps.Add(fault.Place{Field: "old"}, "password_wrong", "This is not your password.")
	}
	if checkPassword(&ps, "password", password, a.Email); len(ps) > 0 {
		return nil, ps.Err(formCode, formSentence)
	}
	s.tries.forget(s.address(a.Email))
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return nil, err
	}
	err = s.store.Write(ctx, func(tx *store.Tx) (err error) {
		if a, err = tx.Account(actor.Account); err != nil {
			return err
		}
		a.PasswordHash = hash
		if err := tx.UpdateAccount(a); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: a.ID, Action: "account.password", Object: "account " + a.ID})
	})
	if err != nil {
		return nil, err
	}
	return &a, nil
}

// ChangeLanguage sets the language of the actor's own pages.
func (s *Service) ChangeLanguage(ctx context.Context, now time.Time, actor access.Actor, language string) error {
	if actor.Account == "" {
		return errNotIn
	}
	if !slices.Contains(lang.Tags, language) {
		var ps fault.Problems
		ps.Add(fault.Place{Field: "language"}, "language_unknown", "Choose one of the languages.")
		return ps.Err(formCode, formSentence)
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		a, err := tx.Account(actor.Account)
		if err != nil {
			return err
		}
		a.Language = language
		if err := tx.UpdateAccount(a); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: a.ID, Action: "account.language", Object: "account " + a.ID, Detail: language})
	})
}

// AuditEntry is one row of the audit with the name of who did it.
type AuditEntry struct {
	store.AuditRow
	Name string // "" for the command line
}

// Audit gives the newest rows of a study, or with access.AllStudies those of
// everything, the newest first.
func (s *Service) Audit(ctx context.Context, actor access.Actor, study string, limit int) ([]AuditEntry, error) {
	if err := actor.May(access.AuditView, study); err != nil {
		return nil, err
	}
	var out []AuditEntry
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.AuditRows(auditStudy(study), limit)
		if err != nil {
			return err
		}
		accounts, err := tx.Accounts()
		if err != nil {
			return err
		}
		names := map[string]string{}
		for _, a := range accounts {
			names[a.ID] = a.Name
		}
		out = make([]AuditEntry, len(rows))
		for i, r := range rows {
			out[i] = AuditEntry{AuditRow: r, Name: names[r.Account]}
		}
		return nil
	})
	return out, err
}

// mayManage tells whether the actor is owner wherever the account holds a role.
func mayManage(actor access.Actor, a store.Account) error {
	if len(a.Roles) == 0 {
		return actor.May(access.StaffInvite, access.AllStudies)
	}
	for study := range a.Roles {
		if err := actor.May(access.StaffInvite, study); err != nil {
			return err
		}
	}
	return nil
}

// managed gives an account that the actor may manage.
func managed(tx *store.Tx, actor access.Actor, id string) (store.Account, error) {
	if !mayAnywhere(actor, access.StaffInvite) {
		return store.Account{}, actor.May(access.StaffInvite, access.AllStudies)
	}
	a, err := tx.Account(id)
	if err != nil {
		return a, err
	}
	return a, mayManage(actor, a)
}

func mayAnywhere(actor access.Actor, do access.Action) bool {
	if actor.Can(do, access.AllStudies) {
		return true
	}
	for study := range actor.Roles {
		if actor.Can(do, study) {
			return true
		}
	}
	return false
}

// setRole stores a role and refuses to take the last owner away.
func setRole(tx *store.Tx, id, study string, role access.Role) error {
	before, err := tx.Account(id)
	if err != nil {
		return err
	}
	if err := tx.SetRole(id, study, role); err != nil {
		return err
	}
	return keepOwner(tx, before)
}

// keepOwner gives an error, which undoes the transaction, where the changed
// account was the last owner of all studies.
func keepOwner(tx *store.Tx, before store.Account) error {
	if before.Roles[access.AllStudies] != access.Owner || !before.DisabledAt.IsZero() {
		return nil
	}
	owners, err := tx.CountOwners()
	if err == nil && owners == 0 {
		return errLastOwner
	}
	return err
}

func checkRole(ps *fault.Problems, role access.Role) {
	if !slices.Contains(access.Roles, role) {
		ps.Add(fault.Place{Field: "role"}, "role_unknown", "Choose one of the roles.")
	}
}
