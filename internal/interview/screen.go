package interview

import (
	"slices"

	"panelverk/internal/questionnaire"
)

// Screen is one page as one interview has it: a page of the questionnaire, in a
// repeat that of one instance; or the overview of a repeat, where the respondent
// adds and removes instances.
type Screen struct {
	Key      string              // stable in URLs and in the document
	Page     *questionnaire.Page // nil for an overview
	Repeat   *questionnaire.Item // of an overview: what it lists
	Part     *questionnaire.Part
	Instance string // the numbers of the instance that it stands in, "" outside of repeats
}

// step is one piece of the way through a questionnaire: a page, or a repeat
// with the pieces in it.
type step struct {
	screen *Screen // of a page; of a repeat its overview, nil where an answer counts the instances
	repeat *questionnaire.Item
	steps  []step
}

// steps lays out pages, which follow each other, from a level of repeats on.
func steps(pages []*questionnaire.Page, level int) []step {
	var out []step
	for len(pages) > 0 {
		around := chain(pages[0].Repeat)
		if len(around) <= level {
			out = append(out, step{screen: &Screen{Key: pages[0].Key, Page: pages[0], Part: pages[0].Part}})
			pages = pages[1:]
			continue
		}
		repeat, n := around[level], 1
		for n < len(pages) && slices.Contains(chain(pages[n].Repeat), repeat) {
			n++
		}
		s := step{repeat: repeat, steps: steps(pages[:n], level+1)}
		if repeat.RepeatCount == nil {
			s.screen = &Screen{Key: repeat.Name, Repeat: repeat, Part: pages[0].Part}
		}
		out, pages = append(out, s), pages[n:]
	}
	return out
}

// chain gives the repeats around something, the outermost first, from the
// innermost.
func chain(repeat *questionnaire.Item) []*questionnaire.Item {
	var out []*questionnaire.Item
	for ; repeat != nil; repeat = repeat.InRepeat() {
		out = append(out, repeat)
	}
	slices.Reverse(out)
	return out
}

// in gives the screen of one instance.
func (s *Screen) in(v *View) *Screen {
	if v.path == "" {
		return s
	}
	c := *s
	c.Key, c.Instance = At(s.Key, v.path), v.path
	return &c
}

// screens goes through the pages in order, whether anything on them is shown or
// not: instance after instance, the overview after them.
func (v *View) screens(yield func(*View, *Screen) bool) { v.root().walk(v.logic.steps, yield) }

func (v *View) walk(steps []step, yield func(*View, *Screen) bool) bool {
	for i := range steps {
		s := &steps[i]
		if s.repeat != nil {
			for _, in := range v.Instances(s.repeat) {
				if !in.walk(s.steps, yield) {
					return false
				}
			}
		}
		if s.screen != nil && !yield(v, s.screen.in(v)) {
			return false
		}
	}
	return true
}

// Screen gives the page of a key. An instance that is gone keeps its pages,
// which are not visible; nil where there never was such a page.
func (v *View) Screen(key string) *Screen {
	name, path := Split(key)
	s := v.logic.pages[name]
	if s != nil && s.Page.Repeat == nil && path == "" { // the usual case first
		return s
	}
	if it := v.logic.Questionnaire.Question(name); it != nil && it.Repeat {
		// A repeat that is one page has its name, as has its overview.
		if o := v.logic.overviews[name]; o != nil && len(chain(it.InRepeat())) == levels(path) {
			s = o
		}
	}
	if s == nil {
		return nil
	}
	home := v.home(s)
	in := v.find(home, path)
	if in == nil {
		return nil
	}
	return s.in(in)
}

// levels gives how many repeats a path leads through.
func levels(path string) int {
	if path == "" {
		return 0
	}
	n := 1
	for _, c := range path {
		if c == '.' {
			n++
		}
	}
	return n
}

// home gives the innermost repeat that a page stands in, nil for none.
func (v *View) home(s *Screen) *questionnaire.Item {
	if s.Page == nil {
		return s.Repeat.InRepeat()
	}
	return s.Page.Repeat
}

// In gives the view as it is on a page.
func (v *View) In(s *Screen) *View {
	if in := v.find(v.home(s), s.Instance); in != nil {
		return in
	}
	return v.root()
}

// Visible tells whether a page has anything to show: a relevant question or
// note, or instances to add.
func (v *View) Visible(s *Screen) bool { return v.In(s).visible(s) }

func (v *View) visible(s *Screen) bool {
	if s.Page == nil {
		return !v.gone && v.Relevant(s.Repeat.Name)
	}
	for _, it := range s.Page.Items {
		if shows(it) && v.Relevant(it.Name) {
			return true
		}
	}
	return false
}

