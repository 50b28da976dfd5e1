package study

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Calendar writes the waves of a study as an iCalendar object (RFC 5545), for
// the calendars of those who run it: an event for each field period, in a
// language, its id stable under host. Nothing in it says who takes part. now
// is the stamp of the events.
func (s *Study) Calendar(tag, host string, now time.Time) []byte {
	var out bytes.Buffer
	line := func(format string, args ...any) { fold(&out, fmt.Sprintf(format, args...)) }
	stamp := func(t time.Time) string { return t.UTC().Format("20060102T150405Z") }
	line("BEGIN:VCALENDAR")
	line("VERSION:2.0")
	line("PRODID:-//Panelverk//Waves//EN")
	line("CALSCALE:GREGORIAN")
	title, _ := s.Title.In(tag, s.DefaultLanguage())
	line("X-WR-CALNAME:%s", escaped(title))
	for _, w := range s.Waves {
		name, _ := w.Title.In(tag, s.DefaultLanguage())
		line("BEGIN:VEVENT")
		line("UID:%s-wave-%d@%s", s.Key, w.Number, host)
		line("DTSTAMP:%s", stamp(now))
		line("DTSTART:%s", stamp(w.Opens))
		line("DTEND:%s", stamp(w.Closes))
		line("SUMMARY:%s", escaped(title+": "+name))
		line("TRANSP:TRANSPARENT")
		line("END:VEVENT")
	}
	line("END:VCALENDAR")
	return out.Bytes()
}

// escaped writes a text as a value of iCalendar (RFC 5545, 3.3.11).
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", "").Replace(text)
}

// fold writes a line of content in lines of at most 75 octets, cut between
// characters, each but the first after a space (RFC 5545, 3.1).
func fold(out *bytes.Buffer, line string) {
	const most = 75
	room := most
	for len(line) > room {
		cut := room
		for cut > 0 && !utf8.RuneStart(line[cut]) {
			cut--
		}
		out.WriteString(line[:cut])
		out.WriteString("\r\n ")
		line, room = line[cut:], most-1
	}
	out.WriteString(line)
	out.WriteString("\r\n")
}
