package questionnaire

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// A workbook is read as SpreadsheetML says (ECMA-376 part 1, chapter 18), and
// no more of it than a questionnaire needs: names, texts, and which numbers are
// dates. Bounds hold for what comes from outside: a workbook of a few kilobytes
// can unpack to gigabytes, and one cell can say that it stands in row 1,048,576.
const (
	mostUnpacked = 64 << 20 // of all parts together
	mostRows     = 100_000
	mostColumns  = 500

	// XLSForm's documentation ends a sheet where so many rows in a row are empty.
	mostBlankRows = 20
)

var errTooLarge = errors.New("it unpacks to more than 64 MB")

// xlsxFile is an opened .xlsx file.
type xlsxFile struct {
	zip      *zip.Reader
	left     int64             // bytes that may still be unpacked
	sheets   []sheetPart       // in the order of the tabs
	shared   []string          // texts that cells refer to by number
	formats  []cellFormat      // by the number of a cell's style
	from1904 bool              // it counts its days from 1904, as old Macs did
	targets  map[string]string // the sheets' parts by the id of the relation to them; a sheet that is a chart has none
}

type sheetPart struct{ name, part string }

// openWorkbook reads all but the sheets.
func openWorkbook(data []byte) (*xlsxFile, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	w := &xlsxFile{zip: archive, left: mostUnpacked, targets: make(map[string]string)}
	main := "xl/workbook.xml"
	var texts, styles string
	if err := w.relations("_rels/.rels", "", func(_, kind, target string) {
		if kind == "officeDocument" {
			main = target
		}
	}); err != nil && !errors.Is(err, errNoPart) {
		return nil, err
	}
	dir, file := path.Split(main)
	if err := w.relations(dir+"_rels/"+file+".rels", dir, func(id, kind, target string) {
		switch kind {
		case "worksheet":
			w.targets[id] = target
		case "sharedStrings":
			texts = target
		case "styles":
			styles = target
		}
	}); err != nil {
		return nil, err
	}
	for _, read := range []struct {
		part string
		with func([]byte) error
	}{{main, w.readMain}, {texts, w.readShared}, {styles, w.readStyles}} {
		if read.part == "" {
			continue
		}
		content, err := w.part(read.part)
		if errors.Is(err, errNoPart) && read.part != main {
			continue // Google's exports name parts that are not there
		}
		if err == nil {
			err = read.with(content)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", read.part, err)
		}
	}
	return w, nil
}

var errNoPart = errors.New("the part is not there")

