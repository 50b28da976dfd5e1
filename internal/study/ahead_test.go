package study_test

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panelverk/internal/study"
)

// lines is a pool of messages from which plans are drawn.
var lines = []string{
	"{key: prenotice, offset: -3d, at: 09:00, weekdays: [mon, tue, wed, thu, fri]}",
	"{key: prenotice, offset: -12h}",
	"{key: invitation, at: 09:00, channels: [email, sms]}",
	"{key: invitation, offset: 1d, at: 17:00, weekdays: [tue, thu]}",
	"{key: reminder1, kind: reminder, offset: 7d, at: 09:00, channels: [email, sms]}",
	"{key: reminder1, kind: reminder, offset: 0d, at: 10:00}",
	"{key: reminder1, kind: reminder, offset: 36h}",
	"{key: reminder2, kind: reminder, template: reminder3, offset: 14d, at: 16:00, weekdays: [tue, wed, thu], channels: [sms, email]}",
	"{key: reminder2, kind: reminder, offset: 7d, at: 12:00, channels: [sms]}",
	"{key: nudge, offset: 2d, at: 10:00}",
	"{key: thanks}",
	"{key: closing, offset: -2d, at: 12:00, to: silent}",
	"{key: closing, offset: 1d, at: 12:00, to: all}",
}

var rulings = []string{"", "  waves:\n    - {wave: w1, grace: 2d, expiry: {invited: 5d, extended: 2d, idle: 2d}}\n",
	"  waves:\n    - {wave: w2, eligible: {before: yes}}\n", "  waves:\n    - {wave: w1, relative: {after: enrolment, offset: 2d, for: 9d}}\n",
	"  waves:\n    - wave: w1\n      eligible: {where: \"${country} = 'UA'\"}\n", "  waves:\n    - {wave: w2, messages: none}\n"}

// drawnPlan gives the study good with a plan.
func drawnPlan(t *rapid.T, label string) *study.Study {
	seen, text := map[string]bool{}, planned[:strings.Index(planned, "  messages:")]+"  messages:\n"
	for _, i := range rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}).Draw(t, label+" messages")[:rapid.IntRange(3, 13).Draw(t, label+" many")] {
		key := strings.Fields(lines[i])[1]
		if !seen[key] {
			text += "    - " + lines[i] + "\n"
		}
		seen[key] = true
	}
	if !seen["invitation,"] {
		text += "    - {key: invitation, at: 09:00}\n"
	}
	text += rapid.SampledFrom(rulings).Draw(t, label+" rules")
	s, ps := study.Parse([]byte(text), nil)
	if s == nil {
		t.Fatalf("%v\n%s", ps, text)
	}
	s.Waves[0].Closes = s.Waves[0].Opens.AddDate(0, 0, 16) // so that a walk through both is short
	s.Waves[1].Opens = s.Waves[0].Closes.AddDate(0, 0, 1)
	s.Waves[1].Closes = s.Waves[1].Opens.AddDate(0, 0, 10)
	return s
}

// drawnMember gives a participant somewhere on the way.
func drawnMember(t *rapid.T, s *study.Study, now time.Time) *study.Member {
	m := &study.Member{PID: "p", Language: "en", Cohort: rapid.IntRange(1, 2).Draw(t, "cohort"), Joined: now.Add(-time.Duration(rapid.IntRange(1, 90).Draw(t, "days")) * 24 * time.Hour).Truncate(time.Hour),
		Attributes: map[string]string{"country": rapid.SampledFrom([]string{"SE", "UA", "KE"}).Draw(t, "country")}, Waves: map[int]study.Progress{},
		Channels: rapid.SampledFrom([][]study.Channel{{study.Email}, {study.SMS}, {study.Email, study.SMS}}).Draw(t, "channels")}
	if rapid.Bool().Draw(t, "begun") {
		at := now.Add(-time.Duration(rapid.IntRange(1, 100).Draw(t, "hours")) * time.Hour)
		p := study.Progress{Begun: at, Last: at}
		if rapid.Bool().Draw(t, "submitted") {
			p.Submitted = at
		}
		m.Waves[1] = p
	}
	return m
}

// sentOn is what is written down, by wave and key.
type sentOn map[string]time.Time

func (s sentOn) String() string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(s)) {
		out = append(out, k+" "+s[k].UTC().Format(time.RFC3339))
	}
	return strings.Join(out, "\n")
}

// walk lets Due run each hour, and nobody does anything.
func walk(t *rapid.T, s *study.Study, m *study.Member, now time.Time) sentOn {
	out := sentOn{}
	for ; now.Before(s.Waves[len(s.Waves)-1].Closes.AddDate(0, 0, 4)); now = now.Add(time.Hour) {
		for mailing, err := range s.Due(one(m), now) {
			if err != nil {
				t.Fatal(err)
			}
			out[fmt.Sprint(mailing.Wave, " ", mailing.Message.Key)] = now
			p := m.Waves[mailing.Wave]
			p.Written = maps.Clone(p.Written)
			if p.Written == nil {
				p.Written = map[string]time.Time{}
			}
			p.Written[mailing.Message.Key] = now
			if mailing.Message.Kind == study.Invitation {
				p.Invited = now
			}
			m.Waves[mailing.Wave] = p
		}
	}
	return out
}

