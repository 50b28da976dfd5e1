package questionnaire

import (
	"maps"
	"path"
	"slices"
	"strings"

	"panelverk/internal/fault"
)

// wantedFile is an attached file that something refers to.
type wantedFile struct {
	at    fault.Place // where first
	table bool        // it is read as a table; else it is shown

	columns []string // that name it, where it is shown

	pulled bool // only expressions refer to it
}

// want notes that a file is referred to, and gives it where it is attached. A
// name is a name and no path: the files lie beside the questionnaire.
func (c *compiler) want(name string, at fault.Place, table bool) *Table {
	if strings.ContainsAny(name, `/\`) {
		c.ps.Add(at, "bad_file_name", "“%s” is no file's name. Write the name alone; the file lies beside the questionnaire.", shorten(name))
		return nil
	}
	if _, ok := c.wanted[name]; !ok {
		c.wanted[name] = wantedFile{at: at, table: table}
	}
	return c.attached[name]
}

// attachments warns of files that are not there, and gives the questionnaire
// its tables and the names of what it shows. A form alone is correct without
// them; a study is not.
func (c *compiler) attachments() {
	bases, lists := make(map[string]string), slices.Sorted(maps.Keys(c.q.Lists))
	for _, name := range slices.Sorted(maps.Keys(c.wanted)) {
		file := c.wanted[name]
		if !file.table {
			c.q.Media = append(c.q.Media, name)
		} else if base := strings.TrimSuffix(name, path.Ext(name)); bases[base] != "" {
			c.ps.Add(file.at, "duplicate_table", "The files “%s” and “%s” would both be instance('%s'). Rename one of them.", bases[base], name, base)
		} else {
			bases[base] = name
		}
		data, given := c.files[name]
		if !file.table && given {
			c.checkMedia(name, file, data)
		}
		if file.table && c.attached[name] == nil || !file.table && !given {
			advice := ""
			if file.pulled {
				advice = didYouMean(strings.TrimSuffix(name, path.Ext(name)), lists)
			}
			c.ps.Warn(file.at, "missing_file", "The file “%s” is not attached. Put it beside the questionnaire.%s", name, advice)
		}
	}
	for name, table := range c.attached {
		_, wanted := c.wanted[name]
		if table.Header != nil {
			c.q.Tables[strings.TrimSuffix(name, path.Ext(name))] = table
		}
		if !wanted {
			c.ps.Warn(fault.Place{}, "unused_file", "Nothing refers to the attached file “%s”.", name)
		}
	}
}

// wantList notes a table that an expression reads, pulldata('fruits', …) or
// instance('fruits'), where that is no choice list. A file
// of the name goes before the list.
func (c *compiler) wantList(id string, at fault.Place) {
	if c.tableOf(id) != "" || c.q.Lists[id] != nil && c.attached[id+".csv"] == nil {
		return
	}
	name := strings.TrimSuffix(id, ".csv") + ".csv"
	for _, ending := range []string{".geojson", ".xml"} {
		if c.attached[id+ending] != nil {
			name = id + ending
		}
	}
	if c.want(name, at, true); c.wanted[name].table {
		file := c.wanted[name]
		file.pulled = true
		c.wanted[name] = file
	}
}

// tableOf gives the file that is referred to by an id, "" where there is none.
func (c *compiler) tableOf(id string) string {
	for _, name := range []string{id, id + ".csv", id + ".geojson", id + ".xml"} {
		if file, ok := c.wanted[name]; ok && file.table {
			return name
		}
	}
	return ""
}

// listColumns tells the columns of a choice list or a table; itextId is where
// XForms keeps the translated label of a choice. Of a file that is
// not attached nothing is known.
func (c *compiler) listColumns(id string) (func(name string) bool, bool) {
	name := c.tableOf(id)
	if name == "" && c.q.Lists[id] != nil {
		columns := slices.Concat(c.headers[sheetChoices], choiceColumns, []string{"label", "itextId"})
		return func(name string) bool { return slices.Contains(columns, name) }, true
	}
	if name == "" {
		return nil, false
	}
	table := c.attached[name]
	return func(name string) bool {
		return table == nil || table.Header == nil || slices.Contains(table.Header, name)
	}, true
}
