package questionnaire

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"panelverk/internal/expr"
	"panelverk/internal/fault"
)

// open is a group that has begun and not yet ended.
type open struct {
	item   *Item
	repeat bool
}

// survey reads the survey sheet into the tree.
func (c *compiler) survey() {
	t := c.table(sheetSurvey)
	if _, ok := t.index["type"]; !ok && len(t.sheet.Rows) > 0 {
		c.ps.Add(fault.Place{Sheet: sheetSurvey, Row: 1}, "missing_column", "The survey sheet has no column “type”. Is the first row the header?")
		return
	}
	var stack []open
	for _, r := range t.sheet.Rows {
		if isYes(t.get(r, "disabled")) {
			continue
		}
		cell := t.get(r, "type")
		if cell == "" {
			c.ps.Add(t.at(r, "type"), "missing_type", "The row has no type. Write one, such as text or select_one, or empty the row.")
			continue
		}
		var parent *Item
		if len(stack) > 0 {
			parent = stack[len(stack)-1].item
		}
		typ := readType(cell)
		switch typ.kind {
		case rowBeginGroup, rowBeginRepeat:
			stack = append(stack, open{c.group(t, r, parent, typ), typ.kind == rowBeginRepeat})
		case rowEndGroup, rowEndRepeat:
			stack = c.endGroup(t, r, stack, typ)
		case rowRefused:
			c.ps.Add(t.at(r, "type"), "unsupported", "The type “%s” is not supported.", cell)
			item := &Item{Name: t.get(r, "name"), Row: r.Number, Parent: parent, Type: Hidden}
			if item.Name != "" { // the names of metadata may be left out
				c.register(t, r, item)
			}
		case rowUnknown:
			c.unknownType(t, r, cell)
			if item := (&Item{Name: t.get(r, "name"), Row: r.Number, Parent: parent, Type: Hidden}); item.Name != "" {
				c.register(t, r, item)
			}
		default:
			c.question(t, r, parent, typ)
		}
	}
	for _, o := range stack {
		c.ps.Add(t.at(Row{Number: o.item.Row}, "type"), "unbalanced_group", "The %s “%s” that begins here is never ended. Add a row end_%s.", o.word(), o.item.Name, o.word())
	}
	c.bindLists()
}

func (o open) word() string {
	if o.repeat {
		return "repeat"
	}
	return "group"
}

func (c *compiler) unknownType(t *table, r Row, cell string) {
	at := t.at(r, "type")
	word, _, _ := strings.Cut(cell, " ")
	switch bare := fold(cell); {
	case bare == "select_one" || bare == "select_multiple" || bare == "rank":
		c.ps.Add(at, "bad_type", "The type “%s” needs the name of a choice list: %s list_name.", cell, bare)
	case strings.HasPrefix(bare, "select_") || strings.HasPrefix(bare, "rank_"):
		c.ps.Add(at, "bad_type", "The type “%s” cannot be read. Write select_one list_name, select_multiple list_name, with or_other after it where wanted.", cell)
	default:
		c.ps.Add(at, "unknown_type", "The type “%s” is not known.%s", cell, didYouMean(word, typeNames()))
	}
}

// group begins a group, or a repeat, which is refused.
func (c *compiler) group(t *table, r Row, parent *Item, typ rowType) *Item {
	item := &Item{
		Name: t.get(r, "name"), Group: true, Parent: parent, Row: r.Number,
		Label: t.text(r, "label"), Hint: t.text(r, "hint"), Guidance: t.text(r, "guidance_hint"), Appearance: t.get(r, "appearance"),
	}
	if typ.kind == rowBeginRepeat {
		c.ps.Add(t.at(r, "type"), "unsupported", "Repeats are not supported.")
	} else {
		c.refusedCells(t, r)
	}
	item.Relevant = c.parse(item, t.get(r, "relevant"), t.at(r, "relevant"), true)
	c.use(t, r, item, "label", item.Label)
	c.use(t, r, item, "hint", item.Hint)
	c.register(t, r, item)
	c.place(item)
	return item
}

