package release

import (
	"slices"

	"panelverk/internal/disclosure"
	"panelverk/internal/panel"
	"panelverk/internal/study"
)

// outcomes tells how the invitations ended, and the rates that follow.
func (w *writing) outcomes(p *paper) {
	p.head(2, w.t("outcomes"))
	p.say(w.t("standard"), w.t("partial", "share", w.words.Number(100*w.data.Study.Partial, 0)), w.word("workbook.frame."+string(w.data.Study.Frame)))
	var rows [][]string
	kept := false
	for _, d := range panel.Dispositions() {
		shown, there := false, false
		row := w.perWave([]string{d.Code, w.word("data.disposition." + d.Code)}, func(i int) string {
			one := w.facts.waves[i].outcomes[d.Code]
			shown, there = shown || one.n > 0 && !one.hidden, there || one.n > 0
			return w.figure(one)
		})
		if shown {
			rows = append(rows, row)
		}
		kept = kept || there && !shown
	}
	rows = append(rows, w.perWave([]string{"", w.word("workbook.sum")}, func(i int) string { return w.figure(w.facts.waves[i].asked) }))
	p.table(2, w.heads(w.word("workbook.code"), w.word("workbook.outcomes")), rows)
	if kept {
		p.say(w.t("outcomes.kept"))
	}
	p.head(3, w.word("workbook.rates"))
	p.say(w.t("letters"))
	p.list(w.letters())
	rows = nil
	for n := range w.facts.waves[0].rates {
		r := w.facts.waves[0].rates[n]
		rows = append(rows, w.perWave([]string{r.Name, r.Formula}, func(i int) string { return w.rate(w.facts.waves[i].rates[n]) }))
	}
	p.table(2, w.heads(w.word("workbook.rate"), w.word("workbook.formula")), rows)
	p.say(w.t("rates.text"))
	if slices.ContainsFunc(w.facts.waves, func(f waveFacts) bool { return f.rates[0].Why == panel.NoFrame }) {
		p.say("– = " + w.word("workbook.no_frame") + ".")
	}
}

// letters says what the formulas count.
func (w *writing) letters() (out []string) {
	for _, one := range [][2]string{{"I", "i"}, {"P", "p"}, {"R", "r"}, {"NC", "nc"}, {"O", "o"}, {"UH", "uh"}, {"UO", "uo"}, {"NE", "ne"}} {
		out = append(out, one[0]+": "+w.word("workbook.case."+one[1]))
	}
	return append(out, "K = I + P + R + NC + O: "+w.t("letters.k"), "U = UH + UO: "+w.t("letters.u"), "e: "+w.t("letters.e"))
}

// rate gives a rate in a cell.
func (w *writing) rate(r toldRate) string {
	switch {
	case r.Why != "":
		return "–"
	case r.least > 0:
		return "≥ " + w.words.Number(r.least, 2)
	case r.hidden:
		return hiddenMark
	}
	return w.words.Number(r.Value, 3)
}

