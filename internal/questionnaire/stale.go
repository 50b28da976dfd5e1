package questionnaire

import (
	"cmp"
	"maps"
	"slices"

	"panelverk/internal/lang"
)

// StaleText is what a question says in a language that stayed as it was while
// another changed, and that nobody has looked at since.
type StaleText struct {
	Question *Item  // as the newest version has it
	Language string // whose words stayed
	Since    int    // the index of the version in which others changed
	Changes  []StaleChange
}

// StaleChange is one text in a language that changed, before and as it is now,
// with what the stale language says in that place.
type StaleChange struct {
	Detail
	Present string // "" where the stale language says nothing there
}

// staleKey names what can be stale.
type staleKey struct{ question, language string }

// StaleTexts gives the texts of the newest of some versions, oldest first, that
// are stale: those that stayed while other languages changed, neither changed
// since nor confirmed. confirmed tells whether somebody who published, or looked
// at, the version of an index has kept the words of a question in a language.
// They come in the order of the questions, then of the languages.
func StaleTexts(versions []*Questionnaire, confirmed func(version int, question, language string) bool) []StaleText {
	since := map[staleKey]int{}
	for i := 1; i < len(versions); i++ {
		for _, d := range Compare(versions[i-1], versions[i], versions[:i-1]...).Questions {
			for _, tag := range d.Languages {
				delete(since, staleKey{d.Question, tag})
			}
			for _, tag := range d.Stale {
				if _, already := since[staleKey{d.Question, tag}]; !already {
					since[staleKey{d.Question, tag}] = i
				}
			}
		}
		maps.DeleteFunc(since, func(k staleKey, _ int) bool {
			return versions[i].Question(k.question) == nil || confirmed(i, k.question, k.language)
		})
	}
	if len(since) == 0 {
		return nil
	}
	newest := versions[len(versions)-1]
	compared := map[int]*Comparison{}
	var out []StaleText
	for k, i := range since {
		if compared[i] == nil {
			compared[i] = Compare(versions[i-1], newest, versions[:i-1]...)
		}
		s := StaleText{Question: newest.Question(k.question), Language: k.language, Since: i}
		for _, x := range compared[i].Question(k.question).Details {
			if x.Language != "" && x.Language != k.language && (x.Kind == KindWording || x.Kind == KindCategories) && !reworded(s.Changes, x) {
				s.Changes = append(s.Changes, StaleChange{x, s.Question.says(x)[k.language]})
			}
		}
		if len(s.Changes) > 0 { // else the others have changed back
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b StaleText) int {
		return cmp.Or(cmp.Compare(slices.Index(newest.Questions, a.Question), slices.Index(newest.Questions, b.Question)),
			cmp.Compare(slices.Index(newest.Languages, a.Language), slices.Index(newest.Languages, b.Language)))
	})
	return out
}

// reworded tells that a choice's new words are listed already: those of a
// reused code come twice.
func reworded(changes []StaleChange, x Detail) bool {
	return x.Choice != "" && slices.ContainsFunc(changes, func(c StaleChange) bool { return c.Choice == x.Choice && c.Language == x.Language })
}

// says gives the text of a question that a detail is about, in every language.
func (i *Item) says(d Detail) lang.Text {
	switch d.Aspect {
	case AspectLabel:
		return i.Label
	case AspectHint:
		return i.Hint
	case AspectGuidance:
		return i.Guidance
	case AspectConstraintMessage:
		return i.ConstraintMessage
	case AspectRequiredMessage:
		return i.RequiredMessage
	case AspectRelabelled, AspectReused, AspectChoiceMedia:
		if i.List != nil && i.List.Choice(d.Choice) != nil {
			return i.List.Choice(d.Choice).Label
		}
	case AspectStem, AspectHeading:
		for up := i.Parent; up != nil; up = up.Parent {
			if up.Label[d.Language] == d.After {
				return up.Label
			}
		}
	}
	return nil
}
