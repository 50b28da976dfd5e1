package staff

import (
	"net/url"
	"strings"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/site/page"
)

// form is what was typed and what is wrong with it.
type form struct {
	t        *lang.Texts
	values   url.Values
	prefix   string // of the ids, where a page has several forms
	err      error  // what the operation answered, nil for a fresh form
	Faults   []formFault
	Sentence string // of an error that belongs to no field
}

// formFault is one thing to put right, beside its field.
type formFault struct{ Field, Text, ID string }

// secrets are never written back into a page.
var secrets = map[string]bool{"password": true, "old": true}

// fresh gives a form with starting values, names and values in turn.
func (r *request) fresh(pairs ...string) *form {
	f := &form{t: r.t, values: url.Values{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.values.Set(pairs[i], pairs[i+1])
	}
	return f
}

// posted gives the form as it was sent.
func (r *request) posted() *form { return &form{t: r.t, values: r.Request.PostForm} }

// take puts an error into the form where it is one that the person can put
// right there. It tells whether it did.
func (f *form) take(err error) bool {
	e := fault.Of(err)
	if e == nil {
		return false
	}
	switch e.Kind {
	case fault.Invalid, fault.Conflict, fault.TooMany:
	case fault.Unauthenticated:
		if e.Code == "not_logged_in" {
			return false
		}
	default:
		return false
	}
	f.err = err
	for _, p := range fault.Problems(e.Problems).Errors() {
		f.Faults = append(f.Faults, formFault{Field: p.Field, Text: page.ProblemSentence(f.t, p), ID: f.id(p.Field)})
	}
	if len(f.Faults) == 0 {
		f.Sentence = page.Sentence(f.t, err)
	}
	return true
}

// add notes a fault that the page itself has found.
func (f *form) add(field, code string, args map[string]any) {
	p := fault.Problem{Severity: fault.SeverityError, Code: code, Place: fault.Place{Field: field}, Message: code, Args: args}
	e := fault.New(fault.Invalid, "form_problems", "Some fields have to be put right.")
	f.err = e
	f.Faults = append(f.Faults, formFault{Field: field, Text: page.ProblemSentence(f.t, p), ID: f.id(field)})
}

// id gives the id of a field's input.
func (f *form) id(field string) string { return "f-" + f.prefix + idParts.Replace(field) }

// idParts makes ids of the names of fields that stand in lists.
var idParts = strings.NewReplacer(".", "-", "[", "-", "]", "")

// ID gives the id of a field's input, for a template.
func (f *form) ID(field string) string { return f.id(field) }

// Wrong tells whether a fault is in a part of the form.
func (f *form) Wrong(part string) bool { return f.wrongIn(part + ".") }

// Bad tells whether something is wrong.
func (f *form) Bad() bool { return f.err != nil }

// Heading counts the faults.
func (f *form) Heading() string { return f.t.T("staff.form.head", "count", len(f.Faults)) }

// Kept says that nothing typed was lost; passwords are, and that is said too.
func (f *form) Kept() string {
	for name := range secrets {
		if f.values.Has(name) {
			return f.t.T("staff.form.kept_secret")
		}
	}
	return f.t.T("staff.form.kept")
}

// Value gives what was typed into a field. A password is not repeated.
func (f *form) Value(name string) string {
	if secrets[name] {
		return ""
	}
	return f.values.Get(name)
}

// Is tells whether a field holds a value.
func (f *form) Is(name, value string) bool {
	for _, v := range f.values[name] {
		if v == value {
			return true
		}
	}
	return false
}

// Message gives what is wrong with a field, "" for nothing.
func (f *form) Message(name string) string {
	for _, p := range f.Faults {
		if p.Field == name {
			return p.Text
		}
	}
	return ""
}

// field is an input as the template "field" draws it.
type field struct {
	ID, Name, Label, Hint, Value, Message string
	Type, Auto, Class, Mode               string // attributes: type, autocomplete, class, inputmode
	Long                                  bool   // a textarea
	Wrong                                 string // the word before a message, for screen readers
	Options                               []option
}

// option is one choice of a field that is a list.
type option struct {
	Value, Text, More string
	Chosen            bool
}

// Field gives a field with its label and attributes: names and values in turn
// of hint, type, auto, class and mode; kind "long" makes a textarea.
func (f *form) Field(name, label string, pairs ...string) field {
	out := field{ID: f.id(name), Name: name, Label: label, Value: f.Value(name), Message: f.Message(name), Type: "text", Class: "long", Wrong: f.t.T("staff.form.wrong")}
	for i := 0; i+1 < len(pairs); i += 2 {
		switch pairs[i] {
		case "hint":
			out.Hint = pairs[i+1]
		case "type":
			out.Type = pairs[i+1]
		case "auto":
			out.Auto = pairs[i+1]
		case "class":
			out.Class = pairs[i+1]
		case "mode":
			out.Mode = pairs[i+1]
		case "kind":
			out.Long = pairs[i+1] == "long"
		}
	}
	return out
}

// Choose gives a field that is a list of options.
func (f *form) Choose(name, label, hint string, options []option) field {
	out := f.Field(name, label, "hint", hint)
	for _, o := range options {
		o.Chosen = f.Is(name, o.Value)
		out.Options = append(out.Options, o)
	}
	return out
}
