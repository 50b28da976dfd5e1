package respond_test

import (
	"context"
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
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/net/html"

	"panelverk/internal/access"
	"panelverk/internal/db"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/keyfile"
	"panelverk/internal/secret"
	"panelverk/internal/site/page"
	"panelverk/internal/site/respond"
	"panelverk/internal/store"
	"panelverk/internal/study"
	"panelverk/surveys"
	"panelverk/web"
)

const smartFactory = "smart-factory"

// wave3 is a Wednesday in the third field period of Smart Factory.
var wave3 = time.Date(2017, 3, 22, 17, 42, 0, 0, time.UTC)

// world is the respondents' site on real databases under a clock of the test's own.
type world struct {
	t         testing.TB
	study     string
	dir       string
	now       time.Time
	store     *store.Store
	field     *fieldwork.Service
	keys      *secret.Ring
	server    *httptest.Server
	templates http.Handler // the same site with nothing kept: every page through its template
	log       strings.Builder
	started   []string // tokens of interviews that a benchmark has begun
}

func newWorld(t testing.TB, now time.Time) *world {
	t.Helper()
	return newWorldOf(t, now, surveys.FS, smartFactory)
}

// newWorldOf sets up the study of a folder.
func newWorldOf(t testing.TB, now time.Time, fsys fs.FS, key string) *world {
	t.Helper()
	w := &world{t: t, study: key, now: now, dir: t.TempDir(), server: httptest.NewServer(nil)}
	t.Cleanup(w.server.Close)
	w.open()
	folder, problems := study.Load(fsys, key)
	if err := problems.Err("broken", key+" is broken"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.field.Apply(context.Background(), now, access.CommandLine(), folder, fieldwork.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	return w
}

// open opens the databases, anew where they were open, and serves them.
func (w *world) open(options ...db.Option) {
	t, ctx, dir := w.t, context.Background(), w.dir
	t.Helper()
	if w.store != nil {
		w.store.Close()
	}
	st, err := store.Open(ctx, filepath.Join(dir, "panel.db"), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	keys, err := secret.Load(filepath.Join(dir, "key"), true)
	if err != nil {
		t.Fatal(err)
	}
	names, err := db.Open(ctx, filepath.Join(dir, "keyfile.db"), keyfile.Migrations, keyfile.MigrationsDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { names.Close() })
	ids := keyfile.Open(names, keys)
	w.store, w.keys = st, keys
	w.field = fieldwork.New(st, keys, ids, w.server.URL)
	log := slog.New(slog.NewTextHandler(&w.log, nil))
	pages, err := page.New(web.FS, false, log)
	if err != nil {
		t.Fatal(err)
	}
	gin.SetMode(gin.ReleaseMode)
	site := func(dev bool) http.Handler {
		engine := gin.New()
		engine.GET("/static/:hash/:name", pages.Static)
		respond.Register(engine, respond.Deps{Fieldwork: w.field, Page: pages, Log: log, Now: func() time.Time { return w.now }, Dev: dev})
		return engine
	}
	w.server.Config.Handler, w.templates = site(false), site(true)
}

// invite adds one participant and gives the link to a wave.
func (w *world) invite(wave int) fieldwork.Link {
	w.t.Helper()
	labels, err := w.field.AddParticipants(context.Background(), w.now, access.CommandLine(), w.study,
		[]fieldwork.NewParticipant{{Name: "Astrid Exempel", Language: "sv"}})
	if err != nil {
		w.t.Fatal(err)
	}
	links, err := w.field.Links(context.Background(), w.now, access.CommandLine(), w.study, wave, false)
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

// browser is somebody's browser: it keeps cookies unless told not to.
type browser struct {
	t      testing.TB
	client *http.Client
	url    *url.URL
	status int
	source string     // of the page
	body   string     // of it what is there without scripts
	form   url.Values // of the page's last form with questions, as a browser would send it untouched
	action string
}

func (w *world) browser(cookies bool) *browser {
	b := &browser{t: w.t, client: &http.Client{}}
	if cookies {
		b.client.Jar, _ = cookiejar.New(nil)
	}
	return b
}

func (b *browser) take(resp *http.Response, err error) *browser {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.url, b.status, b.source = resp.Request.URL, resp.StatusCode, string(data)
	b.body = unscripted(b.source)
	b.read()
	return b
}

func (b *browser) get(address string) *browser {
	b.t.Helper()
	return b.take(b.client.Get(address))
}

// unscripted gives a page as it is without scripts: templates are inert.
func unscripted(page string) string {
	var out strings.Builder
	depth := 0
	for _, part := range regexp.MustCompile(`(?s)<script type="application/json".*?</script>|</?template[^>]*>|[^<]+|<`).FindAllString(page, -1) {
		switch {
		case strings.HasPrefix(part, "<template"):
			depth++
		case part == "</template>":
			depth--
		case depth == 0 && !strings.HasPrefix(part, "<script type"):
			out.WriteString(part)
		}
	}
	return out.String()
}

// press sends the page's form with the changed fields and the button.
func (b *browser) press(name, value string, fields ...string) *browser {
	b.t.Helper()
	f := url.Values{}
	for k, v := range b.form {
		f[k] = v
	}
	for i := 0; i+1 < len(fields); i += 2 {
		f[fields[i]] = strings.Split(fields[i+1], "|")
	}
	f.Set(name, value)
	action, err := b.url.Parse(b.action)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.take(b.client.PostForm(action.String(), f))
}

func (b *browser) next(fields ...string) *browser {
	b.t.Helper()
	return b.press("go", "next", fields...)
}

// read finds the form as a browser would send it: hidden, typed and ticked fields.
func (b *browser) read() {
	b.form, b.action = url.Values{}, b.url.Path
	doc, err := html.Parse(strings.NewReader(b.body))
	if err != nil {
		b.t.Fatal(err)
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			a := map[string]string{}
			for _, at := range n.Attr {
				a[at.Key] = at.Val
			}
			_, ticked := a["checked"]
			switch {
			case n.Data == "form" && a["action"] != "":
				b.action = a["action"]
			case n.Data == "input" && (a["type"] == "radio" || a["type"] == "checkbox"):
				if ticked {
					b.form.Add(a["name"], a["value"])
				}
			case n.Data == "input" && a["name"] != "":
				b.form.Add(a["name"], a["value"])
			case n.Data == "textarea":
				text := ""
				if n.FirstChild != nil {
					text = strings.TrimPrefix(n.FirstChild.Data, "\n")
				}
				b.form.Add(a["name"], text)
			case n.Data == "select":
				b.form.Add(a["name"], "")
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
}

func (b *browser) says(texts ...string) *browser {
	b.t.Helper()
	plain := html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(b.body, ""))
	for _, text := range texts {
		if !strings.Contains(plain, text) {
			b.t.Errorf("%s (%d) does not say %q:\n%s", b.url.Path, b.status, text, strings.Join(strings.Fields(plain), " "))
		}
	}
	return b
}

// holds wants texts in the page's source.
func (b *browser) holds(texts ...string) *browser {
	b.t.Helper()
	for _, text := range texts {
		if !strings.Contains(b.body, text) {
			b.t.Fatalf("%s does not hold %q:\n%s", b.url.Path, text, b.body)
		}
	}
	return b
}

// lacks wants them not there.
func (b *browser) lacks(texts ...string) *browser {
	b.t.Helper()
	for _, text := range texts {
		if strings.Contains(b.body, text) {
			b.t.Fatalf("%s says %q:\n%s", b.url.Path, text, b.body)
		}
	}
	return b
}

func (b *browser) isAt(status int, path string) *browser {
	b.t.Helper()
	if b.status != status || !strings.HasSuffix(b.url.Path, path) {
		b.t.Fatalf("at %s with %d, not %s with %d:\n%s", b.url.Path, b.status, path, status, b.body)
	}
	return b
}

// document gives what the database holds for the only interview of a wave.
func (w *world) document(wave int) *interview.Document {
	w.t.Helper()
	var d *interview.Document
	err := w.store.Read(context.Background(), func(tx *store.Tx) error {
		all, err := tx.Interviews(w.study, wave)
		if err != nil || len(all) != 1 {
			w.t.Fatalf("%d interviews in wave %d (%v)", len(all), wave, err)
		}
		d, err = all[0].Decoded()
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// walk answers page after page with the first choice of everything until the review.
func (b *browser) walk() *browser {
	b.t.Helper()
	for range 60 {
		if strings.HasSuffix(b.url.Path, "/review") {
			return b
		}
		b.next()
		if b.status == http.StatusUnprocessableEntity { // the one friendly reminder
			b.next()
		}
	}
	b.t.Fatalf("no review after 60 pages; at %s:\n%s", b.url.Path, b.body)
	return b
}

func TestWholeInterviewWithAndWithoutCookies(t *testing.T) {
	for name, cookies := range map[string]bool{"with cookies": true, "without cookies": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, wave3)
			link := w.invite(3)
			b := w.browser(cookies)
			b.get(link.URL).isAt(200, "").says("Hur förändras ditt arbete av ny teknik?", "Till och med söndag 2 april 2017", "Projektets samordnare")
			b.press("go", "start").isAt(422, "").says("Kryssa i rutan om du vill delta.")
			b.press("go", "start", "consent", "1")
			if !strings.Contains(b.url.Path, "/p/") {
				t.Fatalf("after start at %s", b.url.Path)
			}
			b.says("Del 1 av 7")
			b.press("go", "pause", "q.year_started", "2006").isAt(200, "").says("Sparat. Fortsätt med samma länk")
			b.press("go", "start")
			b.walk().says("Läs igenom innan du skickar in")
			b.open(link, "p_job").next("q.year_started", "2007")
			if got := w.document(3).Answers["year_started"]; got != "2007" {
				t.Errorf("changed from the review to 2007, stored is %q", got)
			}
			b.get(link.URL + "/review")
			b.press("go", "submit").isAt(200, "/thanks").says("Tack! Dina svar är inskickade.", "25 september 2017", "Vi frågar dig en sista gång")
			b.get(link.URL).says("Du har redan svarat i den här omgången.")
			b.get(link.URL+"/leave").press("how", "keep").isAt(200, "/leave/keep").press("", "", "mine", "1").isAt(200, "/receipt").says("Du deltar inte längre.")
			b.get(link.URL).isAt(410, "")
		})
	}
}
