package dta

import (
	"cmp"
	"encoding/binary"
	"strconv"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
)

// Lengths of the format, in bytes; labels hold 80 letters of up to four bytes.
const (
	nameBytes   = 129
	formatBytes = 57
	labelBytes  = 321
	maxLabel    = 80
	endFile     = "</stata_dta>"
)

// section is bytes that are put together.
type section struct{ b []byte }

func (s *section) text(t string) { s.b = append(s.b, t...) }

// padded writes a text filled up with zeros to a length.
func (s *section) padded(t string, length int) {
	s.text(t)
	s.b = append(s.b, make([]byte, length-len(t))...)
}

func (s *section) uint(n, bytes int) {
	for range bytes {
		s.b = append(s.b, byte(n)) //nolint:gosec // one byte after the other
		n >>= 8
	}
}

// parts of the file, in the order in which the map tells where they begin.
var parts = []string{"stata_dta", "map", "variable_types", "varnames", "sortlist", "formats", "value_label_names", "variable_labels",
	"characteristics", "data", "strls", "value_labels"}

// head gives everything before the data.
func head(t *export.Table, about *export.About, l *layout, labels *labels) []byte {
	s := &section{}
	tag := about.Language()
	wide := 2 // the bytes of a number of variables
	if l.release == 119 {
		wide = 4
	}
	s.text("<stata_dta><header><release>" + strconv.Itoa(l.release) + "</release><byteorder>LSF</byteorder><K>")
	s.uint(len(l.columns), wide)
	s.text("</K><N>")
	s.uint(t.Count, 8)
	s.text("</N><label>")
	label := dataLabel(about, tag)
	s.uint(len(label), 2)
	s.text(label + "</label><timestamp>")
	at := about.Now.UTC().Format("02 Jan 2006 15:04")
	s.uint(len(at), 1)
	s.text(at + "</timestamp></header>")

	begins := map[string]int{"map": len(s.b)}
	s.text("<map>")
	offsets := len(s.b)
	s.b = append(s.b, make([]byte, 8*(len(parts)+2))...)
	s.text("</map>")
	part := func(name string, write func()) {
		begins[name] = len(s.b)
		s.text("<" + name + ">")
		write()
		s.text("</" + name + ">")
	}
	each := func(write func(i int, c *column)) func() {
		return func() {
			for i := range l.columns {
				write(i, &l.columns[i])
			}
		}
	}
	part("variable_types", each(func(_ int, c *column) { s.uint(int(c.storage), 2) }))
	part("varnames", each(func(_ int, c *column) { s.padded(c.Name, nameBytes) }))
	part("sortlist", func() { s.padded("", (len(l.columns)+1)*wide) })
	part("formats", each(func(_ int, c *column) { s.padded(c.format(), formatBytes) }))
	part("value_label_names", each(func(_ int, c *column) { s.padded(labels.of(c.Variable, tag), nameBytes) }))
	part("variable_labels", each(func(_ int, c *column) { s.padded(about.FitLabel(tag, c.Column, maxLabel, export.Runes), labelBytes) }))
	part("characteristics", func() { s.characteristics(about, l, labels) })

	data := len(s.b)
	strLs := data + len("<data></data>") + l.width*t.Count
	tables := strLs + len("<strls></strls>") + int(l.strLs)
	end := tables + len(labels.tables)
	begins["data"], begins["strls"], begins["value_labels"] = data, strLs, tables
	for i, name := range parts {
		binary.LittleEndian.PutUint64(s.b[offsets+8*i:], uint64(begins[name])) //nolint:gosec // positive
	}
	binary.LittleEndian.PutUint64(s.b[offsets+8*len(parts):], uint64(end))                //nolint:gosec // positive
	binary.LittleEndian.PutUint64(s.b[offsets+8*len(parts)+8:], uint64(end+len(endFile))) //nolint:gosec // positive
	return s.b
}

func dataLabel(about *export.About, tag string) string {
	return export.Fit(cmp.Or(about.In(tag, about.Title), about.Study), maxLabel, export.Runes)
}

// format gives how Stata shows a variable.
func (c *column) format() string {
	const narrow, wide = 9, 40
	switch {
	case c.Variable.Kind == dataset.Date:
		return "%tdCCYY-NN-DD"
	case c.Variable.Kind == dataset.DateTime:
		return "%tcCCYY-NN-DD_HH:MM:SS"
	case c.storage == strL:
		return "%-" + strconv.Itoa(wide) + "s"
	case c.storage <= maxFixed:
		return "%-" + strconv.Itoa(min(max(int(c.storage), narrow), wide)) + "s"
	case c.storage == double:
		return "%10.0g"
	case c.storage == long:
		return "%12.0g"
	}
	return "%8.0g"
}

// wholeDataset is the name that characteristics of no variable have.
const wholeDataset = "_dta"

// characteristics writes notes and the labels in the other languages, as the
// commands "notes" and "label language" keep them.
func (s *section) characteristics(about *export.About, l *layout, labels *labels) {
	s.notes(wholeDataset, about.Remarks)
	first := about.Language()
	if len(about.Languages) > 1 {
		var list []string
		for _, tag := range about.Languages {
			list = append(list, languageName(tag))
		}
		s.characteristic(wholeDataset, "_lang_list", strings.Join(list, " "))
		s.characteristic(wholeDataset, "_lang_c", languageName(first))
		for _, tag := range about.Languages[1:] {
			s.characteristic(wholeDataset, "_lang_v_"+languageName(tag), dataLabel(about, tag))
		}
	}
	worded := map[*dataset.Variable][]string{}
	wordings := func(v *dataset.Variable) []string {
		texts, known := worded[v]
		if !known {
			texts = about.Wordings(v)
			worded[v] = texts
		}
		return texts
	}
	for i := range l.columns {
		c := &l.columns[i]
		var notes []string
		if whole := about.Label(first, c.Column); whole != about.FitLabel(first, c.Column, maxLabel, export.Runes) {
			notes = append(notes, whole)
		}
		s.notes(c.Name, append(notes, wordings(c.Variable)...))
		for j, tag := range about.Languages {
			if j == 0 {
				continue
			}
			s.characteristic(c.Name, "_lang_v_"+languageName(tag), about.FitLabel(tag, c.Column, maxLabel, export.Runes))
			s.characteristic(c.Name, "_lang_l_"+languageName(tag), labels.of(c.Variable, tag))
		}
	}
}

// languageName gives what Stata calls a language: "sr_Cyrl".
func languageName(tag string) string { return strings.ReplaceAll(tag, "-", "_") }

func (s *section) notes(of string, texts []string) {
	n := 0
	for _, text := range texts {
		if text != "" {
			n++
			s.characteristic(of, "note"+strconv.Itoa(n), text)
		}
	}
	if n > 0 {
		s.characteristic(of, "note0", strconv.Itoa(n))
	}
}

// characteristic writes one; what has no text is none.
func (s *section) characteristic(of, name, text string) {
	const most = 67784
	if text == "" {
		return
	}
	text = export.Fit(text, most-1, export.Bytes)
	s.text("<ch>")
	s.uint(2*nameBytes+len(text)+1, 4)
	s.padded(of, nameBytes)
	s.padded(name, nameBytes)
	s.text(text + "\x00</ch>")
}
