package respond_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/site/browsertest"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

var (
	jobs1 = time.Date(2016, 3, 10, 9, 0, 0, 0, time.UTC) // in wave 1 of the study jobs
	jobs2 = time.Date(2016, 9, 10, 9, 0, 0, 0, time.UTC)
	jobs3 = time.Date(2017, 3, 10, 9, 0, 0, 0, time.UTC)
)

// jobsWorld is the site with the study jobs, which asks in wave 2 and 3 whether
// what was answered still holds, and one participant.
func jobsWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, now: jobs1, dir: t.TempDir(), server: httptest.NewServer(nil)}
	t.Cleanup(w.server.Close)
	w.open()
	folder, problems := study.Load(os.DirFS("../../fieldwork/testdata/jobs"), ".")
	if err := problems.Err("broken", "the study jobs is broken"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.field.Apply(context.Background(), w.now, access.CommandLine(), folder, fieldwork.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.field.AddParticipants(context.Background(), w.now, access.CommandLine(), "jobs", []fieldwork.NewParticipant{{Name: "Astrid", Language: "sv"}}); err != nil {
		t.Fatal(err)
	}
	return w
}

// jobsLink goes to a wave and gives the participant's link to it.
func (w *world) jobsLink(wave int) string {
	w.t.Helper()
	w.now = []time.Time{jobs1, jobs2, jobs3}[wave-1]
	links, err := w.field.Links(context.Background(), w.now, access.CommandLine(), "jobs", wave, false)
	if err != nil || len(links) != 1 {
		w.t.Fatal(links, err)
	}
	return links[0].URL
}

// jobsDoc gives the document of the only interview of a wave.
func (w *world) jobsDoc(wave int) *interview.Document {
	w.t.Helper()
	var d *interview.Document
	if err := w.store.Read(context.Background(), func(tx *store.Tx) error {
		all, err := tx.Interviews("jobs", wave)
		if err != nil || len(all) != 1 {
			w.t.Fatalf("%d interviews in wave %d (%v)", len(all), wave, err)
		}
		d, err = all[0].Decoded()
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return d
}

// firstWave answers wave 1; own says whose device it is.
func (w *world) firstWave(b *browser, own bool) {
	w.t.Helper()
	b.get(w.jobsLink(1)).says("Det här är min egen enhet – kom ihåg den till nästa gång")
	fields := []string{}
	if own {
		fields = []string{"own", "1"}
	}
	b.press("go", "start", fields...).isAt(200, "/p/employed")
	b.next("q.employed", "yes").isAt(200, "/p/job")
	if strings.Contains(b.body, "pre.job") {
		w.t.Error("wave 1 offers an earlier answer")
	}
	b.next("q.job", "welder").next("q.hours", "40").next("q.tasks", "Jag svetsar.").isAt(200, "/p/first")
	b.next("q.first", "Bagare").isAt(200, "/review").press("go", "submit").isAt(200, "/thanks")
}

func TestTheSameDeviceNextTime(t *testing.T) {
	w := jobsWorld(t)
	b := w.browser(true)
	w.firstWave(b, true)
	b.get(w.jobsLink(2)).says("Det här är min egen enhet")
	if b.form.Get("own") != "1" {
		t.Error("the device is not said to be remembered")
	}
	b.press("go", "start").isAt(200, "/p/employed")
	if strings.Contains(b.body, "Sparat") {
		t.Error("something is said to be saved before anything was answered")
	}
	b.next("q.employed", "yes").isAt(200, "/p/job").says("I mars svarade du: Svetsare. Stämmer det fortfarande?", "Ja, det stämmer", "Nej, det har ändrats")
	if b.form.Get("q.job") != "" || b.form.Get("was.job") != "" {
		t.Errorf("the earlier answer stands in the field: %v", b.form)
	}
	// An offer is no answer: left alone it is asked for once, and then left blank.
	b.next().isAt(422, "/p/job").says("Svetsare")
	b.next("pre.job", "|new", "q.job", "fitter").isAt(200, "/p/hours").says("I mars svarade du: 40.")
	b.next("pre.hours", "|same").isAt(200, "/p/tasks").says("I mars svarade du: Jag svetsar. Stämmer")
	b.next().isAt(200, "/p/changed").says("Förra gången var du Svetsare. Vad hände?")
	b.next("q.changed", "Bytte jobb").isAt(200, "/review").says("Montör", "40")

	d := w.jobsDoc(2)
	want := map[string]interview.Outcome{"job": interview.Changed, "hours": interview.Confirmed, "tasks": interview.Passed}
	for name, outcome := range want {
		if d.Prefills[name] != outcome {
			t.Errorf("%s: %q, not %q", name, d.Prefills[name], outcome)
		}
	}
	if d.Answers["job"] != "fitter" || d.Answers["hours"] != "40" || d.Answers["tasks"] != "" || d.Proof.Way != interview.ByDevice {
		t.Errorf("stored: %v, %+v", d.Answers, d.Proof)
	}
	// Coming back, what was said stands marked, and the page sent untouched changes nothing.
	link := b.url.String()[:strings.LastIndex(b.url.String(), "/")]
	b.get(link + "/p/hours")
	if b.form["pre.hours"][1] != "same" || b.form.Get("q.hours") != "" || b.form.Get("was.hours") != interview.Digest("40") {
		t.Errorf("shown again: %v", b.form)
	}
	b.next().isAt(200, "/p/tasks")
	b.get(link + "/p/job")
	if b.form["pre.job"][1] != "new" || b.form.Get("q.job") != "fitter" {
		t.Errorf("shown again: %v", b.form)
	}
	b.next()
	if again := w.jobsDoc(2); again.Answers["hours"] != "40" || again.Answers["job"] != "fitter" || again.Prefills["job"] != interview.Changed {
		t.Errorf("untouched pages changed %v", again.Answers)
	}

	// A page that goes through the template says the same in English, with the year.
	b.get(w.jobsLink(3)+"?lang=en").press("go", "start", "lang", "en").next("q.employed", "yes").
		says("In September 2016 you answered: Fitter. Is that still so?", "Yes, that is right")
	b.next("pre.job", "|same").isAt(200, "/p/hours")
	if strings.Contains(b.body, "pre.hours") {
		t.Error("hours is another variable since, and its earlier answer is shown")
	}
}

// Somebody with the link and another device sees nothing of before, and is
// asked as if it were the first time.
func TestAnotherDeviceNextTime(t *testing.T) {
	for name, c := range map[string]struct{ own, same bool }{"not one's own": {false, true}, "another": {true, false}} {
		t.Run(name, func(t *testing.T) {
			w := jobsWorld(t)
			first := w.browser(true)
			w.firstWave(first, c.own)
			b := first
			if !c.same {
				b = w.browser(true)
			}
			b.get(w.jobsLink(2)).press("go", "start")
			b.next("q.employed", "yes").isAt(200, "/p/job")
			b.next("q.job", "fitter", "pre.job", "|same").next("q.hours", "38").next("q.tasks", "x").isAt(200, "/p/first")
			if strings.Contains(b.body, "Svetsare") || len(w.jobsDoc(2).Earlier) > 0 || len(w.jobsDoc(2).Prefills) > 0 {
				t.Errorf("told %v: %s", w.jobsDoc(2).Earlier, b.body)
			}
			if w.jobsDoc(2).Answers["job"] != "fitter" {
				t.Errorf("stored %v", w.jobsDoc(2).Answers)
			}
		})
	}
}

// An interview that was told goes on elsewhere: the questions stay as they are,
// and nothing of before is shown.
func TestGoingOnElsewhere(t *testing.T) {
	w := jobsWorld(t)
	b := w.browser(true)
	w.firstWave(b, true)
	link := w.jobsLink(2)
	b.get(link).press("go", "start").next("q.employed", "yes").isAt(200, "/p/job").next("pre.job", "|new", "q.job", "fitter")
	other := w.browser(true)
	other.get(link).press("go", "start").isAt(200, "/p/hours")
	for _, path := range []string{"/p/job", "/p/hours", "/p/tasks", "/p/changed", "/review"} {
		other.get(link+path).isAt(200, path)
		if strings.Contains(other.body, "pre.") || strings.Contains(other.body, "du Svetsare") || strings.Contains(other.body, "Jag svetsar") {
			t.Errorf("%s shows what was answered before: %s", path, other.body)
		}
	}
	other.get(link + "/p/changed").says("Förra gången var du …. Vad hände?")
	other.get(link+"/p/hours").next("pre.hours", "|same").isAt(422, "/p/hours")
	if got := w.jobsDoc(2).Answers["hours"]; got != "" {
		t.Errorf("a device without the proof confirmed %q", got)
	}
	b.get(link + "/p/hours").says("I mars svarade du: 40.")
}

func TestTheCookieThatIsKept(t *testing.T) {
	w := jobsWorld(t)
	link := w.jobsLink(1)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	start := func(link, body, cookie string) []*http.Cookie {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, link, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if cookie != "" {
			req.Header.Set("Cookie", cookie)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.Cookies()
	}
	session := start(link, "go=start", "")
	if len(session) != 1 || session[0].MaxAge != 0 || session[0].Name != "pv" || !strings.HasPrefix(session[0].Path, "/s/") {
		t.Fatalf("without a word: %+v", session)
	}
	kept := start(link, "go=start&own=1", "pv="+session[0].Value)
	if len(kept) != 1 || kept[0].Path != "/s" || !kept[0].HttpOnly || kept[0].SameSite != http.SameSiteLaxMode || kept[0].Value != session[0].Value {
		t.Fatalf("one's own device: %+v", kept)
	}
	if life, reach := time.Duration(kept[0].MaxAge)*time.Second, jobs3.Sub(jobs1); life < reach || life > 461*24*time.Hour {
		t.Errorf("it is kept for %v", life)
	}
	if strings.Contains(kept[0].Name, w.jobsPID()) {
		t.Error("the cookie names the participant")
	}
	if again := start(link, "go=start", kept[0].Name+"="+kept[0].Value); len(again) != 2 || again[0].MaxAge >= 0 || again[1].Value != kept[0].Value || again[1].MaxAge != 0 {
		t.Errorf("no longer one's own: %+v", again)
	}
	if third := start(w.jobsLink(3), "go=start&own=1", ""); len(third) != 1 || third[0].MaxAge <= 0 || third[0].MaxAge > 60*24*60*60 {
		t.Errorf("in the last wave it is kept until that closes: %+v", third)
	}
}

func (w *world) jobsPID() (pid string) {
	_ = w.store.Read(context.Background(), func(tx *store.Tx) error {
		return tx.EachParticipant("jobs", func(p store.Participant) error { pid = p.PID; return nil })
	})
	return pid
}

// TestTwoWavesInABrowser answers two waves on one phone, with and without
// scripts, by the keyboard alone where an earlier answer is confirmed.
func TestTwoWavesInABrowser(t *testing.T) {
	for name, options := range map[string][]browsertest.Option{"with scripts": {}, "without scripts": {browsertest.NoScript()}} {
		t.Run(name, func(t *testing.T) {
			w := jobsWorld(t)
			set, n := "jobs-"+strings.ReplaceAll(name, " ", "-"), 0
			b := browsertest.Start(t, append(options, browsertest.Phone(390, 844), browsertest.Language("sv"))...)
			b.Goto(w.jobsLink(1))
			b.Check("#own")
			shoot(b, set, &n, "start")
			b.Follow(".acts .btn")
			b.Check("[name='q.employed'][value=yes]")
			b.Follow(".acts .btn")
			b.Check("[name='q.job'][value=welder]")
			b.Follow(".acts .btn")
			b.Fill("#q-hours-i", "40")
			b.Follow(".acts .btn")

			b.Goto(w.jobsLink(2))
			b.Follow(".acts .btn")
			b.Check("[name='q.employed'][value=yes]")
			b.Follow(".acts .btn")
			b.WaitText("I mars svarade du: Svetsare. Stämmer det fortfarande?")
			shoot(b, set, &n, "job")
			if b.Width() > 390 {
				t.Errorf("the page is %d px wide", b.Width())
			}
			b.Evaluate(`document.querySelector("#q-job-o").focus()`)
			b.Press(" ") // the keyboard is enough
			if !b.Checked("[name='pre.job'][value=same]") || b.Attribute("#q-job fieldset", "aria-describedby") != "q-job-n" {
				t.Error("the offer cannot be confirmed by the keyboard, or its field does not say what it is for")
			}
			b.Follow(".acts .btn")
			b.WaitText("I mars svarade du: 40.")
			b.Check("[name='pre.hours'][value=new]")
			b.Fill("#q-hours-i", "35")
			shoot(b, set, &n, "hours")
			b.Follow(".acts .btn")
			b.WaitText("Vad gör du mest?")
			d := w.jobsDoc(2)
			if d.Answers["job"] != "welder" || d.Prefills["job"] != interview.Confirmed || d.Answers["hours"] != "35" || d.Prefills["hours"] != interview.Changed {
				t.Errorf("stored %v, %v", d.Answers, d.Prefills)
			}
		})
	}
}
