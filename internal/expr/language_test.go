package expr_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"panelverk/internal/expr"
)

// The form that the checks below are made in.
var form = []expr.Entry{{Name: "county"}, {Name: "people", Repeat: true}, {Name: "who", Parent: "people"}, {Name: "details", Parent: "people"}, {Name: "years", Parent: "details"}}

func formScope(t *testing.T) expr.Scope {
	t.Helper()
	layout, err := expr.NewLayout(form)
	if err != nil {
		t.Fatal(err)
	}
	return expr.Scope{
		Known: func(name string) bool {
			return slices.ContainsFunc(form, func(e expr.Entry) bool { return e.Name == name })
		},
		Layout:   layout,
		Previous: true,
		List: func(id string) (func(string) bool, bool) {
			return func(column string) bool { return column == "name" || column == "label" }, id == "cars"
		},
	}
}

func TestCheckRepeatsAndLists(t *testing.T) {
	scope := formScope(t)
	for source, want := range map[string]string{
		"count(${people})":          "",
		"position(..)":              "",
		"position(current()/../..)": "",
		"${people}[position() = position(current()/..) - 1]/who":                  "",
		"/data/people[details/years < 18]/who":                                    "",
		"//people[years < 18]/*":                                                  "",
		"sum(${people}[yeers < 18]/years)":                                        "unknown_name@15",
		"${people}[years < 18]/whoo":                                              "unsupported@1",
		"${peeple}[years < 18]/who":                                               "unknown_name@1",
		"/data/people/@id":                                                        "unsupported@1",
		"/data/people/text()":                                                     "unsupported@1",
		"/data/people/child::who":                                                 "unsupported@1",
		"indexed-repeat(${who}, ${people}, 1)":                                    "",
		"indexed-repeat(${who}, ${people})":                                       "wrong_arguments@1",
		"indexed-repeat(${who}, ${people}, 1, 2)":                                 "wrong_arguments@1",
		"indexed-repeat('who', 1 + 1, 1)":                                         "wrong_arguments@25",
		"index('peple')":                                                          "unknown_name@7",
		"instance('cars')/root/item[name = ${who}]/label":                         "",
		"instance('cars')/root/item[name = 'x'][1]/label":                         "",
		"count(instance('cars')/root/item)":                                       "",
		"instance('cars')/root/item[nam = ${whoo}]/lable":                         "unknown_name@28 unknown_name@34 unknown_name@43",
		"instance('carz')/root/item[name = 'x']/label":                            "unknown_name@10",
		"instance(${who})/root/item/label":                                        "wrong_arguments@10",
		"instance('cars')/item/label":                                             "unsupported@1",
		"instance('cars')/root/item/label/x":                                      "unsupported@1",
		"instance('cars')/root/item[name = instance('cars')/root/item/colour]":    "unknown_name@62",
		"instance('cars')/root/item[name = current()/../who]/label":               "",
		"randomize(instance('cars')/root/item, 42)/label":                         "",
		"randomize(instance('cars')/root/item, 42)/lable":                         "unknown_name@43",
		"(instance('cars')/root/item)[name = 'x']/label":                          "",
		"pulldata('cars', 'label', 'name', ${who})":                               "",
		"pulldata('cars', 'lable', 'nam', ${whoo})":                               "unknown_name@18 unknown_name@27 unknown_name@34",
		"pulldata('carz', 'label', 'name', 1)":                                    "unknown_name@10",
		"pulldata('cars', 'label', 'name')":                                       "wrong_arguments@1",
		"regex(., ${who})":                                                        "bad_regex@10",
		"regex(., '(?i)a')":                                                       "bad_regex@10",
		"weighted-checklist(1, 2, ${who})":                                        "wrong_arguments@1",
		"digest(${who}, 'MD4')":                                                   "wrong_arguments@16",
		"digest(${who}, 'MD5', 'octal')":                                          "wrong_arguments@23",
		"${last-saved#job}":                                                       "",
		"geofence(${who}, '')":                                                    "unsupported@1",
		"jr:itext('a')":                                                           "unsupported@1",
		"substrng(${who}, 1)":                                                     "unknown_function@1",
		"round()":                                                                 "wrong_arguments@1",
		"if(selected(${whoo}, 'a'), regex(${who}, '['), nosuch(${last-saved#x})":  "syntax",
		"if(selected(${whoo}, 'a'), regex(${who}, '['), nosuch(${last-saved#x}))": "unknown_name@13 bad_regex@42 unknown_function@48",
	} {
		e, err := expr.Parse(source)
		if err != nil {
			if want != "syntax" {
				t.Errorf("%s: %v", source, err)
			}
			continue
		}
		var got []string
		for _, issue := range e.Check(scope) {
			got = append(got, issue.Code+"@"+strconv.Itoa(issue.Offset))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %q", source, got, want)
		}
	}
}

