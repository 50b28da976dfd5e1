package dataset_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// jobsInput is the study jobs, which asks in its second and third wave whether
// what was answered before still holds.
func jobsInput(t *testing.T, list ...dataset.Member) dataset.Input {
	t.Helper()
	folder, problems := study.Load(os.DirFS("../fieldwork/testdata/jobs"), ".")
	if err := problems.Err("broken", "the study jobs is broken"); err != nil {
		t.Fatal(err)
	}
	in := dataset.Input{Study: folder.Study, Versions: map[dataset.Ref]*questionnaire.Questionnaire{}, Members: members(list...), Total: len(list)}
	for _, v := range folder.Versions {
		in.Versions[dataset.Ref{Key: v.Key, Number: v.Number}] = v.Questionnaire
	}
	for _, d := range folder.Decisions {
		in.Decisions = append(in.Decisions, dataset.Decision{Question: d.Question, To: dataset.Ref{Key: d.Questionnaire, Number: d.Version}, Verdict: d.Verdict, Reason: d.Reason})
	}
	return in
}

// informed makes the document of an interview that was told of earlier answers:
// "told job=welder@1; job=fitter changed; hours= passed". A question without a word
// was answered where nothing was offered.
func informed(told, answers string) string {
	d, _ := interview.Decode("")
	if told != "" {
		c := interview.Change{Earlier: map[string]interview.Earlier{}, Proof: &interview.Proof{Way: interview.ByDevice, Device: "phone"}}
		for _, one := range strings.Fields(told) {
			name, value, _ := strings.Cut(one, "=")
			value, wave, _ := strings.Cut(value, "@")
			c.Earlier[name] = interview.Earlier{Value: value, Wave: int(wave[0] - '0'), At: 1}
		}
		d.Apply(c, day("2016-03-03"))
	}
	for one := range strings.SplitSeq(answers, ";") {
		answer, outcome, _ := strings.Cut(strings.TrimSpace(one), " ")
		name, value, _ := strings.Cut(answer, "=")
		c := interview.Change{Page: name, Answers: map[string]string{name: value}}
		if outcome != "" {
			c.Prefills = map[string]interview.Outcome{name: interview.Outcome(outcome)}
		}
		d.Apply(c, day("2016-03-03"))
	}
	return d.Encode()
}

