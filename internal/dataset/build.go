package dataset

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"panelverk/internal/lang"
	"panelverk/internal/panel"
	"panelverk/internal/questionnaire"
)

// The names of the variables that are no questions and no attributes.
const (
	nameID          = "id"
	nameCohort      = "cohort"
	nameMember      = "member"
	namePattern     = "pattern"
	nameWave        = "wave"
	nameDisposition = "disposition"
	nameMode        = "mode"
	nameLanguage    = "interview_lang"
	nameVersion     = "version"
	nameMinutes     = "minutes"
)

var ownNames = []string{nameID, nameCohort, nameMember, namePattern, nameWave, nameDisposition, nameMode, nameLanguage,
	nameVersion, nameMinutes}

// The labels of what the questionnaires do not word stand in lang's texts, under
// "data.". They are looked up when they are first asked for, since that reads the
// words of every language.

// modes are the ways an interview can be given, with their codes.
var modes = sync.OnceValue(func() []Value {
	return []Value{
		{1, "web", lang.All("data.mode.web")},
		{2, "paper", lang.All("data.mode.paper")},
		{3, "telephone", lang.All("data.mode.telephone")},
		{4, Imported, lang.All("data.mode.import")},
	}
})

var memberStates = sync.OnceValue(func() []Value {
	return []Value{
		{1, string(Active), lang.All("data.member.active")},
		{2, string(Left), lang.All("data.member.left")},
		{3, string(Erased), lang.All("data.member.erased")},
		{4, string(Dead), lang.All("data.member.dead")},
	}
})

// DispositionLabel gives the words for a disposition.
func DispositionLabel(d panel.Disposition) lang.Text { return lang.All("data.disposition." + d.Code) }

// constants makes the variables that hold one value a person.
func (d *Dataset) constants() {
	own := func(name string, kind Kind, label lang.Text, values []Value) *Variable {
		return &Variable{Name: name, Kind: kind, Integer: kind == Number, Label: label, Values: values}
	}
	d.constant = append(d.constant,
		own(nameID, Text, lang.All("data.id"), nil),
		own(nameCohort, Number, lang.All("data.cohort"), nil),
		own(nameMember, Number, lang.All("data.member"), memberStates()),
		own(namePattern, Text, lang.All("data.pattern"), nil),
	)
	for _, a := range d.Study.Attributes {
		v := &Variable{Kind: Text, Question: a.Name, Label: a.Label}
		if len(a.Choices) > 0 {
			v.Kind, v.Integer = Number, true
			for _, c := range a.Choices {
				v.Values = append(v.Values, Value{c.Code, c.Name, c.Label})
				v.Negative = v.Negative || c.Code < 0
			}
		}
		d.constant = append(d.constant, v)
		if v.Kind == Text {
			d.constant = append(d.constant, companion(v))
		}
	}
}

// companion makes the variable that says why a text or date has no value.
func companion(v *Variable) *Variable {
	label, empty := lang.Text{}, lang.All("data.empty")
	for tag, s := range v.Label {
		why, _ := empty.In(tag, lang.Fallback)
		label[tag] = s + " – " + why
	}
	v.Status = &Variable{Kind: Number, Integer: true, Role: Companion, Varying: v.Varying, Label: label, Question: v.Question,
		Type: v.Type, Of: v, Sources: v.Sources, Values: []Value{{0, "answered", lang.All("data.has_value")}}}
	return v.Status
}

// aboutInterviews makes the varying variables that describe the interview. Days
// and hours are left out on purpose: those who run the fieldwork see who
// answered when, and must not recognise anybody in a data file.
func (d *Dataset) aboutInterviews() []*Variable {
	var dispositions, languages, versions []Value
	for _, x := range panel.Dispositions() {
		dispositions = append(dispositions, Value{x.Number(), x.Code, DispositionLabel(x)})
	}
	for i, tag := range d.Study.Languages {
		languages = append(languages, Value{i + 1, tag, lang.Text{"en": tag}})
	}
	for i, v := range d.Versions {
		name := fmt.Sprintf("%s v%d", v.Key, v.Number)
		versions = append(versions, Value{i + 1, name, lang.Text{"en": name}})
	}
	own := func(name string, label lang.Text, values []Value) *Variable {
		return &Variable{Name: name, Kind: Number, Integer: true, Varying: true, Label: label, Values: values}
	}
	return []*Variable{
		own(nameDisposition, lang.All("data.disposition"), dispositions),
		own(nameMode, lang.All("data.mode"), modes()),
		own(nameLanguage, lang.All("data.language"), languages),
		own(nameVersion, lang.All("data.version"), versions),
		own(nameMinutes, lang.All("data.minutes"), nil),
	}
}

