package xlsx_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/dataset"
	"panelverk/internal/disclosure"
	"panelverk/internal/export/xlsx"
)

// The names of the sheets and their heads are what programs and people find
// their way by.
func TestHeads(t *testing.T) {
	f := opened(t, write(t, aDataset(t), "en"))
	for sheet, want := range map[string]string{
		"Data_long": "id cohort member pattern region wave disposition mode interview_lang version minutes robot hours tools tools_s tools_1 tools_2 tools_3 comment comment_s colleagues since since_s balance moment moment_s aims_1 aims_2",
		"Variables": "Name|Label|Holds|Level|Question|Concept|Question type|Option|Waves|Versions|Changed|Asked when|Worked out|Missing codes|Persons with a value|Values in w1|Values in w2|Values in w3|Wording (en)|Wording (sv)|" +
			"w1: −1|w1: −2|w1: −3|w1: −5|w1: −6|w1: −8|w1: −12|w2: −1|w2: −2|w2: −3|w2: −5|w2: −6|w2: −8|w2: −11|w3: −1|w3: −2|w3: −3|w3: −4|w3: −5|w3: −6|w3: −8|w3: −11",
		"Values":        "Variable|Code|Choice|Label (en)|Label (sv)|n w1|n w2|n w3",
		"Missing":       "Code|Code where values can be negative|Stata|Label (en)|Label (sv)",
		"Item_versions": "Question|Variable|From|To|What differs|Series|Decided|Why|Languages|Before|After|Choices added|Choices removed|Choices reworded",
	} {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		apart := "|"
		if sheet == "Data_long" {
			apart = " "
		}
		if got := strings.Join(rows[0], apart); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", sheet, got, want)
		}
	}
}

func opened(t *testing.T, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// rows gives a sheet as lines, its cells apart by |.
func rows(t *testing.T, f *excelize.File, sheet string) string {
	t.Helper()
	all, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range all {
		out = append(out, strings.Join(r, "|"))
	}
	return strings.Join(out, "\n")
}

// moving is twelve people over two waves, who answer no (1) or yes (2) and a
// number of hours: worked out by hand below.
func moving(t *testing.T, log ...dataset.Correction) *dataset.Dataset {
	t.Helper()
	s := aStudy()
	s.Waves = s.Waves[:2]
	s.Waves[1].Version = 1
	var people []dataset.Member
	for i := range 12 {
		// no → no 5, no → yes 1, yes → yes 6.
		before, after := "yes", "yes"
		if i < 6 {
			before, after = "no", "no"
		}
		if i == 5 {
			after = "yes"
		}
		m := dataset.Member{ExportID: fmt.Sprintf("P%02d", i), Cohort: 1, Status: dataset.Active, Invited: []int{1, 2}}
		for w, answer := range []string{before, after} {
			at := dataset.Interview{Wave: w + 1, Ref: dataset.Ref{Key: "core", Number: 1}, Mode: "web", Language: "sv", StartedAt: s.Waves[w].Opens, LastAt: s.Waves[w].Opens.Add(6e11)}
			at.SubmittedAt = at.LastAt
			at.Document = document(map[string]string{"robot": answer, "balance": fmt.Sprint(i * (w + 1)), "comment": "Bo vet"})
			if i == 3 && w == 0 {
				at.Log = log
			}
			m.Interviews = append(m.Interviews, at)
		}
		people = append(people, m)
	}
	return build(t, s, people)
}

func hidden(counts [][]int) [][]bool { return disclosure.Crossed(counts, disclosure.Least) }

func TestChange(t *testing.T) {
	d := moving(t)
	for _, c := range []struct {
		name  string
		hide  func([][]int) [][]bool
		wants []string
	}{
		{"everything", nil, []string{"balance|How much more or less than before?|w1|w2|12|5.5|11|5.5|5.5|0.0833",
			"robot|Do you work with a robot?|w1|w2|12|||||0.9166", "robot: w1 → w2|Do you work with a robot?",
			"|1  No|5|1|6\n|2  Yes|0|6|6\n|Sum|5|7|12"}},
		{"small counts hidden", hidden, []string{"balance|How much more or less than before?|w1|w2|12|5.5|11|5.5|5.5|·",
			"robot|Do you work with a robot?|w1|w2|12|||||·", "Where · stands in the last column"}},
	} {
		var out bytes.Buffer
		if err := xlsx.Write(context.Background(), &out, d, xlsx.Options{TempDir: t.TempDir(), Now: now, Language: "en", Hide: c.hide}); err != nil {
			t.Fatal(err)
		}
		f := opened(t, out.Bytes())
		text := rows(t, f, "Change")
		for _, want := range c.wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, text)
			}
		}
		if c.hide != nil {
			if strings.Contains(text, "|1  No|") {
				t.Errorf("%s: a table of hidden counts:\n%s", c.name, text)
			}
			continue
		}
		// The arrow leads to the table.
		all, _ := f.GetRows("Change")
		line := slices.IndexFunc(all, func(r []string) bool { return len(r) > 10 && r[0] == "robot" })
		ok, target, err := f.GetCellHyperLink("Change", fmt.Sprintf("K%d", line+1))
		if err != nil || !ok {
			t.Fatalf("no link from line %d: %v", line+1, err)
		}
		_, cell, _ := strings.Cut(target, "!")
		if value, _ := f.GetCellValue("Change", cell); value != "robot: w1 → w2" {
			t.Errorf("%s leads to %q", target, value)
		}
	}
}