func one(m *study.Member) iter.Seq2[*study.Member, error] {
	return func(yield func(*study.Member, error) bool) { yield(m, nil) }
}

var startOfPlans = time.Date(2017, 3, 1, 0, 0, 0, 0, time.UTC)

func drawnNow(t *rapid.T) time.Time {
	return startOfPlans.Add(time.Duration(rapid.IntRange(5*24, 30*24).Draw(t, "hour")) * time.Hour)
}

// What is said of the time ahead is what Due then writes, to the hour.
func TestAheadIsWhatDueThenGives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, now := drawnPlan(t, "plan"), drawnNow(t)
		m := drawnMember(t, s, now)
		want := sentOn{}
		for _, mailing := range s.Ahead(m, now) {
			if mailing.Asked == study.Yes {
				want[fmt.Sprint(mailing.Wave, " ", mailing.Message.Key)] = mailing.At
			}
		}
		if got := walk(t, s, m, now); got.String() != want.String() {
			t.Fatalf("Due gives\n%s\nand Ahead said\n%s\n%s", got, want, s.Plan.YAML(s))
		}
	})
}

// A plan that is changed in the middle of things does what was said of it
// before: what goes out after it is what stays, moves and comes.
func TestChangesAreWhatThenHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after, now := drawnPlan(t, "before"), drawnPlan(t, "after"), drawnNow(t)
		m := drawnMember(t, before, now)
		from := now.AddDate(0, 0, -rapid.IntRange(0, 10).Draw(t, "ago"))
		for at := from; at.Before(now); at = at.Add(time.Hour) { // what was written down by now
			for mailing, err := range before.Due(one(m), at) {
				if err != nil {
					t.Fatal(err)
				}
				p := m.Waves[mailing.Wave]
				if p.Written == nil {
					p.Written, p.Waiting = map[string]time.Time{}, map[string]time.Time{}
				}
				p.Written[mailing.Message.Key] = at
				if rapid.Bool().Draw(t, "waits") {
					p.Waiting[mailing.Message.Key] = at
				} else if mailing.Message.Kind == study.Invitation {
					p.Invited = at
				}
				m.Waves[mailing.Wave] = p
			}
		}
		want, sent := sentOn{}, map[string]bool{}
		for _, c := range study.Changes(before, after, m, now) {
			at := fmt.Sprint(c.Wave, " ", c.Key)
			if c.Fate == study.Sent {
				sent[at] = true
				continue
			}
			if c.Is.Message != nil && c.Is.Asked == study.Yes && (!c.Waits || c.TakenBack) {
				want[at] = c.Is.At
			}
			if c.TakenBack {
				delete(m.Waves[c.Wave].Written, c.Key)
			}
		}
		got := walk(t, after, m, now)
		if got.String() != want.String() {
			t.Fatalf("then\n%s\nand it was said\n%s\nbefore\n%s\nafter\n%s", got, want, before.Plan.YAML(before), after.Plan.YAML(after))
		}
		for at := range got {
			if sent[at] {
				t.Fatalf("%s is sent again", at)
			}
		}
	})
}

func TestEdits(t *testing.T) {
	s := mustPlan(t, planned)
	other := mustPlan(t, strings.NewReplacer("offset: 14d, at: 16:30", "offset: 10d, at: 16:30", "- {key: thanks}", "- {key: thanks, offset: 1d}\n    - {key: reminder3, kind: reminder, offset: 18d}",
		"to: silent", "to: all", "grace: 1d", "grace: 2d", "    - {key: nudge, offset: 2d, at: 10:00}\n", "").Replace(planned))
	var got []string
	for _, e := range study.Edits(s, s.Plan, other.Plan) {
		got = append(got, e.String())
	}
	want := []string{"message nudge is no longer in the plan", "reminder2 moves from 14d to 10d", "thanks moves from 0d to 1d",
		"message reminder3 is new in the plan", "closing: to changes from silent to all", "w1: grace changes from 1d to 2d"}
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("%q is not in %q", line, got)
		}
	}
	if same := study.Edits(s, s.Plan, s.Plan); len(same) > 0 {
		t.Errorf("a plan differs from itself: %v", same)
	}
	if len(study.Edits(s, nil, s.Plan)) == 0 || len(study.Edits(s, s.Plan, nil)) == 0 {
		t.Error("a plan and none are the same")
	}
}

func TestSuggest(t *testing.T) {
	for _, source := range []string{good, strings.Replace(good, "closes: 2017-04-02 23:59", "closes: 2017-03-20 23:59", 1), planned[:strings.Index(planned, "plan:")]} {
		s := mustPlan(t, source)
		s.Plan = s.Suggest()
		for _, c := range s.Clashes() {
			if c.Code != study.ClashOpensHoliday && c.Code != study.ClashClosesHoliday && c.Code != study.ClashMoved {
				t.Errorf("what is suggested clashes: %+v", c)
			}
		}
		again, ps := s.ParsePlan(s.Plan.YAML(s))
		if again == nil || again.Message("invitation") == nil || len(again.Messages) < 4 {
			t.Errorf("%v\n%s", ps, s.Plan.YAML(s))
		}
	}
	s := mustPlan(t, good)
	s.Plan = &study.Plan{}
	if again, ps := s.ParsePlan(s.Plan.YAML(s)); again == nil || len(again.Messages) > 0 {
		t.Errorf("a plan without messages: %v", ps)
	}
}
