package fieldwork

import (
	"context"
	"fmt"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/keyfile"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// mostCodes is how many codes can be made at a time.
const mostCodes = 200

var errCodeUsed = fault.New(fault.Gone, "joincode_used", "The code was used already, or no longer works.")

// ByJoinCode gives the token for a code that holds a place. Attempts are
// counted together with those at the codes of letters.
func (s *Service) ByJoinCode(ctx context.Context, now time.Time, typed string) (token string, err error) {
	if !s.codes.AllowN(now, 1) {
		return "", errTooMany
	}
	code, ok := secret.NormalizeCode(typed)
	if !ok {
		return "", errCode
	}
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		c, err := tx.JoinCodeBy(s.keys.Lookup("joincode", code))
		if err != nil {
			return orElse(err, errCode)
		}
		token = s.codeToken(c)
		return nil
	})
	return token, err
}

func (s *Service) codeToken(c store.JoinCode) string { return s.keys.Link("joincode/"+c.ID, 1) }

func (s *Service) codeText(c store.JoinCode) string { return s.keys.Code("joincode/"+c.ID, 1) }

// CodePage gives the page on which somebody with a code enrols. No address is
// asked for, so it works where nothing can be sent.
func (s *Service) CodePage(ctx context.Context, now time.Time, token string) (*EnrolmentPage, error) {
	var out *EnrolmentPage
	err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		out, _, err = s.codePage(tx, now, token)
		return err
	})
	return out, err
}

func (s *Service) codePage(tx *store.Tx, now time.Time, token string) (*EnrolmentPage, store.JoinCode, error) {
	c, err := tx.JoinCodeByLink(s.keys.Lookup("joincode-link", token))
	if err != nil {
		return nil, c, orElse(err, errCode)
	}
	if !c.Used.IsZero() || !now.Before(c.Until) {
		return nil, c, errCodeUsed
	}
	st, err := s.study(tx, c.Study)
	if err != nil {
		return nil, c, err
	}
	if st.Enrolment == nil || cohortAt(st, now) == 0 {
		return nil, c, errCodeUsed
	}
	return &EnrolmentPage{Study: st, Key: token, Gate: EnrolOpen, Stamp: s.keys.Stamp("enrol/"+token, now)}, c, nil
}

// EnrolByCode makes a participant of somebody who brought a code, there and
// then. The code holds a place in the panel; where it has none in its quota any
// more, that is answered, and the code can still be used. It gives the way on:
// there is no address to send it to.
func (s *Service) EnrolByCode(ctx context.Context, now time.Time, token string, in Asking) (*Confirmation, error) {
	page, err := s.CodePage(ctx, now, token)
	if err != nil {
		return nil, err
	}
	st := page.Study
	var ps fault.Problems
	checkPerson(st, &in, &ps)
	ps.Sort()
	if err := ps.Err("enrolment_wrong", "Something is missing."); err != nil {
		return nil, err
	}
	p := store.Participant{PID: secret.NewID(), Study: st.Key, Label: secret.NewID()[:4], Language: in.Language, Attributes: in.Attributes, Status: store.Active,
		ConsentVersion: st.Consent.Version, ConsentLanguage: in.Language, ConsentAt: now, CreatedAt: now}
	if err := s.identities.Put(ctx, now, keyfile.Identity{PID: p.PID, Study: st.Key, Name: in.Name}); err != nil {
		return nil, err
	}
	var out *Confirmation
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		_, code, err := s.codePage(tx, now, token)
		if err != nil {
			return err
		}
		if err := tx.LockPlaces(st.Key); err != nil {
			return err
		}
		taken, err := occupied(tx, st, now, code.ID)
		if err != nil {
			return err
		}
		if !taken.fits(st.Enrolment, in.Attributes) {
			return errShut
		}
		if done, err := tx.UseJoinCode(code.ID, now); err != nil || !done {
			return orBroken(errCodeUsed, err)
		}
		p.Cohort = cohortAt(st, now)
		if err := s.addMember(tx, st, p); err != nil {
			return err
		}
		out = &Confirmation{Study: st, Language: in.Language, State: ConfirmJoined}
		return s.entrance(tx, now, st, p, out, true)
	})
	if err != nil {
		return nil, orBroken(err, s.identities.Delete(context.WithoutCancel(ctx), p.PID))
	}
	return out, nil
}

