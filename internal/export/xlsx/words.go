package xlsx

// word gives a text of the workbook in its language; args are names and values
// in turn. The words stand in lang's texts, under "workbook."; what authors wrote
// (titles, questions, labels) is in the language asked for where they gave it.
func (b *book) word(key string, args ...any) string {
	key = "workbook." + key
	if !b.t.Has(key) {
		panic("xlsx: no text for " + key) // a closed set: a test goes through all of them
	}
	return b.t.T(key, args...)
}
