package dataset

import (
	"strconv"

	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
)

// reading is one interview while its cells are filled.
type reading struct {
	*reader
	m                    *Member
	at                   *Interview
	wave                 int
	plan                 *plan
	applicable, answered int // questions that a person was to answer, and did
}

// fill fills the cells of some questions, in a repeat of one instance: the view
// stands there. It is nil where nothing depends on other answers.
func (r *reading) fill(fields []field, absent []int, view *interview.View, cells []Cell) {
	for _, i := range absent {
		cells[i] = gap(NotInVersion)
	}
	for i := range fields {
		f := &fields[i]
		if f.gated && !view.Relevant(f.name) {
			why := NotApplicable
			if r.at.SubmittedAt.IsZero() && r.at.Mode != Imported && r.undecided(view, f.name, map[string]bool{}) {
				why = r.reason(f, view)
			}
			f.miss(cells, why)
			if f.offer != nil {
				f.offer.miss(cells, why)
			}
			continue
		}
		value := r.value(f, view)
		if f.asks {
			r.applicable++
			if value != "" {
				r.answered++
			}
		}
		why := Missing(0)
		if value == "" {
			why = r.reason(f, view)
			f.miss(cells, why)
		} else {
			f.fill(cells, value)
		}
		if f.offer != nil {
			f.fillOffer(cells, &r.doc, why)
		}
	}
}

// value gives the answer to a question that is asked, "" where there is none.
func (r *reading) value(f *field, view *interview.View) string {
	switch {
	case f.repeat != nil:
		n := len(view.Instances(f.repeat))
		if _, asked := r.doc.Pages[interview.At(f.page, view.Instance())]; n == 0 && !asked && !view.Known(f.repeat) {
			return ""
		}
		return strconv.Itoa(n)
	case f.typ == calculate:
		if it := r.plan.items[f.name]; len(it.Triggers) == 0 && r.waits(it, view) {
			return "" // sum() of what was never asked is no 0
		}
		value := view.Value(f.name)
		if f.kind == Number && value == "NaN" {
			return "" // worked out from a blank: there is no number
		}
		return value
	}
	return r.doc.Answers[key(f.name, view)]
}

func key(name string, view *interview.View) string {
	if view == nil {
		return name
	}
	return interview.At(name, view.Instance())
}

// table adds the rows of a repeat's instances.
func (r *reading) table(p tablePlan, view *interview.View) {
	t := r.d.Tables[p.at]
	for in := range view.Everywhere(p.repeat) {
		for _, one := range in.Instances(p.repeat) {
			cells := make([]Cell, len(t.Columns))
			cells[0], cells[1] = text(r.m.ExportID), number(float64(r.d.Waves[r.wave].Number))
			i := t.keys
			for up := one; up.Repeat() != nil; up = up.Outer() {
				i--
				cells[i] = number(float64(up.Number()))
			}
			r.fill(p.fields, p.absent, one, cells[t.keys:])
			companions(t.vary, cells[t.keys:])
			r.record.Tables[p.at] = append(r.record.Tables[p.at], cells)
		}
	}
}

// undecided tells whether somebody broke off before a question that decides
// about another: then nobody knows whether that one would have been asked, and
// it was not reached rather than routed past.
func (r *reading) undecided(view *interview.View, name string, seen map[string]bool) bool {
	it := r.plan.items[name]
	if it == nil || seen[name] {
		return false
	}
	seen[name] = true
	for up := it; up != nil; up = up.Parent {
		if up.Relevant != nil && r.anyOpen(view, up.Relevant.Names(), seen) {
			return true
		}
	}
	return it.ListFrom != nil && r.anyOpen(view, []string{it.ListFrom.Name}, seen)
}

// anyOpen tells whether one of the questions that an expression names was
// still to be answered.
func (r *reading) anyOpen(view *interview.View, names []string, seen map[string]bool) bool {
	for _, name := range names {
		it := r.plan.items[name]
		switch {
		case it == nil:
		case view.Key(name) == "": // in a repeat that the view does not stand in
			if r.openSomewhere(view, it, seen) {
				return true
			}
		case !view.Relevant(name):
			if r.undecided(view, name, seen) {
				return true
			}
		case it.Repeat:
			if r.uncounted(view, it, seen) {
				return true
			}
		case it.Type == questionnaire.Calculate && it.Calculation != nil:
			if r.anyOpen(view, it.Calculation.Names(), seen) {
				return true
			}
		case it.Asks() && r.doc.Answers[view.Key(name)] == "":
			if _, posted := r.doc.Pages[view.PageOf(it)]; !posted {
				return true
			}
		}
	}
	return false
}

// openSomewhere does the same for a question of a repeat: in one of its
// instances, or it is not known yet how many there are.
func (r *reading) openSomewhere(view *interview.View, it *questionnaire.Item, seen map[string]bool) bool {
	for in := range view.Everywhere(it) {
		if r.anyOpen(in, []string{it.Name}, seen) {
			return true
		}
	}
	for up := it.InRepeat(); up != nil; up = up.InRepeat() {
		if view.Key(up.Name) != "" && view.Relevant(up.Name) && r.uncounted(view, up, seen) {
			return true
		}
	}
	return false
}

// uncounted tells whether it was still to be said how many instances a repeat has.
func (r *reading) uncounted(view *interview.View, repeat *questionnaire.Item, seen map[string]bool) bool {
	if repeat.RepeatCount != nil {
		return r.anyOpen(view, repeat.RepeatCount.Names(), seen)
	}
	_, asked := r.doc.Pages[view.Key(repeat.Name)]
	return !asked
}

// waits tells whether somebody broke off before a question from which an item
// is worked out: a calculation, or how many instances a repeat has.
func (r *reading) waits(it *questionnaire.Item, view *interview.View) bool {
	from := it.Calculation
	if it.Repeat {
		from = it.RepeatCount
	}
	return from != nil && r.at.SubmittedAt.IsZero() && r.at.Mode != Imported && r.anyOpen(view, from.Names(), map[string]bool{})
}

// reason says why a question that applies has no answer.
func (r *reading) reason(f *field, view *interview.View) Missing {
	if r.at.Mode == Imported {
		return NotRecorded
	}
	counted := f.repeat != nil && f.repeat.RepeatCount != nil
	computed := f.typ == calculate || counted
	_, posted := r.doc.Pages[key(f.page, view)]
	switch {
	case computed && r.waits(r.plan.items[f.name], view):
	case computed && posted, counted:
		return NotRecorded // nobody left it blank
	case posted:
		return Blank
	}
	if r.at.SubmittedAt.IsZero() {
		if r.m.Status == Left && r.m.LeftAt.Before(r.d.Waves[r.wave].Closes) {
			return Withdrawn
		}
		return NotReached
	}
	if computed {
		return NotRecorded
	}
	return Blank
}
