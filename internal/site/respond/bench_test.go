package respond_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/db"
	"panelverk/internal/fieldwork"
)

// step is one request of a recorded interview; TOKEN stands for the link's token.
type step struct{ method, path, body string }

// record answers one interview in full and gives the requests that it took.
func record(b testing.TB, w *world) []step {
	b.Helper()
	link := w.invite(3)
	token := link.URL[strings.LastIndex(link.URL, "/")+1:]
	visitor := w.browser(true)
	var steps []step
	visitor.client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		body := ""
		if r.Method == http.MethodPost {
			if err := r.ParseForm(); err != nil {
				return nil, err
			}
			body = r.PostForm.Encode()
			r.Body = http.NoBody
			r, _ = http.NewRequest(r.Method, r.URL.String(), strings.NewReader(body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for _, c := range visitor.client.Jar.Cookies(r.URL) {
				r.AddCookie(c)
			}
		}
		steps = append(steps, step{r.Method, strings.ReplaceAll(r.URL.Path, token, "TOKEN"), body})
		return http.DefaultTransport.RoundTrip(r)
	})
	visitor.get(link.URL).press("go", "start", "consent", "1")
	for range 60 {
		if strings.HasSuffix(visitor.url.Path, "/review") {
			break
		}
		visitor.next(choose(visitor.body)...)
	}
	visitor.press("go", "submit")
	if !strings.HasSuffix(visitor.url.Path, "/thanks") {
		b.Fatalf("the recorded interview ended at %s:\n%s", visitor.url.Path, visitor.body)
	}
	return steps
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// choose gives an answer to everything on a page: the second choice, or what
// fits the input.
func choose(body string) []string {
	var out []string
	seen := map[string]int{}
	for _, input := range strings.Split(body, `<input type="`)[1:] {
		kind := input[:strings.IndexByte(input, '"')]
		_, rest, ok := strings.Cut(input, `name="q.`)
		if !ok || kind != "radio" && kind != "checkbox" {
			continue
		}
		name := rest[:strings.IndexByte(rest, '"')]
		_, rest, _ = strings.Cut(rest, `value="`)
		if seen[name]++; seen[name] == 2 {
			out = append(out, "q."+name, rest[:strings.IndexByte(rest, '"')])
		}
	}
	for name, value := range typed {
		if strings.Contains(body, `name="q.`+name+`"`) {
			if name == "last_talks" {
				value = "2017-02-28"
			}
			out = append(out, "q."+name, value)
		}
	}
	return out
}

// play sends the recorded requests for another link, as a browser with a
// cookie would; it fails on an answer that the recording did not get either.
func play(handler http.Handler, steps []step, token, cookie string) error {
	for _, s := range steps {
		r, err := http.NewRequest(s.method, strings.Replace(s.path, "TOKEN", token, 1), strings.NewReader(s.body))
		if err != nil {
			return err
		}
		if s.body != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		r.AddCookie(&http.Cookie{Name: "pv", Value: cookie})
		r.Header.Set("Accept-Encoding", "gzip, deflate, br")
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		if answer.Code >= 400 {
			return fmt.Errorf("%s %s: %d", s.method, s.path, answer.Code)
		}
	}
	return nil
}

func (w *world) tokens(n int) []string {
	rows := make([]fieldwork.NewParticipant, n)
	for i := range rows {
		rows[i] = fieldwork.NewParticipant{Name: fmt.Sprintf("Person %d", i), Language: "sv"}
	}
	if _, err := w.field.AddParticipants(context.Background(), w.now, access.CommandLine(), smartFactory, rows); err != nil {
		w.t.Fatal(err)
	}
	links, err := w.field.Links(context.Background(), w.now, access.CommandLine(), smartFactory, 3, false)
	if err != nil {
		w.t.Fatal(err)
	}
	tokens := make([]string, len(links))
	for i, l := range links {
		u, _ := url.Parse(l.URL)
		tokens[i] = strings.TrimPrefix(u.Path, "/s/")
	}
	return tokens
}

// BenchmarkInterview answers the whole of Smart Factory, every GET and POST,
// and tells the CPU that one interview takes. LimeSurvey takes 690 ms and more
// for a questionnaire of this length.
func BenchmarkInterview(b *testing.B) {
	w := newWorld(b, wave3)
	steps := record(b, w)
	tokens := w.tokens(b.N)
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as serve does
	runtime.GC()
	b.ResetTimer()
	before := cpu(b)
	for i := range b.N {
		if err := play(w.server.Config.Handler, steps, tokens[i], "c"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/interview")
	b.ReportMetric(float64(len(steps)), "requests/interview")
}

// cpu gives the processor time that this process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkDurableSaves sends pages from 64 clients at once to the server
// and to the same server with the commit left out, in turns, and tells the
// ratio of their rates: what durability costs. The goal is at least 0.5.
func BenchmarkDurableSaves(b *testing.B) {
	const clients = 64
	durable, bare := newWorld(b, wave3), newWorld(b, wave3)
	durable.begin(clients)
	bare.begin(clients)
	bare.open(db.WithoutCommit())
	rate := map[*world]float64{}
	for round := range 4 {
		for _, w := range []*world{durable, bare} {
			rate[w] += w.saveRate(clients, max(b.N, 2000), round)
		}
	}
	b.ReportMetric(rate[durable]/4, "saves/s")
	b.ReportMetric(rate[bare]/4, "saves/s-without-commit")
	b.ReportMetric(rate[durable]/rate[bare], "ratio")
}

// BenchmarkAutosaves sends one answer at a time from 64 clients at once, as the
// pages do while somebody answers, and tells what a client waits for and the
// ratio to the same server with the commit left out. The goals are 20 ms and 0.5.
func BenchmarkAutosaves(b *testing.B) {
	const clients = 64
	durable, bare := newWorld(b, wave3), newWorld(b, wave3)
	durable.begin(clients)
	bare.begin(clients)
	bare.open(db.WithoutCommit())
	rate := map[*world]float64{}
	for round := range 4 {
		for _, w := range []*world{durable, bare} {
			rate[w] += w.autosaveRate(clients, max(b.N, 2000), round)
		}
	}
	b.ReportMetric(rate[durable]/4, "saves/s")
	b.ReportMetric(rate[bare]/4, "saves/s-without-commit")
	b.ReportMetric(rate[durable]/rate[bare], "ratio")
	b.ReportMetric(clients*1000/(rate[durable]/4), "ms/save-at-64")
}

// autosaveRate saves n answers from some clients, each with an interview of its own.
func (w *world) autosaveRate(clients, n, round int) float64 {
	var wg sync.WaitGroup
	began := time.Now()
	for c := range clients {
		wg.Go(func() {
			for i := range n / clients {
				body := fmt.Sprintf(`{"now":%d,"saves":[{"id":"r%dc%d-%d","at":%d,"page":"p_tasks","fields":[["was.task_repeat","-"],["q.task_repeat","%s"]],"go":""}]}`,
					w.now.UnixMilli(), round, c, i+1, w.now.UnixMilli(), []string{"seldom", "often"}[i%2])
				if err := playJSON(w.server.Config.Handler, "/s/"+w.started[c]+"/saves", body); err != nil {
					w.t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n/clients*clients) / time.Since(began).Seconds()
}

// playJSON posts a body and wants all of it saved.
func playJSON(handler http.Handler, path, body string) error {
	r, err := http.NewRequest(http.MethodPost, path, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.AddCookie(&http.Cookie{Name: "pv", Value: "c"})
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	if answer.Code != http.StatusOK || strings.Contains(answer.Body.String(), `"refused"`) {
		return fmt.Errorf("%s: %d %s", path, answer.Code, answer.Body)
	}
	return nil
}

// begin presses the start button for some clients.
func (w *world) begin(clients int) {
	for _, token := range w.tokens(clients) {
		if err := play(w.server.Config.Handler, []step{{http.MethodPost, "/s/TOKEN", "go=start&consent=1&lang=sv"}}, token, "c"); err != nil {
			w.t.Fatal(err)
		}
		w.started = append(w.started, token)
	}
}

// saveRate posts n pages from some clients, each with an interview of its own.
func (w *world) saveRate(clients, n, round int) float64 {
	var wg sync.WaitGroup
	began := time.Now()
	for c := range clients {
		wg.Go(func() {
			for i := range n / clients {
				body := fmt.Sprintf("go=next&key=r%dn%d&was.task_repeat=x&q.task_repeat=%s&was.task_solve=x&q.task_solve=often", round, i, []string{"seldom", "often"}[i%2])
				if err := play(w.server.Config.Handler, []step{{http.MethodPost, "/s/TOKEN/p/p_tasks", body}}, w.started[c], "c"); err != nil {
					w.t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n/clients*clients) / time.Since(began).Seconds()
}

// BenchmarkAcknowledged posts pages, and what a queue sends of them, from 64
// clients at once and tells how long the answers take, which come when all is
// durable. The goal is 20 ms.
func BenchmarkAcknowledged(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as serve does
	b.Run("pages", func(b *testing.B) {
		acknowledged(b, func(w *world, client, i int) error {
			body := fmt.Sprintf("go=next&key=a%d&was.task_repeat=x&q.task_repeat=%s&was.task_solve=x&q.task_solve=often", i, []string{"seldom", "often"}[i%2])
			return play(w.server.Config.Handler, []step{{http.MethodPost, "/s/TOKEN/p/p_tasks", body}}, w.started[client], "c")
		})
	})
	b.Run("saves", func(b *testing.B) {
		acknowledged(b, func(w *world, client, i int) error {
			body := fmt.Sprintf(`{"now":%d,"saves":[{"id":"c%d-%d","at":%d,"page":"p_tasks","fields":[["was.task_repeat","-"],["q.task_repeat","%s"]],"go":""}]}`,
				w.now.UnixMilli(), client, i+1, w.now.UnixMilli(), []string{"seldom", "often"}[i%2])
			return playJSON(w.server.Config.Handler, "/s/"+w.started[client]+"/saves", body)
		})
	})
}

// acknowledged tells how long 64 clients wait for what each posts over and over.
func acknowledged(b *testing.B, post func(w *world, client, i int) error) {
	const clients = 64
	w := newWorld(b, wave3)
	w.begin(clients)
	w.saveRate(clients, 2*clients, 0) // everybody has posted the page once
	n := max(b.N, 2000) / clients
	took := make([]time.Duration, clients*n)
	runtime.GC()
	b.ResetTimer()
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for i := range n {
				began := time.Now()
				if err := post(w, c, i); err != nil {
					b.Error(err)
					return
				}
				took[c*n+i] = time.Since(began)
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	for _, share := range []int{50, 99} {
		b.ReportMetric(float64(took[len(took)*share/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", share))
	}
}
