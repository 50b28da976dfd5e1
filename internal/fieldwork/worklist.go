package fieldwork

import (
	"context"
	"fmt"
	"slices"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/panel"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Trouble is why messages do not reach somebody.
type Trouble string

// The troubles, the one that weighs most first.
const (
	TroubleNoAddress Trouble = "no_address" // no working address of any kind
	TroubleBounced   Trouble = "bounced"    // the last message came back or was refused
	TroubleOptedOut  Trouble = "opted_out"  // wants no messages
	TroublePaused    Trouble = "paused"     // until a day
	NoTrouble        Trouble = ""
)

// Troubles lists them in their order.
func Troubles() []Trouble {
	return []Trouble{TroubleNoAddress, TroubleBounced, TroubleOptedOut, TroublePaused, NoTrouble}
}

// Sent is the last that happened to a message to somebody.
type Sent struct {
	Kind    study.MessageKind
	Channel study.Channel
	State   store.MessageState
	At      time.Time
}

// Reach is one person still to reach in a wave. It tells nothing of answers.
type Reach struct {
	Row
	Mark     Mark
	Name     string // with identities alone
	Phone    string // likewise
	Trouble  Trouble
	Sent     *Sent     // the newest of the wave's messages that is on its way or further; nil for none
	Contacts int       // messages handed over in the wave
	Last     time.Time // the latest of them
}

// WorkList gives who is still to be reached in a wave: those who have an
// invitation and have not sent in, nor refused or left; people whom messages
// do not reach first, then those who have begun. With names it is audited,
// once for the whole list.
func (s *Service) WorkList(ctx context.Context, now time.Time, actor access.Actor, studyKey string, wave int, names bool) ([]Reach, error) {
	if err := actor.May(access.ParticipantList, studyKey); err != nil {
		return nil, err
	}
	if names {
		if err := actor.May(access.IdentityView, studyKey); err != nil {
			return nil, err
		}
	}
	var (
		out  []Reach
		pids []string
	)
	err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		out, pids, err = s.workList(tx, now, studyKey, wave)
		return err
	})
	if err != nil || !names {
		return out, err
	}
	if err := s.store.Write(ctx, func(tx *store.Tx) error {
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.IdentityView), Study: studyKey,
			Object: fmt.Sprintf("work-list of wave %d", wave), Detail: fmt.Sprintf("%d names", len(out))})
	}); err != nil {
		return nil, err
	}
	for i := range out {
		id, err := s.identities.Get(ctx, pids[i])
		if err != nil && !isMissing(err) { // somebody may be without a name; and may leave at this moment
			return nil, err
		}
		out[i].Name, out[i].Phone = id.Name, id.Phone
	}
	return out, nil
}

func (s *Service) workList(tx *store.Tx, now time.Time, studyKey string, wave int) ([]Reach, []string, error) {
	st, err := s.study(tx, studyKey)
	if err != nil {
		return nil, nil, err
	}
	if wave < 1 || wave > len(st.Waves) {
		return nil, nil, errNoWave
	}
	rows, err := s.rows(tx, st, now)
	if err != nil {
		return nil, nil, err
	}
	at := map[string]int{} // the index in rows, by label
	for i, r := range rows {
		at[r.Label] = i
	}
	reaches := map[string]*Reach{}
	if err := tx.EachParticipant(studyKey, func(p store.Participant) error {
		r := rows[at[p.Label]]
		m := r.Marks[wave-1]
		if p.Status == store.Active && !p.Pilot && (m.State == Waiting || m.State == Begun) {
			reaches[p.PID] = &Reach{Row: r, Mark: m, Trouble: trouble(p, now)}
		}
		return nil
	}); err != nil {
		return nil, nil, err
	}
	if err := sent(tx, studyKey, wave, reaches); err != nil {
		return nil, nil, err
	}
	out, pids := sorted(reaches)
	return out, pids, nil
}

// trouble tells what is known of the person's channels without the ledger.
func trouble(p store.Participant, now time.Time) Trouble {
	switch {
	case len(p.Channels) == 0:
		return TroubleNoAddress
	case !p.OptedOutAt.IsZero():
		return TroubleOptedOut
	case now.Before(p.PausedUntil):
		return TroublePaused
	}
	return NoTrouble
}

// sent adds what the ledger and the events know of each.
func sent(tx *store.Tx, studyKey string, wave int, reaches map[string]*Reach) error {
	if err := tx.EachEvent(studyKey, func(e store.Event) error {
		r, kind := reaches[e.PID], panel.EventKind(e.Kind)
		if r != nil && e.Wave == wave && (kind == panel.Invited || kind == panel.Reminded) {
			r.Contacts++
			if e.At.After(r.Last) {
				r.Last = e.At
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return tx.EachMessage(studyKey, func(m store.Message) error {
		r := reaches[m.PID]
		if r == nil || m.Wave != wave || m.State == store.Cancelled {
			return nil
		}
		if r.Sent != nil && m.Changed.Before(r.Sent.At) {
			return nil
		}
		r.Sent = &Sent{Kind: study.MessageKind(m.Kind), Channel: study.Channel(m.Channel), State: m.State, At: m.Changed}
		if r.Trouble == NoTrouble || r.Trouble == TroubleBounced {
			r.Trouble = NoTrouble
			if m.State == store.Bounced || m.State == store.RefusedBy {
				r.Trouble = TroubleBounced
			}
		}
		return nil
	})
}

// sorted gives the list in its order, and the pids in the same.
func sorted(reaches map[string]*Reach) ([]Reach, []string) {
	pids := make([]string, 0, len(reaches))
	for pid := range reaches {
		pids = append(pids, pid)
	}
	weight := func(r *Reach) int {
		w := 2 * slices.Index(Troubles(), r.Trouble)
		if r.Mark.State != Begun {
			w++
		}
		return w
	}
	slices.SortFunc(pids, func(a, b string) int {
		x, y := reaches[a], reaches[b]
		if d := weight(x) - weight(y); d != 0 {
			return d
		}
		if x.Label < y.Label {
			return -1
		}
		return 1
	})
	out := make([]Reach, len(pids))
	for i, pid := range pids {
		out[i] = *reaches[pid]
	}
	return out, pids
}
