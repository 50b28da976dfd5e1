package dataset_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/questionnaire"
)

const homeV1 = `
| survey |
| | type | name | label | relevant | repeat_count | calculation |
| | integer | size | How many? | | | |
| | begin repeat | person | Person | | ${size} | |
| | text | name | Name? | | | |
| | integer | age | Age? | | | |
| | select_one yn | works | Works? | ${age} > 15 | | |
| | begin repeat | job | Job | ${works} = 'yes' | | |
| | integer | hours | Hours? | | | |
| | calculate | double | | | | ${hours} * 2 |
| | end repeat | | | | | |
| | end repeat | | | | | |
| | calculate | ages | | | | sum(${age}) |
| | select_one ${name} | oldest | Who is the oldest? | | | |
| | select_multiple ${name} | present | Who is here? | | | |
| choices |
| | list_name | name | label |
| | yn | yes | Yes |
| | yn | no | No |
`

func markdown(t *testing.T, text string) *questionnaire.Questionnaire {
	t.Helper()
	book, problems := questionnaire.ReadMarkdown(text)
	q, more := questionnaire.Compile(book)
	if q == nil {
		t.Fatal(problems, more)
	}
	return q
}

// tables writes the rows of every table as people read them.
func tables(t *testing.T, in dataset.Input, tally *dataset.Tally) map[string][]string {
	t.Helper()
	in.Now = late
	d, err := dataset.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, table := range d.Tables {
		var head []string
		for _, c := range table.Columns {
			head = append(head, c.Name)
		}
		out[table.Name] = []string{strings.Join(head, " ")}
	}
	for r, err := range d.Rows(tally) {
		if err != nil {
			t.Fatal(err)
		}
		for i, table := range d.Tables {
			for _, row := range r.Tables[i] {
				var cells []string
				for j, c := range row {
					if n, ok := c.Code(table.Columns[j].Variable); ok {
						cells = append(cells, fmt.Sprint(n))
					} else {
						cells = append(cells, c.Text)
					}
				}
				out[table.Name] = append(out[table.Name], strings.Join(cells, " "))
			}
		}
	}
	return out
}

func TestRepeatsAreTables(t *testing.T) {
	// The second version asks for the shoe size of each person, and no longer who works.
	second := strings.Replace(homeV1, "| | integer | age | Age? | | | |", "| | integer | age | Age? | | | |\n| | integer | shoe | Shoe size? | | | |", 1)
	one, two := markdown(t, homeV1), markdown(t, second)
	full := document("size", "2", "person", "1 2", "name@1", "Elsa", "age@1", "9", "name@2", "Olle", "age@2", "40", "works@2", "yes",
		"job@2", "1 3", "hours@2.1", "10", "hours@2.3", "30", "hours@2.2", "99", "name@3", "left out", "oldest", "2", "present", "1 2", "|", "works@1")
	broken := document("size", "3", "name@1", "Eva", "age@1", "50")
	none := document("size", "0", "|", "oldest", "present")
	in := dataset.Input{Study: aStudy(1, 2), Versions: map[dataset.Ref]*questionnaire.Questionnaire{ref(1): one, ref(2): two}, Members: members(
		dataset.Member{ExportID: "A", Cohort: 1, Status: dataset.Active, Interviews: []dataset.Interview{given(1, 1, true, full), given(2, 2, true, none)}},
		dataset.Member{ExportID: "B", Cohort: 1, Status: dataset.Active, Interviews: []dataset.Interview{given(1, 1, false, broken)}},
		dataset.Member{ExportID: "C", Cohort: 1, Status: dataset.Erased, Interviews: []dataset.Interview{given(1, 1, true, full)}},
		dataset.Member{ExportID: "D", Cohort: 1, Status: dataset.Active},
	)}
	var tally dataset.Tally
	got := tables(t, in, &tally)
	want := map[string][]string{
		"person": {"id wave person_no name name_s age shoe works job",
			"A 1 1 Elsa 0 9 -5 -8 -8",
			"A 1 2 Olle 0 40 -5 1 2",
			"B 1 1 Eva 0 50 -5 -4 -4",
			"B 1 2  -4 -4 -5 -4 -4",
			"B 1 3  -4 -4 -5 -4 -4"},
		"job": {"id wave person_no job_no hours double_q", "A 1 2 1 10 20", "A 1 2 3 30 60"},
	}
	for name, rows := range want {
		// an age may be negative here: its codes are −9912 … −9901
		for i := range got[name] {
			got[name][i] = strings.NewReplacer("-990", "-").Replace(got[name][i])
		}
		if !slices.Equal(got[name], rows) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got[name], "\n"), strings.Join(rows, "\n"))
		}
	}
	if len(got) != 2 || tally.Rows[0] != 5 || tally.Rows[1] != 2 {
		t.Errorf("tables %v, rows %v", got, tally.Rows)
	}
	r := read(t, in, nil)
	a, second1 := r.long["A"][1], r.long["A"][2]
	for name, wanted := range map[string]float64{"size": 2, "person": 2, "ages": 49, "oldest": 2} {
		if a[name].Number != wanted || a[name].Missing != 0 {
			t.Errorf("%s is %+v", name, a[name])
		}
	}
	if a["present"].Text != "1 2" {
		t.Errorf("present is %+v", a["present"])
	}
	if c := second1["person"]; c.Missing != 0 || c.Number != 0 || second1["oldest"].Missing != dataset.NotApplicable {
		t.Errorf("of nobody: %+v, the oldest %+v", c, second1["oldest"])
	}
	if c := r.long["B"][1]; c["person"].Number != 3 || c["oldest"].Missing != dataset.NotReached {
		t.Errorf("broken off: %+v, the oldest %+v", c["person"], c["oldest"])
	}
	for _, name := range []string{"name", "age", "hours", "person_no"} {
		if _, there := a[name]; there {
			t.Errorf("%s of a repeat stands in the rows of the waves", name)
		}
	}
}

