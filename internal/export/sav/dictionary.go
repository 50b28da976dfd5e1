package sav

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
)

// The kinds of records.
const (
	recordVariable    = 2
	recordLabels      = 3
	recordLabelsOf    = 4
	recordDocuments   = 6
	recordExtension   = 7
	recordEnd         = 999
	extensionIntegers = 3
	extensionFloats   = 4
	extensionSets     = 7
	extensionDisplay  = 11
	extensionNames    = 13
	extensionLengths  = 14
	extensionCases    = 16
	extensionOwn      = 18 // attributes of variables
	extensionEncoding = 20
)

const (
	magic    = "$FL2"
	product  = "@(#) SPSS DATA FILE Panelverk"
	encoding = "UTF-8"
	codePage = 65001
)

// record is bytes that are put together.
type record struct{ b []byte }

func (r *record) int(n int) {
	r.b = binary.LittleEndian.AppendUint32(r.b, uint32(int32(n))) //nolint:gosec // lengths and counts of a dictionary
}

func (r *record) float(f float64) {
	r.b = binary.LittleEndian.AppendUint64(r.b, math.Float64bits(f))
}
func (r *record) text(s string) { r.b = append(r.b, s...) }

// padded writes a text filled up with blanks to a length.
func (r *record) padded(s string, length int) {
	r.text(s)
	r.text(strings.Repeat(" ", length-len(s)))
}

// extension writes a record of kind 7 from elements of a size.
func (r *record) extension(subtype, size int, data []byte) {
	if len(data) == 0 {
		return
	}
	for _, n := range []int{recordExtension, subtype, size, len(data) / size} {
		r.int(n)
	}
	r.b = append(r.b, data...)
}

// dictionary gives everything before the data.
func dictionary(t *export.Table, about *export.About, l *layout) []byte {
	r := &record{}
	r.header(t, about, l)
	for i := range l.columns {
		r.variable(about, &l.columns[i])
	}
	r.labels(about, l)
	r.documents(about, l)
	r.extensions(t, about, l)
	r.int(recordEnd)
	r.int(0)
	return r.b
}

func (r *record) header(t *export.Table, about *export.About, l *layout) {
	r.text(magic)
	r.padded(product, 60)
	r.int(2) // the layout; readers see the order of bytes by it
	r.int(l.elements)
	r.int(1) // compressed
	r.int(0) // no weight
	if t.Count > math.MaxInt32 {
		r.int(-1)
	} else {
		r.int(t.Count)
	}
	r.float(codeBias)
	r.text(about.Now.UTC().Format("02 Jan 0615:04:05"))
	title := about.In(about.Language(), about.Title)
	r.padded(export.Fit(cmp.Or(title, about.Study), maxFileLabel, export.Bytes), maxFileLabel)
	r.b = append(r.b, 0, 0, 0)
}

