package dta

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
)

// File is a dataset of Stata that was opened.
type File struct {
	Release         int
	Label           string
	Timestamp       string
	Rows            int
	Variables       []Variable
	Characteristics map[string]map[string]string // by variable, "_dta" for the dataset, and name
	Labels          map[string][]Labelled        // the value labels, by their names

	in      io.ReaderAt
	size    int64
	offsets []int64 // of the map
	wide    int     // bytes of a number of variables
	strLs   map[uint64]place
}

// Variable is a variable of a file.
type Variable struct {
	Name      string
	Label     string
	Storage   string // "byte", "int", "long", "double", "str12", "strL"
	Format    string
	LabelName string // of its value labels

	storage storage
}

// Labelled is a number, or a missing value, and its label.
type Labelled struct {
	Number  int
	Missing byte // 'a' … 'z'; 0 for a number
	Label   string
}

// Cell is one value: of a number Missing is 0, '.', or 'a' … 'z'.
type Cell struct {
	Number  float64
	Text    string
	Missing byte
}

// place is where a long text stands in the file.
type place struct {
	at   int64
	size int
}

// ErrFormat is what reading fails with that is no dataset of Stata, or one of
// another kind than Write writes.
var ErrFormat = errors.New("dta: this is not a dataset of Stata as Panelverk writes them")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

// scanner reads one part of the file after the other. The first error ends it.
type scanner struct {
	in  *io.SectionReader
	err error
}

// bytes reads n bytes. No more memory is taken than there are bytes.
func (s *scanner) bytes(n int) []byte {
	if s.err != nil {
		return nil
	}
	at, _ := s.in.Seek(0, io.SeekCurrent) // a section knows where it is
	if n < 0 || int64(n) > s.in.Size()-at {
		s.err = broken("it ends too early")
		return nil
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(s.in, b); err != nil {
		s.err = fmt.Errorf("dta: %w", err)
		return nil
	}
	return b
}

func (s *scanner) uint(bytes int) int {
	var n uint64
	b := s.bytes(bytes)
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | uint64(b[i])
	}
	if n > math.MaxInt64 {
		n = math.MaxInt64
	}
	return int(n)
}

func (s *scanner) tag(want string) {
	if b := s.bytes(len(want)); s.err == nil && string(b) != want {
		s.err = broken("%q in place of %q", b, want)
	}
}

// text reads a text that zeros fill up to a length.
func (s *scanner) text(n int) string {
	text, _, _ := bytes.Cut(s.bytes(n), []byte{0})
	return string(text)
}

// is tells whether a tag comes next, and reads it where it does.
func (s *scanner) is(tag string) bool {
	if s.err != nil {
		return false
	}
	at, _ := s.in.Seek(0, io.SeekCurrent)
	b := make([]byte, len(tag))
	if n, _ := s.in.ReadAt(b, at); n < len(b) || string(b) != tag {
		return false
	}
	_, _ = s.in.Seek(int64(len(tag)), io.SeekCurrent)
	return true
}

// Open reads everything but the data. It takes what Write writes: formats 118
// and 119, little-endian. It fails with ErrFormat on anything else, and memory
// stays within a multiple of the size.
func Open(in io.ReaderAt, size int64) (*File, error) {
	f := &File{in: in, size: size, Characteristics: map[string]map[string]string{}, Labels: map[string][]Labelled{}, strLs: map[uint64]place{}}
	s := &scanner{in: io.NewSectionReader(in, 0, size)}
	f.header(s)
	f.variables(s)
	f.characteristics(s)
	f.data(s)
	f.texts(s)
	f.labels(s)
	s.tag(endFile)
	if s.err != nil {
		return nil, s.err
	}
	return f, nil
}

func (f *File) header(s *scanner) {
	s.tag("<stata_dta><header><release>")
	release, err := strconv.Atoi(string(s.bytes(3)))
	if s.err == nil && (err != nil || release != 118 && release != 119) {
		s.err = broken("release %d", release)
	}
	if f.Release, f.wide = release, 2; release == 119 {
		f.wide = 4
	}
	s.tag("</release><byteorder>LSF</byteorder><K>")
	k := s.uint(f.wide)
	s.tag("</K><N>")
	f.Rows = s.uint(8)
	s.tag("</N><label>")
	f.Label = s.text(s.uint(2))
	s.tag("</label><timestamp>")
	f.Timestamp = s.text(s.uint(1))
	s.tag("</timestamp></header>")
	f.at(s, 1)
	s.tag("<map>")
	for range len(parts) + 2 {
		f.offsets = append(f.offsets, int64(s.uint(8)))
	}
	s.tag("</map>")
	const perVariable = 2 + nameBytes + 2 + formatBytes + nameBytes + labelBytes // at least
	if s.err == nil && int64(k)*perVariable > f.size {
		s.err = broken("%d variables", k)
	}
	if s.err == nil {
		f.Variables = make([]Variable, k)
		f.at(s, 0)
	}
}

