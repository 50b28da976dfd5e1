package dta_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/export/dta"
	"panelverk/internal/export/exporttest"
	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

var now = time.Date(2026, 11, 22, 8, 5, 0, 0, time.UTC)

var about = &export.About{Study: "smart-factory", Title: lang.Text{"sv": "Den smarta fabriken", "uk": "Розумна фабрика: чотири хвилі опитування про нову техніку в цехах, 2016 і 2017 роки"},
	Languages: exporttest.Languages, Now: now, Remarks: []string{"Forskargruppen (2017). Den smarta fabriken.", "", "Skriv till partnern."}}

// write gives the table as a file.
func write(t testing.TB, table *export.Table) []byte {
	t.Helper()
	return exporttest.Bytes(t, dta.Write, table, about)
}

func TestReadGivesBackWhatWasWritten(t *testing.T) {
	dir := t.TempDir()
	exporttest.TenThousand(t)
	drawn := 0
	t.Cleanup(func() {
		if !testing.Short() && drawn < 10000 {
			t.Errorf("only %d datasets were drawn", drawn)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		drawn++
		table := exporttest.Draw(t)
		spooled, done, err := exporttest.Spool(dir, table)
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		var out, again bytes.Buffer
		if err := dta.Write(&out, spooled, about); err != nil {
			t.Fatal(err)
		}
		if err := dta.Write(&again, spooled, about); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
			t.Fatalf("two writings differ (%v)", err)
		}
		f, err := dta.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		same(t, f, spooled)
	})
}

// same compares a file with the table it was written from.
func same(t exporttest.T, f *dta.File, table *export.Table) {
	t.Helper()
	own := f.Characteristics["_dta"]
	if f.Rows != table.Count || f.Timestamp != "22 Nov 2026 08:05" || f.Label != "Den smarta fabriken" || len(f.Variables) != len(table.Columns) ||
		own["note0"] != "2" || own["note2"] != "Skriv till partnern." || own["_lang_list"] != "sv uk sr_Cyrl" || own["_lang_c"] != "sv" ||
		own["_lang_v_uk"] != export.Fit(about.Title["uk"], 80, export.Runes) {
		t.Fatalf("head %d %q %q %v", f.Rows, f.Timestamp, f.Label, own)
	}
	for i, v := range f.Variables {
		c := table.Columns[i]
		if v.Name != c.Name || v.Label != about.FitLabel("sv", c, 80, export.Runes) {
			t.Fatalf("%s: %+v", c.Name, v)
		}
		if whole := about.Label("sv", c); whole != v.Label && f.Characteristics[v.Name]["note1"] != whole {
			t.Fatalf("%s: notes %v", c.Name, f.Characteristics[v.Name])
		}
		for j, tag := range exporttest.Languages {
			name := v.LabelName
			if j > 0 {
				stata := strings.ReplaceAll(tag, "-", "_")
				name = f.Characteristics[v.Name]["_lang_l_"+stata]
				if got, want := f.Characteristics[v.Name]["_lang_v_"+stata], about.FitLabel(tag, c, 80, export.Runes); got != want {
					t.Fatalf("%s: label in %s %q, want %q", c.Name, tag, got, want)
				}
			}
			if got, want := f.Labels[name], labels(tag, c.Variable); !slices.Equal(got, want) {
				t.Fatalf("%s: labels %v, want %v", c.Name, got, want)
			}
		}
	}
	want := exporttest.Rows(t, table)
	n := 0
	for row, err := range f.Data() {
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range row {
			if want := cell(want[n][i], table.Columns[i].Variable); got != want {
				t.Fatalf("row %d, %s: got %.60v, want %.60v", n, table.Columns[i].Name, got, want)
			}
		}
		n++
	}
	if n != len(want) {
		t.Fatalf("%d rows, want %d", n, len(want))
	}
}

// labels gives the value labels of a variable as Stata has them.
func labels(tag string, v *dataset.Variable) []dta.Labelled {
	var out []dta.Labelled
	for _, value := range about.Values(tag, v) {
		// Stata's labels of values have 32,000 bytes at most.
		one := dta.Labelled{Number: int(value.Code), Label: export.Fit(value.Label, 32000, export.Bytes)}
		if value.Missing != 0 {
			one.Number, one.Missing = 0, value.Missing.Stata()[1]
		}
		if one.Label != "" {
			out = append(out, one)
		}
	}
	slices.SortStableFunc(out, func(a, b dta.Labelled) int { return int(a.Missing) - int(b.Missing) })
	return out
}

// cell gives a cell as Stata holds it.
func cell(c dataset.Cell, v *dataset.Variable) dta.Cell {
	const days = 3653
	switch {
	case v.Kind == dataset.Text:
		return dta.Cell{Text: c.Text}
	case c.Missing != 0:
		return dta.Cell{Missing: c.Missing.Stata()[1]}
	case v.Kind == dataset.Date:
		return dta.Cell{Number: c.Number + days}
	case v.Kind == dataset.DateTime:
		return dta.Cell{Number: c.Number + days*86400000}
	}
	return dta.Cell{Number: c.Number}
}

