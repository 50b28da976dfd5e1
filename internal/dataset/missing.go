package dataset

import (
	"strconv"
	"sync"

	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// Missing says why a cell has no value. The zero value says that it has one.
type Missing int8

// The missing codes, after Understanding Society.
const (
	DontKnow      Missing = -1
	Refused       Missing = -2
	Blank         Missing = -3
	NotReached    Missing = -4
	NotInVersion  Missing = -5
	NoInterview   Missing = -6
	NotAsked      Missing = -7
	NotApplicable Missing = -8
	NotRecorded   Missing = -9
	Suppressed    Missing = -10
	Withdrawn     Missing = -11
	NotMember     Missing = -12
)

// shift moves the codes out of the way of a variable that can be negative:
// −3 is −9903.
const shift = -9900

// Missings gives all codes, from −1 to −12.
func Missings() []Missing {
	all := make([]Missing, 0, 12)
	for m := DontKnow; m >= NotMember; m-- {
		all = append(all, m)
	}
	return all
}

// Code gives the number that stands in a file; negative tells whether the
// variable can itself be negative.
func (m Missing) Code(negative bool) int {
	if negative {
		return int(m) + shift
	}
	return int(m)
}

// MissingOf reads a number of a file back; ok is false where it is a value.
func MissingOf(code float64, negative bool) (m Missing, ok bool) {
	if negative {
		code -= shift
	}
	if code < float64(NotMember) || code > float64(DontKnow) || code != float64(int(code)) {
		return 0, false
	}
	return Missing(code), true
}

// Reserved tells whether a value, as it was answered, would be read in files as
// a missing code: −9 where the variable is never negative, −9909 where it can
// be. SPSS takes the whole range as missing, decimals too.
func (v *Variable) Reserved(value string) bool {
	if v.Kind != Number || v.Role != Whole || v.Type == questionnaire.SelectOne {
		return false
	}
	n, err := strconv.ParseFloat(value, 64)
	return err == nil && n >= float64(NotMember.Code(v.Negative)) && n <= float64(DontKnow.Code(v.Negative))
}

// Stata gives the extended missing value: ".d".
func (m Missing) Stata() string { return missings[m].stata }

// Label says what the code means.
func (m Missing) Label() lang.Text { return missingLabels()[m] }

var missings = map[Missing]struct{ stata, key string }{
	DontKnow:      {".d", "dont_know"},
	Refused:       {".r", "refused"},
	Blank:         {".n", "blank"},
	NotReached:    {".b", "not_reached"},
	NotInVersion:  {".v", "not_in_version"},
	NoInterview:   {".w", "no_interview"},
	NotAsked:      {".p", "not_asked"},
	NotApplicable: {".i", "not_applicable"},
	NotRecorded:   {".e", "not_recorded"},
	Suppressed:    {".s", "suppressed"},
	Withdrawn:     {".x", "withdrawn"},
	NotMember:     {".m", "not_member"},
}

var missingLabels = sync.OnceValue(func() map[Missing]lang.Text {
	out := map[Missing]lang.Text{}
	for m, words := range missings {
		out[m] = lang.All("data.missing." + words.key)
	}
	return out
})
