package questionnaire

import (
	"fmt"
	"slices"
	"strings"

	"panelverk/internal/fault"
)

// Decision is what a publisher decides about a question that changed.
type Decision struct {
	Question  string
	Verdict   Verdict
	Reason    string
	Confirmed []string // the stale languages whose words somebody has looked at and keeps
	Automatic bool     // nobody stated it: it is what the comparison suggests
}

// finish sorts what was found and says what it means for the series.
func (d *Difference) finish(tags []string) {
	if len(d.Kinds) == 0 {
		d.Kinds = []ChangeKind{KindIdentical}
	}
	slices.SortFunc(d.Kinds, func(a, b ChangeKind) int { return slices.Index(Kinds, a) - slices.Index(Kinds, b) })
	worded := map[string]bool{}
	for _, x := range d.Details {
		if x.Language != "" && (x.Kind == KindWording || x.Kind == KindCategories) {
			worded[x.Language] = true
		}
	}
	for _, tag := range tags {
		switch {
		case worded[tag]:
			d.Languages = append(d.Languages, tag)
		case len(worded) > 0:
			d.Stale = append(d.Stale, tag)
		}
	}
	d.Severity, d.Suggested, d.Meaning = d.judge()
	d.Why = d.sentence()
	if d.item().Type == Note {
		d.Suggested = ""
	}
}

// Meaning says what a change means for the series; the pages have a text for
// each, and Difference.Why is the same in English.
type Meaning string

// The meanings.
const (
	MeansNothing     Meaning = ""             // identical
	MeansRenamedTo   Meaning = "renamed_to"   // gone, and another question asks the same
	MeansGone        Meaning = "gone"         // the series ends
	MeansRenamedFrom Meaning = "renamed_from" // new, and a question that is gone asked the same
	MeansNew         Meaning = "new"          // the series begins
	MeansReused      Meaning = "reused"       // one code, two meanings
	MeansType        Meaning = "type"
	MeansScale       Meaning = "scale"
	MeansStrange     Meaning = "strange" // no choice is the same
	MeansOther       Meaning = "other"   // other words ask something else
	MeansReview      Meaning = "review"  // somebody has to judge
	MeansReturned    Meaning = "returned"
	MeansOrder       Meaning = "order"
	MeansLayout      Meaning = "layout"
)

// Meanings lists all meanings that have words.
var Meanings = []Meaning{MeansRenamedTo, MeansGone, MeansRenamedFrom, MeansNew, MeansReused, MeansType, MeansScale, MeansStrange, MeansOther,
	MeansReview, MeansReturned, MeansOrder, MeansLayout}

// judge gives the weight of a change, what the publisher probably decides, and
// what it means for the series.
func (d *Difference) judge() (Severity, Verdict, Meaning) {
	switch {
	case d.Identical():
		return SeverityNone, SameVariable, MeansNothing
	case d.Has(KindGone):
		if d.RenamedTo != "" {
			return SeverityReview, GoneVariable, MeansRenamedTo
		}
		return SeverityLow, GoneVariable, MeansGone
	case d.Has(KindNew) && !d.Returned:
		if d.RenamedFrom != "" {
			return SeverityReview, NewVariable, MeansRenamedFrom
		}
		return SeverityLow, NewVariable, MeansNew
	case d.CodeReused:
		return SeverityBreaks, NewVariable, MeansReused
	case d.Has(KindType):
		return SeverityBreaks, NewVariable, MeansType
	case d.Has(KindScale):
		return SeverityBreaks, NewVariable, MeansScale
	case d.strange():
		return SeverityBreaks, NewVariable, MeansStrange
	case d.distant():
		return SeverityBreaks, NewVariable, MeansOther
	case d.Has(KindWording), d.Has(KindCategories), d.Has(KindLogic):
		return SeverityReview, SameVariable, MeansReview
	case d.Has(KindNew):
		return SeverityReview, SameVariable, MeansReturned
	case d.Has(KindOrder):
		return SeverityLow, SameVariable, MeansOrder
	}
	return SeverityLow, SameVariable, MeansLayout
}

