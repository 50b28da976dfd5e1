package dataset

import (
	"iter"
	"slices"
	"strconv"

	"panelverk/internal/interview"
	"panelverk/internal/study"
)

// Cut says what of a dataset leaves, and how: the plan of a release.
type Cut struct {
	Waves []int // the numbers of the waves that stay; nil for all
	// Variable gives a variable as it leaves: itself, another that stands for it
	// (coarser, without its day), or nil where it does not leave. It is not asked
	// of the id, the wave and the keys of repeats, which stay, nor of companions,
	// which follow the variable that they are of.
	Variable func(*Variable) *Variable
	// Cell gives a cell as it leaves, v being the variable as it was; nil leaves
	// all as they are.
	Cell func(at At, v *Variable, c Cell) Cell
	// Member tells whether somebody is in it; nil for everybody.
	Member func(*Record) bool
	// Name names the columns of a wave in wide tables; nil for root_w1.
	Name  func(root string, wave int) string
	Total int // how many members there will be, for progress; 0: not known
}

// At is where a cell stands.
type At struct {
	ID       string
	Wave     int    // the number of its wave, 0 for a constant
	Instance string // in the table of a repeat the numbers of the instances, the outermost first: "1.2"
}

// Key names the answer of a question there as an interview does: why@1.2.
func (a At) Key(question string) string { return interview.At(question, a.Instance) }

// cutting is how the rows of a dataset are made of those of the one it was cut from.
type cutting struct {
	Cut
	of       *Dataset
	waves    []int   // of each wave its index in the other
	constant []int   // of each constant, and of each varying variable, the same
	vary     []int   // counted from the first varying column
	tables   []int   // of each table its index in the other
	columns  [][]int // of each table's Variables the index of its column in the other
	leaves   map[*Variable]*Variable
}

// Cut gives the dataset that leaves. Its rows are those of d, read again, cell
// by cell as the cut says; what is left out is not in its variables, waves,
// tables, changes and notes either.
func (d *Dataset) Cut(c Cut) *Dataset {
	out := *d
	out.cut = &cutting{Cut: c, of: d}
	out.Total, out.members = c.Total, nil
	out.Waves, out.Variables, out.Tables, out.long, out.wide = nil, nil, nil, nil, nil
	out.constant, out.vary, out.scored = nil, nil, nil
	for i, w := range d.Waves {
		if c.Waves == nil || slices.Contains(c.Waves, w.Number) {
			out.Waves, out.cut.waves = append(out.Waves, w), append(out.cut.waves, i)
		}
	}
	leaves := d.leaving(c)
	out.cut.leaves = leaves
	for i, v := range d.constant {
		if to := leaves[v]; to != nil {
			out.constant, out.cut.constant = append(out.constant, to), append(out.cut.constant, i)
		}
	}
	at := map[int]int{} // by index among the varying ones of d
	for i, v := range d.vary {
		if to := leaves[v]; to != nil {
			at[i] = len(out.vary)
			out.vary, out.cut.vary = append(out.vary, to), append(out.cut.vary, i)
		}
	}
	out.scored = d.cutScores(leaves, at)
	wave := *d.long[d.varying-1].Variable
	wave.Values = nil
	for _, v := range d.long[d.varying-1].Variable.Values {
		if slices.ContainsFunc(out.Waves, func(w study.Wave) bool { return w.Number == v.Code }) {
			wave.Values = append(wave.Values, v)
		}
	}
	out.Variables = slices.Concat(out.constant, []*Variable{&wave}, out.vary)
	out.layCut(&wave)
	for i, t := range d.Tables {
		out.cutTable(i, t, leaves, &wave)
	}
	left := map[string]bool{}
	for _, v := range out.Variables {
		left[v.Name] = true
	}
	out.Changes = slices.DeleteFunc(slices.Clone(d.Changes), func(c Change) bool { return !left[c.Variable] })
	out.Notes = slices.DeleteFunc(slices.Clone(d.Notes), func(n Note) bool { return n.Variable != "" && !left[n.Variable] })
	if !slices.ContainsFunc(out.vary, func(v *Variable) bool { return v.Role == Weight }) {
		out.weigher = nil
	}
	return &out
}

// leaving gives every variable as it leaves, nil or absent where it does not.
func (d *Dataset) leaving(c Cut) map[*Variable]*Variable {
	out := map[*Variable]*Variable{}
	for _, v := range d.Variables {
		switch {
		case v == d.constant[0], v.Role == Instance:
			out[v] = v
		case v.Role != Companion:
			out[v] = c.Variable(v)
		default:
			to := out[v.Of]
			if to == nil || to.Kind == Number {
				continue
			}
			if out[v] = v; to != v.Of {
				status := *v
				status.Of, to.Status = to, &status
				out[v] = &status
			}
		}
	}
	return out
}

// cutScores gives the scales of which the score and every item leave as they
// are: of others no α is worked out.
func (d *Dataset) cutScores(leaves map[*Variable]*Variable, at map[int]int) []*score {
	var out []*score
	for _, s := range d.scored {
		same := func(cell int) bool { return leaves[d.vary[cell]] == d.vary[cell] }
		whole := same(s.cell)
		to := &score{scale: s.scale, cell: at[s.cell]}
		for _, item := range s.items {
			var cells []int
			for _, cell := range item {
				whole = whole && same(cell)
				cells = append(cells, at[cell])
			}
			to.items = append(to.items, cells)
		}
		if whole {
			out = append(out, to)
		}
	}
	return out
}

