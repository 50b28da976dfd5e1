package staff

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"panelverk/internal/dataset"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/release"
)

// variablesPage lists the variables, by part of the questionnaire, or those that
// were looked for.
type variablesPage struct {
	*view
	Asked  string
	Count  int
	Parts  []variablePart
	Tables []release.ExploredTable
}

type variablePart struct {
	Name string
	Rows []variableRow
}

// variableRow is a question as a variable over the waves.
type variableRow struct {
	Name, Type, Waves, URL string
	Label, Tag             string // the label and its language
}

func (r *request) showVariables() error {
	e, err := r.Release.Explore(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return err
	}
	p := variablesPage{view: r.view("data"), Asked: strings.TrimSpace(r.Query("q"))}
	for _, v := range e.Variables {
		if !finds(v, p.Asked) {
			continue
		}
		p.Count++
		name := p.partName(v)
		at := slices.IndexFunc(p.Parts, func(part variablePart) bool { return part.Name == name })
		if at < 0 {
			at = len(p.Parts)
			p.Parts = append(p.Parts, variablePart{Name: name})
		}
		row := variableRow{Name: v.Name, Type: p.typeOf(v), Waves: p.wavesOf(e, v), URL: r.at("/data/variables/" + v.Name)}
		row.Label, row.Tag = p.tagged(v.Label)
		p.Parts[at].Rows = append(p.Parts[at].Rows, row)
	}
	if p.Asked == "" {
		p.Tables = e.Tables
	}
	return r.show("variables", nil, p)
}

// finds tells whether a variable holds every word that was looked for: in its
// name, in the wording of any version or in the choices, in any language.
func finds(v *release.ExploredVariable, asked string) bool {
	var all strings.Builder
	add := func(t lang.Text) {
		for _, s := range t {
			all.WriteString(s + "\n")
		}
	}
	all.WriteString(v.Name + "\n" + v.Question + "\n")
	add(v.Label)
	for _, s := range v.Sources {
		add(s.Item.Label)
		add(s.Item.Hint)
	}
	for _, value := range v.Values {
		all.WriteString(value.Name + "\n")
		add(value.Label)
	}
	for _, option := range v.Options {
		all.WriteString(option.Name + "\n")
		add(option.Label)
	}
	text := folded(all.String())
	return !slices.ContainsFunc(strings.Fields(folded(asked)), func(word string) bool { return !strings.Contains(text, word) })
}

// unlike are letters that are typed as others where a keyboard lacks them, and are
// no letters with a mark to Unicode.
var unlike = strings.NewReplacer("ß", "ss", "đ", "d", "ø", "o", "æ", "ae", "ł", "l", "ı", "i", "’", "'")

// folded gives a text in small letters and without the marks on them: who types
// "fragor" finds "frågor".
func folded(s string) string {
	return unlike.Replace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(s))))
}

// tagged gives a text in the language of the page or the nearest there is, with its tag.
func (v *view) tagged(t lang.Text) (text, tag string) {
	return t.In(v.T.Tag, "en", v.Study.DefaultLanguage())
}

// partName names where a variable comes from.
func (v *view) partName(of *release.ExploredVariable) string {
	switch {
	case !of.Part.Empty():
		return v.In(of.Part)
	case of.Role == dataset.Derived:
		return v.T.T("staff.explore.part_scales")
	case !of.Varying && of.Question != "":
		return v.T.T("staff.explore.part_attributes")
	case of.Question == "":
		return v.T.T("staff.explore.part_about")
	}
	return v.T.T("staff.explore.part_other")
}

func (v *view) typeOf(of *release.ExploredVariable) string {
	switch {
	case of.Role == dataset.Derived:
		return v.T.T("staff.explore.type_scale")
	case of.Type != "":
		return v.T.T("staff.type." + string(of.Type))
	case len(of.Values) > 0:
		return v.T.T("staff.type.select_one")
	}
	return v.T.T("staff.explore.kind." + of.Kind.String())
}

// wavesOf lists the waves that have a variable, "" for one that holds for all.
func (v *view) wavesOf(e *release.Explored, of *release.ExploredVariable) string {
	if !of.Varying {
		return ""
	}
	var out []string
	for i, w := range e.Waves {
		if of.In(i) {
			out = append(out, itoa(w.Number))
		}
	}
	return strings.Join(out, ", ")
}

