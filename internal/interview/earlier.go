package interview

import (
	"time"

	"panelverk/internal/questionnaire"
)

// Earlier is an answer of an earlier wave that an interview was told: what
// ${last-saved#question} is worth in it.
type Earlier struct {
	Value string `json:"v"`
	Wave  int    `json:"w"` // the number of the wave that it was given in
	At    int64  `json:"t"` // when that interview was last saved: unix milliseconds, UTC
}

// Past is an earlier interview of the same person with the same questionnaire.
type Past struct {
	Wave  int
	At    time.Time // when it was last saved: its logic is worked out as of then
	Logic *Logic
	Doc   *Document
	// Same gives the name in this interview of the question that is the same
	// variable as one of the present version, "" where there is none.
	Same func(question string) string
	// Corrected holds the questions that staff have set right since.
	Corrected map[string]bool
}

// Recalls tells whether the questionnaire reads answers of earlier waves at all.
func (l *Logic) Recalls() bool { return len(l.Questionnaire.Earlier) > 0 }

// Recall gives what an interview may be told of the earlier ones, the latest of
// which comes first. Of each question the latest answer counts, blank and
// routed-past ones aside. Where that is "don't know" or "prefer not to say",
// has been corrected since, can no longer be chosen, or is not opened by the
// proof, nothing is told: an older answer is not what the person said last.
func (l *Logic) Recall(past []Past, proof Proof) map[string]Earlier {
	told := map[string]Earlier{}
	views := make([]*View, len(past))
	for _, name := range l.Questionnaire.Earlier {
		it := l.Questionnaire.Question(name)
		for i, p := range past {
			then := p.Logic.Questionnaire.Question(p.Same(name))
			if then == nil || then.Group {
				continue
			}
			if views[i] == nil {
				views[i] = p.Logic.Current(p.Doc, p.At)
			}
			value := views[i].Value(then.Name)
			if value == "" {
				continue
			}
			if !p.Corrected[then.Name] && proof.Opens(p.Doc, then, p.Logic.Questionnaire) && substantive(then, value) && carries(it, value) {
				told[name] = Earlier{Value: value, Wave: p.Wave, At: p.At.UnixMilli()}
			}
			break
		}
	}
	return told
}

// substantive tells whether no part of an answer stands for no answer.
func substantive(it *questionnaire.Item, value string) bool {
	if it.List == nil {
		return true
	}
	for _, name := range split(value) {
		if c := it.List.Choice(name); c != nil && c.Missing != questionnaire.Substantive {
			return false
		}
	}
	return true
}

// carries tells whether an earlier answer could be given to the question as it
// is asked now.
func carries(it *questionnaire.Item, value string) bool {
	if !it.Asks() {
		return true
	}
	values := []string{value}
	if it.List != nil {
		values = split(value)
	}
	_, code := parse(it, values)
	return code == "" && substantive(it, value)
}

// Told gives the same view of an interview that was told of earlier answers. It
// is called before anything else is asked of the view.
func (v *View) Told(earlier map[string]Earlier) *View {
	v.earlier = earlier
	return v
}

// Current gives the view of an interview as its document stands.
func (l *Logic) Current(doc *Document, now time.Time) *View {
	return l.Look(doc.Answers, now).Told(doc.Earlier)
}

// Now gives the moment of the view, on the study's clock.
func (v *View) Now() time.Time { return v.now }

// Earlier gives the answer that ${last-saved#question} stands for, "" for none.
func (v *View) Earlier(question string) string { return v.earlier[question].Value }
