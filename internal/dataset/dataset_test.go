package dataset_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/panel"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// show writes a cell as a test expects it: the number, the text in quotes, or
// the missing code.
func show(c dataset.Cell) string {
	switch {
	case c.Missing != 0:
		return fmt.Sprint(int(c.Missing))
	case c.Kind == dataset.Number:
		return fmt.Sprint(c.Number)
	case c.Kind == dataset.Text:
		return fmt.Sprintf("%q", c.Text)
	}
	return fmt.Sprintf("%s %s %v", c.Kind, c.Text, c.Number)
}

func check(t *testing.T, row map[string]dataset.Cell, want map[string]string) {
	t.Helper()
	for name, w := range want {
		c, ok := row[name]
		if got := show(c); !ok || got != w {
			t.Errorf("%s is %s (there: %v), want %s", name, got, ok, w)
		}
	}
}

func factory() (v1, v2 *questionnaire.Questionnaire) {
	agree := list("agree", "no", "partly", "yes", "?dk", "!ref")
	tools1, tools2 := list("tools", "robot", "tablet", "!ref"), list("tools", "robot", "tablet", "glasses", "!ref")
	order := list("aims", "pay", "time", "safety")
	v1 = form(
		ask(questionnaire.SelectOne, "uses_robot", from(agree)),
		ask(questionnaire.Integer, "hours", when("${uses_robot} = 'yes'"), must(". >= 0 and . <= 80")),
		ask(questionnaire.SelectMultiple, "tools", from(tools1)),
		ask(questionnaire.Rank, "aims", from(order)),
		ask(questionnaire.Text, "comment"),
		ask(questionnaire.Date, "since"),
		ask(questionnaire.Decimal, "balance"),
		ask(questionnaire.Note, "thanks"),
		ask(questionnaire.Calculate, "hours_day", calc("${hours} div 5")),
	)
	v2 = form(
		ask(questionnaire.SelectOne, "uses_robot", from(agree), label("Arbetar du med en robot?")),
		ask(questionnaire.Integer, "hours", when("${uses_robot} = 'yes'"), must(". >= 0 and . <= 80")),
		ask(questionnaire.SelectMultiple, "tools", from(tools2)),
		ask(questionnaire.Acknowledge, "read_it"),
		ask(questionnaire.Text, "comment"),
		ask(questionnaire.Integer, "balance"),
		ask(questionnaire.DateTime, "moment"),
	)
	return v1, v2
}

func factoryInput(list ...dataset.Member) dataset.Input {
	v1, v2 := factory()
	return dataset.Input{
		Study: aStudy(1, 1, 2), Members: members(list...), Total: len(list),
		Versions: map[dataset.Ref]*questionnaire.Questionnaire{ref(1): v1, ref(2): v2},
	}
}

