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
	var (
		book  Book
		ps    fault.Problems
		sheet *Sheet
		last  int // the row number of the last row
	)
	for line := range strings.Lines(strings.TrimPrefix(strings.ToValidUTF8(text, "\uFFFD"), "\uFEFF")) {
		cells := splitRow(line)
		if cells == nil || isRuled(cells) {
			continue
		}
		name, rest := cells[0], cells[1:]
		if name != "" && (sheet == nil || !sameSheet(name, sheet.Name)) {
			sheet, last = &Sheet{Name: name}, 0
			for _, s := range book.Sheets {
				if sameSheet(s.Name, name) {
					ps.Add(fault.Place{Sheet: s.Name}, "duplicate_sheet", "The sheet “%s” is there twice. Put its rows together.", s.Name)
				}
			}
			book.Sheets = append(book.Sheets, sheet)
			if isBlank(rest) {
				continue
			}
		} else if name != "" && isBlank(rest) {
			continue
		}
		if sheet == nil {
			continue
		}
		last++
		switch {
		case len(sheet.Header) == 0 && isBlank(rest):
			last--
		case len(sheet.Header) == 0:
			sheet.Header = trimRight(rest)
		default:
			if extra := trimRight(rest); len(extra) > len(sheet.Header) {
				ps.Add(fault.Place{Sheet: sheet.Name, Row: last}, "too_many_cells",
					"The row has %d cells under %d headers. A vertical bar inside a cell is written \\|.", len(extra), len(sheet.Header))
			}
			sheet.Rows = append(sheet.Rows, Row{Number: last, Cells: fit(rest, len(sheet.Header))})
		}
	}
	if len(book.Sheets) == 0 {
		ps.Add(fault.Place{}, "bad_file", "There is no table in the file. A questionnaire begins with a row such as | survey | | |.")
	}
	return &book, ps
}

func sameSheet(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// splitRow cuts a line of a table into its cells; nil where it is none. Of the
// backslashes before a bar each pair is one backslash, and an odd one makes the
// bar a character of the cell.
func splitRow(line string) []string {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "|") {
		return nil
	}
	var (
		cells   []string
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
		cells = append(cells, rest)
	}
	return cells
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
