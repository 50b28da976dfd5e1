package study

import (
	"iter"
	"slices"
	"time"

	"panelverk/internal/expr"
)

// Member is a participant as the plan sees one: no name and no address.
type Member struct {
	PID        string
	Language   string
	Cohort     int       // number of the wave of entry
	Joined     time.Time // zero: before the first wave
	Silent     bool      // wants no messages, left or dead: gets nothing and is asked nothing
	Paused     time.Time // until when nothing is sent, zero for no pause
	Erased     bool      // Attributes and answers are gone
	Attributes map[string]string
	Channels   []Channel // by which the participant can be reached
	Waves      map[int]Progress
	// Answer gives the latest answer to a question before a wave, for
	// Eligible.Where; nil where the plan asks for none.
	Answer func(wave int, question string) string
}

// Progress is how far a participant is in a wave. Times are zero for what has
// not happened.
type Progress struct {
	Invited   time.Time // the invitation was handed over
	Begun     time.Time // the start button was pressed
	Last      time.Time // of the last save
	Submitted time.Time
	Refused   bool                 // the wave, on the page or to staff
	Written   map[string]time.Time // messages that the ledger holds, by key: when they were written down
	Waiting   map[string]time.Time // those of them that have not been handed over: when the plan wanted them
}

// Asked tells whether a participant is asked in a wave.
type Asked int

// What Asked may be. Perhaps is settled by what has not happened yet.
const (
	No Asked = iota
	Perhaps
	Yes
)

// Mailing is a message to one participant.
type Mailing struct {
	PID      string
	Wave     int
	Message  *Message
	At       time.Time // when it is to go out
	Channel  Channel   // "" where the participant can be reached by none of the message's
	Language string
	Asked    Asked     // Perhaps: only if the participant turns out to be asked
	If       Audience  // what must still hold then: a reminder is for who has not answered
	Ends     time.Time // from when on it would be worth nothing, zero for never
	Lapsed   Lapse     // why it will not be sent, "" where nothing stands in the way
}

// Lapse is why a message of the plan is not sent.
type Lapse string

// The reasons.
const (
	AfterClosing  Lapse = "after_closing"  // its time comes when the participant can no longer answer
	NoFreeDay     Lapse = "no_free_day"    // no day in a month is one of its weekdays and no holiday
	NoChannel     Lapse = "no_channel"     // the participant has no address for any of its channels
	BeforeJoining Lapse = "before_joining" // the participant entered later
)

// What a late server does. A message whose hour has passed by more than
// lateHours waits for the same hour of the next day it may go out; staleDays
// after its time it is not sent at all, unless it is an invitation.
const (
	lateHours = 4
	staleDays = 3
	apart     = 20 * time.Hour // between two messages of one wave that ask for an answer
)

// Asks tells whether a participant is asked in a wave, as things stand now.
func (s *Study) Asks(w *Wave, m *Member, now time.Time) Asked {
	if m.Silent || now.Before(m.Paused) {
		return No
	}
	return s.Eligible(w, m, now)
}

// Eligible tells whether a participant belongs to those who are asked in a
// wave, also where nothing is sent to them. An expression is taken to have held
// for somebody who was erased.
func (s *Study) Eligible(w *Wave, m *Member, now time.Time) Asked {
	if m.Cohort > w.Number {
		return No
	}
	rule := s.rules(w).Eligible
	if len(rule.Cohorts) > 0 && !slices.Contains(rule.Cohorts, m.Cohort) {
		return No
	}
	asked := Yes
	if rule.Before && w.Number > 1 {
		before := &s.Waves[w.Number-2]
		switch {
		case m.Cohort == w.Number || !m.Waves[before.Number].Submitted.IsZero():
		case now.Before(s.rules(before).Grace.After(before.Closes, s.zone(m))) && m.Cohort <= before.Number:
			asked = Perhaps
		default:
			return No
		}
	}
	if rule.Where != nil && !m.Erased && !rule.Where.Eval(s.sees(w, m, now)).Bool() {
		return No
	}
	return asked
}

// sees gives what an expression on participants is evaluated against. Its today
// is not after the end of the wave, so that who was asked stays so.
func (s *Study) sees(w *Wave, m *Member, now time.Time) *expr.Env {
	env := &expr.Env{Now: earlier(now, w.Closes).In(s.TimeZone), Get: func(name string) string { return m.Attributes[name] }}
	if m.Answer != nil {
		env.LastSaved = func(question string) string { return m.Answer(w.Number, question) }
	}
	return env
}

