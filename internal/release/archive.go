package release

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"

	"panelverk/internal/export/ddi"
	"panelverk/internal/lang"
	"panelverk/internal/panel"
	"panelverk/internal/study"
)

// each gives a text in every language of the release.
func (o *documents) each(of func(w *writing) string) lang.Text {
	out := lang.Text{}
	for _, tag := range o.cut.profile.Languages {
		out[tag] = strings.ReplaceAll(of(o.in(tag)), "`", "")
	}
	return out
}

// ddi is the description that archives read.
func (o *documents) ddi(context.Context) error {
	s, c, tag := o.data.Study, o.cited(), o.cut.profile.Languages[0]
	st := &ddi.Study{ID: fmt.Sprintf("%s-release-%d", s.Key, o.release.Number), Agency: "panelverk", Title: s.Title, Languages: o.cut.profile.Languages, Abstract: s.About.Why,
		Version: edition(s, o.release, tag), Made: o.release.DecidedAt, Citation: citation(o.data, o.release, tag), Universe: s.About.Who, Keywords: c.Keywords, Ethics: c.Ethics,
		Contact: ddi.Contact{Role: s.Contact.Role, Email: s.Contact.Email}, Asked: o.data.Universes, Worked: o.data.Worked, Hide: hideCounts}
	if c.DOI != "" {
		st.DOI, st.URI = c.DOI, "https://doi.org/"+c.DOI
	}
	st.URI = cmp.Or(c.URL, st.URI)
	for i, name := range authorsIn(s, tag) {
		one := ddi.Author{Name: name}
		if i < len(c.Authors) && c.Authors[i].Name == "" {
			a := c.Authors[i]
			one.Name, one.Affiliation = a.Family+", "+a.Given, a.Affiliation
			if a.ORCID != "" {
				one.ID = "https://orcid.org/" + a.ORCID
			}
		}
		st.Authors = append(st.Authors, one)
	}
	st.Producer = o.each(func(w *writing) string { return strings.TrimSuffix(w.says(s.About.Who), ".") })
	st.Distributor = st.Producer
	if c.Publisher != "" {
		st.Distributor = lang.Text{tag: c.Publisher}
	}
	for _, g := range c.Funding {
		st.Funding = append(st.Funding, ddi.Grant{Funder: g.Funder, Number: g.Number})
	}
	st.Sampling = ddi.Sampling{Term: map[study.Frame]string{study.OpenLink: "Nonprobability.Availability"}[s.Frame], Text: o.each(func(w *writing) string { return w.t("frame." + string(s.Frame)) })}
	st.Sampling.Term = cmp.Or(st.Sampling.Term, "TotalUniverseCompleteEnumeration")
	for _, w := range o.data.Waves {
		st.Waves = append(st.Waves, ddi.Wave{Title: w.Title, From: w.Opens, To: w.Closes.Add(-1)})
	}
	st.Nations, st.Modes = o.nations(), o.ddiModes()
	for i, at := range o.data.Waves {
		for _, r := range o.facts.waves[i].rates {
			st.Rates = append(st.Rates, o.each(func(w *writing) string { return w.wave(at) + ": " + w.rateLine(r) }))
		}
	}
	if o.in(tag).weighted() {
		st.Weighting = lang.All("workbook.weights.why")
	}
	st.Cleaning = o.each(func(w *writing) string { return strings.Join(w.treated(), " ") })
	st.Restriction = o.each((*writing).access)
	st.Conditions = o.each(func(w *writing) string { return w.t("risk.conditions") })
	for _, t := range o.set.collected.Tables {
		st.Files = append(st.Files, ddi.File{Name: "data/" + o.set.stem + t.Name + ".csv", Table: t})
	}
	return o.put("ddi.xml", func(w io.Writer) error { return ddi.Write(w, st, o.set.about) })
}

// rateLine gives a rate in a line of its own.
func (w *writing) rateLine(r toldRate) string {
	switch {
	case r.Why == panel.NoFrame:
		return r.Name + ": " + w.word("workbook.no_frame")
	case r.Why != "":
		return r.Name + ": " + w.word("workbook.no_cases")
	case r.hidden && r.least == 0:
		return r.Name + ": " + w.t("hidden")
	case r.hidden:
		return r.Name + " = " + r.Formula + " " + w.rate(r)
	}
	return r.Name + " = " + r.Formula + " = " + w.rate(r)
}

var nationCode = regexp.MustCompile(`^[A-Z]{2}$`)

// nations are the values of an attribute whose choices are named as countries are.
func (o *documents) nations() (out []ddi.Nation) {
	for _, a := range o.data.Study.Attributes {
		out = nil
		for _, c := range a.Choices {
			if !nationCode.MatchString(c.Name) {
				out = nil
				break
			}
			out = append(out, ddi.Nation{Code: c.Name, Name: c.Label})
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// ddiModes are the ways in which people answered that enough of them used to be told.
func (o *documents) ddiModes() (out []ddi.Mode) {
	terms := map[string]string{"web": "SelfAdministeredQuestionnaire.CAWI", "paper": "SelfAdministeredQuestionnaire.Paper", "telephone": "Interview.Telephone"}
	for _, v := range o.cut.whole.Variables {
		if v.Name != "mode" || v.Question != "" {
			continue
		}
		for _, value := range v.Values {
			n := 0
			for i := range o.facts.waves {
				count, _ := o.facts.panel.Code(v, o.facts.waves[i].at, value.Code)
				n = max(n, count)
			}
			if term := terms[value.Name]; term != "" && n > 0 && !tooFew(n) {
				out = append(out, ddi.Mode{Term: term, Text: value.Label})
			}
		}
	}
	if len(out) == 0 {
		out = append(out, ddi.Mode{Term: terms["web"], Text: lang.All("data.mode.web")})
	}
	return out
}
