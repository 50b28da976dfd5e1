package keyfile

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Renewal is an address that somebody typed to get their link again. It may be
// anybody's.
type Renewal struct {
	ID      string
	Address string
}

// String gives the id alone.
func (r Renewal) String() string { return "renewal " + r.ID }

// GoString is String, for %#v.
func (r Renewal) GoString() string { return r.String() }

// AddRenewal stores an address until it was looked up whose it is.
func (f *File) AddRenewal(ctx context.Context, now time.Time, r Renewal) error {
	inner := context.WithoutCancel(ctx)
	return f.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(inner, `INSERT INTO renewals (id, sealed, created_at) VALUES ($1, $2, $3)`,
			r.ID, f.ring.Seal(r.ID, []byte(r.Address)), now.UnixMilli())
		return err
	})
}

// Renewals gives the addresses that wait, the oldest first, at most so many.
func (f *File) Renewals(ctx context.Context, most int) ([]Renewal, error) {
	var out []Renewal
	err := f.db.Read(ctx, func(tx *sql.Tx) error {
		out = nil
		rows, err := tx.QueryContext(ctx, `SELECT id, sealed FROM renewals ORDER BY created_at, id LIMIT $1`, most)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var (
				r      Renewal
				sealed []byte
			)
			if err := rows.Scan(&r.ID, &sealed); err != nil {
				return err
			}
			plain, err := f.ring.Open(r.ID, sealed)
			if err != nil {
				return fmt.Errorf("the %v cannot be opened with this key: %w", r, err)
			}
			r.Address = string(plain)
			out = append(out, r)
		}
		return rows.Err()
	})
	return out, err
}

// RemoveRenewal removes one; one that is not there is no error.
func (f *File) RemoveRenewal(ctx context.Context, id string) error {
	return f.exec(ctx, []string{`DELETE FROM renewals WHERE id = $1`}, id)
}

// FindAddresses gives the pids of all persons of a study with this e-mail
// address or telephone number: a household may share one.
func (f *File) FindAddresses(ctx context.Context, study, emailOrPhone string) ([]string, error) {
	lookup := f.emailLookup(study, emailOrPhone)
	if lookup == "" {
		lookup = f.phoneLookup(study, emailOrPhone)
	}
	var out []string
	err := f.db.Read(ctx, func(tx *sql.Tx) error {
		out = nil
		rows, err := tx.QueryContext(ctx, `SELECT pid FROM addresses WHERE lookup = $1 ORDER BY pid`, lookup)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var pid string
			if err := rows.Scan(&pid); err != nil {
				return err
			}
			out = append(out, pid)
		}
		return rows.Err()
	})
	return out, err
}