// orBroken gives the second error where there is one, the first otherwise: what
// is expected must not hide what is broken.
func orBroken(expected, broken error) error {
	if broken != nil {
		return broken
	}
	return expected
}

// JoinCodeSlip is a code as it is printed.
type JoinCodeSlip struct {
	Code  string
	URL   string
	Until time.Time
}

// MakeJoinCodes makes so many codes that hold a place each until the enrolment
// closes. There are never more than there are places.
func (s *Service) MakeJoinCodes(ctx context.Context, now time.Time, actor access.Actor, studyKey string, n int) error {
	if err := actor.May(access.EnrolmentChange, studyKey); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		st, err := s.enrollingStudy(tx, studyKey)
		if err != nil {
			return err
		}
		if _, err := s.ensureEnrolment(tx, studyKey); err != nil {
			return err
		}
		if err := tx.LockPlaces(studyKey); err != nil {
			return err
		}
		var ps fault.Problems
		at := fault.Place{Field: "codes"}
		taken, err := occupied(tx, st, now, "")
		if err != nil {
			return err
		}
		switch room := st.Enrolment.Cap - taken.all; {
		case n < 1 || n > mostCodes:
			ps.Add(at, "joincodes_number", "Write a number from 1 to %d.", mostCodes).With("most", mostCodes)
		case st.Enrolment.State(now) == study.Closed:
			ps.Add(at, "joincodes_closed", "The enrolment has closed.")
		case st.Enrolment.Cap > 0 && n > room:
			ps.Add(at, "joincodes_room", "There are %d places left.", max(0, room)).With("count", max(0, room))
		}
		if err := ps.Err("joincodes_refused", "No codes were made."); err != nil {
			return err
		}
		for range n {
			c := store.JoinCode{ID: secret.NewID(), Study: studyKey, Created: now, Until: st.Enrolment.Closes}
			c.CodeLookup, c.LinkLookup = s.keys.Lookup("joincode", s.codeText(c)), s.keys.Lookup("joincode-link", s.codeToken(c))
			if err := tx.AddJoinCode(c); err != nil {
				return err
			}
		}
		return s.auditEnrolment(tx, now, actor, studyKey, "codes", fmt.Sprintf("%d made", n))
	})
}

// JoinCodes gives the codes that can still be used. It is audited.
func (s *Service) JoinCodes(ctx context.Context, now time.Time, actor access.Actor, studyKey string) ([]JoinCodeSlip, error) {
	if err := actor.May(access.EnrolmentChange, studyKey); err != nil {
		return nil, err
	}
	var out []JoinCodeSlip
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		out = nil
		codes, err := tx.JoinCodes(studyKey)
		if err != nil {
			return err
		}
		for _, c := range codes {
			if c.Used.IsZero() && now.Before(c.Until) {
				out = append(out, JoinCodeSlip{Code: s.codeText(c), URL: s.baseURL + "/join/code/" + s.codeToken(c), Until: c.Until})
			}
		}
		return s.auditEnrolment(tx, now, actor, studyKey, "codes", fmt.Sprintf("%d shown", len(out)))
	})
	return out, err
}

// EndJoinCodes gives the places back that are held by codes nobody used.
func (s *Service) EndJoinCodes(ctx context.Context, now time.Time, actor access.Actor, studyKey string) error {
	if err := actor.May(access.EnrolmentChange, studyKey); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.EndJoinCodes(studyKey, now)
		if err != nil {
			return err
		}
		return s.auditEnrolment(tx, now, actor, studyKey, "codes", fmt.Sprintf("%d ended", n))
	})
}
