package study

import (
	"slices"
	"time"

	"panelverk/internal/expr"
)

// Plan says what a study sends to whom and when, and who is asked in which
// wave. It is the part "plan" of study.yaml, read by ParsePlan and written by
// Plan.YAML. A study without one sends nothing by itself.
type Plan struct {
	Messages []Message // in the order of the file
	Holidays Holidays  // days on which nothing is sent
	Zones    Zones     // by whose clocks the hours of messages are meant
	Waves    map[string]Rules
}

// Zones says by whose clocks participants live, where not all live by the
// study's: an attribute of theirs tells. Waves open and close for all at once.
type Zones struct {
	Attribute string
	By        map[string]*time.Location // by the attribute's value
}

// MessageKind is what a message is for.
type MessageKind string

// The kinds. A wave has one invitation at most, and six reminders.
const (
	Prenotice  MessageKind = "prenotice"
	Invitation MessageKind = "invitation"
	Reminder   MessageKind = "reminder"
	Nudge      MessageKind = "nudge" // to who has begun and not gone on
	Thanks     MessageKind = "thanks"
	Closing    MessageKind = "closing"
)

var messageKinds = []string{string(Prenotice), string(Invitation), string(Reminder), string(Nudge), string(Thanks), string(Closing)}

// MessageKinds lists the kinds, in the order of a wave.
func MessageKinds() []string { return slices.Clone(messageKinds) }

// IsMessageKind tells whether a plan can have messages of a kind.
func IsMessageKind(kind string) bool { return slices.Contains(messageKinds, kind) }

// mostReminders is how often a wave may remind.
const mostReminders = 6

// Channel is the way a message takes.
type Channel string

// The channels. Paper is a list to print: nothing is handed over by itself.
const (
	Email Channel = "email"
	SMS   Channel = "sms"
	Paper Channel = "paper"
)

var channels = []string{string(Email), string(SMS), string(Paper)}

// Anchor is what a message's time counts from.
type Anchor string

// The anchors. Opens and Closes are the participant's own field period, so
// that who joins late is reminded as long after the invitation as all others.
const (
	FromOpening    Anchor = "opens"
	FromClosing    Anchor = "closes"
	FromLastActive Anchor = "last_active"
	FromSubmission Anchor = "submitted"
)

var anchors = []string{string(FromOpening), string(FromClosing), string(FromLastActive), string(FromSubmission)}

// Audience is who gets a message, of those who are asked in the wave.
type Audience string

// The audiences. Who refused the wave, left, paused or died gets nothing.
const (
	Everybody  Audience = "all"
	Unanswered Audience = "unanswered" // has not submitted
	Silent     Audience = "silent"     // has not begun
	Partly     Audience = "begun"      // has begun and not submitted
	Answered   Audience = "answered"   // has submitted
)

var audiences = []string{string(Everybody), string(Unanswered), string(Silent), string(Partly), string(Answered)}

// Message is one line of the plan: it is sent at most once to each participant
// in each wave.
type Message struct {
	Key      string // unique in the plan: "reminder1"
	Kind     MessageKind
	Template string // the name of the text in the folder mail
	Counts   Anchor
	Offset   Span           // after the anchor; before it where negative
	At       int            // minutes after midnight, -1: at the hour of the anchor
	Weekdays []time.Weekday // on which it may go out; empty: on every day
	To       Audience
	Channels []Channel // the first by which a participant can be reached is taken
}

// Span is a time as people plan it: whole days on the calendar, and hours.
type Span struct{ Days, Hours int }

// Rules are what the plan says of one wave.
type Rules struct {
	Messages []string  // keys of the plan's messages; nil: all of them
	Eligible Eligible  // who is asked
	Grace    Span      // who has begun may still submit so long after the end
	Relative *Relative // nil: the field period is the same for all
	Expiry   *Expiry   // nil: the field period alone decides
}

// Eligible says who is asked in a wave. All that is set must hold.
type Eligible struct {
	Cohorts []int      // numbers of waves of entry; empty: all
	Before  bool       // only who submitted the wave before
	Where   *expr.Expr // on attributes, ${country}, and latest earlier answers, ${last-saved#noise}
	Text    string     // Where as it was written
}

// Relative is a field period that begins at a time of the participant's own.
// The wave's opening and closing still bound it.
type Relative struct {
	After  Anchor // Enrolment or LastInterview
	Offset Span
	For    Span
}

// What a relative field period counts from.
const (
	Enrolment     Anchor = "enrolment"
	LastInterview Anchor = "last_interview"
)

// Expiry ends a participant's field period early, in the field's good form:
// before the interview is begun, Invited after the invitation; from then on
// the earlier of Invited + Extended after the invitation and Idle after the
// participant was last active.
type Expiry struct{ Invited, Extended, Idle Span }

// Message gives the message of a key, nil where there is none.
func (p *Plan) Message(key string) *Message {
	for i := range p.Messages {
		if p.Messages[i].Key == key {
			return &p.Messages[i]
		}
	}
	return nil
}

// Of gives the messages of a wave, in the order of the plan.
func (p *Plan) Of(wave string) []*Message {
	rules := p.Waves[wave]
	var out []*Message
	for i := range p.Messages {
		if m := &p.Messages[i]; rules.Messages == nil || slices.Contains(rules.Messages, m.Key) {
			out = append(out, m)
		}
	}
	return out
}

// Templates gives the names of the texts that the plan needs, each once.
func (p *Plan) Templates() []string {
	var out []string
	for _, m := range p.Messages {
		if !slices.Contains(out, m.Template) {
			out = append(out, m.Template)
		}
	}
	return out
}

// Recalls tells whether who is asked in some wave hangs on earlier answers.
func (p *Plan) Recalls() bool {
	if p == nil {
		return false
	}
	for _, rules := range p.Waves {
		if w := rules.Eligible.Where; w != nil && len(w.LastSaved()) > 0 {
			return true
		}
	}
	return false
}

// Ruled tells whether the plan says who is asked in a wave, or gives
// participants a field period of their own in it, a grace at its end aside.
func (s *Study) Ruled(w *Wave) bool {
	r := s.rules(w)
	e := r.Eligible
	return e.selects() || r.Relative != nil || r.Expiry != nil
}

// Graced tells whether who has begun may still submit after the end of a wave.
func (s *Study) Graced(w *Wave) bool { return !s.rules(w).Grace.Zero() }

// NewMessage gives a message of a kind as is usual for it.
func NewMessage(key string, kind MessageKind) Message {
	return Message{Key: key, Kind: kind, Template: string(kind), Counts: usual[kind].from, To: usual[kind].to, At: 10 * 60, Channels: []Channel{Email}}
}

// Weekday gives the name of a day as plans have it: "mon".
func Weekday(d time.Weekday) string { return weekdays[d] }

// Anchors lists what a message can count from.
func Anchors() []string { return slices.Clone(anchors) }

// Audiences lists who a message can be for.
func Audiences() []string { return slices.Clone(audiences) }

// Channels lists the ways that a message can take.
func Channels() []string { return slices.Clone(channels) }
