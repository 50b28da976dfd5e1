package questionnaire

import (
	"slices"
	"strings"

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
		c.ps.Add(fault.Place{Sheet: sheetSurvey}, "unsupported", "The questionnaire shows nothing: it has neither a question nor a note.")
	}
}

// pages adds the pages of an item to a part.
func (c *compiler) pages(item *Item, part *Part) {
	switch {
	case item.Group && item.FieldList():
		c.page(&Page{Key: item.Name, Group: item, Items: item.flatten(nil), Part: part})
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

// page keeps a page on which something is seen.
func (c *compiler) page(p *Page) {
	if slices.ContainsFunc(p.Items, func(i *Item) bool { return i.Type != Calculate && i.Type != Hidden }) {
		c.q.Pages = append(c.q.Pages, p)
		p.Part.Pages = append(p.Part.Pages, p)
	}
}

// FieldList tells whether a group is shown as one page.
func (i *Item) FieldList() bool {
	return i.Group && slices.Contains(strings.Fields(i.Appearance), "field-list")
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
