package dataset

import (
	"strconv"
	"strings"
	"sync"

	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// A question whose default is an earlier answer has three variables more: what
// was shown, of which wave, and what came of it. Dependent interviewing makes
// answers alike from wave to wave, so an analyst has to know who was shown what.

// The outcomes with their codes. Seen and left without a word is a missing answer (−3).
var outcomes = sync.OnceValue(func() []Value {
	return []Value{
		{0, "not_shown", lang.All("data.offer.not_shown")},
		{1, string(interview.Confirmed), lang.All("data.offer.confirmed")},
		{2, string(interview.Changed), lang.All("data.offer.changed")},
		{3, string(interview.Declined), lang.All("data.offer.declined")},
	}
})

// offerNames are the names of the three variables, and of the companion of the
// first; "" where the question offers nothing.
type offerNames struct{ shown, status, wave, outcome string }

// nameOffer names them when the first version that offers something is reached.
func (s *segment) nameOffer(book *nameBook, it *questionnaire.Item) {
	if it.Prefill() == "" || s.offer.shown != "" {
		return
	}
	s.offer.shown = book.first(s.root + "_pre")
	if s.offerKind() != Number {
		s.offer.status = book.first(s.offer.shown + "_s")
	}
	s.offer.wave = book.first(s.root + "_prew")
	s.offer.outcome = book.first(s.root + "_preo")
}

// offerKind gives what the cells of the answer that was shown hold: several
// choices are a list of their codes.
func (s *segment) offerKind() Kind {
	if t := s.last().Type; t == questionnaire.SelectMultiple || t == questionnaire.Rank {
		return Text
	}
	return s.kind
}

// buildOffer makes the three variables of a question that offers something in
// any version.
func (s *segment) buildOffer() []*Variable {
	if s.offer.shown == "" {
		return nil
	}
	var sources []Source
	for _, src := range s.sources {
		if src.Item.Prefill() != "" {
			sources = append(sources, src)
		}
	}
	of := s.whole
	shown := &Variable{Name: s.offer.shown, Kind: s.offerKind(), Role: Offered, Varying: true, Integer: of.Integer, Negative: of.Negative,
		Label: about(of.Label, lang.All("data.offer.shown")), Question: s.question, Type: of.Type, Values: of.Values, Sources: sources}
	wave := &Variable{Name: s.offer.wave, Kind: Number, Role: OfferedWave, Varying: true, Integer: true,
		Label: about(of.Label, lang.All("data.offer.wave")), Question: s.question, Type: of.Type, Sources: sources}
	outcome := &Variable{Name: s.offer.outcome, Kind: Number, Role: OfferOutcome, Varying: true, Integer: true,
		Label: about(of.Label, lang.All("data.offer.outcome")), Question: s.question, Type: of.Type, Values: outcomes(), Sources: sources}
	s.offered = [3]*Variable{shown, wave, outcome}
	out := []*Variable{shown}
	if s.offer.status != "" {
		c := companion(shown)
		c.Name = s.offer.status
		out = append(out, c)
	}
	return append(out, wave, outcome)
}

// about gives "question – what" in every language of the question.
func about(question, what lang.Text) lang.Text {
	out := lang.Text{}
	for tag, text := range question {
		said, _ := what.In(tag, lang.Fallback)
		out[tag] = text + " – " + said
	}
	return out
}

// offered is where the three variables of a question stand.
type offered struct {
	from                 string // the question whose earlier answer it is
	kind                 Kind
	shown, wave, outcome int
	status               int // of the companion of shown, which companions fills; -1 without
}

// offeredBy works out where the offer of a question goes, nil where a version
// offers nothing.
func (s *segment) offeredBy(it *questionnaire.Item, at map[*Variable]int) *offered {
	if it.Prefill() == "" {
		return nil
	}
	o := &offered{from: it.Prefill(), kind: s.offerKind(), shown: at[s.offered[0]], wave: at[s.offered[1]], outcome: at[s.offered[2]], status: -1}
	if c := s.offered[0].Status; c != nil {
		o.status = at[c]
	}
	return o
}

// miss writes why nothing can be said of an offer.
func (o *offered) miss(cells []Cell, why Missing) {
	cells[o.shown], cells[o.wave], cells[o.outcome] = gap(why), gap(why), gap(why)
}

// fillOffer writes what came of the offer of a question that was asked; why is
// the reason that it has no answer, or 0.
func (f *field) fillOffer(cells []Cell, doc *interview.Document, why Missing) {
	o := f.offer
	came := doc.Prefills[f.name]
	if came == "" {
		if why != 0 && why != Blank {
			o.miss(cells, why)
			return
		}
		o.miss(cells, NotApplicable)
		cells[o.outcome] = number(0)
		return
	}
	e := doc.Earlier[o.from]
	cells[o.shown], cells[o.wave], cells[o.outcome] = f.offeredCell(e.Value), number(float64(e.Wave)), gap(Blank)
	for _, v := range outcomes() {
		if v.Name == string(came) {
			cells[o.outcome] = number(float64(v.Code))
		}
	}
}

// offeredCell writes the answer that was shown.
func (f *field) offeredCell(value string) Cell {
	if f.codes == nil {
		return scalar(f.offer.kind, value)
	}
	var list []string
	for name := range strings.FieldsSeq(value) {
		o, ok := f.codes[name]
		if !ok {
			return gap(NotRecorded)
		}
		list = append(list, strconv.Itoa(o.code))
	}
	if f.offer.kind == Text {
		return text(strings.Join(list, " "))
	}
	if len(list) != 1 {
		return gap(NotRecorded)
	}
	return number(float64(f.codes[value].code))
}
