package interview_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"panelverk/internal/interview"
	"panelverk/internal/need"
	"panelverk/internal/questionnaire"
)

// browser is web/static/form.js under Node.
type browser struct {
	in  *json.Encoder
	out *bufio.Scanner
}

// standing is how an item stands, in either engine.
type standing struct {
	Asked   bool     `json:"asked"`
	Value   string   `json:"value"`
	Choices []string `json:"choices"`
	Broken  bool     `json:"broken"`
	Locked  bool     `json:"locked"`
	Wanted  bool     `json:"wanted"`
}

type message map[string]any

func startBrowser(t testing.TB) *browser {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		need.Missing(t, "Node.js", "install it (Debian: apt-get install nodejs)")
	}
	static, err := filepath.Abs("../../web/static")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "testdata/harness.js", static)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b := &browser{in: json.NewEncoder(in), out: bufio.NewScanner(out)}
	b.out.Buffer(nil, 1<<24)
	t.Cleanup(func() {
		in.Close()
		for b.out.Scan() { // what nobody waited for after a failure
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("Node: %v", err)
		}
	})
	return b
}

// fataler is what both testing.TB and rapid.T are here.
type fataler interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func (b *browser) ask(t fataler, m message, into any) {
	if err := b.in.Encode(m); err != nil {
		t.Fatal(err)
	}
	if !b.out.Scan() {
		t.Fatalf("Node said no more: %v", b.out.Err())
	}
	if err := json.Unmarshal(b.out.Bytes(), into); err != nil {
		t.Fatal(err)
	}
}

func (b *browser) standing(t fataler, m message) map[string]standing {
	var answer struct{ Items map[string]standing }
	b.ask(t, m, &answer)
	return answer.Items
}

// author writes questionnaires that a person could have written, and denser
// ones. What it writes refers to what stands above, but for constraints, which
// look at everything.
type author struct {
	t     *rapid.T
	rows  []string
	above []string // questions that have a value
	kinds map[string]string
	all   int
	depth int

	repeats bool // repeats too
	nested  int  // how many lie around
}

func (a *author) pick(from ...string) string { return rapid.SampledFrom(from).Draw(a.t, "pick") }
func (a *author) chance(of int) bool         { return rapid.IntRange(1, of).Draw(a.t, "chance") == 1 }

// cell writes what may stand in a cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

func (a *author) row(typ, name, label, relevant, constraint, calculation, filter, required, readOnly, deflt, appearance string) {
	a.rows = append(a.rows, "| | "+strings.Join([]string{typ, name, label, cell(relevant), cell(constraint), cell(calculation), cell(filter), cell(required), cell(readOnly), cell(deflt), appearance}, " | ")+" |")
}

// condition writes an expression that is true or not of some questions.
func (a *author) condition(of []string, depth int) string {
	if len(of) == 0 {
		return a.pick("true()", "1 = 1", "false()")
	}
	q := "${" + rapid.SampledFrom(of).Draw(a.t, "question") + "}"
	switch rapid.IntRange(0, 8).Draw(a.t, "condition") {
	case 0:
		return q + " = '" + a.pick("a", "b", "c", "1") + "'"
	case 1:
		return q + a.pick(" > ", " <= ", " != ") + a.pick("2", "5", "40")
	case 2:
		return "selected(" + q + ", '" + a.pick("a", "b", "c") + "')"
	case 3:
		return q + " = ''"
	case 4:
		return "string-length(" + q + ") > 2"
	case 5:
		return q
	case 6:
		return "not(" + q + " = 'b')"
	default:
		if depth == 0 {
			return q + " != ''"
		}
		return "(" + a.condition(of, depth-1) + ") " + a.pick("and", "or") + " (" + a.condition(of, depth-1) + ")"
	}
}

