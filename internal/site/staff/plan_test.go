package staff_test

import (
	"encoding/csv"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"panelverk/internal/access"
	"panelverk/internal/site/browsertest"
	"panelverk/internal/study"
)

var inputPattern = regexp.MustCompile(`(?s)<(input|select|textarea)\b([^>]*)>`)

// typed gives what the forms of a page hold, as a browser would send it, names
// and values in turn; buttons aside.
func typed(body string) url.Values {
	v := url.Values{}
	attr := func(tag, name string) string {
		if m := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag); m != nil {
			return html.UnescapeString(m[1])
		}
		return ""
	}
	body = body[strings.Index(body, "<main"):]
	for _, m := range inputPattern.FindAllStringSubmatchIndex(body, -1) {
		kind, tag := body[m[2]:m[3]], body[m[4]:m[5]]
		name := attr(tag, "name")
		switch {
		case name == "":
		case kind == "select":
			part := body[m[1]:]
			part = part[:strings.Index(part, "</select>")]
			chosen := regexp.MustCompile(`<option value="([^"]*)" selected>`).FindStringSubmatch(part)
			if chosen == nil {
				chosen = regexp.MustCompile(`<option value="([^"]*)"`).FindStringSubmatch(part)
			}
			v.Add(name, html.UnescapeString(chosen[1]))
		case (strings.Contains(tag, `type="checkbox"`) || strings.Contains(tag, `type="radio"`)) && !strings.Contains(tag, " checked"):
		default:
			v.Add(name, attr(tag, "value"))
		}
	}
	return v
}

func (c *client) sendForm(path string, v url.Values, do string) answered {
	c.t.Helper()
	var pairs []string
	for name, values := range v {
		for _, value := range values {
			pairs = append(pairs, name, value)
		}
	}
	return c.post(path, append(pairs, "do", do)...)
}

const planAt = "/s/" + key + "/plan"

func TestPlanIsEditedLookedAtAndSaved(t *testing.T) {
	w := newWorld(t)
	w.people(early, 5)
	w.now = early
	c := w.as(access.Admin)
	page := c.get(planAt)
	page.has(t, "Förvarning", "4 dagar innan omgången öppnar", "Påminnelse 2", "Visa vad som ändras")

	// Unchanged, the form gives the plan that it was made of.
	v := typed(page.body)
	c.sendForm(planAt, v, "preview").has(t, "Inget ändras.", "100 meddelanden blir som de är.")

	field := ""
	for name, values := range v {
		if values[0] == "reminder2" && strings.HasSuffix(name, ".key") {
			field = strings.TrimSuffix(name, "key")
		}
	}
	v.Set(field+"offset", "10")
	a := c.sendForm(planAt, v, "preview")
	a.has(t, "Det här ändras", "14 dagar", "10 dagar", "20 meddelanden flyttas.", "Påminnelse 2, Omgång 1", "0 meddelanden är redan skickade")
	if a.status != http.StatusOK {
		t.Fatalf("the outlook is %d", a.status)
	}
	carried := typed(a.body)
	c.sendForm(planAt, carried, "back").has(t, `name="`+field+`offset" type="text" value="10"`)
	done := c.sendForm(planAt, carried, "save")
	if done.status != http.StatusSeeOther {
		t.Fatalf("saving: %d %s", done.status, text(done.body))
	}
	c.get(done.location).has(t, "Planen är sparad.", "10 dagar efter att omgången öppnar")
	c.get(planAt+"/study.yaml").has(t, "offset: 10d", "plan:")

	// A page that shows what has become untrue saves nothing.
	late := c.sendForm(planAt, carried, "save")
	if late.status != http.StatusConflict {
		t.Errorf("an old page saves: %d", late.status)
	}
	late.has(t, "Någon har ändrat studien under tiden")
}

func TestPlanTellsAllThatIsWrong(t *testing.T) {
	w := newWorld(t)
	w.now = early
	c := w.as(access.Owner)
	v := typed(c.get(planAt).body)
	v.Set("messages[1].offset", "en vecka")
	v.Set("messages[2].at", "25.00")
	v["messages[3].channels"] = []string{"", "", ""}
	v.Set("waves[2].eligible.where", "${land} = 'SE'")
	v.Set("waves[1].expiry.invited", "5")
	v.Set("zones.SE", "Stockholm")
	a := c.sendForm(planAt, v, "preview")
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("%d", a.status)
	}
	a.has(t, "Rätta 6 saker", `href="#f-messages-1-offset"`, `id="f-messages-1-offset"`, `href="#f-messages-2-at"`, `id="f-messages-3-channels"`, `href="#f-waves-2-eligible-where"`,
		`id="f-waves-2-eligible-where"`, `id="f-waves-1-expiry-idle"`, `href="#f-waves-1-expiry-idle"`, `href="#f-zones-SE"`, "en vecka", "Skriv klockslaget som 10:00.", "Välj minst ett.", "Stockholm är ingen känd tidszon")
}

