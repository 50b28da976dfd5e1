package staff

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// comparison shows what differs between a version and the one before it. It
// is a part of two pages: of a draft, with a form to decide in, and of a
// published version, with what was decided.
type comparison struct {
	*view
	Key           string
	Before, After int
	Form          *form // nil where nothing is to be decided
	Cards         []changed
	Same          []string // the questions that are as they were
	Counts        []changeCount
	Reused        int // questions in which a code stands for something else
	Answers       int // interviews submitted with the version before or an earlier one
	Added         []string
	Removed       []string
}

// changeCount counts the questions by the weightiest thing that differs.
type changeCount struct {
	Kind    questionnaire.ChangeKind
	Count   int
	Decide  int // those that need a decision
	Decided int
}

// changed is one question that differs.
type changed struct {
	*questionnaire.Difference
	Title     string
	Tag       string // the language of the title
	Texts     []change
	Choices   []change
	Decide    bool
	Decided   []fieldwork.Decided   // what was decided, by version
	Confirmed []fieldwork.Confirmed // which stale words were looked at
}

// change is one thing that differs, its words parted where they begin to differ
// and where they stop.
type change struct {
	questionnaire.Detail
	Head, Was, Is, Tail string
}

// comparison arranges a review for the page.
func (v *view) comparison(review *fieldwork.Review, f *form) *comparison {
	c := &comparison{view: v, Key: review.Key, Before: review.Before, After: review.Number, Form: f}
	for _, use := range review.Answers {
		if use.Number < review.Number {
			c.Answers += use.Submitted
		}
	}
	if review.Comparison == nil {
		return c
	}
	c.Added, c.Removed = review.Comparison.LanguagesAdded, review.Comparison.LanguagesRemoved
	c.Reused = len(review.Comparison.Reused())
	for _, d := range review.Comparison.Questions {
		if d.Identical() {
			c.Same = append(c.Same, d.Question)
			continue
		}
		k := v.changed(d)
		for _, x := range review.History {
			if x.Question == d.Question {
				k.Decided = append(k.Decided, x)
			}
		}
		for _, x := range review.Confirmed {
			if x.Question == d.Question {
				k.Confirmed = append(k.Confirmed, x)
			}
		}
		c.Cards = append(c.Cards, k)
		c.count(k)
	}
	slices.SortStableFunc(c.Cards, func(a, b changed) int { // the worst case first
		switch {
		case a.CodeReused == b.CodeReused:
			return 0
		case a.CodeReused:
			return -1
		}
		return 1
	})
	slices.SortFunc(c.Counts, func(a, b changeCount) int {
		return cmp.Compare(slices.Index(questionnaire.Kinds, a.Kind), slices.Index(questionnaire.Kinds, b.Kind))
	})
	return c
}

// changed arranges one difference.
func (v *view) changed(d *questionnaire.Difference) changed {
	it := d.New
	if it == nil {
		it = d.Old
	}
	k := changed{Difference: d, Decide: it.Type != questionnaire.Note && !d.Has(questionnaire.KindGone) && (!d.Has(questionnaire.KindNew) || d.Returned)}
	k.Title, k.Tag = it.Label.In(v.T.Tag, "en", v.Study.DefaultLanguage())
	for _, detail := range d.Details {
		if reusedToo(d, detail) {
			continue
		}
		x := parted(detail)
		if detail.Choice != "" {
			k.Choices = append(k.Choices, x)
		} else {
			k.Texts = append(k.Texts, x)
		}
	}
	return k
}

// reusedToo tells of new words for a choice that are shown already, as those
// of a reused code.
func reusedToo(d *questionnaire.Difference, detail questionnaire.Detail) bool {
	return detail.Aspect == questionnaire.AspectRelabelled && slices.ContainsFunc(d.Details, func(x questionnaire.Detail) bool {
		return x.Aspect == questionnaire.AspectReused && x.Choice == detail.Choice && x.Language == detail.Language
	})
}

// count adds a card to the summary.
func (c *comparison) count(k changed) {
	i := slices.IndexFunc(c.Counts, func(x changeCount) bool { return x.Kind == k.Kinds[0] })
	if i < 0 {
		c.Counts = append(c.Counts, changeCount{Kind: k.Kinds[0]})
		i = len(c.Counts) - 1
	}
	c.Counts[i].Count++
	if !k.Decide {
		return
	}
	c.Counts[i].Decide++
	if c.Form != nil && c.Form.Value("decisions."+k.Question) != "" && strings.TrimSpace(c.Form.Value("reason."+k.Question)) != "" {
		c.Counts[i].Decided++
	}
}

// parted parts the words before and after into what both begin with, what
// differs, and what both end with.
func parted(d questionnaire.Detail) change {
	was, is := strings.SplitAfter(d.Before, " "), strings.SplitAfter(d.After, " ")
	head := 0
	for head < len(was) && head < len(is) && was[head] == is[head] {
		head++
	}
	tail := 0
	for tail < len(was)-head && tail < len(is)-head && was[len(was)-1-tail] == is[len(is)-1-tail] {
		tail++
	}
	join := func(words []string) string { return strings.Join(words, "") }
	return change{d, join(was[:head]), join(was[head : len(was)-tail]), join(is[head : len(is)-tail]), join(was[len(was)-tail:])}
}

