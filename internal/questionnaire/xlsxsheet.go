package questionnaire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/fault"
)

// xmlCell is a cell as it is written: its value, or the text in it.
type xmlCell struct {
	ref, kind string
	style     int
	formula   bool
	value     bool
	text      strings.Builder
}

// sheetReader reads one sheet row by row.
type sheetReader struct {
	book *xlsxFile
	name string
	ps   *fault.Problems
	out  *Sheet

	row   int // of the row that is read
	last  int // the last row with something in it
	cells []string
	cell  xmlCell
	keeps bool // what is read now is the cell's value or text
	deaf  bool // how the text is pronounced is read now
}

// sheet reads a sheet; nil where it cannot be read.
func (w *xlsxFile) sheet(s sheetPart, ps *fault.Problems) *Sheet {
	r := &sheetReader{book: w, name: s.name, ps: ps, out: &Sheet{Name: s.name}}
	content, err := w.part(s.part)
	if err == nil {
		err = r.read(content)
	}
	switch {
	case errors.Is(err, errTooLarge):
		ps.Add(fault.Place{Sheet: s.name}, "too_large", "The sheet “%s” is larger than a questionnaire can be.", s.name)
		return nil
	case errors.Is(err, errReported):
		return nil
	case err != nil:
		ps.Add(fault.Place{Sheet: s.name}, "bad_file", "The sheet “%s” cannot be read. Save the workbook again.", s.name)
		return nil
	}
	for i := range r.out.Rows {
		r.out.Rows[i].Cells = fit(r.out.Rows[i].Cells, len(r.out.Header))
	}
	return r.out
}

var (
	errReported = errors.New("a problem says it")
	errEnough   = errors.New("only empty rows follow")
	errOpen     = errors.New("the sheet does not end")
	// A value or a text that is not empty.
	somethingWritten = regexp.MustCompile(`<(?:\w+:)?[vt](?: [^<>]*)?>[^<]`)
)

func (r *sheetReader) read(content []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(content))
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return errOpen
		}
		if err != nil {
			return err
		}
		done := false
		switch t := token.(type) {
		case xml.StartElement:
			err = r.begin(t)
		case xml.EndElement:
			done, err = r.end(t.Name.Local)
		case xml.CharData:
			if r.keeps && !r.deaf {
				r.cell.text.Write(t)
			}
		}
		if errors.Is(err, errEnough) {
			if r.somethingIn(content[min(decoder.InputOffset(), int64(len(content))):]) {
				r.ps.Warn(fault.Place{Sheet: r.name, Row: r.row}, "rows_left_out", "From here on nothing is read: more than %d empty rows stand before it.", mostBlankRows)
			}
			return nil
		}
		if err != nil || done {
			return err
		}
	}
}

// somethingIn tells whether a cell is filled in the rest of a sheet. Millions of
// formatted rows without one are nothing rare, and are not to be parsed.
func (r *sheetReader) somethingIn(rest []byte) bool {
	for _, mark := range []string{"v>", "<t>", "<t ", ":t>"} {
		if bytes.Contains(rest, []byte(mark)) {
			return somethingWritten.Match(rest)
		}
	}
	return false
}

func (r *sheetReader) begin(t xml.StartElement) error {
	switch t.Name.Local {
	case "row":
		return r.beginRow(t)
	case "c":
		r.cell = xmlCell{}
		for _, a := range t.Attr {
			switch a.Name.Local {
			case "r":
				r.cell.ref = a.Value
			case "t":
				r.cell.kind = a.Value
			case "s":
				if n, err := strconv.Atoi(a.Value); err == nil {
					r.cell.style = n
				}
			}
		}
	case "f":
		r.cell.formula = true
	case "v":
		r.cell.value, r.keeps = true, true
	case "t":
		r.keeps = true
	case "rPh":
		r.deaf = true
	}
	return nil
}

