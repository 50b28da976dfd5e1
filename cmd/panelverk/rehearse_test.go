package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// exportID is how a file names a person.
var exportID = regexp.MustCompile(`(?m)^[0-9A-HJKMNP-TV-Z]{8,26}\b`)

// A small panel through all of Smart Factory: nothing unexpected, a report in
// both forms and the workbook, and the next rehearsal takes the place of it.
func TestRehearse(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	first := must(t, "rehearse", "smart-factory", "--seed", "7", "--people", "12", "--out", out)
	for _, part := range []string{"Nothing unexpected happened.", "12 made-up people, seed 7", "1 asked for no more messages", "1 of them with their answers erased",
		"Wave 4  closing", "0 differ.", "Questions of core v2", "Translations of core v1"} {
		if !strings.Contains(first, part) {
			t.Errorf("%q is not in\n%s", part, first)
		}
	}
	dir := filepath.Join(out, "smart-factory")
	for name, want := range map[string]string{"report.txt": first[:40], "report.html": "<h1>Rehearsal of smart-factory</h1>", "data/smart-factory.xlsx": "PK"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	before := canonical(t, filepath.Join(dir, "data", "smart-factory.xlsx"))
	again := must(t, "rehearse", "smart-factory", "--seed", "7", "--people", "12", "--out", out)
	if again != first {
		t.Errorf("the same seed gave another report:\n%s\n%s", first, again)
	}
	after := canonical(t, filepath.Join(dir, "data", "smart-factory.xlsx"))
	if was, is := strings.Split(before, "\n"), strings.Split(after, "\n"); before != after || len(was) < 100 {
		for i := range was {
			if i < len(is) && was[i] != is[i] {
				t.Errorf("the same seed gave another workbook:\n%s\n%s", was[i], is[i])
				break
			}
		}
	}
}

// canonical gives what a workbook holds but for the ids of its people, which are
// random, and by which its rows are ordered, and for the sum over both: every
// sheet with its rows sorted.
func canonical(t *testing.T, name string) string {
	t.Helper()
	f, err := excelize.OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, row := range rows {
			if len(row) > 0 && (row[0] == "Checksum" || row[0] == "How to cite") { // which quotes it
				continue
			}
			lines = append(lines, exportID.ReplaceAllString(strings.Join(row, "\t"), "ID"))
		}
		slices.Sort(lines)
		b.WriteString(sheet + "\n" + strings.Join(lines, "\n") + "\n")
	}
	return b.String()
}

func TestRehearsalTouchesNoPanel(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{"a panel": "panel.db", "a key file": "keyfile.db", "a panel in the study's folder": "smart-factory/panel.db",
		"something else": "smart-factory/notes.txt"} {
		out := t.TempDir()
		mine := write(t, filepath.Join(out, filepath.FromSlash(file)), "mine")
		status, _, talk := command("", "rehearse", "smart-factory", "--people", "2", "--out", out)
		if text, err := os.ReadFile(mine); status != exitFailed || err != nil || string(text) != "mine" {
			t.Errorf("%s: status %d, the file holds %q: %s", name, status, text, talk)
		}
		if _, err := os.Stat(filepath.Join(out, "smart-factory", "data")); err == nil {
			t.Errorf("%s: it was rehearsed all the same", name)
		}
	}
}

func TestRehearseRefuses(t *testing.T) {
	t.Parallel()
	bad := write(t, filepath.Join(t.TempDir(), "b.yaml"), "blank: 2\nsleeps: 0.1\nanswers: 1\nbounces: many\n")
	sum := write(t, filepath.Join(t.TempDir(), "b.yaml"), "drops_out: 0.9\nskips: 0.9\n")
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{}, exitUsage, "name one study"},
		{[]string{"smart-factory", "--all"}, exitUsage, "name one study"},
		{[]string{"smart-office"}, exitUsage, "no built-in study"},
		{[]string{"smart-factory", "--people", "0"}, exitUsage, "--people"},
		{[]string{"smart-factory", "--behaviour", bad}, exitProblems, `(?s)answers takes a list.*blank is a share.*bounces is a share.*Nothing is called sleeps`},
		{[]string{"smart-factory", "--behaviour", sum}, exitProblems, "Nobody does two of these"},
	} {
		args := append([]string{"rehearse", "--out", filepath.Join(t.TempDir(), "out")}, c.args...)
		if status, _, talk := command("", args...); status != c.status || !regexp.MustCompile(c.says).MatchString(talk) {
			t.Errorf("%v: %d %s", c.args, status, talk)
		}
	}
}
