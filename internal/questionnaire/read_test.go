package questionnaire

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"panelverk/internal/fault"
)

// workbook writes sheets cell by cell with the types that Excel has.
func workbook(t testing.TB, sheets map[string][][]any, also func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for name, rows := range sheets {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for j, value := range row {
				ref, err := excelize.CoordinatesToCellName(j+1, i+1)
				if err != nil {
					t.Fatal(err)
				}
				if err := f.SetCellValue(name, ref, value); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	if also != nil {
		also(f)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestExcelCellsAsPeopleMeanThem(t *testing.T) {
	data := workbook(t, map[string][][]any{
		"Survey": {
			{"type", "name", "label", "required", "default"},
			{"integer", "a", "A", true, 1.0},
			nil,
			{"decimal", "b", "B", false, 0.1},
			{"date", "c", "C", nil, time.Date(2016, 10, 31, 0, 0, 0, 0, time.UTC)},
			{"text", "d", "Two\nlines\u00a0here", nil, "007"},
			{"text", "e", "E", nil, 12345678901.0},
		},
		"choices": {{"list_name", "name", "label", "code"}, {"l", 1, 2016, 0}, {"l", 2.5, "B", 2}},
	}, func(f *excelize.File) {
		if err := f.SetCellFormula("choices", "C3", `"0"&"7"`); err != nil {
			t.Error(err)
		}
	})
	book, ps := Read("work.XLSX", data)
	q, more := Compile(book)
	for _, p := range append(ps, more...) {
		if p.Severity == fault.SeverityError {
			t.Errorf("%s: %s", p.Code, p)
		}
	}
	if q == nil {
		t.FailNow()
	}
	for name, want := range map[string]string{"a": "1", "b": "0.1", "c": "2016-10-31", "d": "007", "e": "12345678901"} {
		if got := q.Question(name).Default; got != want {
			t.Errorf("%s: default %q, want %q", name, got, want)
		}
	}
	if q.Question("a").Need != Asked || q.Question("b").Need != Optional || q.Question("b").Row != 4 {
		t.Error("booleans or row numbers are lost")
	}
	if got := q.Question("d").Label["und"]; got != "Two\nlines here" {
		t.Errorf("label %q", got)
	}
	l := q.Lists["l"]
	if l.Choice("1") == nil || l.Choice("2.5") == nil || l.Choice("1").Label["und"] != "2016" || *l.Choice("1").Code != 0 {
		t.Errorf("choices: %+v", l.Choices)
	}
	again := good(t, strings.Replace(book.Markdown(), "| 2.5 |  |", "| 2.5 | B |", 1))
	if again.Question("d").Label["und"] != "Two\nlines here" {
		t.Error("a line break is lost in Markdown")
	}
}

func TestDatesAndTimesInExcel(t *testing.T) {
	code := `[$-41D]d" den "mmmm yyyy hh:mm`
	data := workbook(t, map[string][][]any{"survey": {{"x"}, {42674.25}, {0.75}, {42674.0}, {42674.5}}}, func(f *excelize.File) {
		for cell, style := range map[string]*excelize.Style{"A2": {CustomNumFmt: &code}, "A3": {NumFmt: 20}, "A4": {NumFmt: 14}, "A5": {NumFmt: 22}} {
			id, err := f.NewStyle(style)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetCellStyle("survey", cell, cell, id); err != nil {
				t.Fatal(err)
			}
		}
	})
	book, ps := ReadXLSX(data)
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	var got []string
	for _, r := range book.Sheets[0].Rows {
		got = append(got, r.Cells[0])
	}
	if want := []string{"2016-10-31T06:00:00", "18:00:00", "2016-10-31", "2016-10-31T12:00:00"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	whole := workbook(t, map[string][][]any{"survey": {{"type", "name", "label"}, {"text", "a", "A"}}}, nil)
	for name, data := range map[string][]byte{
		"form.xls": {0xd0, 0xcf, 0x11, 0xe0}, "form.csv": []byte("type,name\n"), "form": nil, "form.xlsx": []byte("type,name\n"),
		"empty.xlsx": nil, "half.xlsx": whole[:len(whole)/2], "empty.md": nil,
	} {
		book, ps := Read(name, data)
		if len(ps.Errors()) != 1 || ps[0].Code != "bad_file" || ps[0].File != name {
			t.Errorf("%s: %v", name, ps)
		}
		if book != nil && len(book.Sheets) > 0 {
			t.Errorf("%s: a book came of it", name)
		}
	}
	if _, ps := Read("x.xls", nil); !strings.Contains(ps[0].Message, "save it as .xlsx") {
		t.Errorf("no advice: %v", ps)
	}
}

func TestAnErrorInACellIsNamed(t *testing.T) {
	data := workbook(t, map[string][][]any{"survey": {{"type", "name", "label"}, {"text", "a"}}}, func(f *excelize.File) {
		if err := f.SetCellFormula("survey", "C2", "NA()"); err != nil {
			t.Error(err)
		}
	})
	// excelize cannot write an error's value: put it into the sheet's XML.
	data = replaceInZip(t, data, "xl/worksheets/", `<c r="C2" t="str"><f>NA()</f>`, `<c r="C2" t="e"><f>NA()</f><v>#N/A</v>`)
	_, ps := ReadXLSX(data)
	if len(ps) != 1 || ps[0].Code != "cell_error" || ps[0].Row != 2 || ps[0].Column != "C" {
		t.Errorf("problems: %v", ps)
	}
}

// The spelling of headers, the order of the columns, empty rows and prose do
// not count; every word of the content and the order of the rows do.
func TestHash(t *testing.T) {
	base := good(t, "| survey |\n| | type | name | label::Svenska (sv) | relevant |\n| | text | a | A | |\n| | text | b | B | ${a} = 'x' |\n").Hash
	if !strings.HasPrefix(base, "sha256:") || len(base) != len("sha256:")+64 {
		t.Errorf("hash %s", base)
	}
	for about, md := range map[string]string{
		"spelling": "Prose\n\n| Survey |\n|---|---|---|\n| | Type | Name | Relevance | Label : sv | |\n| | | | | | |\n| | text | a | | A | |\n| survey | text | b | ${a} = ‘x’ | B | |\n| _notes |\n| | x |\n| | y |\n",
	} {
		if got := good(t, md).Hash; got != base {
			t.Errorf("%s: counts", about)
		}
	}
	for about, md := range map[string]string{
		"label":    "| survey |\n| | type | name | label::sv | relevant |\n| | text | a | Å | |\n| | text | b | B | ${a} = 'x' |\n",
		"order":    "| survey |\n| | type | name | label::sv | relevant |\n| | text | b | B | ${a} = 'x' |\n| | text | a | A | |\n",
		"language": "| survey |\n| | type | name | label::en | relevant |\n| | text | a | A | |\n| | text | b | B | ${a} = 'x' |\n",
		"column":   "| survey |\n| | type | name | label::sv | constraint |\n| | text | a | A | |\n| | text | b | B | ${a} = 'x' |\n",
	} {
		if good(t, md).Hash == base {
			t.Errorf("%s: does not count", about)
		}
	}
}

// anyBook draws a workbook, sensible or not.
func anyBook() *rapid.Generator[*Book] {
	cell := rapid.OneOf(
		rapid.SampledFrom([]string{"", "", "a", "b", "Q1", "text", "integer", "select_one l", "select_multiple l or_other", "begin_group", "end_group", "note",
			"calculate", "l", "yes", "${a} = 1", "${b} +", "hard", "1", "-1", "dk", "field-list", "A | B \\| C\\", "två\nrader", "it’s “so”", "<br>", "---", "| |"}),
		rapid.String(),
		rapid.StringMatching(`[\\|<br>/ \n-]{0,8}`),
	)
	headers := map[string][]string{
		"survey": {"type", "name", "label", "label::Svenska (sv)", "Label:en", "hint::sv", "required", "relevant", "constraint", "calculation", "default",
			"appearance", "choice_filter", "parameters", "variable", "image", "my column", "", "notes", "media::image::sv", "media: audio", "trigger", "repeat count",
			"bind::jr:constraintMsg::en", "bind::x:y", "body::accept", "save_to"},
		"choices":  {"list name", "name", "label::sv", "label::en", "code", "missing", "region", "a | b", "--"},
		"settings": {"form_title", "form_title::sv", "form_id", "version", "default_language", "odd"},
		"other":    {"x"},
	}
	return rapid.Custom(func(t *rapid.T) *Book {
		var book Book
		for _, name := range []string{"survey", "choices", "settings", "other"} {
			if rapid.IntRange(0, 5).Draw(t, "no "+name) == 0 {
				continue
			}
			s := &Sheet{Name: rapid.SampledFrom([]string{name, strings.ToUpper(name), " " + name}).Draw(t, "spelling")}
			s.Header = rapid.SliceOfNDistinct(rapid.SampledFrom(headers[name]), 1, len(headers[name]), rapid.ID).Draw(t, "header")
			for i := range rapid.IntRange(0, 8).Draw(t, "rows") {
				s.Rows = append(s.Rows, Row{Number: i + 2, Cells: rapid.SliceOfN(cell, len(s.Header), len(s.Header)).Draw(t, "cells")})
			}
			book.Sheets = append(book.Sheets, s)
		}
		if rapid.Bool().Draw(t, "files") {
			rows := rapid.SliceOfN(rapid.SliceOfN(cell, 1, 4), 1, 5).Draw(t, "table")
			var table bytes.Buffer
			w := csv.NewWriter(&table)
			if err := w.WriteAll(rows); err != nil {
				t.Fatal(err)
			}
			book.Files = map[string][]byte{"towns.csv": table.Bytes(), "logo.png": []byte(rapid.String().Draw(t, "picture"))}
		}
		return &book
	})
}

// What is stored of a questionnaire is its normalised Markdown: it must be the
// same questionnaire, whatever is in the cells. Nothing may make Compile panic.
func TestMarkdownKeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		book := anyBook().Draw(t, "book")
		q, ps := Compile(book)
		if (q == nil) != (len(ps.Errors()) > 0) {
			t.Fatalf("nil %v with %v", q == nil, ps)
		}
		md := book.Markdown()
		again, problems := ReadMarkdown(md)
		if len(book.Normalised().Sheets) > 0 && len(problems) > 0 {
			t.Fatalf("%v in\n%s", problems, md)
		}
		if again.Hash() != book.Hash() {
			t.Fatalf("another hash: %q and\n%q", md, again.Markdown())
		}
		if again.Markdown() != md {
			t.Fatalf("written again it is another text:\n%s\n%s", md, again.Markdown())
		}
		if q != nil {
			r, ps := Compile(again)
			if r == nil || r.Hash != q.Hash || len(r.Questions) != len(q.Questions) || len(r.Pages) != len(q.Pages) || !slices.Equal(r.Languages, q.Languages) {
				t.Fatalf("compiled again it is another: %v", ps)
			}
		}
	})
}

func TestExcelAndCSVKeepTheHash(t *testing.T) {
	var books []*Book
	for _, md := range []string{workForm, form(30)} {
		book, _ := ReadMarkdown(md)
		books = append(books, book)
	}
	files, err := filepath.Glob("../../surveys/*/*.v*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no questionnaires: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		book, _ := ReadMarkdown(string(data))
		books = append(books, book)
	}
	for _, book := range books {
		roundTrip(t, book)
	}
	rapid.Check(t, func(t *rapid.T) {
		book := anyBook().Draw(t, "book")
		if len(book.Normalised().Sheets) > 0 {
			roundTrip(t, book)
		}
	})
}

// roundTrip writes a book as .xlsx, Markdown, .xlsx and CSV, each from what was
// read of the one before: nothing of the content may change on the way.
func roundTrip(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, book *Book) {
	t.Helper()
	hash, now := book.Hash(), book
	workbook := func(data []byte) (*Book, fault.Problems) { return ReadXLSX(data) }
	markdown := func(data []byte) (*Book, fault.Problems) { return ReadMarkdown(string(data)) }
	for _, format := range []struct {
		name  string
		write func(*Book) ([]byte, error)
		read  func([]byte) (*Book, fault.Problems)
	}{
		{".xlsx", (*Book).XLSX, workbook},
		{".md", func(b *Book) ([]byte, error) { return []byte(b.Markdown()), nil }, markdown},
		{".xlsx again", (*Book).XLSX, workbook},
		{".csv", func(b *Book) ([]byte, error) { return b.CSV(), nil }, ReadCSV},
	} {
		if format.name == ".csv" && now.Sheet(sheetSurvey) == nil {
			continue // is not taken for a questionnaire
		}
		data, err := format.write(now)
		if err != nil {
			t.Fatalf("%s: %v", format.name, err)
		}
		again, ps := format.read(data)
		if len(ps.Errors()) > 0 {
			t.Fatalf("%s: %v", format.name, ps)
		}
		if again.Hash() != hash {
			t.Fatalf("%s: another hash:\n%q\n%q", format.name, now.Markdown(), again.Markdown())
		}
		now = again
	}
	before, _ := Compile(book)
	after, ps := Compile(now)
	if (before == nil) != (after == nil) || before != nil && before.Hash != after.Hash {
		t.Fatalf("compiled it is another: %v", ps)
	}
}

// What comes along when texts are copied from pages does no harm.
func TestCharactersThatAreNotSeen(t *testing.T) {
	q := good(t, "| survey\u00a0|\n| | type\u200b | \ufeffname | label | relevant |\n| | text\u00a0 | a | A\u200bB | |\n| | select_one\u00a0 yn\u200b | b | B | ${a}\u00a0= \u2018x\u2019 |\n| choices |\n| | list\u00a0name | name | label |\n| | yn | y | Yes |\n")
	if a, b := q.Question("a"), q.Question("b"); a.Label["und"] != "A\u200bB" || b.List.Name != "yn" || b.Relevant.String() != "${a} = 'x'" {
		t.Errorf("%+v %+v", a, b)
	}
}

// A column of one's own may stand without a cell, and serve a choice_filter: in
// the normalised form it stays, and the hash does not know it.
func TestAColumnWithoutCells(t *testing.T) {
	const md = "| survey |\n| | type | name | label | choice_filter |\n| | select_one l | a | A | region = '' |\n| choices |\n| | list_name | name | label | region | code | region |\n| | l | x | X | | | |\n"
	q := good(t, md)
	again := good(t, mustRead(t, md).Markdown())
	if q.Hash != again.Hash || q.Hash == good(t, strings.Replace(md, "X | |", "X | west |", 1)).Hash {
		t.Error("the column counts without a cell, or does not with one")
	}
}

// Where every label names its language, a lone hint without one is in the first
// of them; where a label names none, that is a language of its own.
func TestColumnsWithoutALanguage(t *testing.T) {
	for md, want := range map[string]string{
		"| survey |\n| | type | name | label::English (en) | label::Svenska (sv) | hint |\n| | text | a | A | Å | H |\n":             "[en sv] en",
		"| survey |\n| | type | name | label | label::Svenska (sv) | hint |\n| | text | a | A | Å | H |\n":                           "[und sv] und",
		"| survey |\n| | type | name | label::sv | hint |\n| | text | a | Å | H |\n| settings |\n| | default_language |\n| | de |\n": "[sv de] de",
	} {
		if q, _ := read(t, md); fmt.Sprintf("%v %s", q.Languages, q.Default) != want {
			t.Errorf("%v %s, want %s", q.Languages, q.Default, want)
		}
	}
}

func FuzzReadMarkdown(f *testing.F) {
	f.Add("| survey |\n| | type | name | label | kobo--score-choices |\n| | begin_loop over l | a | A | |\n| | begin_score | s | S | l |\n| | score__row | %(name)s | B | |\n| | end_score | | | |\n| | end_loop | | | |\n| choices |\n| | list_name | name | label |\n| | l | x | X |\n")
	f.Add(workForm)
	f.Add(form(20))
	f.Add("| survey |\n| | type | name |\n| | text | a \\|\\\\| b |")
	f.Fuzz(func(t *testing.T, md string) {
		book, _ := ReadMarkdown(md)
		q, ps := Compile(book)
		if (q == nil) != (len(ps.Errors()) > 0) {
			t.Fatalf("nil %v with %v", q == nil, ps)
		}
		again, _ := ReadMarkdown(book.Markdown())
		if again.Hash() != book.Hash() {
			t.Fatalf("another hash: %q", book.Markdown())
		}
	})
}

// replaceInZip replaces texts in the files of a workbook under a folder.
func replaceInZip(t *testing.T, data []byte, under string, pairs ...string) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, file := range r.File {
		in, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(file.Name, under) {
			content = []byte(strings.NewReplacer(pairs...).Replace(string(content)))
		}
		to, err := w.Create(file.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := to.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
