package staff

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/release"
)

// answers draws up what was answered: the drawing, its tables, what is missing
// and what changed.
func (p *variablePage) answers() {
	if !slices.ContainsFunc(p.E.Waves, func(w release.ExploredWave) bool { return w.Shown }) {
		p.Why = p.T.T("staff.explore.why_open")
		return
	}
	v, list := p.V, p.V.Options
	switch {
	case len(list) == 0:
		p.Answers = append(p.Answers, p.distribution(v, "answers", p.T.T("staff.explore.answers_table")))
	case v.Ranked():
		p.Answers = append(p.Answers, p.places())
		for _, option := range list {
			if shown(option) {
				p.Answers = append(p.Answers, p.distribution(option, option.Name, p.optionName(option)))
			}
		}
	default:
		p.Answers = append(p.Answers, p.chosen())
	}
	p.Drawing = p.draw()
	from := v
	if len(v.Rows) == 0 && len(list) > 0 {
		from = list[0]
	}
	p.Missing = p.missing(from)
	p.change()
}

// optionName names an option without the question it belongs to.
func (p *variablePage) optionName(option *release.ExploredVariable) string {
	for _, value := range p.V.Values {
		if value.Name == option.Option {
			return p.In(value.Label)
		}
	}
	for _, s := range slices.Backward(option.Sources) {
		if s.Item.List != nil {
			if c := s.Item.List.Choice(option.Option); c != nil {
				return p.In(c.Label)
			}
		}
	}
	return p.In(option.Label)
}

