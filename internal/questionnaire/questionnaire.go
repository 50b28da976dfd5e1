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
// the choices, variable in the survey. A closed list of features that make no
// sense in a web panel is refused with the code "unsupported" and the row
// (refused.go); what is known and has no effect here is a warning. Nothing is
// left out in silence.
//
// Files that a form refers to, tables and pictures, are handed in by
// Book.Files. The tables are part of the normalised book, and so of its hash and
// its Markdown; of a picture the hash of its bytes is.
package questionnaire

import (
	"slices"
	"strings"

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

	Geopoint Type = "geopoint" // "latitude longitude altitude accuracy", the last two may be missing
	File     Type = "file"     // an upload
	Image    Type = "image"    // an upload of a picture

	// Metadata: filled without being asked.
	Start    Type = "start"    // when the interview was begun, as a dateTime
	End      Type = "end"      // when it was last saved, as a dateTime
	Today    Type = "today"    // the date of its beginning
	DeviceID Type = "deviceid" // a random word that a device keeps; no hardware is asked
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
	Pages     []*Page   // in order; empty only where nothing is shown, which no study may have
	Parts     []*Part   // the parts that the respondent sees counted ("Del 3 av 6")
	Lists     map[string]*List
	Tables    map[string]*Table // attached CSV, GeoJSON and XML files, by the name without ending: for pulldata and instance()
	Media     []string          // names of attached files that pages show: pictures, sound, film; sorted, each once
	Earlier   []string          // questions whose earlier answer, ${last-saved#x}, something in it reads; sorted
	Layout    *expr.Layout      // how the questions lie in groups and repeats, for expressions
	Hash      string            // "sha256:" and 64 hexadecimal digits, of the normalised sheets and attached files

	byName map[string]*Item
}

// Question gives the question or group of a name, nil where there is none.
func (q *Questionnaire) Question(name string) *Item { return q.byName[name] }

// Item is a question, or a group with children.
//
// Name is unique in the questionnaire, and what answers are stored by. Where a
// form uses one name in several groups, as XLSForm allows, the first keeps it
// and each further one is named group.name.
type Item struct {
	Name     string
	Group    bool    // a group or a repeat
	Repeat   bool    // of a group: it is asked for each of several instances (a roster)
	Children []*Item // of a group
	Parent   *Item   // the group it stands in, nil at the top
	Row      int     // its row in the survey sheet, 1-based as a spreadsheet counts

	RepeatCount *expr.Expr // of a repeat: how many instances there are; nil: the respondent adds them

	Type       Type
	List       *List     // of select_one, select_multiple and rank; never nil there
	ListFrom   *Item     // the choices are the answers to this question of a repeat; List is then empty
	Label      lang.Text // plain text with XLSForm's light Markdown and ${name} references
	Hint       lang.Text
	Guidance   lang.Text // guidance_hint: printed always, on pages behind a heading that opens
	Media      Media     // what is shown beside the label
	Appearance string    // as written; see Appears
	Variable   string    // our column "variable": its name in data files, "" where not given
	Concept    string    // our column "concept": what is meant to be measured; see Measures

	Need              Need
	RequiredWhen      *expr.Expr // where required is an expression; Need is then Asked
	RequiredMessage   lang.Text
	Relevant          *expr.Expr // nil: always. Not inherited: the groups' are tested on their own
	Constraint        *expr.Expr
	ConstraintMessage lang.Text
	Calculation       *expr.Expr
	Told              bool       // of a calculation: its value is shown under a label, as something that nobody can change
	Triggers          []string   // the calculation is made anew only when the answer to one of these changes; empty: always
	Default           string     // a literal default, as it would be answered
	DefaultExpr       *expr.Expr // a default that is an expression; evaluated once, when the interview starts (in a repeat: when the instance does)
	ChoiceFilter      *expr.Expr
	Randomize         bool       // the choices are shown in a random order
	Seed              *expr.Expr // of the order: the same seed gives the same order; nil: one of the interview's own
	ReadOnly          bool
	ReadOnlyWhen      *expr.Expr // where read_only is an expression; ReadOnly is then false
	RangeStart        float64    // of range
	RangeEnd          float64
	RangeStep         float64
	TickInterval      float64  // of range: between the marks of the line, 0: one step
	TickLabels        *List    // of range: labels at values of the line, the choices' names being the values; nil without
	Placeholder       *float64 // of range: where the handle stands before an answer; nil: nowhere
	TextRows          int      // of text: how many lines the field shows at least; 0: by its appearance
	Upload            Upload   // of file and image
	OrOther           *Item    // of a select with or_other: the text question that asks what; nil without
	OtherOf           *Item    // of that text question: its select
	LabelReferences   []string // questions named by ${} in label, hint and messages
	LastSaved         []string // questions whose earlier answer, ${last-saved#x}, its texts or its logic read; sorted
}

