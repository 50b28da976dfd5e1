package staff_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"panelverk/internal/access"
	"panelverk/internal/site/browsertest"
	"panelverk/internal/study"
)

const profilesAt = "/s/" + key + "/releases/profiles"

// A profile of a file goes through the form and comes out as it was: the text, the
// form, the text.
func TestAProfileThroughItsForm(t *testing.T) {
	w := released(t)
	c := w.as(access.Researcher)
	for _, name := range []string{"smart-factory-partner", "smart-factory-open"} {
		v := typed(c.get(profilesAt + "/new?from=" + name).body)
		v.Set("profile", name)
		a := c.sendForm(profilesAt, v, "file")
		if a.header.Get("Content-Disposition") != `attachment; filename="`+name+`.yaml"` {
			t.Fatalf("%d %s", a.status, text(a.body))
		}
		before, err := w.release.Profile(ctx, access.CommandLine(), key, name)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := a.body, string(before.YAML()); got != want {
			t.Errorf("%s becomes\n%s\nwant\n%s", name, got, want)
		}
		pasted := c.post(profilesAt, "do", "paste", "source", "# with a remark\n"+a.body)
		if again := c.sendForm(profilesAt, typed(pasted.body), "file"); again.body != a.body {
			t.Errorf("pasted it becomes\n%s", again.body)
		}
	}
}

// What is proposed can be tried at once; what is wrong stands at its field, all of it.
func TestAProfileIsMadeTriedAndKept(t *testing.T) {
	w := released(t)
	c, owner := w.as(access.Researcher), w.as(access.Owner)
	v := typed(c.get(profilesAt+"/new").has(t, "Det här är ett förslag", "quasi[1].variable").body)
	if v.Get("tier") != "restricted" || v.Get("dates") != "month" || v.Get("free_text") != "drop" || v.Get("waves") != "all" {
		t.Errorf("proposed: %v", v)
	}
	var named []string
	for i := 1; v.Has(fmt.Sprintf("quasi[%d].variable", i)); i++ {
		named = append(named, v.Get(fmt.Sprintf("quasi[%d].variable", i)))
	}
	if all := strings.Join(named, " "); !strings.Contains(all, "country") || !strings.Contains(all, "sector") || !strings.Contains(all, "year_started") {
		t.Errorf("quasi-identifiers proposed: %s", all)
	}

	wrong := typed(c.sendForm(profilesAt, v, "remove:1").body)
	wrong.Set("profile", "Göteborg")
	wrong.Set("tier", "open")
	wrong.Set("dates", "given")
	wrong.Set("quasi[1].how", "map")
	wrong.Set("quasi[2].how", "bands")
	wrong.Set("quasi[2].bands", "bred")
	wrong.Set("drop", "tehc_met")
	wrong["formats"] = nil
	wrong.Set("quasi[1].map.vehicles", "1")
	a := c.sendForm(profilesAt, wrong, "save")
	if a.status != 422 {
		t.Fatalf("%d %s", a.status, text(a.body))
	}
	a.has(t, `href="#f-profile"`, `href="#f-formats"`, `href="#f-dates"`, `href="#f-quasi-2-bands"`, `value="bred"`, `value="Göteborg"`, `href="#f-drop"`, "Menade du tech_met?")

	a = c.sendForm(profilesAt, v, "try")
	a.has(t, "Så här skulle det bli med dagens svar", "36 kan vara med.", "Minsta grupp av personer som är lika")
	if trial, err := w.release.Try(ctx, w.now, access.Actor{Account: w.ids[access.Researcher], Roles: map[string]access.Role{key: access.Researcher}}, key, []byte(c.sendForm(profilesAt, v, "file").body)); err != nil || trial.AtRisk != nil {
		t.Errorf("a researcher sees who is at risk: %+v, %v", trial, err)
	}

	// A variable is added; nothing typed is lost.
	v.Set("recipient", "nairobi")
	v.Set("add", "job_lose")
	v.Set("profile", "nairobi-1")
	more := typed(c.sendForm(profilesAt, v, "sensitive").body)
	if more.Get("recipient") != "nairobi" || more.Get("sensitive") != "job_lose" {
		t.Errorf("%v", more)
	}
	saved := c.sendForm(profilesAt, more, "save")
	if saved.status != 303 {
		t.Fatalf("%d %s", saved.status, text(saved.body))
	}
	page := c.get(saved.location)
	page.has(t, "Profilen är sparad.", "Version 1")
	first := typed(page.body)
	first.Set("title.sv", "Till Nairobi")
	if a := c.sendForm(profilesAt, first, "ask"); a.location != "/staff/s/"+key+"/releases/new?profile=nairobi-1" {
		t.Errorf("%d %s %s", a.status, a.location, text(a.body))
	}
	if a := c.sendForm(profilesAt, first, "save"); a.status != 409 {
		t.Errorf("an old page saves: %d", a.status)
	}
	first.Set("base", "")
	c.sendForm(profilesAt, first, "save").has(t, "Det finns redan en profil med det namnet")
	c.get("/s/"+key+"/releases/new?profile=nairobi-1").has(t, "Till Nairobi", `value="nairobi-1" id="f-profile" checked`)
	if a := owner.get(profilesAt + "/p/nairobi-1/file?v=1"); !strings.Contains(a.body, "recipient: nairobi") || strings.Contains(a.body, "Till Nairobi") {
		t.Errorf("version 1: %s", a.body)
	}
	c.follow(profilesAt+"/p/nairobi-1/remove").has(t, "Profilen är borttagen.")
	if a := c.get(profilesAt + "/p/nairobi-1"); a.status != 404 {
		t.Errorf("it is still there: %d", a.status)
	}
	owner.get("/audit").has(t, "Ändrade en profil", "profile nairobi-1")
}

