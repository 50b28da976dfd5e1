package questionnaire

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"panelverk/internal/fault"
)

// Advice gives what a researcher may want to think of before a questionnaire is
// asked: how long it takes to read, questions that leave no way out, and scales
// whose points have no words. All of it are warnings.
func (q *Questionnaire) Advice() fault.Problems {
	var ps fault.Problems
	for _, tag := range q.Languages {
		if seconds := q.ReadingSeconds(tag); seconds > 0 {
			in := ""
			if tag != undetermined {
				in = " in " + tag
			}
			ps.Warn(fault.Place{}, "reading_time", "Reading all questions%s takes about %d seconds. Thinking and answering come on top.", in, seconds)
		}
	}
	bare := make(map[*List]bool)
	for _, item := range q.Questions {
		if !item.Asks() {
			continue
		}
		at := fault.Place{Sheet: sheetSurvey, Row: item.Row, Column: "type"}
		if item.offersNoWayOut() {
			ps.Warn(at, "no_way_out", "The question offers neither “don't know” nor “prefer not to say”. A choice with dk or refused in the column missing does.")
		}
		switch {
		case item.Type == Range && item.TickLabels == nil && item.Hint.Empty():
			at.Column = "parameters"
			ps.Warn(at, "bare_scale", "The ends of the scale “%s” have no labels. Name a list in the parameter tick_labelset, or say in the hint what they mean.", item.Name)
		case item.List != nil && !bare[item.List] && item.List.isBareScale():
			bare[item.List] = true
			ps.Warn(at, "bare_scale", "Points of the scale “%s” have no words. People read unlabelled points differently: label every one.", item.List.Name)
		}
	}
	return ps
}

// offersNoWayOut tells a question with choices none of which says “don't know”
// or “prefer not to say”.
func (i *Item) offersNoWayOut() bool {
	if i.Type != SelectOne && i.Type != SelectMultiple || i.ListFrom != nil || i.List == nil || i.List.File != "" {
		return false
	}
	return !slices.ContainsFunc(i.List.Choices, func(c *Choice) bool { return c.Missing != Substantive })
}

// isBareScale tells a list of three points or more of which some have only a
// number, or nothing, for a label.
func (l *List) isBareScale() bool {
	points, bare := 0, 0
	for _, c := range l.Choices {
		if c.Missing != Substantive {
			continue
		}
		points++
		label, _ := c.Label.In("")
		if strings.TrimFunc(label, func(r rune) bool { return unicode.IsDigit(r) || unicode.IsSpace(r) }) == "" && c.Media.Empty() {
			bare++
		}
	}
	return points >= 3 && bare > 0
}

// millisecondsPerCharacter is how long young adults read one character of their
// own language, on average over 14 languages with an alphabet: 68 ms (95 %
// confidence 65–71). Trauzettel-Klosinski and Dietz: Standardized Assessment of
// Reading Performance: The New International Reading Speed Texts IReST,
// Investigative Ophthalmology & Visual Science 53 (2012), 5452–5461. They read
// aloud; silent reading is somewhat faster, older and poorer readers are slower.
// For scripts whose characters are syllables or words it says too little.
const millisecondsPerCharacter = 68

// ReadingSeconds estimates how long it takes to read everything that a
// respondent may see in a language: characters × 68 ms, spaces included, of the
// labels, hints and choices of all questions and of the labels of groups. A list
// that stands under one question after the other, as in a battery, is counted
// once. It is 0 where there is nothing in the language.
func (q *Questionnaire) ReadingSeconds(tag string) int {
	characters := 0
	count := func(text string) { characters += utf8.RuneCountInString(text) }
	var last *List
	var visit func(items []*Item)
	visit = func(items []*Item) {
		for _, item := range items {
			if item.Silent() {
				continue
			}
			count(item.Label[tag])
			count(item.Hint[tag])
			if item.List != nil && item.List != last {
				for _, choice := range item.List.Choices {
					count(choice.Label[tag])
				}
			}
			last = item.List
			visit(item.Children)
		}
	}
	visit(q.Items)
	return (characters*millisecondsPerCharacter + 500) / 1000
}
