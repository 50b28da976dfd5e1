package study_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"panelverk/internal/expr"
	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
	"panelverk/surveys"
)

func load(t *testing.T, fsys fs.FS, dir string) *study.Folder {
	t.Helper()
	f, ps := study.Load(fsys, dir)
	if len(ps) > 0 {
		t.Fatalf("problems in %s:\n%v", dir, ps)
	}
	return f
}

func TestEveryStudyBuiltInIsFreeOfProblems(t *testing.T) {
	files, err := fs.Glob(surveys.FS, "*/"+study.FileName)
	if err != nil || len(files) == 0 {
		t.Fatalf("no study is built in: %v", err)
	}
	for _, file := range files {
		dir := strings.TrimSuffix(file, "/"+study.FileName)
		if f := load(t, surveys.FS, dir); f.Study.Key != dir {
			t.Errorf("the folder %s holds the study %s", dir, f.Study.Key)
		}
	}
}

// Whoever reads the Serbian of a built-in study reads it once: in Cyrillic it is
// the same text in other letters.
func TestSerbianOfBuiltInStudiesIsOneText(t *testing.T) {
	files, err := fs.Glob(surveys.FS, "*/"+study.FileName)
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, file := range files {
		eachText(reflect.ValueOf(load(t, surveys.FS, strings.TrimSuffix(file, "/"+study.FileName))), map[uintptr]bool{}, func(text lang.Text) {
			latin, cyrillic := text["sr-Latn"], text["sr-Cyrl"]
			if latin == "" && cyrillic == "" {
				return
			}
			compared++
			if want := lang.Cyrillic(latin); cyrillic != want {
				t.Errorf("%s: sr-Cyrl says\n%s\nwhere sr-Latn makes it\n%s", file, cyrillic, want)
			}
		})
	}
	if compared < 100 {
		t.Errorf("only %d texts were compared", compared)
	}
}

// eachText finds every text in several languages that a value holds.
func eachText(v reflect.Value, seen map[uintptr]bool, tell func(lang.Text)) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return
		}
		seen[v.Pointer()] = true
		eachText(v.Elem(), seen, tell)
	case reflect.Interface:
		if !v.IsNil() {
			eachText(v.Elem(), seen, tell)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			eachText(v.Index(i), seen, tell)
		}
	case reflect.Map:
		if v.Type() == reflect.TypeFor[lang.Text]() {
			text := lang.Text{}
			for _, key := range v.MapKeys() {
				text[key.String()] = v.MapIndex(key).String()
			}
			tell(text)
			return
		}
		for _, key := range v.MapKeys() {
			eachText(v.MapIndex(key), seen, tell)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			eachText(v.Field(i), seen, tell)
		}
	}
}

func TestSmartFactory(t *testing.T) {
	f := load(t, surveys.FS, "smart-factory")
	s := f.Study
	if s.Panel != (study.Panel{Min: 30, Max: 40}) || len(s.Waves) != 4 || !slices.Equal(s.Languages, []string{"sv", "en", "de", "sr-Latn", "sr-Cyrl", "uk", "sw"}) {
		t.Errorf("read as %+v", s)
	}
	for _, tag := range s.Languages {
		if !strings.Contains(s.Consent.Texts[tag], "9") || !strings.Contains(s.Consent.Texts[tag], s.Contact.Email) {
			t.Errorf("the consent text in %s names neither Article 9 nor whom to ask", tag)
		}
	}
	for i, version := range []int{1, 1, 2, 2} {
		w := s.Waves[i]
		if w.Questionnaire != "core" || w.Version != version || f.Version("core", version) == nil {
			t.Errorf("wave %d asks %s v%d", w.Number, w.Questionnaire, w.Version)
		}
	}
	for _, v := range f.Versions {
		q := v.Questionnaire
		asked := 0
		for _, item := range q.Questions {
			if item.Asks() && item.OtherOf == nil {
				asked++
			}
			if len(item.Name) > 18 && item.OtherOf == nil {
				t.Errorf("%s: the name %s is longer than 18 characters", v.File, item.Name)
			}
		}
		if asked < 33 || asked > 38 || len(q.Parts) != 6 {
			t.Errorf("%s asks %d questions in %d parts, want about 35 in 6", v.File, asked, len(q.Parts))
		}
		for _, p := range q.Pages {
			if n := len(p.Items); n > 6 {
				t.Errorf("%s: the page %s holds %d items", v.File, p.Key, n)
			}
		}
	}
}

