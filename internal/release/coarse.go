package release

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"panelverk/internal/dataset"
	"panelverk/internal/disclosure"
	"panelverk/internal/lang"
	"panelverk/internal/study"
)

// coarse is how a number leaves that could tell who somebody is.
type coarse struct {
	to    *dataset.Variable             // as the codebook describes it
	value func(float64) (float64, bool) // false: it is in none of the given groups, and does not leave
}

var (
	labelAll   = lang.All("paper.all")
	labelOther = lang.All("data.other")
)

// filled gives a text of the catalogues with a number in it, in every language.
func filled(key string, number float64) lang.Text {
	out := lang.Text{}
	for _, tag := range lang.Tags {
		out[tag] = lang.For(tag).T(key, "number", short(number))
	}
	return out
}

// coarsen works out how a variable leaves, of all its values in the file.
func coarsen(v *dataset.Variable, q study.Quasi, values []float64) coarse {
	to := *v
	switch q.How {
	case study.Banded:
		return banded(&to, disclosure.Bands(values, q.Width, q.Tail))
	case study.TopCoded, study.BottomTop:
		return ended(&to, q, values)
	case study.Mapped:
		return mapped(&to, q.Map)
	case study.Given:
	}
	return coarse{to: v, value: func(n float64) (float64, bool) { return n, true }}
}

// banded gives the number of the band, from 1, in place of the value.
func banded(to *dataset.Variable, bands []disclosure.Band) coarse {
	whole := to.Integer
	to.Integer, to.Negative, to.Values = true, false, nil
	for i, b := range bands {
		to.Values = append(to.Values, dataset.Value{Code: i + 1, Name: b.Label(whole), Label: bandLabel(b, whole)})
	}
	return coarse{to: to, value: func(n float64) (float64, bool) {
		i := slices.IndexFunc(bands, func(b disclosure.Band) bool { return b.Low <= n && n < b.High })
		return float64(i + 1), i >= 0
	}}
}

func bandLabel(b disclosure.Band, whole bool) lang.Text {
	switch low, high := math.IsInf(b.Low, -1), math.IsInf(b.High, 1); {
	case low && high:
		return labelAll
	case low:
		return filled("staff.explore.under", b.High)
	case high:
		return filled("staff.explore.over", b.Low)
	}
	out := lang.Text{}
	for _, tag := range lang.Tags {
		out[tag] = b.Label(whole)
	}
	return out
}

// ended gives the value at which an end begins in place of those beyond it. The
// label says so, because the numbers alone would not.
func ended(to *dataset.Variable, q study.Quasi, values []float64) coarse {
	if len(values) == 0 {
		return coarse{to: to, value: func(n float64) (float64, bool) { return n, true }}
	}
	low, high := disclosure.Tails(slices.Sorted(slices.Values(values)), q.Tail)
	ends := filled("staff.explore.over", high)
	if q.How == study.BottomTop {
		for tag, s := range filled("paper.or_less", low) {
			ends[tag] = s + ", " + ends[tag]
		}
	} else {
		low = math.Inf(-1)
	}
	label := lang.Text{}
	for tag, s := range to.Label {
		label[tag] = s + " (" + cmp.Or(ends[tag], ends["en"]) + ")"
	}
	to.Label = label
	return coarse{to: to, value: func(n float64) (float64, bool) { return min(max(n, low), high), true }}
}

// mapped gives what a list says in place of a value; "*" stands for all that it
// does not name. What a value is given out as is a code, or words, which then get
// codes in their order.
func mapped(to *dataset.Variable, list map[string]string) coarse {
	var targets []string
	words := false
	for _, target := range list {
		_, err := strconv.Atoi(target)
		targets, words = append(targets, target), words || err != nil
	}
	slices.SortFunc(targets, func(a, b string) int {
		if words {
			return cmp.Compare(a, b)
		}
		return cmp.Compare(codeOf(a), codeOf(b))
	})
	targets = slices.Compact(targets)
	name := map[float64]string{}
	for _, v := range to.Values {
		name[float64(v.Code)] = v.Name
	}
	find := func(n float64) (string, bool) {
		for _, key := range []string{short(n), name[n], "*"} {
			if target, ok := list[key]; ok {
				return target, true
			}
		}
		return "", false
	}
	codes, values := map[string]float64{}, []dataset.Value(nil)
	to.Negative = false
	for i, target := range targets {
		code := i + 1
		if !words {
			code = codeOf(target)
		}
		codes[target], to.Negative = float64(code), to.Negative || code < 0
		values = append(values, dataset.Value{Code: code, Name: target, Label: mappedLabel(to.Values, target, words, list, find)})
	}
	to.Values, to.Integer = values, true
	return coarse{to: to, value: func(n float64) (float64, bool) {
		target, ok := find(n)
		return codes[target], ok
	}}
}

func codeOf(s string) int {
	n, _ := strconv.Atoi(s) // the caller knows that it is one
	return n
}

// mappedLabel names a group: by its words, or by the labels of the values in it.
func mappedLabel(values []dataset.Value, target string, words bool, list map[string]string, find func(float64) (string, bool)) lang.Text {
	if words {
		out := lang.Text{}
		for _, tag := range lang.Tags {
			out[tag] = target
		}
		return out
	}
	label := lang.Text{}
	rest := list["*"] == target
	for _, v := range values {
		if to, ok := find(float64(v.Code)); !ok || to != target || rest && list[v.Name] != target && list[strconv.Itoa(v.Code)] != target {
			continue // what the star takes is not named one by one
		}
		for tag, s := range v.Label {
			if label[tag] != "" {
				s = label[tag] + " / " + s
			}
			label[tag] = s
		}
	}
	if !rest {
		return label
	}
	for tag, s := range labelOther {
		if label[tag] != "" {
			s = label[tag] + " / " + s
		}
		label[tag] = s
	}
	return label
}

// short writes a number as briefly as it can be read back.
func short(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
