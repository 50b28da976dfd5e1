package staff

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"panelverk/internal/fieldwork"
)

// drawing is a chart as shapes and labels in the units of its viewBox. What it
// shows stands in a table as well; colours come from the style sheet by class.
type drawing struct {
	ID            string
	Width, Height int
	Title, Desc   string
	Shapes        []shape
	Labels        []label
	Legend        []legend
}

// shape is a path with its class. A title is read out and shown on hovering.
type shape struct{ Class, Path, Title string }

// label is a text: its class says where it is anchored ("mid", "end") and how strong it is.
type label struct {
	Class string
	X, Y  int
	Text  string
}

// legend explains a class of shapes.
type legend struct{ Class, Path, Text string }

// The measures that drawings share, in the units of the viewBox: text is 14 high.
const (
	drawWide = 360
	swatch   = "M1 3H15V15H1Z" // in a box of 16
)

func (d *drawing) path(class, title, format string, args ...any) {
	d.Shapes = append(d.Shapes, shape{class, fmt.Sprintf(format, args...), title})
}

func (d *drawing) text(class string, x, y int, text string) {
	d.Labels = append(d.Labels, label{class, x, y, text})
}

// draw begins a drawing with its title.
func (p *outcomesPage) draw(id string, height int) *drawing {
	return &drawing{ID: id, Width: drawWide, Height: height, Title: p.T.T("staff.outcomes." + id + ".head")}
}

// cut shortens a text to so many characters.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:most-1]), " ,.–-") + "…"
}

// nice gives a round number of at least n that halves well, for the top of an axis.
func nice(n int) int {
	for step := 2; ; step *= 10 {
		for _, f := range []int{1, 2, 3, 5} {
			if step*f >= n {
				return step * f
			}
		}
	}
}

// mostBars is how many bars stand side by side and can still be told apart.
const mostBars = 40

// drawDays draws the interviews sent in by day, or by several days where there
// are many, with marks under the days on which messages went out.
func (p *outcomesPage) drawDays() *drawing {
	days := p.Wave.Days
	if len(days) == 0 {
		return nil
	}
	const left, right, top, bottom = 34, 352, 14, 144
	d := p.draw("days", 208)
	d.Desc = p.T.T("staff.outcomes.days.desc", "count", len(days))
	every := (len(days) + mostBars - 1) / mostBars
	var bars []fieldwork.Day
	most := 0
	for i, day := range days {
		if i%every == 0 {
			bars = append(bars, fieldwork.Day{At: day.At})
		}
		b := &bars[len(bars)-1]
		b.Answered, b.Invited, b.Reminded = b.Answered+day.Answered, b.Invited+day.Invited, b.Reminded+day.Reminded
		most = max(most, b.Answered)
	}
	scale := nice(max(most, 2))
	y := func(n int) int { return bottom - (bottom-top)*n/scale }
	d.path("g", "", "M%d %dH%dM%d %dH%d", left, top, right, left, y(scale/2), right)
	for _, n := range []int{0, scale / 2, scale} {
		d.text("end", left-8, y(n)+5, itoa(n))
	}
	slot := float64(right-left) / float64(max(len(bars), 14))
	x := func(i int) float64 { return left + slot*float64(i) }
	invited, reminded := false, false
	for i, b := range bars {
		if b.Answered > 0 {
			d.path("f1", p.T.T("staff.outcomes.days.bar", "day", p.Day(b.At), "count", b.Answered), "M%.1f %dV%dH%.1fV%dZ", x(i)+slot*.12, bottom, y(b.Answered), x(i)+slot*.88, bottom)
		}
		mid := x(i) + slot/2
		if b.Invited > 0 {
			invited = true
			d.path("f3", p.T.T("staff.outcomes.days.invited", "day", p.Day(b.At), "count", b.Invited), "M%.1f %dl5 9h-10z", mid, bottom+6)
		}
		if b.Reminded > 0 {
			reminded = true
			d.path("f2", p.T.T("staff.outcomes.days.reminded", "day", p.Day(b.At), "count", b.Reminded), "M%.1f %dl5 5l-5 5l-5 -5z", mid, bottom+18)
		}
	}
	d.path("axis", "", "M%d %dH%d", left, bottom, right)
	last := len(bars) - 1
	d.text("", left, bottom+50, p.T.DateShort(p.local(bars[0].At)))
	if last > 0 {
		if end := int(x(last) + slot); end > right-60 {
			d.text("end", right, bottom+50, p.T.DateShort(p.local(days[len(days)-1].At)))
		} else {
			d.text("mid", max(int(x(last)+slot/2), left+110), bottom+50, p.T.DateShort(p.local(days[len(days)-1].At)))
		}
	}
	d.Legend = append(d.Legend, legend{"f1", swatch, p.T.T("staff.outcomes.days.legend", "count", every)})
	if invited {
		d.Legend = append(d.Legend, legend{"f3", "M8 3l5 9h-10z", p.T.T("staff.outcomes.days.legend_invited")})
	}
	if reminded {
		d.Legend = append(d.Legend, legend{"f2", "M8 3l5 5l-5 5l-5 -5z", p.T.T("staff.outcomes.days.legend_reminded")})
	}
	return d
}

