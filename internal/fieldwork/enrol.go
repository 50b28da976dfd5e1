package fieldwork

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"panelverk/internal/fault"
	"panelverk/internal/keyfile"
	"panelverk/internal/mail"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// How long things hold when people enrol by themselves.
const (
	confirmFor  = 48 * time.Hour      // the link that confirms an address
	askAgain    = time.Hour           // between two messages to confirm one address
	mostAsked   = 5                   // such messages before the address is forgotten: else anybody could pester anybody
	forgetAfter = 7 * 24 * time.Hour  // who did not confirm
	waitPast    = 30 * 24 * time.Hour // the closing of the enrolment, on the waiting list
)

// What tells a person from a machine without asking anybody else.
const (
	leastFill = 3 * time.Second // to fill in the form
	mostFill  = 24 * time.Hour
	// Forms taken in an hour, of one study and in all; so many may come at once.
	studyHour, studyBurst = 240, 60
	allHour, allBurst     = 600, 120
	floodNoted            = 10 * time.Minute // between two notes that too many came
)

// EnrolmentGate says whether one can enrol.
type EnrolmentGate string

// The gates.
const (
	EnrolOpen    EnrolmentGate = "open"
	EnrolWaiting EnrolmentGate = "waiting" // all places are taken, and there is a waiting list
	EnrolFull    EnrolmentGate = "full"
	EnrolPlanned EnrolmentGate = "planned"
	EnrolClosed  EnrolmentGate = "closed"
	EnrolMute    EnrolmentGate = "mute" // this server cannot send what would confirm an address
)

// EnrolmentPage is the page on which people ask to take part in a study.
type EnrolmentPage struct {
	Study        *study.Study
	Key          string // the end of its address
	Gate         EnrolmentGate
	Email, Phone bool   // which addresses can be given
	Stamp        string // goes with the form
}

// Asking is what somebody who wants to take part has filled in.
type Asking struct {
	Name, Email, Phone string
	Language           string
	Attributes         map[string]string
	Consent            bool   // the box was ticked
	Stamp              string // of the page
	Trap               string // a field that people do not see
}

var (
	errNoEnrolment = fault.New(fault.NotFound, "enrolment_unknown", "The link does not work. Check that you got the whole of it.")
	errShut        = fault.New(fault.Conflict, "enrolment_shut", "One cannot enrol at the moment.")
	errFlood       = fault.New(fault.TooMany, "enrolment_flood", "Many want to take part just now. Come back in an hour.")
	errQuick       = fault.New(fault.Conflict, "enrolment_quick", "That was very quick. Press the button once more.")
	errStale       = fault.New(fault.Conflict, "enrolment_stale", "The page has been open for long. Press the button once more.")
)

// floods limits how many forms are taken.
type floods struct {
	all     *rate.Limiter
	studies sync.Map // *rate.Limiter by study
}

func perHour(n, burst int) *rate.Limiter { return rate.NewLimiter(rate.Limit(float64(n)/3600), burst) }

// allow counts one form and tells whether it is not one too many.
func (f *floods) allow(studyKey string, now time.Time) bool {
	one, _ := f.studies.LoadOrStore(studyKey, perHour(studyHour, studyBurst))
	return one.(*rate.Limiter).AllowN(now, 1) && f.all.AllowN(now, 1)
}

// Reaches says by which ways this server can send messages. Before it is told
// there is none, and nobody can enrol but with a code on paper.
func (s *Service) Reaches(email, sms bool) { s.ways.Store(&ways{email, sms}) }

type ways struct{ email, sms bool }

func (s *Service) reaching() ways {
	if w := s.ways.Load(); w != nil {
		return *w
	}
	return ways{}
}

// EnrolmentPage gives the page with the end of an address. It changes nothing.
func (s *Service) EnrolmentPage(ctx context.Context, now time.Time, key string) (*EnrolmentPage, error) {
	var out *EnrolmentPage
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		e, err := tx.EnrolmentByKey(strings.ToUpper(key))
		if err != nil {
			return orElse(err, errNoEnrolment)
		}
		out, err = s.enrolmentPage(tx, now, e)
		return err
	})
	return out, err
}