// Next gives the first visible page after the one of the given key, or the
// first of all for ""; nil when none is left and the review is next. Where the
// respondent adds instances, one comes to each from the overview, and from its
// last page back to it.
func (v *View) Next(key string) *Screen {
	here, past := v.standing(key), key == ""
	for in, s := range v.screens {
		if past && in.visible(s) {
			return v.by(here, in, s)
		}
		past = past || s.Key == key
	}
	if past {
		return v.by(here, v.root(), nil)
	}
	return v.stray(here, key)
}

// Previous gives the last visible page before the one of the given key ("" is
// the review), nil where it is the first.
func (v *View) Previous(key string) *Screen {
	here, own := v.standing(key), v.Screen(key)
	var before *Screen
	from := v.root()
	for in, s := range v.screens {
		if s.Key == key {
			return v.by(here, from, before)
		}
		if own != nil && own.Page == nil && in.owner(own.Repeat) != nil && in.owner(own.Repeat).outer == here {
			continue // what an overview lists does not lie before it
		}
		if in.visible(s) {
			before, from = s, in
		}
	}
	if key == "" {
		return v.by(here, from, before)
	}
	return v.stray(here, key)
}

// standing gives the view on the page of a key, the whole one for "".
func (v *View) standing(key string) *View {
	if s := v.Screen(key); s != nil && s.Instance != "" {
		return v.In(s)
	}
	return v.root()
}

// by gives the page that one comes to on the way from one view to a page in
// another (nil: the end): an overview, where the way leads out of an instance that was
// added, or into one.
func (v *View) by(here, in *View, s *Screen) *Screen {
	for u := here; u.repeat != nil; u = u.outer {
		if u.repeat.RepeatCount == nil && !in.lies(u) {
			return v.logic.overview(u)
		}
	}
	for u := in; u.repeat != nil; u = u.outer {
		if u.repeat.RepeatCount == nil && !here.lies(u) {
			s = v.logic.overview(u) // the outermost one stands
		}
	}
	return s
}

// lies tells whether a view is the same instance as another, or in it.
func (v *View) lies(u *View) bool {
	o := v.owner(u.repeat)
	return o != nil && o.path == u.path
}

// overview gives the overview that lists the instance of a view.
func (l *Logic) overview(u *View) *Screen { return l.overviews[u.repeat.Name].in(u.outer) }

// stray gives where to go on from a page of an instance that is gone: the
// outermost overview, else the first visible page after those of the repeat.
func (v *View) stray(here *View, key string) *Screen {
	for _, repeat := range chain(here.repeat) {
		if o := here.owner(repeat); repeat.RepeatCount == nil && v.logic.overviews[repeat.Name] != nil && o.outer.visible(v.logic.overview(o)) {
			return v.logic.overview(o)
		}
	}
	name, _ := Split(key)
	past := false
	for _, s := range v.logic.steps {
		if past {
			for in, first := range v.screensOf(s) {
				if in.visible(first) {
					return v.by(v.root(), in, first)
				}
			}
		}
		past = past || s.holds(name)
	}
	return nil
}

// screensOf goes through the pages of one step.
func (v *View) screensOf(s step) func(func(*View, *Screen) bool) {
	return func(yield func(*View, *Screen) bool) { v.root().walk([]step{s}, yield) }
}

// holds tells whether a page lies in a step.
func (s *step) holds(key string) bool {
	if s.screen != nil && s.screen.Key == key {
		return true
	}
	return slices.ContainsFunc(s.steps, func(in step) bool { return in.holds(key) })
}

// Resume gives the first visible page that was not left forward yet, nil when
// all were and the review is next.
func (v *View) Resume(pages map[string]Visit) *Screen {
	for in, s := range v.screens {
		if !pages[s.Key].Done && in.visible(s) {
			return s
		}
	}
	return nil
}

// unfinished gives the first visible page in the instances of an overview that
// was not left forward yet, nil where there is none.
func (v *View) unfinished(overview *Screen, pages map[string]Visit) *Screen {
	for in, s := range v.screens {
		if o := in.owner(overview.Repeat); o != nil && o.outer.path == overview.Instance && !pages[s.Key].Done && in.visible(s) {
			return s
		}
	}
	return nil
}

// First gives the first visible page of an instance, its overview where there
// is none.
func (v *View) First(instance *View) *Screen {
	for in, s := range v.screens {
		if in.lies(instance) && in.visible(s) {
			return s
		}
	}
	return v.logic.overview(instance)
}

// Screens gives the pages that have something to show, in order, each with the
// view as it is there.
func (v *View) Screens(yield func(*View, *Screen) bool) {
	for in, s := range v.screens {
		if in.visible(s) && !yield(in, s) {
			return
		}
	}
}