// layCut puts the variables into columns.
func (d *Dataset) layCut(wave *Variable) {
	name := d.cut.Name
	if name == nil {
		name = func(root string, wave int) string { return root + "_w" + strconv.Itoa(wave) }
	}
	for _, v := range d.constant {
		d.long = append(d.long, Column{Name: v.Name, Variable: v})
		d.wide = append(d.wide, Column{Name: v.Name, Variable: v})
	}
	d.long = append(d.long, Column{Name: wave.Name, Variable: wave})
	d.varying = len(d.long)
	for _, v := range d.vary {
		d.long = append(d.long, Column{Name: v.Name, Variable: v})
		for _, w := range d.Waves {
			d.wide = append(d.wide, Column{Name: name(v.Name, w.Number), Variable: v, Wave: w.Number})
		}
	}
}

// cutTable adds the table of a repeat of which more leaves than its keys.
func (d *Dataset) cutTable(i int, t *Table, leaves map[*Variable]*Variable, wave *Variable) {
	out, columns := *t, []int{t.keys - 1}
	out.Columns, out.Variables, out.vary = slices.Clone(t.Columns[:t.keys]), []*Variable{t.number}, nil
	out.Columns[1].Variable = wave
	for j, v := range t.Variables[1:] {
		to := leaves[v]
		if to == nil {
			continue
		}
		out.Columns = append(out.Columns, Column{Name: to.Name, Variable: to})
		out.Variables, out.vary, columns = append(out.Variables, to), append(out.vary, to), append(columns, t.keys+j)
	}
	if len(out.vary) == 0 {
		return
	}
	d.Tables, d.Variables = append(d.Tables, &out), append(d.Variables, out.Variables...)
	d.cut.tables, d.cut.columns = append(d.cut.tables, i), append(d.cut.columns, columns)
}

// cutRows gives the rows of a dataset that was cut.
func (d *Dataset) cutRows(t *Tally) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		if t != nil {
			t.start(d)
		}
		var r Record
		for range d.Waves {
			r.Long = append(r.Long, make([]Cell, len(d.long)))
		}
		r.Wide, r.Tables = make([]Cell, len(d.wide)), make([][][]Cell, len(d.Tables))
		for was, err := range d.cut.of.Rows(nil) {
			if err != nil {
				yield(nil, err)
				return
			}
			if d.cut.Member != nil && !d.cut.Member(was) {
				continue
			}
			d.cutRecord(was, &r)
			if t != nil {
				t.count(d, &r)
			}
			if !yield(&r, nil) {
				return
			}
		}
	}
}

// cutRecord fills a record from the one it is cut from.
func (d *Dataset) cutRecord(was, r *Record) {
	c := d.cut
	cell := c.Cell
	if cell == nil {
		cell = func(_ At, _ *Variable, c Cell) Cell { return c }
	}
	r.ID, r.Status, r.Path = was.ID, was.Status, was.Path
	r.Path.Fielded = make([]bool, len(was.Path.Fielded))
	r.Path.Answered = slices.Clone(was.Path.Answered)
	for _, w := range d.Waves {
		r.Path.Fielded[w.Number-1] = true
	}
	for i, fielded := range r.Path.Fielded {
		r.Path.Answered[i] = r.Path.Answered[i] && fielded
	}
	r.Corrected = c.corrected(was, r.Corrected[:0], d)
	r.Interviewed, r.Facts, r.Outcomes = r.Interviewed[:0], r.Facts[:0], r.Outcomes[:0]
	for i, w := range c.waves {
		number := d.Waves[i].Number
		r.Interviewed, r.Facts, r.Outcomes = append(r.Interviewed, was.Interviewed[w]), append(r.Facts, was.Facts[w]), append(r.Outcomes, was.Outcomes[w])
		row, from := r.Long[i], was.Long[w]
		for j, at := range c.constant {
			v := c.of.constant[at]
			row[j] = from[at]
			if v.Name == namePattern && v.Question == "" && from[at].Missing == 0 && was.Status != Erased {
				row[j] = text(r.Path.Pattern())
			}
			row[j] = cell(At{ID: was.ID}, v, row[j])
		}
		row[d.varying-1] = from[c.of.varying-1]
		for j, at := range c.vary {
			row[d.varying+j] = cell(At{ID: was.ID, Wave: number}, c.of.vary[at], from[c.of.varying+at])
		}
		companions(d.constant, row[:len(d.constant)])
		companions(d.vary, row[d.varying:])
	}
	d.widen(r.Long, r.Wide)
	for i, one := range c.tables {
		r.Tables[i] = r.Tables[i][:0]
		table, of := d.Tables[i], c.of.Tables[one]
		for _, from := range was.Tables[one] {
			at := table.At(was.ID, from)
			if !slices.ContainsFunc(d.Waves, func(w study.Wave) bool { return w.Number == at.Wave }) {
				continue
			}
			row := slices.Clone(from[:table.keys])
			for j := range table.vary {
				column := c.columns[i][j+1]
				row = append(row, cell(at, of.Columns[column].Variable, from[column]))
			}
			companions(table.Variables, row[table.keys-1:])
			r.Tables[i] = append(r.Tables[i], row)
		}
	}
}

// corrected adds the corrections of what leaves.
func (c *cutting) corrected(was *Record, to []Corrected, d *Dataset) []Corrected {
	for _, one := range was.Corrected {
		v := c.leaves[one.Variable]
		if v == nil || !slices.ContainsFunc(d.Waves, func(w study.Wave) bool { return w.Number == one.Wave }) {
			continue
		}
		one.Variable = v
		to = append(to, one)
	}
	return to
}
