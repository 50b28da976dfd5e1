package csv_test

import (
	"bytes"
	stdcsv "encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/export/csv"
	"panelverk/internal/export/exporttest"
	"panelverk/internal/lang"
)

var about = &export.About{Study: "smart-factory", Title: lang.Text{"en": `The "Smart" Factory's panel`}, Languages: []string{"en"},
	Remarks: []string{"Cite as so.", "Ask there."}, Now: time.Date(2017, 4, 2, 18, 42, 0, 0, time.UTC)}

// answers is a table as a panel gives: coded answers, every missing code, a
// variable that can be negative, decimals, words, days, moments.
func answers() *exporttest.Memory {
	likert := []dataset.Value{{Code: 1, Name: "never", Label: lang.Text{"en": "Never"}}, {Code: 5, Name: "always", Label: lang.Text{"en": "Always, “every day” – 'so' \"it\" is"}}}
	variables := []*dataset.Variable{
		{Name: "id", Kind: dataset.Text, Label: lang.Text{"en": "Id"}},
		{Name: "trust", Kind: dataset.Number, Integer: true, Varying: true, Values: likert, Label: lang.Text{"en": "How often, åäö Щодня, do you trust it?"}},
		{Name: "change", Kind: dataset.Number, Negative: true, Varying: true, Label: lang.Text{"en": "Change of pay, in %"}},
		{Name: "why", Kind: dataset.Text, Varying: true, Label: lang.Text{"en": "In your own words"}},
		{Name: "since", Kind: dataset.Date, Varying: true, Label: lang.Text{"en": "Since when?"}},
		{Name: "seen", Kind: dataset.DateTime, Varying: true, Label: lang.Text{"en": "When seen?"}},
	}
	columns := make([]dataset.Column, len(variables))
	for i, v := range variables {
		columns[i] = dataset.Column{Name: v.Name, Variable: v}
	}
	m := exporttest.Of(columns)
	text := func(s string) dataset.Cell { return dataset.Cell{Kind: dataset.Text, Text: s} }
	num := func(n float64) dataset.Cell { return dataset.Cell{Kind: dataset.Number, Number: n} }
	words := []string{"Ja", "Щодня", `said "so", twice`, "=1+1", "NA", "-3", "😀 👩‍🏭", ".", "O'Brien", " in front", "1,5", "ћирилица; ß"}
	for i, gone := range dataset.Missings() {
		day := dataset.Cell{Kind: dataset.Date, Number: float64(-26000 + 4000*i)}
		at := dataset.Cell{Kind: dataset.DateTime, Number: float64(1460000000000 + int64(i)*86461000)}
		m.Add(text(fmt.Sprintf("p%02d", 2*i)), num(float64(1+i%5)), num(float64(i)-6.25), text(words[i]), day, at)
		m.Add(text(fmt.Sprintf("p%02d", 2*i+1)), dataset.Cell{Missing: gone}, dataset.Cell{Missing: gone}, dataset.Cell{Missing: gone}, dataset.Cell{Missing: gone}, dataset.Cell{Missing: gone})
	}
	return m
}

func TestBytes(t *testing.T) {
	var b bytes.Buffer
	if err := csv.Write(&b, answers().Table()); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(b.String(), "\r\n")
	for i, want := range []string{"id,trust,change,why,since,seen\r\n", "p00,1,-6.25,Ja,1898-10-25,2016-04-07T03:33:20\r\n", "p01,-1,-9901,,,\r\n"} {
		if lines[i] != want {
			t.Errorf("row %d: %q, want %q", i, lines[i], want)
		}
	}
}

// Whatever is drawn comes back from the reader of Go's library, cell by cell.
func TestReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := exporttest.Draw(t)
		var b bytes.Buffer
		if err := csv.Write(&b, table); err != nil {
			t.Fatal(err)
		}
		rows, err := stdcsv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		want := exporttest.Rows(t, table)
		if len(rows) != len(want)+1 {
			t.Fatalf("%d rows of %d", len(rows)-1, len(want))
		}
		for i, row := range want {
			for j, cell := range row {
				compare(t, table.Columns[j].Variable, cell, rows[i+1][j])
			}
		}
	})
}

