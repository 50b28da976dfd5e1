// Package keyfile is the key file (kodnyckel): which person a pid is. It is a
// database of its own, apart from the answers, and everything in it that could
// name a person is encrypted under a key that lies outside both databases.
//
// An identity is sealed with its pid, so that it cannot be moved to another
// row. To tell whether an address is in the study already, its keyed lookup
// value is stored beside it; the value of one study says nothing about another.
//
// What a crash left between the two databases is for the caller to reconcile:
// identities are written first, Put is idempotent by pid, and PIDs lists them.
// No error of this package holds a name or an address.
package keyfile

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"panelverk/internal/db"
	"panelverk/internal/fault"
	"panelverk/internal/secret"
)

// Migrations holds the numbered migrations in the folder MigrationsDir, for db.Open.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// MigrationsDir is the folder in Migrations.
const MigrationsDir = "migrations"

// pageRows is how many identities Each holds at a time.
const pageRows = 500

var (
	errMissing = fault.New(fault.NotFound, "identity_not_found", "The key file holds no such person.")
	errStudy   = fault.New(fault.Conflict, "identity_of_other_study", "The key file holds this pid in another study.")
)

// File is the key file. It is safe for concurrent use.
type File struct {
	db   *db.DB
	ring *secret.Ring
}

// Open gives the key file in a database that was opened with Migrations.
func Open(d *db.DB, ring *secret.Ring) *File { return &File{db: d, ring: ring} }

// DB gives the database, for a backup or to close it.
func (f *File) DB() *db.DB { return f.db }

// Put stores identities, all or none, each in place of the one with its pid if
// there is one. A pid that is in another study gives the Conflict
// "identity_of_other_study".
func (f *File) Put(ctx context.Context, now time.Time, ids ...Identity) error {
	inner := context.WithoutCancel(ctx) // others' works share the transaction
	return f.db.Write(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			if err := f.put(inner, tx, now, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *File) put(ctx context.Context, tx *sql.Tx, now time.Time, id Identity) error {
	if id.PID == "" || id.Study == "" {
		return errors.New("an identity without its pid and study")
	}
	plain, err := json.Marshal(contents{id.Name, id.Email, id.Phone, id.Note, id.External})
	if err != nil {
		return err
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO identities (pid, study, sealed, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
		ON CONFLICT (pid) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at
		WHERE identities.study = excluded.study`, id.PID, id.Study, f.ring.Seal(id.PID, plain), now.UnixMilli())
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errStudy)
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM addresses WHERE pid = $1`, id.PID); err != nil {
		return err
	}
	for _, lookup := range []string{f.emailLookup(id.Study, id.Email), f.phoneLookup(id.Study, id.Phone)} {
		if lookup == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO addresses (pid, lookup) VALUES ($1, $2)`, id.PID, lookup); err != nil {
			return err
		}
	}
	return nil
}

// Get gives an identity, or the NotFound "identity_not_found".
func (f *File) Get(ctx context.Context, pid string) (Identity, error) {
	var found []Identity
	err := f.db.Read(ctx, func(tx *sql.Tx) (err error) {
		found, err = f.query(ctx, tx, `SELECT pid, study, sealed FROM identities WHERE pid = $1`, pid)
		return err
	})
	if err != nil {
		return Identity{}, err
	}
	if len(found) == 0 {
		return Identity{}, errMissing
	}
	return found[0], nil
}

// List gives the identities of a study by pid.
func (f *File) List(ctx context.Context, study string) ([]Identity, error) {
	var all []Identity
	err := f.Each(ctx, study, func(id Identity) error {
		all = append(all, id)
		return nil
	})
	return all, err
}

// Each streams the identities of a study by pid, as of one moment.
func (f *File) Each(ctx context.Context, study string, do func(Identity) error) error {
	return f.db.Read(ctx, func(tx *sql.Tx) error {
		last := ""
		for {
			page, err := f.query(ctx, tx, `SELECT pid, study, sealed FROM identities
				WHERE study = $1 AND pid > $2 ORDER BY pid LIMIT $3`, study, last, pageRows)
			if err != nil {
				return err
			}
			for _, id := range page {
				if err := do(id); err != nil {
					return err
				}
			}
			if len(page) < pageRows {
				return nil
			}
			last = page[len(page)-1].PID
		}
	})
}

// FindAddress gives the pid of a person of the study with this e-mail address
// or telephone number, however it is written.
func (f *File) FindAddress(ctx context.Context, study, emailOrPhone string) (pid string, found bool, err error) {
	lookup := f.emailLookup(study, emailOrPhone)
	if lookup == "" {
		lookup = f.phoneLookup(study, emailOrPhone)
	}
	if lookup == "" {
		return "", false, nil
	}
	err = f.db.Read(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT pid FROM addresses WHERE lookup = $1 ORDER BY pid LIMIT 1`, lookup).Scan(&pid)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		found = err == nil
		return err
	})
	return pid, found, err
}

// PIDs gives the pids of a study in their order. It opens no seal.
func (f *File) PIDs(ctx context.Context, study string) ([]string, error) {
	return f.pids(ctx, `SELECT pid FROM identities WHERE study = $1 ORDER BY pid`, study)
}

// PIDsUntil gives the pids of a study whose identities were first written at a
// moment or before it, in their order. It opens no seal.
func (f *File) PIDsUntil(ctx context.Context, study string, moment time.Time) ([]string, error) {
	return f.pids(ctx, `SELECT pid FROM identities WHERE study = $1 AND created_at <= $2 ORDER BY pid`, study, moment.UnixMilli())
}

func (f *File) pids(ctx context.Context, query string, args ...any) ([]string, error) {
	var pids []string
	err := f.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var pid string
			if err := rows.Scan(&pid); err != nil {
				return err
			}
			pids = append(pids, pid)
		}
		return rows.Err()
	})
	return pids, err
}

// Delete removes all that is held of a person; one that is not there is no error.
func (f *File) Delete(ctx context.Context, pid string) error {
	return f.exec(ctx, []string{`DELETE FROM addresses WHERE pid = $1`, `DELETE FROM notes WHERE pid = $1`,
		`DELETE FROM former_addresses WHERE pid = $1`, `DELETE FROM identities WHERE pid = $1`}, pid)
}

// query reads and opens identities.
func (f *File) query(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]Identity, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Identity
	for rows.Next() {
		var (
			id     Identity
			sealed []byte
		)
		if err := rows.Scan(&id.PID, &id.Study, &sealed); err != nil {
			return nil, err
		}
		plain, err := f.ring.Open(id.PID, sealed)
		if err != nil {
			return nil, fmt.Errorf("the %v cannot be opened with this key: %w", id, err)
		}
		var c contents
		if err := json.Unmarshal(plain, &c); err != nil {
			return nil, fmt.Errorf("the %v is not as it was written", id) // the cause would quote it
		}
		id.Name, id.Email, id.Phone, id.Note, id.External = c.Name, c.Email, c.Phone, c.Note, c.External
		out = append(out, id)
	}
	return out, rows.Err()
}

func (f *File) emailLookup(study, typed string) string {
	return f.lookup("email", study, NormalizeEmail(typed))
}

func (f *File) phoneLookup(study, typed string) string {
	return f.lookup("phone", study, NormalizePhone(typed))
}

// lookup gives the keyed value of an address; the study is part of the key's
// name space, so that people of two studies cannot be joined by it.
func (f *File) lookup(kind, study, address string) string {
	if address == "" {
		return ""
	}
	return f.ring.Lookup(kind+"/"+study, address)
}