func (a *author) calculation(of []string) string {
	if len(of) == 0 {
		return "1 + 1"
	}
	q := func() string { return "${" + rapid.SampledFrom(of).Draw(a.t, "question") + "}" }
	switch rapid.IntRange(0, 7).Draw(a.t, "calculation") {
	case 0:
		return q() + a.pick(" + ", " * ", " - ") + q()
	case 1:
		return "if(" + a.condition(of, 1) + ", " + q() + ", 'no')"
	case 2:
		return "concat(" + q() + ", '-', " + q() + ")"
	case 3:
		return "coalesce(" + q() + ", " + q() + ")"
	case 4:
		return "count-selected(" + q() + ") + 1"
	case 5:
		return "round(" + q() + " div 3, 2)"
	case 6:
		return "once(" + q() + ")"
	default:
		name := rapid.SampledFrom(of).Draw(a.t, "question")
		return "jr:choice-name(${" + name + "}, '${" + name + "}')"
	}
}

func (a *author) maybe(of int, write func() string) string {
	if a.chance(of) {
		return write()
	}
	return ""
}

func (a *author) item() {
	a.all++
	name := fmt.Sprintf("q%d", a.all)
	relevant := a.maybe(2, func() string { return a.condition(a.above, 1) })
	kinds := []string{"integer", "decimal", "text", "select_one few", "select_one many", "select_multiple few", "calculate", "calculate", "hidden", "group", "group", "group"}
	if a.repeats {
		kinds = append(kinds, "repeat", "repeat", "repeat")
	}
	kind := rapid.SampledFrom(kinds).Draw(a.t, "type")
	label, calculation, filter, deflt := name, "", "", ""
	switch kind {
	case "group":
		if a.depth == 2 {
			return
		}
		a.depth++
		a.row("begin group", name, name, relevant, "", "", "", "", "", "", "")
		for range rapid.IntRange(1, 4).Draw(a.t, "children") {
			a.item()
		}
		a.row("end group", "", "", "", "", "", "", "", "", "", "")
		a.depth--
		return
	case "repeat":
		a.repeat(name, relevant)
		return
	case "calculate":
		label, calculation = "", a.calculation(a.above)
	case "hidden":
		label, deflt = "", a.pick("web", "2", "concat('a', 'b')")
	case "select_one many", "select_multiple few":
		filter = a.maybe(2, func() string {
			if len(a.above) == 0 {
				return "in = 'west'"
			}
			return "in = ${" + rapid.SampledFrom(a.above).Draw(a.t, "question") + "} or " + a.pick("name = 'a'", "in = 'east'", "selected(${"+rapid.SampledFrom(a.above).Draw(a.t, "question")+"}, name)")
		})
	}
	constraint, readOnly, required := "", "", ""
	if label != "" {
		constraint = a.maybe(3, func() string {
			return a.pick(". != 7", "string-length(.) < 3", ". > 3") + a.pick(" and ", " or ") + a.condition(append(a.above, name), 1)
		})
		readOnly = a.maybe(6, func() string { return a.condition(a.above, 1) })
		required = a.maybe(4, func() string { return a.condition(a.above, 1) })
	}
	a.row(kind, name, label, relevant, constraint, calculation, filter, required, readOnly, deflt, "")
	a.above = append(a.above, name)
	a.kinds[name] = kind
}

// repeat writes one with some questions, which respondents add or an answer counts.
func (a *author) repeat(name, relevant string) {
	if a.nested == 2 {
		return
	}
	count := ""
	if len(a.above) > 0 && a.chance(2) {
		count = "${" + rapid.SampledFrom(a.above).Draw(a.t, "counted by") + "}" + a.pick("", " + 1")
		if a.chance(3) {
			count = "2"
		}
	}
	a.nested++
	a.rows = append(a.rows, "| | begin repeat | "+name+" | "+name+" | "+cell(relevant)+" | | | | | | | | "+count+" |")
	a.row("text", name+"_in", name, "", "", "", "", "", "", "", "")
	a.above, a.kinds[name+"_in"] = append(a.above, name+"_in"), "text"
	for range rapid.IntRange(0, 3).Draw(a.t, "inside") {
		a.item()
	}
	a.row("end repeat", "", "", "", "", "", "", "", "", "", "")
	a.nested--
	if a.chance(3) {
		a.all++
		chosen := fmt.Sprintf("q%d", a.all)
		a.row(a.pick("select_one", "select_multiple")+" ${"+name+"_in}", chosen, "Which?", "", "", "", "", "", "", "", "")
		a.above, a.kinds[chosen] = append(a.above, chosen), "from"
	}
}

