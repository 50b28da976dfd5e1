// Package rich draws the light Markdown that XLSForm allows in labels, for pages
// and for print, and takes it out where only text can stand:
//
//	rich.Line("Do you **really**?")    // template.HTML "Do you <strong>really</strong>?"
//	rich.Plain("Do you **really**?")   // "Do you really?"
//
// All text is escaped; only tags of its own come out. It cannot fail: what it
// does not know is text.
package rich

import (
	"html"
	"html/template"
	"regexp"
	"strings"
)

// The light Markdown that XLSForm allows in labels (xlsform.org, "Styling
// prompts"): strong, emphasis, links, headings, lists, line breaks, and the
// tags span with a colour, b, i, u and br. Everything else is text.
var (
	strong   = regexp.MustCompile(`\*\*([^*\n]+)\*\*|__([^_\n]+)__`)
	emphasis = regexp.MustCompile(`\*([^*\n]+)\*|\b_([^_\n]+)_\b`)
	link     = regexp.MustCompile(`\[([^\]\n]+)\]\((https?://[^\s)]+|mailto:[^\s)]+|tel:[^\s)]+|#[\w-]+)\)`)
	marked   = regexp.MustCompile(`^\s*(#{1,6}|[-*+•]|\d{1,3}[.)])\s+(.+)$`)
	ownTag   = regexp.MustCompile(`<[^<>]*>`) // of what Line has made
)

const special = "*_[\n<\\#-+`"

// Line draws a label on one line or a few. The text is escaped first; only
// marks of ours become tags.
func Line(text string) template.HTML {
	text = strings.TrimSpace(text)
	if !strings.ContainsAny(text, special) {
		return template.HTML(html.EscapeString(text)) //nolint:gosec // escaped
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if m := marked.FindStringSubmatch(line); m != nil {
			switch mark := m[1]; {
			case mark[0] == '#':
				lines[i] = "**" + m[2] + "**"
			case len(lines) > 1 && strings.ContainsAny(mark, "-*+•"):
				lines[i] = "• " + m[2]
			}
		}
	}
	return template.HTML(span(strings.Join(lines, "\n"))) //nolint:gosec // escaped in span; the tags are ours
}

// span draws what can stand within a line.
func span(text string) string {
	s := html.EscapeString(hide(text))
	if strings.ContainsAny(s, "*_[") {
		s = link.ReplaceAllString(s, `<a href="$2" rel="noreferrer">$1</a>`)
		s = strong.ReplaceAllString(s, "<strong>$1$2</strong>")
		s = emphasis.ReplaceAllString(s, "<em>$1$2</em>")
	}
	if strings.Contains(s, "&lt;") {
		s = tags(s)
	}
	return unhide(strings.ReplaceAll(s, "\n", "<br>"))
}

// Plain gives a label as text alone, for where no tags can stand.
func Plain(text string) string {
	if !strings.ContainsAny(text, special) {
		return strings.Join(strings.Fields(text), " ")
	}
	s := strings.ReplaceAll(string(Line(text)), "<br>", " ")
	return strings.Join(strings.Fields(html.UnescapeString(ownTag.ReplaceAllString(s, ""))), " ")
}

// A backslash before a mark makes it a letter. While marks are looked for such
// letters are kept where no mark is found, in a private area of Unicode.
const hidden = 0xE000

// Literal gives a text that Line draws letter by letter: what a person wrote.
func Literal(text string) string {
	if !strings.ContainsAny(text, special) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 && strings.ContainsRune(special, r) && r != '\n' {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func hide(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	escaped := false
	for _, r := range text {
		switch {
		case escaped && strings.ContainsRune(special, r):
			b.WriteRune(hidden + r)
		case escaped:
			b.WriteString(`\` + string(r))
		case r != '\\':
			b.WriteRune(r)
		}
		escaped = r == '\\' && !escaped
	}
	if escaped {
		b.WriteByte('\\')
	}
	return b.String()
}

func unhide(s string) string {
	if !strings.ContainsFunc(s, isHidden) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if isHidden(r) {
			b.WriteString(html.EscapeString(string(r - hidden)))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isHidden(r rune) bool {
	return r >= hidden && r < hidden+0x80 && strings.ContainsRune(special, r-hidden)
}

// tag is a tag of XLSForm's in escaped text: its slash, name and attributes.
var tag = regexp.MustCompile(`(?i)&lt;(/?)(span|font|p|strong|b|em|i|u|sub|sup|br)((?:\s+[a-z-]+\s*=\s*(?:&#34;[^<>]*?&#34;|&#39;[^<>]*?&#39;))*)\s*/?&gt;`)

// tags draws the tags of escaped text that XLSForm knows. What is opened is
// closed; a colour becomes the nearest of ours, which can be read on light and
// dark; other styles are left out.
func tags(s string) string {
	var open []string
	s = tag.ReplaceAllStringFunc(s, func(found string) string {
		m := tag.FindStringSubmatch(found)
		name := strings.ToLower(m[2])
		switch {
		case name == "br":
			return "<br>"
		case m[1] == "":
			open = append(open, name)
			return opening(name, html.UnescapeString(m[3]))
		case len(open) > 0 && open[len(open)-1] == name:
			open = open[:len(open)-1]
			return closing(name)
		}
		return ""
	})
	for i := len(open) - 1; i >= 0; i-- {
		s += closing(open[i])
	}
	return s
}

func opening(name, attributes string) string {
	switch name {
	case "span", "font", "p":
		if class := colourOf(attributes); class != "" {
			return `<span class="` + class + `">`
		}
		return "<span>"
	}
	return "<" + name + ">"
}

func closing(name string) string {
	switch name {
	case "span", "font":
		return "</span>"
	case "p":
		return "</span><br>"
	}
	return "</" + name + ">"
}
