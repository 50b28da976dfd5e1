package questionnaire

import (
	"regexp"
	"slices"
)

// ChangeKind is one way in which a question can differ between two versions.
type ChangeKind string

// The kinds, in the order in which they are listed. A question that has none
// of the others is identical.
const (
	KindIdentical  ChangeKind = "identical"
	KindNew        ChangeKind = "new"
	KindGone       ChangeKind = "gone"
	KindType       ChangeKind = "type"
	KindScale      ChangeKind = "scale"      // the points of a scale, the ends of a range
	KindCategories ChangeKind = "categories" // choices added, removed, relabelled, recoded
	KindWording    ChangeKind = "wording"    // of the question, its hint, its messages, the stem of its page
	KindLogic      ChangeKind = "logic"      // who is asked, what is allowed, how it is computed
	KindOrder      ChangeKind = "order"      // moved, other neighbours, another page
	KindLayout     ChangeKind = "layout"     // white space, quotation marks, Markdown's marks, appearance
)

// Kinds lists all kinds in their order.
var Kinds = []ChangeKind{KindIdentical, KindNew, KindGone, KindType, KindScale, KindCategories, KindWording, KindLogic, KindOrder, KindLayout}

// Verdict says what a question is to the series.
type Verdict string

// The verdicts. A question that is gone can only be that.
const (
	SameVariable Verdict = "same"
	NewVariable  Verdict = "new"
	GoneVariable Verdict = "gone"
)

// Severity says how much a change weighs for the series.
type Severity string

// The severities.
const (
	SeverityNone   Severity = "none"
	SeverityLow    Severity = "low"    // seldom matters: order, layout
	SeverityReview Severity = "review" // somebody has to judge
	SeverityBreaks Severity = "breaks" // values before and after do not measure the same
)

// Comparison is what differs between a version and the one before it.
type Comparison struct {
	// Questions holds every question of either version, identical ones too, in
	// the order of the new version; one that is gone stands after the one that
	// stood before it.
	Questions []*Difference `json:"questions"`
	// Languages that one version has and the other has not. Their texts are no
	// change of wording: nobody has answered in them.
	LanguagesAdded   []string `json:"languages_added,omitempty"`
	LanguagesRemoved []string `json:"languages_removed,omitempty"`
}

// Difference is what differs in one question.
type Difference struct {
	Question string       `json:"question"`
	Kinds    []ChangeKind `json:"kinds"`
	// Languages are those in which respondents read other words than before.
	Languages []string `json:"languages,omitempty"`
	// Stale are the languages that both versions ask in and whose words stayed
	// while others changed: until somebody confirms them.
	Stale   []string `json:"stale,omitempty"`
	Details []Detail `json:"details,omitempty"`
	// CodeReused marks the worst case: a choice's name or number stands for
	// something else than before. The question cannot remain the same variable.
	CodeReused bool `json:"code_reused,omitempty"`
	// Returned marks a question that the version before had not and an earlier
	// one had; it is compared with that one.
	Returned bool `json:"returned,omitempty"`
	// RenamedTo and RenamedFrom tell of a new question with the words and the
	// type of one that is gone: the name was changed, most likely.
	RenamedTo   string   `json:"renamed_to,omitempty"`
	RenamedFrom string   `json:"renamed_from,omitempty"`
	Severity    Severity `json:"severity"`
	// Suggested is what the publisher probably decides; "" for a note, which
	// is no variable.
	Suggested Verdict `json:"suggested,omitempty"`
	Meaning   Meaning `json:"meaning,omitempty"`
	Why       string  `json:"why,omitempty"` // the meaning in one sentence, in English

	Old *Item `json:"-"` // nil of a new question
	New *Item `json:"-"` // nil of one that is gone
}

// Detail is one thing that differs, with what to show of it.
type Detail struct {
	Kind     ChangeKind `json:"kind"`
	Aspect   Aspect     `json:"aspect"`
	Language string     `json:"language,omitempty"`
	Choice   string     `json:"choice,omitempty"` // by name
	Before   string     `json:"before,omitempty"`
	After    string     `json:"after,omitempty"`
}

// Aspect says what of a question a detail is about.
type Aspect string

