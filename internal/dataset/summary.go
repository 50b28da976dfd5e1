package dataset

import (
	"math"
	"slices"
	"strconv"
)

// Form is how the values of a variable are counted in a summary.
type Form uint8

// The forms.
const (
	Untold   Form = iota // not at all: the person, what is told elsewhere, what repeats another variable
	Counted              // how many have a value: texts, files, places
	Coded                // how many have each value
	Ranked               // how often an option was put in each place
	Measured             // by size: numbers, and dates by their year
)

// Form tells how a variable is summarised. What an earlier answer was offered
// as is untold: beside the earlier wave's counts it would tell of the few who
// were not offered theirs. So are the rows of repeats, of which a person has several.
func (d *Dataset) Form(v *Variable) Form {
	inRepeat := func(s Source) bool { return s.Item.InRepeat() != nil }
	switch {
	case !v.Varying, v.Role == Companion, v.Role == Offered, v.Role == OfferedWave, v.Role == OfferOutcome, v.Role == Instance, v.Role == Weight:
		return Untold
	case v.Role != Derived && slices.ContainsFunc(v.Sources, inRepeat):
		return Untold
	case v.Question == "" && v.Role == Whole && v.Name != nameMode && v.Name != nameMinutes:
		return Untold
	case v.Role == Position:
		return Ranked
	case v.Role == List, v.Kind == Text:
		return Counted
	case v.Kind == Number && len(v.Values) > 0:
		return Coded
	}
	return Measured
}

// WaveCounts is what was counted of a variable in a wave. Nobody is counted twice.
type WaveCounts struct {
	Absent  int             // people without an interview in the wave
	Missing map[Missing]int // interviews without a value, by reason
	Valid   int             // interviews with a value
	Values  []int           // of Coded as Variable.Values; of Ranked by place, the first being 1
	Other   int             // of Coded: values that are not among them
	Sizes   Sizes           // of Measured
}

// Move is what became of people between two waves that follow on each other.
type Move struct {
	// Moves counts people by their value in the first wave (rows) and in the
	// second, as Variable.Values; the last of both is having none of them. Of Coded.
	Moves [][]int
	// People with a value in both waves, in one of them, in neither. Of Measured.
	Both, First, Second, Neither int
	Change                       Sizes // by how much it grew, of Both
}

// Distribution is a variable counted over waves.
type Distribution struct {
	Variable *Variable
	Form     Form
	Waves    []WaveCounts // as Dataset.Waves
	Moves    []Move       // from each wave to the next: one fewer
}

// Summary counts every variable that is not Untold. Its size depends on the
// variables and waves and not on the people. What it holds is exact: it is for
// whoever decides what of it may be shown.
type Summary struct {
	Members     int
	Variables   []*Distribution // in the order of Dataset.Variables
	Waves       []WaveTally     // as Dataset.Waves
	Interviewed []int           // as Dataset.Waves: interviews that are in the data
	Rows        []int           // as Dataset.Tables: instances
	Owners      []int           // as Dataset.Tables: people with an instance in some wave
}

// Of gives the distribution of a variable, nil where it is Untold.
func (s *Summary) Of(v *Variable) *Distribution {
	for _, d := range s.Variables {
		if d.Variable == v {
			return d
		}
	}
	return nil
}

// Summarise reads the members once.
func (d *Dataset) Summarise() (*Summary, error) {
	s := &Summary{Owners: make([]int, len(d.Tables)), Interviewed: make([]int, len(d.Waves))}
	var columns []int // of s.Variables, in a long row
	for i, c := range d.long {
		form := d.Form(c.Variable)
		if form == Untold {
			continue
		}
		s.Variables = append(s.Variables, emptyDistribution(c.Variable, form, len(d.Waves)))
		columns = append(columns, i)
	}
	var t Tally
	for r, err := range d.Rows(&t) {
		if err != nil {
			return nil, err
		}
		for i, dist := range s.Variables {
			dist.add(r, columns[i])
		}
		for w, there := range r.Interviewed {
			if there {
				s.Interviewed[w]++
			}
		}
		for i, rows := range r.Tables {
			if len(rows) > 0 {
				s.Owners[i]++
			}
		}
	}
	s.Members, s.Waves, s.Rows = t.Members, t.Waves, t.Rows
	return s, nil
}

func emptyDistribution(v *Variable, form Form, waves int) *Distribution {
	out := &Distribution{Variable: v, Form: form, Waves: make([]WaveCounts, waves), Moves: make([]Move, max(waves-1, 0))}
	for i := range out.Waves {
		out.Waves[i].Missing = map[Missing]int{}
		out.Waves[i].Values = make([]int, len(v.Values))
		out.Waves[i].Sizes.whole = v.Integer || v.Kind != Number
	}
	for i := range out.Moves {
		out.Moves[i].Change.whole = v.Integer || v.Kind != Number
		if form != Coded {
			continue
		}
		out.Moves[i].Moves = make([][]int, len(v.Values)+1)
		for j := range out.Moves[i].Moves {
			out.Moves[i].Moves[j] = make([]int, len(v.Values)+1)
		}
	}
	return out
}

// add counts one member.
func (d *Distribution) add(r *Record, column int) {
	for w := range d.Waves {
		cell := &r.Long[w][column]
		d.Waves[w].add(d, cell, r.Interviewed[w])
		if w == 0 {
			continue
		}
		before, move := &r.Long[w-1][column], &d.Moves[w-1]
		switch d.Form {
		case Coded:
			move.Moves[d.place(before)][d.place(cell)]++
		case Measured:
			move.add(d.size(before), d.size(cell))
		case Untold, Counted, Ranked:
		}
	}
}

// place gives the index of a cell's value, behind all where it has none of them.
func (d *Distribution) place(c *Cell) int {
	if c.Missing == 0 {
		for i := range d.Variable.Values {
			if float64(d.Variable.Values[i].Code) == c.Number {
				return i
			}
		}
	}
	return len(d.Variable.Values)
}

// size gives a cell as a number, NaN where it has no value: a date is its year.
func (d *Distribution) size(c *Cell) float64 {
	switch {
	case c.Missing != 0:
		return math.NaN()
	case d.Variable.Kind == Number:
		return c.Number
	}
	year, err := strconv.Atoi(c.Text[:min(4, len(c.Text))])
	if err != nil {
		return math.NaN()
	}
	return float64(year)
}

func (c *WaveCounts) add(d *Distribution, cell *Cell, interviewed bool) {
	switch {
	case !interviewed:
		c.Absent++
		return
	case cell.Missing != 0:
		c.Missing[cell.Missing]++
		return
	}
	c.Valid++
	switch d.Form {
	case Coded:
		if at := d.place(cell); at < len(c.Values) {
			c.Values[at]++
		} else {
			c.Other++
		}
	case Ranked:
		for place := int(cell.Number); place > len(c.Values) && place <= maxPlaces; {
			c.Values = append(c.Values, 0)
		}
		if place := int(cell.Number); place >= 1 && place <= len(c.Values) {
			c.Values[place-1]++
		}
		c.Sizes.Add(cell.Number)
	case Measured:
		c.Sizes.Add(d.size(cell))
	case Untold, Counted:
	}
}

// maxPlaces is more than anybody ranks.
const maxPlaces = 100

func (m *Move) add(before, after float64) {
	switch a, b := !math.IsNaN(before), !math.IsNaN(after); {
	case a && b:
		m.Both++
		m.Change.Add(after - before)
	case a:
		m.First++
	case b:
		m.Second++
	default:
		m.Neither++
	}
}
