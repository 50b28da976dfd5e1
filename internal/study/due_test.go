package study_test

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panelverk/internal/study"
)

// planned is the study good with a plan.
const planned = good + `attributes:
  - name: country
    label: Country
    choices:
      - {name: SE, label: Sweden}
      - {name: UA, label: Ukraine}
      - {name: KE, label: Kenya}
plan:
  holidays: {attribute: country}
  zones: {attribute: country, UA: Europe/Kyiv, KE: Africa/Nairobi}
  messages:
    - {key: prenotice, offset: -3d, at: 09:00, weekdays: [mon, tue, wed, thu, fri]}
    - {key: invitation, at: 09:00, channels: [email, sms]}
    - {key: reminder1, kind: reminder, offset: 7d, at: 09:00, channels: [email, sms]}
    - {key: reminder2, kind: reminder, template: last-reminder, offset: 14d, at: 16:30, weekdays: [tue, wed, thu], channels: [sms, email]}
    - {key: nudge, offset: 2d, at: 10:00}
    - {key: thanks}
    - {key: closing, offset: -2d, at: 12:00, to: silent}
  waves:
    - wave: w1
      grace: 1d
    - wave: w2
      messages: [invitation, reminder1, thanks]
      eligible: {before: yes, where: "${country} != 'KE'"}
      expiry: {invited: 10d, extended: 2d, idle: 36h}
`

func mustPlan(t testing.TB, source string) *study.Study {
	t.Helper()
	s, ps := study.Parse([]byte(source), nil)
	if s == nil {
		t.Fatal(ps)
	}
	return s
}

