package expr

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// How XForms writes a date with a time.
const dateTimeLayout = "2006-01-02T15:04:05.000-07:00"

func callToday(env *Env, _ *Node) Value { return Text(env.Now.Format(time.DateOnly)) }

func callNow(env *Env, _ *Node) Value { return Text(env.Now.Format(dateTimeLayout)) }

// wall gives an argument as a moment on the wall clock: a date's text or a
// number of days.
func (n *Node) wall(env *Env, i int) (time.Time, bool) {
	v := n.arg(env, i)
	if v.kind != Number {
		if t, ok := wallClock(strings.TrimSpace(v.String())); ok {
			return t, true
		}
	}
	return fromDay(v.Number())
}

func callDate(env *Env, n *Node) Value {
	t, ok := n.wall(env, 0)
	if !ok {
		return Value{}
	}
	return Text(t.Format(time.DateOnly))
}

// callDateTime keeps the zone of a text that has one; anything else is taken
// to be by the study's clock.
func callDateTime(env *Env, n *Node) Value {
	t, ok := n.wall(env, 0)
	if !ok {
		return Value{}
	}
	if s := strings.TrimSpace(n.text(env, 0)); len(s) > 10 && n.Args[0].Op != OpNumber {
		for _, layout := range [...]string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00"} {
			if zoned, err := time.Parse(layout, s); err == nil {
				return Text(zoned.Format(dateTimeLayout))
			}
		}
	}
	local := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), env.Now.Location())
	return Text(local.Format(dateTimeLayout))
}

// callDecimalTime gives the time of the day as a fraction of it.
func callDecimalTime(env *Env, n *Node) Value {
	s := strings.TrimSpace(n.text(env, 0))
	if t, ok := wallClock(s); ok {
		_, fraction := math.Modf(dayOf(t))
		return Num(fraction)
	}
	if clock, ok := clockTime(s); ok {
		return Num(float64(clock) / float64(day))
	}
	return Num(math.NaN())
}

// callFormatDate writes a date with the fields that ODK knows: %Y %y %m %n %b
// %d %e %H %h %M %S %3 %a. Names of days and months are English.
func callFormatDate(env *Env, n *Node) Value {
	t, ok := n.wall(env, 0)
	if !ok {
		return Value{}
	}
	var b strings.Builder
	format := n.text(env, 1)
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		switch format[i] {
		case 'Y':
			fmt.Fprintf(&b, "%04d", t.Year())
		case 'y':
			fmt.Fprintf(&b, "%02d", t.Year()%100)
		case 'm':
			fmt.Fprintf(&b, "%02d", t.Month())
		case 'n':
			fmt.Fprintf(&b, "%d", t.Month())
		case 'b':
			b.WriteString(t.Format("Jan"))
		case 'd':
			fmt.Fprintf(&b, "%02d", t.Day())
		case 'e':
			fmt.Fprintf(&b, "%d", t.Day())
		case 'H':
			fmt.Fprintf(&b, "%02d", t.Hour())
		case 'h':
			fmt.Fprintf(&b, "%d", t.Hour())
		case 'M':
			fmt.Fprintf(&b, "%02d", t.Minute())
		case 'S':
			fmt.Fprintf(&b, "%02d", t.Second())
		case '3':
			fmt.Fprintf(&b, "%03d", t.Nanosecond()/int(time.Millisecond))
		case 'a':
			b.WriteString(t.Format("Mon"))
		case '%':
			b.WriteByte('%')
		default:
			b.WriteByte('%')
			b.WriteByte(format[i])
		}
	}
	return Text(b.String())
}
