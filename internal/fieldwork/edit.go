package fieldwork

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/keyfile"
	"panelverk/internal/panel"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Alteration is what staff changes of a participant.
type Alteration struct {
	Language    string
	Attributes  map[string]string // all of them; one that is missing or "" is not known
	Pilot       bool
	PausedUntil time.Time    // zero for no pause
	Contact     *ContactData // nil: who it is stays as it is
}

// ContactData is what the key file holds and staff may change.
type ContactData struct{ Name, Email, Phone, Note string }

// rest is how long links and codes rest after an address was changed: whoever
// reads at the old address has that long to say that this is wrong.
const rest = 24 * time.Hour

// toldWithin is how long a message to a former address is worth sending.
const toldWithin = 7 * 24 * time.Hour

// Altered is what an alteration came to.
type Altered struct {
	Told  bool      // a message to the old address was written down
	Rests time.Time // until when links and codes rest, zero for not
}

// Alter changes a participant. Where an address is replaced at which messages
// arrived, the old one is told, links get a new generation and rest for a day:
// somebody who calls and gives an address may be anybody. Everything that is
// wrong is listed by field, and nothing is changed then.
func (s *Service) Alter(ctx context.Context, now time.Time, actor access.Actor, studyKey, label string, a Alteration) (Altered, error) {
	if err := actor.May(access.ParticipantEdit, studyKey); err != nil {
		return Altered{}, err
	}
	if a.Contact != nil {
		if err := actor.May(access.IdentityEdit, studyKey); err != nil {
			return Altered{}, err
		}
	}
	st, p, err := s.someone(ctx, studyKey, label)
	if err != nil {
		return Altered{}, err
	}
	if err := s.checkAlteration(ctx, now, st, p, a); err != nil {
		return Altered{}, err
	}
	before, after, former, err := s.replaced(ctx, p, a.Contact)
	if err != nil {
		return Altered{}, err
	}
	if before != after { // the key file first: see Reconcile for what a crash in between leaves
		if err := s.identities.Replace(ctx, now, after, former...); err != nil {
			return Altered{}, err
		}
	}
	var out Altered
	err = s.store.Write(ctx, func(tx *store.Tx) (err error) {
		out, err = s.alter(tx, now, actor, st, p.PID, a, before, after, former)
		return err
	})
	if err != nil && before != after {
		undo := context.WithoutCancel(ctx)
		err = errors.Join(err, s.identities.Put(undo, now, before))
		for _, f := range former {
			err = errors.Join(err, s.identities.Forget(undo, f.ID))
		}
	}
	return out, err
}

// someone gives a participant who takes part, for staff.
func (s *Service) someone(ctx context.Context, studyKey, label string) (st *study.Study, p store.Participant, err error) {
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		if st, err = s.study(tx, studyKey); err != nil {
			return err
		}
		if p, err = tx.ParticipantByLabel(studyKey, label); err != nil {
			return orElse(err, errNoParticipant)
		}
		if p.Status != store.Active {
			return errAway
		}
		return nil
	})
	return st, p, err
}

// alter stores an alteration in the panel. The audit names the fields, never
// what stood in them.
func (s *Service) alter(tx *store.Tx, now time.Time, actor access.Actor, st *study.Study, pid string, a Alteration, before, after keyfile.Identity, former []keyfile.Former) (Altered, error) {
	p, err := tx.Participant(pid)
	if err != nil {
		return Altered{}, err
	}
	if p.Status != store.Active { // left while the form was open
		return Altered{}, errAway
	}
	var changed []string
	note := func(field string, differs bool) {
		if differs {
			changed = append(changed, field)
		}
	}
	attributes := maps.Clone(a.Attributes)
	maps.DeleteFunc(attributes, func(_, v string) bool { return v == "" })
	note("language", p.Language != a.Language)
	note("attributes", !maps.Equal(p.Attributes, attributes))
	note("pilot", p.Pilot != a.Pilot)
	note("pause", !p.PausedUntil.Equal(a.PausedUntil))
	if err := tx.KeepFormer(p, now); err != nil {
		return Altered{}, err
	}
	p.Language, p.Attributes, p.Pilot, p.PausedUntil = a.Language, attributes, a.Pilot, a.PausedUntil
	audit := func(action access.Action, fields []string) error {
		if len(fields) == 0 {
			return nil
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(action), Study: st.Key, Object: "one participant", Detail: strings.Join(fields, ", ")})
	}
	if err := audit(access.ParticipantEdit, changed); err != nil {
		return Altered{}, err
	}
	if changed = nil; before != after {
		note("name", before.Name != after.Name)
		note("email", before.Email != after.Email)
		note("phone", before.Phone != after.Phone)
		note("note", before.Note != after.Note)
		p.Channels = rereached(p.Channels, before, after)
		if err := audit(access.IdentityEdit, changed); err != nil {
			return Altered{}, err
		}
		if err := s.moved(tx, now, &p, former); err != nil {
			return Altered{}, err
		}
	}
	return Altered{Told: len(former) > 0, Rests: p.CodesFrom}, tx.UpdateParticipant(p)
}

