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
