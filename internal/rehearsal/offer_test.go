package rehearsal_test

import (
	"context"
	"os"
	"testing"

	"panelverk/internal/access"
	"panelverk/internal/interview"
	"panelverk/internal/rehearsal"
	"panelverk/internal/store"
)

// A made-up panel that is told what it said before: most say whose device it
// is, confirm or change what is offered, and nobody is stuck.
func TestRehearsesEarlierAnswers(t *testing.T) {
	t.Parallel()
	h := houseOf(t, os.DirFS("../fieldwork/testdata"), "jobs")
	r, err := rehearsal.Run(context.Background(), rehearsal.Config{Seed: 3, People: 20, Study: "jobs", Handler: h.handler,
		Clock: h.clock, Field: h.field, Actor: access.CommandLine(), Admin: &h.admin})
	if err != nil || len(r.GaveUp) > 0 || h.log.Len() > 0 {
		t.Fatalf("%v, %v\n%s", err, r, h.log)
	}
	told, outcomes := 0, map[interview.Outcome]int{}
	if err := h.store.Read(context.Background(), func(tx *store.Tx) error {
		return tx.EachInterview("jobs", func(in store.Interview) error {
			d, err := in.Decoded()
			if err == nil && len(d.Earlier) > 0 {
				told++
			}
			for _, o := range d.Prefills {
				outcomes[o]++
			}
			return err
		})
	}); err != nil {
		t.Fatal(err)
	}
	if told < 8 || outcomes[interview.Confirmed] < 10 || outcomes[interview.Changed] < 3 {
		t.Errorf("%d were told, with %v", told, outcomes)
	}
}
