package staff

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/fieldwork"
	"panelverk/internal/panel"
	"panelverk/internal/study"
)

// outcomesPage is how the fieldwork came out: of the panel over its waves, or
// of one wave.
type outcomesPage struct {
	*view
	O        *fieldwork.Outcomes
	Wave     *fieldwork.WaveOutcome // nil for the panel
	Tabs     []link
	Sections []outcomeSection
	Small    bool // something on the page is hidden
}

// outcomeSection is one question and its answer: a drawing with its table, a
// table alone, or a sentence that says why there is neither.
type outcomeSection struct {
	ID, Head, Lede string
	Drawing        *drawing
	Table          *figures
}

// figures is a table, as it stands on the page and in the file. The first
// column heads the rows.
type figures struct {
	Key     string // names the file
	Caption string
	Head    []string
	Numbers int // so many columns from the right are numbers
	Rows    [][]datum
	URL     string // of the file
	Stack   bool   // on a phone each row becomes a paragraph: it has long texts
}

// datum is a cell: its text for people, and what a file holds where that differs.
type datum struct{ Text, Raw string }

func words(text string) datum { return datum{Text: text} }

// Number tells whether a column holds numbers.
func (f *figures) Number(column int) bool { return column >= len(f.Head)-f.Numbers }

// Slight tells of a table that needs no width.
func (f *figures) Slight() bool { return len(f.Head) < 3 }

func (r *request) showOutcomes() error { return r.outcomesPage(0) }

func (r *request) showWaveOutcomes() error {
	w, err := r.wave()
	if err != nil {
		return err
	}
	if w.State(r.now) == study.Planned {
		return errNoPage
	}
	return r.outcomesPage(w.Number)
}

// outcomes counts, and draws up the page of a wave; 0 for the panel's.
func (r *request) outcomes(wave int) (*outcomesPage, error) {
	o, err := r.Fieldwork.Outcomes(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return nil, err
	}
	p := &outcomesPage{view: r.view("outcomes"), O: o}
	p.Tabs = append(p.Tabs, link{r.at("/outcomes"), r.t.T("staff.outcomes.panel"), wave == 0})
	for i := range o.Waves {
		w := &o.Waves[i]
		p.Tabs = append(p.Tabs, link{r.at("/outcomes/" + itoa(w.Number)), p.WaveName(w.Number), w.Number == wave})
		if w.Number == wave {
			p.Wave = w
		}
	}
	switch {
	case p.Wave != nil:
		p.Sections = []outcomeSection{p.days(), p.groups(), p.rates(), p.minutes(), p.stopped()}
	case len(o.Waves) > 0:
		p.Sections = []outcomeSection{p.dispositions(), p.retention(), p.flow(), p.patterns()}
	}
	return p, nil
}

func (r *request) outcomesPage(wave int) error {
	p, err := r.outcomes(wave)
	if err != nil {
		return err
	}
	return r.show("outcomes", nil, p)
}

// outcomesFile sends one table of the pages as CSV.
func (r *request) outcomesFile() error {
	if err := r.may(access.ParticipationView); err != nil {
		return err
	}
	number, name := 0, r.study.Key+"-"+r.Param("table")
	if typed := r.Query("wave"); typed != "" {
		w, err := r.waveOf(typed)
		if err != nil {
			return err
		}
		number, name = w.Number, name+"-w"+itoa(w.Number)
	}
	p, err := r.outcomes(number)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(p.Sections, func(s outcomeSection) bool { return s.Table != nil && s.Table.Key == r.Param("table") })
	if i < 0 {
		return errNoPage
	}
	data, err := p.Sections[i].Table.csv()
	if err != nil {
		return err
	}
	return r.download(name+".csv", kindsOfFile[".csv"], data)
}

