package fieldwork_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/db"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/keyfile"
	"panelverk/internal/panel"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
	"panelverk/surveys"
)

const smart = "smart-factory"

var (
	ctx    = context.Background()
	spring = time.Date(2016, 5, 1, 9, 0, 0, 0, time.UTC)  // before wave 1
	wave1  = time.Date(2016, 5, 12, 9, 0, 0, 0, time.UTC) // in it
	wave3  = time.Date(2017, 3, 22, 9, 0, 0, 0, time.UTC) // in wave 3
	after3 = time.Date(2017, 4, 10, 9, 0, 0, 0, time.UTC) // between 3 and 4
	boss   = access.CommandLine()
	admin  = access.Actor{Account: "A", Roles: map[string]access.Role{smart: access.Admin}}
)

// field is the operations on real databases.
type field struct {
	*fieldwork.Service
	t     *testing.T
	store *store.Store
	names *keyfile.File
}

// each runs a test on both engines.
func each(t *testing.T, test func(t *testing.T, f *field)) {
	dbtest.Each(t, func(t *testing.T, dsn string) { test(t, open(t, dsn)) })
}

func open(t *testing.T, dsn string) *field {
	t.Helper()
	st, err := store.Open(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	names, err := db.Open(ctx, filepath.Join(t.TempDir(), "keyfile.db"), keyfile.Migrations, keyfile.MigrationsDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = names.Close() })
	keys, err := secret.NewRing(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	file := keyfile.Open(names, keys)
	return &field{Service: fieldwork.New(st, keys, file, "https://panel.example.org"), t: t, store: st, names: file}
}

func (f *field) apply(now time.Time, files fs.FS, opts fieldwork.ApplyOptions) (*fieldwork.Difference, error) {
	f.t.Helper()
	folder, problems := study.Load(files, smart)
	if err := problems.Err("broken", "the study is broken"); err != nil {
		f.t.Fatal(err)
	}
	return f.Apply(ctx, now, boss, folder, opts)
}

func (f *field) mustApply(now time.Time) {
	f.t.Helper()
	if _, err := f.apply(now, surveys.FS, fieldwork.ApplyOptions{}); err != nil {
		f.t.Fatal(err)
	}
}

// add adds one person and gives the label.
func (f *field) add(now time.Time, p fieldwork.NewParticipant) string {
	f.t.Helper()
	labels, err := f.AddParticipants(ctx, now, boss, smart, []fieldwork.NewParticipant{p})
	if err != nil {
		f.t.Fatal(err)
	}
	return labels[0]
}

// token gives the token of a participant's link to a wave.
func (f *field) token(now time.Time, label string, wave int) string {
	f.t.Helper()
	links, err := f.Links(ctx, now, boss, smart, wave, false)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, l := range links {
		if l.Label == label {
			return l.URL[strings.LastIndex(l.URL, "/")+1:]
		}
	}
	f.t.Fatalf("no link of %s to wave %d", label, wave)
	return ""
}

func (f *field) visit(now time.Time, token string) *fieldwork.Visit {
	f.t.Helper()
	v, err := f.Visit(ctx, now, token)
	if err != nil {
		f.t.Fatal(err)
	}
	return v
}

func code(err error) string {
	if e := fault.Of(err); e != nil {
		return e.Code
	}
	return ""
}

func wantCode(t *testing.T, what string, err error, want string) {
	t.Helper()
	if got := code(err); got != want {
		t.Errorf("%s gave %q (%v), not %q", what, got, err, want)
	}
}

// edited gives the folder of Smart Factory with texts changed in some files.
func edited(t *testing.T, changes map[string][2]string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(surveys.FS, smart, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(surveys.FS, path)
		if c, ok := changes[strings.TrimPrefix(path, smart+"/")]; ok {
			if !strings.Contains(string(data), c[0]) {
				t.Fatalf("%s does not hold %q", path, c[0])
			}
			data = []byte(strings.Replace(string(data), c[0], c[1], 1))
		}
		out[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestApply(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		d, err := f.apply(spring, surveys.FS, fieldwork.ApplyOptions{DryRun: true})
		if err != nil || !d.New || len(d.Lines) != 13 { // the study, two versions, six questions that differ, four waves
			t.Fatalf("the dry run says %+v, %v", d, err)
		}
		if studies, _ := f.Studies(ctx, boss); len(studies) != 0 {
			t.Fatal("the dry run stored the study")
		}
		f.mustApply(spring)
		if d, err := f.apply(spring, surveys.FS, fieldwork.ApplyOptions{}); err != nil || d.New || len(d.Lines) != 0 {
			t.Errorf("applied again it says %+v, %v", d, err)
		}

		moved := edited(t, map[string][2]string{"study.yaml": {"2017-10-15", "2017-10-22"}})
		if d, err := f.apply(spring, moved, fieldwork.ApplyOptions{}); err != nil || len(d.Lines) != 1 || !strings.Contains(d.Lines[0], "w4 is moved") {
			t.Errorf("a moved wave says %+v, %v", d, err)
		}

		reworded := edited(t, map[string][2]string{"core.v1.md": {"Vad arbetar du mest med?", "Vad jobbar du mest med?"}})
		_, err = f.apply(spring, reworded, fieldwork.ApplyOptions{Force: true})
		wantCode(t, "a published version that changed", err, "apply_refused")
		if !strings.Contains(err.Error(), "make it core.v3") {
			t.Errorf("it does not say what to do: %v", err)
		}
	})
}

func TestApplyLeavesWhatTheFieldDecided(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		label := f.add(spring, fieldwork.NewParticipant{Name: "Astrid"})
		if err := f.Start(ctx, wave1, f.token(wave1, label, 1), fieldwork.Beginning{Language: "sv", Consent: true}); err != nil {
			t.Fatal(err)
		}
		_, err := f.apply(wave1, edited(t, map[string][2]string{"study.yaml": {"questionnaire: core\n    version: 1", "questionnaire: core\n    version: 2"}}), fieldwork.ApplyOptions{Force: true})
		wantCode(t, "another version for a wave with interviews", err, "apply_refused")

		closes := time.Date(2016, 6, 5, 21, 59, 0, 0, time.UTC)
		st, _ := f.Study(ctx, boss, smart)
		if err := f.MoveWave(ctx, wave1, admin, smart, 1, st.Waves[0].Opens, closes); err != nil {
			t.Fatal(err)
		}
		_, err = f.apply(wave1, surveys.FS, fieldwork.ApplyOptions{})
		wantCode(t, "a file that does not know of the pages' change", err, "apply_refused")
		if st, _ = f.Study(ctx, boss, smart); !st.Waves[0].Closes.Equal(closes) {
			t.Errorf("the refused file moved the wave to %v", st.Waves[0].Closes)
		}
		if _, err = f.apply(wave1, surveys.FS, fieldwork.ApplyOptions{Force: true}); err != nil {
			t.Errorf("by force: %v", err)
		}
	})
}