func TestCells(t *testing.T) {
	full := dataset.Member{ExportID: "p1", Cohort: 1, Status: dataset.Active, Invited: []int{1, 2, 3}, Interviews: []dataset.Interview{
		given(1, 1, true, document("uses_robot", "yes", "hours", "10", "tools", "tablet robot", "aims", "time pay safety",
			"comment", "=1+1", "since", "2016-02-29", "balance", "-1.5")),
		// What was answered before the answer above it changed is not given out.
		given(2, 1, true, document("uses_robot", "no", "hours", "33", "tools", "ref", "aims", "safety", "|", "comment", "since", "balance")),
		given(3, 2, false, document("uses_robot", "dk", "tools", "glasses", "|", "read_it")),
	}}
	got := read(t, factoryInput(full), nil)
	check(t, got.long["p1"][1], map[string]string{
		"id": `"p1"`, "cohort": "1", "member": "1", "pattern": `"110"`, "wave": "1", "disposition": "110", "mode": "1",
		"interview_lang": "1", "version": "1", "minutes": "10",
		"uses_robot": "3", "hours": "10", "tools": `"2 1"`, "tools_1": "1", "tools_2": "1", "tools_3": "-5", "tools_s": "0",
		"aims_1": "2", "aims_2": "1", "aims_3": "3", "comment": `"=1+1"`, "comment_s": "0",
		"since": "date 2016-02-29 16860", "since_s": "0", "balance": "-1.5", "hours_day": "2", "read_it": "-5", "moment": "-5",
	})
	check(t, got.long["p1"][2], map[string]string{
		"uses_robot": "1", "hours": "-8", "hours_day": "-9", "tools": "-2", "tools_1": "-2", "tools_2": "-2", "tools_3": "-5", "tools_s": "-2",
		"aims_1": "-3", "aims_3": "1", "comment": "-3", "comment_s": "-3", "since": "-3", "balance": "-3",
	})
	check(t, got.long["p1"][3], map[string]string{
		"disposition": "212", "uses_robot": "-1", "hours": "-8", "tools": `"3"`, "tools_1": "0", "tools_2": "0", "tools_3": "1",
		"read_it": "-3", "comment": "-4", "comment_s": "-4", "moment": "-4", "aims_1": "-5", "since": "-5", "since_s": "-5",
		"balance": "-5", "balance_v2": "-4",
	})
	check(t, got.wide["p1"], map[string]string{"id": `"p1"`, "hours_w1": "10", "hours_w2": "-8", "hours_w3": "-8", "comment_s_w3": "-4"})
	if slices.ContainsFunc(got.d.Variables, func(v *dataset.Variable) bool { return v.Question == "thanks" }) {
		t.Error("a note became a variable")
	}
}

// Who breaks off before the question that decides was not routed past what it
// decides about; who passed it was.
func TestBreakingOffBeforeTheFilter(t *testing.T) {
	got := read(t, factoryInput(
		dataset.Member{ExportID: "early", Cohort: 1, Status: dataset.Active, Invited: []int{1}, Interviews: []dataset.Interview{given(1, 1, false, document("comment", "x"))}},
		dataset.Member{ExportID: "late", Cohort: 1, Status: dataset.Active, Invited: []int{1}, Interviews: []dataset.Interview{given(1, 1, false, document("uses_robot", "no"))}},
		dataset.Member{ExportID: "blank", Cohort: 1, Status: dataset.Active, Invited: []int{1}, Interviews: []dataset.Interview{given(1, 1, false, document("|", "uses_robot"))}},
		dataset.Member{ExportID: "done", Cohort: 1, Status: dataset.Active, Invited: []int{1}, Interviews: []dataset.Interview{given(1, 1, true, document("comment", "x"))}},
	), nil)
	for id, want := range map[string]string{"early": "-4", "late": "-8", "blank": "-8", "done": "-8"} {
		check(t, got.long[id][1], map[string]string{"hours": want})
	}
}

