package fieldwork

import (
	"context"
	"errors"
	"fmt"
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

// MarkState is how far a participant has come in a wave, for staff. It tells
// nothing of the answers.
type MarkState string

// The states.
const (
	NotInvited MarkState = "not_invited" // entered later, left before, or is not asked by the plan
	Waiting    MarkState = "waiting"     // invited, has not started
	Begun      MarkState = "begun"       // has started and not submitted
	Done       MarkState = "done"        // submitted
	Declined   MarkState = "declined"    // refused this wave, on the page or to staff
)

// Mark is a participant's state in one wave.
type Mark struct {
	Wave  int
	State MarkState
	Mode  store.Mode // of an interview, "" without
	At    time.Time  // the last save or the submission
}

// Row is a participant in a list for staff: no name, no answer.
type Row struct {
	Label      string
	Language   string
	Cohort     int
	Attributes map[string]string
	Status     store.ParticipantStatus
	Pilot      bool      // tries the study out: never in the data
	Paused     time.Time // until then nothing is sent; zero for no pause
	Rests      time.Time // until then links and codes rest; zero for not
	Merged     string    // the label of the participant that this one turned out to be, "" for a person of its own
	Marks      []Mark    // one a wave
}

// Card is one participant with the history of events.
type Card struct {
	Row
	ConsentAt  time.Time
	CreatedAt  time.Time
	LeftAt     time.Time
	OptedOutAt time.Time
	Events     []store.Event   // without pids
	Contacts   []store.Contact // without pids, the newest first
	Files      []HandedOut     // only for who may erase
	PIN        bool            // a number of their own was chosen
}

// HandedOut is a file of data that holds a participant.
type HandedOut struct {
	store.Download
	ExportID string // in the file; only once the participant was erased, so that recipients can be told which row
}

// maxContact is the most characters of a name, an address or a note.
const maxContact = 500

// NewParticipant is somebody to be added.
type NewParticipant struct {
	Name, Email, Phone, Note string
	Language                 string // "" for the study's first
	Attributes               map[string]string
}

// AddParticipants adds people to the panel: all of them, or none and a list
// of what is wrong by row (from 1) and field. Their cohort is the wave that is
// open, or the next to open. They are invited to that wave and all later ones.
// It gives their labels in the order of the rows.
func (s *Service) AddParticipants(ctx context.Context, now time.Time, actor access.Actor, studyKey string, rows []NewParticipant) ([]string, error) {
	if err := actor.May(access.ParticipantAdd, studyKey); err != nil {
		return nil, err
	}
	st, err := s.Study(ctx, access.CommandLine(), studyKey)
	if err != nil {
		return nil, err
	}
	cohort := cohortAt(st, now)
	if cohort == 0 {
		return nil, fault.New(fault.Conflict, "no_wave_left", "Every wave of the study is closed.")
	}
	if err := s.checkNew(ctx, st, rows); err != nil {
		return nil, err
	}
	people, identities := make([]store.Participant, len(rows)), make([]keyfile.Identity, len(rows))
	for i, r := range rows {
		people[i] = store.Participant{PID: secret.NewID(), Study: studyKey, Language: r.Language, Cohort: cohort, Channels: reach(r.Email, r.Phone),
			Attributes: r.Attributes, Status: store.Active, CreatedAt: now}
		if people[i].Language == "" {
			people[i].Language = st.DefaultLanguage()
		}
		identities[i] = keyfile.Identity{PID: people[i].PID, Study: studyKey,
			Name: strings.TrimSpace(r.Name), Email: strings.TrimSpace(r.Email), Phone: strings.TrimSpace(r.Phone), Note: strings.TrimSpace(r.Note)}
	}
	// The key file first: a crash in between leaves identities without a
	// participant, which Reconcile removes, and never a participant nobody knows.
	if err := s.identities.Put(ctx, now, identities...); err != nil {
		return nil, err
	}
	var labels []string
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		var err error
		if labels, err = s.addPeople(tx, now, actor, st, people); err != nil {
			return err
		}
		for _, id := range identities {
			if err := s.overtake(tx, now, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		for _, id := range identities {
			err = errors.Join(err, s.identities.Delete(context.WithoutCancel(ctx), id.PID))
		}
	}
	return labels, err
}

// reach gives by which channels somebody with these addresses can be reached.
func reach(email, phone string) []string {
	var out []string
	if strings.TrimSpace(email) != "" {
		out = append(out, string(study.Email))
	}
	if strings.TrimSpace(phone) != "" {
		out = append(out, string(study.SMS))
	}
	return out
}

func (s *Service) addPeople(tx *store.Tx, now time.Time, actor access.Actor, st *study.Study, people []store.Participant) ([]string, error) {
	there, err := tx.Participants(st.Key)
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for _, p := range there {
		taken[p.Label] = true
	}
	labels := make([]string, len(people))
	for i := range people {
		for people[i].Label == "" || taken[people[i].Label] {
			people[i].Label = secret.NewID()[:4]
		}
		taken[people[i].Label], labels[i] = true, people[i].Label
		if err := tx.AddParticipant(people[i]); err != nil {
			return nil, err
		}
	}
	waves, err := tx.Waves(st.Key)
	if err != nil {
		return nil, err
	}
	if err := s.invite(tx, people, waves); err != nil {
		return nil, err
	}
	return labels, tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.ParticipantAdd), Study: st.Key,
		Object: "panel", Detail: fmt.Sprintf("%d participants added", len(people))})
}