// Window gives a participant's own field period in a wave: that of the wave,
// from the moment of joining on, or the relative one within it. ok is false
// where it is not known yet, or there is none.
func (s *Study) Window(w *Wave, m *Member) (opens, closes time.Time, ok bool) {
	opens, closes = w.Opens, w.Closes
	if r := s.rules(w).Relative; r != nil {
		from := m.Joined
		if r.After == LastInterview {
			from = m.lastInterview(w.Number)
		}
		if from.IsZero() {
			return opens, closes, false
		}
		opens = later(opens, r.Offset.After(from, s.zone(m)))
		if end := r.For.After(opens, s.zone(m)); end.Before(closes) {
			closes = end
		}
	}
	opens = later(opens, m.Joined)
	return opens, closes, opens.Before(closes)
}

// Ends gives when a participant can no longer answer: the end of the window,
// the grace that who has begun is given, and the expiry.
func (s *Study) Ends(w *Wave, m *Member) time.Time {
	_, end, _ := s.Window(w, m)
	rules, p, zone := s.rules(w), m.Waves[w.Number], s.zone(m)
	begun := !p.Begun.IsZero()
	if begun {
		end = rules.Grace.After(end, zone)
	}
	e := rules.Expiry
	if e == nil || p.Invited.IsZero() {
		return end
	}
	limit := e.Invited.After(p.Invited, zone)
	if begun {
		limit = earlier(e.Extended.After(limit, zone), e.Idle.After(later(p.Last, p.Begun), zone))
	}
	return earlier(end, limit)
}

// Mailings gives all that the plan has for a participant, in the order of the
// waves and of the plan, what the ledger holds already and what lies ahead
// alike. A thanks or a nudge is there once its cause has happened.
func (s *Study) Mailings(m *Member, now time.Time) iter.Seq[Mailing] {
	return func(yield func(Mailing) bool) {
		if s.Plan == nil {
			return
		}
		for i := range s.Waves {
			w := &s.Waves[i]
			asked := s.Asks(w, m, now)
			if asked == No {
				continue
			}
			for _, message := range s.Plan.Of(w.Key) {
				if mailing, ok := s.mailing(w, m, message); ok {
					mailing.Asked = asked
					if !yield(mailing) {
						return
					}
				}
			}
		}
	}
}

// mailing plans one message; ok is false where it has no time yet, or never will.
func (s *Study) mailing(w *Wave, m *Member, message *Message) (Mailing, bool) {
	p := m.Waves[w.Number]
	out := Mailing{PID: m.PID, Wave: w.Number, Message: message, Language: m.Language, If: message.To}
	opens, closes, known := s.Window(w, m)
	var from time.Time
	switch message.Counts {
	case FromOpening:
		from = opens
	case FromClosing:
		from = closes
	case FromLastActive:
		if p.Submitted.IsZero() {
			from = later(p.Last, p.Begun)
		}
	case FromSubmission:
		from = p.Submitted
	}
	if from.IsZero() || !known {
		return out, false
	}
	zone := s.zone(m)
	free := s.Plan.Holidays.free(m.Attributes)
	planned := message.Offset.After(from, zone)
	at, found := message.slot(planned, zone, free)
	if found && at.Before(planned) && !message.Offset.negative() { // its hour lies before the opening
		at, found = message.slot(Span{Days: 1}.After(planned, zone), zone, free)
	}
	out.At = at
	for _, c := range message.Channels {
		if slices.Contains(m.Channels, c) {
			out.Channel = c
			break
		}
	}
	if message.asks() {
		out.Ends = s.Ends(w, m)
	}
	switch {
	case !found:
		out.Lapsed = NoFreeDay
	case message.asks() && !at.Before(out.Ends):
		out.Lapsed = AfterClosing
	case at.Before(m.Joined):
		out.Lapsed = BeforeJoining
	case out.Channel == "":
		out.Lapsed = NoChannel
	}
	return out, true
}

// negative tells whether the span goes back in time.
func (s Span) negative() bool { return s.Days < 0 || s.Hours < 0 }

// asks tells whether a message wants an answer, and so comes only while one can be given.
func (m *Message) asks() bool {
	switch m.Kind {
	case Invitation, Reminder, Nudge, Prenotice:
		return true
	case Closing:
		return m.Offset.negative()
	}
	return false
}

// Due gives what is to be written into the ledger at a moment: for each
// participant and wave the messages whose time has come, that are not there
// yet and whose audience the participant still is of. It reads the members one
// at a time and keeps none.
//
// A server that was away catches up without a flood: the invitation comes
// before all reminders, of several reminders only the newest is sent, and two
// messages that ask for an answer keep a day between them.
func (s *Study) Due(members iter.Seq2[*Member, error], now time.Time) iter.Seq2[Mailing, error] {
	return func(yield func(Mailing, error) bool) {
		for m, err := range members {
			if err != nil {
				yield(Mailing{}, err)
				return
			}
			for _, mailing := range s.dueTo(m, now) {
				if !yield(mailing, nil) {
					return
				}
			}
		}
	}
}

