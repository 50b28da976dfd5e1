package mail

import (
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/fault"
)

// Render puts values into a template. A field of the template without a value
// is an Invalid error that names all of them; only the name may be missing.
func (t *Template) Render(f Fields) (Message, error) {
	if err := t.complete(t.fields, f); err != nil {
		return Message{}, err
	}
	value := func(name string) string { return f.value(name, t.Tag) }
	subject := oneLine(writeLine(t.subject, value))
	body := writeBlocks(t.body, value)
	return Message{Tag: t.Tag, Subject: subject, Text: writeText(t.body, value), HTML: document(t.Tag, subject, body), Body: body}, nil
}

// HasSMS tells whether the template has a text for SMS.
func (t *Template) HasSMS() bool { return t.sms != nil }

// RenderSMS puts values into the text for SMS.
func (t *Template) RenderSMS(f Fields) (string, error) {
	if t.sms == nil {
		return "", fault.New(fault.Invalid, "sms_missing", "The message has no text for SMS.")
	}
	var names []string
	fieldsIn(t.sms, func(name string) { names = append(names, name) })
	if err := t.complete(names, f); err != nil {
		return "", err
	}
	return oneLine(writeLine(t.sms, func(name string) string { return f.value(name, t.Tag) })), nil
}

// complete tells which values are missing, and addresses that are none.
func (t *Template) complete(names []string, f Fields) error {
	var ps fault.Problems
	for _, name := range names {
		value := f.value(name, t.Tag)
		at := fault.Place{File: t.File, Field: name}
		switch {
		case value == "" && name != "name":
			ps.Add(at, "mail_value_missing", "The field {%s} has no value.", name).With("field", braced(name))
		case slices.Contains(addressFields, name) && !webAddress(value):
			ps.Add(at, "mail_value_address", "The value of {%s} is no address of a page.", name).With("field", braced(name))
		}
	}
	return ps.Err("message_incomplete", "The message cannot be written: values are missing.")
}

// webAddress tells whether a text is an absolute http or https address.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsAny(s, " <>\"")
}

// writeLine writes a line as plain text. Of a link the words come first and
// then the address.
func writeLine(line []piece, value func(string) string) string {
	var b strings.Builder
	for _, p := range line {
		switch {
		case p.to != nil:
			label, to := writeLine(p.label, value), strings.TrimPrefix(writeLine(p.to, value), "mailto:")
			if label != "" && label != to {
				b.WriteString(label + ": ")
			}
			b.WriteString(to)
		case p.field != "":
			dropSpace(&b, put(&b, value(p.field)))
		default:
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// put writes a value and tells whether there was one.
func put(b *strings.Builder, value string) bool {
	b.WriteString(value)
	return value != ""
}

// dropSpace takes back the space before a value that is empty, and the comma
// before that: "Вітаємо, {name}!".
func dropSpace(b *strings.Builder, there bool) {
	if s := b.String(); !there && strings.HasSuffix(s, " ") {
		b.Reset()
		b.WriteString(strings.TrimSuffix(strings.TrimSuffix(s, " "), ","))
	}
}

// writeText writes blocks as plain text.
func writeText(blocks []block, value func(string) string) string {
	var b strings.Builder
	for i, block := range blocks {
		if i > 0 {
			b.WriteByte('\n')
		}
		for n, line := range block.lines {
			switch {
			case block.list && block.ordered:
				b.WriteString(strconv.Itoa(n+1) + ". ")
			case block.list:
				b.WriteString("- ")
			}
			b.WriteString(strings.TrimSpace(writeLine(line, value)))
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// The document is as plain as can be: mail programs bring their own letters
// and colours, light or dark, and a style sheet would be thrown away by some.
// Only the width and the room between lines are set, in the one place where
// they all read it.
const (
	htmlHead = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">`
	htmlBody = `font-family:sans-serif;font-size:16px;line-height:1.5;max-width:36em;margin:0 auto;padding:1em;overflow-wrap:break-word`
)

// document writes a whole document around its body.
func document(tag, title, body string) string {
	return "<!DOCTYPE html>\n<html lang=\"" + html.EscapeString(tag) + "\"><head>" + htmlHead +
		"<title>" + html.EscapeString(title) + "</title></head>\n<body><div style=\"" + htmlBody + "\">\n" + body + "</div></body></html>\n"
}

// writeBlocks writes blocks as HTML. Everything is escaped here and nowhere else.
func writeBlocks(blocks []block, value func(string) string) string {
	var b strings.Builder
	for _, block := range blocks {
		begin, end, between := "<p>", "</p>\n", "<br>\n"
		if block.list {
			name := "ul"
			if block.ordered {
				name = "ol"
			}
			begin, end, between = "<"+name+">\n<li>", "</li>\n</"+name+">\n", "</li>\n<li>"
		}
		lines := make([]string, len(block.lines))
		for i, line := range block.lines {
			lines[i] = lineHTML(line, value)
		}
		b.WriteString(begin + strings.Join(lines, between) + end)
	}
	return b.String()
}

func lineHTML(line []piece, value func(string) string) string {
	var b strings.Builder
	for _, p := range line {
		if p.field != "" && value(p.field) == "" {
			dropSpace(&b, false)
			continue
		}
		if p.bold {
			b.WriteString("<strong>")
		}
		switch {
		case p.to != nil:
			b.WriteString(`<a href="` + html.EscapeString(writeLine(p.to, value)) + `">` + lineHTML(p.label, value) + "</a>")
		case p.field != "":
			b.WriteString(html.EscapeString(value(p.field)))
		default:
			b.WriteString(html.EscapeString(p.text))
		}
		if p.bold {
			b.WriteString("</strong>")
		}
	}
	return b.String()
}
