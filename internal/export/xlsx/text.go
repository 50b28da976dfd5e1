package xlsx

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxText is how many UTF-16 units a cell holds.
const maxText = 32767

// scrubber makes texts fit for a cell, and counts what it had to change.
type scrubber struct {
	cut      int // texts that were too long
	replaced int // texts with characters that a workbook cannot hold
}

// clean gives the text as a cell can hold it: line ends are \n, as Excel writes
// them itself; control characters that XML forbids become U+FFFD; a text that
// is too long is cut, and says so at its end.
func (s *scrubber) clean(text string) string {
	plain := len(text) <= maxText
	for i := 0; plain && i < len(text); i++ {
		plain = text[i] >= ' ' && text[i] < utf8.RuneSelf
	}
	if plain {
		return text
	}
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	changed := false
	text = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r >= ' ' && r != 0xFFFE && r != 0xFFFF {
			changed = changed || r == utf8.RuneError
			return r
		}
		changed = true
		return utf8.RuneError
	}, text)
	if changed {
		s.replaced++
	}
	if len(text) <= maxText {
		return text
	}
	units := 0
	for _, r := range text {
		units += utf16.RuneLen(r)
	}
	if units <= maxText {
		return text
	}
	s.cut++
	mark := " […" + strconv.Itoa(units) + "]"
	room, end := maxText-utf8.RuneCountInString(mark), 0
	for i, r := range text {
		if room -= utf16.RuneLen(r); room < 0 {
			end = i
			break
		}
	}
	return text[:end] + mark
}
