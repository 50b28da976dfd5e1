package respond_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/site/browsertest"
)

// reply is what a queue is answered.
type reply struct {
	Status                           int
	Saved, Refused, Elsewhere, Wrong []string
	Was, Told                        map[string]string
	Key, State, Next, Error, Text    string
	Gone                             bool
}

type field = [2]string

// one is a save as a queue sends it.
type one struct {
	ID     string  `json:"id"`
	At     int64   `json:"at"`
	Page   string  `json:"page"`
	Fields []field `json:"fields"`
	Go     string  `json:"go"`
}

// queue sends saves from a browser whose clock shows the given time.
func (b *browser) queue(link fieldwork.Link, clock time.Time, saves ...one) reply {
	b.t.Helper()
	body, err := json.Marshal(map[string]any{"now": clock.UnixMilli(), "saves": saves})
	if err != nil {
		b.t.Fatal(err)
	}
	return b.sends(link, "application/json", body)
}

func (b *browser) sends(link fieldwork.Link, kind string, body []byte) (r reply) {
	b.t.Helper()
	resp, err := b.client.Post(link.URL+"/saves", kind, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		b.t.Fatalf("%d %v: %s", resp.StatusCode, err, text)
	}
	r.Status = resp.StatusCode
	return r
}

// touched is an answer as the page sends it by itself.
func touched(name string, values ...string) []field {
	fields := []field{{"was." + name, interview.Touched}}
	for _, v := range values {
		fields = append(fields, field{"q." + name, v})
	}
	return fields
}

func TestAnAnswerIsSavedAsItIsGiven(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	first := one{"q7-1", w.now.UnixMilli(), "p_job", touched("year_started", "2006"), ""}
	r := b.queue(link, w.now, first)
	if r.Status != http.StatusOK || fmt.Sprint(r.Saved) != "[q7-1]" || r.Was["year_started"] == "" || !strings.HasPrefix(r.State, "Sparat kl.") {
		t.Fatalf("%+v", r)
	}
	d := w.document(3)
	if d.Answers["year_started"] != "2006" || len(d.Pages) != 0 {
		t.Errorf("stored %v, posted pages %v", d.Answers, d.Pages)
	}
	saves := w.saves(3)
	if again := b.queue(link, w.now, first); fmt.Sprint(again.Saved) != "[q7-1]" || again.Was["year_started"] != r.Was["year_started"] || w.saves(3) != saves {
		t.Errorf("sent again: %+v, %d saves", again, w.saves(3))
	}
}

// With scripts nothing waits for Next: what is chosen is saved at once, what is
// typed when one pauses, and the page says so when the server has.
func TestAPageSavesByItself(t *testing.T) {
	w := liveWorld(t)
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	b.Goto(w.invite(1).URL)
	b.Follow(".acts .btn")
	n := 0
	b.Check("input[name='q.job'][value=yes]")
	b.WaitText("Sparat kl. 18.42")
	stored := func(name, want string) {
		t.Helper()
		b.WaitUntil(name+" is stored", func() bool { return w.document(1).Answers[name] == want })
	}
	stored("job", "yes")
	b.Fill("[name='q.hours']", "37,5")
	stored("hours", "37.5")
	stored("daily", "7.5") // what is worked out is, too
	if len(w.document(1).Pages) != 0 {
		t.Error("the page counts as posted")
	}
	shoot(b, "saving", &n, "saved")
	b.Expect("ERR_INTERNET_DISCONNECTED")
	b.Offline(true)
	b.Check("input[name='q.county'][value=vg]")
	b.WaitText("Ett svar väntar på nät.")
	b.Check("input[name='q.town'][value=gbg]")
	b.WaitText("2 svar väntar på nät.")
	if said := b.Evaluate(`document.querySelector("#saved + [role=status]").textContent`); said != "Ett svar väntar på nät." {
		t.Errorf("announced is %q", said)
	}
	shoot(b, "saving", &n, "waiting")
	b.Offline(false)
	b.WaitText("Nätet är tillbaka. Allt är sparat.")
	stored("town", "gbg")
	shoot(b, "saving", &n, "back")
	saves := w.saves(1)
	b.Follow(".acts button[value=next]")
	if got := w.saves(1); got != saves+1 {
		t.Errorf("Next added %d saves, not the one of its page", got-saves)
	}
	if b.HTML(); !strings.HasSuffix(b.URL(), "/p/where") {
		t.Errorf("at %s", b.URL())
	}
}
