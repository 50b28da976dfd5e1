// Package dbtest runs a test on every engine: on a real SQLite file, and on a
// PostgreSQL that it finds or starts.
//
// PANELVERK_TEST_POSTGRES may name a running server by its DSN; else the
// binaries of an installed one are started on a socket in a temporary
// directory and are gone with the test. Where there are none the PostgreSQL
// half is left out and says so; with CI=true that is a failure.
package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"panelverk/internal/need"
	"panelverk/internal/secret"
)

// errNone says that there is no PostgreSQL to test on.
var errNone = errors.New("neither PANELVERK_TEST_POSTGRES nor the binaries of a PostgreSQL were found")

// Each runs the test once on an empty database of each engine, as subtests
// "sqlite" and "postgres".
func Each(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite gives the path of a database file that is not there yet.
func SQLite(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "test.db")
}

// Postgres gives the DSN of an empty schema, which goes with the test. Where
// there is no PostgreSQL it skips the test, and fails it with CI=true.
func Postgres(t testing.TB) string {
	t.Helper()
	server, err := postgres()
	if errors.Is(err, errNone) {
		need.Missing(t, "PostgreSQL", "apt-get install postgresql, or set PANELVERK_TEST_POSTGRES to the address of one")
	}
	if err != nil {
		t.Fatal("no PostgreSQL to test on: ", err)
	}
	schema := "t" + strings.ToLower(secret.NewID())
	if err := execute(server, "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := execute(server, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

var (
	postgres = sync.OnceValues(func() (string, error) {
		if dsn := os.Getenv("PANELVERK_TEST_POSTGRES"); dsn != "" {
			return dsn, execute(dsn, "SELECT 1")
		}
		return start()
	})
)

func execute(dsn, statement string) error {
	d, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer d.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err = d.ExecContext(ctx, statement)
	return err
}