func compare(t *rapid.T, v *dataset.Variable, cell dataset.Cell, got string) {
	switch {
	case v.Kind == dataset.Number:
		n, err := strconv.ParseFloat(got, 64)
		if err != nil {
			t.Fatal(err)
		}
		m, missing := dataset.MissingOf(n, v.Negative)
		if missing != (cell.Missing != 0) || missing && m != cell.Missing || !missing && n != cell.Number {
			t.Fatalf("%q of %+v", got, cell)
		}
	case cell.Missing != 0:
		if got != "" {
			t.Fatalf("%q of a missing cell", got)
		}
	case v.Kind == dataset.Text:
		if got != strings.ReplaceAll(cell.Text, "\r\n", "\n") { // Go's reader turns these line ends
			t.Fatalf("%q of %q", got, cell.Text)
		}
	default:
		layout, unit := time.DateOnly, float64(24*60*60*1000)
		if v.Kind == dataset.DateTime {
			layout, unit = "2006-01-02T15:04:05", 1
		}
		at, err := time.Parse(layout, got)
		if err != nil {
			t.Fatal(err)
		}
		if float64(at.UnixMilli()) != cell.Number*unit {
			t.Fatalf("%q of %v", got, cell.Number)
		}
	}
}

func TestNamesAreRefused(t *testing.T) {
	m := exporttest.Of([]dataset.Column{{Name: "if", Variable: &dataset.Variable{Kind: dataset.Number}}, {Name: "1st", Variable: &dataset.Variable{Kind: dataset.Number}}})
	var b bytes.Buffer
	if err := csv.Write(&b, m.Table()); err == nil || b.Len() > 0 {
		t.Error("names that SPSS and Stata do not take were written:", err)
	}
}

func TestDescription(t *testing.T) {
	table, done, err := exporttest.Spool(t.TempDir(), answers().Table())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	var b bytes.Buffer
	if err := csv.Describe(&b, about, []csv.File{{Path: "long.csv", Table: table, SHA256: "00ff", Bytes: 12}}); err != nil {
		t.Fatal(err)
	}
	var p struct {
		Resources []struct {
			Path, Hash string
			Schema     struct {
				PrimaryKey []string
				Fields     []struct {
					Name, Type    string
					Categories    []struct{ Value int }
					MissingValues []struct{ Value, Label string }
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	r := p.Resources[0]
	kinds := ""
	for _, f := range r.Schema.Fields {
		kinds += f.Type + " "
	}
	if kinds != "string integer number string date datetime " || r.Hash != "sha256:00ff" || r.Schema.PrimaryKey[0] != "id" {
		t.Errorf("%s%+v", kinds, r)
	}
	trust, change := r.Schema.Fields[1], r.Schema.Fields[2]
	if len(trust.Categories) != 2 || trust.Categories[1].Value != 5 || len(trust.MissingValues) != 12 || trust.MissingValues[11].Value != "-1" || change.MissingValues[0].Value != "-9912" {
		t.Errorf("%+v\n%+v", trust, change)
	}
}

// wanted gives the cells as the scripts of other programs print them.
func wanted(table *export.Table, t *testing.T) []string {
	var out []string
	for _, row := range exporttest.Rows(t, table) {
		var cells []string
		for j, c := range row {
			v := table.Columns[j].Variable
			s := c.Text
			switch {
			case v.Kind == dataset.Number:
				n := c.Number
				if c.Missing != 0 {
					n = float64(c.Missing.Code(v.Negative))
				}
				s = strconv.FormatFloat(math.Round(n*100)/100, 'f', 2, 64)
			case c.Missing != 0:
				s = "-"
			case c.Kind == dataset.Date:
				s = strconv.FormatInt(int64(c.Number), 10)
			case c.Kind == dataset.DateTime:
				s = strconv.FormatInt(int64(c.Number/1000), 10)
			}
			cells = append(cells, s)
		}
		out = append(out, strings.Join(cells, "|"))
	}
	return out
}
