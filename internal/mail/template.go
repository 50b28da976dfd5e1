package mail

import (
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

// Template is the text of one kind of message in one language.
type Template struct {
	Kind Kind
	Tag  string
	File string // "" for a text that is built in

	subject []piece
	sms     []piece // nil where there is none
	body    []block
	fields  []string // that stand in the subject and the text, sorted
}

// maxSource is the most a template's file may hold, in bytes.
const maxSource = 64 << 10

// parse reads a template. The template is of use only where no problem is an error.
func parse(kind Kind, tag, file string, source []byte) (*Template, fault.Problems) {
	p := &parser{t: &Template{Kind: kind, Tag: tag, File: file}, rule: rules[kind.Base()]}
	if !utf8.Valid(source) {
		p.problems.Add(p.at(0), "mail_encoding", "The file is not in UTF-8. Save it again in that encoding.")
		return p.t, p.problems
	}
	if len(source) > maxSource {
		p.problems.Add(p.at(0), "mail_too_long", "The file is longer than %d kB.", maxSource>>10).With("most", maxSource>>10)
		return p.t, p.problems
	}
	text := strings.ReplaceAll(strings.TrimPrefix(string(source), "\ufeff"), "\r\n", "\n")
	body, first := p.head(strings.Split(text, "\n"))
	blocks, snags := readBlocks(body)
	p.t.body = blocks
	for _, s := range snags {
		p.snag(s, first+s.line-1)
	}
	if len(blocks) == 0 {
		p.problems.Add(p.at(0), "mail_text_missing", "The message has no text.")
	}
	p.check(body, first)
	p.problems.Sort()
	return p.t, p.problems
}

type parser struct {
	t        *Template
	rule     rule
	subject  int // its line
	smsLine  int
	problems fault.Problems
}

func (p *parser) at(line int) fault.Place { return fault.Place{File: p.t.File, Row: line} }

func (p *parser) snag(s snag, line int) {
	if s.warning {
		p.problems.Warn(p.at(line), "mail_"+s.code, "%s", s.message).With("said", s.said)
		return
	}
	p.problems.Add(p.at(line), "mail_"+s.code, "%s", s.message).With("said", s.said)
}

// headNames are the lines that can stand above the text.
var headNames = []string{"Subject", "SMS"}

// head reads the lines above the text, up to the first empty one, and gives
// the text and the number of its first line.
func (p *parser) head(lines []string) (body string, first int) {
	subject := false
	i := 0
	for i < len(lines) && strings.TrimSpace(lines[i]) == "" {
		i++
	}
	for ; i < len(lines) && strings.TrimSpace(lines[i]) != ""; i++ {
		name, value, found := strings.Cut(lines[i], ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		line := i + 1
		switch {
		case found && strings.EqualFold(name, "Subject"):
			if subject {
				p.problems.Add(p.at(line), "mail_subject_twice", "The subject stands twice.")
			}
			subject, p.subject = true, line
			p.t.subject = p.headLine(value, line)
			if value == "" {
				p.problems.Add(p.at(line), "mail_subject_empty", "The subject is empty.")
			}
		case found && strings.EqualFold(name, "SMS"):
			p.t.sms, p.smsLine = p.headLine(value, line), line
			if value == "" {
				p.problems.Add(p.at(line), "mail_sms_empty", "The text for SMS is empty. Leave the line out where there is none.")
			}
		case !subject:
			p.problems.Add(p.at(line), "mail_subject_missing", "The file begins with a line such as “Subject: Time for the survey”, then an empty line, then the text.")
			return strings.Join(lines[i:], "\n"), i + 1
		default:
			near := ""
			if found {
				near = didYouMean(name, headNames)
			}
			p.problems.Add(p.at(line), "mail_head", "An empty line is missing between the subject and the text.%s", near)
		}
	}
	if !subject {
		p.problems.Add(p.at(1), "mail_subject_missing", "The file begins with a line such as “Subject: Time for the survey”, then an empty line, then the text.")
	}
	if i >= len(lines) {
		return "", len(lines)
	}
	return strings.Join(lines[i:], "\n"), i + 1
}

// headLine reads a line of the head: texts and fields alone.
func (p *parser) headLine(value string, line int) []piece {
	pieces, snags := readLine(value)
	for _, s := range snags {
		p.snag(s, line)
	}
	for i, piece := range pieces {
		if piece.to == nil {
			continue
		}
		if len(piece.label) != 1 || len(piece.to) != 1 || piece.label[0].field != piece.to[0].field || piece.label[0].text != piece.to[0].text {
			p.problems.Add(p.at(line), "mail_plain_line", "A subject or an SMS is plain: write the field {link} alone.")
		}
		pieces[i] = piece.to[0]
	}
	return pieces
}

// check looks at the fields: those that are unknown, out of place or missing.
func (p *parser) check(body string, first int) {
	seen := map[string]bool{}
	note := func(line int) func(string) {
		return func(name string) {
			seen[name] = true
			allowed := p.rule.allowed()
			switch {
			case slices.Contains(allowed, name):
			case slices.Contains(fieldNames, name):
				p.problems.Add(p.at(line), "mail_field_not_here", "The field {%s} has no value in a message of the kind %s.", name, p.t.Kind).
					With("field", braced(name)).With("kind", string(p.t.Kind))
			default:
				p.problems.Add(p.at(line), "mail_unknown_field", "There is no field {%s}.%s", name, didYouMean(name, allowed)).
					With("field", braced(name)).With("near", nearest(name, allowed))
			}
		}
	}
	fieldsIn(p.t.subject, note(p.subject))
	// The lines are read again one by one, as a block does not know where it stood.
	for i, line := range strings.Split(body, "\n") {
		pieces, _ := readLine(line)
		fieldsIn(pieces, note(first+i))
	}
	for name := range seen {
		p.t.fields = append(p.t.fields, name)
	}
	slices.Sort(p.t.fields)
	var subject []string
	fieldsIn(p.t.subject, func(name string) { subject = append(subject, name) })
	for _, name := range subject {
		if slices.Contains(addressFields, name) || name == "code" && p.t.Kind != Code {
			p.problems.Add(p.at(p.subject), "mail_subject_secret", "The field {%s} does not belong in the subject, which is shown on locked screens.", name).With("field", braced(name))
		}
	}
	for _, name := range p.rule.must {
		if !seen[name] {
			p.problems.Add(p.at(0), "mail_field_missing", "The field {%s} is missing: a message of the kind %s does not work without it.", name, p.t.Kind).
				With("field", braced(name)).With("kind", string(p.t.Kind))
		}
	}
	if p.rule.leave && !seen["leave"] {
		p.problems.Warn(p.at(0), "mail_leave_missing", "The field {leave} is missing: tell people how to leave the study.")
	}
	if p.t.sms != nil {
		p.checkSMS(note(p.smsLine))
	}
}

// checkSMS looks at the text for SMS and how many messages it takes: one, or
// two where every letter of the language takes twice the room.
func (p *parser) checkSMS(note func(string)) {
	has := map[string]bool{}
	fieldsIn(p.t.sms, func(name string) {
		has[name] = true
		note(name)
	})
	for _, name := range p.rule.must {
		if !has[name] && name != "contact" {
			p.problems.Add(p.at(p.smsLine), "mail_sms_field_missing", "The field {%s} is missing in the text for SMS.", name).With("field", braced(name))
		}
	}
	size := Measure(writeLine(p.t.sms, func(name string) string { return sample[name] }))
	if latin := lang.Latin(p.t.Tag); size.Segments > 2 || latin && size.Segments > 1 {
		code, why := "mail_sms_long", ""
		if size.Wide != "" && latin {
			code, why = "mail_sms_wide", " The letters "+size.Wide+" make every letter take twice the room."
		}
		p.problems.Warn(p.at(p.smsLine), code, "The SMS takes about %d messages (%d of %d letters).%s", size.Segments, size.Letters, size.Room, why).
			With("messages", size.Segments).With("letters", size.Letters).With("room", size.Room).With("wide", size.Wide)
	}
}

// braced writes a field as it stands in a text.
func braced(name string) string { return "{" + name + "}" }

// sample holds values of a usual length, to measure an SMS before there are any.
var sample = map[string]string{
	"name": "Alexandra", "study": "Enkäten om arbete", "sender": "Samordnaren", "contact": "enkat@example.org",
	"link": "https://enkat.example.org/s/0123456789abcdef0123456789", "leave": "https://enkat.example.org/l/0123456789abcdef0123456789",
	"code": "ABCD-EFGH", "opens": "måndag 12 september", "closes": "söndag 28 september", "until": "söndag 28 september kl. 18.00", "minutes": "10",
}

// Set holds the templates of a study: its own, else the built-in ones.
type Set struct {
	languages []string
	own       map[Kind]map[string]*Template
}

// Load reads the folder mail of a study and checks it. languages are those of
// the study, the default first. used lists the kinds that will be sent: for
// each of them there has to be a text in every language. A study without such
// a folder has the built-in texts. The Set is nil where any problem is an error.
func Load(fsys fs.FS, dir string, languages []string, used ...Kind) (*Set, fault.Problems) {
	l := &loader{fsys: fsys, dir: dir, set: &Set{languages: slices.Clone(languages), own: map[Kind]map[string]*Template{}}}
	l.files()
	l.complete(used)
	l.problems.Sort()
	if len(l.problems.Errors()) > 0 {
		return nil, l.problems
	}
	return l.set, l.problems
}

// Template gives the text for a kind in a language of the study: the study's
// own, else the built-in one, a numbered reminder before the general one. A
// language that the study does not have gets its default. Nil where there is
// no text, which Load does not let happen for kinds in use.
func (s *Set) Template(kind Kind, tag string) *Template {
	if !slices.Contains(s.languages, tag) && len(s.languages) > 0 {
		tag = s.languages[0]
	}
	for _, k := range []Kind{kind, kind.Base()} {
		if t := s.own[k][tag]; t != nil {
			if t.sms == nil {
				if built := builtIn(kind, tag); built != nil {
					with := *t
					with.sms = built.sms
					return &with
				}
			}
			return t
		}
	}
	return builtIn(kind, tag)
}