// csv writes the table as RFC 4180 has it, in UTF-8 with the mark by which
// Excel knows it.
func (f *figures) csv() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	lines := [][]string{f.Head}
	for _, row := range f.Rows {
		line := make([]string, len(row))
		for i, c := range row {
			if line[i] = c.Raw; c.Raw == "" {
				line[i] = c.Text
			}
			if !f.Number(i) && strings.ContainsAny(line[i][:min(1, len(line[i]))], "=+-@") {
				line[i] = "'" + line[i] // a text is never a formula
			}
		}
		lines = append(lines, line)
	}
	err := w.WriteAll(lines)
	return b.Bytes(), err
}

// table begins a table with its file.
func (p *outcomesPage) table(key string, numbers int, head ...string) *figures {
	f := &figures{Key: key, Caption: p.T.T("staff.outcomes." + key + ".table"), Head: head, Numbers: numbers, URL: p.At("/outcomes/file/" + key)}
	if p.Wave != nil {
		f.URL += "?wave=" + itoa(p.Wave.Number)
	}
	return f
}

// Heading says in a line how the wave, or the panel, stands.
func (p *outcomesPage) Heading() string {
	w := p.Wave
	switch {
	case w == nil && len(p.O.Waves) == 0:
		return p.T.T("staff.outcomes.none")
	case w == nil:
		return p.T.T("staff.outcomes.head", "count", len(p.O.Waves))
	case w.Complete.Hidden:
		return p.T.T("staff.overview.few", "wave", w.Number)
	}
	return p.T.T("staff.outcomes.wave_head", "wave", w.Number, "answered", w.Complete.N, "count", w.Invited)
}

// Partly tells of those who have answered enough to count and have not sent
// in, "" where nobody has.
func (p *outcomesPage) Partly() string {
	if p.Wave == nil || p.Wave.Partial.Hidden || p.Wave.Partial.N == 0 {
		return ""
	}
	return p.T.T("staff.outcomes.partly", "count", p.Wave.Partial.N, "share", p.percent(int(100*p.O.Study.Partial+.5)))
}

// Provisional tells of a wave that is not finished.
func (p *outcomesPage) Provisional() bool { return p.Wave != nil && p.Wave.State == study.Open }

// count gives a cell that may be hidden.
func (p *outcomesPage) count(c fieldwork.Cell) datum {
	if c.Hidden {
		p.Small = true
		return datum{Text: p.T.T("staff.hidden")}
	}
	return datum{Text: itoa(c.N)}
}

// share writes a share for people with one decimal, in a file with four.
func (p *outcomesPage) share(f float64) datum {
	return datum{Text: p.T.T("staff.outcomes.percent", "number", p.T.Number(100*f, 1)), Raw: strconv.FormatFloat(f, 'f', 4, 64)}
}

// rates gives the outcome rates of the wave.
func (p *outcomesPage) rates() outcomeSection {
	s := outcomeSection{ID: "rates", Head: p.T.T("staff.outcomes.rates.head"), Lede: p.T.T("staff.outcomes.frame." + string(p.O.Frame))}
	if p.Wave.Hidden {
		p.Small, s.Lede = true, p.T.T("staff.outcomes.rates.hidden")
		return s
	}
	t := p.table("rates", 3, p.T.T("staff.outcomes.rate"), p.T.T("staff.outcomes.words"), p.T.T("staff.outcomes.formula"),
		p.T.T("staff.outcomes.numerator"), p.T.T("staff.outcomes.denominator"), p.T.T("staff.outcomes.share"))
	t.Stack = true
	for _, r := range p.Wave.Rates {
		over, under, _ := strings.Cut(r.Formula, " / ")
		row := []datum{words(r.Name), words(p.T.T("staff.outcomes.ratio", "over", p.T.T("staff.outcomes.over."+sides[over]), "under", p.T.T("staff.outcomes.under."+sides[under]))),
			words(r.Formula)}
		if r.Why != "" {
			row = append(row, words("–"), words("–"), words(p.T.T("staff.outcomes.why."+string(r.Why))))
		} else {
			under := strconv.FormatFloat(r.Over, 'f', -1, 64)
			if r.Over != float64(int(r.Over)) {
				under = p.T.Number(r.Over, 1)
			}
			row = append(row, words(itoa(r.Of)), datum{under, strconv.FormatFloat(r.Over, 'f', -1, 64)}, p.share(r.Value))
		}
		t.Rows = append(t.Rows, row)
	}
	s.Table = t
	return s
}

