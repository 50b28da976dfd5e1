package staff

import (
	"fmt"
	"strconv"
	"strings"

	"panelverk/internal/fieldwork"
	"panelverk/internal/study"
)

func itoa(n int) string { return strconv.Itoa(n) }

// chart is the share of wave 1 that is left in each wave, with its table. A
// share that is hidden breaks the line.
type chart struct {
	Desc   string
	Grid   string // the path of the lines at 0, 50 and 100 per cent
	Scale  []mark
	Lines  []chartLine
	Points []chartPoint
	Waves  []mark // under the axis
	Rows   []retentionRow
	Base   string // who the shares are of
	Hidden bool   // some cell is hidden
	Width  int
}

type mark struct {
	X, Y int
	Text string
}

type chartLine struct {
	Path string
	Open bool // the wave is not finished
}

type chartPoint struct {
	X, LabelY int
	Y, Text   string
	Open      bool
}

// retentionRow is a wave in the table; "" cells are drawn as a dash.
type retentionRow struct {
	Wave, Invited, Answered, First, Before string
}

// The chart's measures, in the units of its viewBox.
const (
	chartLeft   = 58
	chartTop    = 34
	chartBottom = 194
	chartStep   = 80
)

// chart gives the retention of the waves that have opened, nil where fewer
// than one has answers.
func (p overviewPage) chart() *chart {
	if len(p.O.Waves) == 0 || p.O.Waves[0].State == study.Planned {
		return nil
	}
	base := p.O.Waves[0].Answered
	c := &chart{Width: max(360, chartLeft+chartStep*len(p.O.Waves))}
	right := c.Width - 4
	c.Grid = fmt.Sprintf("M%d %dH%dM%d %dH%dM%d %dH%d", chartLeft, chartTop, right, chartLeft, (chartTop+chartBottom)/2, right, chartLeft, chartBottom, right)
	for i, percent := range []int{100, 50, 0} {
		c.Scale = append(c.Scale, mark{chartLeft - 6, chartTop + 5 + i*(chartBottom-chartTop)/2, p.percent(percent)})
	}
	var said []string
	var last *chartPoint
	for i, w := range p.O.Waves {
		x := chartLeft + 32 + chartStep*i
		c.Waves = append(c.Waves, mark{x, chartBottom + 22, p.T.T("staff.chart.month", "month", p.month(w), "year", p.local(w.Opens).Format("06"))})
		if w.State == study.Planned {
			continue
		}
		c.Rows = append(c.Rows, p.retentionRow(w, base, &c.Hidden))
		left := sinceFirst(w)
		if p.hides(left) || base == 0 {
			last = nil
			continue
		}
		share := float64(left) / float64(base)
		point := chartPoint{X: x, Y: strconv.FormatFloat(chartBottom-share*(chartBottom-chartTop), 'f', 1, 64), Open: w.State == study.Open,
			Text: p.percent(round(left, base))}
		point.LabelY = int(chartBottom-share*(chartBottom-chartTop)) - 14
		if point.Open {
			point.Text = p.T.T("staff.chart.so_far", "share", point.Text)
			point.LabelY += 37
		}
		if last != nil {
			c.Lines = append(c.Lines, chartLine{Path: fmt.Sprintf("M%d %sL%d %s", last.X, last.Y, x, point.Y), Open: point.Open})
		}
		c.Points = append(c.Points, point)
		last = &c.Points[len(c.Points)-1]
		said = append(said, p.T.T("staff.chart.point", "wave", w.Number, "share", point.Text))
	}
	c.Desc = strings.Join(said, " ")
	if !p.hides(base) {
		c.Base = p.T.T("staff.chart.base", "count", base)
	}
	return c
}

func (p overviewPage) retentionRow(w fieldwork.WaveCount, base int, hidden *bool) retentionRow {
	cell := func(n int, text string) string {
		if p.hides(n) {
			*hidden = true
			return p.T.T("staff.hidden")
		}
		return text
	}
	row := retentionRow{Wave: itoa(w.Number), Invited: itoa(w.Invited), Answered: cell(w.Answered, itoa(w.Answered))}
	if w.State == study.Open {
		row.Wave = p.T.T("staff.chart.so_far", "share", row.Wave)
	}
	if base > 0 {
		row.First = cell(sinceFirst(w), p.percent(round(sinceFirst(w), base)))
	}
	if w.Number > 1 {
		if before := p.O.Waves[w.Number-2].Answered; before > 0 {
			row.Before = cell(w.Before, p.percent(round(w.Before, before)))
		}
	}
	return row
}

// sinceFirst counts who answered the wave and wave 1, which in wave 1 are all.
func sinceFirst(w fieldwork.WaveCount) int {
	if w.Number == 1 {
		return w.Answered
	}
	return w.First
}

// month gives the short name of the month that a wave opens in.
func (p overviewPage) month(w fieldwork.WaveCount) string {
	names := strings.Fields(p.T.T("staff.chart.months"))
	return names[int(p.local(w.Opens).Month())-1]
}

func (v *view) percent(n int) string { return v.T.T("staff.percent", "number", n) }

// round gives a share in whole per cent.
func round(part, whole int) int { return (200*part + whole) / (2 * whole) }
