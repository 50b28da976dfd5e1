package fieldwork_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"panelverk/internal/fieldwork"
	"panelverk/internal/mail"
	"panelverk/internal/mail/mailtest"
	"panelverk/internal/store"
)

// mailer gives the way to a mail server of a test.
func mailer(t *testing.T, server *mailtest.Server) *mail.SMTP {
	t.Helper()
	p, err := mail.NewSMTP(mail.Settings{Host: server.Host, Port: server.Port, Security: mail.None, Hello: "panel.example.org",
		Letterhead: mail.Letterhead{FromName: "Enkäten", From: "enkat@example.org", Bounce: "studs@example.org"}, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// killed is thrown where a worker is killed.
type killed struct{}

// deadly is a way to a mail server on which the worker is killed now and then,
// before the message has left or after.
type deadly struct {
	fieldwork.Mailer
	lot  *rand.Rand
	left int // how often it still kills
}

func (d *deadly) Send(ctx context.Context, now time.Time, e mail.Envelope) mail.Outcome {
	kill := d.left > 0 && d.lot.IntN(3) == 0
	if kill {
		d.left--
	}
	if kill && d.lot.IntN(2) == 0 {
		panic(killed{})
	}
	out := d.Mailer.Send(ctx, now, e)
	if kill {
		panic(killed{})
	}
	return out
}

// handOver runs a worker, which may be killed.
func (f *field) handOver(now time.Time, post fieldwork.Post, worker string) {
	f.t.Helper()
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(killed); !ok {
				panic(p)
			}
		}
	}()
	if _, err := f.HandOver(ctx, func() time.Time { return now }, post, worker, 20); err != nil {
		f.t.Fatal(err)
	}
}

func (f *field) ledger() []store.Message {
	f.t.Helper()
	var out []store.Message
	err := f.store.Read(ctx, func(tx *store.Tx) error {
		return tx.EachMessage(smart, func(m store.Message) error { out = append(out, m); return nil })
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

// A wave's messages to people who never answer go through a mail server that
// fails at random, by a worker that is killed at random: each arrives once, and
// once more at most for each hand-over of which nobody knew how it ended,
// always with one Message-ID; and ledger and server agree on every one.
func TestEachMessageArrivesOnceThroughFaultsAndKills(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		const people = 12
		for n := range people {
			f.add(spring, fieldwork.NewParticipant{Name: fmt.Sprint("Person ", n), Email: fmt.Sprintf("person%d@example.org", n), Attributes: map[string]string{"country": "SE"}})
		}
		lot := rand.New(rand.NewPCG(7, 7))
		server := mailtest.Start(t, mailtest.Options{})
		server.Rule(func(e mailtest.Event) mailtest.Fault {
			if lot.IntN(20) > 0 {
				return mailtest.Fault{}
			}
			if e.Stage == mailtest.End || lot.IntN(2) == 0 { // at the end it has taken the message: it can only fail to say so
				return mailtest.Fault{Drop: true}
			}
			return mailtest.Fault{Code: 451, Status: "4.3.0", Text: "Try again later"}
		})
		way := &deadly{Mailer: mailer(t, server), lot: lot, left: 25}
		runs := 0
		for now := spring; now.Before(time.Date(2016, 6, 5, 0, 0, 0, 0, time.UTC)); now = now.Add(time.Hour) {
			if _, err := f.Schedule(ctx, now); err != nil {
				t.Fatal(err)
			}
			runs++
			f.handOver(now, fieldwork.Post{Mail: way, Domain: "panel.example.org"}, fmt.Sprint("worker", runs))
		}
		if way.left > 0 {
			t.Errorf("%d kills were left over", way.left)
		}
		f.agrees(server, people*5) // prenotice, invitation, two reminders, the last call
	})
}

// agrees compares the ledger with the record of the mail server.
func (f *field) agrees(server *mailtest.Server, want int) {
	f.t.Helper()
	arrived := map[string]int{}
	for _, m := range server.Accepted() {
		arrived[m.ID]++
	}
	ledger := f.ledger()
	if len(ledger) != want {
		f.t.Errorf("the ledger has %d messages, want %d", len(ledger), want)
	}
	ambiguous := 0
	for _, m := range ledger {
		id := m.ID + "@panel.example.org"
		var attempts []store.Handover
		if err := f.store.Read(ctx, func(tx *store.Tx) (err error) { attempts, err = tx.HandoversOf(m.ID); return err }); err != nil {
			f.t.Fatal(err)
		}
		unsure := 0
		for _, h := range attempts {
			if h.Outcome == store.Ambiguous {
				unsure++
			}
			if h.Ended.IsZero() {
				f.t.Errorf("%s: attempt %d never ended", m.ID, h.Number)
			}
		}
		ambiguous += unsure
		switch n := arrived[id]; {
		case m.State != store.HandedOver:
			f.t.Errorf("%s to %s is %s (%s)", m.Key, m.PID, m.State, m.Reason)
		case n == 0:
			f.t.Errorf("%s to %s never arrived", m.Key, m.PID)
		case n > 1+unsure:
			f.t.Errorf("%s to %s arrived %d times, with %d ambiguous hand-overs", m.Key, m.PID, n, unsure)
		}
		delete(arrived, id)
	}
	for id := range arrived {
		f.t.Errorf("the server has %s, which the ledger does not know", id)
	}
	if ambiguous == 0 {
		f.t.Error("no hand-over was ambiguous: the test does not test")
	}
}

func TestWhoAnsweredLeftOrOptedOutGetsNoMore(t *testing.T) {
	f := open(t, "sqlite:"+t.TempDir()+"/panel.db")
	f.mustApply(spring)
	answers, leaves := f.add(spring, fieldwork.NewParticipant{Name: "Ada", Email: "ada@example.org"}), f.add(spring, fieldwork.NewParticipant{Name: "Bo", Email: "bo@example.org"})
	server := mailtest.Start(t, mailtest.Options{})
	post := fieldwork.Post{Mail: mailer(t, server), Domain: "panel.example.org"}
	for now := spring; now.Before(time.Date(2016, 6, 5, 0, 0, 0, 0, time.UTC)); now = now.Add(time.Hour) {
		if now.Equal(wave1) {
			v := f.visit(now, f.token(now, answers, 1))
			if err := f.Start(ctx, now, f.tokenOf(v), fieldwork.Beginning{Language: "sv", Consent: true}); err != nil {
				t.Fatal(err)
			}
			if err := f.Leave(ctx, now, f.visit(now, f.token(now, leaves, 1)), fieldwork.LeaveKeep); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.Schedule(ctx, now); err != nil {
			t.Fatal(err)
		}
		f.handOver(now, post, now.String())
	}
	got := map[string][]string{}
	for _, m := range f.ledger() {
		got[m.PID] = append(got[m.PID], m.Key)
	}
	var all []string
	for _, keys := range got {
		all = append(all, strings.Join(keys, " "))
	}
	want := map[string]bool{"prenotice invitation": true, "prenotice invitation nudge reminder1 reminder2 closing": true}
	for _, keys := range all {
		if !want[keys] {
			t.Errorf("somebody got %s", keys)
		}
	}
	mails := server.Accepted()
	if len(mails) != 8 {
		t.Errorf("%d arrived", len(mails))
	}
	text := string(mails[1].Data)
	for _, part := range []string{"List-Unsubscribe: <https://panel.example.org/u/", "Auto-Submitted"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
}
