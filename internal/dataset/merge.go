package dataset

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/expr"
	"panelverk/internal/questionnaire"
)

// segment is one question through the versions in which it stays the same variable.
type segment struct {
	question string
	sources  []Source
	codes    map[string]int // of its choices, over all its sources
	first    bool           // the first segment of the question
	kind     Kind
	frozen   string // the root that was frozen for it, "" for none
	home     string // the repeats that it is asked in, parted by slashes
	// What name sets.
	root    string
	status  string            // of the companion
	options map[string]string // of the indicators or positions, by choice
	number  string            // of a repeat: the variable that holds an instance's number
	offer   offerNames
	// What build sets.
	whole *Variable
	parts map[string]*Variable // by choice

	offered [3]*Variable // the earlier answer that was shown, its wave, what came of it
}

func (s *segment) last() *questionnaire.Item { return s.sources[len(s.sources)-1].Item }

// in gives the question as a version asks it, nil where it does not.
func (s *segment) in(ref Ref) *questionnaire.Item {
	for _, src := range s.sources {
		if src.Ref == ref {
			return src.Item
		}
	}
	return nil
}

// exported tells whether a question becomes a variable: notes say nothing,
// hidden values are the questionnaire's own, and when and on which device
// somebody answered (start, end, today, deviceid) stays here: those who run the
// fieldwork know who answered when. Of a repeat it is how many instances it has.
func exported(it *questionnaire.Item) bool {
	return it.Repeat || !it.Group && it.Type != questionnaire.Note && it.Type != questionnaire.Hidden && !it.Metadata()
}

// asked gives the questions and repeats of a questionnaire in its order.
func asked(q *questionnaire.Questionnaire) []*questionnaire.Item {
	var out []*questionnaire.Item
	var walk func(items []*questionnaire.Item)
	walk = func(items []*questionnaire.Item) {
		for _, it := range items {
			if exported(it) {
				out = append(out, it)
			}
			walk(it.Children)
		}
	}
	walk(q.Items)
	return out
}

// home gives the repeats that something is asked in, parted by slashes: which
// table its answers stand in, "" for the rows of the waves.
func home(it *questionnaire.Item) string {
	up := it.InRepeat()
	if up == nil {
		return ""
	}
	return strings.TrimPrefix(home(up)+"/"+up.Name, "/")
}

// merge decides which questions of the versions are the same variable: those
// that fill one according to what was frozen; else those of one name that the
// publishers declared the same; else, where nothing was declared, those of one
// type whose choices have the same codes. The segments are in the order in
// which their questions first appear; a question that is new in a later version
// comes after the one that stands before it there.
func (d *Dataset) merge(m *merger) []*segment {
	var order []string
	byName := map[string][]*segment{}
	for _, v := range d.Versions {
		previous := ""
		items := map[string]*questionnaire.Item{}
		for _, it := range v.Questionnaire.Questions {
			items[it.Name] = it
		}
		for _, it := range asked(v.Questionnaire) {
			if len(byName[it.Name]) == 0 {
				at := len(order)
				if i := slices.Index(order, previous); i >= 0 {
					at = i + 1
				} else if previous == "" {
					at = 0
				}
				order = slices.Insert(order, at, it.Name)
			}
			previous = it.Name
			kind := kindOf(it, items)
			s, why := m.pick(byName[it.Name], it, kind, v.Ref)
			if s == nil {
				s = &segment{question: it.Name, codes: map[string]int{}, first: len(byName[it.Name]) == 0, kind: kind, home: home(it), frozen: m.roots[filled{v.Ref, it.Name}]}
				byName[it.Name] = append(byName[it.Name], s)
				if !s.first {
					d.note(it.Name, "split", "%s is another variable from %s v%d on: %s.", it.Name, v.Key, v.Number, strings.TrimSuffix(why, "."))
				}
			}
			s.sources = append(s.sources, Source{Ref: v.Ref, Item: it, Universe: questionnaire.Universe(it)})
			for name, code := range itemCodes(it, m.codes) {
				s.codes[name] = code
			}
		}
	}
	var out []*segment
	for _, name := range order {
		out = append(out, byName[name]...)
	}
	return out
}

// merger is by what questions of several versions are merged.
type merger struct {
	codes     *questionnaire.Codes
	decisions map[filled][]Decision // by question and the key of the questionnaire, with the number 0
	roots     map[filled]string
}

