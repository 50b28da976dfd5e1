package fieldwork_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panelverk/internal/access"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/erasures"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/keyfile"
	"panelverk/internal/mail/mailtest"
	"panelverk/internal/panel"
	"panelverk/internal/store"
)

var owner = access.Actor{Account: "O", Roles: map[string]access.Role{smart: access.Owner}}

// write starts an interview of a participant and gives an answer.
func (f *field) write(now time.Time, label string, wave int, words string, submit bool) {
	f.t.Helper()
	token := f.token(now, label, wave)
	if err := f.Start(ctx, now, token, fieldwork.Beginning{Language: "sv", Consent: true}); err != nil {
		f.t.Fatal(err)
	}
	v := f.visit(now, token)
	if _, err := f.SavePage(ctx, now, v, interview.Post{Page: "p_job", Go: interview.Forward,
		Values: map[string][]string{"year_started": {words}}, Shown: map[string]string{"year_started": ""}}, "k"+words, store.Web, ""); err != nil {
		f.t.Fatal(err)
	}
	if submit {
		if err := f.store.Write(ctx, func(tx *store.Tx) error { return tx.SubmitInterview(v.Interview.ID, now) }); err != nil {
			f.t.Fatal(err)
		}
	}
}

func (f *field) participant(label string) (p store.Participant) {
	f.t.Helper()
	if err := f.store.Read(ctx, func(tx *store.Tx) (err error) { p, err = tx.ParticipantByLabel(smart, label); return err }); err != nil {
		f.t.Fatal(err)
	}
	return p
}

func TestAlteringNamesEveryOffenceAndChangesNothingThen(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		f.add(spring, fieldwork.NewParticipant{Name: "Bo", Email: "bo@example.org"})
		label := f.add(spring, fieldwork.NewParticipant{Name: "Astrid", Email: "astrid@example.org"})
		before := f.participant(label)
		_, err := f.Alter(ctx, spring, admin, smart, label, fieldwork.Alteration{Language: "xx", Attributes: map[string]string{"shoe": "44"}, PausedUntil: spring.Add(-time.Hour),
			Contact: &fieldwork.ContactData{Name: strings.Repeat("x", 501), Email: "BO@example.org"}})
		wantCode(t, "everything wrong", err, "participant_wrong")
		if got := strings.Join(problems(err), " "); got != "language_unknown attribute_unknown pause_past text_long already_member" {
			t.Errorf("it names %s", got)
		}
		if after := f.participant(label); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("changed all the same: %v", after)
		}
		wantCode(t, "an owner on contact details", second(f.Alter(ctx, spring, owner, smart, label, fieldwork.Alteration{Language: "sv", Contact: &fieldwork.ContactData{Name: "X"}})), "not_allowed")
		out, err := f.Alter(ctx, spring, owner, smart, label, fieldwork.Alteration{Language: "en", Pilot: true, PausedUntil: spring.AddDate(0, 1, 0)})
		if err != nil || out.Told {
			t.Fatalf("%+v, %v", out, err)
		}
		if p := f.participant(label); p.Language != "en" || !p.Pilot || !p.PausedUntil.Equal(spring.AddDate(0, 1, 0)) {
			t.Errorf("%+v", p)
		}
		if o, err := f.Overview(ctx, wave1, owner, smart); err != nil || o.Active != 1 || o.Waves[0].Invited != 1 {
			t.Errorf("a pilot is counted: %+v, %v", o, err)
		}
	})
}

