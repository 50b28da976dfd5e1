package rehearsal_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/db"
	"panelverk/internal/fieldwork"
	"panelverk/internal/keyfile"
	"panelverk/internal/mail"
	"panelverk/internal/mail/mailtest"
	"panelverk/internal/rehearsal"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

// workerEnv names the directory that a worker works in: the test's own program
// started once more is one.
const workerEnv = "PANELVERK_TEST_WORKER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(workerEnv); dir != "" {
		if err := work(dir, os.Getenv(workerEnv+"_PORT")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// work is what a server's worker does, awake at the times that it reads, in
// milliseconds, a line each; it answers how many messages were new.
func work(dir, port string) error {
	ctx := context.Background()
	st, err := store.Open(ctx, filepath.Join(dir, "panel.db"))
	if err != nil {
		return err
	}
	keys, err := secret.Load(filepath.Join(dir, "key"), false)
	if err != nil {
		return err
	}
	names, err := db.Open(ctx, filepath.Join(dir, "keyfile.db"), keyfile.Migrations, keyfile.MigrationsDir)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	smtp, err := mail.NewSMTP(mail.Settings{Host: "127.0.0.1", Port: number, Security: mail.None, Hello: rehearsal.Domain, Letterhead: rehearsal.Letterhead, Timeout: 10 * time.Second})
	if err != nil {
		return err
	}
	field := fieldwork.New(st, keys, keyfile.Open(names, keys), base)
	post := fieldwork.Post{Mail: smtp, SMS: mail.Folder{Dir: filepath.Join(dir, "sms")}, Domain: rehearsal.Domain}
	lines := bufio.NewScanner(os.Stdin)
	for round := 0; lines.Scan(); round++ {
		ms, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			return err
		}
		now := time.UnixMilli(ms)
		written, err := field.Schedule(ctx, now)
		if err != nil {
			return err
		}
		for claimed := 20; claimed == 20; {
			done, err := field.HandOver(ctx, func() time.Time { return now }, post, fmt.Sprintf("%d.%d", os.Getpid(), round), 20)
			if err != nil {
				return err
			}
			claimed = done.Claimed
		}
		fmt.Println(written)
	}
	return lines.Err()
}

// mortal is a way through a worker that is a process of its own and is killed
// now and then, at whatever it is just doing.
type mortal struct {
	t      *testing.T
	dir    string
	server *mailtest.Server
	lot    *rand.Rand
	kills  int // how often it is still to be killed at any moment of a round
	worker *exec.Cmd

	mu      sync.Mutex
	process *os.Process // of the worker
	shots   int         // how often it is still to be killed while it talks to the server
	shot    bool        // it was
	in      io.WriteCloser
	out     *bufio.Reader
	read    int // how much of the server's record has arrived
	texts   map[string]bool
}

func (w *mortal) start() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	w.worker = exec.Command(self)
	w.worker.Env = append(os.Environ(), workerEnv+"="+w.dir, fmt.Sprintf("%s_PORT=%d", workerEnv, w.server.Port))
	w.worker.Stderr = os.Stderr
	if w.in, err = w.worker.StdinPipe(); err != nil {
		return err
	}
	out, err := w.worker.StdoutPipe()
	if err != nil {
		return err
	}
	w.out = bufio.NewReader(out)
	if err := w.worker.Start(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.process, w.shot = w.worker.Process, false
	return nil
}

// shoot kills the worker at a random step of its conversation with the server.
func (w *mortal) shoot(lot *rand.Rand) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.shots == 0 || w.shot || lot.IntN(60) > 0 {
		return
	}
	w.shots, w.shot = w.shots-1, true
	_ = w.process.Kill() // what has ended needs no killing
}

func (w *mortal) wasShot() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.shot
}

// stop ends the worker.
func (w *mortal) stop() {
	if w.worker == nil {
		return
	}
	_ = w.worker.Process.Kill() // it may have ended
	_ = w.worker.Wait()         // by the signal, which is no news
	w.worker = nil
}

// Work is rehearsal.Way's. A worker that was killed is started again at once,
// as whoever looks after a server does.
func (w *mortal) Work(_ context.Context, now time.Time) (int, error) {
	for {
		if w.worker == nil {
			if err := w.start(); err != nil {
				return 0, err
			}
		}
		if _, err := fmt.Fprintln(w.in, now.UnixMilli()); err != nil {
			return 0, err
		}
		var killed *time.Timer
		if w.kills > 0 && w.lot.IntN(4) == 0 {
			process := w.worker.Process
			killed = time.AfterFunc(time.Duration(w.lot.IntN(40_000))*time.Microsecond, func() { _ = process.Kill() })
		}
		line, err := w.out.ReadString('\n')
		timed := killed != nil && !killed.Stop()
		if timed {
			w.kills--
		}
		if timed || w.wasShot() {
			w.stop()
			if err != nil {
				continue
			}
		}
		if err != nil {
			return 0, fmt.Errorf("the worker ended by itself: %w", err)
		}
		return strconv.Atoi(strings.TrimSpace(line))
	}
}

// Arrived is rehearsal.Way's: what the server took on, and the text messages.
func (w *mortal) Arrived() ([]rehearsal.Arrival, error) {
	var out []rehearsal.Arrival
	accepted := w.server.Accepted()
	for _, m := range accepted[w.read:] {
		out = append(out, rehearsal.Arrival{Raw: append([]byte("Return-Path: <"+m.From+">\r\n"), m.Data...)})
	}
	w.read = len(accepted)
	files, err := filepath.Glob(filepath.Join(w.dir, "sms", "*.sms.txt"))
	for _, name := range files {
		if w.texts[name] {
			continue
		}
		w.texts[name] = true
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out = append(out, rehearsal.Arrival{Raw: raw, SMS: true})
	}
	return out, err
}

