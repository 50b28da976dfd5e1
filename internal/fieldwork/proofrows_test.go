package fieldwork_test

import (
	"strings"
	"testing"
	"time"

	"panelverk/internal/fieldwork"
	"panelverk/internal/store"
)

// A code goes to a telephone where that is how the person is reached.
func TestACodeByTextMessage(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		f.Reaches(false, true)
		token := f.token(wave1, f.add(spring, fieldwork.NewParticipant{Name: "Astrid", Phone: "+46 (0)70-123 45 67"}), 1)
		f.answered(token, "d1")
		if err := f.SendCode(ctx, wave1, f.visit(wave1, token), "d2"); err != nil {
			t.Fatal(err)
		}
		var sent texter
		if _, err := f.HandOver(ctx, func() time.Time { return wave1 }, fieldwork.Post{SMS: &sent, Domain: "panel.example.org"}, "w", 10); err != nil {
			t.Fatal(err)
		}
		codes := 0
		for _, m := range sent {
			code := sixFigures.FindString(m.Text)
			if code == "" {
				continue
			}
			if codes++; m.To != "+46701234567" || strings.Contains(m.Text, token) {
				t.Errorf("to %s: %s", m.To, m.Text)
			}
			if err := f.Prove(ctx, wave1, f.visit(wave1, token), "d2", code); err != nil {
				t.Error(err)
			}
		}
		if codes != 1 || !f.sees(wave1, token, "d2") {
			t.Errorf("%d codes came: %v of %+v", codes, sent, f.ledger())
		}
	})
}

// What asking for a lost link writes is the same, to the byte, whoever has the
// address: nothing that can be seen or timed tells who takes part.
func TestAskingForALinkWritesTheSameForEverybody(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		f.Reaches(true, true)
		f.add(spring, fieldwork.NewParticipant{Name: "Astrid", Email: "astrid@example.org", Phone: "070-123 45 67"})
		size := func() (panel, keys int) {
			var p, k strings.Builder
			if err := f.store.DB().Dump(ctx, &p, wave1); err != nil {
				t.Fatal(err)
			}
			if err := f.names.DB().Dump(ctx, &k, wave1); err != nil {
				t.Fatal(err)
			}
			return p.Len(), k.Len()
		}
		grows := func(address string) [2]int {
			t.Helper()
			panel, keys := size()
			if err := f.Renew(ctx, wave1, address); err != nil {
				t.Fatal(err)
			}
			p, k := size()
			return [2]int{p - panel, k - keys}
		}
		grows("first@example.org") // makes the row that counts all
		known, unknown := grows("astrid@example.org"), grows("astrix@example.org")
		if known != unknown || known[0] == 0 || known[1] == 0 {
			t.Errorf("a member's address writes %v bytes, a stranger's %v", known, unknown)
		}
		if known, unknown := grows("070-123 45 67"), grows("070-123 45 68"); known != unknown {
			t.Errorf("a member's number writes %v bytes, a stranger's %v", known, unknown)
		}
	})
}

