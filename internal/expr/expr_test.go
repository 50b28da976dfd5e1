package expr

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// the interview that the tables below are evaluated in
func testEnv(answers map[string]string) *Env {
	stockholm := time.FixedZone("CET", 3600)
	return &Env{
		Get:  func(name string) string { return answers[name] },
		Self: answers["."],
		Now:  time.Date(2016, 11, 2, 0, 30, 5, 250e6, stockholm),
		Column: func(name string) (string, bool) {
			s, ok := map[string]string{"region": "west", "name": "volvo"}[name]
			return s, ok
		},
		Label: func(question, value string) string {
			return map[string]string{"union/metall": "IF Metall"}[question+"/"+value]
		},
		Random: func() float64 { return 0.25 },
	}
}

func TestEval(t *testing.T) {
	answers := map[string]string{
		".": "35", "age": "42", "none": "", "zero": "0", "tools": "robot tablet agv", "union": "metall", "born": "1974-05-01",
		"start": "2016-11-02T12:00:00.000+01:00", "clock": "18:00", "word": "Övertid", "spaced": "  a  b ", "my-q.1": "7", "yes": "true",
	}
	for _, test := range []struct{ source, want string }{
		// what questionnaires hold
		{"${age} >= 18 and ${age} < 65", "true"},
		{"selected(${tools}, 'agv')", "true"},
		{"selected(${tools}, 'ag')", "false"},
		{"not(selected(${tools}, 'exo'))", "true"},
		{"${union} = 'metall' or ${union} = 'unionen'", "true"},
		{". > 0 and . <= 168", "true"},
		{"${born} <= today()", "true"},
		{"int((today() - ${born}) div 365.25)", "42"},
		{"if(${age} > 40, 'senior', 'junior')", "senior"},
		{"count-selected(${tools}) <= 3", "true"},
		{"coalesce(${none}, ${union})", "metall"},
		{"jr:choice-name(${union}, '${union}')", "IF Metall"},
		{"region = 'west' and ${age} = 42", "true"},
		{"${my-q.1} + 1", "8"},
		{"/data/shift/age + ../age", "84"},
		{"current()/../age", "42"},
		{"string-length(.) = 2 and regex(., '[0-9]{2}')", "true"},
		// empty is not zero
		{"${none} = 0", "false"},
		{"${none} != 0", "true"},
		{"${none} = ''", "true"},
		{"${zero} = 0", "true"},
		{"${none} < 1", "false"},
		{"${none} >= 0", "false"},
		{"${none} + 1", "NaN"},
		{"sum(${age}, ${none})", "NaN"},
		{"number('')", "NaN"},
		{"boolean(${none})", "false"},
		{"boolean(${zero})", "true"}, // a text, as in ODK
		{"boolean(number(${zero}))", "false"},
		// XPath 1.0 conversions
		{"1 = '1.0'", "true"},
		{"'1' = '1.0'", "false"},
		{"true() = 'false'", "true"}, // a text that is not empty
		{"true() = 1", "true"},
		{"1 div 0", "Infinity"},
		{"-1 div 0", "-Infinity"},
		{"0 div 0", "NaN"},
		{"0 div 0 = 0 div 0", "false"},
		{"0 div 0 != 0 div 0", "true"},
		{"-0", "0"},
		{"1.50", "1.5"},
		{"1000000 * 1000000", "1000000000000"},
		{"0.1 + 0.2", "0.30000000000000004"},
		{"1 div 10000000", "0.0000001"},
		{"5 mod -2", "1"},
		{"-5 mod 2", "-1"},
		{"number('1e3')", "NaN"},
		{"number('+1')", "NaN"},
		{"number(' -1.5 ')", "-1.5"},
		{"number('0x10')", "NaN"},
		{"number('Infinity')", "NaN"},
		{"number('1_000')", "NaN"},
		{"string(true())", "true"},
		{"'a' < 'b'", "false"},
		// precedence
		{"1 + 2 * 3 - 4 div 2", "5"},
		{"(1 + 2) * 3", "9"},
		{"10 - 4 - 3", "3"},
		{"- 2 + 3", "1"},
		{"--2", "2"},
		{"1 or 0 and 0", "true"},
		{"1 = 1 = 1", "true"},
		{"3 > 2 > 1", "false"},
		{"${age} -1", "41"},
		{"2*${age}", "84"},
		{"10 div 2 mod 3", "2"},
		{"10div 2", "5"},
		// functions
		{"selected-at(${tools}, 1)", "tablet"},
		{"selected-at(${tools}, 3)", ""},
		{"selected-at(${tools}, -1)", ""},
		{"count-selected(${none})", "0"},
		{"selected(${none}, '')", "false"},
		{"once('x')", "35"},
		{"substr(${word}, 0, 4)", "Över"},
		{"substr(${word}, -3)", "tid"},
		{"substr(${word}, 5, 2)", ""},
		{"substr(${word}, number(''))", ""},
		{"concat('a', 1, true())", "a1true"},
		{"join(', ', 'a', 'b')", "a, b"},
		{"contains(${word}, 'tid') and starts-with(${word}, 'Ö') and ends-with(${word}, 'd')", "true"},
		{"normalize-space(${spaced})", "a b"},
		{"translate('bar', 'abc', 'AB')", "BAr"},
		{"regex('a1', '[a-z]')", "false"}, // the whole text
		{"regex('ab', 'a|ab')", "true"},
		{"regex('a', concat('[', ']'))", "false"},
		{"int(-1.7)", "-1"},
		{"int(1.7)", "1"},
		{"round(2.5)", "3"},
		{"round(-2.5)", "-2"},
		{"round(1234.567, 2)", "1234.57"},
		{"round(1234.567, -2)", "1200"},
		{"floor(-1.5)", "-2"},
		{"ceiling(1.2)", "2"},
		{"abs(-3)", "3"},
		{"min(3, 1, 2)", "1"},
		{"max(3, 1, 2)", "3"},
		{"sum(3, 1, 2)", "6"},
		{"pow(2, 10)", "1024"},
		{"count(${age} | ${none})", "2"},
		{"count-non-empty(${age} | ${none})", "1"},
		{"count-non-empty(${age}, ${none}, ${union})", "2"},
		{"sum(${age} | ${zero})", "42"},
		{"(${age} | ${zero}) = 0", "true"},
		{"(${age} | ${zero}) != 0", "true"},
		{"'0' = (${age} | ${zero})", "true"},
		{"boolean-from-string(${yes}) and boolean-from-string('1') and not(boolean-from-string('yes'))", "true"},
		{"checklist(2, -1, true(), ${age} > 1, false())", "true"},
		{"checklist(-1, 1, true(), ${age} > 1, false())", "false"},
		{"weighted-checklist(3, 4, true(), 3, false(), 9)", "true"},
		{"random()", "0.25"},
		{"uuid()", "40404040-4040-4040-8040-404040404040"},
		// dates
		{"today()", "2016-11-02"},
		{"now()", "2016-11-02T00:30:05.250+01:00"},
		{"today() + 1", "17108"},
		{"date(today() + 1)", "2016-11-03"},
		{"date('2016-02-30')", ""},
		{"date(${start})", "2016-11-02"},
		{"date-time('2016-11-02')", "2016-11-02T00:00:00.000+01:00"},
		{"date-time(${start})", "2016-11-02T12:00:00.000+01:00"},
		{"decimal-date-time(${start})", "17107.5"},
		{"decimal-time(${clock})", "0.75"},
		{"decimal-time('noon')", "NaN"},
		{"${born} < '1975-01-01'", "true"},
		{"int(now()) = number(today())", "true"},
		{"format-date(${born}, '%Y-%m-%d %e/%n %b %y %a %%')", "1974-05-01 1/5 May 74 Wed %"},
		{"format-date-time(now(), '%H:%M:%S.%3 %h')", "00:30:05.250 0"},
		{"format-date('never', '%Y')", ""},
	} {
		e, err := Parse(test.source)
		if err != nil {
			t.Errorf("%s: %v", test.source, err)
			continue
		}
		if got := e.Eval(testEnv(answers)).String(); got != test.want {
			t.Errorf("%s = %q, want %q", test.source, got, test.want)
		}
	}
}