func (r *sheetReader) beginRow(t xml.StartElement) error {
	r.row++
	for _, a := range t.Attr {
		if n, err := strconv.Atoi(a.Value); a.Name.Local == "r" && err == nil {
			r.row = n
		}
	}
	r.cells = r.cells[:0]
	switch {
	case r.last > 0 && r.row-r.last > mostBlankRows+1, r.last == 0 && r.row > mostRows:
		return errEnough
	case r.row > mostRows:
		r.ps.Add(fault.Place{Sheet: r.name}, "too_large", "The sheet “%s” has more than %d rows.", r.name, mostRows)
		return errReported
	}
	return nil
}

// end ends an element; done says that no cells follow.
func (r *sheetReader) end(element string) (done bool, err error) {
	switch element {
	case "v", "t":
		r.keeps = false
	case "rPh":
		r.deaf = false
	case "c":
		return false, r.endCell()
	case "row":
		r.endRow()
	}
	return element == "sheetData" || element == "worksheet", nil
}

// endCell puts a cell into its row.
func (r *sheetReader) endCell() error {
	column := len(r.cells) + 1
	if r.cell.ref != "" {
		n, _, err := excelize.CellNameToCoordinates(r.cell.ref)
		if err != nil {
			return err
		}
		column = n
	}
	text := r.text(column)
	if strings.TrimSpace(text) == "" {
		return nil
	}
	if column > mostColumns {
		r.ps.Add(fault.Place{Sheet: r.name, Row: r.row}, "too_large", "The row has more than %d columns.", mostColumns)
		return errReported
	}
	for len(r.cells) < column {
		r.cells = append(r.cells, "")
	}
	r.cells[column-1] = text
	return nil
}

// endRow keeps a row that is not empty.
func (r *sheetReader) endRow() {
	if isBlank(r.cells) {
		return
	}
	r.last = r.row
	cells := slices.Clone(r.cells)
	if r.out.Header == nil {
		r.out.Header = cells
		return
	}
	if len(cells) > len(r.out.Header) {
		r.out.Header = fit(r.out.Header, len(cells))
	}
	r.out.Rows = append(r.out.Rows, Row{Number: r.row, Cells: cells})
}

// at gives the place of a cell.
func (r *sheetReader) at(column int) fault.Place {
	letter, err := excelize.ColumnNumberToName(column)
	if err != nil { // the column was read from a cell's name: cannot fail
		letter = ""
	}
	return fault.Place{Sheet: r.name, Row: r.row, Column: letter}
}

// text gives the text of the cell as people mean it.
func (r *sheetReader) text(column int) string {
	raw := r.cell.text.String()
	if r.cell.formula && !r.cell.value {
		r.ps.Warn(r.at(column), "formula_without_result", "The cell holds a formula that was never worked out, and is read as empty. Open the workbook in Excel or LibreOffice and save it.")
	}
	switch r.cell.kind {
	case "s":
		if i, err := strconv.Atoi(strings.TrimSpace(raw)); err == nil && i >= 0 && i < len(r.book.shared) {
			return r.book.shared[i]
		}
		return ""
	case "inlineStr", "str":
		return unescape(raw)
	case "b":
		switch strings.ToLower(raw) {
		case "":
			return ""
		case "1", "true":
			return "TRUE"
		}
		return "FALSE"
	case "e":
		r.ps.Add(r.at(column), "cell_error", "The cell holds the error %s. Repair its formula.", raw)
		return ""
	case "d":
		return strings.TrimSuffix(raw, "T00:00:00")
	}
	return r.number(raw, r.cell.style)
}

// number writes a number without a needless fraction, and a date as XForms does.
func (r *sheetReader) number(raw string, style int) string {
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return raw
	}
	format := formatPlain
	if style > 0 && style < len(r.book.formats) {
		format = r.book.formats[style]
	}
	if format != formatPlain {
		if t, err := excelize.ExcelDateToTime(f, r.book.from1904); err == nil {
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
