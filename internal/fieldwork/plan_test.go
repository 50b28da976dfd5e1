package fieldwork_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/store"
	"panelverk/internal/study"
	"panelverk/surveys"
)

var (
	opening1 = time.Date(2016, 5, 9, 6, 0, 0, 0, time.UTC)
	monday16 = time.Date(2016, 5, 16, 12, 0, 0, 0, time.UTC) // four hours after the first reminder
)

// planned gives the plan of Smart Factory with one thing of its text replaced.
func (f *field) planned(was, is string) (*study.Plan, string) {
	f.t.Helper()
	p, err := f.Planning(ctx, access.CommandLine(), smart)
	if err != nil {
		f.t.Fatal(err)
	}
	text := string(p.Study.Plan.YAML(p.Study))
	if !strings.Contains(text, was) {
		f.t.Fatalf("%q is not in\n%s", was, text)
	}
	plan, ps := p.Study.ParsePlan([]byte(strings.Replace(text, was, is, 1)))
	if plan == nil {
		f.t.Fatal(ps)
	}
	return plan, p.Edition
}

// schedule lets everything be written down that is due between two moments.
func (f *field) schedule(from, to time.Time) (last time.Time) {
	f.t.Helper()
	for now := from; now.Before(to); now = now.Add(time.Hour) {
		if _, err := f.Schedule(ctx, now); err != nil {
			f.t.Fatal(err)
		}
		last = now
	}
	return last
}

// standing tells how the ledger's messages stand: "p 1 reminder1 due".
func (f *field) standing() map[string]string {
	out := map[string]string{}
	for _, m := range f.ledger() {
		state := string(m.State)
		if m.Reason != "" {
			state += " " + m.Reason
		}
		out[fmt.Sprintf("%s %d %s", m.PID, m.Wave, m.Key)] = state
	}
	return out
}

// What is said of a change before it is saved is what then becomes of the
// ledger: due reminders are taken back and written down at their new time.
func TestChangePlanTakesBackAndWritesAnew(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		for n := range 3 {
			f.add(spring, fieldwork.NewParticipant{Name: fmt.Sprint("Person ", n), Email: fmt.Sprintf("p%d@example.org", n), Attributes: map[string]string{"country": "SE"}})
		}
		// Nothing is handed over, so all waits: the first reminder came a week after the opening.
		now := f.schedule(spring, monday16)
		plan, edition := f.planned("offset: 7d", "offset: 9d")
		o, err := f.PlanOutlook(ctx, now, access.CommandLine(), smart, plan)
		if err != nil {
			t.Fatal(err)
		}
		if o.Total[study.Moves] != 3*4 || o.Total[study.Falls] > 0 || o.Total[study.Comes] > 0 {
			t.Errorf("the outlook is %v", o.Total)
		}
		if len(o.Edits) != 1 || o.Edits[0].String() != "reminder1 moves from 7d to 9d" {
			t.Errorf("the edits are %v", o.Edits)
		}
		if err := f.ChangePlan(ctx, now, access.CommandLine(), smart, plan, edition); err != nil {
			t.Fatal(err)
		}
		for at, state := range f.standing() {
			want := "due"
			if strings.HasSuffix(at, "reminder1") {
				want = "cancelled plan_changed"
			}
			if state != want {
				t.Errorf("%s is %s, want %s", at, state, want)
			}
		}
		if err := f.ChangePlan(ctx, now.Add(time.Minute), access.CommandLine(), smart, plan, edition); fault.Of(err) == nil || fault.Of(err).Code != "study_edited_meanwhile" {
			t.Errorf("saved from a page that is no longer true: %v", err)
		}
		f.schedule(now, opening1.AddDate(0, 0, 10))
		for _, m := range f.ledger() {
			if m.Key == "reminder1" && (m.State != store.Due || m.Planned.Sub(opening1) < 9*24*time.Hour) {
				t.Errorf("the reminder is %s, planned %s", m.State, m.Planned)
			}
		}
	})
}

