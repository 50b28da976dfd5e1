package study

import (
	"slices"

	"panelverk/internal/fault"
	"panelverk/internal/questionnaire"
)

// earlierAnswers checks what a version does with answers of earlier waves: the
// form check takes every reference that XLSForm knows, and a study those that
// have one meaning for a participant.
func earlierAnswers(v Version) fault.Problems {
	var ps fault.Problems
	q := v.Questionnaire
	for _, name := range q.Earlier {
		of := q.Question(name)
		repeat := of
		if !of.Repeat {
			repeat = of.InRepeat()
		}
		for _, row := range readers(q, name) {
			at := fault.Place{File: v.File, Sheet: "survey", Row: row}
			switch {
			case repeat != nil:
				ps.Add(at, "earlier_in_repeat",
					"${last-saved#%s} is refused: “%s” is asked in the repeat “%s”, so there may be several earlier answers. Ask for an earlier answer to a question outside of repeats.",
					name, name, repeat.Name)
			case of.Group || of.Type == questionnaire.Note:
				ps.Add(at, "earlier_no_question", "${last-saved#%s} is refused: “%s” is not a question, so nobody has answered it.", name, name)
			case of.Type == questionnaire.File || of.Type == questionnaire.Image:
				ps.Add(at, "earlier_upload", "${last-saved#%s} is refused: “%s” is a file that was handed in. Files are not carried from one wave to the next.", name, name)
			}
		}
	}
	for _, it := range q.Questions {
		if it.DefaultExpr == nil || !it.Asks() || len(it.DefaultExpr.LastSaved()) == 0 {
			continue
		}
		at := fault.Place{File: v.File, Sheet: "survey", Row: it.Row, Column: "default"}
		name := it.DefaultExpr.LastSaved()[0]
		switch {
		case it.Prefill() == "":
			ps.Add(at, "earlier_default", "A default with an earlier answer is ${last-saved#%s} alone, since people are asked whether it still holds. Work anything else out in a calculation.", name)
		case it.InRepeat() != nil:
			ps.Add(at, "earlier_in_repeat", "“%s” is asked in the repeat “%s”, so it is not clear which instance the earlier answer is for. Leave the default out.", it.Name, it.InRepeat().Name)
		case it.ReadOnly || it.ReadOnlyWhen != nil:
			ps.Add(at, "earlier_read_only", "“%s” cannot be changed, so nobody can say whether the earlier answer still holds. Show it in a note, or leave read_only out.", it.Name)
		case it.Type == questionnaire.Acknowledge || it.Type == questionnaire.File || it.Type == questionnaire.Image:
			ps.Add(at, "earlier_default", "A question of the type %s takes no earlier answer. Leave the default out.", it.Type)
		}
	}
	return ps
}

// recalls checks the earlier answers by which a plan chooses whom a wave asks:
// each has to be asked in a wave before, once in an interview.
func (l *loader) recalls() {
	if l.study.Plan == nil {
		return
	}
	for i := range l.study.Waves {
		w := &l.study.Waves[i]
		where := l.study.rules(w).Eligible.Where
		if where == nil {
			continue
		}
		for _, name := range where.LastSaved() {
			l.recall(name, w, l.r.wheres[w.Key])
		}
	}
}

// recall checks one of them, for a wave.
func (l *loader) recall(name string, w *Wave, at value) {
	var asked []string // questions of the waves before, for a near name
	for i := range l.study.Waves[:w.Number-1] {
		before := &l.study.Waves[i]
		n := slices.IndexFunc(l.found, func(v Version) bool { return v.Key == before.Questionnaire && v.Number == before.Version })
		if n < 0 {
			return // that file is missing or broken, which is said where it belongs
		}
		q := l.found[n].Questionnaire
		it := q.Question(name)
		switch {
		case it == nil:
			for _, other := range q.Questions {
				asked = append(asked, other.Name)
			}
		case it.Group || it.Repeat || it.Type == questionnaire.Note:
			l.r.add(at, "earlier_no_question", "${last-saved#%s} cannot choose whom wave %s asks: in %s “%s” is no question.", name, w.Key, l.found[n].File, name)
			return
		case it.InRepeat() != nil:
			l.r.add(at, "earlier_in_repeat", "${last-saved#%s} cannot choose whom wave %s asks: in %s “%s” is asked in a repeat, so there may be several answers.", name, w.Key, l.found[n].File, name)
			return
		case it.TakesFile():
			l.r.add(at, "earlier_upload", "${last-saved#%s} cannot choose whom wave %s asks: in %s “%s” is a file that is handed in.", name, w.Key, l.found[n].File, name)
			return
		default:
			return
		}
	}
	if w.Number == 1 {
		l.r.add(at, "earlier_first_wave", "${last-saved#%s} cannot choose whom wave %s asks: it is the first wave, so nobody has answered anything yet.", name, w.Key)
		return
	}
	l.r.add(at, "earlier_not_asked", "${last-saved#%s} cannot choose whom wave %s asks: no wave before it asks “%s”.%s", name, w.Key, name, didYouMean(name, asked))
}

// readers gives the rows of the questions and groups that read an earlier
// answer; 0 where it stands in the label of a choice.
func readers(q *questionnaire.Questionnaire, name string) []int {
	var rows []int
	var visit func(items []*questionnaire.Item)
	visit = func(items []*questionnaire.Item) {
		for _, it := range items {
			if slices.Contains(it.LastSaved, name) {
				rows = append(rows, it.Row)
			}
			visit(it.Children)
		}
	}
	visit(q.Items)
	if len(rows) == 0 {
		return []int{0}
	}
	return rows
}
