package mail

import (
	"regexp"
	"slices"
	"strings"
)

// A text is read once, into blocks of lines of pieces; values are put in only
// when it is written, so that nothing in them can be taken for Markdown.

// block is a paragraph or a list.
type block struct {
	ordered bool // of a list
	list    bool
	lines   [][]piece // of a paragraph its lines, of a list its items
}

// piece is a part of a line.
type piece struct {
	text  string // as it stands
	field string // the name of a field
	bold  bool
	to    []piece // what [text](to) points to: texts and fields
	label []piece // the text of such a link
}

// snag is something that the reader of a text stumbles over.
type snag struct {
	line    int // from 1, within the text
	code    string
	message string
	said    string // what stands there, where the message repeats it
	warning bool
}

var (
	bullet    = regexp.MustCompile(`^\s{0,3}[-*+] +(.*)$`)
	numbered  = regexp.MustCompile(`^\s{0,3}[0-9]{1,3}[.)] +(.*)$`)
	fieldName = regexp.MustCompile(`^\{ *([A-Za-z0-9_åäöÅÄÖüÜß]+) *\}`)
	plainURL  = regexp.MustCompile(`^https?://[^\s<>"'{}\[\]]*[^\s<>"'{}\[\].,;:!?)]`)
	htmlTag   = regexp.MustCompile(`(?i)</?[a-z][^<>]*>`)
	heading   = regexp.MustCompile(`^\s{0,3}#{1,6} `)
)

// readBlocks reads the text under a template's head.
func readBlocks(text string) ([]block, []snag) {
	var blocks []block
	var snags []snag
	open := false // the last block can go on
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if strings.TrimSpace(line) == "" {
			open = false
			continue
		}
		if heading.MatchString(line) {
			snags = append(snags, snag{line: i + 1, code: "heading", warning: true, message: "A message has no headings; the sign # will be shown. Take **bold** letters."})
		}
		if tag := htmlTag.FindString(line); tag != "" {
			snags = append(snags, snag{line: i + 1, code: "html", warning: true, said: tag, message: "HTML is not read: " + tag + " will be shown as it stands."})
		}
		b, content := block{}, strings.TrimSpace(line)
		if m := bullet.FindStringSubmatch(line); m != nil {
			b.list, content = true, m[1]
		} else if m := numbered.FindStringSubmatch(line); m != nil {
			b.list, b.ordered, content = true, true, m[1]
		}
		pieces, found := readLine(content)
		for _, s := range found {
			s.line = i + 1
			snags = append(snags, s)
		}
		last := len(blocks) - 1
		switch {
		case last >= 0 && blocks[last].list && b.list && blocks[last].ordered == b.ordered:
			blocks[last].lines = append(blocks[last].lines, pieces) // empty lines between items are fine
		case open && !b.list && blocks[last].list:
			item := len(blocks[last].lines) - 1
			blocks[last].lines[item] = append(append(blocks[last].lines[item], piece{text: " "}), pieces...)
		case open && !b.list:
			blocks[last].lines = append(blocks[last].lines, pieces)
		default:
			b.lines = [][]piece{pieces}
			blocks = append(blocks, b)
		}
		open = true
	}
	return blocks, snags
}

// lineReader reads the pieces of one line.
type lineReader struct {
	rest   string
	bold   bool
	text   strings.Builder
	pieces []piece
	snags  []snag
}

// readLine reads one line: fields, bold letters, links, and \ before a sign
// that is to stand as it is.
func readLine(line string) ([]piece, []snag) {
	r := &lineReader{rest: line}
	for r.rest != "" {
		r.next()
	}
	r.flush()
	if r.bold {
		r.snag("bold_open", "The sign ** begins bold letters that do not end on this line.")
	}
	return r.pieces, r.snags
}

