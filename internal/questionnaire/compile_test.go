package questionnaire

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"panelverk/internal/fault"
)

// read compiles Markdown tables and returns every problem.
func read(t testing.TB, md string) (*Questionnaire, fault.Problems) {
	t.Helper()
	book, ps := ReadMarkdown(md)
	q, more := Compile(book)
	return q, append(ps, more...)
}

// good compiles tables that must have no problem at all.
func good(t testing.TB, md string) *Questionnaire {
	t.Helper()
	q, ps := read(t, md)
	for _, p := range ps {
		t.Errorf("%s %s: %s", p.Severity, p.Code, p)
	}
	if q == nil {
		t.FailNow()
	}
	return q
}

const workForm = `
# How the work has changed

| survey |                           |           |                               |                              |                   |                        |                       |          |             |
|--------|---------------------------|-----------|-------------------------------|------------------------------|-------------------|------------------------|-----------------------|----------|-------------|
|        | type                      | name      | label::Svenska (sv)           | label::English (en)          | required          | relevant               | constraint            | variable | calculation |
|        | note                      |           | Välkommen!                    | Welcome!                     |                   |                        |                       |          |             |
|        | calculate                 | this_year |                               |                              |                   |                        |                       |          | format-date(today(), '%Y') |
|        | acknowledge               | consent   | Jag vill vara med             | I want to take part          | hard              |                        |                       |          |             |
|        | begin_group               | work      | Ditt arbete                   | Your work                    |                   |                        |                       |          |             |
|        | begin group               | tasks     | Arbetsuppgifter               | Tasks                        |                   |                        |                       |          |             |
|        | select_one agree or_other | autonomy  | Jag bestämmer själv \| oftast | I decide \| mostly           | yes               |                        |                       | auton    |             |
|        | begin_group               | inner     | Mer                           | More                         |                   |                        |                       |          |             |
|        | integer                   | hours     | Hur många timmar, ${autonomy}? | How many hours, ${autonomy}? | ${autonomy} != '' |                        | . >= 0 and . <= 168   |          |             |
|        | end_group                 |           |                               |                              |                   |                        |                       |          |             |
|        | end group                 | tasks     |                               |                              |                   |                        |                       |          |             |
|        | range                     | strain    | Hur ansträngande?             | How straining?               |                   | ${hours} > 10          |                       |          |             |
|        | end_group                 |
|        | select_multiple tools     | tools     | Vilka verktyg?                | Which tools?                 |                   | not(${consent} = '')   |
|        | rank tools                | tool_rank | Vilket är viktigast?          | Which matters most?          |
| choices |           |        |                     |                     |      |         |       |
|         | list_name | name   | label::Svenska (sv) | label::English (en) | code | missing | plant |
|         | agree     | 1      | Instämmer           | Agree               | 1    |         |       |
|         | agree     | 2      | Tar avstånd         | Disagree            | 2    |         |       |
|         | agree     | 88     | Vet inte            | Don't know          |      | dk      |       |
|         | tools     | robot  | Robot               | Robot               |      |         | west  |
|         | tools     | tablet | Surfplatta          | Tablet              |      |         | east  |
| settings |                |         |         |                  |
|          | form_title::sv | form_id | version | default_language |
|          | Arbetet        | work    | 2016-1  | Svenska          |
`

