package questionnaire

import (
	"strings"

	"panelverk/internal/fault"
)

// ReadMarkdown reads tables in pyxform's notation. A row whose first cell is
// filled begins the sheet of that name; the next row is its header, and in
// every further row the first cell is empty, or says the sheet's name again:
//
//	| survey |            |      |                     |
//	|        | type       | name | label::Svenska (sv) |
//	|        | integer    | age  | Hur gammal är du?   |
//
// Lines that are no table rows are commentary, and so are the ruled lines of a
// Markdown table (| --- | --- |). In a cell, \| is a vertical bar and <br> a
// line break. Rows are counted as in a spreadsheet: the header is row 1.
func ReadMarkdown(text string) (*Book, fault.Problems) {
	a := assembler{bar: "A vertical bar inside a cell is written \\|."}
	for line := range strings.Lines(strings.TrimPrefix(strings.ToValidUTF8(text, "\uFFFD"), "\uFEFF")) {
		if cells, open := splitRow(line); cells != nil && !isRuled(cells) {
			if last := len(cells) - 1; open && a.sheet != nil && len(a.sheet.Header) > 0 && last > len(a.sheet.Header) {
				a.ps.Warn(fault.Place{Sheet: a.sheet.Name, Row: a.last + 1}, "commentary", "“%s” stands after the last bar of the row, and is not read.", shorten(cells[last]))
				cells = cells[:last]
			}
			a.row(cells)
		}
	}
	if len(a.book.Sheets) == 0 {
		a.ps.Add(fault.Place{}, "bad_file", "There is no table in the file. A questionnaire begins with a row such as | survey | | |.")
	}
	return &a.book, a.ps
}

// assembler makes sheets of rows whose first cell may name the sheet.
type assembler struct {
	bar   string // advice for rows that are too long
	book  Book
	ps    fault.Problems
	sheet *Sheet
	last  int // the number of the last row
}

func (a *assembler) row(cells []string) {
	name, rest := cells[0], cells[1:]
	if name != "" && (a.sheet == nil || !sameSheet(name, a.sheet.Name)) {
		a.sheet, a.last = &Sheet{Name: name}, 0
		for _, s := range a.book.Sheets {
			if sameSheet(s.Name, name) {
				a.ps.Add(fault.Place{Sheet: s.Name}, "duplicate_sheet", "The sheet “%s” is there twice. Put its rows together.", s.Name)
			}
		}
		a.book.Sheets = append(a.book.Sheets, a.sheet)
		if isBlank(rest) {
			return
		}
	} else if name != "" && isBlank(rest) {
		return
	}
	if a.sheet == nil {
		return
	}
	a.last++
	switch {
	case len(a.sheet.Header) == 0 && isBlank(rest):
		a.last--
	case len(a.sheet.Header) == 0:
		a.sheet.Header = trimRight(rest)
	default:
		if extra := trimRight(rest); len(extra) > len(a.sheet.Header) {
			a.ps.Add(fault.Place{Sheet: a.sheet.Name, Row: a.last}, "too_many_cells",
				"The row has %d cells under %d headers. %s", len(extra), len(a.sheet.Header), a.bar)
		}
		a.sheet.Rows = append(a.sheet.Rows, Row{Number: a.last, Cells: fit(rest, len(a.sheet.Header))})
	}
}

func sameSheet(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// splitRow cuts a line of a table into its cells; nil where it is none. open
// says that no bar ends the last of them. Of the backslashes before a bar each
// pair is one backslash, and an odd one makes the bar a character of the cell.
func splitRow(line string) (cells []string, open bool) {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "|") {
		return nil, false
	}
	var (
		cell    strings.Builder
		slashes int
	)
	for _, r := range line[1:] {
		if r == '\\' {
			slashes++
			continue
		}
		if r != '|' {
			cell.WriteString(strings.Repeat(`\`, slashes))
			cell.WriteRune(r)
		} else {
			cell.WriteString(strings.Repeat(`\`, slashes/2))
			if slashes%2 == 1 {
				cell.WriteByte('|')
			} else {
				cells = append(cells, strings.TrimSpace(cell.String()))
				cell.Reset()
			}
		}
		slashes = 0
	}
	cell.WriteString(strings.Repeat(`\`, slashes))
	if rest := strings.TrimSpace(cell.String()); rest != "" || len(cells) == 0 {
		cells, open = append(cells, rest), true
	}
	return cells, open
}

// isRuled tells a line such as | --- | :--: |. A row of a sheet is never taken
// for one: its first cell is empty, or a name.
func isRuled(cells []string) bool {
	for i, c := range cells {
		if c == "" && i > 0 {
			continue
		}
		if len(c) < 2 || strings.Trim(c, "-:") != "" {
			return false
		}
	}
	return true
}

func trimRight(cells []string) []string {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}

// fit makes a row as long as the header.
func fit(cells []string, n int) []string {
	out := make([]string, n)
	copy(out, cells)
	return out
}

// Markdown writes the normalised book in the notation that ReadMarkdown reads.
func (b *Book) Markdown() string {
	var out strings.Builder
	for i, s := range b.Normalised().Sheets {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString("| " + writeCell(s.Name) + " |" + strings.Repeat(" |", len(s.Header)) + "\n")
		writeRow(&out, s.Header)
		for _, r := range s.Rows {
			writeRow(&out, r.Cells)
		}
	}
	return out.String()
}

func writeRow(out *strings.Builder, cells []string) {
	out.WriteString("| |")
	for _, c := range cells {
		out.WriteString(" " + writeCell(c) + " |")
	}
	out.WriteByte('\n')
}

func writeCell(text string) string {
	if !strings.ContainsAny(text, "|\n") {
		return text
	}
	var out strings.Builder
	slashes := 0
	for _, r := range text {
		switch r {
		case '|':
			out.WriteString(strings.Repeat(`\`, slashes+1)) // doubled, and one for the bar
			out.WriteByte('|')
		case '\n':
			out.WriteString("<br>")
		default:
			out.WriteRune(r)
		}
		if r == '\\' {
			slashes++
		} else {
			slashes = 0
		}
	}
	return out.String()
}
