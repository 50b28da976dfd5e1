package release

import (
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/questionnaire"
)

// leastMeasured is of how many persons a mean, a median or an α is told at least.
const leastMeasured = 10

// checks tells what a questionnaire asks of answers.
func (w *writing) checks(p *paper) {
	p.head(2, w.t("checks"))
	p.say(w.t("checks.text"))
	var rows [][]string
	for _, v := range w.data.Versions {
		if len(v.Waves) == 0 {
			continue
		}
		f := formOf(v.Questionnaire)
		rows = append(rows, []string{ref(v.Ref), w.whole(f.pages), w.whole(f.questions), w.whole(f.routed), w.whole(f.asked), w.whole(f.hard), w.whole(f.ruled), w.whole(f.random)})
	}
	p.table(1, []string{w.word("workbook.version"), w.t("checks.pages"), w.t("checks.questions"), w.t("checks.routed"), w.t("checks.asked"), w.t("checks.hard"),
		w.t("checks.ruled"), w.t("checks.random")}, rows)
}

// form is a questionnaire in figures.
type form struct{ pages, questions, routed, asked, hard, ruled, random int }

func formOf(q *questionnaire.Questionnaire) form {
	f := form{pages: len(q.Pages)}
	for _, it := range q.Questions {
		if !it.Asks() {
			continue
		}
		f.questions++
		routed := false
		for up := it; up != nil; up = up.Parent {
			routed = routed || up.Relevant != nil
		}
		for is, n := range map[*int]bool{&f.routed: routed, &f.asked: it.Need == questionnaire.Asked || it.RequiredWhen != nil, &f.hard: it.Need == questionnaire.Hard,
			&f.ruled: it.Constraint != nil, &f.random: it.Randomize} {
			if n {
				*is++
			}
		}
	}
	return f
}

// scales tells how scores are worked out, and how well their items hold together.
func (w *writing) scales(p *paper) {
	var rows [][]string
	for _, v := range w.data.Variables {
		if v.Scale == nil {
			continue
		}
		rows = append(rows, w.perWave([]string{named(v.Name), w.says(v.Label) + ". " + w.data.Worked(v, w.tag)}, func(i int) string { return w.alpha(v, i) }))
	}
	if len(rows) == 0 {
		return
	}
	p.head(2, w.word("staff.explore.part_scales"))
	p.say(w.t("alpha"))
	heads := []string{w.word("workbook.name"), w.word("workbook.how")}
	for _, at := range w.data.Waves {
		heads = append(heads, w.word("workbook.alpha", "wave", at.Number))
	}
	p.table(2, heads, rows)
}

// alpha gives Cronbach's α in a wave, where enough people answered every item.
func (w *writing) alpha(v *dataset.Variable, i int) string {
	alpha, n, ok := w.set.collected.Tally.Alpha(v, i)
	if !ok || n < leastMeasured {
		return hiddenMark
	}
	return w.words.Number(alpha, 2)
}

// weighting tells how rows are weighted.
func (w *writing) weighting(p *paper) {
	p.head(2, w.word("workbook.weights"))
	switch {
	case w.data.Study.Weighting == nil:
		p.say(w.word("workbook.weights.none"))
		return
	case !w.weighted():
		p.say(w.t("weights.left"))
		return
	}
	p.say(w.word("workbook.weights.why"))
	var rows [][]string
	for _, one := range w.cut.whole.Weights() {
		if i := w.documents.wave(one.Wave); i >= 0 {
			rows = append(rows, []string{w.wave(w.data.Waves[i]), w.words.Number(one.Sum, 1), w.words.Number(one.Effective, 1)})
		}
	}
	p.say(w.word("workbook.sum.weights") + ":")
	p.table(1, []string{w.word("workbook.wave"), "Σw", "n_eff"}, rows)
}

// weighted tells whether the file holds weights.
func (w *writing) weighted() bool {
	for _, v := range w.data.Variables {
		if v.Role == dataset.Weight {
			return true
		}
	}
	return false
}

// corrections tells how many values were set right. Whose they are, what stood there
// and why stays with the study: it could undo what was made coarser.
func (w *writing) corrections(p *paper) {
	p.head(2, w.word("workbook.log.corrections"))
	n := 0
	var rows []string
	for i, count := range w.facts.corrected {
		n += count
		if count > 0 {
			rows = append(rows, w.wave(w.data.Waves[i])+": "+w.fewer(count))
		}
	}
	if n == 0 {
		p.say(w.word("workbook.log.none"))
		return
	}
	p.say(w.word("workbook.log.released"), w.t("corrections", "waves", strings.Join(rows, "; ")))
}
