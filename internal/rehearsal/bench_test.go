package rehearsal_test

import (
	"context"
	"testing"

	"panelverk/internal/access"
	"panelverk/internal/rehearsal"
)

// BenchmarkSmartFactory rehearses two years with 36 people, messages included.
func BenchmarkSmartFactory(b *testing.B) {
	usual := rehearsal.Usual()
	for range b.N {
		b.StopTimer()
		h := newHouse(b)
		b.StartTimer()
		r, err := rehearsal.Run(context.Background(), rehearsal.Config{Seed: 7, People: 36, Study: smartFactory, Handler: h.handler, Clock: h.clock, Field: h.field,
			Actor: access.CommandLine(), Admin: &h.admin, Behaviour: &usual, Store: h.store, BaseURL: base, Mail: b.TempDir()})
		if err != nil || r.Unexpected() {
			b.Fatalf("%v %q\n%s", err, r.Problems, h.log)
		}
		b.ReportMetric(float64(r.Requests), "requests/op")
	}
}
