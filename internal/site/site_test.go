package site_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/keyfile"
	"panelverk/internal/store"
	"panelverk/surveys"
)

// Every answer of either side, kind or not, carries the headers, tells nothing
// of the Host header, and sets no cookie on a respondent's GET.
func TestEveryAnswerCarriesTheHeaders(t *testing.T) {
	w := smart(t)
	link := w.invite(smartFactory, 3)
	closed, label := w.invite(smartFactory, 4), link.Label
	visitor := w.browser().with("Host", "evil.example")
	at := path(link)
	before := []string{"/", "/?lang=de", at, at + "?lang=en", at + "/help", at + "/info", at + "/leave", at + "/p/p_job", at + "/review", at + "/thanks",
		path(closed), "/s/nothing", "/nowhere", at + "/", "/healthz", "/robots.txt", "/static/x/nothing.css"}
	for _, p := range before {
		checkHeaders(t, visitor.get(p), true)
	}
	visitor.start(link)
	checkHeaders(t, visitor.fill(at+"/p/p_job", "go", "next"), false)
	checkHeaders(t, visitor.fill(at+"/p/p_job", "go", "next", "q.job_kind", "astronaut"), false)
	for _, p := range []string{at, at + "/p/p_job", at + "/p/" + wordsPage, at + "/review", at + "/thanks", at + "?paused=1"} {
		checkHeaders(t, visitor.get(p), true)
	}
	checkHeaders(t, visitor.do(http.MethodPut, at, "", nil), false)
	checkHeaders(t, visitor.with("Sec-Fetch-Site", "cross-site").post(at), false)

	checkHeaders(t, visitor.get("/staff/login"), false)
	checkHeaders(t, visitor.get("/staff"), false)
	admin := w.staff(access.Admin, smartFactory).with("Host", "evil.example")
	s := "/staff/s/" + smartFactory
	for _, p := range []string{"/staff/", "/staff/account", "/staff/people", "/staff/nowhere", s, s + "/", s + "/waves", s + "/panel", s + "/panel/add", s + "/panel/file",
		s + "/links", s + "/p/" + label, s + "/p/NONE", s + "/missing/3", s + "/data", s + "/p/" + label + "/identity"} {
		checkHeaders(t, admin.get(p), false)
	}
	checkHeaders(t, admin.post(s+"/p/"+label+"/identity"), false)
	checkHeaders(t, admin.post(s+"/links", "wave", "3", "as", "list"), false)
	checkHeaders(t, admin.post("/staff/logout"), false)
}

func checkHeaders(t *testing.T, a *answer, respondent bool) {
	t.Helper()
	for name, want := range map[string]string{
		"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; worker-src 'self'; img-src 'self' data:; media-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %s is %q", a.asked, name, got)
		}
	}
	if got := a.header.Values("Cache-Control"); len(got) == 0 || got[0] != "no-store" {
		t.Errorf("%s: Cache-Control is %q", a.asked, got)
	}
	if cookie := a.header.Get("Set-Cookie"); respondent && cookie != "" {
		t.Errorf("%s sets a cookie: %s", a.asked, cookie)
	}
	if strings.Contains(a.body+a.header.Get("Location"), "evil.example") {
		t.Errorf("%s repeats the Host header", a.asked)
	}
	for _, resource := range regexp.MustCompile(`(?:src|href|action)="(https?:)?//[^"]*"`).FindAllString(a.body, -1) {
		if !strings.Contains(resource, `"http://panel.example.org/s/`) { // links to copy
			t.Errorf("%s leads elsewhere: %s", a.asked, resource)
		}
	}
}

