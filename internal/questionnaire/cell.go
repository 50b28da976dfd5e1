package questionnaire

import (
	"strconv"
	"strings"

	"panelverk/internal/fault"
)

// Cell gives the place of a problem as a spreadsheet names a cell of the book as
// it was written: "survey!C14", "survey!14" where no column is known, "survey"
// where no row is, and "" for no sheet.
func (b *Book) Cell(at fault.Place) string {
	if at.Sheet == "" {
		return ""
	}
	letters := ""
	for _, s := range b.Sheets {
		if !strings.EqualFold(strings.TrimSpace(s.Name), at.Sheet) || at.Column == "" {
			continue
		}
		for i, text := range s.Header {
			if text == at.Column || letters == "" && readHeader(at.Sheet, text, at, new(fault.Problems)).name == at.Column {
				letters = columnLetters(i)
			}
		}
	}
	cell := letters
	if at.Row > 0 {
		cell += strconv.Itoa(at.Row)
	}
	if cell == "" {
		return at.Sheet
	}
	return at.Sheet + "!" + cell
}

// columnLetters names a column by its index as spreadsheets do: A, …, Z, AA.
func columnLetters(index int) string {
	name := ""
	for n := index + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}