// sides names the two sides of the rates' formulas, for their words.
var sides = map[string]string{
	"I": "i", "(I + P)": "ip", "R": "r", "(I + P + R + O)": "ipro", "K": "k",
	"(K + U)": "ku", "(K + e·U)": "keu", "(I + P + R)": "ipr", "(K + NE)": "kne",
}

// waveHeads gives the names of the waves as column heads.
func (p *outcomesPage) waveHeads(before ...string) []string {
	for _, w := range p.O.Waves {
		before = append(before, p.T.T("staff.outcomes.wave_short", "wave", w.Number))
	}
	return before
}

// dispositions gives how every invitation came out.
func (p *outcomesPage) dispositions() outcomeSection {
	t := p.table("dispositions", len(p.O.Waves), p.waveHeads(p.T.T("staff.outcomes.outcome"), p.T.T("staff.outcomes.code"))...)
	for _, d := range p.O.Dispositions {
		if !slices.ContainsFunc(d.Waves, func(c fieldwork.Cell) bool { return c.Hidden || c.N > 0 }) {
			continue
		}
		row := []datum{words(p.In(dataset.DispositionLabel(d.Disposition))), words(d.Code)}
		for _, c := range d.Waves {
			row = append(row, p.count(c))
		}
		t.Rows = append(t.Rows, row)
	}
	sum := []datum{words(p.T.T("staff.outcomes.sum")), {}}
	for _, w := range p.O.Waves {
		sum = append(sum, p.count(w.Cases))
	}
	t.Rows = append(t.Rows, sum)
	return outcomeSection{ID: "dispositions", Head: p.T.T("staff.outcomes.dispositions.head"), Table: t,
		Lede: p.T.T("staff.outcomes.dispositions.lede", "share", p.percent(int(100*p.O.Study.Partial+.5)))}
}

// retention gives the panel rates of each cohort, and draws who is left.
func (p *outcomesPage) retention() outcomeSection {
	head := []string{p.T.T("staff.outcomes.cohort"), p.T.T("staff.chart.wave")}
	for _, m := range fieldwork.Measures() {
		head = append(head, p.T.T("staff.outcomes.measure."+string(m)))
	}
	t := p.table("retention", len(fieldwork.Measures()), head...)
	at := map[[2]int]int{} // the row of a cohort and a wave
	for _, r := range p.O.Panel {
		place := [2]int{r.Cohort, r.Wave}
		i, ok := at[place]
		if !ok {
			i, at[place] = len(t.Rows), len(t.Rows)
			row := []datum{words(p.T.T("staff.outcomes.from_wave", "wave", r.Cohort)), words(itoa(r.Wave))}
			for range fieldwork.Measures() {
				row = append(row, words("–"))
			}
			t.Rows = append(t.Rows, row)
		}
		t.Rows[i][2+slices.Index(fieldwork.Measures(), r.Measure)] = p.fraction(r.Fraction, r.Hidden)
	}
	return outcomeSection{ID: "retention", Head: p.T.T("staff.outcomes.retention.head"), Lede: p.T.T("staff.outcomes.retention.lede"),
		Drawing: p.drawRetention(), Table: t}
}

// fraction writes a share with its parts: "24 of 36, 67 %".
func (p *outcomesPage) fraction(f panel.Fraction, hidden bool) datum {
	if hidden {
		return p.count(fieldwork.Cell{Hidden: true})
	}
	share, _ := f.Value()
	return datum{p.T.T("staff.outcomes.part", "of", f.Of, "over", f.Over, "share", p.percent(int(100*share+.5))), itoa(f.Of) + "/" + itoa(f.Over)}
}

