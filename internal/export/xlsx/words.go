package xlsx

import "panelverk/internal/questionnaire"

// word gives a text of the workbook in its language, else in English: those of
// lang/texts/workbook. What authors wrote (titles, questions, labels) is in the
// workbook's language where they gave it.
func (b *book) word(key string, args ...any) string {
	return b.texts.T("workbook."+key, args...)
}

// reason gives why a change was decided on as it was: as somebody wrote it, or in the
// workbook's language where nobody had to.
func (b *book) reason(text string) string {
	if m, ok := questionnaire.MeaningOf(text); ok {
		return b.texts.T("staff.means." + string(m))
	}
	return text
}
