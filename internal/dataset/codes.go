package dataset

import (
	"fmt"

	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// code goes through the versions in order and gives every choice its number,
// beginning with those that were frozen when versions were published.
func (d *Dataset) code(frozen []questionnaire.CodeRow) *questionnaire.Codes {
	codes := questionnaire.NewCodes(frozen...)
	for _, v := range d.Versions {
		for _, c := range codes.Add(v.Questionnaire) {
			if c.Owner != "" {
				d.note("", "code_changed", "In list %s of %s v%d, %q is given code %d, which is %q in an earlier version; it has the code %d.",
					c.List, v.Key, v.Number, c.Choice, c.Given, c.Owner, c.Code)
				continue
			}
			d.note("", "code_changed", "In list %s of %s v%d, %q is given code %d; it keeps %d, which earlier versions gave it.",
				c.List, v.Key, v.Number, c.Choice, c.Given, c.Code)
		}
	}
	return codes
}

func (d *Dataset) note(variable, code, format string, args ...any) {
	d.Notes = append(d.Notes, Note{Variable: variable, Code: code, Message: fmt.Sprintf(format, args...)})
}

// choices gives the choices that a question offers in data, or_other's included.
func choices(it *questionnaire.Item) []*questionnaire.Choice {
	if it.List == nil {
		return nil
	}
	if it.OrOther == nil {
		return it.List.Choices
	}
	for _, c := range it.List.Choices {
		if c.Name == questionnaire.OtherValue {
			return it.List.Choices
		}
	}
	out := append([]*questionnaire.Choice(nil), it.List.Choices...)
	return append(out, &questionnaire.Choice{Name: questionnaire.OtherValue, Label: lang.All("data.other")})
}
