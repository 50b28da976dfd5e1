package respond_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/store"
)

// start presses the start button and gives the browser at the first page.
func (w *world) start(link fieldwork.Link, cookies bool) *browser {
	w.t.Helper()
	b := w.browser(cookies).get(link.URL)
	b.press("go", "start", "consent", "1")
	if !strings.Contains(b.url.Path, "/p/") {
		w.t.Fatalf("after start at %s with %d", b.url.Path, b.status)
	}
	return b
}

// open gives the browser at a page of its link.
func (b *browser) open(link fieldwork.Link, page string) *browser {
	b.t.Helper()
	return b.get(link.URL + "/p/" + page)
}

func TestALinkOpensQuestionsNeverAnswers(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	mine := w.start(link, true)
	mine.open(link, "p_job").next("q.job_kind", "assembly", "q.year_started", "2006", "q.hours_week", "42")
	if mine.open(link, "p_job"); mine.form.Get("q.year_started") != "2006" {
		t.Fatalf("the device that answered sees %v", mine.form)
	}
	// An admin copies the link, presses start, and looks everywhere.
	other := w.browser(true).get(link.URL).says("Några svar finns redan. De visas inte här förrän du har visat att det är du.")
	other.press("go", "start")
	for _, page := range []string{"/p/p_job", "/p/p_tasks", "/review", "", "/help", "/info"} {
		other.get(link.URL + page)
		if strings.Contains(other.body, "2006") || strings.Contains(other.body, `value="assembly" checked`) || strings.Contains(other.body, `<dd><strong>`) {
			t.Errorf("%s shows a stored answer:\n%s", page, other.body)
		}
	}
	other.get(link.URL+"/review").says("Svar från en annan enhet visas inte här.").lacks("Inte besvarad", "saknar svar. Du kan", "Besvarad", "Hur länge")
	// What the other device leaves blank erases nothing; what it answers is its own.
	other.open(link, "p_job").next("q.hours_week", "40")
	d := w.document(3)
	if d.Answers["year_started"] != "2006" || d.Answers["hours_week"] != "40" {
		t.Errorf("stored: %v", d.Answers)
	}
	if mine.open(link, "p_job"); mine.form.Get("q.hours_week") != "" || mine.form.Get("q.year_started") != "2006" {
		t.Errorf("the first device sees %v", mine.form)
	}
	// Without a cookie nothing is shown either.
	if anonymous := w.browser(false).open(link, "p_job"); strings.Contains(anonymous.body, "2006") {
		t.Error("an answer is shown without a cookie")
	}
}

func TestASecondTabLosesNothing(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	b.open(link, "p_job")
	stale, action := b.form, b.action
	b.next("q.job_kind", "assembly", "q.year_started", "2006", "q.hours_week", "42")
	// The first tab still shows the page as it was, blank, and types one thing.
	b.form, b.action = stale, action
	b.next("q.hours_week", "38")
	if d := w.document(3); d.Answers["year_started"] != "2006" || d.Answers["job_kind"] != "assembly" || d.Answers["hours_week"] != "38" {
		t.Errorf("stored: %v", d.Answers)
	}
	// One who clears a field that was shown with a value does clear it.
	b.open(link, "p_job").next("q.hours_week", "")
	b.open(link, "p_job").next("q.hours_week", "")
	if d := w.document(3); d.Answers["hours_week"] != "" || d.Answers["year_started"] != "2006" {
		t.Errorf("stored after clearing: %v", d.Answers)
	}
}

func TestTheSameFormTwiceIsOneSave(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	b.open(link, "p_job")
	form, action := b.form, b.action
	for range 3 {
		b.form, b.action = form, action
		b.next("q.job_kind", "assembly", "q.year_started", "2006", "q.hours_week", "42")
	}
	if n := w.saves(3); n != 1 {
		t.Errorf("%d saves, not 1", n)
	}
}