// endGroup closes the innermost group.
func (c *compiler) endGroup(t *table, r Row, stack []open, typ rowType) []open {
	word := open{repeat: typ.kind == rowEndRepeat}.word()
	if len(stack) == 0 {
		c.ps.Add(t.at(r, "type"), "unbalanced_group", "This end_%s ends nothing: no %s has begun. Remove it, or add a row begin_%s.", word, word, word)
		return stack
	}
	last := stack[len(stack)-1]
	if last.repeat != (typ.kind == rowEndRepeat) {
		c.ps.Add(t.at(r, "type"), "unbalanced_group", "This end_%s meets the %s “%s”, which begins in row %d. Write end_%s.", word, last.word(), last.item.Name, last.item.Row, last.word())
	} else if name := t.get(r, "name"); name != "" && name != last.item.Name {
		c.ps.Warn(t.at(r, "name"), "other_group", "This row ends the group “%s” of row %d, and names “%s”.", last.item.Name, last.item.Row, name)
	}
	return stack[:len(stack)-1]
}

// place puts an item into the tree.
func (c *compiler) place(item *Item) {
	if item.Parent != nil {
		item.Parent.Children = append(item.Parent.Children, item)
	} else {
		c.q.Items = append(c.q.Items, item)
	}
	if !item.Group {
		c.q.Questions = append(c.q.Questions, item)
	}
}

// register checks an item's name and makes it known.
func (c *compiler) register(t *table, r Row, item *Item) {
	at := t.at(r, "name")
	c.items = append(c.items, item)
	if item.Name == "" {
		c.ps.Add(at, "missing_name", "The row has no name. Names are how answers are stored and referred to.")
		return
	}
	if !isName(item.Name) {
		c.ps.Add(at, "bad_name", "“%s” cannot be a name. A name begins with a letter or _, and has letters, digits, _, - and . after it, without spaces.", item.Name)
	}
	if strings.EqualFold(item.Name, "meta") {
		c.ps.Add(at, "bad_name", "The name “meta” is kept for the form's own data. Choose another.")
	}
	key := strings.ToLower(item.Name)
	switch first := c.folded[key]; {
	case first == nil:
		c.folded[key] = item
	case first.Name != item.Name:
		c.ps.Warn(at, "similar_name", "The name “%s” differs from “%s” in row %d only by capital letters. In data files they would clash: choose another.", item.Name, first.Name, first.Row)
	case first.Parent != item.Parent:
		c.ps.Add(at, "unsupported", "The name “%s” is already used in row %d. The same name in two groups is not supported: choose another.", item.Name, first.Row)
	default:
		c.ps.Add(at, "duplicate_name", "The name “%s” is already used in row %d. Choose another.", item.Name, first.Row)
	}
	if c.q.byName[item.Name] == nil {
		c.q.byName[item.Name] = item
	}
}

// isName follows XLSForm: a letter or “_”, then letters, digits, “_”, “-” and “.”.
func isName(s string) bool {
	for i, r := range s {
		if r == '_' || unicode.IsLetter(r) || i > 0 && (r == '-' || r == '.' || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)) {
			continue
		}
		return false
	}
	return s != ""
}

// question reads a row that is a question.
func (c *compiler) question(t *table, r Row, parent *Item, typ rowType) {
	item := &Item{
		Name: t.get(r, "name"), Parent: parent, Row: r.Number, Type: typ.typ,
		Label: t.text(r, "label"), Hint: t.text(r, "hint"), Guidance: t.text(r, "guidance_hint"),
		RequiredMessage: t.text(r, "required_message"), ConstraintMessage: t.text(r, "constraint_message"),
		Appearance: t.get(r, "appearance"),
	}
	if item.Name == "" && item.Type == Note {
		c.notes++
		item.Name = fmt.Sprintf("note_%d", c.notes)
	}
	refused := c.refusedCells(t, r)
	c.register(t, r, item)
	c.place(item)
	c.use(t, r, item, "label", item.Label)
	c.use(t, r, item, "hint", item.Hint)
	c.use(t, r, item, "guidance_hint", item.Guidance)
	c.use(t, r, item, "required_message", item.RequiredMessage)
	c.use(t, r, item, "constraint_message", item.ConstraintMessage)
	item.Relevant = c.parse(item, t.get(r, "relevant"), t.at(r, "relevant"), true)
	item.Constraint = c.parse(item, t.get(r, "constraint"), t.at(r, "constraint"), false)
	item.Calculation = c.parse(item, t.get(r, "calculation"), t.at(r, "calculation"), true)
	c.required(t, r, item)
	c.readOnly(t, r, item)
	c.defaults(t, r, item)
	c.parameters(t, r, item)
	c.variable(t, r, item)
	if !refused { // a picture may have stood for the label
		c.labelled(t, r, item)
	}
	if typ.list != "" {
		c.selects(t, r, item, typ)
	} else if filter := t.get(r, "choice_filter"); filter != "" {
		c.ps.Warn(t.at(r, "choice_filter"), "ignored_cell", "A choice_filter has an effect only on questions with choices.")
	}
}

