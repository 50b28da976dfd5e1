package staff_test

import (
	"bytes"
	"html"
	"mime/multipart"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/access"
)

var (
	linkPattern = regexp.MustCompile(`value="([^"]+/staff/(?:invite|reset)/[^"]+)"`)
	wasPattern  = regexp.MustCompile(`name="(was\.[^"]+)" value="([^"]*)"`)
	dataPattern = regexp.MustCompile(`name="data" value="([^"]*)"`)
)

// oneLink gives the one-time link that a page shows.
func oneLink(t *testing.T, a answered) string {
	t.Helper()
	m := linkPattern.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no link on the page: %s", text(a.body))
	}
	return html.UnescapeString(m[1])
}

func TestFirstStart(t *testing.T) {
	w := bareWorld(t)
	token, _, err := w.accounts.Setup(ctx, w.now)
	if err != nil {
		t.Fatal(err)
	}
	c := w.client()
	c.get("/setup/"+token).has(t, "Skapa det första kontot")
	a := c.post("/setup/"+token, "name", "Åsa <Öberg>", "email", "asa", "password", "kort", "language", "sv")
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("a faulty form: %d", a.status)
	}
	a.has(t, "Fel: Skapa det första kontot", "Rätta 2 saker", `href="#f-email"`, `href="#f-password"`, "Åsa &lt;Öberg&gt;", `value="asa"`,
		"Du skrev 4 tecken. Skriv minst 12.", "utom lösenordet")
	a.lacks(t, "kort\"", "<Öberg>")
	a = c.follow("/setup/"+token, "name", "Åsa Öberg", "email", "asa@example.org", "password", password, "language", "sv")
	a.has(t, "Kontot är klart", "Här finns ingen studie än", "panelverk study apply")
	if a := w.client().get("/setup/" + token); a.status != http.StatusGone {
		t.Errorf("the link a second time: %d", a.status)
	}
}

func TestInviteAndReset(t *testing.T) {
	w := newWorld(t)
	owner := w.as(access.Owner)
	link := oneLink(t, owner.post("/people/invite", "role", "researcher", "study", key, "email", "eva@example.org"))
	owner.get("/people").has(t, "eva@example.org", "Forskare, Smart Factory", "Dra tillbaka")
	eva := w.client()
	eva.get(link).has(t, "Du är inbjuden som forskare", `value="eva@example.org"`)
	a := eva.post(link, "name", "Eva", "email", "eva@example.org", "password", password, "language", "en")
	if a.status != http.StatusSeeOther {
		t.Fatalf("accept: %d %s", a.status, text(a.body))
	}
	eva.get("/s/"+key).has(t, "Researcher", "You see the answers, but never who anyone is.")

	w.client().post("/forgot", "email", "eva@example.org").has(t, "Dataägaren har fått besked")
	w.client().post("/forgot", "email", "nobody@example.org").has(t, "Dataägaren har fått besked")
	overview := owner.get("/s/" + key)
	overview.has(t, "Glömt lösenord", "Eva", "Skapa en länk")
	id := regexp.MustCompile(`/staff/people/([0-9A-Z]+)"`).FindStringSubmatch(overview.body)[1]
	link = oneLink(t, owner.post("/people/"+id+"/reset"))
	fresh := w.client()
	fresh.get(link).has(t, "Välj ett nytt lösenord")
	if a := fresh.post(link, "password", "en annan promenad"); !strings.HasSuffix(a.location, "done=reset") {
		t.Fatalf("reset: %d %s", a.status, text(a.body))
	}
	if a := eva.get("/s/" + key); a.status != http.StatusSeeOther {
		t.Errorf("the session before the reset still works: %d", a.status)
	}
	if a := fresh.post("/login", "email", "eva@example.org", "password", "en annan promenad"); a.status != http.StatusSeeOther {
		t.Errorf("the new password: %d", a.status)
	}
}

