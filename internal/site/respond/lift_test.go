package respond_test

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"panelverk/internal/site/browsertest"
)

// lifted answers all pages from the one that is open to the review, and gives
// how many there were.
func lifted(t *testing.T, b *browsertest.Browser, most int) int {
	t.Helper()
	pages := 0
	for ; pages < most && !strings.HasSuffix(b.URL(), "/review"); pages++ {
		if pages > 60 {
			t.Fatalf("no review after %d pages; at %s", pages, b.URL())
		}
		if b.Width() > 390 {
			t.Errorf("%s is %d px wide on a screen of 390", b.URL(), b.Width())
		}
		for before := ""; before != questions(b); { // what answers bring up is answered too
			before = questions(b)
			answerPage(b)
		}
		b.Follow(".acts button[value=next]")
	}
	return pages
}

// waitWhole waits until the questionnaire is in the page's memory.
func waitWhole(b *browsertest.Browser) {
	b.WaitUntil("the whole questionnaire is there", func() bool {
		return b.Evaluate(`performance.getEntriesByType("resource").some((e) => e.name.endsWith("/whole") && e.responseEnd) ? "yes" : "no"`) == "yes"
	})
}

// kept names what the device keeps.
const kept = `(async () => JSON.stringify([await caches.keys(), localStorage.length, (await indexedDB.databases()).length, (await navigator.serviceWorker.getRegistrations()).length]))().then((s) => (document.documentElement.dataset.kept2 = s)), ""`

func keptOn(b *browsertest.Browser) string {
	b.Evaluate(`delete document.documentElement.dataset.kept2, ""`)
	b.Evaluate(kept)
	out := ""
	b.WaitUntil("it is known what is kept", func() bool {
		out = b.Evaluate(`document.documentElement.dataset.kept2 || ""`)
		return out != ""
	})
	return out
}

const nothingKept = "[[],0,0,0]"

// Load, lose the network, answer all, regain it: submitted. Nothing is kept on
// the device, and what is stored is what an interview with a network stores.
func TestInALift(t *testing.T) {
	w := newWorld(t, wave4)
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	b.Expect("ERR_INTERNET_DISCONNECTED")
	n := 0
	b.Goto(w.invite(4).URL)
	b.Check("#consent")
	b.Follow(".acts .btn")
	waitWhole(b)
	b.Offline(true)
	pages := lifted(t, b, 99)
	shoot(b, "lift", &n, "review")
	b.Click("#send .btn")
	b.WaitText("Dina svar skickas in när nätet är tillbaka")
	shoot(b, "lift", &n, "waiting")
	if got := keptOn(b); got != nothingKept {
		t.Errorf("the device keeps %s", got)
	}
	b.Offline(false)
	b.WaitText("Tack! Dina svar är inskickade.")
	away := w.document(4).Answers
	if pages < 10 {
		t.Errorf("there were %d pages", pages)
	}

	w = newWorld(t, wave4)
	b = browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"), browsertest.NoScript())
	b.Goto(w.invite(4).URL)
	b.Check("#consent")
	b.Follow(".acts .btn")
	lifted(t, b, 99)
	b.Follow("#send .btn")
	here := w.document(4).Answers
	for name, value := range here {
		if strings.HasPrefix(value, w.now.Format("2006-01")) { // when it was answered
			away[name] = value
		}
	}
	if !maps.Equal(away, here) {
		t.Errorf("without a network %v\nis stored, with one %v", away, here)
	}
}

// cut makes a world's server unreachable, for service workers too.
func (w *world) cut() (down *atomic.Bool) {
	site := w.server.Config.Handler
	down = new(atomic.Bool)
	w.server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if down.Load() {
			panic(http.ErrAbortHandler)
		}
		site.ServeHTTP(rw, r)
	})
	return down
}

// waitKept waits until the device keeps what it takes to open a link without a network.
func waitKept(b *browsertest.Browser, links int) {
	b.WaitUntil("the device keeps what it needs", func() bool {
		return strings.HasSuffix(keptOn(b), ",0,0,1]") && strings.Count(keptOn(b), "pv-") == links &&
			b.Evaluate(`navigator.serviceWorker.controller ? "yes" : "no"`) == "yes"
	})
}