// at checks that a part begins where the map says.
func (f *File) at(s *scanner, part int) {
	if s.err != nil || part >= len(f.offsets) {
		return
	}
	at, _ := s.in.Seek(0, io.SeekCurrent)
	if part == 0 {
		at = 0
	}
	if f.offsets[part] != at {
		s.err = broken("part %d begins at %d, and the map says %d", part, at, f.offsets[part])
	}
}

func (f *File) variables(s *scanner) {
	each := func(part int, name string, read func(*Variable)) {
		f.at(s, part)
		s.tag("<" + name + ">")
		for i := range f.Variables {
			read(&f.Variables[i])
		}
		s.tag("</" + name + ">")
	}
	each(2, "variable_types", func(v *Variable) {
		v.storage = storage(s.uint(2)) //nolint:gosec // two bytes
		switch v.storage {
		case strL:
			v.Storage = "strL"
		case double:
			v.Storage = "double"
		case long:
			v.Storage = "long"
		case integer:
			v.Storage = "int"
		case small:
			v.Storage = "byte"
		default:
			v.Storage = "str" + strconv.Itoa(int(v.storage))
			if s.err == nil && (v.storage == 0 || v.storage > maxFixed) {
				s.err = broken("a variable of type %d", v.storage)
			}
		}
	})
	each(3, "varnames", func(v *Variable) { v.Name = s.text(nameBytes) })
	f.at(s, 4)
	s.tag("<sortlist>")
	s.bytes((len(f.Variables) + 1) * f.wide)
	s.tag("</sortlist>")
	each(5, "formats", func(v *Variable) { v.Format = s.text(formatBytes) })
	each(6, "value_label_names", func(v *Variable) { v.LabelName = s.text(nameBytes) })
	each(7, "variable_labels", func(v *Variable) { v.Label = s.text(labelBytes) })
}

func (f *File) characteristics(s *scanner) {
	f.at(s, 8)
	s.tag("<characteristics>")
	for s.is("<ch>") {
		n := s.uint(4)
		of, name := s.text(nameBytes), s.text(nameBytes)
		text := s.text(n - 2*nameBytes)
		s.tag("</ch>")
		if f.Characteristics[of] == nil {
			f.Characteristics[of] = map[string]string{}
		}
		f.Characteristics[of][name] = text
	}
	s.tag("</characteristics>")
}

func (f *File) width() (n int) {
	for _, v := range f.Variables {
		n += v.storage.width()
	}
	return n
}

// data goes past the data.
func (f *File) data(s *scanner) {
	f.at(s, 9)
	s.tag("<data>")
	if s.err != nil {
		return
	}
	at, _ := s.in.Seek(0, io.SeekCurrent)
	width := int64(f.width())
	if width == 0 && f.Rows > 0 || width > 0 && int64(f.Rows) > (f.size-at)/width {
		s.err = broken("%d rows of %d bytes", f.Rows, width)
		return
	}
	_, _ = s.in.Seek(width*int64(f.Rows), io.SeekCurrent)
	s.tag("</data>")
}

// texts notes where the long texts stand.
func (f *File) texts(s *scanner) {
	f.at(s, 10)
	s.tag("<strls>")
	for s.is("GSO") {
		variable, row, kind, size := s.uint(4), s.uint(8), s.uint(1), s.uint(4)
		at, _ := s.in.Seek(0, io.SeekCurrent)
		if s.err == nil && (kind != 130 || size < 1 || int64(size) > f.size-at) {
			s.err = broken("a text of kind %d and %d bytes", kind, size)
			return
		}
		f.strLs[f.key(variable, row)] = place{at, size - 1}
		_, _ = s.in.Seek(int64(size), io.SeekCurrent)
	}
	s.tag("</strls>")
}

