// Package exporttest is for tests alone: tables in memory, made by hand or
// drawn by chance, for the writers of every format.
package exporttest

import (
	"fmt"
	"iter"
	"slices"

	"pgregory.net/rapid"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/lang"
)

// Memory is a table that lies in memory.
type Memory struct {
	columns []dataset.Column
	rows    [][]dataset.Cell
}

// Of begins a table with no rows.
func Of(columns []dataset.Column) *Memory { return &Memory{columns: columns} }

// Add adds a row.
func (m *Memory) Add(cells ...dataset.Cell) { m.rows = append(m.rows, cells) }

// Table gives the table; its extents are not known.
func (m *Memory) Table() *export.Table {
	return &export.Table{Name: "long", Label: lang.Text{"en": "Rows"}, Columns: m.columns, Keys: 1, Count: len(m.rows),
		Rows: func() iter.Seq2[[]dataset.Cell, error] {
			return func(yield func([]dataset.Cell, error) bool) {
				for _, row := range m.rows {
					if !yield(row, nil) {
						return
					}
				}
			}
		}}
}

// Spool gives a table with rows from disk and with extents; done removes the
// file.
func Spool(dir string, t *export.Table) (_ *export.Table, done func(), err error) {
	s, err := export.NewSpool(dir, t.Columns)
	if err != nil {
		return nil, nil, err
	}
	done = func() {
		if err := s.Close(); err != nil {
			panic(err)
		}
	}
	for row, err := range t.Rows() {
		if err == nil {
			err = s.Add(row)
		}
		if err != nil {
			done()
			return nil, nil, err
		}
	}
	out := *t
	return &out, done, s.Fill(&out)
}

// T is a test or a property.
type T interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// Rows gives all rows.
func Rows(t T, table *export.Table) [][]dataset.Cell {
	t.Helper()
	var out [][]dataset.Cell
	for row, err := range table.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, slices.Clone(row))
	}
	return out
}

// Languages are those that Draw labels in.
var Languages = []string{"sv", "uk", "sr-Cyrl"}

// words are what labels and texts are drawn from: the scripts of the languages,
// letters beyond the first plane, line ends, quotes, and what is nothing.
var words = []string{"", "Ja", "Ibland, men inte ofta", "Щодня", "Повремено", "ћирилица", "😀 👩‍🏭", "tab\there", "two\nlines", `"quoted", 'so'`,
	"=1+1", "NA", ".", "-3", "åäöÅÄÖß", " in front", "e\u0301", "Робота на заводі з новими машинами, щодня і без перерви на обід"}

// Draw draws a table: any kinds, codes and labels, every missing code, and
// numbers that no format changes. No number would be read as a missing code.
func Draw(t *rapid.T) *export.Table {
	columns := make([]dataset.Column, rapid.IntRange(1, 9).Draw(t, "columns"))
	widest := rapid.SampledFrom([]int{4, 20, 300, 3000}).Draw(t, "widest")
	for i := range columns {
		columns[i] = drawColumn(t, i)
	}
	m := Of(columns)
	for range rapid.IntRange(0, 12).Draw(t, "rows") {
		row := make([]dataset.Cell, len(columns))
		for i, c := range columns {
			row[i] = drawCell(t, c.Variable, widest)
		}
		m.Add(row...)
	}
	return m.Table()
}

func drawText(t *rapid.T, what string) lang.Text {
	out := lang.Text{}
	for _, tag := range Languages {
		if word := rapid.SampledFrom(words).Draw(t, what); word != "" {
			out[tag] = word
		}
	}
	return out
}

func drawColumn(t *rapid.T, i int) dataset.Column {
	name := fmt.Sprintf(rapid.SampledFrom([]string{"v%d", "Question_%d", "a_very_long_name_of_a_variable%d"}).Draw(t, "name"), i)
	v := &dataset.Variable{Name: name, Varying: true, Label: drawText(t, "label"),
		Kind: rapid.SampledFrom([]dataset.Kind{dataset.Number, dataset.Number, dataset.Text, dataset.Date, dataset.DateTime}).Draw(t, "kind")}
	if v.Kind == dataset.Number {
		v.Integer, v.Negative = rapid.Bool().Draw(t, "integer"), rapid.Bool().Draw(t, "negative")
		for _, code := range rapid.SliceOfNDistinct(rapid.IntRange(0, 40), 0, 6, rapid.ID[int]).Draw(t, "codes") {
			v.Values = append(v.Values, dataset.Value{Code: code, Name: fmt.Sprint(code), Label: drawText(t, "value label")})
		}
		if v.Negative && len(v.Values) > 0 {
			v.Values[0].Code = -v.Values[0].Code
		}
	}
	c := dataset.Column{Name: name, Variable: v}
	if rapid.Bool().Draw(t, "wide") {
		c.Wave = rapid.IntRange(1, 12).Draw(t, "wave")
	}
	return c
}

var numbers = []float64{0, 1, 100, 101, 127, 151, 152, 199, 200, 251, 252, 32740, 32741, 32767, 2147483620, 2147483621, 2147483647, 1 << 40, 1 << 53, 0.1, 2.5, 1e-300, 5e-324, 8.9e307}

func drawCell(t *rapid.T, v *dataset.Variable, widest int) dataset.Cell {
	if rapid.IntRange(0, 3).Draw(t, "missing") == 0 {
		return dataset.Cell{Missing: rapid.SampledFrom(dataset.Missings()).Draw(t, "code")}
	}
	switch v.Kind {
	case dataset.Text:
		text := rapid.SampledFrom(words).Draw(t, "text")
		if more := rapid.IntRange(0, widest).Draw(t, "length"); more > widest/2 {
			for len(text) < more {
				text += "Åäö och mer text"
			}
		}
		return dataset.Cell{Kind: dataset.Text, Text: text}
	case dataset.Date:
		return dataset.Cell{Kind: dataset.Date, Number: float64(rapid.IntRange(-719528, 2932896).Draw(t, "day"))} // the years 0 to 9999
	case dataset.DateTime:
		return dataset.Cell{Kind: dataset.DateTime, Number: float64(rapid.Int64Range(-62167219200000, 253402300799999).Draw(t, "milliseconds"))}
	}
	n := rapid.OneOf(rapid.SampledFrom(numbers), rapid.Map(rapid.IntRange(0, 300), func(i int) float64 { return float64(i) }),
		rapid.Float64Range(0, 1e9)).Draw(t, "number")
	if v.Integer && n < 1e18 {
		n = float64(int64(n))
	}
	if v.Negative && rapid.Bool().Draw(t, "below zero") {
		n = -n
	}
	if low, high := export.MissingRange(v); n >= low && n <= high {
		n = -1e6
	}
	return dataset.Cell{Kind: dataset.Number, Number: n}
}