func TestAbsence(t *testing.T) {
	in := factoryInput(
		dataset.Member{ExportID: "new", Cohort: 3, Status: dataset.Active, Invited: []int{3}},
		dataset.Member{ExportID: "left", Cohort: 1, Status: dataset.Left, LeftAt: day("2017-02-10"), Invited: []int{1, 2},
			Events: []panel.Event{{Kind: panel.Left, At: day("2017-02-10")}}, Interviews: []dataset.Interview{
				given(1, 1, true, document("uses_robot", "partly")), given(2, 1, false, document("uses_robot", "partly"))}},
		dataset.Member{ExportID: "erased", Cohort: 2, Status: dataset.Erased, LeftAt: day("2017-03-10"), Invited: []int{2, 3},
			Attributes: map[string]string{"country": "se"},
			Events:     []panel.Event{{Kind: panel.Submitted, Wave: 2, At: day("2017-02-03")}, {Kind: panel.Erased, At: day("2017-03-10")}}},
		dataset.Member{ExportID: "dead", Cohort: 1, Status: dataset.Dead, Invited: []int{1, 2},
			Events: []panel.Event{{Kind: panel.Died, At: day("2017-02-05")}}, Interviews: []dataset.Interview{given(1, 1, true, document())}},
	)
	in.Study.Attributes = []study.Attribute{
		{Name: "country", Label: sv("Land"), Choices: []study.Choice{{Name: "se", Code: 46, Label: sv("Sverige")}}},
		{Name: "site", Label: sv("Arbetsplats")},
	}
	var tally dataset.Tally
	got := read(t, in, &tally)
	check(t, got.wide["new"], map[string]string{"uses_robot_w1": "-12", "uses_robot_w2": "-12", "uses_robot_w3": "-6", "country": "-9",
		"site": "-9", "site_s": "-9", "pattern": `"..0"`, "disposition_w1": "-12", "disposition_w3": "220", "aims_1_w3": "-6"})
	check(t, got.wide["left"], map[string]string{"uses_robot_w1": "2", "uses_robot_w2": "2", "balance_w2": "-11", "uses_robot_w3": "-11",
		"disposition_w2": "211", "disposition_w3": "-11", "hours_w2": "-8", "hours_day_w2": "-11", "read_it_w2": "-5", "mode_w3": "-11"})
	check(t, got.wide["erased"], map[string]string{"uses_robot_w1": "-11", "uses_robot_w2": "-11", "uses_robot_w3": "-11", "country": "-11",
		"site": "-11", "member": "3", "pattern": `"..."`, "disposition_w2": "-11", "cohort": "2"})
	check(t, got.wide["dead"], map[string]string{"uses_robot_w1": "-3", "comment_w2": "-6", "disposition_w2": "231", "disposition_w3": "-6", "pattern": `"100"`})

	w2 := tally.Waves[1]
	if tally.Members != 4 || w2.Dispositions["1.1"] != 1 || w2.Dispositions["2.11"] != 1 || w2.Dispositions["2.31"] != 1 || !w2.HasFrame {
		t.Errorf("the tally of wave 2 is %+v", w2)
	}
	if p := tally.Retention.Patterns(); len(p) != 3 || p[0] != (panel.Tally{Pattern: "100", N: 2}) {
		t.Errorf("patterns %v", p)
	}
}

func TestWavesThatHaveNotOpenedAreLeftOut(t *testing.T) {
	in := factoryInput(dataset.Member{ExportID: "p", Cohort: 1, Status: dataset.Active})
	in.Now = day("2017-02-02")
	got := read(t, in, nil)
	if len(got.d.Waves) != 2 || len(got.long["p"]) != 2 {
		t.Errorf("%d waves, %d rows", len(got.d.Waves), len(got.long["p"]))
	}
	for _, v := range got.d.Variables {
		if v.Question == "read_it" {
			t.Error("a question that no wave has fielded is a variable")
		}
	}
	in.Now = day("2016-01-01")
	got = read(t, in, nil)
	if len(got.wide["p"]) == 0 || len(got.long["p"]) != 0 {
		t.Errorf("before the first wave: wide %v, long %v", got.wide["p"], got.long["p"])
	}
}

func TestNegativeVariablesMoveTheirMissingCodes(t *testing.T) {
	for constraint, want := range map[string]bool{
		"": true, ". >= 0": false, ". > 0 and . < 10": false, "0 <= .": false, ". < 10": true, ". >= -5": true,
		". = 0 or . >= 18": false, ". >= 0 or . = -1": true, ". >= ${other}": true, "not(. < 0)": true,
	} {
		var change []func(*questionnaire.Item)
		if constraint != "" {
			change = append(change, must(constraint))
		}
		d, err := dataset.Build(dataset.Input{Study: aStudy(1), Now: late, Versions: map[dataset.Ref]*questionnaire.Questionnaire{
			ref(1): form(ask(questionnaire.Decimal, "wage", change...))}})
		if err != nil {
			t.Fatal(err)
		}
		v := d.Long()[len(d.Long())-1].Variable
		if v.Negative != want {
			t.Errorf("with constraint %q negative is %v", constraint, v.Negative)
		}
		code, ok := dataset.Cell{Missing: dataset.Blank}.Code(v)
		if wanted := map[bool]float64{false: -3, true: -9903}[want]; !ok || code != wanted {
			t.Errorf("with constraint %q a blank is %v", constraint, code)
		}
		if m, ok := dataset.MissingOf(code, want); !ok || m != dataset.Blank {
			t.Errorf("%v reads back as %v", code, m)
		}
	}
}

