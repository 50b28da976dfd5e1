package store

import (
	"context"
	"sync/atomic"
	"time"
)

// cleanEvery is how much time passes between two removals of expired sessions.
const cleanEvery = 10 * time.Minute

// SessionStore keeps the sessions of package scs (v2.Store and v2.CtxStore) in
// the panel database. Set HashTokenInStore, so that a reader of the database
// cannot log in.
type SessionStore struct {
	store   *Store
	now     func() time.Time
	cleaned atomic.Int64 // unix milliseconds of the last removal
}

// NewSessionStore gives the sessions in s; now tells which have expired.
func NewSessionStore(s *Store, now func() time.Time) *SessionStore {
	return &SessionStore{store: s, now: now}
}

// Find gives the data of a session; an expired one is not found.
func (s *SessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// FindCtx is Find with a context.
func (s *SessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.store.Read(ctx, func(tx *Tx) error {
		rows, err := list(tx, func(row scanner) (b []byte, err error) { return b, row.Scan(&b) },
			`SELECT data FROM sessions WHERE token = $1 AND expires_at > $2`, token, millis(s.now()))
		if len(rows) > 0 {
			data, found = rows[0], true
		}
		return err
	})
	return data, found, err
}

// Commit stores a session in place of the one with its token if there is one.
func (s *SessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// CommitCtx is Commit with a context.
func (s *SessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	now := millis(s.now())
	last := s.cleaned.Load()
	clean := now-last >= cleanEvery.Milliseconds() && s.cleaned.CompareAndSwap(last, now)
	return s.store.Write(ctx, func(tx *Tx) error {
		if clean {
			if _, err := tx.exec(`DELETE FROM sessions WHERE expires_at <= $1`, now); err != nil {
				return err
			}
		}
		_, err := tx.exec(`INSERT INTO sessions (token, data, expires_at) VALUES ($1, $2, $3)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`, token, data, millis(expiry))
		return err
	})
}

// Delete removes a session; one that is not there is no error.
func (s *SessionStore) Delete(token string) error {
	return s.DeleteCtx(context.Background(), token)
}

// DeleteCtx is Delete with a context.
func (s *SessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.store.Write(ctx, func(tx *Tx) error {
		_, err := tx.exec(`DELETE FROM sessions WHERE token = $1`, token)
		return err
	})
}
