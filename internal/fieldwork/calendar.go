package fieldwork

import (
	"cmp"
	"context"
	"crypto/subtle"
	"net/url"
	"slices"
	"strconv"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Ahead is what is planned for a study, all or as a Selection chooses.
type Ahead struct {
	Study  *study.Study
	Days   []AheadDay // the days in their order, with what they hold
	Total  int
	People int // who gets any of it
}

// AheadDay is what goes out on a day, on the study's clocks.
type AheadDay struct {
	Day    time.Time
	Total  int
	Groups []AheadGroup
}

// AheadGroup is what goes out of one message on a day at one time, in one
// language and by one way.
type AheadGroup struct {
	AheadKey
	Count int
}

// AheadKey is what all messages of a group have in common.
type AheadKey struct {
	At       time.Time
	Wave     int
	Message  string // its key
	Kind     study.MessageKind
	Language string
	Channel  study.Channel
	If       study.Audience // what must still hold then
	Perhaps  bool           // and only if the participant turns out to be asked
}

// Selection chooses from what is planned. The zero value of a field chooses all.
type Selection struct {
	Wave     int
	Message  string
	Language string
	Channel  study.Channel
	Day      string // as 2017-03-13
}

func (s Selection) takes(m study.Mailing, day string) bool {
	return (s.Wave == 0 || s.Wave == m.Wave) && (s.Message == "" || s.Message == m.Message.Key) &&
		(s.Language == "" || s.Language == m.Language) && (s.Channel == "" || s.Channel == m.Channel) && (s.Day == "" || s.Day == day)
}

// Planned is one message to come to one participant, who is named by label.
type Planned struct {
	Label string
	AheadKey
}

// Calendar gives what goes out to whom in a study from now on, if nobody does
// anything more: what waits in the ledger and what the plan will have written
// there. It counts; memory goes with the plan and not with the panel.
func (s *Service) Calendar(ctx context.Context, now time.Time, actor access.Actor, studyKey string, chosen Selection) (*Ahead, error) {
	var out *Ahead
	days := map[string]map[AheadKey]int{}
	last := ""
	err := s.planned(ctx, now, actor, studyKey, chosen,
		func(st *study.Study) { out = &Ahead{Study: st} },
		func(day string, p Planned) error {
			if days[day] == nil {
				days[day] = map[AheadKey]int{}
			}
			days[day][p.AheadKey]++
			out.Total++
			if p.Label != last {
				last = p.Label
				out.People++
			}
			return nil
		})
	if err != nil {
		return nil, err
	}
	for day, groups := range days {
		at, err := time.ParseInLocation(time.DateOnly, day, out.Study.TimeZone)
		if err != nil {
			return nil, err
		}
		d := AheadDay{Day: at}
		for key, n := range groups {
			d.Groups = append(d.Groups, AheadGroup{key, n})
			d.Total += n
		}
		slices.SortFunc(d.Groups, func(a, b AheadGroup) int {
			return cmp.Or(a.At.Compare(b.At), a.Wave-b.Wave, cmp.Compare(a.Message, b.Message), cmp.Compare(a.Language, b.Language), cmp.Compare(a.Channel, b.Channel))
		})
		out.Days = append(out.Days, d)
	}
	slices.SortFunc(out.Days, func(a, b AheadDay) int { return a.Day.Compare(b.Day) })
	return out, nil
}

// EachPlanned streams what Calendar counts, by participant and then by time,
// with the study.
func (s *Service) EachPlanned(ctx context.Context, now time.Time, actor access.Actor, studyKey string, chosen Selection, do func(*study.Study, Planned) error) error {
	var of *study.Study
	return s.planned(ctx, now, actor, studyKey, chosen, func(st *study.Study) { of = st },
		func(_ string, p Planned) error { return do(of, p) })
}

func (s *Service) planned(ctx context.Context, now time.Time, actor access.Actor, studyKey string, chosen Selection,
	begin func(*study.Study), do func(day string, p Planned) error) error {
	if err := actor.May(access.PlanChange, studyKey); err != nil {
		return err
	}
	return s.store.Read(ctx, func(tx *store.Tx) error {
		st, err := s.study(tx, studyKey)
		if err != nil {
			return err
		}
		begin(st)
		if st.Plan == nil {
			return nil
		}
		return tx.EachStanding(studyKey, func(row store.Standing) error {
			m, err := s.member(tx, st, row)
			if err != nil {
				return err
			}
			for _, mailing := range st.Outgoing(m, now) {
				day := mailing.At.In(st.TimeZone).Format(time.DateOnly)
				if !chosen.takes(mailing, day) {
					continue
				}
				err := do(day, Planned{row.Participant.Label, AheadKey{mailing.At.In(st.TimeZone), mailing.Wave, mailing.Message.Key, mailing.Message.Kind,
					mailing.Language, mailing.Channel, mailing.If, mailing.Asked == study.Perhaps}})
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
}

var errNoCalendar = fault.New(fault.NotFound, "calendar_unknown", "There is no calendar at this address. It may have been given another one.")

// feed gives the address of a study's feed of field periods, "" for none.
func (s *Service) feed(tx *store.Tx, studyKey string) (string, error) {
	n, err := tx.Calendar(studyKey)
	if err != nil || n == 0 {
		return "", err
	}
	return s.baseURL + "/staff/calendar/" + url.PathEscape(studyKey) + "/" + s.calendarToken(studyKey, n) + ".ics", nil
}

func (s *Service) calendarToken(studyKey string, n int) string {
	return s.keys.Lookup("calendar", studyKey+"/"+strconv.Itoa(n))
}

// RenewCalendar gives the feed of a study's field periods a new address that
// cannot be guessed; an earlier one no longer works.
func (s *Service) RenewCalendar(ctx context.Context, now time.Time, actor access.Actor, studyKey string) error {
	if err := actor.May(access.PlanChange, studyKey); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.RenewCalendar(studyKey); err != nil {
			return orElse(err, errNoStudy)
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.PlanChange), Study: studyKey, Object: "calendar", Detail: "new address"})
	})
}

// CalendarFeed gives the study whose feed of field periods has a token. A token
// that is not, or no longer, the study's is NotFound like a study that is not there.
func (s *Service) CalendarFeed(ctx context.Context, studyKey, token string) (*study.Study, error) {
	var out *study.Study
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		n, err := tx.Calendar(studyKey)
		if err != nil {
			return orElse(err, errNoCalendar)
		}
		if n == 0 || subtle.ConstantTimeCompare([]byte(token), []byte(s.calendarToken(studyKey, n))) != 1 {
			return errNoCalendar
		}
		out, err = s.study(tx, studyKey)
		return err
	})
	return out, err
}