// variables makes the variables of the segments, in order.
func (d *Dataset) variables(segments []*segment) {
	d.vary = d.aboutInterviews()
	for _, s := range segments {
		made := append(s.build(), s.buildOffer()...)
		if t := d.table(s.home); t != nil {
			t.vary = append(t.vary, made...)
		} else {
			d.vary = append(d.vary, made...)
		}
		if item := s.last(); item.Repeat {
			d.Tables = append(d.Tables, d.newTable(s))
		}
	}
	d.scores(d.derived)
	d.weighs(d.derived[len(d.Study.Scales)])
	d.Variables = append(slices.Clone(d.constant), d.vary...)
}

// build makes the variables of one segment and keeps them for the plans.
func (s *segment) build() []*Variable {
	item := s.last()
	v := &Variable{
		Name: s.root, Kind: s.kind, Varying: true, Label: item.Label, Question: s.question, Type: item.Type, Sources: s.sources,
	}
	if v.Label.Empty() {
		v.Label = lang.Text{"en": s.question}
	}
	if v.Kind == Date {
		v.Precision = item.Precision()
	}
	s.whole = v
	if (item.Type == questionnaire.SelectMultiple || item.Type == questionnaire.Rank) && item.ListFrom == nil {
		return s.buildOptions(v)
	}
	v.Values = s.values()
	v.Integer = item.Repeat || item.Type == questionnaire.Integer || item.Type == questionnaire.SelectOne || item.Type == questionnaire.Acknowledge
	if item.Type == questionnaire.Acknowledge {
		v.Values = []Value{{1, "OK", lang.All("data.confirmed")}}
	}
	for _, src := range s.sources {
		v.Negative = v.Negative || s.kind == Number && canBeNegative(src.Item)
	}
	for _, value := range v.Values {
		v.Negative = v.Negative || value.Code < 0
	}
	if v.Kind == Number {
		return []*Variable{v}
	}
	c := companion(v)
	c.Name = s.status
	return []*Variable{v, c}
}

// buildOptions makes an indicator or a position for each option; of
// select_multiple the list of all as well.
func (s *segment) buildOptions(v *Variable) []*Variable {
	var out []*Variable
	role, values := Position, []Value(nil)
	if v.Type == questionnaire.SelectMultiple {
		role = Indicator
		values = []Value{
			{0, "no", lang.All("data.not_chosen")},
			{1, "yes", lang.All("data.chosen")},
		}
		v.Kind, v.Role = Text, List
		v.Values = s.values()
		c := companion(v)
		c.Name = s.status
		out = append(out, v, c)
	}
	s.parts = map[string]*Variable{}
	for _, value := range s.values() {
		part := &Variable{
			Name: s.options[value.Name], Kind: Number, Integer: true, Role: role, Varying: true, Question: s.question, Type: v.Type, Of: v,
			Option: value.Name, Values: values, Label: joined(v.Label, value.Label),
		}
		for _, src := range s.sources {
			if slices.ContainsFunc(choices(src.Item), func(c *questionnaire.Choice) bool { return c.Name == value.Name }) {
				part.Sources = append(part.Sources, src)
			}
		}
		s.parts[value.Name] = part
		out = append(out, part)
	}
	return out
}

// values gives the value labels: of each choice the newest wording.
func (s *segment) values() []Value {
	labels := map[string]lang.Text{}
	for _, src := range s.sources {
		for _, c := range choices(src.Item) {
			labels[c.Name] = c.Label
		}
	}
	var out []Value
	for name, code := range s.codes {
		label := labels[name]
		if label.Empty() {
			label = lang.Text{"en": name}
		}
		out = append(out, Value{code, name, label})
	}
	slices.SortFunc(out, func(a, b Value) int { return cmp.Compare(a.Code, b.Code) })
	return out
}

// joined gives "question: option" in every language of the option.
func joined(question, option lang.Text) lang.Text {
	out := lang.Text{}
	for _, tag := range option.Tags() {
		q, _ := question.In(tag)
		if q == "" {
			out[tag] = option[tag]
		} else {
			out[tag] = q + ": " + option[tag]
		}
	}
	return out
}

// lay puts the variables into columns.
func (d *Dataset) lay() {
	for _, v := range d.constant {
		d.long = append(d.long, Column{Name: v.Name, Variable: v})
		d.wide = append(d.wide, Column{Name: v.Name, Variable: v})
	}
	wave := &Variable{Name: nameWave, Kind: Number, Integer: true,
		Label: lang.All("data.wave")}
	for _, w := range d.Waves {
		label := w.Title
		if label.Empty() {
			label = lang.Text{"en": w.Key}
		}
		wave.Values = append(wave.Values, Value{w.Number, w.Key, label})
	}
	d.Variables = slices.Insert(d.Variables, len(d.constant), wave)
	d.long = append(d.long, Column{Name: nameWave, Variable: wave})
	d.varying = len(d.long)
	for _, v := range d.vary {
		d.long = append(d.long, Column{Name: v.Name, Variable: v})
		for _, w := range d.Waves {
			d.wide = append(d.wide, Column{Name: v.Name + "_w" + strconv.Itoa(w.Number), Variable: v, Wave: w.Number})
		}
	}
	for _, t := range d.Tables {
		d.layTable(t, wave)
	}
}