func TestPlanLinesThatGoAndComeBack(t *testing.T) {
	f := open(t, "sqlite:"+t.TempDir()+"/panel.db")
	f.mustApply(spring)
	f.add(spring, fieldwork.NewParticipant{Name: "Ada", Email: "ada@example.org"})
	now := f.schedule(spring, monday16)
	before, _ := f.planned("messages", "messages")
	less := *before
	less.Messages = nil
	for _, m := range before.Messages {
		if m.Key != "reminder1" {
			less.Messages = append(less.Messages, m)
		}
	}
	change := func(at time.Time, plan *study.Plan, want map[study.Fate]int) {
		t.Helper()
		o, err := f.PlanOutlook(ctx, at, access.CommandLine(), smart, plan)
		if err != nil {
			t.Fatal(err)
		}
		for fate, n := range want {
			if o.Total[fate] != n {
				t.Errorf("%d %s, want %d: %v", o.Total[fate], fate, n, o.Total)
			}
		}
		if err := f.ChangePlan(ctx, at, access.CommandLine(), smart, plan, o.Edition); err != nil {
			t.Fatal(err)
		}
	}
	change(now, &less, map[study.Fate]int{study.Falls: 4, study.Comes: 0, study.Moves: 0})
	change(now.Add(time.Minute), before, map[study.Fate]int{study.Falls: 0, study.Comes: 4, study.Moves: 0})
	if _, err := f.Schedule(ctx, now.Add(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	for at, state := range f.standing() {
		if state != "due" {
			t.Errorf("%s is %s", at, state)
		}
	}
	row := f.studyRow()
	if row.Plan != "" {
		t.Error("a plan like the file's is stored")
	}
}

func (f *field) studyRow() (row store.Study) {
	f.t.Helper()
	if err := f.store.Read(ctx, func(tx *store.Tx) (err error) { row, err = tx.Study(smart); return err }); err != nil {
		f.t.Fatal(err)
	}
	return row
}

// The pages and the file: a changed plan is not overwritten in silence, and a
// file that was brought up to it is taken.
func TestApplyAndAPlanOfThePages(t *testing.T) {
	f := open(t, "sqlite:"+t.TempDir()+"/panel.db")
	f.mustApply(spring)
	plan, edition := f.planned("offset: 14d", "offset: 10d")
	if err := f.ChangePlan(ctx, spring, access.CommandLine(), smart, plan, edition); err != nil {
		t.Fatal(err)
	}
	_, err := f.Apply(ctx, spring, access.CommandLine(), smartFolder(t), fieldwork.ApplyOptions{})
	if e := fault.Of(err); e == nil || !strings.Contains(fmt.Sprint(e.Problems), "changed on the pages") {
		t.Fatalf("the plan of the pages is overwritten: %v", err)
	}
	d, err := f.Apply(ctx, spring, access.CommandLine(), smartFolder(t), fieldwork.ApplyOptions{DryRun: true, Force: true})
	if err != nil || strings.Join(d.Lines, "\n") != "reminder2 moves from 10d to 14d" {
		t.Fatalf("%v %q", err, d.Lines)
	}
	st, err := f.Study(ctx, access.CommandLine(), smart)
	if err != nil {
		t.Fatal(err)
	}
	text, err := st.YAML()
	if err != nil {
		t.Fatal(err)
	}
	folder := smartFolder(t)
	if folder.Study, err = parsedLike(folder, text); err != nil {
		t.Fatal(err)
	}
	if d, err = f.Apply(ctx, spring, access.CommandLine(), folder, fieldwork.ApplyOptions{}); err != nil || strings.Contains(strings.Join(d.Lines, "\n"), "moves") {
		t.Fatalf("%v %v", err, d)
	}
	if row := f.studyRow(); row.Plan != "" || !row.EditedAt.IsZero() {
		t.Errorf("the file is not what counts again: %q %s", row.Plan, row.EditedAt)
	}
}

func smartFolder(t *testing.T) *study.Folder {
	t.Helper()
	folder, problems := study.Load(surveys.FS, smart)
	if folder == nil {
		t.Fatal(problems)
	}
	return folder
}

func parsedLike(folder *study.Folder, text []byte) (*study.Study, error) {
	st, ps := study.Parse(text, folder.Study.Consent.Texts)
	return st, ps.Err("broken", "the text is no study")
}

// A moved wave takes its messages along.
func TestMoveWaveMovesItsMessages(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		f.add(spring, fieldwork.NewParticipant{Name: "Ada", Email: "ada@example.org"})
		now := f.schedule(spring, opening1.AddDate(0, 0, -3))
		if got := len(f.ledger()); got != 1 {
			t.Fatalf("%d messages are written down, want the notice alone", got)
		}
		st, err := f.Study(ctx, access.CommandLine(), smart)
		if err != nil {
			t.Fatal(err)
		}
		opens, closes := st.Waves[0].Opens.AddDate(0, 0, 7), st.Waves[0].Closes.AddDate(0, 0, 7)
		o, err := f.MoveOutlook(ctx, now, access.CommandLine(), smart, 1, opens, closes)
		if err != nil {
			t.Fatal(err)
		}
		if o.Total[study.Moves] != 5 || o.Total[study.Falls]+o.Total[study.Comes] > 0 {
			t.Errorf("the outlook is %v", o.Total)
		}
		if err := f.MoveWave(ctx, now, access.CommandLine(), smart, 1, opens, closes); err != nil {
			t.Fatal(err)
		}
		f.schedule(now, opens.AddDate(0, 0, -3))
		ledger := f.ledger()
		if len(ledger) != 1 || ledger[0].State != store.Due || opens.Sub(ledger[0].Planned) > 5*24*time.Hour {
			t.Errorf("the ledger has %+v", ledger)
		}
	})
}

