package study

import (
	"slices"
	"time"

	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// Feedback is what participants are shown of the panel's answers, beside their
// own: the part "feedback" of study.yaml.
type Feedback struct {
	After     FeedbackAfter
	Intro     lang.Text // may be empty
	Questions []string  // in the order they are shown
	Unordered []string  // of these, the ones whose choices have no order

	at []value // where each question stands, for what is found wrong with it later
}

// FeedbackAfter says which waves are fed back.
type FeedbackAfter string

// The two ways.
const (
	AfterLast FeedbackAfter = "last" // the last wave alone: what people are told of the panel may change what they answer
	AfterEach FeedbackAfter = "each"
)

// maxFeedback is the most questions that are fed back: a page that one reads.
const maxFeedback = 20

// mostPoints is how many steps a range that is fed back may have.
const mostPoints = 50

// feedback reads the key. That the questions exist is checked with the versions.
func (f fields) feedback() *Feedback {
	m := f.sub("feedback", "after", "intro", "questions", "unordered")
	b := &Feedback{After: AfterLast}
	if s, v, ok := m.optional("after"); ok {
		if b.After = FeedbackAfter(s); b.After != AfterLast && b.After != AfterEach {
			f.r.add(v, "feedback_after", "after says %s. Write last, for the last wave alone, or each.", s)
		}
	}
	if m.has("intro") {
		b.Intro = m.texts("intro")
	}
	for _, v := range f.r.list(m.get("questions")) {
		s, ok := f.r.scalar(v)
		switch {
		case !ok:
		case slices.Contains(b.Questions, s):
			f.r.add(v, "duplicate", "%s is here twice.", s)
		default:
			b.Questions, b.at = append(b.Questions, s), append(b.at, v)
		}
	}
	if len(b.Questions) > maxFeedback {
		f.r.add(m.keys["questions"], "feedback_many", "Feed back at most %d questions: nobody reads more.", maxFeedback)
	}
	if m.has("unordered") {
		b.Unordered = m.words("unordered", b.Questions, "feedback_question")
	}
	return b
}

// Feeds tells whether a wave is fed back.
func (s *Study) Feeds(w *Wave) bool {
	return s.Feedback != nil && (s.Feedback.After == AfterEach || w.Number == len(s.Waves))
}

// Ordered tells whether the choices of a question that is fed back go from low to high.
func (b *Feedback) Ordered(question string) bool { return !slices.Contains(b.Unordered, question) }

// Over gives when a wave is over for everybody, the time of grace included.
func (s *Study) Over(w *Wave) time.Time { return s.rules(w).Grace.After(w.Closes, s.TimeZone) }

// feedback checks the questions that are fed back against the versions that the
// waves ask: each is a choice of one, or a range of a few steps, outside of repeats.
func (l *loader) feedback() {
	b := l.study.Feedback
	if b == nil {
		return
	}
	for i, name := range b.Questions {
		asked := false
		for _, version := range l.found {
			fed := slices.ContainsFunc(l.study.Waves, func(w Wave) bool {
				return w.Questionnaire == version.Key && w.Version == version.Number && l.study.Feeds(&w)
			})
			it := version.Questionnaire.Question(name)
			if !fed || it == nil {
				continue
			}
			asked = true
			if !FeedsBack(it) {
				l.r.add(b.at[i], "feedback_question", "%s cannot be fed back. It has to be a select_one with a list of its own, or a range of at most %d steps, outside of repeats.", name, mostPoints)
			}
		}
		if !asked && len(l.broken) == 0 {
			l.r.add(b.at[i], "feedback_question", "No wave that is fed back asks %s.", name)
		}
	}
}

// FeedsBack tells whether answers to a question can be told as a distribution.
func FeedsBack(it *questionnaire.Item) bool {
	switch {
	case it.Group || it.InRepeat() != nil:
		return false
	case it.Type == questionnaire.Range:
		return it.RangeStep > 0 && (it.RangeEnd-it.RangeStart)/it.RangeStep <= mostPoints
	}
	return it.Type == questionnaire.SelectOne && it.ListFrom == nil && it.OrOther == nil && len(it.List.Choices) > 1
}