// Who replaces an address gets new links that rest for a day; the old address
// is told once, and then forgotten.
func TestAChangeOfAddress(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		label := f.add(spring, fieldwork.NewParticipant{Name: "Astrid Exempel", Email: "gammal@example.org", Phone: "070-1234567"})
		f.write(wave1, label, 1, "2006", false)
		old := f.token(wave1, label, 1)
		change := fieldwork.Alteration{Language: "sv", Contact: &fieldwork.ContactData{Name: "Astrid Exempel", Email: "ny@example.org", Phone: "0701234567"}}
		out, err := f.Alter(ctx, wave1, admin, smart, label, change)
		if err != nil || !out.Told || !out.Rests.Equal(wave1.Add(24*time.Hour)) {
			t.Fatalf("%+v, %v", out, err)
		}
		wantCode(t, "the old link", second(f.Visit(ctx, wave1, old)), "link_unknown")
		token := f.token(wave1, label, 1)
		v := f.visit(wave1.Add(time.Hour), token)
		if v.Gate != fieldwork.GateResting {
			t.Errorf("the gate is %s", v.Gate)
		}
		for _, how := range []fieldwork.Leaving{fieldwork.SkipWave, fieldwork.LeaveKeep, fieldwork.LeaveErased} {
			wantCode(t, "leaving while links rest", f.Leave(ctx, wave1.Add(time.Hour), v, how), "links_rest")
		}
		wantCode(t, "starting", f.Start(ctx, wave1.Add(time.Hour), token, fieldwork.Beginning{Consent: true}), "links_rest")
		if v := f.visit(wave1.Add(24*time.Hour), token); v.Gate != fieldwork.GateOpen || v.Doc.Answers["year_started"] != "2006" {
			t.Errorf("a day later the gate is %s, with %v", v.Gate, v.Doc.Answers)
		}

		server := mailtest.Start(t, mailtest.Options{})
		if _, err := f.HandOver(ctx, func() time.Time { return wave1 }, fieldwork.Post{Mail: mailer(t, server), Domain: "panel.example.org"}, "w1", 9); err != nil {
			t.Fatal(err)
		}
		all := server.Accepted()
		if len(all) != 1 || !strings.Contains(fmt.Sprint(all[0].To), "gammal@example.org") {
			t.Fatalf("%d messages: %+v", len(all), all)
		}
		if body := string(all[0].Data); strings.Contains(body, "Astrid") || strings.Contains(body, "ny@example.org") || strings.Contains(body, "List-Unsubscribe") || strings.Contains(body, "/s/") {
			t.Errorf("the old address reads too much:\n%s", body)
		}
		if left, err := f.names.FormersUntil(ctx, wave1.AddDate(1, 0, 0)); err != nil || len(left) != 0 {
			t.Errorf("the old address is kept: %v, %v", left, err)
		}
		wantCode(t, "lifting without a reason", f.LiftRest(ctx, wave1, admin, smart, label, " "), "rest_not_lifted")
		wantCode(t, "an owner who lifts", f.LiftRest(ctx, wave1, owner, smart, label, "r"), "not_allowed")
		if err := f.LiftRest(ctx, wave1, admin, smart, label, "ringde henne på jobbet"); err != nil {
			t.Fatal(err)
		}
		if v := f.visit(wave1.Add(time.Hour), token); v.Gate != fieldwork.GateOpen {
			t.Errorf("after lifting the gate is %s", v.Gate)
		}
	})
}

// What a crash between the key file and the panel left of a change of address
// is done when the server starts.
func TestReconcileFinishesAChangeOfAddress(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		label := f.add(spring, fieldwork.NewParticipant{Name: "Astrid", Email: "gammal@example.org"})
		p := f.participant(label)
		id, err := f.names.Get(ctx, p.PID)
		if err != nil {
			t.Fatal(err)
		}
		id.Email = "ny@example.org"
		if err := f.names.Replace(ctx, wave1, id, former(p.PID, "gammal@example.org")); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Reconcile(ctx, wave1.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if messages := f.ledger(); len(messages) != 1 || messages[0].ID != "M1" {
			t.Errorf("the ledger: %+v", messages)
		}
		if p := f.participant(label); p.CodesFrom.IsZero() {
			t.Error("the links do not rest")
		}
	})
}

func TestContactsAndWhatTheyDecide(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		label := f.add(spring, fieldwork.NewParticipant{Name: "Astrid", Email: "a@example.org"})
		wantCode(t, "an empty contact", f.RecordContact(ctx, wave1, admin, smart, label, fieldwork.NewContact{}), "contact_wrong")
		wantCode(t, "an owner's note", f.RecordContact(ctx, wave1, owner, smart, label, fieldwork.NewContact{Way: panel.ByTelephone, Outcome: panel.Reached, Note: "x"}), "not_allowed")
		for i, o := range []panel.ContactOutcome{panel.NoAnswer, panel.Refuses} {
			if err := f.RecordContact(ctx, wave1.Add(time.Duration(i)*time.Minute), admin, smart, label, fieldwork.NewContact{Wave: 1, Way: panel.ByTelephone, Outcome: o, Note: "Astrid svarade på Volvo"}); err != nil {
				t.Fatal(err)
			}
		}
		card, err := f.Participant(ctx, wave1, admin, smart, label)
		if err != nil || len(card.Contacts) != 2 || card.Contacts[0].Outcome != "refused" || card.Marks[0].State != fieldwork.Declined {
			t.Fatalf("%+v, %v", card, err)
		}
		if notes, err := f.names.Notes(ctx, f.participant(label).PID); err != nil || notes[card.Contacts[0].ID] != "Astrid svarade på Volvo" {
			t.Errorf("%v, %v", notes, err)
		}
	})
}

