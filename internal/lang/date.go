package lang

import (
	"fmt"
	"strings"
	"time"
)

// calendar reads the words of dates and numbers out of the messages.
func (t *Texts) calendar() {
	t.months = strings.Fields(t.T("date.months"))
	t.weekdays = strings.Fields(t.T("date.weekdays"))
	t.point = t.T("number.point")
	t.cases = map[string]map[string]string{}
	for key, m := range t.messages {
		list, inCase, found := strings.Cut(key, "_")
		words := map[string][]string{"date.months": t.months, "date.weekdays": t.weekdays}[list]
		if !found || words == nil {
			continue
		}
		inflected := strings.Fields(m.text)
		if len(inflected) != len(words) {
			panic(fmt.Sprintf("lang: %s: %s has %d words, not %d", t.Tag, key, len(inflected), len(words)))
		}
		if t.cases[inCase] == nil {
			t.cases[inCase] = map[string]string{}
		}
		for i, word := range words {
			t.cases[inCase][word] = inflected[i]
		}
	}
}

// inflect puts the weekday or month that a value begins with into a case.
func (t *Texts) inflect(value, inCase string) string {
	end := strings.IndexAny(value, ", ")
	if end < 0 {
		end = len(value)
	}
	if word, ok := t.cases[inCase][value[:end]]; ok {
		return word + value[end:]
	}
	return value
}

// Date writes a day without its year: "söndag 2 april".
func (t *Texts) Date(at time.Time) string { return t.date("date.day", at) }

// DateYear writes a day with its year: "söndag 2 april 2017".
func (t *Texts) DateYear(at time.Time) string { return t.date("date.day_year", at) }

// DateShort writes a day without the weekday: "2 april 2017".
func (t *Texts) DateShort(at time.Time) string { return t.date("date.short", at) }

// Month gives the name of the month: "april".
func (t *Texts) Month(at time.Time) string { return t.months[at.Month()-1] }

// Clock writes a time of day: "kl. 18.42".
func (t *Texts) Clock(at time.Time) string {
	return t.T("date.clock", "hour", at.Format("15"), "minute", at.Format("04"))
}

func (t *Texts) date(key string, at time.Time) string {
	return t.T(key, "weekday", t.weekdays[at.Weekday()], "day", at.Day(), "month", t.months[at.Month()-1], "year", at.Year())
}

// Span writes two days as a period, as short as it can be: "13 mars–2 april
// 2017", "9–29 maj 2016".
func (t *Texts) Span(from, to time.Time) string {
	if from.Year() != to.Year() {
		return t.DateShort(from) + "\u2013" + t.DateShort(to)
	}
	key := "date.span"
	if from.Month() == to.Month() {
		key = "date.span_month"
	}
	return t.T(key, "day1", from.Day(), "month1", t.months[from.Month()-1],
		"day2", to.Day(), "month2", t.months[to.Month()-1], "year", to.Year())
}
