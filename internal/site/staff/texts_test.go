package staff_test

import (
	"html"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"panelverk/internal/access"
	"panelverk/internal/interview"
	"panelverk/internal/site/browsertest"
	"panelverk/internal/store"
)

// wrote stores what somebody answered in their own words.
func (w *world) wrote(label string, wave int, answers map[string]string) {
	w.t.Helper()
	if err := w.store.Write(ctx, func(tx *store.Tx) error {
		p, err := tx.ParticipantByLabel(key, label)
		if err != nil {
			return err
		}
		inv, err := tx.InvitationOf(p.PID, wave)
		if err != nil {
			return err
		}
		_, _, err = tx.AddSave(store.Save{Interview: inv.ID, Key: "wrote", At: early.Add(48 * time.Hour), Mode: store.Web, Change: interview.Change{Answers: answers}})
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
}

// said are answers as people write them, in Swedish, English and German in turn;
// the first two hold what should not leave.
var said = []string{
	"Min chef Anna Ek har fått en robot att passa, och jag får vänta på henne. Ring mig på 070-123 45 67 så berättar jag mer!",
	"I am the only welder left in Skövde. Write to bo@example.org.",
	"Wir haben 2014 zwei Roboter bekommen, seitdem sind wir 12 weniger an der Linie.\nEs ist leiser, aber einsamer.",
	"Inget.", "Nothing.", "Nichts.",
	"Mer att läsa på skärmen.",
	"Higher pace, and less time to talk with those you work with. The breaks get shorter because the machine needs none.",
	"Ich habe programmieren gelernt, das macht Spaß.",
}

// talkative is a panel whose members have written something in wave 1: what was
// said above, and then longer things.
func talkative(t *testing.T, people int) *world {
	w := newWorld(t)
	for i, label := range w.people(early, people) {
		w.answer(label, 1)
		answers := map[string]string{"open_effect": said[i%len(said)]}
		switch {
		case i >= len(said):
			answers["open_effect"] = "Det är långt från det första," + strings.Repeat(" och sedan", i) + "."
		case i == 0:
			answers["job_kind"], answers["job_kind_other"] = "other", "Lärare"
		}
		w.wrote(label, 1, answers)
	}
	return w
}

const reading = "/s/" + key + "/texts/1/open_effect"

var (
	hiddenText = regexp.MustCompile(`name="text" value="([^"]+)"`)
	plainText  = regexp.MustCompile(`name="plain" value="([^"]+)"`)
	marks      = regexp.MustCompile(`</?mark[^>]*>`)
)

// card gives the id of the text that begins with the words, as the page has it.
func card(t *testing.T, body, begins string) string {
	t.Helper()
	body = marks.ReplaceAllString(body, "")
	at := strings.Index(body, ">"+html.EscapeString(begins))
	if at < 0 {
		t.Fatalf("no text begins %q:\n%s", begins, text(body))
	}
	all := hiddenText.FindAllStringSubmatch(body[:at], -1)
	return all[len(all)-1][1]
}

// TestReadTexts walks the whole way without scripts: what is decided is stored,
// nothing typed is lost where something is wrong, and no page tells of anybody.
func TestReadTexts(t *testing.T) {
	w := talkative(t, len(said))
	c := w.as(access.Researcher)
	c.get("/s/"+key+"/releases").has(t, "/texts", "Läs öppna svar")
	a := c.get("/s/" + key + "/texts")
	a.has(t, "10 texter väntar på att läsas", "Vad har ny teknik ändrat mest", "0 av 9", "Vad arbetar du mest med", "0 av 1")
	a = c.get(reading)
	a.has(t, "0 av 9 lästa", "Olästa (9)", "<mark data-out>Anna Ek</mark>", "<mark data-out>070-123 45 67</mark>", "<mark>2014</mark>", "<mark data-out>Skövde</mark>", "Wir haben <mark>2014</mark> zwei Roboter",
		"Min chef […] har fått en robot att passa", "markerat: namn, telefonnummer", "Svenska", "Spara, och låt resten lämnas ut som de är")
	a.lacks(t, "Alva Ek", "example.org\"")
	if err := w.store.Read(ctx, func(tx *store.Tx) error {
		return tx.EachParticipant(key, func(p store.Participant) error { a.lacks(t, p.PID, p.Label); return nil })
	}); err != nil {
		t.Fatal(err)
	}

	boss, welder, pace := card(t, a.body, "Min chef"), card(t, a.body, "I am the only"), card(t, a.body, "Higher pace")
	c.post(reading, "go", "save", "text", boss).has(t, "Välj vad det ska bli av minst en text")
	a = c.post(reading, "go", "save", "text", boss, "d."+boss, "redacted", "w."+boss, "Min chef ändrade jag", "text", welder, "d."+welder, "redacted", "w."+welder, "  ",
		"text", "gone.1", "d.gone.1", "redacted", "w.gone.1", "Något jag skrev")
	if a.status != 422 {
		t.Fatal(a.status)
	}
	a.has(t, "Rätta 2 saker", "Inget är kvar av texten", "Svaret har ändrats", "Något jag skrev", "Min chef ändrade jag", "0 av 9 lästa")

	// One is rewritten and one stays; the rest leaves but where something is marked.
	form := []string{"go", "rest", "d." + boss, "redacted", "w." + boss, "Min chef […] har fått en robot.", "d." + pace, "withheld"}
	for _, m := range hiddenText.FindAllStringSubmatch(a.body, -1) {
		form = append(form, "text", m[1])
	}
	for _, m := range plainText.FindAllStringSubmatch(a.body, -1) {
		form = append(form, "plain", m[1])
	}
	a = c.follow(reading, form...)
	a.has(t, "Sparat.", "7 av 9 lästa", "I am the only", "Wir haben")
	a.lacks(t, "Inget.", "Higher pace", "lämnas ut som de är")
	a = c.get(reading + "?show=read")
	a.has(t, "Min chef […] har fått en robot.</textarea>", "läst")
	if inget := card(t, a.body, "Inget."); !regexp.MustCompile(`name="d.` + regexp.QuoteMeta(inget) + `" value="as_is"[^>]* checked`).MatchString(a.body) {
		t.Error("what was decided is not shown")
	}
	c.get("/s/"+key+"/texts").has(t, "3 texter väntar", "7 av 9", "5 som de är, 1 omskrivna, 1 stannar")

	a = c.get(reading)
	welder, robots := card(t, a.body, "I am the only"), card(t, a.body, "Wir haben")
	a = c.follow(reading, "go", "save", "text", welder, "d."+welder, "withheld", "text", robots, "d."+robots, "as_is")
	a.has(t, "Alla texter på den här frågan är lästa", "/texts/1/job_kind_other", "Läs nästa fråga")
	c.get(reading+"?after=zz").has(t, "Alla texter på den här frågan är lästa")
	c.get("/s/"+key+"/texts/1/job_kind_other?after=zz").has(t, "Du har kommit till slutet")
	w.as(access.Owner).get("/audit").has(t, "Läste öppna svar")
}

// TestReadingPages looks at the pages in a browser, with and without scripts.
func TestReadingPages(t *testing.T) {
	w := talkative(t, 11)
	start := func(options ...browsertest.Option) *browsertest.Browser {
		b := browsertest.Start(t, append(options, browsertest.Language("sv"))...)
		b.Goto(w.server.URL + "/staff/login")
		b.Fill("#f-email", "researcher@example.org")
		b.Fill("#f-password", password)
		b.Follow("main .btn")
		b.Expect("422")
		return b
	}
	at := w.server.URL + "/staff" + reading
	for name, options := range map[string][]browsertest.Option{
		"phone": {browsertest.Phone(390, 844)}, "desk": {browsertest.Window(1280, 900)},
		"phone-dark": {browsertest.Phone(390, 844), browsertest.Dark()}, "desk-dark": {browsertest.Window(1280, 900), browsertest.Dark()},
	} {
		if os.Getenv("PANELVERK_SCREENSHOTS") == "" && name != "phone" {
			continue
		}
		b := start(append(options, browsertest.NoScript())...)
		b.Goto(w.server.URL + "/staff/s/" + key + "/texts")
		inspect(t, b, name, "texts")
		b.Goto(at)
		if b.Visible(".take") || b.Visible(".own") || b.Count(".card") < 9 {
			t.Error("without scripts something is offered that does nothing, or the words are shown before they are asked for")
		}
		boss := field(b, "Min chef")
		b.Check(boss + ` [value="redacted"]`)
		if !b.Visible(boss + " textarea") {
			t.Error("the words that leave cannot be written")
		}
		b.Fill(boss+" textarea", "")
		inspect(t, b, name, "text")
		b.Follow(`[name="go"]`)
		inspect(t, b, name, "text-wrong")
		b.Goto(at + "?after=zz")
		inspect(t, b, name, "text-end")
	}

	b := start(browsertest.Window(1280, 900))
	b.Goto(at)
	boss, welder, robots := field(b, "Min chef"), field(b, "I am the only"), field(b, "Wir haben")
	pressed := func() string { return b.Attribute(boss+" mark", "aria-pressed") }
	words := func(card string) string { return b.Value(card + " textarea") }
	if pressed() != "false" || b.Checked(boss+` [value="redacted"]`) {
		t.Error("something is chosen from the start")
	}
	if b.Visible(robots + " .take") {
		t.Error("a button is offered that has nothing to do")
	}
	b.Click(boss + " mark")
	if pressed() != "true" || !b.Checked(boss+` [value="redacted"]`) || !strings.Contains(words(boss), "chef […] har fått") || !strings.Contains(words(boss), "på […] så") {
		t.Errorf("taken out: %s", words(boss))
	}
	b.Click(boss + " mark")
	if pressed() != "false" || !strings.Contains(words(boss), "chef Anna Ek har fått") || !strings.Contains(words(boss), "på […] så") {
		t.Errorf("put back: %s", words(boss))
	}
	selectWords(b, boss, "en robot att passa")
	b.Press(kb.Delete)
	selectWords(b, boss, "Anna Ek har fått ")
	b.Click(boss + " .take button")
	if want := "Min chef […], och jag får vänta på henne. Ring mig på […] så berättar jag mer!"; words(boss) != want || pressed() != "true" {
		t.Errorf("selected words are left: %s", words(boss))
	}
	b.Fill(boss+" textarea", "Chefen Anna Ek dröjer.")
	b.Click(boss + " mark")
	if words(boss) != "Chefen […] dröjer." {
		t.Errorf("what was written by hand: %s", words(boss))
	}
	selectWords(b, robots, "zwei Roboter")
	b.WaitUntil("the button is offered", func() bool { return b.Visible(robots + " .take") })
	b.Check(robots + ` [value="redacted"]`)
	b.Press("1")
	if b.Checked(robots+` [value="redacted"]`) || !b.Checked(robots+` [value="as_is"]`) {
		t.Error("1 chooses nothing")
	}
	b.Check(welder + ` [value="redacted"]`)
	b.Press("2")
	if got := b.Evaluate("document.activeElement.tagName"); got != "TEXTAREA" {
		t.Errorf("2 leads to %s", got)
	}
	if os.Getenv("PANELVERK_SCREENSHOTS") != "" {
		shoot(b, os.Getenv("PANELVERK_SCREENSHOTS"), "desk", "text-script")
	}
	b.Accessible("a text with scripts")
	b.Follow(`[name="go"]`)
	b.WaitText("Sparat.")
	b.Goto(at + "?show=read")
	if got := b.Count(".card"); got != 3 || words(field(b, "Min chef")) != "Chefen […] dröjer." {
		t.Errorf("%d were read: %s", got, words(field(b, "Min chef")))
	}
}

// field finds the card of the text that begins with the words.
func field(b *browsertest.Browser, begins string) string {
	return `.card:has(#` + b.Evaluate(`[...document.querySelectorAll(".said")].find((e) => e.textContent.startsWith(`+strconv.Quote(begins)+`)).id`) + `)`
}

// selectWords selects words of a text, as with a mouse.
func selectWords(b *browsertest.Browser, card, words string) {
	b.Evaluate(`(() => {
		const said = document.querySelector(` + strconv.Quote(card+" .said") + `), words = ` + strconv.Quote(words) + `, at = said.textContent.indexOf(words), range = document.createRange();
		const point = (n) => { const walk = document.createTreeWalker(said, NodeFilter.SHOW_TEXT); let node; while ((node = walk.nextNode())) { if (n <= node.length) return [node, n]; n -= node.length; } };
		range.setStart(...point(at)); range.setEnd(...point(at + words.length));
		document.activeElement.blur(); getSelection().removeAllRanges(); getSelection().addRange(range); return "";
	})()`)
}
