// Package study reads the description of a study and its waves.
//
// A study is a folder: study.yaml, consent texts, and the published versions
// of its questionnaires, named KEY.vN.md or KEY.vN.xlsx. Load reads and checks
// the whole folder and reports every problem at once, each with its file and
// line; Parse reads study.yaml alone, from a text that was stored. The format's
// manual is surveys/README.md.
//
// Everything here is pure: no clock and no database. What is open at a moment
// is asked with that moment, as in Wave.State and Study.OpenWave.
package study

import (
	"slices"
	"time"

	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// Frame says where the panel's members come from. It decides which silent
// people count as eligible when rates are computed.
type Frame string

// The three frames.
const (
	OpenLink  Frame = "open_link"  // people join by a link that anybody may pass on
	NamedList Frame = "named_list" // a list of persons, drawn or given
	Members   Frame = "members"    // everybody who has enrolled in the panel
)

// Study is a research project with its panel, its waves and its rules. It is
// a value to read; who changes its waves works on a Clone.
type Study struct {
	Key         string
	Title       lang.Text // for staff and files; never on a respondent's page
	PublicTitle lang.Text // neutral, on every respondent's page
	Headline    lang.Text // the heading of the start page
	Lede        lang.Text // the sentence under it, may be empty
	Languages   []string  // BCP 47 tags; the first is the default
	TimeZone    *time.Location
	Panel       Panel
	Frame       Frame
	Minutes     int // how long an interview takes
	About       About
	Contact     Contact
	Controller  lang.Text // who answers for the personal data
	Consent     *Consent  // nil where the study asks for none: its answers are imported
	Partial     float64   // the share of applicable questions from which an interview counts as partial
	Attributes  []Attribute
	Waves       []Wave // in the order of time
	Decisions   []Decision
	Plan        *Plan      // nil: nothing is sent by itself, and everybody is asked
	Enrolment   *Enrolling // nil: nobody joins by themselves
	Feedback    *Feedback  // nil: participants are not shown what the panel answered
	Scales      []Scale    // scores in data files
	Weighting   *Weighting // nil: data files have no weights
	Citation    *Citation  // nil: whoever asks is the author of the data

	// Source is the study.yaml that was read. Where waves were changed since,
	// YAML gives the text to keep.
	Source []byte
}

// Panel is the size that the panel is meant to have.
type Panel struct{ Min, Max int }

// About is what the start page tells.
type About struct {
	Who     lang.Text // who asks
	Why     lang.Text
	Answers lang.Text // what happens with the answers
}

// Contact is who helps respondents: a role, never a person's name.
type Contact struct {
	Role  lang.Text
	Email string
	Phone string // may be empty
}

// Attribute is something known of each participant that is no answer: a
// country, a sector.
type Attribute struct {
	Name    string // also its name in data files
	Label   lang.Text
	Choices []Choice
}

// Choice is one value of an attribute.
type Choice struct {
	Name  string
	Code  int // in data files
	Label lang.Text
}

// Wave is one point of measurement.
type Wave struct {
	Key           string // short, unique in the study: "w1", "1980"
	Number        int    // from 1
	Title         lang.Text
	Opens, Closes time.Time // the field period: from Opens until just before Closes
	Questionnaire string
	Version       int
}

// Decision says what a question that changed in a version is to the series.
type Decision struct {
	Questionnaire string
	Version       int // in which it differs from the one before
	Question      string
	Verdict       questionnaire.Verdict
	Reason        string
}

// DecisionsOn gives what the file decides about a version.
func (s *Study) DecisionsOn(key string, number int) []questionnaire.Decision {
	var out []questionnaire.Decision
	for _, d := range s.Decisions {
		if d.Questionnaire == key && d.Version == number {
			out = append(out, questionnaire.Decision{Question: d.Question, Verdict: d.Verdict, Reason: d.Reason})
		}
	}
	return out
}

// State says where a wave stands.
type State string

// The states of a wave.
const (
	Planned State = "planned"
	Open    State = "open"
	Closed  State = "closed"
)

// State gives the state at a moment. A wave is open from Opens, and no longer at Closes.
func (w Wave) State(now time.Time) State {
	switch {
	case now.Before(w.Opens):
		return Planned
	case now.Before(w.Closes):
		return Open
	default:
		return Closed
	}
}

// DefaultLanguage is the first language of the study.
func (s *Study) DefaultLanguage() string { return s.Languages[0] }

// Wave gives the wave of a key, nil where there is none.
func (s *Study) Wave(key string) *Wave {
	for i := range s.Waves {
		if s.Waves[i].Key == key {
			return &s.Waves[i]
		}
	}
	return nil
}

// OpenWave gives the wave that is open at a moment, nil where none is. Waves
// never overlap, so there is one at most.
func (s *Study) OpenWave(now time.Time) *Wave {
	for i := range s.Waves {
		if s.Waves[i].State(now) == Open {
			return &s.Waves[i]
		}
	}
	return nil
}

// NextWave gives the first wave that opens after a moment, nil where none does.
func (s *Study) NextWave(now time.Time) *Wave {
	for i := range s.Waves {
		if s.Waves[i].State(now) == Planned {
			return &s.Waves[i]
		}
	}
	return nil
}

// Attribute gives the attribute of a name, nil where there is none.
func (s *Study) Attribute(name string) *Attribute {
	for i := range s.Attributes {
		if s.Attributes[i].Name == name {
			return &s.Attributes[i]
		}
	}
	return nil
}

// Choice gives the choice of a name, nil where there is none.
func (a *Attribute) Choice(name string) *Choice {
	for i := range a.Choices {
		if a.Choices[i].Name == name {
			return &a.Choices[i]
		}
	}
	return nil
}

// Clone gives a copy whose waves may be changed.
func (s *Study) Clone() *Study {
	c := *s
	c.Waves = slices.Clone(s.Waves)
	return &c
}
