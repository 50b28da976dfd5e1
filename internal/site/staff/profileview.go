package staff

import (
	"fmt"
	"slices"
	"strconv"

	"panelverk/internal/dataset"
	"panelverk/internal/release"
	"panelverk/internal/study"
)

// quasiCard is one quasi-identifier of the form.
type quasiCard struct {
	*view
	Form    *form
	N       int
	Name    string // of the variable
	Title   string
	Summary string
	Open    bool
	Focus   bool // it was just added
	How     field
	Choices []choiceRow
	Mapped  bool // there is a way to put values together
}

// choiceRow is a choice with the group that it is given out as.
type choiceRow struct{ Name, ID, Label, Code, Value, Message string }

// At gives the name of a field of the card.
func (c quasiCard) At(field string) string { return fmt.Sprintf("quasi[%d].%s", c.N, field) }

// Text gives a field of the card that is typed into.
func (c quasiCard) Text(name, class string) field {
	return c.Form.Field(c.At(name), c.T.T("staff.profile.quasi."+name), "hint", c.T.T("staff.profile.quasi."+name+"_hint"), "class", class, "auto", "off")
}

func (p *profilePage) card(n int) quasiCard {
	c := quasiCard{view: p.view, Form: p.Form, N: n}
	c.Name = p.Form.Value(c.At("variable"))
	how := study.Generalisation(p.Form.Value(c.At("how")))
	ways := []study.Generalisation{study.Given}
	c.Title = c.Name
	one := p.all.of(c.Name)
	if one != nil {
		c.Title = p.label(one)
		if one.Ways != nil {
			ways = one.Ways
		}
	}
	if !slices.Contains(ways, how) && how != "" {
		ways = append(slices.Clone(ways), how)
	}
	c.How = p.Form.Field(c.At("how"), p.T.T("staff.profile.quasi.how"), "class", "long")
	for _, way := range ways {
		c.How.Options = append(c.How.Options, option{Value: string(way), Text: p.T.T("staff.profile.way." + string(way)), Chosen: way == how})
	}
	c.Mapped = slices.Contains(ways, study.Mapped)
	c.Summary = p.T.T("staff.profile.way." + string(how))
	if how == study.Banded {
		c.Summary = p.T.T("staff.profile.bands_of", "width", p.Form.Value(c.At("bands")))
	}
	if one != nil && c.Mapped {
		for _, value := range one.Values {
			c.Choices = append(c.Choices, c.choice(choiceKey(value), p.In(value.Label), strconv.Itoa(value.Code)))
		}
		c.Choices = append(c.Choices, c.choice("*", p.T.T("staff.profile.quasi.others"), ""))
	}
	c.Focus = p.Form.Value("open") == itoa(n)
	c.Open = c.Focus || p.Form.Wrong(fmt.Sprintf("quasi[%d]", n))
	return c
}

func (c quasiCard) choice(key, label, code string) choiceRow {
	name := c.At("map." + key)
	return choiceRow{Name: name, ID: c.Form.id(name), Label: label, Code: code, Value: c.Form.Value(name), Message: c.Form.Message(name)}
}

// Select gives a field of which one of some words is chosen.
func (p *profilePage) Select(name string, words ...string) field {
	out := p.Form.Field(name, p.T.T("staff.profile."+name), "hint", p.T.T("staff.profile."+name+"_hint"))
	for _, word := range words {
		out.Options = append(out.Options, option{Value: word, Text: p.T.T("staff.profile." + name + "." + word), Chosen: p.Form.Is(name, word)})
	}
	return out
}

// Radio gives a field of which one of some words is chosen, each with what it means.
func (p *profilePage) Radio(name string, words ...string) field {
	var options []option
	for _, word := range words {
		o := option{Value: word, Text: p.T.T("staff.profile." + name + "." + word)}
		if more := "staff.profile." + name + "." + word + "_more"; p.T.Has(more) {
			o.More = p.T.T(more)
		}
		options = append(options, o)
	}
	return p.Form.Choose(name, p.T.T("staff.profile."+name), "", options)
}

// Ticks gives a field of which several are chosen.
func (p *profilePage) Ticks(name string, options []option) field {
	return p.Form.Choose(name, p.T.T("staff.profile."+name), p.T.T("staff.profile."+name+"_hint"), options)
}

// WaveTicks, Formats, Languages and Extras are the fields of several choices.
func (p *profilePage) WaveTicks() field {
	out := p.Form.Field("waves", p.T.T("staff.nav.waves"), "hint", p.T.T("staff.profile.waves_hint"))
	out.Options = p.Waves
	return out
}

// Formats are those of data files.
func (p *profilePage) Formats() field {
	var options []option
	for _, format := range study.Formats {
		options = append(options, option{Value: string(format), Text: p.T.T("staff.profile.formats." + string(format))})
	}
	return p.Ticks("formats", options)
}

