package staff

import (
	"maps"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/keyfile"
	"panelverk/internal/lang"
	"panelverk/internal/panel"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// alterPage is where what is known of a participant is changed, but for who it is.
type alterPage struct {
	*view
	Form       *form
	Label      string
	Languages  []option
	Attributes []field
	Pilot      []option
}

// alterable gives the participant of the path as an alteration that changes nothing.
func (r *request) alterable() (*fieldwork.Card, fieldwork.Alteration, error) {
	card, err := r.Fieldwork.Participant(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label"))
	if err != nil {
		return nil, fieldwork.Alteration{}, err
	}
	return card, fieldwork.Alteration{Language: card.Language, Attributes: maps.Clone(card.Attributes), Pilot: card.Pilot, PausedUntil: card.Paused}, nil
}

func (r *request) showAlter() error {
	if err := r.may(access.ParticipantEdit); err != nil {
		return err
	}
	card, _, err := r.alterable()
	if err != nil {
		return err
	}
	f := r.fresh("language", card.Language, "pilot", "", "paused", "")
	if card.Pilot {
		f.values.Set("pilot", "1")
	}
	if !card.Paused.IsZero() { // the pause ends with that day
		f.values.Set("paused", r.view("").ISO(card.Paused.Add(-time.Second)))
	}
	for name, value := range card.Attributes {
		f.values.Set("attribute."+name, value)
	}
	return r.alterPage(f)
}

func (r *request) alterPage(f *form) error {
	p := alterPage{view: r.view("panel"), Form: f, Label: r.Param("label"),
		Pilot: []option{{Value: "", Text: r.t.T("staff.person.pilot_no")}, {Value: "1", Text: r.t.T("staff.person.pilot_yes"), More: r.t.T("staff.person.pilot_text")}}}
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
	return r.show("alter", f, p)
}

func (r *request) alter() error {
	if err := r.may(access.ParticipantEdit); err != nil {
		return err
	}
	_, a, err := r.alterable()
	if err != nil {
		return err
	}
	f := r.posted()
	a.Language, a.Pilot, a.PausedUntil, a.Attributes = f.Value("language"), f.Value("pilot") == "1", time.Time{}, map[string]string{}
	if typed := strings.TrimSpace(f.Value("paused")); typed != "" {
		day, err := time.ParseInLocation(time.DateOnly, typed, r.study.TimeZone)
		if err != nil {
			f.add("paused", "date_wrong", nil)
			return r.alterPage(f)
		}
		a.PausedUntil = day.AddDate(0, 0, 1)
	}
	for _, attribute := range r.study.Attributes {
		if v := f.Value("attribute." + attribute.Name); v != "" {
			a.Attributes[attribute.Name] = v
		}
	}
	_, err = r.Fieldwork.Alter(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label"), a)
	if f.take(err) {
		return r.alterPage(f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/p/"+r.Param("label")), "staff.done.person_changed")
}

// alterDetails changes who a participant is.
func (r *request) alterDetails() error {
	if err := r.may(access.IdentityEdit); err != nil {
		return err
	}
	_, a, err := r.alterable()
	if err != nil {
		return err
	}
	f := r.posted()
	a.Contact = &fieldwork.ContactData{Name: f.Value("name"), Email: f.Value("email"), Phone: f.Value("phone"), Note: f.Value("note")}
	out, err := r.Fieldwork.Alter(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label"), a)
	if f.take(err) {
		return r.participantPage(f, &keyfile.Identity{Name: a.Contact.Name, Email: a.Contact.Email, Phone: a.Contact.Phone, Note: a.Contact.Note})
	}
	if err != nil {
		return err
	}
	if out.Told {
		return r.done(r.at("/p/"+r.Param("label")), "staff.done.person_told")
	}
	return r.done(r.at("/p/"+r.Param("label")), "staff.done.person_changed")
}

func (r *request) askLift() error {
	if err := r.may(access.IdentityEdit); err != nil {
		return err
	}
	return r.liftPage(r.fresh())
}

func (r *request) liftPage(f *form) error {
	label := r.Param("label")
	return r.show("confirm", f, confirmPage{view: r.view("panel"), Form: f, Head: r.t.T("staff.person.lift_head", "label", label), Text: r.t.T("staff.person.lift_text"),
		Do: r.t.T("staff.person.lift_do"), Action: r.at("/p/" + label + "/lift"), Back: r.at("/p/" + label),
		Reason: r.t.T("staff.person.lift_reason"), ReasonHint: r.t.T("staff.person.lift_hint")})
}

func (r *request) lift() error {
	f := r.posted()
	err := r.Fieldwork.LiftRest(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label"), f.Value("reason"))
	if f.take(err) {
		return r.liftPage(f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/p/"+r.Param("label")), "staff.done.lifted")
}

// contactPage is where an attempt to reach a participant is noted.
type contactPage struct {
	*view
	Form            *form
	Label           string
	Ways, Out, Wave []option
}

func (r *request) showContact() error {
	if err := r.may(access.ContactRecord); err != nil {
		return err
	}
	wave := "0"
	if w := r.study.OpenWave(r.now); w != nil {
		wave = itoa(w.Number)
	}
	return r.contactPage(r.fresh("way", string(panel.ByTelephone), "wave", wave))
}

func (r *request) contactPage(f *form) error {
	p := contactPage{view: r.view("panel"), Form: f, Label: r.Param("label"), Wave: []option{{Value: "0", Text: r.t.T("staff.participant.no_wave")}}}
	for _, way := range panel.ContactWays() {
		p.Ways = append(p.Ways, option{Value: string(way), Text: p.WayName(string(way))})
	}
	for _, o := range panel.ContactOutcomes() {
		p.Out = append(p.Out, option{Value: string(o), Text: p.ContactName(string(o))})
	}
	for _, w := range r.study.Waves {
		if w.State(r.now) != study.Planned {
			p.Wave = append(p.Wave, option{Value: itoa(w.Number), Text: p.WaveName(w.Number)})
		}
	}
	return r.show("contact", f, p)
}

func (r *request) recordContact() error {
	f := r.posted()
	c := fieldwork.NewContact{Way: panel.ContactWay(f.Value("way")), Outcome: panel.ContactOutcome(f.Value("outcome")), Note: f.Value("note")}
	if number := f.Value("wave"); number != "0" && number != "" {
		w, err := r.waveOf(number)
		if err != nil {
			return err
		}
		c.Wave = w.Number
	}
	err := r.Fieldwork.RecordContact(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label"), c)
	if f.take(err) {
		return r.contactPage(f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/p/"+r.Param("label")), "staff.done.contact")
}

// WayName names how somebody was reached.
func (v *view) WayName(way string) string { return v.T.T("staff.way." + way) }

// ContactName names what a contact came to.
func (v *view) ContactName(outcome string) string { return v.T.T("staff.contact." + outcome) }

// Contact gives a line of the log of contacts.
func (v *view) Contact(c store.Contact) string {
	text := v.WayName(c.Way) + ": " + v.ContactName(c.Outcome)
	if c.Wave > 0 {
		text += ", " + v.WaveName(c.Wave)
	}
	return text
}