func (a *author) write() string {
	return "| survey |\n| | type | name | label | relevant | constraint | calculation | choice_filter | required | read_only | default | appearance | repeat_count |\n" +
		strings.Join(a.rows, "\n") + `
| choices |
| | list_name | name | label | missing | in |
| | few | a | Apples | | west |
| | few | b | Beer | | east |
| | few | c | Neither | dk | west |
| | many | a | A | | west |
| | many | b | B | | a |
| | many | 1 | C | | b |
| | many | 5 | D | | 1 |
| settings |
| | form_id | version |
| | made | 1 |
`
}

func (a *author) answer(name string) string {
	switch kind := a.kinds[name]; kind {
	case "integer":
		return a.pick("", "1", "3", "7", "44")
	case "decimal":
		return a.pick("", "1.5", "7", "0.25", "-3")
	case "select_one few", "select_one many":
		return a.pick("", "a", "b", "c", "1", "5")
	case "select_multiple few":
		return a.pick("", "a", "b", "a b", "c")
	default:
		return a.pick("", "a", "long text", "7", "åäö 😀")
	}
}

func (a *author) questionnaire() (*questionnaire.Questionnaire, string) {
	for range rapid.IntRange(3, 14).Draw(a.t, "items") {
		a.item()
	}
	text := a.write()
	book, problems := questionnaire.Read("made.v1.md", []byte(text))
	if len(problems.Errors()) > 0 {
		a.t.Fatalf("%v\n%s", problems, text)
	}
	q, problems := questionnaire.Compile(book)
	if len(problems.Errors()) > 0 {
		a.t.Fatalf("%v\n%s", problems, text)
	}
	return q, text
}

// stands gives how every item stands in Go.
func stands(l *interview.Logic, answers map[string]string) map[string]standing {
	view := l.Look(answers, now)
	out := map[string]standing{}
	var visit func(items []*questionnaire.Item)
	visit = func(items []*questionnaire.Item) {
		for _, it := range items {
			s := standing{Asked: view.Relevant(it.Name)}
			if !it.Group {
				s.Value = view.Value(it.Name)
				s.Broken = s.Asked && !view.Holds(it, answers[it.Name])
				s.Locked = it.ReadOnlyWhen != nil && view.ReadOnly(it)
				s.Wanted = it.RequiredWhen != nil && view.Wanted(it)
			}
			if it.ChoiceFilter != nil && (it.Parent == nil || view.Relevant(it.Parent.Name)) {
				for _, c := range view.Choices(it) {
					s.Choices = append(s.Choices, c.Name)
				}
			}
			out[it.Name] = s
			visit(it.Children)
		}
	}
	visit(l.Questionnaire.Items)
	return out
}

func differ(t fataler, when string, got, want map[string]standing) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		g, w := got[name], want[name]
		if !w.Asked { // of what is not asked nobody asks further
			g.Choices, w.Choices = nil, nil
		}
		if len(g.Choices) == 0 && len(w.Choices) == 0 {
			g.Choices, w.Choices = nil, nil
		}
		if fmt.Sprint(g) != fmt.Sprint(w) {
			t.Fatalf("%s: %s stands\n%+v in the browser and\n%+v in Go", when, name, g, w)
		}
	}
}

