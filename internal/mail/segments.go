package mail

import (
	"strings"
	"unicode/utf16"
)

// The letters of an SMS, 3GPP TS 23.038 section 6.2.1: the basic set, one
// place each, and the extension, two places each. A text with any other letter
// is sent as UTF-16, where fewer fit.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmMore  = "\f^{}\\[~]|€"

	gsmOne, gsmPart   = 160, 153 // places in a text alone, and in each part of a longer one
	wideOne, widePart = 70, 67   // UTF-16 units
)

// Size is how much room a text takes as SMS.
type Size struct {
	Letters  int    // places taken; a few letters take two
	Room     int    // places in one message
	Segments int    // messages that it takes, 0 for an empty text
	Wide     string // the letters that halve the room, "" where there are none
}

// Measure gives the size of a text as SMS.
func Measure(text string) Size {
	s := Size{Room: gsmOne}
	var widths []int
	for _, r := range text {
		width := 1
		switch {
		case strings.ContainsRune(gsmBasic, r):
		case strings.ContainsRune(gsmMore, r):
			width = 2
		case !strings.ContainsRune(s.Wide, r):
			s.Wide += string(r)
		}
		widths = append(widths, width)
	}
	part := gsmPart
	if s.Wide != "" {
		s.Room, part, widths = wideOne, widePart, nil
		for _, r := range text {
			widths = append(widths, utf16.RuneLen(r))
		}
	}
	for _, w := range widths {
		s.Letters += w
	}
	if s.Letters <= s.Room {
		s.Segments = min(s.Letters, 1)
		return s
	}
	// A letter of two places is not parted between two messages.
	s.Segments = 1
	room := part
	for _, w := range widths {
		if w > room {
			s.Segments++
			room = part
		}
		room -= w
	}
	return s
}
