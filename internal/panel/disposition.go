package panel

import "time"

// Disposition is the outcome of one invitation.
type Disposition struct {
	Code  string // "1.1"; "" where the person was not part of the wave
	Name  string // in English
	Group Group
}

// Group is what a disposition counts as in a rate.
type Group string

// The groups, named as in the Standard Definitions.
const (
	NotFielded         Group = ""
	Complete           Group = "I"
	Partial            Group = "P"
	Refusal            Group = "R" // refusals and break-offs
	NonContact         Group = "NC"
	OtherNonInterview  Group = "O"
	UnknownEligibility Group = "UH" // 3.1x: nothing is known of the case
	UnknownOther       Group = "UO" // 3.2x–3.9x
	NotEligible        Group = "NE"
)

// The dispositions that Derive gives.
var (
	None           = Disposition{}
	IsComplete     = Disposition{"1.1", "Complete", Complete}
	IsPartial      = Disposition{"1.2", "Partial", Partial}
	Refused        = Disposition{"2.11", "Refusal", Refusal}
	BreakOff       = Disposition{"2.12", "Break-off", Refusal}
	NoContact      = Disposition{"2.20", "Non-contact", NonContact}
	Dead           = Disposition{"2.31", "Dead", OtherNonInterview}
	UnableToAnswer = Disposition{"2.32", "Physically or mentally unable", OtherNonInterview}
	NoLanguage     = Disposition{"2.33", "Language", OtherNonInterview}
	NotInvited     = Disposition{"3.11", "No invitation sent", UnknownEligibility}
	NothingBack    = Disposition{"3.19", "Nothing ever returned", UnknownEligibility}
	Undelivered    = Disposition{"3.30", "Invitation returned undelivered", UnknownOther}
	OutOfSample    = Disposition{"4.10", "Not eligible", NotEligible}
)

// Dispositions lists all that Derive gives, in the order of their codes.
func Dispositions() []Disposition {
	return []Disposition{IsComplete, IsPartial, Refused, BreakOff, NoContact, Dead, UnableToAnswer, NoLanguage,
		NotInvited, NothingBack, Undelivered, OutOfSample}
}

// Number gives the code as a number for data files: 1.1 is 110, 2.11 is 211; 0
// for None.
func (d Disposition) Number() int {
	n, digits := 0, 0
	for _, r := range d.Code {
		if r != '.' {
			n = n*10 + int(r-'0')
			digits++
		}
	}
	for ; digits > 0 && digits < 3; digits++ {
		n *= 10
	}
	return n
}

// Facts is what is known of one participant and wave besides the events.
type Facts struct {
	Wave      int
	Cohort    int  // the wave the participant entered at
	Invited   bool // there is an invitation that was handed over
	Unasked   bool // the plan of the study did not ask this participant in the wave
	Started   bool // the start button was pressed, or answers exist
	Submitted bool // the interview is submitted, and not reopened since
	// Answered is the share of the questions that applied to this person that
	// have an answer, "don't know" and "prefer not to say" included: 0 to 1.
	Answered float64
	// Until is when the wave closes. What happened from then on does not
	// change its outcome. Zero: no end.
	Until time.Time
}

// Derive gives the disposition of one participant in one wave. Events of other
// waves may be among those given and are passed over; their order does not matter.
//
//   - Complete is what was submitted. Partial is an interview that was not
//     submitted with at least the share threshold of the applicable questions
//     answered (0.5 unless the study says otherwise, fixed before fielding);
//     an explicit refusal, death or withdrawal after that does not undo it.
//     Answers given by proxy count as answers.
//   - Below the threshold the reason that was recorded counts: death, unable,
//     language, refusal (declining a wave, leaving the study and asking for
//     erasure are refusals). Without one, what was begun is a break-off.
//   - People who stay silent: on a named list nothing is known of them (3.19),
//     or their mail came back (3.30): their eligibility is unknown, and they
//     count in full in RR1 and by the estimate e in RR3. Enrolled members, and
//     everybody who joined by an open link, were found eligible when they
//     joined: silence and returned mail are non-contact (2.20) and count in
//     full everywhere.
//   - Mail that came back counts as undelivered unless something was handed over
//     after it: an invitation that another way took reached the person.
//   - People whom the study's plan did not ask in the wave are not part of it
//     (None), unless they answered all the same.
//   - Without an invitation: people who had left or died before are not part
//     of the wave (None); for the others no invitation was sent (3.11).
//
// Before the wave closes the disposition is provisional by nature: the same
// rules tell how things stand now.
func Derive(events []Event, f Facts, threshold float64, frame Frame) Disposition {
	var died, unable, language, refused, stopped, unreachable, ineligible bool
	var stop, back, bounced, handed time.Time
	for _, e := range events {
		if e.Wave != 0 && e.Wave != f.Wave || !f.Until.IsZero() && !e.At.Before(f.Until) {
			continue
		}
		switch e.Kind {
		case Died:
			died = true
		case Unable:
			unable = true
		case Language:
			language = true
		case Declined, RefusedByPhone:
			refused = true
		case Left, Erased, ConsentWithdrawn:
			stopped, stop = true, later(stop, e.At)
		case Returned:
			back = later(back, e.At)
		case Unreachable:
			unreachable, bounced = true, later(bounced, e.At)
		case Invited, Reminded:
			handed = later(handed, e.At)
		case Ineligible:
			ineligible = true
		}
	}
	stopped = stopped && !back.After(stop)
	begun := f.Started || f.Submitted || f.Answered > 0
	switch {
	case f.Unasked && !begun:
		return None
	case ineligible:
		return OutOfSample
	case f.Submitted:
		return IsComplete
	case begun && f.Answered > 0 && f.Answered >= threshold:
		return IsPartial
	case !f.Invited && !begun && (died || stopped):
		return None
	case died:
		return Dead
	case unable:
		return UnableToAnswer
	case language:
		return NoLanguage
	case refused || stopped:
		return Refused
	case begun:
		return BreakOff
	case !f.Invited:
		return NotInvited
	}
	if frame.In(f.Wave, f.Cohort) != NamedList {
		return NoContact
	}
	if unreachable && !handed.After(bounced) {
		return Undelivered
	}
	return NothingBack
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