// Version 2 differs from version 1 in what its study promises, and in nothing else.
func TestSmartFactoryVersionsDifferAsPromised(t *testing.T) {
	f := load(t, surveys.FS, "smart-factory")
	one, two := f.Version("core", 1).Questionnaire, f.Version("core", 2).Questionnaire
	var got []string
	for _, q := range one.Questions {
		if two.Question(q.Name) == nil {
			got = append(got, "removed "+q.Name)
		}
	}
	for _, q := range two.Questions {
		was := one.Question(q.Name)
		if was == nil {
			got = append(got, "added "+q.Name)
			continue
		}
		if !maps.Equal(was.Label, q.Label) {
			got = append(got, "reworded "+q.Name)
			for _, tag := range f.Study.Languages {
				if was.Label[tag] == q.Label[tag] {
					t.Errorf("%s has the old wording in %s", q.Name, tag)
				}
			}
		}
		if was.Type != q.Type || was.Need != q.Need || !maps.Equal(was.Hint, q.Hint) || (was.Relevant == nil) != (q.Relevant == nil) ||
			(was.Constraint == nil) != (q.Constraint == nil) {
			got = append(got, "changed "+q.Name)
		}
		got = append(got, choicesChanged(was, q)...)
	}
	want := []string{"removed train_paid", "reworded infl_tech", "category pay of mon_use", "added agree_data"}
	if !sameSet(got, want) {
		t.Errorf("the versions differ in %q, want %q", got, want)
	}
}

func choicesChanged(was, is *questionnaire.Item) []string {
	if is.List == nil {
		return nil
	}
	described := func(c *questionnaire.Choice) string {
		code := "none"
		if c.Code != nil {
			code = fmt.Sprint(*c.Code)
		}
		return fmt.Sprint(c.Name, c.Label, code, c.Missing)
	}
	var out []string
	for _, c := range is.List.Choices {
		old := was.List.Choice(c.Name)
		if old == nil || described(old) != described(c) {
			out = append(out, "category "+c.Name+" of "+is.Name)
		}
	}
	for _, c := range was.List.Choices {
		if is.List.Choice(c.Name) == nil {
			out = append(out, "lost category "+c.Name+" of "+is.Name)
		}
	}
	return out
}

