package staff

import (
	"slices"

	"panelverk/internal/fieldwork"
)

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
			d.text("mid", x[r.Wave], int(y(share))-12, p.percent(int(100*share+.5)))
		}
		last, lastShare = r.Wave, share
	}
	return d
}

// drawFlow draws a column a wave, parted by where people stand, and between
// columns a band for each move: its height is the number of people.
func (p *outcomesPage) drawFlow() *drawing {
	const top, bottom, gap, node = 24, 214, 6, 16
	steps := p.O.Steps
	d := p.draw("flow", 236)
	d.Width = max(drawWide, 100*len(steps)+60)
	d.Desc = p.T.T("staff.outcomes.flow.desc")
	places := len(steps[0].Moves)
	stand := func(i int) []int { // how many stand where in column i
		out := make([]int, places)
		for a := range places {
			for b := range places {
				switch {
				case i < len(steps):
					out[a] += steps[i].Moves[a][b]
				default:
					out[b] += steps[i-1].Moves[a][b]
				}
			}
		}
		return out
	}
	total := 0
	for _, n := range stand(0) {
		total += n
	}
	if total == 0 {
		return nil
	}
	unit := float64(bottom-top-(places-1)*gap) / float64(total)
	x := func(i int) int { return 8 + (d.Width-16-node)*i/len(steps) }
	tops := func(i int) []float64 {
		at, out := float64(top), make([]float64, places)
		for a, n := range stand(i) {
			out[a] = at
			if n > 0 {
				at += float64(n)*unit + gap
			}
		}
		return out
	}
	names := p.placeNames()
	for i, step := range steps {
		from, to := tops(i), tops(i+1)
		x0, x1 := x(i)+node, x(i+1)
		mid := (x0 + x1) / 2
		for a := range places {
			for b, n := range step.Moves[a] {
				if n == 0 {
					continue
				}
				h := float64(n) * unit
				d.path("band k"+itoa(a+1), p.T.T("staff.outcomes.flow.band", "from", names[a], "to", names[b], "count", n),
					"M%d %.1fC%d %.1f %d %.1f %d %.1fV%.1fC%d %.1f %d %.1f %d %.1fZ", x0, from[a], mid, from[a], mid, to[b], x1, to[b], to[b]+h, mid, to[b]+h, mid, from[a]+h, x0, from[a]+h)
				from[a], to[b] = from[a]+h, to[b]+h
			}
		}
	}
	seen := make([]bool, places)
	for i := range len(steps) + 1 {
		at := tops(i)
		for a, n := range stand(i) {
			if n == 0 {
				continue
			}
			seen[a] = true
			h := float64(n) * unit
			d.path("node k"+itoa(a+1), "", "M%d %.1fh%dv%.1fh-%dz", x(i), at[a], node, h, node)
			if h >= 14 && i < len(steps) {
				d.text("strong", x(i)+node+6, int(at[a]+h/2)+5, itoa(n))
			} else if h >= 14 {
				d.text("strong end", x(i)-6, int(at[a]+h/2)+5, itoa(n))
			}
		}
		number := steps[min(i, len(steps)-1)].From
		if i == len(steps) {
			number = steps[i-1].To
		}
		class, cx := "mid", x(i)+node/2
		if i == 0 {
			class, cx = "", x(i)
		} else if i == len(steps) {
			class, cx = "end", x(i)+node
		}
		d.text(class, cx, 14, p.T.T("staff.outcomes.wave_short", "wave", number))
	}
	for a := range places {
		if slices.Contains(seen[a:a+1], true) {
			d.Legend = append(d.Legend, legend{"node k" + itoa(a+1), swatch, names[a]})
		}
	}
	return d
}
