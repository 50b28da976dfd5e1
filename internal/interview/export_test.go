package interview

import "panelverk/internal/questionnaire"

// Wanted tells whether an answer is asked for, now.
func (v *View) Wanted(it *questionnaire.Item) bool { return v.asked(it) != questionnaire.Optional }
