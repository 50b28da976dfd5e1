package xlsx

// word gives a text of the workbook in its language, else in English: those of
// lang/texts/workbook. What authors wrote (titles, questions, labels) is in the
// workbook's language where they gave it.
func (b *book) word(key string, args ...any) string {
	return b.texts.T("workbook."+key, args...)
}