// Where two rows turn out to be one person, the numbers of both hold on, the
// person is told of both, and neither is left when they are reset or erased.
func TestMergingKeepsTheNumbersOfBoth(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		labels, tokens := [2]string{}, [2]string{}
		for i := range labels {
			labels[i] = f.add(spring, fieldwork.NewParticipant{Name: "Astrid"})
			tokens[i] = f.token(wave1, labels[i], 1)
		}
		v := f.answered(tokens[1], "d1")
		for i, number := range []string{"8305", "6194"} {
			if err := f.Start(ctx, wave1, tokens[i], fieldwork.Beginning{Language: "sv", Consent: true}); err != nil {
				t.Fatal(err)
			}
			if err := f.ChoosePIN(ctx, wave1, f.visit(wave1, tokens[i]), "d1", number); err != nil {
				t.Fatal(err)
			}
		}
		if problems, err := f.Submit(ctx, wave1, v); err != nil || len(problems) > 0 { // so that it is the one that counts
			t.Fatal(problems, err)
		}
		if err := f.Merge(ctx, wave1, owner, smart, labels[0], labels[1]); err != nil {
			t.Fatal(err)
		}
		visit := func() *fieldwork.Visit { return f.visit(wave1, tokens[1]) }
		if got := codeOf(f.Prove(ctx, wave1, visit(), "d2", "6195")); got != "proof_wrong" {
			t.Errorf("a wrong number: %q", got)
		}
		for device, number := range map[string]string{"d2": "6194", "d3": "8305"} {
			if err := f.Prove(ctx, wave1, visit(), device, number); err != nil || !f.sees(wave1, tokens[1], device) {
				t.Errorf("%s does not open the answers of its device (%v)", number, err)
			}
		}
		if got := codeOf(f.Leave(ctx, wave1, visit(), fieldwork.LeaveErased)); got != "proof_needed" {
			t.Errorf("erasing with a link alone: %q", got)
		}
		held, err := f.Extract(ctx, wave1, owner, smart, labels[0])
		if err != nil || len(held.Numbers) != 2 || len(held.Agreed) != 2 || held.Agreed[0].Text == "" || !held.Agreed[0].At.Equal(wave1) {
			t.Errorf("what is held: %d numbers, %+v, %v", len(held.Numbers), held.Agreed, err)
		}
		if err := f.ResetPIN(ctx, wave1, admin, smart, labels[0]); err != nil {
			t.Fatal(err)
		}
		if got := codeOf(f.Prove(ctx, wave1, visit(), "d4", "6194")); got != "proof_wrong" || f.sees(wave1, tokens[1], "d2") {
			t.Errorf("after a reset: %q", got)
		}
	})
}

// Erasing takes all of a person's numbers, codes, proofs, tries and agreements,
// and leaves the consent texts and what was frozen of everybody.
func TestErasureTakesWhatWasProved(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		f.Reaches(true, false)
		label := f.add(spring, fieldwork.NewParticipant{Name: "Astrid", Email: "astrid@example.org"})
		token := f.token(wave1, label, 1)
		f.answered(token, "d1")
		v := f.visit(wave1, token)
		for _, err := range []error{f.ChoosePIN(ctx, wave1, v, "d1", "8305"), f.Prove(ctx, wave1, v, "d2", "8305"), f.SendCode(ctx, wave1, v, "d3")} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if got := codeOf(f.Prove(ctx, wave1, v, "d3", "9999")); got != "proof_wrong" {
			t.Fatal(got)
		}
		pid := v.Participant.PID
		kept := func() (of, texts int) {
			t.Helper()
			if err := f.store.Write(ctx, func(tx *store.Tx) error {
				pins, err := tx.PINs(pid)
				if err != nil {
					return err
				}
				proved, err := tx.ProvedBy(pid, 1, "d2")
				if err != nil {
					return err
				}
				codes, err := tx.TryProofCodes(pid, "d3", wave1, 5)
				if err != nil {
					return err
				}
				agreed, err := tx.AgreementsOf(pid)
				if err != nil {
					return err
				}
				all, err := tx.ConsentTexts(smart)
				of, texts = len(pins)+len(proved)+len(codes)+len(agreed), len(all)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return of, texts
		}
		if of, texts := kept(); of != 4 || texts == 0 {
			t.Fatalf("%d rows, %d texts", of, texts)
		}
		_, before := kept()
		if err := f.EraseParticipant(ctx, wave1, owner, smart, label); err != nil {
			t.Fatal(err)
		}
		if of, texts := kept(); of != 0 || texts != before {
			t.Errorf("%d rows are left, %d of %d consent texts", of, texts, before)
		}
		var dump strings.Builder
		if err := f.store.DB().Dump(ctx, &dump, wave1); err != nil {
			t.Fatal(err)
		}
		for _, device := range []string{`"d1"`, `"d2"`, `"d3"`} {
			if strings.Contains(dump.String(), device) {
				t.Errorf("a row knows the device %s", device)
			}
		}
		if n := strings.Count(dump.String(), pid); n == 0 {
			t.Error("the tombstone is gone")
		}
	})
}