// rows draws horizontal bars from 0 to 1, each under its own text.
type barRow struct {
	Text, Value string
	Share       float64
	Hidden      bool
	Head        string // a heading over the row, "" for none
}

func (d *drawing) rows(rows []barRow, hidden string) {
	const left, right = 2, 280
	y := 0
	for _, r := range rows {
		if r.Head != "" {
			if y > 0 {
				y += 12
			}
			y += 18
			d.text("strong", left, y, r.Head)
		}
		y += 20
		d.text("", left, y, cut(r.Text, 44))
		if r.Hidden {
			d.path("none", "", "M%d %dH%dV%dH%dZ", left, y+6, right, y+18, left)
			d.text("soft", right+8, y+17, hidden)
		} else {
			d.path("track", "", "M%d %dH%dV%dH%dZ", left, y+6, right, y+18, left)
			d.path("f1", "", "M%d %dH%.1fV%dH%dZ", left, y+6, left+float64(right-left)*min(r.Share, 1), y+18, left)
			d.text("", right+8, y+17, r.Value)
		}
		y += 22
	}
	d.Height = y + 4
}

// drawGroups draws the share that answered in each group.
func (p *outcomesPage) drawGroups() *drawing {
	if len(p.Wave.Groups) == 0 {
		return nil
	}
	d := p.draw("groups", 0)
	d.Desc = p.T.T("staff.outcomes.groups.desc")
	var rows []barRow
	head := ""
	for _, g := range p.Wave.Groups {
		name, value := p.groupName(g)
		row := barRow{Text: value, Hidden: g.Invited.Hidden || g.Answered.Hidden}
		if name != head {
			row.Head, head = name, name
		}
		if !row.Hidden && g.Invited.N > 0 {
			row.Share = float64(g.Answered.N) / float64(g.Invited.N)
			row.Value = p.T.T("staff.outcomes.of", "of", g.Answered.N, "over", g.Invited.N)
		}
		rows = append(rows, row)
	}
	d.rows(rows, p.T.T("staff.hidden"))
	return d
}

// drawStopped draws how many stopped after each page.
func (p *outcomesPage) drawStopped() *drawing {
	d := p.draw("stopped", 0)
	d.Desc = p.T.T("staff.outcomes.stopped.desc")
	var rows []barRow
	for i, page := range p.Wave.Pages {
		if page.Stopped.Hidden || page.Stopped.N > 0 {
			rows = append(rows, barRow{Text: p.pageTitle(i), Hidden: page.Stopped.Hidden, Value: itoa(page.Stopped.N),
				Share: float64(page.Stopped.N) / float64(max(p.Wave.Stopped.N, 1))})
		}
	}
	d.rows(rows, p.T.T("staff.hidden"))
	return d
}

// drawMinutes draws for each page the middle half of the times as a bar, and
// the median on it.
func (p *outcomesPage) drawMinutes() *drawing {
	const left, right = 2, 300
	most := 0.0
	for _, page := range p.Wave.Pages {
		most = max(most, page.Upper.Minutes())
	}
	scale := nice(max(2, int(most+.999)))
	x := func(minutes float64) float64 { return left + (right-left)*minutes/float64(scale) }
	d := p.draw("minutes", 0)
	d.Desc = p.T.T("staff.outcomes.minutes.desc")
	y := 0
	for i, page := range p.Wave.Pages[1:] {
		y += 20
		d.text("", left, y, cut(p.pageTitle(i+1), 44))
		if page.Timed {
			d.path("track", "", "M%d %dH%dV%dH%dZ", left, y+6, right, y+18, left)
			d.path("f1 light", "", "M%.1f %dH%.1fV%dH%.1fZ", x(page.Lower.Minutes()), y+6, max(x(page.Upper.Minutes()), x(page.Lower.Minutes())+3), y+18, x(page.Lower.Minutes()))
			d.path("median", "", "M%.1f %dV%d", x(page.Median.Minutes()), y+4, y+20)
			d.text("", right+8, y+17, p.T.Number(page.Median.Minutes(), 1))
		} else {
			d.path("none", "", "M%d %dH%dV%dH%dZ", left, y+6, right, y+18, left)
			d.text("soft", right+8, y+17, p.T.T("staff.hidden"))
		}
		y += 22
	}
	y += 8
	d.path("axis", "", "M%d %dH%dM%d %dv5M%d %dv5M%d %dv5", left, y, right, left, y, int(x(float64(scale)/2)), y, right, y)
	d.text("", left, y+20, "0")
	d.text("mid", int(x(float64(scale)/2)), y+20, itoa(scale/2))
	d.text("end", right+30, y+20, p.T.T("staff.outcomes.minutes.unit", "count", scale))
	d.Height = y + 26
	d.Legend = []legend{{"f1 light", swatch, p.T.T("staff.outcomes.minutes.half")}, {"median", "M8 2V16", p.T.T("staff.outcomes.minutes.middle")}}
	return d
}
