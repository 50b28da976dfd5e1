package respond

import (
	"html/template"
	"slices"
	"strings"

	"panelverk/internal/lang"
)

// tongue gives the language that the page around a person's texts is in: theirs,
// or that of our own words where we have none in it.
func tongue(tag string) string {
	if _, ok := lang.Calendar(tag); ok {
		return tag
	}
	return lang.Fallback
}

// Tongue is the language of the page's own words, for HTML's lang.
func (f frame) Tongue() string { return tongue(f.Lang) }

// other gives the language that a label is shown in where it is not the page's:
// "" where it is. That a translation is missing is kept, for untranslated.
func (p *paper) other(t lang.Text) string {
	_, shown := t.In(p.tag, p.logic.Questionnaire.Default)
	if shown != "" && shown != p.tag && !slices.Contains(p.foreign, shown) {
		p.foreign = append(p.foreign, shown)
	}
	if shown == tongue(p.tag) {
		return ""
	}
	return shown
}

// inTongue puts the drawn text of a label into an element that tells its language,
// where it is not the page's.
func (p *paper) inTongue(t lang.Text, element string, drawn template.HTML) template.HTML {
	tag := p.other(t)
	if tag == "" || drawn == "" {
		return drawn
	}
	open := "<" + element + ` lang="` + template.HTMLEscapeString(tag) + `" dir="` + lang.Direction(tag) + `">`
	return template.HTML(open) + drawn + template.HTML("</"+element+">") //nolint:gosec // the tag is escaped, the element ours
}

// untranslated tells which other languages were shown for want of a translation,
// "" for none.
func (p *paper) untranslated() string {
	if len(p.foreign) == 0 {
		return ""
	}
	var names []string
	for _, tag := range p.foreign {
		names = append(names, lang.Name(tag))
	}
	return p.texts.T("respond.untranslated", "languages", strings.Join(names, ", "))
}