// Who is not asked in a wave sees that and can answer nothing; who answered the
// wave before can.
func TestWhoIsNotAskedCannotAnswer(t *testing.T) {
	f := open(t, "sqlite:"+t.TempDir()+"/panel.db")
	f.mustApply(spring)
	labels := []string{f.add(spring, fieldwork.NewParticipant{Name: "Ada", Email: "ada@example.org", Attributes: map[string]string{"country": "SE"}}),
		f.add(spring, fieldwork.NewParticipant{Name: "Bo", Email: "bo@example.org", Attributes: map[string]string{"country": "DE"}})}
	st, err := f.Study(ctx, access.CommandLine(), smart)
	if err != nil {
		t.Fatal(err)
	}
	token := f.token(spring, labels[1], 1) // handed out before the plan was made
	plan, edition := f.planned("- wave: \"w1\"\n      grace: 2d", "- wave: \"w1\"\n      eligible: {where: \"${country} = 'SE'\"}\n      expiry: {invited: 5d, extended: 2d, idle: 1d}")
	if err := f.ChangePlan(ctx, spring, access.CommandLine(), smart, plan, edition); err != nil {
		t.Fatal(err)
	}
	at := st.Waves[0].Opens.Add(time.Hour)
	if v := f.visit(at, token); v.Gate != fieldwork.GateUnasked {
		t.Errorf("who is not asked sees %s", v.Gate)
	}
	if err := f.Start(ctx, at, token, fieldwork.Beginning{Language: "sv", Consent: true}); fault.Of(err) == nil || fault.Of(err).Code != "wave_not_for_you" {
		t.Errorf("who is not asked begins: %v", err)
	}
	if v := f.visit(at, f.token(at, labels[0], 1)); v.Gate != fieldwork.GateOpen {
		t.Errorf("who is asked sees %s", v.Gate)
	}
	if v := f.visit(at.AddDate(0, 0, 6), f.token(at, labels[0], 1)); v.Gate != fieldwork.GateOpen {
		t.Errorf("nobody was invited, and the wave expired: %s", v.Gate)
	}
}
