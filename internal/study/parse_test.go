package study_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/study"
)

// good is a small study without faults; the cases below change lines of it.
const good = `study: noise
title: Noise at work
public_title: A survey about work
headline: How loud is it?
languages: [en]
time_zone: Europe/Stockholm
panel: {min: 10, max: 20}
frame: named_list
minutes: 5
about:
  who: A university.
  why: To learn about noise.
  answers: Only the researchers get them.
contact: {role: The co-ordinator, email: ask@example.org}
controller: The university.
waves:
  - key: w1
    title: Wave 1
    opens: 2017-03-13 08:00
    closes: 2017-04-02 23:59
    questionnaire: core
    version: 1
  - key: w2
    title: Wave 2
    opens: 2017-09-25 08:00
    closes: 2017-10-15 23:59
    questionnaire: core
    version: 2
`

// listed gives the problems as "row field code", the way the tables below write them.
func listed(ps fault.Problems) []string {
	var out []string
	for _, p := range ps {
		out = append(out, fmt.Sprintf("%d %s %s", p.Row, p.Field, p.Code))
	}
	return out
}

func TestParseGood(t *testing.T) {
	s, ps := study.Parse([]byte(good), nil)
	if len(ps) > 0 {
		t.Fatalf("problems: %v", ps)
	}
	if s.Key != "noise" || s.Title["en"] != "Noise at work" || s.Panel != (study.Panel{Min: 10, Max: 20}) || s.Frame != study.NamedList ||
		s.Minutes != 5 || s.Contact.Email != "ask@example.org" || s.Partial != 0.5 || s.Consent != nil || len(s.Waves) != 2 {
		t.Errorf("read as %+v", s)
	}
	w := s.Waves[1]
	if w.Key != "w2" || w.Number != 2 || w.Questionnaire != "core" || w.Version != 2 || w.Opens.UTC().Format(study.Layout) != "2017-09-25 06:00" {
		t.Errorf("wave 2 read as %+v", w)
	}
}

