package panel

import "time"

// EventKind is what happened to a participant.
type EventKind string

// The closed set of kinds. Those of one wave carry its number; Left, Erased
// and Died concern all waves from then on and carry 0.
const (
	Invited          EventKind = "invited"          // the invitation was handed over
	Reminded         EventKind = "reminded"         // a reminder was handed over
	Seen             EventKind = "seen"             // a page was posted
	Started          EventKind = "started"          // the start button was pressed
	Submitted        EventKind = "submitted"        // the interview was sent in
	Reopened         EventKind = "reopened"         // staff opened a submitted interview again
	Declined         EventKind = "declined"         // refused this wave on the page
	RefusedByPhone   EventKind = "refused_by_phone" // refused this wave to staff
	Unable           EventKind = "unable"           // ill or otherwise not able to answer
	Language         EventKind = "language"         // no language in common
	Unreachable      EventKind = "unreachable"      // mail bounced, or nobody was found at the number
	Proxy            EventKind = "proxy"            // somebody else answered for the participant
	Ineligible       EventKind = "ineligible"       // does not belong to the population
	ConsentGiven     EventKind = "consent_given"
	ConsentWithdrawn EventKind = "consent_withdrawn"
	Left             EventKind = "left"     // stopped taking part; the answers stay
	Erased           EventKind = "erased"   // stopped taking part; the answers are gone
	Returned         EventKind = "returned" // takes part again after leaving
	Paused           EventKind = "paused"   // wants no messages until a day
	Resumed          EventKind = "resumed"  // ended the pause
	Died             EventKind = "died"
	AddressChanged   EventKind = "address_changed" // the old address is told, and links rest for a day
	RestLifted       EventKind = "rest_lifted"     // staff let the links work at once
	Merged           EventKind = "merged"          // another participant turned out to be the same person
)

var kinds = map[EventKind]bool{
	Invited: true, Reminded: true, Seen: true, Started: true, Submitted: true, Reopened: true, Declined: true,
	RefusedByPhone: true, Unable: true, Language: true, Unreachable: true, Proxy: true, Ineligible: true,
	ConsentGiven: true, ConsentWithdrawn: true, Left: true, Erased: true, Returned: true, Died: true,
	AddressChanged: true, RestLifted: true, Merged: true, Paused: true, Resumed: true,
}

// Valid tells whether k is one of the kinds.
func (k EventKind) Valid() bool { return kinds[k] }

// Recordable gives the kinds that staff may record by hand for a wave or a
// participant, in the order a form lists them.
func Recordable() []EventKind {
	return []EventKind{RefusedByPhone, Unable, Language, Unreachable, Proxy, Ineligible, Died}
}

// Event is one thing that happened.
type Event struct {
	Kind EventKind
	Wave int // 0: not of one wave
	At   time.Time
}
