package sav

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"
)

// File is a system file that was opened. What it says of itself is read; the
// cases are read once, by Rows.
type File struct {
	Label     string
	Created   string // "02 Jan 06 15:04:05"
	Cases     int64  // −1 where the file does not say
	Encoding  string
	Variables []Variable
	Documents []string // lines, without the blanks at their ends
	Sets      string   // the multiple response sets, as they are recorded

	in       *bufio.Reader
	elements int // of a case
	packed   bool
	codes    [8]byte
	at       int // in codes
	done     bool
}

// Variable is a variable of a file.
type Variable struct {
	Name       string
	Label      string
	Width      int // of a text, in bytes; 0 of a number
	Format     int // its number in the format's description
	Decimals   int
	Missing    []float64 // the range that is user-missing, both ends included; nil for none
	Values     []Labelled
	Measure    int // 1 nominal, 2 ordinal, 3 scale
	Shown      int
	Attributes map[string]string

	short    string
	segments []int // their widths
}

// Labelled is a number and its label.
type Labelled struct {
	Number float64
	Label  string
}

// Cell is one value of a case. Text holds a text without the blanks at its end;
// System says that a number is system-missing.
type Cell struct {
	Number float64
	Text   string
	System bool
}

// ErrFormat is what reading fails with that is no system file, or one of
// another kind than Write writes.
var ErrFormat = errors.New("sav: this is not a system file as Panelverk writes them")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

// maxRecord is how large one record may be; what is larger is no file of ours.
const maxRecord = 1 << 28

// scanner reads the parts of the dictionary. The first error ends it.
type scanner struct {
	in  *bufio.Reader
	err error
}

// bytes reads n bytes. Memory grows with what is there, not with what is said to be.
func (s *scanner) bytes(n int) []byte {
	if s.err == nil && (n < 0 || n > maxRecord) {
		s.err = broken("a part of %d bytes", n)
	}
	if s.err != nil {
		return nil
	}
	const step = 1 << 16
	b := make([]byte, 0, min(n, step))
	for len(b) < n {
		at := len(b)
		b = append(b, make([]byte, min(n-at, step))...)
		if _, err := io.ReadFull(s.in, b[at:]); err != nil {
			s.err = broken("it ends too early")
			return nil
		}
	}
	return b
}

func (s *scanner) text(n int) string { return string(s.bytes(n)) }

func (s *scanner) int() int {
	b := s.bytes(4)
	if b == nil {
		return 0
	}
	return int(int32(binary.LittleEndian.Uint32(b))) //nolint:gosec // the sign is wanted
}

