package questionnaire

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/fault"
)

// choices reads the choices sheet into lists.
func (c *compiler) choices() {
	t := c.table(sheetChoices)
	own := ownColumns(t)
	for _, r := range t.sheet.Rows {
		c.refusedCells(t, r)
		listName, name := t.get(r, "list_name"), t.get(r, "name")
		if listName == "" {
			c.ps.Add(t.at(r, "list_name"), "missing_list_name", "The choice has no list. Write the list's name in list_name.")
			continue
		}
		list := c.q.Lists[listName]
		if list == nil {
			list = &List{Name: listName, byName: make(map[string]*Choice)}
			c.q.Lists[listName] = list
		}
		if name == "" {
			c.ps.Add(t.at(r, "name"), "missing_name", "The choice has no name. The name is what is stored.")
			continue
		}
		choice := &Choice{Name: name, Label: t.text(r, "label"), Row: r.Number}
		for _, column := range own {
			if cell := t.get(r, column); cell != "" {
				if choice.Columns == nil {
					choice.Columns = make(map[string]string)
				}
				choice.Columns[column] = cell
			}
		}
		if choice.Label.Empty() {
			c.ps.Warn(t.at(r, "label"), "missing_label", "The choice “%s” has no label. Its name is shown instead.", name)
		}
		c.use(t, r, nil, "label", choice.Label)
		c.codes(t, r, choice)
		c.addChoice(t, r, list, choice)
	}
	for _, name := range slices.Sorted(maps.Keys(c.q.Lists)) {
		c.uniqueCodes(t, c.q.Lists[name])
	}
}

// choiceColumns are the known columns that a choice_filter may use as well.
var choiceColumns = []string{"name", "code", "missing"}

// Column gives a column of the choice for a choice_filter: its own ones, and
// name, code and missing.
func (c *Choice) Column(name string) (string, bool) {
	switch name {
	case "name":
		return c.Name, true
	case "missing":
		return string(c.Missing), true
	case "code":
		if c.Code == nil {
			return "", true
		}
		return strconv.Itoa(*c.Code), true
	}
	cell, ok := c.Columns[name]
	return cell, ok
}

// ownColumns gives the columns that neither XLSForm nor Panelverk knows.
func ownColumns(t *table) []string {
	var own []string
	for _, h := range t.sheet.Header {
		root, _, _ := strings.Cut(h, "::")
		if columnIndex[sheetChoices][root] == nil || columnIndex[sheetChoices][fold(h)] == nil && root == h {
			own = append(own, h)
		}
	}
	return own
}

func (c *compiler) addChoice(t *table, r Row, list *List, choice *Choice) {
	first := list.byName[choice.Name]
	switch {
	case first == nil:
		list.byName[choice.Name] = choice
		list.Choices = append(list.Choices, choice)
	case c.dupes:
		c.ps.Add(t.at(r, "name"), "unsupported", "The choice “%s” is already in the list “%s”, row %d. Choices with the same name are not supported.", choice.Name, list.Name, first.Row)
	default:
		c.ps.Add(t.at(r, "name"), "duplicate_choice", "The choice “%s” is already in the list “%s”, row %d. Give it another name.", choice.Name, list.Name, first.Row)
	}
}

// codes reads our columns code and missing.
func (c *compiler) codes(t *table, r Row, choice *Choice) {
	switch missing := strings.ToLower(t.get(r, "missing")); missing {
	case "":
	case string(DontKnow), string(Refused):
		choice.Missing = MissingKind(missing)
	default:
		c.ps.Add(t.at(r, "missing"), "bad_missing", "“%s” is not a kind of missing. Write dk for “don't know” or refused for “prefer not to say”.", missing)
	}
	cell := t.get(r, "code")
	if cell == "" {
		return
	}
	code, err := strconv.Atoi(cell)
	if err != nil || code < -2_147_483_647 || code > 2_147_483_620 { // what a long of Stata holds
		c.ps.Add(t.at(r, "code"), "bad_code", "The code “%s” is not a whole number.", cell)
		return
	}
	choice.Code = &code
	if want := map[MissingKind]int{DontKnow: -1, Refused: -2}[choice.Missing]; want != 0 && code != want {
		c.ps.Add(t.at(r, "code"), "bad_code", "A choice that is missing “%s” is stored as %d, and its code says %d. Leave the code empty.", choice.Missing, want, code)
	}
}

