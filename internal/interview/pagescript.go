package interview

import (
	"slices"
	"strconv"

	"panelverk/internal/expr"
	"panelverk/internal/questionnaire"
)

// mostLookedUp is how many rows a list or table may have that a page carries
// with it; a question that needs a longer one is left to the server.
const mostLookedUp = 200

// PageScript is what a browser can compute of one page by itself: what an
// answer on the page changes on the page. Everything else stays as the server
// drew it.
type PageScript struct {
	Script
	// Answers holds what the rules read and the page does not hold: values of
	// other pages, and of the page's own questions what is stored.
	Answers map[string]string
	// Live holds the items of the page that an answer on it may bring up or
	// take away.
	Live map[string]bool
	// Shown holds the names in labels whose value an answer on the page changes.
	Shown map[string]bool
	// Shape is the same for two scripts that differ in their Answers alone.
	Shape string
}

// web is which item decides about which, without instances: positions in
// Logic.items.
type web struct {
	reads [][]int // whom an item's relevance, choices and value come from, its group first
	users [][]int // the other way round
}

// newWeb works the web out. A name of a group stands for all in it.
func (l *Logic) newWeb() web {
	w := web{reads: make([][]int, len(l.items)), users: make([][]int, len(l.items))}
	for i, it := range l.items {
		if it.Parent != nil {
			w.reads[i] = append(w.reads[i], l.place[it.Parent.Name])
		}
		for _, name := range deciding(it) {
			if j, ok := l.place[name]; ok && j != i {
				w.reads[i] = append(w.reads[i], j)
			}
		}
		for _, j := range w.reads[i] {
			w.users[j] = append(w.users[j], i)
		}
	}
	return w
}

// varying gives, for each item, whether an answer on the page may change if it
// is asked or what it is worth; an answer itself does not count.
func (l *Logic) varying(p *questionnaire.Page) []bool {
	if kept, ok := l.varies.Load(p); ok {
		return kept.([]bool)
	}
	out := make([]bool, len(l.items))
	var reach func(i int)
	reach = func(i int) {
		for _, j := range l.web.users[i] {
			if !out[j] {
				out[j] = true
				reach(j)
			}
		}
	}
	for _, it := range p.Items {
		if it.Asks() {
			reach(l.place[it.Name])
		}
	}
	l.varies.Store(p, out)
	return out
}

// pageScript is the making of one.
type pageScript struct {
	*PageScript
	view   *View
	page   *questionnaire.Page
	varies []bool
	known  func(key string) bool
	can    map[int]bool // see able
	firm   map[int]bool // see sure
	rules  map[int]*Rule
}

// PageScript gives what a browser can compute of a page, nil for nothing.
// known tells whether the browser may know the answer that is stored under a
// key, or that there is none: what depends on any other is left out, and so is what
// needs chance, an earlier interview, several instances or a long list.
//
// v stands where the page does: in a repeat, names mean the instance's own
// questions, and the script knows of no other.
func (v *View) PageScript(screen *Screen, known func(key string) bool) *PageScript {
	p := screen.Page
	if !v.logic.scripted(p) {
		return nil
	}
	s := &pageScript{PageScript: &PageScript{Answers: map[string]string{}, Live: map[string]bool{}, Shown: map[string]bool{}},
		view: v, page: p, varies: v.logic.varying(p), known: known, can: map[int]bool{}, firm: map[int]bool{}, rules: map[int]*Rule{}}
	for _, it := range p.Items {
		s.item(it)
	}
	if len(s.rules) == 0 {
		return nil
	}
	var shape []byte
	for i := range v.logic.items { // in the order of the form
		if r := s.rules[i]; r != nil {
			s.Items = append(s.Items, r)
			shape = strconv.AppendInt(shape, int64(i), 36)
			for at, has := range []bool{r.Relevant != nil, r.Parent != "", r.Constraint != nil, r.ReadOnly != nil, s.Live[r.Name], r.Live, s.Shown[r.Name], r.Filter != nil} {
				if has {
					shape = append(shape, byte('A'+at))
				}
			}
		}
	}
	v.logic.supply(&s.Script)
	s.Shape = string(shape)
	return s.PageScript
}

// scripted tells whether anything on the page could be for the browser to do.
func (l *Logic) scripted(p *questionnaire.Page) bool {
	varies := l.varying(p)
	return slices.ContainsFunc(p.Items, func(it *questionnaire.Item) bool {
		return varies[l.place[it.Name]] || it.Constraint != nil || it.ReadOnlyWhen != nil || len(it.LabelReferences) > 0
	})
}

// item adds what is done with an item of the page.
func (s *pageScript) item(it *questionnaire.Item) {
	i := s.view.logic.place[it.Name]
	live := s.varies[i] && s.sure(i) && !s.gone(it)
	if it.Silent() || !live && !s.view.relevant(i) {
		return
	}
	if live {
		s.Live[it.Name] = true
		s.rule(i)
	}
	for _, name := range it.LabelReferences {
		if j, ok := s.view.logic.place[name]; ok && s.moves(j) && s.sure(j) {
			s.Shown[name] = true
			s.rule(j)
		}
	}
	if it.Constraint != nil && s.fine(it.Constraint) && s.reads(it.Constraint, i, s.able) {
		s.add(s.rule(i), it.Constraint, &s.rule(i).Constraint)
	}
	if it.ReadOnlyWhen != nil && s.fine(it.ReadOnlyWhen) && s.reads(it.ReadOnlyWhen, i, s.sure) {
		s.add(s.rule(i), it.ReadOnlyWhen, &s.rule(i).ReadOnly)
	}
}

