package interview

import "panelverk/internal/questionnaire"

// Parse reads a value that comes from elsewhere, such as an imported file or a
// correction, as Post reads what was typed: into its lexical form, "" for a
// blank. code says what is wrong, "" for nothing. choices are those that may
// be named; the values of a select are names.
func Parse(it *questionnaire.Item, choices []*questionnaire.Choice, values []string) (value, code string) {
	return parseAmong(it, choices, values)
}

// Holds tells whether a value meets the constraint of a question, given the
// other answers of the view; an empty value does.
func (v *View) Holds(it *questionnaire.Item, value string) bool { return v.holds(it, value) }

// Calculations gives what every calculation outside of repeats is worth.
func (v *View) Calculations() map[string]string {
	out := map[string]string{}
	for _, it := range v.logic.Questionnaire.Questions {
		if it.Type == questionnaire.Calculate && it.InRepeat() == nil {
			out[it.Name] = v.Value(it.Name)
		}
	}
	return out
}
