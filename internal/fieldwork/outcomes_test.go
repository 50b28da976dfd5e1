package fieldwork_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/panel"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

// TestOutcomesAddUp counts a panel of random events on both engines: every
// table sums to the same people, with and without small counts hidden.
func TestOutcomesAddUp(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		const people = 40
		random := rand.New(rand.NewPCG(7, 36))
		kinds := []panel.EventKind{panel.Invited, panel.Reminded, panel.Unreachable, panel.RefusedByPhone, panel.Unable, panel.Language, panel.Ineligible, panel.Died, panel.Submitted}
		for i := range people {
			label := f.add(spring, fieldwork.NewParticipant{Name: fmt.Sprintf("Person %d", i), Email: fmt.Sprintf("p%d@example.org", i),
				Attributes: map[string]string{"country": []string{"SE", "DE"}[i%2]}})
			err := f.store.Write(ctx, func(tx *store.Tx) error {
				p, err := tx.ParticipantByLabel(smart, label)
				if err != nil {
					return err
				}
				p.Pilot = i == 0
				if err := tx.UpdateParticipant(p); err != nil {
					return err
				}
				for range random.IntN(4) {
					wave := 1 + random.IntN(2)
					if err := tx.AddEvent(store.Event{ID: secret.NewID(), Study: smart, PID: p.PID, Wave: wave,
						Kind: string(kinds[random.IntN(len(kinds))]), At: wave1.AddDate(0, random.IntN(5), 0)}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		at := wave1.AddDate(0, 6, 0)
		for _, role := range []access.Role{access.Admin, access.Researcher} {
			o, err := f.Outcomes(ctx, at, access.Actor{Account: "x", Roles: map[string]access.Role{smart: role}}, smart)
			if err != nil {
				t.Fatal(err)
			}
			if o.Members != people-1 || len(o.Waves) != 2 {
				t.Fatalf("%d members in %d waves, want %d without the pilot in 2", o.Members, len(o.Waves), people-1)
			}
			addUp(t, o, role == access.Admin)
		}
	})
}

// addUp holds the tables of one view against each other.
func addUp(t *testing.T, o *fieldwork.Outcomes, open bool) {
	t.Helper()
	patterns := o.Others.N
	for _, p := range o.Patterns {
		patterns += p.N
		if p.N < 5 {
			t.Errorf("%d persons share the pattern %s, and it is shown", p.N, p.Pattern)
		}
	}
	if !o.Others.Hidden && patterns != o.Members {
		t.Errorf("the patterns sum to %d of %d", patterns, o.Members)
	}
	for i, w := range o.Waves {
		sum, hidden := 0, false
		for _, d := range o.Dispositions {
			sum, hidden = sum+d.Waves[i].N, hidden || d.Waves[i].Hidden
			if n := d.Waves[i].N; !open && n > 0 && n < 5 {
				t.Errorf("wave %d: %d with %s are shown to who may not list people", w.Number, n, d.Code)
			}
		}
		if open && (hidden || w.Hidden || sum != w.Cases.N) {
			t.Errorf("wave %d: the outcomes sum to %d of %d", w.Number, sum, w.Cases.N)
		}
		groups := map[string]int{}
		for _, g := range w.Groups {
			groups[g.Attribute] += g.Invited.N
			if n := g.Answered.N; n > 0 && n < 5 || g.Invited.N > 0 && g.Invited.N < 5 {
				t.Errorf("wave %d: %+v is shown", w.Number, g)
			}
		}
	}
	for _, s := range o.Steps {
		sum := 0
		for _, row := range s.Moves {
			for _, n := range row {
				sum += n
				if !open && n > 0 && n < 5 {
					t.Errorf("a move of %d is shown", n)
				}
			}
		}
		if !s.Hidden && sum != o.Members {
			t.Errorf("from wave %d to %d go %d of %d", s.From, s.To, sum, o.Members)
		}
	}
}