// TestAddedRepeat has instances that the respondent added and removed.
func TestAddedRepeat(t *testing.T) {
	form := markdown(t, `
| survey |
| | type | name | label |
| | begin repeat | course | Course |
| | text | what | Which? |
| | integer | id | How long? |
| | end repeat | | |
| | text | end | More? |
`)
	in := dataset.Input{Study: aStudy(1), Versions: map[dataset.Ref]*questionnaire.Questionnaire{ref(1): form}, Members: members(
		dataset.Member{ExportID: "A", Cohort: 1, Status: dataset.Active, Interviews: []dataset.Interview{given(1, 1, true,
			document("course", "1 3", "course@1", "added", "course@2", "removed", "course@3", "added", "what@1", "Welding", "what@2", "Gone", "id@3", "5", "end", "no", "|", "what@3"))}},
		dataset.Member{ExportID: "B", Cohort: 1, Status: dataset.Active, Interviews: []dataset.Interview{given(1, 1, true, document("end", "no", "|", "course"))}},
		dataset.Member{ExportID: "C", Cohort: 1, Status: dataset.Active, Interviews: []dataset.Interview{given(1, 1, false, document())}},
	)}
	got := tables(t, in, nil)["course"]
	want := []string{"id wave course_no what what_s id_q", "A 1 1 Welding 0 -9903", "A 1 3  -3 5"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	r := read(t, in, nil)
	if a, b, c := r.long["A"][1]["course"], r.long["B"][1]["course"], r.long["C"][1]["course"]; a.Number != 2 || b.Missing != 0 || b.Number != 0 || c.Missing != dataset.NotReached {
		t.Errorf("numbers of instances: %+v %+v %+v", a, b, c)
	}
}

// What is worked out from questions that somebody never came to was not reached
// either: sum() and count() of nothing would say 0.
func TestCalculationsOfWhatWasNotReached(t *testing.T) {
	form := markdown(t, `
| survey |
| | type | name | label | repeat_count | calculation |
| | integer | size | How many? | | |
| | begin repeat | pet | Pet | ${size} | |
| | text | called | Name? | | |
| | end repeat | | | | |
| | begin repeat | child | Child | | |
| | integer | age | Age? | | |
| | end repeat | | | | |
| | calculate | children | | | count(${child}) |
| | calculate | years | | | sum(${age}) |
| | calculate | year | | | 2000 + 17 |
| | text | end | More? | | |
`)
	for _, c := range []struct {
		what      string
		doc       []string
		submitted bool
		want      string // pet, children, years, year
	}{
		{"broke off at once", nil, false, "-4 -4 -4 2017"},
		{"left the number of pets blank", []string{"|", "size"}, false, "-9 -4 -4 2017"},
		{"said that there are no children", []string{"size", "0", "|", "child"}, false, "0 0 0 2017"},
		{"broke off at the age of a child", []string{"size", "0", "child", "1"}, false, "0 1 -4 2017"},
		{"broke off after the children", []string{"size", "0", "child", "1", "age@1", "7"}, false, "0 1 7 2017"},
		{"submitted without seeing any of it", nil, true, "-9 0 0 2017"},
	} {
		in := dataset.Input{Study: aStudy(1), Versions: map[dataset.Ref]*questionnaire.Questionnaire{ref(1): form}, Members: members(
			dataset.Member{ExportID: "A", Cohort: 1, Status: dataset.Active, Interviews: []dataset.Interview{given(1, 1, c.submitted, document(c.doc...))}})}
		row := read(t, in, nil).long["A"][1]
		var got []string
		for _, name := range []string{"pet", "children", "years", "year"} {
			if cell := row[name]; cell.Missing != 0 {
				got = append(got, fmt.Sprint(int(cell.Missing)))
			} else {
				got = append(got, fmt.Sprint(cell.Number))
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.what, s, c.want)
		}
	}
}