func TestCompile(t *testing.T) {
	q := good(t, workForm)
	if q.FormID != "work" || q.Version != "2016-1" || q.Title["sv"] != "Arbetet" || q.Default != "sv" || !slices.Equal(q.Languages, []string{"sv", "en"}) {
		t.Errorf("settings: %q %q %v %q %v", q.FormID, q.Version, q.Title, q.Default, q.Languages)
	}
	var pages []string
	for _, p := range q.Pages {
		var names []string
		for _, i := range p.Items {
			names = append(names, i.Name)
		}
		pages = append(pages, fmt.Sprintf("%d %s: %s", p.Part.Number, p.Key, strings.Join(names, " ")))
		if q.Page(p.Key) != p {
			t.Errorf("page %s is not found", p.Key)
		}
	}
	want := []string{"1 note_1: note_1", "1 consent: consent", "2 autonomy: autonomy autonomy_other", "2 hours: hours", "2 strain: strain", "3 tools: tools", "3 tool_rank: tool_rank"}
	if !slices.Equal(pages, want) {
		t.Errorf("pages\n%s\nwant\n%s", strings.Join(pages, "\n"), strings.Join(want, "\n"))
	}
	if len(q.Parts) != 3 || q.Parts[0].Label != nil || q.Parts[1].Label["en"] != "Your work" || q.Parts[2].Number != 3 {
		t.Errorf("parts: %+v", q.Parts)
	}
	autonomy, hours := q.Question("autonomy"), q.Question("hours")
	if autonomy.Label["sv"] != "Jag bestämmer själv | oftast" || autonomy.Need != Asked || autonomy.Variable != "auton" || autonomy.Row != 7 {
		t.Errorf("autonomy: %+v", autonomy)
	}
	other := q.Question("autonomy_other")
	if autonomy.OrOther != other || other.OtherOf != autonomy || other.Type != Text || other.Label["en"] != "Please specify" || other.Relevant.Source != "selected(${autonomy}, 'other')" {
		t.Errorf("or_other: %+v", other)
	}
	if autonomy.List.Choice(OtherValue).Label["sv"] != "Annat" || q.Lists["agree"].Choice(OtherValue) != nil || len(q.Lists["agree"].Choices) != 3 {
		t.Error("or_other must add its choice to a list of the question's own")
	}
	if dk := autonomy.List.Choice("88"); dk.Missing != DontKnow || dk.Code != nil || *autonomy.List.Choice("2").Code != 2 {
		t.Errorf("codes: %+v", dk)
	}
	if hours.RequiredWhen == nil || hours.Need != Asked || !slices.Equal(hours.LabelReferences, []string{"autonomy"}) || hours.Constraint.Source != ". >= 0 and . <= 168" {
		t.Errorf("hours: %+v", hours)
	}
	if hours.Parent.Name != "inner" || hours.Parent.Parent.Name != "tasks" || hours.Parent.Parent.Parent.Name != "work" {
		t.Error("the tree does not hold")
	}
	if s := q.Question("strain"); s.RangeStart != 1 || s.RangeEnd != 10 || s.RangeStep != 1 {
		t.Errorf("range: %+v", s)
	}
	if q.Question("consent").Need != Hard || !q.Question("consent").Asks() || q.Question("this_year").Asks() {
		t.Error("needs do not hold")
	}
	robot := q.Lists["tools"].Choice("robot")
	if plant, ok := robot.Column("plant"); plant != "west" || !ok {
		t.Error("a choice's own column is lost")
	}
	if name, _ := robot.Column("name"); name != "robot" {
		t.Error("a choice's name is no column")
	}
	if _, ok := robot.Column("nothing"); ok {
		t.Error("a column that is not there was found")
	}
}

func TestFieldListIsOnePage(t *testing.T) {
	q := good(t, `
| survey |
| | type | name | label | appearance | calculation |
| | calculate | c0 | | | 1 + 1 |
| | text | loose | L | | |
| | calculate | c1 | | | 1 + 1 |
| | begin_group | page | P | no-buttons field-list | |
| | note | n | N | | |
| | begin_group | inner | | field-list | |
| | text | a | A | | |
| | calculate | c2 | | | 1 + 1 |
| | end_group | | | | |
| | text | b | B | | |
| | end_group | | | | |
| | begin_group | silent | | field-list | |
| | calculate | c3 | | | 1 + 1 |
| | end_group | | | | |
| | text | last | L | | |
`)
	var got []string
	for _, p := range q.Pages {
		line := fmt.Sprintf("%d %s", p.Part.Number, p.Key)
		for _, i := range p.Items {
			line += " " + i.Name
		}
		got = append(got, line)
	}
	if want := []string{"1 loose loose", "2 page n a c2 b", "3 last last"}; !slices.Equal(got, want) {
		t.Errorf("pages %q, want %q", got, want)
	}
	if p := q.Page("page"); p.Group != q.Question("page") || !p.Group.FieldList() || q.Page("inner") != nil {
		t.Errorf("page: %+v", p)
	}
}

func TestAliases(t *testing.T) {
	q := good(t, `
| Survey |
| | Type | NAME | Caption : Svenska (sv) | Constraint Message::sv | Read Only | Relevance | calculate | parameters |
| | select one from yn | a | A | | | | | |
| | select1 yn | b | B | | TRUE | selected(${a}, ‘y’) | | |
| | select all that apply from yn | c | C | | | | | |
| | select_multiple yn or specify other | d | D | | | | | |
| | int | e | E | För stort | | | | |
| | string | f | F | | | | | |
| | datetime | g | G | | | | | |
| | trigger | h | H | | | | | |
| | Range | i | I | | | | | start=1; end=5, step=0.5 |
| | text | j | | | | | concat(${f}, '!') | |
| Choices |
| | List Name | Value | Label::Swedish |
| | yn | y | Ja |
| | yn | n | Nej |
`)
	want := map[string]Type{"a": SelectOne, "b": SelectOne, "c": SelectMultiple, "d": SelectMultiple, "e": Integer, "f": Text, "g": DateTime, "h": Acknowledge, "i": Range, "j": Calculate}
	for name, typ := range want {
		if got := q.Question(name); got == nil || got.Type != typ {
			t.Errorf("%s: %+v, want %s", name, got, typ)
		}
	}
	if b := q.Question("b"); !b.ReadOnly || b.Relevant.Source != "selected(${a}, 'y')" || b.Label["sv"] != "B" {
		t.Errorf("b: %+v", b)
	}
	if i := q.Question("i"); i.RangeStart != 1 || i.RangeEnd != 5 || i.RangeStep != 0.5 {
		t.Errorf("i: %+v", i)
	}
	if q.Question("d").OrOther == nil || q.Question("e").ConstraintMessage["sv"] != "För stort" {
		t.Error("or specify other, or a message, is lost")
	}
}