// The aspects.
const (
	AspectLabel             Aspect = "label"
	AspectHint              Aspect = "hint"
	AspectGuidance          Aspect = "guidance_hint"
	AspectConstraintMessage Aspect = "constraint_message"
	AspectRequiredMessage   Aspect = "required_message"
	AspectStem              Aspect = "stem"    // the label of the page's group
	AspectHeading           Aspect = "heading" // the label of a group above the page
	AspectMedia             Aspect = "media"
	AspectType              Aspect = "type"
	AspectPoints            Aspect = "points" // how many points a scale has
	AspectRange             Aspect = "range"
	AspectAdded             Aspect = "choice_added"
	AspectRemoved           Aspect = "choice_removed"
	AspectRelabelled        Aspect = "choice_relabelled"
	AspectRecoded           Aspect = "choice_recoded"
	AspectRenamed           Aspect = "choice_renamed" // the same words and number under another name
	AspectReused            Aspect = "code_reused"
	AspectChoiceMedia       Aspect = "choice_media"
	AspectChoiceColumns     Aspect = "choice_columns"
	AspectChoiceOrder       Aspect = "choice_order"
	AspectRandomize         Aspect = "randomize"
	AspectUniverse          Aspect = "relevant"
	AspectConstraint        Aspect = "constraint"
	AspectRequired          Aspect = "required"
	AspectCalculation       Aspect = "calculation"
	AspectTrigger           Aspect = "trigger"
	AspectDefault           Aspect = "default"
	AspectFilter            Aspect = "choice_filter"
	AspectReadOnly          Aspect = "read_only"
	AspectRepeat            Aspect = "repeat"
	AspectUpload            Aspect = "upload"
	AspectSource            Aspect = "list" // the file or question that the choices come from
	AspectMoved             Aspect = "moved"
	AspectNeighbour         Aspect = "neighbour" // the question that is asked before it
	AspectPage              Aspect = "page"      // the questions that are asked at once with it
	AspectAppearance        Aspect = "appearance"
	AspectVariable          Aspect = "variable" // our column: the name in data files is frozen
	AspectConcept           Aspect = "concept"  // our column: documentation alone
)

// Has tells whether the question differs in a way.
func (d *Difference) Has(kind ChangeKind) bool { return slices.Contains(d.Kinds, kind) }

// Identical tells that nothing differs.
func (d *Difference) Identical() bool { return d.Has(KindIdentical) }

// item gives the question as the newer version has it, the older where it is gone.
func (d *Difference) item() *Item {
	if d.New != nil {
		return d.New
	}
	return d.Old
}

// Question gives what differs in the question of a name, nil where no version has it.
func (c *Comparison) Question(name string) *Difference {
	for _, d := range c.Questions {
		if d.Question == name {
			return d
		}
	}
	return nil
}

// Identical tells that no question differs.
func (c *Comparison) Identical() bool {
	return !slices.ContainsFunc(c.Questions, func(d *Difference) bool { return !d.Identical() })
}

// Reused gives the questions in which a code stands for something else.
func (c *Comparison) Reused() []*Difference {
	var out []*Difference
	for _, d := range c.Questions {
		if d.CodeReused {
			out = append(out, d)
		}
	}
	return out
}

// Compare tells what differs between two versions of a questionnaire, question
// by question. Questions are the same where their names are; a note without a
// name, where its words are. earlier are the versions before old, oldest first:
// they tell which codes were used once, and what a question that comes back was.
func Compare(old, new *Questionnaire, earlier ...*Questionnaire) *Comparison {
	c := &comparer{tongues: pairTongues(old, new), was: survey(old), is: survey(new), earlier: earlier}
	for _, q := range append(slices.Clone(earlier), old) {
		c.learn(q)
	}
	c.order()
	out := &Comparison{}
	for _, tag := range new.Languages {
		if !slices.Contains(c.tags, tag) {
			out.LanguagesAdded = append(out.LanguagesAdded, tag)
		}
	}
	for _, tag := range old.Languages {
		if !slices.ContainsFunc(c.tags, func(t string) bool { return c.old[t] == tag }) {
			out.LanguagesRemoved = append(out.LanguagesRemoved, tag)
		}
	}
	matched := map[*Item]bool{}
	for _, it := range new.Questions {
		was := c.match(it)
		matched[was] = true
		out.Questions = append(out.Questions, c.question(was, it))
	}
	out.gone(old, matched)
	c.renamed(out)
	for _, d := range out.Questions {
		d.finish(c.tags)
	}
	return out
}

// comparer holds what is known while two versions are compared.
type comparer struct {
	tongues
	was, is *asked
	earlier []*Questionnaire
	codes   *Codes                       // as of the old version
	labels  map[string]map[string]*label // by list and choice: the last words of each choice
	moved   map[string]bool
}