// However two people who are one have answered, merging them loses no answer:
// every save is still there, one interview a wave counts, and both links lead on.
func TestMergingLosesNoAnswer(t *testing.T) {
	f := open(t, dbtest.SQLite(t))
	f.mustApply(spring)
	merging(t, f, 25)
}

func TestMergingOnPostgres(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		merging(t, f, 3)
	})
}

func merging(t *testing.T, f *field, most int) {
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		if n++; n > most { // each costs some syncs to the disk
			return
		}
		labels := make([]string, 2)
		words := map[string]string{}
		for i := range labels {
			labels[i] = f.add(spring, fieldwork.NewParticipant{Name: "Astrid", Email: fmt.Sprintf("a%d.%d@example.org", n, i)})
		}
		tokens := [2]string{f.token(wave1, labels[0], 1), f.token(wave1, labels[1], 1)}
		state := func(i int) string {
			return rapid.SampledFrom([]string{"none", "begun", "submitted"}).Draw(rt, fmt.Sprint("state", i))
		}
		states := [2]string{state(0), state(1)}
		second := rapid.IntRange(0, 1).Draw(rt, "who began first")
		for k := range 2 {
			i := (second + k) % 2
			if states[i] == "none" {
				continue
			}
			words[labels[i]] = fmt.Sprint(1990 + i)
			f.write(wave1.Add(time.Duration(k)*time.Hour), labels[i], 1, words[labels[i]], states[i] == "submitted")
		}
		saves := f.saved()
		if err := f.Merge(ctx, wave1.Add(3*time.Hour), owner, smart, labels[0], labels[1]); err != nil {
			t.Fatal(err)
		}
		if after := f.saved(); after != saves {
			rt.Fatalf("%d saves became %d", saves, after)
		}
		want := ""
		switch {
		case len(words) == 1:
			for _, w := range words {
				want = w
			}
		case len(words) == 2 && states[0] != states[1]:
			want = words[labels[0]]
			if states[1] == "submitted" {
				want = words[labels[1]]
			}
		case len(words) == 2:
			want = words[labels[second]]
		}
		for i, token := range tokens {
			v := f.visit(wave1.Add(4*time.Hour), token)
			if v.Participant.PID != f.participant(labels[0]).PID || v.Doc.Answers["year_started"] != want {
				rt.Fatalf("states %v: link %d leads to %v, want %q", states, i, v.Doc.Answers, want)
			}
		}
		if gone := f.participant(labels[1]); gone.Counts() || gone.Status != store.Left || len(gone.Channels) > 0 {
			rt.Fatalf("the tombstone: %+v", gone)
		}
		if held, err := f.names.Holds(ctx, f.participant(labels[1]).PID); held || err != nil {
			rt.Fatalf("a second identity is left: %v", err)
		}
	})
}

// saved counts the saves of the study.
func (f *field) saved() int {
	f.t.Helper()
	n := 0
	if err := f.store.Read(ctx, func(tx *store.Tx) error {
		return tx.EachInterview(smart, func(in store.Interview) error {
			saves, err := tx.Saves(in.ID)
			n += len(saves)
			return err
		})
	}); err != nil {
		f.t.Fatal(err)
	}
	return n
}