// variable writes a column as the records of its segments.
func (r *record) variable(about *export.About, c *column) {
	for i, s := range c.segments {
		label := ""
		if i == 0 {
			label = about.FitLabel(about.Language(), c.Column, maxVariableLabel, export.Bytes)
		}
		r.int(recordVariable)
		r.int(s.width)
		r.int(btoi(label != ""))
		coded := c.Variable.Kind == dataset.Number
		r.int(-2 * btoi(coded)) // a range
		r.int(int(c.format(s)))
		r.int(int(c.format(s)))
		r.padded(s.name, 8)
		if label != "" {
			r.int(len(label))
			r.padded(label, (len(label)+3)/4*4)
		}
		if coded {
			low, high := export.MissingRange(c.Variable)
			r.float(low)
			r.float(high)
		}
		for range elements(s.width) - 1 {
			for _, n := range []int{recordVariable, -1, 0, 0, 0, 0} {
				r.int(n)
			}
			r.text(blanks)
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// labels writes the value labels, each list once with all variables that have it.
func (r *record) labels(about *export.About, l *layout) {
	type list struct {
		labels  []byte
		count   int
		columns []int
	}
	var lists []*list
	seen, of := map[string]*list{}, map[*dataset.Variable]*list{}
	for i := range l.columns {
		c := &l.columns[i]
		found := of[c.Variable]
		if found == nil {
			one := record{}
			n := 0
			for _, v := range about.Values(about.Language(), c.Variable) {
				label := export.Fit(v.Label, maxValueLabel, export.Bytes)
				if label == "" {
					continue
				}
				one.float(v.Code)
				one.b = append(one.b, byte(len(label))) //nolint:gosec // up to 120
				one.padded(label, (len(label)+8)/8*8-1)
				n++
			}
			if n == 0 {
				continue
			}
			if found = seen[string(one.b)]; found == nil {
				found = &list{labels: one.b, count: n}
				seen[string(one.b)] = found
				lists = append(lists, found)
			}
			of[c.Variable] = found
		}
		found.columns = append(found.columns, c.index)
	}
	for _, found := range lists {
		r.int(recordLabels)
		r.int(found.count)
		r.b = append(r.b, found.labels...)
		r.int(recordLabelsOf)
		r.int(len(found.columns))
		for _, index := range found.columns {
			r.int(index)
		}
	}
}

// documents writes the remarks, and which texts had to be cut.
func (r *record) documents(about *export.About, l *layout) {
	var lines []string
	for _, remark := range about.Remarks {
		lines = append(lines, wrap(remark)...)
	}
	var long []string
	for _, c := range l.columns {
		if c.extent.Bytes > maxText {
			long = append(long, c.Name)
		}
	}
	if len(long) > 0 {
		lines = append(lines, wrap("Texts beyond "+strconv.Itoa(maxText)+" bytes were cut: "+strings.Join(long, ", "))...)
	}
	if len(lines) == 0 {
		return
	}
	r.int(recordDocuments)
	r.int(len(lines))
	for _, line := range lines {
		r.padded(line, documentLine)
	}
}

// wrap parts a paragraph into lines of a document; a word that is too long for
// one goes on in the next.
func wrap(paragraph string) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(paragraph) {
		for len(word) > documentLine {
			if line != "" {
				lines, line = append(lines, line), ""
			}
			end := documentLine
			for !startsLetter(word[end]) {
				end--
			}
			lines, word = append(lines, word[:end]), word[end:]
		}
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) <= documentLine:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// startsLetter tells whether a byte of UTF-8 is the first of a letter.
func startsLetter(b byte) bool { return b&0xC0 != 0x80 }

// extensions writes the records of kind 7, in the order of their numbers.
func (r *record) extensions(t *export.Table, about *export.About, l *layout) {
	integers := record{}
	for _, n := range []int{1, 0, 0, -1, 1, 1, 2, codePage} { // version 1.0.0; IEEE 754; little-endian
		integers.int(n)
	}
	r.extension(extensionIntegers, 4, integers.b)
	floats := record{}
	floats.float(systemMissing)
	floats.float(math.MaxFloat64)
	floats.float(math.Nextafter(systemMissing, 0))
	r.extension(extensionFloats, 8, floats.b)
	r.extension(extensionSets, 1, sets(t, about, l))

	display := record{}
	var names, lengths []string
	for i := range l.columns {
		c := &l.columns[i]
		for range c.segments {
			display.int(int(export.MeasureOf(c.Variable)))
			display.int(c.shown())
			display.int(btoi(c.width == 0)) // numbers stand to the right
		}
		names = append(names, c.segments[0].name+"="+c.Name)
		if len(c.segments) > 1 {
			width := strconv.Itoa(c.width)
			lengths = append(lengths, c.segments[0].name+"="+strings.Repeat("0", 5-len(width))+width+"\x00\t")
		}
	}
	r.extension(extensionDisplay, 4, display.b)
	r.extension(extensionNames, 1, []byte(strings.Join(names, "\t")))
	r.extension(extensionLengths, 1, []byte(strings.Join(lengths, "")))
	cases := binary.LittleEndian.AppendUint64([]byte{1, 0, 0, 0, 0, 0, 0, 0}, uint64(t.Count)) //nolint:gosec // checked
	r.extension(extensionCases, 8, cases)
	r.extension(extensionOwn, 1, attributes(about, l))
	r.extension(extensionEncoding, 1, []byte(encoding))
}

// sets gives the multiple response sets: in each the ones are counted. They are all of
// the kind D, whose categories are named by the variables' labels (record 7/7). The kind
// E (7/19) would name each by the label of the value that is counted, which is the same
// for all; its LABELSOURCE=VARLABEL is about the set's own label, which ours have.
func sets(t *export.Table, about *export.About, l *layout) []byte {
	var b bytes.Buffer
	for _, s := range export.Sets(t.Columns) {
		label := about.FitLabel(about.Language(), dataset.Column{Variable: &dataset.Variable{Label: s.Label}, Wave: s.Wave}, maxVariableLabel, export.Bytes)
		b.WriteString("$" + s.Name + "=D1 1 " + strconv.Itoa(len(label)) + " " + label)
		for _, i := range s.Columns {
			b.WriteString(" " + strings.ToLower(l.columns[i].segments[0].name))
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// attributes gives the labels in the other languages, and in the first where it
// was cut, as attributes of the variables.
func attributes(about *export.About, l *layout) []byte {
	var b bytes.Buffer
	for i := range l.columns {
		c := &l.columns[i]
		empty := true
		for j, tag := range about.Languages {
			label := about.Label(tag, c.Column)
			if c.Variable.Label[tag] == "" || j == 0 && len(label) <= maxVariableLabel {
				continue
			}
			if empty {
				if b.Len() > 0 {
					b.WriteByte('/')
				}
				b.WriteString(c.Name + ":")
				empty = false
			}
			b.WriteString("Label_" + strings.ReplaceAll(tag, "-", "_") + "('" + label + "'\n)")
		}
	}
	return b.Bytes()
}
