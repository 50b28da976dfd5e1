package staff

import (
	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/study"
)

// addPage is where one participant is added by hand.
type addPage struct {
	*view
	Form       *form
	Languages  []option
	Attributes []field
	Cohort     *study.Wave // the wave they enter at, nil where all are closed
}

func (r *request) showAdd() error {
	return r.addPage(r.fresh("language", r.study.DefaultLanguage()))
}

func (r *request) addPage(f *form) error {
	if err := r.may(access.ParticipantAdd); err != nil {
		return err
	}
	p := addPage{view: r.view("panel"), Form: f}
	for _, tag := range r.study.Languages {
		p.Languages = append(p.Languages, option{Value: tag, Text: lang.Name(tag)})
	}
	for _, a := range r.study.Attributes {
		options := []option{{Value: "", Text: r.t.T("staff.add.unknown")}}
		for _, c := range a.Choices {
			options = append(options, option{Value: c.Name, Text: p.In(c.Label)})
		}
		p.Attributes = append(p.Attributes, f.Choose("attribute."+a.Name, p.In(a.Label), "", options))
	}
	if p.Cohort = r.study.OpenWave(r.now); p.Cohort == nil {
		p.Cohort = r.study.NextWave(r.now)
	}
	return r.show("add", f, p)
}

func (r *request) add() error {
	f := r.posted()
	n := fieldwork.NewParticipant{Name: f.Value("name"), Email: f.Value("email"), Phone: f.Value("phone"), Note: f.Value("note"),
		Language: f.Value("language"), Attributes: map[string]string{}}
	for _, a := range r.study.Attributes {
		if v := f.Value("attribute." + a.Name); v != "" {
			n.Attributes[a.Name] = v
		}
	}
	labels, err := r.Fieldwork.AddParticipants(r.ctx(), r.now, r.actor, r.study.Key, []fieldwork.NewParticipant{n})
	if f.take(err) {
		return r.addPage(f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/p/"+labels[0]), "staff.done.added")
}