func (s *Service) enrolmentPage(tx *store.Tx, now time.Time, e store.Enrolment) (*EnrolmentPage, error) {
	st, err := s.study(tx, e.Study)
	if err != nil {
		return nil, err
	}
	rules := st.Enrolment
	if rules == nil {
		return nil, errNoEnrolment
	}
	reach := s.reaching()
	p := &EnrolmentPage{Study: st, Key: e.Key, Gate: EnrolOpen, Stamp: s.keys.Stamp("enrol/"+e.Key, now),
		Email: rules.Email && reach.email, Phone: rules.Phone && reach.sms}
	if !p.Phone { // a number that nothing can be sent to confirms nothing
		p.Email = reach.email
	}
	switch {
	case e.Published.IsZero() || rules.State(now) == study.Closed || cohortAt(st, now) == 0:
		p.Gate = EnrolClosed
		return p, nil
	case rules.State(now) == study.Planned:
		p.Gate = EnrolPlanned
		return p, nil
	case !p.Email && !p.Phone:
		p.Gate = EnrolMute
		return p, nil
	}
	taken, err := occupied(tx, st, now, "")
	if err != nil {
		return nil, err
	}
	if !taken.free(rules) {
		p.Gate = EnrolWaiting
		if rules.Waiting == study.NoWaiting {
			p.Gate = EnrolFull
		}
	}
	return p, nil
}

// Enrol takes the form of somebody who wants to take part. It writes the
// identity to the key file, and has a message sent that asks whether the
// address is theirs. Nothing that it answers, and nothing that it does to the
// databases before it answers, depends on whether the address was known: where
// it was, its owner is told in a message of another kind, and a row of the same
// size, an echo without an address, is written and later removed by Tidy.
//
// Whoever has left the panel is not written to, and neither is a participant
// who wants no messages.
func (s *Service) Enrol(ctx context.Context, now time.Time, key string, in Asking) error {
	page, err := s.EnrolmentPage(ctx, now, key)
	if err != nil {
		return err
	}
	if page.Gate != EnrolOpen && page.Gate != EnrolWaiting {
		return errShut
	}
	if err := checkAsking(page, &in); err != nil {
		return err
	}
	if err := s.checkStamp("enrol/"+page.Key, in.Stamp, now); err != nil {
		return err
	}
	if in.Trap != "" {
		return nil // a machine: it is told what people are told
	}
	st := page.Study
	if !s.floods.allow(st.Key, now) {
		return orBroken(errFlood, s.noteFlood(ctx, st.Key, now))
	}
	j := s.newJoiner(st, now, in)
	id := keyfile.Identity{PID: j.PID, Study: st.Key, Name: in.Name, Email: in.Email, Phone: in.Phone}
	address := in.Email
	if j.Channel == string(study.SMS) {
		address = in.Phone
	}
	pid, known, err := s.identities.FindAddress(ctx, st.Key, address)
	if err != nil {
		return err
	}
	if known { // the same work, and nothing of the address
		id = keyfile.Identity{PID: j.PID, Study: st.Key, Note: strings.Repeat("·", len(in.Name+in.Email+in.Phone))}
	}
	if err := s.identities.Put(ctx, now, id); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error { return s.ask(tx, now, st, j, pid, known) })
}

// newJoiner gives the row of somebody who asked.
func (s *Service) newJoiner(st *study.Study, now time.Time, in Asking) store.Joiner {
	j := store.Joiner{ID: secret.NewID(), Study: st.Key, PID: secret.NewID(), Label: secret.NewID()[:4], State: store.JoinerPending,
		Channel: string(study.Email), Language: in.Language, Attributes: in.Attributes, ConsentVersion: st.Consent.Version,
		Sent: 1, Created: now, Asked: now, Until: now.Add(confirmFor), Changed: now}
	normal := keyfile.NormalizeEmail(in.Email)
	if in.Email == "" {
		j.Channel, normal = string(study.SMS), keyfile.NormalizePhone(in.Phone)
	}
	j.Address = s.keys.Lookup("joiner/"+st.Key, normal)
	j.LinkLookup = s.keys.Lookup("join", s.joinToken(j))
	return j
}

