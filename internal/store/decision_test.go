package store_test

import (
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
)

func TestDecisionsAndWhatIsFrozen(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		panel(t, s, 1)
		versions := get(t, s, func(tx *store.Tx) ([]store.Version, error) { return tx.Versions(smart) })
		v := versions[len(versions)-1]
		d := store.Decision{Study: smart, Key: v.Key, From: v.Number - 1, Number: v.Number, Question: "noise",
			Kinds: []questionnaire.ChangeKind{questionnaire.KindCategories, questionnaire.KindWording}, Verdict: questionnaire.SameVariable,
			Reason: "means the same", Stale: []string{"de", "en"}, Account: "A", At: later(1)}
		other := d
		other.Verdict, other.Reason = questionnaire.NewVariable, "does not"
		rule := store.Decision{Study: smart, Key: v.Key, From: v.Number - 1, Number: v.Number, Question: "heat", Verdict: questionnaire.GoneVariable,
			Automatic: true, At: later(1)}
		write(t, s, func(tx *store.Tx) error { return tx.AddDecision(d) }, func(tx *store.Tx) error { return tx.AddDecision(other) },
			func(tx *store.Tx) error { return tx.AddDecision(rule) })
		decisions := func() []store.Decision {
			return get(t, s, func(tx *store.Tx) ([]store.Decision, error) { return tx.Decisions(smart) })
		}
		d.Confirmed, rule.Stale, rule.Confirmed = []string{}, []string{}, []string{}
		same(t, "decisions", decisions(), []store.Decision{rule, d}) // the first one stays

		c := store.Confirmation{Study: smart, Key: v.Key, Number: v.Number, Question: "noise", Language: "en", Account: "A", At: later(2)}
		again, german := c, c
		again.Account, again.At, german.Language = "B", later(3), "de"
		for _, x := range []store.Confirmation{c, again, german} {
			write(t, s, func(tx *store.Tx) error { return tx.AddConfirmation(x) })
		}
		same(t, "confirmations", get(t, s, func(tx *store.Tx) ([]store.Confirmation, error) { return tx.Confirmations(smart) }),
			[]store.Confirmation{german, c}) // the first one stays

		ref := dataset.Ref{Key: v.Key, Number: v.Number}
		first := dataset.Frozen{Codes: []questionnaire.CodeRow{{List: "often", Choice: "never", Code: 1}},
			Roots: []dataset.Root{{Ref: ref, Question: "noise", Name: "noise"}}}
		more := dataset.Frozen{Codes: []questionnaire.CodeRow{{List: "often", Choice: "daily", Code: 2}, {List: "often", Choice: "never", Code: 7}},
			Roots: []dataset.Root{{Ref: ref, Question: "noise", Name: "other"}, {Ref: ref, Question: "heat", Name: "heat"}}}
		write(t, s, func(tx *store.Tx) error { return tx.Freeze(smart, first) }, func(tx *store.Tx) error { return tx.Freeze(smart, more) })
		same(t, "frozen", get(t, s, func(tx *store.Tx) (dataset.Frozen, error) { return tx.Frozen(smart) }), dataset.Frozen{
			Codes: []questionnaire.CodeRow{{List: "often", Choice: "never", Code: 1}, {List: "often", Choice: "daily", Code: 2}},
			Roots: []dataset.Root{{Ref: ref, Question: "heat", Name: "heat"}, {Ref: ref, Question: "noise", Name: "noise"}}})
		// No code of a list can belong to two choices.
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			return tx.Freeze(smart, dataset.Frozen{Codes: []questionnaire.CodeRow{{List: "often", Choice: "weekly", Code: 2}}})
		})
		if err == nil {
			t.Error("a code was given to two choices")
		}
	})
}
