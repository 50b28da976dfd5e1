package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"
)

// Checksum is the SHA-256 of a dataset's canonical content: the same for the
// same names and cells, whatever files they are written to and by which build.
//
// Of the long rows and of each table there is one digest, over the names of the
// columns and then the rows. A cell is n and the shortest decimal of a number, m
// and the code of a missing value, d and a day or moment as it was answered, or
// t and a text; each of the latter two has its length in bytes and a colon
// before it; a row ends with a line feed. The checksum is over the lines
// "name digest" in the order of the dataset.
type Checksum struct {
	d      *Dataset
	long   hash.Hash
	tables []hash.Hash
	line   []byte
}

// NewChecksum gives the checksum of a dataset without rows yet.
func NewChecksum(d *Dataset) *Checksum {
	c := &Checksum{d: d}
	begin := func(columns []Column) hash.Hash {
		h := sha256.New()
		c.line = c.line[:0]
		for _, column := range columns {
			c.word('t', column.Name)
		}
		c.end(h)
		return h
	}
	c.long = begin(d.long)
	for _, t := range d.Tables {
		c.tables = append(c.tables, begin(t.Columns))
	}
	return c
}

// Add takes in one record.
func (c *Checksum) Add(r *Record) {
	for _, row := range r.Long {
		c.row(c.long, row)
	}
	if len(r.Long) == 0 { // before the first wave there are the constants alone
		c.row(c.long, r.Wide)
	}
	for i, rows := range r.Tables {
		for _, row := range rows {
			c.row(c.tables[i], row)
		}
	}
}

func (c *Checksum) row(h hash.Hash, row []Cell) {
	c.line = c.line[:0]
	for i := range row {
		switch cell := &row[i]; {
		case cell.Missing != 0:
			c.line = strconv.AppendInt(append(c.line, 'm'), int64(cell.Missing), 10)
		case cell.Kind == Number:
			c.line = append(c.line, 'n')
			if n := int64(cell.Number); float64(n) == cell.Number {
				c.line = strconv.AppendInt(c.line, n, 10)
			} else {
				c.line = strconv.AppendFloat(c.line, cell.Number, 'g', -1, 64)
			}
		case cell.Kind == Text:
			c.word('t', cell.Text)
		default:
			c.word('d', cell.Text)
		}
	}
	c.end(h)
}

func (c *Checksum) word(mark byte, text string) {
	c.line = strconv.AppendInt(append(c.line, mark), int64(len(text)), 10)
	c.line = append(append(c.line, ':'), text...)
}

func (c *Checksum) end(h hash.Hash) {
	c.line = append(c.line, '\n')
	_, _ = h.Write(c.line) // a hash takes everything
}

// Sum gives the checksum of what was added, in hexadecimal.
func (c *Checksum) Sum() string {
	all := sha256.New()
	_, _ = fmt.Fprintf(all, "long %s\n", hex.EncodeToString(c.long.Sum(nil)))
	for i, t := range c.d.Tables {
		_, _ = io.WriteString(all, t.Name+" "+hex.EncodeToString(c.tables[i].Sum(nil))+"\n")
	}
	return hex.EncodeToString(all.Sum(nil))
}
