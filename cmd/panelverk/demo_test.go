package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"panelverk/internal/store"
)

// playDemo runs the demo in the background with the real clock and gives what
// it printed once it serves.
func playDemo(t *testing.T, args ...string) (out string, talk *output, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	results := &output{}
	talk = &output{}
	done := make(chan int, 1)
	go func() {
		done <- run(append([]string{"demo"}, args...), &console{ctx: ctx, in: strings.NewReader(""), out: results, err: talk, now: time.Now})
	}()
	stop = func() int { cancel(); return <-done }
	for range 1200 {
		if strings.Contains(talk.String(), "msg=serving") {
			return results.String(), talk, stop
		}
		select {
		case status := <-done:
			t.Fatalf("the demo ended with %d: %s%s", status, results, talk)
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("the demo does not serve: %s", talk)
	return "", nil, nil
}

func TestDemo(t *testing.T) {
	dir := t.TempDir()
	taken, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	args := []string{"--dir", filepath.Join(dir, "demo"), "--out", filepath.Join(dir, "out"), "--people", "12", "--listen", taken.Addr().String()}
	out, talk, stop := playDemo(t, args...)

	if !strings.Contains(talk.String(), "cannot be used") {
		t.Errorf("nothing is said of the port that was taken:\n%s", talk)
	}
	if info, err := os.Stat(filepath.Join(dir, "out", "smart-factory.xlsx")); err != nil || info.Size() < 10_000 || !strings.Contains(out, "smart-factory.xlsx") {
		t.Errorf("the workbook: %v", err)
	}
	links := regexp.MustCompile(`http://\S+/s/\S+`).FindAllString(out, -1)
	if len(links) != 2 || links[0] == links[1] {
		t.Fatalf("links %v in\n%s", links, out)
	}
	if page := show(t, http.DefaultClient, links[0], nil); !strings.Contains(page, "Vill du vara med?") || !strings.Contains(page, `name="consent"`) && !strings.Contains(page, `value="start"`) {
		t.Errorf("the first link shows\n%s", page)
	}
	logins := regexp.MustCompile(`(?m)^  (owner|admin|researcher) +(\S+) +(\S+)`).FindAllStringSubmatch(out, -1)
	if len(logins) != 3 {
		t.Fatalf("log-ins %v in\n%s", logins, out)
	}
	site := regexp.MustCompile(`http://\S+/staff/login`).FindString(out)
	for _, l := range logins {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		page := show(t, &http.Client{Jar: jar}, site, url.Values{"email": {l[2]}, "password": {l[3]}})
		if !strings.Contains(page, "Smart Factory") || strings.Contains(page, `name="password"`) {
			t.Errorf("%s cannot log in:\n%s", l[1], page)
		}
	}
	if status, _, talk := command("", append([]string{"demo"}, args...)...); status != exitFailed || !strings.Contains(talk, "is being served from") {
		t.Errorf("a second demo in the same directory: %d %s", status, talk)
	}
	if status := stop(); status != exitDone {
		t.Errorf("the demo ended with %d", status)
	}
	// The next one takes the place of the one before.
	again := must(t, "demo", "--no-serve", "--people", "2", "--dir", args[1], "--out", args[3])
	if strings.Contains(again, links[0]) || !strings.Contains(again, "What 2 people did") {
		t.Errorf("the next demo says\n%s", again)
	}
	sent := 0
	st, err := store.Open(context.Background(), filepath.Join(args[1], "panel.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Read(context.Background(), func(tx *store.Tx) error {
		return tx.EachMessage(demoStudy, func(m store.Message) error {
			if m.State == store.HandedOver {
				sent++
			}
			return nil
		})
	}); err != nil || sent < 10 {
		t.Errorf("the ledger holds %d messages that were sent: %v", sent, err)
	}
}

// show gives a page: of a GET, or of a POST where there is a form.
func show(t *testing.T, client *http.Client, address string, form url.Values) string {
	t.Helper()
	var res *http.Response
	var err error
	if form == nil {
		res, err = client.Get(address)
	} else {
		res, err = client.PostForm(address, form)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v\n%s", address, res.StatusCode, err, body)
	}
	return string(body)
}

func TestDemoLeavesOtherDirectoriesAlone(t *testing.T) {
	dir := t.TempDir()
	mine := write(t, filepath.Join(dir, "panel.db"), "mine")
	out := filepath.Join(t.TempDir(), "out")
	if status, _, talk := command("", "demo", "--no-serve", "--dir", dir, "--out", out); status != exitFailed || !strings.Contains(talk, "no demo made it") {
		t.Errorf("status %d: %s", status, talk)
	}
	if text, err := os.ReadFile(mine); err != nil || string(text) != "mine" {
		t.Errorf("the file holds %q: %v", text, err)
	}
	for _, args := range [][]string{{"--people", "0"}, {"--people", "100000"}, {"--listen", "here"}} {
		args = append([]string{"demo", "--dir", filepath.Join(t.TempDir(), "new"), "--out", out}, args...)
		if status, _, talk := command("", args...); status != exitUsage {
			t.Errorf("%v: status %d: %s", args, status, talk)
		}
	}
}
