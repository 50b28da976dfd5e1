package release

import "panelverk/internal/disclosure"

// risk is the report on the risk, as the owner had it in view.
func (w *writing) risk() *paper {
	r := w.report
	p := &paper{tag: w.tag, title: w.t("risk.title", "title", w.title()), toc: 2}
	p.say(w.t("risk.lede", "number", w.release.Number, "day", w.day(w.release.DecidedAt)))
	p.head(2, w.t("risk.means"))
	p.say(w.t("risk.k"))
	p.say(w.t("risk.indicator"))
	p.say(w.t("risk.pattern"))
	p.say(w.t("risk.pseudonymous"))
	p.head(2, w.t("risk.known"))
	var known []string
	for _, name := range r.Keys {
		known = append(known, named(name)+": "+w.labelOf(name))
	}
	p.say(w.t("risk.assumed"))
	p.list(append(known, w.t("risk.waves")))
	p.head(2, w.word("workbook.disclosure.figures"))
	p.say(w.t("tier."+string(r.Tier)), w.t("risk.wanted", "k", r.K))
	w.riskFigures(p)
	for _, d := range r.Diversity {
		p.say(w.t("risk.diversity", "variable", named(d.Variable), "count", d.Least))
	}
	if len(r.Earlier) > 0 {
		p.head(2, w.t("risk.earlier"))
		var lines []string
		for _, e := range r.Earlier {
			lines = append(lines, w.t(map[bool]string{true: "risk.same", false: "risk.other"}[e.Same], "number", e.Number, "recipient", foreign(e.Recipient), "k", e.Risk.K))
		}
		p.list(lines)
	}
	p.head(2, w.t("treated"))
	p.list(w.treated())
	p.head(2, w.t("risk.decision"))
	switch {
	case r.Passes():
		p.say(w.t("risk.passes", "k", r.K))
	default:
		p.say(w.t("risk.missed"))
		p.quote(foreign(w.release.Reason))
	}
	p.say(w.t("risk.conditions"))
	return p
}

// labelOf gives the label of a variable of the file by its name.
func (w *writing) labelOf(name string) string {
	for _, v := range w.cut.whole.Variables {
		if v.Name == name {
			return w.says(v.Label)
		}
	}
	return ""
}

func (w *writing) riskFigures(p *paper) {
	r := w.report
	persons := func(n int) string { return w.fewer(n) }
	whole := func(n int) string { return w.whole(n) }
	share := func(f float64) string { return w.words.Number(f, 3) }
	// Fewer than five who were left out are told of neither by how many there were
	// before, nor by a share of those.
	uncounted := func(x disclosure.Risk) bool { return tooFew(r.LeftOut) && x.N != r.After.N }
	var rows [][]string
	row := func(key string, of func(disclosure.Risk) string) {
		rows = append(rows, []string{w.word("staff.releases." + key), of(r.Before), of(r.After)})
	}
	row("persons", func(x disclosure.Risk) string {
		if uncounted(x) {
			return hiddenMark
		}
		return whole(x.N)
	})
	row("risk.k", func(x disclosure.Risk) string { return whole(x.K) })
	rows = append(rows, []string{w.word("workbook.risk.classes"), whole(r.Before.Classes), whole(r.After.Classes)})
	row("risk.unique", func(x disclosure.Risk) string { return persons(x.Unique) })
	row("risk.violations", func(x disclosure.Risk) string { return persons(x.Violations) })
	row("risk.max", func(x disclosure.Risk) string { return share(x.Max) })
	row("risk.expected", func(x disclosure.Risk) string { return w.words.Number(x.Expected, 1) })
	row("risk.global", func(x disclosure.Risk) string {
		if uncounted(x) { // the classes over it are the persons
			return hiddenMark
		}
		return share(x.Global)
	})
	row("risk.at_risk", func(x disclosure.Risk) string {
		if uncounted(x) || tooFew(x.Violations) {
			return hiddenMark
		}
		return share(x.AtRisk)
	})
	p.table(1, []string{w.word("staff.releases.measure"), w.t("risk.before"), w.t("risk.after")}, rows)
}
