package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"

	"panelverk/internal/db"
	"panelverk/internal/db/dbtest"
)

// Statements are kept prepared on SQLite: one in use twice at a time, one that
// failed, more of them than are kept, and one whose table changes must all
// still be right.
func TestKeptStatementsStayRight(t *testing.T) {
	d := open(t, dbtest.SQLite(t), oneMigration)
	for n, name := range []string{"Ada", "Bo", "Cia"} {
		must(t, d, exec(addParent, name, n))
	}
	const after = `SELECT name FROM parents WHERE born > $1 ORDER BY name`
	read := func(tx *sql.Tx, born int, each func(name string)) {
		t.Helper()
		rows, err := tx.Query(after, born)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			each(name)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		err := d.Read(context.Background(), func(tx *sql.Tx) error {
			var pairs []string
			read(tx, -1, func(outer string) {
				read(tx, 0, func(inner string) { pairs = append(pairs, outer+inner) })
			})
			if want := []string{"AdaBo", "AdaCia", "BoBo", "BoCia", "CiaBo", "CiaCia"}; !slices.Equal(pairs, want) {
				t.Errorf("got %v, want %v", pairs, want)
			}
			for n := range 300 {
				var got int
				if err := tx.QueryRow(fmt.Sprintf(`SELECT %d`, n)).Scan(&got); err != nil || got != n {
					t.Errorf("SELECT %d gave %d, %v", n, got, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	for range 2 {
		if err := d.Write(context.Background(), exec(addParent, "Ada", 9)); !db.IsUnique(err) {
			t.Errorf("a key twice: %v", err)
		}
	}
	must(t, d, exec(`ALTER TABLE parents RENAME COLUMN born TO year`), exec(`ALTER TABLE parents ADD COLUMN born BIGINT DEFAULT 7`),
		exec(addParent, "Dan", 8))
	if got := names(t, d, after[:len(`SELECT name FROM parents WHERE born > `)]+`0 ORDER BY name`); len(got) != 4 {
		t.Errorf("after the table changed: %v", got)
	}
}
