package dta_test

import (
	"bytes"
	"os"
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
	for i, read := range exporttest.R(t, files...) {
		exporttest.DTA(about, false).Hold(t, cases[i].Name, read, cases[i].Table)
		formats(t, read, cases[i].Table)
	}
}

// pandas reads every case, with the numbers of Stata as they are stored.
func TestPandasReads(t *testing.T) {
	cases, files := exporttest.Files(t, dta.Write, about, ".dta")
	for i, read := range exporttest.Python(t, files...) {
		exporttest.DTA(about, true).Hold(t, cases[i].Name, read, cases[i].Table)
		formats(t, read, cases[i].Table)
	}
}

func formats(t *testing.T, read exporttest.Read, table *export.Table) {
	t.Helper()
	want := map[dataset.Kind]string{dataset.Number: "%", dataset.Text: "%-", dataset.Date: "%td", dataset.DateTime: "%tc"}
	for i, c := range read.Columns {
		if !strings.HasPrefix(c.Format, want[table.Columns[i].Variable.Kind]) {
			t.Errorf("%s: format %s", c.Name, c.Format)
		}
	}
}
