package questionnaire

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

// filterScope says which columns a choice_filter may use.
type filterScope struct {
	columns []string
	any     bool // the file is not attached: its columns are not known
}

// selects reads what belongs to questions with choices.
func (c *compiler) selects(t *table, r Row, item *Item, typ rowType, params map[string]string) {
	filter := t.get(r, "choice_filter")
	item.ChoiceFilter = c.parse(item, filter, t.at(r, "choice_filter"), false)
	if item.ChoiceFilter != nil {
		c.logic[len(c.logic)-1].filter = true
	}
	c.lists = append(c.lists, selectUse{item, typ.list, typ.source, typ.other, filter != "", t.at(r, "type"), params})
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

// bindLists ties the questions to their lists once all questions are read.
func (c *compiler) bindLists() {
	for _, use := range c.lists {
		if list := c.q.Lists[use.list]; use.source == listInSheet && list != nil && c.searched[list] == nil && searchCall(use.item.Appearance) != "" {
			c.searched[list] = use.item
		}
	}
	for _, use := range c.lists {
		list := c.listOf(use)
		if list == nil {
			use.item.List = &List{Name: use.list}
			continue
		}
		if use.item.Type != SelectOne {
			c.spacesInChoices(use, list)
		}
		if use.other {
			if use.filter {
				c.ps.Add(use.at, "bad_type", "or_other cannot be combined with a choice_filter. Write the choice and its text question yourself.")
			}
			if list.File == "" {
				list = c.withOther(list)
			} else {
				c.ps.Add(use.at, "bad_type", "or_other cannot be combined with choices from a file. Write the choice and its text question yourself.")
			}
		}
		use.item.List = list
		if use.source != listFromRepeat && (use.source != listFromFile || len(list.Choices) > 0) {
			c.defaultInList(use.item, list)
		}
	}
}

// listOf finds the list of a question, nil where there is none.
func (c *compiler) listOf(use selectUse) *List {
	if use.source != listInSheet && searchCall(use.item.Appearance) != "" {
		at := use.at
		at.Column = "appearance"
		c.ps.Add(at, "bad_appearance", "The choices come from elsewhere already: search() belongs to a question with a list of the sheet choices.")
	}
	switch use.source {
	case listFromFile:
		return c.fileList(use)
	case listFromRepeat:
		return c.repeatList(use)
	case listExternal:
		return c.sheetList(use, sheetExternal, c.external)
	}
	call := searchCall(use.item.Appearance)
	if call != "" {
		return c.searchList(use, call)
	}
	if by := c.searched[c.q.Lists[use.list]]; by != nil {
		c.ps.Add(use.at, "bad_type", "The list “%s” says which columns the search() of “%s” (row %d) reads: it cannot be the list of this question. Give it one of its own.", use.list, by.Name, by.Row)
	}
	return c.sheetList(use, sheetChoices, c.q.Lists)
}

func (c *compiler) sheetList(use selectUse, sheet string, lists map[string]*List) *List {
	c.filters[use.item] = filterScope{columns: slices.Concat(c.headers[sheet], choiceColumns)}
	list := lists[use.list]
	switch {
	case list == nil && c.book.Sheet(sheet) == nil:
		c.ps.Add(use.at, "missing_list", "There is no sheet named %s, and the question needs the list “%s” from it.", sheet, use.list)
		return nil
	case list == nil:
		c.ps.Add(use.at, "missing_list", "The sheet %s has no list “%s”.%s", sheet, use.list, didYouMean(use.list, slices.Sorted(maps.Keys(lists))))
		return nil
	case len(list.Choices) == 0:
		c.ps.Add(use.at, "empty_list", "The list “%s” has no choices.", use.list)
		return nil
	}
	return list
}

// repeatList ties a question to the answers of a question in a repeat.
func (c *compiler) repeatList(use selectUse) *List {
	other := c.q.byName[use.list]
	switch {
	case other == nil:
		c.ps.Add(use.at, "unknown_name", "There is no question named “%s”, whose answers are the choices.%s", use.list, didYouMean(use.list, c.names()))
		return nil
	case other.Group || other.InRepeat() == nil:
		c.ps.Add(use.at, "bad_type", "The choices are the answers to “%s”, which is no question of a repeat.", use.list)
		return nil
	}
	c.unambiguous(use.list, use.at)
	use.item.ListFrom = other
	var names []string
	for _, child := range other.InRepeat().flatten(nil) {
		names = append(names, child.Name)
	}
	c.filters[use.item] = filterScope{columns: names}
	return &List{Name: "${" + use.list + "}", byName: make(map[string]*Choice)}
}

// fileList makes a list of an attached file. The columns are name and label, or
// those that the parameters value and label say; in GeoJSON id and title.
func (c *compiler) fileList(use selectUse) *List {
	nameColumn, labelColumn := "name", "label"
	switch ending := strings.ToLower(path.Ext(use.list)); ending {
	case ".csv", ".xml":
	case ".geojson":
		nameColumn, labelColumn = "id", "title"
	default:
		c.ps.Add(use.at, "bad_type", "Choices come from a file that ends with .csv, .geojson or .xml, and this one is “%s”.", use.list)
		return nil
	}
	if v := use.params["value"]; v != "" {
		nameColumn = v
	}
	if v := use.params["label"]; v != "" {
		labelColumn = v
	}
	key := use.list
	if use.params["value"] != "" || use.params["label"] != "" {
		key = fmt.Sprintf("%s %s %s", use.list, nameColumn, labelColumn)
	}
	table := c.want(use.list, use.at, true)
	if table == nil || table.Header == nil {
		c.filters[use.item] = filterScope{any: true}
		return &List{Name: use.list, File: use.list, byName: make(map[string]*Choice)}
	}
	c.filters[use.item] = filterScope{columns: append(slices.Clone(table.Header), choiceColumns...)}
	if list := c.q.Lists[key]; list != nil {
		return list
	}
	list := c.tableList(use, table, nameColumn, labelColumn)
	if list != nil {
		list.Name = key
		c.q.Lists[key] = list
	}
	return list
}

// tableList makes the rows of a table choices.
func (c *compiler) tableList(use selectUse, table *Table, nameColumn, labelColumn string) *List {
	nameAt, labels := slices.Index(table.Header, nameColumn), c.labelColumns(table, labelColumn)
	for _, missing := range []struct {
		column string
		gone   bool
	}{{nameColumn, nameAt < 0}, {labelColumn, len(labels) == 0}} {
		if missing.gone {
			c.ps.Add(use.at, "missing_column", "The file %s has no column “%s”. Its columns are: %s.", table.File, missing.column, strings.Join(table.Header, ", "))
		}
	}
	if nameAt < 0 || len(labels) == 0 {
		return nil
	}
	list := &List{File: table.File, byName: make(map[string]*Choice, len(table.Rows))}
	for i, row := range table.Rows {
		choice := &Choice{Name: row[nameAt], Label: make(lang.Text), Row: i + 2, Columns: make(map[string]string, len(row))}
		if choice.Name == "" {
			c.ps.Add(use.at, "missing_name", "A choice of %s, row %d, has no name in the column “%s”.", table.File, i+2, nameColumn)
			continue
		}
		for _, l := range labels {
			if text := row[l.column]; text != "" {
				choice.Label[l.tag] = text
			}
		}
		for j, cell := range row {
			choice.Columns[table.Header[j]] = cell
		}
		list.Choices = append(list.Choices, choice)
		if list.byName[choice.Name] == nil {
			list.byName[choice.Name] = choice
		}
	}
	return list
}

// labelColumns finds the column of the labels and its translations,
// label::Svenska (sv).
func (c *compiler) labelColumns(table *Table, root string) []tagged {
	var found []tagged
	for i, h := range table.Header {
		if h == root {
			found = append(found, tagged{c.q.Default, i})
		} else if tongue, ok := strings.CutPrefix(h, root+"::"); ok {
			tag, _ := languageTag(tongue)
			found = append(found, tagged{tag, i})
		}
	}
	return found
}

// spacesInChoices refuses names that cannot stand in a list of several.
func (c *compiler) spacesInChoices(use selectUse, list *List) {
	for _, choice := range list.Choices {
		if !strings.ContainsAny(choice.Name, " \n") {
			continue
		}
		at, where := fault.Place{Sheet: list.sheet, Row: choice.Row, Column: "name"}, ""
		if list.File != "" {
			at, where = use.at, fmt.Sprintf(" of %s, row %d,", list.File, choice.Row)
		}
		c.ps.Add(at, "space_in_choice",
			"The choice “%s”%s has a space in its name, and “%s” (survey, row %d) allows several choices. Write “%s”.",
			choice.Name, where, use.item.Name, use.item.Row, strings.ReplaceAll(choice.Name, " ", "_"))
	}
}

// defaultInList checks the literal default of a select.
func (c *compiler) defaultInList(item *Item, list *List) {
	if item.Default == "" {
		return
	}
	chosen := []string{item.Default}
	if item.Type != SelectOne {
		chosen = strings.Fields(item.Default)
	}
	for _, name := range chosen {
		if list.Choice(name) == nil {
			item.Default = ""
			var names []string
			for _, choice := range list.Choices {
				names = append(names, choice.Name)
			}
			c.ps.Warn(fault.Place{Sheet: sheetSurvey, Row: item.Row, Column: "default"}, "bad_default",
				"The default “%s” is not in the list “%s”, and is not used.%s", name, list.Name, didYouMean(name, names))
		}
	}
}

// withOther gives the list with the choice that or_other adds. The list itself
// stays as it is for the questions that have no such choice.
func (c *compiler) withOther(list *List) *List {
	if list.Choice(OtherValue) != nil {
		return list
	}
	name := list.Name + " or_other" // has a space: no list of the file is named so
	if extended := c.q.Lists[name]; extended != nil {
		return extended
	}
	other := &Choice{Name: OtherValue, Label: c.built(otherLabel), Row: list.Choices[len(list.Choices)-1].Row}
	extended := &List{Name: name, Choices: append(slices.Clone(list.Choices), other), byName: maps.Clone(list.byName), sheet: list.sheet}
	extended.byName[OtherValue] = other
	c.q.Lists[name] = extended
	return extended
}
