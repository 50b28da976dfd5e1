package fieldwork_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/mail/mailtest"
	"panelverk/internal/panel"
	"panelverk/internal/store"
)

// A panel counted by hand: eight people of whom the plan asks those in Sweden
// in wave 2. All were invited to wave 1 and half of each country answered it.
// One in Germany was invited to wave 2 before the plan said so.
func TestAWaveIsCountedForThoseWhoAreAsked(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		countries := []string{"SE", "SE", "SE", "SE", "DE", "DE", "DE", "DE"}
		answered1 := []bool{true, true, false, false, true, true, false, false}
		answered2 := []bool{true, false, true, false, false, false, false, false}
		labels := make([]string, len(countries))
		in := []time.Time{wave1, time.Date(2016, 9, 15, 9, 0, 0, 0, time.UTC)}
		for i, country := range countries {
			labels[i] = f.add(spring, fieldwork.NewParticipant{Name: fmt.Sprint("Person ", i), Email: fmt.Sprintf("p%d@example.org", i), Attributes: map[string]string{"country": country}})
		}
		st, err := f.Study(ctx, access.CommandLine(), smart)
		if err != nil {
			t.Fatal(err)
		}
		in[1] = st.Waves[1].Opens.Add(24 * time.Hour)
		plan, edition := f.planned("- wave: \"w2\"\n", "- wave: \"w2\"\n      eligible: {where: \"${country} = 'SE'\"}\n")
		for i, label := range labels {
			for w, did := range [][]bool{answered1, answered2} {
				if w == 0 || countries[i] == "SE" || i == 7 {
					f.event(label, w+1, panel.Invited, in[w])
				}
				if did[i] {
					f.submitted(label, w+1, in[w])
				}
			}
		}
		if err := f.ChangePlan(ctx, spring, access.CommandLine(), smart, plan, edition); err != nil {
			t.Fatal(err)
		}
		now := st.Waves[1].Closes.Add(time.Hour)

		o, err := f.Overview(ctx, now, admin, smart)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range [][3]int{{8, 4, 4}, {5, 2, 3}} {
			if w := o.Waves[i]; [3]int{w.Invited, w.Answered, w.Silent} != want {
				t.Errorf("the overview counts %d invited, %d answered, %d silent in wave %d, want %v", w.Invited, w.Answered, w.Silent, i+1, want)
			}
		}
		out, err := f.Outcomes(ctx, now, admin, smart)
		if err != nil {
			t.Fatal(err)
		}
		if w := out.Waves[1]; w.Invited != 5 || w.Complete.N != 2 || w.Cases.N != 5 {
			t.Errorf("wave 2 has %d invited, %d complete of %d", w.Invited, w.Complete.N, w.Cases.N)
		}
		for _, r := range out.Waves[1].Rates {
			if r.Name == "RR1" && r.Value != 2./5 {
				t.Errorf("RR1 is %v", r.Value)
			}
		}
		want := map[fieldwork.Measure]panel.Fraction{fieldwork.Participation: {Of: 2, Over: 5}, fieldwork.Conditional: {Of: 1, Over: 2}, fieldwork.Baseline: {Of: 1, Over: 2}, fieldwork.AllWave: {Of: 1, Over: 2}}
		for _, r := range out.Panel {
			if fraction, ok := want[r.Measure]; ok && r.Wave == 2 && r.Fraction != fraction {
				t.Errorf("%s in wave 2 is %d of %d, want %v", r.Measure, r.Of, r.Over, fraction)
			}
		}
		outside := 0
		for _, row := range out.Steps[0].Moves {
			outside += row[fieldwork.StoodOutside]
		}
		if outside != 3 {
			t.Errorf("%d stand outside of wave 2, want 3", outside)
		}
		list, err := f.WorkList(ctx, now, admin, smart, 2, false)
		if err != nil || len(list) != 3 {
			t.Errorf("%d people are still to be reached: %v", len(list), err)
		}
	})
}

