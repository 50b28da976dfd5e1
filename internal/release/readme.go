package release

import (
	"slices"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/lang"
	"panelverk/internal/study"
)

// readme is the first page of a release.
func (w *writing) readme(nth int) *paper {
	r := w.release
	p := &paper{tag: w.tag, title: w.t("readme.title", "title", w.title(), "number", r.Number)}
	p.say(w.t("readme.lede", "day", w.day(r.DecidedAt)), w.t("readme.whom", "who", foreign(r.Who), "country", w.words.Country(r.Country), "purpose", foreign(r.Purpose)))
	if r.Basis != "" {
		p.say(w.word("staff.releases.basis") + ": " + w.word("staff.releases.basis."+r.Basis) + ".")
	}
	var others []string
	for i, tag := range w.cut.profile.Languages {
		switch i {
		case nth:
		case 0:
			others = append(others, lang.Name(tag)+": `README.md`")
		default:
			others = append(others, lang.Name(tag)+": `README."+tag+".md`")
		}
	}
	p.say(strings.Join(others, " · "))
	p.say(w.word("workbook.about"))
	p.head(2, w.word("workbook.cite"))
	p.say(w.citation())
	var rows [][]string
	for _, one := range [][2]string{{w.t("authors"), strings.Join(w.authors(), "; ")}, {w.t("publisher"), foreign(w.cited().Publisher)}, {"DOI", w.cited().DOI}, {w.t("address"), w.cited().URL},
		{w.t("licence"), w.cited().Licence}, {w.t("access"), w.access()}, {w.t("funding"), w.funding()}, {w.word("workbook.contact"), w.contact()}} {
		if one[1] != "" {
			rows = append(rows, []string{one[0], one[1]})
		}
	}
	p.table(2, []string{w.t("about"), w.t("value")}, rows)
	p.head(2, w.word("workbook.waves"))
	rows = nil
	for _, at := range w.data.Waves {
		rows = append(rows, []string{w.wave(at), w.period(at.Opens, at.Closes.Add(-1))})
	}
	p.table(2, []string{w.word("workbook.wave"), w.t("period")}, rows)
	p.head(2, w.t("readme.files"))
	rows = nil
	for _, t := range w.set.collected.Tables {
		rows = append(rows, []string{named("data/" + w.set.stem + t.Name), w.says(t.Label), w.fewer(t.Count), w.whole(len(t.Columns))})
	}
	p.table(2, []string{w.t("readme.table"), w.word("workbook.label"), w.t("readme.rows"), w.t("readme.columns")}, rows)
	p.list(w.contents())
	p.head(2, w.word("workbook.missing"))
	p.say(w.word("workbook.missing.text"))
	rows = nil
	for _, m := range dataset.Missings() {
		rows = append(rows, []string{minus(m.Code(false)), minus(m.Code(true)), m.Stata(), w.says(m.Label())})
	}
	p.table(4, []string{w.word("workbook.code"), w.word("workbook.negcode"), w.word("workbook.stata"), w.word("workbook.label")}, rows)
	p.head(2, w.t("treated"))
	p.list(w.treated())
	p.say(w.word("workbook.ids"))
	p.head(2, w.word("workbook.checksum"))
	p.say(w.t("readme.checksum"))
	p.say(w.t("readme.content", "sum", "`"+w.release.Content+"`"))
	return p
}

// contents lists what lies in the package.
func (w *writing) contents() []string {
	has := func(f study.Format) bool { return slices.Contains(w.set.formats, f) }
	var formats []string
	for _, f := range study.Formats {
		if has(f) && f != study.XLSX {
			formats = append(formats, named("."+string(f)))
		}
	}
	var out []string
	if len(formats) > 0 {
		out = append(out, w.t("readme.formats", "formats", strings.Join(formats, ", ")))
	}
	if has(study.XLSX) {
		out = append(out, named("data/"+strings.TrimSuffix(w.set.stem, "_")+".xlsx")+": "+w.t("readme.workbook"))
	}
	if has(study.CSV) {
		out = append(out, "`syntax/`: "+w.t("readme.syntax"))
	}
	for _, one := range [][2]string{{"docs/codebook." + w.tag + ".html", "readme.codebook"}, {"docs/method." + w.tag + ".html", "readme.method"}, {"docs/risk." + w.tag + ".html", "readme.risk"},
		{"docs/questionnaires/", "readme.questionnaires"}, {"docs/consent/", "readme.consent"}, {metadataName, "readme.metadata"}, {"ddi.xml", "readme.ddi"}} {
		if one[0] == "docs/consent/" && len(w.facts.agreed) == 0 {
			continue
		}
		out = append(out, named(one[0])+": "+w.t(one[1]))
	}
	return out
}
