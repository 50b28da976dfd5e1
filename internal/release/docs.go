package release

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/disclosure"
	"panelverk/internal/export/ddi"
	"panelverk/internal/lang"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// documents is what lies beside the data of a release.
type documents struct {
	tx      *store.Tx
	cut     *cutting
	data    *dataset.Dataset
	set     *fileSet
	release *store.Release
	report  *Report
	put     Put
}

// write writes all of them, in a fixed order.
func (o *documents) write(ctx context.Context) error {
	for _, part := range []func(context.Context) error{o.questionnaires, o.codebooks, o.consents, o.ddi} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	for _, one := range []struct{ name, text string }{
		{"docs/method.md", o.method()}, {"docs/risk.md", o.risk()}, {"README.txt", o.readme()}, {"CITATION.cff", o.cff()},
	} {
		if err := o.text(one.name, one.text); err != nil {
			return err
		}
	}
	return nil
}

func (o *documents) text(name, text string) error {
	return o.put(name, func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
}

// questionnaires are the versions that were fielded in the waves of the release:
// each as a page to read and print in every language, and as its sheets.
func (o *documents) questionnaires(context.Context) error {
	for _, w := range o.data.Waves {
		q := o.cut.whole.Versions
		for _, v := range q {
			if v.Key != w.Questionnaire || v.Number != w.Version {
				continue
			}
			files, err := o.tx.VersionFiles(o.release.Study, v.Key, v.Number)
			if err != nil {
				return err
			}
			row, err := o.tx.Version(o.release.Study, v.Key, v.Number)
			if err != nil {
				return err
			}
			name := fmt.Sprintf("docs/questionnaires/%s.%s.v%d", w.Key, v.Key, v.Number)
			if err := o.put(name+".html", func(out io.Writer) error {
				return v.Questionnaire.Print(out, fmt.Sprintf("%s v%d", v.Key, v.Number), files)
			}); err != nil {
				return err
			}
			if err := o.text(name+".md", row.Sheets); err != nil {
				return err
			}
		}
	}
	return nil
}

// consents are the texts that people agreed to.
func (o *documents) consents(context.Context) error {
	texts, err := o.tx.ConsentTexts(o.release.Study)
	if err != nil {
		return err
	}
	seen := map[string]int{}
	for _, c := range texts {
		if c.Since.After(o.release.DecidedAt) {
			continue
		}
		name := fmt.Sprintf("docs/consent/v%d.%s", c.Version, c.Language)
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s.%d", name, seen[name])
		}
		if err := o.text(name+".md", c.Body); err != nil {
			return err
		}
	}
	return nil
}

// codebooks are the variables with their wording, values and counts, one file a language.
func (o *documents) codebooks(context.Context) error {
	table := o.set.collected.Tables[0]
	for _, tag := range o.cut.profile.Languages {
		var b strings.Builder
		fmt.Fprintf(&b, "# %s: %s\n\n", o.set.about.In(tag, o.data.Study.Title), cmp.Or(wordsCodebook[tag], wordsCodebook["en"]))
		for i, column := range table.Columns {
			v, e := column.Variable, table.Extents[i]
			fmt.Fprintf(&b, "## %s\n\n%s\n\n- n = %d", column.Name, o.set.about.Label(tag, column), e.Values)
			for code, n := range e.Missing {
				if n > 0 {
					m := -dataset.Missing(code)
					fmt.Fprintf(&b, "; %d (%s): %d", m.Code(v.Negative), o.set.about.In(tag, m.Label()), n)
				}
			}
			b.WriteString("\n")
			if len(v.Sources) > 0 && v.Sources[len(v.Sources)-1].Universe != "" {
				fmt.Fprintf(&b, "- `%s`\n", v.Sources[len(v.Sources)-1].Universe)
			}
			for _, value := range o.set.about.Values(tag, v) {
				if value.Missing == 0 {
					fmt.Fprintf(&b, "- %s = %s\n", short(value.Code), value.Label)
				}
			}
			b.WriteString("\n")
		}
		if err := o.text("docs/codebook."+tag+".md", b.String()); err != nil {
			return err
		}
	}
	return nil
}

var wordsCodebook = map[string]string{"en": "codebook", "sv": "kodbok", "de": "Codebuch"}

