package fieldwork_test

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/mail"
	"panelverk/internal/mail/mailtest"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/surveys"
)

// enrolling gives Smart Factory with an enrolment of its own.
func enrolling(t testing.TB, rules string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	if err := fs.WalkDir(surveys.FS, smart, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(surveys.FS, path)
		if strings.HasSuffix(path, "study.yaml") {
			text := regexp.MustCompile(`(?s)\nenrolment:.*?\n\n`).ReplaceAllString(string(data), "\n")
			data = []byte(text + "\nenrolment:\n" + rules)
		}
		files[path] = &fstest.MapFile{Data: data}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return files
}

const usualRules = "  opens: 2016-04-25 08:00\n  closes: 2016-05-27 23:59\n  cap: 3\n  ask: [email, phone, name]\n  attributes: [country, sector]\n" +
	"  quotas: {country: {SE: 2}}\n  waiting: by_hand\n  hold: 3d\n"

// published applies rules and publishes the page; it gives the end of its address.
func (f *field) published(now time.Time, rules string) string {
	f.t.Helper()
	if _, err := f.apply(now, enrolling(f.t, rules), fieldwork.ApplyOptions{}); err != nil {
		f.t.Fatal(err)
	}
	f.Reaches(true, false)
	if err := f.PublishEnrolment(ctx, now, admin, smart, true); err != nil {
		f.t.Fatal(err)
	}
	r := f.recruitment(now)
	return r.URL[strings.LastIndex(r.URL, "/")+1:]
}

func (f *field) recruitment(now time.Time) *fieldwork.Recruitment {
	f.t.Helper()
	r, err := f.Recruitment(ctx, now, admin, smart)
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

// asking gives a form that is filled in as it should be.
func (f *field) asking(now time.Time, key, email, country string) fieldwork.Asking {
	f.t.Helper()
	page, err := f.EnrolmentPage(ctx, now.Add(-time.Minute), key)
	if err != nil {
		f.t.Fatal(err)
	}
	return fieldwork.Asking{Email: email, Language: "sv", Attributes: map[string]string{"country": country}, Consent: true, Stamp: page.Stamp}
}

func (f *field) enrol(now time.Time, key, email, country string) {
	f.t.Helper()
	if err := f.Enrol(ctx, now, key, f.asking(now, key, email, country)); err != nil {
		f.t.Fatal(err)
	}
}

// post hands over what waits to a mail server, and gives what it took since.
func (f *field) post(now time.Time, server *mailtest.Server, way fieldwork.Mailer) []mailtest.Message {
	f.t.Helper()
	before := len(server.Accepted())
	if _, err := f.HandOver(ctx, func() time.Time { return now }, fieldwork.Post{Mail: way, Domain: "panel.example.org"}, now.String(), 100); err != nil {
		f.t.Fatal(err)
	}
	return server.Accepted()[before:]
}

var (
	confirmLink = regexp.MustCompile(`https://panel\.example\.org/join/confirm/([A-Za-z0-9_-]{22})`)
	answerLink  = regexp.MustCompile(`https://panel\.example\.org/s/([A-Za-z0-9_-]{22})`)
)

// linkIn gives the token of a link in a message as it went over the wire.
func linkIn(t *testing.T, m mailtest.Message, link *regexp.Regexp) string {
	t.Helper()
	text := strings.ReplaceAll(string(m.Data), "=\r\n", "")
	found := link.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no link in\n%s", text)
	}
	return found[1]
}

func (f *field) confirm(now time.Time, token string) fieldwork.ConfirmState {
	f.t.Helper()
	c, err := f.Confirm(ctx, now, token)
	if err != nil {
		f.t.Fatal(err)
	}
	return c.State
}

func (f *field) people() []store.Participant {
	f.t.Helper()
	var out []store.Participant
	if err := f.store.Read(ctx, func(tx *store.Tx) (err error) { out, err = tx.Participants(smart); return err }); err != nil {
		f.t.Fatal(err)
	}
	return out
}

// Somebody asks, gets a message, and is a participant after the button of its
// link; looking at the link changes nothing.
func TestEnrolByEmail(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		key := f.published(spring, usualRules)
		server := mailtest.Start(t, mailtest.Options{})
		way := mailer(t, server)
		in := f.asking(wave1, key, " Ada@Example.org ", "SE")
		in.Name, in.Language = "Ada", "en"
		if err := f.Enrol(ctx, wave1, key, in); err != nil {
			t.Fatal(err)
		}
		mails := f.post(wave1, server, way)
		if len(mails) != 1 || mails[0].To != "Ada@example.org" || !strings.Contains(string(mails[0].Data), "Please confirm your address") {
			t.Fatalf("%d mails, the first to %s", len(mails), mails[0].To)
		}
		token := linkIn(t, mails[0], confirmLink)
		for range 3 { // a mail scanner
			c, err := f.Confirmation(ctx, wave1, token)
			if err != nil || c.State != fieldwork.ConfirmAsk || c.Language != "en" || c.URL != "" {
				t.Fatalf("looking at the link: %+v %v", c, err)
			}
		}
		if n := len(f.people()); n != 0 {
			t.Fatalf("looking at the link made %d participants", n)
		}
		if rows, err := f.Participants(ctx, wave1, admin, smart); err != nil || len(rows) != 0 {
			t.Errorf("who has not confirmed is listed: %v %v", rows, err)
		}
		c, err := f.Confirm(ctx, wave1.Add(time.Hour), token)
		if err != nil || c.State != fieldwork.ConfirmJoined || !c.Open || c.Wave.Number != 1 {
			t.Fatalf("confirmed: %+v %v", c, err)
		}
		p := f.people()[0]
		if p.Cohort != 1 || p.ConsentVersion != 1 || p.ConsentLanguage != "en" || p.Attributes["country"] != "SE" || !slices.Equal(p.Channels, []string{"email"}) || p.Status != store.Active {
			t.Errorf("the participant: %+v", p)
		}
		if id, err := f.names.Get(ctx, p.PID); err != nil || id.Name != "Ada" || id.Email != "Ada@Example.org" {
			t.Errorf("the identity: %q %q %v", id.Name, id.Email, err)
		}
		v, err := f.Visit(ctx, wave1.Add(time.Hour), c.URL[strings.LastIndex(c.URL, "/")+1:])
		if err != nil || v.Gate != fieldwork.GateOpen || v.ConsentNeeded() {
			t.Errorf("the way on: %+v %v", v, err)
		}
		if again, err := f.Confirm(ctx, wave1.Add(2*time.Hour), token); err != nil || again.State != fieldwork.ConfirmJoined || len(f.people()) != 1 {
			t.Errorf("pressed again: %+v %v", again, err)
		}
		if later, err := f.Confirmation(ctx, wave1.AddDate(0, 0, 9), token); err != nil || later.URL != "" || later.State != fieldwork.ConfirmJoined {
			t.Errorf("a week later the mail leads to %+v %v", later, err)
		}
		if done, err := f.Tidy(ctx, wave1.AddDate(0, 1, 0)); err != nil || done.Removed != 0 || len(f.people()) != 1 {
			t.Errorf("tidied %+v %v", done, err)
		}
		// Who asked in time may confirm after the enrolment has closed.
		eve := time.Date(2016, 5, 27, 20, 0, 0, 0, time.UTC)
		f.enrol(eve, key, "late@example.org", "DE")
		late := linkIn(t, f.post(eve, server, way)[0], confirmLink)
		if err := f.Enrol(ctx, eve.Add(12*time.Hour), key, in); fault.Of(err).Code != "enrolment_shut" {
			t.Errorf("after it has closed: %v", err)
		}
		if got := f.confirm(eve.Add(12*time.Hour), late); got != fieldwork.ConfirmJoined {
			t.Errorf("after it has closed: %s", got)
		}
		f.enrol(wave1, key, "next@example.org", "DE")
		next := linkIn(t, f.post(wave1, server, way)[0], confirmLink)
		if _, err := f.Confirmation(ctx, wave1, next+"x"); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("a link that was never given out: %v", err)
		}
	})
}