// event stores one of a participant.
func (f *field) event(label string, wave int, kind panel.EventKind, at time.Time) {
	f.t.Helper()
	if err := f.store.Write(ctx, func(tx *store.Tx) error {
		p, err := tx.ParticipantByLabel(smart, label)
		if err != nil {
			return err
		}
		return tx.AddEvent(store.Event{ID: fmt.Sprint(label, wave, kind), Study: smart, PID: p.PID, Wave: wave, Kind: string(kind), At: at})
	}); err != nil {
		f.t.Fatal(err)
	}
}

// submitted lets staff enter what a participant answered on paper.
func (f *field) submitted(label string, wave int, at time.Time) {
	f.t.Helper()
	v, err := f.EntryVisit(ctx, at, admin, smart, label, wave, store.Paper)
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := f.SavePage(ctx, at, v, interview.Post{Page: "p_job", Go: interview.Forward, Values: map[string][]string{"year_started": {"2006"}},
		Shown: map[string]string{"year_started": ""}}, label, store.Paper, "A"); err != nil {
		f.t.Fatal(err)
	}
	if _, err := f.Submit(ctx, at, v); err != nil {
		f.t.Fatal(err)
	}
}

// ruled changes the rules of the first wave, and gives the token of somebody
// who joined before it.
func (f *field) ruled(rules string) string {
	f.t.Helper()
	f.mustApply(spring)
	token := f.token(spring, f.add(spring, fieldwork.NewParticipant{Name: "Ada", Email: "ada@example.org", Attributes: map[string]string{"country": "SE"}}), 1)
	plan, edition := f.planned("- wave: \"w1\"\n      grace: 2d", "- wave: \"w1\"\n      "+rules)
	if err := f.ChangePlan(ctx, spring, access.CommandLine(), smart, plan, edition); err != nil {
		f.t.Fatal(err)
	}
	return token
}

// save posts a page of an interview.
func (f *field) save(at time.Time, token string) {
	f.t.Helper()
	if _, err := f.SavePage(ctx, at, f.visit(at, token), interview.Post{Page: "p_job", Go: interview.Forward, Values: map[string][]string{"year_started": {"2006"}},
		Shown: map[string]string{"year_started": ""}}, at.String(), store.Web, ""); err != nil {
		f.t.Fatal(err)
	}
}

// An invitation that was handed over at ten on the first day: five days to
// begin; then a day from the last page on, and two days more than five in all.
func TestGateAfterTheInvitation(t *testing.T) {
	f := open(t, "sqlite:"+t.TempDir()+"/panel.db")
	token := f.ruled("expiry: {invited: 5d, extended: 2d, idle: 1d}")
	post := fieldwork.Post{Mail: mailer(t, mailtest.Start(t, mailtest.Options{})), Domain: "panel.example.org"}
	invited := opening1.Add(2 * time.Hour)
	if _, err := f.Schedule(ctx, invited); err != nil {
		t.Fatal(err)
	}
	f.handOver(invited, post, "worker")
	after := func(hours int) time.Time { return invited.Add(time.Duration(hours) * time.Hour) }
	expect := func(hours int, want fieldwork.Gate, when string) {
		t.Helper()
		if v := f.visit(after(hours), token); v.Gate != want {
			t.Errorf("%s the gate is %s, want %s", when, v.Gate, want)
		}
	}
	expect(1, fieldwork.GateOpen, "an hour after the invitation")
	expect(5*24-1, fieldwork.GateOpen, "an hour before it expires")
	expect(5*24, fieldwork.GateClosed, "when it expires, not begun,")
	if err := f.Start(ctx, after(96), token, fieldwork.Beginning{Language: "sv", Consent: true}); err != nil {
		t.Fatal(err)
	}
	expect(96+23, fieldwork.GateOpen, "within a day of beginning")
	expect(96+24, fieldwork.GateClosed, "a day after beginning, without a page,")
	for _, hours := range []int{116, 136, 156} {
		f.save(after(hours), token)
		expect(hours+11, fieldwork.GateOpen, "soon after a page")
	}
	expect(7*24-1, fieldwork.GateOpen, "an hour before the extension ends")
	expect(7*24, fieldwork.GateClosed, "when the extension ends, active or not,")
}

