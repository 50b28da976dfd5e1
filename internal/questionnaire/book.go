package questionnaire

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path"
	"slices"
	"strings"

	"panelverk/internal/fault"
)

// Row is a row of a sheet below the header.
type Row struct {
	Number int      // 1-based, as a spreadsheet counts; the header is row 1
	Cells  []string // as many as the header has
}

// Sheet is one sheet of a workbook.
type Sheet struct {
	Name   string
	Header []string
	Rows   []Row
}

// Book is a workbook as a person wrote it: sheets of texts. What is in it is
// for Compile to judge.
type Book struct {
	Sheets []*Sheet
	Files  map[string][]byte // attached files by name: fruits.csv, logo.png
}

// Sheet gives the sheet of a name, nil where there is none. In the normalised
// book the names are survey, choices and settings.
func (b *Book) Sheet(name string) *Sheet {
	for _, s := range b.Sheets {
		if s.Name == name {
			return s
		}
	}
	return nil
}

const adviceODS = "This is a spreadsheet of LibreOffice (.ods). Open it in LibreOffice and save it as Excel 2007–365 (.xlsx)."

// Read reads a questionnaire file by the ending of its name: .xlsx, .md for
// Markdown tables, or .csv. The book is nil where the file cannot be read at all.
func Read(filename string, data []byte) (*Book, fault.Problems) {
	var (
		book *Book
		ps   fault.Problems
	)
	switch ending := strings.ToLower(path.Ext(filename)); ending {
	case ".xlsx", ".xlsm":
		book, ps = ReadXLSX(data)
	case ".md", ".markdown":
		book, ps = ReadMarkdown(string(data))
	case ".csv":
		book, ps = ReadCSV(data)
	case ".xls":
		ps.Add(fault.Place{}, "bad_file", "This is the old Excel format. Open it in Excel or LibreOffice and save it as .xlsx.")
	case ".ods":
		ps.Add(fault.Place{}, "bad_file", adviceODS)
	default:
		ps.Add(fault.Place{}, "bad_file", "A questionnaire is an Excel workbook (.xlsx), a file with Markdown tables (.md) or a CSV file (.csv), and this name ends with “%s”.", ending)
	}
	for i := range ps {
		ps[i].File = filename
	}
	return book, ps
}

// Normalised gives the book in its one fixed form: the sheets that are read, in
// a fixed order, under the known spelling of every header, languages as BCP 47
// tags, cells trimmed, empty rows and columns left out. Two files with the same
// tables have the same normalised book up to the order of the columns.
func (b *Book) Normalised() *Book {
	out, _ := b.Normalise()
	return out
}

// Normalise gives the normalised book with what is wrong with its sheets,
// headers and attached files. Where a problem is an error something is left out.
func (b *Book) Normalise() (*Book, fault.Problems) {
	var ps fault.Problems
	out := normalise(b, &ps)
	return out, ps
}

// Hash names the content: SHA-256 over the normalised sheets, "sha256:" and 64
// hexadecimal digits. The order of the rows counts, that of the columns does not.
func (b *Book) Hash() string { return hashNormalised(b.Normalised()) }

func hashNormalised(b *Book) string {
	type sheet struct {
		Name string              `json:"name"`
		Rows []map[string]string `json:"rows"` // encoding/json sorts the keys
	}
	var sheets []sheet
	for _, s := range b.Sheets {
		out := sheet{Name: s.Name}
		for _, r := range s.Rows {
			cells := make(map[string]string)
			for i, c := range r.Cells {
				if c != "" {
					cells[s.Header[i]] = c
				}
			}
			out.Rows = append(out.Rows, cells)
		}
		sheets = append(sheets, out)
	}
	encoded, err := json.Marshal(sheets)
	if err != nil {
		panic(err) // texts alone: cannot fail
	}
	sum := sha256.Sum256(encoded)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// isBlank tells whether a row says nothing.
func isBlank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}
