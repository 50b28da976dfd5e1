package release

import (
	"slices"
	"strings"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/disclosure"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// writing is the documents in one language.
type writing struct {
	*documents
	tag   string
	words *lang.Texts
}

func (o *documents) in(tag string) *writing { return &writing{o, tag, lang.For(tag)} }

// t gives a text of the area paper, word one of any area.
func (w *writing) t(key string, args ...any) string    { return w.words.T("paper."+key, args...) }
func (w *writing) word(key string, args ...any) string { return w.words.T(key, args...) }

// says gives a text of the study in the language, else in one of the others.
func (w *writing) says(t lang.Text) string {
	return foreign(strings.TrimSpace(w.set.about.In(w.tag, t)))
}

func (w *writing) title() string { return w.says(w.data.Study.Title) }

func (w *writing) whole(n int) string { return w.words.Number(float64(n), 0) }

// figure gives a count of persons as it is told.
func (w *writing) figure(n told) string {
	switch {
	case n.hidden && n.least > 0:
		return "≥ " + w.whole(n.least)
	case n.hidden:
		return hiddenMark
	}
	return w.whole(n.n)
}

// percent gives a share that is not hidden.
func (w *writing) percent(share float64) string {
	return w.word("staff.outcomes.percent", "number", w.words.Number(100*share, 1))
}

// fewer gives a count of persons in a sentence or a cell: of one to four no more
// than that.
func (w *writing) fewer(n int) string {
	if n > 0 && n < disclosure.Least {
		return w.t("fewer")
	}
	return w.whole(n)
}

func (w *writing) zone() *time.Location {
	if zone := w.data.Study.TimeZone; zone != nil {
		return zone
	}
	return time.UTC
}

func (w *writing) day(at time.Time) string { return w.words.DateShort(at.In(w.zone())) }

// period gives the days of a wave, the last one on which it was open included.
func (w *writing) period(from, to time.Time) string {
	from, to = from.In(w.zone()), to.In(w.zone())
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		return w.words.DateShort(from)
	}
	return w.words.Span(from, to)
}

// wave names a wave: its title, with its number where that does not say it.
func (w *writing) wave(at study.Wave) string {
	number := "w" + short(float64(at.Number))
	if title := w.says(at.Title); title != "" {
		return title + " (" + number + ")"
	}
	return number
}

// heads gives the heads of a table with a column a wave.
func (w *writing) heads(before ...string) []string {
	for _, at := range w.data.Waves {
		before = append(before, "w"+short(float64(at.Number)))
	}
	return before
}

// perWave gives a row of a table: words, and a cell for each wave.
func (w *writing) perWave(before []string, of func(i int) string) []string {
	for i := range w.data.Waves {
		before = append(before, of(i))
	}
	return before
}

// reason gives why a change was decided on as it was: as somebody wrote it, or in the
// words of the language where nobody had to.
func (w *writing) reason(text string) string {
	if m, ok := questionnaire.MeaningOf(text); ok {
		return w.word("staff.means." + string(m))
	}
	return foreign(text)
}

// ref names a version.
func ref(r dataset.Ref) string { return r.Key + " v" + short(float64(r.Number)) }

// hideOne says which counts of a list of persons, whose sum is known, are not told.
func hideOne(counts []int) (hidden []bool, all bool) {
	rows := make([][]int, len(counts))
	for i, n := range counts {
		rows[i] = []int{n}
	}
	h := disclosure.Hide(rows, disclosure.Least)
	if h.All {
		return slices.Repeat([]bool{true}, len(counts)), true
	}
	return h.Rows, false
}

// tellColumn tells a column of counts of persons, each of them once in one of the
// groups. total tells whether the sums of the groups can be told as well.
func tellColumn(columns ...[]int) (out [][]told, total bool) {
	var flat []int
	total = true
	for _, column := range columns {
		sum := 0
		for _, n := range column {
			sum += n
		}
		_, all := hideOne(column)
		total = total && !all && (sum == 0 || sum >= disclosure.Least)
		flat = append(flat, column...)
	}
	hidden, _ := hideOne(flat)
	for _, column := range columns {
		of := hidden[:len(column)]
		hidden = hidden[len(column):]
		if total {
			of, _ = hideOne(column)
		}
		var cells []told
		for i, n := range column {
			cells = append(cells, told{n: n, hidden: of[i]})
		}
		out = append(out, cells)
	}
	return out, total
}