// What is not confirmed leaves nothing behind, in either database.
func TestWhoDoesNotConfirmIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		key := f.published(spring, usualRules)
		server := mailtest.Start(t, mailtest.Options{})
		way := mailer(t, server)
		f.enrol(wave1, key, "ada@example.org", "SE")
		f.enrol(wave1.Add(time.Minute), key, "ada@example.org", "SE") // within the hour: no second message
		token := linkIn(t, f.post(wave1.Add(time.Minute), server, way)[0], confirmLink)
		if n := len(server.Accepted()); n != 1 {
			t.Errorf("%d messages within the hour", n)
		}
		f.enrol(wave1.Add(2*time.Hour), key, "ADA@example.org", "SE")
		if again := f.post(wave1.Add(2*time.Hour), server, way); len(again) != 1 || linkIn(t, again[0], confirmLink) != token {
			t.Errorf("asked again: %d", len(again))
		}
		var dump strings.Builder
		if err := f.store.DB().Dump(ctx, &dump, wave1); err != nil {
			t.Fatal(err)
		}
		if lower := strings.ToLower(dump.String()); strings.Contains(lower, "ada@") || !strings.Contains(lower, `"pending"`) {
			t.Error("an address is in panel.db, or the test does not see what is there")
		}
		if done, err := f.Reconcile(ctx, wave1.Add(3*time.Hour)); err != nil || done.Removed != 0 {
			t.Errorf("a start of the server removed %+v %v", done, err)
		}
		if got := f.confirm(wave1.Add(2*time.Hour+48*time.Hour), token); got != fieldwork.ConfirmExpired {
			t.Errorf("after two days the link is %s", got)
		}
		for _, at := range []time.Duration{3 * time.Hour, 6 * 24 * time.Hour, 8 * 24 * time.Hour} {
			if _, err := f.Tidy(ctx, wave1.Add(at)); err != nil {
				t.Fatal(err)
			}
		}
		if pids, err := f.names.PIDs(ctx, smart); err != nil || len(pids) != 0 {
			t.Errorf("identities are left: %v %v", pids, err)
		}
		if rest := f.ledger(); len(rest) != 0 {
			t.Errorf("messages are left: %v", rest)
		}
		if r := f.recruitment(wave1.AddDate(0, 0, 8)); len(r.Counts) != 0 {
			t.Errorf("joiners are left: %v", r.Counts)
		}
		if _, err := f.Confirmation(ctx, wave1.AddDate(0, 0, 8), token); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("the link of a forgotten one: %v", err)
		}
	})
}

