package db_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"panelverk/internal/db"
	"panelverk/internal/db/dbtest"
)

// Rows that were moved between pages, made longer and shorter, and deleted
// leave copies in the unused middle of pages, secure_delete or not (of 2000
// deleted ones, 35 could be read). After a scrub none can.
func TestScrubLeavesNothingOfDeletedRows(t *testing.T) {
	path := dbtest.SQLite(t)
	ctx := t.Context()
	d, err := db.Open(ctx, path, fstest.MapFS{"m/0001_rows.sql": &fstest.MapFile{Data: []byte(
		"-- +goose Up\nCREATE TABLE a (id TEXT NOT NULL PRIMARY KEY, v TEXT NOT NULL);\nCREATE INDEX a_v ON a (v);\n-- +goose Down\nDROP TABLE a;\n")}}, "m")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	const rows, some = 4000, 100
	lot := rand.New(rand.NewPCG(1, 2))
	marker := func(i int) string { return fmt.Sprintf("<M%06d>", i) }
	value := func(i int) string { return marker(i) + strings.Repeat("x", lot.IntN(900)) }
	each := func(n int, statement string, args func(k int) []any) {
		t.Helper()
		for k := 0; k < n; k += some {
			var all [][]any
			for j := range some {
				all = append(all, args(k+j))
			}
			if err := d.Write(ctx, func(tx *sql.Tx) error {
				for _, a := range all {
					if _, err := tx.Exec(statement, a...); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	order := lot.Perm(rows)
	id := func(i int) string { return fmt.Sprintf("%08x", uint32(i)*2654435761) }
	each(rows, "INSERT INTO a (id, v) VALUES ($1, $2)", func(k int) []any { return []any{id(order[k]), value(order[k])} })
	each(rows/2, "UPDATE a SET v = $1 WHERE id = $2", func(int) []any { i := lot.IntN(rows); return []any{value(i), id(i)} })
	each(rows/2, "DELETE FROM a WHERE id = $1", func(k int) []any { return []any{id(2 * k)} })
	if done, err := d.Scrub(ctx); err != nil || !done {
		t.Fatalf("%v, %v", done, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if found := bytes.Contains(data, []byte(marker(i))); found != (i%2 == 1) {
			t.Errorf("row %d: found %v", i, found)
		}
	}
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() != 0 {
		t.Errorf("the log holds %d bytes (%v)", info.Size(), err)
	}
}
