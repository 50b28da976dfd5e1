package panel

// ContactWay is how staff tried to reach a participant.
type ContactWay string

// The ways.
const (
	ByTelephone ContactWay = "telephone"
	InPerson    ContactWay = "meeting"
	ByLetter    ContactWay = "letter"
	ByEmail     ContactWay = "email"
	AnotherWay  ContactWay = "other"
)

// ContactWays lists the ways in the order a form does.
func ContactWays() []ContactWay {
	return []ContactWay{ByTelephone, InPerson, ByLetter, ByEmail, AnotherWay}
}

// ContactOutcome is what a contact came to.
type ContactOutcome string

// The outcomes.
const (
	Reached      ContactOutcome = "reached"
	Promised     ContactOutcome = "promised"
	NoAnswer     ContactOutcome = "no_answer"
	WrongNumber  ContactOutcome = "wrong_number"
	Refuses      ContactOutcome = "refused"
	CannotAnswer ContactOutcome = "unable"
	NoCommon     ContactOutcome = "language"
	NotMeant     ContactOutcome = "ineligible"
)

// ContactOutcomes lists the outcomes in the order a form does.
func ContactOutcomes() []ContactOutcome {
	return []ContactOutcome{Reached, Promised, NoAnswer, WrongNumber, Refuses, CannotAnswer, NoCommon, NotMeant}
}

// Event gives the event that an outcome amounts to where it decides a
// disposition (2.11, 2.32, 2.33, 3.30 and 4.10 of the Standard Definitions), and
// "" where it does not: somebody who promised or did not answer the telephone
// is as far as before.
func (o ContactOutcome) Event() EventKind {
	switch o {
	case WrongNumber:
		return Unreachable
	case Refuses:
		return RefusedByPhone
	case CannotAnswer:
		return Unable
	case NoCommon:
		return Language
	case NotMeant:
		return Ineligible
	}
	return ""
}