// First is the language of formats that hold one.
func (p *profilePage) First() field {
	out := p.Form.Field("languages", p.T.T("staff.profile.first"), "hint", p.T.T("staff.profile.first_hint"), "class", "mid")
	out.ID += "-1"
	out.Message = ""
	first := p.Form.Value("languages")
	for _, tag := range p.Study.Languages {
		out.Options = append(out.Options, option{Value: tag, Text: p.LanguageName(tag), Chosen: tag == first})
	}
	return out
}

// Languages are the study's.
func (p *profilePage) Languages() field {
	var options []option
	for _, tag := range p.Study.Languages {
		options = append(options, option{Value: tag, Text: p.LanguageName(tag)})
	}
	return p.Ticks("languages", options)
}

// Titles are the fields of the title, the page's language first.
func (p *profilePage) Titles() (out []field) {
	for _, tag := range p.Study.Languages {
		one := p.Form.Field("title."+tag, p.T.T("staff.profile.title", "language", p.LanguageName(tag)))
		if tag == p.T.Tag {
			out = slices.Insert(out, 0, one)
		} else {
			out = append(out, one)
		}
	}
	return out
}

// OtherTitles tells whether one of the titles behind the first is wrong.
func (p *profilePage) OtherTitles() bool {
	return slices.ContainsFunc(p.Titles()[1:], func(f field) bool { return f.Message != "" })
}

// Addable are the variables that can still be named.
func (p *profilePage) Addable() field {
	out := p.Form.Field("add", p.T.T("staff.profile.add"))
	out.Options = []option{{Text: p.T.T("staff.profile.add_none")}}
	for i := range p.all {
		c := &p.all[i]
		if c.Role == dataset.Weight || c.Paradata || p.hasQuasi(c.Name) {
			continue
		}
		out.Options = append(out.Options, option{Value: c.Name, Text: p.label(c)})
	}
	return out
}

// Named gives what stands in a list of variables: unticking takes one out.
func (p *profilePage) Named(list string) field {
	var options []option
	for _, name := range distinct(p.Form.values[list]) {
		o := option{Value: name, Text: name}
		if c := p.all.of(name); c != nil {
			o.Text = p.label(c)
		}
		options = append(options, o)
	}
	return p.Ticks(list, options)
}

// Typed gives a field that is typed into.
func (p *profilePage) Typed(name, class string) field {
	return p.Form.Field(name, p.T.T("staff.profile."+name), "hint", p.T.T("staff.profile."+name+"_hint"), "class", class, "auto", "off")
}

// Yes tells whether something is ticked.
func (p *profilePage) Yes(name string) bool { return p.Form.Is(name, "yes") }

// trialView is what a profile would let out, in words.
type trialView struct {
	*view
	*release.Trial
	Figures []figure
	Steps   [][]string // of each proposal
	Own     bool       // of the form of a profile: its proposals can be taken over
}

func (v *view) trialView(t *release.Trial) *trialView {
	out := &trialView{view: v, Trial: t, Own: true}
	row := func(name, before, after string) {
		out.Figures = append(out.Figures, figure{Name: v.T.T("staff.releases.risk." + name), Before: before, After: after, Limit: "–"})
	}
	row("k", strconv.Itoa(t.Before.K), strconv.Itoa(t.After.K))
	out.Figures[0].Limit = v.T.T("staff.releases.at_least", "count", t.K)
	row("unique", v.few(t.Before.Unique), v.few(t.After.Unique))
	row("violations", v.few(t.Before.Violations), v.few(t.After.Violations))
	for _, d := range t.Diversity {
		out.Figures = append(out.Figures, figure{Name: v.T.T("staff.releases.risk.diversity", "variable", d.Variable), Before: "–", After: strconv.Itoa(d.Least), Limit: "–"})
	}
	for _, p := range t.Proposals {
		out.Steps = append(out.Steps, v.proposed(p))
	}
	return out
}

// few writes a number of persons that may not be told where it is small.
func (v *view) few(n release.Few) string {
	if n.Hidden {
		return v.T.T("staff.profile.few")
	}
	return strconv.Itoa(n.N)
}

// LeftOutText says how many persons are left out.
func (t *trialView) LeftOutText() string { return t.few(t.LeftOut) }

// WaveNames names the waves that leave.
func (t *trialView) WaveNames() (out []string) {
	for _, n := range t.Waves {
		out = append(out, t.WaveName(n))
	}
	return out
}

// EarlierCount says how many persons are too few beside an earlier release.
func (t *trialView) EarlierCount(n release.Few) string { return t.few(n) }

// Number counts a proposal from 1.
func (t *trialView) Number(i int) int { return i + 1 }
