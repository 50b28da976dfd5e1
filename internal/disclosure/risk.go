package disclosure

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
)

// A Table is what somebody who tries to recognise persons is taken to know of
// each: one row a person, one value for each key variable. A missing value is a
// category of its own, written in any way that no other value has: strictly, a
// person whose age is missing is like others whose age is missing, and like
// nobody else.
type Table struct {
	Keys []string   // names, for reports
	Rows [][]string // a value for each key
}

// Risk is how easily the persons of a table are recognised among themselves,
// as a prosecutor would, who knows that somebody is in the file. f is the number
// of rows with the same key values, a row's risk is r = 1/f. It is an indicator
// and no promise: colleagues know each other's answers.
type Risk struct {
	N          int     // rows
	Classes    int     // different combinations of key values
	K          int     // the smallest f; 0 without rows
	Unique     int     // rows with f = 1
	Violations int     // rows with f under the wanted k
	Max        float64 // the highest r, ARX's prosecutor risk: 1/K
	Expected   float64 // Σr, expected re-identifications: the number of classes
	Global     float64 // Σr / n
	AtRisk     float64 // share of rows with r strictly above 1/k
}

// Assess works out the risk of a table against a wanted k of 1 or more. Of a
// table without rows all is zero.
func Assess(t Table, k int) Risk {
	sizes := t.sizes()
	out := Risk{N: len(t.Rows), Classes: len(sizes), Expected: float64(len(sizes))}
	above := 0
	for _, f := range sizes {
		if out.K == 0 || f < out.K {
			out.K = f
		}
		if f == 1 {
			out.Unique++
		}
		if f < k {
			out.Violations += f
		}
		if 1/float64(f) > 1/float64(k) {
			above += f
		}
	}
	if out.N > 0 {
		out.Max = 1 / float64(out.K)
		out.Global = out.Expected / float64(out.N)
		out.AtRisk = float64(above) / float64(out.N)
	}
	return out
}

// Frequencies gives f of each row.
func Frequencies(t Table) []int {
	sizes, out := t.sizes(), make([]int, len(t.Rows))
	for i, row := range t.Rows {
		out[i] = sizes[class(row)]
	}
	return out
}

// Below gives the rows whose f is under k, those with the smallest f first.
func Below(t Table, k int) []int {
	f := Frequencies(t)
	var out []int
	for i := range f {
		if f[i] < k {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(f[a], f[b]) })
	return out
}

// Diversity gives distinct l-diversity: of each class of rows with the same key
// values the number of different values that a sensitive variable has in it, and
// of these the smallest; 0 without rows. A class with l = 1 gives the value of
// everybody in it away, however large it is. sensitive has a value for each row;
// a missing value is a value of its own.
func Diversity(t Table, sensitive []string) int {
	in := map[string]map[string]bool{}
	for i, row := range t.Rows {
		c := class(row)
		if in[c] == nil {
			in[c] = map[string]bool{}
		}
		in[c][sensitive[i]] = true
	}
	least := 0
	for _, values := range in {
		if least == 0 || len(values) < least {
			least = len(values)
		}
	}
	return least
}

// Joined gives what somebody knows who holds an earlier file of the same persons
// beside a new one: the values of both. Persons are told by their row's key in
// the maps (an id, unseen by the result); who is in one of the files alone has
// "absent" for the other's values, which is how a difference of two files picks
// out the few who came or left in between. The rows are those of the new file,
// in the order of ids.
func Joined(keys []string, earlier, now map[string][]string, ids []string) Table {
	out := Table{Keys: slices.Clone(keys)}
	width := 0
	for _, row := range earlier {
		width = len(row)
		break
	}
	for i := range width {
		out.Keys = append(out.Keys, "earlier "+keyAt(keys, i))
	}
	for _, id := range ids {
		row := slices.Clone(now[id])
		before, there := earlier[id]
		for i := range width {
			value := "absent"
			if there {
				value = "present " + before[i]
			}
			row = append(row, value)
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

func keyAt(keys []string, i int) string {
	if i < len(keys) {
		return keys[i]
	}
	return "key"
}

// class names the class of a row: its values, told apart whatever they hold.
func class(row []string) string {
	var b strings.Builder
	for _, v := range row {
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(v, `\`, `\\`), "|", `\|`))
		b.WriteByte('|')
	}
	return b.String()
}

func (t Table) sizes() map[string]int {
	out := map[string]int{}
	for _, row := range t.Rows {
		out[class(row)]++
	}
	return out
}

// Entropy gives how much a column of values tells, in bits a row: 0 where all
// are alike.
func Entropy(values []string) float64 {
	if len(values) == 0 {
		return 0
	}
	counts := map[string]int{}
	for _, v := range values {
		counts[v]++
	}
	// Summed in the order of the values: a sum of floats depends on it.
	bits, n := 0.0, float64(len(values))
	for _, v := range slices.Sorted(maps.Keys(counts)) {
		p := float64(counts[v]) / n
		bits -= p * math.Log2(p)
	}
	return bits
}
