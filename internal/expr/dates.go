package expr

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// How XForms writes a date with a time.
const dateTimeLayout = "2006-01-02T15:04:05.000-07:00"

// dayMillis is a day of 24 hours: the calendar is counted without time zones.
const dayMillis = 86_400_000

// moment is a point on the calendar and the wall clock, as it was written.
type moment struct {
	millis int64 // since 1970-01-01 on the wall clock
	zoned  bool  // a zone was written
	offset int   // of the zone, in minutes
}

// days gives the days since 1970-01-01, with the time of the day as a fraction.
func (m moment) days() float64 { return float64(m.millis) / dayMillis }

// wall gives the moment's fields.
func (m moment) wall() time.Time { return time.UnixMilli(m.millis).UTC() }

// readMoment reads a date or a date with a time, as XForms writes them.
func readMoment(s string) (moment, bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return moment{}, false
	}
	t, err := time.Parse(time.DateOnly, s[:10])
	if err != nil || t.Year() == 0 {
		return moment{}, false
	}
	m := moment{millis: t.UnixMilli()}
	if len(s) == 10 {
		return m, true
	}
	if s[10] != 'T' && s[10] != ' ' {
		return moment{}, false
	}
	clock, ok := readClock(s[11:])
	m.millis += clock.millis
	m.zoned, m.offset = clock.zoned, clock.offset
	return m, ok
}

// readClock reads HH:MM, HH:MM:SS or HH:MM:SS.sss, with or without a zone. What
// is smaller than a millisecond is cut off.
func readClock(s string) (moment, bool) {
	hours, ok1 := twoDigits(s, 0, 23)
	minutes, ok2 := twoDigits(s, 3, 59)
	if !ok1 || !ok2 || s[2] != ':' {
		return moment{}, false
	}
	m := moment{millis: int64(hours)*3_600_000 + int64(minutes)*60_000}
	s = s[5:]
	if strings.HasPrefix(s, ":") {
		seconds, ok := twoDigits(s, 1, 59)
		if !ok {
			return moment{}, false
		}
		m.millis += int64(seconds) * 1000
		s = s[3:]
		if strings.HasPrefix(s, ".") {
			n, scale := 1, int64(100)
			for ; n < len(s) && isDigit(s[n]); n++ {
				m.millis += int64(s[n]-'0') * scale
				scale /= 10
			}
			if n == 1 {
				return moment{}, false
			}
			s = s[n:]
		}
	}
	var ok bool
	m.offset, m.zoned, ok = readZone(s)
	return m, ok
}

// readZone reads Z, +02:00, +0200 or +02, or nothing.
func readZone(s string) (minutes int, zoned, ok bool) {
	if s == "" {
		return 0, false, true
	}
	if s == "Z" {
		return 0, true, true
	}
	hours, ok1 := twoDigits(s, 1, 14)
	if !ok1 || s[0] != '+' && s[0] != '-' {
		return 0, false, false
	}
	minutes = hours * 60
	if rest := strings.TrimPrefix(s[3:], ":"); rest != "" || len(s) > 3 {
		m, ok2 := twoDigits(rest, 0, 59)
		if !ok2 || len(rest) != 2 {
			return 0, false, false
		}
		minutes += m
	}
	if s[0] == '-' {
		minutes = -minutes
	}
	return minutes, true, true
}

// twoDigits reads the two digits at a place of a text.
func twoDigits(s string, at, most int) (int, bool) {
	if len(s) < at+2 || !isDigit(s[at]) || !isDigit(s[at+1]) {
		return 0, false
	}
	n := int(s[at]-'0')*10 + int(s[at+1]-'0')
	return n, n <= most
}

// fromDay gives the wall clock of a day number. It fails outside the years
// 1 to 9999, which XForms cannot write.
func fromDay(f float64) (moment, bool) {
	if math.IsNaN(f) || f < -719162 || f >= 2932897 {
		return moment{}, false
	}
	m := moment{millis: int64(math.Floor(float64(f*dayMillis) + 0.5))}
	return m, m.millis < 2932897*dayMillis
}

