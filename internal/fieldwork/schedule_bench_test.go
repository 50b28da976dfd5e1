package fieldwork_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
	"panelverk/surveys"
)

// BenchmarkOpenWave writes down the invitations of a wave that opens. Time per
// participant, and the memory in use beyond that before, must not grow with the
// panel.
func BenchmarkOpenWave(b *testing.B) {
	for _, people := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			if people > 10_000 && testing.Short() {
				b.Skip("short")
			}
			st, err := store.Open(ctx, "sqlite:"+filepath.Join(b.TempDir(), "panel.db"))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = st.Close() })
			keys, err := secret.NewRing(make([]byte, 32))
			if err != nil {
				b.Fatal(err)
			}
			f := fieldwork.New(st, keys, nil, "https://panel.example.org")
			folder, problems := study.Load(surveys.FS, smart)
			if folder == nil {
				b.Fatal(problems)
			}
			if _, err := f.Apply(ctx, spring, access.CommandLine(), folder, fieldwork.ApplyOptions{}); err != nil {
				b.Fatal(err)
			}
			if err := st.Write(ctx, func(tx *store.Tx) error {
				for n := range people {
					if err := tx.AddParticipant(store.Participant{PID: secret.NewID(), Study: smart, Label: fmt.Sprint("L", n), Language: "sv", Cohort: 1,
						Status: store.Active, CreatedAt: spring, Channels: []string{"email"}, Attributes: map[string]string{"country": "SE"}}); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				b.Fatal(err)
			}
			now := opening1.Add(3 * time.Hour)
			b.ResetTimer()
			for range b.N { // not b.Loop, which may not be left: one opening writes all down
				before, most := heap(), uint64(0)
				done, stopped := make(chan struct{}), make(chan struct{})
				go func() { // the peak of what is in use
					for {
						select {
						case <-done:
							close(stopped)
							return
						case <-time.After(20 * time.Millisecond):
							most = max(most, heap())
						}
					}
				}()
				began := time.Now()
				n, err := f.Schedule(ctx, now)
				took := time.Since(began)
				close(done)
				<-stopped
				if err != nil {
					b.Fatal(err)
				}
				if n == 0 {
					break // all of it was written down in an earlier loop
				}
				b.ReportMetric(float64(took.Nanoseconds())/float64(people), "ns/participant")
				b.ReportMetric(float64(most-min(most, before)), "peak-B")
			}
		})
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
