package questionnaire

import (
	"regexp"
	"slices"
	"strconv"
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
		"thousands-sep", "counter", "map", "maps", "placement-map", "new", "new-front", "selfie", "draw", "annotate", "signature",
		"distress", "my-location", "streets", "satellite",
		"hide-input", "geocode", "comment", "dynamic-advanced", "front", "textarea",
	}
	columnsAppearance = regexp.MustCompile(`^(columns|compact|horizontal|quickcompact)-\d+$`)
	widthAppearance   = regexp.MustCompile(`^w\d+$`)
)

// calendars are those of other countries that ODK can show a date in.
var calendars = []string{"ethiopian", "coptic", "islamic", "bikram-sambat", "myanmar", "persian", "buddhist"}

// appearance refuses what is out of scope and warns of words without effect.
func (c *compiler) appearance(t *table, r Row, item *Item) {
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
		written := strings.Fields(text)[i]
		switch {
		case slices.Contains(appearances, word), columnsAppearance.MatchString(word):
		case slices.Contains(calendars, word):
			c.ps.Warn(at, "ignored_appearance", "The appearance “%s” has no effect here: dates are asked in the Gregorian calendar.", written)
		case word == "image-map":
			c.ps.Warn(at, "ignored_appearance", "The appearance “%s” has no effect here: the choices are a list, and each needs a label.", written)
		case word == "bearing":
			c.ps.Warn(at, "ignored_appearance", "The appearance “%s” has no effect here: a browser has no compass. The number is typed.", written)
		case slices.Contains(idleAppearances, word), widthAppearance.MatchString(word):
			c.ps.Warn(at, "ignored_appearance", "The appearance “%s” has no effect here.", written)
		default:
			c.ps.Warn(at, "unknown_appearance", "The appearance “%s” is not known and has no effect.%s", written, didYouMean(word, appearances))
		}
	}
	if item.Type == Rank && item.Appears("minimal") || item.Type == SelectMultiple && (item.Appears("minimal") || item.Appears("autocomplete")) {
		c.ps.Warn(at, "ignored_appearance", "The appearance “%s” has no effect on a question with several answers: its choices always stand in full.", text)
	}
}

// Precision is how much of a date is asked for.
type Precision uint8

// The precisions. A month is stored as its first day, a year as its first of
// January, as ODK's form reference says of these appearances.
const (
	Day Precision = iota
	Month
	Year
)

// Precision tells how much of a date is asked for; Day for everything else.
func (i *Item) Precision() Precision {
	switch {
	case i.Type != Date:
		return Day
	case i.Appears("year"):
		return Year
	case i.Appears("month-year"):
		return Month
	}
	return Day
}

// openColumns are the words that lay choices out beside each other.
var openColumns = []string{"columns", "columns-pack", "compact", "horizontal", "horizontal-compact", "quickcompact"}

// Columns tells in how many columns at most the choices may stand: 0 where the
// appearance says nothing of it, ManyColumns where it leaves the number open.
func (i *Item) Columns() int {
	for word := range strings.FieldsSeq(strings.ToLower(i.Appearance)) {
		switch {
		case columnsAppearance.MatchString(word):
			count, _ := strconv.Atoi(word[strings.LastIndex(word, "-")+1:])
			return max(count, 1)
		case slices.Contains(openColumns, word):
			return ManyColumns
		}
	}
	return 0
}

// ManyColumns is as many columns as there is room for.
const ManyColumns = 99

// InGrid tells a question that XLSForm lays out as a row of a grid.
func (i *Item) InGrid() bool {
	return i.List != nil && (i.Appears("list-nolabel") || i.Appears("list") || i.Parent != nil && i.Parent.Appears("table-list"))
}
