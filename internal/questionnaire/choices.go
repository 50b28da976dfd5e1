package questionnaire

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/fault"
)

// choices reads the sheets choices and external_choices into lists.
func (c *compiler) choices() {
	c.external = make(map[string]*List)
	c.choiceSheet(c.table(sheetChoices), c.q.Lists)
	c.choiceSheet(c.table(sheetExternal), c.external)
	for _, name := range slices.Sorted(maps.Keys(c.external)) {
		key := name
		if c.q.Lists[key] != nil {
			key = name + " external" // has a space: no list of the file is named so
		}
		c.q.Lists[key] = c.external[name]
	}
}

func (c *compiler) choiceSheet(t *table, lists map[string]*List) {
	own := ownColumns(t)
	for _, r := range t.sheet.Rows {
		listName, name := t.get(r, "list_name"), t.get(r, "name")
		if listName == "" && name == "" {
			c.ps.Warn(t.at(r, "name"), "commentary", "The row has neither a list_name nor a name. It is not read.")
			continue
		}
		if listName == "" {
			c.ps.Add(t.at(r, "list_name"), "missing_list_name", "The choice has no list. Write the list's name in list_name.")
			continue
		}
		list := lists[listName]
		if list == nil {
			list = &List{Name: listName, byName: make(map[string]*Choice), sheet: t.sheet.Name}
			lists[listName] = list
		}
		if name == "" {
			c.ps.Add(t.at(r, "name"), "missing_name", "The choice has no name. The name is what is stored.")
			continue
		}
		choice := &Choice{Name: name, Label: t.text(r, "label"), Media: c.media(t, r), Row: r.Number}
		for _, column := range own {
			if cell := t.get(r, column); cell != "" {
				if choice.Columns == nil {
					choice.Columns = make(map[string]string)
				}
				choice.Columns[column] = cell
			}
		}
		if choice.Label.Empty() && choice.Media.Empty() {
			c.ps.Warn(t.at(r, "label"), "missing_label", "The choice “%s” has no label. Its name is shown instead.", name)
		}
		c.use(t, r, nil, "label", choice.Label)
		c.codes(t, r, choice)
		c.addChoice(t, r, list, choice)
	}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		c.uniqueCodes(t, lists[name])
	}
}

// choiceColumns are the known columns that a choice_filter may use as well.
var choiceColumns = []string{"name", "code", "missing"}

// Column gives a column of the choice for a choice_filter: its own ones, and
// name, code and missing.
func (c *Choice) Column(name string) (string, bool) {
	if cell, ok := c.Columns[name]; ok { // a file may have a column name that is not the choice's
		return cell, true
	}
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
	return "", false
}

// ownColumns gives the columns that neither XLSForm nor Panelverk knows.
func ownColumns(t *table) []string {
	var own []string
	for _, h := range t.sheet.Header {
		root, _, _ := strings.Cut(h, "::")
		if columnIndex[sheetChoices][root] == nil || columnIndex[sheetChoices][h] == nil && root == h {
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
	case c.dupes, t.sheet.Name == sheetExternal: // which of them is meant, the choice_filter says
		list.Choices = append(list.Choices, choice)
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
			if first := missing[choice.Missing]; first != nil && first.Name != choice.Name {
				at.Column = "missing"
				c.ps.Add(at, "duplicate_missing", "The list “%s” already has a choice for %s, row %d.", list.Name, choice.Missing, first.Row)
			}
			missing[choice.Missing] = choice
			continue
		}
		if choice.Code == nil {
			continue
		}
		if first := codes[*choice.Code]; first != nil && first.Name != choice.Name {
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
		if col := columnIndex[t.sheet.Name][h]; col != nil && col.refused && r.Cells[i] != "" {
			c.ps.Add(t.at(r, h), "unsupported", "The column “%s” is out of scope: %s. Empty the cell.", h, refusedColumns[h])
			found = true
		}
	}
	return found
}
