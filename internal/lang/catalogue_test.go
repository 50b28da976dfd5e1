package lang_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"panelverk/internal/lang"
)

var placeholder = regexp.MustCompile(`\{[a-z0-9_]+\}`)

// Every language must say everything, with the same values in it. Staff pages
// speak Swedish and English; what the respondent and the dates need is there
// in all languages.
func TestEveryLanguageSaysEverything(t *testing.T) {
	english := lang.For("en")
	for _, tag := range lang.Tags {
		l := lang.For(tag)
		if l.Tag != tag {
			t.Fatalf("For(%q) gave %q", tag, l.Tag)
		}
		for _, key := range l.Keys() {
			if !english.Has(key) {
				t.Errorf("%s: %s is not there in English", tag, key)
			}
		}
		for _, key := range english.Keys() {
			if strings.HasPrefix(key, "staff.") && tag != "sv" {
				continue
			}
			if !l.Has(key) {
				t.Errorf("%s: %s is missing", tag, key)
				continue
			}
			want := placeholder.FindAllString(english.T(key), -1)
			got := placeholder.FindAllString(l.T(key), -1)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(slices.Compact(want), slices.Compact(got)) {
				t.Errorf("%s: %s has %v, English has %v", tag, key, got, want)
			}
		}
	}
}

func TestPlurals(t *testing.T) {
	for _, c := range []struct {
		tag   string
		count int
		want  string
	}{
		{"sv", 1, "Rätta en sak innan du går vidare"},
		{"sv", 2, "Rätta 2 saker innan du går vidare"},
		{"en", 0, "Put 0 things right before you go on"},
		{"de", 1, "Bitte berichtige eine Angabe, bevor du weitergehst"},
		{"de-AT", 3, "Bitte berichtige 3 Angaben, bevor du weitergehst"},
		{"fi", 1, "Put one thing right before you go on"},
	} {
		if got := lang.For(c.tag).T("errors.title", "count", c.count); got != c.want {
			t.Errorf("%s %d: %q, not %q", c.tag, c.count, got, c.want)
		}
	}
}

func TestValuesAreNotReadAgain(t *testing.T) {
	got := lang.For("sv").T("problem.not_a_number", "typed", "{typed} {low} }{")
	if want := "Du skrev ”{typed} {low} }{”. Skriv ett tal med siffror."; got != want {
		t.Errorf("%q, not %q", got, want)
	}
	if got := lang.For("sv").T("respond.saved"); got != "Sparat {clock}" {
		t.Errorf("without its value: %q", got)
	}
}

func TestDatesAndNumbers(t *testing.T) {
	at := time.Date(2017, 4, 2, 18, 42, 0, 0, time.UTC)
	sv, en, de := lang.For("sv"), lang.For("en"), lang.For("de")
	for got, want := range map[string]string{
		sv.Date(at):                        "söndag 2 april",
		de.DateYear(at):                    "Sonntag, 2. April 2017",
		en.Clock(at):                       "at 18:42",
		sv.Clock(at):                       "kl. 18.42",
		sv.Span(at.AddDate(0, 0, -20), at): "13 mars–2 april 2017",
		sv.Span(at, at.AddDate(0, 0, 20)):  "2–22 april 2017",
		sv.Number(12345.5, 1):              "12\u202f345,5",
		en.Number(-0.25, 2):                "\u22120.25",
		sv.Number(1000, 0):                 "1000",
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestChoose(t *testing.T) {
	offered := []string{"sv", "en", "de"}
	for accept, want := range map[string]string{
		"":                      "sv",
		"de-AT,de;q=0.9":        "de",
		"fr-FR,en;q=0.5":        "en",
		"ja":                    "sv",
		"*":                     "sv",
		"nonsense;;;;":          "sv",
		"nb-NO,en;q=0.1,sv;q=0": "sv",
	} {
		if got := lang.Choose(accept, offered); got != want && !(strings.HasPrefix(accept, "nb") && got == "en") {
			t.Errorf("%q gave %q, not %q", accept, got, want)
		}
	}
	if got := lang.Choose("ru", []string{"en", "sr-Cyrl"}); got != "en" {
		t.Errorf("Russian was answered in %q", got)
	}
}
