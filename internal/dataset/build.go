package dataset

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

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

var whyEmpty = lang.Text{"en": "why it is empty", "sv": "varför det är tomt", "de": "warum es leer ist"}

var otherLabel = lang.Text{"en": "Other", "sv": "Annat", "de": "Anderes"}

// modes are the ways an interview can be given, with their codes.
var modes = []Value{
	{1, "web", lang.Text{"en": "Web", "sv": "Webb", "de": "Web"}},
	{2, "paper", lang.Text{"en": "Paper", "sv": "Papper", "de": "Papier"}},
	{3, "telephone", lang.Text{"en": "Telephone", "sv": "Telefon", "de": "Telefon"}},
	{4, Imported, lang.Text{"en": "Collected elsewhere", "sv": "Insamlad på annat håll", "de": "Anderswo erhoben"}},
}

var memberStates = []Value{
	{1, string(Active), lang.Text{"en": "Member", "sv": "Med i panelen", "de": "Mitglied"}},
	{2, string(Left), lang.Text{"en": "Left; earlier answers stay", "sv": "Har lämnat; tidigare svar finns kvar", "de": "Ausgetreten; frühere Antworten bleiben"}},
	{3, string(Erased), lang.Text{"en": "Left; answers erased", "sv": "Har lämnat; svaren är raderade", "de": "Ausgetreten; Antworten gelöscht"}},
	{4, string(Dead), lang.Text{"en": "Dead", "sv": "Avliden", "de": "Verstorben"}},
}

var dispositionNames = map[string]lang.Text{
	"1.1": {"sv": "Fullständig", "de": "Vollständig"}, "1.2": {"sv": "Delvis", "de": "Teilweise"},
	"2.11": {"sv": "Avböjde", "de": "Verweigert"}, "2.12": {"sv": "Avbröt", "de": "Abgebrochen"},
	"2.20": {"sv": "Ingen kontakt", "de": "Kein Kontakt"}, "2.31": {"sv": "Avliden", "de": "Verstorben"},
	"2.32": {"sv": "Kunde inte svara (sjukdom eller liknande)", "de": "Nicht in der Lage zu antworten"},
	"2.33": {"sv": "Inget gemensamt språk", "de": "Sprache"}, "3.11": {"sv": "Ingen inbjudan skickad", "de": "Keine Einladung versandt"},
	"3.19": {"sv": "Inget hördes", "de": "Keine Rückmeldung"}, "3.30": {"sv": "Inbjudan kom i retur", "de": "Einladung unzustellbar"},
	"4.10": {"sv": "Tillhör inte målgruppen", "de": "Nicht zur Zielgruppe gehörig"},
}

// DispositionLabel gives the words for a disposition.
func DispositionLabel(d panel.Disposition) lang.Text {
	label := lang.Text{"en": d.Name}
	for tag, s := range dispositionNames[d.Code] {
		label[tag] = s
	}
	return label
}

// constants makes the variables that hold one value a person.
func (d *Dataset) constants() {
	own := func(name string, kind Kind, label lang.Text, values []Value) *Variable {
		return &Variable{Name: name, Kind: kind, Integer: kind == Number, Label: label, Values: values}
	}
	d.constant = append(d.constant,
		own(nameID, Text, lang.Text{"en": "Person, the same in all files for this recipient", "sv": "Person, samma i alla filer till samma mottagare",
			"de": "Person, gleich in allen Dateien für diesen Empfänger"}, nil),
		own(nameCohort, Number, lang.Text{"en": "Wave at which the person entered", "sv": "Omgång då personen kom med",
			"de": "Welle des Eintritts"}, nil),
		own(nameMember, Number, lang.Text{"en": "Membership of the panel", "sv": "Medlemskap i panelen", "de": "Mitgliedschaft im Panel"}, memberStates),
		own(namePattern, Text, lang.Text{
			"en": "Participation, one mark a wave: 1 answered, 0 not, . not a member, not fielded or erased",
			"sv": "Deltagande, ett tecken per omgång: 1 svarat, 0 inte, . inte med, inte fältad eller raderad",
			"de": "Teilnahme, ein Zeichen je Welle: 1 geantwortet, 0 nicht, . nicht dabei, nicht im Feld oder gelöscht"}, nil),
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
	label := lang.Text{}
	for tag, s := range v.Label {
		label[tag] = s + " – " + cmp.Or(whyEmpty[tag], whyEmpty["en"])
	}
	v.Status = &Variable{Kind: Number, Integer: true, Role: Companion, Varying: v.Varying, Label: label, Question: v.Question,
		Type: v.Type, Of: v, Sources: v.Sources, Values: []Value{{0, "answered", lang.Text{"en": "Has a value", "sv": "Har ett värde", "de": "Hat einen Wert"}}}}
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
		own(nameDisposition, lang.Text{"en": "Outcome (AAPOR code × 100)", "sv": "Utfall (AAPOR-kod × 100)", "de": "Ergebnis (AAPOR-Code × 100)"}, dispositions),
		own(nameMode, lang.Text{"en": "How the interview was given", "sv": "Hur intervjun gjordes", "de": "Erhebungsmodus"}, modes),
		own(nameLanguage, lang.Text{"en": "Language of the interview", "sv": "Intervjuns språk", "de": "Sprache des Interviews"}, languages),
		own(nameVersion, lang.Text{"en": "Questionnaire version", "sv": "Formulärversion", "de": "Fragebogenversion"}, versions),
		own(nameMinutes, lang.Text{"en": "Minutes from the start to the last answer, pauses included", "sv": "Minuter från start till sista svaret, pauser inräknade",
			"de": "Minuten vom Beginn bis zur letzten Antwort, Pausen eingeschlossen"}, nil),
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
		v.Values = []Value{{1, "OK", lang.Text{"en": "Confirmed", "sv": "Bekräftat", "de": "Bestätigt"}}}
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
			{0, "no", lang.Text{"en": "Not chosen", "sv": "Inte vald", "de": "Nicht gewählt"}},
			{1, "yes", lang.Text{"en": "Chosen", "sv": "Vald", "de": "Gewählt"}},
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
		Label: lang.Text{"en": "Wave", "sv": "Omgång", "de": "Welle"}}
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