func TestLanguages(t *testing.T) {
	for header, want := range map[string]string{
		"label": "und", "label::default": "und", "label::sv": "sv", "label:sv": "sv", "label :: Svenska (sv)": "sv", "Label::svenska": "sv", "label::German": "de",
		"label::Srpski (sr-Latn)": "sr-Latn", "label::sr_latn": "sr-Latn", "label::українська": "uk", "label::eng(en)": "en", "label::eng": "en",
		"label::Kiswahili (sw)": "sw", "label::Klingonish (x)": "x-klingoni-shx",
	} {
		q, _ := read(t, "| survey |\n| | type | name | "+header+" |\n| | text | a | A |\n")
		if q == nil || q.Default != want || !slices.Equal(q.Languages, []string{want}) || q.Question("a").Label[want] != "A" {
			t.Errorf("%s: want %s, got %+v", header, want, q)
		}
	}
	q, _ := read(t, "| survey |\n| | type | name | label | label::de |\n| | text | a | A | B |\n| settings |\n| | default_language |\n| | English (en) |\n")
	if q == nil || q.Default != "en" || q.Question("a").Label["en"] != "A" || q.Question("a").Label["de"] != "B" {
		t.Errorf("the plain column is not in the default language: %+v", q)
	}
}

func TestDefaults(t *testing.T) {
	q := good(t, `
| survey |
| | type | name | label | default |
| | text | a | A | not - a sum (really) |
| | integer | b | B | 5 |
| | integer | c | C | 2 + 3 |
| | date | d | D | today() |
| | select_one l | e | E | y |
| | text | f | F | ${a} |
| | hidden | g | | wave1 |
| choices |
| | list_name | name | label |
| | l | y | Yes |
`)
	for name, want := range map[string]string{"a": "not - a sum (really)", "b": "5", "c": "=2 + 3", "d": "=today()", "e": "y", "f": "=${a}", "g": "wave1"} {
		i := q.Question(name)
		got := i.Default
		if i.DefaultExpr != nil {
			got = "=" + i.DefaultExpr.Source
		}
		if got != want {
			t.Errorf("%s: default %q, want %q", name, got, want)
		}
	}
}

func TestInterpolate(t *testing.T) {
	got := Interpolate("Hej ${name}, du är ${ age }. ${} $x", func(name string) string { return "<" + name + ">" })
	if want := "Hej <name>, du är <age>. ${} $x"; got != want {
		t.Errorf("got %s", got)
	}
	if got := References("${b} ${a} ${b}"); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("references %v", got)
	}
}

// The questionnaires that come with the program compile, and compile again
// from what is stored of them.
func TestBuiltIn(t *testing.T) {
	files, err := filepath.Glob("../../surveys/*/*.v*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no questionnaires: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		book, ps := Read(file, data)
		q, more := Compile(book)
		for _, p := range append(ps, more...) {
			t.Errorf("%s: %s %s", file, p.Code, p)
		}
		if q == nil {
			continue
		}
		again := good(t, book.Markdown())
		if again.Hash != q.Hash || len(again.Questions) != len(q.Questions) || len(again.Pages) != len(q.Pages) {
			t.Errorf("%s: compiled again it is another", file)
		}
	}
}

// form writes a questionnaire of many rows, with every kind of logic.
func form(rows int) string {
	var b strings.Builder
	b.WriteString("| survey |\n| | type | name | label::sv | label::en | relevant | constraint | calculation |\n")
	for i := range rows {
		before := fmt.Sprintf("q%d", max(0, i-1))
		switch i % 10 {
		case 0:
			fmt.Fprintf(&b, "| | begin_group | g%d | Del | Part | | | |\n", i)
			fmt.Fprintf(&b, "| | integer | q%d | Ålder | Age | | . > 0 and . < 120 | |\n", i)
		case 9:
			fmt.Fprintf(&b, "| | calculate | q%d | | | | | ${%s} + 1 |\n| | end_group | | | | | | |\n", i, before)
		default:
			fmt.Fprintf(&b, "| | select_one agree | q%d | Fråga om ${%s} | Question on ${%s} | ${%s} != '' and not(selected(${%s}, '3')) | | |\n", i, before, before, before, before)
		}
	}
	b.WriteString("| choices |\n| | list_name | name | label::sv | label::en | code |\n")
	for i := range 5 {
		fmt.Fprintf(&b, "| | agree | %d | Svar %d | Answer %d | %d |\n", i, i, i, i)
	}
	return b.String()
}

func BenchmarkCompile600(b *testing.B) {
	book, ps := ReadMarkdown(form(600))
	if len(ps) > 0 {
		b.Fatal(ps)
	}
	b.ReportAllocs()
	for b.Loop() {
		if q, ps := Compile(book); q == nil {
			b.Fatal(ps)
		}
	}
}
