package staff

import (
	"slices"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// problemSheet is the problems of a questionnaire file that stand on one sheet.
type problemSheet struct {
	ID, Name string // of the sheet; the name is that of the file for none
	Rows     []problemRow
}

// problemRow is one problem: what it is in the language of the page, and the
// compiler's own sentence, which is in English.
type problemRow struct{ Cell, Title, Detail, Offset string }

// advised are the codes of what a researcher may want to think of, in order:
// nothing of it is wrong.
var advised = []string{"missing_translation", "reading_time", "no_way_out", "bare_scale", "bad_variable", "long_variable", "variable_name", "variable_clash"}

// partProblems parts the problems of a file: those that keep it from being published,
// warnings, and advice.
func partProblems(all fault.Problems) (wrong, warnings, advice fault.Problems) {
	for _, p := range all {
		switch {
		case p.Severity != fault.SeverityWarning:
			wrong = append(wrong, p)
		case slices.Contains(advised, p.Code):
			advice = append(advice, p)
		default:
			warnings = append(warnings, p)
		}
	}
	return wrong, warnings, advice
}

// problemSheets groups problems by the sheet, in the order of its rows.
func problemSheets(t *lang.Texts, book *questionnaire.Book, prefix string, problems fault.Problems) []problemSheet {
	problems = slices.Clone(problems)
	problems.Sort()
	var out []problemSheet
	for _, p := range problems {
		name := p.Sheet
		if name == "" {
			name = t.T("staff.plan.file")
		}
		if n := len(out); n == 0 || out[n-1].Name != name {
			out = append(out, problemSheet{ID: prefix + itoa(n), Name: name})
		}
		row := problemRow{Cell: t.T("staff.plan.file"), Title: t.T("form." + p.Code), Detail: p.Message}
		if !t.Has("form." + p.Code) {
			row.Title = ""
		}
		if book != nil && p.Sheet != "" {
			row.Cell = book.Cell(p.Place)
		}
		if p.Offset > 0 {
			row.Offset = t.T("staff.draft.offset", "offset", p.Offset)
		}
		last := &out[len(out)-1]
		last.Rows = append(last.Rows, row)
	}
	return out
}
