package study_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"panelverk/internal/study"
)

func TestPlanRoundTrip(t *testing.T) {
	s := mustPlan(t, planned)
	text := s.Plan.YAML(s)
	again, ps := s.ParsePlan(text)
	if again == nil {
		t.Fatalf("%v\n%s", ps, text)
	}
	if got := again.YAML(s); !bytes.Equal(got, text) {
		t.Errorf("written again the plan is another:\n%s\n%s", text, got)
	}
	for _, want := range []string{`zones: {attribute: "country", "KE": Africa/Nairobi, "UA": Europe/Kyiv}`, "offset: -3d", "at: 16:30", "to: silent",
		"weekdays: [tue, wed, thu]", "template: last-reminder", "expiry: {invited: 10d, extended: 2d, idle: 36h}", "grace: 1d"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestPlanInTheStudysFile(t *testing.T) {
	s := mustPlan(t, planned)
	same, err := s.YAML()
	if err != nil || string(same) != planned {
		t.Fatalf("a study that nobody changed is written anew: %v\n%s", err, same)
	}
	changed := s.Clone()
	plan := *s.Plan
	plan.Messages = slices.Clone(plan.Messages)
	plan.Messages[1].At = 8*60 + 30
	changed.Plan = &plan
	text, err := changed.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "at: 08:30") || !strings.HasPrefix(string(text), good) {
		t.Errorf("the plan alone should be another:\n%s", text)
	}
	bare := mustPlan(t, good)
	with := bare.Clone()
	with.Plan = &study.Plan{Messages: []study.Message{{Key: "invitation", Kind: study.Invitation, Template: "invitation",
		Counts: study.FromOpening, To: study.Unanswered, At: 540, Channels: []study.Channel{study.Email}}}}
	text, err = with.YAML()
	if err != nil || !strings.Contains(string(text), "\nplan:\n  messages:\n    - key: invitation\n") {
		t.Errorf("%v\n%s", err, text)
	}
	with.Plan = nil
	if text, err = with.YAML(); err != nil || string(text) != good {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestPlanProblems(t *testing.T) {
	for _, c := range []struct {
		was, is string
		want    []string
	}{
		{"key: invitation", "key: invitation, kind: invite", []string{"kind"}},
		{"key: invitation, at: 09:00", "key: invitation, at: 25:00", []string{"hour"}},
		{"offset: 7d", "offset: a week", []string{"span"}},
		{"offset: 7d", "offset: 999999d", []string{"span"}},
		{"weekdays: [tue, wed, thu]", "weekdays: [tisdag]", []string{"weekday"}},
		{"channels: [sms, email]", "channels: [pigeon]", []string{"channel"}},
		{"to: silent", "to: everyone", []string{"to"}},
		{"key: reminder2, kind: reminder", "key: second", []string{"missing_key"}},
		{"key: reminder2", "key: reminder1", []string{"duplicate"}},
		{"key: nudge, offset: 2d", "key: nudge, offset: -2d", []string{"offset"}},
		{"key: nudge", "key: again, kind: invitation", []string{"two_invitations"}},
		{"attribute: country}\n  zones", "attribute: land}\n  zones", []string{"attribute"}},
		{"UA: Europe/Kyiv", "UA: Europe/Kiew", []string{"time_zone"}},
		{"wave: w2", "wave: w3", []string{"wave"}},
		{"messages: [invitation, reminder1, thanks]", "messages: [invitation, reminder9]", []string{"message"}},
		{"${country} != 'KE'", "${land} != 'KE'", []string{"where"}},
		{"${country} != 'KE'", "${country} !!", []string{"where"}},
		{"grace: 1d", "grace: -1d", []string{"span"}},
		{"invited: 10d, extended", "extended", []string{"missing_key"}},
		{"before: yes", "before: perhaps", []string{"before"}},
		{"grace: 1d", "relative: {after: enrolment, offset: 2d}", []string{"missing_key"}},
	} {
		source := strings.Replace(planned, c.was, c.is, 1)
		if source == planned {
			t.Fatalf("%q is not in the study", c.was)
		}
		s, ps := study.Parse([]byte(source), nil)
		var got []string
		for _, p := range ps.Errors() {
			got = append(got, p.Code)
			if p.Row < strings.Count(good, "\n") {
				t.Errorf("%s: row %d", c.is, p.Row)
			}
		}
		if s != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.is, ps, c.want)
		}
	}
}

func TestClashes(t *testing.T) {
	if got := mustPlan(t, planned).Clashes(); len(got) > 0 {
		t.Fatalf("a sound plan has clashes: %+v", got)
	}
	for _, c := range []struct{ was, is, want string }{
		{"offset: 14d", "offset: 30d", "after_closing w1 reminder2"},
		{"offset: 14d", "offset: 7d", "same_day w1 reminder2"},
		{"offset: 7d, at: 09:00", "offset: 0d, at: 08:30", "same_day w1 reminder1"},
		{"offset: -3d", "offset: 1d", "late_notice w1 prenotice"},
		{"opens: 2017-03-13 08:00", "opens: 2017-03-08 08:00", "opens_holiday w1 "},
		{"closes: 2017-10-15 23:59", "closes: 2017-12-25 23:59", "closes_holiday w2 "},
		{"weekdays: [tue, wed, thu]", "weekdays: [sun]", "moved w1 reminder2"},
		{"- {key: invitation, at: 09:00, channels: [email, sms]}", "- {key: invitation, offset: 8d, at: 09:00}", "before_invitation w1 reminder1"},
		{"messages: [invitation, reminder1, thanks]", "messages: [reminder1, thanks]", "no_invitation w2 reminder1"},
	} {
		source := strings.Replace(planned, c.was, c.is, 1)
		if source == planned {
			t.Fatalf("%q is not in the study", c.was)
		}
		var got []string
		for _, clash := range mustPlan(t, source).Clashes() {
			got = append(got, fmt.Sprintf("%s %s %s", clash.Code, clash.Wave, clash.Message))
		}
		if !slices.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.is, got, c.want)
		}
	}
}