func TestFormsOfOtherSites(t *testing.T) {
	w := smart(t)
	link := w.invite(smartFactory, 3)
	admin := w.staff(access.Admin, smartFactory)
	type headers map[string]string
	for name, c := range map[string]struct {
		sent headers
		ok   bool
	}{
		"another site":                        {headers{"Sec-Fetch-Site": "cross-site"}, false},
		"a neighbour":                         {headers{"Sec-Fetch-Site": "same-site"}, false},
		"a foreign origin":                    {headers{"Origin": "https://evil.example"}, false},
		"another site that hides its origin":  {headers{"Sec-Fetch-Site": "cross-site", "Origin": "null"}, false},
		"our page":                            {headers{"Sec-Fetch-Site": "same-origin", "Origin": "null"}, true},
		"our page in an old browser":          {headers{"Origin": "http://panel.example.org"}, true},
		"our page in an older Safari":         {headers{"Origin": "null"}, true},
		"our page behind a proxy":             {headers{"Origin": "http://panel.example.org", "Host": "127.0.0.1:8080"}, true},
		"a foreign origin behind a proxy":     {headers{"Origin": "https://evil.example", "Host": "127.0.0.1:8080"}, false},
		"a program that sends neither header": {headers{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			visitor, staff := w.browser(), admin
			for name, value := range c.sent {
				visitor, staff = visitor.with(name, value), staff.with(name, value)
			}
			a := visitor.post(path(link), "go", "start")
			b := staff.post("/staff/account/language", "language", "sv")
			if c.ok {
				a.is(http.StatusUnprocessableEntity).says("Kryssa i rutan") // the form came through
				b.is(http.StatusSeeOther)
				return
			}
			a.is(http.StatusForbidden).says("Sidan stämde inte.")
			b.is(http.StatusForbidden)
		})
	}
	if w.visit(link).Begun() {
		t.Error("a foreign form began an interview")
	}
}