// variablePage is one variable: how it was asked and what was answered.
type variablePage struct {
	*view
	E        *release.Explored
	V        *release.ExploredVariable
	Label    string
	Tag      string
	Part     string
	Type     string
	Waves    string
	Wordings []wording
	Drawing  *drawing
	Answers  []*figures
	Missing  *figures
	Change   *figures // paired people and how their numbers changed
	Moves    []*figures
	Small    bool   // something on the page is hidden
	Still    bool   // a wave is open and not shown
	Why      string // why nothing is shown, "" where something is
}

// wording is how a version asked.
type wording struct {
	Versions, Universe string
	Texts              []wordingText
	Choices            []link // the codes and labels, in the language of the page
}

type wordingText struct{ Tag, Language, Label, Hint string }

func (r *request) showVariable() error {
	p, err := r.variable()
	if err != nil {
		return err
	}
	return r.show("variable", nil, p)
}

// variableFile sends one table of a variable's page as CSV, as it is shown: what
// is hidden there is hidden in the file.
func (r *request) variableFile() error {
	p, err := r.variable()
	if err != nil {
		return err
	}
	for _, t := range p.tables() {
		if t.Key != r.Param("table") {
			continue
		}
		data, err := t.csv()
		if err != nil {
			return err
		}
		name := r.study.Key + "-" + p.V.Name + "-" + t.Key + "-" + r.now.In(r.study.TimeZone).Format(time.DateOnly)
		return r.download(name+".csv", kindsOfFile[".csv"], data)
	}
	return errNoPage
}

// tables gives all tables of the page.
func (p *variablePage) tables() []*figures {
	out := append(slices.Clone(p.Answers), p.Moves...)
	for _, t := range []*figures{p.Missing, p.Change} {
		if t != nil {
			out = append(out, t)
		}
	}
	return out
}

