package questionnaire

import (
	"testing"

	"panelverk/internal/fault"
)

func TestCell(t *testing.T) {
	header := make([]string, 28)
	copy(header, []string{"type", "", "Label : sv", "constraint message"})
	header[26], header[27] = "relevance", "relevant"
	b := &Book{Sheets: []*Sheet{{Name: "Survey ", Header: header}}}
	for want, at := range map[string]fault.Place{
		"survey!A4":  {Sheet: "survey", Row: 4, Column: "type"},
		"survey!C14": {Sheet: "survey", Row: 14, Column: "label::sv"},
		"survey!D2":  {Sheet: "survey", Row: 2, Column: "constraint_message"},
		"survey!AB9": {Sheet: "survey", Row: 9, Column: "relevant"},
		"survey!7":   {Sheet: "survey", Row: 7, Column: "name"},
		"survey":     {Sheet: "survey"},
		"choices!3":  {Sheet: "choices", Row: 3, Column: "name"},
		"":           {Row: 3},
	} {
		if got := b.Cell(at); got != want {
			t.Errorf("%+v: %q, want %q", at, got, want)
		}
	}
}

// TestStaleTexts changes one language after the other over five versions.
func TestStaleTexts(t *testing.T) {
	form := func(sv, en, de string) *Questionnaire {
		return good(t, "| survey |\n| | type | name | label::sv | label::en | label::de |\n| | text | a | "+sv+" | "+en+" | "+de+" |\n| | text | b | B | B | B |\n")
	}
	versions := []*Questionnaire{
		form("Hur mår du i dag?", "How are you today?", "Wie geht es dir heute?"),
		form("Hur mår du egentligen i dag?", "How are you today?", "Wie geht es dir heute?"),
		form("Hur mår du egentligen i dag?", "How are you really today?", "Wie geht es dir heute?"),
		form("Hur mår du i dag?", "How are you today?", "Wie geht es dir heute?"),
	}
	none := func(int, string, string) bool { return false }
	for n, want := range map[int][]string{
		1: nil,
		2: {"en", "de"},
		3: {"sv", "de"}, // the English changed after the Swedish, so the Swedish wants a look again
		4: nil,          // all have changed back
	} {
		var got []string
		for _, s := range StaleTexts(versions[:n], none) {
			got = append(got, s.Language)
			if s.Question.Name != "a" || len(s.Changes) == 0 {
				t.Errorf("after %d: %+v", n, s)
			}
		}
		if len(got) != len(want) || len(got) > 0 && (got[0] != want[0] || got[1] != want[1]) {
			t.Errorf("after %d versions: %v, want %v", n, got, want)
		}
	}
	at2 := func(version int, question, tag string) bool { return version == 1 && tag == "de" }
	s := StaleTexts(versions[:2], at2)
	if len(s) != 1 || s[0].Language != "en" || s[0].Changes[0].Present != "How are you today?" || s[0].Changes[0].After != "Hur mår du egentligen i dag?" {
		t.Errorf("confirmed in German: %+v", s)
	}
}
