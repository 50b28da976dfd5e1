package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"panelverk/internal/db"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/fault"
)

const first = `-- +goose Up
CREATE TABLE parents (name TEXT NOT NULL PRIMARY KEY, born BIGINT);
CREATE TABLE children (
	id     BIGINT NOT NULL PRIMARY KEY,
	parent TEXT REFERENCES parents (name) DEFERRABLE INITIALLY DEFERRED,
	photo  BYTEA
);
-- +goose Down
DROP TABLE children;
DROP TABLE parents;
`

const second = `-- +goose Up
ALTER TABLE parents ADD COLUMN town TEXT NOT NULL DEFAULT '';
UPDATE parents SET town = 'Göteborg' WHERE born < 1970;
-- +goose Down
ALTER TABLE parents DROP COLUMN town;
`

var (
	oneMigration  = fstest.MapFS{"m/0001_first.sql": {Data: []byte(first)}}
	twoMigrations = fstest.MapFS{"m/0001_first.sql": {Data: []byte(first)}, "m/0002_second.sql": {Data: []byte(second)}}
)

func open(t testing.TB, dsn string, migrations fstest.MapFS) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), dsn, migrations, "m")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// each runs the test on an empty database of either engine.
func each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, dsn string) { test(t, open(t, dsn, oneMigration)) })
}

func exec(query string, args ...any) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}
}

func must(t testing.TB, d *db.DB, works ...func(*sql.Tx) error) {
	t.Helper()
	for _, work := range works {
		if err := d.Write(context.Background(), work); err != nil {
			t.Fatal(err)
		}
	}
}

// names gives what the query gives, one text a row.
func names(t testing.TB, d *db.DB, query string) (out []string) {
	t.Helper()
	err := d.Read(context.Background(), func(tx *sql.Tx) error {
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		defer rows.Close()
		out = nil
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out = append(out, s)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const (
	addParent = `INSERT INTO parents (name, born) VALUES ($1, $2)`
	parents   = `SELECT name FROM parents ORDER BY name`
)

// together makes the works wait until all are queued, so that they share a
// transaction, and gives their errors.
func together(t *testing.T, d *db.DB, works ...func(*sql.Tx) error) []error {
	t.Helper()
	gate, held := make(chan struct{}), make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		if err := d.Write(context.Background(), func(*sql.Tx) error { close(held); <-gate; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-held
	errs := make([]error, len(works))
	for i, work := range works {
		running.Go(func() { errs[i] = d.Write(context.Background(), work) })
	}
	db.WaitQueued(d, len(works))
	close(gate)
	running.Wait()
	return errs
}

func TestAFailingWorkDoesNotFailItsNeighbours(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		must(t, d, exec(addParent, "Ada", 1950))
		boom := errors.New("boom")
		errs := together(t, d,
			exec(addParent, "Bo", 1960),
			exec(addParent, "Ada", 1951),
			func(tx *sql.Tx) error { return errors.Join(exec(addParent, "Half", 1)(tx), boom) },
			exec(addParent, "Cia", 1970),
			func(tx *sql.Tx) error { _ = exec(addParent, "Panic", 1)(tx); panic("no") },
			exec(`INSERT INTO nowhere VALUES (1)`),
			exec(addParent, "Dan", 1980))
		for _, i := range []int{0, 3, 6} {
			if errs[i] != nil {
				t.Errorf("work %d: %v", i, errs[i])
			}
		}
		if !db.IsUnique(errs[1]) || db.IsForeignKey(errs[1]) {
			t.Errorf("a key twice: %v", errs[1])
		}
		if !errors.Is(errs[2], boom) {
			t.Errorf("its own error: %v", errs[2])
		}
		if errs[4] == nil || !strings.Contains(errs[4].Error(), "panicked: no") {
			t.Errorf("a panic: %v", errs[4])
		}
		if errs[5] == nil {
			t.Error("no error for a table that is not there")
		}
		if got := names(t, d, parents); !slices.Equal(got, []string{"Ada", "Bo", "Cia", "Dan"}) {
			t.Errorf("stored: %v", got)
		}
	})
}

// A foreign key that is checked at the end makes COMMIT itself fail.
func TestAFailedCommitFailsAllAndStoresNothing(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		errs := together(t, d, exec(addParent, "Ada", 1950), exec(`INSERT INTO children (id, parent) VALUES (1, 'nobody')`))
		for i, err := range errs {
			if !db.IsForeignKey(err) {
				t.Errorf("work %d: %v", i, err)
			}
		}
		if got := names(t, d, parents); len(got) != 0 {
			t.Errorf("stored: %v", got)
		}
		must(t, d, exec(addParent, "Ada", 1950))
	})
}

func TestAWorkIsWithdrawnOnlyBeforeItBegins(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		gate, held := make(chan struct{}), make(chan struct{})
		inside, leave := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() {
			err := d.Write(inside, func(tx *sql.Tx) error { close(held); <-gate; return exec(addParent, "Ada", 1950)(tx) })
			if err != nil {
				t.Error("a work that had begun: ", err)
			}
		})
		<-held
		leave()
		outside, leave := context.WithCancel(context.Background())
		running.Go(func() {
			db.WaitQueued(d, 1)
			leave()
		})
		if err := d.Write(outside, exec(addParent, "Bo", 1960)); !errors.Is(err, context.Canceled) {
			t.Error("a work that waited: ", err)
		}
		close(gate)
		running.Wait()
		if err := d.Write(outside, exec(addParent, "Bo", 1960)); !errors.Is(err, context.Canceled) {
			t.Error("a context that has ended: ", err)
		}
		must(t, d, exec(addParent, "Cia", 1970))
		if got := names(t, d, parents); !slices.Equal(got, []string{"Ada", "Cia"}) {
			t.Errorf("stored: %v", got)
		}
	})
}

