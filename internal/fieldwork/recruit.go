package fieldwork

import (
	"context"
	"fmt"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/mail"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Recruitment is where the enrolment of a study stands, for staff: no name, no
// address.
type Recruitment struct {
	Rules     *study.Enrolling
	Published bool
	Open      bool // published, and within its dates
	URL       string
	CodeURL   string // where codes are typed
	Flooded   time.Time
	Sends     ways // by which ways this server can confirm addresses
	Taken     int  // places, those kept for offers and codes included
	Members   int  // participants who take part
	Counts    map[store.JoinerState]int
	Codes     int // that can still be used
	Quotas    []QuotaCount
	Waiting   []WaitingRow // the longest waiting first
}

// Sendable tells whether an address can be confirmed at all.
func (r *Recruitment) Sendable() bool { return r.Sends.email || r.Sends.sms }

// QuotaCount is a quota and how many of it are taken.
type QuotaCount struct {
	study.Quota
	Taken int
}

// WaitingRow is somebody on the waiting list.
type WaitingRow struct {
	Label      string
	Language   string
	Attributes map[string]string
	Since      time.Time
	State      store.JoinerState // waiting, offered or lapsed
	Until      time.Time         // how long a place is kept
	Fits       bool              // there is a place now
}

var (
	errNoRules  = fault.New(fault.NotFound, "enrolment_missing", "The study has no enrolment: its file lacks the key.")
	errNoJoiner = fault.New(fault.NotFound, "joiner_unknown", "Nobody on the waiting list has this label.")
)

// enrollingStudy gives a study that describes an enrolment.
func (s *Service) enrollingStudy(tx *store.Tx, studyKey string) (*study.Study, error) {
	st, err := s.study(tx, studyKey)
	if err == nil && st.Enrolment == nil {
		err = errNoRules
	}
	return st, err
}

// ensureEnrolment gives the page of a study, and makes its address where it has none.
func (s *Service) ensureEnrolment(tx *store.Tx, studyKey string) (store.Enrolment, error) {
	e, err := tx.Enrolment(studyKey)
	if !isMissing(err) {
		return e, err
	}
	e = store.Enrolment{Study: studyKey, Key: secret.ShortKey()}
	return e, tx.PutEnrolment(e)
}

func (s *Service) auditEnrolment(tx *store.Tx, now time.Time, actor access.Actor, studyKey, object, detail string) error {
	return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.EnrolmentChange), Study: studyKey, Object: object, Detail: detail})
}

// PublishEnrolment publishes the page, or with open unset closes it. Its address stays.
func (s *Service) PublishEnrolment(ctx context.Context, now time.Time, actor access.Actor, studyKey string, open bool) error {
	if err := actor.May(access.EnrolmentChange, studyKey); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := s.enrollingStudy(tx, studyKey); err != nil {
			return err
		}
		e, err := s.ensureEnrolment(tx, studyKey)
		if err != nil {
			return err
		}
		detail := "published"
		if open {
			e.Published, e.Closed = now, time.Time{}
		} else {
			e.Published, e.Closed, detail = time.Time{}, now, "closed"
		}
		if err := tx.PutEnrolment(e); err != nil {
			return err
		}
		return s.auditEnrolment(tx, now, actor, studyKey, "page", detail)
	})
}

// Recruitment tells where the enrolment of a study stands.
func (s *Service) Recruitment(ctx context.Context, now time.Time, actor access.Actor, studyKey string) (*Recruitment, error) {
	if err := actor.May(access.EnrolmentChange, studyKey); err != nil {
		return nil, err
	}
	out := &Recruitment{Sends: s.reaching(), CodeURL: s.baseURL + "/join"}
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		st, err := s.enrollingStudy(tx, studyKey)
		if err != nil {
			return err
		}
		out.Rules = st.Enrolment
		e, err := tx.Enrolment(studyKey)
		if err != nil && !isMissing(err) {
			return err
		}
		if e.Key != "" {
			out.URL = s.baseURL + "/join/" + e.Key
		}
		out.Published, out.Flooded = !e.Published.IsZero(), e.Flooded
		out.Open = out.Published && out.Rules.State(now) == study.Open
		return s.countRecruited(tx, now, st, out)
	})
	return out, err
}

