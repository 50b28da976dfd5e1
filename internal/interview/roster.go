package interview

import (
	"slices"

	"panelverk/internal/questionnaire"
)

// overview works out what was pressed on the overview of a repeat.
func (p *posted) overview(whole *View) {
	repeat, res := p.screen.Repeat, &p.res
	in := whole.In(p.screen)
	list := At(repeat.Name, in.path)
	numbers := numbered(p.answers[list])
	marker := func(number int) string { return in.instance(repeat, number, 0).Marker() }
	res.Change.Page, res.Next = p.screen.Key, p.screen
	for name := range p.Shown {
		res.Tampered = append(res.Tampered, name) // it asks no question
	}
	switch p.Go {
	case Add:
		if len(numbers) >= MostInstances(repeat) || !in.visible(p.screen) {
			res.Again = true
			return
		}
		number := in.next(repeat)
		p.set(list, listed(append(numbers, number)))
		p.set(marker(number), instanceAdded)
		after := p.look()
		res.Next = after.First(after.instance(repeat, number, len(numbers)+1))
	case Remove:
		res.Again = true
		if i := slices.Index(numbers, p.Instance); i >= 0 {
			p.set(list, listed(slices.Delete(numbers, i, i+1)))
			p.set(marker(p.Instance), instanceRemoved)
		}
	case Restore:
		res.Again = true
		if p.answers[marker(p.Instance)] == instanceRemoved && len(numbers) < MostInstances(repeat) {
			numbers = append(numbers, p.Instance)
			slices.Sort(numbers)
			p.set(list, listed(slices.Compact(numbers)))
			p.set(marker(p.Instance), instanceAdded)
		}
	case Back:
		if before := whole.Previous(p.screen.Key); before != nil {
			res.Next = before
		}
	case Pause:
	default:
		res.Change.Done = len(res.Tampered) == 0
		if res.Next = whole.unfinished(p.screen, p.doc.Pages); res.Next == nil {
			res.Next = whole.Next(p.screen.Key)
		}
	}
}

// Marker gives the key that says whether the instance was added in which the
// view stands.
func (v *View) Marker() string { return At(v.repeat.Name, v.path) }

// Repeat gives the repeat in an instance of which the view stands, nil for none.
func (v *View) Repeat() *questionnaire.Item { return v.repeat }

// Outer gives the view around the instance in which the view stands, nil
// outside of all repeats.
func (v *View) Outer() *View { return v.outer }

// Removed gives the view of an instance that was removed, nil where there was none.
func (v *View) Removed(repeat *questionnaire.Item, path string) *View {
	if in := v.find(repeat, path); in != nil && in.gone {
		return in
	}
	return nil
}