func TestLogInLeadsBackAndNowhereElse(t *testing.T) {
	w := newWorld(t)
	a := w.client().get("/s/" + key + "/waves")
	if a.location != "/staff/login?next=%2Fstaff%2Fs%2Fsmart-factory%2Fwaves" {
		t.Errorf("sent to %s", a.location)
	}
	for next, want := range map[string]string{
		"/staff/s/" + key: "/staff/s/" + key, "https://example.org/": "/staff/", "//example.org": "/staff/", "/staff//example.org": "/staff/",
		`/staff/\example.org`: "/staff/", "": "/staff/",
	} {
		a := w.client().post("/login", "email", "admin@example.org", "password", password, "next", next)
		if a.location != want {
			t.Errorf("next=%q leads to %q", next, a.location)
		}
	}
	a = w.client().post("/login", "email", "admin@example.org", "password", "fel")
	a.has(t, "E-post eller lösenord stämmer inte.", `value="admin@example.org"`)
	cookie := w.client().post("/login", "email", "admin@example.org", "password", password).header.Get("Set-Cookie")
	for _, s := range []string{"HttpOnly", "SameSite=Lax", "Path=/staff"} {
		if !strings.Contains(cookie, s) {
			t.Errorf("the cookie has no %s: %s", s, cookie)
		}
	}
}

func TestMoveAWave(t *testing.T) {
	w := newWorld(t)
	w.people(early, 6)
	c := w.as(access.Admin)
	page := "/s/" + key + "/waves"
	c.get(page).has(t, "Omgång 1 och 2 är klara", "I omgång 3 kan du bara flytta sista dagen", `value="2017-04-02"`, `value="2017-09-25"`)

	a := c.post(page+"/4", "opens", "2017-03-30", "closes", "15 oktober", "do", "save")
	a.has(t, "Du skrev ”15 oktober”", `href="#f-w4-closes"`, `id="f-w4-closes"`, `value="15 oktober"`, `value="2017-03-30"`)
	a = c.post(page+"/4", "opens", "2017-03-30", "closes", "2017-10-15", "do", "save")
	a.has(t, "Omgången före är fortfarande öppen då.")

	a = c.post(page+"/4", "opens", "2017-09-18", "closes", "2017-10-15", "do", "preview")
	a.has(t, "Så här skulle det bli", "Måndag 18 september kl. 08.00", `value="2017-09-18"`)
	c.get(page).has(t, "Måndag 25 september kl. 08.00")
	c.follow(page+"/4", "opens", "2017-09-18", "closes", "2017-10-15", "do", "confirmed").has(t, "Omgången är sparad.", "Måndag 18 september kl. 08.00")
	c.get(page).lacks(t, "Omgången är sparad.")

	c.follow(page+"/3", "closes", "2017-04-05", "do", "confirmed").has(t, "Onsdag 5 april kl. 23.59")
	c.get(page+"/3/close").has(t, "Stäng omgång 3 nu?", "6 av 6 har inte svarat")
	c.follow(page+"/3/close").has(t, "Omgången är stängd.", "Omgång 1 till 3 är klara")
	if a := c.post(page + "/3/close"); a.status != http.StatusConflict {
		t.Errorf("closed a second time: %d", a.status)
	}
	c.follow(page+"/4/open").has(t, "Omgången är öppen.")
	c.get("/s/"+key).has(t, "0 av 6 har svarat")
}