// What stood for a person until staff changed it is kept where there are releases, so
// it belongs to what the person is given.
func TestTheExtractTellsWhatStoodBefore(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		label := f.add(spring, fieldwork.NewParticipant{Name: "Ada", Attributes: map[string]string{"country": "SE", "sector": "food"}})
		if err := f.store.Write(ctx, func(tx *store.Tx) error {
			r := store.Release{Study: smart, State: store.ReleaseRequested, Profile: "p", Source: "profile: p", Recipient: "r", RequestedBy: "A", RequestedAt: spring}
			var err error
			if r.Number, err = tx.AddRelease(r); err != nil {
				return err
			}
			r.State, r.DecidedAt = store.ReleaseFrozen, spring
			return tx.DecideRelease(r)
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Alter(ctx, wave1, admin, smart, label, fieldwork.Alteration{Language: "sv", Attributes: map[string]string{"country": "DE"}}); err != nil {
			t.Fatal(err)
		}
		held, err := f.Extract(ctx, wave1, owner, smart, label)
		if err != nil {
			t.Fatal(err)
		}
		var before []string
		for _, h := range held.Former {
			for _, a := range h.Attributes {
				before = append(before, a.Name+"="+a.Value+" "+a.Said)
			}
		}
		if len(held.Former) != 1 || !held.Former[0].Until.Equal(wave1) || !slices.Equal(before, []string{"country=SE Sverige", "sector=food Livsmedel"}) || len(held.Attributes) != 1 {
			t.Errorf("before: %v, now %v", held.Former, held.Attributes)
		}
	})
}

// On either engine no row holds a trace of who was erased, nor of the person's
// other row; and the list brings it about again after a restore.
func TestErasureReachesEveryRow(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		list, err := erasures.Open(filepath.Join(t.TempDir(), "erasures.log"), true)
		if err != nil {
			t.Fatal(err)
		}
		f.KeepErasures(list)
		f.mustApply(spring)
		label := f.add(spring, fieldwork.NewParticipant{Name: "Zacharias", Email: "z@quirk.example", Note: "Qwerty"})
		twin := f.add(spring, fieldwork.NewParticipant{Name: "Zacharias", Email: "z2@quirk.example"})
		f.write(wave1, label, 1, "1971", true)
		f.write(wave1.Add(time.Minute), twin, 1, "1972", false)
		if err := f.Merge(ctx, wave1, owner, smart, label, twin); err != nil {
			t.Fatal(err)
		}
		if err := f.RecordContact(ctx, wave1, admin, smart, label, fieldwork.NewContact{Way: panel.InPerson, Outcome: panel.Reached, Note: "Qwerty"}); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "an admin who erases", f.EraseParticipant(ctx, wave1, admin, smart, label), "not_allowed")
		if held, err := f.Extract(ctx, wave1, owner, smart, label); err != nil || held.Name != "Zacharias" || len(held.Interviews) != 2 ||
			held.Interviews[0].Answers[0].Value != "1971" || held.Interviews[1].Counts || held.Contacts[0].Note != "Qwerty" {
			t.Errorf("what is held: %+v, %v", held, err)
		}
		wantCode(t, "an admin who takes out everything", second(f.Extract(ctx, wave1, admin, smart, label)), "not_allowed")
		if err := f.EraseParticipant(ctx, wave1, owner, smart, label); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "erasing twice", f.EraseParticipant(ctx, wave1, owner, smart, label), "participant_away")
		var dump, keys strings.Builder
		if err := f.store.DB().Dump(ctx, &dump, wave1); err != nil {
			t.Fatal(err)
		}
		if err := f.names.DB().Dump(ctx, &keys, wave1); err != nil {
			t.Fatal(err)
		}
		for _, trace := range []string{"1971", "1972", "Zacharias", "quirk", "Qwerty"} {
			if strings.Contains(dump.String()+keys.String(), trace) {
				t.Errorf("%s is in a row", trace)
			}
		}
		all, err := list.All()
		if err != nil || len(all) != 2 {
			t.Fatalf("the list: %v, %v", all, err)
		}
		for _, e := range all {
			if strings.Contains(keys.String(), e.PID) {
				t.Errorf("the key file knows %s", e.PID)
			}
		}
		if done, err := f.Replay(ctx, wave1); err != nil || done != (fieldwork.Replayed{Listed: 2}) {
			t.Errorf("%+v, %v", done, err)
		}
	})
}

func former(pid, email string) keyfile.Former {
	return keyfile.Former{ID: "M1", PID: pid, Email: email}
}

// problems gives the codes of what is wrong.
func problems(err error) (codes []string) {
	for _, p := range fault.Of(err).Problems {
		codes = append(codes, p.Code)
	}
	return codes
}
