package questionnaire

import (
	"strings"
	"unicode"

	"panelverk/internal/fault"
)

// open is a group that has begun and not yet ended.
type open struct {
	item   *Item
	repeat bool
}

// survey reads the survey sheet into the tree.
func (c *compiler) survey() {
	t := c.expand()
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
		if cell == "" && c.isCommentary(t, r) {
			continue
		}
		if cell == "" && t.get(r, "name") == "" && t.text(r, "label").Empty() {
			c.ps.Warn(t.at(r, "type"), "commentary", "The row has neither a type nor a name nor a label. It is not read.")
			continue
		}
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
		case rowTable:
			c.externalTable(t, r, parent)
		case rowRefused:
			c.ps.Add(t.at(r, "type"), "unsupported", "%s is out of scope: the type “%s” is not supported.", typ.what, cell)
			item := &Item{Name: t.get(r, "name"), Row: r.Number, Parent: parent, Type: Hidden}
			if fold(cell) == "xml_external" {
				c.xml = append(c.xml, item.Name)
			}
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

// isCommentary tells a row that says something in columns without effect alone.
func (c *compiler) isCommentary(t *table, r Row) bool {
	for i, h := range t.sheet.Header {
		root, _, _ := strings.Cut(h, "::")
		if col := columnIndex[sheetSurvey][root]; col != nil && !col.ignored && r.Cells[i] != "" {
			return false
		}
	}
	return true
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

// group begins a group or a repeat.
func (c *compiler) group(t *table, r Row, parent *Item, typ rowType) *Item {
	item := &Item{
		Name: t.get(r, "name"), Group: true, Repeat: typ.kind == rowBeginRepeat, Parent: parent, Row: r.Number,
		Label: t.text(r, "label"), Hint: t.text(r, "hint"), Guidance: t.text(r, "guidance_hint"), Media: c.media(t, r),
		Appearance: t.get(r, "appearance"), Concept: t.get(r, "concept"),
	}
	c.refusedCells(t, r)
	c.register(t, r, item)
	c.place(item)
	item.Relevant = c.parse(item, yesNo(t.get(r, "relevant")), t.at(r, "relevant"), true)
	count := t.get(r, "repeat_count")
	if item.Repeat {
		item.RepeatCount = c.parse(item, count, t.at(r, "repeat_count"), true)
	} else if count != "" {
		c.ps.Warn(t.at(r, "repeat_count"), "ignored_cell", "A repeat_count has an effect only on repeats.")
	}
	for _, column := range []string{"constraint", "calculation", "required", "default", "choice_filter", "parameters", "trigger"} {
		if t.get(r, column) != "" {
			c.ps.Warn(t.at(r, column), "ignored_cell", "The column “%s” has no effect on a %s.", column, open{repeat: item.Repeat}.word())
		}
	}
	if !item.Media.Empty() {
		c.ps.Warn(t.at(r, "image"), "ignored_cell", "Pages show no pictures, sound or film of a group. Give them to a note in it.")
	}
	c.readOnly(t, r, item)
	c.appearance(t, r, item)
	c.use(t, r, item, "label", item.Label)
	c.use(t, r, item, "hint", item.Hint)
	c.use(t, r, item, "guidance_hint", item.Guidance)
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
	} else if name := t.get(r, "name"); name != "" && name != last.item.Name && !strings.HasSuffix(last.item.Name, "."+name) {
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

// sibling is a name in its group: what XLSForm wants to be unique.
type sibling struct {
	parent *Item
	name   string
}

// register checks an item's name and makes it known.
func (c *compiler) register(t *table, r Row, item *Item) {
	at, name := t.at(r, "name"), item.Name
	c.items = append(c.items, item)
	if name == "" {
		c.ps.Add(at, "missing_name", "The row has no name. Names are how answers are stored and referred to.")
		return
	}
	if !isName(name) {
		c.ps.Add(at, "bad_name", "“%s” cannot be a name. A name begins with a letter or _, and has letters, digits, _, - and . after it, without spaces.", name)
	}
	if name == "meta" {
		c.ps.Add(at, "bad_name", "The name “meta” is kept for the form's own data. Choose another.")
	}
	if first := c.folded[strings.ToLower(name)]; first == nil {
		c.folded[strings.ToLower(name)] = item
	} else if first.Name != name && c.namesakes[name] == nil && c.q.byName[name] == nil {
		c.ps.Warn(at, "similar_name", "The name “%s” differs from “%s” in row %d only by capital letters. In data files they would clash: choose another.", name, first.Name, first.Row)
	}
	if item.Repeat && name == c.root {
		c.ps.Add(at, "bad_name", "A repeat cannot be named “%s”, as the form itself is in other tools. Choose another name.", name)
	}
	key := sibling{item.Parent, name}
	if first := c.siblings[key]; first != nil {
		c.ps.Add(at, "duplicate_name", "The name “%s” is already used in row %d. Choose another.", name, first.Row)
		return
	}
	c.siblings[key] = item
	if first := c.q.byName[name]; first != nil {
		for _, other := range append(c.namesakes[name], first) {
			if other.Repeat && item.Repeat {
				c.ps.Add(at, "duplicate_name", "The name “%s” is already used in row %d. Two repeats of a form have different names.", name, other.Row)
				break
			}
		}
		c.namesakes[name] = append(c.namesakes[name], item)
		item.Name = c.qualified(item)
	}
	c.q.byName[item.Name] = item
}

// qualified gives an item a name of its own whose name is used in another
// group: that of its group before it.
func (c *compiler) qualified(item *Item) string {
	name, up := item.Name, item.Parent
	for c.q.byName[name] != nil {
		if up == nil {
			name = "form." + name
			continue
		}
		name, up = up.Name+"."+name, up.Parent
	}
	return name
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
