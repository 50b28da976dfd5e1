package interview

import "panelverk/internal/questionnaire"

// Parse reads a value that comes from elsewhere, such as an imported file or a
// correction, as Post reads what was typed: into its lexical form, "" for a
// blank. code says what is wrong, "" for nothing. choices are those that may
// be named; the values of a select are names.
func Parse(it *questionnaire.Item, choices []*questionnaire.Choice, values []string) (value, code string) {
	return parse(it, choices, values)
}

// Holds tells whether a value meets the constraint of a question, given the
// other answers of the view; an empty value does.
func (v *View) Holds(it *questionnaire.Item, value string) bool { return v.holds(it, value) }

// Calculations gives what every calculation of the questionnaire is worth.
func (v *View) Calculations() map[string]string {
	out := map[string]string{}
	for _, it := range v.logic.Questionnaire.Questions {
		if it.Type == questionnaire.Calculate {
			out[it.Name] = v.Value(it.Name)
		}
	}
	return out
}

// Pretend makes the view take a page as asked whatever its conditions say: for
// who looks at a page that the answers do not lead to.
func (v *View) Pretend(p *questionnaire.Page) {
	for _, it := range p.Items {
		for at := it; at != nil; at = at.Parent {
			v.state[v.logic.place[at.Name]] = relevant
		}
	}
}