// The rules that route and check, answered as people answer.
func TestSmartFactoryRules(t *testing.T) {
	q := load(t, surveys.FS, "smart-factory").Version("core", 2).Questionnaire
	now := time.Date(2017, 9, 28, 18, 42, 0, 0, time.UTC)
	holds := func(e *expr.Expr, self string, answers map[string]string) bool {
		return e.Eval(&expr.Env{Self: self, Now: now, Get: func(name string) string { return answers[name] }}).Bool()
	}
	constraints := []struct {
		question, answer string
		want             bool
	}{
		{"tech_met", "robots tablets", true},
		{"tech_met", "none", true},
		{"tech_met", "refused", true},
		{"tech_met", "robots none", false},
		{"tech_met", "none refused", false},
		{"year_started", "1960", true},
		{"year_started", "2017", true},
		{"year_started", "1959", false},
		{"year_started", "2106", false},
		{"hours_week", "0", true},
		{"hours_week", "100", true},
		{"hours_week", "420", false},
		{"hours_week", "-1", false},
		{"train_hours", "1.5", true},
		{"train_hours", "0", false},
		{"last_talks", "2017-09-28", true},
		{"last_talks", "2017-09-29", false},
	}
	for _, c := range constraints {
		if got := holds(q.Question(c.question).Constraint, c.answer, nil); got != c.want {
			t.Errorf("%s = %s is accepted: %v, want %v", c.question, c.answer, got, c.want)
		}
	}
	counts := map[string]float64{"": 0, "none": 0, "refused": 0, "robots": 1, "robots sensors printers": 3}
	for answer, want := range counts {
		count := q.Question("tech_count").Calculation.Eval(&expr.Env{Get: func(string) string { return answer }})
		if count.Number() != want {
			t.Errorf("tech_met = %q counts as %v, want %v", answer, count.Number(), want)
		}
		main := holds(q.Question("tech_main").Relevant, "", map[string]string{"tech_count": fmt.Sprint(want)})
		use := holds(q.Question("p_tech_use").Relevant, "", map[string]string{"tech_count": fmt.Sprint(want)})
		if main != (want > 1) || use != (want > 0) {
			t.Errorf("after tech_met = %q the follow-ups are asked: %v and %v", answer, use, main)
		}
	}
	var offered []string
	for _, c := range q.Question("tech_main").List.Choices {
		env := &expr.Env{Get: func(string) string { return "robots sensors" }, Column: func(name string) (string, bool) {
			if name == "name" {
				return c.Name, true
			}
			v, ok := c.Columns[name]
			return v, ok
		}}
		if q.Question("tech_main").ChoiceFilter.Eval(env).Bool() {
			offered = append(offered, c.Name)
		}
	}
	if !slices.Equal(offered, []string{"robots", "sensors", "refused"}) {
		t.Errorf("after robots and sensors, tech_main offers %v", offered)
	}
	for question, filter := range map[string]string{"mon_informed": "mon_logged", "mon_use": "mon_logged", "train_hours": "train_had",
		"last_talks": "negotiated", "agree_tech": "coll_agree"} {
		for answer, want := range map[string]bool{"yes": true, "no": false, "dk": false, "refused": false, "": false} {
			if got := holds(q.Question(question).Relevant, "", map[string]string{filter: answer}); got != want {
				t.Errorf("%s is asked after %s = %q: %v", question, filter, answer, got)
			}
		}
	}
}

func TestUnionWage(t *testing.T) {
	f := load(t, os.DirFS("../intake/testdata"), "union-wage")
	if len(f.Study.Waves) != 8 || f.Study.Waves[0].Key != "1980" || f.Study.Waves[7].Key != "1987" || f.Study.Consent != nil {
		t.Errorf("read as %+v", f.Study)
	}
	q := f.Version("core", 1).Questionnaire
	var names []string
	for _, item := range q.Questions {
		names = append(names, item.Name)
	}
	if got := strings.Join(names, " "); got != "school exper union ethn married health wage industry occupation residence" {
		t.Errorf("asks %s", got)
	}
}

const form = `| survey |
| | type | name | label::English (en) |
| | text | loud | How loud is it? |
| | text | sector | Where do you work? |
`

