package rich

import (
	"html/template"
	"strings"
)

// Split parts a question's label: the lines that are its heading, and what
// comes after the first empty line, list or heading, which is text to read. A
// label of one paragraph is all heading.
func Split(text string) (head, rest string) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if i > 0 && (strings.TrimSpace(line) == "" || marked.MatchString(line)) {
			return strings.Join(lines[:i], "\n"), strings.Join(lines[i:], "\n")
		}
	}
	return text, ""
}

// Blocks draws text of several paragraphs, lists and headings, as it stands
// below a question: its headings are bold lines, since the question is the
// heading. "" is "".
func Blocks(text string) template.HTML {
	var b strings.Builder
	var lines []string
	list := ""
	flush := func() {
		if len(lines) > 0 {
			b.WriteString("<p>" + span(strings.Join(lines, "\n")) + "</p>")
			lines = nil
		}
	}
	switchTo := func(to string) {
		flush()
		if list == to {
			return
		}
		if list != "" {
			b.WriteString("</" + list + ">")
		}
		if list = to; to != "" {
			b.WriteString("<" + to + ">")
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		m := marked.FindStringSubmatch(line)
		switch {
		case line == "":
			switchTo("")
		case m == nil:
			if list != "" {
				switchTo("")
			}
			lines = append(lines, line)
		case m[1][0] == '#':
			switchTo("")
			b.WriteString("<p><strong>" + span(m[2]) + "</strong></p>")
		case strings.ContainsAny(m[1], "-*+•"):
			switchTo("ul")
			b.WriteString("<li>" + span(m[2]) + "</li>")
		default:
			switchTo("ol")
			b.WriteString("<li>" + span(m[2]) + "</li>")
		}
	}
	switchTo("")
	return template.HTML(b.String()) //nolint:gosec // every text went through span
}
