package dataset

import (
	"fmt"
	"strconv"

	"panelverk/internal/questionnaire"
)

// codeList holds the numbers that the choices of one list have in data files.
// They are given by the name of the list, across all versions, and once given
// never change and are never used again.
type codeList struct {
	codes map[string]int
	used  map[int]string
	next  int
}

func (l *codeList) take(name string, code int) {
	l.codes[name], l.used[code] = code, name
	l.next = max(l.next, code+1)
}

// codeBook gives the codes of a list by its name.
type codeBook map[string]*codeList

// code goes through the versions in order and gives every choice its number:
// the one in the column "code"; else the choice's own name where that is a
// number; else the next one. Choices that stand for no answer have none.
func (d *Dataset) code() codeBook {
	book := codeBook{}
	before := map[string]string{} // question → the list it had in the version before
	for _, v := range d.Versions {
		done := map[string]bool{}
		for _, it := range v.Questionnaire.Questions {
			if it.List == nil {
				continue
			}
			l := book[it.List.Name]
			if l == nil {
				l = &codeList{codes: map[string]int{}, used: map[int]string{}, next: 1}
				// A list that merely got another name keeps its codes.
				if old := book[before[it.Name]]; old != nil {
					for _, c := range it.List.Choices {
						if code, ok := old.codes[c.Name]; ok {
							l.take(c.Name, code)
						}
					}
				}
				book[it.List.Name] = l
			}
			if !done[it.List.Name] {
				done[it.List.Name] = true
				d.codeChoices(l, v.Ref, it.List)
			}
			if _, ok := l.codes[questionnaire.OtherValue]; it.OrOther != nil && !ok {
				l.take(questionnaire.OtherValue, l.next)
			}
			before[it.Name] = it.List.Name
		}
	}
	return book
}

func (d *Dataset) codeChoices(l *codeList, ref Ref, list *questionnaire.List) {
	for _, c := range list.Choices {
		if c.Missing != questionnaire.Substantive || c.Code == nil {
			continue
		}
		old, known := l.codes[c.Name]
		owner, taken := l.used[*c.Code]
		switch {
		case known && old != *c.Code:
			d.note("", "code_changed", "In list %s of %s v%d, %q is given code %d; it keeps %d, which earlier versions gave it.",
				list.Name, ref.Key, ref.Number, c.Name, *c.Code, old)
		case !known && taken:
			d.note("", "code_changed", "In list %s of %s v%d, %q is given code %d, which is %q in an earlier version; it gets a code of its own.",
				list.Name, ref.Key, ref.Number, c.Name, *c.Code, owner)
		case !known:
			l.take(c.Name, *c.Code)
		}
	}
	for _, c := range list.Choices {
		if _, known := l.codes[c.Name]; known || c.Missing != questionnaire.Substantive {
			continue
		}
		if n, err := strconv.Atoi(c.Name); err == nil && n >= 0 && strconv.Itoa(n) == c.Name {
			if _, taken := l.used[n]; !taken {
				l.take(c.Name, n)
				continue
			}
		}
		for l.used[l.next] != "" {
			l.next++
		}
		l.take(c.Name, l.next)
	}
}

func (d *Dataset) note(variable, code, format string, args ...any) {
	d.Notes = append(d.Notes, Note{Variable: variable, Code: code, Message: fmt.Sprintf(format, args...)})
}

// choices gives the choices that a question offers in data, or_other's included.
func choices(it *questionnaire.Item) []*questionnaire.Choice {
	if it.List == nil {
		return nil
	}
	if it.OrOther == nil {
		return it.List.Choices
	}
	for _, c := range it.List.Choices {
		if c.Name == questionnaire.OtherValue {
			return it.List.Choices
		}
	}
	out := append([]*questionnaire.Choice(nil), it.List.Choices...)
	return append(out, &questionnaire.Choice{Name: questionnaire.OtherValue, Label: otherLabel})
}