// label is what a choice was called, and by which version.
type label struct {
	choice  *Choice
	tongues func() tongues
}

// asked is one version by the names of its questions.
type asked struct {
	q      *Questionnaire
	byName map[string]*Item
	page   map[*Item]*Page
	before map[*Item]*Item // the visible question that comes before
	lists  map[*List]int   // how many questions answer with a list
}

func survey(q *Questionnaire) *asked {
	s := &asked{q: q, byName: map[string]*Item{}, page: map[*Item]*Page{}, before: map[*Item]*Item{}, lists: map[*List]int{}}
	for _, p := range q.Pages {
		for _, it := range p.Items {
			s.page[it] = p
		}
	}
	var previous *Item
	for _, it := range q.Questions {
		s.byName[it.Name] = it
		if it.List != nil {
			s.lists[it.List]++
		}
		if it.Asks() && it.OtherOf == nil { // what or_other asks belongs to its select
			s.before[it], previous = previous, it
		}
	}
	return s
}

// unnamedNote is the name that a note without one gets.
var unnamedNote = regexp.MustCompile(`^note_[0-9]+$`)

// match gives the old version's question of a new one's, nil for none.
func (c *comparer) match(it *Item) *Item {
	if it.Type != Note || !unnamedNote.MatchString(it.Name) {
		return c.was.byName[it.Name]
	}
	same := func(a, b *Item) bool { return a != nil && b != nil && a.Type == Note && c.same(a.Label, b.Label) }
	if was := c.was.byName[it.Name]; same(was, it) {
		return was
	}
	for _, was := range c.was.q.Questions {
		if unnamedNote.MatchString(was.Name) && same(was, it) && !same(was, c.is.byName[was.Name]) {
			return was
		}
	}
	// Its words are new. The old note of its number is the same one reworded,
	// unless that one has merely got another number.
	was := c.was.byName[it.Name]
	if was != nil && slices.ContainsFunc(c.is.q.Questions, func(n *Item) bool { return unnamedNote.MatchString(n.Name) && same(was, n) }) {
		return nil
	}
	return was
}

// question compares one question of the new version.
func (c *comparer) question(was, is *Item) *Difference {
	d := &Difference{Question: is.Name, Old: was, New: is}
	if was == nil {
		d.Kinds = []ChangeKind{KindNew}
		for _, q := range slices.Backward(c.earlier) {
			i := slices.IndexFunc(q.Questions, func(it *Item) bool { return it.Name == is.Name && it.Type != Note })
			if i >= 0 && is.Type != Note {
				back := &comparer{tongues: pairTongues(q, c.is.q), was: survey(q), is: c.is, codes: c.codes, labels: c.labels}
				d.Old, d.Returned = q.Questions[i], true
				back.content(d)
				break
			}
		}
		return d
	}
	c.content(d)
	c.context(d)
	return d
}

// gone adds the questions that the new version has no more.
func (c *Comparison) gone(old *Questionnaire, matched map[*Item]bool) {
	var previous *Item
	for _, it := range old.Questions {
		if !matched[it] {
			at := 0
			if previous != nil {
				at = 1 + slices.IndexFunc(c.Questions, func(d *Difference) bool { return d.Old == previous })
			}
			c.Questions = slices.Insert(c.Questions, at, &Difference{Question: it.Name, Old: it, Kinds: []ChangeKind{KindGone}})
		}
		previous = it
	}
}

// renamed looks for questions that merely got another name.
func (c *comparer) renamed(out *Comparison) {
	for _, is := range out.Questions {
		if !is.Has(KindNew) || is.Returned {
			continue
		}
		for _, was := range out.Questions {
			if was.Has(KindGone) && was.RenamedTo == "" && was.Old.Type == is.New.Type && c.same(was.Old.Label, is.New.Label) {
				was.RenamedTo, is.RenamedFrom = is.Question, was.Question
				break
			}
		}
	}
}

// add notes one thing that differs.
func (d *Difference) add(detail Detail) {
	d.Details = append(d.Details, detail)
	if !d.Has(detail.Kind) {
		d.Kinds = append(d.Kinds, detail.Kind)
	}
}

// texts notes how a text differs. What layout alone changes is layout.
func (d *Difference) texts(kind ChangeKind, aspect Aspect, choice string, changes []textChange) {
	for _, t := range changes {
		k := kind
		if t.layout {
			k = KindLayout
		}
		d.add(Detail{Kind: k, Aspect: aspect, Language: t.tag, Choice: choice, Before: t.before, After: t.after})
	}
}