// dueTo gives what is due to one participant.
func (s *Study) dueTo(m *Member, now time.Time) []Mailing {
	var sure []Mailing
	for mailing := range s.Mailings(m, now) {
		if mailing.Asked == Yes && mailing.Lapsed == "" {
			sure = append(sure, mailing)
		}
	}
	return s.ripest(m, sure, now)
}

// ripest gives those of a participant's messages that are to be written down
// now, of a wave at most one that asks for an answer.
func (s *Study) ripest(m *Member, mailings []Mailing, now time.Time) []Mailing {
	var out []Mailing
	asking := map[int]int{} // place in out of the one message of a wave that asks for an answer
	for _, mailing := range mailings {
		if !s.ripe(m, mailing, now) {
			continue
		}
		i, there := asking[mailing.Wave]
		switch {
		case !mailing.Message.asks():
			out = append(out, mailing)
		case !there:
			asking[mailing.Wave] = len(out)
			out = append(out, mailing)
		case mailing.Message.before(out[i]) || !out[i].Message.before(mailing) && mailing.At.After(out[i].At):
			out[i] = mailing
		}
	}
	return out
}

// before tells whether a message goes out before another one whatever their
// times: an invitation before all that refers to it.
func (m *Message) before(other Mailing) bool {
	return m.Kind == Invitation && other.Message.Kind != Invitation
}

// ripe tells whether a message is to be written down now.
func (s *Study) ripe(m *Member, mailing Mailing, now time.Time) bool {
	w := &s.Waves[mailing.Wave-1]
	p, message := m.Waves[mailing.Wave], mailing.Message
	if _, there := p.Written[message.Key]; there || now.Before(mailing.At) || !p.in(message.To) {
		return false
	}
	if message.asks() {
		if !now.Before(s.Ends(w, m)) || message.Kind == Prenotice && !now.Before(w.Opens) {
			return false
		}
		for key, at := range p.Written {
			of := s.Plan.Message(key)
			if of == nil || !of.asks() {
				continue
			}
			if now.Sub(at) < apart || message.Kind != Invitation && !mailing.At.After(at.Add(-apart)) {
				return false // too soon, or a newer one has overtaken it
			}
		}
	}
	if message.Kind != Invitation && now.Sub(mailing.At) > staleDays*24*time.Hour {
		return false
	}
	return s.hour(m, mailing, now)
}

// Wants tells whether a message that was written down is still to be sent: the
// plan still has it, the participant is asked, of its audience and in time.
func (s *Study) Wants(m *Member, wave int, key string, now time.Time) bool {
	if s.Plan == nil || wave < 1 || wave > len(s.Waves) {
		return false
	}
	w, message := &s.Waves[wave-1], s.Plan.Message(key)
	return message != nil && slices.Contains(s.Plan.Of(w.Key), message) && s.Asks(w, m, now) == Yes &&
		m.Waves[wave].in(message.To) && (!message.asks() || now.Before(s.Ends(w, m)))
}

// hour tells whether a message may go out at this hour: soon after its time,
// or, when it is late, soon after its hour on a day that suits.
func (s *Study) hour(m *Member, mailing Mailing, now time.Time) bool {
	const late = lateHours * time.Hour
	if mailing.Message.At < 0 || now.Sub(mailing.At) < late {
		return true
	}
	at, ok := mailing.Message.slot(now, s.zone(m), s.Plan.Holidays.free(m.Attributes))
	return ok && !now.Before(at) && now.Sub(at) < late
}

// in tells whether a participant is of an audience.
func (p Progress) in(to Audience) bool {
	begun, submitted := !p.Begun.IsZero(), !p.Submitted.IsZero()
	switch {
	case p.Refused:
		return false
	case to == Unanswered:
		return !submitted
	case to == Silent:
		return !begun && !submitted
	case to == Partly:
		return begun && !submitted
	case to == Answered:
		return submitted
	}
	return true
}

// lastInterview gives when the newest interview before a wave was submitted.
func (m *Member) lastInterview(wave int) time.Time {
	var last time.Time
	for number, p := range m.Waves {
		if number < wave {
			last = later(last, p.Submitted)
		}
	}
	return last
}

// rules gives what the plan says of a wave; nothing where there is no plan.
func (s *Study) rules(w *Wave) Rules {
	if s.Plan == nil {
		return Rules{}
	}
	return s.Plan.Waves[w.Key]
}

// zone gives the time zone by whose clocks a participant lives: that of the
// plan for their attribute, else the study's.
func (s *Study) zone(m *Member) *time.Location {
	if s.Plan != nil {
		if zone := s.Plan.Zones.By[m.Attributes[s.Plan.Zones.Attribute]]; zone != nil {
			return zone
		}
	}
	return s.TimeZone
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
