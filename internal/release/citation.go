package release

import (
	"cmp"
	"fmt"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/lang"
	"panelverk/internal/lang/rich"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// cited gives what the study says of its citation, empty where it says nothing.
func (o *documents) cited() study.Citation { return citedIn(o.data.Study) }

func citedIn(s *study.Study) study.Citation {
	if s.Citation == nil {
		return study.Citation{}
	}
	return *s.Citation
}

// inTongue gives a text of a study in a language, else in one of the study's.
func inTongue(s *study.Study, t lang.Text, tag string) string {
	text, _ := t.In(tag, append(s.Languages[:len(s.Languages):len(s.Languages)], "en")...)
	return strings.TrimSpace(rich.Plain(text))
}

// authorsIn names who the data are by. Where the study does not say it, that is
// whoever asks.
func authorsIn(s *study.Study, tag string) (out []string) {
	for _, a := range citedIn(s).Authors {
		out = append(out, a.String())
	}
	if len(out) == 0 {
		out = append(out, strings.TrimSuffix(inTongue(s, s.About.Who, tag), "."))
	}
	return out
}

// edition names what is cited: the study's version, where it has one, and the release.
func edition(s *study.Study, r *store.Release, tag string) string {
	release := lang.For(tag).T("paper.release", "number", r.Number)
	if version := citedIn(s).Version; version != "" {
		return lang.For(tag).T("paper.version", "version", version) + ", " + release
	}
	return release
}

// citation is how to cite a release, in one line: who, when, what, which, where.
func citation(d *dataset.Dataset, r *store.Release, tag string) string {
	s, c := d.Study, citedIn(d.Study)
	parts := []string{fmt.Sprintf("%s (%d)", strings.Join(authorsIn(s, tag), "; "), r.DecidedAt.Year()),
		fmt.Sprintf("%s (%s) [%s]", inTongue(s, s.Title, tag), edition(s, r, tag), lang.For(tag).T("paper.dataset")), c.Publisher}
	if c.DOI != "" {
		parts = append(parts, "https://doi.org/"+c.DOI)
	} else {
		parts = append(parts, c.URL)
	}
	var out []string
	for _, part := range parts {
		if part != "" {
			out = append(out, part)
		}
	}
	return strings.Join(out, ". ")
}

func (w *writing) citation() string { return foreign(citation(w.data, w.release, w.tag)) }

func (w *writing) authors() (out []string) {
	for i, name := range authorsIn(w.data.Study, w.tag) {
		if authors := w.cited().Authors; i < len(authors) {
			if a := authors[i]; a.Affiliation != "" {
				name += ", " + a.Affiliation
			}
			if id := authors[i].ORCID; id != "" {
				name += ", https://orcid.org/" + id
			}
		}
		out = append(out, foreign(name))
	}
	return out
}

func (w *writing) funding() string {
	var out []string
	for _, g := range w.cited().Funding {
		out = append(out, foreign(g.String()))
	}
	return strings.Join(out, "; ")
}

// access says who may have the data: as the study puts it, else as the tier does.
func (w *writing) access() string {
	return cmp.Or(w.says(w.cited().Access), w.t("tier."+string(w.cut.profile.Tier)))
}

// cff is CITATION.cff, Citation File Format 1.2.0 (citation-file-format.github.io). An
// organisation has no affiliation there, and a dataset no publisher.
func (o *documents) cff() string {
	s, c, tag := o.data.Study, o.cited(), o.cut.profile.Languages[0]
	var b strings.Builder
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %q\n", key, value)
		}
	}
	b.WriteString("cff-version: 1.2.0\n")
	line("message", lang.For(tag).T("paper.cff"))
	b.WriteString("type: dataset\n")
	line("title", inTongue(s, s.Title, tag))
	line("abstract", inTongue(s, s.About.Why, tag))
	line("version", strings.TrimPrefix(c.Version+"-r", "-r")+fmt.Sprint(o.release.Number))
	fmt.Fprintf(&b, "date-released: %q\n", o.release.DecidedAt.Format("2006-01-02"))
	b.WriteString("authors:\n")
	if len(c.Authors) == 0 {
		fmt.Fprintf(&b, "  - name: %q\n", authorsIn(s, tag)[0])
	}
	for _, a := range c.Authors {
		if a.Name != "" {
			fmt.Fprintf(&b, "  - name: %q\n", a.Name)
			continue
		}
		fmt.Fprintf(&b, "  - family-names: %q\n    given-names: %q\n", a.Family, a.Given)
		if a.Affiliation != "" {
			fmt.Fprintf(&b, "    affiliation: %q\n", a.Affiliation)
		}
		if a.ORCID != "" {
			fmt.Fprintf(&b, "    orcid: %q\n", "https://orcid.org/"+a.ORCID)
		}
	}
	fmt.Fprintf(&b, "contact:\n  - name: %q\n    email: %q\n", inTongue(s, s.Contact.Role, tag), s.Contact.Email)
	line("doi", c.DOI)
	line("url", c.URL)
	line("license", c.Licence)
	fmt.Fprintf(&b, "identifiers:\n  - type: other\n    value: \"sha256:%s\"\n    description: %q\n", o.release.Content, lang.For(tag).T("paper.cff.content"))
	if len(c.Keywords) > 0 {
		b.WriteString("keywords:\n")
		for _, k := range c.Keywords {
			fmt.Fprintf(&b, "  - %q\n", inTongue(s, k, tag))
		}
	}
	return b.String()
}