// Somebody types another's address again and again.
func TestNobodyCanBePestered(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		key := f.published(spring, usualRules)
		server := mailtest.Start(t, mailtest.Options{})
		way := mailer(t, server)
		var got []int
		for n := range 24 {
			at := wave1.Add(time.Duration(n) * 30 * time.Minute)
			f.enrol(at, key, "ada@example.org", "SE")
			f.post(at, server, way)
			got = append(got, len(server.Accepted()))
		}
		if got[1] != 1 || got[2] != 2 || got[23] != 5 {
			t.Errorf("messages so far, by half hours: %v", got)
		}
	})
}

// Many confirm at once; there is never one participant too many, on the whole
// or in a quota, and the rest stand on the waiting list.
func TestTheCapHoldsWhenAllConfirmAtOnce(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		key := f.published(spring, strings.NewReplacer("cap: 3", "cap: 7", "SE: 2", "SE: 4").Replace(usualRules))
		server := mailtest.Start(t, mailtest.Options{})
		way := mailer(t, server)
		const asked = 24
		for n := range asked {
			f.enrol(wave1, key, fmt.Sprintf("p%d@example.org", n), []string{"SE", "DE"}[n%2])
		}
		var wg sync.WaitGroup
		states := make([]fieldwork.ConfirmState, asked)
		for n, m := range f.post(wave1, server, way) {
			wg.Go(func() {
				c, err := f.Confirm(ctx, wave1, linkIn(t, m, confirmLink))
				if err != nil {
					t.Error(err)
					return
				}
				states[n] = c.State
			})
		}
		wg.Wait()
		count, swedes := map[fieldwork.ConfirmState]int{}, 0
		for _, s := range states {
			count[s]++
		}
		for _, p := range f.people() {
			if p.Attributes["country"] == "SE" {
				swedes++
			}
		}
		if count[fieldwork.ConfirmJoined] != 7 || count[fieldwork.ConfirmWaiting] != asked-7 || len(f.people()) != 7 || swedes > 4 {
			t.Errorf("%v, %d participants, %d of a quota of 4", count, len(f.people()), swedes)
		}
		if sent := f.post(wave1, server, way); len(sent) != asked-7 || !strings.Contains(string(sent[0].Data), "/u/") {
			t.Errorf("%d were told that they wait", len(sent))
		}
	})
}

