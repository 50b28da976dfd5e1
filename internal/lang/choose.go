package lang

import (
	"strings"

	"golang.org/x/text/language"
)

// Tags lists the languages that our own pages speak.
var Tags = []string{"sv", "en", "de", "sr-Latn", "sr-Cyrl", "uk", "sw"}

// Fallback is the language of a key that another one lacks, and of whoever
// wants none that there is.
const Fallback = "en"

// For gives our words in a language: the tag itself, the same language in the
// same script ("sv-FI" → "sv", "sr" and "sr-RS" → "sr-Cyrl", "sr-ME" →
// "sr-Latn": CLDR's likely subtags), else English.
func For(tag string) *Texts {
	if t, ok := own(tag); ok {
		return t
	}
	return catalogue(Fallback)
}

// Calendar gives the words for dates in a language, as For does; false where
// there are none in it, instead of English.
func Calendar(tag string) (*Texts, bool) { return own(tag) }

// own gives our words in the language itself.
func own(tag string) (*Texts, bool) {
	words, ok := catalogues[Base(tag)]
	if !ok {
		return nil, false
	}
	return words(), true
}

// Base gives the language of our texts that a tag stands for: the tag itself,
// else the one of Tags with the same language and script, else the tag's
// language without script and country.
func Base(tag string) string {
	if _, ok := catalogues[tag]; ok {
		return tag
	}
	parsed, err := language.Parse(tag)
	if err != nil {
		before, _, _ := strings.Cut(tag, "-")
		return before
	}
	base, _ := parsed.Base()
	script, _ := parsed.Script()
	if with := base.String() + "-" + script.String(); catalogues[with] != nil {
		return with
	}
	if catalogues[base.String()] != nil {
		if usual, _ := language.Make(base.String()).Script(); usual != script {
			return tag // the language in another script is not what was asked for
		}
	}
	return base.String()
}

// neighbours are languages whose speakers read another one without effort: they
// are served it before whatever comes after their own in their list. Serbian,
// Croatian, Bosnian and Montenegrin share a grammar and nearly all words. Others
// that a script or a past seems to bring together (Russian and Serbian in
// Cyrillic, Russian and Ukrainian) are not among them.
var neighbours = map[string]string{"hr": "sr-Latn", "bs": "sr-Latn", "cnr": "sr-Latn"}

// Choose gives the best of the offered languages for an Accept-Language
// header; the first of them where the header names none. A match of no
// confidence (Russian with Serbian in Cyrillic) does not count. Serbian without
// a script means Cyrillic, as CLDR has it, and Latin where only that is offered.
func Choose(accept string, offered []string) string {
	if len(offered) == 0 {
		return Fallback
	}
	tags := make([]language.Tag, len(offered))
	for i, o := range offered {
		tags[i] = language.Make(o)
	}
	read, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(read) == 0 {
		return offered[0]
	}
	var wanted []language.Tag
	for _, w := range read {
		wanted = append(wanted, w)
		base, _ := w.Base()
		script, _ := w.Script()
		if near, ok := neighbours[base.String()]; ok {
			if script.String() == "Cyrl" {
				near = worked
			}
			wanted = append(wanted, language.Make(near))
		}
	}
	if _, i, confidence := language.NewMatcher(tags).Match(wanted...); confidence >= language.Low {
		return offered[i]
	}
	return offered[0]
}
