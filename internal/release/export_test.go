package release

import (
	"errors"
	"strings"

	"panelverk/internal/lang"
)

// Figures gives the table of the risk as a release's paper in English holds it.
func Figures(r *Report) (string, error) {
	p := &paper{tag: "en"}
	(&writing{tag: "en", words: lang.For("en"), documents: &documents{report: r}}).riskFigures(p)
	var b strings.Builder
	err := p.markdown(&b)
	return b.String(), err
}

// Failure gives the code under which an error is told of a release that was not made.
func Failure(err error) string { return failure(err) }

// Markdown gives texts as Markdown and as a page of HTML, as a document of a release holds them.
func Markdown(texts ...string) (markdown, page string, err error) {
	p := &paper{tag: "sv", title: "Titel", toc: 2}
	p.head(2, "Rubrik")
	for _, text := range texts {
		p.say(text)
		p.quote(text)
		p.table(1, []string{"a", "b"}, [][]string{{text, "1"}})
	}
	var m, h strings.Builder
	err = errors.Join(p.markdown(&m), p.html(&h))
	return m.String(), h.String(), err
}
