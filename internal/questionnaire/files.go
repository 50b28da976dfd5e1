package questionnaire

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"panelverk/internal/fault"
)

// Attached files are part of what a version is, so they are part of the
// normalised book: the sheet attached_files has the columns file and line. A
// table's lines are written out, one row each, as CSV in one fixed form
// (RFC 4180); of any other file the one line is "sha256:" and its digest. So a
// book that was written as Markdown or .xlsx and read again has the same tables
// and the same hash; pictures are attached to it anew.
const digestPrefix = "sha256:"

// mostFileRows bounds a table: the pages evaluate its rows one by one.
const mostFileRows = 50_000

// attachedSheet gives the sheet of the attached files: those in files, and
// those that the sheet of the book itself holds and files does not.
func attachedSheet(files map[string][]byte, given *Sheet, ps *fault.Problems) *Sheet {
	if len(files) == 0 {
		return given
	}
	sheet := &Sheet{Name: sheetAttached, Header: []string{"file", "line"}}
	lines := carriedLines(given)
	for name, data := range files {
		lines[name] = fileLines(name, data, ps)
	}
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		for _, line := range lines[name] {
			sheet.Rows = append(sheet.Rows, Row{Number: len(sheet.Rows) + 2, Cells: []string{name, line}})
		}
	}
	return sheet
}

// carriedLines reads the lines of a sheet attached_files.
func carriedLines(s *Sheet) map[string][]string {
	lines := make(map[string][]string)
	if s == nil {
		return lines
	}
	var ignored fault.Problems
	s = normaliseSheet(sheetAttached, s, &ignored)
	file, line := slices.Index(s.Header, "file"), slices.Index(s.Header, "line")
	if file < 0 || line < 0 {
		return lines
	}
	for _, r := range s.Rows {
		lines[r.Cells[file]] = append(lines[r.Cells[file]], r.Cells[line])
	}
	return lines
}

// digest gives the line that stands for a file that is no table.
func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return digestPrefix + hex.EncodeToString(sum[:])
}

// fileLines gives the lines that stand for a file.
func fileLines(name string, data []byte, ps *fault.Problems) []string {
	whole := []string{digest(data)}
	var (
		rows [][]string
		err  error
	)
	switch strings.ToLower(path.Ext(name)) {
	case ".csv":
		rows, err = readCSV(data)
	case ".geojson":
		rows, err = readGeoJSON(data)
	case ".xml":
		rows, err = readItems(data)
	default:
		return whole
	}
	if err != nil {
		ps.Add(fault.Place{}, "bad_file", "The attached file %s cannot be read: %s.", name, err)
		return whole
	}
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		if line := csvLine(row); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// csvLine writes cells as one record, "" where all are empty.
func csvLine(cells []string) string {
	if isBlank(cells) {
		return ""
	}
	var out strings.Builder
	w := csv.NewWriter(&out)
	if err := w.Write(cells); err != nil {
		panic(err) // a comma is a good separator: cannot fail
	}
	w.Flush()
	return strings.TrimSuffix(out.String(), "\n")
}

// readCSV reads a table with commas, semicolons or tabs between its cells, as
// spreadsheets write them, and cleans its cells.
func readCSV(data []byte) ([][]string, error) {
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	if !utf8.Valid(data) {
		return nil, errors.New("it is not UTF-8; save it with the encoding UTF-8")
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = delimiter(data), true, -1
	var rows [][]string
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, errors.New("its quotation marks are out of order")
		}
		if len(rows) > mostFileRows {
			return nil, errors.New("it has more than " + strconv.Itoa(mostFileRows) + " rows")
		}
		for i := range cells {
			cells[i] = cleanCell(cells[i], false)
		}
		if !isBlank(cells) {
			rows = append(rows, cells)
		}
	}
}

// delimiter is the most frequent separator of the first line.
func delimiter(data []byte) rune {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	best, most := ',', bytes.Count(first, []byte(","))
	for _, d := range ";\t" {
		if n := bytes.Count(first, []byte(string(d))); n > most {
			best, most = d, n
		}
	}
	return best
}

// readAttached reads the attached files back from the normalised book.
func (c *compiler) readAttached() {
	c.attached = make(map[string]*Table)
	for name, lines := range carriedLines(c.book.Sheet(sheetAttached)) {
		table := &Table{File: name}
		c.attached[name] = table
		if len(lines) == 0 || strings.HasPrefix(lines[0], digestPrefix) {
			continue
		}
		for i, line := range lines {
			cells, err := csv.NewReader(strings.NewReader(line)).Read()
			if err != nil {
				c.ps.Add(fault.Place{Sheet: sheetAttached}, "bad_file", "The line “%s” of %s is not CSV.", shorten(line), name)
				continue
			}
			if i == 0 {
				table.Header = cells
			} else {
				table.Rows = append(table.Rows, fit(cells, len(table.Header)))
			}
		}
	}
}
