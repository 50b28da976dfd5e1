package questionnaire

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"panelverk/internal/expr"
	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

// Compile checks a book and makes a questionnaire of it. Every problem is
// reported at once, each with sheet, row, column and what to do, in the order
// of the sheets and rows; where one of them is an error the questionnaire is nil.
func Compile(book *Book) (*Questionnaire, fault.Problems) {
	c := compile(book)
	sortSheets(c.ps)
	if len(c.ps.Errors()) > 0 {
		return nil, c.ps
	}
	c.q.Hash = hashNormalised(c.book)
	return c.q, c.ps
}

// FileNames gives the names of the files that a book refers to, sorted: what is
// to be attached before it is compiled. Some of them may be optional: a name in
// instance('fruits') may be a table or a map.
func (b *Book) FileNames() []string {
	c := compile(b)
	return slices.Sorted(maps.Keys(c.wanted))
}

// compile reads everything there is, and collects what is wrong with it.
func compile(book *Book) *compiler {
	c := &compiler{
		q:         &Questionnaire{Lists: make(map[string]*List), Tables: make(map[string]*Table), byName: make(map[string]*Item)},
		folded:    make(map[string]*Item),
		siblings:  make(map[sibling]*Item),
		namesakes: make(map[string][]*Item),
		wanted:    make(map[string]wantedFile),
		filters:   make(map[*Item]filterScope),
		searched:  make(map[*List]*Item),
		files:     book.Files,
		root:      "data",
	}
	c.book = normalise(book, &c.ps)
	c.headers = make(map[string][]string)
	for _, s := range book.Sheets { // a column without a cell is a column
		name := strings.ToLower(strings.TrimSpace(s.Name))
		for _, h := range s.Header {
			c.headers[name] = append(c.headers[name], cleanCell(h, true))
		}
	}
	c.readAttached()
	c.languages()
	c.settings()
	c.choices()
	c.survey()
	c.instanceID()
	c.expressions()
	c.checkTriggers()
	c.checkGeometries()
	c.checkCounts()
	c.references()
	c.cycles()
	c.translations()
	c.attachments()
	c.layout()
	c.ps.Sort()
	return c
}

// sortSheets puts the sheets in the order in which they are read.
func sortSheets(ps fault.Problems) {
	rank := func(p fault.Problem) int { return slices.Index(sheetNames, p.Sheet) }
	slices.SortStableFunc(ps, func(a, b fault.Problem) int { return rank(a) - rank(b) })
}

// compiler holds what is known while one book is compiled.
type compiler struct {
	book   *Book
	ps     fault.Problems
	q      *Questionnaire
	plain  string           // the language of columns without one
	root   string           // settings.name, the name of the form's root in XForms
	dupes  bool             // settings.allow_choice_duplicates
	folded map[string]*Item // items by name in small letters
	notes  int              // how many notes had no name
	items  []*Item          // every item in the order of the file, groups too
	logic  []logic
	texts  []textUse
	sheets map[string]*table
	lists  []selectUse

	headers    map[string][]string // of each sheet as given, with columns that have no cell
	external   map[string]*List    // of the sheet external_choices
	siblings   map[sibling]*Item   // by group and name
	namesakes  map[string][]*Item  // the further items of a name that is used in several groups
	triggered  []*Item             // what has triggers
	geometries []geometryUse
	xml        []string              // the names of external XML data, which is out of scope
	attached   map[string]*Table     // files by name; without a header where it is no table
	wanted     map[string]wantedFile // files that are referred to
	files      map[string][]byte     // files that were handed in
	filters    map[*Item]filterScope // the columns that a choice_filter may use
	searched   map[*List]*Item       // lists that a search() reads as a pattern, with the first that does
}

// logic is an expression that waits until all names are known.
type logic struct {
	item   *Item
	expr   *expr.Expr
	at     fault.Place
	filter bool // it is a choice_filter: bare names are columns of the choice
	flow   bool // it decides what an item holds or whether it is asked: it may not turn in a circle
}

// textUse is a text that may refer to questions.
type textUse struct {
	item *Item // nil for a choice's label
	text lang.Text
	at   fault.Place
	root string // the column without its language
	free bool   // need not be there in every language
}

// selectUse is a question that waits for its list.
type selectUse struct {
	item   *Item
	list   string
	source listSource
	other  bool
	filter bool
	at     fault.Place
	params map[string]string
}