// ddi is the description that archives read.
func (o *documents) ddi(context.Context) error {
	s, st := o.data.Study, &ddi.Study{}
	st.ID, st.Agency = fmt.Sprintf("%s-release-%d", s.Key, o.release.Number), "panelverk"
	st.Title, st.Languages, st.Abstract = s.Title, o.cut.profile.Languages, s.About.Why
	st.Version, st.Made, st.Citation = fmt.Sprint(o.release.Number), o.release.DecidedAt, citation(o.data, o.release)
	st.Universe, st.Sampling = s.About.Who, sampling(s.Frame)
	for _, w := range o.data.Waves {
		st.Waves = append(st.Waves, ddi.Wave{Title: w.Title, From: w.Opens, To: w.Closes})
	}
	st.Modes = []ddi.Mode{{Term: "SelfAdministeredQuestionnaire.CAWI", Text: lang.Text{"en": "Web", "sv": "Webb", "de": "Web"}}}
	for _, w := range o.waves() {
		for _, r := range w.Rates(o.frame()) {
			st.Rates = append(st.Rates, fmt.Sprintf("Wave %d: %s", w.Number, rate(r)))
		}
	}
	st.Cleaning = lang.Text{"en": o.cleaning()}
	st.Restriction = lang.Text{"en": fmt.Sprintf("The %s tier.", o.cut.profile.Tier)}
	st.Conditions = lang.Text{"en": "Nobody in the data is looked for, and the files are not handed on."}
	for _, t := range o.set.collected.Tables {
		st.Files = append(st.Files, ddi.File{Name: "data/" + o.set.stem + t.Name + ".csv", Table: t})
	}
	st.Hide = func(counts []int) []bool {
		rows := make([][]int, len(counts))
		for i, n := range counts {
			rows[i] = []int{n}
		}
		return disclosure.Hide(rows, disclosure.Least).Rows
	}
	return o.put("ddi.xml", func(w io.Writer) error { return ddi.Write(w, st, o.set.about) })
}

func sampling(f study.Frame) ddi.Sampling {
	if f == study.OpenLink {
		return ddi.Sampling{Term: "Nonprobability.Availability", Text: lang.Text{"en": "People joined by a link that anybody may pass on."}}
	}
	return ddi.Sampling{Term: "TotalUniverseCompleteEnumeration", Text: lang.Text{"en": "Everybody on a list was asked."}}
}

// cleaning tells what was done to the data before they left.
func (o *documents) cleaning() string {
	p := o.cut.profile
	var how []string
	for _, q := range p.Quasi {
		switch q.How {
		case study.Given:
			how = append(how, q.Variable+" as it is")
		case study.Banded:
			how = append(how, fmt.Sprintf("%s in bands of %s, %d persons at least in each end", q.Variable, short(q.Width), q.Tail))
		case study.Mapped:
			how = append(how, q.Variable+" with answers put together")
		case study.TopCoded, study.BottomTop:
			how = append(how, fmt.Sprintf("%s with ends of %d persons at least", q.Variable, q.Tail))
		}
	}
	dates := map[study.Dates]string{study.GivenDates: "as they are", study.ShiftDates: "moved by a number of days of each person's own", study.MonthDates: "as months", study.NoDates: "left out"}[p.Dates]
	return fmt.Sprintf("Quasi-identifiers: %s. Dates: %s. Texts in people's own words: %s. %d values were suppressed (-10) and %d persons left out, because too few were like them.",
		cmp.Or(strings.Join(how, "; "), "none named"), dates, map[bool]string{true: "those that were read and approved", false: "left out"}[p.FreeText == study.RedactedText && o.cut.redacted != nil],
		o.report.Suppressed, o.report.LeftOut)
}

// risk is the report on the risk, as the owner had it in view.
func (o *documents) risk() string {
	r := o.report
	var b strings.Builder
	fmt.Fprintf(&b, "# Risk that somebody is recognised\n\n")
	b.WriteString("k is an indicator: colleagues know answers, and the pattern of participation cannot be hidden. Every record-level file is pseudonymous, and none is anonymous.\n\n")
	fmt.Fprintf(&b, "Tier: %s, k at least %d. Taken to be known: %s, and in which waves somebody took part.\n\n", r.Tier, r.K, cmp.Or(strings.Join(r.Keys, ", "), "nothing else"))
	b.WriteString("| | before | after |\n|---|---|---|\n")
	row := func(name string, of func(disclosure.Risk) string) {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, of(r.Before), of(r.After))
	}
	whole := func(n int) string { return fmt.Sprint(n) }
	share := func(f float64) string { return short(math.Round(f*1e4) / 1e4) }
	row("Persons", func(x disclosure.Risk) string { return whole(x.N) })
	row("k, the smallest class", func(x disclosure.Risk) string { return whole(x.K) })
	row("Classes", func(x disclosure.Risk) string { return whole(x.Classes) })
	row("Unique persons", func(x disclosure.Risk) string { return whole(x.Unique) })
	row("Persons in classes under k", func(x disclosure.Risk) string { return whole(x.Violations) })
	row("Highest risk (prosecutor)", func(x disclosure.Risk) string { return share(x.Max) })
	row("Expected re-identifications", func(x disclosure.Risk) string { return share(x.Expected) })
	row("Global risk", func(x disclosure.Risk) string { return share(x.Global) })
	row("Share of records at risk", func(x disclosure.Risk) string { return share(x.AtRisk) })
	fmt.Fprintf(&b, "\nSuppressed values (-10): %d of %d. Persons left out: %d.\n", r.Suppressed, r.Cells, r.LeftOut)
	if t := r.Texts; t != nil {
		fmt.Fprintf(&b, "\nAnswers in people's own words: %d of %d leave, %d as they are and %d redacted by somebody who has read them. Unread: %d, withheld: %d; both are -10.\n",
			t.Leave(), t.All, t.AsIs, t.Redacted, t.Unread(), t.Withheld)
	}
	for _, d := range r.Diversity {
		fmt.Fprintf(&b, "\nl-diversity of %s: %d different answers at least among persons who are alike.\n", d.Variable, d.Least)
	}
	for _, e := range r.Earlier {
		fmt.Fprintf(&b, "\nPut beside release %d (%s) person by person: k = %d, %d persons in classes under %d.\n", e.Number, e.Recipient, e.Risk.K, e.Risk.Violations, r.K)
	}
	if !r.Passes() {
		fmt.Fprintf(&b, "\nThe tier is missed. The owner let the data out all the same: %s\n", o.release.Reason)
	}
	return b.String()
}

