package questionnaire

import (
	"regexp"
	"slices"
	"strings"
)

// appearances are the words that mean something here, and idleAppearances those
// of XLSForm that do not: the question is shown without them.
var (
	appearances = []string{
		"field-list", "table-list", "label", "list-nolabel", "list", "likert", "columns", "columns-pack", "minimal", "autocomplete", "search",
		"compact", "horizontal", "horizontal-compact", "vertical", "quick", "quickcompact", "no-buttons",
		"multiline", "numbers", "email", "tel", "url", "masked", "hidden-answer", "month-year", "year", "no-calendar", "rating", "no-ticks", "picker",
	}
	idleAppearances = []string{
		"thousands-sep", "counter", "map", "maps", "placement-map", "image-map", "new", "new-front", "selfie", "draw", "annotate", "signature",
		"distress", "ethiopian", "coptic", "islamic", "bikram-sambat", "myanmar", "persian", "buddhist", "my-location", "streets", "satellite",
		"hide-input", "geocode", "comment", "dynamic-advanced", "front", "textarea", "bearing",
	}
	columnsAppearance = regexp.MustCompile(`^(columns|compact|horizontal|quickcompact)-\d+$`)
	widthAppearance   = regexp.MustCompile(`^w\d+$`)
)

// appearance refuses what is out of scope and warns of words without effect.
func (c *compiler) appearance(t *table, r Row) {
	text, at := t.get(r, "appearance"), t.at(r, "appearance")
	if call := searchCall(text); call != "" {
		text = strings.TrimSuffix(strings.TrimSpace(text), call)
	}
	for i, word := range strings.Fields(strings.ToLower(text)) {
		for beginning, why := range refusedAppearances {
			if strings.HasPrefix(word, beginning) {
				c.ps.Add(at, "unsupported", "The appearance “%s” is out of scope: %s.", shorten(text), why)
				return
			}
		}
		switch {
		case slices.Contains(appearances, word), columnsAppearance.MatchString(word):
		case slices.Contains(idleAppearances, word), widthAppearance.MatchString(word):
			c.ps.Warn(at, "ignored_appearance", "The appearance “%s” has no effect here.", strings.Fields(text)[i])
		default:
			c.ps.Warn(at, "unknown_appearance", "The appearance “%s” is not known and has no effect.%s", strings.Fields(text)[i], didYouMean(word, appearances))
		}
	}
}
