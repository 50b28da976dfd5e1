package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"panelverk/internal/store"
)

// letter is message n, to participant n+1, due in minute n.
func letter(n int) store.Message {
	return store.Message{ID: fmt.Sprintf("m%04d", n), Study: smart, PID: participant(n + 1).PID, Wave: 1, Key: "invitation", Kind: "invitation",
		Template: "invitation", Channel: "email", Language: "sv", State: store.Due, Planned: later(n), Next: later(n), Created: later(0)}
}

func withLetters(t *testing.T, s *store.Store, n int) {
	t.Helper()
	panel(t, s, n)
	write(t, s, func(tx *store.Tx) error {
		for i := range n {
			if fresh, err := tx.AddMessage(letter(i)); err != nil || !fresh {
				return fmt.Errorf("message %d: fresh %v, %w", i, fresh, err)
			}
		}
		return nil
	})
}

func message(t *testing.T, s *store.Store, n int) store.Message {
	t.Helper()
	return get(t, s, func(tx *store.Tx) (store.Message, error) { return tx.Message(letter(n).ID) })
}

func TestMessageIsWrittenDownOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		withLetters(t, s, 1)
		write(t, s, func(tx *store.Tx) error {
			again := letter(0)
			again.ID = "another"
			if fresh, err := tx.AddMessage(again); err != nil || fresh {
				t.Errorf("written down twice: %v, %v", fresh, err)
			}
			return nil
		})
	})
}

func TestWorkersNeverShareAMessage(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const letters, workers = 200, 6
		withLetters(t, s, letters)
		var (
			lock sync.Mutex
			got  = map[string]int{}
			all  sync.WaitGroup
		)
		for w := range workers {
			all.Go(func() {
				for {
					var mine []store.Message
					err := s.Write(context.Background(), func(tx *store.Tx) (err error) {
						mine, err = tx.ClaimMessages(fmt.Sprint("worker", w), later(letters), later(letters+10), 7, true, true)
						return err
					})
					if err != nil {
						t.Error(err)
						return
					}
					if len(mine) == 0 {
						return
					}
					lock.Lock()
					for _, m := range mine {
						got[m.ID]++
					}
					lock.Unlock()
				}
			})
		}
		all.Wait()
		for id, n := range got {
			if n != 1 {
				t.Errorf("%s was claimed %d times", id, n)
			}
		}
		if len(got) != letters {
			t.Errorf("%d of %d were claimed", len(got), letters)
		}
	})
}

func TestHandover(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		withLetters(t, s, 3)
		claim := func(at int) (ids []string) {
			write(t, s, func(tx *store.Tx) error {
				ids = nil
				mine, err := tx.ClaimMessages("w", later(at), later(at+10), 10, true, true)
				for _, m := range mine {
					ids = append(ids, m.ID)
				}
				return err
			})
			slices.Sort(ids)
			return ids
		}
		if got := claim(1); !slices.Equal(got, []string{"m0000", "m0001"}) {
			t.Fatalf("claimed %v: only what is due may be", got)
		}
		end := func(n, at int, outcome string, state store.MessageState, next time.Time) {
			var m store.Message
			write(t, s, func(tx *store.Tx) (err error) {
				m, err = tx.BeginHandover(letter(n).ID, "w", later(at))
				return err
			}, func(tx *store.Tx) error {
				return tx.EndHandover(store.Handover{Message: m.ID, Number: m.Attempts, Worker: "w", Ended: later(at + 1), Outcome: outcome, Code: "c"}, state, next)
			})
		}
		end(0, 2, "handed_over", store.HandedOver, time.Time{})
		end(1, 2, "deferred", store.Deferred, later(30))
		if m := message(t, s, 0); m.State != store.HandedOver || !m.Handed.Equal(later(3)) || m.Attempts != 1 || m.Worker != "" {
			t.Errorf("%+v", m)
		}
		if got := claim(29); !slices.Equal(got, []string{"m0002"}) {
			t.Errorf("claimed %v before the next try is due", got)
		}
		if got := claim(31); !slices.Equal(got, []string{"m0001"}) {
			t.Errorf("claimed %v", got)
		}

		// The worker dies in the middle of both.
		write(t, s, func(tx *store.Tx) error {
			_, err := tx.BeginHandover("m0001", "w", later(32))
			return err
		})
		write(t, s, func(tx *store.Tx) error {
			lapsed, err := tx.LapseClaims(later(50))
			if len(lapsed) != 2 {
				t.Errorf("%d claims lapsed", len(lapsed))
			}
			return err
		})
		attempts := get(t, s, func(tx *store.Tx) ([]store.Handover, error) { return tx.HandoversOf("m0001") })
		if len(attempts) != 2 || attempts[1].Outcome != store.Ambiguous || attempts[0].Outcome != "deferred" {
			t.Errorf("attempts: %+v", attempts)
		}
		if n := len(get(t, s, func(tx *store.Tx) ([]store.Handover, error) { return tx.HandoversOf("m0002") })); n != 0 {
			t.Errorf("what was never begun has %d attempts", n)
		}

		// It was not dead, only slow: what arrived, arrived.
		write(t, s, func(tx *store.Tx) error {
			return tx.EndHandover(store.Handover{Message: "m0001", Number: 2, Worker: "w", Ended: later(51), Outcome: "handed_over"}, store.HandedOver, time.Time{})
		})
		if m := message(t, s, 1); m.State != store.HandedOver {
			t.Errorf("state %s", m.State)
		}
		if got := claim(60); !slices.Equal(got, []string{"m0002"}) {
			t.Errorf("claimed %v", got)
		}
	})
}

func TestNothingGoesToSomebodyWhoLeft(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		withLetters(t, s, 3)
		write(t, s, func(tx *store.Tx) error {
			_, err := tx.ClaimMessages("w", later(2), later(20), 2, true, true)
			return err
		}, func(tx *store.Tx) error {
			if _, err := tx.BeginHandover("m0001", "w", later(3)); err != nil {
				return err
			}
			for n := range 3 {
				if _, err := tx.StopMessages(participant(n+1).PID, store.Cancelled, "left", later(3)); err != nil {
					return err
				}
			}
			return nil
		})
		for n, want := range []store.MessageState{store.Cancelled, store.Claimed, store.Cancelled} {
			if m := message(t, s, n); m.State != want {
				t.Errorf("message %d is %s, want %s", n, m.State, want)
			}
		}
		err := s.Write(context.Background(), func(tx *store.Tx) error {
			_, err := tx.BeginHandover("m0000", "w", later(4))
			return err
		})
		if !errors.Is(err, store.ErrNotClaimed) {
			t.Errorf("a cancelled message was handed over: %v", err)
		}
	})
}
