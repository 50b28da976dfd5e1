package questionnaire

import (
	"archive/zip"
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	spreadsheet = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	office      = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// rawWorkbook puts a workbook together from the XML of its sheets' rows, as
// other programs than Excel write it.
func rawWorkbook(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	whole := map[string]string{
		"_rels/.rels":     `<Relationships><Relationship Id="r1" Type="` + office + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook ` + spreadsheet + `><workbookPr date1904="1"/><sheets><sheet name="survey" sheetId="1" state="hidden" r:id="a"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Type="` + office + `worksheet" Target="/xl/worksheets/one.xml"/>
			<Relationship Id="b" Type="` + office + `sharedStrings" Target="sharedStrings.xml"/><Relationship Id="c" Type="` + office + `styles" Target="styles.xml"/></Relationships>`,
	}
	for name, content := range parts {
		whole[name] = content
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, content := range whole {
		to, err := w.Create(name)
		if err == nil {
			_, err = to.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func sheetOf(rows string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><worksheet ` + spreadsheet + `><dimension ref="A1:XFD1048576"/><sheetData>` + rows + `</sheetData></worksheet>`
}

// Cells as the format allows them: shared and inline texts, runs with another
// look, how a text is pronounced, escaped characters, results of formulas, dates
// of three kinds, cells without places.
func TestCellsOfOtherPrograms(t *testing.T) {
	data := rawWorkbook(t, map[string]string{
		"xl/worksheets/one.xml": sheetOf(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c t="inlineStr"><is><r><t>la</t></r><r><t>bel</t></r></is></c></row>
			<row><c t="str"><f>"te"&amp;"xt"</f><v>text</v></c><c r="B2"><v>1.0</v></c><c r="C2" t="s"><v>2</v></c><c r="D2" t="b"><v>0</v></c></row>
			<row r="5"><c r="A5" s="1"><v>41212</v></c><c r="B5" t="d"><v>2016-10-31T00:00:00</v></c><c r="C5" s="2"><v>0.5</v></c><c r="D5"><f>1+1</f></c><c r="E5" t="s"><v>99</v></c></row>`),
		"xl/sharedStrings.xml": `<sst ` + spreadsheet + `><si><t>type</t></si><si><r><rPr><b/></rPr><t>na</t></r><r><t>me</t></r><rPh sb="0" eb="1"><t>x</t></rPh></si><si><t xml:space="preserve">a_x005F_b_x000D_c </t></si></sst>`,
		"xl/styles.xml":        `<styleSheet ` + spreadsheet + `><numFmts><numFmt numFmtId="164" formatCode="[$-41D]d\ mmm;@"/><numFmt numFmtId="165" formatCode="_d* #,##0.0\ &quot;days&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>`,
	})
	book, ps := ReadXLSX(data)
	if len(ps) != 1 || ps[0].Code != "formula_without_result" || ps[0].Row != 5 || ps[0].Column != "D" {
		t.Errorf("problems: %v", ps)
	}
	want := &Sheet{Name: "survey", Header: []string{"type", "name", "label", ""}, Rows: []Row{
		{2, []string{"text", "1", "a_b\rc ", "FALSE"}},
		{5, []string{"2016-10-31", "2016-10-31", "0.5", ""}},
	}}
	if len(book.Sheets) != 1 || !reflect.DeepEqual(book.Sheets[0], want) {
		t.Errorf("got  %+v\nwant %+v", *book.Sheets[0], *want)
	}
}

// What a hostile or careless file holds costs little, and is a sentence.
func TestWorkbooksOutOfProportion(t *testing.T) {
	head := `<row r="1"><c t="inlineStr"><is><t>type</t></is></c></row>`
	cell := `<c t="inlineStr"><is><t>x</t></is></c>`
	empty := strings.Repeat("<row><c s=\"1\"/></row>\n", 200_000)
	for about, test := range map[string]struct {
		rows, code string
		rowsRead   int
	}{
		"formatted to the last row": {head + `<row r="2">` + cell + `</row><row r="1048576"><c r="A1048576" s="1"/></row>`, "", 1},
		"many empty rows":           {head + `<row r="2">` + cell + `</row>` + empty, "", 1},
		"a word far below":          {head + `<row r="2">` + cell + `</row>` + empty + `<row>` + cell + `</row>`, "rows_left_out", 1},
		"20 empty rows":             {head + `<row r="22">` + cell + `</row>`, "", 1},
		"21 empty rows":             {head + `<row r="23">` + cell + `</row>`, "rows_left_out", 0},
		"far to the right":          {head + `<row r="2"><c r="XFD2" t="inlineStr"><is><t>x</t></is></c></row>`, "too_large", 0},
		"too many rows":             {head + strings.Repeat(`<row>`+cell+`</row>`, mostRows), "too_large", 0},
		"a cell without a place":    {head + `<row r="2"><c r="2A"><v>1</v></c></row>`, "bad_file", 0},
		"not closed":                {head + `<row r="2"><c`, "bad_file", 0},
		"larger than can be":        {head + strings.Repeat(" ", mostUnpacked), "too_large", 0},
	} {
		data := rawWorkbook(t, map[string]string{"xl/worksheets/one.xml": sheetOf(test.rows)})
		begun := time.Now()
		book, ps := ReadXLSX(data)
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s: %v", about, took)
		}
		if got := codes(ps); got != test.code {
			t.Errorf("%s: %v", about, ps)
		}
		if ps.Errors() == nil && len(book.Sheets[0].Rows) != test.rowsRead {
			t.Errorf("%s: %d rows", about, len(book.Sheets[0].Rows))
		}
	}
}

// What is called .xlsx and is something else says what to do.
func TestOtherSpreadsheets(t *testing.T) {
	compound := "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 600)
	secret := compound + strings.Join(strings.Split("EncryptedPackage", ""), "\x00")
	for says, data := range map[string]string{
		"in the old Excel format":    compound,
		"protected by a password":    secret,
		"a spreadsheet of LibreOffi": "PK\x03\x04\x14\x00\x00\x08\x00\x00" + strings.Repeat("\x00", 20) + "mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
		"This is not an Excel workb": "<html><body>Sign in</body></html>",
		"or it is damaged":           string(rawWorkbook(t, map[string]string{"xl/workbook.xml": "<workbook>"})),
		"is not an Excel":            string(rawWorkbook(t, map[string]string{"xl/_rels/workbook.xml.rels": "<Relationships/>"})),
	} {
		book, ps := ReadXLSX([]byte(data))
		if book != nil || !strings.Contains(fmt.Sprint(ps.Errors()), says) {
			t.Errorf("%q is not said: %v", says, ps)
		}
	}
	if _, ps := Read("form.ods", nil); codes(ps) != "bad_file" || !strings.Contains(ps[0].Message, "save it as Excel") {
		t.Errorf("no advice: %v", ps)
	}
}

func FuzzReadXLSX(f *testing.F) {
	f.Add(sheetOf(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`), `<sst><si><t>type</t></si></sst>`, `<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>`)
	f.Add(sheetOf(`<row><c t="e"><v>#N/A</v></c><c t="d"><v>2016</v></c><c t="b"/></row><row r="0"><c r="A0"/></row>`), "", "")
	f.Fuzz(func(t *testing.T, sheet, texts, styles string) {
		book, ps := ReadXLSX(rawWorkbook(t, map[string]string{"xl/worksheets/one.xml": sheet, "xl/sharedStrings.xml": texts, "xl/styles.xml": styles}))
		if (book == nil) && len(ps.Errors()) == 0 {
			t.Fatal("neither a book nor a problem")
		}
		if book != nil {
			Compile(book)
		}
	})
}
