package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"panelverk/internal/fieldwork"
	"panelverk/internal/need"
	"panelverk/internal/panel"
	"panelverk/internal/site/browsertest"
	"panelverk/internal/store"
)

// begin presses the start button for everybody.
func (f *field) begin() {
	f.t.Helper()
	f.open(func(s *server) {
		for _, a := range f.clients {
			if err := s.fieldwork.Start(context.Background(), time.Now(), a.token, fieldwork.Beginning{Language: "sv", Consent: true}); err != nil {
				f.t.Fatal(err)
			}
		}
	})
}

func saving(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/saves") }

// killAt kills the server each time that so many answers more have got through
// the network, and starts it again; it ends when done is closed.
func (f *field) killAt(n *network, every int64, done <-chan struct{}) (kills int) {
	p := f.serve()
	n.upstream.Store(p.base)
	for from := n.through.Load(); ; {
		select {
		case <-done:
			p.end(os.Interrupt)
			return kills
		case <-time.After(5 * time.Millisecond):
		}
		if n.through.Load() < from+every {
			continue
		}
		p.end(os.Kill)
		kills++
		p = f.serve()
		n.upstream.Store(p.base)
		from = n.through.Load()
	}
}

// 200 people answer on bad networks, with the queue of the pages, while the
// server is killed again and again. What the page called saved is in the
// database, in the order it was given, once; each interview is submitted once.
func TestNothingAnsweredIsLostOnABadNetwork(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		need.Missing(t, "Node.js", "apt-get install nodejs")
	}
	const people, saves = 200, 12
	f := newField(t, built(t), people)
	f.begin()
	n := newNetwork(t, 5, saving)
	type person struct {
		Token  string `json:"token"`
		Cookie string `json:"cookie"`
	}
	in := struct {
		Base     string   `json:"base"`
		Seed     int      `json:"seed"`
		Saves    int      `json:"saves"`
		Together int      `json:"together"`
		People   []person `json:"people"`
	}{n.URL, 7, saves, 50, nil}
	for i, a := range f.clients {
		in.People = append(in.People, person{a.token, fmt.Sprint("kaka", i)})
	}
	input, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, "testdata/interviews.js", "../../web/static/queue.js")
	var talk bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), &talk
	var out []byte
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		out, err = cmd.Output()
	}()
	kills := f.killAt(n, 180, ended)
	if err != nil {
		t.Fatalf("%v\n%s", err, &talk)
	}
	if kills < 3 {
		t.Errorf("the server was killed only %d times", kills)
	}
	for _, what := range []string{"lost", "answer lost", "twice", "cut", "answer cut", "bad gateway", "foreign page"} {
		if n.did[what] == 0 {
			t.Errorf("nothing was %s", what)
		}
	}
	t.Logf("%d kills; the network did %v", kills, n.did)
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	f.open(func(s *server) {
		i := 0
		for ; lines.Scan(); i++ {
			var said struct {
				Put  [][3]string
				Said []string
			}
			if err := json.Unmarshal(lines.Bytes(), &said); err != nil {
				t.Fatal(err)
			}
			f.kept(s, i, said.Put, said.Said)
		}
		if i != people {
			t.Errorf("%d interviews, not %d", i, people)
		}
	})
}

// kept compares one interview with what was put into its queue and what the
// page called saved.
func (f *field) kept(s *server, person int, put [][3]string, said []string) {
	f.t.Helper()
	err := s.store.Read(context.Background(), func(tx *store.Tx) error {
		v, err := tx.VisitByLink(s.keys.Lookup("link", f.clients[person].token))
		if err != nil {
			return err
		}
		history, err := tx.Saves(v.Interview.ID)
		if err != nil {
			return err
		}
		events, err := tx.EventsOf(v.Invitation.PID)
		if err != nil {
			return err
		}
		if len(said) != len(put) {
			f.t.Errorf("person %d: %d of %d are called saved", person, len(said), len(put))
		}
		want := map[string]string{}
		for i, one := range put {
			if i >= len(history) || history[i].Key != one[0] || history[i].Change.Answers[one[1]] != one[2] || len(history[i].Change.Late) > 0 {
				f.t.Fatalf("person %d: save %d is not %v in\n%+v", person, i, one, history)
			}
			want[one[1]] = one[2]
		}
		if len(history) != len(put) {
			f.t.Errorf("person %d: %d rows of %d saves", person, len(history), len(put))
		}
		d, err := v.Interview.Decoded()
		if err != nil {
			return err
		}
		for name, value := range want {
			if d.Answers[name] != value {
				f.t.Errorf("person %d: %s is %q, not %q", person, name, d.Answers[name], value)
			}
		}
		if v.Interview.Document != store.Replay(history).Encode() {
			f.t.Errorf("person %d: the document is not what its history amounts to", person)
		}
		submitted := 0
		for _, e := range events {
			if e.Kind == string(panel.Submitted) {
				submitted++
			}
		}
		if submitted != 1 || v.Interview.SubmittedAt.IsZero() {
			f.t.Errorf("person %d was submitted %d times", person, submitted)
		}
		return nil
	})
	if err != nil {
		f.t.Error(err)
	}
}

// Five people answer in Chromium on the same network; the server is killed under
// two of them. The page says "saved" in the end, and it is.
func TestChromiumOnABadNetwork(t *testing.T) {
	const people, answers = 5, 8
	f := newField(t, built(t), people)
	f.begin()
	n := newNetwork(t, 11, saving)
	p := f.serve()
	n.upstream.Store(p.base)
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	for _, trouble := range []string{"could not be loaded", "502 for"} {
		b.Expect(trouble)
	}
	given := make([][]string, people)
	for i, a := range f.clients {
		b.Goto(a.link(n.URL))
		b.Follow(".acts .btn")
		b.Goto(a.link(n.URL) + "/p/p_tasks")
		for k := range answers {
			value := []string{"seldom", "often"}[k%2]
			b.Check("input[name='q.task_repeat'][value=" + value + "]")
			given[i] = append(given[i], value)
			if k == answers/2 && i%2 == 1 {
				p.end(os.Kill)
				p = f.serve()
				n.upstream.Store(p.base)
			}
		}
		b.WaitUntil("everything is saved", func() bool {
			return b.Evaluate(`window.PanelverkSaves && (PanelverkSaves.queue.flush(), PanelverkSaves.queue.state().saved)`) == "true"
		})
		b.WaitUntil("the page says so", func() bool { return strings.Contains(b.Text("#saved"), "parat") })
		b.Follow(".acts button[value=next]")
	}
	p.end(os.Interrupt)
	f.open(func(s *server) {
		for i, a := range f.clients {
			v, err := s.fieldwork.Visit(context.Background(), time.Now(), a.token)
			if err != nil {
				t.Fatal(err)
			}
			var stored []string
			err = s.store.Read(context.Background(), func(tx *store.Tx) error {
				history, err := tx.Saves(v.Interview.ID)
				for _, save := range history {
					if value, ok := save.Change.Answers["task_repeat"]; ok {
						stored = append(stored, value)
					}
				}
				return err
			})
			if err != nil || !slices.Equal(stored, given[i]) {
				t.Errorf("person %d: stored %v, given %v (%v)", i, stored, given[i], err)
			}
		}
	})
}
