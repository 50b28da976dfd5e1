// Package export holds what the writers of file formats share; each format is
// a package below it.
//
// A writer knows variables and rows, in the types of package dataset, and
// nothing else of ours: it is given a Table and an About, and writes one file.
// Columns, names, value labels and missing codes are all in Table.Columns; what
// a column holds in these very rows is in Table.Extents, which a file needs
// whose header comes before the data (the widths of texts, the storage types).
// Collect reads a dataset once and gives its tables from disk, to be written in
// as many formats as are wanted; memory does not grow with the number of rows.
package export

import (
	"context"
	"iter"
	"math"
	"strings"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/lang"
)

// Table is one rectangle of data: what becomes one file of most formats.
type Table struct {
	Name    string // "long", "wide", or the name of a repeat: of files
	Label   lang.Text
	Columns []dataset.Column
	Keys    int // how many of the first columns tell the rows apart
	// Rows gives the rows, the same ones each time it is called. The slice is
	// used again for the next row; the texts in it stay.
	Rows func() iter.Seq2[[]dataset.Cell, error]
	// Count is how many rows there are, −1 where that is not known before they
	// are read.
	Count int
	// Extents says what the columns hold, one each; nil where that is not known
	// before they are read.
	Extents []Extent
}

// With gives the table with rows that end with the context's error once it is
// done, and that tell how many of them were given every so often and at the
// end. progress may be nil.
func (t *Table) With(ctx context.Context, progress func(done, total int)) *Table {
	const often = 256
	watched := *t
	watched.Rows = func() iter.Seq2[[]dataset.Cell, error] {
		return func(yield func([]dataset.Cell, error) bool) {
			n := 0
			for row, err := range t.Rows() {
				if n%often == 0 && err == nil {
					err = ctx.Err()
				}
				if err != nil {
					yield(nil, err)
					return
				}
				if !yield(row, nil) {
					return
				}
				if n++; progress != nil && (n%often == 0 || n == t.Count) {
					progress(n, t.Count)
				}
			}
		}
	}
	return &watched
}

// About is what a file says of itself.
type About struct {
	Study     string // its key
	Title     lang.Text
	Languages []string // of the labels; where a format holds one language, the first
	// Remarks are what somebody has to know who opens the file: the citation,
	// whom to ask, how to read it. Each is a paragraph, in the first language.
	Remarks []string
	Now     time.Time // when the file is made, as it says itself
}

// Language gives the language of labels.
func (a *About) Language() string {
	if len(a.Languages) == 0 {
		return "en"
	}
	return a.Languages[0]
}

// Extent is what a column holds in the rows of a table.
type Extent struct {
	Values   int     // cells with a value
	Missing  [13]int // cells without one, by the code without its sign
	Min, Max float64 // of the values: numbers, days, milliseconds; 0 where there is none
	Whole    bool    // every number is an integer
	Decimals int     // the digits behind the point that the numbers need, MaxDecimals at most
	Bytes    int     // the longest text
	Lines    int     // the most line ends in a text, \r and \n each
	Filled   int     // texts that are not empty
	Total    int64   // bytes of all texts
	Reserved int     // numbers that would be read as missing codes
}

// MaxDecimals is how many digits behind the point are looked for.
const MaxDecimals = 4

// empty is the extent of no rows at all.
func empty(columns []dataset.Column) []Extent {
	out := make([]Extent, len(columns))
	for i := range out {
		out[i].Whole = true
	}
	return out
}

// add counts one cell.
func (e *Extent) add(c *dataset.Cell, v *dataset.Variable) {
	if c.Missing != 0 {
		e.Missing[-c.Missing]++
		return
	}
	if c.Kind == dataset.Text {
		e.Values++
		if n := len(c.Text); n > 0 {
			e.Bytes = max(e.Bytes, n)
			if strings.ContainsAny(c.Text, "\r\n") {
				e.Lines = max(e.Lines, strings.Count(c.Text, "\n")+strings.Count(c.Text, "\r"))
			}
			e.Filled++
			e.Total += int64(n)
		}
		return
	}
	n := c.Number
	if e.Values == 0 {
		e.Min, e.Max = n, n
	} else if n < e.Min {
		e.Min = n
	} else if n > e.Max {
		e.Max = n
	}
	e.Values++
	if n != float64(int64(n)) {
		e.fraction(n)
	}
	if n < 0 && v.Kind == dataset.Number {
		low, high := MissingRange(v)
		if n >= low && n <= high {
			e.Reserved++
		}
	}
}

// fraction counts a number that is no 64-bit integer.
func (e *Extent) fraction(n float64) {
	const integersOnly = 1 << 53 // from here on there are no others
	if n >= integersOnly || n <= -integersOnly {
		return
	}
	e.Whole = false
	for digits, p := e.Decimals, pow10[e.Decimals]; digits < MaxDecimals; digits++ {
		// 4.35 × 100 is a hair below 435.
		if x := math.Abs(n * p); math.Abs(x-math.Round(x)) <= x*1e-14 {
			return
		}
		p *= 10
		e.Decimals = digits + 1
	}
}

var pow10 = [MaxDecimals + 1]float64{1, 10, 100, 1000, 10000}

// MissingRange gives the range of numbers that stand for missing values of a
// variable, both ends included.
func MissingRange(v *dataset.Variable) (low, high float64) {
	return float64(dataset.NotMember.Code(v.Negative)), float64(dataset.DontKnow.Code(v.Negative))
}
