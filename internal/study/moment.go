package study

import (
	"time"
)

// mostPostponed is how many days a message looks ahead for one on which it may
// go out. A plan whose weekdays and holidays leave none in so long is refused.
const mostPostponed = 31

// After gives the moment a span after another: days on the calendar of the
// zone, so that nine o'clock stays nine o'clock over a change of the clocks, and
// then hours as they pass.
func (s Span) After(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	if s.Days != 0 {
		wall := time.Date(local.Year(), local.Month(), local.Day()+s.Days, local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), time.UTC)
		local = shown(wall, zone)
	}
	return local.Add(time.Duration(s.Hours) * time.Hour)
}

// Zero tells that the span is empty.
func (s Span) Zero() bool { return s == Span{} }

// shown gives the first moment at which the clocks of a zone show a wall time.
// A time that they skip moves on, an hour at a time, to the first they show.
func shown(wall time.Time, zone *time.Location) time.Time {
	for {
		moments := atWall(wall, zone)
		if len(moments) == 1 || len(moments) == 2 && moments[0].Before(moments[1]) {
			return moments[0]
		}
		if len(moments) == 2 {
			return moments[1]
		}
		wall = wall.Add(time.Hour)
	}
}

// slot gives when a message goes out that is planned for a moment: on that day
// at the message's hour, or on the next day that is one of its weekdays and no
// holiday. ok is false where there is none in a month.
func (m *Message) slot(planned time.Time, zone *time.Location, free func(time.Time) bool) (at time.Time, ok bool) {
	local := planned.In(zone)
	day := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), time.UTC)
	if m.At >= 0 {
		day = time.Date(local.Year(), local.Month(), local.Day(), m.At/60, m.At%60, 0, 0, time.UTC)
	}
	for range mostPostponed {
		if m.on(day.Weekday()) && !free(day) {
			return shown(day, zone), true
		}
		day = day.AddDate(0, 0, 1)
	}
	return time.Time{}, false
}

// on tells whether the message may go out on a weekday.
func (m *Message) on(day time.Weekday) bool {
	if len(m.Weekdays) == 0 {
		return true
	}
	for _, d := range m.Weekdays {
		if d == day {
			return true
		}
	}
	return false
}
