// Package store is the SQL of panel.db: studies, waves, participants by their
// pid, invitations, answers, events, the audit and the staff. No name and no
// address of a participant is in it; those are in package keyfile.
//
// Every method is on a Tx, which Read and Write hand out:
//
//	err := s.Write(ctx, func(tx *store.Tx) error {
//		row, fresh, err := tx.AddSave(save)
//		…
//	})
//
// What is not there gives a fault.NotFound error with a code of its own; a
// database that does not answer gives another error, never that one.
package store

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
)

// Migrations holds the numbered migrations in the folder MigrationsDir, for db.Open.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// MigrationsDir is the folder in Migrations.
const MigrationsDir = "migrations"

// pageRows is how many rows a stream holds at a time.
const pageRows = 500

// Store is panel.db. It is safe for concurrent use.
type Store struct {
	db *db.DB
}

// Open opens the panel database that dsn names and brings its tables up to date.
func Open(ctx context.Context, dsn string, options ...db.Option) (*Store, error) {
	d, err := db.Open(ctx, dsn, Migrations, MigrationsDir, options...)
	if err != nil {
		return nil, err
	}
	return New(d), nil
}

// New gives the store in a database that was opened with Migrations.
func New(d *db.DB) *Store { return &Store{db: d} }

// DB gives the database, for a backup or to close it.
func (s *Store) DB() *db.DB { return s.db }

// Close closes the database after what waits to be written.
func (s *Store) Close() error { return s.db.Close() }

// Read runs the reading in one consistent snapshot.
func (s *Store) Read(ctx context.Context, do func(*Tx) error) error {
	return s.db.Read(ctx, func(tx *sql.Tx) error { return do(&Tx{ctx: ctx, sql: tx}) })
}

// Glance runs readings that are not of one snapshot: each statement sees what
// is there when it runs. It spares what beginning and ending a transaction costs.
func (s *Store) Glance(ctx context.Context, do func(*Tx) error) error {
	return do(&Tx{ctx: ctx, sql: s.db.Reader()})
}

// Peek does the same for a reading of microseconds, which may hold up those who
// write: see db.DB.Peek. It must not call the store again.
func (s *Store) Peek(ctx context.Context, do func(*Tx) error) error {
	return s.db.Peek(func(q db.Peeker) error { return do(&Tx{ctx: ctx, sql: readOnly{q}}) })
}

// readOnly is what a peek has of a transaction.
type readOnly struct{ db.Peeker }

// ExecContext refuses: a peek reads.
func (readOnly) ExecContext(context.Context, string, ...any) (sql.Result, error) {
	return nil, errors.New("store: a peek cannot write")
}

// Write runs the work and returns after it is durable. The work may run more
// than once: see db.DB.Write, whose contract this is.
func (s *Store) Write(ctx context.Context, do func(*Tx) error) error {
	// The transaction holds others' works too: the end of this caller's
	// context must not cut a statement of it short.
	inner := context.WithoutCancel(ctx)
	return s.db.Write(ctx, func(tx *sql.Tx) error { return do(&Tx{ctx: inner, sql: tx}) })
}

// Tx is one transaction. It must not outlive the function it was handed to,
// and serves one goroutine.
type Tx struct {
	ctx context.Context
	sql statements
}

// statements is a transaction, or a pool of connections for a glance.
type statements interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// scanner is a row to read: *sql.Row or *sql.Rows.
type scanner interface{ Scan(into ...any) error }

// one reads a single row; where there is none it gives missing.
func one[T any](tx *Tx, missing error, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	v, err := scan(tx.sql.QueryRowContext(tx.ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		var none T
		return none, missing
	}
	return v, err
}

// list reads all rows.
func list[T any](tx *Tx, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.sql.QueryContext(tx.ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// stream hands out the rows of a paged query. page gives the rows after the
// last one (nil at first), pageRows at most; so memory stays flat, and the
// callback may query the transaction on either engine.
func stream[T any](page func(last *T) ([]T, error), do func(T) error) error {
	var last *T
	for {
		rows, err := page(last)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := do(row); err != nil {
				return err
			}
		}
		if len(rows) < pageRows {
			return nil
		}
		last = &rows[len(rows)-1]
	}
}

func (tx *Tx) exec(query string, args ...any) (rows int64, err error) {
	result, err := tx.sql.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// change runs an update of one row; where there is none it gives missing.
func (tx *Tx) change(missing error, query string, args ...any) error {
	n, err := tx.exec(query, args...)
	if err == nil && n == 0 {
		return missing
	}
	return err
}

// count reads a single number.
func (tx *Tx) count(query string, args ...any) (int, error) {
	var n int
	err := tx.sql.QueryRowContext(tx.ctx, query, args...).Scan(&n)
	return n, err
}

// missing gives the NotFound error of a noun: code "wave_not_found".
func missing(noun string) *fault.Error {
	return fault.New(fault.NotFound, noun+"_not_found", fmt.Sprintf("There is no such %s.", noun))
}

// millis gives the time as it is stored.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment gives the stored time.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// encode gives a value as JSON text; nil maps become {}.
func encode(m map[string]string) (string, error) {
	if m == nil {
		return "{}", nil
	}
	b, err := json.Marshal(m)
	return string(b), err
}

// decode reads a map; an empty one is nil.
func decode(text string) (map[string]string, error) {
	var m map[string]string
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return nil, err
	}
	if len(m) == 0 {
		return nil, nil
	}
	return m, nil
}
