package db

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// kind is what a column holds; three are all that both engines agree on.
type kind string

const (
	text   kind = "text"
	number kind = "int"
	binary kind = "bytes" // base64 in a dump
)

var kinds = map[string]kind{"TEXT": text, "BIGINT": number, "INTEGER": number, "BYTEA": binary}

// column is written into a dump's header.
type column struct {
	Name string `json:"name"`
	Kind kind   `json:"kind"`
}

// table is written into a dump's header.
type table struct {
	Name    string   `json:"name"`
	Columns []column `json:"columns"`
	key     []string // of the primary key, in its order
	needs   []string // the tables that it points at
}

// gooseTable is the table in which goose notes which migrations have run.
const gooseTable = "goose_db_version"

// catalogue holds the queries that ask an engine what tables it has.
var catalogue = map[Engine]struct{ tables, columns, key, needs string }{
	SQLite: {
		tables:  `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name <> '` + gooseTable + `'`,
		columns: `SELECT name || ' ' || type FROM pragma_table_info($1) ORDER BY cid`,
		key:     `SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk`,
		needs:   `SELECT DISTINCT "table" FROM pragma_foreign_key_list($1)`,
	},
	Postgres: {
		tables: `SELECT table_name::text FROM information_schema.tables
			WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name <> '` + gooseTable + `'`,
		columns: `SELECT column_name || ' ' || data_type FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position`,
		key: `SELECT a.attname::text FROM pg_index x
			JOIN pg_class t ON t.oid = x.indrelid AND t.relname = $1 AND t.relnamespace = current_schema()::regnamespace
			JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey)
			WHERE x.indisprimary ORDER BY array_position(x.indkey::int2[], a.attnum)`,
		needs: `SELECT DISTINCT r.relname::text FROM pg_constraint c
			JOIN pg_class t ON t.oid = c.conrelid AND t.relname = $1 AND t.relnamespace = current_schema()::regnamespace
			JOIN pg_class r ON r.oid = c.confrelid WHERE c.contype = 'f'`,
	},
}

// tables gives all tables, each after those that it points at, else by name:
// the same on both engines.
func (d *DB) tables(ctx context.Context, tx *sql.Tx) ([]table, error) {
	ask := catalogue[d.engine]
	names, err := texts(ctx, tx, ask.tables)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	byName := map[string]table{}
	for _, name := range names {
		t := table{Name: name}
		columns, err := texts(ctx, tx, ask.columns, name)
		if err != nil {
			return nil, err
		}
		for _, c := range columns {
			name, declared, _ := strings.Cut(c, " ")
			k, known := kinds[strings.ToUpper(declared)]
			if !known {
				return nil, fmt.Errorf("column %s.%s has the type %q, which the engines do not share", t.Name, name, declared)
			}
			t.Columns = append(t.Columns, column{name, k})
		}
		if t.key, err = texts(ctx, tx, ask.key, name); err != nil {
			return nil, err
		}
		if t.needs, err = texts(ctx, tx, ask.needs, name); err != nil {
			return nil, err
		}
		slices.Sort(t.needs)
		byName[name] = t
	}
	var sorted []table
	placed := map[string]bool{}
	var place func(name string)
	place = func(name string) {
		if placed[name] {
			return
		}
		placed[name] = true
		for _, needed := range byName[name].needs {
			place(needed)
		}
		sorted = append(sorted, byName[name])
	}
	for _, name := range names {
		place(name)
	}
	return sorted, nil
}

// schema gives the number of the last migration that ran.
func schema(ctx context.Context, tx *sql.Tx) (version int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT MAX(version_id) FROM `+gooseTable+` WHERE is_applied`).Scan(&version)
	return version, err
}

// texts reads a column of text.
func texts(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