// faulty lets one in twenty deliveries fail, in one of the ways servers do.
func faulty(lot *rand.Rand, way *mortal) func(mailtest.Event) mailtest.Fault {
	var mu sync.Mutex
	mute := map[string]bool{} // to whom the answer at the end does not come
	return func(e mailtest.Event) mailtest.Fault {
		mu.Lock()
		defer mu.Unlock()
		way.shoot(lot)
		switch {
		case e.Stage == mailtest.End && mute[e.To]:
			delete(mute, e.To)
			return mailtest.Fault{Drop: true}
		case e.Stage != mailtest.Rcpt || lot.IntN(20) > 0:
			return mailtest.Fault{}
		}
		switch lot.IntN(4) {
		case 0:
			return mailtest.Fault{Code: 451, Status: "4.3.0", Text: "Try again later"}
		case 1:
			return mailtest.Fault{Code: 450, Status: "4.2.0", Text: "Greylisted, come again"}
		case 2:
			return mailtest.Fault{Drop: true}
		}
		mute[e.To] = true
		return mailtest.Fault{}
	}
}

// The whole of Smart Factory with a mail server that fails one delivery in
// twenty and a worker that is killed at fifty random moments: everybody gets each
// message once, and once more at most for each hand-over of which nobody knew
// how it ended, always with one Message-ID; and the ledger agrees with the mail
// server's record to the last row. Nobody is erased in it: their rows are gone.
func TestFaultsAndKills(t *testing.T) {
	h := newHouse(t)
	server := mailtest.Start(t, mailtest.Options{})
	const kills = 50 // half of them at any moment, half while a message is on its way
	way := &mortal{t: t, dir: h.dir, server: server, lot: rand.New(rand.NewPCG(9, 9)), kills: kills / 2, shots: kills / 2, texts: map[string]bool{}}
	server.Rule(faulty(rand.New(rand.NewPCG(5, 5)), way))
	t.Cleanup(way.stop)
	behaviour := rehearsal.Usual()
	behaviour.Erases = 0
	began := time.Now()
	r, err := rehearsal.Run(context.Background(), rehearsal.Config{Seed: 7, People: 36, Study: smartFactory, Handler: h.handler, Clock: h.clock, Field: h.field,
		Actor: access.CommandLine(), Admin: &h.admin, Behaviour: &behaviour, Store: h.store, BaseURL: base, Mail: t.TempDir(), Way: way})
	if err != nil {
		t.Fatalf("%v\n%s", err, h.log)
	}
	if left := way.kills + way.shots; left > 0 {
		t.Errorf("%d kills were left over", left)
	}
	if len(r.Problems)+len(r.GaveUp) > 0 {
		t.Errorf("%q %q", r.Problems, r.GaveUp)
	}
	lost := h.agrees(t, server)
	t.Logf("%d arrived; %d of %d kills fell into a hand-over; %v", len(server.Accepted()), lost, kills, time.Since(began))
	if lost < 10 {
		t.Error("hardly a kill fell into a hand-over: the test does not test")
	}
}

// agrees compares the ledger with the record of the mail server, and gives how
// many hand-overs a worker left behind.
func (h *house) agrees(t *testing.T, server *mailtest.Server) (lost int) {
	t.Helper()
	arrived, reader := map[string]int{}, map[string]string{}
	for _, m := range server.Accepted() {
		arrived[m.ID]++
		if to := reader[m.ID]; to != "" && to != m.To {
			t.Errorf("%s went to two people", m.ID)
		}
		reader[m.ID] = m.To
	}
	mailings := map[string]bool{}
	err := h.store.Read(context.Background(), func(tx *store.Tx) error {
		return tx.EachMessage(smartFactory, func(m store.Message) error {
			attempts, err := tx.HandoversOf(m.ID)
			if err != nil {
				return err
			}
			sure, unsure := 0, 0
			for _, a := range attempts {
				switch {
				case a.Ended.IsZero():
					err = errors.Join(err, fmt.Errorf("%s: attempt %d never ended", m.Key, a.Number))
				case a.Outcome == "handed_over":
					sure++
				case a.Outcome == store.Ambiguous:
					unsure++
				}
				if a.Code == "worker_gone" {
					lost++
				}
			}
			to := fmt.Sprintf("%s/%d/%s", m.PID, m.Wave, m.Key)
			if mailings[to] || m.Attempts != len(attempts) {
				t.Errorf("%s: a second row, or %d attempts of which %d are known", m.Key, m.Attempts, len(attempts))
			}
			mailings[to] = true
			if m.Channel != "email" {
				return err
			}
			id := m.ID + "@" + rehearsal.Domain
			n := arrived[id]
			delete(arrived, id)
			if sure > 1 || n < sure || n > sure+unsure || n > 1+unsure {
				t.Errorf("wave %d, %s (%s): arrived %d times, with %d sure and %d ambiguous hand-overs", m.Wave, m.Key, m.State, n, sure, unsure)
			}
			if reached := m.State == store.HandedOver || m.State == store.Bounced; reached != (sure == 1) {
				t.Errorf("wave %d, %s is %s with %d sure hand-overs", m.Wave, m.Key, m.State, sure)
			}
			return err
		})
	})
	if err != nil {
		t.Error(err)
	}
	for id := range arrived {
		t.Errorf("the server has %s, which the ledger does not know", id)
	}
	return lost
}