func TestCalculations(t *testing.T) {
	for source, want := range map[string]string{
		"count-selected(${tools})":                                    "number",
		"if(selected(${tools}, 'none'), 0, count-selected(${tools}))": "number",
		"${hours} * 2 - 1":                                            "number that can be negative",
		"if(${hours} > 3, ${hours}, '')":                              "number that can be negative",
		"concat(${hours}, ' h')":                                      "text",
		"if(${hours} > 3, 'long', 'short')":                           "text",
		"${tools}":                                                    "text",
		"today()":                                                     "text",
	} {
		d, err := dataset.Build(dataset.Input{Study: aStudy(1), Now: late, Versions: map[dataset.Ref]*questionnaire.Questionnaire{
			ref(1): form(ask(questionnaire.Integer, "hours"), ask(questionnaire.SelectMultiple, "tools", from(list("tools", "robot", "none"))),
				ask(questionnaire.Calculate, "calculated", calc(source)))}})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range d.Variables {
			if v.Name != "calculated" {
				continue
			}
			got := v.Kind.String()
			if v.Negative {
				got += " that can be negative"
			}
			if got != want {
				t.Errorf("%s is a %s, want %s", source, got, want)
			}
		}
	}
}

func TestCodesAreFrozen(t *testing.T) {
	code := func(n int) *int { return &n }
	v1 := form(ask(questionnaire.SelectOne, "sector", from(list("sector", "steel", "paper", "!ref"))),
		ask(questionnaire.SelectOne, "year", from(list("year", "2015", "2016"))),
		ask(questionnaire.SelectOne, "agree", from(list("agree5", "no", "yes"))))
	l := list("sector", "paper", "food", "steel", "cars")
	l.Choices[1].Code = code(2)  // taken by paper
	l.Choices[2].Code = code(50) // steel has 1
	l.Choices[3].Code = code(7)
	v2 := form(ask(questionnaire.SelectOne, "sector", from(l)),
		ask(questionnaire.SelectOne, "year", from(list("year", "2017", "2016"))),
		ask(questionnaire.SelectOne, "agree", from(list("agree5b", "yes", "no", "maybe"))))
	d, err := dataset.Build(dataset.Input{Study: aStudy(1, 2), Now: late,
		Versions: map[dataset.Ref]*questionnaire.Questionnaire{ref(1): v1, ref(2): v2}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"sector": "1=steel 2=paper 7=cars 8=food", "year": "2015=2015 2016=2016 2017=2017", "agree": "1=no 2=yes 3=maybe",
	}
	for _, v := range d.Variables {
		if w, ok := want[v.Name]; ok {
			var got []string
			for _, value := range v.Values {
				got = append(got, fmt.Sprintf("%d=%s", value.Code, value.Name))
			}
			if strings.Join(got, " ") != w {
				t.Errorf("%s has %v, want %s", v.Name, got, w)
			}
			delete(want, v.Name)
		}
	}
	if len(want) > 0 {
		t.Errorf("split or lost: %v", want)
	}
	if n := len(d.Notes); n != 2 {
		t.Errorf("%d notes: %+v", n, d.Notes)
	}
}

func TestVersionsThatCannotBeCompared(t *testing.T) {
	v1 := form(ask(questionnaire.SelectOne, "age", from(list("bands", "young", "old"))), ask(questionnaire.SelectOne, "flavour", from(list("ice", "vanilla"))),
		ask(questionnaire.Integer, "kept"))
	v2 := form(ask(questionnaire.Integer, "age"), ask(questionnaire.SelectOne, "flavour", from(list("ice", "rocky_road"))), ask(questionnaire.Integer, "kept"))
	in := dataset.Input{Study: aStudy(1, 2), Now: late, Versions: map[dataset.Ref]*questionnaire.Questionnaire{ref(1): v1, ref(2): v2},
		Decisions: []dataset.Decision{{Question: "kept", To: ref(2), Verdict: questionnaire.NewVariable, Reason: "the period asked about is another"}}}
	d, err := dataset.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range d.Long()[10:] {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, " "); got != "age age_v2 flavour flavour_v2 kept kept_v2" {
		t.Errorf("columns %s", got)
	}
	var notes []string
	for _, n := range d.Notes {
		notes = append(notes, n.Message)
	}
	for _, want := range []string{"the type was select_one and is integer", "no choice is the same", "the period asked about is another"} {
		if !strings.Contains(strings.Join(notes, "\n"), want) {
			t.Errorf("no note says %q: %v", want, notes)
		}
	}
	in.Decisions = []dataset.Decision{{Question: "flavour", To: ref(2), Verdict: questionnaire.SameVariable}}
	d, err = dataset.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(d.Long()[10:]); n != 4 {
		t.Errorf("with the decision %d columns", n)
	}
}

func TestNames(t *testing.T) {
	v1 := form(
		ask(questionnaire.Integer, "how_satisfied_are_you_with_pay"),
		ask(questionnaire.Integer, "how_satisfied_are_you_with_time"),
		ask(questionnaire.Integer, "ålder-år"),
		ask(questionnaire.Integer, "wave"),
		ask(questionnaire.Integer, "with"),
		ask(questionnaire.Integer, "Hours"), ask(questionnaire.Integer, "hours"),
		ask(questionnaire.Integer, "hours_w1"),
		ask(questionnaire.Integer, "q7", named("trust")), ask(questionnaire.Integer, "trust"),
		ask(questionnaire.Integer, "q8", named("1bad")),
		ask(questionnaire.Text, "job"), ask(questionnaire.Integer, "job_s"),
	)
	build := func(v2 *questionnaire.Questionnaire) map[string]string {
		d, err := dataset.Build(dataset.Input{Study: aStudy(1, 2), Now: late,
			Versions: map[dataset.Ref]*questionnaire.Questionnaire{ref(1): v1, ref(2): v2}})
		if err != nil {
			t.Fatal(err)
		}
		names, seen := map[string]string{}, map[string]bool{}
		for _, columns := range [][]dataset.Column{d.Long(), d.Wide()} {
			clear(seen)
			for _, c := range columns {
				low := strings.ToLower(c.Name)
				if seen[low] || len(c.Name) > 32 {
					t.Errorf("%s is there twice or too long", c.Name)
				}
				seen[low] = true
				if c.Variable.Role == dataset.Whole && c.Variable.Question != "" {
					names[c.Variable.Question] = c.Variable.Name
				}
			}
		}
		return names
	}
	got := build(v1)
	for question, want := range map[string]string{
		"how_satisfied_are_you_with_pay": "how_satisfied_are", "how_satisfied_are_you_with_time": "how_satisfied_ar_q", "ålder-år": "alder_ar",
		"wave": "wave_q", "with": "with_q", "Hours": "Hours", "hours": "hours_q", "hours_w1": "hours_w1_q", "q7": "trust", "trust": "trust_q",
		"q8": "q1bad", "job": "job", "job_s": "job_s",
	} {
		if got[question] != want {
			t.Errorf("%s is named %s, want %s", question, got[question], want)
		}
	}
	// A later version cannot take a name away.
	later := append([]*questionnaire.Item{ask(questionnaire.Integer, "Job"), ask(questionnaire.Integer, "q9", named("hours"))}, v1.Items...)
	for question, name := range build(form(later...)) {
		if was, ok := got[question]; ok && was != name {
			t.Errorf("%s was %s and is %s", question, was, name)
		}
	}
	if n := len(dataset.CheckNames(v1)); n != 7 {
		t.Errorf("%d warnings: %v", n, dataset.CheckNames(v1))
	}
}

func TestChanges(t *testing.T) {
	d, err := dataset.Build(dataset.Input{Study: aStudy(1, 2), Now: late, Versions: factoryInput().Versions})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range d.Changes {
		var kinds []string
		for _, k := range c.Kinds {
			kinds = append(kinds, string(k))
		}
		got[c.Question] = fmt.Sprint(strings.Join(kinds, "+"), " ", c.Same)
	}
	want := map[string]string{"uses_robot": "wording true", "tools": "categories true", "aims": "gone false", "since": "gone false",
		"balance": "type+order false", "comment": "order true", "read_it": "new false", "moment": "new false", "hours_day": "gone false"}
	for q, w := range want {
		if got[q] != w {
			t.Errorf("%s: %q, want %q", q, got[q], w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("changes: %v", got)
	}
}

func TestCorrectionsReplace(t *testing.T) {
	at := given(1, 1, true, document("uses_robot", "no", "comment", "typo", "|", "hours"))
	at.Corrections = map[string]string{"uses_robot": "yes", "hours": "12", "comment": ""}
	got := read(t, factoryInput(dataset.Member{ExportID: "p", Cohort: 1, Status: dataset.Active, Interviews: []dataset.Interview{at}}), nil)
	check(t, got.long["p"][1], map[string]string{"uses_robot": "3", "hours": "12", "comment": "-3"})
}

func TestImportedBlanksHaveNoReason(t *testing.T) {
	at := given(1, 1, true, document("uses_robot", "no"))
	at.Mode = dataset.Imported
	got := read(t, factoryInput(dataset.Member{ExportID: "p", Cohort: 1, Status: dataset.Active, Interviews: []dataset.Interview{at}}), nil)
	check(t, got.long["p"][1], map[string]string{"uses_robot": "1", "hours": "-8", "comment": "-9", "balance": "-9", "minutes": "-9", "mode": "4", "interview_lang": "-9"})
}

func TestMissingVersionsAreAllListed(t *testing.T) {
	in := factoryInput()
	in.Study, in.Now = aStudy(1, 5, 6), late
	_, err := dataset.Build(in)
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Problems) != 2 {
		t.Errorf("got %v", err)
	}
	broken := errors.New("connection lost")
	in = factoryInput()
	in.Now = late
	in.Members = func(yield func(dataset.Member, error) bool) { yield(dataset.Member{}, broken) }
	d, err := dataset.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range d.Rows(nil) {
		if !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	}
}

// TestReshape draws panels and holds that nothing is lost between the shapes,
// that every cell has a value or a reason, and that what is left over from one
// member never shows in the next.
func TestReshape(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var people []dataset.Member
		for i := range rapid.IntRange(1, 6).Draw(rt, "people") {
			m := dataset.Member{ExportID: fmt.Sprint("p", i), Cohort: rapid.IntRange(1, 3).Draw(rt, "cohort"),
				Status: rapid.SampledFrom([]dataset.Status{dataset.Active, dataset.Left, dataset.Erased}).Draw(rt, "status"), LeftAt: day("2017-02-10")}
			for w := m.Cohort; w <= 3; w++ {
				if rapid.Bool().Draw(rt, "answers") {
					m.Interviews = append(m.Interviews, given(w, 1+w/3, rapid.Bool().Draw(rt, "submitted"), document(
						"uses_robot", rapid.SampledFrom([]string{"yes", "no", "dk", "gone"}).Draw(rt, "robot"),
						"hours", rapid.StringMatching(`-?[0-9]{0,3}`).Draw(rt, "hours"), "comment", rapid.String().Draw(rt, "comment"),
						"tools", rapid.SampledFrom([]string{"robot", "tablet robot", "ref", "glasses x"}).Draw(rt, "tools"))))
				}
			}
			people = append(people, m)
		}
		in := factoryInput(people...)
		in.Now = late
		d, err := dataset.Build(in)
		if err != nil {
			rt.Fatal(err)
		}
		for r, err := range d.Rows(nil) {
			if err != nil {
				rt.Fatal(err)
			}
			if !slices.Equal(d.Widen(r.Long), r.Wide) {
				rt.Fatal("long → wide is not the wide row")
			}
			long := d.Lengthen(r.Wide)
			for w := range long {
				if !slices.Equal(long[w], r.Long[w]) {
					rt.Fatal("wide → long is not the long rows")
				}
				for i, c := range long[w] {
					if (c.Kind == 0) == (c.Missing == 0) {
						rt.Fatalf("%s has neither or both a value and a reason: %+v", d.Long()[i].Name, c)
					}
				}
			}
		}
	})
}