func TestCookies(t *testing.T) {
	for base, secure := range map[string]bool{"http://panel.example.org": false, "https://panel.example.org": true} {
		w := newWorld(t, base, surveys.FS, smartFactory)
		link := w.invite(smartFactory, 3)
		a := w.browser().post(path(link), "go", "start", "consent", "1")
		cookies := (&http.Response{Header: a.header}).Cookies()
		if len(cookies) != 1 {
			t.Fatalf("the start button sets %v", a.header["Set-Cookie"])
		}
		c := cookies[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != path(link) || c.Secure != secure || c.MaxAge != 0 || !c.Expires.IsZero() || c.Domain != "" || len(c.Value) < 20 {
			t.Errorf("%s: a respondent's cookie: %s", base, a.header.Get("Set-Cookie"))
		}
		if _, err := w.accounts.Add(ctx, w.now, access.CommandLine(), smartFactory, access.Admin, person("admin@example.org")); err != nil {
			t.Fatal(err)
		}
		a = w.browser().post("/staff/login", "email", "admin@example.org", "password", password).is(http.StatusSeeOther)
		c = (&http.Response{Header: a.header}).Cookies()[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/staff" || c.Secure != secure || c.Domain != "" {
			t.Errorf("%s: the staff's cookie: %s", base, a.header.Get("Set-Cookie"))
		}
	}
}

// A whole interview and a day of the staff, with everything that goes wrong on
// such a day: nothing in the log, at its lowest level, says who or what.
func TestTheLogNamesNobody(t *testing.T) {
	w := smart(t)
	link, paper := w.invite(smartFactory, 3), w.invite(smartFactory, 3)
	at := path(link)
	visitor := w.browser()
	visitor.post("/", "code", "7K2M9-4R9TX").is(http.StatusNotFound)
	visitor.post("/", "code", link.Code).is(http.StatusSeeOther)
	visitor.get("/s/" + token(link)[:20] + "xx").is(http.StatusNotFound)
	visitor.get(at + "/nowhere").is(http.StatusNotFound)
	visitor.start(link)
	visitor.fill(at+"/p/p_job", "go", "next", "q.job_kind", "astronaut", "was."+token(link), "x").is(http.StatusUnprocessableEntity)
	visitor.fill(at+"/p/p_job", "go", "next", "q.job_kind", "assembly", "q.year_started", "tjugohundrasex", "q.hours_week", "42")
	visitor.fill(at+"/p/"+wordsPage, "go", "next", "q."+wordsAsked, "Svaret om Kalle på banan").is(http.StatusSeeOther)
	visitor.post(at+"/p/"+token(link), "go", "next").is(http.StatusUnprocessableEntity)
	visitor.post(at+"/review", "go", "submit").is(http.StatusSeeOther)
	visitor.get(at + "/thanks").is(http.StatusOK)
	visitor.post(at+"/leave", "how", "wherever").is(http.StatusUnprocessableEntity)
	visitor.post(path(paper)+"/leave", "how", "keep").is(http.StatusSeeOther)
	visitor.post(path(paper) + "/leave/keep").is(http.StatusSeeOther)
	visitor.get(path(paper) + "/receipt").is(http.StatusOK)

	owner := w.staff(access.Owner, access.AllStudies)
	owner.post("/staff/people/invite", "study", smartFactory, "role", "researcher", "email", "bo ek@verkstad.example").is(http.StatusUnprocessableEntity)
	admin := w.staff(access.Admin, smartFactory)
	w.browser().post("/staff/login", "email", "bertil@verkstad.example", "password", "hemligt hemligt").is(http.StatusUnauthorized)
	s := "/staff/s/" + smartFactory
	card := s + "/p/" + link.Label
	admin.post(s+"/panel/add", "name", "Disa Duktig", "email", "disa@@verkstad.example", "language", "sv").is(http.StatusUnprocessableEntity)
	admin.upload(s+"/panel/file", "list.csv", "name;email;country\nDisa Duktig;disa@@verkstad.example;Sverike\n").is(http.StatusUnprocessableEntity)
	for _, p := range []string{s, s + "/panel", card, s + "/p/NONE", s + "/missing/3", card + "/enter/3", s + "/data"} {
		admin.get(p)
	}
	admin.post(card + "/identity").is(http.StatusOK).says("Astrid Exempel")
	admin.post(card+"/reopen/3", "reason", "Astrid ringde").is(http.StatusSeeOther)
	admin.post(card+"/outcome", "kind", "nonsense").is(http.StatusUnprocessableEntity)
	admin.post(s+"/links", "wave", "3", "as", "sheet", "names", "1").is(http.StatusOK)

	log := w.log.String()
	if n := strings.Count(log, "msg=request "); n < 30 {
		t.Fatalf("the log holds %d requests:\n%s", n, log)
	}
	for _, word := range []string{token(link), token(paper), link.Code, link.Label, paper.Label, w.visit(link).Participant.PID, w.visit(paper).Participant.PID,
		w.visit(link).Interview.ID, "Astrid", "Disa", "verkstad", "bertil", "admin@example.org", "hemligt", "Kalle", "astronaut", "tjugohundrasex", "Sverike", "198.51.100.7", "7K2M9"} {
		if regexp.MustCompile(`(^|[^0-9A-Za-z])` + regexp.QuoteMeta(word)).MatchString(log) {
			t.Errorf("the log holds %q", word)
		}
	}
}

// upload sends a file as a form does.
func (b *browser) upload(path, name, data string) *answer {
	b.w.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write([]byte(data))
	}
	if err != nil || m.Close() != nil {
		b.w.t.Fatal(err)
	}
	return b.do(http.MethodPost, path, m.FormDataContentType(), &body)
}

func TestWhatIsNotThere(t *testing.T) {
	w := smart(t)
	link := w.invite(smartFactory, 3)
	admin := w.staff(access.Admin, smartFactory)
	visitor := w.browser()
	for _, p := range []string{"/nowhere", "/s", "/s/nothing", path(link) + "/nowhere", "/wp-login.php", "/../etc/passwd", "/s/%2e%2e/x"} {
		visitor.get(p).is(http.StatusNotFound).says("Länken fungerar inte.", "Skriv koden från brevet")
		visitor.with("Accept-Language", "de-AT").get(p).is(http.StatusNotFound).says("Der Link funktioniert nicht.")
	}
	visitor.post("/nowhere").is(http.StatusNotFound).says("Länken fungerar inte.")
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, "BREW"} {
		a := visitor.do(method, path(link), "", nil).is(http.StatusMethodNotAllowed)
		if allow := a.header.Get("Allow"); !strings.Contains(allow, http.MethodPost) {
			t.Errorf("%s: Allow is %q", method, allow)
		}
	}
	if a := visitor.get(path(link) + "/"); a.status != http.StatusMovedPermanently || a.header.Get("Location") != path(link) {
		t.Errorf("a slash at the end: %d to %s", a.status, a.header.Get("Location"))
	}
	for _, p := range []string{"/staff/nowhere", "/staff/s/" + smartFactory + "/nowhere", "/staff/s/" + smartFactory + "/waves/9/open"} {
		admin.get(p).is(http.StatusNotFound).says("Sidan finns inte.")
	}
	admin.get("/staff/logout").is(http.StatusMethodNotAllowed).says("Sidan finns inte.")
	admin.get("/staff/s/males").is(http.StatusForbidden) // whether there is such a study is not told
	visitor.get("/staff/nowhere").is(http.StatusNotFound)
}

