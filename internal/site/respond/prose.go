package respond

import (
	"html/template"
	"strings"

	"panelverk/internal/lang/rich"
)

// prose draws a longer Markdown text, a consent: headings, paragraphs, lists.
func prose(text string) template.HTML {
	var b strings.Builder
	list := false
	endList := func() {
		if list {
			b.WriteString("</ul>\n")
			list = false
		}
	}
	var paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			b.WriteString("<p>" + string(rich.Line(strings.Join(paragraph, " "))) + "</p>\n")
			paragraph = nil
		}
	}
	for _, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
			flush()
			endList()
		case strings.HasPrefix(line, "#"):
			flush()
			endList()
			level := "h2"
			if strings.HasPrefix(line, "# ") {
				level = "h1"
			} else if strings.HasPrefix(line, "### ") {
				level = "h3"
			}
			b.WriteString("<" + level + ">" + string(rich.Line(strings.TrimLeft(line, "# "))) + "</" + level + ">\n")
		case strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "* "):
			flush()
			if !list {
				b.WriteString("<ul>\n")
				list = true
			}
			b.WriteString("<li>" + string(rich.Line(line[2:])) + "</li>\n")
		case list && !strings.HasSuffix(b.String(), "</ul>\n"):
			// a list item that goes on in the next line
			s := strings.TrimSuffix(b.String(), "</li>\n") + " " + string(rich.Line(line)) + "</li>\n"
			b.Reset()
			b.WriteString(s)
		default:
			paragraph = append(paragraph, line)
		}
	}
	flush()
	endList()
	return template.HTML(b.String()) //nolint:gosec // every text went through rich
}