// replaced gives the identity before and after, and the addresses to be told:
// those that were replaced and at which messages arrived.
func (s *Service) replaced(ctx context.Context, p store.Participant, c *ContactData) (before, after keyfile.Identity, former []keyfile.Former, err error) {
	if c == nil {
		return before, after, nil, nil
	}
	before, err = s.identities.Get(ctx, p.PID)
	if isMissing(err) {
		before, err = keyfile.Identity{PID: p.PID, Study: p.Study}, nil
	}
	after = before
	after.Name, after.Email, after.Phone, after.Note = strings.TrimSpace(c.Name), strings.TrimSpace(c.Email), strings.TrimSpace(c.Phone), strings.TrimSpace(c.Note)
	reached := func(channel study.Channel) bool { return slices.Contains(p.Channels, string(channel)) }
	if before.Email != "" && keyfile.NormalizeEmail(before.Email) != keyfile.NormalizeEmail(after.Email) && reached(study.Email) {
		former = append(former, keyfile.Former{ID: secret.NewID(), PID: p.PID, Email: before.Email})
	}
	if before.Phone != "" && keyfile.NormalizePhone(before.Phone) != keyfile.NormalizePhone(after.Phone) && reached(study.SMS) {
		former = append(former, keyfile.Former{ID: secret.NewID(), PID: p.PID, Phone: before.Phone})
	}
	return before, after, former, err
}

// rereached gives the channels after an identity changed: a new address counts
// again, one that stayed is as good or bad as before.
func rereached(channels []string, before, after keyfile.Identity) []string {
	var out []string
	keep := func(channel study.Channel, was, is string) {
		if is != "" && (was != is || slices.Contains(channels, string(channel))) {
			out = append(out, string(channel))
		}
	}
	keep(study.Email, before.Email, after.Email)
	keep(study.SMS, before.Phone, after.Phone)
	return out
}

// moved does in the panel what a change of address brings with it: a message to
// each former address, links of a new generation, and a day of rest.
func (s *Service) moved(tx *store.Tx, now time.Time, p *store.Participant, former []keyfile.Former) error {
	if len(former) == 0 {
		return nil
	}
	p.CodesFrom = now.Add(rest)
	invitations, err := tx.OpenInvitations(p.PID, now)
	if err != nil {
		return err
	}
	for _, inv := range invitations {
		inv.Generation++
		s.lookups(&inv)
		if err := tx.UpdateInvitation(inv); err != nil {
			return err
		}
	}
	for _, f := range former {
		channel := study.Email
		if f.Email == "" {
			channel = study.SMS
		}
		if err := tx.AddNotice(store.Message{ID: f.ID, Study: p.Study, PID: p.PID, Key: noticeKey + "/" + f.ID, Kind: noticeKey, Template: noticeKey,
			Channel: string(channel), Language: p.Language, State: store.Due, Planned: now, Next: now, Ends: now.Add(toldWithin), Created: now}); err != nil {
			return err
		}
	}
	return tx.AddEvent(store.Event{ID: secret.NewID(), Study: p.Study, PID: p.PID, Kind: string(panel.AddressChanged), At: now})
}

// checkAlteration lists everything that is wrong with an alteration.
func (s *Service) checkAlteration(ctx context.Context, now time.Time, st *study.Study, p store.Participant, a Alteration) error {
	var ps fault.Problems
	at := func(field string) fault.Place { return fault.Place{Field: field} }
	if !slices.Contains(st.Languages, a.Language) {
		ps.Add(at("language"), "language_unknown", "The study has no texts in this language: %s.", a.Language)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Attributes)) {
		checkAttribute(st, at("attribute."+name), name, a.Attributes[name], &ps)
	}
	if !a.PausedUntil.IsZero() && !a.PausedUntil.After(now) && !a.PausedUntil.Equal(p.PausedUntil) {
		ps.Add(at("paused"), "pause_past", "The pause would end in the past.")
	}
	if c := a.Contact; c != nil {
		if strings.TrimSpace(c.Name+c.Email+c.Phone) == "" {
			ps.Add(at("name"), "name_missing", "Give a name, an e-mail address or a telephone number.")
		}
		for _, typed := range [][2]string{{"name", c.Name}, {"email", c.Email}, {"phone", c.Phone}, {"note", c.Note}} {
			if utf8.RuneCountInString(typed[1]) > maxContact {
				ps.Add(at(typed[0]), "text_long", "Write a shorter text: at most %d characters.", maxContact)
			}
		}
		if c.Email != "" && !plausibleAddress(c.Email) {
			ps.Add(at("email"), "email_wrong", "This is no e-mail address.")
		}
		for _, typed := range [][2]string{{"email", c.Email}, {"phone", c.Phone}} {
			if pid, found, err := s.identities.FindAddress(ctx, st.Key, typed[1]); err != nil {
				return err
			} else if found && pid != p.PID {
				ps.Add(at(typed[0]), "already_member", "Somebody with this address is in the panel already.")
			}
		}
	}
	return ps.Err("participant_wrong", "Nothing was changed.")
}

// LiftRest lets the links and codes of a participant work at once, after staff
// has made sure of who it is. The reason stays with the event.
func (s *Service) LiftRest(ctx context.Context, now time.Time, actor access.Actor, studyKey, label, reason string) error {
	if err := actor.May(access.IdentityEdit, studyKey); err != nil {
		return err
	}
	var ps fault.Problems
	switch n := utf8.RuneCountInString(strings.TrimSpace(reason)); {
	case n == 0:
		ps.Add(fault.Place{Field: "reason"}, "reason_missing", "Give a reason.")
	case n > maxReason:
		ps.Add(fault.Place{Field: "reason"}, "reason_long", "Give a shorter reason: at most %d characters.", maxReason)
	}
	if err := ps.Err("rest_not_lifted", "The links rest as before."); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		p, err := tx.ParticipantByLabel(studyKey, label)
		if err != nil {
			return orElse(err, errNoParticipant)
		}
		if p.Status != store.Active {
			return errAway
		}
		p.CodesFrom = time.Time{}
		if err := tx.UpdateParticipant(p); err != nil {
			return err
		}
		if err := tx.AddEvent(store.Event{ID: secret.NewID(), Study: studyKey, PID: p.PID, Kind: string(panel.RestLifted), At: now, Detail: strings.TrimSpace(reason)}); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.IdentityEdit), Study: studyKey,
			Object: "one participant", Detail: "links work at once"})
	})
}
