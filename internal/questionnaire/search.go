package questionnaire

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"panelverk/internal/expr"
)

var searchPattern = regexp.MustCompile(`(?i)(?:^|\s)(search\s*\(.*\))\s*$`)

// searchCall gives the call of search() in an appearance, "" where there is
// none. The bare word search is an appearance of its own.
func searchCall(appearance string) string {
	if m := searchPattern.FindStringSubmatch(appearance); m != nil {
		return m[1]
	}
	return ""
}

// searchList makes the list of the older way to choose from a file,
// search('file', 'contains', 'columns', text, 'column', text): the row of the
// list whose name is no number names the file's columns, the others stand as
// they are. The conditions become a choice_filter.
func (c *compiler) searchList(use selectUse, call string) *List {
	at := use.at
	at.Column = "appearance"
	pattern := c.q.Lists[use.list]
	if pattern == nil {
		return c.sheetList(use, sheetChoices, c.q.Lists)
	}
	parsed, err := expr.Parse(call)
	if err != nil {
		c.badExpression(at, call, err)
		return nil
	}
	args := parsed.Root.Args
	if len(args) == 0 || len(args) == 2 || len(args) == 3 || len(args) == 5 || len(args) > 6 || args[0].Op != expr.OpString {
		c.ps.Add(at, "bad_appearance", "“%s” cannot be read. Write search('file'), or search('file', 'contains', 'column', ${question}).", shorten(call))
		return nil
	}
	file := args[0].Value
	if path.Ext(file) == "" {
		file += ".csv"
	}
	c.searchFilter(use, args)
	table := c.want(file, at, true)
	if table == nil || table.Header == nil {
		c.filters[use.item] = filterScope{any: true}
		return &List{Name: use.list, File: file, byName: make(map[string]*Choice)}
	}
	c.filters[use.item] = filterScope{columns: table.Header}
	list := &List{Name: use.list + " " + file, File: file, byName: make(map[string]*Choice)}
	for _, choice := range pattern.Choices {
		found := []*Choice{choice}
		if _, err := strconv.ParseFloat(choice.Name, 64); err != nil {
			label, _ := choice.Label.In(c.q.Default)
			label, _, _ = strings.Cut(label, ",")
			from := c.tableList(use, table, choice.Name, strings.TrimSpace(label))
			if from == nil {
				return nil
			}
			found = from.Choices
		}
		for _, one := range found { // rows of the same value are shown once
			if list.byName[one.Name] == nil {
				list.byName[one.Name] = one
				list.Choices = append(list.Choices, one)
			}
		}
	}
	c.q.Lists[list.Name] = list
	return list
}

// searchFilter writes the conditions of a search as a choice_filter.
func (c *compiler) searchFilter(use selectUse, args []*expr.Node) {
	var conditions []string
	if len(args) >= 4 {
		function := map[string]string{"contains": "contains", "startswith": "starts-with", "endswith": "ends-with"}[strings.ToLower(args[1].Value)]
		var either []string
		for column := range strings.SplitSeq(args[2].Value, ",") {
			column = strings.TrimSpace(column)
			if function == "" {
				either = append(either, column+" = "+args[3].String())
			} else {
				either = append(either, function+"("+column+", "+args[3].String()+")")
			}
		}
		conditions = append(conditions, "("+strings.Join(either, " or ")+")")
	}
	if len(args) == 6 {
		conditions = append(conditions, args[4].Value+" = "+args[5].String())
	}
	if len(conditions) == 0 {
		return
	}
	at := use.at
	at.Column = "appearance"
	use.item.ChoiceFilter = c.parse(use.item, strings.Join(conditions, " and "), at, false)
	if use.item.ChoiceFilter != nil {
		c.logic[len(c.logic)-1].filter = true
	}
}