// TestCheckWithoutRepeatsAndLists holds that what a form does not have is refused.
func TestCheckWithoutRepeatsAndLists(t *testing.T) {
	scope := formScope(t)
	scope.Layout, scope.List = nil, nil
	for _, source := range []string{
		"position(..)", "${people}[1]/who", "/data/people[1]/who", "index(${people})", "indexed-repeat(${who}, ${people}, 1)",
		"instance('cars')/root/item[name = 'x']/label", "pulldata('cars', 'label', 'name', 'x')", "(${who})[1]", "..",
	} {
		e, err := expr.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		if issues := e.Check(scope); len(issues) != 1 || issues[0].Code != "unsupported" {
			t.Errorf("%s: %+v", source, issues)
		}
	}
}

func TestWhatIsRead(t *testing.T) {
	for _, c := range []struct {
		source, names, lists string
		self, changes, more  bool
	}{
		{source: "${b} + /data/g/c + ../a", names: "a b c"},
		{source: "sum(${people}[years < ${limit}]/pets)", names: "limit people pets years"},
		{source: "/data/people[years < 18]/pets[kind = 'cat']/kilos", names: "kilos kind people pets years"},
		{source: "instance('cars')/root/item[name = ${car}]/label", names: "car", lists: "cars"},
		{source: "pulldata('cars', 'label', 'name', ${car})", names: "car", lists: "cars"},
		{source: "count(${people}[name = instance('l')/root/item[x = current()/../y]/z])", names: "name people y", lists: "l", self: true},
		{source: ". > today()", self: true, changes: true},
		{source: "once(random())", self: true, changes: true},
		{source: "string-length() > 3", self: true},
		{source: "randomize(${a})", names: "a", changes: true},
		{source: "randomize(${a}, 3)", names: "a", more: true},
		{source: "digest(${a}, 'MD5')", names: "a", more: true},
		{source: "jr:choice-name(${a}, '${b}')", names: "a b"},
	} {
		e, err := expr.Parse(c.source)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(e.Names(), " "); got != c.names {
			t.Errorf("%s: names %q, want %q", c.source, got, c.names)
		}
		if got := strings.Join(e.Lists(), " "); got != c.lists {
			t.Errorf("%s: lists %q, want %q", c.source, got, c.lists)
		}
		if e.Self() != c.self || e.Changes() != c.changes || e.More() != c.more {
			t.Errorf("%s: self %v, changes %v, more %v", c.source, e.Self(), e.Changes(), e.More())
		}
	}
}

func TestLayout(t *testing.T) {
	layout, err := expr.NewLayout(form)
	if err != nil {
		t.Fatal(err)
	}
	if got := layout.Repeats("years"); !slices.Equal(got, []string{"people"}) {
		t.Errorf("the repeats around years are %v", got)
	}
	if got := layout.Repeats("county"); len(got) > 0 {
		t.Errorf("the repeats around county are %v", got)
	}
	written, err := json.Marshal(layout)
	if err != nil {
		t.Fatal(err)
	}
	if want := `[["county",""],["people","",1],["who","people"],["details","people"],["years","details"]]`; string(written) != want {
		t.Errorf("written as %s", written)
	}
	deep := []expr.Entry{{Name: "r0", Repeat: true}}
	for i := 1; i <= expr.MostRepeats; i++ {
		deep = append(deep, expr.Entry{Name: "r" + strconv.Itoa(i), Parent: "r" + strconv.Itoa(i-1), Repeat: true})
	}
	for says, entries := range map[string][]expr.Entry{
		"twice":     {{Name: "a"}, {Name: "a"}},
		"not known": {{Name: "a", Parent: "g"}},
		"more than": deep,
	} {
		if _, err := expr.NewLayout(entries); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v, want %q", entries, err, says)
		}
	}
	if _, err := expr.NewLayout(deep[:expr.MostRepeats]); err != nil {
		t.Error(err)
	}
}

// TestShuffle holds the order that other tools gave for these seeds
// (enketo/openrosa-xpath-evaluator, its tests of randomize).
func TestShuffle(t *testing.T) {
	for seed, want := range map[float64]string{42: "AFCBDE", -42: "EDAFBC", 1: "BFEACD", 11111111: "ACDBFE"} {
		got := ""
		for _, i := range expr.Shuffle(6, seed) {
			got += "ABCDEF"[i : i+1]
		}
		if got != want {
			t.Errorf("seed %v: %s, want %s", seed, got, want)
		}
	}
}

