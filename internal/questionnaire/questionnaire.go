// Package questionnaire reads XLSForm questionnaires, from Excel workbooks and
// from Markdown tables, and compiles them.
//
//	book, problems := questionnaire.Read("core.v1.md", data)   // sheets of texts
//	q, more := questionnaire.Compile(book)                     // nil with any error
//
// A Book is what a person wrote. Its normalised form (Book.Normalised) has one
// spelling for everything, is what the hash names, and is what is stored: q can
// be compiled again from Book.Markdown at any time and has the same hash.
//
// The format is XLSForm (XLSForm/xlsform.github.io, getodk/docs), with three
// optional columns of our own, which other tools ignore: code and missing in
// the choices, variable in the survey. Not everything of XLSForm is there; what
// is not is refused by the code "unsupported", never silently left out.
package questionnaire

import (
	"panelverk/internal/expr"
	"panelverk/internal/lang"
)

// Type is the type of a question, as XLSForm names it.
type Type string

// The question types that are read. A group and a repeat are items of their own kind.
const (
	Text           Type = "text"
	Integer        Type = "integer"
	Decimal        Type = "decimal"
	SelectOne      Type = "select_one"
	SelectMultiple Type = "select_multiple"
	Rank           Type = "rank"
	Note           Type = "note"
	Date           Type = "date"
	Time           Type = "time"
	DateTime       Type = "dateTime"
	Range          Type = "range"
	Acknowledge    Type = "acknowledge"
	Calculate      Type = "calculate"
	Hidden         Type = "hidden"
)

// Need says how much an answer is asked for.
type Need int

// The three needs. Panelverk forces no answers: Asked means one friendly
// reminder, then the question may be left (missing code −3). Hard is for
// consent and eligibility alone.
const (
	Optional Need = iota
	Asked         // required = yes (or an expression that is true)
	Hard          // required = hard
)

// Questionnaire is one compiled version. It is immutable, and safe for
// concurrent use; nobody writes to what its fields hold.
type Questionnaire struct {
	FormID    string    // settings.form_id, "" where not given
	Version   string    // settings.version as written in the file, "" where not given
	Title     lang.Text // settings.form_title
	Languages []string  // BCP 47 tags in the order of the columns; never empty
	Default   string    // settings.default_language as a tag; one of Languages
	Items     []*Item   // the tree
	Questions []*Item   // all questions in the order of the file, without groups
	Pages     []*Page   // in order; never empty
	Parts     []*Part   // the parts that the respondent sees counted ("Del 3 av 6"); never empty
	Lists     map[string]*List
	Hash      string // "sha256:" and 64 hexadecimal digits, of the normalised sheets

	byName map[string]*Item
}

// Question gives the question or group of a name, nil where there is none.
func (q *Questionnaire) Question(name string) *Item { return q.byName[name] }

// Item is a question, or a group with children.
type Item struct {
	Name     string
	Group    bool
	Children []*Item // of a group
	Parent   *Item   // the group it stands in, nil at the top
	Row      int     // its row in the survey sheet, 1-based as a spreadsheet counts

	Type       Type
	List       *List     // of select_one, select_multiple and rank
	Label      lang.Text // plain text with XLSForm's light Markdown and ${name} references
	Hint       lang.Text
	Guidance   lang.Text // guidance_hint: for printed forms, not shown
	Appearance string
	Variable   string // our column "variable": its name in data files, "" where not given

	Need              Need
	RequiredWhen      *expr.Expr // where required is an expression; Need is then Asked
	RequiredMessage   lang.Text
	Relevant          *expr.Expr // nil: always. Not inherited: the groups' are tested on their own
	Constraint        *expr.Expr
	ConstraintMessage lang.Text
	Calculation       *expr.Expr
	Default           string     // a literal default, as it would be answered
	DefaultExpr       *expr.Expr // a default that is an expression; evaluated once, when the interview starts
	ChoiceFilter      *expr.Expr
	ReadOnly          bool
	RangeStart        float64 // of range
	RangeEnd          float64
	RangeStep         float64
	OrOther           *Item    // of a select with or_other: the text question that asks what; nil without
	OtherOf           *Item    // of that text question: its select
	LabelReferences   []string // questions named by ${} in label, hint and messages
}

// Asks tells whether the item is a question that a person answers: not a
// note, a calculation or a hidden value.
func (i *Item) Asks() bool {
	return !i.Group && i.Type != Note && i.Type != Calculate && i.Type != Hidden
}

// OtherValue is the choice that or_other adds to a list.
const OtherValue = "other"

// List is a choice list.
type List struct {
	Name    string
	Choices []*Choice
	byName  map[string]*Choice
}

// Choice gives the choice of a name, nil where there is none.
func (l *List) Choice(name string) *Choice { return l.byName[name] }

// MissingKind says that a choice stands for no answer.
type MissingKind string

// What our column "missing" may hold.
const (
	Substantive MissingKind = ""
	DontKnow    MissingKind = "dk"      // stored as −1
	Refused     MissingKind = "refused" // stored as −2
)

// Choice is one row of a choice list.
type Choice struct {
	Name    string
	Label   lang.Text
	Code    *int              // our column "code": the number in data files; nil where not given
	Missing MissingKind       // our column "missing"
	Columns map[string]string // every further column, for choice_filter
	Row     int
}

// Page is what is asked at once: a field-list group, or one question outside
// of any.
type Page struct {
	Key   string  // the name of the group or question: stable in URLs and in the data
	Group *Item   // the field-list group, nil for a single question
	Items []*Item // its questions in order, notes and calculations included, nested groups flattened
	Part  *Part
}

// Part is a top-level group of the questionnaire: what "Del 3 av 6" counts.
// Questions before, between and after the groups form parts without a label.
type Part struct {
	Number int // from 1
	Label  lang.Text
	Pages  []*Page
}
