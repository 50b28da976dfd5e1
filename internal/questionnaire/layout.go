package questionnaire

import (
	"slices"

	"panelverk/internal/fault"
)

// Page gives the page of a key, nil where there is none.
func (q *Questionnaire) Page(key string) *Page {
	for _, p := range q.Pages {
		if p.Key == key {
			return p
		}
	}
	return nil
}

// layout cuts the questionnaire into pages and parts.
func (c *compiler) layout() {
	var loose *Part // the part of the questions outside of groups, while they follow each other
	for _, item := range c.q.Items {
		part := loose
		if item.Group {
			part, loose = &Part{Label: item.Label}, nil
		} else if part == nil {
			part = &Part{}
			loose = part
		}
		c.pages(item, part)
		if len(part.Pages) > 0 && part.Number == 0 {
			c.q.Parts = append(c.q.Parts, part)
			part.Number = len(c.q.Parts)
		}
	}
	if len(c.q.Pages) == 0 && len(c.q.Items) > 0 {
		c.ps.Warn(fault.Place{Sheet: sheetSurvey}, "shows_nothing", "The questionnaire shows nothing: it has neither a question nor a note.")
	}
}

// pages adds the pages of an item to a part.
func (c *compiler) pages(item *Item, part *Part) {
	switch {
	case item.FieldList():
		c.fieldList(item, part)
	case item.Group:
		for _, child := range item.Children {
			c.pages(child, part)
		}
	case item.OtherOf != nil: // stands with its select
	case item.OrOther != nil:
		c.page(&Page{Key: item.Name, Items: []*Item{item, item.OrOther}, Part: part})
	default:
		c.page(&Page{Key: item.Name, Items: []*Item{item}, Part: part})
	}
}

// fieldList makes a page of a group. A page stands in one repeat at most: where
// a repeat begins inside the group, the group's page ends before it, and what
// follows the repeat is a page of its own, named by its first question.
func (c *compiler) fieldList(group *Item, part *Part) {
	page := &Page{Key: group.Name, Group: group, Part: part}
	var visit func(item *Item)
	visit = func(item *Item) {
		for _, child := range item.Children {
			switch {
			case child.Repeat:
				c.page(page)
				c.pages(child, part)
				page = &Page{Group: group, Part: part}
			case child.Group:
				visit(child)
			default:
				if page.Key == "" {
					page.Key = child.Name
				}
				page.Items = append(page.Items, child)
			}
		}
	}
	visit(group)
	c.page(page)
}

// page keeps a page on which something is seen.
func (c *compiler) page(p *Page) {
	if slices.ContainsFunc(p.Items, func(i *Item) bool { return !i.Silent() }) {
		p.Repeat = p.Items[0].InRepeat()
		c.q.Pages = append(c.q.Pages, p)
		p.Part.Pages = append(p.Part.Pages, p)
	}
}

// FieldList tells whether a group, or each instance of a repeat, is shown as
// one page.
func (i *Item) FieldList() bool {
	return i.Group && (i.Appears("field-list") || i.Appears("table-list"))
}

// flatten gives the questions of a group and of the groups in it.
func (i *Item) flatten(to []*Item) []*Item {
	for _, child := range i.Children {
		if child.Group {
			to = child.flatten(to)
		} else {
			to = append(to, child)
		}
	}
	return to
}
