package questionnaire

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/fault"
)

// What the files begin with that are no .xlsx, though they may be called so.
var (
	compoundFile = []byte("\xD0\xCF\x11\xE0") // the old Excel format, or an encrypted workbook
	encryptedTag = []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e")
	openDocument = []byte("application/vnd.oasis.opendocument.spreadsheet")
)

// ReadXLSX reads an Excel workbook. Cells come as people mean them: 1.0 is "1",
// a date is 2016-10-31, a formula is its last result. Hidden sheets are read too.
func ReadXLSX(data []byte) (book *Book, ps fault.Problems) {
	refuse := func(format string, args ...any) (*Book, fault.Problems) {
		ps.Add(fault.Place{}, "bad_file", format, args...)
		return nil, ps
	}
	switch {
	case bytes.HasPrefix(data, compoundFile) && bytes.Contains(data, encryptedTag):
		return refuse("The workbook is protected by a password. Open it in Excel and save it without one.")
	case bytes.HasPrefix(data, compoundFile):
		return refuse("This is a workbook in the old Excel format. Open it in Excel or LibreOffice and save it as .xlsx.")
	case bytes.Contains(data[:min(len(data), 120)], openDocument):
		return refuse(adviceODS)
	}
	file, err := openWorkbook(data)
	switch {
	case errors.Is(err, errTooLarge):
		ps.Add(fault.Place{}, "too_large", "The workbook is larger than a questionnaire can be: %s.", errTooLarge)
		return nil, ps
	case err != nil:
		return refuse("This is not an Excel workbook, or it is damaged. Save it again as .xlsx in Excel or LibreOffice.")
	}
	book = &Book{}
	for _, part := range file.sheets {
		if sheet := file.sheet(part, &ps); sheet != nil {
			book.Sheets = append(book.Sheets, sheet)
		}
	}
	// A workbook of one sheet is a survey, whatever the sheet is called.
	if len(book.Sheets) == 1 {
		only := book.Sheets[0]
		known := slices.Contains(sheetNames, strings.ToLower(strings.TrimSpace(only.Name)))
		if !known && slices.ContainsFunc(only.Header, func(h string) bool { return fold(h) == "type" }) {
			only.Name = sheetSurvey
		}
	}
	return book, ps
}

// XLSX writes the normalised book as an Excel workbook.
func (b *Book) XLSX() ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close() // nothing is on disk
	for i, s := range b.Normalised().Sheets {
		if i == 0 {
			if err := f.SetSheetName("Sheet1", s.Name); err != nil {
				return nil, fmt.Errorf("name the first sheet: %w", err)
			}
		} else if _, err := f.NewSheet(s.Name); err != nil {
			return nil, fmt.Errorf("add the sheet %s: %w", s.Name, err)
		}
		rows := [][]string{s.Header}
		for _, r := range s.Rows {
			rows = append(rows, r.Cells)
		}
		for j, cells := range rows {
			for k, text := range cells {
				ref, err := excelize.CoordinatesToCellName(k+1, j+1)
				if err != nil {
					return nil, fmt.Errorf("place a cell: %w", err)
				}
				if text == "" {
					continue
				}
				if len(utf16.Encode([]rune(text))) > excelize.TotalCellChars {
					return nil, fmt.Errorf("the cell %s of %s holds more than the %d characters that Excel allows", ref, s.Name, excelize.TotalCellChars)
				}
				if err := f.SetCellStr(s.Name, ref, text); err != nil {
					return nil, fmt.Errorf("write the cell %s of %s: %w", ref, s.Name, err)
				}
			}
		}
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("write the workbook: %w", err)
	}
	return out.Bytes(), nil
}
