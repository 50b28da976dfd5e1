package db_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"panelverk/internal/db"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/fault"
)

var noon = time.Date(2016, 3, 7, 12, 0, 0, 0, time.UTC)

// family fills a database with what is hard: other scripts, quotes, NULL,
// bytes, names whose order depends on the language.
func family(t testing.TB, d *db.DB) {
	t.Helper()
	for n, name := range []string{"Åsa", "Zoë", "ab", "Ab", "a-b", "a_c", `"quoted" <b>`, "Љиљана", "two\nlines", ""} {
		must(t, d, exec(addParent, name, 1900+n))
	}
	must(t, d, exec(`INSERT INTO parents (name) VALUES ('unborn')`),
		exec(`INSERT INTO children (id, parent, photo) VALUES ($1, $2, $3)`, 1, "Åsa", []byte{0, 1, 0xff, '\n'}),
		exec(`INSERT INTO children (id, parent, photo) VALUES ($1, $2, $3)`, -5, nil, nil),
		exec(`INSERT INTO children (id, parent, photo) VALUES ($1, $2, $3)`, int64(1)<<60, "ab", bytes.Repeat([]byte("long"), 50_000)))
}

func dump(t testing.TB, d *db.DB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.Dump(context.Background(), &b, noon); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestADumpRestoresOnEitherEngine(t *testing.T) {
	source := open(t, dbtest.SQLite(t), oneMigration)
	family(t, source)
	want := dump(t, source)
	if err := db.Check(bytes.NewReader(want)); err != nil {
		t.Error(err)
	}
	for _, streamed := range []bool{false, true} {
		at := want
		for _, dsn := range []string{dbtest.Postgres(t), dbtest.SQLite(t)} {
			d := open(t, dsn, oneMigration)
			var r io.Reader = bytes.NewReader(at)
			if streamed {
				r = io.MultiReader(r) // cannot be read twice
			}
			if err := d.Load(context.Background(), r); err != nil {
				t.Fatal(err)
			}
			if at = dump(t, d); !bytes.Equal(at, want) {
				t.Errorf("%s: the dump differs:\n%.2000s\nwant\n%.2000s", d.Engine(), at, want)
			}
			err := d.Load(context.Background(), bytes.NewReader(want))
			if !errors.Is(err, fault.New(fault.Conflict, "database_not_empty", "")) {
				t.Errorf("%s: loaded over rows: %v", d.Engine(), err)
			}
		}
	}
}

func TestADamagedDumpIsRefused(t *testing.T) {
	source := open(t, dbtest.SQLite(t), oneMigration)
	must(t, source, exec(addParent, "Åsa", 1950), exec(addParent, "Bo", nil),
		exec(`INSERT INTO children (id, parent, photo) VALUES (1, 'Bo', $1)`, []byte("photo")))
	whole := dump(t, source)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	newer := bytes.Replace(whole, []byte(`"schema":1`), []byte(`"schema":2`), 1)
	swapped := slices.Concat(lines[0], lines[2], lines[1], lines[3], lines[4])
	cases := map[string]struct {
		file []byte
		code string
	}{
		"empty":                {nil, "backup_unknown"},
		"another file":         {[]byte("PK\x03\x04 a workbook, and quite a long one at that"), "backup_unknown"},
		"cut in the header":    {whole[:60], "backup_truncated"},
		"cut after the header": {lines[0], "backup_truncated"},
		"cut between rows":     {slices.Concat(lines[0], lines[1]), "backup_truncated"},
		"cut in a row":         {whole[:len(lines[0])+5], "backup_truncated"},
		"trailer is missing":   {slices.Concat(lines[:len(lines)-2]...), "backup_truncated"},
		"cut in the trailer":   {whole[:len(whole)-4], "backup_truncated"},
		"a changed value":      {bytes.Replace(whole, []byte("Bo"), []byte("By"), 1), "backup_damaged"},
		"rows swapped":         {swapped, "backup_damaged"},
		"a row is missing":     {slices.Concat(lines[0], lines[1], lines[3], lines[4]), "backup_damaged"},
		"no JSON":              {bytes.Replace(whole, []byte(`["parents"`), []byte(`["parents`), 1), "backup_damaged"},
		"a row of nothing":     {bytes.Replace(whole, lines[1], []byte("[]\n"), 1), "backup_damaged"},
		"an empty line":        {bytes.Replace(whole, lines[1], []byte("\n"), 1), "backup_damaged"},
		"something behind":     {append(slices.Clone(whole), '\n'), "backup_damaged"},
		"a newer format":       {bytes.Replace(whole, []byte(`"version":1`), []byte(`"version":2`), 1), "backup_newer"},
		"a newer schema":       {resign(t, newer), "backup_newer"},
		"other tables":         {resign(t, bytes.ReplaceAll(whole, []byte(`"parents"`), []byte(`"persons"`))), "backup_other"},
	}
	dbtest.Each(t, func(t *testing.T, dsn string) {
		d := open(t, dsn, oneMigration)
		for name, c := range cases {
			for _, r := range []io.Reader{bytes.NewReader(c.file), io.MultiReader(bytes.NewReader(c.file))} {
				err := d.Load(context.Background(), r)
				if f := fault.Of(err); f == nil || f.Code != c.code || f.Kind != fault.Invalid {
					t.Errorf("%s: got %v, want %s", name, err, c.code)
				}
			}
			if got := names(t, d, parents); len(got) != 0 {
				t.Fatalf("%s: stored %v", name, got)
			}
		}
		if err := d.Load(context.Background(), bytes.NewReader(whole)); err != nil {
			t.Errorf("the whole one after all that: %v", err)
		}
	})
	for i := range whole { // one bit anywhere
		flipped := slices.Clone(whole)
		flipped[i] ^= 1
		if err := db.Check(bytes.NewReader(flipped)); err == nil {
			t.Fatalf("a flipped bit at %d of %d went unnoticed", i, len(whole))
		}
		if err := db.Check(bytes.NewReader(whole[:i])); err == nil {
			t.Fatalf("a cut at %d of %d went unnoticed", i, len(whole))
		}
	}
}

// resign gives a changed dump a trailer that fits again.
func resign(t testing.TB, changed []byte) []byte {
	t.Helper()
	body := changed[:bytes.LastIndexByte(changed[:len(changed)-1], '\n')+1]
	trailer := changed[len(body):]
	hash := bytes.LastIndex(trailer, []byte(`"sha256":"`)) + len(`"sha256":"`)
	return slices.Concat(body, trailer[:hash], []byte(db.HashOf(body)), []byte("\"}\n"))
}

func TestAnOlderDumpIsMigrated(t *testing.T) {
	old := open(t, dbtest.SQLite(t), oneMigration)
	must(t, old, exec(addParent, "Ada", 1950), exec(addParent, "Bo", 1980))
	file := dump(t, old)
	dbtest.Each(t, func(t *testing.T, dsn string) {
		d := open(t, dsn, twoMigrations)
		if err := d.Load(context.Background(), bytes.NewReader(file)); err != nil {
			t.Fatal(err)
		}
		if got := names(t, d, `SELECT name || ' ' || town FROM parents ORDER BY name`); !slices.Equal(got, []string{"Ada Göteborg", "Bo "}) {
			t.Error(got)
		}
		if !strings.Contains(string(dump(t, d)), `"schema":2`) {
			t.Error("the schema is not the newest")
		}
	})
}

func TestADumpIsOneMoment(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		for n := range 300 {
			must(t, d, exec(addParent, fmt.Sprint(n, strings.Repeat(".", 2000)), n)) // more than any buffer holds
		}
		var b bytes.Buffer
		late := &onFirstWrite{Writer: &b, do: func() { must(t, d, exec(`DELETE FROM parents`)) }}
		if err := d.Dump(context.Background(), late, noon); err != nil {
			t.Fatal(err)
		}
		if late.do != nil || !bytes.Contains(b.Bytes(), []byte(`"parents":300}`)) {
			t.Errorf("the dump ends with %s", b.Bytes()[b.Len()-200:])
		}
		if err := db.Check(&b); err != nil {
			t.Error(err)
		}
		full := errors.New("no space")
		if err := d.Dump(context.Background(), failing{full}, noon); !errors.Is(err, full) {
			t.Errorf("a dump that could not be written: %v", err)
		}
	})
}

type onFirstWrite struct {
	io.Writer
	do func()
}

func (w *onFirstWrite) Write(p []byte) (int, error) {
	if do := w.do; do != nil {
		w.do = nil
		do()
	}
	return w.Writer.Write(p)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestTypesThatTheEnginesDoNotShareAreRefused(t *testing.T) {
	each := fstest.MapFS{"m/0001_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE odd (id BIGINT PRIMARY KEY, weight REAL);\n")}}
	dbtest.Each(t, func(t *testing.T, dsn string) {
		d := open(t, dsn, each)
		if err := d.Dump(context.Background(), io.Discard, noon); err == nil || !strings.Contains(err.Error(), "odd.weight") {
			t.Error(err)
		}
	})
}