func TestLogAndDisclosure(t *testing.T) {
	d := moving(t, dataset.Correction{Question: "robot", Old: "yes", New: "no", Reason: "Ringde och sa det", At: now},
		dataset.Correction{Question: "comment", Old: "Fråga Bo Ek", New: "Bo vet", Reason: "Ett namn", At: now})
	f := opened(t, write(t, d, "en"))
	text := rows(t, f, "Log")
	// 43070 is the day 2017-12-01, as a day.
	for _, want := range []string{"robot|w1|P03|2|1|Ringde och sa det|43070", "comment|w1|P03|(text)|(text)|Ett namn|43070"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "Bo Ek") {
		t.Error("the log gives back what was taken out of a text")
	}
	if text := rows(t, f, "Disclosure"); !strings.Contains(text, "Not assessed") || !strings.Contains(text, "indicator") {
		t.Error(text)
	}
	var out bytes.Buffer
	if err := xlsx.Write(context.Background(), &out, d, xlsx.Options{TempDir: t.TempDir(), Now: now, Language: "en", Hide: hidden, Citation: "Cite me so",
		Disclosure: &xlsx.Disclosure{Profile: "partner", Tier: "restricted", Keys: []string{"region", "pattern"}, Wanted: 3, Rows: 20, Classes: 6, K: 1, Unique: 1,
			Violations: 5, Max: 1, Expected: 6, Global: .3, AtRisk: .45, Diversity: []xlsx.Diversity{{Variable: "robot", L: 2}}, Done: []string{"year: bands of 5"}}}); err != nil {
		t.Fatal(err)
	}
	f = opened(t, out.Bytes())
	if text := rows(t, f, "Disclosure"); !strings.Contains(text, "Σr/n|0.3\n") || !strings.Contains(text, "year: bands of 5") || !strings.Contains(text, "region, pattern") ||
		!strings.Contains(text, "l-diversity of robot|2") || strings.Contains(text, "Not assessed") {
		t.Error(text)
	}
	if text := rows(t, f, "Log"); strings.Contains(text, "P03") || strings.Contains(text, "Ringde") || !strings.Contains(text, "robot|w1|1") {
		t.Errorf("the log of a release:\n%s", text)
	}
	if text := rows(t, f, "README"); !strings.Contains(text, "How to cite|Cite me so") {
		t.Error(text)
	}
}

func TestParadata(t *testing.T) {
	text := rows(t, opened(t, write(t, moving(t), "en")), "Paradata")
	for _, want := range []string{"|n|12|12", "|Median|10|10", "1|Web|12|12", "1|sv|12|12", "1|core v1|12|12"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// Programs that others wrote find the links, the notes and the charts.
func TestOthersFindLinksNotesAndCharts(t *testing.T) {
	tool(t, "/usr/bin/python3", "-c", "import openpyxl")
	tool(t, "soffice", "--version")
	d := aDataset(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "panel.xlsx")
	if err := os.WriteFile(file, write(t, d, "sv"), 0o600); err != nil {
		t.Fatal(err)
	}
	script := `
import sys, json, openpyxl
book = openpyxl.load_workbook(sys.argv[1])
out = {"charts": len(book["Rates"]._charts), "links": {}, "notes": {}, "titles": {}}
for name in book.sheetnames:
    sheet = book[name]
    out["titles"][name] = sheet.print_title_rows
    if not name.startswith(("Data", "Wave")): continue
    out["links"][name] = [book["Variables"][c.hyperlink.location.split("!")[1]].value if c.hyperlink else None for c in sheet[1]]
    out["notes"][name] = sum(1 for c in sheet[1] if c.comment)
json.dump(out, sys.stdout)
`
	data, err := exec.Command("/usr/bin/python3", "-c", script, file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Charts int
		Links  map[string][]string
		Notes  map[string]int
		Titles map[string]string
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	var long, wide []string
	for _, c := range d.Long() {
		long = append(long, c.Variable.Name)
	}
	for _, c := range d.Wide() {
		wide = append(wide, c.Variable.Name)
	}
	if !slices.Equal(got.Links["Data_long"], long) || !slices.Equal(got.Links["Data_wide"], wide) || got.Notes["Data_wide"] != len(wide) || got.Notes["Wave_w1"] == 0 {
		t.Errorf("links %v, notes %v", got.Links, got.Notes)
	}
	if got.Charts != 2 || got.Titles["Data_wide"] != "$1:$1" || got.Titles["Variables"] != "$1:$1" {
		t.Errorf("%d charts, titles %v", got.Charts, got.Titles)
	}

	cmd := exec.Command("soffice", "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "ods", "--outdir", dir, file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	z, err := zip.OpenReader(filepath.Join(dir, "panel.ods"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	content, err := z.Open("content.xml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte("<draw:object ")); n != 2 {
		t.Errorf("LibreOffice finds %d charts", n)
	}
	if n := bytes.Count(text, []byte("#&apos;Variables&apos;")); n < len(long)+len(wide) {
		t.Errorf("LibreOffice finds %d links to the codebook", n)
	}
	if n := bytes.Count(text, []byte("<office:annotation ")); n < len(long)+len(wide) {
		t.Errorf("LibreOffice finds %d notes", n)
	}
}
