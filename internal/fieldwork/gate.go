package fieldwork

import (
	"time"

	"panelverk/internal/panel"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// reopenedFor is how long a reopened interview may be answered after its wave
// has closed.
const reopenedFor = 14 * 24 * time.Hour

// Gate says whether a visit may answer.
type Gate string

// The gates.
const (
	GateOpen    Gate = "open"
	GatePlanned Gate = "planned" // the wave has not opened
	GateClosed  Gate = "closed"
	GateLeft    Gate = "left"    // the participant has left the panel
	GateUnasked Gate = "unasked" // the wave is not for this participant
	GateResting Gate = "resting" // the address was changed: until Participant.CodesFrom links and codes rest
)

// ownPeriod gives the wave of a visit the participant's own field period, from
// its beginning to when they can no longer answer, and tells whether they are
// asked in it. Who was invited or has begun stays asked, whatever the plan says
// since: see study.Fielded. Only studies whose plan has such rules pay for it.
func (s *Service) ownPeriod(tx *store.Tx, v *Visit, now time.Time) (study.Asked, error) {
	st, err := tx.WithPeriods(v.Study)
	if err != nil {
		return study.No, err
	}
	p, err := tx.Participant(v.Participant.PID)
	if err != nil {
		return study.No, err
	}
	row, err := tx.StandingOf(p)
	if err != nil {
		return study.No, err
	}
	m, err := s.member(tx, st, row)
	if err != nil {
		return study.No, err
	}
	w := &st.Waves[v.Wave.Number-1]
	asked := st.Eligible(w, m, now)
	if v.Begun() || m.Waves[w.Number].Touched() {
		asked = study.Yes
	}
	opens, _, known := st.Window(w, m)
	if !known && asked == study.Yes {
		return study.Perhaps, nil
	}
	v.Wave.Opens, v.Wave.Closes = opens, st.Ends(w, m)
	return asked, nil
}

func gate(tx *store.Tx, v *Visit, asked study.Asked, now time.Time) (Gate, error) {
	switch {
	case v.Participant.Status != store.Active:
		return GateLeft, nil
	case now.Before(v.Participant.CodesFrom):
		return GateResting, nil
	case asked == study.No:
		return GateUnasked, nil
	case asked == study.Perhaps: // it is settled when the wave before has ended
		return GatePlanned, nil
	}
	switch v.Wave.State(now) {
	case study.Planned:
		return GatePlanned, nil
	case study.Open:
		return GateOpen, nil
	}
	if !v.Begun() || v.Submitted() {
		return GateClosed, nil
	}
	events, err := tx.EventsOf(v.Participant.PID)
	if err != nil {
		return GateClosed, err
	}
	for _, e := range events {
		if e.Wave == v.Wave.Number && panel.EventKind(e.Kind) == panel.Reopened && now.Before(e.At.Add(reopenedFor)) {
			return GateOpen, nil
		}
	}
	return GateClosed, nil
}

// barred gives why a visit may not answer, nil where it may.
func (v *Visit) barred() error {
	switch {
	case v.Staff:
		return nil // what came on paper may be typed in after the wave has closed
	case v.Gate == GateLeft:
		return errLeft
	case v.Gate == GatePlanned:
		return errPlanned
	case v.Gate == GateClosed:
		return errClosed
	case v.Gate == GateResting:
		return errResting
	case v.Gate == GateUnasked:
		return errUnasked
	}
	return nil
}
