// Package csv writes a table as CSV, a description of it that programs read, and
// programs that read and label it in R, SPSS, Stata and Python.
//
// The CSV is that of RFC 4180: UTF-8 without a mark, commas, CRLF at the end of a
// row, one row of names at the top, a field in quotation marks where it holds a
// comma, a quotation mark, a line end or a space at an end. Numbers have a
// decimal point. Days are 2017-04-02, moments 2017-04-02T18:42:00 on the wall
// clock. Why a number is missing is its code (−1 … −12, −9901 … −9912 where a
// variable can be negative); a missing text or date is an empty field, and the
// column after it says why. Texts are exact, also where they look like formulas.
package csv

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
)

// flushAt is how many bytes are gathered before they are written.
const flushAt = 1 << 16

// Write writes a table. It fails, before anything is written, with every name
// that other programs would not take, and with whatever reading the rows or
// writing fails with.
func Write(w io.Writer, t *export.Table) error { return write(w, t, nil) }

// lineEnds are written as signs for them where a program takes each for the end
// of a row.
var lineEnds = strings.NewReplacer("\n", newline, "\r", carriage)

// They are of the private area of Unicode, where no text of anybody's has any.
const newline, carriage = "\uE00A", "\uE00D"

// Lined tells whether texts of a table, whose extents are known, hold line ends.
// SPSS takes those for the ends of rows: its program wants the file of WriteFlat.
func Lined(t *export.Table) bool {
	return slices.ContainsFunc(t.Extents, func(e export.Extent) bool { return e.Lines > 0 })
}

// FlatMark stands at the end of the name of a file of WriteFlat, before ".csv".
const FlatMark = "_flat"

// WriteFlat does what Write does, with other signs in place of line ends in
// texts. The program for SPSS puts those back.
func WriteFlat(w io.Writer, t *export.Table) error { return write(w, t, lineEnds) }

func write(w io.Writer, t *export.Table, flat *strings.Replacer) error {
	if err := export.CheckNames(t.Columns); err != nil {
		return err
	}
	b := make([]byte, 0, flushAt+1<<12)
	for i, c := range t.Columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, c.Name...)
	}
	b = append(b, "\r\n"...)
	for row, err := range t.Rows() {
		if err != nil {
			return err
		}
		start := len(b)
		for i := range row {
			if i > 0 {
				b = append(b, ',')
			}
			c := row[i]
			if flat != nil && c.Kind == dataset.Text {
				c.Text = flat.Replace(c.Text)
			}
			b = appendCell(b, &c, t.Columns[i].Variable)
		}
		if len(b) == start {
			b = append(b, `""`...) // readers skip an empty line
		}
		if b = append(b, "\r\n"...); len(b) >= flushAt {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(b)
	return err
}

func appendCell(b []byte, c *dataset.Cell, v *dataset.Variable) []byte {
	switch {
	case c.Missing != 0 && v.Kind == dataset.Number:
		return strconv.AppendInt(b, int64(c.Missing.Code(v.Negative)), 10)
	case c.Missing != 0:
		return b
	case c.Kind == dataset.Date:
		return day(c).AppendFormat(b, time.DateOnly)
	case c.Kind == dataset.DateTime:
		at := day(c)
		b = at.AppendFormat(b, "2006-01-02T15:04:05")
		if at.Nanosecond() != 0 {
			b = at.AppendFormat(b, ".000")
		}
		return b
	case c.Kind == dataset.Text:
		return appendText(b, c.Text)
	}
	return appendNumber(b, c.Number)
}

// day gives the moment of a date or datetime.
func day(c *dataset.Cell) time.Time {
	if c.Kind == dataset.Date {
		return time.Unix(int64(c.Number)*24*60*60, 0).UTC()
	}
	return time.UnixMilli(int64(c.Number)).UTC()
}

// appendNumber writes the shortest digits that are read as this very number.
func appendNumber(b []byte, n float64) []byte {
	const plain = 1e15 // beyond, zeros would stand for digits
	if n == float64(int64(n)) && n > -plain && n < plain {
		return strconv.AppendInt(b, int64(n), 10)
	}
	return strconv.AppendFloat(b, n, 'g', -1, 64)
}

// appendText quotes what needs it. An empty text is quoted, so that it is told
// from a missing one by whoever looks.
func appendText(b []byte, s string) []byte {
	if s != "" && !strings.ContainsAny(s, ",\"\r\n") && s[0] != ' ' && s[len(s)-1] != ' ' {
		return append(b, s...)
	}
	b = append(b, '"')
	for {
		at := strings.IndexByte(s, '"')
		if at < 0 {
			break
		}
		b = append(append(b, s[:at+1]...), '"')
		s = s[at+1:]
	}
	return append(append(b, s...), '"')
}
