package questionnaire

import (
	"regexp"
	"strings"

	"golang.org/x/text/language"

	"panelverk/internal/lang"
)

var reference = regexp.MustCompile(`\$\{\s*([^{}\s]+)\s*\}`)

// References gives the names of all ${name} in a text, in order, each once.
func References(text string) []string {
	if !strings.Contains(text, "${") {
		return nil
	}
	var names []string
	seen := make(map[string]bool)
	for _, m := range reference.FindAllStringSubmatch(text, -1) {
		if !seen[m[1]] {
			seen[m[1]] = true
			names = append(names, m[1])
		}
	}
	return names
}

// Interpolate puts what get gives in the place of each ${name}. What a value
// is shown as, a choice's label or a date in words, is the caller's matter; so
// is escaping.
func Interpolate(text string, get func(name string) string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	return reference.ReplaceAllStringFunc(text, func(match string) string {
		return get(strings.TrimSpace(match[2 : len(match)-1]))
	})
}

// Texts that or_other adds, in the languages of the pages.
var (
	otherLabel = lang.Text{
		"en": "Other", "sv": "Annat", "de": "Anderes", "sr-Latn": "Drugo", "sr": "Друго", "uk": "Інше", "sw": "Nyingine", "fr": "Autre", "es": "Otro",
	}
	otherQuestion = lang.Text{
		"en": "Please specify", "sv": "Vad? Skriv här", "de": "Bitte angeben", "sr-Latn": "Navedite šta", "sr": "Наведите шта",
		"uk": "Уточніть", "sw": "Tafadhali taja", "fr": "Veuillez préciser", "es": "Especifique",
	}
)

// built gives such a text in the languages of the questionnaire: in the
// language itself, in the one it belongs to (de for de-AT), else in English.
func (c *compiler) built(of lang.Text) lang.Text {
	text := make(lang.Text, len(c.q.Languages))
	for _, tag := range c.q.Languages {
		text[tag] = of["en"]
		for t, err := language.Parse(tag); err == nil && !t.IsRoot(); t = t.Parent() {
			if s, ok := of[t.String()]; ok {
				text[tag] = s
				break
			}
		}
	}
	return text
}