// panelRates tells how the panel held. The cohorts of a wave are hidden together:
// one could be worked out of the others.
func (w *writing) panelRates(p *paper) {
	p.head(2, w.word("workbook.panelrates"))
	p.say(w.word("workbook.panel.why"))
	measures := []string{"participation", "conditional", "baseline", "allwave", "reactivated"}
	type place struct{ wave, measure int }
	cells, unsafe := map[int]map[place]panel.Fraction{}, map[place]bool{}
	r := &w.cut.tally.Retention
	for _, cohort := range r.Cohorts() {
		cells[cohort] = map[place]panel.Fraction{}
		for _, at := range r.Rates(cohort) {
			i := w.documents.wave(at.Wave)
			if i < 0 {
				continue
			}
			for m, f := range []panel.Fraction{at.Participation, at.Conditional, at.Baseline, at.AllWave, at.Reactivated} {
				if f.Over == 0 {
					continue
				}
				cells[cohort][place{i, m}] = f
				unsafe[place{i, m}] = unsafe[place{i, m}] || tooFew(f.Of) || tooFew(f.Over) || tooFew(f.Over-f.Of)
			}
		}
	}
	// What a rate is out of is what another one counts: those who answered the
	// first wave, or the one before.
	hidden := func(cohort int, at place) bool {
		base := at.wave
		switch measures[at.measure] {
		case "conditional":
			base--
		case "baseline", "allwave":
			base = max(w.documents.wave(cohort), 0)
		}
		return unsafe[at] || at.measure != 0 && unsafe[place{base, 0}]
	}
	var rows [][]string
	for _, cohort := range r.Cohorts() {
		for m, name := range measures {
			any := false
			row := w.perWave([]string{"w" + short(float64(cohort)), w.word("workbook." + name)}, func(i int) string {
				f, there := cells[cohort][place{i, m}]
				least := atLeast(f.Of, f.Over)
				switch share, _ := f.Value(); {
				case !there:
					return ""
				case !hidden(cohort, place{i, m}):
					any = true
					return w.words.Number(share, 3) + " (" + w.word("staff.outcomes.of", "of", w.whole(f.Of), "over", w.whole(f.Over)) + ")"
				case least > 0:
					any = true
					return "≥ " + w.words.Number(least, 2)
				}
				return hiddenMark
			})
			if any {
				rows = append(rows, row)
			}
		}
	}
	if len(rows) == 0 {
		p.say(w.t("panel.hidden"))
	}
	p.table(2, w.heads(w.word("workbook.cohort"), w.word("workbook.measure")), rows)
}

// tooFew tells whether a count is of so few persons that it is not told.
func tooFew(n int) bool { return n > 0 && n < disclosure.Least }

// patterns tells in which waves people took part.
func (w *writing) patterns(p *paper) {
	p.head(2, w.word("workbook.patterns"))
	p.say(w.word("workbook.pattern.why"), w.t("patterns.text"))
	var rows [][]string
	for _, one := range w.facts.patterns {
		rows = append(rows, []string{named(one.Pattern), w.whole(one.N)})
	}
	if others := w.facts.others; others.n > 0 {
		rows = append(rows, []string{w.word("staff.outcomes.patterns.others"), w.figure(others)})
	}
	p.table(1, []string{w.word("workbook.pattern"), w.word("workbook.persons")}, rows)
}

// stops tells where people left the questionnaire who never sent it in.
func (w *writing) stops(p *paper) {
	p.head(2, w.word("staff.outcomes.stopped.head"))
	p.say(w.word("staff.outcomes.stopped.lede"))
	var rows [][]string
	for i, at := range w.data.Waves {
		f := &w.facts.waves[i]
		hidden, all := hideOne(f.stopped)
		if all || f.stopped == nil {
			continue
		}
		for n, count := range f.stopped {
			if count == 0 || hidden[n] {
				continue
			}
			rows = append(rows, []string{w.wave(at), w.pageName(at, n), w.whole(count)})
		}
	}
	if len(rows) == 0 {
		p.say(w.t("stopped.few"))
		return
	}
	p.table(2, []string{w.word("workbook.wave"), w.word("staff.outcomes.stopped.after"), w.word("workbook.persons")}, rows)
}

// pageName names a page of the version that a wave fields; behind the last is none.
func (w *writing) pageName(at study.Wave, n int) string {
	for _, v := range w.data.Versions {
		if v.Key != at.Questionnaire || v.Number != at.Version || n >= len(v.Questionnaire.Pages) {
			continue
		}
		page := v.Questionnaire.Pages[n]
		title := page.Key
		if page.Group != nil && !page.Group.Label.Empty() {
			title = w.says(page.Group.Label)
		}
		return w.word("staff.outcomes.page", "number", n+1, "title", title)
	}
	return w.word("staff.outcomes.stopped.none")
}
