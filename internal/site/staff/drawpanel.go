package staff

import "panelverk/internal/fieldwork"

// cohortLines is how many cohorts have a line of their own look.
const cohortLines = 3

// drawRetention draws, for each cohort, the share of those who answered its
// first wave that answered each later one. A hidden share breaks the line.
func (p *outcomesPage) drawRetention() *drawing {
	const left, right, top, bottom = 58, 340, 22, 174
	waves := p.O.Waves
	if len(waves) < 2 {
		return nil
	}
	d := p.draw("retention", 206)
	d.Title, d.Desc = p.T.T("staff.outcomes.retention.title"), p.T.T("staff.outcomes.retention.desc")
	y := func(share float64) float64 { return bottom - share*(bottom-top) }
	d.path("g", "", "M%d %dH%dM%d %dH%d", left, top, right, left, (top+bottom)/2, right)
	d.path("axis", "", "M%d %dH%d", left, bottom, right)
	for i, percent := range []int{100, 50, 0} {
		d.text("end", left-8, top+5+i*(bottom-top)/2, p.percent(percent))
	}
	x := map[int]int{}
	for i, w := range waves {
		x[w.Number] = left + 14 + (right-left-28)*i/(len(waves)-1)
		d.text("mid", x[w.Number], bottom+22, p.T.T("staff.outcomes.wave_short", "wave", w.Number))
	}
	line, cohort, last := -1, 0, 0
	var lastShare float64
	for _, r := range p.O.Panel {
		if r.Measure != fieldwork.Baseline {
			continue
		}
		if r.Cohort != cohort {
			line, cohort, last = line+1, r.Cohort, 0
			class := "l" + itoa(min(line, cohortLines)+1)
			d.Legend = append(d.Legend, legend{class, "M0 9H16", p.T.T("staff.outcomes.from_wave", "wave", cohort)})
		}
		if r.Hidden {
			last = 0
			continue
		}
		class := "l" + itoa(min(line, cohortLines)+1)
		share, _ := r.Value()
		if last > 0 {
			d.path(class, "", "M%d %.1fL%d %.1f", x[last], y(lastShare), x[r.Wave], y(share))
		}
		d.path(class+" dot", p.T.T("staff.outcomes.part", "of", r.Of, "over", r.Over, "share", p.percent(int(100*share+.5))), "M%d %.1fa4 4 0 1 0 .01 0z", x[r.Wave], y(share)-4)
		if line == 0 && last > 0 {
			d.text("mid", x[r.Wave], int(y(share))+22, p.percent(int(100*share+.5)))
		}
		last, lastShare = r.Wave, share
	}
	return d
}

// flow lays out the columns of people and the bands between them.
type flow struct {
	steps  []fieldwork.Step
	stands int     // rows of a column
	unit   float64 // the height of a person
	width  int
}

// The measures of the flow, in the units of its viewBox.
const (
	flowTop, flowBottom = 24, 214
	flowGap             = 6
	flowNode            = 16
)

// column gives how many people stand where in column i.
func (f *flow) column(i int) []int {
	out := make([]int, f.stands)
	for a := range f.stands {
		for b := range f.stands {
			if i < len(f.steps) {
				out[a] += f.steps[i].Moves[a][b]
			} else {
				out[b] += f.steps[i-1].Moves[a][b]
			}
		}
	}
	return out
}

// tops gives where the nodes of column i begin.
func (f *flow) tops(i int) []float64 {
	at, out := float64(flowTop), make([]float64, f.stands)
	for a, n := range f.column(i) {
		if out[a] = at; n > 0 {
			at += float64(n)*f.unit + flowGap
		}
	}
	return out
}

// x gives the left side of column i.
func (f *flow) x(i int) int { return 8 + (f.width-16-flowNode)*i/len(f.steps) }

// wave gives the number of the wave of column i.
func (f *flow) wave(i int) int {
	if i == len(f.steps) {
		return f.steps[i-1].To
	}
	return f.steps[i].From
}

// drawFlow draws a column a wave, parted by where people stand, and between
// columns a band for each move: its height is the number of people.
func (p *outcomesPage) drawFlow() *drawing {
	f := &flow{steps: p.O.Steps, stands: len(p.O.Steps[0].Moves)}
	d := p.draw("flow", 236)
	f.width = max(drawWide, 100*len(f.steps)+60)
	d.Width, d.Desc = f.width, p.T.T("staff.outcomes.flow.desc")
	total := 0
	for _, n := range f.column(0) {
		total += n
	}
	if total == 0 {
		return nil
	}
	f.unit = float64(flowBottom-flowTop-(f.stands-1)*flowGap) / float64(total)
	names := p.standNames()
	for i := range f.steps {
		p.drawBands(d, f, i, names)
	}
	seen := make([]bool, f.stands)
	for i := range len(f.steps) + 1 {
		at := f.tops(i)
		for a, n := range f.column(i) {
			if n == 0 {
				continue
			}
			seen[a] = true
			h := float64(n) * f.unit
			d.path("node k"+itoa(a+1), "", "M%d %.1fh%dv%.1fh-%dz", f.x(i), at[a], flowNode, h, flowNode)
			switch {
			case h < 14:
			case i < len(f.steps):
				d.text("strong", f.x(i)+flowNode+6, int(at[a]+h/2)+5, itoa(n))
			default:
				d.text("strong end", f.x(i)-6, int(at[a]+h/2)+5, itoa(n))
			}
		}
		name := p.T.T("staff.outcomes.wave_short", "wave", f.wave(i))
		switch i {
		case 0:
			d.text("", f.x(i), 14, name)
		case len(f.steps):
			d.text("end", f.x(i)+flowNode, 14, name)
		default:
			d.text("mid", f.x(i)+flowNode/2, 14, name)
		}
	}
	for a := range f.stands {
		if seen[a] {
			d.Legend = append(d.Legend, legend{"node k" + itoa(a+1), swatch, names[a]})
		}
	}
	return d
}

// drawBands draws the moves from column i to the next.
func (p *outcomesPage) drawBands(d *drawing, f *flow, i int, names []string) {
	from, to := f.tops(i), f.tops(i+1)
	x0, x1 := f.x(i)+flowNode, f.x(i+1)
	mid := (x0 + x1) / 2
	for a := range f.stands {
		for b, n := range f.steps[i].Moves[a] {
			if n == 0 {
				continue
			}
			h := float64(n) * f.unit
			d.path("band k"+itoa(a+1), p.T.T("staff.outcomes.flow.band", "from", names[a], "to", names[b], "count", n),
				"M%d %.1fC%d %.1f %d %.1f %d %.1fV%.1fC%d %.1f %d %.1f %d %.1fZ", x0, from[a], mid, from[a], mid, to[b], x1, to[b], to[b]+h, mid, to[b]+h, mid, from[a]+h, x0, from[a]+h)
			from[a], to[b] = from[a]+h, to[b]+h
		}
	}
}
