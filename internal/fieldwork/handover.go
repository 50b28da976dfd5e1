package fieldwork

import (
	"context"
	"errors"
	"slices"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/keyfile"
	"panelverk/internal/lang"
	"panelverk/internal/mail"
	"panelverk/internal/panel"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Mailer hands e-mail over: mail.SMTP, or mail.Folder in a rehearsal.
type Mailer interface {
	Send(ctx context.Context, now time.Time, e mail.Envelope) mail.Outcome
}

// Texter hands text messages over: mail.Gateway, or mail.Folder in a rehearsal.
type Texter interface {
	SendSMS(ctx context.Context, now time.Time, m mail.SMS) mail.Outcome
}

// Post is the ways by which messages leave this server.
type Post struct {
	Mail   Mailer // nil: there is none, and e-mail waits
	SMS    Texter // nil: there is none, and text messages wait
	Domain string // of Message-IDs
}

// Batch counts what a run of HandOver came to.
type Batch struct {
	Claimed, HandedOver, Deferred, Refused, Ambiguous, Cancelled int

	// Trouble is what is wrong with the settings, the server or the way there,
	// and would meet every message: then the others are left for later.
	Trouble mail.Reason
}

// handoverLease is how long a worker has for what it claimed. It is longer
// than the slowest server may be slow for all of a batch.
const handoverLease = 20 * time.Minute

// anew is how long after one attempt the next is no repetition of it any more: a
// message that staff send again, to an address that was mended.
const anew = 2 * 24 * time.Hour

// HandOver takes the messages whose time has come, at most so many, and hands
// them over one after the other. worker names this run: no other has the same.
//
// Each hand-over is written down before it begins and after it ended, so that a
// worker that is killed in between leaves an ambiguous one, and never a message
// that is forgotten. Whoever has left, answered or opted out meanwhile gets
// nothing. The identity is read for the hand-over alone, and goes nowhere else.
func (s *Service) HandOver(ctx context.Context, clock func() time.Time, post Post, worker string, most int) (Batch, error) {
	var (
		batch  Batch
		claims []store.Message
	)
	err := s.store.Write(ctx, func(tx *store.Tx) (err error) {
		now := clock()
		if _, err := tx.LapseClaims(now); err != nil {
			return err
		}
		claims, err = tx.ClaimMessages(worker, now, now.Add(handoverLease), most, post.Mail != nil, post.SMS != nil)
		return err
	})
	if err != nil {
		return batch, err
	}
	batch.Claimed = len(claims)
	for i, m := range claims {
		if err := ctx.Err(); err != nil {
			return batch, errors.Join(err, s.release(ctx, clock(), worker, claims[i:]))
		}
		if err := s.handOver(ctx, clock, post, worker, m, &batch); err != nil {
			// This one may have gone out: its lease runs out, and then it is ambiguous.
			return batch, errors.Join(err, s.release(ctx, clock(), worker, claims[i+1:]))
		}
		if batch.Trouble != "" {
			return batch, s.release(ctx, clock(), worker, claims[i+1:])
		}
	}
	return batch, nil
}

// release gives back what a worker took and did not begin.
func (s *Service) release(ctx context.Context, now time.Time, worker string, claims []store.Message) error {
	if len(claims) == 0 {
		return nil
	}
	return s.store.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		for _, m := range claims {
			if err := tx.ReleaseClaim(m.ID, worker, now, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// handOver hands one claimed message over.
func (s *Service) handOver(ctx context.Context, clock func() time.Time, post Post, worker string, m store.Message, batch *Batch) error {
	id, err := s.addressOf(ctx, m)
	if err != nil {
		return err
	}
	parcel, err := s.begin(ctx, clock(), post, worker, m, id)
	if err != nil || parcel == nil {
		batch.Cancelled++
		if err == nil && isNotice(m) {
			err = s.forgetFormer(ctx, m.ID)
		}
		return err
	}
	var outcome mail.Outcome
	if m.Channel == string(study.SMS) {
		outcome = post.SMS.SendSMS(ctx, clock(), parcel.sms)
	} else {
		outcome = post.Mail.Send(ctx, clock(), parcel.envelope)
	}
	switch outcome.State {
	case mail.HandedOver:
		batch.HandedOver++
	case mail.Deferred:
		batch.Deferred++
	case mail.Refused:
		batch.Refused++
	case mail.Ambiguous:
		batch.Ambiguous++
	}
	if meetsAll(outcome.Reason) {
		batch.Trouble = outcome.Reason
	}
	// The hand-over has happened: that the server is stopping must not keep it from being written down.
	after := context.WithoutCancel(ctx)
	if err := s.store.Write(after, func(tx *store.Tx) error { return ended(tx, parcel, worker, outcome, clock()) }); err != nil || !isNotice(m) {
		return err
	}
	return s.forgetFormer(after, m.ID)
}

// meetsAll tells whether what went wrong would meet the next message as well.
func meetsAll(r mail.Reason) bool {
	switch r {
	case mail.Lost, mail.Pace, mail.Stopped, mail.Incomplete:
		return false
	}
	return r.Ours()
}

func isMissing(err error) bool { f := fault.Of(err); return f != nil && f.Kind == fault.NotFound }

// parcel is a message with all that is put in at the moment of hand-over.
type parcel struct {
	message  store.Message // as the hand-over began
	first    time.Time     // when the first hand-over of these tries began
	tries    int
	envelope mail.Envelope
	sms      mail.SMS
}

// begin writes down that a hand-over begins and gives the message ready to be
// sent. It gives nil where it is not to be sent any more, or not now: then that
// is written down instead.
func (s *Service) begin(ctx context.Context, now time.Time, post Post, worker string, m store.Message, id keyfile.Identity) (*parcel, error) {
	var out *parcel
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		out = nil
		if held, err := tx.Held(m.Study); err != nil || !held.IsZero() {
			if err != nil {
				return err
			}
			return tx.ReleaseClaim(m.ID, worker, now, now)
		}
		drop := func(reason string) error {
			_, err := tx.SetMessageState(m.ID, store.Cancelled, reason, now, store.Claimed)
			return err
		}
		st, err := s.study(tx, m.Study)
		if err != nil {
			return err
		}
		to, err := addressee(tx, m)
		if isMissing(err) { // forgotten since it was claimed, and the message with them
			return nil
		}
		if err != nil {
			return err
		}
		if now.Before(to.participant.PausedUntil) && !isNotice(m) && !askedFor(m) {
			return tx.ReleaseClaim(m.ID, worker, now, to.participant.PausedUntil)
		}
		if reason, err := s.unwanted(tx, st, to, m, now); err != nil || reason != "" {
			if err != nil {
				return err
			}
			return drop(reason)
		}
		ready, reason, err := s.pack(tx, st, to, m, id, post)
		if err != nil {
			return err
		}
		if reason != "" {
			_, err := tx.SetMessageState(m.ID, store.RefusedBy, reason, now, store.Claimed)
			return err
		}
		ready.message, err = tx.BeginHandover(m.ID, worker, now)
		if f := fault.Of(err); f != nil && f.Code == store.ErrNotClaimed.Code {
			return nil
		}
		if err != nil {
			return err
		}
		attempts, err := tx.HandoversOf(m.ID)
		if err != nil {
			return err
		}
		ready.first, ready.tries = series(attempts, now)
		out = ready
		return nil
	})
	return out, err
}

// series gives when the last run of attempts that belong together began, and how
// many they are: what staff send again is tried as if for the first time.
func series(attempts []store.Handover, now time.Time) (first time.Time, tries int) {
	first = now
	for i, h := range attempts {
		if i == 0 || h.Began.Sub(attempts[i-1].Began) > anew || mail.State(attempts[i-1].Outcome) == mail.Refused || mail.State(attempts[i-1].Outcome) == mail.HandedOver {
			first, tries = h.Began, 0
		}
		tries++
	}
	return first, max(tries, 1)
}

// recipient is whom a message is to: a participant, or somebody who asked to
// take part and is none yet.
type recipient struct {
	participant store.Participant
	joiner      *store.Joiner // nil for a participant
}

func addressee(tx *store.Tx, m store.Message) (recipient, error) {
	p, err := tx.Participant(m.PID)
	if !isMissing(err) {
		return recipient{participant: p}, err
	}
	j, err := tx.JoinerByPID(m.PID)
	return recipient{joiner: &j}, err
}

// toJoiners are the kinds of messages that only those get who are no participants yet.
var toJoiners = []mail.Kind{mail.Confirm, mail.Waiting, mail.WaitingTurn}

// unwanted tells why a message is not to be sent any more, "" where it is.
func (s *Service) unwanted(tx *store.Tx, st *study.Study, to recipient, m store.Message, now time.Time) (string, error) {
	p := to.participant
	switch {
	case to.joiner != nil && to.joiner.State == store.JoinerGone:
		return "left", nil
	case to.joiner != nil && !m.Ends.IsZero() && !now.Before(m.Ends):
		return "too_late", nil
	case to.joiner != nil:
		return "", nil
	case slices.Contains(toJoiners, mail.Kind(m.Kind)):
		return "no_longer_meant", nil
	case p.Status != store.Active:
		return "left", nil
	case !p.OptedOutAt.IsZero() && !isNotice(m) && !askedFor(m):
		return "opted_out", nil
	case !m.Ends.IsZero() && !now.Before(m.Ends):
		return "too_late", nil
	case m.Wave == 0:
		return "", nil
	}
	row, err := tx.StandingOf(p)
	if err != nil {
		return "", err
	}
	person, err := s.member(tx, st, row)
	if err != nil {
		return "", err
	}
	if !st.Wants(person, m.Wave, m.Key, now) {
		return "no_longer_meant", nil
	}
	return "", nil
}

// pack puts a message together. reason says why it cannot be, "" where it can.
func (s *Service) pack(tx *store.Tx, st *study.Study, to recipient, m store.Message, id keyfile.Identity, post Post) (out *parcel, reason string, err error) {
	texts, err := s.texts(tx, st)
	if err != nil {
		return nil, "", err
	}
	template := texts.Template(mail.Kind(m.Template), m.Language)
	if template == nil {
		return nil, "no_text", nil
	}
	fields, err := s.fields(tx, st, to, m, id)
	if err != nil {
		return nil, "", err
	}
	out = &parcel{}
	if m.Channel == string(study.SMS) {
		number, ok := mail.Number(id.Phone, country(st, to.attributes()))
		if !ok || !template.HasSMS() {
			return nil, "no_address", nil
		}
		text, err := template.RenderSMS(fields)
		if err != nil {
			return nil, "text_incomplete", nil //nolint:nilerr // the text is at fault, and the ledger says so
		}
		out.sms = mail.SMS{ID: m.ID, To: number, Text: text}
		return out, "", nil
	}
	if id.Email == "" {
		return nil, "no_address", nil
	}
	message, err := template.Render(fields)
	if err != nil {
		return nil, "text_incomplete", nil //nolint:nilerr // as above
	}
	out.envelope = mail.Envelope{ID: m.ID + "@" + post.Domain, To: id.Email, Token: m.ID, Unsubscribe: fields.Leave, Message: message}
	if mail.Kind(m.Kind) == mail.Confirm { // there is nothing to leave yet
		out.envelope.Unsubscribe = ""
	}
	return out, "", nil
}

// attributes gives what is known of whom a message is for.
func (r recipient) attributes() map[string]string {
	if r.joiner != nil {
		return r.joiner.Attributes
	}
	return r.participant.Attributes
}

// country gives in which country somebody lives, as the plan knows it, ""
// where it does not.
func country(st *study.Study, attributes map[string]string) string {
	if st.Plan == nil {
		return ""
	}
	for _, name := range []string{st.Plan.Holidays.Attribute, st.Plan.Zones.Attribute} {
		if of := attributes[name]; of != "" {
			return of
		}
	}
	if of := st.Plan.Holidays.Countries; len(of) > 0 {
		return of[0]
	}
	return ""
}

// signed gives what is the same in all messages of a study.
func (s *Service) signed(st *study.Study, language string) mail.Fields {
	in := func(t lang.Text) string {
		text, _ := t.In(language, st.DefaultLanguage())
		return text
	}
	f := mail.Fields{Study: in(st.PublicTitle), Sender: in(st.Contact.Role), Contact: st.Contact.Email, Minutes: st.Minutes}
	if st.Contact.Phone != "" {
		f.Contact += ", " + st.Contact.Phone
	}
	return f
}

// fields gives what is put into a message's text.
func (s *Service) fields(tx *store.Tx, st *study.Study, to recipient, m store.Message, id keyfile.Identity) (mail.Fields, error) {
	f := s.signed(st, m.Language)
	f.Name, f.Leave = id.Name, s.baseURL+"/u/"+s.keys.Unsubscribe(m.ID)
	if isNotice(m) {
		f.Leave, f.Until = "", m.Created.Add(rest).In(st.TimeZone)
		return f, nil
	}
	if !m.Ends.IsZero() {
		f.Until = m.Ends.In(st.TimeZone)
	}
	if to.joiner != nil {
		f.Link = s.baseURL + "/join/confirm/" + s.joinToken(*to.joiner)
		return f, nil
	}
	p := to.participant
	if askedFor(m) {
		return f, s.askedFields(tx, st, p, m, &f)
	}
	if m.Wave == 0 {
		return f, s.ownLink(tx, st, p, m.Created, &f)
	}
	w := &st.Waves[m.Wave-1]
	row, err := tx.StandingOf(p)
	if err != nil {
		return f, err
	}
	person, err := s.member(tx, st, row)
	if err != nil {
		return f, err
	}
	opens, _, _ := st.Window(w, person)
	f.Opens, f.Closes = opens.In(st.TimeZone), st.Ends(w, person).In(st.TimeZone)
	inv, err := tx.InvitationOf(p.PID, m.Wave)
	if err != nil {
		return f, err
	}
	f.Link, f.Code = s.url(inv), s.keys.Code(inv.ID, inv.Generation)
	return f, nil
}

// ownLink fills in the link of a participant for a message of no wave: that of
// the wave that is open, else the next, else the last.
func (s *Service) ownLink(tx *store.Tx, st *study.Study, p store.Participant, now time.Time, f *mail.Fields) error {
	wave := cohortAt(st, now)
	if wave == 0 {
		wave = len(st.Waves)
	}
	inv, err := tx.InvitationOf(p.PID, max(wave, p.Cohort))
	if isMissing(err) {
		return nil
	}
	f.Link = s.url(inv)
	return err
}

// ended writes down what a hand-over came to.
func ended(tx *store.Tx, parcel *parcel, worker string, o mail.Outcome, now time.Time) error {
	m := parcel.message
	h := store.Handover{Message: m.ID, Number: m.Attempts, Worker: worker, Ended: now, Outcome: string(o.State), Code: string(o.Reason), Said: o.Said}
	switch o.State {
	case mail.HandedOver:
		if err := tx.EndHandover(h, store.HandedOver, time.Time{}); err != nil {
			return err
		}
		return handedOver(tx, m, now)
	case mail.Refused:
		if err := tx.EndHandover(h, store.RefusedBy, time.Time{}); err != nil || o.Reason.Ours() {
			return err
		}
		return unreachable(tx, m, now)
	}
	next, again := mail.Backoff(parcel.tries, parcel.first, now, m.Ends)
	if !again || o.State == mail.Deferred && !o.Retry {
		return tx.EndHandover(h, store.RefusedBy, time.Time{})
	}
	if o.Wait > 0 && now.Add(o.Wait).After(next) {
		next = now.Add(o.Wait)
	}
	return tx.EndHandover(h, store.Deferred, next)
}

// handedOver notes for the participant's outcome what has reached a server.
func handedOver(tx *store.Tx, m store.Message, now time.Time) error {
	var kind panel.EventKind
	switch study.MessageKind(m.Kind) {
	case study.Invitation:
		kind = panel.Invited
	case study.Reminder, study.Nudge, study.Closing:
		kind = panel.Reminded
	default:
		return nil
	}
	return tx.AddEvent(store.Event{ID: secret.NewID(), Study: m.Study, PID: m.PID, Wave: m.Wave, Kind: string(kind), At: now, Detail: m.Channel})
}

// unreachable notes that a participant has no working address of a kind any
// more. Another way that the plan names for the message is taken in its place.
func unreachable(tx *store.Tx, m store.Message, now time.Time) error {
	if isNotice(m) { // the address is no longer the participant's
		return nil
	}
	to, err := addressee(tx, m)
	if err != nil {
		return err
	}
	if to.joiner != nil { // nobody is there to confirm
		return leaveList(tx, *to.joiner, now)
	}
	p := to.participant
	p.Channels = slices.DeleteFunc(p.Channels, func(c string) bool { return c == m.Channel })
	if err := tx.UpdateParticipant(p); err != nil {
		return err
	}
	return tx.AddEvent(store.Event{ID: secret.NewID(), Study: m.Study, PID: m.PID, Wave: m.Wave, Kind: string(panel.Unreachable), At: now, Detail: m.Channel})
}
