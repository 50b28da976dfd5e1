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

// Pretend makes the view take a page as asked whatever its conditions say: for
// who looks at a page that the answers do not lead to. The view stands on it.
func (v *View) Pretend(s *Screen) {
	items := []*questionnaire.Item{s.Repeat}
	if s.Page != nil {
		items = s.Page.Items
	}
	for _, it := range items {
		for at := it; at != nil; at = at.Parent {
			i := v.logic.place[at.Name]
			if o := v.owner(v.logic.home[i]); o != nil {
				o.state[i] = relevant
			}
		}
	}
}

// Way goes through all pages in order, each with the view as it is there,
// whether anything on it is shown or not; Screens only through those that show
// something. Pages of a repeat come for each of its instances.
func (v *View) Way(yield func(*View, *Screen) bool) { v.screens(yield) }