func TestWhatWasShownOfEarlierWaves(t *testing.T) {
	person := func(id string, cohort int, interviews ...dataset.Interview) dataset.Member {
		return dataset.Member{ExportID: id, Cohort: cohort, Status: dataset.Active, Invited: []int{1, 2, 3}, Interviews: interviews}
	}
	first := given(1, 1, true, informed("", "employed=yes; job=welder; hours=40; tasks=weld; first=baker"))
	broken := given(2, 1, false, informed("job=welder@1 hours=40@1 tasks=weld@1", "employed=yes; job=welder confirmed"))
	paper := given(2, 1, true, informed("", "employed=yes; job=fitter; hours=38; tasks=x; first=y"))
	paper.Mode = "paper"
	in := jobsInput(t,
		person("A", 1, first,
			given(2, 1, true, informed("job=welder@1 hours=40@1 tasks=weld@1", "employed=yes; job=welder confirmed; hours=35 changed; tasks= passed")),
			given(3, 2, true, informed("job=welder@2 tasks=weld@1", "employed=yes; job=refused declined; hours=30; tasks=paint changed; changed=x"))),
		person("B", 1, first, broken, given(3, 2, true, informed("job=welder@2", "employed=no; hours=; tasks=x; changed=x"))),
		person("C", 1, first, paper),
		person("D", 2, given(2, 1, true, informed("", "employed=yes; job=fitter; hours=20; tasks=x; first=y"))))
	table := read(t, in, nil)
	for _, c := range []struct {
		id   string
		wave int
		want string // job_pre job_prew job_preo, hours' and tasks' likewise
	}{
		{"A", 1, "job:-8 -8 0 hours:-8 -8 0 tasks:-8 -8 0 first:baker"},
		{"A", 2, "job:1 1 1 hours:40 1 2 tasks:weld 1 -3 first:-8"},
		{"A", 3, "job:1 2 3 hours:-5 -5 -5 tasks:weld 1 2 first:-8"},
		{"B", 2, "job:1 1 1 hours:-4 -4 -4 tasks:-4 -4 -4 first:-8"},
		{"B", 3, "job:-8 -8 -8 hours:-5 -5 -5 tasks:-8 -8 0 first:-8"}, // not asked for the job, and not shown on this device what was said of tasks
		{"C", 2, "job:-8 -8 0 hours:-8 -8 0 tasks:-8 -8 0 first:y"},
		{"C", 3, "job:-6 -6 -6 hours:-6 -6 -6 tasks:-6 -6 -6 first:-6"},
		{"D", 1, "job:-12 -12 -12 hours:-12 -12 -12 tasks:-12 -12 -12 first:-12"},
	} {
		row := table.long[c.id][c.wave]
		cell := func(name string) string {
			cell, ok := row[name]
			switch {
			case !ok:
				return "?"
			case cell.Missing != 0:
				return fmt.Sprint(int(cell.Missing))
			case cell.Kind == dataset.Text:
				return cell.Text
			}
			return fmt.Sprint(cell.Number)
		}
		var got []string
		for _, q := range []string{"job", "hours", "tasks"} {
			got = append(got, fmt.Sprintf("%s:%s %s %s", q, cell(q+"_pre"), cell(q+"_prew"), cell(q+"_preo")))
		}
		if s := strings.Join(append(got, "first:"+cell("first")), " "); s != c.want {
			t.Errorf("%s in wave %d: %s, want %s", c.id, c.wave, s, c.want)
		}
	}
	if s := table.long["A"][2]["tasks_pre_s"]; s.Number != 0 || s.Missing != 0 {
		t.Errorf("the companion of what was shown: %+v", s)
	}
	if s := table.long["A"][1]["tasks_pre_s"]; s.Missing != dataset.NotApplicable {
		t.Errorf("the companion of what was not shown: %+v", s)
	}
	// hours is two variables, and so is what was shown of it.
	if _, ok := table.long["A"][3]["hours_v2_pre"]; !ok {
		t.Error("the second variable of hours has no earlier answer")
	}
	for _, v := range table.d.Variables {
		switch v.Name {
		case "job_pre":
			if len(v.Values) != 2 || v.Role != dataset.Offered || v.Label["sv"] != "Vad arbetar du som? – tidigare svar som visades" {
				t.Errorf("job_pre: %+v", v)
			}
		case "job_preo":
			if len(v.Values) != 4 || v.Values[1].Label["en"] != "Confirmed" {
				t.Errorf("job_preo: %+v", v)
			}
		}
	}
}

// The names keep out of each other's way, and are frozen no differently from
// those of options.
func TestNamesOfWhatWasShown(t *testing.T) {
	a := ask(questionnaire.Integer, "a_name_of_18_chars")
	a.DefaultExpr = ex("${last-saved#a_name_of_18_chars}")
	b := ask(questionnaire.Integer, "b")
	b.DefaultExpr = ex("${last-saved#b}")
	c := ask(questionnaire.Integer, "b_pre")
	m := ask(questionnaire.SelectMultiple, "m", from(list("l", "x", "y")))
	m.DefaultExpr = ex("${last-saved#m}")
	d, _ := interview.Decode("")
	d.Apply(interview.Change{Earlier: map[string]interview.Earlier{"m": {Value: "y x", Wave: 1}}, Proof: &interview.Proof{Way: interview.ByDevice}}, late)
	d.Apply(interview.Change{Page: "m", Answers: map[string]string{"m": "x"}, Prefills: map[string]interview.Outcome{"m": interview.Changed}}, late)
	in := dataset.Input{Study: aStudy(1), Versions: map[dataset.Ref]*questionnaire.Questionnaire{ref(1): form(b, a, c, m)},
		Members: members(dataset.Member{ExportID: "A", Cohort: 1, Status: dataset.Active, Interviews: []dataset.Interview{given(1, 1, true, d.Encode())}})}
	table := read(t, in, nil)
	row := table.long["A"][1]
	for _, name := range []string{"b_pre", "b_prew", "b_preo", "a_name_of_18_chars_pre", "a_name_of_18_chars_preo", "m_pre", "m_pre_s"} {
		if _, ok := row[name]; !ok {
			t.Errorf("there is no %s", name)
		}
	}
	if row["m_pre"].Text != "2 1" || row["m_preo"].Number != 2 {
		t.Errorf("several choices: %+v", row["m_pre"])
	}
	seen := map[string]bool{}
	for _, col := range table.d.Wide() {
		if len(col.Name) > 32 || seen[strings.ToLower(col.Name)] {
			t.Errorf("the name %s", col.Name)
		}
		seen[strings.ToLower(col.Name)] = true
	}
}
