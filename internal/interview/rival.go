package interview

import (
	"time"

	"panelverk/internal/questionnaire"
)

// Untouched answers save nothing, and of a question that was answered on two
// devices the newest answer counts: by when it was given, not by when it came.
// The other one is in the history all the same, and the person is told.

// Rival is the answer of another save that stands at a question.
type Rival struct {
	At     time.Time // when it was given
	Device string    // see Change.Device
	Newer  bool      // than the post: it goes on counting
}

// Touched is a digest that no value has: a field with it was changed since it
// was shown, whatever it holds now.
const Touched = "-"

// The codes of Problems about answers that were also given on another device.
// Neither says what was answered there.
const (
	LaterElsewhere   = "later_elsewhere"   // that one counts
	EarlierElsewhere = "earlier_elsewhere" // this one counts
)

// give takes in the value of a question, as far as it is one: what was not
// touched and what stands there already from this device changes nothing. That
// may not hang on what another device has answered, or a link would tell it.
func (p *posted) give(it *questionnaire.Item, key, value string) {
	stands, of := p.doc.Answers[key], p.doc.Devices[key]
	foreign := stands != "" && of != p.Device
	p.res.Met = p.res.Met || foreign && (value != "" || p.Shown[it.Name] != "")
	rival, known := p.Rivals[key]
	told := known && foreign && rival.Device != p.Device && !p.Drawing.IsZero() && rival.At.After(p.Drawing)
	switch {
	case Digest(value) == p.Shown[it.Name]:
		if told && value != "" {
			p.elsewhere(it, LaterElsewhere, rival)
		}
	case value == stands && (value == "" || p.Device != "" && of == p.Device) && (p.Go != Given || rival.Newer):
		// The page sends what was saved as it was given.
	case known && rival.Newer:
		if p.res.Change.Late == nil {
			p.res.Change.Late = map[string]string{}
		}
		p.res.Change.Late[key] = value
		if rival.Device != p.Device {
			p.elsewhere(it, LaterElsewhere, rival)
		}
	default:
		p.set(key, value)
		if told {
			p.elsewhere(it, EarlierElsewhere, rival)
		}
	}
}

func (p *posted) elsewhere(it *questionnaire.Item, code string, rival Rival) {
	p.told = append(p.told, Problem{Question: it, Code: code, Soft: true, At: rival.At})
}

// tell adds what is to be told of answers that were also given elsewhere, where
// nothing else is wrong with the question.
func (p *posted) tell(view *View) {
	for _, one := range p.told {
		if _, wrong := p.wrong[one.Question.Name]; !wrong && view.Relevant(one.Question.Name) {
			p.res.Problems = append(p.res.Problems, one)
		}
	}
}
