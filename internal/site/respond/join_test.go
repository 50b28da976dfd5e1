package respond_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/mail"
	"panelverk/internal/mail/mailtest"
	"panelverk/internal/site/browsertest"
	"panelverk/internal/store"
	"panelverk/surveys"
)

// duringWave1 is a Thursday in the first field period of Smart Factory.
var duringWave1 = time.Date(2016, 5, 12, 9, 30, 0, 0, time.UTC)

// recruiting is Smart Factory with its page published, and a mail server.
type recruiting struct {
	*world
	key    string
	server *mailtest.Server
	post   fieldwork.Post
}

func newRecruiting(t *testing.T) *recruiting {
	t.Helper()
	w := newWorldOf(t, duringWave1, surveys.FS, "smart-factory")
	w.field.Reaches(true, false)
	if err := w.field.PublishEnrolment(context.Background(), w.now, access.CommandLine(), w.study, true); err != nil {
		t.Fatal(err)
	}
	r := &recruiting{world: w, server: mailtest.Start(t, mailtest.Options{})}
	r.key = r.counts().URL[strings.LastIndex(r.counts().URL, "/")+1:]
	smtp, err := mail.NewSMTP(mail.Settings{Host: r.server.Host, Port: r.server.Port, Security: mail.None, Hello: "panel.example.org",
		Letterhead: mail.Letterhead{FromName: "Enkäten", From: "enkat@example.org", Bounce: "studs@example.org"}, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(smtp.Close)
	r.post = fieldwork.Post{Mail: smtp, Domain: "panel.example.org"}
	return r
}

func (r *recruiting) counts() *fieldwork.Recruitment {
	r.t.Helper()
	got, err := r.field.Recruitment(context.Background(), r.now, access.CommandLine(), r.study)
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

// mails hands over what waits, and gives the texts of the messages since.
func (r *recruiting) mails() []string {
	r.t.Helper()
	before := len(r.server.Accepted())
	if _, err := r.field.HandOver(context.Background(), func() time.Time { return r.now }, r.post, r.now.String(), 100); err != nil {
		r.t.Fatal(err)
	}
	var out []string
	for _, m := range r.server.Accepted()[before:] {
		out = append(out, strings.ReplaceAll(string(m.Data), "=\r\n", ""))
	}
	return out
}

// linkOf gives the address in a message.
func (r *recruiting) linkOf(text string) string {
	r.t.Helper()
	link := regexp.MustCompile(regexp.QuoteMeta(r.url()) + `/(join/confirm|s)/[A-Za-z0-9_-]{22}`).FindString(text)
	if link == "" {
		r.t.Fatalf("no link in\n%s", text)
	}
	return link
}

// url gives where the pages are.
func (r *recruiting) url() string { return r.world.server.URL }

// Somebody with a phone and no scripts reads, makes a mistake, signs up,
// confirms by the mail and answers the first page.
func TestJoinOnAPhone(t *testing.T) {
	for _, c := range []struct{ tag, title, wrong, check, in, answer string }{
		{"sv", "Vill du vara med?", "Rätta 2 saker", "Kolla din e-post", "Du är med!", "Börja svara"},
		{"en", "Would you like to take part?", "Put 2 things right", "Check your e-mail", "You are in!", "Start answering"},
	} {
		t.Run(c.tag, func(t *testing.T) {
			r := newRecruiting(t)
			b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language(c.tag), browsertest.NoScript())
			b.Expect("422")
			set, n := "join-"+c.tag, 0
			narrow := func(name string) {
				t.Helper()
				if b.Width() > 390 {
					t.Errorf("%s is %d px wide on a screen of 390", name, b.Width())
				}
				shoot(b, set, &n, name)
			}
			b.Goto(r.counts().URL)
			b.WaitText(c.title)
			narrow("page")
			r.now = r.now.Add(40 * time.Second)
			b.Fill("#f-email", "anna at example.org")
			b.Fill("#f-name", "Anna")
			b.Select("#f-attribute-country", "DE")
			b.Select("#f-attribute-sector", "food")
			b.Follow("main .acts .btn")
			if text := b.VisibleText(); !strings.Contains(text, c.wrong) || b.Value("#f-name") != "Anna" || b.Value("#f-attribute-country") != "DE" {
				t.Errorf("what was typed is gone:\n%s", text)
			}
			narrow("wrong")
			b.Fill("#f-email", "anna@example.org")
			b.Check("#consent")
			r.now = r.now.Add(20 * time.Second)
			b.Follow("main .acts .btn")
			b.WaitText(c.check)
			narrow("sent")
			got := r.mails()
			if len(got) != 1 {
				t.Fatalf("%d mails", len(got))
			}
			b.Goto(r.linkOf(got[0]))
			narrow("confirm")
			b.Follow("main .acts .btn")
			b.WaitText(c.in)
			narrow("joined")
			if text := b.Text(".acts .btn"); text != c.answer {
				t.Errorf("the button says %q", text)
			}
			b.Follow("main .acts .btn")
			if b.Count("#consent") != 0 {
				t.Error("the consent is asked for again")
			}
			narrow("start")
			b.Follow("main .acts .btn")
			if !strings.Contains(b.URL(), "/p/") {
				t.Errorf("no question at %s", b.URL())
			}
			if r := r.counts(); r.Members != 1 || r.Counts[store.Joined] != 1 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// seen gives what a person sees of an answer, without what differs each time.
func seen(t *testing.T, resp *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	header := resp.Header.Clone()
	header.Del("Date")
	return fmt.Sprint(resp.Request.URL, resp.StatusCode, header, string(body))
}

func (r *recruiting) form(email string) url.Values {
	r.t.Helper()
	p, err := r.field.EnrolmentPage(context.Background(), r.now.Add(-time.Minute), r.key)
	if err != nil {
		r.t.Fatal(err)
	}
	return url.Values{"lang": {"sv"}, "stamp": {p.Stamp}, "email": {email}, "consent": {"1"}, "attribute.country": {"SE"}}
}

// Whoever types an address learns nothing of it: not from the bytes of the
// answer, and not from how long it takes.
func TestAKnownAddressLooksLikeAnyOther(t *testing.T) {
	r := newRecruiting(t)
	if _, err := r.field.AddParticipants(context.Background(), r.now, access.CommandLine(), r.study, []fieldwork.NewParticipant{{Name: "Ada", Email: "member@example.org"}}); err != nil {
		t.Fatal(err)
	}
	ask := func(email string) (string, time.Duration) {
		began := time.Now()
		resp, err := http.PostForm(r.counts().URL, r.form(email))
		took := time.Since(began)
		return seen(t, resp, err), took
	}
	first, _ := ask("someone@example.org")
	var known, fresh []time.Duration
	for n := range 12 {
		r.now = r.now.Add(20 * time.Minute)
		got, took := ask("member@example.org")
		known = append(known, took)
		other, tookOther := ask(fmt.Sprintf("new%02d@example.org", n))
		fresh = append(fresh, tookOther)
		if got != first || other != first {
			t.Fatalf("the answers differ:\n%s\n\n%s\n\n%s", first, got, other)
		}
	}
	slices.Sort(known)
	slices.Sort(fresh)
	if a, b := known[6], fresh[6]; a > 3*b+5*time.Millisecond || b > 3*a+5*time.Millisecond {
		t.Errorf("a known address takes %s, another %s", a, b)
	}
	if strings.Contains(first, "someone") {
		t.Error("the answer holds the address")
	}
}

// A scanner that opens every link of a message, as often as it likes, confirms nothing.
func TestAMailScannerConfirmsNothing(t *testing.T) {
	r := newRecruiting(t)
	resp, err := http.PostForm(r.counts().URL, r.form("anna@example.org"))
	seen(t, resp, err)
	link := r.linkOf(r.mails()[0])
	state := func() string {
		var out strings.Builder
		if err := r.store.DB().Dump(context.Background(), &out, r.now); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	before := state()
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
		req, err := http.NewRequest(method, link, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		seen(t, resp, err)
	}
	if state() != before {
		t.Error("opening the link changed the database")
	}
}

// Somebody at a meeting has a code and no address.
func TestJoinWithACode(t *testing.T) {
	r := newRecruiting(t)
	r.field.Reaches(false, false)
	if err := r.field.MakeJoinCodes(context.Background(), r.now, access.CommandLine(), r.study, 2); err != nil {
		t.Fatal(err)
	}
	slips, err := r.field.JoinCodes(context.Background(), r.now, access.CommandLine(), r.study)
	if err != nil {
		t.Fatal(err)
	}
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"), browsertest.NoScript())
	for _, status := range []string{"404", "410", "422"} {
		b.Expect(status)
	}
	n := 0
	b.Goto(r.url() + "/join")
	b.Fill("#code", "AAAAA-AAAAA")
	b.Follow("main .btn")
	if !b.Visible(".msg") {
		t.Error("a wrong code is taken")
	}
	shoot(b, "join-code", &n, "typed")
	b.Fill("#code", strings.ToLower(slips[0].Code))
	b.Follow("main .btn")
	if b.Count("#f-email") != 0 {
		t.Error("an address is asked for")
	}
	b.Check("#consent")
	b.Follow("main .acts .btn")
	b.WaitText("Du är med!")
	shoot(b, "join-code", &n, "joined")
	if b.Width() > 390 {
		t.Errorf("the page is %d px wide", b.Width())
	}
	code := b.Text(".note code")
	b.Goto(r.url() + "/join/code/" + slips[0].URL[strings.LastIndex(slips[0].URL, "/")+1:])
	b.WaitText("Koden är redan använd")
	b.Goto(r.url() + "/")
	b.Fill("#code", code)
	b.Follow("main .btn")
	if !strings.Contains(b.URL(), "/s/") {
		t.Errorf("the code to come back by leads to %s", b.URL())
	}
	b.Goto(r.url() + "/") // a code to join by, typed where codes of letters are
	b.Fill("#code", slips[1].Code)
	b.Follow("main .btn")
	if !strings.Contains(b.URL(), "/join/code/") {
		t.Errorf("the code of a meeting leads to %s", b.URL())
	}
}

// What is not open says so, and under a flood one is asked to come back.
func TestWhenOneCannotJoin(t *testing.T) {
	r := newRecruiting(t)
	get := func() (int, string) {
		resp, err := http.Get(r.counts().URL)
		text := seen(t, resp, err)
		return resp.StatusCode, text
	}
	r.now = time.Date(2016, 4, 1, 9, 0, 0, 0, time.UTC)
	if status, text := get(); status != http.StatusConflict || !strings.Contains(text, "Signing up has not opened") && !strings.Contains(text, "Anmälan har inte öppnat") {
		t.Errorf("before it opens: %d", status)
	}
	r.now = time.Date(2016, 6, 1, 9, 0, 0, 0, time.UTC)
	if status, _ := get(); status != http.StatusGone {
		t.Errorf("after it has closed: %d", status)
	}
	r.now = duringWave1
	turned := false
	for n := range 70 {
		resp, err := http.PostForm(r.counts().URL, r.form(fmt.Sprintf("p%d@example.org", n)))
		text := seen(t, resp, err)
		if resp.StatusCode == http.StatusTooManyRequests {
			turned = turned || strings.Contains(text, "Kom tillbaka om en timme")
		}
	}
	if !turned || r.counts().Flooded.IsZero() {
		t.Error("a flood is taken")
	}
	resp, err := http.Get(r.url() + "/join/NOSUCHKEY")
	if seen(t, resp, err); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an address that was never given out: %d", resp.StatusCode)
	}
	if err := r.field.PublishEnrolment(context.Background(), r.now, access.CommandLine(), r.study, false); err != nil {
		t.Fatal(err)
	}
	if status, _ := get(); status != http.StatusGone {
		t.Errorf("after staff have closed it: %d", status)
	}
}
