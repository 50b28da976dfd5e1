package lang_test

import (
	"testing"
	"time"

	"panelverk/internal/lang"
)

func TestCalendars(t *testing.T) {
	at := time.Date(2017, 4, 2, 18, 42, 0, 0, time.UTC)
	for tag, want := range map[string]string{
		"sv":      "söndag 2 april kl. 18.42",
		"sv-FI":   "söndag 2 april kl. 18.42",
		"uk":      "неділя, 2 квітня о 18:42",
		"sr":      "недеља, 2. априла у 18.42",
		"sr-Cyrl": "недеља, 2. априла у 18.42",
		"sr-Latn": "nedelja, 2. aprila u 18.42",
		"sw":      "Jumapili 2 Aprili saa 18:42",
	} {
		c, ok := lang.Calendar(tag)
		if !ok {
			t.Errorf("%s has no calendar", tag)
			continue
		}
		if got := c.Date(at) + " " + c.Clock(at); got != want {
			t.Errorf("%s: %q, not %q", tag, got, want)
		}
		for month := time.January; month <= time.December; month++ {
			day := time.Date(2017, month, 1+int(month)%7, 0, 0, 0, 0, time.UTC)
			if c.Date(day) == "" || c.DateYear(day) == "" || c.DateShort(day) == "" || c.Span(day, at) == "" {
				t.Errorf("%s lacks words for %s", tag, month)
			}
		}
	}
	if _, ok := lang.Calendar("fi"); ok {
		t.Error("there are words for Finnish dates that nobody wrote")
	}
}