// part unpacks a part of the workbook; its name is matched without regard to
// case, as the packaging conventions say.
func (w *xlsxFile) part(name string) ([]byte, error) {
	for _, f := range w.zip.File {
		if !strings.EqualFold(strings.ReplaceAll(f.Name, `\`, "/"), name) {
			continue
		}
		if f.UncompressedSize64 > uint64(w.left) { //nolint:gosec // what is left is never below 0
			return nil, errTooLarge
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(io.LimitReader(r, w.left+1)) // the size that a file gives may be a lie
		_ = r.Close()                                           // it was read
		if w.left -= int64(len(content)); w.left < 0 {
			w.left = 0
			return nil, errTooLarge
		}
		return content, err
	}
	return nil, errNoPart
}

// relations reads a part that says where others lie.
func (w *xlsxFile) relations(part, dir string, each func(id, kind, target string)) error {
	content, err := w.part(part)
	if err != nil {
		return err
	}
	var file struct {
		Relationship []struct {
			ID     string `xml:"Id,attr"`
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
		}
	}
	if err := xml.Unmarshal(content, &file); err != nil {
		return err
	}
	for _, r := range file.Relationship {
		target := strings.TrimPrefix(path.Join("/", dir, r.Target), "/")
		if strings.HasPrefix(r.Target, "/") {
			target = strings.TrimPrefix(path.Clean(r.Target), "/")
		}
		each(r.ID, path.Base(r.Type), target)
	}
	return nil
}

func (w *xlsxFile) readMain(content []byte) error {
	var file struct {
		WorkbookPr struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets struct {
			Sheet []struct {
				Name  string     `xml:"name,attr"`
				Attrs []xml.Attr `xml:",any,attr"`
			} `xml:"sheet"`
		} `xml:"sheets"`
	}
	if err := xml.Unmarshal(content, &file); err != nil {
		return err
	}
	w.from1904 = file.WorkbookPr.Date1904 == "1" || file.WorkbookPr.Date1904 == "true"
	for _, s := range file.Sheets.Sheet {
		for _, a := range s.Attrs {
			if a.Name.Local == "id" && w.targets[a.Value] != "" {
				w.sheets = append(w.sheets, sheetPart{s.Name, w.targets[a.Value]})
			}
		}
	}
	if len(w.sheets) == 0 {
		return errors.New("it has no sheets")
	}
	return nil
}

// richText is a text in one piece, or in runs that look different. How it is
// pronounced, rPh, is no part of it.
type richText struct {
	Text string `xml:"t"`
	Runs []struct {
		Text string `xml:"t"`
	} `xml:"r"`
}

func (t richText) String() string {
	var out strings.Builder
	out.WriteString(t.Text)
	for _, r := range t.Runs {
		out.WriteString(r.Text)
	}
	return unescape(out.String())
}

var escapedCharacter = regexp.MustCompile(`_x([0-9A-Fa-f]{4})_`)

// unescape reads _x000D_, as characters are written that XML cannot hold.
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	return escapedCharacter.ReplaceAllStringFunc(text, func(m string) string {
		code, err := strconv.ParseUint(m[2:6], 16, 16)
		if err != nil {
			return m // four hexadecimal digits: cannot fail
		}
		return string(rune(code))
	})
}

func (w *xlsxFile) readShared(content []byte) error {
	var file struct {
		Items []richText `xml:"si"`
	}
	if err := xml.Unmarshal(content, &file); err != nil {
		return err
	}
	w.shared = make([]string, len(file.Items))
	for i, t := range file.Items {
		w.shared[i] = t.String()
	}
	return nil
}

type cellFormat uint8

const (
	formatPlain cellFormat = iota
	formatDate
	formatTime
	formatDateTime
)

func (w *xlsxFile) readStyles(content []byte) error {
	var file struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := xml.Unmarshal(content, &file); err != nil {
		return err
	}
	own := make(map[int]cellFormat)
	for _, f := range file.Formats {
		own[f.ID] = formatOfCode(f.Code)
	}
	for _, c := range file.Cells {
		format, ok := own[c.Format]
		if !ok {
			format = formatOfNumber(c.Format)
		}
		w.formats = append(w.formats, format)
	}
	return nil
}

// formatLiterals is what a format shows as it is: quoted texts, escaped
// characters, the width of one, a filler, colours and currencies in brackets.
var formatLiterals = regexp.MustCompile(`"[^"]*"|[\\_*].|\[[^\]]*\]`)

// formatOfCode tells whether a number format shows a date or a time.
func formatOfCode(code string) cellFormat {
	code = strings.ToLower(formatLiterals.ReplaceAllString(code, ""))
	date, clock := strings.ContainsAny(code, "yd"), strings.ContainsAny(code, "hs")
	switch {
	case date && clock:
		return formatDateTime
	case date:
		return formatDate
	case clock:
		return formatTime
	}
	return formatPlain
}

// formatOfNumber does the same for the formats that are built in, by the
// numbers of ECMA-376 part 1, section 18.8.30.
func formatOfNumber(n int) cellFormat {
	switch {
	case n >= 14 && n <= 17:
		return formatDate
	case n >= 18 && n <= 21, n >= 45 && n <= 47:
		return formatTime
	case n == 22:
		return formatDateTime
	}
	return formatPlain
}
