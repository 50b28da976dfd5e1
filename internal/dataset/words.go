package dataset

import (
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/lang"
	"panelverk/internal/lang/rich"
	"panelverk/internal/questionnaire"
)

// Universes says in words, for each of a variable's Sources, who was asked: the
// conditions of the question and of the groups around it. "" is everybody.
func (d *Dataset) Universes(v *Variable, tag string) []string {
	words := lang.For(tag)
	out := make([]string, len(v.Sources))
	for i, s := range v.Sources {
		q := d.questionnaire(s.Ref)
		if q == nil {
			continue
		}
		var conditions []string
		for up := s.Item; up != nil; up = up.Parent {
			if up.Relevant != nil {
				conditions = append(conditions, q.Words(up.Relevant, nil, tag, words))
			}
		}
		slices.Reverse(conditions)
		out[i] = rich.Plain(strings.Join(conditions, " "+words.T("routing.and")+" "))
	}
	return out
}

func (d *Dataset) questionnaire(ref Ref) *questionnaire.Questionnaire {
	for _, v := range d.Versions {
		if v.Ref == ref {
			return v.Questionnaire
		}
	}
	return nil
}

// Worked says in words how a variable is worked out that nobody answered, "" of
// others.
func (d *Dataset) Worked(v *Variable, tag string) string {
	words := lang.For(tag)
	switch v.Role {
	case Companion:
		return words.T("workbook.how.companion", "of", v.Of.Name)
	case Weight:
		var by []string
		for _, name := range d.Study.Weighting.By {
			label := ""
			if a := d.Study.Attribute(name); a != nil {
				label, _ = a.Label.In(tag, d.Study.Languages...)
			}
			if label = rich.Plain(label); label == "" {
				label = name
			}
			by = append(by, label)
		}
		return words.T("workbook.how.weight", "by", strings.Join(by, " × "))
	case Derived:
		var items, reversed []string
		s := v.Scale
		for _, item := range s.Items {
			items = append(items, item.Question)
			if item.Reversed {
				reversed = append(reversed, item.Question)
			}
		}
		plain := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
		text := words.T("workbook.how."+string(s.Score), "items", strings.Join(items, ", "), "count", len(items))
		if len(reversed) > 0 {
			text += " " + words.T("workbook.how.reversed", "items", strings.Join(reversed, ", "), "sum", plain(s.Low+s.High))
		}
		return text + " " + words.T("workbook.how.range", "low", plain(s.Low), "high", plain(s.High), "least", s.Least, "count", len(items)) + " " + words.T("workbook.how.alpha")
	}
	return ""
}

// Concept gives what the variable's question is meant to measure, as its newest version
// says; "" where it does not.
func (v *Variable) Concept() string {
	if len(v.Sources) == 0 {
		return ""
	}
	return v.Sources[len(v.Sources)-1].Item.Measures()
}

// Section gives the title of the group that a variable's question stands in, in its
// newest version; "" where it has none.
func (v *Variable) Section(tag string, fallbacks ...string) string {
	if len(v.Sources) == 0 {
		return ""
	}
	for up := v.Sources[len(v.Sources)-1].Item.Parent; up != nil; up = up.Parent {
		label, _ := up.Label.In(tag, fallbacks...)
		if label = rich.Plain(label); label != "" {
			return label
		}
	}
	return ""
}
