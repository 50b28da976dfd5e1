package release

import (
	"strings"

	"panelverk/internal/disclosure"
	"panelverk/internal/lang"
	"panelverk/internal/study"
)

// treatment says in the words of a language what was done to the data before they
// left, a sentence or two each.
type treatment struct {
	words   *lang.Texts
	profile *study.Profile
	report  *Report
	read    bool // texts that a person has read and approved are in the file
}

func (c *cutting) treatment(tag string, r *Report) treatment {
	return treatment{lang.For(tag), c.profile, r, c.profile.FreeText == study.RedactedText && c.redacted != nil}
}

func (w *writing) treated() []string { return w.cut.treatment(w.tag, w.report).sentences() }

func (w *writing) generalised(q study.Quasi) string {
	return w.cut.treatment(w.tag, w.report).generalised(q)
}

func (t treatment) t(key string, args ...any) string { return t.words.T("paper."+key, args...) }

// generalised says how a quasi-identifier leaves.
func (t treatment) generalised(q study.Quasi) string {
	key := map[study.Generalisation]string{study.Given: "given", study.Banded: "bands", study.TopCoded: "top", study.BottomTop: "ends", study.Mapped: "map"}[q.How]
	return t.t("quasi."+key, "variable", q.Variable, "width", t.words.Number(q.Width, decimals(q.Width)), "least", max(q.Tail, disclosure.Least))
}

func decimals(n float64) int {
	_, part, _ := strings.Cut(short(n), ".")
	return len(part)
}

func (t treatment) sentences() (out []string) {
	p, r := t.profile, t.report
	out = append(out, t.t("ids"))
	for _, q := range p.Quasi {
		out = append(out, t.generalised(q))
	}
	if len(p.Quasi) == 0 {
		out = append(out, t.t("quasi.none"))
	}
	dates := map[study.Dates]string{study.GivenDates: "given", study.ShiftDates: "shift", study.MonthDates: "month", study.NoDates: "none"}
	out = append(out, t.t("dates."+dates[p.Dates]))
	out = append(out, t.t(map[bool]string{true: "texts.read", false: "texts.none"}[t.read]))
	if x := r.Texts; t.read && x != nil && !tooFew(x.Leave()) && !tooFew(x.All-x.Leave()) {
		out = append(out, t.t("texts.count", "leave", t.words.Number(float64(x.Leave()), 0), "all", t.words.Number(float64(x.All), 0)))
	}
	if !p.Paradata {
		out = append(out, t.t("paradata.none"))
	}
	switch {
	case r.Suppressed > 0:
		out = append(out, t.t("suppressed", "count", r.Suppressed, "cells", t.words.Number(float64(r.Cells), 0)))
	case p.Suppress == study.NoSuppression || p.Suppress == "":
		out = append(out, t.t("suppressed.off"))
	default:
		out = append(out, t.t("suppressed.none"))
	}
	switch {
	case r.LeftOut == 0:
		out = append(out, t.t("leftout.none"))
	case r.LeftOut < disclosure.Least:
		out = append(out, t.t("leftout.few"))
	default:
		out = append(out, t.t("leftout", "count", r.LeftOut))
	}
	return out
}

// hideCounts says which of a variable's counts the DDI does not give.
func hideCounts(counts []int) []bool {
	hidden, _ := hideOne(counts)
	return hidden
}