// The days are taken from the countries' published calendars.
func TestHoliday(t *testing.T) {
	for _, c := range []struct{ country, day, want string }{
		{"SE", "2026-06-19", "Midsommarafton"}, {"SE", "2026-12-24", "Julafton"}, {"SE", "2026-10-31", "Alla helgons dag"}, {"SE", "2026-11-02", ""},
		{"DE", "2026-10-03", "Tag der deutschen Einheit"}, {"DE", "2026-05-14", "Christi Himmelfahrt"}, {"DE", "2026-06-06", ""},
		{"RS", "2026-04-10", "Veliki petak"}, {"RS", "2026-04-13", "Vaskršnji ponedeljak"}, {"RS", "2026-02-17", "Dan državnosti"}, {"RS", "2026-04-03", ""}, {"RS", "2023-01-03", "Nova godina"},
		{"UA", "2016-01-07", "Різдво Христове"}, {"UA", "2026-01-07", ""}, {"UA", "2026-04-13", "Великдень"}, {"UA", "2016-10-14", "День захисника України"}, {"UA", "2026-10-01", "День захисників і захисниць України"},
		{"KE", "2026-04-06", "Easter Monday"}, {"KE", "2026-10-20", "Mashujaa Day"}, {"KE", "2016-10-10", ""}, {"KE", "2026-12-25", "Christmas Day"}, {"KE", "2022-12-27", "Christmas Day"},
		{"XX", "2026-12-25", ""},
	} {
		day, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := study.Holiday(c.country, day); !strings.EqualFold(got, c.want) {
			t.Errorf("%s %s: %q, want %q", c.country, c.day, got, c.want)
		}
	}
}

func TestCalendar(t *testing.T) {
	s := mustPlan(t, strings.Replace(planned, "title: Noise at work", "title: 'Noise, at work; a study with a long name that no line of seventy-five octets holds – åäö'", 1))
	text := string(s.Calendar("en", "survey.example", clock(t, "2017-01-01 12:00", "UTC")))
	for _, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.Contains(line, "\n") {
			t.Errorf("a line of %d octets: %q", len(line), line)
		}
	}
	whole := strings.ReplaceAll(text, "\r\n ", "")
	for _, want := range []string{"DTSTART:20170313T070000Z\r\n", "DTEND:20170402T215900Z\r\n", "UID:noise-wave-2@survey.example\r\n",
		`SUMMARY:Noise\, at work\; a study with a long name that no line of seventy-five octets holds – åäö: Wave 1`} {
		if !strings.Contains(whole, want) {
			t.Errorf("%q is not in\n%s", want, whole)
		}
	}
}