func TestMovingWaves(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.ParseInLocation("2006-01-02", s, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		st, _ := f.Study(ctx, boss, smart)
		opens3 := st.Waves[2].Opens
		for name, c := range map[string]struct {
			wave          int
			opens, closes time.Time
			fields        []string
		}{
			"a closed wave":            {2, day("2016-10-10"), day("2017-05-01"), nil},
			"an open wave's first day": {3, opens3.AddDate(0, 0, 1), day("2017-04-20"), []string{"opens"}},
			"an end in the past":       {3, opens3, day("2017-03-20"), []string{"closes"}},
			"an end before its start":  {4, day("2017-10-01"), day("2017-09-01"), []string{"closes"}},
			"into the wave before":     {4, day("2017-03-25"), day("2017-10-01"), []string{"opens"}},
			"over the wave after":      {3, opens3, day("2017-10-01"), []string{"closes"}},
			"both ends, both named":    {4, day("2017-03-01"), day("2017-02-01"), []string{"opens", "closes", "opens"}},
			"a wave that is not there": {9, day("2017-10-01"), day("2017-10-20"), nil},
		} {
			err := f.MoveWave(ctx, wave3, admin, smart, c.wave, c.opens, c.closes)
			if err == nil {
				t.Errorf("%s was moved", name)
				continue
			}
			var got []string
			for _, p := range fault.Of(err).Problems {
				got = append(got, p.Field)
			}
			if !slices.Equal(got, c.fields) {
				t.Errorf("%s: %v, not %v (%v)", name, got, c.fields, err)
			}
		}
		if err := f.MoveWave(ctx, wave3, admin, smart, 4, day("2017-09-18"), day("2017-10-08")); err != nil {
			t.Fatal(err)
		}
		if err := f.OpenWaveNow(ctx, wave3, admin, smart, 4); err == nil {
			t.Error("wave 4 was opened over wave 3")
		}
		if err := f.CloseWaveNow(ctx, wave3, admin, smart, 3); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "closing twice", f.CloseWaveNow(ctx, wave3, admin, smart, 3), "wave_not_open")
		if err := f.OpenWaveNow(ctx, wave3.Add(time.Hour), admin, smart, 4); err != nil {
			t.Fatal(err)
		}
		o, err := f.Overview(ctx, wave3.Add(2*time.Hour), admin, smart)
		if err != nil || o.Now == nil || o.Now.Number != 4 || o.Next != nil {
			t.Errorf("the overview says %+v, %v", o, err)
		}
	})
}