func TestAddByHand(t *testing.T) {
	w := newWorld(t)
	c := w.as(access.Admin)
	a := c.post("/s/"+key+"/panel/add", "email", "ada at example", "note", "Klubb 7", "language", "sv", "attribute.country", "SE")
	a.has(t, "ser inte rätt ut", `value="ada at example"`, `value="Klubb 7"`, `<option value="SE" selected>`)
	a = c.follow("/s/"+key+"/panel/add", "name", "Ada Lind", "email", "ada@example.org", "language", "de", "attribute.country", "SE")
	a.has(t, "Deltagaren är tillagd.", "Deutsch", "Sverige", "Visa kontaktuppgifter")
	a.lacks(t, "Ada Lind", "ada@example.org")
	label := regexp.MustCompile(`Deltagare ([0-9A-Z]{4})`).FindStringSubmatch(a.body)[1]
	a = c.post("/s/" + key + "/p/" + label + "/identity")
	a.has(t, "Ada Lind", "ada@example.org", "antecknat i loggen")
	w.as(access.Owner).get("/audit").has(t, "Öppnade kontaktuppgifter", "Kim admin")
	if a := c.get("/s/" + key + "/panel?q=" + strings.ToLower(label)); !strings.HasSuffix(a.location, "/p/"+label) {
		t.Errorf("looking for %s leads to %q", label, a.location)
	}
	c.get("/s/"+key+"/panel?q=zzzz").has(t, "Ingen deltagare heter ZZZZ.")
}

// send posts a file as the upload form does.
func (c *client) send(path, name, content string) answered {
	c.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	f, err := m.CreateFormFile("file", name)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := f.Write([]byte(content)); err != nil {
		c.t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		c.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, c.address(path), &body)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", m.FormDataContentType())
	return c.do(r)
}

func TestAddFromAList(t *testing.T) {
	w := newWorld(t)
	c := w.as(access.Admin)
	page := "/s/" + key + "/panel/file"
	a := c.send(page, "lista.csv", "namn;e-post;språk\nAda Lind;ada@example;sv\nBo Ek;bo@example.org;finska\n")
	a.has(t, "2 saker i listan måste rättas först", "Rad 2, e-post", "Rad 3, språk", "Studien har inte språket ”finska”. Språken är: sv, en, de, sr-Latn, sr-Cyrl, uk, sw.", "Ingen har lagts till")
	a.lacks(t, `name="data"`)

	list := "namn;e-post;språk;skonummer\nAda Lind;ada@example.org;sv\nBo Ek;bo@example.org;tyska\nAda L;ADA@example.org;sv\n"
	a = c.send(page, "lista.csv", list)
	a.has(t, "2 personer kommer att läggas till", "Rad 4", "Samma person, adress eller telefonnummer står på rad 2", "En kolumn läses inte", "skonummer", "Inget är sparat än")
	c.get("/s/"+key+"/panel").has(t, "Panelen har 0 deltagare")
	data := html.UnescapeString(dataPattern.FindStringSubmatch(a.body)[1])
	c.follow(page+"/add", "name", "lista.csv", "data", data).has(t, "Deltagarna är tillagda.", "Panelen har 2 deltagare")
	c.post(page+"/add", "name", "lista.csv", "data", data).has(t, "Ingen ny person finns i listan")
}

func TestLinksAndCards(t *testing.T) {
	w := newWorld(t)
	labels := w.people(early, 3)
	w.answer(labels[0], 3)
	c := w.as(access.Admin)
	a := c.post("/s/"+key+"/links", "wave", "3", "as", "list")
	a.has(t, "2 länkar till omgång 3", labels[1], labels[2], w.server.URL+"/s/")
	a.lacks(t, "Alva Ek", labels[0])
	c.post("/s/"+key+"/links", "wave", "3", "names", "1", "as", "list").has(t, "Alva Ek 1")
	a = c.post("/s/"+key+"/links", "wave", "3", "as", "sheet")
	a.has(t, "2 kort för omgång 3", "<path fill=\"#000\" d=\"M4 4h7v1h-7z", `lang="en"`, "Point your phone", `lang="de"`, "A survey about work and new technology")
	sheet := a.body[strings.Index(a.body, `class="sheet"`):]
	if strings.Contains(sheet, "Smart Factory") || strings.Contains(sheet, "Alva") {
		t.Error("a card names the study or the person")
	}
	w.as(access.Owner).get("/audit").has(t, "Tog fram länkar och koder")
}