// table reads a normalised sheet by the names of its columns.
type table struct {
	sheet *Sheet
	index map[string]int
	tags  map[string][]tagged // translated columns by their root
}

type tagged struct {
	tag    string
	column int
}

// table gives a sheet, empty where the book has none.
func (c *compiler) table(name string) *table {
	if t := c.sheets[name]; t != nil {
		return t
	}
	s := c.book.Sheet(name)
	if s == nil {
		s = &Sheet{Name: name}
	}
	t := c.newTable(s)
	if c.sheets == nil {
		c.sheets = make(map[string]*table)
	}
	c.sheets[name] = t
	return t
}

// newTable reads the columns of a sheet.
func (c *compiler) newTable(s *Sheet) *table {
	t := &table{sheet: s, index: make(map[string]int), tags: make(map[string][]tagged)}
	for i, h := range s.Header {
		t.index[h] = i
		root, tag, _ := strings.Cut(h, "::")
		if col := columnIndex[s.Name][root]; col != nil && col.translated && !col.refused && !col.ignored {
			if tag == "" {
				tag = c.plain
			}
			t.tags[root] = append(t.tags[root], tagged{tag, i})
		}
	}
	return t
}

// get gives a cell, "" where the column is not there.
func (t *table) get(r Row, column string) string {
	if i, ok := t.index[column]; ok {
		return r.Cells[i]
	}
	return ""
}

// text gives a translated column in all its languages. A column that names its
// language wins over the plain one in the default language.
func (t *table) text(r Row, root string) lang.Text {
	var text lang.Text
	for _, col := range t.tags[root] {
		cell := r.Cells[col.column]
		if cell == "" || text[col.tag] != "" && t.sheet.Header[col.column] == root {
			continue
		}
		if text == nil {
			text = make(lang.Text)
		}
		text[col.tag] = cell
	}
	return text
}

// at gives the place of a cell.
func (t *table) at(r Row, column string) fault.Place {
	return fault.Place{Sheet: t.sheet.Name, Row: r.Number, Column: column}
}

// languages finds the default language and the languages of the questionnaire,
// in the order of the columns.
func (c *compiler) languages() {
	wanted, given := undetermined, ""
	if s := c.book.Sheet(sheetSettings); s != nil {
		if i := slices.Index(s.Header, "default_language"); i >= 0 {
			if given = s.Rows[0].Cells[i]; given != "" {
				wanted, _ = languageTag(given)
			}
		}
	}
	if given == "" {
		wanted = c.onlyNamed()
	}
	c.plain = wanted
	for _, name := range []string{sheetSurvey, sheetChoices, sheetExternal, sheetSettings} {
		t := c.table(name)
		for _, h := range t.sheet.Header {
			root, tag, _ := strings.Cut(h, "::")
			if columnIndex[name][root] != nil && columnIndex[name][root].media && tag == "" {
				continue // a picture for all languages makes no language of its own
			}
			for _, col := range t.tags[root] {
				if t.sheet.Header[col.column] == h && name != sheetSettings && !slices.Contains(c.q.Languages, col.tag) {
					c.q.Languages = append(c.q.Languages, col.tag)
				}
			}
		}
	}
	if len(c.q.Languages) == 0 {
		c.q.Languages = []string{wanted}
	}
	c.twoTexts()
	c.q.Default = wanted
	if !slices.Contains(c.q.Languages, wanted) {
		c.q.Default = c.q.Languages[0]
		if given != "" {
			c.ps.Warn(fault.Place{Sheet: sheetSettings, Row: c.book.Sheet(sheetSettings).Rows[0].Number, Column: "default_language"}, "bad_default_language",
				"No column is in the default language “%s”. The languages are: %s.", given, strings.Join(c.q.Languages, ", "))
		}
	}
}

// onlyNamed gives the language of the columns that name none, where the settings
// do not say it: the first one that is named if all labels name theirs, so that
// a lone column hint is no language of its own.
func (c *compiler) onlyNamed() string {
	first := undetermined
	for _, name := range []string{sheetSurvey, sheetChoices} {
		s := c.book.Sheet(name)
		if s == nil {
			continue
		}
		for _, h := range s.Header {
			root, tag, named := strings.Cut(h, "::")
			if root != "label" {
				continue
			}
			if !named {
				return undetermined
			}
			if first == undetermined {
				first = tag
			}
		}
	}
	return first
}

