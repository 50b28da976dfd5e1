package db

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"reflect"
	"strings"

	"panelverk/internal/fault"
)

// The faults of a dump. Each leaves the database as it was.
var (
	errNoDump    = fault.New(fault.Invalid, "backup_unknown", "This is not a backup of Panelverk.")
	errDamaged   = fault.New(fault.Invalid, "backup_damaged", "The backup is damaged: what is in it is not what was written. Nothing was restored.")
	errTruncated = fault.New(fault.Invalid, "backup_truncated", "The backup is cut off: its end is missing. Nothing was restored.")
	errNewer     = fault.New(fault.Invalid, "backup_newer", "The backup was made by a newer Panelverk. Update this one first; nothing was restored.")
	errOther     = fault.New(fault.Invalid, "backup_other", "The backup is of another kind of database (the panel and the key file are backed up apart). Nothing was restored.")
	errNotEmpty  = fault.New(fault.Conflict, "database_not_empty", "The database is not empty. Restore into a new one; nothing was restored.")
)

// Check reads a dump to its end and gives the fault "backup_unknown",
// "backup_damaged", "backup_truncated" or "backup_newer" where it is not whole.
func Check(r io.Reader) error {
	in, err := newDumpReader(r)
	if err != nil {
		return err
	}
	for {
		if _, err := in.next(); err != nil {
			return finished(err)
		}
	}
}

// Load puts a dump into the database, which must be empty, in one transaction:
// a dump that Check finds fault with, one of other tables and a database with
// rows are refused, and nothing is changed. A dump of an older schema is taken
// in as it is and then migrated. It holds one row in memory.
func (d *DB) Load(ctx context.Context, r io.Reader) error {
	if file, ok := r.(io.ReadSeeker); ok { // all of it, before anything is touched
		if err := Check(file); err != nil {
			return err
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	in, err := newDumpReader(r)
	if err != nil {
		return err
	}
	if err := d.requireEmpty(ctx); err != nil {
		return err
	}
	migrate, err := d.goose(d.writer)
	if err != nil {
		return err
	}
	current, err := migrate.GetDBVersion(ctx)
	switch {
	case err != nil:
		return err
	case in.header.Schema > current:
		return errNewer
	case in.header.Schema < current:
		if _, err := migrate.DownTo(ctx, in.header.Schema); err != nil {
			return storage(err)
		}
	}
	err = d.fill(ctx, in)
	if _, up := migrate.Up(context.WithoutCancel(ctx)); up != nil {
		err = errors.Join(err, up)
	}
	return storage(err)
}

// requireEmpty gives a fault where a table has a row.
func (d *DB) requireEmpty(ctx context.Context) error {
	return d.Read(ctx, func(tx *sql.Tx) error {
		tables, err := d.tables(ctx, tx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			found, err := texts(ctx, tx, "SELECT 'row' FROM "+quote(t.Name)+" LIMIT 1")
			if err != nil {
				return err
			}
			if len(found) > 0 {
				return errNotEmpty.With("table", t.Name)
			}
		}
		return nil
	})
}

// fill inserts all rows in one transaction, beside the queue of Write: a dump
// can be read only once, so it cannot be run again.
func (d *DB) fill(ctx context.Context, in *dumpReader) error {
	tx, err := d.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // undoes nothing after the commit
	tables, err := d.tables(ctx, tx)
	if err != nil {
		return err
	}
	if len(tables) != len(in.header.Tables) {
		return errOther
	}
	inserts := map[string]*sql.Stmt{}
	for i, t := range tables {
		of := in.header.Tables[i]
		if t.Name != of.Name || !reflect.DeepEqual(t.Columns, of.Columns) {
			return errOther
		}
		insert, err := tx.PrepareContext(ctx, insertInto(t))
		if err != nil {
			return err
		}
		defer insert.Close()
		inserts[t.Name] = insert
	}
	for {
		row, err := in.next()
		if err != nil {
			if err := finished(err); err != nil {
				return err
			}
			return d.commit(tx)
		}
		if _, err := inserts[row.table].ExecContext(ctx, row.values...); err != nil {
			if isFull(err) || ctx.Err() != nil {
				return err
			}
			return errDamaged.Because(err)
		}
	}
}

func insertInto(t table) string {
	names, places := make([]string, len(t.Columns)), make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i], places[i] = quote(c.Name), fmt.Sprintf("$%d", i+1)
	}
	return "INSERT INTO " + quote(t.Name) + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(places, ", ") + ")"
}

// finished gives nil for the good end of a dump.
func finished(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// dumpReader reads a dump line by line and knows at its end whether it is whole.
type dumpReader struct {
	lines  *bufio.Reader
	hash   hash.Hash
	header dumpHeader
	tables map[string]table
	rows   map[string]int64
}

type dumpRow struct {
	table  string
	values []any
}

func newDumpReader(r io.Reader) (*dumpReader, error) {
	in := &dumpReader{lines: bufio.NewReaderSize(r, 1<<16), hash: sha256.New(), tables: map[string]table{}, rows: map[string]int64{}}
	// A file of another kind may have no line end: a header is never that long.
	start, err := in.lines.Peek(len(`{"format":"` + dumpFormat + `"`))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(start) != `{"format":"`+dumpFormat+`"` {
		return nil, errNoDump
	}
	line, err := in.line()
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(line, &in.header); err != nil {
		return nil, errDamaged.Because(err)
	}
	if in.header.Version > dumpVersion {
		return nil, errNewer
	}
	in.hash.Write(line)
	for _, t := range in.header.Tables {
		in.tables[t.Name], in.rows[t.Name] = t, 0
	}
	return in, nil
}

// line reads a whole line; what ends without a line end was cut off.
func (in *dumpReader) line() ([]byte, error) {
	line, err := in.lines.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		return nil, errTruncated
	}
	return line, err
}

// next gives the next row, and io.EOF after a trailer that fits.
func (in *dumpReader) next() (dumpRow, error) {
	line, err := in.line()
	if err != nil {
		return dumpRow{}, err
	}
	if line[0] == '{' {
		return dumpRow{}, in.finish(line)
	}
	in.hash.Write(line)
	var cells []json.RawMessage
	if err := json.Unmarshal(line, &cells); err != nil {
		return dumpRow{}, errDamaged.Because(err)
	}
	var row dumpRow
	if len(cells) == 0 || json.Unmarshal(cells[0], &row.table) != nil {
		return dumpRow{}, errDamaged
	}
	t, known := in.tables[row.table]
	if !known || len(cells) != len(t.Columns)+1 {
		return dumpRow{}, errDamaged
	}
	for i, c := range t.Columns {
		value := c.Kind.holder()
		if err := json.Unmarshal(cells[i+1], value); err != nil {
			return dumpRow{}, errDamaged.Because(err)
		}
		row.values = append(row.values, reflect.ValueOf(value).Elem().Interface())
	}
	in.rows[row.table]++
	return row, nil
}

// finish compares the trailer, and that nothing comes after it.
func (in *dumpReader) finish(line []byte) error {
	var trailer dumpTrailer
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&trailer); err != nil {
		return errDamaged.Because(err)
	}
	if trailer.Hash != hex.EncodeToString(in.hash.Sum(nil)) || !reflect.DeepEqual(trailer.Rows, in.rows) {
		return errDamaged
	}
	if _, err := in.lines.ReadByte(); !errors.Is(err, io.EOF) {
		return errDamaged
	}
	return io.EOF
}
