package release

import (
	_ "embed"
	"html"
	"html/template"
	"io"
	"regexp"
	"strings"

	"panelverk/internal/lang"
)

// paper is a document in one language: blocks, which are written as Markdown
// (CommonMark with tables) and as a page of HTML. In its texts ` marks names of
// variables and files; nothing else in them is markup.
type paper struct {
	tag    string
	title  string
	blocks []block
	toc    int // the lowest level of headings that the table of contents lists
}

// block is one of: a heading (level > 0), a table (heads), a list (items), the words
// of somebody else (quoted), a paragraph.
type block struct {
	level  int
	id     string // of a heading, where it has one of its own
	text   string
	quoted bool
	items  []string
	heads  []string
	rows   [][]string
	left   int // how many columns of a table hold words; the others are figures
}

func (p *paper) head(level int, text string) { p.anchored(level, text, "") }

func (p *paper) anchored(level int, text, id string) {
	p.blocks = append(p.blocks, block{level: level, text: text, id: id})
}

// say adds a paragraph; without words, nothing.
func (p *paper) say(sentences ...string) {
	if text := strings.TrimSpace(strings.Join(sentences, " ")); text != "" {
		p.blocks = append(p.blocks, block{text: text})
	}
}

func (p *paper) quote(text string) {
	if text != "" {
		p.blocks = append(p.blocks, block{text: text, quoted: true})
	}
}

func (p *paper) list(items []string) {
	if len(items) > 0 {
		p.blocks = append(p.blocks, block{items: items})
	}
}

// table adds a table whose first columns hold words; without rows, nothing.
func (p *paper) table(left int, heads []string, rows [][]string) {
	if len(rows) > 0 {
		p.blocks = append(p.blocks, block{heads: heads, rows: rows, left: left})
	}
}

// marked is what would be read as Markdown. Low lines within words are not.
var (
	marked  = regexp.MustCompile(`[\\*<>\[\]|]|\b_|_\b`)
	leading = regexp.MustCompile(`^(\d*)([.)]|[-+#])(\s|$)`)
)

// markdown writes a text so that it is read as it stands, but for the names in it.
func markdown(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			b.WriteString("`" + strings.ReplaceAll(part, "|", `\|`) + "`")
			continue
		}
		b.WriteString(marked.ReplaceAllString(part, `\$0`))
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// line is markdown for the beginning of a line, where a number or a dash would begin
// a list.
func line(text string) string { return leading.ReplaceAllString(markdown(text), `$1\$2$3`) }

// markdown writes the document as text.
func (p *paper) markdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# " + markdown(p.title) + "\n")
	for _, x := range p.blocks {
		b.WriteString("\n")
		switch {
		case x.level > 0:
			b.WriteString(strings.Repeat("#", x.level) + " " + markdown(x.text) + "\n")
		case x.heads != nil:
			writeRow(&b, x.heads)
			b.WriteString("|")
			for i := range x.heads {
				b.WriteString(map[bool]string{true: "---|", false: "---:|"}[i < x.left])
			}
			b.WriteString("\n")
			for _, row := range x.rows {
				writeRow(&b, row)
			}
		case x.items != nil:
			for _, item := range x.items {
				b.WriteString("- " + line(item) + "\n")
			}
		case x.quoted:
			for one := range strings.SplitSeq(x.text, "\n") {
				b.WriteString("> " + line(one) + "\n")
			}
		default:
			b.WriteString(line(x.text) + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeRow(b *strings.Builder, cells []string) {
	b.WriteString("|")
	for _, cell := range cells {
		b.WriteString(" " + markdown(cell) + " |")
	}
	b.WriteString("\n")
}

//go:embed paper.html
var paperHTML string

var paperTemplate = template.Must(template.New("paper").Parse(paperHTML))

// contents is a heading in the table of contents.
type contents struct {
	ID   string
	Text template.HTML
	Deep bool
}

// html writes the document as a page that holds all it needs, to read and to print.
func (p *paper) html(w io.Writer) error {
	var b strings.Builder
	var toc []contents
	for i, x := range p.blocks {
		switch {
		case x.level > 0:
			id := x.id
			if id == "" {
				id = "s" + short(float64(i))
			}
			if x.level <= p.toc {
				toc = append(toc, contents{id, inline(x.text), x.level > 2})
			}
			tag := "h" + short(float64(x.level))
			b.WriteString("<" + tag + ` id="` + html.EscapeString(id) + `">` + string(inline(x.text)) + "</" + tag + ">\n")
		case x.heads != nil:
			x.table(&b)
		case x.items != nil:
			b.WriteString("<ul>")
			for _, item := range x.items {
				b.WriteString("<li>" + string(inline(item)) + "</li>\n")
			}
			b.WriteString("</ul>\n")
		case x.quoted:
			b.WriteString("<blockquote><p>" + strings.ReplaceAll(string(inline(x.text)), "\n", "<br>\n") + "</p></blockquote>\n")
		default:
			b.WriteString("<p>" + string(inline(x.text)) + "</p>\n")
		}
	}
	return paperTemplate.Execute(w, map[string]any{"Tag": p.tag, "Direction": lang.Direction(p.tag), "Title": p.title, "Contents": toc,
		"ContentsHead": lang.For(p.tag).T("paper.contents"), "Body": template.HTML(b.String())}) //nolint:gosec // every text in it is escaped above
}

func (x *block) table(b *strings.Builder) {
	b.WriteString(`<div class="wide"><table><thead><tr>`)
	class := func(i int) string {
		if i < x.left {
			return ""
		}
		return ` class="figure"`
	}
	for i, head := range x.heads {
		b.WriteString(`<th scope="col"` + class(i) + ">" + string(inline(head)) + "</th>")
	}
	b.WriteString("</tr></thead><tbody>\n")
	for _, row := range x.rows {
		b.WriteString("<tr>")
		for i, cell := range row {
			open, end := "<td"+class(i)+">", "</td>"
			if i == 0 {
				open, end = `<th scope="row">`, "</th>"
			}
			b.WriteString(open + string(inline(cell)) + end)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table></div>\n")
}

// inline escapes a text for HTML, and marks the names in it.
func inline(text string) template.HTML {
	var b strings.Builder
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			b.WriteString("<code>" + html.EscapeString(part) + "</code>")
		} else {
			b.WriteString(html.EscapeString(part))
		}
	}
	return template.HTML(b.String()) //nolint:gosec // escaped above
}

// named marks a name of a variable or file in a text.
func named(name string) string { return "`" + name + "`" }

// foreign takes out of a text that somebody else wrote what marks names.
func foreign(text string) string { return strings.ReplaceAll(text, "`", "ʼ") }
