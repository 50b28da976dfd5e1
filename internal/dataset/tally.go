package dataset

import (
	"slices"

	"panelverk/internal/panel"
)

// Tally counts people while rows are given. The zero value is ready; Rows
// fills it.
type Tally struct {
	Members   int
	Status    map[Status]int
	Cohorts   map[int]int
	Waves     []WaveTally // as in Dataset.Waves
	Retention panel.Retention
	valid     map[*Variable][]int // by wave: cells with a value
	Rows      []int               // as in Dataset.Tables
	alphas    map[*Variable][]covariances
}

// WaveTally counts the people of one wave.
type WaveTally struct {
	Number       int
	Invited      int
	Started      int
	Submitted    int
	Dispositions map[string]int // by code
	// Framed counts those who have a response rate: with an open link, all but
	// those who entered at this wave.
	Framed   panel.Counts
	HasFrame bool // somebody is in Framed
}

// Rates gives the outcome rates of the wave. With an open link it has none
// where everybody entered at it: there is no frame.
func (t WaveTally) Rates(frame panel.Frame) []panel.Rate {
	return t.Framed.Rates(t.HasFrame || frame != panel.OpenLink)
}

func (t *Tally) start(d *Dataset) {
	*t = Tally{Status: map[Status]int{}, Cohorts: map[int]int{}}
	for _, w := range d.Waves {
		t.Waves = append(t.Waves, WaveTally{Number: w.Number, Dispositions: map[string]int{}})
	}
	t.valid, t.Rows = map[*Variable][]int{}, make([]int, len(d.Tables))
	t.alphas = map[*Variable][]covariances{}
	for _, s := range d.scored {
		t.alphas[d.vary[s.cell]] = make([]covariances, len(d.Waves))
	}
	for _, v := range d.Variables {
		t.valid[v] = make([]int, len(d.Waves))
	}
}

func (t *Tally) count(d *Dataset, r *Record) {
	t.Members++
	t.Status[r.Status]++
	t.Cohorts[r.Path.Cohort]++
	t.Retention.Add(r.Path)
	for w := range t.Waves {
		at, f, o := &t.Waves[w], r.Facts[w], r.Outcomes[w]
		if f.Invited {
			at.Invited++
		}
		if f.Started || f.Submitted {
			at.Started++
		}
		if f.Submitted {
			at.Submitted++
		}
		if o != panel.None {
			at.Dispositions[o.Code]++
			if d.frame.In(at.Number, r.Path.Cohort) != panel.OpenLink {
				at.Framed.Add(o.Group)
				at.HasFrame = true
			}
		}
		for i, c := range r.Long[w][d.varying:] {
			if c.Missing == 0 {
				t.valid[d.vary[i]][w]++
			}
		}
		if r.Interviewed[w] {
			for _, s := range d.scored {
				values, _ := s.values(r.Long[w][d.varying:])
				t.alphas[d.vary[s.cell]][w].add(values)
			}
		}
	}
	for i, table := range d.Tables {
		t.Rows[i] += len(r.Tables[i])
		for _, row := range r.Tables[i] {
			w := slices.IndexFunc(t.Waves, func(at WaveTally) bool { return at.Number == int(row[1].Number) })
			for j, c := range row[table.keys-1:] {
				if c.Missing == 0 {
					t.valid[table.Variables[j]][w]++
				}
			}
		}
	}
}

// Valid gives how many people, of a repeat how many instances, have a value of
// a varying variable in a wave; w is an index in Dataset.Waves.
func (t *Tally) Valid(v *Variable, w int) int {
	if of := t.valid[v]; of != nil {
		return of[w]
	}
	return 0
}

// Alpha gives Cronbach's α of a scale in a wave, of the n people who answered
// all its items; ok is false where there is none. w is an index in Dataset.Waves.
func (t *Tally) Alpha(v *Variable, w int) (alpha float64, n int, ok bool) {
	of := t.alphas[v]
	if of == nil {
		return 0, 0, false
	}
	alpha, ok = of[w].alpha()
	return alpha, of[w].n, ok
}