func TestTheWaitingList(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		key := f.published(spring, usualRules) // 3 places, 2 for SE
		server := mailtest.Start(t, mailtest.Options{})
		way := mailer(t, server)
		for n, country := range []string{"SE", "SE", "DE", "SE", "DE"} {
			f.enrol(wave1, key, fmt.Sprintf("p%d@example.org", n), country)
			f.confirm(wave1, linkIn(t, f.post(wave1, server, way)[0], confirmLink))
			f.post(wave1, server, way)
		}
		r := f.recruitment(wave1)
		if r.Members != 3 || len(r.Waiting) != 2 || r.Waiting[0].Fits || r.Waiting[1].Fits || r.Quotas[0].Taken != 2 {
			t.Fatalf("%+v", r)
		}
		swede, german := r.Waiting[0].Label, r.Waiting[1].Label
		if r.Waiting[0].Attributes["country"] == "DE" {
			swede, german = german, swede
		}
		if err := f.LetIn(ctx, wave1, admin, smart, swede); fault.Of(err).Code != "no_place" {
			t.Errorf("let in without a place: %v", err)
		}
		// The German leaves: a place, and none in the quota of SE.
		leaver := f.people()[slices.IndexFunc(f.people(), func(p store.Participant) bool { return p.Attributes["country"] == "DE" })]
		if err := f.Leave(ctx, wave1, f.visit(wave1, f.token(wave1, leaver.Label, 1)), fieldwork.LeaveErased); err != nil {
			t.Fatal(err)
		}
		if r := f.recruitment(wave1); r.Waiting[0].Fits != (r.Waiting[0].Label == german) || r.Members != 2 {
			t.Errorf("after one has left: %+v", r.Waiting)
		}
		if err := f.LetIn(ctx, wave1, admin, smart, german); err != nil {
			t.Fatal(err)
		}
		told := f.post(wave1, server, way)
		if len(told) != 1 || !strings.Contains(string(told[0].Data), "Nu finns det en plats") {
			t.Fatalf("%d were told", len(told))
		}
		token := linkIn(t, told[0], confirmLink)
		if r := f.recruitment(wave1); r.Taken != 3 || r.Members != 2 {
			t.Errorf("the place is not kept: %+v", r)
		}
		later := wave1.AddDate(0, 0, 4)
		if done, err := f.Tidy(ctx, later); err != nil || done.Lapsed != 1 {
			t.Errorf("the offer has not run out: %+v %v", done, err)
		}
		if got := f.confirm(later, token); got != fieldwork.ConfirmJoined { // nobody took the place meanwhile
			t.Errorf("late, and the place is free: %s", got)
		}
		// The Swede tires of waiting, by the link of the message.
		left := ""
		for _, m := range f.ledger() {
			if m.Template == string(mail.Waiting) && m.State == store.HandedOver && left == "" {
				keys, err := secret.NewRing(make([]byte, 32))
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range f.people() {
					if p.PID == m.PID {
						m.PID = ""
					}
				}
				if m.PID != "" {
					left = keys.Unsubscribe(m.ID)
				}
			}
		}
		if err := f.StopMessages(ctx, later, left); err != nil {
			t.Fatal(err)
		}
		if r := f.recruitment(later); len(r.Waiting) != 0 {
			t.Errorf("still waiting: %+v", r.Waiting)
		}
		if done, err := f.Tidy(ctx, later); err != nil || done.Removed != 1 {
			t.Errorf("tidied %+v %v", done, err)
		}
	})
}