// twoTexts warns where a plain column and one with the default language's name
// mean the same.
func (c *compiler) twoTexts() {
	for _, name := range sheetNames {
		t := c.table(name)
		for i, h := range t.sheet.Header {
			for _, col := range t.tags[h] {
				if col.column != i && col.tag == c.plain {
					c.ps.Warn(fault.Place{Sheet: name, Row: 1, Column: h}, "duplicate_column", "The columns %s and %s hold the same language. The second counts.", h, t.sheet.Header[col.column])
				}
			}
		}
	}
}

// settings reads the first row of the settings sheet.
func (c *compiler) settings() {
	t := c.table(sheetSettings)
	if len(t.sheet.Rows) == 0 {
		return
	}
	r := t.sheet.Rows[0]
	c.q.FormID, c.q.Version, c.q.Title = t.get(r, "form_id"), t.get(r, "version"), t.text(r, "form_title")
	if name := t.get(r, "name"); name != "" {
		c.root = name
	}
	c.dupes = isYes(t.get(r, "allow_choice_duplicates"))
	if name := t.get(r, "name"); name != "" && !isName(name) {
		c.ps.Add(t.at(r, "name"), "bad_name", "“%s” cannot be a name. A name begins with a letter or _, and has letters, digits, _, - and . after it, without spaces.", name)
	}
	if name := t.get(r, "instance_name"); name != "" { // without effect here, and checked for what it names
		c.texts = append(c.texts, textUse{text: lang.Text{undetermined: name}, at: t.at(r, "instance_name"), root: "instance_name", free: true})
	}
	for _, more := range t.sheet.Rows[1:] {
		c.ps.Warn(fault.Place{Sheet: sheetSettings, Row: more.Number}, "extra_row", "Only the first row of the settings counts.")
	}
}

// isYes and isNo know the ways in which XLSForm says yes and no.
func isYes(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "true", "true()", "1", "x":
		return true
	}
	return false
}

func isNo(s string) bool {
	switch strings.ToLower(s) {
	case "", "no", "false", "false()", "0":
		return true
	}
	return false
}

// yesNo makes a cell that says yes or no an expression, as XLSForm's converter
// does: Excel turns true and false into TRUE and FALSE.
func yesNo(cell string) string {
	switch strings.ToLower(cell) {
	case "yes", "true":
		return "true()"
	case "no", "false":
		return "false()"
	}
	return cell
}

// use keeps a text for the checks of references and translations.
func (c *compiler) use(t *table, r Row, item *Item, root string, text lang.Text) {
	if text != nil {
		c.texts = append(c.texts, textUse{item: item, text: text, at: t.at(r, root), root: root})
	}
}

// parse reads an expression and keeps it for the checks that need all names;
// nil where the cell is empty or cannot be read.
func (c *compiler) parse(item *Item, cell string, at fault.Place, flow bool) *expr.Expr {
	if cell == "" {
		return nil
	}
	e, err := expr.Parse(cell)
	if err != nil {
		c.badExpression(at, cell, err)
		return nil
	}
	c.logic = append(c.logic, logic{item: item, expr: e, at: at, flow: flow})
	return e
}

func (c *compiler) badExpression(at fault.Place, cell string, err error) {
	message := err.Error()
	if s := (*expr.SyntaxError)(nil); errors.As(err, &s) {
		at.Offset, message = s.Offset, s.Message
	}
	c.ps.Add(at, "bad_expression", "“%s” cannot be read. %s", shorten(cell), message)
}

// shorten cuts a cell for a message.
func shorten(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:77]) + "…"
	}
	return s
}

// names lists what could be meant by a question's name.
func (c *compiler) names() []string {
	names := make([]string, 0, len(c.q.byName))
	for name := range c.q.byName {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// rows writes the numbers of rows for a message: "row 4", "rows 4 and 9".
func rows(numbers ...int) string {
	if len(numbers) == 1 {
		return fmt.Sprintf("row %d", numbers[0])
	}
	var b strings.Builder
	b.WriteString("rows ")
	for i, n := range numbers {
		switch {
		case i > 0 && i == len(numbers)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		fmt.Fprint(&b, n)
	}
	return b.String()
}
