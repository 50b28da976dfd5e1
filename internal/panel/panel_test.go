package panel_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panelverk/internal/panel"
)

var (
	opens  = time.Date(2016, 10, 3, 7, 0, 0, 0, time.UTC)
	during = opens.AddDate(0, 0, 5)
	closes = opens.AddDate(0, 0, 21)
	after  = closes.AddDate(0, 0, 2)
)

func ev(kind panel.EventKind, wave int, at time.Time) panel.Event {
	return panel.Event{Kind: kind, Wave: wave, At: at}
}

func TestDerive(t *testing.T) {
	type F = panel.Facts
	inv := F{Wave: 2, Cohort: 1, Invited: true, Until: closes}
	with := func(change func(*F)) F { f := inv; change(&f); return f }
	first := with(func(f *F) { f.Cohort = 2 })
	cases := []struct {
		name   string
		events []panel.Event
		facts  F
		frame  panel.Frame
		want   panel.Disposition
	}{
		{"sent in", nil, with(func(f *F) { f.Started, f.Submitted, f.Answered = true, true, 1 }), panel.EnrolledMembers, panel.IsComplete},
		{"sent in with most left blank", nil, with(func(f *F) { f.Started, f.Submitted, f.Answered = true, true, .1 }), panel.EnrolledMembers, panel.IsComplete},
		{"half answered", nil, with(func(f *F) { f.Started, f.Answered = true, .5 }), panel.EnrolledMembers, panel.IsPartial},
		{"less than half", nil, with(func(f *F) { f.Started, f.Answered = true, .49 }), panel.EnrolledMembers, panel.BreakOff},
		{"start button, nothing more", nil, with(func(f *F) { f.Started = true }), panel.EnrolledMembers, panel.BreakOff},
		{"half answered, then left", []panel.Event{ev(panel.Left, 0, during)}, with(func(f *F) { f.Started, f.Answered = true, .6 }), panel.EnrolledMembers, panel.IsPartial},
		{"some answered, then left", []panel.Event{ev(panel.Left, 0, during)}, with(func(f *F) { f.Started, f.Answered = true, .2 }), panel.EnrolledMembers, panel.Refused},
		{"declined on the page", []panel.Event{ev(panel.Declined, 2, during)}, inv, panel.EnrolledMembers, panel.Refused},
		{"declined another wave", []panel.Event{ev(panel.Declined, 1, during)}, inv, panel.EnrolledMembers, panel.NoContact},
		{"refused by telephone", []panel.Event{ev(panel.RefusedByPhone, 2, during)}, inv, panel.NamedList, panel.Refused},
		{"died", []panel.Event{ev(panel.Died, 0, during)}, inv, panel.EnrolledMembers, panel.Dead},
		{"died after the wave", []panel.Event{ev(panel.Died, 0, after)}, inv, panel.EnrolledMembers, panel.NoContact},
		{"died after submitting", []panel.Event{ev(panel.Died, 0, during)}, with(func(f *F) { f.Submitted = true }), panel.EnrolledMembers, panel.IsComplete},
		{"died before, not invited", []panel.Event{ev(panel.Died, 0, opens.AddDate(0, -1, 0))}, with(func(f *F) { f.Invited = false }), panel.EnrolledMembers, panel.None},
		{"erased before, not invited", []panel.Event{ev(panel.Erased, 0, opens.AddDate(0, -1, 0))}, with(func(f *F) { f.Invited = false }), panel.EnrolledMembers, panel.None},
		{"left and came back", []panel.Event{ev(panel.Left, 0, opens), ev(panel.Returned, 0, during)}, inv, panel.EnrolledMembers, panel.NoContact},
		{"ill", []panel.Event{ev(panel.Unable, 2, during)}, inv, panel.EnrolledMembers, panel.UnableToAnswer},
		{"no common language", []panel.Event{ev(panel.Language, 2, during)}, inv, panel.NamedList, panel.NoLanguage},
		{"retired: not in the population", []panel.Event{ev(panel.Ineligible, 2, during)}, inv, panel.NamedList, panel.OutOfSample},
		{"proxy, submitted", []panel.Event{ev(panel.Proxy, 2, during)}, with(func(f *F) { f.Submitted = true }), panel.EnrolledMembers, panel.IsComplete},
		{"silent, named list, first wave", nil, first, panel.NamedList, panel.NothingBack},
		{"bounced, named list, first wave", []panel.Event{ev(panel.Unreachable, 2, during)}, first, panel.NamedList, panel.Undelivered},
		{"bounced, then handed over another way", []panel.Event{ev(panel.Unreachable, 2, opens), ev(panel.Invited, 2, during)}, first, panel.NamedList, panel.NothingBack},
		{"handed over, then bounced", []panel.Event{ev(panel.Invited, 2, opens), ev(panel.Unreachable, 2, during)}, first, panel.NamedList, panel.Undelivered},
		{"silent, named list, second wave: is a member by now", nil, inv, panel.NamedList, panel.NoContact},
		{"silent member", nil, first, panel.EnrolledMembers, panel.NoContact},
		{"bounced member", []panel.Event{ev(panel.Unreachable, 2, during)}, first, panel.EnrolledMembers, panel.NoContact},
		{"silent, joined by the open link in wave 1", nil, inv, panel.OpenLink, panel.NoContact},
		{"not asked by the plan", nil, with(func(f *F) { f.Invited, f.Unasked = false, true }), panel.EnrolledMembers, panel.None},
		{"not asked, and said no by telephone", []panel.Event{ev(panel.RefusedByPhone, 2, during)}, with(func(f *F) { f.Invited, f.Unasked = false, true }), panel.NamedList, panel.None},
		{"not asked, and answered all the same", nil, with(func(f *F) { f.Unasked, f.Submitted = true, true }), panel.EnrolledMembers, panel.IsComplete},
		{"nobody sent the invitation", nil, with(func(f *F) { f.Invited = false }), panel.EnrolledMembers, panel.NotInvited},
		{"answered on paper without an invitation", nil, with(func(f *F) { f.Invited, f.Submitted = false, true }), panel.EnrolledMembers, panel.IsComplete},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := panel.Derive(c.events, c.facts, .5, c.frame); got != c.want {
				t.Errorf("got %s %s, want %s %s", got.Code, got.Name, c.want.Code, c.want.Name)
			}
		})
	}
}