// standNames names the places of the flow.
func (p *outcomesPage) standNames() []string {
	return []string{p.T.T("staff.outcomes.place.answered"), p.T.T("staff.outcomes.place.silent"), p.T.T("staff.outcomes.place.gone"), p.T.T("staff.outcomes.place.outside")}
}

// flow tells how people went from one wave to the next.
func (p *outcomesPage) flow() outcomeSection {
	s := outcomeSection{ID: "flow", Head: p.T.T("staff.outcomes.flow.head"), Lede: p.T.T("staff.outcomes.flow.lede")}
	if len(p.O.Steps) == 0 {
		s.Lede = p.T.T("staff.outcomes.flow.one")
		return s
	}
	names := p.standNames()
	t := p.table("flow", 1, p.T.T("staff.outcomes.flow.from"), p.T.T("staff.outcomes.flow.as"), p.T.T("staff.outcomes.flow.to"), p.T.T("staff.outcomes.flow.as"), p.T.T("staff.outcomes.persons"))
	shut := false
	for _, step := range p.O.Steps {
		from, to := words(p.WaveName(step.From)), words(p.WaveName(step.To))
		if step.Hidden {
			shut = true
			t.Rows = append(t.Rows, []datum{from, words("–"), to, words("–"), p.count(fieldwork.Cell{Hidden: true})})
		}
		for a := range step.Moves {
			for b, n := range step.Moves[a] {
				if n > 0 {
					t.Rows = append(t.Rows, []datum{from, words(names[a]), to, words(names[b]), words(itoa(n))})
				}
			}
		}
	}
	s.Table = t
	if !shut {
		s.Drawing = p.drawFlow()
	}
	return s
}

// patterns lists in which waves people took part.
func (p *outcomesPage) patterns() outcomeSection {
	t := p.table("patterns", 1, p.T.T("staff.outcomes.pattern"), p.T.T("staff.outcomes.persons"))
	for _, tally := range p.O.Patterns {
		t.Rows = append(t.Rows, []datum{words(tally.Pattern), words(itoa(tally.N))})
	}
	if p.O.Others.Hidden || p.O.Others.N > 0 {
		t.Rows = append(t.Rows, []datum{words(p.T.T("staff.outcomes.patterns.others")), p.count(p.O.Others)})
		p.Small = true
	}
	if !p.O.Others.Hidden {
		t.Rows = append(t.Rows, []datum{words(p.T.T("staff.outcomes.sum")), words(itoa(p.O.Members))})
	}
	return outcomeSection{ID: "patterns", Head: p.T.T("staff.outcomes.patterns.head"), Lede: p.T.T("staff.outcomes.patterns.lede"), Table: t}
}

// days tells how many interviews were sent in on each day.
func (p *outcomesPage) days() outcomeSection {
	s := outcomeSection{ID: "days", Head: p.T.T("staff.outcomes.days.head")}
	if p.Wave.DaysShut {
		p.Small, s.Lede = true, p.T.T("staff.outcomes.days.hidden")
		return s
	}
	t := p.table("days", 3, p.T.T("staff.outcomes.day"), p.T.T("staff.outcomes.sent_in"), p.T.T("staff.outcomes.invited"), p.T.T("staff.outcomes.reminded"))
	for _, d := range p.Wave.Days {
		t.Rows = append(t.Rows, []datum{{p.Day(d.At), d.At.Format(time.DateOnly)}, words(itoa(d.Answered)), words(itoa(d.Invited)), words(itoa(d.Reminded))})
	}
	s.Drawing, s.Table = p.drawDays(), t
	return s
}

