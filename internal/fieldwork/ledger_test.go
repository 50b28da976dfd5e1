package fieldwork_test

import (
	"strings"
	"testing"
	"time"

	"panelverk/internal/fieldwork"
	"panelverk/internal/mail"
	"panelverk/internal/mail/mailtest"
	"panelverk/internal/store"
)

// open1 is the morning on which the invitations to wave 1 go out, Stockholm time.
var open1 = time.Date(2016, 5, 9, 9, 0, 0, 0, time.UTC)

func (f *field) written(now time.Time) int {
	f.t.Helper()
	n, err := f.Schedule(ctx, now)
	if err != nil {
		f.t.Fatal(err)
	}
	return n
}

func TestNothingLeavesWhileMessagesAreHeld(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		f.add(spring, fieldwork.NewParticipant{Name: "Ada", Email: "ada@example.org"})
		server := mailtest.Start(t, mailtest.Options{})
		post := fieldwork.Post{Mail: mailer(t, server), Domain: "panel.example.org"}
		if n := f.written(open1); n != 1 {
			t.Fatalf("%d messages are due", n)
		}
		if err := f.HoldMessages(ctx, open1, admin, smart, true); err != nil {
			t.Fatal(err)
		}
		f.handOver(open1, post, "held")
		f.add(open1, fieldwork.NewParticipant{Name: "Bo", Email: "bo@example.org"})
		if n := f.written(open1.Add(24 * time.Hour)); n != 0 || len(server.Accepted()) != 0 {
			t.Errorf("while held, %d messages were written down and %d left", n, len(server.Accepted()))
		}
		if l, err := f.Ledger(ctx, admin, smart); err != nil || !l.Held.Equal(open1) {
			t.Errorf("held since %v: %v", l.Held, err)
		}
		later := open1.Add(25 * time.Hour)
		if err := f.HoldMessages(ctx, later, admin, smart, false); err != nil {
			t.Fatal(err)
		}
		f.written(later)
		f.handOver(later, post, "let go")
		if n := len(server.Accepted()); n != 2 {
			t.Errorf("after that %d left, want 2", n)
		}
	})
}

// What a server refuses for the address can be sent again when it was mended,
// under the same Message-ID, and a deferral is then tried as for the first time.
func TestARefusedMessageIsSentAgain(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		label := f.add(spring, fieldwork.NewParticipant{Name: "Ada", Email: "ada@example.org"})
		server := mailtest.Start(t, mailtest.Options{})
		post := fieldwork.Post{Mail: mailer(t, server), Domain: "panel.example.org"}
		server.Rule(func(e mailtest.Event) mailtest.Fault {
			if e.Stage == mailtest.Rcpt {
				return mailtest.Fault{Code: 550, Status: "5.1.1", Text: "No such user"}
			}
			return mailtest.Fault{}
		})
		f.written(open1)
		f.handOver(open1, post, "first")
		id := f.ledger()[0].ID
		to, err := f.MessagesTo(ctx, open1, admin, smart, label)
		if err != nil || len(to) != 1 || !to[0].Again || to[0].Attempts[0].Code != string(mail.Mailbox) {
			t.Fatalf("%+v %v", to, err)
		}
		if len(f.participant(label).Channels) != 0 {
			t.Error("the address still counts")
		}
		server.Rule(func(e mailtest.Event) mailtest.Fault { // the mended address is on a server that puts off strangers
			if e.Stage == mailtest.Rcpt && e.Number == 1 {
				return mailtest.Fault{Code: 450, Status: "4.2.0", Text: "Greylisted, come again"}
			}
			return mailtest.Fault{}
		})
		later := open1.AddDate(0, 0, 7)
		if _, err := f.Alter(ctx, later, admin, smart, label, fieldwork.Alteration{Language: "sv", Contact: &fieldwork.ContactData{Name: "Ada", Email: "ada.ny@example.org"}}); err != nil {
			t.Fatal(err)
		}
		later = later.AddDate(0, 0, 2) // links and codes have rested
		if err := f.SendAgain(ctx, later, admin, smart, label, id); err != nil {
			t.Fatal(err)
		}
		f.handOver(later, post, "second")
		for _, m := range f.ledger() {
			if m.ID == id && m.State != store.Deferred {
				t.Fatalf("put off by the server it is %s (%s)", m.State, m.Reason)
			}
		}
		f.handOver(later.Add(6*time.Minute), post, "third")
		var got []string
		for _, m := range server.Accepted() {
			if m.ID == id+"@panel.example.org" {
				got = append(got, m.To)
			}
		}
		if strings.Join(got, " ") != "ada.ny@example.org" {
			t.Errorf("it went to %v", got)
		}
		if err := f.SendAgain(ctx, later, admin, smart, label, id); err == nil {
			t.Error("what got through can be sent again")
		}
	})
}