func TestALogInLeadsNowhereElse(t *testing.T) {
	w := smart(t)
	w.staff(access.Admin, smartFactory)
	for next, to := range map[string]string{
		"/staff/account": "/staff/account", "": "/staff/", "https://evil.example/staff/": "/staff/", "//evil.example/": "/staff/",
		"/staff//evil.example": "/staff/", `/staff/\evil.example`: "/staff/", "/\\evil.example": "/staff/", "javascript:alert(1)": "/staff/", "/s/x": "/staff/",
	} {
		a := w.browser().post("/staff/login", "email", "admin@example.org", "password", password, "next", next).is(http.StatusSeeOther)
		if got := a.header.Get("Location"); got != to {
			t.Errorf("%q leads to %q, want %q", next, got, to)
		}
	}
}

func TestTooLargeABody(t *testing.T) {
	w := smart(t)
	link := w.invite(smartFactory, 3)
	visitor := w.browser().start(link)
	page := path(link) + "/p/" + wordsPage
	large := strings.Repeat("å", 3<<20/2)
	visitor.fill(page, "go", "next", "q."+wordsAsked, large).is(http.StatusUnprocessableEntity).
		says("Svaret är inte sparat.", "Det är kanske för långt.", "Tillbaka till enkäten")
	if answers, saves := w.document(link); len(answers) != 0 || saves != 0 {
		t.Errorf("stored: %d answers, %d saves", len(answers), saves)
	}
	visitor.post("/", "code", large).is(http.StatusUnprocessableEntity)
	w.browser().post("/staff/login", "email", large).is(http.StatusUnprocessableEntity).says("för stort")
	// What nobody in particular sends is not even read.
	list := "/staff/s/" + smartFactory + "/panel/file"
	w.browser().upload(list, "list.csv", large).is(http.StatusUnprocessableEntity).says("för stort")
	w.browser().upload(list, "list.csv", "name\nDisa\n").is(http.StatusSeeOther)
}

func TestTenThousandEmoji(t *testing.T) {
	w := smart(t)
	link := w.invite(smartFactory, 3)
	visitor := w.browser().start(link)
	page := path(link) + "/p/" + wordsPage
	text := strings.Repeat("🙂🏭🤖🇸🇪👩‍🏭", 10000/8) // 8 characters, of up to three code units
	visitor.fill(page, "go", "next", "q."+wordsAsked, text).is(http.StatusSeeOther)
	if answers, _ := w.document(link); answers[wordsAsked] != text {
		t.Errorf("%d of %d bytes came back", len(answers[wordsAsked]), len(text))
	}
	if a := visitor.get(page); !strings.Contains(a.body, text) {
		t.Error("the page does not show them again")
	}
	visitor.fill(page, "go", "next", "q."+wordsAsked, text+"🙂").is(http.StatusUnprocessableEntity)
	if answers, saves := w.document(link); answers[wordsAsked] != text || saves == 0 {
		t.Error("a text that is too long changed the stored one")
	}
}

func TestAPanicTellsNothing(t *testing.T) {
	w := smart(t)
	w.ready = func(context.Context) error { panic(errBroken) }
	w.browser().get("/healthz").is(http.StatusInternalServerError).says("Något gick fel hos oss.").hides("Astrid", "goroutine")
	if log := w.log.String(); !strings.Contains(log, "level=ERROR msg=panic") {
		t.Errorf("the panic is not logged:\n%s", log)
	}
	w.ready = func(context.Context) error { return errBroken }
	w.browser().get("/healthz").is(http.StatusServiceUnavailable).hides("Astrid")
}

