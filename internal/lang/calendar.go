package lang

import (
	"embed"
	"path"
	"strings"

	"golang.org/x/text/language"
	"gopkg.in/yaml.v3"
)

// Some languages are not those of our pages, but messages are written in them:
// of these only the words of dates are kept, in calendars/<tag>.yaml.
//
//go:embed calendars/*.yaml
var calendarFiles embed.FS

var calendars = loadCalendars()

// Calendar gives the words for dates in a language, for Date, DateYear,
// DateShort, Clock and Span alone; false where there are none in it. Another
// language is never taken instead, except the base one ("sv-FI" → "sv").
func Calendar(tag string) (*Texts, bool) {
	base, _, _ := strings.Cut(tag, "-")
	for _, t := range []string{tag, base} {
		if c, ok := catalogues[t]; ok {
			return c, true
		}
		if c, ok := calendars[t]; ok {
			return c, true
		}
	}
	return nil, false
}

func loadCalendars() map[string]*Texts {
	entries, err := calendarFiles.ReadDir("calendars")
	if err != nil {
		panic(err)
	}
	out := map[string]*Texts{}
	for _, e := range entries {
		tag := strings.TrimSuffix(e.Name(), path.Ext(e.Name()))
		data, err := calendarFiles.ReadFile(path.Join("calendars", e.Name()))
		if err != nil {
			panic(err)
		}
		var read map[string]string
		if err := yaml.Unmarshal(data, &read); err != nil {
			panic("lang: " + e.Name() + ": " + err.Error())
		}
		t := &Texts{Tag: tag, tag: language.Make(tag), messages: map[string]message{}}
		for key, text := range read {
			t.messages[key] = message{text: text}
		}
		t.months, t.weekdays = strings.Fields(read["date.months"]), strings.Fields(read["date.weekdays"])
		t.point = read["number.point"]
		out[tag] = t
	}
	return out
}