// moment gives an argument as a moment on the wall clock: a date's text or a
// number of days.
func (n *Node) moment(env *Env, i int) (moment, bool) {
	v := n.arg(env, i)
	if v.kind != Number {
		if m, ok := readMoment(strings.Trim(v.String(), space)); ok {
			return m, true
		}
	}
	return fromDay(v.Number())
}

func callToday(env *Env, _ *Node) Value { return Text(env.Now.Format(time.DateOnly)) }

func callNow(env *Env, _ *Node) Value { return Text(env.Now.Format(dateTimeLayout)) }

func callDate(env *Env, n *Node) Value {
	m, ok := n.moment(env, 0)
	if !ok {
		return Value{}
	}
	return Text(m.wall().Format(time.DateOnly))
}

// callDateTime keeps the zone of a text that has one; anything else is taken
// to be by the study's clock.
func callDateTime(env *Env, n *Node) Value {
	m, ok := n.moment(env, 0)
	if !ok {
		return Value{}
	}
	offset := m.offset * 60
	at := m.millis - int64(offset)*1000
	if !m.zoned {
		// Between winter and summer there are times that no clock shows.
		zone := env.Now.Location()
		at = m.millis - 1000*int64(ahead(zone, m.millis-1000*int64(ahead(zone, m.millis))))
		offset = ahead(zone, at)
	}
	return Text(time.UnixMilli(at).In(time.FixedZone("", offset)).Format(dateTimeLayout))
}

// ahead gives the seconds that the clocks of a zone are ahead of UTC. The time
// zone database vouches for 1970 and later; for what was before, the offset of
// 1970 is taken, so that every copy of it gives the same.
func ahead(zone *time.Location, millis int64) int {
	_, seconds := time.UnixMilli(max(0, millis)).In(zone).Zone()
	return seconds
}

// callDecimalTime gives the time of the day as a fraction of it.
func callDecimalTime(env *Env, n *Node) Value {
	s := strings.Trim(n.text(env, 0), space)
	m, ok := readMoment(s)
	if !ok {
		m, ok = readClock(s)
	}
	if !ok {
		return Num(math.NaN())
	}
	return Num(float64((m.millis%dayMillis+dayMillis)%dayMillis) / dayMillis)
}

// Calendar names months and days of the week, as format-date writes them.
type Calendar struct {
	Months [12]string `json:"months"` // from January
	Days   [7]string  `json:"days"`   // from Sunday
}

// english is the calendar where none is given.
var english = Calendar{
	Months: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	Days:   [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
}

// callFormatDate writes a date with the fields that ODK knows: %Y %y %m %n %b
// %d %e %H %h %M %S %3 %a, and %% for a percent sign. Anything else stays.
func callFormatDate(env *Env, n *Node) Value {
	m, ok := n.moment(env, 0)
	if !ok {
		return Value{}
	}
	calendar := &english
	if env.Calendar != nil {
		calendar = env.Calendar
	}
	t, format := m.wall(), n.text(env, 1)
	out := make([]byte, 0, 2*len(format))
	padded := func(n, width int) {
		s := strconv.Itoa(n)
		for i := len(s); i < width; i++ {
			out = append(out, '0')
		}
		out = append(out, s...)
	}
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			out = append(out, format[i])
			continue
		}
		i++
		switch format[i] {
		case 'Y':
			padded(t.Year(), 4)
		case 'y':
			padded(t.Year()%100, 2)
		case 'm':
			padded(int(t.Month()), 2)
		case 'n':
			padded(int(t.Month()), 1)
		case 'b':
			out = append(out, calendar.Months[t.Month()-1]...)
		case 'd':
			padded(t.Day(), 2)
		case 'e':
			padded(t.Day(), 1)
		case 'H':
			padded(t.Hour(), 2)
		case 'h':
			padded(t.Hour(), 1)
		case 'M':
			padded(t.Minute(), 2)
		case 'S':
			padded(t.Second(), 2)
		case '3':
			padded(t.Nanosecond()/int(time.Millisecond), 3)
		case 'a':
			out = append(out, calendar.Days[t.Weekday()]...)
		case '%':
			out = append(out, '%')
		default:
			out = append(out, '%', format[i])
		}
	}
	return Text(string(out))
}