func (s *scanner) float() float64 {
	b := s.bytes(8)
	if b == nil {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

// Open reads everything before the data. It takes what Write writes: little-
// endian, UTF-8, not compressed with zlib. It fails with ErrFormat on anything
// else, and memory stays within a multiple of what is read.
func Open(r io.Reader) (*File, error) {
	f := &File{in: bufio.NewReaderSize(r, 1<<16)}
	s := &scanner{in: f.in}
	f.header(s)
	d := &reading{File: f, scanner: s, dictionary: map[int]int{}}
	for s.err == nil {
		kind := s.int()
		if kind == recordEnd && s.err == nil {
			s.int()
			break
		}
		d.record(kind)
	}
	if s.err == nil {
		d.join()
	}
	if s.err != nil {
		return nil, s.err
	}
	return f, nil
}

func (f *File) header(s *scanner) {
	if s.text(4) != magic || !strings.HasPrefix(s.text(60), "@(#) SPSS DATA FILE") {
		s.err = ErrFormat
		return
	}
	if s.int() != 2 {
		s.err = broken("its bytes are in another order")
		return
	}
	s.int() // elements; what counts are the variables
	compression := s.int()
	f.packed, f.at = compression == 1, len(f.codes)
	s.int() // weight
	f.Cases = int64(s.int())
	if bias := s.float(); s.err == nil && (compression > 1 || bias != codeBias) {
		s.err = broken("compression %d", compression)
	}
	f.Created = s.text(9) + " " + s.text(8)
	f.Label = strings.TrimRight(s.text(64), " ")
	s.bytes(3)
}

// reading is what is known while the dictionary is read.
type reading struct {
	*File
	*scanner
	dictionary map[int]int // the variable that begins at an element, from 1
	rest       int         // elements of a text that are still to come
	names      map[string]string
	lengths    map[string]int
	display    []int
	own        string
}

func (d *reading) record(kind int) {
	switch kind {
	case recordVariable:
		d.variable()
	case recordLabels:
		d.labels()
	case recordDocuments:
		n := d.int()
		for i := 0; i < n && d.err == nil; i++ {
			d.Documents = append(d.Documents, strings.TrimRight(d.text(documentLine), " "))
		}
	case recordExtension:
		d.extension()
	default:
		if d.err == nil {
			d.err = broken("a record of kind %d", kind)
		}
	}
}

func (d *reading) variable() {
	width, labelled, missing, format := d.int(), d.int(), d.int(), d.int()
	d.int()
	name := strings.TrimRight(d.text(8), " ")
	d.elements++
	if width == -1 {
		if d.rest--; d.rest < 0 && d.err == nil {
			d.err = broken("a text goes on that has not begun")
		}
		return
	}
	if d.err == nil && (d.rest != 0 || width < 0 || width > 255) {
		d.err = broken("a variable of width %d", width)
		return
	}
	v := Variable{short: name, Name: name, Width: width, Format: format >> 16 & 0xFF, Decimals: format & 0xFF, segments: []int{width}}
	d.dictionary[d.elements] = len(d.Variables)
	d.rest = elements(width) - 1
	if labelled == 1 {
		n := d.int()
		v.Label = d.text(n)
		d.bytes((4 - n&3) & 3)
	}
	switch missing {
	case 0:
	case -2:
		v.Missing = []float64{d.float(), d.float()}
	default:
		if d.err == nil {
			d.err = broken("missing values of kind %d", missing)
		}
	}
	d.Variables = append(d.Variables, v)
}

func (d *reading) labels() {
	n := d.int()
	var list []Labelled
	for i := 0; i < n && d.err == nil; i++ {
		number := d.float()
		length := d.bytes(1)
		if length == nil {
			return
		}
		size := int(length[0])
		if label := d.bytes((size+8)/8*8 - 1); label != nil {
			list = append(list, Labelled{number, string(label[:size])})
		}
	}
	if kind := d.int(); d.err == nil && kind != recordLabelsOf {
		d.err = broken("labels of no variable")
	}
	count := d.int()
	for i := 0; i < count && d.err == nil; i++ {
		at, ok := d.dictionary[d.int()]
		if !ok || d.Variables[at].Width > 0 {
			d.err = broken("labels of an unknown variable")
			return
		}
		d.Variables[at].Values = list
	}
}

func (d *reading) extension() {
	subtype, size, count := d.int(), d.int(), d.int()
	if d.err == nil && (size <= 0 || size > 8 || count < 0 || count > maxRecord/8) {
		d.err = broken("a record of %d elements of %d bytes", count, size)
		return
	}
	data := d.bytes(size * count)
	if d.err != nil {
		return
	}
	switch subtype {
	case extensionIntegers:
		if len(data) == 32 && binary.LittleEndian.Uint32(data[28:]) != codePage {
			d.err = broken("it is not in UTF-8")
		}
	case extensionSets:
		d.Sets = string(data)
	case extensionDisplay:
		for ; len(data) >= 4; data = data[4:] {
			d.display = append(d.display, int(binary.LittleEndian.Uint32(data)))
		}
	case extensionNames:
		d.names = map[string]string{}
		for pair := range strings.SplitSeq(string(data), "\t") {
			short, long, _ := strings.Cut(pair, "=")
			d.names[short] = long
		}
	case extensionLengths:
		d.lengths = map[string]int{}
		for pair := range strings.SplitSeq(string(data), "\t") {
			short, width, found := strings.Cut(strings.TrimRight(pair, "\x00"), "=")
			n := 0
			for _, r := range width {
				if n = 10*n + int(r-'0'); r < '0' || r > '9' || n > math.MaxInt16 {
					d.err = broken("a text of width %s", width)
					return
				}
			}
			if found {
				d.lengths[short] = n
			}
		}
	case extensionCases:
		if len(data) == 16 {
			d.Cases = int64(binary.LittleEndian.Uint64(data[8:])) //nolint:gosec // a wrong one is only a wrong number
		}
	case extensionOwn:
		d.own = string(data)
	case extensionEncoding:
		d.Encoding = string(data)
	}
}

// join puts the segments of long texts together and names the variables.
func (d *reading) join() {
	if d.rest != 0 {
		d.err = broken("the last text does not end")
		return
	}
	var out []Variable
	own := attributesOf(d.own)
	for i := 0; i < len(d.Variables); i++ {
		v := d.Variables[i]
		if len(d.display) == 3*len(d.Variables) {
			v.Measure, v.Shown = d.display[3*i], d.display[3*i+1]
		}
		if width, long := d.lengths[v.short]; long && width > maxSegment {
			n := (width + perSegment - 1) / perSegment
			if i+n > len(d.Variables) {
				d.err = broken("segments of %s are missing", v.short)
				return
			}
			v.Width = width
			for _, s := range d.Variables[i+1 : i+n] {
				if s.Width == 0 {
					d.err = broken("a segment of %s is a number", v.short)
					return
				}
				v.segments = append(v.segments, s.Width)
			}
			i += n - 1
		}
		if long := d.names[v.short]; long != "" {
			v.Name = long
		}
		v.Attributes = own[v.Name]
		out = append(out, v)
	}
	d.Variables = out
}

// attributesOf reads "NAME:attribute('value'\n)…/NAME:…".
func attributesOf(s string) map[string]map[string]string {
	all := map[string]map[string]string{}
	for s != "" {
		name, rest, found := strings.Cut(s, ":")
		if !found {
			break
		}
		own := map[string]string{}
		for rest != "" && rest[0] != '/' {
			key, after, one := strings.Cut(rest, "('")
			value, next, two := strings.Cut(after, "'\n)")
			if !one || !two {
				return all
			}
			own[key], rest = value, next
		}
		all[name] = own
		s = strings.TrimPrefix(rest, "/")
	}
	return all
}

// Rows gives the cases, once. The slice is used again for the next one.
func (f *File) Rows() iter.Seq2[[]Cell, error] {
	return func(yield func([]Cell, error) bool) {
		cells := make([]Cell, len(f.Variables))
		element := make([]byte, 8)
		for {
			begun := false
			for i := range f.Variables {
				v := &f.Variables[i]
				var err error
				if cells[i], err = f.cell(v, element, &begun); err != nil {
					if !errors.Is(err, io.EOF) || begun {
						yield(nil, broken("it ends within a case: %v", err))
					}
					return
				}
			}
			if len(f.Variables) == 0 || !yield(cells, nil) {
				return
			}
		}
	}
}

// cell reads the elements of one variable; begun tells whether the case has begun.
func (f *File) cell(v *Variable, element []byte, begun *bool) (Cell, error) {
	if v.Width == 0 {
		missing, err := f.element(element)
		if err != nil {
			return Cell{}, err
		}
		*begun = true
		n := math.Float64frombits(binary.LittleEndian.Uint64(element))
		return Cell{Number: n, System: missing || n == systemMissing}, nil
	}
	var text []byte
	for _, width := range v.segments {
		from := len(text)
		for range elements(width) {
			if _, err := f.element(element); err != nil {
				return Cell{}, err
			}
			*begun = true
			text = append(text, element...)
		}
		text = text[:from+width]
	}
	return Cell{Text: strings.TrimRight(string(text[:min(len(text), v.Width)]), " ")}, nil
}

// element reads eight bytes of data; missing says that they stand for nothing.
func (f *File) element(b []byte) (missing bool, err error) {
	if !f.packed {
		_, err := io.ReadFull(f.in, b)
		return false, err
	}
	for {
		if f.at == len(f.codes) {
			if f.done {
				return false, io.EOF
			}
			if _, err := io.ReadFull(f.in, f.codes[:]); err != nil {
				return false, err
			}
			f.at = 0
		}
		code := f.codes[f.at]
		f.at++
		switch code {
		case codeFill:
		case codeEnd:
			f.done, f.at = true, len(f.codes)
		case codeLiteral:
			_, err := io.ReadFull(f.in, b)
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return false, err
		case codeBlank:
			copy(b, blanks)
			return false, nil
		case codeMissing:
			binary.LittleEndian.PutUint64(b, math.Float64bits(systemMissing))
			return true, nil
		default:
			binary.LittleEndian.PutUint64(b, math.Float64bits(float64(code)-codeBias))
			return false, nil
		}
	}
}
