package xlsx

import (
	"strings"
	"unicode"
)

// lineHeight is the height of a line of 11 points, with its room.
const lineHeight = 15

// advance gives how wide a letter of the body's font is about, in the unit of
// widths of columns: a digit of that font.
func advance(r rune) float64 {
	switch {
	case strings.ContainsRune("iljI.,:;'’!| іїј", r):
		return .53
	case strings.ContainsRune("tfrscz()[]{}/\\-", r):
		return .78
	case strings.ContainsRune("mwMWжмшщюфыЖМШЩЮФЂЉЊљњ—…%@", r):
		return 1.6
	case unicode.IsUpper(r):
		return 1.25
	case r >= 0x1100: // scripts without capitals, signs
		return 2
	}
	return 1.06
}

func extent(s string) float64 {
	n := 0.0
	for _, r := range s {
		n += advance(r)
	}
	return n
}

// lines counts how many lines a text takes that is wrapped in a column of that
// width: words stay whole where they fit.
func lines(text string, width float64) int {
	width -= 1.5 // the indent, and the room at the cell's edges
	n := 0
	for part := range strings.SplitSeq(text, "\n") {
		n++
		at := 0.0
		for word := range strings.SplitSeq(part, " ") {
			w := extent(word)
			if at > 0 && at+advance(' ')+w <= width {
				at += advance(' ') + w
				continue
			}
			if at > 0 {
				n++
			}
			for at = w; at > width; at -= width {
				n++ // a word that is longer than its line is broken
			}
		}
	}
	return n
}

// high gives how high a row is whose fullest cell has that many lines.
func high(lines int) float64 {
	return float64(lines*lineHeight) + 1
}

// headWidth gives the width that a column needs for its head to be broken
// between words alone; beside is what stands next to the words there.
func headWidth(head string, least, beside float64) float64 {
	for word := range strings.FieldsSeq(head) {
		least = max(least, 1.06*extent(word)+beside) // heads are bold
	}
	return least
}

// The room in a head beside its words: the indent, and the filter's button.
const (
	beside       = 2
	besideButton = 4.5
)