// An interview stands the same in the browser as on the server, after each
// answer of a generated questionnaire, although the browser computes anew
// nothing but what the answer concerns.
func TestBrowserStandsAsTheServer(t *testing.T) {
	b := startBrowser(t)
	rapid.Check(t, func(t *rapid.T) {
		a := &author{t: t, kinds: map[string]string{}}
		q, text := a.questionnaire()
		l := interview.New(q, now.Location())
		answers := map[string]string{}
		given := message{"zone": "UTC", "now": now.UnixMilli()}
		got := b.standing(t, message{"logic": json.RawMessage(l.Script().JSON()), "given": given})
		differ(t, "at first\n"+text, got, stands(l, answers))
		if len(a.above) == 0 {
			return
		}
		for i := range rapid.IntRange(1, 12).Draw(t, "changes") {
			name := rapid.SampledFrom(a.above).Draw(t, "question")
			value := a.answer(name)
			answers[name] = value
			got := b.standing(t, message{"set": []string{name, value}})
			differ(t, fmt.Sprintf("change %d, %s = %q\n%s", i, name, value, text), got, stands(l, answers))
		}
	})
}

// page writes some questions, and then a page of them that is shown at once.
func (a *author) page() (*questionnaire.Questionnaire, string) {
	for range rapid.IntRange(0, 5).Draw(a.t, "before") {
		a.item()
	}
	a.row("begin group", "page", "Page", a.maybe(3, func() string { return a.condition(a.above, 1) }), "", "", "", "", "", "", "field-list")
	a.depth++
	for range rapid.IntRange(2, 8).Draw(a.t, "on the page") {
		a.item()
	}
	a.depth--
	a.row("end group", "", "", "", "", "", "", "", "", "", "")
	a.row("note", "end", "The end", "", "", "", "", "", "", "", "")
	return a.questionnaire()
}

// choice gives an answer that the question could have been given as it stands.
func (a *author) choice(it *questionnaire.Item, s standing) string {
	if it.List == nil {
		return a.answer(it.Name)
	}
	names := s.Choices
	if it.ChoiceFilter == nil && it.ListFrom == nil {
		for _, c := range it.List.Choices {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return rapid.SampledFrom(append([]string{""}, names...)).Draw(a.t, "choice")
}

// sat is one page of a generated interview, in both engines.
type sat struct {
	*rapid.T
	b      *browser
	l      *interview.Logic
	doc    *interview.Document
	screen *interview.Screen
	script *interview.PageScript
	text   string
	shown  map[string]string   // what fields were shown with
	fields map[string]string   // what stands in them
	now    map[string]standing // in the browser
}

func (s *sat) known(key string) bool {
	return s.doc.Answers[key] == "" || s.doc.Devices[key] == "mine"
}

// offer puts a value into a field of the page, as page.js does: choices that
// are no longer offered are taken away.
func (s *sat) offer(name, value string) {
	s.fields[name] = value
	if !slices.ContainsFunc(s.script.Items, func(r *interview.Rule) bool { return r.Name == name }) {
		return // the page has no rule of it
	}
	s.now = s.b.standing(s, message{"offer": []string{name, value}})
	for _, r := range s.script.Items {
		if r.Filter == nil || s.now[r.Name].Choices == nil {
			continue
		}
		names := strings.Fields(s.fields[r.Name])
		kept := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(s.now[r.Name].Choices, n) })
		if _, here := s.fields[r.Name]; here && len(kept) != len(names) {
			s.offer(r.Name, strings.Join(kept, " "))
			return
		}
	}
}

// asked tells whether a question is on the page: by the browser where it
// decides, else as the server drew it.
func (s *sat) asked(it *questionnaire.Item) bool {
	if s.script.Live[it.Name] {
		return s.now[it.Name].Asked
	}
	return s.l.Look(s.doc.Answers, now).Relevant(it.Name)
}