// On one's own device the link opens without a network, after the browser was
// closed too: what was answered is there, and is sent when the network is back.
// Then nothing is left.
func TestOnesOwnDevice(t *testing.T) {
	w := newWorld(t, wave4)
	down, link := w.cut(), w.invite(4)
	phone := []browsertest.Option{browsertest.Phone(390, 844), browsertest.Language("sv"), browsertest.Profile(t.TempDir())}
	n := 0
	again := func() *browsertest.Browser {
		b := browsertest.Start(t, phone...)
		b.Expect("ERR_")
		b.Offline(down.Load())
		b.Goto(link.URL)
		return b
	}
	b := again()
	shoot(b, "own", &n, "start")
	b.Check("#consent")
	b.Check("#own")
	b.Follow(".acts .btn")
	waitKept(b, 1)
	if got := keptOn(b); strings.Contains(got, link.URL[strings.LastIndex(link.URL, "/")+1:]) {
		t.Errorf("what is kept has the link in its name: %s", got)
	}
	down.Store(true)
	b.Offline(true)
	lifted(t, b, 3)
	at := b.URL()
	b.Close()

	b = again()
	b.WaitUntil("it goes on where one stopped", func() bool { return b.URL() == at })
	b.WaitText("Du har inget nät just nu.")
	shoot(b, "own", &n, "again")
	lifted(t, b, 99)
	b.Click("#send .btn")
	b.WaitText("Dina svar skickas in när nätet är tillbaka")
	b.Close()

	b = again()
	b.WaitText("Dina svar skickas in när nätet är tillbaka")
	shoot(b, "own", &n, "waiting")
	if len(w.document(4).Answers) > 0 {
		t.Errorf("stored without a network are %v", w.document(4).Answers)
	}
	down.Store(false)
	b.Offline(false)
	b.WaitText("Tack! Dina svar är inskickade.")
	if len(w.document(4).Answers) < 30 {
		t.Errorf("stored are %v", w.document(4).Answers)
	}
	b.WaitUntil("nothing is left", func() bool { return keptOn(b) == nothingKept })
}

// Two people with one phone each have their own: what one keeps is not the
// other's, and goes when its owner says that the device is not theirs, or when
// the wave is over.
func TestTwoOnOnePhone(t *testing.T) {
	w := newWorld(t, wave4)
	down, links := w.cut(), []string{w.invite(4).URL, w.invite(4).URL}
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	b.Expect("ERR_")
	for i, link := range links {
		b.Goto(link)
		b.Check("#consent")
		b.Check("#own")
		b.Follow(".acts .btn")
		waitKept(b, i+1)
	}
	down.Store(true)
	for i, year := range []string{"1991", "2004"} {
		b.Goto(links[i])
		b.WaitText("Du har inget nät just nu.")
		if got := b.Value("[name='q.year_started']"); got != "" {
			t.Errorf("participant %d sees %s", i, got)
		}
		answerPage(b)
		b.Fill("[name='q.year_started']", year)
		b.Follow(".acts button[value=next]")
	}
	for i, year := range []string{"1991", "2004"} {
		b.Goto(links[i])
		b.WaitText("Du har inget nät just nu.")
		b.Follow(".acts button[value=back]")
		if got := b.Value("[name='q.year_started']"); got != year {
			t.Errorf("participant %d sees %q, not %s", i, got, year)
		}
	}
	down.Store(false)
	b.Goto(links[0] + "?paused=1")
	b.Click("#own") // it is ticked, and is no longer
	b.Follow(".acts .btn")
	b.WaitUntil("one of the two is left", func() bool { return strings.Count(keptOn(b), "pv-") == 1 })
	b.Evaluate(`caches.keys().then(([name]) => caches.open(name)).then((c) => c.put("/s/-/until", new Response("1"))), ""`)
	b.Goto(links[0])
	b.WaitUntil("nothing is left", func() bool { return keptOn(b) == nothingKept })
}

// The whole questionnaire holds the answers of the device that asks for it, and
// another device gets none of it.
func TestWholeTellsItsOwnAlone(t *testing.T) {
	w := newWorld(t, wave4)
	link := w.invite(4)
	b := w.start(link, true)
	b.next("q.year_started", "1987")
	for _, one := range []struct {
		by     *browser
		status int
		knows  bool
	}{{b, http.StatusOK, true}, {w.browser(true), http.StatusNoContent, false}} {
		answer, err := one.by.client.Get(link.URL + "/whole")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != one.status || strings.Contains(string(body), "1987") != one.knows {
			t.Errorf("%d (%v), and tells %s", answer.StatusCode, err, body)
		}
	}
}

const houseForm = `
| survey |
| | type | name | label::sv | label::en | relevant | calculation | choice_filter | repeat_count | required |
| | integer | size | Hur många bor här? | How many live here? | | | | | yes |
| | begin repeat | person | Person | Person | | | | ${size} | |
| | text | first | Vad heter personen? | What is the name? | | | | | |
| | begin repeat | pet | Husdjur | Pet | | | | | |
| | text | animal | Vilket djur har ${first}? | Which animal has ${first}? | | | | | |
| | end repeat | | | | | | | | |
| | end repeat | | | | | | | | |
| | select_one ${first} | eldest | Vem är äldst? | Who is the eldest? | | | | | |
| | calculate | pets | | | | count(${pet}) | | | |
| | note | sum | Ni har ${pets} djur. | You have ${pets} animals. | ${pets} > 0 | | | | |
| | select_one county | county | Vilket län? | Which county? | | | | | |
| | select_one town | town | Vilken kommun? | Which town? | | | in = ${county} | | |
| | rank colour | order | Ordna färgerna | Rank the colours | | | | | |
| choices |
| | list_name | name | label::sv | label::en | in |
| | county | vg | Västra Götaland | Västra Götaland | |
| | county | sk | Skåne | Scania | |
| | town | gbg | Göteborg | Gothenburg | vg |
| | town | mmo | Malmö | Malmö | sk |
| | colour | red | Röd | Red | |
| | colour | blue | Blå | Blue | |
| settings |
| | form_title | default_language |
| | Hus | sv |
`

