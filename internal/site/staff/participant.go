package staff

import (
	"slices"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/keyfile"
	"panelverk/internal/panel"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// participantPage is one participant: states and events, never an answer.
type participantPage struct {
	*view
	Card     *fieldwork.Card
	Waves    []study.Wave
	Identity *keyfile.Identity // only where it was asked for
	Notes    map[string]string // of contacts, along with the identity
	Details  *form             // the identity, to be changed
	Form     *form
	Outcomes []option
	WaveList []option
}

func (r *request) showParticipant() error { return r.participantPage(r.fresh(), nil) }

func (r *request) participantPage(f *form, id *keyfile.Identity) error {
	card, err := r.Fieldwork.Participant(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label"))
	if err != nil {
		return err
	}
	p := participantPage{view: r.view("panel"), Card: card, Waves: r.study.Waves, Identity: id, Form: f}
	for _, kind := range panel.Recordable() {
		p.Outcomes = append(p.Outcomes, option{Value: string(kind), Text: r.t.T("staff.event." + string(kind))})
	}
	p.WaveList = append(p.WaveList, option{Value: "0", Text: r.t.T("staff.participant.no_wave")})
	for _, w := range r.study.Waves {
		if w.State(r.now) != study.Planned {
			p.WaveList = append(p.WaveList, option{Value: itoa(w.Number), Text: p.WaveName(w.Number)})
		}
	}
	if f.Value("wave") == "" {
		f.values.Set("wave", p.WaveList[len(p.WaveList)-1].Value)
	}
	if id != nil {
		if p.Notes, err = r.Fieldwork.Notes(r.ctx(), r.actor, r.study.Key, r.Param("label")); err != nil {
			return err
		}
		if p.Details = f; !f.Bad() {
			p.Details = r.fresh("name", id.Name, "email", id.Email, "phone", id.Phone, "note", id.Note)
		}
	}
	return r.show("participant", f, p)
}

// Mark gives the state in a wave.
func (p participantPage) Mark(w study.Wave) fieldwork.Mark { return p.Card.Marks[w.Number-1] }

// MayEnter tells whether an interview of the wave may be typed in.
func (p participantPage) MayEnter(w study.Wave) bool {
	m := p.Mark(w)
	return p.Can(string(access.InterviewEnter)) && p.Card.Status == store.Active && w.State(p.now) != study.Planned &&
		(m.State == fieldwork.Waiting || m.State == fieldwork.Begun || m.State == fieldwork.Declined)
}

// MayReopen tells whether the interview of the wave may be opened again.
func (p participantPage) MayReopen(w study.Wave) bool {
	return p.Can(string(access.InterviewReopen)) && p.Card.Status == store.Active && p.Mark(w).State == fieldwork.Done
}

// Events gives the events, the newest first.
func (p participantPage) Events() []store.Event {
	out := slices.Clone(p.Card.Events)
	slices.Reverse(out)
	return out
}

// EventName names what happened.
func (p participantPage) EventName(e store.Event) string {
	return p.T.T("staff.event." + e.Kind)
}

// Detail gives what is known besides, "" for nothing; a mode is named.
func (p participantPage) Detail(e store.Event) string {
	switch mode := store.Mode(e.Detail); mode {
	case store.Web:
		return ""
	case store.Paper, store.Telephone, store.Imported:
		return p.T.T("staff.mode." + e.Detail)
	}
	return e.Detail
}

// CohortName names the wave that the participant entered at.
func (p participantPage) CohortName() string { return p.WaveName(p.Card.Cohort) }

// showIdentity shows who a participant is. It is a post: it leaves a trace.
func (r *request) showIdentity() error {
	id, err := r.Fieldwork.Identity(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label"))
	if err != nil {
		return err
	}
	return r.participantPage(r.fresh(), &id)
}

// recordOutcome notes what staff learned; a death is asked about first, since
// it cannot be taken back.
func (r *request) recordOutcome() error {
	f := r.posted()
	label, kind := r.Param("label"), panel.EventKind(f.Value("kind"))
	if !slices.Contains(panel.Recordable(), kind) {
		if err := r.may(access.OutcomeRecord); err != nil {
			return err
		}
		f.add("kind", "outcome_missing", nil)
		return r.participantPage(f, nil)
	}
	number := 0
	if kind != panel.Died && f.Value("wave") != "0" {
		w, err := r.waveOf(f.Value("wave"))
		if err != nil {
			return err
		}
		number = w.Number
	}
	if kind == panel.Died && f.Value("sure") != "1" {
		if err := r.may(access.OutcomeRecord); err != nil {
			return err
		}
		return r.show("confirm", nil, confirmPage{view: r.view("panel"), Form: f,
			Head: r.t.T("staff.participant.died_head", "label", label), Text: r.t.T("staff.participant.died_text"),
			Do: r.t.T("staff.participant.died_do"), Action: r.at("/p/" + label + "/outcome"), Back: r.at("/p/" + label),
			Hidden: []option{{Value: string(kind), Text: "kind"}, {Value: "1", Text: "sure"}}})
	}
	err := r.Fieldwork.RecordOutcome(r.ctx(), r.now, r.actor, r.study.Key, label, number, kind)
	if f.take(err) {
		return r.participantPage(f, nil)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/p/"+label), "staff.done.outcome")
}

func (r *request) askReopen() error {
	if err := r.may(access.InterviewReopen); err != nil {
		return err
	}
	w, err := r.wave()
	if err != nil {
		return err
	}
	card, err := r.Fieldwork.Participant(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label"))
	if err != nil {
		return err
	}
	if card.Marks[w.Number-1].State != fieldwork.Done {
		return fault.New(fault.Conflict, "not_submitted", "The interview was not submitted, so it is open already.")
	}
	return r.reopenPage(w, r.fresh())
}

func (r *request) reopenPage(w study.Wave, f *form) error {
	label := r.Param("label")
	return r.show("confirm", f, confirmPage{view: r.view("panel"), Form: f,
		Head: r.t.T("staff.reopen.head", "label", label, "wave", w.Number), Text: r.t.T("staff.reopen.text"), Do: r.t.T("staff.reopen.do"),
		Action: r.at("/p/" + label + "/reopen/" + itoa(w.Number)), Back: r.at("/p/" + label),
		Reason: r.t.T("staff.reopen.reason"), ReasonHint: r.t.T("staff.reopen.reason_hint")})
}

func (r *request) reopen() error {
	w, err := r.wave()
	if err != nil {
		return err
	}
	f := r.posted()
	reason := strings.TrimSpace(f.Value("reason"))
	err = r.Fieldwork.Reopen(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label"), w.Number, reason)
	if fault.Of(err) != nil && fault.Of(err).Code == "reason_missing" {
		f.add("reason", "reason_missing", nil)
		return r.reopenPage(w, f)
	}
	if f.take(err) {
		return r.reopenPage(w, f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/p/"+r.Param("label")), "staff.done.reopened")
}
