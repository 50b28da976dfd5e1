package interview

import (
	"panelverk/internal/questionnaire"
)

// Outcome is what came of an earlier answer that was offered to a question.
type Outcome string

// The outcomes. A question that is not in Document.Prefills was not offered any.
const (
	Confirmed Outcome = "confirmed" // it still holds
	Changed   Outcome = "changed"   // another answer was given, or it was said that there is one
	Declined  Outcome = "declined"  // the answer is "prefer not to say"
	Passed    Outcome = "passed"    // it was seen and nothing was said of it
)

// What may be said of an offered answer: Post.Said.
const (
	SaidSame = "same"
	SaidNew  = "new"
)

// Offer gives the earlier answer that is offered to a question on a device;
// false where there is none, or this device may not see it.
func (v *View) Offer(doc *Document, it *questionnaire.Item, device string) (Earlier, bool) {
	e, ok := doc.Earlier[it.Prefill()]
	if !ok || it.InRepeat() != nil || !doc.Tells(device) {
		return Earlier{}, false
	}
	if it.List != nil && !fits(v.Choices(it), e.Value) || !carries(it, e.Value) {
		return Earlier{}, false
	}
	return e, true
}

// settled gives the answer that a page with an offer amounts to. "It still
// holds" gives the earlier answer, unless something new was written: what
// somebody wrote is what they mean. shown is the digest of what the field was
// shown with.
func settled(e Earlier, said, value, shown string) string {
	if said == SaidSame && (value == "" || Digest(value) == shown) {
		return e.Value
	}
	return value
}

// outcomes notes what came of each earlier answer that the page offered, and of
// those offered before whose question is answered anew.
func (p *posted) outcomes(view *View) {
	for _, it := range p.page.Items {
		if it.Prefill() == "" || !view.Relevant(it.Name) {
			continue
		}
		if _, ok := p.wrong[it.Name]; ok {
			continue
		}
		_, onPage := p.Shown[it.Name]
		said, offered := p.Said[it.Name]
		e, open := view.Offer(p.doc, it, p.Device)
		before := p.doc.Prefills[it.Name]
		answer := p.answers[it.Name]
		_, changed := p.res.Change.Answers[it.Name]
		switch {
		case !onPage:
			continue
		case before != "": // it was offered, here or on this device's page earlier
			e = p.doc.Earlier[it.Prefill()]
		case !offered || !open:
			continue
		case said == "" && answer != "" && !changed:
			continue // answered where it was not offered, and left alone
		}
		now := outcome(it, answer, e, said)
		if before != "" && !changed && now == Passed {
			continue // nothing new was said
		}
		if now != before {
			if p.res.Change.Prefills == nil {
				p.res.Change.Prefills = map[string]Outcome{}
			}
			p.res.Change.Prefills[it.Name] = now
		}
	}
}

func outcome(it *questionnaire.Item, answer string, e Earlier, said string) Outcome {
	switch {
	case answer == e.Value:
		return Confirmed
	case answer != "" && refused(it, answer):
		return Declined
	case answer != "" || said == SaidNew:
		return Changed
	}
	return Passed
}

// refused tells whether an answer is "prefer not to say".
func refused(it *questionnaire.Item, answer string) bool {
	if it.List == nil {
		return false
	}
	c := it.List.Choice(answer)
	return c != nil && c.Missing == questionnaire.Refused
}
