package questionnaire

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/fault"
)

// A workbook that unpacks to more than this is no questionnaire.
const (
	mostUnpacked = 64 << 20
	mostRows     = 100_000
	mostColumns  = 500

	// XLSForm's documentation ends a sheet where so many rows in a row are empty.
	mostBlankRows = 20
)

// ReadXLSX reads an Excel workbook. Cells come as people mean them: 1.0 is "1",
// a date is 2016-10-31, a formula is its last result.
func ReadXLSX(data []byte) (book *Book, ps fault.Problems) {
	// The file comes from outside, and the reader of the format is not ours:
	// whatever it makes of a broken file must end as a sentence.
	defer func() {
		if r := recover(); r != nil {
			book = nil
			ps.Add(fault.Place{}, "bad_file", "The workbook is damaged and cannot be read. Save it again in Excel or LibreOffice.")
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostUnpacked,
	})
	if bytes.HasPrefix(data, []byte("\xD0\xCF\x11\xE0")) { // a compound file: the old format, or an encrypted one
		ps.Add(fault.Place{}, "bad_file", "This is a workbook in the old Excel format, or one with a password. Open it in Excel or LibreOffice and save it as .xlsx without a password.")
		return nil, ps
	}
	if err != nil {
		ps.Add(fault.Place{}, "bad_file", "This is not an Excel workbook, or it is damaged or protected by a password. Save it again as .xlsx.")
		return nil, ps
	}
	defer f.Close() // only removes temporary files
	reader := xlsxReader{file: f, formats: make(map[int]cellFormat), ps: &ps}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		reader.from1904 = *props.Date1904
	}
	book = &Book{}
	for _, name := range f.GetSheetList() {
		if sheet := reader.sheet(name); sheet != nil {
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

type cellFormat uint8

const (
	formatPlain cellFormat = iota
	formatDate
	formatTime
	formatDateTime
)

type xlsxReader struct {
	file    *excelize.File
	formats map[int]cellFormat // by the number of the style
	ps      *fault.Problems

	from1904 bool // the workbook counts its days from 1904, as old Macs did
}

func (x *xlsxReader) sheet(name string) *Sheet {
	rows, err := x.file.GetRows(name)
	if err != nil {
		x.ps.Add(fault.Place{Sheet: name}, "bad_file", "The sheet “%s” cannot be read. Save the workbook again.", name)
		return nil
	}
	if len(rows) > mostRows {
		x.ps.Add(fault.Place{Sheet: name}, "too_large", "The sheet “%s” has more than %d rows.", name, mostRows)
		return nil
	}
	sheet := &Sheet{Name: name}
	blank := 0
	for i, raw := range rows {
		if isBlank(raw) {
			blank++
			continue
		}
		if blank > mostBlankRows && sheet.Header != nil {
			x.ps.Warn(fault.Place{Sheet: name, Row: i + 1}, "rows_left_out", "From here on nothing is read: %d empty rows stand before it.", blank)
			break
		}
		blank = 0
		if len(raw) > mostColumns {
			x.ps.Add(fault.Place{Sheet: name, Row: i + 1}, "too_large", "The row has more than %d columns.", mostColumns)
			return nil
		}
		cells := make([]string, len(raw))
		for j, text := range raw {
			if text != "" {
				cells[j] = x.cell(name, i+1, j+1, text)
			}
		}
		switch {
		case isBlank(cells):
		case sheet.Header == nil:
			sheet.Header = cells
		default:
			if len(cells) > len(sheet.Header) {
				sheet.Header = append(sheet.Header, make([]string, len(cells)-len(sheet.Header))...)
			}
			sheet.Rows = append(sheet.Rows, Row{Number: i + 1, Cells: cells})
		}
	}
	for i := range sheet.Rows {
		sheet.Rows[i].Cells = fit(sheet.Rows[i].Cells, len(sheet.Header))
	}
	return sheet
}

// cell gives the text of one cell from its raw value.
func (x *xlsxReader) cell(sheet string, row, col int, raw string) string {
	ref, err := excelize.CoordinatesToCellName(col, row)
	if err != nil {
		return raw
	}
	kind, err := x.file.GetCellType(sheet, ref)
	if err != nil {
		return raw
	}
	switch kind {
	case excelize.CellTypeBool:
		if raw == "1" || strings.EqualFold(raw, "true") {
			return "TRUE"
		}
		return "FALSE"
	case excelize.CellTypeError:
		letter, _ := excelize.ColumnNumberToName(col)
		x.ps.Add(fault.Place{Sheet: sheet, Row: row, Column: letter}, "cell_error", "The cell holds the error %s. Repair its formula.", raw)
		return ""
	case excelize.CellTypeUnset, excelize.CellTypeNumber, excelize.CellTypeDate:
		return x.number(sheet, ref, raw)
	default:
		return raw
	}
}

// number writes a number without a needless fraction, and a date as XForms does.
func (x *xlsxReader) number(sheet, ref, raw string) string {
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return raw
	}
	format := formatPlain
	if style, err := x.file.GetCellStyle(sheet, ref); err == nil && style > 0 {
		format = x.format(style)
	}
	if format != formatPlain {
		if t, err := excelize.ExcelDateToTime(f, x.from1904); err == nil {
			t = t.Round(time.Second)
			switch {
			case format == formatTime:
				return t.Format(time.TimeOnly)
			case format == formatDate || t.Hour()+t.Minute()+t.Second() == 0:
				return t.Format(time.DateOnly)
			default:
				return t.Format("2006-01-02T15:04:05")
			}
		}
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

var formatLiterals = regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]`)

// format tells from a style's number format whether it shows a date or a time.
// The numbers are those of ECMA-376 part 1, section 18.8.30.
func (x *xlsxReader) format(style int) cellFormat {
	if known, ok := x.formats[style]; ok {
		return known
	}
	result := formatPlain
	if s, err := x.file.GetStyle(style); err == nil {
		switch n := s.NumFmt; {
		case s.CustomNumFmt != nil:
			code := strings.ToLower(formatLiterals.ReplaceAllString(*s.CustomNumFmt, ""))
			if code == "general" {
				break
			}
			date, clock := strings.ContainsAny(code, "yd"), strings.ContainsAny(code, "hs")
			switch {
			case date && clock:
				result = formatDateTime
			case date:
				result = formatDate
			case clock:
				result = formatTime
			}
		case n >= 14 && n <= 17:
			result = formatDate
		case n >= 18 && n <= 21, n >= 45 && n <= 47:
			result = formatTime
		case n == 22:
			result = formatDateTime
		}
	}
	x.formats[style] = result
	return result
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