// A database whose room is limited for real: the page says that the answer is
// not saved, nothing of it is stored, and there is no harm once there is room.
func TestAFullDisk(t *testing.T) {
	w := smart(t)
	link := w.invite(smartFactory, 3)
	visitor := w.browser().start(link)
	page := path(link) + "/p/" + wordsPage
	visitor.fill(page, "go", "pause", "q."+wordsAsked, "Det första svaret.").is(http.StatusSeeOther)
	var pages int
	w.pragma("PRAGMA page_count", &pages)
	w.pragma(fmt.Sprintf("PRAGMA max_page_count = %d", pages), &pages)

	long := strings.Repeat("Allt går fortare. ", 500)
	visitor.fill(page, "go", "next", "q."+wordsAsked, long).is(http.StatusInsufficientStorage).
		says("Svaret är inte sparat.", "Ärendenummer:").hides("full", "disk", "SQL")
	if answers, saves := w.document(link); answers[wordsAsked] != "Det första svaret." || saves != 1 {
		t.Errorf("stored: %v in %d saves", answers, saves)
	}
	visitor.get(page).is(http.StatusOK).says("Det första svaret.") // reading goes on
	if log := w.log.String(); !strings.Contains(log, "level=ERROR") {
		t.Error("the full disk is not logged")
	}

	w.pragma("PRAGMA max_page_count = 100000", &pages)
	visitor.fill(page, "go", "next", "q."+wordsAsked, long).is(http.StatusSeeOther)
	if answers, saves := w.document(link); answers[wordsAsked] != strings.TrimSpace(long) && answers[wordsAsked] != long || saves != 2 {
		t.Errorf("after there is room: %d bytes in %d saves", len(answers[wordsAsked]), saves)
	}
}

func (w *world) pragma(query string, into ...any) {
	w.t.Helper()
	if err := w.store.DB().Write(ctx, func(tx *sql.Tx) error { return tx.QueryRow(query).Scan(into...) }); err != nil {
		w.t.Fatal(err)
	}
}

// quoting is a study whose texts and rules use earlier answers wherever they can.
var quoting = fstest.MapFS{
	"study.yaml": {Data: []byte(`study: quoting
title: {en: Quoting}
public_title: {en: A survey}
headline: {en: How are you?}
languages: [en]
time_zone: Europe/Stockholm
panel: {min: 3, max: 40}
frame: named_list
minutes: 10
partial: 0.5
about: {who: {en: We.}, why: {en: Because.}, answers: {en: Stay.}}
contact: {role: {en: The co-ordinator}, email: survey@example.org}
controller: {en: The organisation.}
waves:
  - {key: w1, title: {en: One}, opens: 2017-03-01 08:00, closes: 2017-04-01 23:59, questionnaire: core, version: 1}
`)},
	"core.v1.md": {Data: []byte(`| survey |
| | type | name | label::English (en) | constraint | appearance |
| | begin group | first | You | | |
| | begin group | p_first | | | field-list |
| | text | employer | Where do you work? | | |
| | integer | hours | How many hours did you work? | | |
| | end group | | | | |
| | end group | | | | |
| | begin group | second | Work at ${employer} | | |
| | begin group | p_group | At ${employer} | | field-list |
| | text | a | How is it there? | | |
| | text | b | And else? | | |
| | end group | | | | |
| | begin group | p_choice | | | field-list |
| | select_one place | place | Where do you sit? | | |
| | text | c | Why? | | |
| | end group | | | | |
| | begin group | p_rule | Time | | field-list |
| | integer | secret_hours | How many of them were unpaid? | . <= ${limit} | |
| | integer | limit | What is the most? | | |
| | end group | | | | |
| | end group | | | | |

| choices |
| | list_name | name | label::English (en) |
| | place | inside | Inside ${employer} |
| | place | outside | Outside |

| settings |
| | form_title::English (en) | form_id | version | default_language |
| | A survey | core | 1 | English (en) |
`)},
}