// variable draws up the page of a variable.
func (r *request) variable() (*variablePage, error) {
	e, err := r.Release.Explore(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(e.Variables, func(v *release.ExploredVariable) bool { return v.Name == r.Param("name") })
	if i < 0 {
		return nil, errNoPage
	}
	v := e.Variables[i]
	p := &variablePage{view: r.view("data"), E: e, V: v}
	p.Label, p.Tag = p.tagged(v.Label)
	p.Part, p.Type, p.Waves = p.partName(v), p.typeOf(v), p.wavesOf(e, v)
	p.Wordings = p.wordings()
	p.Still = v.Varying && slices.ContainsFunc(e.Waves, func(w release.ExploredWave) bool { return !w.Shown })
	switch {
	case v.Repeat != "":
		p.Why = r.t.T("staff.explore.why_repeat")
	case len(v.Rows) > 0 || len(v.Options) > 0:
		p.answers()
	case !v.Varying && v.Question != "" && len(v.Values) > 0:
		o, err := r.Fieldwork.Outcomes(r.ctx(), r.now, r.actor, r.study.Key)
		if err != nil {
			return nil, err
		}
		p.groups(o)
	default:
		p.Why = r.t.T("staff.explore.why_untold")
	}
	for _, t := range p.tables() {
		t.URL = p.At("/data/variables/" + v.Name + "/file/" + t.Key)
	}
	return p, nil
}

// wordings gives how each version asked, those that ask alike together.
func (p *variablePage) wordings() []wording {
	var out []wording
	for _, s := range p.V.Sources {
		q := p.E.Questionnaire(s.Ref)
		w := wording{Versions: p.T.T("staff.version", "key", s.Ref.Key, "number", s.Ref.Number), Universe: p.universe(q, s.Item)}
		for _, tag := range q.Languages {
			w.Texts = append(w.Texts, wordingText{tag, lang.Name(tag), s.Item.Label[tag], s.Item.Hint[tag]})
		}
		if s.Item.List != nil {
			for _, c := range s.Item.List.Choices {
				w.Choices = append(w.Choices, link{Text: p.In(c.Label), URL: p.code(c)})
			}
		}
		if n := len(out); n > 0 && out[n-1].Universe == w.Universe && slices.Equal(out[n-1].Texts, w.Texts) && slices.Equal(out[n-1].Choices, w.Choices) {
			out[n-1].Versions += ", " + w.Versions
			continue
		}
		out = append(out, w)
	}
	return out
}

// code gives the number of a choice in data files.
func (p *variablePage) code(c *questionnaire.Choice) string {
	switch c.Missing {
	case questionnaire.DontKnow:
		return "−1"
	case questionnaire.Refused:
		return "−2"
	}
	for _, v := range p.V.Values {
		if v.Name == c.Name {
			return itoa(v.Code)
		}
	}
	return c.Name
}

// universe says in words of whom a version asks.
func (p *variablePage) universe(q *questionnaire.Questionnaire, it *questionnaire.Item) string {
	var out []string
	for up := it; up != nil; up = up.Parent {
		if up.Relevant != nil {
			out = append(out, q.Words(up.Relevant, up, p.T.Tag, p.T))
		}
	}
	if len(out) == 0 {
		return p.T.T("staff.explore.everybody")
	}
	slices.Reverse(out)
	return p.T.T("routing.asked_if", "condition", strings.Join(out, " "+p.T.T("routing.and")+" "))
}

// heads gives column heads: one for each wave that is shown.
func (p *variablePage) heads(first string) []string {
	out := []string{first}
	for _, w := range p.E.Waves {
		if w.Shown {
			out = append(out, p.T.T("staff.outcomes.wave_short", "wave", w.Number))
		}
	}
	return out
}

// cells gives a row's counts, and their share of all answers where those are told.
func (p *variablePage) cells(row release.ExploredRow, totals []int) []datum {
	var out []datum
	for i, c := range row.Cells {
		switch {
		case !p.E.Waves[i].Shown:
		case c.Out:
			out = append(out, words("–"))
		case c.Hidden:
			p.Small = true
			out = append(out, words(p.T.T("staff.hidden")))
		case totals != nil && totals[i] > 0:
			share := p.percent(int(100*float64(c.N)/float64(totals[i]) + .5))
			out = append(out, datum{p.T.T("staff.explore.part_of", "count", c.N, "share", share), itoa(c.N)})
		default:
			out = append(out, words(itoa(c.N)))
		}
	}
	return out
}

// totals gives the sum of the answers of each wave, 0 where some are hidden.
func totals(v *release.ExploredVariable, waves int) []int {
	out := make([]int, waves)
	for w := range out {
		for _, row := range v.Rows {
			if row.Kind == release.RowMissing || row.Kind == release.RowAbsent {
				continue
			}
			if row.Cells[w].Hidden {
				out[w] = 0
				break
			}
			out[w] += row.Cells[w].N
		}
	}
	return out
}

// rowName names what a row counts.
func (p *variablePage) rowName(v *release.ExploredVariable, row release.ExploredRow) string {
	switch row.Kind {
	case release.RowValue:
		return p.In(row.Value.Label)
	case release.RowPlace:
		return p.T.T("staff.explore.place", "place", row.Place)
	case release.RowBand:
		return p.band(v, row)
	case release.RowMissing:
		return p.In(row.Missing.Label())
	case release.RowOther, release.RowAnswered, release.RowAbsent:
	}
	return p.T.T("staff.explore.row." + string(row.Kind))
}

// band names a band of numbers.
func (p *variablePage) band(v *release.ExploredVariable, row release.ExploredRow) string {
	whole := v.Integer || v.Kind != dataset.Number
	decimals := 0
	for _, at := range []float64{row.Band.Low, row.Band.High} {
		for d := range 3 {
			if at *= 1; !math.IsInf(at, 0) && math.Abs(at*math.Pow10(d)-math.Round(at*math.Pow10(d))) > 1e-6 {
				decimals = max(decimals, d+1)
			}
		}
	}
	say := func(f float64) string {
		if v.Kind != dataset.Number {
			return itoa(int(f)) // a year
		}
		return p.T.Number(f, decimals)
	}
	low, high := row.Band.Low, row.Band.High
	switch {
	case math.IsInf(low, -1):
		return p.T.T("staff.explore.under", "number", say(high))
	case math.IsInf(high, 1):
		return p.T.T("staff.explore.over", "number", say(low))
	case whole && high-low == 1:
		return say(low)
	case whole:
		return say(low) + "–" + say(high-1)
	}
	return p.T.T("staff.explore.from_to", "from", say(low), "to", say(high))
}

// groups shows an attribute as the page of outcomes does: how many answered of
// each group.
func (p *variablePage) groups(o *fieldwork.Outcomes) {
	head := []string{p.Label}
	for _, w := range o.Waves {
		head = append(head, p.T.T("staff.outcomes.wave_short", "wave", w.Number))
	}
	t := &figures{Key: "groups", Caption: p.T.T("staff.explore.groups_table"), Head: head, Numbers: len(o.Waves)}
	for _, value := range p.V.Values {
		row := []datum{words(p.In(value.Label))}
		for _, w := range o.Waves {
			cell := words("0")
			for _, g := range w.Groups {
				if g.Attribute != p.V.Question || g.Value != value.Name {
					continue
				}
				if cell = words(itoa(g.Answered.N)); g.Answered.Hidden {
					p.Small, cell = true, words(p.T.T("staff.hidden"))
				}
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	p.Answers = append(p.Answers, t)
}
