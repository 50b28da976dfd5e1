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
	absent  []int       // the cells of variables that the version does not have
	looking bool        // some field depends on relevance or is calculated
	tables  []tablePlan // of the repeats that the version has
	items   map[string]*questionnaire.Item
}

// field is one question of a version.
type field struct {
	name   string
	typ    questionnaire.Type
	kind   Kind
	gated  bool                // it, or a group around it, has a relevance
	asks   bool                // a person answers it
	page   string              // its key, outside of instances
	repeat *questionnaire.Item // it is how many instances a repeat has
	named  bool                // its choices are answers in a repeat: it holds numbers of instances
	cell   int                 // of the whole answer or the list; -1 for rank
	status int                 // of the companion; -1 without
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
	p.items = map[string]*questionnaire.Item{}
	for _, it := range asked(v.Questionnaire) {
		p.items[it.Name] = it
	}
	pages := map[string]string{}
	for _, page := range v.Questionnaire.Pages {
		for _, it := range page.Items {
			pages[it.Name] = page.Key
		}
	}
	p.fields, p.absent = p.lay("", d.vary, segments, pages)
	for i, t := range d.Tables {
		if repeat := p.items[t.Repeat]; repeat != nil && t.path == tablePath(repeat) {
			tp := tablePlan{at: i, repeat: repeat}
			tp.fields, tp.absent = p.lay(t.path, t.vary, segments, pages)
			p.tables, p.looking = append(p.tables, tp), true
		}
	}
	return p
}

// lay works out which cells the questions of the version fill that are asked in
// the same repeats, and which stay without.
func (p *plan) lay(path string, variables []*Variable, segments []*segment, pages map[string]string) (fields []field, absent []int) {
	at, filled := map[*Variable]int{}, map[int]bool{}
	for i, variable := range variables {
		at[variable] = i
		filled[i] = variable.Question == ""
	}
	for _, s := range segments {
		it := s.in(p.ref)
		if it == nil || s.home != path {
			continue
		}
		f := s.field(it, at)
		f.page = pages[it.Name]
		if f.page == "" && it.OtherOf != nil {
			f.page = pages[it.OtherOf.Name]
		}
		if it.Repeat && it.RepeatCount == nil {
			f.page = it.Name // its overview
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
		fields = append(fields, f)
	}
	for i := range variables {
		if !filled[i] {
			absent = append(absent, i)
		}
	}
	return fields, absent
}

// field works out one question of a version.
func (s *segment) field(it *questionnaire.Item, at map[*Variable]int) field {
	f := field{name: it.Name, typ: it.Type, kind: s.kind, asks: it.Asks(), cell: -1, status: -1, named: it.ListFrom != nil, offer: s.offeredBy(it, at)}
	if it.Repeat {
		f.repeat = it
	}
	for up := it; up != nil; up = up.Parent {
		f.gated = f.gated || up.Relevant != nil
	}
	if cell, ok := at[s.whole]; ok {
		f.cell = cell
	}
	if s.whole.Status != nil {
		f.status = at[s.whole.Status]
	}
	if it.List == nil || f.named {
		f.gated = f.gated || f.named // without an instance there is nothing to choose
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