// A page that was drawn for one person is never shown to another with
// anything of the first one's answers on it.
func TestNobodySeesAnothersAnswers(t *testing.T) {
	w := newWorld(t, "http://panel.example.org", quoting, ".")
	first, second := w.invite("quoting", 1), w.invite("quoting", 1)
	one := w.browser().start(first)
	one.fill(path(first)+"/p/p_first", "go", "next", "q.employer", "Gruvbolaget", "q.hours", "41").is(http.StatusSeeOther)
	two := w.browser().start(second)
	for _, page := range []string{"p_first", "p_group", "p_choice", "p_rule"} {
		a := one.get(path(first) + "/p/" + page).is(http.StatusOK)
		if page == "p_group" || page == "p_choice" {
			a.says("Gruvbolaget") // it does quote
		}
		two.get(path(second)+"/p/"+page).is(http.StatusOK).hides("Gruvbolaget", `value="41"`)
		// Another device with the same link.
		w.browser().start(first).get(path(first)+"/p/"+page).is(http.StatusOK).hides("Gruvbolaget", `value="41"`)
	}
	two.get(path(second) + "/review").hides("Gruvbolaget")
}

// Another device can break the rule of an answer that it may not see. It is
// told that something does not fit, and not what.
func TestABrokenRuleQuotesNoHiddenAnswer(t *testing.T) {
	w := newWorld(t, "http://panel.example.org", quoting, ".")
	link := w.invite("quoting", 1)
	page := path(link) + "/p/p_rule"
	owner := w.browser().start(link)
	owner.fill(page, "go", "next", "q.secret_hours", "731064", "q.limit", "800000").is(http.StatusSeeOther)

	other := w.browser().with("Accept-Language", "en").start(link)
	other.fill(page, "go", "next", "q.limit", "1").is(http.StatusUnprocessableEntity).hides("731064")
	other.get(path(link) + "/review").is(http.StatusOK).hides("731064")
	other.post(path(link)+"/review", "go", "submit").is(http.StatusUnprocessableEntity).says("do not fit together").hides("731064")
	// Whose answer it is reads it.
	owner.post(path(link)+"/review", "go", "submit").is(http.StatusUnprocessableEntity).says("731064")
	owner.fill(page, "go", "next", "q.secret_hours", "990099").is(http.StatusUnprocessableEntity).says("990099")
}

// A page that was opened before somebody left undoes nothing of it.
func TestAnOldPageBringsNobodyBack(t *testing.T) {
	w := smart(t)
	for _, how := range []fieldwork.Leaving{fieldwork.LeaveKeep, fieldwork.LeaveErased} {
		link := w.invite(smartFactory, 3)
		w.browser().start(link).fill(path(link)+"/p/"+wordsPage, "go", "pause", "q."+wordsAsked, "Mitt svar.").is(http.StatusSeeOther)
		old := func() *fieldwork.Visit { return w.visit(link) }
		a, b, c := old(), old(), old()
		if err := w.field.Leave(ctx, w.now, old(), how); err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{
			"a change of language": w.field.SetLanguage(ctx, a, "de"),
			"skipping the wave":    w.field.Leave(ctx, w.now, b, fieldwork.SkipWave),
			"submitting":           second(w.field.Submit(ctx, w.now, c)),
			"starting":             w.field.Start(ctx, w.now, token(link), fieldwork.Beginning{Language: "sv", Consent: true}),
		} {
			if e := fault.Of(err); e == nil || e.Kind != fault.Gone {
				t.Errorf("%s after %s: %v", name, how, err)
			}
		}
		v := old()
		if v.Participant.Status == store.Active || v.Submitted() || v.Participant.Language == "de" {
			t.Errorf("after %s: %+v", how, v.Participant)
		}
	}
}

func second[A any](_ A, err error) error { return err }

