package main

import (
	"context"
	"log/slog"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/secret"
)

// lookEvery is how often releases are looked for that another server approved, or had
// in hand when it ended.
const lookEvery = 5 * time.Second

// startFreezing makes the releases that were approved, one at a time, until the server
// ends. What it gives waits until the one in hand is let go.
func (s *server) startFreezing(c *console, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(c.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.freezeAll(ctx, c.now, log)
	}()
	return func() {
		cancel()
		<-ended
	}
}

func (s *server) freezeAll(ctx context.Context, now func() time.Time, log *slog.Logger) {
	worker := secret.NewID() // no other process has it
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		did, err := s.release.Freeze(ctx, now, worker, nil)
		if err != nil && ctx.Err() == nil {
			log.Error("a release could not be frozen", "code", fault.Of(err).Code, "error", err)
		}
		if did && err == nil {
			continue // perhaps another one waits
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-s.release.Wanted():
		}
	}
}
