package interview

import (
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/expr"
	"panelverk/internal/questionnaire"
)

// What stands in a repeat is kept by keys. An instance has a number, from 1,
// that is never used again in the interview. The answer to a question in it has
// the key NAME@NUMBER, in repeats that lie in each other NAME@2.1, the outermost
// first; so has a page. The key of the repeat itself, its name or NAME@2 where
// it lies in another, holds the numbers of its instances in order, parted by
// spaces. Where the respondent adds them, the key of an instance, REPEAT@NUMBER,
// says that it was added, or removed again. A removed instance is not asked and
// its answers stay.

// The answers to the key of an instance.
const (
	instanceAdded   = "added"
	instanceRemoved = "removed"
)

// most is how many instances a repeat has at most, by how many repeats lie
// around it: one interview must not grow without an end.
var most = [expr.MostRepeats]int{50, 20, 5, 2, 2, 2}

// MostInstances gives how many instances a repeat has at most. What an answer
// that is counted by says beyond that is not asked.
func MostInstances(repeat *questionnaire.Item) int {
	depth := 0
	for up := repeat.InRepeat(); up != nil; up = up.InRepeat() {
		depth++
	}
	return most[min(depth, len(most)-1)]
}

// At gives the key of what stands in an instance: "age", "2.1" → "age@2.1".
// Outside of repeats the instance is "".
func At(name, instance string) string {
	if instance == "" {
		return name
	}
	return name + "@" + instance
}

// Split takes a key apart.
func Split(key string) (name, instance string) {
	if i := strings.LastIndexByte(key, '@'); i >= 0 {
		return key[:i], key[i+1:]
	}
	return key, ""
}

// Key gives the key of a question as the view sees it; "" where the question
// stands in a repeat and the view in none of its instances.
func (v *View) Key(name string) string {
	i, ok := v.logic.place[name]
	if !ok {
		return ""
	}
	o := v.owner(v.logic.home[i])
	if o == nil {
		return ""
	}
	return At(name, o.path)
}

// Instance gives the numbers of the instance that the view stands in, "" where
// it stands in none.
func (v *View) Instance() string { return v.path }

// Number gives the number of the instance in its repeat, 0 where the view
// stands in none.
func (v *View) Number() int {
	n, _ := strconv.Atoi(v.path[strings.LastIndexByte(v.path, '.')+1:]) // made of numbers
	return n
}

// Position gives which instance of its repeat the view stands in, from 1, as
// people count; 0 where it stands in none, or in one that was removed.
func (v *View) Position() int {
	if v.repeat == nil {
		return 0
	}
	return v.at[v.level()]
}

// level gives how many repeats lie around the one that the view stands in.
func (v *View) level() int {
	n := 0
	for o := v.outer; o.repeat != nil; o = o.outer {
		n++
	}
	return n
}

// owner gives the view, itself or one around it, that stands in an instance of
// a repeat (nil: in none); nil where there is none.
func (v *View) owner(repeat *questionnaire.Item) *View {
	for o := v; o != nil; o = o.outer {
		if o.repeat == repeat {
			return o
		}
	}
	return nil
}

// root gives the view outside of all repeats.
func (v *View) root() *View {
	for v.outer != nil {
		v = v.outer
	}
	return v
}

// Instances gives the views of the instances that a repeat has where the view
// stands, in order; none where it is not relevant, or lies in another repeat.
func (v *View) Instances(repeat *questionnaire.Item) []*View {
	o := v.owner(repeat.InRepeat())
	if o == nil {
		return nil
	}
	if known, ok := o.inside[repeat]; ok {
		return known
	}
	if o.inside == nil {
		o.inside = map[*questionnaire.Item][]*View{}
	}
	o.inside[repeat] = nil // a cycle that slipped through reads as empty
	if !o.Relevant(repeat.Name) {
		return nil
	}
	var list []*View
	for i, number := range o.numbers(repeat) {
		list = append(list, o.instance(repeat, number, i+1))
	}
	o.inside[repeat] = list
	return list
}

// instance makes the view of one instance; its position is 0 where it is gone.
func (v *View) instance(repeat *questionnaire.Item, number, position int) *View {
	in := &View{logic: v.logic, answers: v.answers, earlier: v.earlier, now: v.now, state: make([]uint8, len(v.logic.items)),
		repeat: repeat, outer: v, at: v.at, gone: position == 0 || v.gone}
	in.at[in.level()] = position
	in.path = strconv.Itoa(number)
	if v.path != "" {
		in.path = v.path + "." + in.path
	}
	return in
}

// numbers gives the numbers of the instances that a repeat has where the view
// stands: as many as are counted, or those that were added.
func (v *View) numbers(repeat *questionnaire.Item) []int {
	limit := MostInstances(repeat)
	if repeat.RepeatCount == nil {
		numbers := numbered(v.answers[At(repeat.Name, v.path)])
		return numbers[:min(len(numbers), limit)]
	}
	n, _ := v.counted(repeat)
	numbers := make([]int, 0, min(n, limit))
	for i := range min(n, limit) {
		numbers = append(numbers, i+1)
	}
	return numbers
}