func TestPlanMessagesAreRearranged(t *testing.T) {
	w := newWorld(t)
	w.now = early
	c := w.as(access.Admin)
	v := typed(c.get(planAt).body)
	keys := func(v url.Values) string {
		var out []string
		for i := 1; v.Has("messages[" + string(rune('0'+i)) + "].key"); i++ {
			out = append(out, v.Get("messages["+string(rune('0'+i))+"].key"))
		}
		return strings.Join(out, " ")
	}
	before := keys(v)
	for _, step := range []struct{ do, want string }{
		{"up:2", "invitation prenotice reminder1 reminder2 nudge thanks closing"},
		{"down:1", "prenotice invitation reminder1 reminder2 nudge thanks closing"},
		{"copy:4", "prenotice invitation reminder1 reminder2 reminder3 nudge thanks closing"},
		{"remove:1", "invitation reminder1 reminder2 reminder3 nudge thanks closing"},
		{"add", "invitation reminder1 reminder2 reminder3 nudge thanks closing reminder4"},
		{"up:1", "invitation reminder1 reminder2 reminder3 nudge thanks closing reminder4"},
		{"remove:77", "invitation reminder1 reminder2 reminder3 nudge thanks closing reminder4"},
	} {
		v = typed(c.sendForm(planAt, v, step.do).body)
		if got := keys(v); got != step.want {
			t.Fatalf("%s after %s: %s, want %s", step.do, before, got, step.want)
		}
	}
	if got := strings.Join(v["waves[1].messages"], " "); got != keys(v) {
		t.Errorf("wave 1 sends %s", got)
	}
}

func TestPlanIsSuggested(t *testing.T) {
	w := newWorld(t)
	w.now = early
	c := w.as(access.Admin)
	v := typed(c.get(planAt).body)
	v.Set("count", "0")
	c.sendForm(planAt, typed(c.sendForm(planAt, v, "preview").body), "save")
	c.get(planAt).has(t, "Studien har ingen plan än", "Föreslå en plan")
	page := c.get(planAt + "?suggest=1")
	page.has(t, "Det här är ett förslag", "Förvarning")
	done := c.sendForm(planAt, typed(c.sendForm(planAt, typed(page.body), "preview").body), "save")
	if done.status != http.StatusSeeOther {
		t.Fatalf("%d %s", done.status, text(done.body))
	}
	c.get(planAt).lacks(t, "Studien har ingen plan än")
}

func TestCalendarPageFileAndFeed(t *testing.T) {
	w := newWorld(t)
	labels := w.people(early, 6)
	w.now = early
	c := w.as(access.Admin)
	at := "/s/" + key + "/calendar"
	page := c.get(at)
	page.has(t, "Inbjudan, Omgång 1", "Svenska", "om de inte har skickat in då", "till 6 deltagare")
	c.get(at+"?wave=1&message=invitation&language=de").has(t, "2 meddelanden till 2 deltagare")
	day := c.get(at + "?wave=1&message=invitation&day=2016-05-09")
	day.has(t, labels[0], "Tillbaka till alla dagar")
	rows, err := csv.NewReader(strings.NewReader(c.get(at + "/calendar.csv?wave=1").body)).ReadAll()
	if err != nil || len(rows) != 1+6*5 || strings.Join(rows[0][:3], " ") != "participant day time" {
		t.Errorf("%v, %d rows: %v", err, len(rows), rows[:2])
	}
	page.lacks(t, "Alva Ek")

	c.get(at+"/waves.ics").has(t, "BEGIN:VCALENDAR")
	feed := func() string {
		m := regexp.MustCompile(`http[^< ]*\.ics\?lang=sv`).FindString(c.follow(at + "/renew").body)
		return m
	}
	first := feed()
	stranger := w.as("")
	if a := stranger.get(first); a.status != http.StatusOK || !strings.Contains(a.body, "Omgång 1") {
		t.Errorf("%d %s", a.status, a.body)
	}
	second := feed()
	if a := stranger.get(first); a.status != http.StatusNotFound || first == second {
		t.Errorf("the old address still works: %d", a.status)
	}
	if a := stranger.get(second); a.status != http.StatusOK {
		t.Errorf("the new address: %d", a.status)
	}
}