// filled names a question of a version, which fills a variable.
type filled struct {
	ref      Ref
	question string
}

// pick gives the segment that a question of a new version continues, the
// latest first; nil and the reason where it is a variable of its own.
func (m *merger) pick(segments []*segment, it *questionnaire.Item, kind Kind, ref Ref) (*segment, string) {
	root, why := m.roots[filled{ref, it.Name}], ""
	for _, s := range slices.Backward(segments) {
		// Nothing can put a text and a number in one column.
		fits := s.kind == kind && role(s.last()) == role(it) && s.home == home(it)
		same, decided, reason := m.decided(s, it.Name, ref)
		if root != "" && s.frozen != "" {
			same, decided = root == s.frozen, true
		}
		w := differ(s, it, kind, m.codes)
		switch {
		case decided && same && fits, !decided && w == "":
			return s, ""
		case decided && !same:
			w = cmp.Or(reason, w, "the publisher decided so")
		}
		why = cmp.Or(why, w)
	}
	return nil, why
}

// decided gives what the publishers of the versions between the last one of a
// segment and this one decided: it is another variable where one of them said so.
func (m *merger) decided(s *segment, question string, ref Ref) (same, found bool, reason string) {
	for _, src := range slices.Backward(s.sources) {
		if src.Ref.Key != ref.Key {
			continue
		}
		from, to := min(src.Ref.Number, ref.Number), max(src.Ref.Number, ref.Number)
		for _, d := range m.decisions[filled{Ref{Key: ref.Key}, question}] {
			if d.To.Number <= from || d.To.Number > to {
				continue
			}
			if d.Verdict != questionnaire.SameVariable {
				return false, true, d.Reason
			}
			found = true
		}
		return found, found, ""
	}
	return false, false, ""
}

// differ says why a question cannot continue a segment, "" where it can.
func differ(s *segment, it *questionnaire.Item, kind Kind, book *questionnaire.Codes) string {
	if was := s.last().Type; was != it.Type || s.kind != kind {
		return "the type was " + string(was) + " and is " + string(it.Type)
	}
	if s.home != home(it) {
		return "it was asked in another repeat, or in none"
	}
	codes := itemCodes(it, book)
	if len(codes) == 0 {
		return ""
	}
	shared, owner := 0, map[int]string{}
	for name, code := range s.codes {
		owner[code] = name
	}
	for _, c := range choices(it) {
		code, ok := codes[c.Name]
		if !ok {
			continue
		}
		if old, known := s.codes[c.Name]; known {
			if old != code {
				return "the choice " + c.Name + " had code " + strconv.Itoa(old) + " and has " + strconv.Itoa(code)
			}
			shared++
		} else if other, taken := owner[code]; taken {
			return "code " + strconv.Itoa(code) + " was " + other + " and is " + c.Name
		}
	}
	if shared == 0 && len(s.codes) > 0 {
		return "no choice is the same"
	}
	return ""
}

func role(it *questionnaire.Item) questionnaire.Type {
	if it.Type == questionnaire.SelectMultiple || it.Type == questionnaire.Rank || it.Type == questionnaire.SelectOne {
		return it.Type
	}
	return ""
}

// itemCodes gives the codes of a question's choices; those that stand for no
// answer have none.
func itemCodes(it *questionnaire.Item, book *questionnaire.Codes) map[string]int {
	if it.List == nil {
		return nil
	}
	codes := map[string]int{}
	for _, c := range choices(it) {
		if c.Missing == questionnaire.Substantive {
			codes[c.Name], _ = book.Of(it.List.Name, c.Name)
		}
	}
	return codes
}

// kindOf gives what the cells of a question hold.
func kindOf(it *questionnaire.Item, items map[string]*questionnaire.Item) Kind {
	switch {
	case it.Repeat:
		return Number
	case it.ListFrom != nil && (it.Type != questionnaire.SelectOne || it.ListFrom.InRepeat().InRepeat() != nil):
		return Text // several numbers of instances, or numbers such as 2.1
	}
	switch it.Type {
	case questionnaire.Integer, questionnaire.Decimal, questionnaire.Range, questionnaire.SelectOne,
		questionnaire.SelectMultiple, questionnaire.Rank, questionnaire.Acknowledge:
		return Number
	case questionnaire.Date:
		return Date
	case questionnaire.DateTime:
		return DateTime
	case questionnaire.Calculate:
		if it.Calculation != nil && numeric(it.Calculation.Root, items, 0) {
			return Number
		}
	}
	return Text
}

