package db

import (
	"bufio"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// A dump is a text of JSON lines, which either engine writes and reads:
//
//	{"format":"panelverk dump","version":1,"schema":1,"made":"2026-…","tables":[{"name":"studies","columns":[…]},…]}
//	["studies","smart-factory",…]
//	…
//	{"rows":{"studies":1,…},"sha256":"…"}
//
// A row is an array: its table's name, then its columns as the header lists
// them; bytes are base64. Tables come after those that they point at, rows in
// the order of their primary key. The hash is SHA-256 over every byte before
// the last line. The same content gives the same bytes on both engines.

const (
	dumpFormat  = "panelverk dump"
	dumpVersion = 1
)

type dumpHeader struct {
	Format  string  `json:"format"`
	Version int     `json:"version"`
	Schema  int64   `json:"schema"` // the number of the last migration
	Made    string  `json:"made"`
	Tables  []table `json:"tables"`
}

type dumpTrailer struct {
	Rows map[string]int64 `json:"rows"`
	Hash string           `json:"sha256"`
}

// Dump writes every row of every table, as of one moment, while others go on
// writing. It holds one row in memory.
func (d *DB) Dump(ctx context.Context, w io.Writer, now time.Time) error {
	buffered := bufio.NewWriterSize(w, 1<<16)
	hash := sha256.New()
	out := json.NewEncoder(io.MultiWriter(buffered, hash))
	out.SetEscapeHTML(false)
	trailer := dumpTrailer{Rows: map[string]int64{}}
	err := d.Read(ctx, func(tx *sql.Tx) error {
		header := dumpHeader{Format: dumpFormat, Version: dumpVersion, Made: now.UTC().Format(time.RFC3339)}
		var err error
		if header.Schema, err = schema(ctx, tx); err != nil {
			return err
		}
		if header.Tables, err = d.tables(ctx, tx); err != nil {
			return err
		}
		if err := out.Encode(header); err != nil {
			return err
		}
		for _, t := range header.Tables {
			if trailer.Rows[t.Name], err = d.dumpTable(ctx, tx, t, out); err != nil {
				return fmt.Errorf("table %s: %w", t.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	trailer.Hash = hex.EncodeToString(hash.Sum(nil))
	if err := json.NewEncoder(buffered).Encode(trailer); err != nil {
		return storage(err)
	}
	return storage(buffered.Flush())
}

func (d *DB) dumpTable(ctx context.Context, tx *sql.Tx, t table, out *json.Encoder) (n int64, err error) {
	rows, err := tx.QueryContext(ctx, d.selectAll(t))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		into := make([]any, len(t.Columns))
		for i, c := range t.Columns {
			into[i] = c.Kind.holder()
		}
		if err := rows.Scan(into...); err != nil {
			return n, err
		}
		// Pointers to nil pointers are null in JSON.
		if err := out.Encode(append([]any{t.Name}, into...)); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

// holder gives a variable that takes a value of the kind or NULL, from a
// database and from JSON.
func (k kind) holder() any {
	switch k {
	case number:
		return new(*int64)
	case binary:
		return new([]byte)
	default:
		return new(*string)
	}
}

// selectAll reads a table in the order of its key, byte by byte: PostgreSQL
// would sort text by a language's rules.
func (d *DB) selectAll(t table) string {
	names := make([]string, len(t.Columns))
	isText := map[string]bool{}
	for i, c := range t.Columns {
		names[i] = quote(c.Name)
		isText[c.Name] = c.Kind == text
	}
	order := make([]string, len(t.key))
	for i, name := range t.key {
		order[i] = quote(name)
		if isText[name] && d.engine == Postgres {
			order[i] += ` COLLATE "C"`
		}
	}
	query := "SELECT " + strings.Join(names, ", ") + " FROM " + quote(t.Name)
	if len(order) > 0 {
		query += " ORDER BY " + strings.Join(order, ", ")
	}
	return query
}

// quote gives a name as SQL of both engines spells it.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