// add puts one more tree into a rule, with what it reads.
func (s *pageScript) add(r *Rule, e *expr.Expr, to **expr.Node) {
	*to = e.Root
	r.See = names(r.item.Constraint, r.item.ReadOnlyWhen)
	for _, name := range e.Names() {
		s.need(name)
	}
}

// moves tells whether an answer on the page may change what an item is worth.
func (s *pageScript) moves(i int) bool {
	it := s.view.logic.items[i]
	return s.varies[i] || it.Asks() && slices.Contains(s.page.Items, it) && s.view.relevant(i)
}

// gone tells whether a group that no answer on the page decides about keeps
// the item from being asked.
func (s *pageScript) gone(it *questionnaire.Item) bool {
	for g := it.Parent; g != nil; g = g.Parent {
		if i := s.view.logic.place[g.Name]; !s.varies[i] && !s.view.relevant(i) {
			return true
		}
	}
	return false
}

// need sees to it that a name can be read: by a rule where it moves, else by
// its value now.
func (s *pageScript) need(name string) {
	i, ok := s.view.logic.place[name]
	switch {
	case !ok:
	case s.moves(i) && !s.gone(s.view.logic.items[i]):
		s.rule(i)
	default:
		if value := s.view.Value(name); value != "" {
			s.Answers[name] = value
		}
	}
}

// rule gives the rule of an item that moves: what decides about it, where an
// answer on the page has a say in that.
func (s *pageScript) rule(i int) *Rule {
	if r := s.rules[i]; r != nil {
		return r
	}
	it := s.view.logic.items[i]
	r := rule(it)
	r.Constraint, r.ReadOnly, r.Required, r.See = nil, nil, nil, nil
	s.rules[i] = r
	if key := s.view.Key(it.Name); s.known(key) && s.view.answers[key] != "" {
		s.Answers[it.Name] = s.view.answers[key]
	}
	if !s.varies[i] || !s.able(i) { // it stands as the server drew it
		r.Relevant, r.Filter, r.Parent, r.On = nil, nil, "", nil
		return r
	}
	r.Live = s.sure(i)
	if it.Parent != nil {
		if up := s.view.logic.place[it.Parent.Name]; s.varies[up] {
			s.rule(up)
		} else {
			r.Parent = ""
		}
	}
	for _, name := range r.On {
		s.need(name)
	}
	return r
}

// able tells whether the browser can know how an item stands: everything that
// it comes from may be known there, down to the stored answers.
func (s *pageScript) able(i int) bool {
	can, done := s.can[i]
	if done {
		return can
	}
	s.can[i] = false // a circle is left to the server
	it := s.view.logic.items[i]
	s.can[i] = s.own(it) && !slices.ContainsFunc(s.view.logic.web.reads[i], func(j int) bool { return !s.able(j) })
	return s.can[i]
}

// sure tells the same where answers that break their rules count for nothing:
// of each the browser then has to know whether it does.
func (s *pageScript) sure(i int) bool {
	firm, done := s.firm[i]
	if done {
		return firm
	}
	s.firm[i] = false
	it := s.view.logic.items[i]
	e := it.Constraint
	firm = s.able(i) && (e == nil || !it.Asks() || !s.moves(i) || s.fine(e) && s.reads(e, i, s.able))
	s.firm[i] = firm && !slices.ContainsFunc(s.view.logic.web.reads[i], func(j int) bool { return !s.sure(j) })
	return s.firm[i]
}

// own tells whether an item's own answer may be known, and its own expressions
// be computed.
func (s *pageScript) own(it *questionnaire.Item) bool {
	if it.ListFrom != nil || it.Prefill() != "" || it.Repeat && it.Relevant != nil { // of an offer it takes the server to say what was answered
		return false
	}
	if slices.ContainsFunc(deciders(it), func(e *expr.Expr) bool { return !s.fine(e) }) {
		return false
	}
	if it.ChoiceFilter != nil && (len(it.List.Choices) > mostLookedUp || it.Randomize || it.Type == questionnaire.Rank) {
		return false
	}
	stored := it.Asks() || it.Silent() && it.Type != questionnaire.Calculate
	if it.Type == questionnaire.Calculate {
		stored = len(it.Triggers) > 0 || it.Calculation != nil && it.Calculation.Self()
	}
	return it.Group || !stored || s.known(s.view.Key(it.Name))
}

// fine tells whether a page can carry an expression.
func (s *pageScript) fine(e *expr.Expr) bool {
	if e.Chance() || e.Walks() || e.Placed() || len(e.LastSaved()) > 0 {
		return false
	}
	q := s.view.logic.Questionnaire
	for _, id := range e.Lists() {
		if t := q.Tables[id]; t != nil && len(t.Rows) > mostLookedUp {
			return false
		}
		if l := q.Lists[id]; l != nil && len(l.Choices) > mostLookedUp {
			return false
		}
	}
	var around []string
	if s.page.Repeat != nil {
		around = q.Layout.Repeats(s.page.Repeat.Name)
	}
	return !slices.ContainsFunc(e.Names(), func(name string) bool {
		in, it := q.Layout.Repeats(name), q.Question(name)
		return len(in) > len(around) || !slices.Equal(in, around[:len(in)]) || it != nil && it.Group
	})
}

// reads tells whether all that an expression of item i reads may be known.
func (s *pageScript) reads(e *expr.Expr, i int, known func(int) bool) bool {
	return !slices.ContainsFunc(e.Names(), func(name string) bool {
		j, ok := s.view.logic.place[name]
		return ok && j != i && !known(j)
	})
}
