package interview

import (
	"strings"
	"time"

	"panelverk/internal/questionnaire"
)

// The ways in which people write a day, a month, a year and a time of day.
var (
	dayLayouts   = []string{"2006-1-2", "20060102", "2006.1.2", "2006/1/2", "2006 1 2", "2.1.2006", "2/1/2006", "2. 1. 2006"}
	monthLayouts = []string{"2006-1", "200601", "2006.1", "2006/1", "2006 1", "1/2006", "1.2006", "1-2006", "1 2006"}
	timeLayouts  = []string{"15:04", "15.04", "15,04", "15 04", "1504", "15:04:05", "3:04 PM"}
)

// parseDay reads a date as precisely as the question asks for it. A month is
// stored as its first day and a year as its first of January, and each is also
// read as that day.
func parseDay(typed string, precision questionnaire.Precision) (value, code string) {
	layouts, start, code := dayLayouts, "", notADate
	switch precision {
	case questionnaire.Month:
		layouts, start, code = monthLayouts, "-01", notAMonth
	case questionnaire.Year:
		layouts, start, code = []string{"2006"}, "-01-01", notAYear
	}
	s := strings.TrimSpace(typed)
	if s == "" {
		return "", ""
	}
	if day, ok := readTime(layouts, s); ok && day.Year() >= 1000 {
		return day.Format(time.DateOnly), ""
	}
	if day, ok := readTime([]string{time.DateOnly}, s); ok && start != "" && strings.HasSuffix(s, start) && day.Year() >= 1000 {
		return s, ""
	}
	return "", code
}

func parseTime(typed string) (value, code string) {
	s := strings.TrimSpace(typed)
	if s == "" {
		return "", ""
	}
	if t, ok := readTime(timeLayouts, strings.ToUpper(s)); ok {
		return t.Format("15:04"), ""
	}
	return "", notATime
}

// parseDateTime reads a day and a time after it, each as when it is asked for
// alone, with a space, a comma or the letter T between them.
func parseDateTime(typed string) (value, code string) {
	s := strings.TrimSpace(typed)
	if s == "" {
		return "", ""
	}
	for i, r := range s {
		if r != ' ' && r != 'T' && r != 't' {
			continue
		}
		day, wrongDay := parseDay(strings.TrimRight(s[:i], " ,"), questionnaire.Day)
		clock, wrongTime := parseTime(s[i+1:])
		if wrongDay == "" && wrongTime == "" && day != "" && clock != "" {
			return day + "T" + clock, ""
		}
	}
	return "", notAMoment
}

// readTime reads a text in the first layout that fits it.
func readTime(layouts []string, s string) (time.Time, bool) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// Day reads a date as respondents write one, as 2017-04-02; "" where it is none.
func Day(typed string) string {
	value, _ := parseDay(typed, questionnaire.Day)
	return value
}
