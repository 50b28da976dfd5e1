package fieldwork

import (
	"context"
	"slices"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/panel"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Leaving is a way of saying no.
type Leaving string

// The ways.
const (
	SkipWave    Leaving = "wave"  // not this time; asked again at the next wave
	LeaveKeep   Leaving = "keep"  // leave the panel; the answers stay
	LeaveErased Leaving = "erase" // leave the panel; answers and contact details are erased
)

// longestPause is how long somebody can be without messages and still be a
// member: who wants more of it wants to leave.
const longestPause = 366 * 24 * time.Hour

var (
	errPauseWhen = fault.New(fault.Invalid, "pause_when", "Give a day from tomorrow on, within a year.")
	errNotPaused = fault.New(fault.Conflict, "not_paused", "There is no pause to end.")
)

// Leave does one of the ways of saying no.
func (s *Service) Leave(ctx context.Context, now time.Time, v *Visit, how Leaving) error {
	// Who has left and let the answers stay may still have them erased.
	if v.Participant.Status != store.Active && (v.Participant.Status != store.Left || how != LeaveErased) {
		return errLeft
	}
	if v.Gate == GateResting {
		return errResting
	}
	switch how {
	case SkipWave:
		if err := v.barred(); err != nil {
			return err
		}
		return s.skipWave(ctx, now, v)
	case LeaveKeep:
		return s.leaveKeeping(ctx, now, v)
	case LeaveErased:
		if err := s.mayErase(ctx, v); err != nil {
			return err
		}
		return s.erase(ctx, now, v.Participant, nil)
	}
	return fault.New(fault.Invalid, "leaving_unknown", "Choose one of the ways.")
}

// Coming gives the wave after the one of a visit, nil where it is the last or
// no later one has yet to open.
func (s *Service) Coming(ctx context.Context, now time.Time, v *Visit) (next *study.Wave, err error) {
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		next, err = s.following(tx, v.Study, now, v.Wave.Number)
		return err
	})
	if next != nil && !next.Opens.After(now) {
		next = nil
	}
	return next, err
}

func (s *Service) skipWave(ctx context.Context, now time.Time, v *Visit) error {
	return s.store.Write(ctx, func(tx *store.Tx) error {
		p, err := present(tx, v)
		if err != nil {
			return err
		}
		if _, err := tx.CancelMessages(p.PID, v.Wave.Number, "refused", now); err != nil {
			return err
		}
		return event(tx, v, now, panel.Declined, "")
	})
}

func (s *Service) leaveKeeping(ctx context.Context, now time.Time, v *Visit) error {
	return s.store.Write(ctx, func(tx *store.Tx) error {
		p, err := present(tx, v)
		if err != nil {
			return err
		}
		if _, err := tx.StopMessages(p.PID, store.Cancelled, "left", now); err != nil {
			return err
		}
		p.Status, p.LeftAt = store.Left, now
		if err := tx.UpdateParticipant(p); err != nil {
			return err
		}
		// Leaving is not of one wave: it ends all that come.
		return tx.AddEvent(store.Event{ID: secret.NewID(), Study: v.Study.Key, PID: p.PID, Kind: string(panel.Left), At: now})
	})
}

// Pause lets a participant have no messages until a moment, within a year. What
// is written down already waits till then. Answering goes on as before.
func (s *Service) Pause(ctx context.Context, now time.Time, v *Visit, until time.Time) error {
	if !until.After(now) || until.After(now.Add(longestPause)) {
		return errPauseWhen
	}
	if v.Gate == GateResting {
		return errResting
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		p, err := present(tx, v)
		if err != nil {
			return err
		}
		p.PausedUntil = until
		if err := tx.UpdateParticipant(p); err != nil {
			return err
		}
		return tx.AddEvent(store.Event{ID: secret.NewID(), Study: v.Study.Key, PID: p.PID, Kind: string(panel.Paused), At: now,
			Detail: until.In(v.Study.TimeZone).Format(time.DateOnly)})
	})
}

// Resume ends a pause: messages that waited for its end are due at once.
func (s *Service) Resume(ctx context.Context, now time.Time, v *Visit) error {
	return s.store.Write(ctx, func(tx *store.Tx) error {
		p, err := present(tx, v)
		if err != nil {
			return err
		}
		if !now.Before(p.PausedUntil) {
			return errNotPaused
		}
		if err := tx.WakeMessages(p.PID, p.PausedUntil, now); err != nil {
			return err
		}
		p.PausedUntil = time.Time{}
		if err := tx.UpdateParticipant(p); err != nil {
			return err
		}
		return tx.AddEvent(store.Event{ID: secret.NewID(), Study: v.Study.Key, PID: p.PID, Kind: string(panel.Resumed), At: now})
	})
}

// Parting is how somebody stands who wants to leave, or has.
type Parting struct {
	Status  store.ParticipantStatus
	LeftAt  time.Time
	Paused  time.Time   // until then; zero for no pause
	Skipped bool        // the wave of the visit was refused, and not answered since
	Files   []time.Time // when files that hold the person were handed out, the oldest first
}

// Parting gives how a participant stands. It tells no recipient: who got a file
// is for staff to know, who write to them.
func (s *Service) Parting(ctx context.Context, now time.Time, v *Visit) (*Parting, error) {
	var out *Parting
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		p, err := tx.Participant(v.Participant.PID)
		if err != nil {
			return err
		}
		out = &Parting{Status: p.Status, LeftAt: p.LeftAt}
		if now.Before(p.PausedUntil) {
			out.Paused = p.PausedUntil
		}
		events, err := tx.EventsOf(p.PID)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Wave != v.Wave.Number {
				continue
			}
			switch panel.EventKind(e.Kind) {
			case panel.Declined:
				out.Skipped = true
			case panel.Started, panel.Submitted:
				out.Skipped = false
			}
		}
		files, err := s.handedOut(tx, p)
		for _, f := range files {
			out.Files = append(out.Files, f.At)
		}
		slices.SortFunc(out.Files, time.Time.Compare)
		return err
	})
	return out, err
}