// Pressed twice at one moment, a button does its work once.
func TestDoublePressesCountOnce(t *testing.T) {
	w := smart(t)
	link := w.invite(smartFactory, 3)
	w.browser().start(link)
	a, b := w.visit(link), w.visit(link)
	if err := second(w.field.Submit(ctx, w.now, a)); err != nil {
		t.Fatal(err)
	}
	if err := second(w.field.Submit(ctx, w.now.Add(time.Minute), b)); err != nil {
		t.Fatal(err)
	}
	v := w.visit(link)
	if !v.Interview.SubmittedAt.Equal(w.now) || !b.Interview.SubmittedAt.Equal(w.now) {
		t.Errorf("submitted at %v", v.Interview.SubmittedAt)
	}
	card, err := w.field.Participant(ctx, w.now, access.CommandLine(), smartFactory, link.Label)
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for _, e := range card.Events {
		times[e.Kind]++
	}
	if times["started"] != 1 || times["submitted"] != 1 {
		t.Errorf("events: %v", times)
	}
}

// Erasure takes the words of the staff along.
func TestErasureLeavesNoWords(t *testing.T) {
	w := smart(t)
	link := w.invite(smartFactory, 3)
	w.browser().start(link)
	if err := second(w.field.Submit(ctx, w.now, w.visit(link))); err != nil {
		t.Fatal(err)
	}
	if err := w.field.Reopen(ctx, w.now, access.CommandLine(), smartFactory, link.Label, 3, "Astrid ringde från banan"); err != nil {
		t.Fatal(err)
	}
	if err := w.field.Leave(ctx, w.now, w.visit(link), fieldwork.LeaveErased); err != nil {
		t.Fatal(err)
	}
	var dump bytes.Buffer
	if err := w.store.DB().Dump(ctx, &dump, w.now); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(dump.String(), "Astrid") {
		t.Error("the reason is still there")
	}
}

// Identities of people whom another process is just adding are left alone.
func TestReconcileWaits(t *testing.T) {
	w := smart(t)
	link := w.invite(smartFactory, 3)
	for pid, at := range map[string]time.Time{"LEFT-BY-A-CRASH": w.now.Add(-time.Hour), "BEING-IMPORTED": w.now.Add(-time.Minute)} {
		if err := w.ids.Put(ctx, at, keyfile.Identity{PID: pid, Study: smartFactory, Name: "Bo Ek"}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := w.field.Reconcile(ctx, w.now); n.Removed != 1 || err != nil {
		t.Errorf("%+v, %v", n, err)
	}
	pids, err := w.ids.PIDs(ctx, smartFactory)
	if got := strings.Join(pids, " "); err != nil || !strings.Contains(got, "BEING-IMPORTED") || !strings.Contains(got, w.visit(link).Participant.PID) || len(pids) != 2 {
		t.Errorf("%s %v", got, err)
	}
	if n, err := w.field.Reconcile(ctx, w.now.Add(time.Hour)); n.Removed != 1 || err != nil {
		t.Errorf("an hour later %+v, %v", n, err)
	}
}

// What staff write has bounds, and what was erased stays erased.
func TestBoundsOnWhatStaffWrite(t *testing.T) {
	w := smart(t)
	link := w.invite(smartFactory, 3)
	w.browser().start(link).post(path(link)+"/review", "go", "submit").is(http.StatusSeeOther)
	admin := w.staff(access.Admin, smartFactory)
	s := "/staff/s/" + smartFactory
	card := s + "/p/" + link.Label
	admin.post(s+"/panel/add", "name", strings.Repeat("å", 501), "language", "sv").is(http.StatusUnprocessableEntity).says("högst 500 tecken")
	admin.post(card+"/reopen/3", "reason", strings.Repeat("å", 501)).is(http.StatusUnprocessableEntity).says("Skriv en kortare orsak.")
	if err := w.field.Leave(ctx, w.now, w.visit(link), fieldwork.LeaveErased); err != nil {
		t.Fatal(err)
	}
	admin.post(card+"/reopen/3", "reason", "Ringde.").is(http.StatusConflict).says("Deltagaren är inte längre med.")
	admin.post(card+"/outcome", "kind", "died", "sure", "1").is(http.StatusConflict)
	if v := w.visit(link); v.Participant.Status != store.Erased {
		t.Errorf("after a death was recorded: %s", v.Participant.Status)
	}
}