// counted gives what a repeat_count comes to; ok is false where that is no number.
func (v *View) counted(repeat *questionnaire.Item) (n int, ok bool) {
	f := repeat.RepeatCount.Eval(v.env(repeat, "")).Number()
	if math.IsNaN(f) {
		return 0, false
	}
	return int(math.Max(0, math.Min(f, math.MaxInt16))), true
}

// Known tells whether it is known how many instances a repeat has. Where the
// respondent adds them that is so once there is one; of none, only the page
// that asks for them tells.
func (v *View) Known(repeat *questionnaire.Item) bool {
	o := v.owner(repeat.InRepeat())
	if o == nil || !o.Relevant(repeat.Name) {
		return false
	}
	if repeat.RepeatCount == nil {
		return len(o.numbers(repeat)) > 0
	}
	_, ok := o.counted(repeat)
	return ok
}

// numbered reads the list of a repeat's instances.
func numbered(list string) []int {
	var numbers []int
	for word := range strings.FieldsSeq(list) {
		if n, err := strconv.Atoi(word); err == nil && n > 0 && !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// listed writes the list of a repeat's instances.
func listed(numbers []int) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, " ")
}

// Everywhere gives the views of all instances that an item is asked for, in
// order: of an item outside of repeats the one view.
func (v *View) Everywhere(it *questionnaire.Item) iter.Seq[*View] {
	return func(yield func(*View) bool) { v.root().everywhere(it.InRepeat(), yield) }
}

func (v *View) everywhere(repeat *questionnaire.Item, yield func(*View) bool) bool {
	if repeat == nil {
		return yield(v)
	}
	return v.everywhere(repeat.InRepeat(), func(o *View) bool {
		for _, in := range o.Instances(repeat) {
			if !yield(in) {
				return false
			}
		}
		return true
	})
}

// all gives the instances of a repeat that are near the view: those in the
// instances that it stands in itself, else all.
func (v *View) all(repeat *questionnaire.Item) []*View {
	if v.owner(repeat.InRepeat()) != nil {
		return v.Instances(repeat)
	}
	var found []*View
	for _, o := range v.all(repeat.InRepeat()) {
		found = append(found, o.Instances(repeat)...)
	}
	return found
}

// descend gives the view of an instance by its position in each of the
// repeats around an item, nil where there is none.
func (v *View) descend(repeat *questionnaire.Item, at expr.Place) (o *View, level int) {
	if repeat == nil {
		return v.root(), 0
	}
	o, level = v.descend(repeat.InRepeat(), at)
	if o == nil {
		return nil, level + 1
	}
	list := o.Instances(repeat)
	if i := at[level]; i >= 1 && i <= len(list) {
		return list[i-1], level + 1
	}
	return nil, level + 1
}

// valueAt serves expressions: what a question is worth in an instance.
func (v *View) valueAt(name string, at expr.Place) string {
	i, ok := v.logic.place[name]
	if !ok {
		return ""
	}
	o, _ := v.descend(v.logic.home[i], at)
	if o == nil {
		return ""
	}
	return o.Value(name)
}

// count serves expressions: how many instances a repeat has in an instance of
// those around it.
func (v *View) count(name string, at expr.Place) int {
	repeat := v.logic.Questionnaire.Question(name)
	if repeat == nil || !repeat.Repeat {
		return 0
	}
	o, _ := v.descend(repeat.InRepeat(), at)
	if o == nil {
		return 0
	}
	return len(o.Instances(repeat))
}

// find gives the view of an instance by its numbers. One that was removed, or
// that is no longer counted, is gone: nothing in it is relevant. It gives nil
// where no such instance ever was.
func (v *View) find(repeat *questionnaire.Item, path string) *View {
	if repeat == nil {
		if path != "" {
			return nil
		}
		return v.root()
	}
	outer, last := "", path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		outer, last = path[:i], path[i+1:]
	}
	o := v.find(repeat.InRepeat(), outer)
	number, err := strconv.Atoi(last)
	if o == nil || err != nil || number < 1 || strconv.Itoa(number) != last {
		return nil
	}
	for _, in := range o.Instances(repeat) {
		if in.path == path {
			return in
		}
	}
	was := v.answers[At(repeat.Name, path)] != "" // it was added once
	if repeat.RepeatCount != nil {
		was = number <= MostInstances(repeat)
	}
	if !was {
		return nil
	}
	return o.instance(repeat, number, 0)
}

// next gives the number of an instance that is added: one more than any before.
func (v *View) next(repeat *questionnaire.Item) int {
	highest := 0
	for _, n := range numbered(v.answers[At(repeat.Name, v.path)]) {
		highest = max(highest, n)
	}
	for key := range v.answers {
		name, path := Split(key)
		if name != repeat.Name {
			continue
		}
		outer, last := "", path
		if i := strings.LastIndexByte(path, '.'); i >= 0 {
			outer, last = path[:i], path[i+1:]
		}
		if n, err := strconv.Atoi(last); err == nil && outer == v.path {
			highest = max(highest, n)
		}
	}
	return highest + 1
}
