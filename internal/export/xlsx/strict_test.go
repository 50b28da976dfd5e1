package xlsx_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// elements are the children of a worksheet in the order of ECMA-376, part 1,
// 18.3.1.99: Excel offers to repair a file that has them in another.
var elements = strings.Fields(`sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios
	autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations hyperlinks printOptions
	pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing
	legacyDrawingHF picture oleObjects controls webPublishItems tableParts extLst`)

// What Excel is stricter in than those who read the file in the other tests.
func TestExcelFindsNothingToRepair(t *testing.T) {
	data := write(t, aDataset(t), "sv")
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	sheets := 0
	for _, part := range z.File {
		if !strings.HasPrefix(part.Name, "xl/worksheets/sheet") {
			continue
		}
		sheets++
		last, found := -1, children(t, part)
		if !slices.Contains(found, "ignoredErrors") {
			t.Errorf("%s: texts that look like numbers come with a warning", part.Name)
		}
		for _, name := range found {
			at := slices.Index(elements, name)
			if at <= last {
				t.Errorf("%s: %s stands where it may not", part.Name, name)
			}
			last = at
		}
	}
	f := opened(t, data)
	names := f.GetSheetList()
	if sheets == 0 || sheets != len(names) {
		t.Errorf("%d parts, %d sheets", sheets, len(names))
	}
	for _, name := range names {
		if len(name) > 31 || strings.ContainsAny(name, `[]:*?/\`) {
			t.Errorf("a sheet is called %q", name)
		}
		holdsLinks(t, f, name)
	}
	props, err := f.GetDocProps()
	if err != nil || props.Title != "Den smarta fabriken & arbetet" || props.Creator != "Projektets samordnare" || !strings.Contains(props.Subject, "SHA-256") {
		t.Errorf("properties %+v, %v", props, err)
	}
}

// holdsLinks wants every link of a sheet to lead to a cell that is not empty.
func holdsLinks(t *testing.T, f *excelize.File, sheet string) {
	t.Helper()
	cells, err := f.GetHyperLinkCells(sheet, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range cells {
		_, target, err := f.GetCellHyperLink(sheet, cell)
		if err != nil {
			t.Fatal(err)
		}
		to, at, _ := strings.Cut(strings.ReplaceAll(target, "'", ""), "!")
		if value, err := f.GetCellValue(to, at); err != nil || value == "" && at != "A1" {
			t.Errorf("%s %s leads to %s, where nothing stands: %v", sheet, cell, target, err)
		}
	}
}

// children gives the names of the elements below the root of a part.
func children(t *testing.T, part *zip.File) []string {
	t.Helper()
	r, err := part.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	d, depth := xml.NewDecoder(r), 0
	var out []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(part.Name, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth == 1 {
				out = append(out, token.Name.Local)
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
}
