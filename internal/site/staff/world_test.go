package staff_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"panelverk/exports"
	"panelverk/internal/access"
	"panelverk/internal/account"
	"panelverk/internal/db"
	"panelverk/internal/fieldwork"
	"panelverk/internal/intake"
	"panelverk/internal/keyfile"
	"panelverk/internal/release"
	"panelverk/internal/secret"
	"panelverk/internal/site"
	"panelverk/internal/site/staff"
	"panelverk/internal/store"
	"panelverk/internal/study"
	"panelverk/surveys"
	"panelverk/web"
)

const (
	key      = "smart-factory"
	password = "en lång promenad"
)

var (
	ctx = context.Background()
	// before wave 1, and a Wednesday in the third field period of Smart Factory.
	early = time.Date(2016, 5, 1, 9, 0, 0, 0, time.UTC)
	wave3 = time.Date(2017, 3, 22, 9, 0, 0, 0, time.UTC)
)

// world is the whole site on real databases under a clock of the test's own.
type world struct {
	release  *release.Service
	t        *testing.T
	now      time.Time
	store    *store.Store
	field    *fieldwork.Service
	accounts *account.Service
	server   *httptest.Server
	log      bytes.Buffer
	ids      map[access.Role]string // the accounts by role
	told     staff.Sending
	serve    func(staff.Sending) // from now on with messages leaving in this way
}

// newWorld serves Smart Factory with an owner, an admin and a researcher.
func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOf(t, surveys.FS, key)
}

