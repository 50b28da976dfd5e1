package site_test

import (
	"context"
	"net/http"
	"regexp"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/mail"
	"panelverk/internal/store"
)

// catching keeps the links to get no more messages of what it is to send.
type catching struct{ links []string }

func (c *catching) Send(_ context.Context, _ time.Time, e mail.Envelope) mail.Outcome {
	c.links = append(c.links, e.Unsubscribe)
	return mail.Outcome{State: mail.HandedOver, Reason: mail.Sent}
}

// The link in a message shows a page and changes nothing; the page's button, and
// the press of a mail program's own (RFC 8058), end all messages.
func TestAReaderGetsNoMoreMessages(t *testing.T) {
	w := smart(t)
	w.now = time.Date(2017, 3, 13, 9, 30, 0, 0, time.UTC)
	if _, err := w.field.AddParticipants(ctx, w.now, access.CommandLine(), smartFactory, []fieldwork.NewParticipant{
		{Name: "Astrid Exempel", Email: "astrid@example.org"}, {Name: "Ben Beispiel", Email: "ben@example.org", Language: "de"}}); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(24 * time.Hour)
	if _, err := w.field.Schedule(ctx, w.now); err != nil {
		t.Fatal(err)
	}
	post := &catching{}
	if _, err := w.field.HandOver(ctx, func() time.Time { return w.now }, fieldwork.Post{Mail: post, Domain: "panel.example.org"}, "worker", 10); err != nil || len(post.links) != 2 {
		t.Fatal(post.links, err)
	}
	out := func() (n int) {
		if err := w.store.Read(ctx, func(tx *store.Tx) error {
			return tx.EachParticipant(smartFactory, func(p store.Participant) error {
				if !p.OptedOutAt.IsZero() {
					n++
				}
				return nil
			})
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	path := func(i int) string { return post.links[i][len(w.base):] }
	guard := w.browser() // what looks at links before their reader does
	tongues := map[string]bool{}
	for i := range post.links {
		page := guard.get(path(i)).is(http.StatusOK)
		tongues[regexp.MustCompile(`<html lang="(..)"`).FindStringSubmatch(page.body)[1]] = true
		page.says("enkat@example.org").hides("Smart Factory", "Astrid", "Ben")
	}
	if out() != 0 || !tongues["sv"] || !tongues["de"] {
		t.Errorf("looking at the page ended the messages of %d, in %v", out(), tongues)
	}
	w.browser().post(path(0), "List-Unsubscribe", "One-Click").is(http.StatusOK)
	w.browser().post(path(0), "List-Unsubscribe", "One-Click").is(http.StatusOK)
	if out() != 1 {
		t.Errorf("after one press %d get no more", out())
	}
	w.browser().post(path(1)).is(http.StatusOK)
	if out() != 2 {
		t.Errorf("after two presses %d get no more", out())
	}
	w.browser().get("/u/nobodys").is(http.StatusNotFound)
	w.browser().post("/u/nobodys").is(http.StatusNotFound)
}
