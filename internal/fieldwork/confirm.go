package fieldwork

import (
	"context"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/mail"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// ConfirmState is what the link of a message to confirm leads to.
type ConfirmState string

// The states.
const (
	ConfirmAsk     ConfirmState = "ask"     // a button confirms
	ConfirmExpired ConfirmState = "expired" // one can ask again
	ConfirmWaiting ConfirmState = "waiting" // on the waiting list
	ConfirmFull    ConfirmState = "full"    // no place, and no waiting list
	ConfirmJoined  ConfirmState = "joined"
	ConfirmShut    ConfirmState = "shut" // every wave has closed
)

// Confirmation is what somebody sees who follows such a link.
type Confirmation struct {
	Study    *study.Study
	Language string
	State    ConfirmState
	Offered  bool        // from the waiting list
	Until    time.Time   // how long the link holds
	Key      string      // the end of the address where one can ask again
	Wave     *study.Wave // that one enters at
	Open     bool        // and can answer now
	URL      string      // the questionnaire; only for as long as the link to confirm holds
	Code     string      // of the same, on paper
}

// Confirmation tells what the link of a message leads to. It changes nothing:
// mail programs and scanners open links by themselves.
func (s *Service) Confirmation(ctx context.Context, now time.Time, token string) (*Confirmation, error) {
	var out *Confirmation
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		j, st, err := s.joiner(tx, token)
		if err != nil {
			return err
		}
		out, err = s.confirmation(tx, now, st, j)
		return err
	})
	return out, err
}

// joiner gives who a link belongs to.
func (s *Service) joiner(tx *store.Tx, token string) (store.Joiner, *study.Study, error) {
	j, err := tx.JoinerByLink(s.keys.Lookup("join", token))
	if err != nil {
		return j, nil, orElse(err, errLink)
	}
	if j.State == store.JoinerGone || j.State == store.JoinerEcho {
		return j, nil, errLink
	}
	st, err := s.study(tx, j.Study)
	if err == nil && st.Enrolment == nil {
		err = errLink
	}
	return j, st, err
}

func (s *Service) confirmation(tx *store.Tx, now time.Time, st *study.Study, j store.Joiner) (*Confirmation, error) {
	c := &Confirmation{Study: st, Language: j.Language, Until: j.Until, State: ConfirmAsk, Offered: j.State == store.JoinerOffered}
	if e, err := tx.Enrolment(st.Key); err == nil {
		c.Key = e.Key
	}
	switch {
	case j.State == store.Joined:
		c.State = ConfirmJoined
		p, err := tx.Participant(j.PID)
		if err != nil {
			return nil, err
		}
		if p.Status != store.Active {
			return nil, errLink
		}
		// The message lies in a mailbox for years: after its time it leads to nothing.
		return c, s.entrance(tx, now, st, p, c, now.Before(j.Until))
	case cohortAt(st, now) == 0:
		c.State = ConfirmShut
	case j.State == store.JoinerWaiting:
		c.State = ConfirmWaiting
	case j.State == store.JoinerPending && !now.Before(j.Until):
		c.State = ConfirmExpired
	}
	return c, nil
}

// entrance fills in which wave a new participant enters at, and with given set
// the link and the code of it.
func (s *Service) entrance(tx *store.Tx, now time.Time, st *study.Study, p store.Participant, c *Confirmation, given bool) error {
	number := max(cohortAt(st, now), p.Cohort)
	c.Wave = &st.Waves[number-1]
	c.Open = c.Wave.State(now) == study.Open
	if !given {
		return nil
	}
	inv, err := tx.InvitationOf(p.PID, number)
	if err != nil {
		return err
	}
	c.URL, c.Code = s.url(inv), s.keys.Code(inv.ID, inv.Generation)
	return nil
}

// Confirm is the button: the address is theirs and they want to take part.
// Places are counted in the same transaction, so that there is never one
// participant too many; beyond them one stands on the waiting list. Pressed
// again it changes nothing.
func (s *Service) Confirm(ctx context.Context, now time.Time, token string) (*Confirmation, error) {
	var out *Confirmation
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		j, st, err := s.joiner(tx, token)
		if err != nil {
			return err
		}
		out, err = s.confirmation(tx, now, st, j)
		if err != nil || out.State != ConfirmAsk {
			return err
		}
		if err := tx.LockPlaces(st.Key); err != nil {
			return err
		}
		// Of an offer that has run out nothing is kept any more.
		taken, err := occupied(tx, st, now, j.ID)
		if err != nil {
			return err
		}
		kept := j.State == store.JoinerOffered && now.Before(j.Until)
		switch {
		case kept || taken.fits(st.Enrolment, j.Attributes):
			if err := s.becomeMember(tx, now, st, &j, []string{j.Channel}); err != nil {
				return err
			}
		case st.Enrolment.Waiting == study.NoWaiting:
			out.State = ConfirmFull
			return nil
		default:
			j.State, j.WaitingSince, j.Changed = store.JoinerWaiting, now, now
			if err := s.writeTo(tx, now, j, mail.Waiting, "waiting", time.Time{}); err != nil {
				return err
			}
		}
		if err := tx.UpdateJoiner(j); err != nil {
			return err
		}
		out, err = s.confirmation(tx, now, st, j)
		return err
	})
	return out, err
}

// becomeMember makes a participant of a joiner, under the pid that the key file
// has the person under.
func (s *Service) becomeMember(tx *store.Tx, now time.Time, st *study.Study, j *store.Joiner, channels []string) error {
	p := store.Participant{PID: j.PID, Study: st.Key, Label: j.Label, Language: j.Language, Cohort: cohortAt(st, now), Channels: channels,
		Attributes: j.Attributes, Status: store.Active, ConsentVersion: j.ConsentVersion, ConsentLanguage: j.Language, ConsentAt: now, CreatedAt: now}
	if err := s.addMember(tx, st, p); err != nil {
		return err
	}
	j.State, j.Address, j.Attributes, j.Changed = store.Joined, "", nil, now
	if j.Until.Before(now.Add(confirmFor)) { // the way on to the questionnaire stays open a while
		j.Until = now.Add(confirmFor)
	}
	return nil
}

// addMember stores a participant who enrolled, with consent and invitations. A
// label that another one has is drawn anew.
func (s *Service) addMember(tx *store.Tx, st *study.Study, p store.Participant) error {
	for {
		err := tx.AddParticipant(p)
		if err == nil {
			break
		}
		if f := fault.Of(err); f == nil || f.Code != store.ErrLabelTaken.Code {
			return err
		}
		p.Label = secret.NewID()[:4]
	}
	waves, err := tx.Waves(p.Study)
	if err != nil {
		return err
	}
	if err := s.invite(tx, []store.Participant{p}, waves); err != nil {
		return err
	}
	return agree(tx, st, p, p.Cohort)
}
