package staff

import (
	"strings"
	"unicode/utf8"

	"panelverk/internal/release"
)

// bars is an answer with a bar for each wave.
type bars struct {
	name  string
	waves []waveBar
}

// waveBar is one of them. The text stands at its end.
type waveBar struct {
	wave   string
	length float64
	text   string
	hidden bool
}

// draw draws a bar for each answer and wave, all on one scale: how many gave the
// answer, or of things that were put in order their mean place.
func (p *variablePage) draw() *drawing {
	var all []bars
	scale, about := 0.0, "staff.explore.drawing"
	switch {
	case p.V.Ranked():
		all, scale, about = p.placeBars(), float64(len(p.V.Options)), "staff.explore.drawing_places"
	case p.V.Options != nil:
		for _, option := range p.V.Options {
			if row := yes(option); row != nil {
				all = append(all, p.countBars(p.optionName(option), *row))
			}
		}
	default:
		for _, row := range p.V.Rows {
			switch row.Kind {
			case release.RowValue, release.RowBand, release.RowOther:
				all = append(all, p.countBars(p.rowName(p.V, row), row))
			case release.RowAnswered, release.RowMissing, release.RowAbsent, release.RowPlace:
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	if scale == 0 {
		most := 1.0
		for _, b := range all {
			for _, w := range b.waves {
				most = max(most, w.length)
			}
		}
		scale = float64(nice(int(most)))
	}
	d := &drawing{ID: "answers", Width: drawWide, Title: p.Label, Desc: p.T.T(about)}
	d.drawBars(all, scale, p.T.T("staff.hidden"))
	return d
}

// countBars gives the counts of a row.
func (p *variablePage) countBars(name string, row release.ExploredRow) bars {
	out := bars{name: name}
	for i, c := range row.Cells {
		if p.E.Waves[i].Shown && !c.Out {
			out.waves = append(out.waves, waveBar{p.waveShort(i), float64(c.N), itoa(c.N), c.Hidden})
		}
	}
	return out
}

// placeBars gives the mean places of what was ranked.
func (p *variablePage) placeBars() []bars {
	var out []bars
	for _, option := range p.V.Options {
		one := bars{name: p.optionName(option)}
		for i, m := range option.Middles {
			if p.E.Waves[i].Shown && m.Told {
				one.waves = append(one.waves, waveBar{p.waveShort(i), m.Mean, p.T.Number(m.Mean, 2), false})
			}
		}
		if len(one.waves) > 0 {
			out = append(out, one)
		}
	}
	return out
}

func (p *variablePage) waveShort(i int) string {
	return p.T.T("staff.outcomes.wave_short", "wave", p.E.Waves[i].Number)
}

// drawBars draws the bars below each other; a bar of the scale's length is the longest.
func (d *drawing) drawBars(all []bars, scale float64, hidden string) {
	const left, right, letters = 84, 316, 42
	y := 0
	for _, b := range all {
		y += 4
		for _, line := range wrapped(b.name, letters) {
			y += 18
			d.text("strong", 2, y, line)
		}
		y += 6
		top := y
		for _, w := range b.waves {
			d.text("", 2, y+14, w.wave)
			if w.hidden {
				d.path("none", "", "M%d %dH%dV%dH%dZ", left, y+4, right-60, y+14, left)
				d.text("soft", right-52, y+14, hidden)
			} else {
				end := left + (right-left)*w.length/scale
				d.path("f1", b.name+", "+w.wave+": "+w.text, "M%d %dH%.1fV%dH%dZ", left, y+3, max(end, left+1), y+15, left)
				d.text("", int(end)+6, y+14, w.text)
			}
			y += 20
		}
		d.path("axis", "", "M%d %dV%d", left, top, y)
	}
	d.Height = y + 8
}

// wrapped parts a text into lines of at most so many letters, where its words
// are no longer.
func wrapped(s string, most int) []string {
	var out []string
	for word := range strings.FieldsSeq(s) {
		if n := len(out); n > 0 && utf8.RuneCountInString(out[n-1])+1+utf8.RuneCountInString(word) <= most {
			out[n-1] += " " + word
			continue
		}
		out = append(out, cut(word, most))
	}
	return out
}