// sentence gives a meaning in English.
func (d *Difference) sentence() string {
	switch d.Meaning {
	case MeansRenamedTo:
		return fmt.Sprintf("The question %s asks the same in the new version: keep the name %s, and the series goes on.", d.RenamedTo, d.Question)
	case MeansRenamedFrom:
		return fmt.Sprintf("The question %s asked the same before: with its old name the series would go on.", d.RenamedFrom)
	case MeansReview:
		return "What changed: " + d.changed() + ". Judge whether answers before and after can be compared."
	}
	return meaningWords[d.Meaning]
}

var meaningWords = map[Meaning]string{
	MeansGone:     "The question is asked no more: its series ends.",
	MeansNew:      "The question is new: its series begins.",
	MeansReused:   "A choice stands for something else than before: one variable would hold two meanings under one code.",
	MeansType:     "The type is another one.",
	MeansScale:    "The scale is another one: its values do not stand for the same as before.",
	MeansStrange:  "No choice is the same as before.",
	MeansOther:    "Under the same name, other words ask something else, as it seems.",
	MeansReturned: "The question comes back as an earlier version asked it.",
	MeansOrder:    "It stands elsewhere or among other questions; what was asked before can colour an answer.",
	MeansLayout:   "It looks different and says the same.",
}

// MeaningOf gives what a reason means that was written by itself, because a change
// needed no decision; false where a person wrote it.
func MeaningOf(reason string) (Meaning, bool) {
	for m, words := range meaningWords {
		if words == reason {
			return m, true
		}
	}
	return MeansReview, strings.HasPrefix(reason, "What changed: ") && strings.HasSuffix(reason, ". Judge whether answers before and after can be compared.")
}

// changed names the kinds for a sentence.
func (d *Difference) changed() string {
	var names []string
	for _, k := range d.Kinds {
		if k != KindNew {
			names = append(names, string(k))
		}
	}
	return strings.Join(names, ", ")
}

// strange tells that the choices of a question have no name in common.
func (d *Difference) strange() bool {
	if d.Old.List == nil || d.New.List == nil || len(d.Old.List.Choices) == 0 || len(d.New.List.Choices) == 0 {
		return false
	}
	before := map[string]bool{}
	for _, choice := range d.Old.List.Choices {
		before[choice.Name] = choice.Missing == Substantive
	}
	return !slices.ContainsFunc(d.New.List.Choices, func(c *Choice) bool { return c.Missing == Substantive && before[c.Name] })
}

// distant tells that the question itself reads as another in every language in
// which its words changed.
func (d *Difference) distant() bool {
	found := false
	for _, x := range d.Details {
		if x.Kind != KindWording || x.Aspect != AspectLabel || x.Before == "" || x.After == "" {
			continue
		}
		if !far(x.Before, x.After) {
			return false
		}
		found = true
	}
	return found
}

// place names a question in a problem of its decision.
func place(question string) fault.Place { return fault.Place{Field: "decisions." + question} }

