package store

import "time"

// Token is what a member of staff gives to a program that fetches data.
type Token struct {
	ID        string
	Lookup    string // secret.Ring.Lookup("token", token)
	Account   string
	Study     string
	Name      string // what its owner calls it
	Scope     string // what it opens: see package account
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedOn    time.Time // the midnight of the day of its last use, UTC; zero for never
	RevokedAt time.Time
}

const tokenColumns = `id, lookup, account, study, name, scope, created_at, expires_at, used_on, revoked_at` //nolint:gosec // the names of columns

func scanToken(row scanner) (Token, error) {
	var (
		t                               Token
		created, expires, used, revoked int64
	)
	err := row.Scan(&t.ID, &t.Lookup, &t.Account, &t.Study, &t.Name, &t.Scope, &created, &expires, &used, &revoked)
	t.CreatedAt, t.ExpiresAt, t.UsedOn, t.RevokedAt = moment(created), moment(expires), moment(used), moment(revoked)
	return t, err
}

// AddToken stores a new token.
func (tx *Tx) AddToken(t Token) error {
	_, err := tx.exec(`INSERT INTO tokens (`+tokenColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		t.ID, t.Lookup, t.Account, t.Study, t.Name, t.Scope, millis(t.CreatedAt), millis(t.ExpiresAt), millis(t.UsedOn), millis(t.RevokedAt))
	return err
}

// Token gives a token by its lookup value, whether it works or not.
func (tx *Tx) Token(lookup string) (Token, error) {
	return one(tx, missing("token"), scanToken, `SELECT `+tokenColumns+` FROM tokens WHERE lookup = $1`, lookup)
}

// Tokens gives the tokens of an account that were not revoked, the newest first.
func (tx *Tx) Tokens(account string) ([]Token, error) {
	return list(tx, scanToken,
		`SELECT `+tokenColumns+` FROM tokens WHERE account = $1 AND revoked_at = 0 ORDER BY created_at DESC, id`, account)
}

// RevokeToken ends a token of an account. One that is not the account's, or that
// was revoked before, gives the NotFound "token_not_found".
func (tx *Tx) RevokeToken(account, id string, at time.Time) error {
	return tx.change(missing("token"), `UPDATE tokens SET revoked_at = $3 WHERE id = $1 AND account = $2 AND revoked_at = 0`,
		id, account, millis(at))
}

// UseToken notes the day of a token's last use.
func (tx *Tx) UseToken(id string, day time.Time) error {
	_, err := tx.exec(`UPDATE tokens SET used_on = $2 WHERE id = $1 AND used_on < $2`, id, millis(day))
	return err
}