// post sends the page, and compares what it comes to with what the page shows.
func (s *sat) post(when string) {
	in := interview.Post{Page: "page", Go: interview.Stay, Device: "mine", Values: map[string][]string{}, Shown: map[string]string{}, Drawn: map[string]bool{}}
	for _, it := range s.screen.Page.Items {
		if !it.Asks() || !s.asked(it) {
			continue
		}
		in.Shown[it.Name] = interview.Digest(s.shown[it.Name])
		in.Values[it.Name] = []string{s.fields[it.Name]}
		if it.Type == questionnaire.SelectMultiple {
			in.Values[it.Name] = strings.Fields(s.fields[it.Name])
		}
		in.Drawn[it.Name] = it.ChoiceFilter != nil && s.script.Live[it.Name]
	}
	told := in
	told.Go = interview.Back // tells of what is not saved
	res := s.l.Post(s.doc, told, now)
	if len(res.Tampered) > 0 {
		s.Fatalf("%s: the server takes %v for tampered\n%s", when, res.Tampered, s.text)
	}
	wrong := map[string]bool{}
	for _, p := range res.Problems {
		wrong[p.Question.Name] = p.Code == "constraint"
	}
	after := s.doc.Clone()
	after.Apply(res.Change, now)
	want := stands(s.l, after.Answers)
	for _, r := range s.script.Items {
		it, got := s.l.Questionnaire.Question(r.Name), s.now[r.Name]
		if r.Constraint != nil && len(res.Problems) > 0 && (s.known(r.Name) || s.fields[r.Name] != "") && got.Broken != wrong[r.Name] {
			s.Fatalf("%s: %s is broken: %v in the browser, %v on the server\n%s", when, r.Name, got.Broken, wrong[r.Name], s.text)
		}
		if !r.Live {
			continue
		}
		if w := want[r.Name]; got.Asked != w.Asked || !it.Group && got.Value != w.Value || w.Asked && fmt.Sprint(got.Choices) != fmt.Sprint(w.Choices) {
			s.Fatalf("%s: %s stands\n%+v in the browser and\n%+v on the server\n%s", when, r.Name, got, w, s.text)
		}
	}
}

// What a page shows by itself is what the server makes of it when it is sent,
// whatever was answered before and by whom; and what a page carries does not
// hang on answers that another device has given.
func TestPagesDoWhatTheServerDoes(t *testing.T) {
	b := startBrowser(t)
	scripted := 0
	rapid.Check(t, func(t *rapid.T) {
		a := &author{t: t, kinds: map[string]string{}}
		q, text := a.page()
		l := interview.New(q, now.Location())
		doc, others := empty(), []string{}
		for _, name := range a.above {
			it := q.Question(name)
			value := a.choice(it, standing{Choices: []string{"a", "b"}})
			if !it.Asks() || value == "" {
				continue
			}
			doc.Answers[name], doc.Devices[name] = value, "mine"
			if a.chance(3) {
				doc.Devices[name] = "theirs"
				others = append(others, name)
			}
		}
		view := l.Look(doc.Answers, now)
		screen := view.Screen("page")
		s := &sat{T: t, b: b, l: l, doc: doc, screen: screen, text: text, shown: map[string]string{}, fields: map[string]string{}}
		if screen == nil || !view.Visible(screen) {
			return
		}
		if s.script = view.PageScript(screen, s.known); s.script == nil {
			return
		}
		scripted++
		s.silent(others)
		s.now = b.standing(t, message{"logic": json.RawMessage(s.script.JSON()), "given": message{"answers": s.script.Answers, "zone": "UTC", "now": now.UnixMilli()}})
		var asks []*questionnaire.Item
		for _, it := range screen.Page.Items {
			if !it.Asks() {
				continue
			}
			asks = append(asks, it)
			if doc.Devices[it.Name] == "mine" {
				s.shown[it.Name] = doc.Answers[it.Name]
			}
		}
		for _, it := range asks {
			stands := strings.Fields(s.shown[it.Name])
			if it.ChoiceFilter == nil {
				stands = []string{s.shown[it.Name]}
			}
			s.offer(it.Name, strings.Join(slices.DeleteFunc(stands, func(name string) bool { // nothing is ticked that is not there
				return it.ChoiceFilter != nil && !s.script.Live[it.Name] && !slices.ContainsFunc(view.Choices(it), func(c *questionnaire.Choice) bool { return c.Name == name })
			}), " "))
		}
		for i := range rapid.IntRange(1, 8).Draw(t, "changes") {
			it := rapid.SampledFrom(asks).Draw(t, "question")
			if !s.asked(it) || view.ReadOnly(it) || s.now[it.Name].Locked {
				continue
			}
			s.offer(it.Name, a.choice(it, s.now[it.Name]))
			s.post(fmt.Sprintf("change %d, %s = %q, stored %v of %v", i, it.Name, s.fields[it.Name], doc.Answers, doc.Devices))
		}
	})
	if scripted == 0 {
		t.Error("no page had anything to do")
	}
}

