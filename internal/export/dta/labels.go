package dta

import (
	"strconv"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
)

// labels are the value labels of a file. Lists with the same labels are one,
// with the name of the first variable that has it, and its language where that
// is not the first.
type labels struct {
	names  map[labelKey]string
	taken  map[string]bool
	tables []byte // the whole part of the file
}

type labelKey struct {
	of  *dataset.Variable
	tag string
}

const (
	maxLabelName = 32
	maxValueText = 32000
)

func newLabels(about *export.About, l *layout) *labels {
	all := &labels{names: map[labelKey]string{}, taken: map[string]bool{}}
	known := map[string]string{} // names by their tables
	s := &section{}
	s.text("<value_labels>")
	tags := about.Languages
	if len(tags) == 0 {
		tags = []string{about.Language()}
	}
	for i := range l.columns {
		v := l.columns[i].Variable
		for j, tag := range tags {
			key := labelKey{v, tag}
			if _, done := all.names[key]; done {
				continue
			}
			table := valueTable(about.Values(tag, v))
			if table == nil {
				all.names[key] = ""
				continue
			}
			name, ok := known[string(table)]
			if !ok {
				suffix := ""
				if j > 0 {
					suffix = "_" + languageName(tag)
				}
				name = all.name(v.Name, suffix)
				known[string(table)] = name
				s.text("<lbl>")
				s.uint(len(table), 4)
				s.padded(name, nameBytes)
				s.uint(0, 3)
				s.b = append(s.b, table...)
				s.text("</lbl>")
			}
			all.names[key] = name
		}
	}
	s.text("</value_labels>")
	all.tables = s.b
	return all
}

// of gives the name of a variable's value labels in a language, "" for none.
func (all *labels) of(v *dataset.Variable, tag string) string { return all.names[labelKey{v, tag}] }

// name gives a name that is free.
func (all *labels) name(root, suffix string) string {
	for n := 1; ; n++ {
		end := suffix
		if n > 1 {
			end = "_" + strconv.Itoa(n) + suffix
		}
		name := root[:min(len(root), maxLabelName-len(end))] + end
		if low := strings.ToLower(name); !all.taken[low] {
			all.taken[low] = true
			return name
		}
	}
}

// valueTable gives the labels as the format holds them: how many there are, how
// long their texts are together, where each begins, the numbers, the texts.
func valueTable(values []export.Value) []byte {
	var offsets, numbers, texts section
	n := 0
	for _, missings := range []bool{false, true} { // extended missing values are larger than any number
		for _, v := range sorted(values, missings) {
			label := export.Fit(v.Label, maxValueText, export.Bytes)
			if label == "" {
				continue
			}
			code := int(v.Code)
			if missings {
				code = maxLong + 1 + int(letters[-v.Missing])
			}
			n++
			offsets.uint(len(texts.b), 4)
			numbers.uint(code, 4)
			texts.text(label + "\x00")
		}
	}
	if n == 0 {
		return nil
	}
	var s section
	s.uint(n, 4)
	s.uint(len(texts.b), 4)
	s.b = append(append(append(s.b, offsets.b...), numbers.b...), texts.b...)
	return s.b
}

// sorted gives the labels of values, which are in order already, or those of
// missing codes in the order of their letters.
func sorted(values []export.Value, missings bool) []export.Value {
	var out []export.Value
	var byLetter [27]*export.Value
	for i := range values {
		v := &values[i]
		switch {
		case v.Missing != 0:
			byLetter[letters[-v.Missing]] = v
		case !missings:
			out = append(out, *v)
		}
	}
	for _, v := range byLetter {
		if missings && v != nil {
			out = append(out, *v)
		}
	}
	return out
}
