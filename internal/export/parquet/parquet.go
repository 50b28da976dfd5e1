// Package parquet writes a table as an Apache Parquet file (parquet.apache.org).
//
// A value that is missing is null, and each column that can miss values has a
// column of its own after it, called as it is with _s, that says why: 0 where
// there is a value, else the code −1 … −12. Numbers are INT32, INT64 or DOUBLE,
// days DATE, moments TIMESTAMP in milliseconds on the wall clock (not adjusted
// to UTC), texts STRING. The file's metadata has, under the key panelverk, the
// labels of variables and values as JSON.
package parquet

import (
	"encoding/json"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
)

const (
	batch    = 256       // rows that are handed over at once
	groupMax = 1_000_000 // cells of a row group, which lies in memory until it is written
)

// Write writes a table whose extents are known. It fails, before anything is
// written, with every name that other programs would not take, and with
// whatever reading the rows or writing fails with.
func Write(w io.Writer, t *export.Table, about *export.About) error {
	if err := export.CheckNames(t.Columns); err != nil {
		return err
	}
	columns := lay(t)
	labels, err := describe(columns, t, about)
	if err != nil {
		return err
	}
	options := []parquet.WriterOption{
		parquet.NewSchema(t.Name, schema(columns)), parquet.Compression(&parquet.Snappy),
		parquet.CreatedBy("Panelverk", "1", ""), parquet.KeyValueMetadata("panelverk", labels),
		parquet.MaxRowsPerRowGroup(int64(max(batch, groupMax/max(len(columns), 1)))),
	}
	out := parquet.NewWriter(w, options...)
	rows := make([]parquet.Row, 0, batch)
	values := make([]parquet.Value, batch*len(columns))
	for cells, err := range t.Rows() {
		if err != nil {
			return err
		}
		at := len(rows) * len(columns)
		row := values[at : at+len(columns)]
		for i, c := range columns {
			row[i] = c.value(&cells[c.at]).Level(0, c.level(&cells[c.at]), i)
		}
		if rows = append(rows, row); len(rows) == batch {
			if _, err := out.WriteRows(rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	if _, err := out.WriteRows(rows); err != nil {
		return err
	}
	return out.Close()
}

// column is a column of the file.
type column struct {
	name   string
	at     int // of the table's column
	v      *dataset.Variable
	kind   kind
	misses bool   // it can be null
	of     string // the column for which it says why values are missing, "" for none
}

type kind uint8

const (
	status kind = iota
	small       // an integer of 32 bits
	large       // of 53 bits
	double
	text
	day
	moment
)

// lay gives the file's columns: the table's, and what says why one is null
// where the table has no such column itself.
func lay(t *export.Table) []column {
	type asked struct {
		v    *dataset.Variable
		wave int
	}
	taken, companions := map[string]bool{}, map[asked]string{}
	for _, c := range t.Columns {
		taken[strings.ToLower(c.Name)] = true
		if s := c.Variable.Status; s != nil {
			companions[asked{s, c.Wave}] = c.Name
		}
	}
	reasoned := map[string]bool{}
	for _, c := range t.Columns {
		reasoned[companions[asked{c.Variable, c.Wave}]] = true
	}
	var out []column
	for i, c := range t.Columns {
		v, e := c.Variable, t.Extents[i]
		one := column{name: c.Name, at: i, v: v, misses: e.Missing != [13]int{} || v.Varying || v.Question != ""}
		switch v.Kind {
		case dataset.Text:
			one.kind = text
		case dataset.Date:
			one.kind = day
		case dataset.DateTime:
			one.kind = moment
		case dataset.Number:
			one.kind = numeric(v, e)
		}
		if v.Role == dataset.Companion {
			one.misses, one.of = false, companions[asked{v, c.Wave}]
		}
		out = append(out, one)
		if one.misses && !reasoned[c.Name] {
			name := c.Name + "_s"
			for taken[strings.ToLower(name)] {
				name += "_"
			}
			taken[strings.ToLower(name)] = true
			out = append(out, column{name: name, at: i, v: v, of: c.Name})
		}
	}
	return out
}

// numeric gives the smallest type that holds a column's numbers exactly.
func numeric(v *dataset.Variable, e export.Extent) kind {
	const exact = 1 << 53
	switch {
	case !v.Integer && !e.Whole, e.Min < -exact || e.Max > exact:
		return double
	case e.Min < math.MinInt32 || e.Max > math.MaxInt32:
		return large
	}
	return small
}

// level is parquet's definition level: 1 of what is there in a column that can
// be null.
func (c *column) level(cell *dataset.Cell) int {
	if c.misses && cell.Missing == 0 {
		return 1
	}
	return 0
}

func (c *column) value(cell *dataset.Cell) parquet.Value {
	switch {
	case c.kind == status:
		return parquet.Int32Value(int32(cell.Missing))
	case cell.Missing != 0 && !c.misses: // of a companion, which says why in a number
		return parquet.Int32Value(int32(cell.Missing))
	case cell.Missing != 0:
		return parquet.NullValue()
	}
	switch c.kind {
	case text:
		return parquet.ByteArrayValue([]byte(cell.Text))
	case day, small:
		return parquet.Int32Value(int32(cell.Number))
	case moment, large:
		return parquet.Int64Value(int64(cell.Number))
	default:
		return parquet.DoubleValue(cell.Number)
	}
}

// describe gives the labels as JSON.
func describe(columns []column, t *export.Table, about *export.About) (string, error) {
	type variable struct {
		Label   string            `json:"label"`
		Values  map[string]string `json:"values,omitempty"`
		Missing map[string]string `json:"missing,omitempty"` // of a column that says why another misses values
		Of      string            `json:"reason_of,omitempty"`
	}
	all := struct {
		Study     string              `json:"study"`
		Title     string              `json:"title"`
		Language  string              `json:"language"`
		Remarks   []string            `json:"remarks,omitempty"`
		Variables map[string]variable `json:"variables"`
	}{about.Study, about.In(about.Language(), about.Title), about.Language(), about.Remarks, map[string]variable{}}
	for _, c := range columns {
		one := variable{Label: about.Label(about.Language(), t.Columns[c.at])}
		if c.of != "" {
			one.Of, one.Missing = c.of, map[string]string{}
			for _, m := range dataset.Missings() {
				one.Missing[strconv.Itoa(int(m))] = about.In(about.Language(), m.Label())
			}
		}
		if c.kind != status {
			for _, value := range about.Values(about.Language(), c.v) {
				if value.Missing == 0 {
					if one.Values == nil {
						one.Values = map[string]string{}
					}
					one.Values[strconv.FormatFloat(value.Code, 'f', -1, 64)] = value.Label
				}
			}
		}
		all.Variables[c.name] = one
	}
	b, err := json.Marshal(all)
	return string(b), err
}

// schema is the root of a file's columns. The library's own, a map, has them in
// the order of their names.
type columnsNode struct {
	parquet.Group
	fields []parquet.Field
}

func (n columnsNode) Fields() []parquet.Field { return n.fields }

// GoType is what the library would read rows into, by its own order of fields.
func (n columnsNode) GoType() reflect.Type { return n.Group.GoType() }

type columnField struct {
	parquet.Node
	name string
}

func (f columnField) Name() string { return f.name }

// Value is of use to rows that are Go values; ours are not.
func (f columnField) Value(base reflect.Value) reflect.Value { return base.FieldByName(f.name) }

func schema(columns []column) parquet.Node {
	n := columnsNode{Group: parquet.Group{}}
	for _, c := range columns {
		var node parquet.Node
		switch c.kind {
		case text:
			node = parquet.String()
		case day:
			node = parquet.Date()
		case moment:
			node = parquet.TimestampAdjusted(parquet.Millisecond, false)
		case large:
			node = parquet.Int(64)
		case double:
			node = parquet.Leaf(parquet.DoubleType)
		case small, status:
			node = parquet.Int(32)
		}
		if c.misses {
			node = parquet.Optional(node)
		}
		n.Group[c.name] = node
		n.fields = append(n.fields, columnField{node, c.name})
	}
	return n
}