// labelled sees to it that what is shown has a text.
func (c *compiler) labelled(t *table, r Row, item *Item) {
	shown := !item.Label.Empty() || !item.Hint.Empty() || !item.Guidance.Empty()
	switch {
	case item.Type == Hidden:
	case item.Type == Calculate:
		if item.Calculation == nil && t.get(r, "calculation") == "" && item.DefaultExpr == nil {
			c.ps.Add(t.at(r, "calculation"), "missing_calculation", "The row calculates nothing. Write an expression in the column calculation.")
		}
	case !shown && t.get(r, "calculation") != "":
		item.Type = Calculate // a calculation that is never shown, whatever its type
	case !shown:
		c.ps.Add(t.at(r, "label"), "missing_label", "The question “%s” has no label. Write what is asked.", item.Name)
	case item.Label.Empty():
		c.ps.Warn(t.at(r, "label"), "missing_label", "The question “%s” has a hint but no label.", item.Name)
	}
}

// required reads how much an answer is asked for.
func (c *compiler) required(t *table, r Row, item *Item) {
	cell := t.get(r, "required")
	switch {
	case isNo(cell):
	case isYes(cell):
		item.Need = Asked
	case strings.EqualFold(cell, "hard"):
		item.Need = Hard
	default:
		item.Need = Asked
		item.RequiredWhen = c.parse(item, cell, t.at(r, "required"), false)
	}
}

func (c *compiler) readOnly(t *table, r Row, item *Item) {
	cell := t.get(r, "read_only")
	if item.ReadOnly = isYes(cell); !item.ReadOnly && !isNo(cell) {
		c.ps.Add(t.at(r, "read_only"), "unsupported", "An expression in read_only is not supported. Write yes or leave it empty.")
	}
}

// looksCalculated tells a default that is an expression: it refers to a
// question or calls a function.
var looksCalculated = regexp.MustCompile(`\$\{|^[A-Za-z][A-Za-z0-9:-]*\(.*\)$`)

// defaults reads the default, a literal or an expression.
func (c *compiler) defaults(t *table, r Row, item *Item) {
	cell, at := t.get(r, "default"), t.at(r, "default")
	if cell == "" {
		return
	}
	if looksCalculated.MatchString(cell) {
		item.DefaultExpr = c.parse(item, cell, at, false)
		return
	}
	item.Default = cell
	fits, wanted := true, ""
	switch item.Type {
	case Integer:
		_, err := strconv.ParseInt(cell, 10, 64)
		fits, wanted = err == nil, "a whole number"
	case Decimal, Range:
		f, err := strconv.ParseFloat(cell, 64)
		fits, wanted = err == nil && !math.IsInf(f, 0) && !math.IsNaN(f), "a number"
	case Date:
		_, err := time.Parse(time.DateOnly, cell)
		fits, wanted = err == nil, "a date such as 2016-10-31"
	}
	if fits {
		return
	}
	// Numbers and dates may be computed without a function: 2 + 3.
	item.Default = ""
	_, notNumber := strconv.ParseFloat(cell, 64)
	if e, err := expr.Parse(cell); notNumber == nil || err != nil || len(e.Check(expr.Scope{})) > 0 {
		c.ps.Add(at, "bad_default", "The default “%s” is not %s.", cell, wanted)
		return
	}
	item.DefaultExpr = c.parse(item, cell, at, false)
}

// selects reads what belongs to questions with choices.
func (c *compiler) selects(t *table, r Row, item *Item, typ rowType) {
	filter := t.get(r, "choice_filter")
	item.ChoiceFilter = c.parse(item, filter, t.at(r, "choice_filter"), false)
	if item.ChoiceFilter != nil {
		c.logic[len(c.logic)-1].filter = true
	}
	c.lists = append(c.lists, selectUse{item, typ.list, typ.other, filter != "", t.at(r, "type")})
	if typ.other {
		c.otherText(t, r, item)
	}
}

