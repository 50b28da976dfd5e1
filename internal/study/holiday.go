package study

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/se"
)

// Holidays says whose public holidays a plan leaves out: those of the
// countries, for everybody, or of the participant's own country, which an
// attribute names by its code of two letters. Both may be empty.
type Holidays struct {
	Countries []string // ISO 3166-1 alpha-2
	Attribute string
}

// Countries gives the countries whose public holidays are known, sorted.
func Countries() []string {
	var out []string
	for c := range nations {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

// Holiday gives the name of the public holiday that a day is in a country, in
// a language of that country; "" for a working day, a plain Sunday, and in a
// country that is not known. Only the date of the day counts.
func Holiday(country string, day time.Time) string {
	y, m, d := day.Date()
	for _, h := range nations[country] {
		if actual, observed := h.Calc(y); onDate(actual, m, d) || onDate(observed, m, d) {
			return h.Name
		}
	}
	return ""
}

func onDate(t time.Time, m time.Month, d int) bool {
	return !t.IsZero() && t.Month() == m && t.Day() == d
}

// free tells on which days nothing goes out to a participant.
func (h Holidays) free(attributes map[string]string) func(time.Time) bool {
	countries := h.Countries
	if own := attributes[h.Attribute]; h.Attribute != "" && own != "" {
		countries = append(slices.Clip(countries), own)
	}
	return func(day time.Time) bool {
		return slices.ContainsFunc(countries, func(c string) bool { return Holiday(c, day) != "" })
	}
}

// nations holds the public holidays of the whole country. Those of single
// states are left out. Sweden and Germany are as the library knows them; its
// Ukraine stands as before the reform of 2023, and Serbia and Kenya it does
// not know.
var nations = map[string][]*cal.Holiday{
	"SE": se.Holidays,
	"DE": de.Holidays,
	"RS": serbia,
	"UA": ukraine,
	"KE": kenya,
}

// Serbia: the law on state and other holidays (Zakon o državnim i drugim
// praznicima); the first two days of a state holiday move on from a Sunday.
var serbia = []*cal.Holiday{
	dated("Nova godina", time.January, 1, sunday(2)),
	dated("Nova godina", time.January, 2, sunday(1)),
	dated("Božić", time.January, 7, nil),
	dated("Dan državnosti", time.February, 15, sunday(2)),
	dated("Dan državnosti", time.February, 16, sunday(1)),
	easter("Veliki petak", -2, true),
	easter("Velika subota", -1, true),
	easter("Vaskrs", 0, true),
	easter("Vaskršnji ponedeljak", 1, true),
	dated("Praznik rada", time.May, 1, sunday(2)),
	dated("Praznik rada", time.May, 2, sunday(1)),
	dated("Dan primirja", time.November, 11, sunday(1)),
}

// Ukraine: article 73 of the labour code, as it stands since 2023 and stood
// before. Under martial law the days are not days off; nobody wants a survey's
// reminder on them all the same.
var ukraine = []*cal.Holiday{
	dated("Новий рік", time.January, 1, nil),
	until(2023, dated("Різдво Христове", time.January, 7, nil)),
	dated("Міжнародний жіночий день", time.March, 8, nil),
	easter("Великдень", 0, true),
	easter("Великдень", 1, true),
	dated("День праці", time.May, 1, nil),
	until(2017, dated("День праці", time.May, 2, nil)),
	since(2024, dated("День пам’яті та перемоги", time.May, 8, nil)),
	until(2023, dated("День перемоги", time.May, 9, nil)),
	easter("Трійця", 49, true),
	dated("День Конституції України", time.June, 28, nil),
	since(2024, dated("День Української Державності", time.July, 15, nil)),
	until(2023, since(2022, dated("День Української Державності", time.July, 28, nil))),
	dated("День незалежності України", time.August, 24, nil),
	since(2023, dated("День захисників і захисниць України", time.October, 1, nil)),
	until(2022, since(2015, dated("День захисника України", time.October, 14, nil))),
	since(2017, dated("Різдво Христове", time.December, 25, nil)),
}

// Kenya: the Public Holidays Act, chapter 110. The two days of Idd follow the
// moon and are announced shortly before: they are not computed.
var kenya = []*cal.Holiday{
	dated("New Year’s Day", time.January, 1, sunday(1)),
	easter("Good Friday", -2, false),
	easter("Easter Monday", 1, false),
	dated("Labour Day", time.May, 1, sunday(1)),
	dated("Madaraka Day", time.June, 1, sunday(1)),
	since(2018, dated("Mazingira Day", time.October, 10, sunday(1))),
	dated("Mashujaa Day", time.October, 20, sunday(1)),
	dated("Jamhuri Day", time.December, 12, sunday(1)),
	dated("Christmas Day", time.December, 25, sunday(2)),
	dated("Utamaduni Day", time.December, 26, sunday(1)),
}

func dated(name string, month time.Month, day int, moved []cal.AltDay) *cal.Holiday {
	return &cal.Holiday{Name: name, Month: month, Day: day, Observed: moved, Func: cal.CalcDayOfMonth}
}

func easter(name string, offset int, julian bool) *cal.Holiday {
	return &cal.Holiday{Name: name, Offset: offset, Julian: julian, Func: cal.CalcEasterOffset}
}

// sunday says that a holiday that falls on a Sunday is also kept so many days later.
func sunday(days int) []cal.AltDay { return []cal.AltDay{{Day: time.Sunday, Offset: days}} }

func since(year int, h *cal.Holiday) *cal.Holiday { h.StartYear = year; return h }
func until(year int, h *cal.Holiday) *cal.Holiday { h.EndYear = year; return h }
