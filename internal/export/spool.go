package export

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"strings"
	"unicode/utf8"

	"panelverk/internal/dataset"
)

// Spool keeps rows in a temporary file and counts what their columns hold, so
// that they can be read again: once for each format, and after their number and
// the widths of their columns are known. It is not safe for concurrent use
// while rows are added; afterwards several readers may read at once.
type Spool struct {
	columns []dataset.Column
	extents []Extent
	count   int
	file    *os.File
	w       *bufio.Writer
	row     []byte
	size    int64
	longest int // of the rows
}

// A cell in the file is one byte, and with some of them what follows. Small
// whole numbers, which most answers are, and missing codes are that byte alone.
const (
	smallest  = 200 // 0 … 199 are the number itself
	gaps      = 200 // and from here the missing codes, without their sign
	aNumber   = 213 // a float64
	aDate     = 214 // a float64 and a text
	aDateTime = 215
	aText     = 216 // its length as a varint, and its bytes
)

// NewSpool opens a spool in a folder; "" is the system's for temporary files.
func NewSpool(dir string, columns []dataset.Column) (*Spool, error) {
	f, err := os.CreateTemp(dir, "rows-*.tmp")
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return &Spool{columns: columns, extents: empty(columns), file: f, w: bufio.NewWriterSize(f, 1<<16)}, nil
}

// Add keeps a row. Texts are kept as UTF-8 without NUL, which ends a text in
// some formats: U+FFFD stands for what is neither. It fails on a number that is
// none, and on a cell that is neither a value nor says why it is missing.
func (s *Spool) Add(cells []dataset.Cell) error {
	if len(cells) != len(s.columns) {
		return fmt.Errorf("export: a row has %d cells for %d columns", len(cells), len(s.columns))
	}
	row := s.row[:0]
	for i := range cells {
		c, v := &cells[i], s.columns[i].Variable
		e := &s.extents[i]
		switch {
		case c.Missing != 0:
			if c.Missing > dataset.DontKnow || c.Missing < dataset.NotMember {
				return fmt.Errorf("export: %s: there is no missing code %d", s.columns[i].Name, c.Missing)
			}
			row = append(row, gaps+byte(-c.Missing))
		case c.Kind != v.Kind:
			return fmt.Errorf("export: %s: a cell is a %s in a column of kind %s", s.columns[i].Name, kindName(c.Kind), v.Kind)
		case c.Kind == dataset.Text:
			if !clean(c.Text) {
				text := *c
				text.Text = strings.ReplaceAll(strings.ToValidUTF8(c.Text, "\uFFFD"), "\x00", "\uFFFD")
				c = &text
			}
			row = appendText(append(row, aText), c.Text)
		case math.IsNaN(c.Number) || math.IsInf(c.Number, 0):
			return fmt.Errorf("export: %s: %v is no number", s.columns[i].Name, c.Number)
		case c.Kind == dataset.Number:
			if n := byte(c.Number); c.Number >= 0 && c.Number < smallest && float64(n) == c.Number {
				row = append(row, n)
				break
			}
			row = binary.LittleEndian.AppendUint64(append(row, aNumber), math.Float64bits(c.Number))
		default:
			tag := byte(aDate)
			if c.Kind == dataset.DateTime {
				tag = aDateTime
			}
			row = binary.LittleEndian.AppendUint64(append(row, tag), math.Float64bits(c.Number))
			row = appendText(row, c.Text)
		}
		e.add(c, v)
	}
	s.row = row
	s.count++
	s.longest = max(s.longest, len(row))
	var head [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(head[:], uint64(len(row)))
	s.size += int64(n + len(row))
	if _, err := s.w.Write(head[:n]); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if _, err := s.w.Write(row); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

func kindName(k dataset.Kind) string {
	if k == 0 {
		return "nothing"
	}
	return k.String()
}

func clean(text string) bool {
	ascii := true
	for i := range len(text) {
		if text[i] == 0 {
			return false
		}
		ascii = ascii && text[i] < utf8.RuneSelf
	}
	return ascii || utf8.ValidString(text)
}

func appendText(row []byte, text string) []byte {
	return append(binary.AppendUvarint(row, uint64(len(text))), text...)
}

// Fill gives a table the rows that were added; no more may be added then.
func (s *Spool) Fill(t *Table) error {
	if err := s.w.Flush(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	t.Columns, t.Count, t.Extents, t.Rows = s.columns, s.count, s.extents, s.rows
	return nil
}

// Close removes the file.
func (s *Spool) Close() error {
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}

// errSpool is what reading finds that Add did not write.
var errSpool = errors.New("export: the temporary file was changed while it was read")

func (s *Spool) rows() iter.Seq2[[]dataset.Cell, error] {
	return func(yield func([]dataset.Cell, error) bool) {
		r := bufio.NewReaderSize(io.NewSectionReader(s.file, 0, s.size), 1<<16)
		cells, buffer := make([]dataset.Cell, len(s.columns)), make([]byte, s.longest)
		for range s.count {
			n, err := binary.ReadUvarint(r)
			if err == nil && n > uint64(len(buffer)) {
				err = errSpool
			}
			if err == nil {
				_, err = io.ReadFull(r, buffer[:n])
			}
			if err == nil {
				err = s.decode(buffer[:n], cells)
			}
			if err != nil {
				yield(nil, fmt.Errorf("export: %w", err))
				return
			}
			if !yield(cells, nil) {
				return
			}
		}
	}
}

// decode reads one row. All its texts are parts of one string.
func (s *Spool) decode(row []byte, cells []dataset.Cell) error {
	texts, at := "", 0
	for i := range cells {
		if at >= len(row) {
			return errSpool
		}
		tag := row[at]
		at++
		switch {
		case tag < smallest:
			cells[i] = dataset.Cell{Kind: dataset.Number, Number: float64(tag)}
			continue
		case tag > gaps && tag < aNumber:
			cells[i] = dataset.Cell{Missing: -dataset.Missing(tag - gaps)}
			continue
		}
		c := dataset.Cell{Kind: dataset.Text}
		if tag != aText {
			if at+8 > len(row) {
				return errSpool
			}
			c.Number = math.Float64frombits(binary.LittleEndian.Uint64(row[at:]))
			at += 8
			c.Kind = dataset.Number
			if tag != aNumber {
				c.Kind = dataset.Date
				if tag == aDateTime {
					c.Kind = dataset.DateTime
				}
			}
		}
		if tag != aNumber {
			size, used := binary.Uvarint(row[at:])
			n := int(min(size, math.MaxInt32))
			if at += used; used <= 0 || n > len(row)-at {
				return errSpool
			}
			if n > 0 {
				if texts == "" {
					texts = string(row)
				}
				c.Text = texts[at : at+n]
				at += n
			}
		}
		cells[i] = c
	}
	return nil
}