// checkNew lists everything that is wrong with people to be added.
func (s *Service) checkNew(ctx context.Context, st *study.Study, rows []NewParticipant) error {
	var ps fault.Problems
	if len(rows) == 0 {
		ps.Add(fault.Place{Field: "name"}, "nobody", "There is nobody to add.")
	}
	seen := map[string]int{}
	for i, r := range rows {
		at := func(field string) fault.Place { return fault.Place{Row: i + 1, Field: field} }
		if strings.TrimSpace(r.Name+r.Email+r.Phone) == "" {
			ps.Add(at("name"), "name_missing", "Give a name, an e-mail address or a telephone number.")
		}
		for _, typed := range [][2]string{{"name", r.Name}, {"email", r.Email}, {"phone", r.Phone}, {"note", r.Note}} {
			if utf8.RuneCountInString(typed[1]) > maxContact {
				ps.Add(at(typed[0]), "text_long", "Write a shorter text: at most %d characters.", maxContact)
			}
		}
		if r.Email != "" && !plausibleAddress(r.Email) {
			ps.Add(at("email"), "email_wrong", "This is no e-mail address.")
		}
		if r.Language != "" && !slices.Contains(st.Languages, r.Language) {
			ps.Add(at("language"), "language_unknown", "The study has no texts in this language: %s.", r.Language)
		}
		for _, name := range slices.Sorted(maps.Keys(r.Attributes)) {
			checkAttribute(st, at("attribute."+name), name, r.Attributes[name], &ps)
		}
		for _, address := range []string{r.Email, r.Phone} {
			key := strings.ToLower(strings.TrimSpace(address))
			if key == "" {
				continue
			}
			if first := seen[key]; first > 0 && first != i+1 {
				ps.Add(at("email"), "address_twice", "The same address stands in row %d.", first).With("row", first)
			}
			seen[key] = i + 1
			pid, found, err := s.identities.FindAddress(ctx, st.Key, address)
			if err != nil {
				return err
			}
			if found {
				if found, err = s.isMember(ctx, pid); err != nil {
					return err
				}
			}
			if found {
				ps.Add(at("email"), "already_member", "Somebody with this address is in the panel already.")
			}
		}
	}
	return ps.Err("participants_wrong", "Nobody was added.")
}

// isMember tells whether the pid of an address is a participant's. That of
// somebody who has only asked to take part keeps nobody from being added: else
// anybody could keep others out by typing their addresses.
func (s *Service) isMember(ctx context.Context, pid string) (bool, error) {
	member := true
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		j, err := tx.JoinerByPID(pid)
		if isMissing(err) {
			return nil
		}
		member = j.State == store.Joined
		return err
	})
	return member, err
}