// Decide puts together what is decided about every question that differs: what
// was stated, and, where nothing was, what the comparison suggests. With every
// set, each question that both versions ask and that differs needs a stated
// decision; without, only one with a reused code does.
//
// The problems name the question in their field. A question cannot remain the
// same variable where a code was reused, or where its values cannot stand in
// one column.
func (c *Comparison) Decide(stated []Decision, every bool) ([]Decision, fault.Problems) {
	var ps fault.Problems
	given := map[string]*Decision{}
	for i := range stated {
		s := &stated[i]
		at := place(s.Question)
		switch d := c.Question(s.Question); {
		case d == nil || d.item().Type == Note:
			ps.Add(at, "decision_unknown", "There is no question %s in this version or the one before it.", s.Question)
		case given[s.Question] != nil:
			ps.Add(at, "decision_twice", "The question %s is decided twice.", s.Question)
		default:
			given[s.Question] = s
		}
	}
	var out []Decision
	for _, d := range c.Questions {
		if d.item().Type == Note {
			continue
		}
		at := place(d.Question)
		s := given[d.Question]
		begins := d.Has(KindGone) || d.Has(KindNew) && !d.Returned
		switch {
		case s != nil:
			d.fits(s, begins, at, &ps)
			s.Reason = strings.TrimSpace(s.Reason)
			s.Confirmed = slices.DeleteFunc(slices.Clone(s.Confirmed), func(tag string) bool { return !slices.Contains(d.Stale, tag) })
			out = append(out, *s)
		case d.Identical():
		case begins, !every && !d.CodeReused:
			if d.RenamedFrom != "" {
				ps.Warn(at, "question_renamed", "%s", d.Why)
			}
			out = append(out, Decision{Question: d.Question, Verdict: d.Suggested, Reason: d.Why, Automatic: true})
		case d.CodeReused:
			ps.Add(at, "code_reused", "%s Decide “new variable”, or give what is new a name and a code of its own.", d.reuseSentence())
		default:
			ps.Add(at, "decision_missing", "%s differs (%s). Decide whether it remains the same variable, and say why.", d.Question, d.changed())
		}
	}
	for i := range ps {
		name := strings.TrimPrefix(ps[i].Field, "decisions.")
		ps[i].Args = map[string]any{"question": name}
		if d := c.Question(name); d != nil {
			ps[i].Args["before"], ps[i].Args["after"] = d.reused()
		}
	}
	return out, ps
}

// fits checks a stated decision.
func (d *Difference) fits(s *Decision, begins bool, at fault.Place, ps *fault.Problems) {
	switch {
	case d.Has(KindGone) && s.Verdict != GoneVariable:
		ps.Add(at, "decision_impossible", "%s is asked no more: the decision can only be “gone”.", d.Question)
	case d.Has(KindNew) && begins && s.Verdict != NewVariable:
		ps.Add(at, "decision_impossible", "%s is a new question: the decision can only be “new”.", d.Question)
	case begins:
	case s.Verdict != SameVariable && s.Verdict != NewVariable:
		ps.Add(at, "decision_impossible", "%s is asked in both versions: the decision is “same” or “new”.", d.Question)
	case s.Verdict == SameVariable && d.CodeReused:
		ps.Add(at, "code_reused", "%s It cannot remain the same variable.", d.reuseSentence())
	case s.Verdict == SameVariable && !oneColumn(d.Old, d.New):
		ps.Add(at, "type_incompatible", "%s was %s and is %s: these values cannot stand in one column, so it is a new variable.", d.Question, d.Old.Type, d.New.Type)
	case strings.TrimSpace(s.Reason) == "":
		ps.Add(at, "decision_reason", "Say why %s is decided so. The reason stands in the codebook.", d.Question)
	}
}

func (d *Difference) reuseSentence() string {
	before, after := d.reused()
	return fmt.Sprintf("In %s, “%s” became “%s”.", d.Question, before, after)
}

// reused gives what a code stood for and stands for now, of the first that is reused.
func (d *Difference) reused() (before, after string) {
	for _, x := range d.Details {
		if x.Aspect == AspectReused {
			return x.Before, x.After
		}
	}
	return "", ""
}

// CanRemain tells whether a question can be decided to remain the same
// variable: both versions ask it, no code was reused, and the values of both can
// stand in one column.
func (d *Difference) CanRemain() bool {
	return d.Old != nil && d.New != nil && !d.CodeReused && oneColumn(d.Old, d.New)
}

// oneColumn tells whether the values of two types can stand in one column. Of
// a calculation it cannot be told here.
func oneColumn(a, b *Item) bool {
	class := func(it *Item) string {
		switch it.Type {
		case Integer, Decimal, Range, Acknowledge:
			return "number"
		case DateTime, Start, End:
			return "moment"
		case Date, Today:
			return "day"
		}
		return string(it.Type)
	}
	return a.Type == Calculate || b.Type == Calculate || class(a) == class(b)
}