// otherText adds the text question that or_other asks.
func (c *compiler) otherText(t *table, r Row, item *Item) {
	if item.Type == Rank {
		c.ps.Add(t.at(r, "type"), "bad_type", "or_other cannot be combined with rank.")
		return
	}
	other := &Item{
		Name: item.Name + "_other", Parent: item.Parent, Row: item.Row, Type: Text,
		Label: c.built(otherQuestion), OtherOf: item,
	}
	item.OrOther = other
	if item.Variable != "" {
		other.Variable = item.Variable + "_other"
	}
	if isName(item.Name) {
		other.Relevant = c.parse(other, "selected(${"+item.Name+"}, '"+OtherValue+"')", t.at(r, "type"), true)
	}
	c.register(t, r, other)
	c.place(other)
}

var parameterPattern = regexp.MustCompile(`^\s*([A-Za-z_-]+)\s*=\s*("[^"]*"|[^\s,;]+)\s*[,;]?\s*`)

// parameters reads key=value pairs. Only a range has any; those of the
// appearance of other types do nothing here.
func (c *compiler) parameters(t *table, r Row, item *Item) {
	cell, at := t.get(r, "parameters"), t.at(r, "parameters")
	values := map[string]string{}
	for rest := cell; rest != ""; {
		m := parameterPattern.FindStringSubmatch(rest)
		if m == nil {
			c.ps.Add(at, "bad_parameters", "The parameters “%s” cannot be read. Write start=0 end=10 step=1.", cell)
			return
		}
		values[strings.ToLower(m[1])] = strings.Trim(m[2], `"`)
		rest = rest[len(m[0]):]
	}
	if item.Type == Range {
		c.rangeParameters(at, values, item)
		return
	}
	for key := range values {
		switch {
		case item.List != nil, strings.HasPrefix(string(item.Type), "select"), item.Type == Rank:
			if key == "randomize" && !isNo(values[key]) {
				c.ps.Add(at, "unsupported", "The order of choices cannot be randomized yet.")
			} else if key != "randomize" && key != "seed" && key != "value" && key != "label" {
				c.ps.Add(at, "bad_parameters", "A question with choices has no parameter “%s”.", key)
			}
		default:
			c.ps.Warn(at, "ignored_cell", "The parameter “%s” has no effect here.", key)
		}
	}
}

// rangeParameters reads start, end and step; XLSForm's defaults are 0, 10 and 1.
func (c *compiler) rangeParameters(at fault.Place, values map[string]string, item *Item) {
	item.RangeStart, item.RangeEnd, item.RangeStep = 0, 10, 1
	good := true
	bad := func(format string, args ...any) {
		good = false
		c.ps.Add(at, "bad_parameters", format, args...)
	}
	for key, text := range values {
		target := map[string]*float64{"start": &item.RangeStart, "end": &item.RangeEnd, "step": &item.RangeStep}[key]
		if target == nil {
			if key == "tick_interval" || key == "placeholder" || key == "tick_labelset" {
				c.ps.Add(at, "unsupported", "The parameter “%s” of a range is not supported.", key)
			} else {
				bad("A range has the parameters start, end and step, not “%s”.", key)
			}
			continue
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			bad("The parameter %s is not a number: “%s”.", key, text)
			continue
		}
		*target = f
	}
	if !good {
		return
	}
	span := math.Abs(item.RangeEnd - item.RangeStart)
	switch {
	case item.RangeStep == 0:
		bad("The step of a range cannot be 0.")
	case math.Abs(item.RangeStep) > span:
		bad("The step of the range is larger than the range from start to end.")
	}
}

var goodVariable = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// longestVariable leaves room for the suffixes of versions, waves and options
// in the 32 characters of a Stata name.
const longestVariable = 18

// variable reads our column of that name. What is wrong with it matters only
// when the questionnaire is published in a study.
func (c *compiler) variable(t *table, r Row, item *Item) {
	item.Variable = t.get(r, "variable")
	name, column := item.Variable, "variable"
	if name == "" {
		if name, column = item.Name, "name"; item.Type == Note || !isName(name) {
			return
		}
	}
	switch {
	case !goodVariable.MatchString(name):
		c.ps.Warn(t.at(r, column), "bad_variable", "“%s” cannot be a variable's name in SPSS and Stata. Write one in the column variable: a letter, then letters, digits and _.", name)
	case len(name) > longestVariable:
		c.ps.Warn(t.at(r, column), "long_variable", "“%s” is longer than %d characters, the most that a variable's name can have. Write a shorter one in the column variable.", name, longestVariable)
	}
}