// overtake forgets who had asked to take part with an address of somebody who
// was added now.
func (s *Service) overtake(tx *store.Tx, now time.Time, id keyfile.Identity) error {
	for _, normal := range []string{keyfile.NormalizeEmail(id.Email), keyfile.NormalizePhone(id.Phone)} {
		if normal == "" {
			continue
		}
		j, err := tx.JoinerByAddress(id.Study, s.keys.Lookup("joiner/"+id.Study, normal))
		if isMissing(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := leaveList(tx, j, now); err != nil {
			return err
		}
	}
	return nil
}

func checkAttribute(st *study.Study, at fault.Place, name, value string, ps *fault.Problems) {
	a := st.Attribute(name)
	switch {
	case a == nil:
		ps.Add(at, "attribute_unknown", "The study has no attribute %s.", name).With("name", name)
	case value != "" && a.Choice(value) == nil:
		ps.Add(at, "attribute_value", "%s is no value of %s.", value, name)
	}
}

// plausibleAddress tells whether a text can be an e-mail address. Only
// delivery can tell more.
func plausibleAddress(typed string) bool {
	s := strings.TrimSpace(typed)
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(s, " \t\r\n,;<>") && !strings.Contains(domain, "@")
}

// cohortAt gives the number of the wave that somebody enters at: the open
// one, else the next; 0 where all are closed.
func cohortAt(st *study.Study, now time.Time) int {
	for _, w := range st.Waves {
		if w.State(now) != study.Closed {
			return w.Number
		}
	}
	return 0
}

// inviteAll makes the invitations that are missing after waves were added.
func (s *Service) inviteAll(tx *store.Tx, studyKey string, waves []store.Wave) error {
	people, err := tx.Participants(studyKey)
	if err != nil {
		return err
	}
	return s.invite(tx, people, waves)
}

// invite makes an invitation for each active participant and each wave from
// the participant's cohort on, where there is none yet.
func (s *Service) invite(tx *store.Tx, people []store.Participant, waves []store.Wave) error {
	for _, p := range people {
		for _, w := range waves {
			if p.Status != store.Active || w.Number < p.Cohort {
				continue
			}
			inv := store.Invitation{ID: secret.NewID(), Study: p.Study, PID: p.PID, Wave: w.Number, Generation: 1}
			s.lookups(&inv)
			if err := tx.AddInvitation(inv); err != nil && !errors.Is(err, store.ErrInvited) {
				return err
			}
		}
	}
	return nil
}

// lookups fills in what the database holds in place of the link and the code.
func (s *Service) lookups(inv *store.Invitation) {
	inv.LinkLookup = s.keys.Lookup("link", s.keys.Link(inv.ID, inv.Generation))
	inv.CodeLookup = s.keys.Lookup("code", s.keys.Code(inv.ID, inv.Generation))
}

// Participants lists the panel by label.
func (s *Service) Participants(ctx context.Context, now time.Time, actor access.Actor, studyKey string) ([]Row, error) {
	if err := actor.May(access.ParticipantList, studyKey); err != nil {
		return nil, err
	}
	var out []Row
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		st, err := s.study(tx, studyKey)
		if err != nil {
			return err
		}
		out, err = s.rows(tx, st, now)
		return err
	})
	return out, err
}

// Missing lists who has an invitation to the wave and has not submitted,
// those who have begun first.
func (s *Service) Missing(ctx context.Context, now time.Time, actor access.Actor, studyKey string, wave int) ([]Row, error) {
	rows, err := s.Participants(ctx, now, actor, studyKey)
	if err != nil {
		return nil, err
	}
	if len(rows) > 0 && (wave < 1 || wave > len(rows[0].Marks)) {
		return nil, errNoWave
	}
	state := func(r Row) MarkState { return r.Marks[wave-1].State }
	rows = slices.DeleteFunc(rows, func(r Row) bool { return state(r) != Waiting && state(r) != Begun })
	slices.SortStableFunc(rows, func(a, b Row) int { return strings.Compare(string(state(a)), string(state(b))) })
	return rows, nil
}

func (s *Service) rows(tx *store.Tx, st *study.Study, now time.Time) ([]Row, error) {
	people, err := tx.Participants(st.Key)
	if err != nil {
		return nil, err
	}
	declined, err := refusals(tx, st.Key)
	if err != nil {
		return nil, err
	}
	fielded, err := s.fielded(tx, st, now)
	if err != nil {
		return nil, err
	}
	interviews := map[string]store.Interview{}
	if err := tx.EachInterview(st.Key, func(in store.Interview) error {
		interviews[place(in.PID, in.Wave)] = in
		return nil
	}); err != nil {
		return nil, err
	}
	labels := make(map[string]string, len(people))
	for _, p := range people {
		labels[p.PID] = p.Label
	}
	out := make([]Row, 0, len(people))
	for _, p := range people {
		r := Row{Label: p.Label, Language: p.Language, Cohort: p.Cohort, Attributes: p.Attributes, Status: p.Status, Pilot: p.Pilot, Merged: labels[p.MergedInto]}
		if now.Before(p.PausedUntil) {
			r.Paused = p.PausedUntil
		}
		if now.Before(p.CodesFrom) {
			r.Rests = p.CodesFrom
		}
		for _, w := range st.Waves {
			belongs := p.Belongs(w) && fielded(p.PID, &w)
			r.Marks = append(r.Marks, mark(belongs, w, interviews[place(p.PID, w.Number)], declined[place(p.PID, w.Number)]))
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Row) int { return strings.Compare(a.Label, b.Label) })
	return out, nil
}