func (s *Service) countRecruited(tx *store.Tx, now time.Time, st *study.Study, out *Recruitment) error {
	taken, err := occupied(tx, st, now, "")
	if err != nil {
		return err
	}
	out.Taken = taken.all
	for _, q := range st.Enrolment.Quotas {
		out.Quotas = append(out.Quotas, QuotaCount{q, taken.by[[2]string{q.Attribute, q.Value}]})
	}
	if out.Counts, err = tx.CountJoiners(st.Key); err != nil {
		return err
	}
	codes, err := tx.JoinCodes(st.Key)
	if err != nil {
		return err
	}
	for _, c := range codes {
		if c.Used.IsZero() && now.Before(c.Until) {
			out.Codes++
		}
	}
	waiting, err := tx.Joiners(st.Key, store.JoinerOffered, store.JoinerWaiting, store.JoinerLapsed)
	if err != nil {
		return err
	}
	kept := out.Codes
	for _, j := range waiting {
		if j.State == store.JoinerOffered && now.Before(j.Until) {
			kept++
		}
		out.Waiting = append(out.Waiting, WaitingRow{Label: j.Label, Language: j.Language, Attributes: j.Attributes, Since: j.WaitingSince,
			State: j.State, Until: j.Until, Fits: taken.fits(st.Enrolment, j.Attributes)})
	}
	out.Members = taken.all - kept
	return nil
}

// waitingJoiner gives somebody on the waiting list by label.
func waitingJoiner(tx *store.Tx, studyKey, label string, states ...store.JoinerState) (store.Joiner, error) {
	rows, err := tx.Joiners(studyKey, states...)
	if err != nil {
		return store.Joiner{}, err
	}
	for _, j := range rows {
		if j.Label == label {
			return j, nil
		}
	}
	return store.Joiner{}, errNoJoiner
}

// LetIn keeps a place for somebody on the waiting list and has it told. The
// place is theirs once they confirm.
func (s *Service) LetIn(ctx context.Context, now time.Time, actor access.Actor, studyKey, label string) error {
	if err := actor.May(access.EnrolmentChange, studyKey); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		st, err := s.enrollingStudy(tx, studyKey)
		if err != nil {
			return err
		}
		if err := tx.LockPlaces(studyKey); err != nil {
			return err
		}
		j, err := waitingJoiner(tx, studyKey, label, store.JoinerWaiting, store.JoinerLapsed)
		if err != nil {
			return err
		}
		taken, err := occupied(tx, st, now, "")
		if err != nil {
			return err
		}
		if !taken.fits(st.Enrolment, j.Attributes) {
			return fault.New(fault.Conflict, "no_place", "There is no place for this person now: the panel or the quota is full.")
		}
		if err := s.offer(tx, now, st, j); err != nil {
			return err
		}
		return s.auditEnrolment(tx, now, actor, studyKey, "waiting list", "one let in")
	})
}

// offer keeps a place for a joiner and writes the message down.
func (s *Service) offer(tx *store.Tx, now time.Time, st *study.Study, j store.Joiner) error {
	j.State, j.Offered, j.Changed = store.JoinerOffered, j.Offered+1, now
	j.Until = st.Enrolment.Hold.After(now, st.TimeZone)
	if err := tx.UpdateJoiner(j); err != nil {
		return err
	}
	return s.writeTo(tx, now, j, mail.WaitingTurn, "waiting_turn."+itoa(j.Offered), j.Until)
}

// RemoveJoiner takes somebody off the waiting list. Tidy removes what is held
// on them, within minutes.
func (s *Service) RemoveJoiner(ctx context.Context, now time.Time, actor access.Actor, studyKey, label string) error {
	if err := actor.May(access.EnrolmentChange, studyKey); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		j, err := waitingJoiner(tx, studyKey, label, store.JoinerWaiting, store.JoinerOffered, store.JoinerLapsed)
		if err != nil {
			return err
		}
		if err := leaveList(tx, j, now); err != nil {
			return err
		}
		return s.auditEnrolment(tx, now, actor, studyKey, "waiting list", "one removed")
	})
}

// leaveList marks a joiner as gone, and ends all messages to them.
func leaveList(tx *store.Tx, j store.Joiner, now time.Time) error {
	if j.State == store.Joined {
		return nil
	}
	j.State, j.Changed = store.JoinerGone, now
	if err := tx.UpdateJoiner(j); err != nil {
		return err
	}
	_, err := tx.StopMessages(j.PID, store.Cancelled, "left", now)
	return err
}

func itoa(n int) string { return fmt.Sprint(n) }