// numberCalls are the functions that always give a number.
var numberCalls = map[string]bool{
	"number": true, "int": true, "round": true, "floor": true, "ceiling": true, "abs": true, "sum": true, "count": true,
	"count-non-empty": true, "count-selected": true, "string-length": true, "min": true, "max": true, "pow": true,
	"sqrt": true, "exp": true, "log": true, "log10": true, "decimal-date-time": true, "decimal-time": true,
	"checklist": false, "position": true, "random": true,
}

// counting are those among them that never give less than zero.
var counting = map[string]bool{
	"count": true, "count-non-empty": true, "count-selected": true, "string-length": true, "abs": true, "sqrt": true,
	"position": true, "random": true,
}

// numeric tells whether an expression always gives a number (or nothing).
// What cannot be told is a text: a text column can hold every number.
func numeric(n *expr.Node, items map[string]*questionnaire.Item, depth int) bool {
	if depth > 50 {
		return false
	}
	switch n.Op {
	case expr.OpNumber, expr.OpAdd, expr.OpSub, expr.OpMul, expr.OpDiv, expr.OpMod, expr.OpNeg:
		return true
	case expr.OpString:
		return n.Value == "" // "no value" as a branch of if()
	case expr.OpRef:
		it := items[n.Value]
		switch {
		case it == nil:
			return false
		case it.Type == questionnaire.Calculate:
			return it.Calculation != nil && numeric(it.Calculation.Root, items, depth+1)
		}
		return it.Type == questionnaire.Integer || it.Type == questionnaire.Decimal || it.Type == questionnaire.Range
	case expr.OpCall:
		switch n.Value {
		case "if":
			return len(n.Args) == 3 && numeric(n.Args[1], items, depth+1) && numeric(n.Args[2], items, depth+1)
		case "coalesce":
			return len(n.Args) == 2 && numeric(n.Args[0], items, depth+1) && numeric(n.Args[1], items, depth+1)
		case "once":
			return len(n.Args) == 1 && numeric(n.Args[0], items, depth+1)
		}
		return numberCalls[n.Value]
	}
	return false
}

// canBeNegative tells whether a numeric question can have a value below zero:
// unless its constraint, its range or its function rules that out.
func canBeNegative(it *questionnaire.Item) bool {
	switch it.Type {
	case questionnaire.Range:
		return it.RangeStart < 0 || it.RangeEnd < 0
	case questionnaire.Calculate:
		return !neverNegative(it.Calculation.Root)
	case questionnaire.Integer, questionnaire.Decimal:
		return it.Constraint == nil || !boundsBelow(it.Constraint.Root)
	}
	return false
}

// neverNegative tells whether a calculation cannot give less than zero.
func neverNegative(n *expr.Node) bool {
	from := 0
	switch n.Op {
	case expr.OpNumber:
		return atLeastZero(n)
	case expr.OpString:
		return n.Value == ""
	case expr.OpAdd, expr.OpMul, expr.OpDiv:
	case expr.OpCall:
		switch n.Value {
		case "if":
			from = 1
		case "coalesce", "once", "round", "int", "number", "min", "max":
		default:
			return counting[n.Value]
		}
	default:
		return false
	}
	for _, a := range n.Args[min(from, len(n.Args)):] {
		if !neverNegative(a) {
			return false
		}
	}
	return len(n.Args) > from
}

// boundsBelow tells whether a constraint holds only for values of at least zero.
func boundsBelow(n *expr.Node) bool {
	if len(n.Args) != 2 {
		return false
	}
	a, b := n.Args[0], n.Args[1]
	switch n.Op {
	case expr.OpAnd:
		return boundsBelow(a) || boundsBelow(b)
	case expr.OpOr:
		return boundsBelow(a) && boundsBelow(b)
	case expr.OpGe, expr.OpGt:
		return a.Op == expr.OpSelf && atLeastZero(b)
	case expr.OpLe, expr.OpLt:
		return b.Op == expr.OpSelf && atLeastZero(a)
	case expr.OpEq:
		return a.Op == expr.OpSelf && atLeastZero(b) || b.Op == expr.OpSelf && atLeastZero(a)
	}
	return false
}

func atLeastZero(n *expr.Node) bool {
	if n.Op != expr.OpNumber {
		return false
	}
	f, err := strconv.ParseFloat(n.Value, 64)
	return err == nil && f >= 0
}