// silent sees to it that the page carries the same whatever others have
// answered, as long as that shows the same questions.
func (s *sat) silent(others []string) {
	for _, name := range others {
		doc := s.doc.Clone()
		doc.Answers[name] += "1"
		view, before := s.l.Look(doc.Answers, now), s.l.Look(s.doc.Answers, now)
		same := true
		for _, it := range s.screen.Page.Items {
			same = same && view.Relevant(it.Name) == before.Relevant(it.Name)
		}
		if !same {
			continue
		}
		other := view.PageScript(s.screen, s.known)
		if other == nil || string(other.JSON()) != string(s.script.JSON()) || fmt.Sprint(other.Answers) != fmt.Sprint(s.script.Answers) {
			s.Fatalf("the page tells of %s, which somebody else answered:\n%v\n%v\n%s", name, s.script.Answers, other, s.text)
		}
	}
}

// What is typed reads the same in the browser: decimals with a comma, dates as
// people write them, places off a map.
func TestBrowserReadsAsTheServer(t *testing.T) {
	b := startBrowser(t)
	l := compiled(t, `
| survey |
| | type | name | label | parameters | appearance |
| | integer | integer | Whole | | |
| | decimal | decimal | Number | | |
| | range | range | Range | start=0 end=10 step=0.5 | |
| | date | date | Day | | |
| | date | month | Month | | month-year |
| | date | year | Year | | year |
| | time | time | Time | | |
| | dateTime | moment | Moment | | |
| | geopoint | place | Place | | |
| | text | text | Text | | |
| | acknowledge | tick | Tick | | |
`)
	typed := strings.Split("|  |0|-0|7|+7|++7|7,5|7.5|1 000|1'000,25|1.000,25|1,000.25|1.234.567|-1.234.567,8|1.23,4|1.234,567.8|1e3|,5|5,|−3|–3|9007199254740993|99999999999999999999|0,0000001|-0,0|abc|0x10|10,25|11|2,5|"+
		"2017-04-02|2017-4-2|20170402|2.4.2017|02.04.2017|2. 4. 2017|2/4/2017|2017/4/2|2017.4.2|2017 4 2|2017  4 2|31.2.2017|0999-01-01|2016-02-29|2017-02-29|"+
		"2017-04|201704|4/2017|4.2017|4-2017|4 2017|13/2017|2017-04-01|2017|2017-01-01|999|"+
		"18:30|18.30|18,30|18 30|1830|830|8:30|8.3|24:00|23:60|18:30:15|6:30 pm|12:15 am|13:00 PM|0:05|"+
		"2017-04-02 18:30|2017-04-02T18:30|2017-04-02T18:30:00|2.4.2017, 18.30|2 4 2017 8:05|2017-04-02|"+
		"57.7089, 11.9746|57,7089 11,9746|57.7,11.9|57.7089 11.9746 12 5|57.7|91 0|0 181|57.7; 11.9|57.7° 11.9°|-33.9 18.4|1 2 3 4 5|"+
		"\u00a07\u00a0|två\r\nrader|  text  |OK", "|")
	for _, it := range l.Questionnaire.Questions {
		rule := message{"n": it.Name, "t": it.Type, "range": []float64{it.RangeStart, it.RangeEnd, it.RangeStep}}
		switch it.Precision() {
		case questionnaire.Month:
			rule["precise"] = "month"
		case questionnaire.Year:
			rule["precise"] = "year"
		}
		for _, s := range typed {
			var got struct{ Value, Code string }
			b.ask(t, message{"read": []any{rule, []string{s}}}, &got)
			if value, code := interview.Parse(it, nil, []string{s}); got.Value != value || got.Code != code {
				t.Errorf("%s: %q is %q (%s) in the browser, and %q (%s) on the server", it.Name, s, got.Value, got.Code, value, code)
			}
		}
	}
}
