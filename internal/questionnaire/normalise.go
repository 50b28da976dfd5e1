package questionnaire

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"panelverk/internal/fault"
)

// normalise brings a book into its fixed form and reports what is wrong with
// its sheets and headers.
func normalise(b *Book, ps *fault.Problems) *Book {
	found := make(map[string]*Sheet)
	for _, s := range b.Sheets {
		if name := strings.ToLower(strings.TrimSpace(s.Name)); slices.Contains(sheetNames, name) && found[name] == nil {
			found[name] = s
		}
	}
	var out Book
	for _, name := range sheetNames {
		s := found[name]
		if name == sheetAttached {
			s = attachedSheet(b.Files, s, ps)
		}
		if s == nil {
			reportMissingSheet(b, name, ps)
			continue
		}
		if sheet := normaliseSheet(name, s, ps); len(sheet.Rows) > 0 {
			out.Sheets = append(out.Sheets, sheet)
		} else if name == sheetSurvey {
			ps.Add(fault.Place{Sheet: name}, "empty_sheet", "The survey sheet has no questions.")
		}
	}
	for _, s := range b.Sheets {
		if word := refusedSheets[strings.ToLower(strings.TrimSpace(s.Name))]; word != "" && len(s.Rows) > 0 {
			ps.Add(fault.Place{Sheet: s.Name, Row: s.Rows[0].Number}, "unsupported", "%s are out of scope. Remove the sheet.", word)
		}
	}
	return &out
}

// reportMissingSheet is an error for the survey; another sheet need not be
// there, and only one that looks like a slip is spoken of.
func reportMissingSheet(b *Book, name string, ps *fault.Problems) {
	near := ""
	for _, s := range b.Sheets {
		if !strings.HasPrefix(s.Name, "_") && !slices.Contains(sheetNames, strings.ToLower(s.Name)) && nearest(s.Name, []string{name}) != "" {
			near = s.Name
		}
	}
	switch {
	case name == sheetSurvey && near != "":
		ps.Add(fault.Place{Sheet: near}, "missing_sheet", "There is no sheet named survey. Should “%s” be it?", near)
	case name == sheetSurvey:
		ps.Add(fault.Place{}, "missing_sheet", "There is no sheet named survey. The questions stand there.")
	case near != "" && name != sheetAttached:
		ps.Warn(fault.Place{Sheet: near}, "unknown_sheet", "The sheet “%s” is not read. Should it be named %s?", near, name)
	}
}

// normaliseSheet gives the known spelling of the headers and trims the cells.
// Empty rows and columns go; a column that is there twice stays once.
func normaliseSheet(name string, s *Sheet, ps *fault.Problems) *Sheet {
	var (
		out  = &Sheet{Name: name}
		kept []int
		logs []bool
		at   = fault.Place{Sheet: name, Row: 1}
	)
	for i, text := range s.Header {
		text = cleanCell(text, true)
		filled := slices.ContainsFunc(s.Rows, func(r Row) bool { return i < len(r.Cells) && cleanCell(r.Cells[i], false) != "" })
		if text == "" {
			if filled {
				ps.Warn(at, "missing_header", "Column %d has cells but no header. It is not read.", i+1)
			}
			continue
		}
		own := name == sheetChoices || name == sheetExternal // a column of one's own may serve a choice_filter without a cell
		if !filled && !own {
			continue
		}
		var unheard fault.Problems // nothing is said of a column without a cell
		h := readHeader(name, text, at, &unheard)
		if !filled && (h.column != nil || slices.Contains(out.Header, h.name) || slices.Contains(s.Header[i+1:], s.Header[i])) {
			continue
		}
		if filled {
			*ps = append(*ps, unheard...)
		}
		if slices.Contains(out.Header, h.name) {
			at := fault.Place{Sheet: name, Row: 1, Column: text}
			if name == sheetSettings {
				ps.Warn(at, "duplicate_column", "Two columns mean %s. The first counts.", h.name)
			} else {
				ps.Add(at, "duplicate_column", "Two columns mean %s. Rename or remove one.", h.name)
			}
			continue
		}
		if filled {
			reportHeader(name, text, h, ps)
		}
		out.Header = append(out.Header, h.name)
		kept = append(kept, i)
		logs = append(logs, h.column != nil && h.column.logic)
	}
	for _, r := range s.Rows {
		cells := make([]string, len(kept))
		for j, i := range kept {
			if i < len(r.Cells) {
				cells[j] = cleanCell(r.Cells[i], logs[j])
			}
		}
		if !isBlank(cells) {
			out.Rows = append(out.Rows, Row{Number: r.Number, Cells: cells})
		}
	}
	return out
}

// reportHeader warns of a header that is not known or has no effect.
func reportHeader(sheet, text string, h header, ps *fault.Problems) {
	at := fault.Place{Sheet: sheet, Row: 1, Column: text}
	switch {
	case h.column != nil && h.column.ignored:
		if !h.column.quiet {
			ps.Warn(at, "ignored_column", "The column “%s” has no effect here.", text)
		}
	case h.column != nil:
	case sheet == sheetChoices || sheet == sheetExternal: // every further column is the author's own, for choice_filter
		if near := nearest(text, knownColumns(sheet)); near != "" && len(text) > 4 {
			ps.Warn(at, "unknown_column", "The column “%s” is read as one of your own. Did you mean “%s”?", text, near)
		}
	default:
		ps.Warn(at, "unknown_column", "The column “%s” is not known and has no effect.%s", text, didYouMean(text, knownColumns(sheet)))
	}
}

// knownColumns lists what to write in a header.
func knownColumns(sheet string) []string {
	var names []string
	for _, c := range columns[sheet] {
		if !c.ignored && !c.refused {
			names = append(names, c.name)
		}
	}
	return names
}

var (
	lineBreaks     = regexp.MustCompile(`(?i)[ \t]*(?:<br ?/?>|\r\n|\r|\n)[ \t]*`)
	straightQuotes = strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`, "„", `"`)
)

// unseen are characters without width that come along when texts are copied from
// pages: a soft hyphen, a place to break, a joiner. In labels they have a use.
const unseen = "\u00AD\u200B\u2060"

// cleanCell trims a cell and makes control characters and no-break spaces
// plain spaces, as XLSForm's tools do. A line break may be written <br>. In a
// cell with logic curly quotes become straight ones; a label keeps its
// typography.
func cleanCell(text string, logic bool) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\u00A0' || r == '\u202F' || unicode.IsControl(r) && r != '\n' && r != '\r':
			return ' '
		case r == '\uFEFF', logic && strings.ContainsRune(unseen, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = lineBreaks.ReplaceAllString(text, "\n")
	if logic {
		text = straightQuotes.Replace(text)
	}
	return strings.TrimSpace(text)
}