func number(name string) dataset.Column {
	return dataset.Column{Name: name, Variable: &dataset.Variable{Name: name, Kind: dataset.Number, Varying: true}}
}

func value(n float64) dataset.Cell { return dataset.Cell{Kind: dataset.Number, Number: n} }

func TestStorage(t *testing.T) {
	text := func(lengths ...int) (out []dataset.Cell) {
		for _, n := range lengths {
			out = append(out, dataset.Cell{Kind: dataset.Text, Text: strings.Repeat("x", n)})
		}
		return out
	}
	for _, c := range []struct {
		kind   dataset.Kind
		cells  []dataset.Cell
		want   string
		format string
	}{
		{dataset.Number, []dataset.Cell{value(-127), value(100)}, "byte", "%8.0g"}, {dataset.Number, []dataset.Cell{{Missing: -3}}, "byte", "%8.0g"},
		{dataset.Number, []dataset.Cell{value(101)}, "int", "%8.0g"}, {dataset.Number, []dataset.Cell{value(-128)}, "int", "%8.0g"},
		{dataset.Number, []dataset.Cell{value(-32767), value(32740)}, "int", "%8.0g"}, {dataset.Number, []dataset.Cell{value(32741)}, "long", "%12.0g"},
		{dataset.Number, []dataset.Cell{value(-2147483647), value(2147483620)}, "long", "%12.0g"}, {dataset.Number, []dataset.Cell{value(2147483621)}, "double", "%10.0g"},
		{dataset.Number, []dataset.Cell{value(1), value(0.5)}, "double", "%10.0g"},
		{dataset.Date, []dataset.Cell{{Kind: dataset.Date, Number: 17000}}, "int", "%tdCCYY-NN-DD"},
		{dataset.Date, []dataset.Cell{{Kind: dataset.Date, Number: -719528}}, "long", "%tdCCYY-NN-DD"},
		{dataset.DateTime, nil, "double", "%tcCCYY-NN-DD_HH:MM:SS"},
		{dataset.Text, text(0), "str1", "%-9s"}, {dataset.Text, text(1), "str1", "%-9s"}, {dataset.Text, text(2045), "str2045", "%-40s"}, {dataset.Text, text(2046), "strL", "%-40s"},
		{dataset.Text, text(1000, 0, 0, 0), "strL", "%-40s"}, {dataset.Text, text(1000, 1000), "str1000", "%-40s"},
	} {
		m := exporttest.Of([]dataset.Column{number("key"), {Name: "v", Variable: &dataset.Variable{Name: "v", Kind: c.kind}}})
		for _, cell := range c.cells {
			m.Add(value(1), cell)
		}
		b := write(t, m.Table())
		f, err := dta.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if v := f.Variables[1]; v.Storage != c.want || v.Format != c.format {
			t.Errorf("%.40v: %s %s, want %s %s", c.cells, v.Storage, v.Format, c.want, c.format)
		}
	}
}

// A question's wordings stand as notes on its variable, each with the versions
// that word it so.
func TestNotesHaveTheWordings(t *testing.T) {
	source := func(n int, sv, uk string) dataset.Source {
		return dataset.Source{Ref: dataset.Ref{Key: "core", Number: n}, Item: &questionnaire.Item{Name: "q", Label: lang.Text{"sv": sv, "uk": uk}, Hint: lang.Text{"sv": "Ett svar"}}}
	}
	q := number("q")
	q.Variable.Label = lang.Text{"sv": strings.Repeat("Lång ", 30)}
	q.Variable.Sources = []dataset.Source{source(1, "Är det **bra**?", "Добре?"), source(2, "Är det bättre?", "Добре?"), source(3, "Är det **bra**?", "")}
	b := write(t, exporttest.Of([]dataset.Column{q}).Table())
	f, err := dta.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	notes := f.Characteristics["q"]
	for name, want := range map[string]string{"note0": "4", "note1": strings.TrimSpace(strings.Repeat("Lång ", 30)), "note2": "core v1, core v3 (sv): Är det bra?\nEtt svar",
		"note3": "core v2 (sv): Är det bättre?\nEtt svar", "note4": "core v1, core v2 (uk): Добре?"} {
		if strings.TrimSpace(notes[name]) != want {
			t.Errorf("%s is %q, want %q", name, notes[name], want)
		}
	}
}