func TestParseReportsEveryProblem(t *testing.T) {
	cases := []struct {
		name    string
		changes []string // pairs: what stands in good, what stands there instead
		want    []string
	}{
		{"misspelt keys", []string{"time_zone: E", "timezone: E", "    opens: 2017-03", "    open: 2017-03", "minutes", "length"},
			[]string{"6 timezone unknown_key", "9 length unknown_key", "0 time_zone missing_key", "0 minutes missing_key",
				"19 waves[1].open unknown_key", "17 waves[1].opens missing_key"}},
		{"empty values", []string{"study: noise", "study:", "headline: How loud is it?", `headline: ""`},
			[]string{"1 study missing_key", "4 headline empty"}},
		{"wrong kinds", []string{"title: Noise at work", "title: [Noise]", "panel: {min: 10, max: 20}", "panel: 20", "languages: [en]", "languages: en"},
			[]string{"5 languages not_a_list", "7 panel not_a_mapping"}},
		{"a list for a text", []string{"title: Noise at work", "title: [Noise]"}, []string{"2 title not_a_text"}},
		{"numbers", []string{"min: 10, max: 20", "min: 30, max: 20", "minutes: 5", "minutes: ten", "controller", "partial: 50\ncontroller"},
			[]string{"7 panel.min panel_size", "9 minutes number", "15 partial number"}},
		{"not a number at all", []string{"minutes: 5", "minutes: 5\npartial: NaN"}, []string{"10 partial number"}},
		{"keys that cannot stand in an address", []string{"study: noise", "study: Noise Study", "questionnaire: core\n    version: 1", "questionnaire: Core/1\n    version: 1"},
			[]string{"1 study key", "21 waves[1].questionnaire key"}},
		{"unknown frame", []string{"named_list", "namedlist"}, []string{"8 frame frame"}},
		{"unknown zone", []string{"Europe/Stockholm", "Europe/Stokholm"}, []string{"6 time_zone time_zone"}},
		{"the machine's own zone", []string{"Europe/Stockholm", "Local"}, []string{"6 time_zone time_zone"}},
		{"languages", []string{"languages: [en]", "languages: [en, english, EN, en]"},
			[]string{"5 languages[2] language", "5 languages[3] language", "5 languages[4] duplicate"}},
		{"texts for two languages", []string{"languages: [en]", "languages: [en, sv]", "title: Noise at work", "title: {en: Noise, sv: Buller, svv: Oljud}",
			"headline: How loud is it?", "headline: {en: How loud is it?}"},
			[]string{"2 title.svv unknown_key", "3 public_title missing_language", "4 headline missing_language", "11 about.who missing_language",
				"12 about.why missing_language", "13 about.answers missing_language", "14 contact.role missing_language", "15 controller missing_language",
				"18 waves[1].title missing_language", "24 waves[2].title missing_language"}},
		{"contact", []string{"email: ask@example.org", "email: ask at example.org"}, []string{"14 contact.email email"}},
		{"times", []string{"2017-03-13 08:00", "13/3 2017", "2017-04-02 23:59", "2017-04-31 23:59", "2017-10-15 23:59", "2017-10-15"},
			[]string{"19 waves[1].opens time_format", "20 waves[1].closes time_format", "26 waves[2].closes time_format"}},
		{"a time the clocks skip, one they show twice", []string{"2017-03-13 08:00", "2017-03-26 02:30", "2017-10-15 23:59", "2017-10-29 02:30"},
			[]string{"19 waves[1].opens time_skipped", "26 waves[2].closes time_doubled"}},
		{"closes before it opens", []string{"2017-04-02 23:59", "2017-03-02 23:59"}, []string{"20 waves[1].closes wave_closes"}},
		{"overlap", []string{"2017-09-25 08:00", "2017-04-02 08:00"}, []string{"25 waves[2].opens wave_overlap"}},
		{"out of order", []string{"2017-09-25 08:00", "2016-09-25 08:00", "2017-10-15", "2016-10-15"}, []string{"25 waves[2].opens wave_order"}},
		{"wave keys", []string{"key: w1", "key: first/wave", "key: w2", "key: FIRST/WAVE"},
			[]string{"17 waves[1].key wave_key", "23 waves[2].key wave_key", "23 waves[2].key duplicate"}},
		{"no waves", []string{good[strings.Index(good, "  - key: w1"):], "  []\n"}, []string{"16 waves empty"}},
		{"twice", []string{"minutes: 5", "minutes: 5\nminutes: 6", "contact: {role: The co-ordinator, email", "contact: {role: The co-ordinator, role: x, email"},
			[]string{"10 minutes duplicate_key", "15 contact.role duplicate_key"}},
		{"anchors", []string{"title: Noise at work", "title: &t Noise", "headline: How loud is it?", "headline: *t"},
			[]string{"2 title unsupported", "4 headline unsupported"}},
		{"attributes", []string{"waves:", `attributes:
  - name: 1st
    label: First
    choices: [{name: a b, label: A}, {name: c, code: 7, label: C}, {name: c, code: 7, label: C}]
  - name: Sex
    label: Sex
  - name: sex
    label: Sex
    choices: [{name: f, label: F}]
waves:`}, []string{"17 attributes[1].name name", "19 attributes[1].choices[1].name name", "19 attributes[1].choices[3].name duplicate",
			"19 attributes[1].choices[3] duplicate", "20 attributes[2].choices missing_key", "22 attributes[3].name duplicate"}},
		{"consent without texts", []string{"controller", "consent: {version: 0, file: ../x}\ncontroller"},
			[]string{"15 consent.version number", "15 consent.file consent_file", "0 consent missing_language"}},
		{"not YAML", []string{"title: Noise at work", "title: Noise: at: work"}, []string{"2  yaml_syntax"}},
		{"two documents", []string{"waves:", "---\nwaves:"}, []string{"17  yaml_documents"}},
		{"a list", []string{good, "- study: noise\n"}, []string{"0  not_a_mapping"}},
		{"nothing", []string{good, "# study to come\n"}, []string{"0  empty"}},
		{"another encoding", []string{"Noise at work", "Buller p\xe5 jobbet"}, []string{"0  encoding"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := good
			for i := 0; i < len(c.changes); i += 2 {
				if !strings.Contains(text, c.changes[i]) {
					t.Fatalf("the case changes %q, which is not there", c.changes[i])
				}
				text = strings.Replace(text, c.changes[i], c.changes[i+1], 1)
			}
			s, ps := study.Parse([]byte(text), nil)
			if s != nil {
				t.Error("a study with errors was given out")
			}
			if got := listed(ps); !sameSet(got, c.want) {
				t.Errorf("problems:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
			for _, p := range ps {
				if p.File != study.FileName || !strings.HasSuffix(p.Message, ".") && !strings.HasSuffix(p.Message, "?") {
					t.Errorf("no file or no sentence: %s", p)
				}
			}
		})
	}
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func TestMessagesSayWhatToDo(t *testing.T) {
	cases := []struct{ from, to, want string }{
		{"time_zone:", "timezone:", "Did you mean time_zone?"},
		{"named_list", "open_lnk", "Did you mean open_link?"},
		{"named_list", "random", "It can be: open_link, named_list, members."},
		{"Europe/Stockholm", "CET+1", "Write its name as Europe/Stockholm."},
		{"2017-09-25 08:00", "2017-03-26 02:30", "2017-03-26 02:30 does not exist in Europe/Stockholm: the clocks are put forward past it that night. Choose another time."},
		{"languages: [en]", "languages: [sr-latn]", "Write the language sr-latn as sr-Latn."},
	}
	for _, c := range cases {
		_, ps := study.Parse([]byte(strings.Replace(good, c.from, c.to, 1)), nil)
		if !slices.ContainsFunc(ps, func(p fault.Problem) bool { return strings.HasSuffix(p.Message, c.want) }) {
			t.Errorf("%s: %v, want %q", c.to, ps, c.want)
		}
	}
}

func TestParseStoredText(t *testing.T) {
	dir := "../../surveys/smart-factory/"
	source, err := os.ReadFile(dir + study.FileName)
	if err != nil {
		t.Fatal(err)
	}
	texts := lang.Text{"sv": "Information", "en": "Information", "de": "Informationen", "sr-Latn": "Informacije", "sr-Cyrl": "Информације", "uk": "Інформація", "sw": "Maelezo"}
	s, ps := study.Parse(source, texts)
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	if s.Consent.Texts["de"] != "Informationen" || s.Consent.Version != 1 {
		t.Errorf("consent read as %+v", s.Consent)
	}
	delete(texts, "de")
	if s, ps := study.Parse(source, texts); s != nil || len(ps) != 1 || ps[0].Code != "missing_language" {
		t.Errorf("a missing consent text gave %v", ps)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("{study: noise, waves: [{key: w1}]}"))
	f.Add([]byte("? [a]\n: b\n<<: *x\nstudy: !!int 3\n"))
	f.Fuzz(func(t *testing.T, source []byte) {
		s, ps := study.Parse(source, nil)
		if (s == nil) != (len(ps.Errors()) > 0) {
			t.Errorf("a study %v with the problems %v", s, ps)
		}
		if s == nil {
			return
		}
		moved := s.Shift(1)
		text, err := moved.YAML()
		if err != nil {
			return // a flow mapping: YAML says so
		}
		if again, ps := study.Parse(text, nil); again == nil || len(again.Waves) != len(moved.Waves) {
			t.Errorf("YAML wrote what Parse does not read: %v", ps)
		}
	})
}
