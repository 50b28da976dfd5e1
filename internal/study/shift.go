package study

import "time"

// settled is how long the last wave of a rolling copy has been open at least:
// long enough for half of the panel to have answered.
const settled = 5 * 24 * time.Hour

// Shift gives a copy with every field period moved by whole weeks (back where
// the number is negative). Weekdays, local times of the day and the days
// between waves stay as they are, also where daylight saving begins or ends in
// between. A time that the clocks skip or show twice on its new day moves on,
// an hour at a time, to the first that they show once.
func (s *Study) Shift(weeks int) *Study {
	c := s.Clone()
	for i := range c.Waves {
		w := &c.Waves[i]
		w.Opens = shifted(w.Opens, weeks, s.TimeZone)
		w.Closes = shifted(w.Closes, weeks, s.TimeZone)
	}
	return c
}

// Rolling gives the copy that is moved so that the last wave is open now: it
// opened at least five days ago, or, where it is too short for that, as long
// ago as it can and still be open. A last wave that is open for less than a
// week may miss now altogether, because only whole weeks are moved.
func (s *Study) Rolling(now time.Time) *Study {
	if len(s.Waves) == 0 {
		return s.Clone()
	}
	last := s.Waves[len(s.Waves)-1]
	opened := func(weeks int) time.Time { return shifted(last.Opens, weeks, s.TimeZone) }
	latest := func(by time.Time) int {
		weeks := int(by.Sub(last.Opens)/(7*24*time.Hour)) + 1
		for opened(weeks).After(by) {
			weeks--
		}
		return weeks
	}
	weeks := latest(now.Add(-settled))
	if !shifted(last.Closes, weeks, s.TimeZone).After(now) {
		weeks = latest(now)
	}
	return s.Shift(weeks)
}

func shifted(t time.Time, weeks int, zone *time.Location) time.Time {
	local := t.In(zone)
	wall := time.Date(local.Year(), local.Month(), local.Day()+7*weeks, local.Hour(), local.Minute(), local.Second(), 0, time.UTC)
	for {
		if moments := atWall(wall, zone); len(moments) == 1 {
			return moments[0]
		}
		wall = wall.Add(time.Hour)
	}
}
