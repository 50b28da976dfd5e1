package questionnaire

import (
	"cmp"
	"slices"
	"strconv"
)

// Codes holds the numbers that choices have in data files, by list and name of
// the choice, over all versions of a study. A number once given never changes
// and is never used again.
//
// Versions are added in the order in which they were published. A choice gets
// the number in its column "code"; else its own name where that is a number;
// else the next one. Choices that stand for no answer have none. A list that
// merely got another name keeps its numbers.
type Codes struct {
	lists  map[string]*codeList
	before map[string]string // question → the list it had in the version before
}

type codeList struct {
	codes map[string]int
	used  map[int]string
	next  int
}

// CodeRow is one number: what is frozen at publishing.
type CodeRow struct {
	List, Choice string
	Code         int
}

// CodeClash is a number in the column "code" that the choice does not get.
type CodeClash struct {
	List, Choice string
	Given        int    // in the column
	Code         int    // the choice's number
	Owner        string // the choice that has the number in the column; "" where the choice merely has another
}

// NewCodes begins with the numbers that were frozen before.
func NewCodes(frozen ...CodeRow) *Codes {
	c := &Codes{lists: map[string]*codeList{}, before: map[string]string{}}
	for _, row := range frozen {
		c.list(row.List).take(row.Choice, row.Code)
	}
	return c
}

func (c *Codes) list(name string) *codeList {
	l := c.lists[name]
	if l == nil {
		l = &codeList{codes: map[string]int{}, used: map[int]string{}, next: 1}
		c.lists[name] = l
	}
	return l
}

func (l *codeList) take(choice string, code int) {
	l.codes[choice], l.used[code] = code, choice
	l.next = max(l.next, code+1)
}

// Of gives the number of a choice; ok is false where it has none.
func (c *Codes) Of(list, choice string) (code int, ok bool) {
	if l := c.lists[list]; l != nil {
		code, ok = l.codes[choice]
	}
	return code, ok
}

// Owner gives the choice that a number of a list belongs to, "" for none.
func (c *Codes) Owner(list string, code int) string {
	if l := c.lists[list]; l != nil {
		return l.used[code]
	}
	return ""
}

// Rows gives every number, by list and code.
func (c *Codes) Rows() []CodeRow {
	var rows []CodeRow
	for name, l := range c.lists {
		for choice, code := range l.codes {
			rows = append(rows, CodeRow{name, choice, code})
		}
	}
	slices.SortFunc(rows, func(a, b CodeRow) int { return cmp.Or(cmp.Compare(a.List, b.List), cmp.Compare(a.Code, b.Code)) })
	return rows
}

// Add gives the choices of a version their numbers.
func (c *Codes) Add(q *Questionnaire) []CodeClash {
	var clashes []CodeClash
	done := map[string]bool{}
	for _, it := range q.Questions {
		if it.List == nil {
			continue
		}
		name := it.List.Name
		if c.lists[name] == nil {
			if old := c.lists[c.before[it.Name]]; old != nil {
				for _, choice := range it.List.Choices {
					if code, ok := old.codes[choice.Name]; ok {
						c.list(name).take(choice.Name, code)
					}
				}
			}
		}
		l := c.list(name)
		if !done[name] {
			done[name] = true
			clashes = append(clashes, l.add(it.List)...)
		}
		if _, ok := l.codes[OtherValue]; it.OrOther != nil && !ok {
			l.take(OtherValue, l.next)
		}
		c.before[it.Name] = name
	}
	return clashes
}

func (l *codeList) add(list *List) []CodeClash {
	var clashes []CodeClash
	for _, choice := range list.Choices {
		if choice.Missing != Substantive || choice.Code == nil {
			continue
		}
		_, known := l.codes[choice.Name]
		if owner := l.used[*choice.Code]; owner != "" && owner != choice.Name {
			clashes = append(clashes, CodeClash{List: list.Name, Choice: choice.Name, Given: *choice.Code, Owner: owner})
		} else if known && owner == "" {
			clashes = append(clashes, CodeClash{List: list.Name, Choice: choice.Name, Given: *choice.Code})
		} else if !known {
			l.take(choice.Name, *choice.Code)
		}
	}
	for _, choice := range list.Choices {
		if _, known := l.codes[choice.Name]; known || choice.Missing != Substantive {
			continue
		}
		if n, err := strconv.Atoi(choice.Name); err == nil && n >= 0 && strconv.Itoa(n) == choice.Name && l.used[n] == "" {
			l.take(choice.Name, n)
			continue
		}
		for l.used[l.next] != "" {
			l.next++
		}
		l.take(choice.Name, l.next)
	}
	for i := range clashes {
		clashes[i].Code = l.codes[clashes[i].Choice]
	}
	return clashes
}
