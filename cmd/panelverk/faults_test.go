package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/need"
	"panelverk/internal/store"
	"panelverk/internal/study"
	"panelverk/surveys"
)

const (
	panelStudy = "smart-factory"
	wordsPage  = "p_own_words" // holds one question, an open text
	wordsAsked = "open_effect"
)

// TestFaults runs the real program as a process of its own and treats it
// badly. What it had acknowledged must be there.
func TestFaults(t *testing.T) {
	gotool, err := exec.LookPath("go")
	if err != nil {
		need.Missing(t, "the go command", "put it on the PATH")
	}
	binary := filepath.Join(t.TempDir(), "panelverk")
	if out, err := exec.Command(gotool, "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Run("a kill loses no acknowledged save", func(t *testing.T) { killAgainAndAgain(t, newField(t, binary, 6)) })
	t.Run("the log is synced before the answer", func(t *testing.T) { watchTheSync(t, newField(t, binary, 1)) })
}

// field is Smart Factory in a fresh directory, moved so that its last wave is
// open now, with some participants.
type field struct {
	t       *testing.T
	binary  string
	data    string
	clients []*answerer
}

func newField(t *testing.T, binary string, people int) *field {
	t.Helper()
	dir := t.TempDir()
	f := &field{t: t, binary: binary, data: filepath.Join(dir, "data")}
	folder := rollingCopy(t, dir)
	apply := exec.Command(binary, "study", "apply", "--dir", f.data, "--yes", folder)
	if out, err := apply.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f.open(func(s *server) {
		ctx, now := context.Background(), time.Now()
		rows := make([]fieldwork.NewParticipant, people)
		for i := range rows {
			rows[i] = fieldwork.NewParticipant{Name: fmt.Sprint("Astrid Exempel ", i), Language: "sv"}
		}
		if _, err := s.fieldwork.AddParticipants(ctx, now, access.CommandLine(), panelStudy, rows); err != nil {
			t.Fatal(err)
		}
		st, err := s.fieldwork.Study(ctx, access.CommandLine(), panelStudy)
		if err != nil {
			t.Fatal(err)
		}
		links, err := s.fieldwork.Links(ctx, now, access.CommandLine(), panelStudy, len(st.Waves), false)
		if err != nil || len(links) != people {
			t.Fatalf("%d links: %v", len(links), err)
		}
		for i, l := range links {
			_, token, _ := strings.Cut(l.URL, "/s/")
			f.clients = append(f.clients, newAnswerer(t, i, token))
		}
	})
	return f
}

// rollingCopy writes the study's folder anew, with the last wave open now.
func rollingCopy(t *testing.T, dir string) string {
	t.Helper()
	folder, problems := study.Load(surveys.FS, panelStudy)
	if folder == nil {
		t.Fatal(problems)
	}
	text, err := folder.Study.Rolling(time.Now()).YAML()
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(surveys.FS, panelStudy, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(surveys.FS, path)
		write(t, filepath.Join(dir, filepath.FromSlash(path)), string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, panelStudy, study.FileName), string(text))
	return filepath.Join(dir, panelStudy)
}

// open works on the databases beside whoever else has them open.
func (f *field) open(do func(*server)) {
	f.t.Helper()
	s, err := open(context.Background(), dataFlags{Dir: f.data}, "http://panel.example.org", false)
	if err != nil {
		f.t.Fatal(err)
	}
	do(s)
	if err := s.close(); err != nil {
		f.t.Error(err)
	}
}

// process is a server that runs.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	base string
	talk output
	gone bool
}

// serve starts the program, with something before it on the command line, and
// waits until it listens.
func (f *field) serve(before ...string) *process { return f.start(before) }

// start does the same, with something after it too.
func (f *field) start(before []string, after ...string) *process {
	f.t.Helper()
	args := slices.Concat(before, []string{f.binary, "serve", "--dir", f.data, "--listen", "127.0.0.1:0"}, after)
	p := &process{t: f.t, cmd: exec.Command(args[0], args[1:]...)}
	p.cmd.Stderr = &p.talk
	if err := p.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		if !p.gone {
			p.end(os.Kill)
		}
	})
	address := regexp.MustCompile(`address=(\S+)`)
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if m := address.FindStringSubmatch(p.talk.String()); m != nil {
			p.base = "http://" + m[1]
			return p
		}
	}
	f.t.Fatalf("the server does not listen: %s", &p.talk)
	return nil
}

