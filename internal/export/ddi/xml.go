package ddi

import (
	"bytes"
	"encoding/xml"
	"io"

	"panelverk/internal/lang"
)

// writer writes XML: the first error is kept, and nothing is written after it.
type writer struct {
	out       io.Writer
	languages []string
	b         bytes.Buffer
	err       error
}

const gathered = 1 << 16 // bytes before they are written

func (x *writer) raw(s string) {
	x.b.WriteString(s)
	if x.b.Len() >= gathered {
		x.err = x.flush()
	}
}

func (x *writer) flush() error {
	if x.err == nil {
		_, x.err = x.out.Write(x.b.Bytes())
	}
	x.b.Reset()
	return x.err
}

// begin writes the start of an element; attributes are names and values in
// turn, and those without a value are left out.
func (x *writer) begin(name string, attributes []string) {
	x.b.WriteString("\n<" + name)
	for i := 0; i < len(attributes); i += 2 {
		if attributes[i+1] != "" {
			x.b.WriteString(" " + attributes[i] + `="`)
			x.escape(attributes[i+1])
			x.b.WriteByte('"')
		}
	}
}

// escape writes text; what XML cannot hold becomes U+FFFD.
func (x *writer) escape(s string) {
	_ = xml.EscapeText(&x.b, []byte(s)) // a buffer takes everything
}

func (x *writer) open(name string, attributes ...string) {
	x.begin(name, attributes)
	x.raw(">")
}

func (x *writer) shut(name string) { x.raw("</" + name + ">") }

// empty writes an element without content.
func (x *writer) empty(name string, attributes ...string) {
	x.begin(name, attributes)
	x.raw("/>")
}

// leaf writes an element with a text; without one, nothing.
func (x *writer) leaf(name, text string, attributes ...string) {
	if text == "" {
		return
	}
	x.begin(name, attributes)
	x.b.WriteByte('>')
	x.escape(text)
	x.raw("</" + name + ">")
}

// each writes an element for each of the study's languages that a text has; where
// it has none of them, one in what language there is.
func (x *writer) each(name string, t lang.Text, attributes ...string) {
	written := false
	for _, tag := range x.languages {
		if t[tag] != "" {
			x.leaf(name, t[tag], append([]string{"xml:lang", tag}, attributes...)...)
			written = true
		}
	}
	if tags := t.Tags(); !written && len(tags) > 0 {
		x.leaf(name, t[tags[0]], append([]string{"xml:lang", tags[0]}, attributes...)...)
	}
}

// concept writes a text with its term in a vocabulary of the DDI Alliance.
func (x *writer) concept(name, vocab, term string, t lang.Text) {
	for _, tag := range x.languages {
		if t[tag] == "" && tag != x.languages[0] {
			continue
		}
		text, in := t.In(tag, "en")
		if text == "" {
			continue
		}
		x.open(name, "xml:lang", in)
		x.escape(text)
		x.leaf("concept", term, "vocab", "DDI "+vocab, "vocabURI", vocabulary+vocab+"/")
		x.shut(name)
	}
}
