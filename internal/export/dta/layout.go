package dta

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
)

// storage is how Stata stores a variable: up to 2045 the width of a text, else
// one of these.
type storage uint16

const (
	maxFixed storage = 2045
	strL     storage = 32768
	double   storage = 65526
	long     storage = 65528
	integer  storage = 65529
	small    storage = 65530
)

// width gives the bytes of a value in a row.
func (s storage) width() int {
	switch s {
	case strL, double:
		return 8
	case long:
		return 4
	case integer:
		return 2
	case small:
		return 1
	}
	return int(s)
}

// The largest and smallest number of each type. Above the largest come the
// missing values: ".", then ".a" to ".z".
const (
	minByte, maxByte = -127, 100
	minInt, maxInt   = -32767, 32740
	minLong, maxLong = -2147483647, 2147483620
	maxDouble        = 0x1.fffffffffffffp1022
	// The missing values of a double are as many of these steps above the first.
	firstMissing = 0x7FE0000000000000
	missingStep  = 0x0000010000000000
)

// layout is how the columns lie in a row.
type layout struct {
	columns []column
	width   int // of a row
	release int
	strLs   int64 // bytes of all of them
}

// column is one variable.
type column struct {
	dataset.Column
	storage storage
	add     float64 // to the numbers of days and times: Stata counts from 1960
}

// manyVariables is where format 118 ends.
const manyVariables = 32767

func newLayout(t *export.Table) *layout {
	l := &layout{release: 118}
	if len(t.Columns) > manyVariables {
		l.release = 119
	}
	const days = 3653 // from 1960-01-01 to 1970-01-01
	for i, c := range t.Columns {
		one := column{Column: c}
		e := &t.Extents[i]
		switch c.Variable.Kind {
		case dataset.Text:
			one.storage = textStorage(e, t.Count, i < t.Keys)
			if one.storage == strL {
				l.strLs += int64(e.Filled)*gsoSize + e.Total
			}
		case dataset.Date:
			one.add = days
			one.storage = numberStorage(e.Min+days, e.Max+days, e.Whole, e.Values)
		case dataset.DateTime:
			one.add, one.storage = days*24*60*60*1000, double
		default:
			one.storage = numberStorage(e.Min, e.Max, e.Whole, e.Values)
		}
		l.width += one.storage.width()
		l.columns = append(l.columns, one)
	}
	return l
}

// numberStorage gives the smallest type that holds whole numbers; others are doubles.
func numberStorage(low, high float64, whole bool, values int) storage {
	switch {
	case values == 0 || whole && low >= minByte && high <= maxByte:
		return small
	case whole && low >= minInt && high <= maxInt:
		return integer
	case whole && low >= minLong && high <= maxLong:
		return long
	}
	return double
}

// textStorage gives a strL where the texts are too long for another type, or
// where they are long and few enough that it is smaller.
func textStorage(e *export.Extent, rows int, key bool) storage {
	const short = 128
	fixed, asStrL := int64(rows)*int64(e.Bytes), int64(rows)*8+int64(e.Filled)*gsoSize+e.Total
	if e.Bytes > int(maxFixed) || e.Bytes > short && !key && asStrL < fixed {
		return strL
	}
	return storage(max(e.Bytes, 1))
}

// letters gives the missing code's place among ".", ".a" … ".z".
var letters = func() (out [13]byte) {
	for _, m := range dataset.Missings() {
		out[-m] = m.Stata()[1] - 'a' + 1
	}
	return out
}()

// put writes a number, or why there is none, as its type.
func (c *column) put(b []byte, cell *dataset.Cell) {
	n, gap := cell.Number+c.add, 0
	if cell.Missing != 0 {
		gap = int(letters[-cell.Missing])
	}
	switch {
	case c.storage == double && cell.Missing != 0:
		binary.LittleEndian.PutUint64(b, firstMissing+uint64(gap)*missingStep)
	case c.storage == double:
		binary.LittleEndian.PutUint64(b, math.Float64bits(n))
	case c.storage == long:
		i := int32(maxLong + 1 + gap)
		if cell.Missing == 0 {
			i = int32(n)
		}
		binary.LittleEndian.PutUint32(b, uint32(i))
	case c.storage == integer:
		i := int16(maxInt + 1 + gap)
		if cell.Missing == 0 {
			i = int16(n)
		}
		binary.LittleEndian.PutUint16(b, uint16(i))
	default:
		i := int8(maxByte + 1 + gap)
		if cell.Missing == 0 {
			i = int8(n)
		}
		b[0] = byte(i)
	}
}

// writeRows writes the data, row by row.
func (l *layout) writeRows(out *bufio.Writer, t *export.Table) error {
	_, _ = out.WriteString("<data>")
	b, n := make([]byte, l.width), 0
	for row, err := range t.Rows() {
		if err != nil {
			return err
		}
		n++
		at := 0
		for i := range row {
			c := &l.columns[i]
			width := c.storage.width()
			part := b[at : at+width]
			at += width
			switch {
			case c.storage == strL:
				clear(part)
				if row[i].Text != "" {
					l.reference(part, i+1, n)
				}
			case c.storage <= maxFixed:
				clear(part[copy(part, row[i].Text):])
			default:
				c.put(part, &row[i])
			}
		}
		if _, err := out.Write(b); err != nil {
			return fmt.Errorf("dta: %w", err)
		}
	}
	if n != t.Count {
		return fmt.Errorf("dta: %d rows, and %d were announced", n, t.Count)
	}
	_, _ = out.WriteString("</data>")
	return nil
}

// reference writes where a strL stands in the data: the number of its variable
// in two bytes, in format 119 three, and of its row in the rest of the eight.
func (l *layout) reference(b []byte, variable, row int) {
	bytes := 2
	if l.release == 119 {
		bytes = 3
	}
	binary.LittleEndian.PutUint64(b, uint64(variable)|uint64(row)<<(8*bytes)) //nolint:gosec // both are positive
}

// gsoSize is the size of a strL without its text: "GSO", variable, row, kind,
// length, and the zero at its end.
const gsoSize = 3 + 4 + 8 + 1 + 4 + 1

// writeStrLs writes the long texts, in the order of the rows.
func (l *layout) writeStrLs(out *bufio.Writer, t *export.Table) error {
	_, _ = out.WriteString("<strls>")
	var of []int
	for i, c := range l.columns {
		if c.storage == strL {
			of = append(of, i)
		}
	}
	if len(of) > 0 {
		const isText = 130
		var b []byte
		n := 0
		for row, err := range t.Rows() {
			if err != nil {
				return err
			}
			n++
			for _, i := range of {
				text := row[i].Text
				if text == "" {
					continue
				}
				b = binary.LittleEndian.AppendUint32(append(b[:0], "GSO"...), uint32(i+1)) //nolint:gosec // up to 120,000
				b = append(binary.LittleEndian.AppendUint64(b, uint64(n)), isText)         //nolint:gosec // positive
				b = binary.LittleEndian.AppendUint32(b, uint32(len(text)+1))               //nolint:gosec // far below the limit
				if _, err := out.Write(append(append(b, text...), 0)); err != nil {
					return fmt.Errorf("dta: %w", err)
				}
			}
		}
	}
	_, _ = out.WriteString("</strls>")
	return nil
}