// joinToken gives the end of the link by which an address is confirmed.
func (s *Service) joinToken(j store.Joiner) string { return s.keys.Link("join/"+j.ID, 1) }

// ask writes down what follows of a form: a new joiner and the message, or the
// message for an address that is known, and an echo.
func (s *Service) ask(tx *store.Tx, now time.Time, st *study.Study, j store.Joiner, pid string, known bool) error {
	there, err := tx.JoinerByAddress(st.Key, j.Address)
	if err != nil && !isMissing(err) {
		return err
	}
	if err == nil {
		if err := s.askedAgain(tx, now, st, there); err != nil {
			return err
		}
	} else if known {
		if err := s.alreadyMember(tx, now, st, pid); err != nil {
			return err
		}
	} else {
		if err := tx.AddJoiner(j); err != nil {
			return err
		}
		return s.writeTo(tx, now, j, mail.Confirm, "confirm.1", j.Until)
	}
	j.State, j.Address, j.Attributes = store.JoinerEcho, "", nil
	return tx.AddJoiner(j)
}

// askedAgain is for an address whose owner has not confirmed it, or waits.
func (s *Service) askedAgain(tx *store.Tx, now time.Time, st *study.Study, j store.Joiner) error {
	switch j.State {
	case store.JoinerWaiting:
		return s.writeTo(tx, now, j, mail.Waiting, daily("waiting", st, now), time.Time{})
	case store.JoinerPending, store.JoinerLapsed:
		if now.Sub(j.Asked) < askAgain || j.Sent >= mostAsked {
			return nil
		}
		j.State, j.Sent, j.Asked, j.Until, j.Changed = store.JoinerPending, j.Sent+1, now, now.Add(confirmFor), now
		if err := tx.UpdateJoiner(j); err != nil {
			return err
		}
		return s.writeTo(tx, now, j, mail.Confirm, "confirm."+itoa(j.Sent), j.Until)
	}
	return nil // a place is kept for them, and they were told
}

// alreadyMember tells a participant, and nobody else, that they take part
// already: once a day at most.
func (s *Service) alreadyMember(tx *store.Tx, now time.Time, st *study.Study, pid string) error {
	p, err := tx.Participant(pid)
	if isMissing(err) { // just being added, or left by a crash
		return nil
	}
	if err != nil {
		return err
	}
	i := slices.IndexFunc(p.Channels, func(c string) bool { return c == string(study.Email) || c == string(study.SMS) })
	if i < 0 {
		return nil
	}
	_, err = tx.AddMessage(store.Message{ID: secret.NewID(), Study: st.Key, PID: p.PID, Key: daily("already_member", st, now),
		Kind: string(mail.AlreadyMember), Template: string(mail.AlreadyMember), Channel: p.Channels[i], Language: p.Language,
		State: store.Due, Planned: now, Next: now, Created: now})
	return err
}

// daily gives the key of a message that goes out once a day at most.
func daily(key string, st *study.Study, now time.Time) string {
	return key + "." + now.In(st.TimeZone).Format(time.DateOnly)
}

// writeTo writes a message to a joiner down.
func (s *Service) writeTo(tx *store.Tx, now time.Time, j store.Joiner, kind mail.Kind, key string, ends time.Time) error {
	_, err := tx.AddJoinerMessage(store.Message{ID: secret.NewID(), Study: j.Study, PID: j.PID, Key: key, Kind: string(kind), Template: string(kind),
		Channel: j.Channel, Language: j.Language, State: store.Due, Planned: now, Next: now, Ends: ends, Created: now})
	return err
}

// noteFlood notes for staff that people were turned away.
func (s *Service) noteFlood(ctx context.Context, studyKey string, now time.Time) error {
	e, err := s.enrolmentOf(ctx, studyKey)
	if err != nil || now.Sub(e.Flooded) < floodNoted {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error { return tx.FloodEnrolment(studyKey, now) })
}

func (s *Service) enrolmentOf(ctx context.Context, studyKey string) (e store.Enrolment, err error) {
	err = s.store.Read(ctx, func(tx *store.Tx) error { e, err = tx.Enrolment(studyKey); return err })
	return e, err
}