// Asks tells whether the item is a question that a person answers: not a
// note, a calculation, a hidden value or metadata.
func (i *Item) Asks() bool { return !i.Group && i.Type != Note && i.Type != Calculate && !i.Silent() }

// TakesFile tells whether the answer is a file that is handed in.
func (i *Item) TakesFile() bool { return i.Type == File || i.Type == Image }

// Silent tells whether a question is never seen: it is computed or filled, and
// no label shows it.
func (i *Item) Silent() bool {
	return !i.Group && (i.Type == Calculate && !i.Told || i.Type == Hidden || i.Metadata())
}

// Metadata tells whether the program fills the question by itself.
func (i *Item) Metadata() bool {
	return i.Type == Start || i.Type == End || i.Type == Today || i.Type == DeviceID
}

// Measures gives the concept that a question is about: its own, else that of the
// innermost group around it that has one; "" where none has.
func (i *Item) Measures() string {
	for up := i; up != nil; up = up.Parent {
		if up.Concept != "" {
			return up.Concept
		}
	}
	return ""
}

// Appears tells whether the appearance has a word, in any case of letters.
func (i *Item) Appears(word string) bool {
	return slices.ContainsFunc(strings.Fields(i.Appearance), func(w string) bool { return strings.EqualFold(w, word) })
}

// InRepeat gives the innermost repeat that the item stands in, nil where it
// stands in none. A repeat stands not in itself.
func (i *Item) InRepeat() *Item {
	for up := i.Parent; up != nil; up = up.Parent {
		if up.Repeat {
			return up
		}
	}
	return nil
}

// Media names the files that are shown with a text, in each language. The
// files themselves are attached to the book.
type Media struct {
	Image    lang.Text
	BigImage lang.Text // what a tap on the image opens
	Audio    lang.Text
	Video    lang.Text
}

// Empty tells that nothing is shown.
func (m Media) Empty() bool {
	return m.Image.Empty() && m.BigImage.Empty() && m.Audio.Empty() && m.Video.Empty()
}

// Upload says what file may be handed in.
type Upload struct {
	Accept    []string // as in HTML's accept: "image/*", "application/pdf", ".docx"; empty: the server's own list
	MostBytes int64    // 0: the server's own limit
	MaxPixels int      // the longer edge of a picture is scaled down to it; 0: as it is
}

// Table is an attached file as rows of texts.
type Table struct {
	File   string // with its ending
	Header []string
	Rows   [][]string // as long as the header
}

// OtherValue is the choice that or_other adds to a list.
const OtherValue = "other"

// List is a choice list.
type List struct {
	Name    string    // of a file: the file's name
	File    string    // the attached file that the choices come from, "" where they stand in the book
	Choices []*Choice // empty where the file is not attached
	byName  map[string]*Choice
	sheet   string // where the choices stand, "" for a file
}

// Choice gives the choice of a name, the first of them where
// allow_choice_duplicates has made several; nil where there is none.
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
	Media   Media
	Code    *int              // our column "code": the number in data files; nil where not given
	Missing MissingKind       // our column "missing"
	Columns map[string]string // every further column, for choice_filter
	Row     int
}

// Page is what is asked at once: a field-list group, or one question outside
// of any.
type Page struct {
	Key   string // the name of the group or question: stable in URLs and in the data
	Group *Item  // the field-list group, nil for a single question
	// Repeat is the innermost repeat that the page stands in, nil where it
	// stands in none. The page is then shown for each instance, and the pages of
	// one repeat follow each other.
	Repeat *Item
	Items  []*Item // its questions in order, notes and calculations included, nested groups flattened
	Part   *Part
}

// Part is a top-level group of the questionnaire: what "Del 3 av 6" counts.
// Questions before, between and after the groups form parts without a label.
type Part struct {
	Number int // from 1
	Label  lang.Text
	Pages  []*Page
}