func TestDispositionNumbers(t *testing.T) {
	last := 0
	for _, d := range panel.Dispositions() {
		if d.Number() <= last || d.Number() < 110 || d.Number() > 499 {
			t.Errorf("%s becomes %d after %d", d.Code, d.Number(), last)
		}
		last = d.Number()
	}
	if n := panel.IsComplete.Number(); n != 110 {
		t.Errorf("1.1 becomes %d", n)
	}
	if n := panel.None.Number(); n != 0 {
		t.Errorf("no disposition becomes %d", n)
	}
}

// The figures are those of a worked example that every implementation of the
// rates has to meet.
func TestRates(t *testing.T) {
	c := panel.Counts{I: 4, P: 2, R: 1, NC: 1, O: 1, UH: 1, UO: 1, NE: 1}
	want := map[string]float64{
		"e": .9, "RR1": .3636, "RR2": .5455, "RR3": .3704, "RR4": .5556, "RR5": .4444, "RR6": .6667,
		"COOP1": .5, "COOP2": .75, "COOP3": .5714, "COOP4": .8571,
		"REF1": .0909, "REF2": .0926, "REF3": .1111, "CON1": .7273, "CON2": .7407, "CON3": .8889,
	}
	rates := c.Rates(true)
	if len(rates) != len(want) {
		t.Errorf("%d rates, want %d", len(rates), len(want))
	}
	for _, r := range rates {
		if r.Why != "" || math.Abs(r.Value-want[r.Name]) > .00005 {
			t.Errorf("%s = %.4f (%s), want %.4f", r.Name, r.Value, r.Why, want[r.Name])
		}
	}
	for _, r := range c.Rates(false) {
		if r.Why != panel.NoFrame || r.Value != 0 {
			t.Errorf("without a frame %s = %v (%s)", r.Name, r.Value, r.Why)
		}
	}
	for _, r := range (panel.Counts{UH: 3}).Rates(true) {
		if r.Name == "RR1" && (r.Why != "" || r.Value != 0) || r.Name == "RR3" && r.Why != panel.NoCases {
			t.Errorf("with unknown cases alone %s = %v (%s)", r.Name, r.Value, r.Why)
		}
	}
}

func path(cohort int, marks string) panel.Path {
	p := panel.Path{Cohort: cohort}
	for i, m := range marks {
		p.Fielded = append(p.Fielded, m != '?')
		p.Answered = append(p.Answered, m == '1')
		p.Unasked = append(p.Unasked, m == 'x')
		p.Invited = append(p.Invited, m == '1' || m == '0')
		if m == '+' && p.Died == 0 {
			p.Died = i + 1
		}
	}
	return p
}