// TestOrdinaryEvaluationsAllocateNothing keeps interviews quick.
func TestOrdinaryEvaluationsAllocateNothing(t *testing.T) {
	worlds, _ := table(t)
	for _, c := range []struct{ world, source string }{
		{"plain", "selected(${tools}, 'agv') and ${age} >= 18 and (${union} = 'metall' or ${union} = 'unionen')"},
		{"plain", ". > 0 and . <= 168 and count-selected(${tools}) < 4"},
		{"plain", "if(${none} = '', coalesce(${union}, 'x'), ../age) != 'y'"},
		{"plain", "${born} < '1975-01-01' and regex(., '[0-9]{2}')"},
		{"plain", "pulldata('cars', 'label', 'name', 'bmw') = 'BMW'"},
	} {
		e, err := expr.Parse(c.source)
		if err != nil {
			t.Fatal(err)
		}
		env := worlds[c.world].env()
		if !e.Eval(env).Bool() {
			t.Errorf("%s: not true", c.source)
		}
		if n := testing.AllocsPerRun(100, func() { e.Eval(env) }); n > 0 {
			t.Errorf("%s: %v allocations", c.source, n)
		}
	}
}

// TestBrowserFilesAreSmall holds the promise of a page that loads on a poor network.
func TestBrowserFilesAreSmall(t *testing.T) {
	for name, most := range map[string]int{core: 9000, more: 4500} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if packed.Len() > most {
			t.Errorf("%s: %d bytes when packed, over %d", name, packed.Len(), most)
		}
		for _, word := range []string{"eval(", "Function(", "innerHTML", "document.", "fetch("} {
			if bytes.Contains(data, []byte(word)) {
				t.Errorf("%s has %s", name, word)
			}
		}
	}
}

// benchmarked are expressions that pages are made of, and two that are hard.
var benchmarked = []struct{ name, world, source string }{
	{"relevance", "plain", "selected(${tools}, 'agv') and ${age} >= 18 and (${union} = 'metall' or ${union} = 'unionen')"},
	{"constraint", "plain", ". > 0 and . <= 168"},
	{"age", "plain", "int((today() - ${born}) div 365.25)"},
	{"repeat", "inside", "${years} > 17 and ${county} = 'west'"},
	{"sum", "outside", "sum(${people}[years < 18]/pets/kilos)"},
	{"lookup", "big", "instance('places')/root/item[name = ${place}]/label"},
	{"filter", "big", "count(instance('places')/root/item[contains(label, '77') and position() > 10])"},
}

// bench gives the worlds with one more, whose list has 2,000 rows.
func bench(b *testing.B) map[string]*world {
	worlds, _ := table(b)
	places := &list{Columns: []string{"name", "label"}}
	for i := range 2000 {
		places.Rows = append(places.Rows, []string{"p" + strconv.Itoa(i), "Place " + strconv.Itoa(i)})
	}
	worlds["big"] = &world{Answers: map[string]string{"place": "p1999"}, Lists: map[string]*list{"places": places}}
	return worlds
}

func BenchmarkGo(b *testing.B) {
	worlds := bench(b)
	for _, c := range benchmarked {
		b.Run(c.name, func(b *testing.B) {
			e, err := expr.Parse(c.source)
			if err != nil {
				b.Fatal(err)
			}
			env := worlds[c.world].env()
			b.ReportAllocs()
			for b.Loop() {
				e.Eval(env)
			}
		})
	}
}

// BenchmarkNode measures the browser's engine; what counts is the figure that
// Node reports, "engine-ns/op".
func BenchmarkNode(b *testing.B) {
	engine := start(b, bench(b), "bench")
	for _, c := range benchmarked {
		e, err := expr.Parse(c.source)
		if err != nil {
			b.Fatal(err)
		}
		var took struct{ Nanoseconds float64 }
		measure := func(rounds int) {
			engine.send(b, job{World: c.world, Tree: e.Root, Rounds: rounds})
			engine.receive(b, &took)
		}
		measure(100) // until Node has started and knows the code
		b.Run(c.name, func(b *testing.B) {
			measure(b.N)
			b.ReportMetric(took.Nanoseconds, "engine-ns/op")
		})
	}
}

// Every function says how many arguments it takes, where it has too few or too many.
func TestNumberOfArguments(t *testing.T) {
	call := func(name string, n int) []expr.Issue {
		e, err := expr.Parse(name + "(" + strings.TrimSuffix(strings.Repeat("'a', ", n), ", ") + ")")
		if err != nil {
			t.Fatal(err)
		}
		return e.Check(expr.Scope{List: func(string) (func(string) bool, bool) { return func(string) bool { return true }, true }})
	}
	wrong := func(name string, n int) bool {
		for _, issue := range call(name, n) {
			if issue.Code == "wrong_arguments" && strings.HasPrefix(issue.Message, name+" takes ") && strings.HasSuffix(issue.Message, fmt.Sprintf("and here it has %d.", n)) {
				return true
			}
		}
		return false
	}
	for _, name := range expr.Functions() {
		least, most := expr.Arity(name)
		if name == "index" || name == "indexed-repeat" || name == "position" { // without a layout they are refused as a whole
			continue
		}
		if least > 0 && !wrong(name, least-1) {
			t.Errorf("%s with %d arguments: %v", name, least-1, call(name, least-1))
		}
		if most >= 0 && !wrong(name, most+1) {
			t.Errorf("%s with %d arguments: %v", name, most+1, call(name, most+1))
		}
	}
}
