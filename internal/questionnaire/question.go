package questionnaire

import (
	"fmt"
	"regexp"
	"strings"

	"panelverk/internal/fault"
)

// question reads a row that is a question.
func (c *compiler) question(t *table, r Row, parent *Item, typ rowType) {
	item := &Item{
		Name: t.get(r, "name"), Parent: parent, Row: r.Number, Type: typ.typ,
		Label: t.text(r, "label"), Hint: t.text(r, "hint"), Guidance: t.text(r, "guidance_hint"),
		RequiredMessage: t.text(r, "required_message"), ConstraintMessage: t.text(r, "constraint_message"),
		Appearance: t.get(r, "appearance"), Concept: t.get(r, "concept"),
	}
	switch {
	case item.Name != "":
	case item.Type == Note:
		c.notes++
		item.Name = fmt.Sprintf("note_%d", c.notes)
	case item.Metadata() || typ.idle != "":
		item.Name = fold(t.get(r, "type"))
	}
	if typ.idle != "" {
		c.ps.Warn(t.at(r, "type"), "always_empty", "“%s” stays empty here: it is %s, and respondents have none.", item.Name, typ.idle)
	}
	refused := c.refusedCells(t, r)
	item.Media = c.media(t, r)
	c.register(t, r, item)
	c.place(item)
	c.use(t, r, item, "label", item.Label)
	c.use(t, r, item, "hint", item.Hint)
	c.use(t, r, item, "guidance_hint", item.Guidance)
	c.use(t, r, item, "required_message", item.RequiredMessage)
	c.use(t, r, item, "constraint_message", item.ConstraintMessage)
	item.Relevant = c.parse(item, yesNo(t.get(r, "relevant")), t.at(r, "relevant"), true)
	limits := yesNo(t.get(r, "constraint"))
	if limits == "" {
		limits = typ.of
	}
	item.Constraint = c.parse(item, limits, t.at(r, "constraint"), false)
	item.Calculation = c.parse(item, yesNo(t.get(r, "calculation")), t.at(r, "calculation"), true)
	c.required(t, r, item)
	c.readOnly(t, r, item)
	c.defaults(t, r, item)
	c.triggers(t, r, item)
	c.appearance(t, r, item)
	params := c.parameters(t, r, item, typ)
	c.headsGrid(item, typ)
	c.variable(t, r, item)
	if !refused { // a picture may have stood for the label
		c.labelled(t, r, item)
	}
	if typ.list != "" && item.Type != Note {
		c.selects(t, r, item, typ, params)
	} else if filter := t.get(r, "choice_filter"); filter != "" {
		c.ps.Warn(t.at(r, "choice_filter"), "ignored_cell", "A choice_filter has an effect only on questions with choices.")
	}
	if t.get(r, "repeat_count") != "" {
		c.ps.Warn(t.at(r, "repeat_count"), "ignored_cell", "A repeat_count has an effect only on repeats.")
	}
}

// labelled sees to it that what is shown has a text.
func (c *compiler) labelled(t *table, r Row, item *Item) {
	shown := !item.Label.Empty() || !item.Hint.Empty() || !item.Media.Empty() // the guidance is for printed forms
	switch {
	case item.Type == Hidden || item.Metadata() || item.Type == Note && item.Appears("label"):
	case item.Type == Calculate:
		if item.Calculation == nil && t.get(r, "calculation") == "" && item.DefaultExpr == nil {
			c.ps.Add(t.at(r, "calculation"), "missing_calculation", "The row calculates nothing. Write an expression in the column calculation.")
		}
	case !shown && (t.get(r, "calculation") != "" || len(item.Triggers) > 0):
		item.Type = Calculate // a value that is set and never shown, whatever its type
	case !shown:
		c.ps.Add(t.at(r, "label"), "missing_label", "The question “%s” has no label. Write what is asked.", item.Name)
	case item.Label.Empty() && item.Media.Empty():
		c.ps.Warn(t.at(r, "label"), "missing_label", "The question “%s” has a hint but no label.", item.Name)
	}
	if shown && item.Calculation != nil && item.Type != Calculate && len(item.Triggers) == 0 {
		c.told(t, r, item)
	}
}

// told makes a calculation of a question that has one and a label: its value is
// shown, and worked out anew whenever what it is made of changes. A choice or a
// file cannot be worked out so.
func (c *compiler) told(t *table, r Row, item *Item) {
	switch item.Type {
	case Text, Integer, Decimal, Range, Date, Time, DateTime, Note:
		item.Type, item.Told = Calculate, true
		if item.Need != Optional {
			c.ps.Warn(t.at(r, "required"), "ignored_cell", "“%s” is worked out by its calculation, and nobody is asked for it.", item.Name)
			item.Need, item.RequiredWhen = Optional, nil
		}
	default:
		c.ps.Warn(t.at(r, "calculation"), "ignored_cell", "A calculation has no effect on a question of the type %s. Use a default, a trigger, or a row calculate.", item.Type)
		item.Calculation = nil
	}
}

// headsGrid makes a note of the row with the appearance label, which heads a
// grid in XLSForm: it names the choices and is never answered. Here each
// question of the grid carries the labels of its choices itself.
func (c *compiler) headsGrid(item *Item, typ rowType) {
	if typ.list != "" && item.Parent != nil && item.Appears("label") && (item.Type == SelectOne || item.Type == SelectMultiple) {
		item.Type, item.Need, item.RequiredWhen = Note, Optional, nil
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
		item.ReadOnlyWhen = c.parse(item, cell, t.at(r, "read_only"), false)
	}
}

// triggers reads the questions whose change makes a calculation anew: ${a}, or
// several with commas between.
func (c *compiler) triggers(t *table, r Row, item *Item) {
	cell, at := t.get(r, "trigger"), t.at(r, "trigger")
	if cell == "" {
		return
	}
	for part := range strings.SplitSeq(cell, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		m := questionRef.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			c.ps.Add(at, "bad_trigger", "The trigger “%s” cannot be read. Write ${question}, with commas between several.", shorten(cell))
			return
		}
		item.Triggers = append(item.Triggers, m[1])
	}
	c.triggered = append(c.triggered, item)
}

// checkTriggers sees to it that a trigger is a question that can change: one
// that is seen.
func (c *compiler) checkTriggers() {
	for _, item := range c.triggered {
		at := fault.Place{Sheet: sheetSurvey, Row: item.Row, Column: "trigger"}
		for _, name := range item.Triggers {
			switch other := c.q.byName[name]; {
			case other == nil:
				c.ps.Add(at, "unknown_name", "There is no question named “%s”, which is the trigger.%s", name, didYouMean(name, c.names()))
			case other.Group:
				c.ps.Add(at, "bad_trigger", "“%s” is a group, and no trigger: it has no answer that could change.", name)
			case other.Silent():
				c.ps.Add(at, "bad_trigger", "“%s” is never seen, so nobody changes it, and it is no trigger.", name)
			}
		}
	}
}

// externalTable reads a row csv-external, which only attaches a file.
func (c *compiler) externalTable(t *table, r Row, parent *Item) {
	item := &Item{Name: t.get(r, "name"), Row: r.Number, Parent: parent, Type: Hidden}
	c.register(t, r, item)
	if item.Name != "" {
		c.want(item.Name+".csv", t.at(r, "name"), true)
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