// clock reads a time in a zone.
func clock(t testing.TB, text, zone string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation(study.Layout, text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// world is one participant of the planned study to whom things happen.
type world struct {
	t *testing.T
	s *study.Study
	m *study.Member
}

func newWorld(t *testing.T, source, country string) *world {
	return &world{t: t, s: mustPlan(t, source), m: &study.Member{PID: "p", Language: "en", Cohort: 1,
		Attributes: map[string]string{"country": country}, Channels: []study.Channel{study.Email}, Waves: map[int]study.Progress{}}}
}

func (w *world) due(now time.Time) []study.Mailing {
	var out []study.Mailing
	one := iter.Seq2[*study.Member, error](func(yield func(*study.Member, error) bool) { yield(w.m, nil) })
	for mailing, err := range w.s.Due(one, now) {
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, mailing)
	}
	return out
}

// write puts what is due into the participant's ledger, as the worker does.
func (w *world) write(now time.Time) []string {
	var out []string
	for _, mailing := range w.due(now) {
		p := w.m.Waves[mailing.Wave]
		if p.Written == nil {
			p.Written = map[string]time.Time{}
		}
		p.Written[mailing.Message.Key] = now
		if mailing.Message.Kind == study.Invitation {
			p.Invited = now
		}
		w.m.Waves[mailing.Wave] = p
		out = append(out, fmt.Sprintf("%d %s %s %s", mailing.Wave, mailing.Message.Key, now.In(w.s.TimeZone).Format(study.Layout), mailing.Channel))
	}
	return out
}

// run lets the clock tick every quarter of an hour and gives all that was sent.
func (w *world) run(from, to string, happens map[string]func(p *study.Progress, now time.Time)) []string {
	var out []string
	for now := clock(w.t, from, "Europe/Stockholm"); now.Before(clock(w.t, to, "Europe/Stockholm")); now = now.Add(15 * time.Minute) {
		if do := happens[now.In(w.s.TimeZone).Format(study.Layout)]; do != nil {
			wave := 1
			if o := w.s.OpenWave(now); o != nil {
				wave = o.Number
			}
			p := w.m.Waves[wave]
			do(&p, now)
			w.m.Waves[wave] = p
		}
		out = append(out, w.write(now)...)
	}
	return out
}

func begin(p *study.Progress, now time.Time)  { p.Begun, p.Last = now, now }
func submit(p *study.Progress, now time.Time) { p.Submitted, p.Last = now, now }
func refuse(p *study.Progress, _ time.Time)   { p.Refused = true }

// Wave 1 is open from Monday 13 March 2017 8:00 to Sunday 2 April 23:59; clocks
// go forward on 26 March. Wave 2 from 25 September to 15 October.
func TestDue(t *testing.T) {
	type happening = map[string]func(*study.Progress, time.Time)
	for _, c := range []struct {
		name, country, from, to string
		happens                 happening
		want                    []string
	}{
		{"somebody silent gets all, at the hour, also after the clocks went forward", "SE", "2017-03-01 00:00", "2017-05-01 00:00", nil, []string{
			"1 prenotice 2017-03-10 09:00 email", "1 invitation 2017-03-13 09:00 email", "1 reminder1 2017-03-20 09:00 email",
			"1 reminder2 2017-03-28 16:30 email", "1 closing 2017-03-31 12:00 email"}},
		{"who answers is thanked and left in peace", "SE", "2017-03-01 00:00", "2017-05-01 00:00",
			happening{"2017-03-14 20:00": begin, "2017-03-14 20:15": submit}, []string{
				"1 prenotice 2017-03-10 09:00 email", "1 invitation 2017-03-13 09:00 email", "1 thanks 2017-03-14 20:15 email"}},
		{"who stops half way is nudged, then reminded, and not called for last", "SE", "2017-03-01 00:00", "2017-05-01 00:00",
			happening{"2017-03-14 20:00": begin}, []string{
				"1 prenotice 2017-03-10 09:00 email", "1 invitation 2017-03-13 09:00 email", "1 nudge 2017-03-17 10:00 email",
				"1 reminder1 2017-03-20 09:00 email", "1 reminder2 2017-03-28 16:30 email"}},
		{"who refuses hears no more", "SE", "2017-03-01 00:00", "2017-05-01 00:00", happening{"2017-03-14 20:00": refuse}, []string{
			"1 prenotice 2017-03-10 09:00 email", "1 invitation 2017-03-13 09:00 email"}},
		{"a server that was away invites by day, and drops the reminder that came before", "SE", "2017-03-21 03:00", "2017-03-29 00:00", nil, []string{
			"1 invitation 2017-03-21 09:00 email", "1 reminder2 2017-03-28 16:30 email"}},
		{"in Kenya nine o'clock is seven in Stockholm, and comes before the wave opens", "KE", "2017-03-01 00:00", "2017-03-22 00:00", nil, []string{
			"1 prenotice 2017-03-10 07:00 email", "1 invitation 2017-03-14 07:00 email", "1 reminder1 2017-03-21 07:00 email"}},
		{"wave 2 asks who answered wave 1", "SE", "2017-09-20 00:00", "2017-11-01 00:00", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := newWorld(t, planned, c.country).run(c.from, c.to, c.happens)
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("sent\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
}

func TestDueNextWave(t *testing.T) {
	w := newWorld(t, planned, "SE")
	w.m.Waves[1] = study.Progress{Submitted: clock(t, "2017-03-14 20:00", "Europe/Stockholm"), Written: map[string]time.Time{"thanks": {}}}
	got := w.run("2017-09-20 00:00", "2017-11-01 00:00", nil)
	want := []string{"2 invitation 2017-09-25 09:00 email", "2 reminder1 2017-10-02 09:00 email"}
	if !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
	w = newWorld(t, planned, "KE")
	w.m.Waves[1] = study.Progress{Submitted: clock(t, "2017-03-14 20:00", "Europe/Stockholm"), Written: map[string]time.Time{"thanks": {}}}
	if got := w.run("2017-09-20 00:00", "2017-11-01 00:00", nil); got != nil {
		t.Errorf("an attribute leaves them out, and yet: %q", got)
	}
}

func TestEnds(t *testing.T) {
	s := mustPlan(t, planned)
	at := func(text string) time.Time { return clock(t, text, "Europe/Stockholm") }
	for _, c := range []struct {
		name string
		wave int
		p    study.Progress
		want string
	}{
		{"the wave's end", 1, study.Progress{}, "2017-04-02 23:59"},
		{"a day of grace for who has begun", 1, study.Progress{Begun: at("2017-04-02 22:00")}, "2017-04-03 23:59"},
		{"not invited yet, nothing expires", 2, study.Progress{}, "2017-10-15 23:59"},
		{"ten days after the invitation", 2, study.Progress{Invited: at("2017-09-25 09:00")}, "2017-10-05 09:00"},
		{"begun: idle for 36 hours", 2, study.Progress{Invited: at("2017-09-25 09:00"), Begun: at("2017-09-26 09:00"), Last: at("2017-09-26 10:00")}, "2017-09-27 22:00"},
		{"begun late: twelve days after the invitation", 2, study.Progress{Invited: at("2017-09-25 09:00"), Begun: at("2017-10-07 08:00"), Last: at("2017-10-07 08:30")}, "2017-10-07 09:00"},
		{"never after the wave's end", 2, study.Progress{Invited: at("2017-10-14 09:00")}, "2017-10-15 23:59"},
	} {
		m := &study.Member{Cohort: 1, Waves: map[int]study.Progress{c.wave: c.p}}
		if got := s.Ends(&s.Waves[c.wave-1], m).In(s.TimeZone).Format(study.Layout); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestRelativeWave(t *testing.T) {
	source := strings.Replace(planned, `    - wave: w1
      grace: 1d
`, `    - wave: w1
      relative: {after: enrolment, offset: 2d, for: 7d}
`, 1)
	w := newWorld(t, source, "SE")
	w.m.Joined = clock(t, "2017-03-15 14:00", "Europe/Stockholm")
	got := w.run("2017-03-01 00:00", "2017-05-01 00:00", nil)
	want := []string{"1 invitation 2017-03-18 09:00 email", "1 closing 2017-03-22 12:00 email"}
	if !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

// Whatever happens, no message goes out twice, before its time, at night, on a
// holiday of the participant's country, or two that ask for an answer on one day.
func TestDueHoldsItsPromises(t *testing.T) {
	s := mustPlan(t, planned)
	rapid.Check(t, func(r *rapid.T) {
		country := rapid.SampledFrom([]string{"SE", "UA", "KE"}).Draw(r, "country")
		w := &world{t: t, s: s, m: &study.Member{PID: "p", Cohort: 1, Attributes: map[string]string{"country": country},
			Channels: []study.Channel{study.Email, study.SMS}, Waves: map[int]study.Progress{}}}
		zone := s.TimeZone
		if z := s.Plan.Zones.By[country]; z != nil {
			zone = z
		}
		seen, last := map[string]bool{}, map[int]time.Time{}
		now := clock(t, "2017-03-01 00:00", "Europe/Stockholm")
		for now.Before(clock(t, "2017-11-01 00:00", "Europe/Stockholm")) {
			now = now.Add(time.Duration(rapid.IntRange(5, 60*24*9).Draw(r, "minutes")) * time.Minute)
			if open := s.OpenWave(now); open != nil {
				p := w.m.Waves[open.Number]
				switch rapid.IntRange(0, 20).Draw(r, "happens") {
				case 0:
					begin(&p, now)
				case 1:
					submit(&p, now)
				case 2:
					refuse(&p, now)
				}
				w.m.Waves[open.Number] = p
			}
			for _, mailing := range w.due(now) {
				key := fmt.Sprint(mailing.Wave, mailing.Message.Key)
				hour := now.In(zone).Hour()
				switch {
				case seen[key]:
					r.Fatalf("%s twice", key)
				case now.Before(mailing.At):
					r.Fatalf("%s at %s, before %s", key, now, mailing.At)
				case mailing.Message.At >= 0 && (hour < 9 || hour > 20):
					r.Fatalf("%s at %s", key, now.In(zone))
				case mailing.Message.At >= 0 && study.Holiday(country, now.In(zone)) != "":
					r.Fatalf("%s on %s", key, study.Holiday(country, now.In(zone)))
				case mailing.Message.Kind != study.Thanks && now.Sub(last[mailing.Wave]) < 20*time.Hour:
					r.Fatalf("%s follows after %s", key, now.Sub(last[mailing.Wave]))
				case mailing.Message.Kind != study.Thanks && !now.Before(s.Ends(&s.Waves[mailing.Wave-1], w.m)):
					r.Fatalf("%s after the end", key)
				}
				seen[key] = true
				if mailing.Message.Kind != study.Thanks {
					last[mailing.Wave] = now
				}
			}
			w.write(now)
		}
	})
}

// Whoever joins while a wave is open is invited at once, also in the middle of
// a second: a time rounded down would lie before the joining.
func TestAnInvitationFollowsAtOnceUponJoining(t *testing.T) {
	source := strings.Replace(planned, "{key: invitation, at: 09:00,", "{key: invitation,", 1)
	w := newWorld(t, source, "SE")
	wave := w.s.Waves[0]
	for _, part := range []time.Duration{0, time.Millisecond, 986*time.Millisecond + 3} {
		w.m.Joined = wave.Opens.Add(30*time.Hour + 7*time.Second + part)
		due := w.due(w.m.Joined)
		if len(due) != 1 || due[0].Message.Key != "invitation" || !due[0].At.Equal(w.m.Joined) {
			t.Errorf("joined %v into a second: %+v", part, due)
		}
	}
}
