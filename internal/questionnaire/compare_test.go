package questionnaire

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// pair is two versions and the verdict on them.
type pair struct {
	title   string
	old     *Questionnaire
	new     *Questionnaire
	verdict []string
}

// pairs reads the pairs of testdata/versions.md.
func pairs(t *testing.T) []pair {
	t.Helper()
	text, err := os.ReadFile("testdata/versions.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []pair
	for _, part := range strings.Split(string(text), "\n## ")[1:] {
		title, rest, _ := strings.Cut(part, "\n")
		before, rest, ok := strings.Cut(rest, "\nbecomes\n")
		after, verdict, ok2 := strings.Cut(rest, "\nverdict\n")
		if !ok || !ok2 {
			t.Fatalf("%s: not a pair", title)
		}
		p := pair{title: title, old: versionOf(t, title, before), new: versionOf(t, title, after)}
		for line := range strings.Lines(verdict) {
			if line = strings.TrimSpace(line); line != "" {
				p.verdict = append(p.verdict, line)
			}
		}
		out = append(out, p)
	}
	return out
}

// versionOf compiles tables that may have warnings.
func versionOf(t testing.TB, title, md string) *Questionnaire {
	t.Helper()
	q, ps := read(t, md)
	if q == nil {
		t.Fatalf("%s: %v", title, ps)
	}
	return q
}

// told writes a comparison as testdata/versions.md does.
func told(c *Comparison) (lines []string) {
	for _, d := range c.Questions {
		if d.Identical() {
			continue
		}
		var kinds, more []string
		for _, k := range d.Kinds {
			kinds = append(kinds, string(k))
		}
		if len(d.Languages) > 0 {
			more = append(more, "in "+strings.Join(d.Languages, " "))
		}
		if len(d.Stale) > 0 {
			more = append(more, "stale "+strings.Join(d.Stale, " "))
		}
		if d.CodeReused {
			more = append(more, "reused")
		}
		if name := d.RenamedTo + d.RenamedFrom; name != "" {
			more = append(more, "renamed "+name)
		}
		suggested := string(d.Suggested)
		if suggested == "" {
			suggested = "–"
		}
		line := fmt.Sprintf("%s: %s → %s", d.Question, strings.Join(kinds, "+"), suggested)
		if len(more) > 0 {
			line += " [" + strings.Join(more, ", ") + "]"
		}
		lines = append(lines, line)
	}
	return lines
}

func TestCompare(t *testing.T) {
	all := pairs(t)
	if len(all) < 40 {
		t.Errorf("%d pairs, want 40 at least", len(all))
	}
	for _, p := range all {
		if got := told(Compare(p.old, p.new)); !slices.Equal(got, p.verdict) {
			t.Errorf("%s:\n  got  %s\n  want %s", p.title, strings.Join(got, "\n       "), strings.Join(p.verdict, "\n       "))
		}
	}
}

// What holds for every pair of versions, whatever they are.
func TestCompareHolds(t *testing.T) {
	for _, p := range pairs(t) {
		for _, q := range []*Questionnaire{p.old, p.new} {
			if c := Compare(q, q); !c.Identical() || len(c.Questions) != len(q.Questions) || len(c.Reused()) > 0 {
				t.Errorf("%s: a version differs from itself: %v", p.title, told(c))
			}
		}
		there, back := Compare(p.old, p.new), Compare(p.new, p.old)
		if names(there, KindNew) != names(back, KindGone) || names(there, KindGone) != names(back, KindNew) {
			t.Errorf("%s: what is new one way is not gone the other way", p.title)
		}
		for _, kind := range []ChangeKind{KindType, KindScale, KindCategories, KindWording, KindLogic, KindLayout} {
			if names(there, kind) != names(back, kind) {
				t.Errorf("%s: %s differs by the direction: %q and %q", p.title, kind, names(there, kind), names(back, kind))
			}
		}
		for _, d := range there.Questions {
			if d.Identical() != (d.Severity == SeverityNone) || d.Identical() != (len(d.Details) == 0 && d.Old != nil && d.New != nil) {
				t.Errorf("%s: %s is %v with %d details and severity %s", p.title, d.Question, d.Kinds, len(d.Details), d.Severity)
			}
		}
	}
}

// names lists the questions of a kind, sorted; notes without names are left out.
func names(c *Comparison, kind ChangeKind) string {
	var out []string
	for _, d := range c.Questions {
		if d.Has(kind) && !unnamedNote.MatchString(d.Question) {
			out = append(out, d.Question)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// Every order of the choices is a change of order and of nothing else.
func TestPermutedChoicesAreOrderAlone(t *testing.T) {
	rows := []string{"| | l | a | Steel | 1 | |", "| | l | b | Paper | 2 | |", "| | l | c | Food | | |", "| | l | d | Cars | 9 | |", "| | l | e | No answer | | refused |"}
	form := func(order []int) *Questionnaire {
		md := "| survey |\n| | type | name | label |\n| | select_one l | q | Where? |\n| choices |\n| | list_name | name | label | code | missing |\n"
		for _, i := range order {
			md += rows[i] + "\n"
		}
		return versionOf(t, "permuted", md)
	}
	first := form([]int{0, 1, 2, 3, 4})
	var permute func(order []int, k int)
	count := 0
	permute = func(order []int, k int) {
		if k == len(order) {
			count++
			c := Compare(first, form(order)).Question("q")
			want := []ChangeKind{KindOrder}
			if slices.IsSorted(order) {
				want = []ChangeKind{KindIdentical}
			}
			if !slices.Equal(c.Kinds, want) || c.CodeReused {
				t.Errorf("%v: %v", order, c.Kinds)
			}
			return
		}
		for i := k; i < len(order); i++ {
			order[k], order[i] = order[i], order[k]
			permute(order, k+1)
			order[k], order[i] = order[i], order[k]
		}
	}
	permute([]int{0, 1, 2, 3, 4}, 0)
	if count != 120 {
		t.Fatalf("%d orders", count)
	}
}

// A random order of the choices is another order.
func TestRandomizedChoices(t *testing.T) {
	old, new := versionOf(t, "old", threeFlavours), versionOf(t, "new", threeFlavours)
	new.Question("flavour").Randomize = true
	if got := told(Compare(old, new)); !slices.Equal(got, []string{"flavour: order → same"}) {
		t.Error(got)
	}
}

// Moving some questions out of many moves those and no others.
func TestMovedQuestions(t *testing.T) {
	form := func(names ...string) *Questionnaire {
		md := "| survey |\n| | type | name | label |\n"
		for _, n := range names {
			md += "| | integer | " + n + " | How many " + n + "? |\n"
		}
		return versionOf(t, "moved", md)
	}
	for _, pair := range []struct{ before, after, want string }{
		{"a b c d e f", "a c d e b f", "b after a, now e"},
		// Each of a part that was moved is still asked after the one before it.
		{"a b c d e f g h", "a d e f g h b c", "b after a, now h; c after a, now h"},
	} {
		var moved []string
		for _, d := range Compare(form(strings.Fields(pair.before)...), form(strings.Fields(pair.after)...)).Questions {
			for _, x := range d.Details {
				if x.Aspect == AspectMoved {
					moved = append(moved, d.Question+" after "+x.Before+", now "+x.After)
				}
			}
		}
		if got := strings.Join(moved, "; "); got != pair.want {
			t.Errorf("%s → %s: %s", pair.before, pair.after, got)
		}
	}
}

func TestChoicesThatMeanSomethingElse(t *testing.T) {
	for _, c := range []struct {
		before, after string
		other         bool
	}{
		{"Vanilla", "Rocky road", true}, {"Vanila", "Vanilla", false}, {"vanilla", "Vanilla.", false}, {"Vanilla", "Vanilla ice cream", false},
		{"Yes", "No", true}, {"Ja", "Nej", true}, {"Yes, fully", "Yes, partly", true}, {"Agree", "Disagree", true}, {"Agree", "Strongly agree", true},
		{"Legal", "Illegal", true}, {"Betald", "Obetald", true}, {"zufrieden", "unzufrieden", true}, {"Nöjd", "Missnöjd", true}, {"задоволений", "незадоволений", true},
		{"Full time", "Part time", true}, {"Male", "Female", true}, {"Never", "Ever", true}, {"Often", "Not often", true}, {"Ofta", "Inte ofta", true},
		{"More than 10", "More than 100", true}, {"18–24", "18 – 24", false}, {"1 000 kr", "10 000 kr", true}, {"B2", "B3", true},
		{"Working out pay or bonus", "Working out wages or bonus", false}, {"Often", "Frequently", true}, {"I do not know the answer to that", "I do not know an answer to this", false},
		{"Steel works", "Steelworks", true}, {"☺", "☹", true}, {"😀", "😀", false}, {"Never", "Newer", true}, {"Maschinen und Metalwaren", "Maschinen und Metallwaren", false},
		{"Union member", "Union official", true}, {"The company", "A company", false}, {"Fredag", "Lördag", true}, {"Monday", "Sunday", true}, {"March", "Match", false},
	} {
		if got := otherMeaning(c.before, c.after); got != c.other {
			t.Errorf("%q to %q: other meaning %v, want %v", c.before, c.after, got, c.other)
		}
		if got := otherMeaning(c.after, c.before); got != c.other {
			t.Errorf("%q to %q: other meaning %v, want %v", c.after, c.before, got, c.other)
		}
	}
}

const threeFlavours = `
| survey |
| | type | name | label |
| | select_one flavours | flavour | Which do you like? |
| | integer | scoops | How many scoops? |
| choices |
| | list_name | name | label | code |
| | flavours | choc | Chocolate | 1 |
| | flavours | berry | Strawberry | 2 |
`

// A code stays taken when its choice is gone, and a question that comes back is
// compared with what it was.
func TestCompareKnowsEarlierVersions(t *testing.T) {
	v1 := versionOf(t, "v1", threeFlavours+"| | flavours | van | Vanilla | 3 |\n")
	v2 := versionOf(t, "v2", strings.ReplaceAll(threeFlavours, "| | integer | scoops | How many scoops? |\n", ""))
	v3 := versionOf(t, "v3", threeFlavours+"| | flavours | rocky | Rocky road | 3 |\n")
	if got := told(Compare(v2, v3)); !slices.Equal(got, []string{"flavour: categories → same", "scoops: new → new"}) {
		t.Errorf("without what was before: %v", got)
	}
	if got := told(Compare(v2, v3, v1)); !slices.Equal(got, []string{"flavour: categories → new [reused]", "scoops: new → same"}) {
		t.Errorf("with what was before: %v", got)
	}
	v3 = versionOf(t, "v3", strings.Replace(threeFlavours, "integer | scoops", "text | scoops", 1)+"| | flavours | van | Rocky road | |\n")
	if got := told(Compare(v2, v3, v1)); !slices.Equal(got, []string{"flavour: categories → new [in und, reused]", "scoops: new+type → new"}) {
		t.Errorf("a name that comes back: %v", got)
	}
	// Codes that were frozen over several versions are no news when they are written down.
	v2 = versionOf(t, "v2", strings.Replace(threeFlavours, "| | flavours | choc | Chocolate | 1 |\n", "", 1))
	if c := Compare(v2, v2, v1); !c.Identical() {
		t.Errorf("%v", told(c))
	}
}

func TestDecide(t *testing.T) {
	old := versionOf(t, "old", threeFlavours)
	vanilla := versionOf(t, "new", strings.Replace(threeFlavours, "| choc | Chocolate", "| choc | Liquorice", 1))
	worded := versionOf(t, "worded", strings.NewReplacer("Which do you like?", "Which do you like best?", "integer | scoops | How many scoops?", "text | size | What size?").Replace(threeFlavours))
	typed := versionOf(t, "typed", strings.Replace(threeFlavours, "integer | scoops", "text | scoops", 1))
	for _, c := range []struct {
		what   string
		new    *Questionnaire
		stated []Decision
		every  bool
		codes  string // of the problems
		want   string // the decisions
	}{
		{"nothing stated, nothing needed", worded, nil, false, "", "flavour same auto, scoops gone auto, size new auto"},
		{"nothing stated, all needed", worded, nil, true, "decision_missing", "scoops gone auto, size new auto"},
		{"stated", worded, []Decision{{Question: "flavour", Verdict: SameVariable, Reason: "means the same"}}, true, "", "flavour same, scoops gone auto, size new auto"},
		{"no reason", worded, []Decision{{Question: "flavour", Verdict: NewVariable, Reason: " "}}, true, "decision_reason", "flavour new, scoops gone auto, size new auto"},
		{"new questions are new", worded, []Decision{{Question: "size", Verdict: SameVariable}, {Question: "scoops", Verdict: NewVariable}}, false,
			"decision_impossible decision_impossible", "flavour same auto, scoops new, size same"},
		{"unknown and twice", worded, []Decision{{Question: "flavor", Verdict: SameVariable, Reason: "x"}, {Question: "flavour", Verdict: SameVariable, Reason: "x"},
			{Question: "flavour", Verdict: NewVariable, Reason: "x"}}, false, "decision_twice decision_unknown", "flavour same, scoops gone auto, size new auto"},
		{"a reused code, undecided", vanilla, nil, false, "code_reused", ""},
		{"a reused code as comparable", vanilla, []Decision{{Question: "flavour", Verdict: SameVariable, Reason: "who cares"}}, false, "code_reused", "flavour same"},
		{"a reused code as a new variable", vanilla, []Decision{{Question: "flavour", Verdict: NewVariable, Reason: "other flavours"}}, true, "", "flavour new"},
		{"another type as the same", typed, []Decision{{Question: "scoops", Verdict: SameVariable, Reason: "x"}}, true, "type_incompatible", "scoops same"},
		{"identical, and yet another variable", old, []Decision{{Question: "scoops", Verdict: NewVariable, Reason: "scoops are larger now"}}, true, "", "scoops new"},
	} {
		decisions, problems := Compare(old, c.new).Decide(c.stated, c.every)
		var codes, got []string
		for _, p := range problems.Errors() {
			codes = append(codes, p.Code)
		}
		slices.Sort(codes)
		for _, d := range decisions {
			s := d.Question + " " + string(d.Verdict)
			if d.Automatic {
				s += " auto"
			}
			got = append(got, s)
		}
		if strings.Join(codes, " ") != c.codes || strings.Join(got, ", ") != c.want {
			t.Errorf("%s: problems %v, want %s; decisions %v, want %s", c.what, codes, c.codes, got, c.want)
		}
	}
}

// Every field of a question and of a choice is compared, or is known to say
// nothing that a respondent or the data would notice.
func TestEveryFieldIsCompared(t *testing.T) {
	compared := map[string]bool{}
	for _, name := range strings.Fields(`Type List ListFrom Label Hint Guidance Media Appearance Variable Concept Need RequiredWhen RequiredMessage Relevant
		Constraint ConstraintMessage Calculation Triggers Default DefaultExpr ChoiceFilter Randomize Seed ReadOnly ReadOnlyWhen RangeStart RangeEnd
		RangeStep TickInterval TickLabels Placeholder TextRows Upload RepeatCount Repeat
		Name Parent Children Group
		Choice.Name Choice.Label Choice.Media Choice.Code Choice.Missing Choice.Columns`) {
		compared[name] = true
	}
	// Row moves with every insertion; OrOther adds a choice and a question;
	// the references follow from texts and logic, which are compared; so does Told.
	for _, name := range strings.Fields(`Row Told OrOther OtherOf LabelReferences LastSaved Choice.Row`) {
		compared[name] = true
	}
	for prefix, typ := range map[string]reflect.Type{"": reflect.TypeFor[Item](), "Choice.": reflect.TypeFor[Choice]()} {
		for _, f := range reflect.VisibleFields(typ) {
			if !compared[prefix+f.Name] {
				t.Errorf("nothing says how the field %s%s is compared between versions", prefix, f.Name)
			}
		}
	}
}
