package dataset

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
)

// Correction is a value of an interview that was set right.
type Correction struct {
	Question string // in a repeat with the instance's numbers: age@2
	Old, New string // as answers: choices by name, "" for none
	Reason   string
	At       time.Time
}

// Corrected is a correction as it belongs to a record.
type Corrected struct {
	Correction
	Wave     int       // its number
	Variable *Variable // the one that holds the question; of a rank the first of its options
}

// corrected adds an interview's corrections to the record.
func (r *reader) corrected(at *Interview) {
	for _, c := range at.Log {
		name, _ := interview.Split(c.Question)
		if v := r.d.holds(name, at.Ref); v != nil {
			r.record.Corrected = append(r.record.Corrected, Corrected{c, at.Wave, v})
		}
	}
}

// holds finds the variable that a question of a version fills, nil where none does.
func (d *Dataset) holds(question string, ref Ref) *Variable {
	for _, v := range d.Variables {
		if v.Question != question || v.Role != Whole && v.Role != List && v.Role != Position {
			continue
		}
		if slices.ContainsFunc(v.Sources, func(s Source) bool { return s.Ref == ref }) {
			return v
		}
	}
	return nil
}

// Told gives an old or new value of the correction as a file may show it: codes
// of choices, numbers. ok is false for what was said in words or is a day or a
// place, which may be the very thing that had to go.
func (c *Corrected) Told(value string) (text string, ok bool) {
	if value == "" {
		return "", true
	}
	switch c.Variable.Type {
	case questionnaire.SelectOne, questionnaire.SelectMultiple:
		var out []string
		for name := range strings.FieldsSeq(value) {
			i := slices.IndexFunc(c.Variable.Values, func(v Value) bool { return v.Name == name })
			switch code := c.missingChoice(name); {
			case i >= 0:
				out = append(out, strconv.Itoa(c.Variable.Values[i].Code))
			case code != 0:
				out = append(out, strconv.Itoa(code.Code(c.Variable.Negative)))
			default:
				return "", false
			}
		}
		return strings.Join(out, " "), true
	case questionnaire.Integer, questionnaire.Decimal, questionnaire.Range:
		if _, err := strconv.ParseFloat(value, 64); err == nil {
			return value, true
		}
	}
	return "", false
}

// missingChoice gives what a choice that is stored as missing stands for.
func (c *Corrected) missingChoice(name string) Missing {
	for _, s := range c.Variable.Sources {
		for _, choice := range choices(s.Item) {
			switch {
			case choice.Name != name:
			case choice.Missing == questionnaire.DontKnow:
				return DontKnow
			case choice.Missing == questionnaire.Refused:
				return Refused
			}
		}
	}
	return 0
}
