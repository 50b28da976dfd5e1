package dataset

import (
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// Kind is what the cells of a variable hold.
type Kind uint8

// The kinds.
const (
	Number   Kind = iota + 1
	Text          // any text
	Date          // a calendar day
	DateTime      // a day and a time on the wall clock
)

// String gives the kind's name.
func (k Kind) String() string {
	return [...]string{"", "number", "text", "date", "datetime"}[k]
}

// Role says what part of a question a variable holds.
type Role uint8

// The roles.
const (
	Whole        Role = iota // the answer
	Indicator                // 1 where an option of select_multiple was chosen, 0 where not
	List                     // all options that were chosen, as codes parted by spaces
	Position                 // the place that an option was ranked at
	Companion                // why the variable it follows has no value; 0 where it has one
	Offered                  // the earlier answer that was shown with the question
	OfferedWave              // the number of the wave that it is of
	OfferOutcome             // whether it was confirmed
	Instance                 // the number of an instance: with those before it, the key of a row of a Table
	Derived                  // a scale of the study, worked out of several questions
	Weight                   // what a row counts for
)

// Variable is one variable of the dataset.
type Variable struct {
	Name     string // in long files; wide files add the wave: Name_w1
	Kind     Kind
	Role     Role
	Varying  bool // it has a value a wave
	Integer  bool // a Number without decimals
	Negative bool // it can be negative: its missing codes are −9912 … −9901
	Label    lang.Text
	Question string             // the question, attribute or, for "", what describes the interview
	Type     questionnaire.Type // of the question
	Option   string             // of Indicator and Position: the choice
	Values   []Value            // the value labels, by code; without missing codes
	Status   *Variable          // the Companion of a variable whose cells cannot hold a code
	Of       *Variable          // what a Companion is the companion of, and what an Indicator or Position is a part of
	Sources  []Source           // the versions that have it, in order
	Scale    *study.Scale       // of Derived
	// Precision is how much of a Date was asked for: a month is given as its
	// first day, a year as its first of January.
	Precision questionnaire.Precision
}

// Value is a value label.
type Value struct {
	Code  int
	Name  string // of the choice
	Label lang.Text
}

// Source is the question as one version asks it.
type Source struct {
	Ref      Ref
	Item     *questionnaire.Item
	Universe string // the conditions under which it is asked, "" for always
}

// Column is one column of a file.
type Column struct {
	Name     string
	Variable *Variable
	Wave     int // of a wide column; 0 for a constant, and in long files
}

// Cell is one value, or why there is none.
type Cell struct {
	Kind    Kind    // 0 where Missing says why
	Missing Missing // 0 where there is a value
	// Number holds a number; of a Date the days, of a DateTime the
	// milliseconds since 1970-01-01 on the calendar.
	Number float64
	// Text holds a text; of a Date or DateTime how it was answered.
	Text string
}

func number(n float64) Cell { return Cell{Kind: Number, Number: n} }
func text(s string) Cell    { return Cell{Kind: Text, Text: s} }
func gap(m Missing) Cell    { return Cell{Missing: m} }

// Code gives the number that stands for the cell in a file, where the cell is
// a number or misses one; ok is false for a text or date.
func (c Cell) Code(v *Variable) (n float64, ok bool) {
	switch {
	case c.Missing != 0:
		return float64(c.Missing.Code(v.Negative)), v.Kind == Number
	case c.Kind == Number:
		return c.Number, true
	}
	return 0, false
}
