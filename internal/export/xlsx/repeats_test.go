package xlsx_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/dataset"
	"panelverk/internal/questionnaire"
)

const roster = `
| survey |
| | type | name | label::Svenska (sv) | label::English (en) |
| | begin repeat | child | Barn | Child |
| | text | name | Vad heter barnet? | The name? |
| | date | born | När föddes barnet? | Born when? |
| | integer | age | Hur gammalt? | How old? |
| | end repeat | | | |
`

func TestRepeatsAreSheets(t *testing.T) {
	s := aStudy()
	s.Waves = s.Waves[:1]
	var people []dataset.Member
	for _, id := range []string{"A", "B"} {
		at := dataset.Interview{Wave: 1, Ref: dataset.Ref{Key: "core", Number: 1}, Mode: "web", StartedAt: now.Add(-time.Hour), LastAt: now, SubmittedAt: now}
		at.Document = document(map[string]string{"child": "1 4", "name@1": "=1+1", "born@1": "2016-02-29", "age@4": "7", "name@4": "Bo " + id, "name@2": "removed"})
		people = append(people, dataset.Member{ExportID: id, Cohort: 1, Status: dataset.Active, Interviews: []dataset.Interview{at}})
	}
	d, err := dataset.Build(dataset.Input{Study: s, Now: now, Members: members(people), Total: len(people),
		Versions: map[dataset.Ref]*questionnaire.Questionnaire{{Key: "core", Number: 1}: compile(t, roster)}})
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(write(t, d, "sv")))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Rep_child", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"id", "wave", "child_no", "name", "name_s", "born", "born_s", "age"},
		{"A", "1", "1", "=1+1", "0", "42429", "0", "-9903"}, {"A", "1", "4", "Bo A", "0", "", "-3", "7"},
		{"B", "1", "1", "=1+1", "0", "42429", "0", "-9903"}, {"B", "1", "4", "Bo B", "0", "", "-3", "7"}}
	if !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("%q\nwant %q", rows, want)
	}
	long, err := book.GetRows("Data_long", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.Index(long[0], "child"); i < 0 || long[1][i] != "2" || slices.Contains(long[0], "age") {
		t.Errorf("of the person there stands %q", long)
	}
	codebook, err := book.GetRows("Variables", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	sheet := slices.Index(codebook[0], "Blad")
	found := map[string][]string{}
	for _, row := range codebook[1:] {
		found[row[0]] = row
	}
	for name, on := range map[string]string{"child": "", "child_no": "Rep_child", "age": "Rep_child", "name_s": "Rep_child"} {
		if row := found[name]; row == nil || row[sheet] != on {
			t.Errorf("the codebook has %s on %q: %q", name, on, row)
		}
	}
	if row := found["age"]; row[sheet+2] != "2" || row[4] != "age" {
		t.Errorf("the row of age: %q", row)
	}
}