// KindName names a kind of change.
func (c *comparison) KindName(k questionnaire.ChangeKind) string {
	return c.T.T("staff.kind." + string(k))
}

// AspectName says what of a question differs, with the language where it is one.
func (v *view) AspectName(d questionnaire.Detail) string {
	name := v.T.T("staff.aspect." + string(d.Aspect))
	if d.Language != "" {
		name += ", " + lang.Name(d.Language)
	}
	return name
}

// LanguageNames lists languages by their names.
func (c *comparison) LanguageNames(tags []string) string {
	var names []string
	for _, tag := range tags {
		names = append(names, lang.Name(tag))
	}
	return strings.Join(names, ", ")
}

// Todo counts the decisions that have to be made, Left those still open.
func (c *comparison) Todo() int {
	n := 0
	for _, x := range c.Counts {
		n += x.Decide
	}
	return n
}

// Left counts the decisions that are not made yet.
func (c *comparison) Left() int {
	n := c.Todo()
	for _, x := range c.Counts {
		n -= x.Decided
	}
	return n
}

// Name gives a version its name.
func (c *comparison) Name(number int) string {
	return c.T.T("staff.version", "key", c.Key, "number", number)
}

// Means says what a change means for the series.
func (c *comparison) Means(k changed) string {
	switch k.Meaning {
	case questionnaire.MeansRenamedTo:
		return c.T.T("staff.means.renamed_to", "question", k.RenamedTo, "old", k.Question)
	case questionnaire.MeansRenamedFrom:
		return c.T.T("staff.means.renamed_from", "question", k.RenamedFrom)
	}
	return c.T.T("staff.means." + string(k.Meaning))
}

// By says who did something, and when.
func (c *comparison) By(name string, at time.Time) string {
	if name == "" {
		name = c.T.T("staff.audit.command_line")
	}
	return c.T.T("staff.compare.by", "name", name, "time", c.Stamp(at))
}

// Choose gives the field in which a question is decided. Nothing is chosen
// beforehand, and there is no "same" where publishing would refuse it.
func (c *comparison) Choose(k changed) field {
	options := []option{{Value: string(questionnaire.NewVariable), Text: c.T.T("staff.decide.new"), More: c.T.T("staff.decide.new_more")}}
	if k.CanRemain() {
		options = slices.Insert(options, 0, option{Value: string(questionnaire.SameVariable), Text: c.T.T("staff.decide.same"), More: c.T.T("staff.decide.same_more")})
	}
	return c.Form.Choose("decisions."+k.Question, c.T.T("staff.decide.legend"), c.T.T("staff.decide.suggested."+string(k.Suggested))+" "+c.Means(k), options)
}

// Why gives the field for the reason of a decision.
func (c *comparison) Why(k changed) field {
	return c.Form.Field("reason."+k.Question, c.T.T("staff.decide.why"), "hint", c.T.T("staff.decide.why_hint"), "kind", "long")
}

// Verdict names what was decided.
func (c *comparison) Verdict(d fieldwork.Decided) string {
	return c.T.T("staff.verdict." + string(d.Verdict))
}

// comparePage shows two published versions side by side.
type comparePage struct {
	*view
	C        *comparison
	Address  string   // of the form that chooses two others
	Versions []option // the versions of the questionnaire; those shown are named by C
}

// showComparison shows what differs between a version and the one before it.
func (r *request) showComparison() error {
	v, err := r.version()
	if err != nil {
		return err
	}
	return r.compare(0, v.Number)
}

// showChosen shows what differs between any two versions.
func (r *request) showChosen() error {
	from, err := strconv.Atoi(r.Query("from"))
	if err != nil {
		return errNoPage.Because(err)
	}
	to, err := strconv.Atoi(r.Query("to"))
	if err != nil {
		return errNoPage.Because(err)
	}
	return r.compare(from, to)
}

func (r *request) compare(from, to int) error {
	review, err := r.Fieldwork.Compare(r.ctx(), r.actor, r.study.Key, r.Param("key"), from, to)
	if err != nil {
		return err
	}
	if review.Before == 0 {
		return errNoPage
	}
	versions, err := r.Fieldwork.Versions(r.ctx(), r.actor, r.study.Key)
	if err != nil {
		return err
	}
	frame := r.view("questionnaires")
	p := comparePage{view: frame, C: frame.comparison(review, nil), Address: r.at("/questionnaires/" + review.Key + "/compare")}
	for _, v := range versions {
		if v.Key == review.Key {
			p.Versions = append(p.Versions, option{Value: itoa(v.Number), Text: p.C.Name(v.Number)})
		}
	}
	return r.show("compare", nil, p)
}

// Title gives what the page is about.
func (c *comparison) Title() string {
	return c.T.T("staff.compare.head", "before", c.Name(c.Before), "after", c.Name(c.After))
}

// LangOf gives the lang attribute of a detail: that of the page for names and expressions.
func (v *view) LangOf(d questionnaire.Detail) string {
	return cmp.Or(d.Language, v.T.Tag)
}
