package store

import (
	"time"

	"panelverk/internal/fault"
)

const oneTimeColumns = `lookup, purpose, account, email, study, role, created_at, expires_at, used_at`

func scanOneTime(row scanner) (OneTime, error) {
	var (
		o                      OneTime
		created, expires, used int64
	)
	err := row.Scan(&o.Lookup, &o.Purpose, &o.Account, &o.Email, &o.Study, &o.Role, &created, &expires, &used)
	o.CreatedAt, o.ExpiresAt, o.UsedAt = moment(created), moment(expires), moment(used)
	return o, err
}

// AddOneTime stores a link that works once.
func (tx *Tx) AddOneTime(o OneTime) error {
	_, err := tx.exec(`INSERT INTO onetimes (`+oneTimeColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		o.Lookup, o.Purpose, o.Account, o.Email, o.Study, string(o.Role), millis(o.CreatedAt), millis(o.ExpiresAt), millis(o.UsedAt))
	return err
}

// OneTime gives a one-time link by its lookup value, used or not.
func (tx *Tx) OneTime(lookup string) (OneTime, error) {
	return one(tx, missing("onetime"), scanOneTime, `SELECT `+oneTimeColumns+` FROM onetimes WHERE lookup = $1`, lookup)
}

// UseOneTime uses a link up. A second use gives the Gone "link_used", one
// after its end the Gone "link_expired".
func (tx *Tx) UseOneTime(lookup string, at time.Time) error {
	n, err := tx.exec(`UPDATE onetimes SET used_at = $2 WHERE lookup = $1 AND used_at = 0 AND (expires_at = 0 OR expires_at > $2)`,
		lookup, millis(at))
	if err != nil || n == 1 {
		return err
	}
	o, err := tx.OneTime(lookup)
	if err != nil {
		return err
	}
	if o.UsedAt.IsZero() {
		return fault.New(fault.Gone, "link_expired", "This link is no longer valid. Ask for a new one.")
	}
	return fault.New(fault.Gone, "link_used", "This link was used already. Ask for a new one.")
}

// OneTimes gives the links of a purpose that were not used, the oldest first.
func (tx *Tx) OneTimes(purpose string) ([]OneTime, error) {
	return list(tx, scanOneTime,
		`SELECT `+oneTimeColumns+` FROM onetimes WHERE purpose = $1 AND used_at = 0 ORDER BY created_at, lookup`, purpose)
}
