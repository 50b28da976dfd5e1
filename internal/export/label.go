package export

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"panelverk/internal/dataset"
	"panelverk/internal/lang"
	"panelverk/internal/lang/rich"
)

// mark ends a label that was cut.
const mark = "…"

// In gives a text in one language without its marks of emphasis; where it is
// missing, in the file's languages by their order, else in English.
func (a *About) In(tag string, t lang.Text) string {
	s, _ := t.In(tag, append(a.Languages[:len(a.Languages):len(a.Languages)], "en")...)
	return rich.Plain(s)
}

// Label gives the whole label of a column in one language: of a wide column the
// wave is named at its end, as "(w2)".
func (a *About) Label(tag string, c dataset.Column) string {
	return a.In(tag, c.Variable.Label) + ofWave(c)
}

// FitLabel gives the label of a column in a number of units, as Fit does. What
// names the wave stays where the rest is cut.
func (a *About) FitLabel(tag string, c dataset.Column, room int, unit Unit) string {
	wave := ofWave(c)
	return Fit(a.In(tag, c.Variable.Label), room-len(wave), unit) + wave
}

// Wordings gives what people were asked, exactly and with the hint, in each of the
// languages: "core v1, core v3 (sv): …" for the versions that word it so. It is
// nil of what no questionnaire words.
func (a *About) Wordings(v *dataset.Variable) []string {
	if v.Role == dataset.Companion || v.Role == dataset.Instance {
		return nil
	}
	var out []string
	for _, tag := range a.Languages {
		var texts []string
		versions := map[string][]string{}
		for _, s := range v.Sources {
			text := rich.Plain(s.Item.Label[tag])
			if hint := rich.Plain(s.Item.Hint[tag]); hint != "" {
				text = strings.TrimSpace(text + "\n" + hint)
			}
			if text == "" {
				continue
			}
			if versions[text] == nil {
				texts = append(texts, text)
			}
			versions[text] = append(versions[text], fmt.Sprintf("%s v%d", s.Ref.Key, s.Ref.Number))
		}
		for _, text := range texts {
			out = append(out, fmt.Sprintf("%s (%s): %s", strings.Join(versions[text], ", "), tag, text))
		}
	}
	return out
}

func ofWave(c dataset.Column) string {
	if c.Wave == 0 {
		return ""
	}
	return fmt.Sprintf(" (w%d)", c.Wave)
}

// Unit is what a format counts the length of a text in.
type Unit uint8

// The units.
const (
	Bytes Unit = iota
	Runes
)

// Fit gives a text that is as long as there is room at most; what is too long
// is cut between two letters and ends with an ellipsis.
func Fit(text string, room int, unit Unit) string {
	if len(text) <= room || unit == Runes && utf8.RuneCountInString(text) <= room {
		return text
	}
	room -= unit.of(mark)
	end := 0
	for i, r := range text {
		size := 1
		if unit == Bytes {
			size = utf8.RuneLen(r)
		}
		if room -= size; room < 0 {
			end = i
			break
		}
	}
	return text[:end] + mark
}

func (u Unit) of(s string) int {
	if u == Runes {
		return utf8.RuneCountInString(s)
	}
	return len(s)
}

// Value is the label of one number of a column.
type Value struct {
	Code    float64
	Missing dataset.Missing // 0 for a value
	Label   string
}

// Values gives the labels of the numbers of a column in one language, missing
// codes included, in the order of the numbers; nil where it has none. Every code
// is labelled, whether it occurs or not, so that the files of two releases can
// be put together. A column that never misses a value has no codes.
func (a *About) Values(tag string, v *dataset.Variable) []Value {
	if v.Kind != dataset.Number {
		return nil
	}
	var out []Value
	if v.Varying || v.Question != "" && v.Role != dataset.Instance {
		for _, m := range dataset.Missings() {
			out = append(out, Value{float64(m.Code(v.Negative)), m, a.In(tag, m.Label())})
		}
	}
	for _, value := range v.Values {
		out = append(out, Value{Code: float64(value.Code), Label: a.In(tag, value.Label)})
	}
	slices.SortStableFunc(out, func(a, b Value) int { return cmp.Compare(a.Code, b.Code) })
	return out
}

// Measure is a level of measurement.
type Measure uint8

// The levels.
const (
	Nominal Measure = iota + 1
	Ordinal
	Scale
)

// MeasureOf gives the level of measurement of a variable: a text and a choice
// are nominal, a choice that is laid out as a scale and a rank are ordinal,
// other numbers and times are a scale.
func MeasureOf(v *dataset.Variable) Measure {
	switch {
	case v.Kind == dataset.Text:
		return Nominal
	case v.Role == dataset.Position:
		return Ordinal
	case len(v.Values) == 0:
		return Scale
	case v.Role != dataset.Whole || len(v.Sources) == 0:
		return Nominal
	}
	for up := v.Sources[len(v.Sources)-1].Item; up != nil; up = up.Parent {
		for _, word := range []string{"likert", "table-list", "label", "list-nolabel"} {
			if up.Appears(word) {
				return Ordinal
			}
		}
	}
	return Nominal
}
