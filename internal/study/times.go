package study

import (
	"fmt"
	"time"

	"panelverk/internal/fault"
)

// Layout is how a time is written in study.yaml and on the staff pages.
const Layout = "2006-01-02 15:04"

// ParseTime reads a local time as "2017-03-13 08:00" in a time zone. A time
// that the zone's clocks skip or show twice is an error: nobody can know which
// moment is meant.
//
// Fails with Invalid: time_format, time_skipped, time_doubled.
func ParseTime(text string, zone *time.Location) (time.Time, error) {
	wall, err := time.Parse(Layout, text)
	if err != nil {
		return time.Time{}, fault.New(fault.Invalid, "time_format",
			fmt.Sprintf("%q is no date and time. Write it as 2017-03-13 08:00.", text)).With("text", text)
	}
	switch moments := atWall(wall, zone); len(moments) {
	case 1:
		return moments[0], nil
	case 0:
		return time.Time{}, fault.New(fault.Invalid, "time_skipped",
			fmt.Sprintf("%s does not exist in %s: the clocks are put forward past it that night. Choose another time.", text, zone)).
			With("text", text)
	default:
		return time.Time{}, fault.New(fault.Invalid, "time_doubled",
			fmt.Sprintf("%s comes twice in %s: the clocks are put back that night. Choose another time.", text, zone)).
			With("text", text)
	}
}

// atWall gives the moments at which the clocks of a zone show the wall time:
// none, one or two. time.Date would choose in silence. Only the offsets in
// force a day before and a day after can apply, since no zone changes its
// clocks twice within two days.
func atWall(wall time.Time, zone *time.Location) []time.Time {
	near := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), zone)
	var moments []time.Time
	for _, day := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := near.Add(day).Zone()
		at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second()-offset, wall.Nanosecond(), time.UTC).In(zone)
		shows := at.Format(time.DateTime) == wall.Format(time.DateTime)
		if shows && (len(moments) == 0 || !moments[0].Equal(at)) {
			moments = append(moments, at)
		}
	}
	return moments
}
