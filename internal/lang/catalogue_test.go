package lang_test

import (
	"strings"
	"testing"
	"time"

	"panelverk/internal/lang"
)

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
	all := []string{"sv", "en", "de", "sr-Latn", "sr-Cyrl", "uk", "sw"}
	for _, c := range []struct {
		accept  string
		offered []string
		want    string
	}{
		{"sr", all, "sr-Cyrl"},
		{"sr-RS,sr;q=0.9,en;q=0.8", all, "sr-Cyrl"},
		{"sr-Latn-RS", all, "sr-Latn"},
		{"sr-ME", all, "sr-Latn"},
		{"sh", all, "sr-Latn"},
		{"sr-RS", []string{"sv", "sr-Latn"}, "sr-Latn"},
		{"sr-Latn", []string{"sv", "sr-Cyrl"}, "sr-Cyrl"},
		{"hr-HR,hr;q=0.9,en-US;q=0.8,en;q=0.7", all, "sr-Latn"},
		{"bs", all, "sr-Latn"},
		{"bs-Cyrl", all, "sr-Cyrl"},
		{"cnr", all, "sr-Latn"},
		{"hr", []string{"sv", "sr-Latn", "hr"}, "hr"},
		{"hr,en;q=0.5", []string{"sv", "en"}, "en"},
		{"ru", all, "sv"},
		{"ru", []string{"en", "sr-Cyrl"}, "en"},
		{"ru,en;q=0.5", all, "en"},
		{"ru-UA,uk;q=0.8,en;q=0.5", all, "uk"},
		{"be,bg,mk", all, "sv"},
		{"uk-UA", all, "uk"},
		{"sw-KE,en;q=0.5", all, "sw"},
		{"en-KE,sw;q=0.5", all, "en"},
	} {
		if got := lang.Choose(c.accept, c.offered); got != c.want {
			t.Errorf("%q of %v gave %q, not %q", c.accept, c.offered, got, c.want)
		}
	}
}

func TestForTakesTheSameLanguageInTheSameScript(t *testing.T) {
	for tag, want := range map[string]string{
		"sv": "sv", "sv-FI": "sv", "de-AT": "de", "sr": "sr-Cyrl", "sr-RS": "sr-Cyrl", "sr-ME": "sr-Latn", "sr-Latn-RS": "sr-Latn", "sr-Cyrl-BA": "sr-Cyrl",
		"uk-UA": "uk", "sw-KE": "sw", "uk-Latn": "en", "hr": "en", "ru": "en", "fi": "en", "": "en", "not a tag": "en", "sv-": "sv",
	} {
		if got := lang.For(tag).Tag; got != want {
			t.Errorf("%q: %q, not %q", tag, got, want)
		}
	}
}

func TestCases(t *testing.T) {
	at := time.Date(2017, 4, 2, 18, 42, 0, 0, time.UTC)
	sr, uk, sv := lang.For("sr-Latn"), lang.For("uk"), lang.For("sv")
	for got, want := range map[string]string{
		lang.Fill(sr, "do {date/gen}", "date", sr.Date(at)):                       "do nedelje, 2. aprila",
		lang.Fill(lang.For("sr"), "у {date/acc}", "date", sr.Date(at)):            "у nedelja, 2. aprila",
		lang.Fill(uk, "до {date/gen}", "date", uk.DateYear(at)):                   "до неділі, 2 квітня 2017 р.",
		lang.Fill(uk, "Стерто {date}.", "date", uk.DateYear(at)):                  "Стерто неділя, 2 квітня 2017 р.",
		lang.Fill(sv, "Mer om {x}...", "x", "J.K."):                               "Mer om J.K....",
		lang.Fill(uk, "у {month/in} {year}", "month", uk.Month(at), "year", 2017): "у квітні 2017",
		lang.Fill(sv, "till {date/gen}", "date", sv.Date(at)):                     "till söndag 2 april",
		lang.Fill(sv, "{date/gen} {x/gen}", "date", ""):                           " {x/gen}",
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
