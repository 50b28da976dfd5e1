// Package fault is the one kind of error that leaves an operation.
//
// An Error carries a code for machines, a sentence that is safe to show to
// people, and the place of each offence. What kind of trouble it is (Kind)
// decides the HTTP status and the exit status; that decision is made in one
// place each, in site and in cmd. Any error that is not an *Error is
// unexpected: it is logged with the request's id and never shown.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind says what sort of trouble an error is.
type Kind string

// The closed set of kinds.
const (
	Invalid         Kind = "invalid"         // the input has problems, all of them listed
	NotFound        Kind = "not_found"       // there is no such thing, or none that may be named
	Unauthenticated Kind = "unauthenticated" // who is asking is not known
	Forbidden       Kind = "forbidden"       // who is asking is known and may not
	Conflict        Kind = "conflict"        // the state does not allow it
	Gone            Kind = "gone"            // it was there and is over: a closed wave, a participant who left
	TooMany         Kind = "too_many"        // asked too often
	Full            Kind = "full"            // the disk is full or cannot be written: nothing was saved
	Internal        Kind = "internal"        // our own fault
)

// Severity tells an error, which stops the work, from a warning, which does not.
type Severity string

// The two severities.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Place says where an offence stands. Zero fields are not known or do not apply.
type Place struct {
	File   string `json:"file,omitempty"`
	Sheet  string `json:"sheet,omitempty"`
	Row    int    `json:"row,omitempty"`    // 1-based, as a spreadsheet counts
	Column string `json:"column,omitempty"` // a header's name, or a letter where there is none
	Field  string `json:"field,omitempty"`  // a form's field or a dotted path in a YAML file
	Offset int    `json:"offset,omitempty"` // 1-based position in an expression, in characters
}

// String gives the place as people write it: "survey!relevant, row 12".
func (p Place) String() string {
	var parts []string
	if p.File != "" {
		parts = append(parts, p.File)
	}
	if p.Sheet != "" {
		parts = append(parts, "sheet "+p.Sheet)
	}
	if p.Row > 0 {
		parts = append(parts, fmt.Sprintf("row %d", p.Row))
	}
	if p.Column != "" {
		parts = append(parts, "column "+p.Column)
	}
	if p.Field != "" {
		parts = append(parts, p.Field)
	}
	if p.Offset > 0 {
		parts = append(parts, fmt.Sprintf("character %d", p.Offset))
	}
	return strings.Join(parts, ", ")
}

// Problem is one offence with its place.
type Problem struct {
	Severity Severity `json:"severity"`
	Code     string   `json:"code"` // snake_case, stable; "unsupported" marks what is out of scope
	Place
	Message string         `json:"message"` // what is wrong and what to do, in English, safe to show
	Args    map[string]any `json:"-"`       // values for a translated text of the same code
}

// String gives "place: message".
func (p Problem) String() string {
	if at := p.Place.String(); at != "" {
		return at + ": " + p.Message
	}
	return p.Message
}

// Error is an error that people may see.
type Error struct {
	Kind     Kind
	Code     string         // snake_case, stable; also the key "fault.<code>" of a translated text
	Message  string         // one sentence in English, safe to show
	Args     map[string]any // values for the translated text
	Problems []Problem      // every offence, where there can be several
	cause    error
}

// New makes an error of the given kind.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// With returns a copy that carries a value for the translated text.
func (e *Error) With(name string, value any) *Error {
	c := *e
	c.Args = map[string]any{name: value}
	for k, v := range e.Args {
		if k != name {
			c.Args[k] = v
		}
	}
	return &c
}

// Because returns a copy that wraps cause, for the log alone.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error gives the sentence and each problem on a line of its own.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	for _, p := range e.Problems {
		b.WriteString("\n  ")
		b.WriteString(p.String())
	}
	if e.cause != nil {
		fmt.Fprintf(&b, " (%v)", e.cause)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is tells that errors of one code are the same error.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Of gives err as an *Error: itself where it is one, an Internal one with a
// neutral sentence where it is not, and nil for nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return New(Internal, "internal", "Something went wrong on our side.").Because(err)
}

// Problems collects offences while a file or a form is read.
type Problems []Problem

// Add appends an error and gives it, to take values at once (With); it is not
// to be kept.
func (ps *Problems) Add(at Place, code, format string, args ...any) *Problem {
	return ps.add(Problem{Severity: SeverityError, Code: code, Place: at, Message: fmt.Sprintf(format, args...)})
}

// Warn appends a warning and gives it, as Add does.
func (ps *Problems) Warn(at Place, code, format string, args ...any) *Problem {
	return ps.add(Problem{Severity: SeverityWarning, Code: code, Place: at, Message: fmt.Sprintf(format, args...)})
}

func (ps *Problems) add(p Problem) *Problem {
	*ps = append(*ps, p)
	return &(*ps)[len(*ps)-1]
}

// With sets a value for the translated text of the same code.
func (p *Problem) With(name string, value any) *Problem {
	if p.Args == nil {
		p.Args = map[string]any{}
	}
	p.Args[name] = value
	return p
}

// Errors gives the problems that are not warnings.
func (ps Problems) Errors() Problems {
	var out Problems
	for _, p := range ps {
		if p.Severity != SeverityWarning {
			out = append(out, p)
		}
	}
	return out
}

// Sort orders the problems by file, sheet, row and column.
func (ps Problems) Sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if c := strings.Compare(a.Sheet, b.Sheet); c != 0 {
			return c
		}
		if a.Row != b.Row {
			return a.Row - b.Row
		}
		return strings.Compare(a.Column, b.Column)
	})
}

// Err gives an Invalid error that lists every problem, or nil where none is an error.
func (ps Problems) Err(code, message string) error {
	if len(ps.Errors()) == 0 {
		return nil
	}
	e := New(Invalid, code, message)
	e.Problems = ps
	return e
}