// end sends the signal and waits for the end.
func (p *process) end(signal os.Signal) {
	p.gone = true
	if err := p.cmd.Process.Signal(signal); err != nil {
		p.t.Errorf("the server had ended by itself: %v\n%s", err, &p.talk)
	}
	err := p.cmd.Wait()
	if signal != os.Kill && err != nil {
		p.t.Errorf("%v\n%s", err, &p.talk)
	}
}

// answerer is a respondent's browser that notes what the server acknowledged.
type answerer struct {
	t     *testing.T
	name  int
	token string
	http  *http.Client
	begun bool
	saves int

	acknowledged []string   // texts, in the order they were saved
	last         url.Values // the form of the newest of them
	waiting      url.Values // a form that was sent and not answered
}

func newAnswerer(t *testing.T, name int, token string) *answerer {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &answerer{t: t, name: name, token: token, http: &http.Client{Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (a *answerer) link(base string) string { return base + "/s/" + a.token }

// send posts a form; false where no answer came, true for the redirect that
// says it is saved. Any other answer is an error.
func (a *answerer) send(address string, form url.Values) bool {
	res, err := a.http.PostForm(address, form)
	if err != nil {
		return false
	}
	body, _ := io.ReadAll(res.Body) // the status has been given: that is the acknowledgement
	res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		a.t.Errorf("client %d: %d\n%s", a.name, res.StatusCode, body)
		return false
	}
	return true
}

func (a *answerer) start(base string) bool {
	a.begun = a.begun || a.send(a.link(base), url.Values{"go": {"start"}, "consent": {"1"}, "lang": {"sv"}})
	return a.begun
}

var hidden = regexp.MustCompile(`name="(key|was\.` + wordsAsked + `)" value="([^"]*)"`)

// answer opens the page of the open question and saves another text on it;
// false once the server does not answer any more.
func (a *answerer) answer(base string) bool {
	page := a.link(base) + "/p/" + wordsPage
	res, err := a.http.Get(page)
	if err != nil {
		return false
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		return false
	}
	form := url.Values{"go": {"pause"}}
	for _, m := range hidden.FindAllStringSubmatch(string(body), -1) {
		form.Set(m[1], m[2])
	}
	if res.StatusCode != http.StatusOK || !form.Has("key") || !form.Has("was."+wordsAsked) {
		a.t.Errorf("client %d: %d\n%s", a.name, res.StatusCode, body)
		return false
	}
	a.saves++
	form.Set("q."+wordsAsked, fmt.Sprintf("Klient %d, svar %d.", a.name, a.saves))
	return a.save(base, form)
}

// save sends a form until it is answered or not.
func (a *answerer) save(base string, form url.Values) bool {
	a.waiting = form
	if !a.send(a.link(base)+"/p/"+wordsPage, form) {
		return false
	}
	a.acknowledged = append(a.acknowledged, form.Get("q."+wordsAsked))
	a.last, a.waiting = form, nil
	return true
}

// resend sends the newest saved form again, and what was not answered.
func (a *answerer) resend(base string) {
	if a.last != nil && !a.send(a.link(base)+"/p/"+wordsPage, a.last) {
		a.t.Errorf("client %d: a form that was saved before is refused", a.name)
	}
	if a.waiting != nil && !a.save(base, a.waiting) {
		a.t.Errorf("client %d: the form cannot be sent again after the restart", a.name)
	}
}

func killAgainAndAgain(t *testing.T, f *field) {
	const rounds = 8
	acknowledged := 0
	for range rounds {
		p := f.serve()
		var running sync.WaitGroup
		for _, a := range f.clients {
			running.Go(func() {
				for ok := a.start(p.base); ok; ok = a.answer(p.base) {
				}
			})
		}
		time.Sleep(time.Duration(100+rand.IntN(400)) * time.Millisecond)
		p.end(os.Kill)
		running.Wait()
		p = f.serve()
		for _, a := range f.clients {
			if a.begun {
				a.resend(p.base)
			}
			acknowledged += len(a.acknowledged)
		}
		f.verify()
		p.end(syscall.SIGTERM)
		if t.Failed() {
			return
		}
	}
	if acknowledged < rounds*len(f.clients) {
		t.Errorf("only %d answers were acknowledged: the test has tested little", acknowledged)
	}
}

// verify compares the database with what was acknowledged.
func (f *field) verify() {
	f.t.Helper()
	f.open(func(s *server) {
		err := s.store.Read(context.Background(), func(tx *store.Tx) error {
			for _, a := range f.clients {
				v, err := tx.VisitByLink(s.keys.Lookup("link", a.token))
				if err != nil {
					return err
				}
				history, err := tx.Saves(v.Interview.ID)
				if err != nil {
					return err
				}
				a.compare(v.Interview, history)
			}
			return nil
		})
		if err != nil {
			f.t.Error(err)
		}
	})
}

// compare looks for every acknowledged answer in the history, once, and for
// the newest in the document.
func (a *answerer) compare(in store.Interview, history []store.Save) {
	times := map[string]int{}
	for _, s := range history {
		times[s.Change.Answers[wordsAsked]]++
	}
	for _, text := range a.acknowledged {
		if times[text] != 1 {
			a.t.Errorf("%q was acknowledged and is in the history %d times", text, times[text])
		}
	}
	if in.Document != store.Replay(history).Encode() || in.Revision != int64(len(history)) {
		a.t.Errorf("client %d: the document is not what its %d saves amount to", a.name, len(history))
	}
	if len(a.acknowledged) == 0 {
		return
	}
	d, err := in.Decoded()
	if want := a.acknowledged[len(a.acknowledged)-1]; err != nil || d.Answers[wordsAsked] != want {
		a.t.Errorf("the document holds %q, not %q (%v)", d.Answers[wordsAsked], want, err)
	}
}

// watchTheSync watches the system calls of the server: between two answers
// that acknowledge a save, and before the first, the write-ahead log of the
// panel was synced to the disk.
func watchTheSync(t *testing.T, f *field) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		need.Missing(t, "strace", "apt-get install strace")
	}
	if out, err := exec.Command(strace, "-o", os.DevNull, f.binary, "version").CombinedOutput(); err != nil {
		need.Missing(t, "the permission to trace processes ("+strings.TrimSpace(string(out))+")", "allow ptrace")
	}
	const saves = 12
	trace := filepath.Join(t.TempDir(), "trace")
	p := f.serve(strace, "-D", "-f", "-y", "-e", "trace=fsync,fdatasync,write", "-e", "signal=none", "-o", trace)
	a := f.clients[0]
	if !a.start(p.base) {
		t.Fatal("the interview cannot be started")
	}
	for range saves {
		if !a.answer(p.base) {
			t.Fatal("an answer was not saved")
		}
	}
	p.end(syscall.SIGTERM)

	answers, synced, syncing := 0, false, map[string]bool{}
	for _, line := range traced(t, trace) {
		thread, call, _ := strings.Cut(line, " ")
		call = strings.TrimSpace(call)
		isSync := (strings.HasPrefix(call, "fsync(") || strings.HasPrefix(call, "fdatasync(")) && strings.Contains(call, "/panel.db-wal>")
		switch {
		case isSync && strings.HasSuffix(call, "<unfinished ...>"):
			syncing[thread] = true
		case isSync && strings.HasSuffix(call, "= 0"),
			syncing[thread] && strings.Contains(call, "sync resumed") && strings.HasSuffix(call, "= 0"):
			syncing[thread], synced = false, true
		case strings.HasPrefix(call, "write(") && strings.Contains(call, `"HTTP/1.1 303 `):
			if !synced {
				t.Errorf("answer %d was given before the log was synced", answers)
			}
			answers, synced = answers+1, false
		}
	}
	if answers != saves+1 { // the start button is a save too
		t.Errorf("%d answers were seen, want %d", answers, saves+1)
	}
}

// traced gives the lines of a trace once its writer is done with it.
func traced(t *testing.T, name string) []string {
	t.Helper()
	for range 500 {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for in := bufio.NewScanner(f); in.Scan(); {
			lines = append(lines, in.Text())
		}
		f.Close()
		if n := len(lines); n > 0 && strings.HasSuffix(lines[n-1], "+++ exited with 0 +++") && !slices.ContainsFunc(lines, func(l string) bool { return l == "" }) {
			return lines
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the trace does not end")
	return nil
}