func TestManyVariablesAreFormat119(t *testing.T) {
	var columns []dataset.Column
	var row []dataset.Cell
	for i := range 32768 {
		columns, row = append(columns, number(fmt.Sprintf("v%d", i))), append(row, value(float64(i)))
	}
	columns = append(columns, dataset.Column{Name: "text", Variable: &dataset.Variable{Name: "text", Kind: dataset.Text}})
	row = append(row, dataset.Cell{Kind: dataset.Text, Text: strings.Repeat("й", 1500)})
	m := exporttest.Of(columns)
	m.Add(row...)
	b := write(t, m.Table())
	f, err := dta.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if f.Release != 119 {
		t.Errorf("release %d", f.Release)
	}
	for got, err := range f.Data() {
		if err != nil {
			t.Fatal(err)
		}
		if got[32767].Number != 32767 || got[32768].Text != row[32768].Text {
			t.Errorf("got %v and %.50q", got[32767], got[32768].Text)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	labelled := number("b")
	labelled.Variable.Values = []dataset.Value{{Code: 2147483621, Label: lang.Text{"sv": "Mycket"}}}
	values := exporttest.Of([]dataset.Column{number("a"), labelled, number("c")})
	values.Add(value(9e307), value(1), value(-math.MaxFloat64))
	for _, c := range []struct {
		name  string
		table *exporttest.Memory
		codes []string
	}{
		{"names", exporttest.Of([]dataset.Column{number("a"), number("A"), number("str12"), number("för")}), []string{"variable_clash", "variable_reserved", "variable_name"}},
		{"values", values, []string{"value_too_large", "code_too_large"}},
	} {
		spooled, done, err := exporttest.Spool(t.TempDir(), c.table.Table())
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		f := fault.Of(dta.Write(&out, spooled, about))
		done()
		var codes []string
		if f != nil {
			for _, p := range f.Problems {
				codes = append(codes, p.Code)
			}
		}
		if !slices.Equal(codes, c.codes) || out.Len() > 0 {
			t.Errorf("%s: %v, want %v; %d bytes were written", c.name, codes, c.codes, out.Len())
		}
	}
	if err := dta.Write(&bytes.Buffer{}, exporttest.Of([]dataset.Column{number("a")}).Table(), about); err == nil {
		t.Error("a table of unknown extents was written")
	}
}

func TestWriteTellsOfAFullDisk(t *testing.T) {
	m := exporttest.Of([]dataset.Column{number("a")})
	for i := range 100000 {
		m.Add(value(float64(i) + 0.5))
	}
	spooled, done, err := exporttest.Spool(t.TempDir(), m.Table())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	for _, room := range []int{0, 100, 100000, 800000} {
		if err := dta.Write(&exporttest.Disk{Room: room}, spooled, about); !errors.Is(err, exporttest.ErrFull) {
			t.Errorf("room for %d bytes: %v", room, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	m := exporttest.Of([]dataset.Column{number("a"), {Name: "t", Variable: &dataset.Variable{Name: "t", Kind: dataset.Text}}})
	m.Add(value(0.5), dataset.Cell{Kind: dataset.Text, Text: strings.Repeat("x", 3000)})
	whole := write(t, m.Table())
	for n := range whole {
		if _, err := dta.Open(bytes.NewReader(whole[:n]), int64(n)); !errors.Is(err, dta.ErrFormat) {
			t.Fatalf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	text := dataset.Column{Name: "t", Variable: &dataset.Variable{Name: "t", Kind: dataset.Text, Label: lang.Text{"sv": "Text", "uk": "Текст"}}}
	m := exporttest.Of([]dataset.Column{number("a"), text})
	m.Add(value(0.5), dataset.Cell{Kind: dataset.Text, Text: strings.Repeat("åäö", 700)})
	m.Add(dataset.Cell{Missing: dataset.Refused}, dataset.Cell{Kind: dataset.Text})
	f.Add(write(f, m.Table()))
	f.Add(write(f, exporttest.Of([]dataset.Column{number("a_long_name_of_a_variable")}).Table()))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := dta.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		for _, err := range file.Data() {
			if err != nil {
				return
			}
		}
	})
}

// A file that says more than it holds takes no memory for what it says.
func TestOpenTakesNoMoreThanThereIs(t *testing.T) {
	m := exporttest.Of([]dataset.Column{number("a"), {Name: "t", Variable: &dataset.Variable{Name: "t", Kind: dataset.Text}}})
	m.Add(value(0.5), dataset.Cell{Kind: dataset.Text, Text: strings.Repeat("x", 3000)})
	whole := write(t, m.Table())
	for after, bytesOf := range map[string]int{"<K>": 2, "<N>": 8, "<label>": 2, "<ch>": 4, "GSO\x02\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x82": 4, "<lbl>": 4} {
		b := slices.Clone(whole)
		at := bytes.Index(b, []byte(after)) + len(after)
		if at < len(after) {
			t.Fatalf("there is no %s", after)
		}
		for i := range bytesOf {
			b[at+i] = 0xFF
		}
		var first, last runtime.MemStats
		runtime.ReadMemStats(&first)
		_, err := dta.Open(bytes.NewReader(b), int64(len(b)))
		runtime.ReadMemStats(&last)
		if !errors.Is(err, dta.ErrFormat) {
			t.Errorf("%s: %v", after, err)
		}
		if taken := last.TotalAlloc - first.TotalAlloc; taken > 1<<20 {
			t.Errorf("%s: %d bytes were taken", after, taken)
		}
	}
}