func TestOutcomesAndReopening(t *testing.T) {
	w := newWorld(t)
	labels := w.people(early, 2)
	w.answer(labels[0], 3)
	c := w.as(access.Admin)
	card := "/s/" + key + "/p/"
	c.follow(card+labels[1]+"/outcome", "kind", "refused_by_phone", "wave", "3").has(t, "Utfallet är antecknat.", "Avböjde per telefon, Omgång 3")
	c.post(card+labels[1]+"/outcome", "kind", "died").has(t, "har avlidit?", "Det går inte att ångra")
	c.get(card+labels[1]).lacks(t, "Avliden")
	c.follow(card+labels[1]+"/outcome", "kind", "died", "sure", "1").has(t, "Avliden")

	c.post(card+labels[0]+"/reopen/3", "reason", "  ").has(t, "Skriv en orsak.")
	c.follow(card+labels[0]+"/reopen/3", "reason", "Ringde och ville ändra.").has(t, "Intervjun är öppen igen.", "Ringde och ville ändra.", "Har börjat")
	if a := c.get(card + labels[0] + "/reopen/3"); a.status != http.StatusConflict {
		t.Errorf("reopening what is open: %d", a.status)
	}
}

// TestTypeInAPaperInterview goes through every page without an answer but one,
// and finds that one on no page afterwards.
func TestTypeInAPaperInterview(t *testing.T) {
	w := newWorld(t)
	labels := w.people(early, 1)
	c := w.as(access.Admin)
	base := "/s/" + key + "/p/" + labels[0] + "/enter/3"
	c.get(base).has(t, "På papper", "Per telefon")
	a := c.post(base, "mode", "paper")
	first := a.location
	page := c.get(first)
	page.has(t, "papper", "Sparade svar visas aldrig här")
	name := regexp.MustCompile(`type="radio" name="(q\.[^"]+)" value="([^"]+)"`).FindStringSubmatch(page.body)
	pages := 0
	for at := first; !strings.HasSuffix(at, "/end"); pages++ {
		if pages > 80 {
			t.Fatalf("no end; at %s", at)
		}
		form := []string{"go", "next"}
		if at == first {
			form = append(form, name[1], name[2])
		}
		// What stands on the page goes along; a friendly reminder shows it again.
		page := c.get(at).body
		for try := 0; try < 3; try++ {
			sent := append([]string{"key", strconv.Itoa(pages) + strconv.Itoa(try)}, form...)
			for _, m := range wasPattern.FindAllStringSubmatch(page, -1) {
				sent = append(sent, m[1], m[2])
			}
			if a = c.post(at, sent...); a.status == http.StatusSeeOther {
				break
			}
			page = a.body
		}
		if a.status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", at, a.status, text(a.body))
		}
		at = a.location
	}
	c.get(first).lacks(t, " checked")
	c.follow(base+"/paper/end").has(t, "Intervjun är inskickad.", "Har svarat, papper")
}

