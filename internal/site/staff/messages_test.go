package staff_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/mail"
	"panelverk/internal/mail/mailtest"
	"panelverk/internal/site/browsertest"
	"panelverk/internal/site/staff"
)

// sending lets the world's messages leave by a mail server of the test.
func (w *world) sending() *mailtest.Server {
	w.t.Helper()
	server := mailtest.Start(w.t, mailtest.Options{})
	way, err := mail.NewSMTP(mail.Settings{Host: server.Host, Port: server.Port, Security: mail.None, Hello: "panel.example.org", Timeout: 5 * time.Second,
		Letterhead: mail.Letterhead{FromName: "Enkäten", From: "enkat@example.org", Bounce: "studs@example.org"}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(way.Close)
	w.serve(staff.Sending{Post: fieldwork.Post{Mail: way, Domain: "panel.example.org"}, Server: server.Host})
	return server
}

// mailed plays the first days of wave 1: an invitation that is refused, some
// that arrive, letters to those without an address.
func (w *world) mailed(server *mailtest.Server, people int) {
	w.t.Helper()
	w.people(early, people)
	if _, err := w.field.AddParticipants(ctx, early, access.CommandLine(), key, []fieldwork.NewParticipant{{Name: "Bo Brev", Language: "en"}}); err != nil {
		w.t.Fatal(err)
	}
	server.Rule(func(e mailtest.Event) mailtest.Fault {
		if e.Stage == mailtest.Rcpt && strings.HasPrefix(e.To, "alva0@") {
			return mailtest.Fault{Code: 550, Status: "5.1.1", Text: "No such user"}
		}
		return mailtest.Fault{}
	})
	w.now = time.Date(2016, 5, 9, 9, 0, 0, 0, time.UTC)
	if _, err := w.field.Schedule(ctx, w.now); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.field.HandOver(ctx, func() time.Time { return w.now }, w.told.Post, "w", 100); err != nil {
		w.t.Fatal(err)
	}
}

func TestMessagesAreSeenHeldAndSentAgain(t *testing.T) {
	w := newWorld(t)
	server := w.sending()
	w.mailed(server, 3)
	c := w.as(access.Admin)
	page := c.get("/s/" + key + "/messages")
	page.has(t, "Utskicken går som planerat", "Gick inte fram", "Ett brev väntar på att postas")
	page.lacks(t, "alva", "Alva")
	list := c.get("/s/" + key + "/messages/list?state=refused")
	list.has(t, "Ett meddelande", "Adressen finns inte")
	list.lacks(t, "alva", "Alva")
	_, rest, _ := strings.Cut(list.body, "/p/")
	label, _, _ := strings.Cut(rest, "/")
	c.get("/s/"+key+"/p/"+label+"/messages").has(t, "Ett försök", "Skicka igen")

	c.follow("/s/"+key+"/messages/hold", "hold", "1").has(t, "Utskicken är stoppade.", "Utskicken står stilla")
	c.follow("/s/"+key+"/messages/hold", "hold", "0").has(t, "Utskicken går igen.")

	before := len(server.Accepted())
	c.post("/s/"+key+"/messages/test").has(t, "Provmeddelandet är på väg till admin@example.org", "RCPT TO", "har tagit emot meddelandet")
	if got := server.Accepted(); len(got) != before+1 || got[before].To != "admin@example.org" {
		t.Errorf("the test message went to %+v", got[before:])
	}
	server.Rule(func(e mailtest.Event) mailtest.Fault {
		if e.Stage == mailtest.From {
			return mailtest.Fault{Code: 553, Status: "5.7.1", Text: "Sender address rejected"}
		}
		return mailtest.Fault{}
	})
	c.post("/s/"+key+"/messages/test").has(t, "Provmeddelandet kom inte i väg", "godtar inte avsändarens adress")

	letters := c.post("/s/" + key + "/messages/letters")
	letters.has(t, "Ett brev att skriva ut", "Bo Brev", `lang="en"`)
	_, rest, _ = strings.Cut(letters.body, `name="letter" value="`)
	id, _, _ := strings.Cut(rest, `"`)
	c.follow("/s/"+key+"/messages/posted", "letter", id).lacks(t, "väntar på att postas")
}

func TestPagesSayWhyNothingIsSent(t *testing.T) {
	w := newWorld(t)
	for silence, want := range map[string]string{"no_file": "mail.yaml", "local_base": "--base-url"} {
		w.serve(staff.Sending{Silence: silence})
		w.as(access.Owner).get("/s/"+key+"/messages").has(t, "Inget skickas från den här servern", want)
	}
}

// TestMessagePictures looks at the pages in a real browser.
func TestMessagePictures(t *testing.T) {
	w := newWorld(t)
	w.mailed(w.sending(), 30)
	list := w.as(access.Admin).get("/s/" + key + "/messages/list?state=refused")
	_, rest, _ := strings.Cut(list.body, "/p/")
	label, _, _ := strings.Cut(rest, "/")
	for name, options := range map[string][]browsertest.Option{"phone": {browsertest.Phone(390, 844)}, "desk": {browsertest.Window(1280, 900)}} {
		if os.Getenv("PANELVERK_SCREENSHOTS") == "" && name != "phone" {
			continue
		}
		for _, tag := range []string{"sv", "en"} {
			b := browsertest.Start(t, append(options, browsertest.Language("sv"), browsertest.NoScript())...)
			base := w.server.URL + "/staff"
			b.Goto(base + "/login")
			b.Fill("#f-email", "admin@example.org")
			b.Fill("#f-password", password)
			b.Follow("main .btn")
			w.as(access.Admin).post("/account/language", "language", tag)
			look := func(page string) { inspect(t, b, name, "messages-"+tag+"-"+page) }
			for page, path := range map[string]string{"ledger": "/messages", "list": "/messages/list", "to": "/p/" + label + "/messages", "preview": "/messages/preview"} {
				b.Goto(base + "/s/" + key + path)
				look(page)
			}
			b.Goto(base + "/s/" + key + "/messages")
			b.Follow(`[action$="/test"] .btn`)
			look("test")
			b.Goto(base + "/s/" + key + "/messages")
			b.Follow(`[action$="/letters"] .btn`)
			look("letters")
		}
	}
}