func TestLettersArePrintedAndPosted(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		label := f.add(spring, fieldwork.NewParticipant{Name: "Ada Ek"})
		f.written(open1)
		if l, err := f.Ledger(ctx, admin, smart); err != nil || l.Letters != 1 {
			t.Fatalf("%+v %v", l, err)
		}
		if _, err := f.Letters(ctx, open1, owner, smart); err == nil {
			t.Error("the owner sees names")
		}
		letters, err := f.Letters(ctx, open1, admin, smart)
		if err != nil || len(letters) != 1 {
			t.Fatalf("%d letters: %v", len(letters), err)
		}
		one := letters[0]
		if one.Name != "Ada Ek" || one.Label != label || len(one.Code) != 11 || !strings.Contains(one.Message.Text, one.Link) {
			t.Errorf("%+v", one)
		}
		for want := 1; want >= 0; want-- { // the second time changes nothing
			if n, err := f.Posted(ctx, open1, admin, smart, []string{one.ID, "nonsense"}); err != nil || n != want {
				t.Errorf("%d posted, want %d: %v", n, want, err)
			}
		}
		if m := f.ledger()[0]; m.State != store.HandedOver || !m.Handed.Equal(open1) {
			t.Errorf("%+v", m)
		}
	})
}

// A preview tells nothing that opens anything, whoever asks.
func TestPreviewsAreMadeUp(t *testing.T) {
	f := open(t, "sqlite:"+t.TempDir()+"/panel.db")
	f.mustApply(spring)
	label := f.add(spring, fieldwork.NewParticipant{Name: "Ada Ek", Email: "ada@example.org", Language: "de"})
	token := f.token(spring, label, 1)
	for _, kind := range mail.Kinds() {
		for _, language := range []string{"sv", "en", "de", ""} {
			p, err := f.PreviewMessage(ctx, spring, owner, smart, fieldwork.PreviewOf{Kind: kind, Language: language, Label: label})
			if err != nil {
				t.Errorf("%s in %q: %v", kind, language, err)
				continue
			}
			all := p.Message.Subject + p.Message.Text + p.Message.HTML + p.SMS
			if strings.Contains(all, "Ada") || strings.Contains(all, token) || p.Message.Text == "" {
				t.Errorf("%s in %q tells who it is to", kind, language)
			}
			if language == "" && p.Language != "de" {
				t.Errorf("the participant's language is %s", p.Language)
			}
		}
	}
}

func TestAddressesFromBeforeAreFound(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		labels := []string{f.add(spring, fieldwork.NewParticipant{Name: "Ada", Email: "ada@example.org", Phone: "070-123 45 67"}),
			f.add(spring, fieldwork.NewParticipant{Name: "Bo", Email: "bo@example.org"}), f.add(spring, fieldwork.NewParticipant{Name: "Cy"})}
		if err := f.store.Write(ctx, func(tx *store.Tx) error {
			for _, label := range labels {
				p, err := tx.ParticipantByLabel(smart, label)
				if err != nil {
					return err
				}
				p.Channels = nil
				if err := tx.UpdateParticipant(p); err != nil {
					return err
				}
				if label == labels[1] { // it came back
					if err := tx.AddEvent(store.Event{ID: "E", Study: smart, PID: p.PID, Wave: 1, Kind: "unreachable", At: spring, Detail: "email"}); err != nil {
						return err
					}
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := f.Reconcile(ctx, spring.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		for i, want := range []string{"email sms", "", ""} {
			if got := strings.Join(f.participant(labels[i]).Channels, " "); got != want {
				t.Errorf("%d: %q, want %q", i, got, want)
			}
		}
	})
}
