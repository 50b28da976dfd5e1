package dta_test

import (
	"bytes"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/export/dta"
	"panelverk/internal/export/exporttest"
)

func TestCasesComeBack(t *testing.T) {
	cases, files := exporttest.Files(t, dta.Write, about, ".dta")
	for i, c := range cases {
		b, err := os.ReadFile(files[i])
		if err != nil {
			t.Fatal(err)
		}
		f, err := dta.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		same(t, f, c.Table)
	}
}

// haven reads every case as R does; it gives dates and times as R counts them.
func TestHavenReads(t *testing.T) {
	cases, files := exporttest.Files(t, dta.Write, about, ".dta")
	read := exporttest.Haven(t, files...)
	for i, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			compare(t, read[i], c.Table, func(got exporttest.ReadCell, c dataset.Cell, v *dataset.Variable) bool {
				switch {
				case v.Kind == dataset.Text:
					return got.Text == c.Text
				case c.Missing != 0 && (v.Kind == dataset.Date || v.Kind == dataset.DateTime):
					return strings.HasPrefix(got.Missing, "m") // R's days have no reasons
				case c.Missing != 0:
					return got.Missing == "m"+c.Missing.Stata()[1:]
				case v.Kind == dataset.DateTime:
					return math.Abs(got.Number-c.Number/1000) < 1e-4 && got.Missing == ""
				}
				return got == exporttest.ReadCell{Number: c.Number}
			})
		})
	}
}

// pandas reads every case, with the numbers of Stata as they are stored.
func TestPandasReads(t *testing.T) {
	cases, files := exporttest.Files(t, dta.Write, about, ".dta")
	read := exporttest.Pandas(t, files...)
	for i, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			compare(t, read[i], c.Table, func(got exporttest.ReadCell, c dataset.Cell, v *dataset.Variable) bool {
				want := cell(c, v)
				if want.Missing != 0 {
					return got.Missing == "m"+string(want.Missing)
				}
				return got == exporttest.ReadCell{Number: want.Number, Text: want.Text}
			})
		})
	}
}

func compare(t *testing.T, read exporttest.Read, table *export.Table, equal func(exporttest.ReadCell, dataset.Cell, *dataset.Variable) bool) {
	t.Helper()
	if read.Rows != table.Count || len(read.Columns) != len(table.Columns) || read.Label != "Den smarta fabriken" {
		t.Fatalf("%d rows, %d columns, label %q", read.Rows, len(read.Columns), read.Label)
	}
	want := exporttest.Rows(t, table)
	for i, c := range read.Columns {
		v := table.Columns[i].Variable
		if c.Name != table.Columns[i].Name || c.Label != about.FitLabel("sv", table.Columns[i], 80, export.Runes) {
			t.Errorf("%s: label %q", c.Name, c.Label)
		}
		if kind := map[dataset.Kind]string{dataset.Number: "%", dataset.Text: "%-", dataset.Date: "%td", dataset.DateTime: "%tc"}[v.Kind]; !strings.HasPrefix(c.Format, kind) {
			t.Errorf("%s: format %s", c.Name, c.Format)
		}
		var wanted []exporttest.ReadCell
		for _, l := range labels("sv", v) {
			one := exporttest.ReadCell{Number: float64(l.Number), Text: l.Label}
			if l.Missing != 0 {
				one.Missing = "m" + string(l.Missing)
			}
			wanted = append(wanted, one)
		}
		if !slices.Equal(c.Values, wanted) {
			t.Errorf("%s: labels %v, want %v", c.Name, c.Values, wanted)
		}
		if len(c.Cells) != table.Count {
			t.Errorf("%s: %d cells", c.Name, len(c.Cells))
		}
		for n, got := range c.Cells {
			if !equal(got, want[n][i], v) {
				t.Errorf("row %d, %s: got %.60v, want %.60v", n, c.Name, got, want[n][i])
			}
		}
	}
}