// A field period of one's own: ten days from a day after joining on, within
// that of the wave; who has begun may go on for two days more.
func TestGateOfARelativePeriod(t *testing.T) {
	f := open(t, "sqlite:"+t.TempDir()+"/panel.db")
	rules := "grace: 2d\n      relative: {after: enrolment, offset: 1d, for: 10d}"
	silent := f.ruled(rules)
	late := f.token(wave1, f.add(wave1, fieldwork.NewParticipant{Name: "Bo", Attributes: map[string]string{"country": "SE"}}), 1)
	end := opening1.AddDate(0, 0, 10) // of who joined before the wave
	for _, c := range []struct {
		at    time.Time
		token string
		want  fieldwork.Gate
	}{
		{opening1.Add(-time.Hour), silent, fieldwork.GatePlanned},
		{opening1, silent, fieldwork.GateOpen},
		{end.Add(-time.Hour), silent, fieldwork.GateOpen},
		{end, silent, fieldwork.GateClosed},
		{wave1.Add(23 * time.Hour), late, fieldwork.GatePlanned},
		{wave1.Add(24 * time.Hour), late, fieldwork.GateOpen},
		{end.Add(time.Hour), late, fieldwork.GateOpen},
		{wave1.AddDate(0, 0, 11), late, fieldwork.GateClosed},
	} {
		if v := f.visit(c.at, c.token); v.Gate != c.want {
			t.Errorf("at %s the gate is %s, want %s", c.at, v.Gate, c.want)
		}
	}
	begun := wave1.AddDate(0, 0, 11)
	if err := f.Start(ctx, begun.Add(-time.Hour), late, fieldwork.Beginning{Language: "sv", Consent: true}); err != nil {
		t.Fatal(err)
	}
	for hours, want := range map[int]fieldwork.Gate{0: fieldwork.GateOpen, 47: fieldwork.GateOpen, 48: fieldwork.GateClosed} {
		if v := f.visit(begun.Add(time.Duration(hours)*time.Hour), late); v.Gate != want {
			t.Errorf("%d hours into the grace the gate is %s, want %s", hours, v.Gate, want)
		}
	}
}

// Wave 2 asks those who said before that they weld.
func TestGateByAnEarlierAnswer(t *testing.T) {
	for job, want := range map[string]fieldwork.Gate{"welder": fieldwork.GateOpen, "fitter": fieldwork.GateUnasked, "": fieldwork.GateUnasked} {
		t.Run(job, func(t *testing.T) {
			f := open(t, "sqlite:"+t.TempDir()+"/panel.db").jobs(1)
			if job != "" {
				f.answer(march16, f.start(march16, 1, "D"), "D", "employed=yes", "job="+job)
			}
			links, err := f.Links(ctx, march16, boss, jobs, 2, false)
			if err != nil || len(links) != 1 {
				t.Fatal(links, err)
			}
			token := links[0].URL[strings.LastIndex(links[0].URL, "/")+1:]
			p, err := f.Planning(ctx, boss, jobs)
			if err != nil {
				t.Fatal(err)
			}
			plan, ps := p.Study.ParsePlan([]byte("plan:\n  messages: none\n  waves:\n    - wave: w2\n      eligible: {where: \"${last-saved#job} = 'welder'\"}\n"))
			if plan == nil {
				t.Fatal(ps)
			}
			if err := f.ChangePlan(ctx, march16, boss, jobs, plan, p.Edition); err != nil {
				t.Fatal(err)
			}
			if v := f.visit(sept16, token); v.Gate != want {
				t.Errorf("the gate is %s, want %s", v.Gate, want)
			}
		})
	}
}