func TestWorkbookAndCorrections(t *testing.T) {
	w := newWorld(t)
	labels := w.people(early, 5)
	for _, l := range labels {
		w.answer(l, 1)
	}
	c := w.as(access.Researcher)
	c.post("/s/"+key+"/data/workbook", "language", "sv").has(t, "Kryssa i rutan om du vill hämta filen.")
	a := c.post("/s/"+key+"/data/workbook", "language", "sv", "promise", "1")
	if got := a.header.Get("Content-Disposition"); a.status != http.StatusOK || got != `attachment; filename="smart-factory-2017-03-22.xlsx"` {
		t.Fatalf("download: %d %s", a.status, got)
	}
	book, err := excelize.OpenReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Data_long")
	if err != nil || len(rows) < 6 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	id := ""
	for _, cell := range rows[len(rows)-1] {
		if len(cell) == 16 && id == "" {
			id = cell
		}
	}
	page := "/s/" + key + "/data/corrections"
	a = c.post(page, "id", "nonsense", "wave", "1", "question", "nothing", "value", "3", "reason", "")
	a.has(t, "Ingen med det id:t", `value="nonsense"`)
	a = c.post(page, "id", id, "wave", "1", "question", "nothing", "value", "3", "reason", "")
	a.has(t, "ingen sådan fråga", "Skriv en orsak.", `href="#f-reason"`)
	a = c.post(page, "id", id, "wave", "1", "question", "hours_week", "value", "många", "reason", "Läst fel.")
	a.has(t, "Du skrev ”många”.")
	a = c.post(page, "id", id, "wave", "1", "question", "hours_week", "value", "-9", "reason", "Läst fel.")
	a.has(t, "-9 betyder i datafilerna att ett svar saknas.")
	logic, err := w.field.Questionnaire(ctx, access.CommandLine(), key, "core", 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range logic.Questionnaire.Questions {
		if it.List == nil || it.List.Choices[0].Code == nil {
			continue
		}
		code := *it.List.Choices[0].Code
		c.follow(page, "id", id, "wave", "1", "question", it.Name, "value", strconv.Itoa(code), "reason", "Står på blanketten.").
			has(t, "Värdet är rättat.", it.Name, it.List.Choices[0].Name, "Står på blanketten.", "Ett värde har rättats")
		return
	}
	t.Error("no question with coded choices")
}

// TestSmallCells: a researcher, who cannot see the participants, sees no count
// under five on the overview; an admin, who can, sees all.
func TestSmallCells(t *testing.T) {
	w := newWorld(t)
	labels := w.people(early, 8)
	for i, l := range labels {
		w.answer(l, 1)
		if i < 3 {
			w.answer(l, 3)
		}
	}
	w.as(access.Admin).get("/s/"+key).has(t, "3 av 8 har svarat")
	a := w.as(access.Researcher).get("/s/" + key)
	a.has(t, "Färre än fem har svarat i omgång 3", "dold", "Antal under fem visas inte.")
	a.lacks(t, "3 av 8", "38 %", ">3<")
}

// TestMissing names who has not answered by label alone.
func TestMissing(t *testing.T) {
	w := newWorld(t)
	labels := w.people(early, 3)
	w.answer(labels[0], 3)
	if _, err := w.field.EntryVisit(ctx, wave3, access.CommandLine(), key, labels[1], 3, "telephone"); err != nil {
		t.Fatal(err)
	}
	a := w.as(access.Admin).get("/s/" + key + "/missing/3")
	a.has(t, "2 har inte svarat i omgång 3", "En av dem har börjat", labels[1], labels[2])
	a.lacks(t, labels[0], "Alva")
	w.answer(labels[1], 3)
	w.answer(labels[2], 3)
	w.as(access.Admin).get("/s/"+key+"/missing/3").has(t, "Alla har svarat i omgång 3")
}

// TestSessionEnds: a session dies with its time and with the account.
func TestSessionEnds(t *testing.T) {
	w := newWorld(t)
	c := w.as(access.Admin)
	if err := w.accounts.Disable(ctx, w.now, access.CommandLine(), w.ids[access.Admin]); err != nil {
		t.Fatal(err)
	}
	if a := c.get("/s/" + key); a.status != http.StatusSeeOther {
		t.Errorf("a disabled account's session: %d", a.status)
	}
	c = w.as(access.Researcher)
	c.post("/logout")
	if a := c.get("/s/" + key); a.status != http.StatusSeeOther {
		t.Errorf("after the log-out: %d", a.status)
	}
	c = w.as(access.Researcher)
	w.now = time.Now().Add(13 * time.Hour) // the session's end is reckoned from the real clock
	if a := c.get("/s/" + key); a.status != http.StatusSeeOther {
		t.Errorf("after twelve hours: %d", a.status)
	}
}
