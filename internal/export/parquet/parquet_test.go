package parquet_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	pq "github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/export/exporttest"
	"panelverk/internal/export/parquet"
	"panelverk/internal/lang"
)

var about = &export.About{Study: "smart-factory", Title: lang.Text{"en": "The panel"}, Languages: []string{"en"}, Now: time.Date(2017, 4, 2, 0, 0, 0, 0, time.UTC)}

// Whatever is drawn comes back from the file, each missing cell with its reason.
func TestReadBack(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		table, done, err := exporttest.Spool(dir, exporttest.Draw(t))
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		var b, again bytes.Buffer
		if err := parquet.Write(&b, table, about); err != nil {
			t.Fatal(err)
		}
		if err := parquet.Write(&again, table, about); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Fatal("the same table gives other bytes", err)
		}
		f, err := pq.OpenFile(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, field := range f.Schema().Fields() {
			names = append(names, field.Name())
		}
		want := exporttest.Rows(t, table)
		if int(f.NumRows()) != len(want) {
			t.Fatalf("%d rows of %d", f.NumRows(), len(want))
		}
		reader := pq.NewReader(f)
		defer reader.Close()
		rows := make([]pq.Row, 1)
		for _, cells := range want {
			if n, err := reader.ReadRows(rows); n != 1 || err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(n, err)
			}
			got := map[string]pq.Value{}
			for _, v := range rows[0] {
				got[names[v.Column()]] = v
			}
			for i, c := range table.Columns {
				compare(t, c, cells[i], got[c.Name], got[c.Name+"_s"])
			}
		}
		// The columns stand in the table's order.
		at := -1
		for _, c := range table.Columns {
			next := slices.Index(names, c.Name)
			if next <= at {
				t.Fatalf("%s is not in its place in %v", c.Name, names)
			}
			at = next
		}
	})
}

func compare(t *rapid.T, c dataset.Column, cell dataset.Cell, got, why pq.Value) {
	if why.Int32() != int32(cell.Missing) || got.IsNull() != (cell.Missing != 0) {
		t.Fatalf("%s: %v (%v) of %+v", c.Name, got, why, cell)
	}
	if got.IsNull() {
		return
	}
	var n float64
	switch got.Kind() {
	case pq.Int32:
		n = float64(got.Int32())
	case pq.Int64:
		n = float64(got.Int64())
	case pq.Double:
		n = got.Double()
	default:
		if string(got.ByteArray()) != cell.Text {
			t.Fatalf("%s: %q of %q", c.Name, got.ByteArray(), cell.Text)
		}
		return
	}
	if n != cell.Number {
		t.Fatalf("%s: %v of %v", c.Name, n, cell.Number)
	}
}
