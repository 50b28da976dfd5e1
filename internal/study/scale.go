package study

import (
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// Scale is a score that is worked out of several questions in data files.
type Scale struct {
	Name      string // in data files
	Label     lang.Text
	Items     []ScaleItem
	Low, High float64 // what the items' answers lie between, both included
	Score     Score
	Least     int // how many items have to be answered, at least
}

// ScaleItem is a question of a scale.
type ScaleItem struct {
	Question string
	Reversed bool // x counts as Low + High − x
}

// Score is how a scale is worked out of its answered items.
type Score string

// The ways. A sum with items missing is the mean of those that were answered
// times the number of items, so that sums can be compared.
const (
	Mean Score = "mean"
	Sum  Score = "sum"
)

// Weighting says by which attributes the people who answered a wave are
// weighted to those who were asked.
type Weighting struct {
	By []string // names of attributes with choices
}

// scales reads the key "scales". The attributes must have been read.
func (f fields) scales(s *Study) []Scale {
	var out []Scale
	for _, v := range f.r.list(f.keys["scales"]) {
		m := f.r.mapping(v, "name", "label", "items", "range", "score", "least")
		name, at, ok := m.text("name")
		if ok && (!namePattern.MatchString(name) || len(name) > maxRoot) {
			f.r.add(at, "name", "%s is no name for data files. Use up to %d letters a–z, digits and _, and begin with a letter.", name, maxRoot)
		}
		if ok && (slices.ContainsFunc(out, func(o Scale) bool { return strings.EqualFold(o.Name, name) }) ||
			slices.ContainsFunc(s.Attributes, func(a Attribute) bool { return strings.EqualFold(a.Name, name) })) {
			f.r.add(at, "duplicate", "The name %s is taken by another scale or an attribute.", name)
		}
		one := Scale{Name: name, Label: m.texts("label"), Score: Mean}
		if m.has("score") {
			one.Score = Score(m.oneOf("score", string(Mean), string(Sum)))
		}
		one.Items = m.items()
		one.Low, one.High = m.bounds()
		if one.Least = len(one.Items); m.has("least") && len(one.Items) > 0 {
			one.Least = m.integer("least", 1, len(one.Items))
		}
		out = append(out, one)
	}
	return out
}

// items reads the questions of a scale: a minus before the name reverses it.
func (f fields) items() []ScaleItem {
	var out []ScaleItem
	v := f.get("items")
	for _, one := range f.r.list(v) {
		s, ok := f.r.scalar(one)
		if !ok {
			continue
		}
		name, reversed := strings.CutPrefix(s, "-")
		if slices.ContainsFunc(out, func(i ScaleItem) bool { return i.Question == name }) {
			f.r.add(one, "duplicate", "%s is in this scale already.", name)
			continue
		}
		f.r.scaled = append(f.r.scaled, scaledItem{one, name})
		out = append(out, ScaleItem{name, reversed})
	}
	if v.node != nil && len(out) == 1 {
		f.r.add(v, "scale_items", "A scale has two items or more.")
	}
	return out
}

// bounds reads the range of the items: two numbers, the lower first.
func (f fields) bounds() (low, high float64) {
	v := f.get("range")
	var ends []float64
	for _, one := range f.r.list(v) {
		s, ok := f.r.scalar(one)
		n, err := strconv.ParseFloat(s, 64)
		if ok && err != nil {
			f.r.add(one, "number", "The range says %s. Write a number.", s)
		}
		ends = append(ends, n)
	}
	if v.node != nil && (len(ends) != 2 || !(ends[0] < ends[1])) {
		f.r.add(v, "scale_range", "Write the range of the items' answers as two numbers, the lower first: [1, 5].")
		return 0, 0
	}
	if v.node == nil {
		return 0, 0
	}
	return ends[0], ends[1]
}

// scaledItem is where a scale names a question.
type scaledItem struct {
	at       value
	question string
}

// weighting reads the key "weights". The attributes must have been read.
func (f fields) weighting(s *Study) *Weighting {
	m := f.sub("weights", "by")
	w := &Weighting{}
	for _, v := range f.r.list(m.get("by")) {
		name, ok := f.r.scalar(v)
		if !ok {
			continue
		}
		var known []string
		for _, a := range s.Attributes {
			known = append(known, a.Name)
		}
		switch i := slices.Index(known, name); {
		case i < 0:
			f.r.add(v, "unknown_attribute", "The study has no attribute %s.%s", name, didYouMean(name, known))
		case slices.Contains(w.By, name):
			f.r.add(v, "duplicate", "%s is here twice. Keep one of them.", name)
		default:
			w.By = append(w.By, name)
		}
	}
	return w
}

// scales checks that the scales name questions of the folder's questionnaires
// whose answers are numbers, and no name of a question is a scale's.
func (l *loader) scales() {
	types := map[string]questionnaire.Type{}
	var known []string
	for _, v := range l.found {
		for _, it := range v.Questionnaire.Questions {
			if it.InRepeat() != nil {
				continue
			}
			if _, twice := types[it.Name]; !twice {
				known = append(known, it.Name)
			}
			types[it.Name] = it.Type
		}
	}
	if len(l.found) == 0 {
		return
	}
	for _, one := range l.r.scaled {
		switch t, ok := types[one.question]; {
		case !ok:
			l.r.add(one.at, "unknown_question", "No questionnaire asks %s.%s", one.question, nearest(one.question, known))
		case !slices.Contains([]questionnaire.Type{questionnaire.SelectOne, questionnaire.Integer, questionnaire.Decimal, questionnaire.Range, questionnaire.Calculate}, t):
			l.r.add(one.at, "scale_type", "%s is of type %s, whose answers cannot be added up.", one.question, t)
		}
	}
	for _, scale := range l.study.Scales {
		if _, taken := types[scale.Name]; taken {
			l.r.problems.Add(fault.Place{File: FileName, Field: "scales"}, "duplicate", "%s is the name of a question. Give the scale another one.", scale.Name)
		}
	}
}