// distribution gives the counts of each value, and the middle.
func (p *variablePage) distribution(v *release.ExploredVariable, key, caption string) *figures {
	head := p.heads(p.T.T("staff.explore.answer"))
	t := &figures{Key: key, Caption: caption, Head: head, Numbers: len(head) - 1}
	sum := totals(v, len(p.E.Waves))
	for _, row := range v.Rows {
		switch row.Kind {
		case release.RowMissing, release.RowAbsent:
		case release.RowAnswered:
			t.Rows = append(t.Rows, append([]datum{words(p.rowName(v, row))}, p.cells(row, nil)...))
		case release.RowValue, release.RowOther, release.RowPlace, release.RowBand:
			t.Rows = append(t.Rows, append([]datum{words(p.rowName(v, row))}, p.cells(row, sum)...))
		}
	}
	for _, middle := range []string{"mean", "median"} {
		row, told := []datum{words(p.T.T("staff.explore." + middle))}, false
		for i := range v.Middles {
			if !p.E.Waves[i].Shown {
				continue
			}
			m, cell := v.Middles[i], words("–")
			switch {
			case !m.Told:
			case middle == "median":
				told, cell = true, datum{p.amount(v, m.Median, 1), raw(m.Median)}
			case m.MeanHidden:
				told, p.Small, cell = true, true, words(p.T.T("staff.hidden"))
			default:
				told, cell = true, datum{p.amount(v, m.Mean, 2), raw(m.Mean)}
			}
			row = append(row, cell)
		}
		if told {
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// raw writes a figure for files: with a point, and as exactly as it is shown.
func raw(f float64) string { return strconv.FormatFloat(math.Round(f*100)/100, 'f', -1, 64) }

// amount writes a mean or median; of dates it is a year.
func (p *variablePage) amount(v *release.ExploredVariable, f float64, decimals int) string {
	if v.Kind != dataset.Number {
		return itoa(int(f))
	}
	return p.T.Number(f, decimals)
}

// places gives the mean place of each option, the smaller the more it matters.
func (p *variablePage) places() *figures {
	head := p.heads(p.T.T("staff.explore.option"))
	t := &figures{Key: "places", Caption: p.T.T("staff.explore.places_table"), Head: head, Numbers: len(head) - 1}
	for _, option := range p.V.Options {
		row := []datum{words(p.optionName(option))}
		for i, m := range option.Middles {
			switch {
			case !p.E.Waves[i].Shown:
			case m.Told:
				row = append(row, datum{p.T.Number(m.Mean, 2), raw(m.Mean)})
			default:
				row = append(row, words("–"))
			}
		}
		t.Rows = append(t.Rows, row)
		p.Small = p.Small || !shown(option)
	}
	return t
}

// shown tells whether a place of a ranked option is shown in some wave.
func shown(option *release.ExploredVariable) bool {
	return slices.ContainsFunc(option.Rows, func(r release.ExploredRow) bool {
		return r.Kind == release.RowPlace && slices.ContainsFunc(r.Cells, func(c release.ExploredCell) bool { return !c.Hidden && !c.Out })
	})
}

// chosen gives how many chose each option.
func (p *variablePage) chosen() *figures {
	head := p.heads(p.T.T("staff.explore.option"))
	t := &figures{Key: "chosen", Caption: p.T.T("staff.explore.chosen_table"), Head: head, Numbers: len(head) - 1}
	for _, option := range p.V.Options {
		if row := yes(option); row != nil {
			t.Rows = append(t.Rows, append([]datum{words(p.optionName(option))}, p.cells(*row, totals(p.V, len(p.E.Waves)))...))
		}
	}
	return t
}

// yes gives the row of an option that counts those who chose it.
func yes(option *release.ExploredVariable) *release.ExploredRow {
	for i := range option.Rows {
		if row := &option.Rows[i]; row.Kind == release.RowValue && row.Value.Code == 1 {
			return row
		}
	}
	return nil
}

// missing gives the reasons for having no value.
func (p *variablePage) missing(v *release.ExploredVariable) *figures {
	head := p.heads(p.T.T("staff.explore.reason"))
	t := &figures{Key: "missing", Caption: p.T.T("staff.explore.missing_table"), Head: head, Numbers: len(head) - 1}
	for _, row := range v.Rows {
		if row.Kind == release.RowMissing || row.Kind == release.RowAbsent {
			t.Rows = append(t.Rows, append([]datum{words(p.rowName(v, row))}, p.cells(row, nil)...))
		}
	}
	return t
}

// change gives how the same people's answers changed.
func (p *variablePage) change() {
	v := p.V
	if v.Form == dataset.Measured && len(v.Changes) > 0 {
		t := &figures{Key: "change", Caption: p.T.T("staff.explore.change_table"), Numbers: 3, Head: []string{p.T.T("staff.explore.waves"), p.T.T("staff.explore.paired"),
			p.T.T("staff.explore.mean_change"), p.T.T("staff.explore.median_change")}}
		for _, c := range v.Changes {
			row := []datum{words(p.fromTo(c)), words(p.T.T("staff.hidden")), words(p.T.T("staff.hidden")), words(p.T.T("staff.hidden"))}
			if c.Paired > 0 {
				row[1], row[2] = words(itoa(c.Paired)), datum{p.signed(c.Mean, 2), raw(c.Mean)}
			}
			if c.MedianTold {
				row[3] = datum{p.signed(c.Median, 1), raw(c.Median)}
			}
			p.Small = p.Small || c.Paired == 0
			t.Rows = append(t.Rows, row)
		}
		p.Change = t
	}
	for _, c := range v.Changes {
		if c.Moves == nil {
			continue
		}
		t := &figures{Key: "moves-" + itoa(c.From) + "-" + itoa(c.To), Caption: p.T.T("staff.explore.moves_table", "from", c.From, "to", c.To, "count", c.Paired), Numbers: len(c.Groups) + 1,
			Head: []string{p.T.T("staff.explore.moves_head", "from", c.From, "to", c.To)}}
		var names []string
		for _, g := range c.Groups {
			var labels []string
			for _, value := range g {
				labels = append(labels, p.In(value.Label))
			}
			names = append(names, strings.Join(labels, " / "))
		}
		names = append(names, p.T.T("staff.explore.no_answer"))
		t.Head = append(t.Head, names...)
		for a, moves := range c.Moves {
			row := []datum{words(names[a])}
			for b, n := range moves {
				text := itoa(n)
				if a == len(c.Groups) && b == a {
					text = "" // nothing moved
				}
				row = append(row, words(text))
			}
			t.Rows = append(t.Rows, row)
		}
		p.Moves = append(p.Moves, t)
	}
}

// NoMoves tells that a question was asked in waves that follow on each other,
// and that nothing may be shown of what became of the same people.
func (p *variablePage) NoMoves() bool {
	return p.V.Form == dataset.Coded && len(p.V.Changes) > 0 && len(p.Moves) == 0
}

// fromTo names the two waves of a change.
func (p *variablePage) fromTo(c release.ExploredChange) string {
	return p.T.T("staff.explore.from_to_wave", "from", c.From, "to", c.To)
}

// signed writes a change with its sign.
func (p *variablePage) signed(f float64, decimals int) string {
	text := p.T.Number(f, decimals)
	if f > 0 {
		return "+" + text
	}
	return text
}
