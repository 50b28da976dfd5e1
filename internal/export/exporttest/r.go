package exporttest

import (
	"bytes"
	_ "embed"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"panelverk/internal/need"
)

//go:embed r.R
var rScript []byte

// Read is what a reader that others wrote found in a file.
type Read struct {
	Rows    int
	Label   string
	Columns []ReadColumn
}

// ReadColumn is one variable of it.
type ReadColumn struct {
	Name, Label, Format, Class string
	Range                      []float64 // that is user-missing
	Values                     []ReadCell
	Cells                      []ReadCell
}

// ReadCell is a number, a text, or why there is neither. Of a value label Text
// is the label.
type ReadCell struct {
	Number  float64
	Text    string
	Missing string // "m" without a reason, "mb" for Stata's .b; "" for a value
}

// R reads files for SPSS and Stata with the package haven, and programs beside
// CSV files.
func R(t testing.TB, files ...string) []Read {
	t.Helper()
	const how = "apt-get install r-base-core r-cran-haven"
	if _, err := exec.LookPath("Rscript"); err != nil {
		need.Missing(t, "R with haven", how)
	}
	if err := exec.CommandContext(t.Context(), "Rscript", "-e", "library(haven)").Run(); err != nil {
		need.Missing(t, "the R package haven", how)
	}
	script := filepath.Join(t.TempDir(), "r.R")
	if err := os.WriteFile(script, rScript, 0o600); err != nil {
		t.Fatal(err)
	}
	return lines(t, exec.CommandContext(t.Context(), "Rscript", append([]string{script}, files...)...)) //nolint:gosec // the test's own files
}

// lines runs a reader that prints lines; it must say nothing else.
func lines(t testing.TB, cmd *exec.Cmd) []Read {
	t.Helper()
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("%s: %v\n%.3000s", filepath.Base(cmd.Path), err, said.String())
	}
	return parse(t, string(out))
}

// parse reads the lines that the scripts print.
func parse(t testing.TB, out string) []Read {
	t.Helper()
	var all []Read
	for line := range strings.Lines(out) {
		words := strings.Fields(line)
		if words[0] == "file" {
			rows, err := strconv.Atoi(words[1])
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, Read{Rows: rows, Label: word(t, words[2])})
			continue
		}
		file := &all[len(all)-1]
		if words[0] == "column" {
			file.Columns = append(file.Columns, ReadColumn{Name: words[1], Label: word(t, words[2]), Format: words[3], Class: words[4]})
			continue
		}
		c := &file.Columns[len(file.Columns)-1]
		cell := readCell(t, words[1])
		switch words[0] {
		case "range":
			c.Range = []float64{cell.Number, readCell(t, words[2]).Number}
		case "label":
			cell.Text = word(t, words[2])
			c.Values = append(c.Values, cell)
		case "cell":
			c.Cells = append(c.Cells, cell)
		default:
			t.Fatalf("line %q", line)
		}
	}
	return all
}

func word(t testing.TB, s string) string {
	t.Helper()
	if s == "-" {
		return ""
	}
	b, err := hex.DecodeString(strings.TrimPrefix(s, "x"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func readCell(t testing.TB, s string) ReadCell {
	t.Helper()
	switch s[0] {
	case 'x':
		return ReadCell{Text: word(t, s)}
	case 'm':
		return ReadCell{Missing: s}
	}
	n, err := strconv.ParseFloat(s[1:], 64)
	if err != nil {
		t.Fatal(err)
	}
	return ReadCell{Number: n}
}