func TestAWaitingListThatWorksByItself(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		key := f.published(spring, strings.Replace(usualRules, "by_hand", "automatic", 1))
		server := mailtest.Start(t, mailtest.Options{})
		way := mailer(t, server)
		for n := range 5 {
			f.enrol(wave1, key, fmt.Sprintf("p%d@example.org", n), "DE")
			f.confirm(wave1.Add(time.Duration(n)*time.Minute), linkIn(t, f.post(wave1, server, way)[0], confirmLink))
			f.post(wave1.Add(time.Hour), server, way)
		}
		if done, err := f.Tidy(ctx, wave1.Add(time.Hour)); err != nil || done.Offered != 0 {
			t.Fatalf("offered without a place: %+v %v", done, err)
		}
		first := f.recruitment(wave1).Waiting[0].Label
		if err := f.Leave(ctx, wave1, f.visit(wave1, f.token(wave1, f.people()[0].Label, 1)), fieldwork.LeaveKeep); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := f.Tidy(ctx, wave1.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		r := f.recruitment(wave1.Add(time.Hour))
		if r.Counts[store.JoinerOffered] != 1 || r.Waiting[0].Label != first || r.Waiting[0].State != store.JoinerOffered {
			t.Errorf("the longest waiting was not let in: %+v", r.Waiting)
		}
	})
}

// texter keeps the text messages that were handed to it.
type texter []mail.SMS

func (x *texter) SendSMS(_ context.Context, _ time.Time, m mail.SMS) mail.Outcome {
	*x = append(*x, m)
	return mail.Outcome{State: mail.HandedOver}
}

// Where there is a gateway for text messages, a number is enough.
func TestEnrolByPhone(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		key := f.published(spring, usualRules)
		f.Reaches(false, true)
		in := f.asking(wave1, key, "", "DE")
		for typed, right := range map[string]bool{"070-123 45 67": false, "+46 (0)70-123 45 67": true, "": false, "hej": false} {
			in.Phone = typed
			if page, err := f.EnrolmentPage(ctx, wave1, key); err != nil || page.Email || !page.Phone {
				t.Fatalf("asked for: %+v %v", page, err)
			}
			if err := f.Enrol(ctx, wave1, key, in); (err == nil) != right {
				t.Errorf("%q: %v", typed, err)
			}
		}
		var sent texter
		if _, err := f.HandOver(ctx, func() time.Time { return wave1 }, fieldwork.Post{SMS: &sent, Domain: "panel.example.org"}, "w", 10); err != nil {
			t.Fatal(err)
		}
		if len(sent) != 1 || sent[0].To != "+46701234567" {
			t.Fatalf("sent %v", sent)
		}
		if got := f.confirm(wave1, confirmLink.FindStringSubmatch(sent[0].Text)[1]); got != fieldwork.ConfirmJoined {
			t.Errorf("confirmed: %s", got)
		}
		if p := f.people()[0]; !slices.Equal(p.Channels, []string{"sms"}) {
			t.Errorf("reached by %v", p.Channels)
		}
		var dump strings.Builder
		if err := f.store.DB().Dump(ctx, &dump, wave1); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(dump.String(), "701234567") {
			t.Error("the number is in panel.db")
		}
	})
}