// saves counts the history of the only interview of a wave.
func (w *world) saves(wave int) int {
	w.t.Helper()
	n := 0
	err := w.store.Read(context.Background(), func(tx *store.Tx) error {
		all, err := tx.Interviews(smartFactory, wave)
		if err != nil || len(all) == 0 {
			return err
		}
		saves, err := tx.Saves(all[0].ID)
		n = len(saves)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestErrorsStandBesideTheQuestion(t *testing.T) {
	w := newWorld(t, wave3)
	b := w.start(w.invite(3), true)
	b.next("q.job_kind", "assembly", "q.year_started", "2106", "q.hours_week", "fyrtio")
	b.isAt(422, "/p/p_job").says("Rätta 2 saker innan du går vidare", "Allt du har skrivit finns kvar.", "Du skrev ”fyrtio”. Skriv ett tal med siffror.")
	for _, want := range []string{`<title>Fel: `, `href="#q-year_started-i"`, `id="q-year_started"`, `value="2106"`, `value="fyrtio"`, `aria-invalid="true"`, `aria-describedby="q-hours_week-h q-hours_week-e"`} {
		if !strings.Contains(b.body, want) {
			t.Errorf("no %s in\n%s", want, b.body)
		}
	}
	if d := w.document(3); d.Answers["job_kind"] != "assembly" || d.Answers["year_started"] != "" {
		t.Errorf("stored beside errors: %v", d.Answers)
	}
	b.next("q.year_started", "1 998", "q.hours_week", "38")
	if d := w.document(3); d.Answers["year_started"] != "1998" {
		t.Errorf("stored: %v", d.Answers)
	}
}

func TestABlankPageIsRemindedOfOnce(t *testing.T) {
	w := newWorld(t, wave3)
	b := w.start(w.invite(3), true)
	b.open(w.link(3), "p_training").next()
	b.isAt(422, "/p/p_training").says("En fråga saknar svar", "Vill du inte svara kan du trycka på Nästa igen.")
	b.next()
	if strings.HasSuffix(b.url.Path, "/p/p_training") {
		t.Error("the second press does not go on")
	}
}

// link gives the only link of a wave.
func (w *world) link(wave int) fieldwork.Link {
	w.t.Helper()
	links, err := w.field.Links(context.Background(), w.now, access.CommandLine(), smartFactory, wave, false)
	if err != nil || len(links) != 1 {
		w.t.Fatalf("%d links (%v)", len(links), err)
	}
	return links[0]
}

func TestFollowUpsOfAPageAreShownBeforeGoingOn(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	b.open(link, "p_monitor")
	if strings.Contains(b.body, "mon_informed") {
		t.Fatal("the follow-up is there before its filter")
	}
	b.next("q.mon_logged", "yes")
	if !strings.Contains(b.body, "q.mon_informed") {
		t.Fatalf("after yes at %s with %d:\n%s", b.url.Path, b.status, b.body)
	}
	if !strings.Contains(b.body, `value="yes" checked`) {
		t.Error("the filter's answer is not shown again")
	}
	b.next("q.mon_informed", "partly")
	if b.status == http.StatusUnprocessableEntity {
		b.next()
	}
	// Taken back, the follow-up stays in the history and is asked no more.
	b.open(link, "p_monitor").next("q.mon_logged", "no")
	if b.open(link, "p_monitor"); strings.Contains(b.body, "q.mon_informed") {
		t.Error("the follow-up is still asked")
	}
	if d := w.document(3); d.Answers["mon_informed"] != "partly" {
		t.Errorf("the history lost it: %v", d.Answers)
	}
}

func TestATamperedFormIsRefusedAndCostsNobodyAnAnswer(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	b.open(link, "p_job").next("q.year_started", "2006", "q.job_kind", "astronaut", "was.no_such", "", "q.no_such", "1")
	b.isAt(422, "/p/p_job").says("Sidan stämde inte.")
	d := w.document(3)
	if d.Answers["job_kind"] != "" || d.Answers["no_such"] != "" {
		t.Errorf("stored: %v", d.Answers)
	}
	if d.Answers["year_started"] != "2006" {
		t.Errorf("an honest answer on the page was lost: %v", d.Answers)
	}
	if log := w.log.String(); !strings.Contains(log, "fields=2") || strings.Contains(log, link.URL[len(link.URL)-22:]) {
		t.Errorf("the log says: %s", log)
	}
	b.take(b.client.PostForm(link.URL+"/p/nowhere", b.form)).isAt(422, "/p/nowhere")
	b.get(link.URL+"/p/nowhere").isAt(200, "/p/p_job")
}

func TestRankingByButtons(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	for name, cookies := range map[string]bool{"with cookies": true, "without cookies": false} {
		t.Run(name, func(t *testing.T) {
			b := w.start(link, cookies)
			b.t = t
			b.open(link, "p_priority")
			button := func(do string, n int) string {
				t.Helper()
				parts := strings.Split(b.body, `name="rank" value="`)
				for _, p := range parts[1:] {
					value := p[:strings.IndexByte(p, '"')]
					if strings.Contains(value, " "+do+" ") {
						if n--; n < 0 {
							return value
						}
					}
				}
				t.Fatalf("no button %q in\n%s", do, b.body)
				return ""
			}
			first, second := button("add", 0), button("add", 1)
			b.press("rank", first).says("Välj nummer 2", "är nu nummer 1 av 1")
			b.press("rank", second).says("Välj nummer 3")
			b.press("rank", button("up", 1)).says("är nu nummer 1 av 2")
			b.next()
			if strings.HasSuffix(b.url.Path, "/p/p_priority") {
				b.next()
			}
			name := strings.Fields(first)
			want := strings.Fields(second)[2] + " " + name[2]
			if d := w.document(3); d.Answers[name[0]] != want {
				t.Errorf("stored %q, not %q", d.Answers[name[0]], want)
			}
		})
	}
}

func TestChangingTheLanguageSavesFirst(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	b.press("go", "lang:de", "q.year_started", "2006").isAt(200, "/p/p_job").says("Teil 1 von 7")
	if b.form.Get("q.year_started") != "2006" || !strings.Contains(b.body, `<html lang="de"`) {
		t.Errorf("after the change: %v", b.form)
	}
	b.get(link.URL).says("Weitermachen, wo du aufgehört hast")
}

// What was typed and cannot be saved stays on the page: another language keeps
// it, and Back, Pause and Help tell of it once.
func TestWhatCannotBeSavedIsTold(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	b.press("go", "pause", "q.year_started", "2106").isAt(422, "/p/p_job").says("Allt du har skrivit finns kvar.", "Vill du gå vidare ändå trycker du en gång till.")
	b.press("go", "lang:de").isAt(422, "/p/p_job").says("Teil 1 von 7", "ist noch da")
	if b.form.Get("q.year_started") != "2106" {
		t.Errorf("another language keeps %q", b.form.Get("q.year_started"))
	}
	b.press("go", "help").isAt(200, "/help").says("Werden meine Antworten gespeichert?", "Zurück zur Umfrage")
	if !strings.Contains(b.body, `href="`+strings.TrimPrefix(link.URL, w.server.URL)+`/p/p_job"`) {
		t.Errorf("help does not lead back to the page:\n%s", b.body)
	}
	if d := w.document(3); d.Answers["year_started"] != "" {
		t.Errorf("stored %q", d.Answers["year_started"])
	}
}

// A question that an answer brings up on the same page is pointed out; a
// reminder is no error.
func TestFollowUpsAndReminders(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	b.get(link.URL + "/p/p_training")
	b.next().isAt(422, "/p/p_training").says("En fråga saknar svar")
	if strings.Contains(b.body, "<title>Fel") || strings.Contains(b.body, "aria-invalid") {
		t.Errorf("a reminder is told as an error:\n%s", b.body)
	}
	b.next("q.train_had", "yes").isAt(200, "/p/p_training").says("Följdfråga", "Hur många timmar fick du sammanlagt?")
	if strings.Count(b.body, "autofocus") != 1 {
		t.Errorf("the follow-up has no focus of its own:\n%s", b.body)
	}
	b.get(link.URL + "/p/p_training")
	if strings.Contains(b.body, "Följdfråga") {
		t.Error("seen once, it is no news")
	}
}

// A page that is sent after the wave has closed is not saved, and says so.
func TestAPageSentTooLate(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	w.now = w.now.AddDate(0, 1, 0)
	b.next("q.year_started", "2006").isAt(410, "/p/p_job").says("Omgången är stängd.", "Det du just skickade kom för sent och är inte sparat.")
	b.get(link.URL).says("Det du hann svara är sparat.")
}

func TestLinksThatOpenNothing(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.browser(true)
	request, _ := http.NewRequest(http.MethodGet, w.server.URL+"/s/thisIsNoTokenOfOurs00", nil)
	request.Header.Set("Accept-Language", "de")
	b.take(b.client.Do(request)).isAt(404, "/s/thisIsNoTokenOfOurs00").says("Der Link funktioniert nicht.", "Code aus dem Brief eingeben")

	w.now = time.Date(2017, 4, 3, 8, 0, 0, 0, time.UTC)
	b.get(link.URL).isAt(410, "").says("Omgången är stängd.", "Nästa öppnar måndag 25 september 2017.")
	w.now = time.Date(2017, 3, 1, 8, 0, 0, 0, time.UTC)
	b.get(link.URL).isAt(409, "").says("Omgången har inte öppnat än.", "måndag 13 mars")
	w.now = time.Date(2017, 11, 1, 8, 0, 0, 0, time.UTC)
	b.get(link.URL).isAt(410, "").says("Det var den sista omgången.")

	w.now = wave3
	b.get(link.URL+"/leave").isAt(200, "/leave")
	b.press("go", "").isAt(422, "/leave").says("Välj hur du vill göra.")
	b.press("how", "keep").isAt(200, "/leave/keep").says("Vi hör inte av oss igen.", "Ingen fil med dina svar har lämnats ut.")
	b.press("", "").isAt(200, "/receipt").says("Du deltar inte längre.", "Du slutade onsdag 22 mars 2017.")
	b.get(link.URL).isAt(410, "").says("Du deltar inte längre.")
	b.get(link.URL+"/p/p_job").isAt(410, "/p/p_job")
}

func TestErasingTakesEverythingAway(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	b.next("q.job_kind", "assembly", "q.year_started", "2006", "q.hours_week", "42")
	b.open(link, "p_tasks")
	late, action := b.form, b.action
	b.get(link.URL+"/leave").press("how", "erase").isAt(200, "/leave/erase").says("Det går inte att ångra.").lacks("Är det du?")
	b.press("", "").isAt(200, "/receipt").says("Dina svar är raderade.")
	b.form, b.action = late, action
	b.next("q.task_repeat", "often").isAt(410, "/p/p_tasks")
	if d := w.document(3); len(d.Answers) != 0 || w.saves(3) != 0 {
		t.Errorf("left behind: %v and %d saves", d.Answers, w.saves(3))
	}
}

// What a post hands to the page after it is nothing that leaving leaves behind.
func TestLeavingBetweenAPostAndItsPage(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.next("q.job_kind", "assembly", "q.year_started", "2006", "q.hours_week", "42")
	if b.status != http.StatusSeeOther {
		t.Fatalf("the post gave %d", b.status)
	}
	other := w.browser(true)
	other.get(link.URL+"/leave").press("how", "erase").isAt(200, "/leave/erase").says("Är det du?")
	other.press("", "").isAt(422, "/leave/erase").says("Kryssa i rutan om allt ska raderas.")
	other.press("mine", "1").isAt(200, "/receipt").says("Dina svar är raderade.")
	b.open(link, "p_tasks").isAt(http.StatusGone, "/p/p_tasks")
}

func TestCodes(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.browser(true).get(w.server.URL + "/")
	b.press("code", "").isAt(422, "/").says("Skriv koden på tio tecken från brevet.")
	b.press("code", "00000-00000").isAt(404, "/").says("Koden fungerar inte.")
	typed := strings.ToLower(strings.ReplaceAll(link.Code, "-", " "))
	b.press("code", typed).isAt(200, "").says("Hur förändras ditt arbete av ny teknik?")
	for range 120 { // a machine that guesses
		b.get(w.server.URL + "/")
		b.press("code", "11111-11111")
	}
	b.isAt(http.StatusTooManyRequests, "/").says("Vänta en minut")
}

func TestPausingComesBackToTheSamePage(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	b.next("q.job_kind", "assembly", "q.year_started", "2006", "q.hours_week", "42").isAt(200, "/p/p_tasks")
	b.press("go", "pause", "q.task_repeat", "often").says("Sparat. Fortsätt med samma länk till och med söndag 2 april 2017.")
	b.press("go", "start").isAt(200, "/p/p_tasks")
	if b.form.Get("q.task_repeat") != "often" {
		t.Errorf("the page came back with %v", b.form)
	}
	b.press("go", "back").isAt(200, "/p/p_job")
}

func TestAGetChangesNothing(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.browser(true)
	for _, page := range []string{"", "/p/p_job", "/review", "/thanks", "/leave", "/info", "/help", "?lang=de", "?paused=1"} {
		b.get(link.URL + page)
	}
	err := w.store.Read(context.Background(), func(tx *store.Tx) error {
		interviews, err := tx.Interviews(smartFactory, 3)
		if len(interviews) != 0 {
			t.Errorf("%d interviews were begun by looking", len(interviews))
		}
		events, err2 := tx.Events(smartFactory)
		if len(events) != 0 {
			t.Errorf("events by looking: %v", events)
		}
		if err == nil {
			err = err2
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