// newWorldOf does it with the study in a folder, whose key is that of Smart Factory.
func newWorldOf(t *testing.T, files fs.FS, dir string) *world {
	t.Helper()
	w := bareWorld(t)
	folder, problems := study.Load(files, dir)
	if err := problems.Err("broken", "the study is broken"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.field.Apply(ctx, early, access.CommandLine(), folder, fieldwork.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, role := range access.Roles {
		at := key
		if role == access.Owner {
			at = access.AllStudies
		}
		a, err := w.accounts.Add(ctx, early, access.CommandLine(), at, role,
			account.Person{Name: "Kim " + string(role), Email: string(role) + "@example.org", Password: password, Language: "sv"})
		if err != nil {
			t.Fatal(err)
		}
		w.ids[role] = a.ID
	}
	return w
}

// bareWorld serves a panel without a study and without an owner.
func bareWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{t: t, now: wave3, server: httptest.NewUnstartedServer(nil), ids: map[access.Role]string{}}
	w.server.Start()
	t.Cleanup(w.server.Close)
	var err error
	if w.store, err = store.Open(ctx, filepath.Join(dir, "panel.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	keys, err := secret.NewRing(bytes.Repeat([]byte{5}, 32))
	if err != nil {
		t.Fatal(err)
	}
	names, err := db.Open(ctx, filepath.Join(dir, "keyfile.db"), keyfile.Migrations, keyfile.MigrationsDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { names.Close() })
	ids := keyfile.Open(names, keys)
	w.field = fieldwork.New(w.store, keys, ids, w.server.URL)
	w.accounts = account.New(w.store, keys)
	clock := func() time.Time { return w.now }
	w.release = release.New(w.store, keys, dir)
	w.release.UseProfiles(exports.FS)
	w.serve = func(how staff.Sending) {
		w.t.Helper()
		w.told = how
		w.server.Config.Handler, err = site.New(site.Deps{
			Sending:   how,
			Fieldwork: w.field, Accounts: w.accounts, Release: w.release, Intake: intake.New(w.store, keys, ids),
			Sessions: store.NewSessionStore(w.store, clock), Ready: func(context.Context) error { return nil },
			Web: web.FS, BaseURL: w.server.URL, Log: slog.New(slog.NewTextHandler(&w.log, nil)), Now: clock,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.serve(staff.Sending{Silence: "no_file"})
	t.Cleanup(func() {
		if w.log.Len() > 0 {
			t.Errorf("the log is not empty:\n%s", w.log.String())
		}
	})
	return w
}

// people adds n participants at a time and gives their labels.
func (w *world) people(at time.Time, n int) []string {
	w.t.Helper()
	rows := make([]fieldwork.NewParticipant, n)
	for i := range rows {
		rows[i] = fieldwork.NewParticipant{Name: fmt.Sprintf("Alva Ek %d", i), Email: fmt.Sprintf("alva%d@example.org", i), Language: []string{"sv", "en", "de"}[i%3],
			Attributes: map[string]string{"country": "SE", "sector": "vehicles"}}
	}
	labels, err := w.field.AddParticipants(ctx, at, access.CommandLine(), key, rows)
	if err != nil {
		w.t.Fatal(err)
	}
	return labels
}

// answer submits an interview as staff would by telephone, on a day of the wave.
func (w *world) answer(label string, wave int) {
	w.t.Helper()
	st, err := w.field.Study(ctx, access.CommandLine(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	at := st.Waves[wave-1].Opens.Add(26 * time.Hour)
	v, err := w.field.EntryVisit(ctx, at, access.CommandLine(), key, label, wave, store.Telephone)
	if err != nil {
		w.t.Fatal(err)
	}
	problems, err := w.field.Submit(ctx, at, v)
	if err != nil || len(problems) > 0 {
		w.t.Fatalf("submit: %v %v", err, problems)
	}
}

// client is a browser without a screen.
type client struct {
	*world
	http *http.Client
}

func (w *world) client() *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &client{w, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as gives a client that is logged in with a role; "" for nobody.
func (w *world) as(role access.Role) *client {
	w.t.Helper()
	c := w.client()
	if role == "" {
		return c
	}
	a := c.post("/login", "email", string(role)+"@example.org", "password", password)
	if a.status != http.StatusSeeOther {
		w.t.Fatalf("log-in as %s: %d\n%s", role, a.status, a.body)
	}
	return c
}

// answered is what came back.
type answered struct {
	status   int
	location string
	body     string
	header   http.Header
}

func (c *client) do(r *http.Request) answered {
	c.t.Helper()
	r.Header.Set("Accept-Language", "sv")
	resp, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answered{resp.StatusCode, resp.Header.Get("Location"), string(body), resp.Header}
}

// address gives the whole address of a path under /staff, or of any other.
func (c *client) address(path string) string {
	if strings.HasPrefix(path, "http") {
		return path
	}
	return c.server.URL + "/staff" + strings.TrimPrefix(path, "/staff")
}

func (c *client) get(path string) answered {
	c.t.Helper()
	r, err := http.NewRequest(http.MethodGet, c.address(path), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.do(r)
}

// post sends a form, names and values in turn.
func (c *client) post(path string, pairs ...string) answered {
	c.t.Helper()
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, c.address(path), strings.NewReader(f.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.do(r)
}

// follow posts and gives the page that the answer leads to.
func (c *client) follow(path string, pairs ...string) answered {
	c.t.Helper()
	a := c.post(path, pairs...)
	if a.status != http.StatusSeeOther {
		c.t.Fatalf("POST %s: %d, want a redirect\n%s", path, a.status, text(a.body))
	}
	return c.get(a.location)
}

func (a answered) has(t *testing.T, wanted ...string) answered {
	t.Helper()
	for _, s := range wanted {
		if !strings.Contains(a.body, s) {
			t.Errorf("the page has no %q:\n%s", s, text(a.body))
		}
	}
	return a
}

func (a answered) lacks(t *testing.T, unwanted ...string) {
	t.Helper()
	for _, s := range unwanted {
		if strings.Contains(a.body, s) {
			t.Errorf("the page has %q", s)
		}
	}
}

// text gives the main part of a page without its tags, for messages.
func text(body string) string {
	if i := strings.Index(body, "<main"); i >= 0 {
		body = body[i:]
	}
	var b strings.Builder
	tag := false
	for _, c := range body {
		switch {
		case c == '<':
			tag = true
		case c == '>':
			tag = false
			b.WriteByte(' ')
		case !tag:
			b.WriteRune(c)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
