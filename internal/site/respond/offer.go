package respond

import (
	"cmp"
	"html/template"
	"strings"
	"time"

	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
)

// Offer is the earlier answer that a question offers: what was said last time,
// and whether it still holds. The question's own field stands below it; what is
// written there counts, whatever is marked here.
type Offer struct {
	When   string // "I mars svarade du:"
	Answer string
	Stop   string            // the full stop after it, "" where it ends with one
	Same   template.HTMLAttr // "checked" where it was confirmed
	New    template.HTMLAttr // "checked" where it was said to have changed
}

// offer gives the earlier answer that is offered to a question here; false
// where none is.
func (p *paper) offer(it *questionnaire.Item) (interview.Earlier, bool) {
	if p.blank {
		return interview.Earlier{}, false
	}
	return p.view.Offer(p.doc, it, p.device)
}

// drawOffer draws it.
func (p *paper) drawOffer(it *questionnaire.Item, e interview.Earlier) *Offer {
	o := &Offer{When: p.when(e), Answer: strings.Join(p.words(it, e.Value), ", "), Stop: "."}
	if strings.ContainsAny(o.Answer[max(0, len(o.Answer)-1):], ".!?") {
		o.Stop = ""
	}
	said := ""
	switch answer := p.shown(it.Name); {
	case p.typed != nil && !p.fresh[it.Name]:
		said = p.marked[it.Name]
	case answer == e.Value:
		said = interview.SaidSame
	case answer != "" || p.doc.Prefills[it.Name] == interview.Changed:
		said = interview.SaidNew
	}
	switch said {
	case interview.SaidSame:
		o.Same = "checked"
	case interview.SaidNew:
		o.New = "checked"
	}
	return o
}

// when says in which month an earlier answer was given, with the year where
// that is another one.
func (p *paper) when(e interview.Earlier) string {
	now := p.view.Now()
	at := time.UnixMilli(e.At).In(now.Location())
	if at.Year() == now.Year() {
		return p.texts.T("page.offer", "month", p.texts.Month(at))
	}
	return p.texts.T("page.offer_year", "month", p.texts.Month(at), "year", at.Year())
}

// recalled gives what ${last-saved#name} shows as in a label: an ellipsis where
// there is no earlier answer, or this device may not see it.
func (p *paper) recalled(name string) string {
	it := p.logic.Questionnaire.Question(name)
	if it == nil || p.blank || !p.doc.Tells(p.device) {
		return "…"
	}
	return cmp.Or(p.cited(it, p.doc.Earlier[name].Value), "…")
}
