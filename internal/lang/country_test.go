package lang

import (
	"slices"
	"testing"
)

func TestCountries(t *testing.T) {
	for tag, want := range map[string]map[string]string{
		"sv": {"SE": "Sverige", "UA": "Ukraina", "KE": "Kenya", "RS": "Serbien", "AT": "Österrike"}, "de": {"AT": "Österreich", "RS": "Serbien"},
		"uk": {"UA": "Україна"}, "sr-Latn": {"RS": "Srbija"}, "sr-Cyrl": {"RS": "Србија"}, "sw": {"KE": "Kenya"}, "en": {"GB": "United Kingdom"},
	} {
		all := For(tag).Countries()
		if n := len(all); n != 250 {
			t.Errorf("%s: %d countries", tag, n)
		}
		for code, name := range want {
			if !slices.Contains(all, Country{code, name}) {
				t.Errorf("%s: %s is %s, not %s", tag, code, For(tag).Country(code), name)
			}
		}
		for _, c := range all {
			if c.Name == c.Code {
				t.Errorf("%s: %s has no name", tag, c.Code)
			}
		}
	}
	at := func(tag, code string) int {
		return slices.IndexFunc(For(tag).Countries(), func(c Country) bool { return c.Code == code })
	}
	if at("sv", "AT") < at("sv", "ZW") || at("de", "AT") > at("de", "ZW") || at("sv", "AX") > at("sv", "AT") {
		t.Error("the alphabet is another language's")
	}
	for _, code := range []string{"XX", "ZZ", "EU", "se", "SWE", "", "QQ"} {
		if IsCountry(code) {
			t.Errorf("%q is a country", code)
		}
	}
}
