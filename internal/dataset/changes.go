package dataset

import (
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// Change is what differs in one question between two versions that follow on
// each other.
type Change struct {
	Question   string
	Variable   string // what the question fills from To on; of a question that is gone, what it filled
	From, To   Ref
	Kinds      []questionnaire.ChangeKind
	Languages  []string // in which respondents read other words
	Before     lang.Text
	After      lang.Text
	Added      []string // choices, by name
	Removed    []string
	Relabel    []string
	CodeReused bool // a choice stands for something else than before
	Same       bool // still the same variable

	Decision questionnaire.Verdict // what the publisher decided; "" where nothing was
	Reason   string
}

// compare gives the changes between each version and the one before it of the
// same questionnaire. A question that is identical is among them where a
// publisher decided about it all the same.
func (d *Dataset) compare(segments []*segment, decisions []Decision) []Change {
	fills := map[filled]*segment{}
	for _, s := range segments {
		for _, src := range s.sources {
			fills[filled{src.Ref, s.question}] = s
		}
	}
	var out []Change
	before := map[string][]Version{}
	for _, v := range d.Versions {
		versions := before[v.Key]
		before[v.Key] = append(versions, v)
		if len(versions) == 0 {
			continue
		}
		old := versions[len(versions)-1]
		var earlier []*questionnaire.Questionnaire
		for _, e := range versions[:len(versions)-1] {
			earlier = append(earlier, e.Questionnaire)
		}
		for _, diff := range questionnaire.Compare(old.Questionnaire, v.Questionnaire, earlier...).Questions {
			c := Change{Question: diff.Question, From: old.Ref, To: v.Ref, Kinds: diff.Kinds, Languages: diff.Languages, CodeReused: diff.CodeReused}
			was, is := fills[filled{old.Ref, diff.Question}], fills[filled{v.Ref, diff.Question}]
			c.decide(decisions)
			if was == nil && is == nil || diff.Identical() && was == is && c.Decision == "" {
				continue
			}
			c.Same = was == is
			if is != nil {
				c.Variable = is.root
			} else {
				c.Variable = was.root
			}
			c.describe(diff)
			out = append(out, c)
		}
	}
	return out
}

// decide finds what was decided on the way from one version to the other,
// which may lead over versions that no wave has fielded.
func (c *Change) decide(decisions []Decision) {
	for _, d := range decisions {
		low, high := min(c.From.Number, c.To.Number), max(c.From.Number, c.To.Number)
		if d.Question != c.Question || d.To.Key != c.To.Key || d.To.Number <= low || d.To.Number > high {
			continue
		}
		if c.Decision != "" && d.Verdict == questionnaire.SameVariable && c.Decision != questionnaire.SameVariable {
			continue // what broke the series stays broken
		}
		c.Decision, c.Reason = d.Verdict, d.Reason
	}
}

// describe fills in what differs.
func (c *Change) describe(diff *questionnaire.Difference) {
	if diff.Old != nil && diff.Has(questionnaire.KindGone) {
		c.Before = diff.Old.Label
	}
	if diff.New != nil && diff.Has(questionnaire.KindNew) {
		c.After = diff.New.Label
	}
	for _, x := range diff.Details {
		switch x.Aspect {
		case questionnaire.AspectLabel:
			c.Before, c.After = diff.Old.Label, diff.New.Label
		case questionnaire.AspectAdded:
			c.Added = append(c.Added, x.Choice)
		case questionnaire.AspectRemoved:
			c.Removed = append(c.Removed, x.Choice)
		case questionnaire.AspectRelabelled:
			if n := len(c.Relabel); n == 0 || c.Relabel[n-1] != x.Choice {
				c.Relabel = append(c.Relabel, x.Choice)
			}
		}
	}
}
