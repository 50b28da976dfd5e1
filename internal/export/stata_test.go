package export_test

import (
	"bytes"
	stdcsv "encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"panelverk/internal/export"
	"panelverk/internal/export/exporttest"
)

// Nobody gives Stata away. Its programs are run by the meaning that Stata's
// manual gives the few commands they are made of; any other line is an error.
var commands = map[string]*regexp.Regexp{
	"":         regexp.MustCompile(`^(\*.*|version 14|clear|format %t[dc] d_|order d_, after\(\w+\)|drop \w+|)$`),
	"import":   regexp.MustCompile("^import delimited using (`\"[^`$]*\"'), varnames\\(1\\) case\\(preserve\\) encoding\\(\"UTF-8\"\\) bindquotes\\(strict\\) maxquotedrows\\(unlimited\\) stringcols\\(_all\\)$"),
	"number":   regexp.MustCompile(`^quietly destring (\w+), replace$`),
	"missing":  regexp.MustCompile(`^quietly mvdecode (\w+), mv\((.*)\)$`),
	"define":   regexp.MustCompile("^label define (\\w+) (-?\\d+|\\.[a-z]) (`\"[^`$]*\"'), add$"),
	"values":   regexp.MustCompile(`^label values (\w+) (\w+)$`),
	"day":      regexp.MustCompile(`^quietly generate long d_ = daily\((\w+), "YMD"\)$`),
	"moment":   regexp.MustCompile(`^quietly generate double d_ = clock\(subinstr\((\w+), "T", " ", 1\), "YMDhms"\)$`),
	"rename":   regexp.MustCompile(`^rename d_ (\w+)$`),
	"variable": regexp.MustCompile("^label variable (\\w+) (`\"[^`$]*\"')$"),
	"data":     regexp.MustCompile("^label data (`\"[^`$]*\"')$"),
}

// stata is a dataset that a program makes.
type stata struct {
	read   exporttest.Read
	at     map[string]int
	labels map[string]map[string]string
}

// do runs a program for Stata.
func do(t *testing.T, file string, table *export.Table) exporttest.Read {
	t.Helper()
	program, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &stata{at: map[string]int{}, labels: map[string]map[string]string{}}
	for line := range strings.SplitSeq(string(program), "\n") {
		known := false
		for name, pattern := range commands {
			if words := pattern.FindStringSubmatch(line); words != nil {
				known = true
				s.run(t, filepath.Dir(file), name, words[1:], table)
			}
		}
		if !known {
			t.Errorf("%s: Stata knows no %.200q", file, line)
		}
	}
	return s.read
}

// inner takes a text out of compound quotes; one that ends them within is no text.
func inner(t *testing.T, quoted string) string {
	t.Helper()
	text := strings.TrimSuffix(strings.TrimPrefix(quoted, "`\""), "\"'")
	if strings.Contains(text, "\"'") {
		t.Errorf("the quotes of %q end too early", quoted)
	}
	return text
}

func (s *stata) run(t *testing.T, dir, command string, words []string, table *export.Table) {
	t.Helper()
	column := func() *exporttest.ReadColumn {
		at, ok := s.at[words[0]]
		if !ok {
			t.Fatalf("%s of %s, which is not there", command, words[0])
		}
		return &s.read.Columns[at]
	}
	switch command {
	case "import":
		s.load(t, filepath.Join(dir, inner(t, words[0])), table)
	case "number":
		c := column()
		for i := range c.Cells {
			n, err := strconv.ParseFloat(c.Cells[i].Text, 64)
			if err != nil {
				t.Fatal(err) // destring would leave a text
			}
			c.Cells[i] = exporttest.ReadCell{Number: n}
		}
	case "missing":
		reasons := map[float64]string{}
		for pair := range strings.SplitSeq(words[1], ` \ `) {
			code, letter, _ := strings.Cut(pair, "=.")
			n, err := strconv.ParseFloat(code, 64)
			if err != nil {
				t.Fatal(err)
			}
			reasons[n] = "m" + letter
		}
		c := column()
		for i := range c.Cells {
			if why := reasons[c.Cells[i].Number]; why != "" {
				c.Cells[i] = exporttest.ReadCell{Missing: why}
			}
		}
	case "define":
		if s.labels[words[0]] == nil {
			s.labels[words[0]] = map[string]string{}
		}
		if _, twice := s.labels[words[0]][words[1]]; twice {
			t.Errorf("the label of %s is defined twice", words[1])
		}
		s.labels[words[0]][words[1]] = inner(t, words[2])
	case "values":
		column().Values = labelled(t, s.labels[words[1]])
	case "day", "moment":
		layout, unit := time.DateOnly, int64(24*60*60*1000)
		if command == "moment" {
			layout, unit = "2006-01-02T15:04:05", 1
		}
		c := column()
		for i := range c.Cells {
			at, err := time.Parse(layout, c.Cells[i].Text)
			c.Cells[i] = exporttest.ReadCell{Missing: "m"}
			if err == nil {
				c.Cells[i] = exporttest.ReadCell{Number: float64((at.UnixMilli() - time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()) / unit)}
			}
		}
	case "rename":
		column()
	case "variable":
		column().Label = inner(t, words[1])
	case "data":
		s.read.Label = inner(t, words[0])
	}
}

// load reads the CSV file as texts. Go's reader makes \n of \r\n, Stata does
// not: these texts are the table's own.
func (s *stata) load(t *testing.T, file string, table *export.Table) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := stdcsv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := exporttest.Rows(t, table)
	s.read.Rows = len(rows) - 1
	for i, name := range rows[0] {
		s.at[name] = i
		c := exporttest.ReadColumn{Name: name}
		for n, row := range rows[1:] {
			text := row[i]
			if own := want[n][i].Text; strings.ReplaceAll(own, "\r\n", "\n") == text {
				text = own
			}
			c.Cells = append(c.Cells, exporttest.ReadCell{Text: text})
		}
		s.read.Columns = append(s.read.Columns, c)
	}
}

// labelled gives labels as a file has them: of numbers, then of .a to .z.
func labelled(t *testing.T, labels map[string]string) []exporttest.ReadCell {
	t.Helper()
	var values, missings []exporttest.ReadCell
	for _, code := range slices.Sorted(maps.Keys(labels)) {
		if letter, ok := strings.CutPrefix(code, "."); ok {
			missings = append(missings, exporttest.ReadCell{Missing: "m" + letter, Text: labels[code]})
			continue
		}
		n, err := strconv.ParseFloat(code, 64)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, exporttest.ReadCell{Number: n, Text: labels[code]})
	}
	slices.SortFunc(values, func(a, b exporttest.ReadCell) int { return int(a.Number - b.Number) })
	return append(values, missings...)
}