func TestEvalWithoutSurroundings(t *testing.T) {
	for source, want := range map[string]string{
		"${a}": "", ".": "", "region": "", "${last-saved#a}": "", "random()": "NaN", "uuid()": "", "jr:choice-name('x', 'q')": "x",
		"selected(1)": "", "nothing(1)": "", "//a/b[1]": "",
	} {
		e, err := Parse(source)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if got := e.Eval(&Env{}).String(); got != want {
			t.Errorf("%s = %q, want %q", source, got, want)
		}
	}
}

func TestIfComputesOneBranchOnly(t *testing.T) {
	var asked []string
	env := &Env{Get: func(name string) string { asked = append(asked, name); return name }}
	e, err := Parse("if(${a} = 'a', ${b}, ${c})")
	if err != nil {
		t.Fatal(err)
	}
	e.Eval(env)
	if !slices.Equal(asked, []string{"a", "b"}) {
		t.Errorf("asked for %v", asked)
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, test := range []struct {
		source string
		offset int
		says   string
	}{
		{"", 1, "empty"},
		{"   ", 1, "empty"},
		{"${age} >", 9, "ends"},
		{"${age", 1, "closing “}”"},
		{"${two words}", 1, "one question"},
		{"${}", 1, "one question"},
		{"${age} == 1", 8, "write “=”"},
		{"${age} <> 1", 8, "write “!=”"},
		{"${age} && 1", 8, "“and”"},
		{"${age} AND 1", 8, "small letters"},
		{"(1 + 2", 1, "never closed"},
		{"1 + 2)", 6, "closes nothing"},
		{"if(${a}, 1, 2", 3, "never closed"},
		{"if(${a} 1, 2)", 9, "operator"},
		{"'Åsa", 1, "closing '"},
		{"'å' = ö å", 9, "missing before “å”"},
		{"'åäö' = ‘x’", 9, "straight quotes"},
		{"1, 2", 2, "comma"},
		{"selected(${a}, )", 16, "missing before “)”"},
		{"* 2", 3, "missing before"},
		{"and 1", 5, "missing before"},
		{"${a} / 2", 8, "div"},
		{"1 ≤ 2", 3, "<="},
		{"a[1", 2, "never closed"},
		{"@", 1, "attribute"},
		{"child::1", 1, "name"},
		{strings.Repeat("(", 500) + "1" + strings.Repeat(")", 500), 101, "deeply"},
		{strings.Repeat("-", 500) + "1", 101, "deeply"},
		{strings.Repeat("1+", 20_000) + "1", 1, "too long"},
	} {
		_, err := Parse(test.source)
		var e *SyntaxError
		if !errors.As(err, &e) {
			t.Errorf("%.40s: no error", test.source)
			continue
		}
		if e.Offset != test.offset || !strings.Contains(e.Message, test.says) {
			t.Errorf("%.40s: %v, want character %d and %q", test.source, err, test.offset, test.says)
		}
	}
}

func TestNames(t *testing.T) {
	e, err := Parse("${b} + /data/g/c + ../a + ${b} + jr:choice-name(${d}, '${e}') + count(instance('x')/root/f[g = ${h}]) + col + ${last-saved#i}")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := e.Names(), []string{"a", "b", "c", "d", "e", "h"}; !slices.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
	if got := e.LastSaved(); !slices.Equal(got, []string{"i"}) {
		t.Errorf("last saved %v", got)
	}
}

func TestCheck(t *testing.T) {
	known := func(name string) bool { return name == "age" || name == "union" }
	column := func(name string) bool { return name == "region" }
	for _, test := range []struct {
		source string
		filter bool
		want   []string // code at character
	}{
		{source: "${age} > 18"},
		{source: "${agee} > 18 and ${unoin} = 'x' and selekted(1)", want: []string{"unknown_name@1", "unknown_name@18", "unknown_function@37"}},
		{source: "selected(${age}) or if(1, 2)", want: []string{"wrong_arguments@1", "wrong_arguments@21"}},
		{source: "concat() and coalesce(1)", want: []string{"wrong_arguments@14"}},
		{source: "regex(., '(a')", want: []string{"bad_regex@10"}},
		{source: "pulldata('a', 'b', 'c', ${age})", want: []string{"unsupported@1"}},
		{source: "union = 'x'", want: []string{"unknown_name@1"}},
		{source: "region = 'x' and rgion = 'y'", filter: true, want: []string{"unknown_name@18"}},
		{source: "${last-saved#age} + 1", want: []string{"unsupported@1"}},
		{source: "instance('c')/root/item[name = ${ag}]/label", want: []string{"unsupported@1", "unknown_name@32"}},
		{source: "/data/meta/instanceID", want: []string{"unsupported@1"}},
		{source: "${age}[1]", want: []string{"unsupported@1"}},
		{source: "jr:choice-name(${union}, '${onion}')", want: []string{"unknown_name@26"}},
	} {
		e, err := Parse(test.source)
		if err != nil {
			t.Fatalf("%s: %v", test.source, err)
		}
		scope := Scope{Known: known}
		if test.filter {
			scope.Column = column
		}
		var got []string
		for _, issue := range e.Check(scope) {
			got = append(got, issue.Code+"@"+numberText(float64(issue.Offset)))
			if issue.Message == "" {
				t.Errorf("%s: an issue without a message", test.source)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.source, got, test.want)
		}
	}
	e, err := Parse("countSelected(${age})")
	if err != nil {
		t.Fatal(err)
	}
	if issues := e.Check(Scope{}); len(issues) != 1 || !strings.Contains(issues[0].Message, "count-selected") {
		t.Errorf("no advice: %v", issues)
	}
}

func TestTreeAsJSON(t *testing.T) {
	e, err := Parse("${a} > 1 and selected(., 'x')")
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(e.Root)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"op":"and","args":[{"op":"\u003e","args":[{"op":"ref","value":"a"},{"op":"number","value":"1"}]},` +
		`{"op":"call","value":"selected","args":[{"op":"self"},{"op":"string","value":"x"}]}]}`
	if string(got) != want {
		t.Errorf("got %s", got)
	}
}

func TestPrint(t *testing.T) {
	for source, want := range map[string]string{
		"( ${ a } )":              "${a}",
		"(1+2)*3":                 "(1 + 2) * 3",
		"1+(2*3)":                 "1 + 2 * 3",
		"1-(2-3)":                 "1 - (2 - 3)",
		"- (1+2)":                 "-(1 + 2)",
		"-a|b":                    "-a | b",
		"(-a)|b":                  "(-a) | b",
		`concat("it's",'"')`:      `concat("it's", '"')`,
		"//a[ 1 ]/b":              "//a[1]/b",
		"${a}/../b":               "${a}/../b",
		"current()/.":             "current()/.",
		"${ last-saved#x }":       "${last-saved#x}",
		"and and and":             "and and and",
		"* * *":                   "* * *",
		"child::a/@b":             "child::a/@b",
		"(1 or 2) and not( 3 )":   "(1 or 2) and not(3)",
		"/data/node()":            "/data/node()",
		"(1 = 2) != (3 < 4 = 5)":  "1 = 2 != (3 < 4 = 5)",
		"instance( 'c' )/root[.]": "instance('c')/root[.]",
	} {
		e, err := Parse(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got := e.String(); got != want {
			t.Errorf("%s printed as %s, want %s", source, got, want)
		}
	}
}

func TestValueConversions(t *testing.T) {
	for _, test := range []struct {
		value  Value
		text   string
		number float64
		truth  bool
	}{
		{Value{}, "", math.NaN(), false},
		{Text("false"), "false", math.NaN(), true},
		{Text("12"), "12", 12, true},
		{Num(0), "0", 0, false},
		{Num(math.NaN()), "NaN", math.NaN(), false},
		{Num(1e21), "1000000000000000000000", 1e21, true},
		{Bool(true), "true", 1, true},
		{Bool(false), "false", 0, false},
		{Nodes(nil), "", math.NaN(), false},
		{Nodes([]string{"", "3"}), "", math.NaN(), true},
		{Text("2016-10-31"), "2016-10-31", 17105, true},
		{Text("2016-10-31T06:00"), "2016-10-31T06:00", 17105.25, true},
		{Text("1969-12-31"), "1969-12-31", -1, true},
		{Text("2016-10-31x"), "2016-10-31x", math.NaN(), true},
	} {
		if got := test.value.String(); got != test.text {
			t.Errorf("%v: text %q", test, got)
		}
		if got := test.value.Number(); got != test.number && !(math.IsNaN(got) && math.IsNaN(test.number)) {
			t.Errorf("%v: number %v", test, got)
		}
		if got := test.value.Bool(); got != test.truth {
			t.Errorf("%v: truth %v", test, got)
		}
	}
}

// FuzzParse holds that no text makes the parser panic, that what is printed is
// the same expression, and that it can be checked and evaluated.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"${age} >= 18 and ${age} < 65", "if(selected(., 'x'), -1, 2 div 3)", "//a[b = 'c']/@d", "jr:choice-name(${a}, '${a}')",
		"1--2", "a|-b", ". = .5", "../a/../b", "regex(., '^[a-z]+$')", "format-date(today(), '%Y%')", "${last-saved#a}", "'å' != \"ö\"",
		"substr('abc', -9, 1 div 0)", "round(1 div 0, 400)", "date(1 div 0)", "date(-719162)", "(((1)))", "*[*]*(*)", "(A)/A", "(a)[1]", "(.)[1]", "(a/b)[1]/c", "(${a}[1])[2]",
		"instance('c')/root/item[name = ${a}]/label", "randomize(instance('c')/root/item, 4)[1]", "pulldata('c', 'a', 'name', .)", "indexed-repeat(${a}, ${b}, 1)",
		"regex(., '(a[\\\\d-]{2,}|\\\\p{L})+?')", "position(..)", "digest('', 'MD5', 'hex')", "area(.)", "atan2(-1, 0)", "uuid(9)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		e, err := Parse(source)
		if err != nil {
			if s := (*SyntaxError)(nil); !errors.As(err, &s) || s.Offset < 1 || s.Offset > len([]rune(source))+1 || s.Message == "" {
				t.Fatalf("%q: a bad error: %v", source, err)
			}
			return
		}
		printed := e.String()
		again, err := Parse(printed)
		if err != nil {
			t.Fatalf("%q printed as %q: %v", source, printed, err)
		}
		if !same(e.Root, again.Root) || again.String() != printed {
			t.Fatalf("%q printed as %q is another expression", source, printed)
		}
		e.Check(Scope{})
		e.Check(Scope{Known: func(name string) bool { return name != "" }, Layout: &Layout{}, List: func(id string) (func(string) bool, bool) {
			return func(column string) bool { return column == "name" }, id == "c"
		}})
		answers := map[string]string{"age": "42", "a": "x y"}
		if got, want := again.Eval(testEnv(answers)).String(), e.Eval(testEnv(answers)).String(); got != want {
			t.Fatalf("%q = %q, printed %q = %q", source, want, printed, got)
		}
	})
}

func same(a, b *Node) bool {
	return a.Op == b.Op && a.Value == b.Value && slices.EqualFunc(a.Args, b.Args, same)
}

func BenchmarkEval(b *testing.B) {
	e, err := Parse("selected(${tools}, 'agv') and ${age} >= 18 and (${union} = 'metall' or ${union} = 'unionen')")
	if err != nil {
		b.Fatal(err)
	}
	env := testEnv(map[string]string{"tools": "robot tablet agv", "age": "42", "union": "unionen"})
	b.ReportAllocs()
	for b.Loop() {
		e.Eval(env)
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("selected(${tools}, 'agv') and ${age} >= 18 and (${union} = 'metall' or ${union} = 'unionen')"); err != nil {
			b.Fatal(err)
		}
	}
}
