package study_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"panelverk/internal/study"
)

func mustParse(t *testing.T, text string) *study.Study {
	t.Helper()
	s, ps := study.Parse([]byte(text), nil)
	if s == nil {
		t.Fatal(ps)
	}
	return s
}

func local(t *testing.T, s *study.Study, text string) time.Time {
	t.Helper()
	at, err := study.ParseTime(text, s.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestWaveState(t *testing.T) {
	s := mustParse(t, good)
	cases := []struct{ now, first, open, next string }{
		{"2017-03-13 07:59", "planned", "", "w1"},
		{"2017-03-13 08:00", "open", "w1", "w2"},
		{"2017-04-02 23:58", "open", "w1", "w2"},
		{"2017-04-02 23:59", "closed", "", "w2"},
		{"2017-10-01 12:00", "closed", "w2", ""},
		{"2018-01-01 12:00", "closed", "", ""},
	}
	key := func(w *study.Wave) string {
		if w == nil {
			return ""
		}
		return w.Key
	}
	for _, c := range cases {
		now := local(t, s, c.now)
		if got := string(s.Waves[0].State(now)); got != c.first {
			t.Errorf("%s: wave 1 is %s, want %s", c.now, got, c.first)
		}
		if got := key(s.OpenWave(now)); got != c.open {
			t.Errorf("%s: open is %q, want %q", c.now, got, c.open)
		}
		if got := key(s.NextWave(now)); got != c.next {
			t.Errorf("%s: next is %q, want %q", c.now, got, c.next)
		}
	}
}

// The first wave lies across the change to summer time; moved to winter it
// lasts an hour longer, and still opens at eight on a Monday.
func TestShiftKeepsWallTimeAcrossDaylightSaving(t *testing.T) {
	s := mustParse(t, good)
	moved := s.Shift(-10)
	want := []string{"Mon 2017-01-02 08:00 +0100", "Sun 2017-01-22 23:59 +0100", "Mon 2017-07-17 08:00 +0200", "Sun 2017-08-06 23:59 +0200"}
	var got []string
	for _, w := range moved.Waves {
		for _, at := range []time.Time{w.Opens, w.Closes} {
			got = append(got, at.Format("Mon 2006-01-02 15:04 -0700"))
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("moved to\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if longer := moved.Waves[0].Closes.Sub(moved.Waves[0].Opens) - s.Waves[0].Closes.Sub(s.Waves[0].Opens); longer != time.Hour {
		t.Errorf("the winter wave is %v longer, want 1h", longer)
	}
	if s.Waves[0].Opens.Format(study.Layout) != "2017-03-13 08:00" {
		t.Error("the original was moved too")
	}
}

func TestShiftLeavesTimesThatDoNotExist(t *testing.T) {
	cases := []struct {
		opens string
		weeks int
		want  string
	}{
		{"2017-03-19 02:30", 1, "2017-03-26 03:30"},  // skipped there
		{"2017-10-22 02:30", 1, "2017-10-29 03:30"},  // shown twice there
		{"2017-10-22 01:59", 1, "2017-10-29 01:59"},  // the minute before
		{"2017-04-02 03:00", -1, "2017-03-26 03:00"}, // the first that exists
	}
	for _, c := range cases {
		text := strings.Replace(good, "2017-03-13 08:00", c.opens, 1)
		text = strings.Replace(text, "2017-04-02 23:59", "2017-10-23 00:00", 1)
		text = strings.NewReplacer("2017-09-25", "2017-12-01", "2017-10-15", "2017-12-15").Replace(text)
		s := mustParse(t, text)
		if got := s.Shift(c.weeks).Waves[0].Opens.Format(study.Layout); got != c.want {
			t.Errorf("%s by %d weeks is %s, want %s", c.opens, c.weeks, got, c.want)
		}
	}
}

func TestRollingOpensTheLastWave(t *testing.T) {
	s := mustParse(t, good)
	gap := func(s *study.Study) int {
		day := func(at time.Time) int {
			return int(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
		}
		return day(s.Waves[1].Opens) - day(s.Waves[0].Closes)
	}
	// every six hours of a leap year and more: all weekdays, both changes of the clocks
	for now := local(t, s, "2027-12-20 00:00"); now.Year() < 2029; now = now.Add(6 * time.Hour) {
		r := s.Rolling(now)
		last := r.Waves[1]
		ago := now.Sub(last.Opens)
		if last.State(now) != study.Open || ago < 5*24*time.Hour || ago >= 12*24*time.Hour+2*time.Hour {
			t.Fatalf("%s: the last wave is %s and opened %v ago", now, last.State(now), ago)
		}
		if last.Opens.Format("Mon 15:04") != "Mon 08:00" || gap(r) != gap(s) {
			t.Fatalf("%s: opens %s, %d days after the one before", now, last.Opens, gap(r))
		}
	}
}

func TestRollingShortWave(t *testing.T) {
	s := mustParse(t, strings.Replace(good, "2017-10-15 23:59", "2017-10-02 08:00", 1)) // seven days
	for now := local(t, s, "2020-01-01 00:00"); now.Month() < 4; now = now.Add(5 * time.Hour) {
		if r := s.Rolling(now); r.OpenWave(now) == nil {
			t.Fatalf("%s: no wave is open; the last one opens %s", now, r.Waves[1].Opens)
		}
	}
}

func TestYAMLKeepsTheRestOfTheText(t *testing.T) {
	text := strings.Replace(good, "waves:", "# before the waves\nwaves: # of the panel", 1) + "\n# after the waves\npartial: 0.4\n"
	s := mustParse(t, text)
	if same, err := s.YAML(); err != nil || !bytes.Equal(same, []byte(text)) {
		t.Fatalf("an unchanged study gave %v\n%s", err, same)
	}
	c := s.Clone()
	c.Waves[1].Closes = local(t, s, "2017-10-22 23:59")
	c.Waves[1].Title = map[string]string{"en": `Wave "two" & last: <#>`}
	c.Waves = append(c.Waves, study.Wave{Key: "1980", Number: 3, Title: map[string]string{"en": "no"}, Opens: local(t, s, "2018-03-01 08:00"),
		Closes: local(t, s, "2018-03-21 23:59"), Questionnaire: "core", Version: 2})
	out, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	before, after := text[:strings.Index(text, "waves:")], text[strings.Index(text, "\n# after"):]
	if !strings.HasPrefix(string(out), before) || !strings.HasSuffix(string(out), after) {
		t.Errorf("the text around the waves changed:\n%s", out)
	}
	again := mustParse(t, string(out))
	if len(again.Waves) != 3 || again.Waves[2].Key != "1980" || again.Waves[1].Title["en"] != `Wave "two" & last: <#>` ||
		!again.Waves[1].Closes.Equal(c.Waves[1].Closes) || again.Partial != 0.4 {
		t.Errorf("read back as %+v", again.Waves)
	}
	if twice, err := again.YAML(); err != nil || !bytes.Equal(twice, out) {
		t.Errorf("writing it again changed it: %v", err)
	}
}

func TestYAMLRefusesWhatItCannotRewrite(t *testing.T) {
	s := mustParse(t, "{"+strings.Join(strings.Split(`study: a,title: a,public_title: a,headline: a,languages: [en],time_zone: UTC`, ","), ", ")+
		`, panel: {min: 1, max: 2}, frame: members, minutes: 3, about: {who: a, why: b, answers: c}, contact: {role: r, email: a@example.org}, controller: c,
  waves: [{key: w1, title: t, opens: 2017-01-01 08:00, closes: 2017-01-08 08:00, questionnaire: core, version: 1}]}`)
	if _, err := s.Shift(1).YAML(); err == nil || !strings.Contains(err.Error(), "cannot be rewritten") {
		t.Errorf("got %v", err)
	}
}

func TestCheckPeriodsOfAChange(t *testing.T) {
	s := mustParse(t, good).Clone()
	s.Waves[0].Closes = local(t, s, "2017-09-26 23:59")
	ps := s.CheckPeriods()
	if len(ps) != 1 || ps[0].Field != "waves[2].opens" || ps[0].Code != "wave_overlap" {
		t.Errorf("got %v", ps)
	}
}
