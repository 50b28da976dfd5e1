package sav_test

import (
	"bytes"
	"encoding/binary"
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
	"panelverk/internal/export/exporttest"
	"panelverk/internal/export/sav"
	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

var now = time.Date(2026, 11, 22, 8, 5, 0, 0, time.UTC)

var about = &export.About{Study: "smart-factory", Title: lang.Text{"sv": "Den smarta fabriken: fyra omgångar om ny teknik på verkstadsgolvet"},
	Languages: exporttest.Languages, Now: now,
	Remarks: []string{"Forskargruppen (2017). Den smarta fabriken. Minustecken betyder att svar saknas.", strings.Repeat("å", 95) + " щодня", ""}}

// write gives the table as a file.
func write(t testing.TB, table *export.Table) []byte {
	t.Helper()
	return exporttest.Bytes(t, sav.Write, table, about)
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
		if err := sav.Write(&out, spooled, about); err != nil {
			t.Fatal(err)
		}
		if err := sav.Write(&again, spooled, about); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
			t.Fatalf("two writings differ (%v)", err)
		}
		f, err := sav.Open(&out)
		if err != nil {
			t.Fatal(err)
		}
		same(t, f, spooled)
	})
}

// same compares a file with the table it was written from.
func same(t exporttest.T, f *sav.File, table *export.Table) {
	t.Helper()
	if f.Cases != int64(table.Count) || f.Encoding != "UTF-8" || f.Created != "22 Nov 26 08:05:00" || len(f.Variables) != len(table.Columns) {
		t.Fatalf("head %+v", f)
	}
	for i, v := range f.Variables {
		c := table.Columns[i]
		if v.Name != c.Name || v.Label != about.FitLabel("sv", c, 255, export.Bytes) || v.Measure != int(export.MeasureOf(c.Variable)) {
			t.Fatalf("%s: %+v", c.Name, v)
		}
		for _, tag := range exporttest.Languages[1:] {
			if got, want := v.Attributes["Label_"+strings.ReplaceAll(tag, "-", "_")], about.Label(tag, c); c.Variable.Label[tag] != "" && got != want {
				t.Fatalf("%s: attribute of %s %q, want %q", c.Name, tag, got, want)
			}
		}
		var want []sav.Labelled
		for _, value := range about.Values("sv", c.Variable) {
			if label := export.Fit(value.Label, 120, export.Bytes); label != "" {
				want = append(want, sav.Labelled{Number: value.Code, Label: label})
			}
		}
		if !slices.Equal(v.Values, want) {
			t.Fatalf("%s: labels %v, want %v", c.Name, v.Values, want)
		}
		var missing []float64
		if c.Variable.Kind == dataset.Number {
			low, high := export.MissingRange(c.Variable)
			missing = []float64{low, high}
		}
		if !slices.Equal(v.Missing, missing) {
			t.Fatalf("%s: missing %v", c.Name, v.Missing)
		}
	}
	want := exporttest.Rows(t, table)
	n := 0
	for row, err := range f.Rows() {
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

// cell gives a cell as a system file holds it.
func cell(c dataset.Cell, v *dataset.Variable) sav.Cell {
	switch {
	case len(c.Text) > 32750:
		tail := fmt.Sprintf("… [%d]", len(c.Text))
		return sav.Cell{Text: strings.ToValidUTF8(c.Text[:32750-len(tail)], "") + tail}
	case v.Kind == dataset.Text:
		return sav.Cell{Text: strings.TrimRight(c.Text, " ")}
	case c.Missing != 0 && v.Kind == dataset.Number:
		return sav.Cell{Number: float64(c.Missing.Code(v.Negative))}
	case c.Missing != 0:
		return sav.Cell{Number: -math.MaxFloat64, System: true}
	case v.Kind == dataset.Date:
		return sav.Cell{Number: (c.Number + 141428) * 86400}
	case v.Kind == dataset.DateTime:
		return sav.Cell{Number: c.Number/1000 + 141428*86400}
	}
	return sav.Cell{Number: c.Number}
}

func number(name string) dataset.Column {
	return dataset.Column{Name: name, Variable: &dataset.Variable{Name: name, Kind: dataset.Number, Varying: true}}
}

func TestDocuments(t *testing.T) {
	table := exporttest.Of([]dataset.Column{{Name: "t", Variable: &dataset.Variable{Name: "t", Kind: dataset.Text}}})
	long := strings.Repeat("ж", 20000)
	table.Add(dataset.Cell{Kind: dataset.Text, Text: long})
	f, err := sav.Open(bytes.NewReader(write(t, table.Table())))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Forskargruppen (2017). Den smarta fabriken. Minustecken betyder att svar saknas.",
		strings.Repeat("å", 40), strings.Repeat("å", 40), strings.Repeat("å", 15) + " щодня", "Texts beyond 32750 bytes were cut: t"}
	if !slices.Equal(f.Documents, want) {
		t.Errorf("documents %q", f.Documents)
	}
	for row, err := range f.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		text := row[0].Text
		if head := strings.TrimSuffix(text, "… [40000]"); head == text || !strings.HasPrefix(long, head) || len(text) > 32750 || len(text) < 32740 {
			t.Errorf("a text of %d bytes ends with %q", len(text), text[len(text)-20:])
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		table func() *exporttest.Memory
		codes []string
	}{
		{"names", func() *exporttest.Memory {
			return exporttest.Of([]dataset.Column{number("a"), number("A"), number("with"), number("för")})
		}, []string{"variable_clash", "variable_reserved", "variable_name"}},
		{"values", func() *exporttest.Memory {
			m := exporttest.Of([]dataset.Column{number("a"), number("b"), number("c")})
			m.Add(dataset.Cell{Kind: dataset.Number, Number: -3.5}, dataset.Cell{Kind: dataset.Number, Number: -math.MaxFloat64}, dataset.Cell{Kind: dataset.Number, Number: -13})
			return m
		}, []string{"value_reads_as_missing", "value_reads_as_missing"}},
	} {
		spooled, done, err := exporttest.Spool(t.TempDir(), c.table().Table())
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		f := fault.Of(sav.Write(&out, spooled, about))
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
	if err := sav.Write(&bytes.Buffer{}, exporttest.Of([]dataset.Column{number("a")}).Table(), about); err == nil {
		t.Error("a table of unknown extents was written")
	}
}

func TestWriteTellsOfAFullDisk(t *testing.T) {
	m := exporttest.Of([]dataset.Column{number("a")})
	for i := range 100000 {
		m.Add(dataset.Cell{Kind: dataset.Number, Number: float64(i) + 0.5})
	}
	spooled, done, err := exporttest.Spool(t.TempDir(), m.Table())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	for _, room := range []int{0, 100, 100000, 790000} {
		if err := sav.Write(&exporttest.Disk{Room: room}, spooled, about); !errors.Is(err, exporttest.ErrFull) {
			t.Errorf("room for %d bytes: %v", room, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	table := exporttest.Of([]dataset.Column{number("a"), number("a_long_name_of_a_variable")})
	table.Add(dataset.Cell{Kind: dataset.Number, Number: 0.5}, dataset.Cell{Missing: dataset.Blank})
	whole := write(t, table.Table())
	for n := range whole {
		f, err := sav.Open(bytes.NewReader(whole[:n]))
		if err == nil {
			rows := 0
			for _, err := range f.Rows() {
				if err == nil {
					rows++
				}
			}
			if rows > 0 {
				t.Errorf("%d of %d bytes gave a row", n, len(whole))
			}
			continue // no data at all is a file without cases
		}
		if !errors.Is(err, sav.ErrFormat) {
			t.Errorf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	text := dataset.Column{Name: "t", Variable: &dataset.Variable{Name: "t", Kind: dataset.Text, Label: lang.Text{"sv": "Text", "uk": "Текст"}}}
	m := exporttest.Of([]dataset.Column{number("a"), text})
	m.Add(dataset.Cell{Kind: dataset.Number, Number: 0.5}, dataset.Cell{Kind: dataset.Text, Text: strings.Repeat("åäö", 200)})
	m.Add(dataset.Cell{Missing: dataset.Refused}, dataset.Cell{Kind: dataset.Text})
	f.Add(write(f, m.Table()))
	f.Add(write(f, exporttest.Of([]dataset.Column{number("a_long_name_of_a_variable")}).Table()))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := sav.Open(bytes.NewReader(b))
		if err != nil {
			return
		}
		for _, err := range file.Rows() {
			if err != nil {
				return
			}
		}
	})
}

// Two long texts of the same beginning, with names in the way: each segment has
// a name of its own, that begins as the name of the first one does.
func TestNamesOfSegments(t *testing.T) {
	var columns []dataset.Column
	for _, name := range []string{"why_w1", "why_w2", "comment_on_work_w1", "comment_on_work_w2", "comme1", "x"} {
		columns = append(columns, dataset.Column{Name: name, Variable: &dataset.Variable{Name: name, Kind: dataset.Text}})
	}
	m := exporttest.Of(columns)
	row := make([]dataset.Cell, len(columns))
	for i := range row {
		row[i] = dataset.Cell{Kind: dataset.Text, Text: strings.Repeat("z", 10000)}
	}
	m.Add(row...)
	b := write(t, m.Table())
	seen := map[string]bool{}
	first, segments := "", 0
	for at := 176; b[at] == 2; at += 32 {
		if b[at+4] == 0xFF && b[at+5] == 0xFF {
			continue // a continuation
		}
		name := strings.TrimRight(string(b[at+24:at+32]), " ")
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
		if segments%40 == 0 {
			first = name
		} else if !strings.HasPrefix(name, first[:min(5, len(first))]) {
			t.Errorf("%s is a segment of %s", name, first)
		}
		segments++
	}
	if segments != 40*len(columns) || !seen["COMMENT_"] || !seen["COMME0"] || !seen["WHY_W2"] {
		t.Errorf("%d segments: %v", segments, seen)
	}
}

// A file that says more than it holds takes no memory for what it says.
func TestOpenTakesNoMoreThanThereIs(t *testing.T) {
	whole := write(t, exporttest.Of([]dataset.Column{number("a")}).Table())
	end := bytes.Index(whole, []byte{7, 0, 0, 0, 3, 0, 0, 0}) // the first extension
	for what, record := range map[string][]int32{
		"documents": {6, math.MaxInt32}, "an extension": {7, 99, 8, 33554432}, "labels": {3, math.MaxInt32}, "whom labels are of": {3, 0, 4, math.MaxInt32},
		"a label": {2, 0, 1, 0, 0, 0, 0, 0, 1 << 27},
	} {
		b := slices.Clone(whole[:end])
		for _, n := range record {
			b = binary.LittleEndian.AppendUint32(b, uint32(n))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := sav.Open(bytes.NewReader(b))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, sav.ErrFormat) {
			t.Errorf("%s: %v", what, err)
		}
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<20 {
			t.Errorf("%s: %d bytes were taken", what, taken)
		}
	}
}
