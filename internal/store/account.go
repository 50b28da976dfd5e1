package store

import (
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/fault"
)

// ErrEmailTaken says that another account has the address.
var ErrEmailTaken = fault.New(fault.Conflict, "email_taken", "There is an account with this e-mail address already.")

const accountColumns = `id, email, name, password_hash, language, created_at, disabled_at`

func scanAccount(row scanner) (Account, error) {
	var (
		a                 Account
		created, disabled int64
	)
	err := row.Scan(&a.ID, &a.Email, &a.Name, &a.PasswordHash, &a.Language, &created, &disabled)
	a.CreatedAt, a.DisabledAt = moment(created), moment(disabled)
	return a, err
}

// AddAccount stores a new account with its roles. An address that is taken
// gives ErrEmailTaken.
func (tx *Tx) AddAccount(a Account) error {
	if err := tx.change(ErrEmailTaken, `INSERT INTO accounts (`+accountColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email) DO NOTHING`,
		a.ID, strings.ToLower(a.Email), a.Name, a.PasswordHash, a.Language, millis(a.CreatedAt), millis(a.DisabledAt)); err != nil {
		return err
	}
	for study, role := range a.Roles {
		if err := tx.SetRole(a.ID, study, role); err != nil {
			return err
		}
	}
	return nil
}

// UpdateAccount stores name, password, language and disabling of an account.
// Its address stays; its roles are SetRole's.
func (tx *Tx) UpdateAccount(a Account) error {
	return tx.change(missing("account"), `UPDATE accounts SET name = $2, password_hash = $3, language = $4, disabled_at = $5
		WHERE id = $1`, a.ID, a.Name, a.PasswordHash, a.Language, millis(a.DisabledAt))
}

// SetRole gives an account a role in a study (access.AllStudies for all); the
// role "" takes it away.
func (tx *Tx) SetRole(account, study string, role access.Role) error {
	if role == "" {
		_, err := tx.exec(`DELETE FROM roles WHERE account = $1 AND study = $2`, account, study)
		return err
	}
	_, err := tx.exec(`INSERT INTO roles (account, study, role) VALUES ($1, $2, $3)
		ON CONFLICT (account, study) DO UPDATE SET role = excluded.role`, account, study, string(role))
	return err
}

// Account gives an account with its roles by id.
func (tx *Tx) Account(id string) (Account, error) {
	return tx.account(`id = $1`, id)
}

// AccountByEmail gives an account with its roles by address, whatever its case.
func (tx *Tx) AccountByEmail(email string) (Account, error) {
	return tx.account(`email = $1`, strings.ToLower(email))
}

func (tx *Tx) account(where, arg string) (Account, error) {
	a, err := one(tx, missing("account"), scanAccount, `SELECT `+accountColumns+` FROM accounts WHERE `+where, arg)
	if err != nil {
		return Account{}, err
	}
	roles, err := list(tx, scanRole, `SELECT account, study, role FROM roles WHERE account = $1`, a.ID)
	if err != nil {
		return Account{}, err
	}
	a.Roles = map[string]access.Role{}
	for _, r := range roles {
		a.Roles[r.study] = r.role
	}
	return a, nil
}

// Accounts gives all accounts with their roles by address.
func (tx *Tx) Accounts() ([]Account, error) {
	accounts, err := list(tx, scanAccount, `SELECT `+accountColumns+` FROM accounts ORDER BY email`)
	if err != nil {
		return nil, err
	}
	roles, err := list(tx, scanRole, `SELECT account, study, role FROM roles`)
	if err != nil {
		return nil, err
	}
	byAccount := map[string]map[string]access.Role{}
	for i, a := range accounts {
		accounts[i].Roles = map[string]access.Role{}
		byAccount[a.ID] = accounts[i].Roles
	}
	for _, r := range roles {
		byAccount[r.account][r.study] = r.role
	}
	return accounts, nil
}

// CountOwners tells how many accounts that are not disabled own every study.
func (tx *Tx) CountOwners() (int, error) {
	return tx.count(`SELECT COUNT(*) FROM roles r JOIN accounts a ON a.id = r.account
		WHERE r.role = $1 AND r.study = $2 AND a.disabled_at = 0`, string(access.Owner), access.AllStudies)
}

type roleRow struct {
	account, study string
	role           access.Role
}

func scanRole(row scanner) (r roleRow, err error) {
	err = row.Scan(&r.account, &r.study, &r.role)
	return r, err
}
