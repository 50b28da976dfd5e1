package dataset

import (
	"strconv"
	"strings"

	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// Table holds the answers of one repeat: a row for each instance, in each wave
// of each person. Its key is the id, the wave, and the numbers of the instance and of those around it,
// which never stand for two in one interview. Two
// tables that lie in each other share the names of these columns.
type Table struct {
	Repeat    string // its name in the questionnaire
	Name      string // in files
	Label     lang.Text
	Columns   []Column    // the id, the wave, the numbers, the outermost first, then the questions
	Variables []*Variable // of the columns: those that are in no other table
	path      string      // the repeat and those around it, parted by slashes
	number    *Variable   // of the instance
	vary      []*Variable
	keys      int // how many columns are the key
}

// tablePlan is how the answers of a version fill a table.
type tablePlan struct {
	at     int // in Dataset.Tables
	repeat *questionnaire.Item
	fields []field
	absent []int
}

// tablePath names the table of a repeat.
func tablePath(repeat *questionnaire.Item) string {
	return strings.TrimPrefix(home(repeat)+"/"+repeat.Name, "/")
}

// newTable makes the table of a repeat that has been built.
func (d *Dataset) newTable(s *segment) *Table {
	item := s.last()
	t := &Table{Repeat: s.question, Name: s.root, Label: item.Label, path: tablePath(item)}
	t.number = &Variable{Name: s.number, Kind: Number, Integer: true, Varying: true, Role: Instance, Label: joined(item.Label, lang.All("data.instance")), Question: s.question, Sources: s.sources}
	return t
}

// table gives the table of a path, nil where there is none.
func (d *Dataset) table(path string) *Table {
	for _, t := range d.Tables {
		if t.path == path {
			return t
		}
	}
	return nil
}

// At tells where a row of the table stands, which is of the person of an id.
func (t *Table) At(id string, row []Cell) At {
	out := At{ID: id, Wave: int(row[1].Number)}
	for _, number := range row[2:t.keys] {
		out.Instance += "." + strconv.Itoa(int(number.Number))
	}
	out.Instance = out.Instance[1:]
	return out
}

// layTable puts the variables of a table into columns.
func (d *Dataset) layTable(t *Table, wave *Variable) {
	key := []*Variable{d.constant[0], wave}
	for i := range t.path {
		if t.path[i] == '/' {
			key = append(key, d.table(t.path[:i]).number)
		}
	}
	t.keys = len(key) + 1
	t.Variables = append([]*Variable{t.number}, t.vary...)
	for _, v := range append(key, t.Variables...) {
		t.Columns = append(t.Columns, Column{Name: v.Name, Variable: v})
	}
	d.Variables = append(d.Variables, t.Variables...)
}