// Whoever types the address of a member learns nothing; the member is told.
func TestAKnownAddressIsToldInPrivate(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		key := f.published(spring, strings.Replace(usualRules, "cap: 3", "cap: 30", 1))
		server := mailtest.Start(t, mailtest.Options{})
		way := mailer(t, server)
		f.add(spring, fieldwork.NewParticipant{Name: "Ada", Email: "ada@example.org"})
		leaves := f.add(spring, fieldwork.NewParticipant{Name: "Bo", Email: "bo@example.org"})
		if err := f.Leave(ctx, wave1, f.visit(wave1, f.token(wave1, leaves, 1)), fieldwork.LeaveKeep); err != nil {
			t.Fatal(err)
		}
		before, err := f.names.PIDs(ctx, smart)
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range []string{"ada@example.org", "Ada@example.org", "bo@example.org"} {
			f.enrol(wave1, key, address, "SE")
		}
		sent := f.post(wave1, server, way)
		if len(sent) != 1 || sent[0].To != "ada@example.org" || !strings.Contains(string(sent[0].Data), "Du_=C3=A4r_redan_med") && !strings.Contains(string(sent[0].Data), "redan med") {
			t.Fatalf("%d were sent", len(sent))
		}
		if v, err := f.Visit(ctx, wave1, linkIn(t, sent[0], answerLink)); err != nil || v.Gate != fieldwork.GateOpen {
			t.Errorf("their own link: %v %v", v, err)
		}
		// The same was written as for a new address, and it goes away.
		if after, err := f.names.PIDs(ctx, smart); err != nil || len(after) != len(before)+3 {
			t.Errorf("%d identities before, %d after, %v", len(before), len(after), err)
		}
		if _, err := f.Tidy(ctx, wave1.Add(2*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if after, err := f.names.PIDs(ctx, smart); err != nil || !slices.Equal(after, before) {
			t.Errorf("echoes are left: %v %v", after, err)
		}
		if n := len(f.people()); n != 2 {
			t.Errorf("%d participants", n)
		}
		// Staff add somebody who has only asked.
		f.enrol(wave1, key, "cia@example.org", "SE")
		token := linkIn(t, f.post(wave1, server, way)[0], confirmLink)
		f.add(wave1, fieldwork.NewParticipant{Name: "Cia", Email: "cia@example.org"})
		if _, err := f.Confirm(ctx, wave1, token); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("one person twice: %v", err)
		}
	})
}

