package questionnaire

import (
	"maps"
	"path"
	"slices"
	"strings"

	"panelverk/internal/expr"
	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

// wantedFile is an attached file that something refers to.
type wantedFile struct {
	at    fault.Place // where first
	table bool        // it is read as a table; else it is shown
}

// want notes that a file is referred to, and gives it where it is attached.
func (c *compiler) want(name string, at fault.Place, table bool) *Table {
	if _, ok := c.wanted[name]; !ok {
		c.wanted[name] = wantedFile{at, table}
	}
	return c.attached[name]
}

// attachments warns of files that are not there, and gives the questionnaire
// its tables and the names of what it shows. A form alone is correct without
// them; a study is not.
func (c *compiler) attachments() {
	bases := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(c.wanted)) {
		file := c.wanted[name]
		if !file.table {
			c.q.Media = append(c.q.Media, name)
		} else if base := strings.TrimSuffix(name, path.Ext(name)); bases[base] != "" {
			c.ps.Add(file.at, "duplicate_table", "The files “%s” and “%s” would both be instance('%s'). Rename one of them.", bases[base], name, base)
		} else {
			bases[base] = name
		}
		if c.attached[name] == nil {
			c.ps.Warn(file.at, "missing_file", "The file “%s” is not attached. Put it beside the questionnaire.", name)
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

// media reads the columns of files that are shown, and notes the files.
func (c *compiler) media(t *table, r Row) Media {
	get := func(root string) lang.Text {
		text := t.text(r, root)
		for _, tag := range text.Tags() {
			if name := path.Base(strings.TrimPrefix(text[tag], "jr://")); !strings.Contains(name, "${") {
				text[tag] = name
				c.want(name, t.at(r, root), false)
			}
		}
		if text != nil {
			free := len(t.tags[root]) == 1 && t.sheet.Header[t.tags[root][0].column] == root
			c.texts = append(c.texts, textUse{text: text, at: t.at(r, root), root: root, free: free})
		}
		return text
	}
	return Media{Image: get("image"), BigImage: get("big-image"), Audio: get("audio"), Video: get("video")}
}

// tablesOf finds the tables that an expression reads: pulldata('fruits', …) and
// instance('fruits'), where that is no choice list.
func (c *compiler) tablesOf(n *expr.Node, at fault.Place) {
	if n.Op == expr.OpCall && len(n.Args) > 0 && n.Args[0].Op == expr.OpString {
		name := strings.TrimSuffix(n.Args[0].Value, ".csv")
		_, csv := c.wanted[name+".csv"]
		_, geo := c.wanted[name+".geojson"]
		_, items := c.wanted[name+".xml"]
		switch {
		case csv || geo || items && n.Value == "instance":
		case n.Value == "pulldata":
			c.want(name+".csv", at, true)
		case n.Value == "instance" && c.q.Lists[name] == nil && name != "__last-saved":
			ending := ".csv"
			for _, other := range []string{".geojson", ".xml"} {
				if c.attached[name+other] != nil {
					ending = other
				}
			}
			c.want(name+ending, at, true)
		}
	}
	for _, a := range n.Args {
		c.tablesOf(a, at)
	}
}
