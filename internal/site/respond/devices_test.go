package respond_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/store"
)

// history gives what the database holds behind a link.
func (w *world) history(link fieldwork.Link) (*fieldwork.Visit, []store.Save) {
	w.t.Helper()
	_, token, _ := strings.Cut(link.URL, "/s/")
	v, err := w.field.Visit(context.Background(), w.now, token)
	if err != nil {
		w.t.Fatal(err)
	}
	var saves []store.Save
	err = w.store.Read(context.Background(), func(tx *store.Tx) (err error) {
		saves, err = tx.Saves(v.Interview.ID)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return v, saves
}

// Whatever two devices answer, and whenever it arrives, the answer that was
// given last counts, the history holds each, and who is beaten is told.
func TestTheNewestAnswerCounts(t *testing.T) {
	w := newWorld(t, wave3)
	rapid.Check(t, func(rt *rapid.T) {
		link := w.invite(3)
		begun := w.now
		devices := []*browser{w.start(link, true), w.start(link, true)}
		w.now = w.now.Add(2 * time.Hour)
		defer func() { w.now = w.now.Add(time.Minute) }()
		skew := []time.Duration{time.Duration(rapid.IntRange(-9000, 9000).Draw(rt, "skew")) * time.Hour, 0}
		minutes := rapid.Permutation([]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}).Draw(rt, "minutes")
		given := [][]int{slices.Sorted(slices.Values(minutes[:5])), slices.Sorted(slices.Values(minutes[5:]))}
		last, want, rows := map[string]int{}, map[string]string{}, map[string]string{}
		for sent := 0; len(given[0])+len(given[1]) > 0; sent++ {
			d := rapid.IntRange(0, 1).Draw(rt, "device")
			if len(given[d]) == 0 {
				d = 1 - d
			}
			minute := given[d][0]
			given[d] = given[d][1:]
			question := rapid.SampledFrom([]string{"task_repeat", "task_solve"}).Draw(rt, "question")
			value := rapid.SampledFrom([]string{"seldom", "often"}).Draw(rt, "value")
			clock := w.now.Add(skew[d])
			id := fmt.Sprintf("q%d-%d", d, sent+1)
			at := clock.Add(-w.now.Sub(begun) + time.Duration(minute)*time.Minute)
			r := devices[d].queue(link, clock, one{id, at.UnixMilli(), "p_tasks", touched(question, value), ""})
			if r.Status != http.StatusOK || !slices.Equal(r.Saved, []string{id}) || r.Was[question] != interview.Digest(value) {
				rt.Fatalf("%+v", r)
			}
			rows[id] = question + " " + value
			if beaten := minute < last[question]; beaten != slices.Contains(r.Elsewhere, question) {
				rt.Errorf("%s given at minute %d, after one of minute %d had come: %+v", question, minute, last[question], r)
			}
			if minute > last[question] {
				last[question], want[question] = minute, value
			}
		}
		v, saves := w.history(link)
		for question, value := range want {
			if v.Doc.Answers[question] != value {
				rt.Errorf("%s is %q, not %q", question, v.Doc.Answers[question], value)
			}
		}
		if v.Interview.Document != store.Replay(saves).Encode() || len(saves) != len(rows) {
			rt.Errorf("%d rows of %d saves, or the document is not what they amount to", len(saves), len(rows))
		}
		for _, s := range saves {
			question, value, _ := strings.Cut(rows[s.Key], " ")
			if s.Change.Answers[question] != value && s.Change.Late[question] != value {
				rt.Errorf("%s is not in its row: %+v", rows[s.Key], s)
			}
		}
	})
}

// A device clock that is wrong, or set on purpose, makes no answer win for ever.
func TestAClockWinsNothing(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	a, b := w.start(link, true), w.start(link, true)
	a.queue(link, w.now, one{"a-1", w.now.AddDate(90, 0, 0).UnixMilli(), "p_tasks", touched("task_repeat", "often"), ""})
	w.now = w.now.Add(time.Second)
	b.queue(link, time.UnixMilli(0), one{"b-1", 1<<62 - 1, "p_tasks", touched("task_repeat", "seldom"), ""})
	if got := w.document(3).Answers["task_repeat"]; got != "seldom" {
		t.Errorf("the clock of the other device wins: %q", got)
	}
	_, saves := w.history(link)
	for _, s := range saves {
		if s.At.After(w.now) || s.At.Before(w.now.Add(-time.Minute)) {
			t.Errorf("%s was given at %v", s.Key, s.At)
		}
	}
}

// The pages tell of another device without scripts too, once, and not what was
// answered there.
func TestTwoDevicesWithoutScripts(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	a, b := w.start(link, true), w.start(link, true)
	a.get(link.URL + "/p/p_tasks")
	b.get(link.URL + "/p/p_tasks")
	w.now = w.now.Add(time.Minute)
	a.press("go", "pause", "q.task_repeat", "often")
	w.now = w.now.Add(time.Minute)
	b.next("q.task_repeat", "seldom").says("Du svarade på den här frågan på en annan enhet kl. 18.43. Nu gäller svaret du gav här.").lacks("kl. 18.44. Nu")
	if got := w.document(3).Answers["task_repeat"]; got != "seldom" {
		t.Errorf("stored is %q", got)
	}
	if _, saves := w.history(link); saves[len(saves)-2].Change.Answers["task_repeat"] != "often" {
		t.Errorf("the history lacks the other answer: %+v", saves)
	}
	for range 3 { // told once, then on
		if b.url.Path = strings.TrimSuffix(b.url.Path, "/"); !strings.HasSuffix(b.url.Path, "/p/p_tasks") {
			break
		}
		w.now = w.now.Add(time.Second)
		b.next()
	}
	if strings.HasSuffix(b.url.Path, "/p/p_tasks") {
		t.Errorf("it does not go on:\n%s", b.body)
	}
	b.lacks("annan enhet kl.")
}

// What a queue may not send is refused by itself; what takes no more answers
// says so in a way that a queue understands.
func TestWhatAQueueIsRefused(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	now := w.now.UnixMilli()
	r := b.queue(link, w.now,
		one{"a-1", now, "p_tasks", touched("task_repeat", "never ever"), ""},
		one{"a-2", now, "p_nowhere", touched("task_repeat", "often"), ""},
		one{"a-3", now, "p_tasks", touched("no_question", "often"), ""},
		one{"a-4", now, "p_tasks", touched("task_repeat", "often"), ""},
		one{"a-5", now, "p_job", touched("year_started", "igår"), ""})
	if r.Status != http.StatusOK || fmt.Sprint(r.Refused) != "[a-1 a-2 a-3]" || fmt.Sprint(r.Saved) != "[a-4 a-5]" || fmt.Sprint(r.Wrong) != "[year_started]" ||
		!strings.Contains(r.Told["year_started"], "igår") {
		t.Errorf("%+v", r)
	}
	if d := w.document(3); d.Answers["task_repeat"] != "often" || d.Answers["no_question"] != "" || d.Answers["year_started"] != "" {
		t.Errorf("stored: %v", d.Answers)
	}
	if strings.Contains(w.log.String(), "no_question") || !strings.Contains(w.log.String(), "cannot have sent") {
		t.Errorf("the log: %s", &w.log)
	}
	for name, c := range map[string]struct {
		kind, body string
		status     int
		gone       bool
	}{
		"a form":     {"application/x-www-form-urlencoded", `{"now":1,"saves":[]}`, 422, false},
		"no JSON":    {"application/json", `{"now":1,"saves":[`, 422, false},
		"more after": {"application/json", `{"now":1,"saves":[]}{}`, 422, false},
		"no id":      {"application/json", `{"now":1,"saves":[{"page":"p_tasks"}]}`, 422, false},
		"an odd id":  {"application/json", `{"now":1,"saves":[{"id":"a.b-1","page":"p_tasks"}]}`, 422, false},
		"a button":   {"application/json", `{"now":1,"saves":[{"id":"a-9","go":"lang:de"}]}`, 422, false},
		"too long":   {"application/json", `{"now":1,"saves":[` + strings.Repeat(`{"id":"a-9"},`, 200) + `{"id":"a-9"}]}`, 413, false},
		"too large":  {"application/json", `{"now":1,"saves":[{"id":"a-9","page":"` + strings.Repeat("x", 3<<20) + `"}]}`, 413, false},
	} {
		if r := b.sends(link, c.kind, []byte(c.body)); r.Status != c.status || r.Gone != c.gone || len(r.Saved) > 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	stranger := link
	stranger.URL += "x"
	if r := b.queue(stranger, w.now); r.Status != http.StatusNotFound || !r.Gone {
		t.Errorf("an unknown link: %+v", r)
	}
	w.now = w.now.AddDate(1, 0, 0)
	if r := b.queue(link, w.now, one{"a-9", w.now.UnixMilli(), "p_tasks", touched("task_repeat", "seldom"), ""}); r.Status != http.StatusGone || !r.Gone || r.Text == "" {
		t.Errorf("a closed wave: %+v", r)
	}
}

// A queue submits once, however often its last save arrives, and what stands
// in the way is told.
func TestAQueueSubmitsOnce(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	submit := one{ID: "a-2", At: w.now.UnixMilli(), Go: "submit"}
	r := b.queue(link, w.now, one{"a-1", w.now.UnixMilli(), "p_tasks", touched("task_repeat", "often"), ""}, submit)
	if fmt.Sprint(r.Saved) != "[a-1 a-2]" || r.Next != "/thanks" {
		t.Fatalf("%+v", r)
	}
	v, _ := w.history(link)
	first := v.Interview.SubmittedAt
	w.now = w.now.Add(time.Hour)
	err := w.store.Write(context.Background(), func(tx *store.Tx) error { return tx.ReopenInterview(v.Interview.ID, w.now) })
	if err != nil {
		t.Fatal(err)
	}
	if r = b.queue(link, w.now, submit); fmt.Sprint(r.Saved) != "[a-2]" {
		t.Errorf("%+v", r)
	}
	if v, _ = w.history(link); first.IsZero() || !v.Interview.SubmittedAt.IsZero() {
		t.Errorf("submitted at %v, and again at %v", first, v.Interview.SubmittedAt)
	}
}

// FuzzSaves sends anything to the queue's door.
func FuzzSaves(f *testing.F) {
	w := newWorld(f, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	good, err := json.Marshal(map[string]any{"now": w.now.UnixMilli(), "saves": []one{{"a-1", w.now.UnixMilli(), "p_tasks", touched("task_repeat", "often"), ""}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"now":-1,"saves":[{"id":"a-2147483647","at":-9223372036854775808,"page":"p_job","fields":[["q.year_started","\u0000"],["rank","a b c"]],"go":"next"}]}`))
	f.Add([]byte(`{"now":1e400}`))
	f.Add([]byte(`[]`))
	_, token, _ := strings.Cut(link.URL, "/s/")
	f.Fuzz(func(t *testing.T, body []byte) {
		b.t = t
		r := b.sends(link, "application/json", body)
		if r.Status != http.StatusOK && r.Status != http.StatusUnprocessableEntity && r.Status != http.StatusRequestEntityTooLarge && r.Status != http.StatusTooManyRequests {
			t.Errorf("%+v", r)
		}
		v, err := w.field.Visit(context.Background(), w.now, token)
		if err != nil {
			t.Fatal(err)
		}
		if v.Interview.LastAt.After(w.now) {
			t.Errorf("something was given at %v", v.Interview.LastAt)
		}
	})
}
