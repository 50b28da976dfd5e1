package release

import (
	"context"
	"fmt"
	"io"

	"panelverk/internal/dataset"
	"panelverk/internal/store"
)

// documents is what lies beside the data of a release: in every language of its
// profile the README, the codebook, the report on the method and that on the risk,
// as Markdown and as pages of HTML; the questionnaires and the texts that people
// agreed to; and what programs and archives read.
type documents struct {
	tx       *store.Tx
	cut      *cutting
	data     *dataset.Dataset
	set      *fileSet
	release  *store.Release
	report   *Report
	exportID func(pid string) string
	put      Put
	facts    *facts
}

// write writes all of them, in a fixed order.
func (o *documents) write(ctx context.Context) error {
	for _, part := range []func(context.Context) error{o.find, o.questionnaires, o.consents, o.papers, o.ddi} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return o.text("CITATION.cff", o.cff())
}

func (o *documents) text(name, text string) error {
	return o.put(name, func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
}

// papers writes what is to be read. README.md is in the first language.
func (o *documents) papers(context.Context) error {
	for i, tag := range o.cut.profile.Languages {
		w := o.in(tag)
		for _, one := range []struct {
			name string
			of   func() *paper
		}{{"codebook", w.codebook}, {"method", w.method}, {"risk", w.risk}} {
			p, name := one.of(), "docs/"+one.name+"."+tag
			if err := o.put(name+".md", p.markdown); err != nil {
				return err
			}
			if err := o.put(name+".html", p.html); err != nil {
				return err
			}
		}
		name := "README.md"
		if i > 0 {
			name = "README." + tag + ".md"
		}
		if err := o.put(name, w.readme(i).markdown); err != nil {
			return err
		}
	}
	return nil
}

// questionnaires are the versions that were fielded in the waves of the release:
// each as a page to read and print in each language, and as its sheets.
func (o *documents) questionnaires(context.Context) error {
	for _, w := range o.data.Waves {
		for _, v := range o.cut.whole.Versions {
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
			for _, tag := range v.Questionnaire.Languages {
				if err := o.put(name+"."+tag+".html", func(out io.Writer) error {
					return v.Questionnaire.Print(out, fmt.Sprintf("%s v%d", v.Key, v.Number), files, tag)
				}); err != nil {
					return err
				}
			}
			if err := o.text(name+".md", row.Sheets); err != nil {
				return err
			}
		}
	}
	return nil
}

// consents are the texts that somebody in the release agreed to, in every language
// that they were given in: a version that nobody here has agreed to is no promise
// about these data.
func (o *documents) consents(context.Context) error {
	texts, err := o.tx.ConsentTexts(o.release.Study)
	if err != nil {
		return err
	}
	seen := map[string]int{}
	for _, c := range texts {
		if !o.facts.agreed[c.Version] || c.Since.After(o.release.DecidedAt) {
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
