package questionnaire

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"panelverk/internal/fault"
)

// ReadCSV reads a questionnaire as XLSForm's tools write it in one CSV file: the
// first column names the sheet, in the row before its header, and is empty in
// the rows that belong to it, as in the Markdown notation. Commas, semicolons
// and tabs are read as separators. Rows are counted as in a spreadsheet: each
// sheet's header is row 1.
func ReadCSV(data []byte) (*Book, fault.Problems) {
	a := assembler{bar: "A cell with a separator in it stands in quotation marks."}
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	if !utf8.Valid(data) {
		a.ps.Add(fault.Place{}, "bad_file", "The file is not UTF-8. Save it with the encoding UTF-8, which Excel calls “CSV UTF-8”.")
		return nil, a.ps
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = sheetDelimiter(data), true, -1
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line, _ := r.FieldPos(0)
			a.ps.Add(fault.Place{Row: line}, "bad_file", "The file cannot be read as CSV from line %d on: its quotation marks are out of order.", line)
			return nil, a.ps
		}
		if !isBlank(cells) || len(cells) > 0 && cells[0] != "" {
			cells[0] = strings.TrimSpace(cells[0])
			a.row(cells)
		}
	}
	for _, s := range a.book.Sheets {
		if sameSheet(s.Name, sheetSurvey) {
			return &a.book, a.ps
		}
	}
	a.ps.Add(fault.Place{}, "bad_file", "There is no sheet in the file. The first column names the sheets: a row “survey”, then rows with an empty first cell, the header first.")
	return nil, a.ps
}

// sheetDelimiter is the separator of a file of sheets: a header begins with an
// empty cell, so that the first line that begins with a separator shows it. Where
// none does it is the most frequent one of the first lines.
func sheetDelimiter(data []byte) rune {
	lines := bytes.SplitN(data, []byte("\n"), 6)
	lines = lines[:min(len(lines), 5)]
	for _, line := range lines {
		if len(line) > 0 && bytes.IndexByte([]byte(",;\t"), line[0]) >= 0 {
			return rune(line[0])
		}
	}
	return delimiter(bytes.Join(lines, []byte(" ")))
}

// CSV writes the normalised book in the notation that ReadCSV reads.
func (b *Book) CSV() []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	write := func(first string, cells []string) {
		if err := w.Write(append([]string{first}, cells...)); err != nil {
			panic(err) // a comma is a good separator, and the buffer takes all: cannot fail
		}
	}
	for _, s := range b.Normalised().Sheets {
		write(s.Name, nil)
		write("", s.Header)
		for _, r := range s.Rows {
			write("", r.Cells)
		}
	}
	w.Flush()
	return out.Bytes()
}
