package respond

import (
	"strings"
	"testing"

	"panelverk/internal/lang"
)

// A scale lies across only where it does so in every language.
func TestScalesLieTheSameInEveryLanguage(t *testing.T) {
	text := func(sv, de string) lang.Text { return lang.Text{"sv": sv, "de": de} }
	short := []lang.Text{text("Nej", "Nein"), text("Lite", "Wenig"), text("Delvis", "Teils"), text("Mest", "Meist"), text("Ja", "Ja")}
	if got := across(short, true); !strings.Contains(got, "brief") {
		t.Errorf("short labels lie %q", got)
	}
	long := append([]lang.Text{}, short...)
	long[3] = text("Mest", "Größtenteils")
	if got := across(long, true); got != "" {
		t.Errorf("one German label is too long for a fifth of a phone, and the scale lies %q", got)
	}
	if got := across(long[3:], true) + across(append(short, short...), true) + across(short, false); got != "" {
		t.Errorf("two or ten points, or a page of their own, lie %q", got)
	}
	if got := across([]lang.Text{long[0], long[3], long[4]}, true); got != "" {
		t.Errorf("twelve letters in a third of a phone lie %q", got)
	}
}