func TestAddingPeopleNamesEveryOffence(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		f.add(spring, fieldwork.NewParticipant{Name: "Astrid", Email: "Astrid@example.org"})
		_, err := f.AddParticipants(ctx, spring, admin, smart, []fieldwork.NewParticipant{
			{Name: "Bo", Email: "bo@example.org", Language: "de", Attributes: map[string]string{"country": "DE"}},
			{},
			{Name: "C", Email: "nothing"},
			{Name: "D", Language: "fi"},
			{Name: "E", Attributes: map[string]string{"country": "Atlantis", "shoe": "42"}},
			{Name: "F", Email: "BO@example.org"},
			{Name: "G", Email: "astrid@example.org "},
		})
		var got []string
		for _, p := range fault.Of(err).Problems {
			got = append(got, p.Code)
		}
		want := []string{"name_missing", "email_wrong", "language_unknown", "attribute_value", "attribute_unknown", "address_twice", "already_member"}
		if !slices.Equal(got, want) {
			t.Errorf("found %v, not %v: %v", got, want, err)
		}
		rows, err := f.Participants(ctx, spring, admin, smart)
		if err != nil || len(rows) != 1 {
			t.Errorf("%d participants after a refused list (%v)", len(rows), err)
		}
		if pids, _ := f.names.PIDs(ctx, smart); len(pids) != 1 {
			t.Errorf("%d identities after a refused list", len(pids))
		}
		_, err = f.AddParticipants(ctx, spring.AddDate(3, 0, 0), admin, smart, []fieldwork.NewParticipant{{Name: "H"}})
		wantCode(t, "after the last wave", err, "no_wave_left")
	})
}

func TestCohortsAndInvitations(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		early, late := f.add(spring, fieldwork.NewParticipant{Name: "Early"}), f.add(after3, fieldwork.NewParticipant{Name: "Late"})
		card, err := f.Participant(ctx, after3, admin, smart, late)
		if err != nil || card.Cohort != 4 || card.Marks[2].State != fieldwork.NotInvited || card.Marks[3].State != fieldwork.Waiting {
			t.Errorf("the late one: %+v, %v", card, err)
		}
		if card, _ = f.Participant(ctx, after3, admin, smart, early); card.Cohort != 1 || card.Marks[0].State != fieldwork.Waiting {
			t.Errorf("the early one: %+v", card)
		}
		links, err := f.Links(ctx, after3, admin, smart, 4, true)
		if err != nil || len(links) != 2 || links[0].URL == links[1].URL || !strings.HasPrefix(links[0].URL, "https://panel.example.org/s/") {
			t.Errorf("links %+v, %v", links, err)
		}
		names := []string{links[0].Name, links[1].Name}
		slices.Sort(names)
		if !slices.Equal(names, []string{"Early", "Late"}) {
			t.Errorf("names %v", names)
		}
		wantCode(t, "a label that is nobody's", second(f.Participant(ctx, after3, admin, smart, "NONE")), "participant_unknown")
	})
}

func second[T any](_ T, err error) error { return err }