// citation is how to cite a release, in one line.
func citation(d *dataset.Dataset, r *store.Release) string {
	title, _ := d.Study.Title.In("en", d.Study.Languages...)
	return fmt.Sprintf("%s (%d). Release %d. Panel data, %s.", title, r.DecidedAt.Year(), r.Number, r.DecidedAt.Format("2006-01-02"))
}

// cff is CITATION.cff, Citation File Format 1.2.0.
func (o *documents) cff() string {
	title, _ := o.data.Study.Title.In("en", o.data.Study.Languages...)
	return fmt.Sprintf("cff-version: 1.2.0\nmessage: Please cite the data as below.\ntype: dataset\ntitle: %q\nversion: %q\ndate-released: %s\nauthors:\n  - name: %q\nidentifiers:\n  - type: other\n    value: \"sha256:%s\"\n    description: The checksum of the data\n",
		title, fmt.Sprint(o.release.Number), o.release.DecidedAt.Format("2006-01-02"), title, o.release.Content)
}

func (o *documents) readme() string {
	about, s := o.set.about, o.data.Study
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nRelease %d, frozen %s\n\n", about.In("en", s.Title), o.release.Number, o.release.DecidedAt.Format("2006-01-02"))
	fmt.Fprintf(&b, "Cite as: %s\nContact: %s, %s\n", citation(o.data, o.release), about.In("en", s.Contact.Role), s.Contact.Email)
	fmt.Fprintf(&b, "For: %s (%s). Purpose: %s\n\n", o.release.Who, o.release.Country, o.release.Purpose)
	b.WriteString("This is pseudonymous personal data. The ids are those of this recipient: a later release for the same one\njoins by id, and one for another does not. k is an indicator: colleagues know answers, and the pattern of\nparticipation cannot be hidden. Nobody may be looked for, and nothing handed on.\n\n")
	for _, t := range o.set.collected.Tables {
		fmt.Fprintf(&b, "data/%s%s.*: %s, %d rows, %d columns\n", o.set.stem, t.Name, cmp.Or(about.In("en", t.Label), t.Name), t.Count, len(t.Columns))
	}
	b.WriteString("data/*.xlsx: all of it in one workbook, where it was asked for\nsyntax/: programs that read and label the CSV files in R, SPSS, Stata and Python\ndocs/: questionnaires, codebooks, the method, consent texts, the risk report\nddi.xml: DDI-Codebook 2.5\nmanifest-sha256.txt: checksums (BagIt 1.0)\n\n")
	b.WriteString("To see that every file is as it was frozen, in this folder:\n  sha256sum -c manifest-sha256.txt && sha256sum -c tagmanifest-sha256.txt\n")
	fmt.Fprintf(&b, "Checksum of the content: %s\nIt is the same for the same data, whatever files they are in and whichever version of Panelverk made\nthem; the workbook tells it too. Whoever has the database works it out anew: panelverk release verify.\n\n", o.release.Content)
	fmt.Fprintf(&b, "%s\n\nMissing values\n", o.cleaning())
	for _, m := range dataset.Missings() {
		fmt.Fprintf(&b, "%4d  %s  %s\n", m.Code(false), m.Stata(), about.In("en", m.Label()))
	}
	b.WriteString("Where a variable can be negative these are -9901 to -9912.\n")
	return b.String()
}
