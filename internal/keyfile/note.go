package keyfile

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Former is an address that was replaced: whoever reads there is told once.
type Former struct {
	ID    string // of the message that tells
	PID   string
	Email string // one of the two
	Phone string
}

// String gives the ids alone.
func (f Former) String() string { return "former address of " + f.PID }

// GoString is String, for %#v.
func (f Former) GoString() string { return f.String() }

// Replace stores an identity in place of the one with its pid, together with
// the addresses that it no longer has and that are to be told.
func (f *File) Replace(ctx context.Context, now time.Time, id Identity, former ...Former) error {
	inner := context.WithoutCancel(ctx)
	return f.db.Write(ctx, func(tx *sql.Tx) error {
		if err := f.put(inner, tx, now, id); err != nil {
			return err
		}
		for _, old := range former {
			address := old.Email
			if address == "" {
				address = old.Phone
			}
			kind := "email "
			if old.Email == "" {
				kind = "phone "
			}
			if _, err := tx.ExecContext(inner, `INSERT INTO former_addresses (id, pid, sealed, created_at) VALUES ($1, $2, $3, $4)`,
				old.ID, id.PID, f.ring.Seal(old.ID, []byte(kind+address)), now.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
}

// Former gives the address that a message is to be handed over to, or the
// NotFound "identity_not_found".
func (f *File) Former(ctx context.Context, message string) (Former, error) {
	all, err := f.formers(ctx, `SELECT id, pid, sealed FROM former_addresses WHERE id = $1`, message)
	if err == nil && len(all) == 0 {
		err = errMissing
	}
	if err != nil {
		return Former{}, err
	}
	return all[0], nil
}

// FormersUntil gives the former addresses that were written at a moment or before it.
func (f *File) FormersUntil(ctx context.Context, moment time.Time) ([]Former, error) {
	return f.formers(ctx, `SELECT id, pid, sealed FROM former_addresses WHERE created_at <= $1 ORDER BY id`, moment.UnixMilli())
}

func (f *File) formers(ctx context.Context, query string, arg any) ([]Former, error) {
	var out []Former
	err := f.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, query, arg)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var (
				one    Former
				sealed []byte
			)
			if err := rows.Scan(&one.ID, &one.PID, &sealed); err != nil {
				return err
			}
			plain, err := f.ring.Open(one.ID, sealed)
			if err != nil {
				return fmt.Errorf("the %v cannot be opened with this key: %w", one, err)
			}
			if address := string(plain[len("email "):]); string(plain[:len("email ")]) == "email " {
				one.Email = address
			} else {
				one.Phone = address
			}
			out = append(out, one)
		}
		return rows.Err()
	})
	return out, err
}

// Forget removes a former address; one that is not there is no error.
func (f *File) Forget(ctx context.Context, message string) error {
	return f.exec(ctx, []string{`DELETE FROM former_addresses WHERE id = $1`}, message)
}

// AddNote stores the note of a contact with a person, under the contact's id.
func (f *File) AddNote(ctx context.Context, contact, pid, note string) error {
	inner := context.WithoutCancel(ctx)
	return f.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(inner, `INSERT INTO notes (id, pid, sealed) VALUES ($1, $2, $3)`, contact, pid, f.ring.Seal(contact, []byte(note)))
		return err
	})
}

// RemoveNote removes the note of a contact.
func (f *File) RemoveNote(ctx context.Context, contact string) error {
	return f.exec(ctx, []string{`DELETE FROM notes WHERE id = $1`}, contact)
}

// Notes gives the notes of the contacts with a person, by the contact's id.
func (f *File) Notes(ctx context.Context, pid string) (map[string]string, error) {
	out := map[string]string{}
	err := f.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT id, sealed FROM notes WHERE pid = $1 ORDER BY id`, pid)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var (
				id     string
				sealed []byte
			)
			if err := rows.Scan(&id, &sealed); err != nil {
				return err
			}
			plain, err := f.ring.Open(id, sealed)
			if err != nil {
				return fmt.Errorf("a note of %s cannot be opened with this key: %w", pid, err)
			}
			out[id] = string(plain)
		}
		return rows.Err()
	})
	return out, err
}

// Merge stores an identity that takes in another person's: the other's notes and
// former addresses become its own, and the other's identity goes.
func (f *File) Merge(ctx context.Context, now time.Time, id Identity, gone string) error {
	inner := context.WithoutCancel(ctx)
	return f.db.Write(ctx, func(tx *sql.Tx) error {
		if err := f.put(inner, tx, now, id); err != nil {
			return err
		}
		for _, statement := range []string{
			`UPDATE notes SET pid = $2 WHERE pid = $1`,
			`UPDATE former_addresses SET pid = $2 WHERE pid = $1`,
		} {
			if _, err := tx.ExecContext(inner, statement, gone, id.PID); err != nil {
				return err
			}
		}
		for _, statement := range []string{`DELETE FROM addresses WHERE pid = $1`, `DELETE FROM identities WHERE pid = $1`} {
			if _, err := tx.ExecContext(inner, statement, gone); err != nil {
				return err
			}
		}
		return nil
	})
}

// Holds tells whether anything of a person is here.
func (f *File) Holds(ctx context.Context, pid string) (bool, error) {
	n := 0
	err := f.db.Read(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM identities WHERE pid = $1) + (SELECT COUNT(*) FROM notes WHERE pid = $1)
			+ (SELECT COUNT(*) FROM former_addresses WHERE pid = $1)`, pid).Scan(&n)
	})
	return n > 0, err
}

// exec runs statements with one argument in one transaction.
func (f *File) exec(ctx context.Context, statements []string, arg string) error {
	inner := context.WithoutCancel(ctx)
	return f.db.Write(ctx, func(tx *sql.Tx) error {
		for _, statement := range statements {
			if _, err := tx.ExecContext(inner, statement, arg); err != nil {
				return err
			}
		}
		return nil
	})
}
