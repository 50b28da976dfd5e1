package questionnaire

// Unshown gives the items that the form check accepts and that the respondent's
// pages cannot show yet, in the order of the file. A study that uses one of them
// is refused (study.Load); the guard goes piece by piece as the pages learn.
func (q *Questionnaire) Unshown() []*Item {
	var found []*Item
	var visit func([]*Item)
	visit = func(items []*Item) {
		for _, i := range items {
			if i.unshown() {
				found = append(found, i)
			}
			visit(i.Children)
		}
	}
	visit(q.Items)
	return found
}

func (i *Item) unshown() bool {
	switch {
	case i.Group:
		return false
	case i.Media.computed():
		return true
	}
	if i.List != nil {
		for _, choice := range i.List.Choices {
			if choice.Media.computed() {
				return true
			}
		}
	}
	return false
}
