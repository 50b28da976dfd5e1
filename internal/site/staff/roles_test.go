package staff_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"panelverk/internal/access"
	"panelverk/internal/account"
	"panelverk/internal/site/staff"
)

// toLogin stands for a redirect to the log-in.
const toLogin = 1

// TestWhoMayDoWhat tries every action as owner, admin, researcher and nobody.
func TestWhoMayDoWhat(t *testing.T) {
	w := newWorld(t)
	labels := w.people(early, 3)
	w.answer(labels[0], 3)
	spare, err := w.accounts.Add(ctx, early, access.CommandLine(), key, access.Admin,
		account.Person{Name: "Sam", Email: "sam@example.org", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	logic, err := w.field.Questionnaire(ctx, access.CommandLine(), key, "core", 2)
	if err != nil {
		t.Fatal(err)
	}
	page := logic.Questionnaire.Pages[0].Key
	fill := strings.NewReplacer(":study", key, ":id", spare.ID, ":token", "nonsense", ":key", "core", ":version", "2", ":mode", "paper", ":page", page)

	const ok, moved, no, bad, gone, conflict = 200, 303, 403, 422, 410, 409
	cases := []struct {
		route                           string
		with                            string // values of the path and fields of the form
		owner, admin, researcher, noone int
	}{
		{"GET /login", "", moved, moved, moved, ok},
		{"POST /login", "", 401, 401, 401, 401},
		{"GET /forgot", "", ok, ok, ok, ok},
		{"POST /forgot", "", bad, bad, bad, bad},
		{"GET /setup/:token", "", gone, gone, gone, gone},
		{"POST /setup/:token", "", gone, gone, gone, gone},
		{"GET /invite/:token", "", gone, gone, gone, gone},
		{"POST /invite/:token", "", gone, gone, gone, gone},
		{"GET /reset/:token", "", gone, gone, gone, gone},
		{"POST /reset/:token", "", gone, gone, gone, gone},
		{"GET /", "", moved, moved, moved, toLogin},
		{"GET /account", "", ok, ok, ok, toLogin},
		{"POST /account/language", "language=sv", moved, moved, moved, toLogin},
		{"POST /account/password", "", bad, bad, bad, toLogin},
		{"POST /account/tokens", "token_study=" + key, bad, no, bad, toLogin},
		{"POST /account/tokens/revoke", "token=nonsense", 404, 404, 404, toLogin},
		{"GET /people", "", ok, no, no, toLogin},
		{"POST /people/invite", "", bad, no, no, toLogin},
		{"POST /people/withdraw", "", 404, no, no, toLogin},
		{"GET /people/:id", "", ok, no, no, toLogin},
		{"POST /people/:id/role", "", bad, no, no, toLogin},
		{"POST /people/:id/disable", "", moved, no, no, toLogin},
		{"POST /people/:id/enable", "", moved, no, no, toLogin},
		{"POST /people/:id/reset", "", ok, no, no, toLogin},
		{"GET /audit", "", ok, no, no, toLogin},

		{"GET /s/:study", "", ok, ok, ok, toLogin},
		{"GET /s/:study/waves", "", ok, ok, no, toLogin},
		{"POST /s/:study/waves/:wave", ":wave=4 opens=2017-09-25 closes=2017-10-15", moved, moved, no, toLogin},
		{"GET /s/:study/waves/:wave/open", ":wave=4", ok, ok, no, toLogin},
		{"POST /s/:study/waves/:wave/open", ":wave=4", bad, bad, no, toLogin},
		{"GET /s/:study/waves/:wave/close", ":wave=3", ok, ok, no, toLogin},
		{"POST /s/:study/waves/:wave/close", ":wave=4", conflict, conflict, no, toLogin},
		{"GET /s/:study/plan", "", ok, ok, no, toLogin},
		{"POST /s/:study/plan", "do=add new=reminder count=0", ok, ok, no, toLogin},
		{"GET /s/:study/plan/study.yaml", "", ok, ok, no, toLogin},
		{"GET /s/:study/calendar", "", ok, ok, no, toLogin},
		{"GET /s/:study/calendar/calendar.csv", "", ok, ok, no, toLogin},
		{"GET /s/:study/calendar/waves.ics", "", ok, ok, no, toLogin},
		{"POST /s/:study/calendar/renew", "", moved, moved, no, toLogin},
		{"GET /calendar/:study/:file", ":file=nonsense.ics", 404, 404, 404, 404},
		{"GET /s/:study/outcomes", "", ok, ok, ok, toLogin},
		{"GET /s/:study/outcomes/:wave", ":wave=3", ok, ok, ok, toLogin},
		{"GET /s/:study/outcomes/file/:table", ":table=patterns", ok, ok, ok, toLogin},
		{"GET /s/:study/panel", "", ok, ok, no, toLogin},
		{"GET /s/:study/missing/:wave", ":wave=3", ok, ok, no, toLogin},
		{"POST /s/:study/missing/:wave", ":wave=3", no, ok, no, toLogin},
		{"GET /s/:study/panel/add", "", ok, ok, no, toLogin},
		{"POST /s/:study/panel/add", "", bad, bad, no, toLogin},
		{"GET /s/:study/panel/file", "", ok, ok, no, toLogin},
		{"POST /s/:study/panel/file", "", bad, bad, no, toLogin},
		{"POST /s/:study/panel/file/add", "", bad, bad, no, toLogin},
		{"GET /s/:study/p/:label", ":label=0", ok, ok, no, toLogin},
		{"POST /s/:study/p/:label/identity", ":label=0", no, ok, no, toLogin},
		{"POST /s/:study/p/:label/outcome", ":label=1", bad, bad, no, toLogin},
		{"GET /s/:study/p/:label/alter", ":label=1", ok, ok, no, toLogin},
		{"POST /s/:study/p/:label/alter", ":label=1 language=xx", bad, bad, no, toLogin},
		{"POST /s/:study/p/:label/details", ":label=1", no, bad, no, toLogin},
		{"GET /s/:study/p/:label/lift", ":label=1", no, ok, no, toLogin},
		{"POST /s/:study/p/:label/lift", ":label=1", no, bad, no, toLogin},
		{"POST /s/:study/p/:label/number", ":label=1", moved, moved, no, toLogin},
		{"POST /s/:study/p/:label/link", ":label=1", http.StatusConflict, http.StatusConflict, no, toLogin},
		{"GET /s/:study/p/:label/contact", ":label=1", ok, ok, no, toLogin},
		{"POST /s/:study/p/:label/contact", ":label=1", bad, bad, no, toLogin},
		{"GET /s/:study/p/:label/merge", ":label=1", ok, no, no, toLogin},
		{"POST /s/:study/p/:label/merge", ":label=1 other=none", bad, no, no, toLogin},
		{"GET /s/:study/p/:label/erase", ":label=1", ok, no, no, toLogin},
		{"POST /s/:study/p/:label/erase", ":label=2", moved, no, no, toLogin},
		{"POST /s/:study/p/:label/extract", ":label=1", ok, no, no, toLogin},
		{"GET /s/:study/p/:label/reopen/:wave", ":label=0 :wave=3", ok, ok, no, toLogin},
		{"POST /s/:study/p/:label/reopen/:wave", ":label=0 :wave=3", bad, bad, no, toLogin},
		{"GET /s/:study/p/:label/enter/:wave", ":label=1 :wave=3", no, ok, no, toLogin},
		{"POST /s/:study/p/:label/enter/:wave", ":label=1 :wave=3", no, bad, no, toLogin},
		{"GET /s/:study/p/:label/enter/:wave/:mode/q/:page", ":label=1 :wave=3", no, moved, no, toLogin},
		{"GET /s/:study/p/:label/enter/:wave/:mode/media/:hash/:name", ":label=1 :wave=3", no, moved, no, toLogin},
		{"POST /s/:study/p/:label/enter/:wave/:mode/q/:page", ":label=1 :wave=3 go=pause", no, moved, no, toLogin},
		{"GET /s/:study/p/:label/enter/:wave/:mode/end", ":label=1 :wave=3", no, ok, no, toLogin},
		{"POST /s/:study/p/:label/enter/:wave/:mode/end", ":label=1 :wave=3", no, moved, no, toLogin},
		{"GET /s/:study/enrolment", "", ok, ok, no, toLogin},
		{"GET /s/:study/enrolment/poster", "", 404, 404, no, toLogin}, // it has no address yet
		{"POST /s/:study/enrolment/publish", "", moved, moved, no, toLogin},
		{"GET /s/:study/enrolment/close", "", ok, ok, no, toLogin},
		{"POST /s/:study/enrolment/close", "", moved, moved, no, toLogin},
		{"POST /s/:study/enrolment/in/:label", ":label=0", 404, 404, no, toLogin}, // a participant, who waits for nothing
		{"GET /s/:study/enrolment/out/:label", ":label=0", ok, ok, no, toLogin},
		{"POST /s/:study/enrolment/out/:label", ":label=0", 404, 404, no, toLogin},
		{"POST /s/:study/enrolment/codes", "codes=some", bad, bad, no, toLogin},
		{"POST /s/:study/enrolment/codes/print", "", ok, ok, no, toLogin},
		{"POST /s/:study/enrolment/codes/end", "", moved, moved, no, toLogin},
		{"GET /s/:study/messages", "", ok, ok, no, toLogin},
		{"GET /s/:study/messages/list", "state=due", ok, ok, no, toLogin},
		{"GET /s/:study/messages/preview", "language=de", ok, ok, no, toLogin},
		{"POST /s/:study/messages/hold", "hold=0", moved, moved, no, toLogin},
		{"POST /s/:study/messages/test", "", conflict, conflict, no, toLogin},
		{"POST /s/:study/messages/letters", "", no, ok, no, toLogin},
		{"POST /s/:study/messages/posted", "", moved, moved, no, toLogin},
		{"GET /s/:study/p/:label/messages", ":label=0", ok, ok, no, toLogin},
		{"POST /s/:study/p/:label/messages/:id", ":label=0", conflict, conflict, no, toLogin},
		{"GET /s/:study/links", "", no, ok, no, toLogin},
		{"POST /s/:study/links", "", no, bad, no, toLogin},
		{"GET /s/:study/questionnaires", "", ok, ok, ok, toLogin},
		{"GET /s/:study/questionnaires/:key/:version", "", ok, ok, ok, toLogin},
		{"GET /s/:study/questionnaires/:key/:version/compare", "", ok, ok, ok, toLogin},
		{"GET /s/:study/questionnaires/:key/:version/file/:form", ":form=given", ok, ok, ok, toLogin},
		{"GET /s/:study/questionnaires/:key/:version/print", "", ok, ok, ok, toLogin},
		{"GET /s/:study/questionnaires/:key/compare", "from=1 to=2", ok, ok, ok, toLogin},
		{"GET /s/:study/questionnaires/:key/words", "", ok, ok, ok, toLogin},
		{"POST /s/:study/questionnaires/:key/words", "", bad, no, no, toLogin},
		{"GET /s/:study/questionnaires/:key/next", "", ok, no, no, toLogin},
		{"POST /s/:study/questionnaires/:key/next", "", bad, no, no, toLogin},
		{"POST /s/:study/questionnaires/:key/next/publish", "number=3 name=core.md", bad, no, no, toLogin},
		{"GET /s/:study/questionnaires/:key/media/:hash/:name", ":hash=0123456789abcdef :name=x.png", 404, 404, 404, toLogin},
		{"GET /s/:study/questionnaires/:key/:version/preview", "", ok, ok, ok, toLogin},
		{"POST /s/:study/questionnaires/:key/:version/preview", "reset=1", ok, ok, ok, toLogin},
		{"POST /s/:study/questionnaires/:key/next/preview", "number=3 name=core.md", bad, no, no, toLogin},
		{"GET /s/:study/questionnaires/:key/media/:hash/:name", "", 404, 404, 404, toLogin},
		{"GET /s/:study/data", "", ok, no, ok, toLogin},
		{"POST /s/:study/data/workbook", "", bad, no, bad, toLogin},
		{"POST /s/:study/data/uploads", "", bad, no, bad, toLogin},
		{"GET /s/:study/data/variables", "", ok, no, ok, toLogin},
		{"GET /s/:study/data/variables/:name", ":name=disposition", ok, no, ok, toLogin},
		{"GET /s/:study/data/variables/:name/file/:table", ":name=country :table=groups", ok, no, ok, toLogin},
		{"GET /s/:study/feedback", "", ok, ok, ok, toLogin},
		{"GET /s/:study/data/corrections", "", ok, no, ok, toLogin},
		{"POST /s/:study/data/corrections", "", no, no, bad, toLogin},
		{"GET /s/:study/texts", "", ok, no, ok, toLogin},
		{"GET /s/:study/texts/:wave/:question", ":wave=1 :question=why", 404, no, 404, toLogin},
		{"POST /s/:study/texts/:wave/:question", ":wave=1 :question=why", 404, no, 404, toLogin},
		{"GET /s/:study/releases", "", ok, no, ok, toLogin},
		{"GET /s/:study/releases/new", "", no, no, ok, toLogin},
		{"GET /s/:study/releases/profiles/new", "", ok, no, ok, toLogin},
		{"GET /s/:study/releases/profiles/p/:profile", ":profile=nonsense", 404, no, 404, toLogin},
		{"GET /s/:study/releases/profiles/p/:profile/file", ":profile=smart-factory-partner", ok, no, ok, toLogin},
		{"POST /s/:study/releases/profiles", "do=save", bad, no, bad, toLogin},
		{"POST /s/:study/releases/profiles/p/:profile/remove", ":profile=nonsense", 404, no, 404, toLogin},
		{"POST /s/:study/releases", "", no, no, bad, toLogin},
		{"GET /s/:study/releases/:number", ":number=1", 404, no, 404, toLogin},
		{"POST /s/:study/releases/:number/approve", ":number=1", 404, no, 404, toLogin},
		{"POST /s/:study/releases/:number/refuse", ":number=1", 404, no, 404, toLogin},
		{"POST /s/:study/releases/:number/file", ":number=1", 404, no, 404, toLogin},
		{"GET /s/:study/releases/:number/file", ":number=1", 404, no, 404, toLogin},
		{"POST /logout", "", moved, moved, moved, moved},
	}

	clients := map[access.Role]*client{"": w.as("")}
	for _, role := range access.Roles {
		clients[role] = w.as(role)
	}
	var tried []string
	for _, c := range cases {
		tried = append(tried, c.route)
		method, path, _ := strings.Cut(c.route, " ")
		var form []string
		for _, pair := range strings.Fields(c.with) {
			name, value, _ := strings.Cut(pair, "=")
			if name == ":label" {
				n, _ := strconv.Atoi(value)
				value = labels[n]
			}
			if strings.HasPrefix(name, ":") {
				path = strings.ReplaceAll(path, name, value)
			} else {
				form = append(form, name, value)
			}
		}
		path = fill.Replace(path)
		for role, want := range map[access.Role]int{access.Owner: c.owner, access.Admin: c.admin, access.Researcher: c.researcher, "": c.noone} {
			var a answered
			if method == http.MethodGet {
				a = clients[role].get(path + query(form))
			} else {
				a = clients[role].post(path, form...)
			}
			got := a.status
			if got == moved && strings.HasPrefix(a.location, "/staff/login") && c.route != "POST /logout" {
				got = toLogin
			}
			if got != want {
				t.Errorf("%s as %q: %d, want %d: %s", c.route, role, got, want, text(a.body))
			}
			if want == no {
				a.has(t, "Din roll får inte se det här")
			}
		}
	}
	for _, route := range staff.Routes() {
		if !slices.Contains(tried, route) {
			t.Errorf("%s is not tried", route)
		}
	}
}

// query writes the fields of a form as a GET sends them.
func query(pairs []string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

// TestNavigationShowsWhatTheRoleMay follows every link of the first page.
func TestNavigationShowsWhatTheRoleMay(t *testing.T) {
	w := newWorld(t)
	w.people(early, 1)
	for role, want := range map[access.Role]string{
		access.Owner:      "Översikt Utfall Omgångar Plan Kalender Utskick Panel Rekrytering Formulär Data Leveranser",
		access.Admin:      "Översikt Utfall Omgångar Plan Kalender Utskick Panel Rekrytering Länkar Formulär",
		access.Researcher: "Översikt Utfall Formulär Data Leveranser",
	} {
		c := w.as(role)
		a := c.get("/s/" + key)
		_, nav, _ := strings.Cut(a.body, "<nav")
		nav, _, _ = strings.Cut(nav, "</nav>")
		_, nav, _ = strings.Cut(nav, ">")
		if got := text(nav); got != want {
			t.Errorf("%s sees %q, want %q", role, got, want)
		}
		for _, part := range strings.Split(nav, `href="`)[1:] {
			path, _, _ := strings.Cut(part, `"`)
			if a := c.get(path); a.status != http.StatusOK {
				t.Errorf("%s follows %s: %d", role, path, a.status)
			}
		}
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	w := newWorld(t)
	c := w.as(access.Owner)
	r, err := http.NewRequest(http.MethodPost, c.address("/people/invite"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if a := c.do(r); a.status != http.StatusForbidden {
		t.Errorf("a form of another site: %d", a.status)
	}
}