func TestMachinesAreKeptOut(t *testing.T) {
	f := open(t, "sqlite:"+t.TempDir()+"/panel.db")
	key := f.published(spring, usualRules)
	good := f.asking(wave1, key, "ada@example.org", "SE")
	fresh, err := f.EnrolmentPage(ctx, wave1, key)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*fieldwork.Asking)
		code   string // of the error, "" where it is told what people are told
	}{
		"a hidden field":  {func(a *fieldwork.Asking) { a.Trap = "https://casino.example" }, ""},
		"too quick":       {func(a *fieldwork.Asking) { a.Stamp = fresh.Stamp }, "enrolment_quick"},
		"no stamp":        {func(a *fieldwork.Asking) { a.Stamp = "" }, "enrolment_stale"},
		"a made up stamp": {func(a *fieldwork.Asking) { a.Stamp = "1-0123456789ABCDEF" }, "enrolment_stale"},
		"no consent":      {func(a *fieldwork.Asking) { a.Consent = false }, "enrolment_wrong"},
		"no address":      {func(a *fieldwork.Asking) { a.Email = "" }, "enrolment_wrong"},
		"two addresses":   {func(a *fieldwork.Asking) { a.Email = "a@example.org, b@example.org" }, "enrolment_wrong"},
		"a number alone":  {func(a *fieldwork.Asking) { a.Email, a.Phone = "", "070-123 45 67" }, "enrolment_wrong"}, // nothing can be sent to it
		"no country":      {func(a *fieldwork.Asking) { a.Attributes = nil }, "enrolment_wrong"},
		"a foreign value": {func(a *fieldwork.Asking) { a.Attributes = map[string]string{"country": "XX"} }, "enrolment_wrong"},
	} {
		in := good
		c.change(&in)
		err := f.Enrol(ctx, wave1, key, in)
		if got := fault.Of(err); (got == nil) != (c.code == "") || got != nil && got.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(f.ledger()) != 0 || len(f.recruitment(wave1).Counts) != 0 {
		t.Error("something was written down")
	}
	flooded := 0
	for n := range 80 {
		in := f.asking(wave1, key, fmt.Sprintf("p%d@example.org", n), "SE")
		if err := f.Enrol(ctx, wave1, key, in); err != nil {
			if fault.Of(err).Kind != fault.TooMany {
				t.Fatal(err)
			}
			flooded++
		}
	}
	if r := f.recruitment(wave1); flooded != 20 || !r.Flooded.Equal(wave1) {
		t.Errorf("%d turned away, noted at %s", flooded, r.Flooded)
	}
	if err := f.Enrol(ctx, wave1.Add(time.Hour), key, f.asking(wave1.Add(time.Hour), key, "later@example.org", "SE")); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

func TestCodesOfAMeeting(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.published(spring, usualRules)
		if err := f.MakeJoinCodes(ctx, wave1, admin, smart, 4); fault.Of(err).Code != "joincodes_refused" {
			t.Errorf("four codes for three places: %v", err)
		}
		if err := f.MakeJoinCodes(ctx, wave1, admin, smart, 3); err != nil {
			t.Fatal(err)
		}
		slips, err := f.JoinCodes(ctx, wave1, admin, smart)
		if err != nil || len(slips) != 3 {
			t.Fatalf("%v %v", slips, err)
		}
		if page, err := f.EnrolmentPage(ctx, wave1, strings.ToLower(f.recruitment(wave1).URL[len("https://panel.example.org/join/"):])); err != nil || page.Gate != fieldwork.EnrolWaiting {
			t.Errorf("all places are kept for codes: %v %v", page, err)
		}
		token, err := f.ByJoinCode(ctx, wave1, strings.ToLower(strings.ReplaceAll(slips[0].Code, "-", " ")))
		if err != nil {
			t.Fatal(err)
		}
		in := fieldwork.Asking{Name: "Ada", Email: "not-asked@example.org", Language: "sv", Attributes: map[string]string{"country": "SE"}, Consent: true}
		var wg sync.WaitGroup
		joined := make([]bool, 6)
		for n := range joined { // one code, six hands
			wg.Go(func() {
				c, err := f.EnrolByCode(ctx, wave1, token, in)
				joined[n] = err == nil && c.Open && c.URL != "" && c.Code != ""
			})
		}
		wg.Wait()
		people := f.people()
		if len(people) != 1 || slices.Index(joined, true) < 0 || len(people[0].Channels) != 0 {
			t.Fatalf("%v: %+v", joined, people)
		}
		if pids, err := f.names.PIDs(ctx, smart); err != nil || len(pids) != 1 {
			t.Errorf("identities: %v %v", pids, err)
		}
		if id, err := f.names.Get(ctx, people[0].PID); err != nil || id.Name != "Ada" || id.Email != "" {
			t.Errorf("%q %q %v", id.Name, id.Email, err)
		}
		if err := f.EndJoinCodes(ctx, wave1, admin, smart); err != nil {
			t.Fatal(err)
		}
		if r := f.recruitment(wave1); r.Codes != 0 || r.Taken != 1 {
			t.Errorf("%+v", r)
		}
		if _, err := f.CodePage(ctx, wave1, slips[1].URL[strings.LastIndex(slips[1].URL, "/")+1:]); fault.Of(err).Kind != fault.Gone {
			t.Errorf("a code that was ended: %v", err)
		}
	})
}

func TestWhoMayRecruit(t *testing.T) {
	f := open(t, "sqlite:"+t.TempDir()+"/panel.db")
	f.published(spring, usualRules)
	researcher := access.Actor{Account: "R", Roles: map[string]access.Role{smart: access.Researcher}}
	_, list := f.Recruitment(ctx, wave1, researcher, smart)
	_, codes := f.JoinCodes(ctx, wave1, researcher, smart)
	for name, err := range map[string]error{
		"look": list, "codes": codes,
		"publish": f.PublishEnrolment(ctx, wave1, researcher, smart, false),
		"make":    f.MakeJoinCodes(ctx, wave1, researcher, smart, 1),
		"end":     f.EndJoinCodes(ctx, wave1, researcher, smart),
		"let in":  f.LetIn(ctx, wave1, researcher, smart, "ABCD"),
		"remove":  f.RemoveJoiner(ctx, wave1, researcher, smart, "ABCD"),
	} {
		if fault.Of(err).Kind != fault.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := f.PublishEnrolment(ctx, wave1, admin, smart, false); err != nil {
		t.Fatal(err)
	}
	r := f.recruitment(wave1)
	page, err := f.EnrolmentPage(ctx, wave1, r.URL[strings.LastIndex(r.URL, "/")+1:])
	if err != nil || page.Gate != fieldwork.EnrolClosed || r.Open {
		t.Errorf("closed: %+v %v", page, err)
	}
}