// A paper interview is typed in without ever seeing what is stored, goes on
// after the close of its wave, and is marked as what it is.
func TestPaperEntry(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		label := f.add(spring, fieldwork.NewParticipant{Name: "Astrid"})
		wantCode(t, "before the wave", second(f.EntryVisit(ctx, spring, admin, smart, label, 1, store.Paper)), "wave_not_open_yet")
		wantCode(t, "by smoke signals", second(f.EntryVisit(ctx, wave1, admin, smart, label, 1, store.Web)), "mode_unknown")
		late := wave1.AddDate(0, 1, 0)
		v, err := f.EntryVisit(ctx, late, admin, smart, label, 1, store.Paper)
		if err != nil {
			t.Fatal(err)
		}
		post := interview.Post{Page: "p_job", Go: interview.Forward, Device: "a device that is not the respondent's",
			Values: map[string][]string{"year_started": {"2006"}}, Shown: map[string]string{"year_started": "", "hours_week": ""}}
		if _, err := f.SavePage(ctx, late, v, post, "k1", store.Paper, "A"); err != nil {
			t.Fatal(err)
		}
		if d := v.Doc.Devices["year_started"]; d != "" {
			t.Errorf("the answer belongs to device %q", d)
		}
		if _, err := f.Submit(ctx, late, v); err != nil {
			t.Fatal(err)
		}
		card, _ := f.Participant(ctx, late, admin, smart, label)
		if m := card.Marks[0]; m.State != fieldwork.Done || m.Mode != store.Paper {
			t.Errorf("the card says %+v", m)
		}
		wantCode(t, "entering it again", second(f.EntryVisit(ctx, late, admin, smart, label, 1, store.Paper)), "already_submitted")
		wantCode(t, "reopening without a reason", f.Reopen(ctx, late, admin, smart, label, 1, ""), "reason_missing")
		if err := f.Reopen(ctx, late, admin, smart, label, 1, "two sheets were mixed up"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "reopening twice", f.Reopen(ctx, late, admin, smart, label, 1, "again"), "not_submitted")
		// The respondent may now answer too, for fourteen days, though the wave has closed.
		token := f.token(late, label, 1)
		if v := f.visit(late.AddDate(0, 0, 13), token); v.Gate != fieldwork.GateOpen {
			t.Errorf("13 days after reopening the gate is %s", v.Gate)
		}
		if v := f.visit(late.AddDate(0, 0, 15), token); v.Gate != fieldwork.GateClosed {
			t.Errorf("15 days after reopening the gate is %s", v.Gate)
		}
	})
}

func TestOutcomesAndLeaving(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		refuser, dead, leaver := f.add(spring, fieldwork.NewParticipant{Name: "R"}), f.add(spring, fieldwork.NewParticipant{Name: "D"}), f.add(spring, fieldwork.NewParticipant{Name: "L", Email: "l@example.org"})
		wantCode(t, "an outcome of the respondent's own", f.RecordOutcome(ctx, wave1, admin, smart, refuser, 1, panel.Submitted), "outcome_unknown")
		for label, kind := range map[string]panel.EventKind{refuser: panel.RefusedByPhone, dead: panel.Died} {
			if err := f.RecordOutcome(ctx, wave1, admin, smart, label, 1, kind); err != nil {
				t.Fatal(err)
			}
		}
		v := f.visit(wave1, f.token(wave1, leaver, 1))
		if err := f.Leave(ctx, wave1, v, fieldwork.LeaveErased); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "leaving twice", f.Leave(ctx, wave1, f.visit(wave1, f.tokenOf(v)), fieldwork.LeaveKeep), "participant_left")
		if pids, _ := f.names.PIDs(ctx, smart); len(pids) != 2 {
			t.Errorf("%d identities are left", len(pids))
		}
		o, err := f.Overview(ctx, wave1.AddDate(0, 0, 1), admin, smart)
		if err != nil || o.Active != 1 || o.Left != 1 {
			t.Errorf("overview %+v, %v", o, err)
		}
		if w := o.Now; w == nil || w.Silent+w.Begun != 0 {
			t.Errorf("somebody who refused, left or died is waited for: %+v", w)
		}
		missing, err := f.Missing(ctx, wave1, admin, smart, 1)
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(missing, func(r fieldwork.Row) bool { return r.Label == refuser }); i >= 0 {
			t.Error("who refused is still waited for")
		}
	})
}

// tokenOf gives the token of a visit's link though its participant has left.
func (f *field) tokenOf(v *fieldwork.Visit) string {
	keys, err := secret.NewRing(make([]byte, 32))
	if err != nil {
		f.t.Fatal(err)
	}
	return keys.Link(v.Invitation.ID, v.Invitation.Generation)
}