// key is a reference to a long text as the data holds it.
func (f *File) key(variable, row int) uint64 {
	return uint64(variable) | uint64(row)<<(8*(1+f.wide/2)) //nolint:gosec // a wrong one is not found
}

func (f *File) labels(s *scanner) {
	f.at(s, 11)
	s.tag("<value_labels>")
	for s.is("<lbl>") {
		size := s.uint(4)
		name := s.text(nameBytes)
		s.bytes(3)
		table := s.bytes(size)
		s.tag("</lbl>")
		if s.err != nil {
			return
		}
		list, ok := labelled(table)
		if !ok {
			s.err = broken("the labels %s", name)
			return
		}
		f.Labels[name] = list
	}
	s.tag("</value_labels>")
	f.at(s, 12)
}

// labelled reads a table of value labels.
func labelled(b []byte) (out []Labelled, ok bool) {
	if len(b) < 8 {
		return nil, false
	}
	n, texts := int(binary.LittleEndian.Uint32(b)), int(binary.LittleEndian.Uint32(b[4:]))
	b = b[8:]
	if n > len(b)/8 || len(b) != 8*n+texts {
		return nil, false
	}
	for i := range n {
		at := int(binary.LittleEndian.Uint32(b[4*i:]))
		number := int(int32(binary.LittleEndian.Uint32(b[4*(n+i):]))) //nolint:gosec // the sign is wanted
		if at >= texts {
			return nil, false
		}
		text, _, end := bytes.Cut(b[8*n+at:], []byte{0})
		if !end {
			return nil, false
		}
		one := Labelled{Number: number, Label: string(text)}
		if number > maxLong {
			one.Number, one.Missing = 0, letter(number-maxLong-1)
		}
		out = append(out, one)
	}
	return out, true
}

// letter gives '.' or 'a' … 'z' of the place among them.
func letter(n int) byte {
	if n <= 0 {
		return '.'
	}
	return byte(min(n, 26)) - 1 + 'a'
}

// Data gives the rows. The slice is used again for the next one.
func (f *File) Data() iter.Seq2[[]Cell, error] {
	return func(yield func([]Cell, error) bool) {
		width := f.width()
		in := io.NewSectionReader(f.in, f.offsets[9]+int64(len("<data>")), int64(width)*int64(f.Rows))
		b, cells := make([]byte, width), make([]Cell, len(f.Variables))
		for range f.Rows {
			if _, err := io.ReadFull(in, b); err != nil {
				yield(nil, fmt.Errorf("dta: %w", err))
				return
			}
			at := 0
			for i, v := range f.Variables {
				part := b[at : at+v.storage.width()]
				at += len(part)
				var err error
				if cells[i], err = f.cell(v.storage, part); err != nil {
					yield(nil, err)
					return
				}
			}
			if !yield(cells, nil) {
				return
			}
		}
	}
}

func (f *File) cell(s storage, b []byte) (Cell, error) {
	switch s {
	case strL:
		key := binary.LittleEndian.Uint64(b)
		if key == 0 {
			return Cell{}, nil
		}
		where, ok := f.strLs[key]
		if !ok {
			return Cell{}, broken("a text is missing")
		}
		text := make([]byte, where.size)
		if _, err := io.ReadFull(io.NewSectionReader(f.in, where.at, int64(where.size)), text); err != nil {
			return Cell{}, fmt.Errorf("dta: %w", err)
		}
		return Cell{Text: string(text)}, nil
	case double:
		bits := binary.LittleEndian.Uint64(b)
		if bits < 1<<63 && bits >= firstMissing {
			return Cell{Missing: letter(int((bits - firstMissing) / missingStep))}, nil //nolint:gosec // up to 31
		}
		return Cell{Number: math.Float64frombits(bits)}, nil
	case long:
		return whole(int(int32(binary.LittleEndian.Uint32(b))), maxLong), nil //nolint:gosec // the sign is wanted
	case integer:
		return whole(int(int16(binary.LittleEndian.Uint16(b))), maxInt), nil //nolint:gosec // the sign is wanted
	case small:
		return whole(int(int8(b[0])), maxByte), nil //nolint:gosec // the sign is wanted
	}
	text, _, _ := bytes.Cut(b, []byte{0})
	return Cell{Text: string(text)}, nil
}

func whole(n, most int) Cell {
	if n > most {
		return Cell{Missing: letter(n - most - 1)}
	}
	return Cell{Number: float64(n)}
}
