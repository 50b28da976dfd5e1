package export

import (
	"fmt"

	"panelverk/internal/dataset"
	"panelverk/internal/lang"
)

// Set is the indicators of one question with several answers, in one wave: a
// multiple response set, in which 1 is counted.
type Set struct {
	Name    string // of the question's variable, with the wave in wide files
	Label   lang.Text
	Wave    int   // 0 in long files
	Columns []int // indices
}

// Sets gives the multiple response sets of the columns, in their order. One
// indicator alone is no set.
func Sets(columns []dataset.Column) []Set {
	type key struct {
		of   *dataset.Variable
		wave int
	}
	at := map[key]int{}
	var all []Set
	for i, c := range columns {
		v := c.Variable
		if v.Role != dataset.Indicator || v.Of == nil {
			continue
		}
		k := key{v.Of, c.Wave}
		n, seen := at[k]
		if !seen {
			n = len(all)
			at[k] = n
			s := Set{Name: v.Of.Name, Label: v.Of.Label, Wave: c.Wave}
			if c.Wave > 0 {
				s.Name = fmt.Sprintf("%s_w%d", s.Name, c.Wave)
			}
			all = append(all, s)
		}
		all[n].Columns = append(all[n].Columns, i)
	}
	var out []Set
	for _, s := range all {
		if len(s.Columns) > 1 {
			out = append(out, s)
		}
	}
	return out
}