// uniqueCodes refuses two choices of a list that would be stored as the same number.
func (c *compiler) uniqueCodes(t *table, list *List) {
	codes, missing := make(map[int]*Choice), make(map[MissingKind]*Choice)
	for _, choice := range list.Choices {
		at := fault.Place{Sheet: t.sheet.Name, Row: choice.Row}
		if choice.Missing != Substantive {
			if first := missing[choice.Missing]; first != nil {
				at.Column = "missing"
				c.ps.Add(at, "duplicate_missing", "The list “%s” already has a choice for %s, row %d.", list.Name, choice.Missing, first.Row)
			}
			missing[choice.Missing] = choice
			continue
		}
		if choice.Code == nil {
			continue
		}
		if first := codes[*choice.Code]; first != nil {
			at.Column = "code"
			c.ps.Add(at, "duplicate_code", "The code %d is already given to “%s” in the list “%s”, row %d.", *choice.Code, first.Name, list.Name, first.Row)
		}
		codes[*choice.Code] = choice
	}
}

// refusedCells reports what a row asks for and is not there, and tells whether
// there was any.
func (c *compiler) refusedCells(t *table, r Row) (found bool) {
	for i, h := range t.sheet.Header {
		root, _, _ := strings.Cut(h, "::")
		if col := columnIndex[t.sheet.Name][root]; col != nil && col.refused && r.Cells[i] != "" {
			c.ps.Add(t.at(r, h), "unsupported", "The column “%s” is not supported. Empty the cell.", h)
			found = true
		}
	}
	return found
}

// bindLists ties the selects to their lists once all questions are read.
func (c *compiler) bindLists() {
	known := slices.Sorted(maps.Keys(c.q.Lists))
	noSheet := c.book.Sheet(sheetChoices) == nil
	for _, use := range c.lists {
		list := c.q.Lists[use.list]
		switch {
		case list == nil && noSheet:
			c.ps.Add(use.at, "missing_list", "There is no choices sheet, and the question needs the list “%s” from it.", use.list)
			continue
		case list == nil:
			c.ps.Add(use.at, "missing_list", "The choices sheet has no list “%s”.%s", use.list, didYouMean(use.list, known))
			continue
		case len(list.Choices) == 0:
			c.ps.Add(use.at, "empty_list", "The list “%s” has no choices.", use.list)
			continue
		}
		if use.item.Type != SelectOne {
			c.spacesInChoices(use, list)
		}
		if use.other {
			if use.filter {
				c.ps.Add(use.at, "bad_type", "or_other cannot be combined with a choice_filter. Write the choice and its text question yourself.")
			}
			list = c.withOther(list)
		}
		use.item.List = list
		c.defaultInList(use.item, list)
	}
}

// spacesInChoices refuses names that cannot stand in a list of several.
func (c *compiler) spacesInChoices(use selectUse, list *List) {
	for _, choice := range list.Choices {
		if strings.ContainsAny(choice.Name, " \n") {
			c.ps.Add(fault.Place{Sheet: sheetChoices, Row: choice.Row, Column: "name"}, "space_in_choice",
				"The choice “%s” has a space in its name, and “%s” (survey, row %d) allows several choices. Write “%s”.",
				choice.Name, use.item.Name, use.item.Row, strings.ReplaceAll(choice.Name, " ", "_"))
		}
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
			var names []string
			for _, choice := range list.Choices {
				names = append(names, choice.Name)
			}
			c.ps.Add(fault.Place{Sheet: sheetSurvey, Row: item.Row, Column: "default"}, "bad_default",
				"The default “%s” is not in the list “%s”.%s", name, list.Name, didYouMean(name, names))
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
	extended := &List{Name: name, Choices: append(slices.Clone(list.Choices), other), byName: maps.Clone(list.byName)}
	extended.byName[OtherValue] = other
	c.q.Lists[name] = extended
	return extended
}