func TestCloseDrains(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, dsn string) {
		d := open(t, dsn, oneMigration)
		var stored atomic.Int64
		var running sync.WaitGroup
		for n := range 50 {
			running.Go(func() {
				err := d.Write(context.Background(), exec(addParent, fmt.Sprint(n), n))
				switch {
				case err == nil:
					stored.Add(1)
				case !errors.Is(err, db.ErrClosed):
					t.Error(err)
				}
			})
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		running.Wait()
		if err := d.Write(context.Background(), exec(addParent, "late", 0)); !errors.Is(err, db.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		if got := names(t, open(t, dsn, oneMigration), parents); len(got) != int(stored.Load()) {
			t.Errorf("%d rows, %d acknowledged", len(got), stored.Load())
		}
	})
}

func TestReadersDoNotWaitAndSeeOneMoment(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		must(t, d, exec(addParent, "Ada", 1950))
		count := func(tx *sql.Tx) (n int) {
			if err := tx.QueryRow(`SELECT COUNT(*) FROM parents`).Scan(&n); err != nil {
				t.Error(err)
			}
			return n
		}
		err := d.Read(context.Background(), func(tx *sql.Tx) error {
			before := count(tx)
			must(t, d, func(w *sql.Tx) error {
				if err := exec(addParent, "Bo", 1960)(w); err != nil {
					return err
				}
				if got := names(t, d, parents); len(got) != 1 { // another reader, in the middle of the write
					t.Errorf("a reader sees what is not committed: %v", got)
				}
				return nil
			})
			if after := count(tx); before != 1 || after != 1 {
				t.Errorf("one snapshot gave %d and %d", before, after)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if err := d.Read(context.Background(), exec(addParent, "Cia", 1970)); err == nil {
			t.Error("a reading wrote")
		}
		if got := names(t, d, parents); len(got) != 2 {
			t.Errorf("stored: %v", got)
		}
	})
}

// Two servers on one PostgreSQL, or two processes on one file: what a work has
// read does not change under it.
func TestTwoServersDoNotLoseUpdates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, dsn string) {
		servers := []*db.DB{open(t, dsn, oneMigration), open(t, dsn, oneMigration)}
		must(t, servers[0], exec(addParent, "counter", 0))
		const each = 40
		var running sync.WaitGroup
		for n := range 2 * each {
			running.Go(func() {
				err := servers[n%2].Write(context.Background(), func(tx *sql.Tx) error {
					var born int64
					if err := tx.QueryRow(`SELECT born FROM parents WHERE name = 'counter'`).Scan(&born); err != nil {
						return err
					}
					return exec(`UPDATE parents SET born = $1 WHERE name = 'counter'`, born+1)(tx)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
		if got := names(t, servers[0], `SELECT born FROM parents`); got[0] != fmt.Sprint(2*each) {
			t.Errorf("the counter stands at %s, not %d", got[0], 2*each)
		}
	})
}

func TestAFullDisk(t *testing.T) {
	d := open(t, dbtest.SQLite(t), oneMigration)
	must(t, d, exec(addParent, "Ada", 1950))
	var pages int
	must(t, d, func(tx *sql.Tx) error { return tx.QueryRow(`PRAGMA page_count`).Scan(&pages) })
	must(t, d, exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+2)))

	big := strings.Repeat("x", 1<<20)
	for what, errs := range map[string][]error{
		"alone":    {d.Write(context.Background(), exec(addParent, big, 1)), nil, nil},
		"together": together(t, d, exec(addParent, big, 1), exec(addParent, "Bo", 1960), exec(addParent, "Cia", 1970)),
	} {
		var f *fault.Error
		if !errors.As(errs[0], &f) || f.Kind != fault.Full || f.Code != "storage_full" {
			t.Errorf("%s: %v", what, errs[0])
		}
		if errs[1] != nil || errs[2] != nil {
			t.Errorf("%s: small works failed with the big one: %v", what, errs[1:])
		}
	}
	want := []string{"Ada", "Bo", "Cia"}
	if got := names(t, d, parents); !slices.Equal(got, want) {
		t.Errorf("stored: %v", got)
	}
	must(t, d, exec(`PRAGMA max_page_count = 1000000`), exec(addParent, big, 1))
	if got := names(t, d, `SELECT name FROM parents WHERE name < 'x' ORDER BY name`); !slices.Equal(got, want) {
		t.Errorf("stored after room was made: %v", got)
	}
	if got := names(t, d, `PRAGMA integrity_check`); !slices.Equal(got, []string{"ok"}) {
		t.Error(got)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a data folder?", "100%")
	path := filepath.Join(folder, "panel.db")
	d := open(t, "sqlite:"+path, oneMigration)
	must(t, d, exec(addParent, "Ada", 1950))
	for name, want := range map[string]os.FileMode{folder: 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, want %v (%v)", name, info.Mode().Perm(), want, err)
		}
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		err := d.Write(context.Background(), func(tx *sql.Tx) error {
			var got string
			if err := tx.QueryRow(`PRAGMA ` + pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %q, want %q", pragma, got, want)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	for _, dsn := range []string{"", "sqlite:", ":memory:", "file::memory:"} {
		if d, err := db.Open(context.Background(), dsn, oneMigration, "m"); err == nil {
			t.Errorf("%q was opened", dsn)
			d.Close()
		}
	}
}

func TestWithoutCommitStoresNothing(t *testing.T) {
	d, err := db.Open(context.Background(), dbtest.SQLite(t), oneMigration, "m", db.WithoutCommit())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	must(t, d, exec(addParent, "Ada", 1950))
	if got := names(t, d, parents); len(got) != 0 {
		t.Errorf("stored: %v", got)
	}
}