func (r *lineReader) next() {
	switch c := r.rest[0]; {
	case c == '\\' && len(r.rest) > 1 && strings.IndexByte(`\*[]{}()-`, r.rest[1]) >= 0:
		r.text.WriteByte(r.rest[1])
		r.rest = r.rest[2:]
	case strings.HasPrefix(r.rest, "**"):
		r.flush()
		r.bold = !r.bold
		r.rest = r.rest[2:]
	case c == '{':
		r.field()
	case strings.HasPrefix(r.rest, "!["):
		r.snag("picture", "A message has no pictures: fetching them would tell when it was read.")
		r.take(2)
	case c == '[':
		r.link()
	case c == 'h' && plainURL.MatchString(r.rest):
		url := plainURL.FindString(r.rest)
		r.flush()
		to := []piece{{text: url}}
		r.pieces = append(r.pieces, piece{to: to, label: to, bold: r.bold})
		r.rest = r.rest[len(url):]
	default:
		r.take(1)
	}
}

// field reads {name}. Which fields there are is looked at later.
func (r *lineReader) field() {
	m := fieldName.FindStringSubmatch(r.rest)
	if m == nil {
		r.snag("brace", "A brace begins no field here. Write \\{ for the sign itself.")
		r.take(1)
		return
	}
	r.flush()
	p := piece{field: m[1], bold: r.bold}
	if slices.Contains(addressFields, m[1]) {
		p = piece{to: []piece{{field: m[1]}}, label: []piece{{field: m[1]}}, bold: r.bold}
	}
	r.pieces = append(r.pieces, p)
	r.rest = r.rest[len(m[0]):]
}

// link reads [text](address). What is none stays text.
func (r *lineReader) link() {
	label, after, closed := strings.Cut(r.rest[1:], "](")
	target, after, ended := strings.Cut(after, ")")
	if !closed || !ended || strings.ContainsAny(label, "[]") {
		r.take(1)
		return
	}
	r.flush()
	target = strings.TrimSpace(target)
	words, snags := readLine(label)
	r.snags = append(r.snags, snags...)
	for i := range words {
		if words[i].to != nil { // an address within the words of a link
			words[i] = words[i].label[0]
		}
	}
	to, _ := readTarget(target)
	if to == nil {
		r.snag("link_target", "A link points to {link}, {leave} or an address that begins with https:// or mailto:, not to "+target+".")
		r.snags[len(r.snags)-1].said = target
	}
	r.pieces = append(r.pieces, piece{label: words, to: to, bold: r.bold})
	r.rest = after
}

// readTarget reads where a link points to; false where it may not.
func readTarget(target string) ([]piece, bool) {
	if m := fieldName.FindStringSubmatch(target); m != nil && m[0] == target && slices.Contains(addressFields, m[1]) {
		return []piece{{field: m[1]}}, true
	}
	scheme, rest, _ := strings.Cut(target, ":")
	if strings.ContainsAny(target, " \t{}<>\"") || rest == "" {
		return nil, false
	}
	switch strings.ToLower(scheme) {
	case "https", "http":
		return []piece{{text: target}}, strings.HasPrefix(rest, "//")
	case "mailto":
		return []piece{{text: target}}, true
	}
	return nil, false
}

func (r *lineReader) take(n int) {
	r.text.WriteString(r.rest[:n])
	r.rest = r.rest[n:]
}

func (r *lineReader) flush() {
	if r.text.Len() > 0 {
		r.pieces = append(r.pieces, piece{text: r.text.String(), bold: r.bold})
		r.text.Reset()
	}
}

func (r *lineReader) snag(code, message string) {
	r.snags = append(r.snags, snag{code: code, message: message})
}

// fieldsIn calls f with each field of a line, those of links once.
func fieldsIn(line []piece, f func(name string)) {
	for _, p := range line {
		if p.field != "" {
			f(p.field)
		}
		fieldsIn(p.to, f)
		if len(p.label) != 1 || len(p.to) != 1 || p.label[0].field != p.to[0].field {
			fieldsIn(p.label, f)
		}
	}
}