// A moved wave is shown with what it does to its messages before it is saved.
func TestMovingAWaveShowsItsMessages(t *testing.T) {
	w := newWorld(t)
	w.people(early, 2)
	w.now = early
	c := w.as(access.Admin)
	a := c.post("/s/"+key+"/waves/1", "opens", "2016-05-16", "closes", "2016-06-05", "do", "save")
	a.has(t, "Det här ändras", "Omgång 1 får svarstiden", "10 meddelanden flyttas.")
	if st, err := w.field.Study(ctx, access.CommandLine(), key); err != nil || st.Waves[0].Opens.Day() != 9 {
		t.Fatalf("it is saved already: %v", err)
	}
	done := c.sendForm("/s/"+key+"/waves/1", typed(a.body), "confirmed")
	if done.status != http.StatusSeeOther {
		t.Fatalf("%d %s", done.status, text(done.body))
	}
	if st, err := w.field.Study(ctx, access.CommandLine(), key); err != nil || st.Waves[0].Opens.In(st.TimeZone).Day() != 16 {
		t.Fatalf("it is not saved: %v", err)
	}
}

// Each clash has a text in every language.
func TestClashesAreTold(t *testing.T) {
	w := newWorld(t)
	w.now = early
	c := w.as(access.Admin)
	v := typed(c.get(planAt).body)
	v.Set("messages[3].offset", "40")
	a := c.sendForm(planAt, v, "preview")
	a.has(t, "saker att tänka på", "när omgången är stängd")
	if st, err := w.field.Study(ctx, access.CommandLine(), key); err != nil || st.Plan.Message("reminder1").Offset != (study.Span{Days: 7}) {
		t.Errorf("a look changes the plan: %v", err)
	}
}

// By keyboard alone, without scripts: open a message, change it, look, save.
func TestPlanByKeyboard(t *testing.T) {
	w := newWorld(t)
	w.people(early, 3)
	w.now = early.Add(time.Hour)
	for name, options := range map[string][]browsertest.Option{"phone": {browsertest.Phone(390, 844)}, "desk": {browsertest.Window(1280, 900)}} {
		for _, tag := range []string{"sv", "en", "de"} {
			if err := w.accounts.ChangeLanguage(ctx, w.now, access.Actor{Account: w.ids[access.Admin]}, tag); err != nil {
				t.Fatal(err)
			}
			b := browsertest.Start(t, append(options, browsertest.Language(tag), browsertest.NoScript())...)
			b.Goto(w.server.URL + "/staff/login")
			b.Fill("#f-email", "admin@example.org")
			b.Fill("#f-password", password)
			b.Follow("main .btn")
			look := func(page string) { inspect(t, b, name, tag+"-"+page) }
			b.Goto(w.server.URL + "/staff/s/" + key + "/calendar")
			look("calendar")
			b.Goto(w.server.URL + "/staff" + planAt)
			look("plan")
			// To the second message with the tab key, open it, change its days and look.
			tabTo(t, b, "#m3 > summary")
			b.Press(kb.Enter)
			tabTo(t, b, "#f-messages-3-offset")
			b.Evaluate("(() => { document.activeElement.select(); return '' })()")
			b.Press("8")
			look("open")
			b.Press(kb.Enter)
			b.WaitUntil("the outlook", func() bool { return b.Count(`button[value="save"]`) == 1 })
			look("outlook")
			tabTo(t, b, `button[value="back"]`)
			b.Press(kb.Enter)
			b.WaitUntil("the plan again", func() bool { return b.Count("#m3") == 1 })
			if got := b.Value("#f-messages-3-offset"); got != "8" {
				t.Errorf("the message is at %q", got)
			}
		}
	}
}

// tabTo presses the tab key until an element has the focus.
func tabTo(t *testing.T, b *browsertest.Browser, selector string) {
	t.Helper()
	for range 80 {
		if b.Evaluate("String(document.activeElement === document.querySelector("+strconv.Quote(selector)+"))") == "true" {
			return
		}
		b.Press(kb.Tab)
	}
	t.Fatalf("the tab key does not lead to %s", selector)
}