// household answers houseForm with all its buttons, and gives the pages that it
// came to: the address, and what is asked there.
func household(t *testing.T, b *browsertest.Browser, scripts bool, shoot func(string)) []string {
	t.Helper()
	var way []string
	press := func(selector string) {
		t.Helper()
		b.Follow(selector)
		address, err := url.PathUnescape(b.URL())
		if err != nil {
			t.Fatal(err)
		}
		way = append(way, address[strings.LastIndex(address, "/"):]+" "+b.Evaluate(`[...document.querySelectorAll("#sheet .tag, #sheet h1:not(.vh), #sheet legend, #sheet label[for], #sheet .rank>li>span, #sheet .lead, .note h2, .note[role=status]:not(#lift) p, dt, dd")].map((e) => e.innerText.replace(/\s+/g, " ").trim()).join(" | ")`))
	}
	rank := func(choice string) {
		if b.Click("button[value='order add " + choice + "']"); !scripts {
			b.WaitUntil("it is taken", func() bool { return strings.Contains(b.Value("[name='q.order']"), choice) })
		}
	}
	next, back := ".acts button[value=next]", ".acts button[value=back]"
	press(next) // one friendly reminder
	shoot("reminder")
	b.Fill("[name='q.size']", "två")
	press(next)
	if !strings.Contains(b.Text("#q-size .msg"), "siffror") {
		t.Errorf("told is %q", b.Text("#q-size .msg"))
	}
	b.Fill("[name='q.size']", "2")
	press(next)
	b.Fill("[name='q.first']", "Åsa")
	press(next)
	shoot("overview")
	for _, animal := range []string{"Katt", "En gammal hund som heter Karo och som bor i ett hus", "Fisk"} {
		press("[value=add]")
		b.Fill("[name='q.animal']", animal)
		press(next)
	}
	shoot("animals")
	press("[value='remove 2']")
	shoot("removed")
	press("[value^=restore]")
	press("[value='remove 3']")
	press("[value='remove 1']")
	press("li a.btn")
	b.Fill("[name='q.animal']", "Hund")
	press(next)
	press(back)
	press(next)
	press(next)
	b.Fill("[name='q.first']", "Bo")
	press(next)
	press(next)
	b.Check("input[name='q.eldest'][value='2']")
	shoot("eldest")
	press(next)
	press(next)
	b.Check("input[name='q.county'][value=vg]")
	press(next)
	b.Check("input[name='q.town'][value=gbg]")
	press(next)
	press(back)
	press(back)
	b.Check("input[name='q.county'][value=sk]") // the town is none of its towns
	press(next)
	b.Check("input[name='q.town'][value=mmo]")
	press(next)
	rank("blue")
	rank("red")
	shoot("rank")
	press(next)
	shoot("review")
	return way
}

// Repeats that are counted and added, in each other, choices that are answers,
// filters, calculations and rankings: without a network as with one.
func TestAHouseInALift(t *testing.T) {
	house := func(options ...browsertest.Option) (*world, *browsertest.Browser) {
		w := newWorldOf(t, wave3, fstest.MapFS{smartFactory + "/study.yaml": {Data: []byte(fileStudy)}, smartFactory + "/core.v1.md": {Data: []byte(houseForm)}}, smartFactory)
		b := browsertest.Start(t, append(options, browsertest.Phone(390, 844), browsertest.Language("sv"))...)
		b.Goto(w.invite(1).URL)
		b.Follow(".acts .btn")
		return w, b
	}
	w, b := house(browsertest.NoScript())
	b.Expect("422")
	want := household(t, b, false, func(string) {})
	b.Follow("#send .btn")
	stored := w.document(1).Answers

	w, b = house()
	b.Expect("ERR_INTERNET_DISCONNECTED")
	n := 0
	waitWhole(b)
	b.Offline(true)
	got := household(t, b, true, func(what string) { shoot(b, "house", &n, what) })
	for i := range want {
		if i < len(got) && got[i] != want[i] {
			t.Errorf("page %d without a network is\n%s\nwith one\n%s", i, got[i], want[i])
		}
	}
	b.Click("#send .btn")
	b.WaitText("Dina svar skickas in när nätet är tillbaka")
	b.Offline(false)
	b.WaitText("Tack! Dina svar är inskickade.")
	if here := w.document(1).Answers; !maps.Equal(here, stored) || stored["town"] != "mmo" || stored["animal@1.2"] != "Hund" {
		t.Errorf("without a network\n%v\nis stored, with one\n%v", here, stored)
	}
}