func TestRetention(t *testing.T) {
	var r panel.Retention
	for _, p := range []panel.Path{
		path(1, "1111"), path(1, "1111"), path(1, "1011"), path(1, "1100"), path(1, "11++"), path(1, "0110"),
		path(2, "-111"), path(2, "-101"),
	} {
		r.Add(p)
	}
	type row [5]panel.Fraction
	want := map[int][]row{
		1: {
			{{5, 6}, {}, {5, 5}, {5, 5}, {}},
			{{5, 6}, {4, 5}, {4, 5}, {4, 5}, {0, 0}},
			// The person who died leaves every denominator.
			{{4, 5}, {3, 4}, {3, 4}, {2, 4}, {1, 1}},
			{{3, 5}, {3, 4}, {3, 4}, {2, 4}, {0, 1}},
		},
		2: {
			{{2, 2}, {}, {2, 2}, {2, 2}, {}},
			{{1, 2}, {1, 2}, {1, 2}, {1, 2}, {}},
			{{2, 2}, {1, 1}, {2, 2}, {1, 2}, {1, 1}},
		},
	}
	for cohort, rows := range want {
		got := r.Rates(cohort)
		if len(got) != len(rows) {
			t.Fatalf("cohort %d has %d waves, want %d", cohort, len(got), len(rows))
		}
		for i, g := range got {
			if g.Wave != cohort+i {
				t.Errorf("cohort %d, row %d is wave %d", cohort, i, g.Wave)
			}
			if have := (row{g.Participation, g.Conditional, g.Baseline, g.AllWave, g.Reactivated}); have != rows[i] {
				t.Errorf("cohort %d wave %d: got %v, want %v", cohort, g.Wave, have, rows[i])
			}
		}
	}
}

// Counted by hand: who is not asked in wave 2 is in none of its denominators,
// and neither lapses by it nor comes back after it.
func TestRetentionOfThoseWhoAreAsked(t *testing.T) {
	var r panel.Retention
	for _, p := range []panel.Path{path(1, "111"), path(1, "1x1"), path(1, "1x0"), path(1, "101"), path(1, "0x1")} {
		r.Add(p)
	}
	type row [5]panel.Fraction // participation, conditional, baseline, all waves, reactivated
	want := []row{
		{{4, 5}, {}, {4, 4}, {4, 4}, {}},
		{{1, 2}, {1, 2}, {1, 2}, {1, 2}, {}},
		{{4, 5}, {1, 1}, {3, 4}, {2, 4}, {1, 1}},
	}
	for i, g := range r.Rates(1) {
		if have := (row{g.Participation, g.Conditional, g.Baseline, g.AllWave, g.Reactivated}); have != want[i] {
			t.Errorf("wave %d: got %v, want %v", g.Wave, have, want[i])
		}
	}
}

func TestPattern(t *testing.T) {
	for _, c := range []struct {
		path panel.Path
		want string
	}{
		{path(1, "1101"), "1101"},
		{path(2, "-10?"), ".10."},
		{path(1, "1+++"), "1000"},
		{path(1, "111?"), "111."},
		{path(1, "1x01"), "1x01"},
		{path(3, "--x1"), "..x1"},
	} {
		if got := c.path.Pattern(); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.path, got, c.want)
		}
	}
}

func TestPatternsSumToN(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r panel.Retention
		n := rapid.IntRange(0, 60).Draw(t, "n")
		for range n {
			cohort := rapid.IntRange(1, 4).Draw(t, "cohort")
			marks := []rune(rapid.StringMatching(`[01]{4}`).Draw(t, "marks"))
			for w := range cohort - 1 {
				marks[w] = '-'
			}
			r.Add(path(cohort, string(marks)))
		}
		sum := 0
		for _, p := range r.Patterns() {
			sum += p.N
		}
		if sum != n || r.N() != n {
			t.Fatalf("patterns sum to %d, N is %d, want %d", sum, r.N(), n)
		}
		for _, c := range r.Cohorts() {
			for _, w := range r.Rates(c) {
				for _, f := range []panel.Fraction{w.Participation, w.Conditional, w.Baseline, w.AllWave, w.Reactivated} {
					if f.Of < 0 || f.Of > f.Over {
						t.Fatalf("%d of %d", f.Of, f.Over)
					}
				}
			}
		}
	})
}
