package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const townForm = `| survey |
| | type | name | label::sv | label::en |
| | select_one_from_file towns.csv | town | Var bor du? | Where do you live? |
| | text | street | Vilken gata? | Which street? |
`

// hashOf gives the hash that form check prints.
func hashOf(t *testing.T, name string) string {
	t.Helper()
	var found checked
	if err := json.Unmarshal([]byte(must(t, "form", "check", "--json", name)), &found); err != nil || !found.OK {
		t.Fatalf("%s: %v %v", name, err, found.Problems)
	}
	return found.Hash
}

func TestFormConvertKeepsTheHash(t *testing.T) {
	dir := t.TempDir()
	form := write(t, filepath.Join(dir, "where.md"), townForm)
	write(t, filepath.Join(dir, "where-media", "towns.csv"), "name,label\ngbg,Göteborg\nsthlm,Stockholm\n")
	elsewhere := t.TempDir()
	from, hash := form, hashOf(t, form)
	for _, name := range []string{"a.xlsx", "b.md", "c.csv", "d.xlsx"} {
		to := filepath.Join(elsewhere, name)
		if out := must(t, "form", "convert", from, to); !strings.Contains(out, hash) {
			t.Errorf("%s: %s", name, out)
		}
		if got := hashOf(t, to); got != hash {
			t.Errorf("%s: hash %s, want %s", name, got, hash)
		}
		from = to
	}
	if status, _, talk := command("", "form", "convert", form, from); status != exitFailed || !strings.Contains(talk, "--force") {
		t.Errorf("a file was written over: %d %s", status, talk)
	}
	must(t, "form", "convert", "--force", form, from)
	if status, _, talk := command("", "form", "convert", form, filepath.Join(dir, "x.pdf")); status != exitUsage || !strings.Contains(talk, ".xlsx, .md or .csv") {
		t.Errorf("status %d: %s", status, talk)
	}
	broken := write(t, filepath.Join(dir, "broken.md"), "| survey |\n| | type | name | value |\n| | text | a | b |\n")
	if status, _, talk := command("", "form", "convert", broken, filepath.Join(dir, "y.xlsx")); status != exitProblems || !strings.Contains(talk, "Two columns mean name") {
		t.Errorf("status %d: %s", status, talk)
	}
	if _, err := os.Stat(filepath.Join(dir, "y.xlsx")); err == nil {
		t.Error("a refused command wrote a file")
	}
}

func TestFormPreviewWritesOnePage(t *testing.T) {
	dir := t.TempDir()
	form := write(t, filepath.Join(dir, "where.md"), townForm)
	write(t, filepath.Join(dir, "where.towns.csv"), "name,label\ngbg,Göteborg\n")
	out := must(t, "form", "preview", form)
	for _, part := range []string{"<!doctype html>", "Var bor du?", "Which street?", "Göteborg", `lang="sv"`} {
		if !strings.Contains(out, part) {
			t.Errorf("%s is not there:\n%s", part, out)
		}
	}
	page := filepath.Join(dir, "where.html")
	if status, out, talk := command("", "form", "preview", form, "--out", page); status != exitDone || out != "" || !strings.Contains(talk, page) {
		t.Errorf("status %d, out %q, err %q", status, out, talk)
	}
	if data, err := os.ReadFile(page); err != nil || !strings.Contains(string(data), "Var bor du?") {
		t.Errorf("%v %s", err, data)
	}
	bad := write(t, filepath.Join(dir, "bad.md"), "| survey |\n| | type | name | label |\n| | geotrace | walk | Where? |\n")
	if status, out, talk := command("", "form", "preview", bad); status != exitProblems || out != "" || !strings.Contains(talk, "row 2") {
		t.Errorf("status %d, out %q, err %q", status, out, talk)
	}
}

func TestFormCheckAdvises(t *testing.T) {
	dir := t.TempDir()
	form := write(t, filepath.Join(dir, "where.md"), townForm)
	out := must(t, "form", "check", form)
	for _, part := range []string{"in order", "towns.csv” is not attached", "seconds"} {
		if !strings.Contains(out, part) {
			t.Errorf("%s is not said:\n%s", part, out)
		}
	}
}
