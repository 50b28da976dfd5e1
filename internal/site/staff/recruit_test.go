package staff_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/secret"
	"panelverk/internal/site/browsertest"
	"panelverk/internal/store"
)

// recruiting is a Thursday in wave 1 of Smart Factory, when one can sign up.
var recruiting = time.Date(2016, 5, 12, 9, 30, 0, 0, time.UTC)

// signUp puts somebody on the waiting list or into the panel, by the message
// that would have gone out.
func (w *world) signUp(email string) fieldwork.ConfirmState {
	w.t.Helper()
	r, err := w.field.Recruitment(ctx, w.now, access.CommandLine(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	end := r.URL[strings.LastIndex(r.URL, "/")+1:]
	p, err := w.field.EnrolmentPage(ctx, w.now.Add(-time.Minute), end)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.field.Enrol(ctx, w.now, end, fieldwork.Asking{Email: email, Language: "sv", Consent: true, Stamp: p.Stamp, Attributes: map[string]string{"country": "SE"}}); err != nil {
		w.t.Fatal(err)
	}
	var pending []store.Joiner
	if err := w.store.Read(context.Background(), func(tx *store.Tx) (err error) {
		pending, err = tx.Joiners(key, store.JoinerPending)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	keys, err := secret.NewRing([]byte(strings.Repeat("\x05", 32)))
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := w.field.Confirm(ctx, w.now, keys.Link("join/"+pending[len(pending)-1].ID, 1))
	if err != nil {
		w.t.Fatal(err)
	}
	return c.State
}

// The co-ordinator publishes the page, fills the panel, offers a free place to
// who waits, makes codes for a meeting and prints poster and slips; no name and
// no address is on any of it.
func TestTheCoordinatorRecruits(t *testing.T) {
	w := newWorld(t)
	w.now = recruiting
	w.field.Reaches(true, false)
	labels := w.people(early, 39)
	c := w.as(access.Admin)
	s := "/s/" + key + "/enrolment"
	c.get(s).has(t, "Inte publicerad", "39 av 40")
	c.follow(s+"/publish").has(t, "Anmälan är publicerad.", "/join/", "<svg")
	if got := w.signUp("a@example.org"); got != fieldwork.ConfirmJoined {
		t.Fatalf("the 40th: %s", got)
	}
	if got := w.signUp("b@example.org"); got != fieldwork.ConfirmWaiting {
		t.Fatalf("the 41st: %s", got)
	}
	page := c.get(s)
	page.has(t, "40 av 40", "Väntat sedan", "Sverige")
	page.lacks(t, "example.org", "Erbjud plats")
	label := regexp.MustCompile(`/enrolment/out/(\w{4})`).FindStringSubmatch(page.body)[1]
	if a := c.post(s + "/in/" + label); a.status != http.StatusConflict {
		t.Errorf("offered without a place: %d", a.status)
	}
	if err := w.field.RecordOutcome(ctx, w.now, access.CommandLine(), key, labels[0], 0, "died"); err != nil {
		t.Fatal(err)
	}
	c.get(s).has(t, "Erbjud plats")
	c.follow(s+"/in/"+label).has(t, "Platsen är erbjuden.", "Erbjuden till")
	if a := c.post(s+"/codes", "codes", "2"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("codes without places: %d", a.status)
	} else {
		a.has(t, "Det finns 0 lediga platser")
	}
	c.get(s+"/out/"+label).has(t, "Ta bort "+label+" från väntelistan?")
	c.follow(s+"/out/"+label).has(t, "borttagen från väntelistan")
	c.follow(s+"/codes", "codes", "1").has(t, "Koderna är klara")
	slips := c.post(s+"/codes/print", "lang", "de")
	slips.has(t, "Umfrage zu Arbeit und neuer Technik", "/join")
	slips.lacks(t, "Smart Factory</strong>")
	if !regexp.MustCompile(`<code>[0-9A-Z]{5}-[0-9A-Z]{5}</code>`).MatchString(slips.body) {
		t.Error("no code on the slip")
	}
	c.get(s+"/poster?lang=en").has(t, "How is new technology changing your work?", "Sign up by Sunday 29 May 2016", "<svg")
	c.follow(s+"/codes/end").has(t, "gäller inte längre")
	c.get(s+"/close").has(t, "Stäng anmälan nu?")
	c.follow(s+"/close").has(t, "Anmälan är stängd.", "Inte publicerad")
	audit := w.as(access.Owner).get("/audit")
	audit.has(t, "Ändrade anmälan")
	audit.lacks(t, label+"<", "example.org")
}

// TestRecruitPictures looks at the pages in a real browser.
func TestRecruitPictures(t *testing.T) {
	w := newWorld(t)
	w.now = recruiting
	w.field.Reaches(true, false)
	w.people(early, 36)
	if err := w.field.PublishEnrolment(ctx, w.now, access.CommandLine(), key, true); err != nil {
		t.Fatal(err)
	}
	if err := w.field.MakeJoinCodes(ctx, w.now, access.CommandLine(), key, 3); err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		w.signUp(fmt.Sprintf("p%d@example.org", n))
	}
	for name, option := range map[string]browsertest.Option{"phone": browsertest.Phone(390, 844), "desk": browsertest.Window(1280, 900)} {
		b := browsertest.Start(t, option, browsertest.Language("sv"), browsertest.NoScript())
		b.Goto(w.server.URL + "/staff/login")
		b.Fill("#f-email", "admin@example.org")
		b.Fill("#f-password", password)
		b.Follow("main .btn")
		look := func(page string) { inspect(t, b, name, "recruit-"+page) }
		b.Goto(w.server.URL + "/staff/s/" + key + "/enrolment")
		look("page")
		b.Goto(b.Evaluate(`document.querySelector("[href*='/enrolment/out/']").href`))
		look("out")
		b.Goto(w.server.URL + "/staff/s/" + key + "/enrolment/poster?lang=sv")
		look("poster")
		b.Goto(w.server.URL + "/staff/s/" + key + "/enrolment")
		b.Follow(`[action$="/codes/print"] .btn`)
		look("slips")
	}
}