// A pasted text tells every offence, with its row; those against the study too.
func TestAPastedProfileTellsEveryOffence(t *testing.T) {
	w := released(t)
	c := w.as(access.Researcher)
	a := c.post(profilesAt, "do", "paste", "source", "profile: x\ntitel: X\nstudy: smart-factory\nrecipient: x\nlanguages: sv\ntier: Restricted\nformats: csv, spss\nwaves: [1]\nquasi: [contry, {variable: sector, map: {vehicls: 1}}]\n")
	a.has(t, "Rad 2: titel finns inte i en profil. Menade du title?", "Rad 7: spss är inget filformat.", "Rad 8: Studien har ingen omgång 1. Menade du w1?",
		"Rad 9: Ingen variabel heter contry. Menade du country?", "Rad 9: vehicls är inget svar på frågan")
	c.post(profilesAt, "do", "paste", "source", "profile: x\n\ttier: open\n").has(t, "Raden börjar med en tabb")
	c.post(profilesAt, "do", "paste", "source", "").has(t, "Profilen har fel")
}

// The open profile misses its tier; a proposal is taken over by a button and passes.
func TestAProposalIsTakenOver(t *testing.T) {
	w := released(t)
	c := w.as(access.Researcher)
	a := c.post("/s/"+key+"/releases", "do", "try", "profile", "smart-factory-open", "who", "Nairobi")
	a.has(t, "Profilen klarar inte gränsen", `value="Nairobi"`, "färre än fem", profilesAt+"/new?from=smart-factory-open&amp;take=1")
	a.lacks(t, "liknar för få andra")
	v := typed(c.get(profilesAt + "/new?from=smart-factory-open&take=1").body)
	v.Set("profile", "open-2")
	c.sendForm(profilesAt, v, "try").has(t, "Profilen klarar gränsen")

	v = typed(c.get(profilesAt + "/new?from=smart-factory-open").body)
	v.Set("profile", "open-3")
	c.sendForm(profilesAt, v, "take:1").has(t, "Profilen klarar gränsen", `value="open-3"`)
	w.as(access.Owner).post(profilesAt, append([]string{"do", "try"}, pairsOf(v)...)...).has(t, "liknar för få andra")
	c.post("/s/"+key+"/releases", "do", "try").has(t, "Välj en profil.")
}

func pairsOf(v map[string][]string) (out []string) {
	for name, values := range v {
		for _, value := range values {
			out = append(out, name, value)
		}
	}
	return out
}

// TestProfilePages looks at the form in a browser: as it is proposed, with what is
// wrong, and tried.
func TestProfilePages(t *testing.T) {
	w := released(t)
	for name, options := range map[string][]browsertest.Option{
		"phone": {browsertest.Phone(390, 844)}, "desk": {browsertest.Window(1280, 900)}, "phone-dark": {browsertest.Phone(390, 844), browsertest.Dark()}, "desk-dark": {browsertest.Window(1280, 900), browsertest.Dark()},
	} {
		if os.Getenv("PANELVERK_SCREENSHOTS") == "" && name != "phone" {
			continue
		}
		tag := "sv"
		if name == "desk-dark" {
			tag = "uk"
		}
		if err := w.accounts.ChangeLanguage(ctx, w.now, access.Actor{Account: w.ids[access.Researcher]}, tag); err != nil {
			t.Fatal(err)
		}
		b := browsertest.Start(t, append(options, browsertest.Language(tag), browsertest.NoScript())...)
		b.Expect("422")
		b.Goto(w.server.URL + "/staff/login")
		b.Fill("#f-email", "researcher@example.org")
		b.Fill("#f-password", password)
		b.Follow("main .btn")
		at := w.server.URL + "/staff" + profilesAt
		b.Goto(at + "/new")
		inspect(t, b, name, "profile-new")
		b.Select("#f-add", "infl_tech")
		b.Follow(`[value="quasi"]`)
		if b.Count(".quasi[open]") != 1 || b.Value("[open] select") != string(study.Given) {
			t.Error("what was added is not open")
		}
		b.Select(".quasi[open] select", string(study.Mapped))
		inspect(t, b, name, "profile-added")
		b.Fill("#f-profile", "")
		b.Follow(`.acts [value="save"]`)
		inspect(t, b, name, "profile-wrong")
		b.Goto(at + "/new?from=smart-factory-open")
		b.Fill("#f-profile", "open-2")
		b.Follow(`.acts [value="try"]`)
		inspect(t, b, name, "profile-tried")
		b.Goto(w.server.URL + "/staff/s/" + key + "/releases/new?profile=smart-factory-open")
		b.Follow(`[value="try"]`)
		b.Select("#f-country", "KE")
		inspect(t, b, name, "ask-tried")
		b.Goto(w.server.URL + "/staff/s/" + key + "/releases")
		inspect(t, b, name, "profile-list")
	}
}
