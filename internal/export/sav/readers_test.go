package sav_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/export/exporttest"
	"panelverk/internal/export/sav"
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
			said := exporttest.PSPP(t, syntax)
			if exporttest.Complains(said) {
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
		if said := exporttest.PSPP(t, "GET FILE='"+files[i]+"'.\nEXECUTE.\n"); !exporttest.Complains(said) {
			t.Errorf("PSPP said nothing of it: %q", said)
		}
	}
}

// haven reads every case as R does.
func TestHavenReads(t *testing.T) {
	cases, files := exporttest.Files(t, sav.Write, about, ".sav")
	formats := map[dataset.Kind]string{dataset.Number: "F", dataset.Text: "A", dataset.Date: "SDATE10", dataset.DateTime: "DATETIME20"}
	for k, read := range exporttest.R(t, files...) {
		table := cases[k].Table
		exporttest.SAVInR(about).Hold(t, cases[k].Name, read, table)
		for i, c := range read.Columns {
			if !strings.HasPrefix(c.Format, formats[table.Columns[i].Variable.Kind]) {
				t.Errorf("%s: format %s", c.Name, c.Format)
			}
		}
	}
}
