package study_test

import (
	"os"
	"testing"
	"time"

	"panelverk/internal/study"
)

// Every study's plan is moved week by week through both changes of the clocks:
// each message goes out at the hour that the plan says by the participant's own
// clocks, and as many days after the last one as in any other week unless a
// weekday or a holiday is in the way. Nairobi, which changes nothing, is the control.
func TestPlansThroughTheChangesOfTheClocks(t *testing.T) {
	entries, err := os.ReadDir("../../surveys")
	if err != nil {
		t.Fatal(err)
	}
	walked := 0
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		folder, ps := study.Load(os.DirFS("../../surveys"), e.Name())
		if folder == nil {
			t.Fatal(e.Name(), ps)
		}
		if folder.Study.Plan == nil {
			continue
		}
		for _, zone := range []string{"Europe/Stockholm", "Europe/Kyiv", "Africa/Nairobi"} {
			walked += walkClocks(t, folder.Study, zone)
		}
	}
	if walked < 1000 {
		t.Errorf("only %d messages were looked at", walked)
	}
}

func walkClocks(t *testing.T, s *study.Study, name string) int {
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	plan := *s.Plan
	plan.Holidays, plan.Zones = study.Holidays{}, study.Zones{}
	free := s.Clone()
	free.Plan, free.TimeZone = &plan, zone
	for i := range free.Waves { // the same hours by the zone's clocks
		w := &free.Waves[i]
		w.Opens, w.Closes = sameWall(w.Opens, s.TimeZone, zone), sameWall(w.Closes, s.TimeZone, zone)
	}
	n := 0
	days := map[int]map[string]int{} // from the opening, by wave and message
	for weeks := range 53 {
		moved := free.Shift(weeks)
		m := &study.Member{Cohort: 1, Channels: []study.Channel{study.Email}, Waves: map[int]study.Progress{}}
		for mailing := range moved.Mailings(m, moved.Waves[0].Opens) {
			n++
			at, opens := mailing.At.In(zone), moved.Waves[mailing.Wave-1].Opens.In(zone)
			if mailing.Message.At >= 0 && at.Hour()*60+at.Minute() != mailing.Message.At {
				t.Errorf("%s, %s, wave %d, week %d: %s goes out at %s", s.Key, name, mailing.Wave, weeks, mailing.Message.Key, at)
			}
			after := daysBetween(opens, at)
			if days[mailing.Wave] == nil {
				days[mailing.Wave] = map[string]int{}
			}
			if weeks == 0 {
				days[mailing.Wave][mailing.Message.Key] = after
			} else if want := days[mailing.Wave][mailing.Message.Key]; after != want {
				t.Errorf("%s, %s, wave %d, week %d: %s goes out %d days after the opening, in week 0 %d", s.Key, name, mailing.Wave, weeks, mailing.Message.Key, after, want)
			}
		}
	}
	return n
}

func sameWall(at time.Time, from, to *time.Location) time.Time {
	l := at.In(from)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, to)
}

func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(b).Sub(day(a)).Hours() / 24)
}