// Every operation of staff asks who asks, and the audit tells of it without
// naming a participant.
func TestRolesAndAudit(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "panel.db"))
	f.mustApply(spring)
	label := f.add(spring, fieldwork.NewParticipant{Name: "Astrid Hemlig", Email: "astrid@example.org"})
	operations := map[string]func(access.Actor) error{
		"overview":     func(a access.Actor) error { return second(f.Overview(ctx, wave1, a, smart)) },
		"participants": func(a access.Actor) error { return second(f.Participants(ctx, wave1, a, smart)) },
		"participant":  func(a access.Actor) error { return second(f.Participant(ctx, wave1, a, smart, label)) },
		"identity":     func(a access.Actor) error { return second(f.Identity(ctx, wave1, a, smart, label)) },
		"links":        func(a access.Actor) error { return second(f.Links(ctx, wave1, a, smart, 1, false)) },
		"names":        func(a access.Actor) error { return second(f.Links(ctx, wave1, a, smart, 1, true)) },
		"entry":        func(a access.Actor) error { return second(f.EntryVisit(ctx, wave1, a, smart, label, 1, store.Paper)) },
		"outcome":      func(a access.Actor) error { return f.RecordOutcome(ctx, wave1, a, smart, label, 1, panel.Unable) },
		"add": func(a access.Actor) error {
			return second(f.AddParticipants(ctx, wave1, a, smart, []fieldwork.NewParticipant{{Name: "N"}}))
		},
		"move": func(a access.Actor) error {
			return f.MoveWave(ctx, wave1, a, smart, 4, time.Date(2017, 9, 18, 6, 0, 0, 0, time.UTC), time.Date(2017, 10, 8, 6, 0, 0, 0, time.UTC))
		},
		"questionnaire": func(a access.Actor) error { return second(f.Questionnaire(ctx, a, smart, "core", 1)) },
	}
	may := map[access.Role][]string{
		access.Owner:      {"add", "move", "outcome", "overview", "participant", "participants", "questionnaire"},
		access.Admin:      {"add", "entry", "identity", "links", "move", "names", "outcome", "overview", "participant", "participants", "questionnaire"},
		access.Researcher: {"overview", "questionnaire"},
		"":                {},
	}
	for role, allowed := range may {
		actor := access.Actor{Account: "X", Roles: map[string]access.Role{smart: role, "other": access.Owner}}
		for _, name := range slices.Sorted(maps.Keys(operations)) {
			err := operations[name](actor)
			if slices.Contains(allowed, name) != (err == nil) {
				t.Errorf("%q as %q: %v", name, role, err)
			}
			if err != nil && fault.Of(err).Kind != fault.Forbidden {
				t.Errorf("%q as %q is refused with %v", name, role, err)
			}
		}
		wantCode(t, "nobody", operations["overview"](access.Actor{}), "not_logged_in")
	}
	err := f.store.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.AuditRows(smart, 1000)
		if err != nil {
			return err
		}
		people, err := tx.Participants(smart)
		if err != nil || len(rows) < 10 {
			t.Fatalf("%d audit rows (%v)", len(rows), err)
		}
		for _, r := range rows {
			for _, p := range people {
				if text := r.Object + r.Detail; strings.Contains(text, p.PID) || strings.Contains(text, p.Label) || strings.Contains(text, "Hemlig") {
					t.Errorf("the audit names a participant: %+v", r)
				}
			}
		}
		return tx.VerifyAudit()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReconcileRemovesWhatACrashLeft(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "panel.db"))
	f.mustApply(spring)
	f.add(spring, fieldwork.NewParticipant{Name: "Astrid"})
	if err := f.names.Put(ctx, spring, keyfile.Identity{PID: "ORPHAN", Study: smart, Name: "Nobody's"}); err != nil {
		t.Fatal(err)
	}
	if done, err := f.Reconcile(ctx, spring.Add(time.Minute)); err != nil || done.Removed != 0 {
		t.Errorf("one that is just being added was removed: %+v, %v", done, err)
	}
	if done, err := f.Reconcile(ctx, spring.Add(time.Hour)); err != nil || done.Removed != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	if pids, _ := f.names.PIDs(ctx, smart); len(pids) != 1 {
		t.Errorf("%d identities are left", len(pids))
	}
}

// The key file of a full panel beside an empty or older panel database is no
// crash's doing: nothing of it is removed.
func TestReconcileLeavesAForeignKeyFileAlone(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "panel.db"))
	f.mustApply(spring)
	for i := range 36 {
		if err := f.names.Put(ctx, spring, keyfile.Identity{PID: fmt.Sprintf("P%d", i), Study: smart, Name: "Somebody"}); err != nil {
			t.Fatal(err)
		}
	}
	if done, err := f.Reconcile(ctx, spring.Add(time.Hour)); err != nil || done.Removed != 0 || done.Foreign != 36 {
		t.Errorf("%+v, %v", done, err)
	}
}
