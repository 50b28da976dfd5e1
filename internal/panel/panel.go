// Package panel holds what a panel's fieldwork means in the field's own terms:
// events, the dispositions that follow from them, outcome rates and panel
// rates. It is pure: it reads no clock and no database.
//
// Whom a study's plan does not ask in a wave was not fielded in it: no
// disposition, no place in the wave's rates, in the retention of that wave or in
// a response rate, and a mark of its own in the pattern of participation. That
// is decided by study.Study.Fielded alone.
//
// Dispositions follow the codes of "Standard Definitions: Final Dispositions
// of Case Codes and Outcome Rates for Surveys" (American Association for Public
// Opinion Research) for web surveys of specifically named persons.
package panel

// Frame says where the people of a study come from. It decides what silence
// means, and whether a response rate exists at all.
type Frame string

// The frames.
const (
	// NamedList is a list of named persons that was drawn or handed over:
	// nobody knows yet whether those who stay silent belong to the population.
	NamedList Frame = "named_list"
	// EnrolledMembers have joined a panel, and their eligibility was settled
	// when they did.
	EnrolledMembers Frame = "members"
	// OpenLink lets people join by themselves. Nobody knows how many saw the
	// link: the wave at which they enter has no response rate. From the wave
	// after it they are enrolled members.
	OpenLink Frame = "open_link"
)

// Valid tells whether f is one of the frames.
func (f Frame) Valid() bool {
	return f == NamedList || f == EnrolledMembers || f == OpenLink
}

// In gives the frame that holds for a wave of those who entered at cohort:
// after the first wave of theirs, everybody is an enrolled member.
func (f Frame) In(wave, cohort int) Frame {
	if wave > cohort {
		return EnrolledMembers
	}
	return f
}
