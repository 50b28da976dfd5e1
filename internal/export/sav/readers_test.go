package sav_test

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/export/exporttest"
	"panelverk/internal/export/sav"
	"panelverk/internal/need"
)

func TestCasesComeBack(t *testing.T) {
	cases, files := exporttest.Files(t, sav.Write, about, ".sav")
	for i, c := range cases {
		open(t, files[i], func(f *sav.File) { same(t, f, c.Table) })
	}
}

func open(t *testing.T, file string, look func(*sav.File)) {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	}()
	f, err := sav.Open(in)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	look(f)
}

// PSPP reads every case and saves it again as a file of its own: what our
// reader finds there has gone through PSPP's idea of the format. It warns of
// everything that it finds odd, on either output; nothing may be.
func TestPSPPReads(t *testing.T) {
	cases, files := exporttest.Files(t, sav.Write, about, ".sav")
	for i, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			saved := filepath.Join(t.TempDir(), "saved.sav")
			syntax := "GET FILE='" + files[i] + "'.\nEXECUTE.\nSAVE OUTFILE='" + saved + "' /COMPRESSED.\n"
			if c.Name != "many" {
				syntax += "LIST.\nDISPLAY DICTIONARY.\nMRSETS /DISPLAY NAME=ALL.\n"
			}
			said := pspp(t, syntax)
			if complains(said) {
				t.Errorf("PSPP said:\n%.3000s", said)
			}
			if c.Name == "sets" && (!strings.Contains(said, "Vilka verktyg? (w2)|Dichotomies") || !strings.Contains(said, "|tools_3_w2 ")) {
				t.Errorf("the sets are\n%s", said)
			}
			open(t, saved, func(f *sav.File) {
				open(t, files[i], func(ours *sav.File) {
					if !slices.Equal(f.Documents, ours.Documents) {
						t.Errorf("documents %q, want %q", f.Documents, ours.Documents)
					}
					f.Created = ours.Created
				})
				same(t, f, c.Table)
			})
		})
	}
}

func pspp(t *testing.T, syntax string) string {
	t.Helper()
	if _, err := exec.LookPath("pspp"); err != nil {
		need.Missing(t, "PSPP", "apt-get install pspp")
	}
	cmd := exec.CommandContext(t.Context(), "pspp", "-O", "format=txt", "-")
	cmd.Stdin = strings.NewReader(syntax)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%.3000s", err, said)
	}
	return string(said)
}

// complains tells whether PSPP warned of anything.
func complains(said string) bool {
	return strings.Contains(said, "warning: ") || strings.Contains(said, "error: ")
}

// That PSPP's warnings are seen is seen here: of a multiple response set that
// is no set it warns.
func TestPSPPWarns(t *testing.T) {
	cases, files := exporttest.Files(t, sav.Write, about, ".sav")
	for i, c := range cases {
		if c.Name != "sets" {
			continue
		}
		b, err := os.ReadFile(files[i])
		if err != nil {
			t.Fatal(err)
		}
		wrong := bytes.Replace(b, []byte("$tools_w1=D1"), []byte("$tools_w1=Q1"), 1)
		if err := os.WriteFile(files[i], wrong, 0o600); err != nil {
			t.Fatal(err)
		}
		if said := pspp(t, "GET FILE='"+files[i]+"'.\nEXECUTE.\n"); !complains(said) {
			t.Errorf("PSPP said nothing of it: %q", said)
		}
	}
}

// haven reads every case as R does.
func TestHavenReads(t *testing.T) {
	cases, files := exporttest.Files(t, sav.Write, about, ".sav")
	for k, read := range exporttest.Haven(t, files...) {
		table := cases[k].Table
		t.Run(cases[k].Name, func(t *testing.T) {
			if read.Rows != table.Count || len(read.Columns) != len(table.Columns) || read.Label != export.Fit(about.Title["sv"], 64, export.Bytes) {
				t.Fatalf("%d rows, %d columns, label %q", read.Rows, len(read.Columns), read.Label)
			}
			want := exporttest.Rows(t, table)
			for i, c := range read.Columns {
				v := table.Columns[i].Variable
				if c.Name != table.Columns[i].Name || c.Label != about.FitLabel("sv", table.Columns[i], 255, export.Bytes) {
					t.Errorf("%s: label %q", c.Name, c.Label)
				}
				if format := map[dataset.Kind]string{dataset.Number: "F", dataset.Text: "A", dataset.Date: "SDATE10", dataset.DateTime: "DATETIME20"}[v.Kind]; !strings.HasPrefix(c.Format, format) {
					t.Errorf("%s: format %s", c.Name, c.Format)
				}
				if v.Kind == dataset.Number {
					low, high := export.MissingRange(v)
					if !slices.Equal(c.Range, []float64{low, high}) {
						t.Errorf("%s: missing %v", c.Name, c.Range)
					}
				}
				var labels []exporttest.ReadCell
				for _, value := range about.Values("sv", v) {
					labels = append(labels, exporttest.ReadCell{Number: value.Code, Text: export.Fit(value.Label, 120, export.Bytes)})
				}
				if !slices.Equal(c.Values, labels) {
					t.Errorf("%s: labels %v, want %v", c.Name, c.Values, labels)
				}
				if len(c.Cells) != table.Count {
					t.Errorf("%s: %d cells", c.Name, len(c.Cells))
				}
				for n, got := range c.Cells {
					if !inR(got, want[n][i], v) {
						t.Errorf("row %d, %s: got %.60v, want %.60v", n, c.Name, got, want[n][i])
					}
				}
			}
		})
	}
}

// inR tells whether R holds a cell as it should: days and seconds since 1970.
func inR(got exporttest.ReadCell, c dataset.Cell, v *dataset.Variable) bool {
	switch {
	case v.Kind == dataset.Text:
		return got.Text == cell(c, v).Text
	case v.Kind == dataset.Number:
		return got == exporttest.ReadCell{Number: cell(c, v).Number}
	case c.Missing != 0:
		return got.Missing == "m"
	case v.Kind == dataset.Date:
		return got == exporttest.ReadCell{Number: c.Number}
	}
	return math.Abs(got.Number-c.Number/1000) < 1e-4 && got.Missing == ""
}
