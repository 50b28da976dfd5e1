package mail

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/lang"
)

// Kind says what a message is for. It is also the name of its template's file.
type Kind string

// The kinds of messages. Reminders that differ are reminder1 to reminder6; one
// without a text of its own takes that of Reminder.
const (
	PreNotice      Kind = "prenotice"       // a wave will open soon
	Invitation     Kind = "invitation"      // a wave is open
	Reminder       Kind = "reminder"        // to those who have not answered
	Nudge          Kind = "nudge"           // to those who have begun
	Thanks         Kind = "thanks"          // to those who have answered
	Closing        Kind = "closing"         // the wave, or the panel, is over
	Confirm        Kind = "confirm"         // is this address yours (double opt-in)
	Code           Kind = "code"            // a code that proves who somebody is
	AddressChanged Kind = "address_changed" // to the old address
	Waiting        Kind = "waiting"         // on the waiting list
	WaitingTurn    Kind = "waiting_turn"    // a place is free
	AlreadyMember  Kind = "already_member"  // somebody enrolled with an address that is in the panel
	Link           Kind = "link"            // somebody asked for their link again
	Test           Kind = "test"            // staff try out the settings
)

// Reminders is how many reminders can have a text of their own.
const Reminders = 6

// ReminderNumber gives the kind of the n-th reminder, from 1.
func ReminderNumber(n int) Kind { return Reminder + Kind(strconv.Itoa(n)) }

// Base gives the kind without a reminder's number.
func (k Kind) Base() Kind {
	n, numbered := strings.CutPrefix(string(k), string(Reminder))
	if i, err := strconv.Atoi(n); numbered && err == nil && i >= 1 && i <= Reminders && len(n) == 1 {
		return Reminder
	}
	return k
}

// rule says which fields a kind of message may have, and which it must.
type rule struct {
	may, must []string
	leave     bool // one can leave the study by it
}

// everywhere lists the fields of every kind.
var everywhere = []string{"name", "study", "sender", "contact"}

var wave = []string{"link", "code", "opens", "closes", "minutes", "leave"}

var rules = map[Kind]rule{
	PreNotice:      {may: []string{"opens", "closes", "minutes", "leave"}, leave: true},
	Invitation:     {may: wave, must: []string{"link"}, leave: true},
	Reminder:       {may: wave, must: []string{"link"}, leave: true},
	Nudge:          {may: wave, must: []string{"link"}, leave: true},
	Thanks:         {may: []string{"link", "closes", "leave"}},
	Closing:        {may: []string{"leave"}},
	Confirm:        {may: []string{"link", "minutes", "until"}, must: []string{"link"}},
	Code:           {may: []string{"code", "until"}, must: []string{"code"}},
	AddressChanged: {may: []string{"until"}, must: []string{"contact"}}, // no link and no code: the address may be another person's by now
	Waiting:        {may: []string{"leave"}},
	WaitingTurn:    {may: []string{"link", "minutes", "until", "leave"}, must: []string{"link"}},
	AlreadyMember:  {may: []string{"link", "leave"}},
	Link:           {may: []string{"link"}, must: []string{"link"}},
	Test:           {},
}

// Kinds lists all kinds, the numbered reminders among them, sorted.
func Kinds() []Kind {
	out := make([]Kind, 0, len(rules)+Reminders)
	for k := range rules {
		out = append(out, k)
	}
	for n := 1; n <= Reminders; n++ {
		out = append(out, ReminderNumber(n))
	}
	slices.Sort(out)
	return out
}

// allowed gives the names of the fields that a kind may have.
func (r rule) allowed() []string { return slices.Concat(everywhere, r.may) }

// fieldNames lists every field of any kind.
var fieldNames = []string{"name", "study", "sender", "contact", "link", "code", "opens", "closes", "until", "minutes", "leave"}

// addressFields are those whose value is an address of a page.
var addressFields = []string{"link", "leave"}

// Fields holds the values for a message. Only Name may be empty where the
// template has it: the space before it goes as well ("Hej {name}!", "Hej!").
type Fields struct {
	Name    string
	Study   string // the public, neutral title
	Sender  string // who signs: a role
	Contact string // how to reach somebody
	Link    string // absolute
	Code    string
	Opens   time.Time // in the study's time zone, as the other times
	Closes  time.Time
	Until   time.Time // how long the link or the code of this message holds
	Minutes int       // how long an interview takes
	Leave   string    // absolute
}

// value gives a field as it stands in a message, "" where there is none.
func (f Fields) value(name, tag string) string {
	switch name {
	case "name":
		return oneLine(f.Name)
	case "study":
		return oneLine(f.Study)
	case "sender":
		return oneLine(f.Sender)
	case "contact":
		return oneLine(f.Contact)
	case "link":
		return oneLine(f.Link)
	case "leave":
		return oneLine(f.Leave)
	case "code":
		return oneLine(f.Code)
	case "opens":
		return inWords(f.Opens, tag, false)
	case "closes":
		return inWords(f.Closes, tag, true)
	case "until":
		return inWords(f.Until, tag, true)
	case "minutes":
		if f.Minutes > 0 {
			return strconv.Itoa(f.Minutes)
		}
	}
	return ""
}

// inWords writes a moment: "söndag 2 april kl. 18.00". The last minute of a
// day is the day, and so is its first where the day counts from then.
func inWords(at time.Time, tag string, ends bool) string {
	if at.IsZero() {
		return ""
	}
	words, ok := lang.Calendar(tag)
	switch {
	case !ok && ends:
		return at.Format("2006-01-02 15:04")
	case !ok:
		return at.Format("2006-01-02")
	case !ends || at.Hour() == 23 && at.Minute() == 59:
		return words.Date(at)
	}
	return words.Date(at) + " " + words.Clock(at)
}
