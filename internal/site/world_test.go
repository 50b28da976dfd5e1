package site_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/account"
	"panelverk/internal/db"
	"panelverk/internal/fieldwork"
	"panelverk/internal/intake"
	"panelverk/internal/keyfile"
	"panelverk/internal/release"
	"panelverk/internal/secret"
	"panelverk/internal/site"
	"panelverk/internal/store"
	"panelverk/internal/study"
	"panelverk/surveys"
	"panelverk/web"
)

const (
	smartFactory = "smart-factory"
	password     = "en lång promenad"
	wordsPage    = "p_own_words" // holds one question, an open text
	wordsAsked   = "open_effect"
)

var (
	ctx = context.Background()
	// wave3 is a Wednesday in the third field period of Smart Factory.
	wave3 = time.Date(2017, 3, 22, 17, 42, 0, 0, time.UTC)
)

// world is the whole site on real databases, with everything that is logged.
type world struct {
	t        *testing.T
	now      time.Time
	base     string
	store    *store.Store
	ids      *keyfile.File
	field    *fieldwork.Service
	accounts *account.Service
	handler  http.Handler
	ready    func(context.Context) error
	log      output
}

// output is a log that several requests write to.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// newWorld serves a study of a file system under an address.
func newWorld(t *testing.T, base string, fsys fs.FS, dir string) *world {
	t.Helper()
	tmp := t.TempDir()
	w := &world{t: t, now: wave3, base: base, ready: func(context.Context) error { return nil }}
	var err error
	if w.store, err = store.Open(ctx, filepath.Join(tmp, "panel.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	names, err := db.Open(ctx, filepath.Join(tmp, "keyfile.db"), keyfile.Migrations, keyfile.MigrationsDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { names.Close() })
	keys, err := secret.NewRing(bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	w.ids = keyfile.Open(names, keys)
	w.field = fieldwork.New(w.store, keys, w.ids, base)
	w.accounts = account.New(w.store, keys)
	clock := func() time.Time { return w.now }
	w.handler, err = site.New(site.Deps{
		Fieldwork: w.field, Accounts: w.accounts, Release: release.New(w.store, keys, tmp), Intake: intake.New(w.store, keys, w.ids),
		Sessions: store.NewSessionStore(w.store, clock), Ready: func(ctx context.Context) error { return w.ready(ctx) },
		Web: web.FS, BaseURL: base, Now: clock,
		Log: slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	folder, problems := study.Load(fsys, dir)
	if folder == nil {
		t.Fatal(problems)
	}
	if _, err := w.field.Apply(ctx, w.now, access.CommandLine(), folder, fieldwork.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	return w
}

func smart(t *testing.T) *world {
	return newWorld(t, "http://panel.example.org", surveys.FS, smartFactory)
}

// invite adds one participant and gives what is handed over for a wave.
func (w *world) invite(studyKey string, wave int) fieldwork.Link {
	w.t.Helper()
	labels, err := w.field.AddParticipants(ctx, w.now, access.CommandLine(), studyKey, []fieldwork.NewParticipant{{Name: "Astrid Exempel"}})
	if err != nil {
		w.t.Fatal(err)
	}
	links, err := w.field.Links(ctx, w.now, access.CommandLine(), studyKey, wave, false)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, l := range links {
		if l.Label == labels[0] {
			return l
		}
	}
	w.t.Fatal("no link for the new participant")
	return fieldwork.Link{}
}

// visit gives the visit behind a link.
func (w *world) visit(link fieldwork.Link) *fieldwork.Visit {
	w.t.Helper()
	v, err := w.field.Visit(ctx, w.now, token(link))
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// document gives the answers behind a link and how many saves there are.
func (w *world) document(link fieldwork.Link) (answers map[string]string, saves int) {
	w.t.Helper()
	v := w.visit(link)
	err := w.store.Read(ctx, func(tx *store.Tx) error {
		history, err := tx.Saves(v.Interview.ID)
		saves = len(history)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return v.Doc.Answers, saves
}

func token(link fieldwork.Link) string {
	_, token, _ := strings.Cut(link.URL, "/s/")
	return token
}

func path(link fieldwork.Link) string { return "/s/" + token(link) }

// staff makes an account with a role and gives a browser that is logged in.
func (w *world) staff(role access.Role, studyKey string) *browser {
	w.t.Helper()
	email := string(role) + "@example.org"
	if _, err := w.accounts.Add(ctx, w.now, access.CommandLine(), studyKey, role,
		account.Person{Name: "Kim " + string(role), Email: email, Password: password, Language: "sv"}); err != nil {
		w.t.Fatal(err)
	}
	b := w.browser()
	b.post("/staff/login", "email", email, "password", password).is(http.StatusSeeOther)
	return b
}

// browser keeps cookies and follows nothing.
type browser struct {
	w    *world
	jar  *cookiejar.Jar
	sent http.Header // goes along with every request
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &browser{w: w, jar: jar, sent: http.Header{"Accept-Language": {"sv"}}}
}

// with gives the same browser sending a header more.
func (b *browser) with(name, value string) *browser {
	c := *b
	c.sent = b.sent.Clone()
	c.sent.Set(name, value)
	return &c
}

// answer is what came back.
type answer struct {
	t      *testing.T
	asked  string
	status int
	header http.Header
	body   string
}

func (b *browser) do(method, path, kind string, body io.Reader) *answer {
	b.w.t.Helper()
	r := httptest.NewRequest(method, path, body)
	r.RemoteAddr, r.Host = "198.51.100.7:40000", strings.TrimPrefix(strings.TrimPrefix(b.w.base, "https://"), "http://")
	for name, values := range b.sent {
		r.Header[name] = values
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if host := b.sent.Get("Host"); host != "" {
		r.Host = host
	}
	at, err := url.Parse(b.w.base + path)
	if err != nil {
		b.w.t.Fatal(err)
	}
	for _, c := range b.jar.Cookies(at) {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	b.w.handler.ServeHTTP(rec, r)
	res := rec.Result()
	b.jar.SetCookies(at, res.Cookies())
	return &answer{b.w.t, method + " " + path, res.StatusCode, res.Header, rec.Body.String()}
}

func (b *browser) get(path string) *answer {
	b.w.t.Helper()
	return b.do(http.MethodGet, path, "", nil)
}

// post sends a form, names and values in turn.
func (b *browser) post(path string, pairs ...string) *answer {
	b.w.t.Helper()
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(f.Encode()))
}

// start presses the start button of a link.
func (b *browser) start(link fieldwork.Link) *browser {
	b.w.t.Helper()
	b.post(path(link), "go", "start", "consent", "1").is(http.StatusSeeOther)
	return b
}

var hidden = regexp.MustCompile(`name="((?:key|was\.)[^"]*)" value="([^"]*)"`)

// fill opens a page of questions and posts it with the given fields.
func (b *browser) fill(address string, pairs ...string) *answer {
	b.w.t.Helper()
	page := b.get(address).is(http.StatusOK)
	for _, m := range hidden.FindAllStringSubmatch(page.body, -1) {
		pairs = append(pairs, m[1], m[2])
	}
	return b.post(address, pairs...)
}

func (a *answer) is(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: %d, want %d\n%s", a.asked, a.status, status, a.text())
	}
	return a
}

func (a *answer) says(texts ...string) *answer {
	a.t.Helper()
	for _, s := range texts {
		if !strings.Contains(a.text(), s) {
			a.t.Errorf("%s (%d) does not say %q: %s", a.asked, a.status, s, a.text())
		}
	}
	return a
}

func (a *answer) hides(texts ...string) *answer {
	a.t.Helper()
	for _, s := range texts {
		if strings.Contains(a.body, s) {
			a.t.Errorf("%s shows %q", a.asked, s)
		}
	}
	return a
}

var tags = regexp.MustCompile(`<[^>]*>`)

func (a *answer) text() string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(a.body, " ")), " ")
}

// errBroken is what a test makes the site fail with.
var errBroken = errors.New("the cable of Astrid Exempel was cut")

func person(email string) account.Person {
	return account.Person{Name: "Kim", Email: email, Password: password, Language: "sv"}
}