// groups tells how many answered, by language and attribute.
func (p *outcomesPage) groups() outcomeSection {
	s := outcomeSection{ID: "groups", Head: p.T.T("staff.outcomes.groups.head")}
	t := p.table("groups", 3, p.T.T("staff.outcomes.group"), p.T.T("staff.outcomes.value"), p.T.T("staff.outcomes.invited"), p.T.T("staff.outcomes.wholly_or_partly"), p.T.T("staff.outcomes.share"))
	for _, g := range p.Wave.Groups {
		name, value := p.groupName(g)
		row := []datum{words(name), words(value), p.count(g.Invited), p.count(g.Answered), words("–")}
		if !g.Invited.Hidden && !g.Answered.Hidden && g.Invited.N > 0 {
			row[4] = p.share(float64(g.Answered.N) / float64(g.Invited.N))
		}
		t.Rows = append(t.Rows, row)
	}
	s.Drawing, s.Table = p.drawGroups(), t
	return s
}

// groupName names an attribute and one of its values.
func (p *outcomesPage) groupName(g fieldwork.GroupOutcome) (name, value string) {
	if g.Attribute == "" {
		return p.T.T("staff.panel.language"), p.LanguageName(g.Value)
	}
	a := p.Study.Attribute(g.Attribute)
	if c := a.Choice(g.Value); c != nil {
		return p.In(a.Label), p.In(c.Label)
	}
	return p.In(a.Label), p.T.T("staff.add.unknown")
}

// pageTitle numbers a page of the questionnaire, and names it.
func (p *outcomesPage) pageTitle(i int) string {
	if i == 0 {
		return p.T.T("staff.outcomes.stopped.none")
	}
	return p.T.T("staff.outcomes.page", "number", i, "title", p.In(p.Wave.Pages[i].Title))
}

// minutes tells how long each page took.
func (p *outcomesPage) minutes() outcomeSection {
	s := outcomeSection{ID: "minutes", Head: p.T.T("staff.outcomes.minutes.head"), Lede: p.T.T("staff.outcomes.minutes.lede")}
	t := p.table("minutes", 3, p.T.T("staff.outcomes.minutes.page"), p.T.T("staff.outcomes.minutes.lower"), p.T.T("staff.outcomes.minutes.median"), p.T.T("staff.outcomes.minutes.upper"))
	timed := false
	for i, page := range p.Wave.Pages[1:] {
		row := []datum{words(p.pageTitle(i + 1))}
		if timed = timed || page.Timed; page.Timed {
			for _, d := range []time.Duration{page.Lower, page.Median, page.Upper} {
				row = append(row, datum{p.T.Number(d.Minutes(), 1), strconv.FormatFloat(d.Minutes(), 'f', 2, 64)})
			}
		} else {
			hidden := p.count(fieldwork.Cell{Hidden: true})
			row = append(row, hidden, hidden, hidden)
		}
		t.Rows = append(t.Rows, row)
	}
	if !timed {
		s.Lede = p.T.T("staff.outcomes.minutes.few")
		return s
	}
	s.Drawing, s.Table = p.drawMinutes(), t
	return s
}

// stopped tells on which pages those stopped who have not sent in.
func (p *outcomesPage) stopped() outcomeSection {
	s := outcomeSection{ID: "stopped", Head: p.T.T("staff.outcomes.stopped.head"), Lede: p.T.T("staff.outcomes.stopped.lede")}
	switch {
	case p.Wave.Stopped.Hidden:
		p.Small, s.Lede = true, p.T.T("staff.outcomes.stopped.few")
		return s
	case p.Wave.Stopped.N == 0:
		s.Lede = p.T.T("staff.outcomes.stopped.nobody")
		return s
	}
	t := p.table("stopped", 1, p.T.T("staff.outcomes.stopped.after"), p.T.T("staff.outcomes.persons"))
	for i, page := range p.Wave.Pages {
		if page.Stopped.Hidden || page.Stopped.N > 0 {
			t.Rows = append(t.Rows, []datum{words(p.pageTitle(i)), p.count(page.Stopped)})
		}
	}
	s.Drawing, s.Table = p.drawStopped(), t
	return s
}