func TestLoadReportsEveryProblemOfAFolder(t *testing.T) {
	text := strings.Replace(good, "controller", "consent: {version: 1, file: consent/c1}\ncontroller", 1)
	text = strings.Replace(text, "waves:", "attributes: [{name: sector, label: Sector, choices: [{name: a, label: A}]}]\nwaves:", 1)
	text = strings.Replace(text, "minutes: 5", "minutes: 0", 1)
	text = strings.Replace(text, "languages: [en]", "languages: [en, sv]", 1)
	broken := strings.Replace(form, "text | loud", "texte | loud", 1)
	files := fstest.MapFS{
		"study.yaml":         {Data: []byte(text)},
		"core.v1.md":         {Data: []byte(form)},
		"core.v1.xlsx":       {Data: []byte("the same version twice")},
		"core.v3.md":         {Data: []byte(broken)},
		"Core.V4.md":         {Data: []byte(form)},
		"~$core.v1.xlsx":     {Data: []byte("left by Excel")},
		"README.md":          {Data: []byte("# Notes")},
		"consent/c1.en.md":   {Data: []byte(" \n")},
		"consent/notes.docx": {Data: []byte("not looked at")},
	}
	f, ps := study.Load(files, ".")
	if f != nil {
		t.Error("a folder with errors was given out")
	}
	found := map[string]bool{}
	for _, p := range ps {
		found[fmt.Sprintf("%s %s %s %s", p.Severity, p.File, p.Field, p.Code)] = true
	}
	for _, want := range []string{
		"error study.yaml minutes number",
		"error study.yaml waves[2].version missing_version",
		"error study.yaml title missing_language",
		"error consent/c1.en.md  empty",
		"error consent/c1.sv.md  missing_file",
		"error core.v1.md  missing_language",
		"error core.v1.md  name_taken",
		"error core.v1.xlsx  duplicate",
		"warning Core.V4.md  not_read",
	} {
		if !found[want] {
			t.Errorf("not reported: %s", want)
		}
	}
	if !slices.ContainsFunc(ps.Errors(), func(p fault.Problem) bool { return p.File == "core.v3.md" && p.Row == 2 }) {
		t.Error("the broken questionnaire is not reported with its row")
	}
	for _, quiet := range []string{"README.md", "~$core.v1.xlsx", "consent/notes.docx"} {
		if slices.ContainsFunc(ps, func(p fault.Problem) bool { return p.File == quiet }) {
			t.Errorf("%s is reported", quiet)
		}
	}
	if t.Failed() {
		t.Logf("problems:\n%v", ps.Err("x", ""))
	}
}

func TestLoadWarnsOfSettingsThatSayOtherwise(t *testing.T) {
	settings := "| settings |\n| | form_id | version |\n| | kern | 7 |\n"
	files := fstest.MapFS{
		"a/study.yaml": {Data: []byte(good)},
		"a/core.v1.md": {Data: []byte(form + settings)},
		"a/core.v2.md": {Data: []byte(form)},
	}
	f, ps := study.Load(files, "a")
	if f == nil || len(ps) != 2 || ps[0].Column != "form_id" || ps[1].Column != "version" {
		t.Fatalf("got %v", ps)
	}
	if v := f.Version("core", 2); v == nil || v.File != "core.v2.md" || string(v.Data) != form || v.Book == nil {
		t.Errorf("version 2 is %+v", v)
	}
	if f.Version("core", 3) != nil || f.Version("kern", 1) != nil {
		t.Error("a version that does not exist was found")
	}
}

func TestLoadWithoutStudyFile(t *testing.T) {
	_, ps := study.Load(fstest.MapFS{"core.v1.md": {Data: []byte(form)}}, ".")
	if len(ps) != 1 || ps[0].Code != "missing_file" {
		t.Errorf("got %v", ps)
	}
}

// The manual's example is a questionnaire of a study in Swedish and English.
func TestExampleOfTheManual(t *testing.T) {
	manual, err := os.ReadFile("../../surveys/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, found := strings.Cut(string(manual), "```\n| survey |")
	example, _, closed := strings.Cut(example, "```")
	if !found || !closed {
		t.Fatal("the manual has no example")
	}
	text := strings.ReplaceAll(good, "version: 2", "version: 1")
	f := load(t, fstest.MapFS{"study.yaml": {Data: []byte(text)}, "core.v1.md": {Data: []byte("| survey |" + example)}}, ".")
	q := f.Versions[0].Questionnaire
	if len(q.Questions) != 2 || len(q.Pages) != 1 || len(q.Parts) != 1 || !slices.Equal(q.Languages, []string{"sv", "en"}) {
		t.Errorf("the example has %d questions on %d pages in %d parts, in %v", len(q.Questions), len(q.Pages), len(q.Parts), q.Languages)
	}
}