// Decisions hold on the way over versions that no wave has fielded, and what
// was frozen goes before anything that is worked out.
func TestDecisionsAndFrozenNamesMakeTheVariables(t *testing.T) {
	v := func() *questionnaire.Questionnaire {
		return form(ask(questionnaire.SelectOne, "flavour", from(list("ice", "vanilla", "rum"))), ask(questionnaire.Integer, "scoops"))
	}
	in := dataset.Input{Study: aStudy(1, 3), Now: late, Versions: map[dataset.Ref]*questionnaire.Questionnaire{ref(1): v(), ref(3): v()}}
	roots := func(in dataset.Input) string {
		d, err := dataset.Build(in)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, v := range d.Variables {
			if v.Type != "" {
				names = append(names, fmt.Sprint(v.Name, len(v.Sources)))
			}
		}
		return strings.Join(names, " ")
	}
	decision := func(to int, v questionnaire.Verdict) dataset.Decision {
		return dataset.Decision{Question: "scoops", To: ref(to), Verdict: v, Reason: "larger scoops"}
	}
	for _, c := range []struct {
		decisions []dataset.Decision
		want      string
	}{
		{nil, "flavour2 scoops2"},
		{[]dataset.Decision{decision(2, questionnaire.SameVariable), decision(3, questionnaire.SameVariable)}, "flavour2 scoops2"},
		{[]dataset.Decision{decision(2, questionnaire.NewVariable), decision(3, questionnaire.SameVariable)}, "flavour2 scoops1 scoops_v31"},
		{[]dataset.Decision{decision(4, questionnaire.NewVariable)}, "flavour2 scoops2"},
	} {
		in.Decisions = c.decisions
		if got := roots(in); got != c.want {
			t.Errorf("%v: %s, want %s", c.decisions, got, c.want)
		}
	}
	in.Decisions = nil
	in.Frozen = dataset.Frozen{
		Codes: []questionnaire.CodeRow{{List: "ice", Choice: "rum", Code: 1}, {List: "ice", Choice: "lime", Code: 2}},
		Roots: []dataset.Root{{Ref: ref(1), Question: "scoops", Name: "balls"}, {Ref: ref(3), Question: "scoops", Name: "flavour"}},
	}
	if got := roots(in); got != "flavour_q2 balls1 flavour1" {
		t.Errorf("frozen: %s", got)
	}
	d, err := dataset.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range d.Variables {
		if v.Question == "flavour" && fmt.Sprint(v.Values[0].Name, v.Values[0].Code, v.Values[1].Name, v.Values[1].Code) != "rum1vanilla3" {
			t.Errorf("codes %+v", v.Values)
		}
	}
	// Freezing what is worked out changes nothing, and again neither.
	in.Frozen = dataset.Frozen{}
	in.Decisions = []dataset.Decision{decision(3, questionnaire.NewVariable)}
	before := roots(in)
	for range 2 {
		if in.Frozen, err = dataset.Freeze(in.Study, in.Versions, in.Decisions, in.Frozen); err != nil {
			t.Fatal(err)
		}
		if got := roots(in); got != before || len(in.Frozen.Roots) != 4 || len(in.Frozen.Codes) != 2 {
			t.Errorf("frozen as worked out: %s, want %s; %+v", got, before, in.Frozen)
		}
	}
	if d, err = dataset.Build(in); err != nil || len(d.Changes) != 1 || d.Changes[0].Reason != "larger scoops" || d.Changes[0].Same {
		t.Errorf("changes %+v, %v", d.Changes, err)
	}
}
