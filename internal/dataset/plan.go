package dataset

import (
	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
)

// plan is how the answers of one version become the varying cells of a row.
// It is worked out once; an interview costs a walk over its fields.
type plan struct {
	ref     Ref
	number  int // of the variable "version"
	logic   *interview.Logic
	fields  []field
	absent  []int             // the cells of variables that the version does not have
	looking bool              // some field depends on relevance or is calculated
	pages   map[string]string // the page of each question
	items   map[string]*questionnaire.Item
}

// field is one question of a version.
type field struct {
	name   string
	typ    questionnaire.Type
	kind   Kind
	gated  bool // it, or a group around it, has a relevance
	asks   bool // a person answers it
	page   string
	cell   int // of the whole answer or the list; -1 for rank
	status int // of the companion; -1 without
	codes  map[string]option
	parts  []part // the options of select_multiple and rank
	offer  *offered
}

// option is what a choice is worth in data.
type option struct {
	code    int
	missing Missing
	part    int // index in parts; -1 without
}

// part is an option's cell.
type part struct {
	cell   int
	absent bool // the option is not in this version
}

// plan works out the plan of a version. Cells are counted from the first
// varying column.
func (d *Dataset) plan(v Version, segments []*segment) *plan {
	p := &plan{ref: v.Ref, logic: interview.New(v.Questionnaire, d.Study.TimeZone)}
	for i, other := range d.Versions {
		if other.Ref == v.Ref {
			p.number = i + 1
		}
	}
	at := map[*Variable]int{}
	for i, variable := range d.vary {
		at[variable] = i
	}
	p.pages, p.items = map[string]string{}, map[string]*questionnaire.Item{}
	for _, it := range v.Questionnaire.Questions {
		p.items[it.Name] = it
	}
	for _, page := range v.Questionnaire.Pages {
		for _, it := range page.Items {
			p.pages[it.Name] = page.Key
		}
	}
	filled := map[int]bool{}
	for i := range d.vary {
		filled[i] = d.vary[i].Question == ""
	}
	for _, s := range segments {
		it := s.in(v.Ref)
		if it == nil {
			continue
		}
		f := s.field(it, at)
		f.page = p.pages[it.Name]
		if f.page == "" && it.OtherOf != nil {
			f.page = p.pages[it.OtherOf.Name]
		}
		p.looking = p.looking || f.gated || f.typ == questionnaire.Calculate
		for _, cell := range []int{f.cell, f.status} {
			if cell >= 0 {
				filled[cell] = true
			}
		}
		for _, part := range f.parts {
			filled[part.cell] = true
		}
		if o := f.offer; o != nil {
			filled[o.shown], filled[o.wave], filled[o.outcome] = true, true, true
			if o.status >= 0 {
				filled[o.status] = true
			}
		}
		p.fields = append(p.fields, f)
	}
	for i := range d.vary {
		if !filled[i] {
			p.absent = append(p.absent, i)
		}
	}
	return p
}

// field works out one question of a version.
func (s *segment) field(it *questionnaire.Item, at map[*Variable]int) field {
	f := field{name: it.Name, typ: it.Type, kind: s.kind, asks: it.Asks(), cell: -1, status: -1, offer: s.offeredBy(it, at)}
	for up := it; up != nil; up = up.Parent {
		f.gated = f.gated || up.Relevant != nil
	}
	if cell, ok := at[s.whole]; ok {
		f.cell = cell
	}
	if s.whole.Status != nil {
		f.status = at[s.whole.Status]
	}
	if it.List == nil {
		return f
	}
	f.codes = map[string]option{}
	place := map[string]int{}
	for _, value := range s.values() {
		if variable := s.parts[value.Name]; variable != nil {
			place[value.Name] = len(f.parts)
			f.parts = append(f.parts, part{cell: at[variable], absent: true})
		}
	}
	for _, c := range choices(it) {
		o := option{part: -1}
		switch c.Missing {
		case questionnaire.DontKnow:
			o.missing = DontKnow
		case questionnaire.Refused:
			o.missing = Refused
		default:
			o.code = s.codes[c.Name]
			if i, ok := place[c.Name]; ok {
				o.part = i
				f.parts[i].absent = false
			}
		}
		f.codes[c.Name] = o
	}
	return f
}