// checkStamp refuses a form that was filled in faster than people can, or that
// is older than a day; a fresh page comes with the answer.
func (s *Service) checkStamp(purpose, stamp string, now time.Time) error {
	given, ok := s.keys.Stamped(purpose, stamp)
	switch {
	case !ok || now.Sub(given) > mostFill || given.After(now):
		return errStale
	case now.Sub(given) < leastFill:
		return errQuick
	}
	return nil
}

// checkAsking lists everything that is wrong with a form, and takes out what
// was not asked for.
func checkAsking(page *EnrolmentPage, in *Asking) error {
	var ps fault.Problems
	in.Name, in.Email, in.Phone = strings.TrimSpace(in.Name), strings.TrimSpace(in.Email), strings.TrimSpace(in.Phone)
	if !page.Email {
		in.Email = ""
	}
	if !page.Phone {
		in.Phone = ""
	}
	first := "email"
	if !page.Email {
		first = "phone"
	}
	switch {
	case in.Email == "" && in.Phone == "" && page.Email && page.Phone:
		ps.Add(fault.Place{Field: first}, "enrol_address_missing", "Write your e-mail address or your mobile number.")
	case in.Email == "" && in.Phone == "":
		ps.Add(fault.Place{Field: first}, "enrol_"+first+"_missing", "Write how we can reach you.")
	}
	if in.Email != "" && (!plausibleAddress(in.Email) || keyfile.NormalizeEmail(in.Email) == "") {
		ps.Add(fault.Place{Field: "email"}, "enrol_email_wrong", "This is no e-mail address.")
	}
	if in.Phone != "" {
		in.Phone = dialable(in.Phone)
	}
	if in.Phone != "" && !international.MatchString(in.Phone) {
		ps.Add(fault.Place{Field: "phone"}, "enrol_phone_wrong", "Write the number with its country's, such as +46 70 123 45 67.")
	}
	for field, typed := range map[string]string{"email": in.Email, "phone": in.Phone} {
		if utf8.RuneCountInString(typed) > maxContact {
			ps.Add(fault.Place{Field: field}, "text_long", "Write a shorter text: at most %d characters.", maxContact)
		}
	}
	checkPerson(page.Study, in, &ps)
	ps.Sort()
	return ps.Err("enrolment_wrong", "Something is missing.")
}

// international is a number as gateways for text messages want it (E.164).
var international = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// dialable takes what people put into a number out of it: "+46 (0)70-123 45 67".
func dialable(typed string) string {
	number := strings.NewReplacer("(0)", "", " ", "", "-", "", "\u2013", "", "\u00a0", "", "(", "", ")", "", "/", "", ".", "").Replace(typed)
	if rest, ok := strings.CutPrefix(number, "00"); ok {
		number = "+" + rest
	}
	return number
}

// checkPerson checks what is asked of everybody, with an address or with a code.
func checkPerson(st *study.Study, in *Asking, ps *fault.Problems) {
	if !st.Enrolment.Name {
		in.Name = ""
	}
	if utf8.RuneCountInString(in.Name) > maxContact {
		ps.Add(fault.Place{Field: "name"}, "text_long", "Write a shorter text: at most %d characters.", maxContact)
	}
	if !slices.Contains(st.Languages, in.Language) {
		in.Language = st.DefaultLanguage()
	}
	given := maps.Clone(in.Attributes)
	in.Attributes = map[string]string{}
	for _, name := range st.Enrolment.Attributes {
		value := given[name]
		switch a := st.Attribute(name); {
		case value == "" && st.Enrolment.Required(name):
			ps.Add(fault.Place{Field: "attribute." + name}, "enrol_attribute_missing", "Choose an answer.")
		case value != "" && (a == nil || a.Choice(value) == nil):
			ps.Add(fault.Place{Field: "attribute." + name}, "enrol_attribute_missing", "Choose an answer.")
		case value != "":
			in.Attributes[name] = value
		}
	}
	if !in.Consent {
		ps.Add(fault.Place{Field: "consent"}, "enrol_consent_missing", "Tick the box if you want to take part.")
	}
}