// mark gives how somebody stands in a wave to which they belong or not.
func mark(belongs bool, w study.Wave, in store.Interview, refused time.Time) Mark {
	m := Mark{Wave: w.Number, State: NotInvited, Mode: in.Mode, At: in.LastAt}
	switch {
	case !in.SubmittedAt.IsZero():
		m.State, m.At = Done, in.SubmittedAt
	case !refused.IsZero():
		m.State, m.At = Declined, refused
	case in.ID != "":
		m.State = Begun
	case belongs:
		m.State = Waiting
	}
	return m
}

// refusals gives when each participant refused each wave.
func refusals(tx *store.Tx, studyKey string) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	err := tx.EachEvent(studyKey, func(e store.Event) error {
		if k := panel.EventKind(e.Kind); k == panel.Declined || k == panel.RefusedByPhone {
			out[place(e.PID, e.Wave)] = e.At
		}
		return nil
	})
	return out, err
}

func place(pid string, wave int) string { return fmt.Sprintf("%s/%d", pid, wave) }

// Participant gives one participant by label.
func (s *Service) Participant(ctx context.Context, now time.Time, actor access.Actor, studyKey, label string) (*Card, error) {
	if err := actor.May(access.ParticipantList, studyKey); err != nil {
		return nil, err
	}
	card := &Card{}
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		st, err := s.study(tx, studyKey)
		if err != nil {
			return err
		}
		p, err := tx.ParticipantByLabel(studyKey, label)
		if err != nil {
			return orElse(err, errNoParticipant)
		}
		rows, err := s.rows(tx, st, now)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(rows, func(r Row) bool { return r.Label == label })
		events, err := tx.EventsOf(p.PID)
		if err != nil {
			return err
		}
		for j := range events {
			events[j].PID = ""
		}
		*card = Card{Row: rows[i], ConsentAt: p.ConsentAt, CreatedAt: p.CreatedAt, LeftAt: p.LeftAt, OptedOutAt: p.OptedOutAt, Events: events}
		if card.Contacts, err = tx.ContactsOf(p.PID); err != nil {
			return err
		}
		for j := range card.Contacts {
			card.Contacts[j].PID = ""
		}
		pins, err := tx.PINs(p.PID)
		if err != nil {
			return err
		}
		card.PIN = len(pins) > 0
		if actor.Can(access.ParticipantErase, studyKey) {
			card.Files, err = s.handedOut(tx, p)
		}
		return err
	})
	return card, err
}

// Identity gives who a participant is. Each look is audited, by the label's
// absence: the audit tells that somebody looked, in which study and when.
func (s *Service) Identity(ctx context.Context, now time.Time, actor access.Actor, studyKey, label string) (keyfile.Identity, error) {
	if err := actor.May(access.IdentityView, studyKey); err != nil {
		return keyfile.Identity{}, err
	}
	var pid string
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		p, err := tx.ParticipantByLabel(studyKey, label)
		if err != nil {
			return orElse(err, errNoParticipant)
		}
		pid = p.PID
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.IdentityView), Study: studyKey,
			Object: "one participant's contact details"})
	})
	if err != nil {
		return keyfile.Identity{}, err
	}
	return s.identities.Get(ctx, pid)
}

// RecordOutcome notes what staff learned of a participant: a refusal by
// telephone, a death (see panel.Recordable). wave is 0 for what is not of one wave.
func (s *Service) RecordOutcome(ctx context.Context, now time.Time, actor access.Actor, studyKey, label string, wave int, kind panel.EventKind) error {
	if err := actor.May(access.OutcomeRecord, studyKey); err != nil {
		return err
	}
	if !slices.Contains(panel.Recordable(), kind) {
		return fault.New(fault.Invalid, "outcome_unknown", "This outcome cannot be recorded by staff.")
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		p, err := tx.ParticipantByLabel(studyKey, label)
		if err != nil {
			return orElse(err, errNoParticipant)
		}
		waves, err := tx.Waves(studyKey)
		if err != nil {
			return err
		}
		if wave < 0 || wave > len(waves) {
			return errNoWave
		}
		if p.Status == store.Erased || p.MergedInto != "" { // what was erased stays so, whatever is learned later
			return errAway
		}
		if kind == panel.Died {
			p.Status, p.LeftAt = store.Dead, now
			if err := tx.UpdateParticipant(p); err != nil {
				return err
			}
			if _, err := tx.StopMessages(p.PID, store.Cancelled, "died", now); err != nil {
				return err
			}
		}
		if err := tx.AddEvent(store.Event{ID: secret.NewID(), Study: studyKey, PID: p.PID, Wave: wave, Kind: string(kind), At: now}); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.OutcomeRecord), Study: studyKey,
			Object: fmt.Sprintf("wave %d", wave), Detail: string(kind)})
	})
}
