package lang

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// otherwise holds the names of languages whose speakers call them something else than
// the tables of Unicode do.
var otherwise = map[string]string{"sr-Latn": "Srpski"}

// Name gives a language's name in the language itself ("Svenska", "Srpski"), as it stands where people choose theirs; the tag itself where
// nobody knows it.
func Name(tag string) string {
	if name, ok := otherwise[tag]; ok {
		return name
	}
	t, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	name := display.Self.Name(t)
	if name == "" {
		return tag
	}
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToTitle(first)) + name[size:]
}

// leftwards are the scripts in use that run from right to left (ISO 15924).
var leftwards = []string{"Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg"}

// Direction gives what HTML's attribute dir says of a language: "rtl" or "ltr".
func Direction(tag string) string {
	if script, _ := language.Make(tag).Script(); slices.Contains(leftwards, script.String()) {
		return "rtl"
	}
	return "ltr"
}

// Latin tells whether a language is written in Latin letters.
func Latin(tag string) bool {
	script, _ := language.Make(tag).Script()
	return script.String() == "Latn"
}
