package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"panelverk/internal/fault"
)

// Bounds on what is read, far above what a panel needs. An .xlsx is a ZIP
// archive: what it unpacks to is bounded too.
const (
	maxFile     = 64 << 20
	maxUnpacked = 512 << 20
	maxColumns  = 4096
)

// table is a file of rows under one header, all of it text.
type table struct {
	file     string
	sheet    string // of a workbook, "" for CSV
	header   []string
	rows     []row
	date1904 bool // a workbook that counts its days from 1904
	warnings fault.Problems
}

// row is one line of a table. Cells are as many as the header has; row numbers
// count as a spreadsheet does, the header included.
type row struct {
	number int
	cells  []string
}

// place gives the place of a cell by its row's number and its column's position.
func (t *table) place(number, column int) fault.Place {
	p := fault.Place{File: t.file, Sheet: t.sheet, Row: number}
	if column >= 0 {
		p.Column = t.header[column]
	}
	return p
}

// column gives the position of the column with a header, without regard to
// case; -1 where there is none.
func (t *table) column(header string) int {
	for i, h := range t.header {
		if fold(h) == fold(header) {
			return i
		}
	}
	return -1
}

// readTable reads a CSV file or the first sheet of an .xlsx workbook; which it
// is, is seen from the content. CSV may be parted by comma, semicolon or
// tabulator, in UTF-8, UTF-16 with a byte order mark, or Windows-1252 (which
// is told as a warning, since it is a guess). Empty rows are passed over.
//
// Fails with Invalid (bad_file), every offence of the shape listed.
func readTable(fileName string, data []byte) (*table, error) {
	t := &table{file: path.Base(strings.ReplaceAll(fileName, `\`, "/"))}
	var ps fault.Problems
	var all []row
	switch {
	case len(data) > maxFile:
		ps.Add(fault.Place{File: t.file}, "too_large", "The file is larger than %d MB.", maxFile>>20).With("max", maxFile>>20)
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		all = t.readWorkbook(data, &ps)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		ps.Add(fault.Place{File: t.file}, "old_excel", "This is an old .xls workbook or one with a password. Save it as .xlsx without a password, or as CSV.")
	default:
		all = t.readCSV(data, &ps)
	}
	if len(ps) == 0 {
		t.shape(all, &ps)
	}
	return t, ps.Err("bad_file", "The file cannot be read as a table.")
}

// shape splits the header from the rows and makes all rows equally long.
func (t *table) shape(all []row, ps *fault.Problems) {
	all = withoutEmpty(all)
	if len(all) < 2 {
		ps.Add(fault.Place{File: t.file, Sheet: t.sheet}, "no_rows", "The file needs a first row with the names of the columns and at least one row under it.")
		return
	}
	head := all[0]
	for len(head.cells) > 0 && clean(head.cells[len(head.cells)-1]) == "" {
		head.cells = head.cells[:len(head.cells)-1]
	}
	if len(head.cells) > maxColumns {
		ps.Add(fault.Place{File: t.file, Sheet: t.sheet}, "too_many_columns", "The file has %d columns; at most %d are read.", len(head.cells), maxColumns).
			With("count", len(head.cells)).With("max", maxColumns)
		return
	}
	first := map[string]int{}
	for i, cell := range head.cells {
		name := clean(cell)
		if name == "" {
			name = letters(i)
			t.warnings.Warn(fault.Place{File: t.file, Sheet: t.sheet, Row: head.number, Column: name}, "no_header", "The column has no name in the first row and is called %s here.", name).With("name", name)
		}
		if at, twice := first[fold(name)]; twice {
			ps.Add(fault.Place{File: t.file, Sheet: t.sheet, Row: head.number, Column: name}, "duplicate_column", "Columns %s and %s have the same name. Rename or remove one of them.", letters(at), letters(i)).
				With("one", letters(at)).With("other", letters(i))
		}
		first[fold(name)] = i
		t.header = append(t.header, name)
	}
	for _, r := range all[1:] {
		for i := len(t.header); i < len(r.cells); i++ {
			if clean(r.cells[i]) != "" {
				ps.Add(fault.Place{File: t.file, Sheet: t.sheet, Row: r.number}, "too_many_cells", "The row has %d cells, but the first row names %d columns. Is the text of a cell that holds the delimiter in quotation marks?", len(r.cells), len(t.header)).
					With("count", len(r.cells)).With("max", len(t.header))
				break
			}
		}
		cells := make([]string, len(t.header))
		copy(cells, r.cells)
		t.rows = append(t.rows, row{number: r.number, cells: cells})
	}
}

func withoutEmpty(all []row) []row {
	var out []row
	for _, r := range all {
		for _, c := range r.cells {
			if clean(c) != "" {
				out = append(out, r)
				break
			}
		}
	}
	return out
}

func (t *table) readCSV(data []byte, ps *fault.Problems) []row {
	text, ok := t.decode(data, ps)
	if !ok {
		return nil
	}
	in := csv.NewReader(strings.NewReader(text))
	in.Comma = delimiter(text)
	in.FieldsPerRecord = -1
	var all []row
	wrapped := 0 // line ends within quoted cells: a spreadsheet does not count them
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			at := fault.Place{File: t.file}
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				at.Row = max(bad.StartLine-wrapped, 1)
			}
			ps.Add(at, "bad_quotes", "The quotation marks of this row do not match: a cell that holds one is written \"like \"\"this\"\"\".")
			return nil
		}
		line, _ := in.FieldPos(0)
		all = append(all, row{number: line - wrapped, cells: cells})
		for _, c := range cells {
			wrapped += strings.Count(c, "\n")
		}
	}
}

// decode gives the file's text as UTF-8 without a byte order mark.
func (t *table) decode(data []byte, ps *fault.Problems) (string, bool) {
	at := fault.Place{File: t.file}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data)
		if err != nil {
			ps.Add(at, "encoding", "The file begins as UTF-16 but is not. Save it as CSV with the encoding UTF-8.")
			return "", false
		}
		return string(out), true
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(data, 0) >= 0 {
		ps.Add(at, "not_text", "This is neither a CSV file nor an .xlsx workbook.")
		return "", false
	}
	if utf8.Valid(data) {
		return string(data), true
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		ps.Add(at, "encoding", "The file is neither UTF-8 nor Windows-1252. Save it as CSV with the encoding UTF-8.")
		return "", false
	}
	t.warnings.Warn(at, "windows_1252", "The file is not UTF-8 and was read as Windows-1252. Check that letters like å, ä and ö came out right.")
	return string(out), true
}

// delimiter gives what parts the cells: the one that the first line holds most
// of outside quotation marks, a comma where it holds none.
func delimiter(text string) rune {
	count := map[rune]int{}
	quoted := false
	for _, c := range text {
		if c == '"' {
			quoted = !quoted
		}
		if quoted {
			continue
		}
		if c == '\n' && len(count) > 0 {
			break
		}
		if c == ',' || c == ';' || c == '\t' {
			count[c]++
		}
	}
	best := ','
	for _, c := range []rune{';', '\t'} {
		if count[c] > count[best] {
			best = c
		}
	}
	return best
}

// readWorkbook reads the first sheet. Cells come as they are stored: numbers
// with a point and all digits, dates as the day's number.
func (t *table) readWorkbook(data []byte, ps *fault.Problems) []row {
	at := fault.Place{File: t.file}
	// Both limits alike: otherwise large sheets are unpacked into temporary
	// files, and personal data would lie on the disk in the clear.
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked})
	if err != nil {
		ps.Add(at, "bad_workbook", "The workbook cannot be opened: it is damaged, has a password or is too large.")
		return nil
	}
	defer f.Close()
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		ps.Add(at, "bad_workbook", "The workbook has no sheet.")
		return nil
	}
	t.sheet, at.Sheet = sheets[0], sheets[0]
	if len(sheets) > 1 {
		t.warnings.Warn(at, "first_sheet", "The workbook has %d sheets; only the first, %s, is read.", len(sheets), sheets[0]).With("count", len(sheets)).With("name", sheets[0])
	}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		t.date1904 = *props.Date1904
	}
	rows, err := f.Rows(t.sheet)
	if err != nil {
		ps.Add(at, "bad_workbook", "The sheet cannot be read: it is damaged.")
		return nil
	}
	defer rows.Close()
	var all []row
	for n := 1; rows.Next(); n++ {
		cells, err := rows.Columns()
		if err != nil {
			at.Row = n
			ps.Add(at, "bad_workbook", "The row cannot be read: the sheet is damaged.")
			return nil
		}
		all = append(all, row{number: n, cells: cells})
	}
	if err := rows.Error(); err != nil {
		ps.Add(at, "bad_workbook", "The sheet cannot be read to its end: it is damaged.")
	}
	return all
}

// clean gives a cell as it is compared: without blanks around it, and with one
// space for every run of blanks, non-breaking ones included.
func clean(s string) string { return strings.Join(strings.Fields(s), " ") }

// fold is clean without regard to case.
func fold(s string) string { return strings.ToLower(clean(s)) }

// letters gives a column's letters: A for 0, AA for 26.
func letters(i int) string {
	name, err := excelize.ColumnNumberToName(i + 1)
	if err != nil {
		return fmt.Sprint(i + 1)
	}
	return name
}
