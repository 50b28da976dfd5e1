package staff_test

import (
	"bytes"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"panelverk/internal/access"
	"panelverk/internal/interview"
	"panelverk/internal/site/browsertest"
)

const preview2 = "/s/" + key + "/questionnaires/core/2/preview"

var (
	framePattern  = regexp.MustCompile(`srcdoc="([^"]*)"`)
	hiddenPattern = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
)

// framed gives the page that stands in the preview's frame.
func framed(t *testing.T, a answered) answered {
	t.Helper()
	m := framePattern.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no frame: %d %s", a.status, text(a.body))
	}
	return answered{status: a.status, body: html.UnescapeString(m[1]), header: a.header}
}

// hidden gives the hidden fields of a page's forms.
func hidden(body string) (pairs []string) {
	for _, m := range hiddenPattern.FindAllStringSubmatch(body, -1) {
		pairs = append(pairs, m[1], html.UnescapeString(m[2]))
	}
	return pairs
}

// sheet posts the framed page of a preview, panel the form beside it.
func (c *client) sheet(t *testing.T, path string, a answered, pairs ...string) answered {
	t.Helper()
	return c.post(path, append(hidden(framed(t, a).body), pairs...)...)
}

func (c *client) panel(path string, a answered, pairs ...string) answered {
	return c.post(path, append(hidden(framePattern.ReplaceAllString(a.body, "")), pairs...)...)
}

// stored gives everything in the database but when a session was last used.
func stored(t *testing.T, w *world) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := w.store.DB().Dump(ctx, &b, w.now); err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?m)^(\["sessions"|\{"rows").*$`).ReplaceAll(b.Bytes(), nil)
}

// shows tells which page's questions stand in the frame, by one of them.
func shows(t *testing.T, a answered, question string) {
	t.Helper()
	if f := framed(t, a); !strings.Contains(f.body, `name="was.`+question+`"`) {
		t.Errorf("the frame does not ask %s: %s", question, text(f.body))
	}
}

// TestPreviewFollowsTheLogic answers pages, and goes where an interview would.
func TestPreviewFollowsTheLogic(t *testing.T) {
	w := newWorld(t)
	c := w.as(access.Researcher)
	c.get(preview2) // the session is there
	before := stored(t, w)

	a := c.get(preview2)
	a.has(t, "Förhandsvisa core v2", "Så här ser respondenten", "Alla sidor", "Uträkningar", "tech_count är mer än 0", ">Ställs inte<")
	if policy := a.header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("the preview lets in %s", policy)
	}
	framed(t, a).has(t, `target="_parent"`, preview2+"#phone", `class="ask"`)

	logic, err := w.field.Questionnaire(ctx, access.CommandLine(), key, "core", 2)
	if err != nil {
		t.Fatal(err)
	}
	// Through all pages, blank: at each the interview's own logic says what is next.
	doc, _ := interview.Decode("")
	seen := 0
	for p := logic.Look(doc.Answers, w.now).Next(""); p != nil; seen++ {
		framed(t, a).has(t, `name="page" value="`+p.Key+`"`)
		post := interview.Post{Page: p.Key, Go: interview.Forward, Shown: map[string]string{}}
		for _, it := range p.Page.Items {
			if it.Asks() && logic.Look(doc.Answers, w.now).Relevant(it.Name) {
				post.Shown[it.Name] = ""
			}
		}
		res := logic.Post(doc, post, w.now)
		doc.Apply(res.Change, w.now)
		a, p = c.sheet(t, preview2, a, "go", "next"), res.Next
	}
	if seen < 10 {
		t.Fatalf("only %d pages were seen", seen)
	}
	framed(t, a).has(t, "Skicka in", `name="jump" value="`)
	c.sheet(t, preview2, a, "go", "submit").has(t, "inget sparas", "skickas och sparas inget")

	// Another answer beside the frame opens the page that was not asked.
	a = c.panel(preview2, a, "jump", "p_tech_use")
	a.has(t, "Med de här svaren ställs sidan inte.", "Svar som styr sidan", `name="set.tech_met"`)
	shows(t, a, "tech_main")
	a = c.panel(preview2, a, "apply", "1", "set.tech_met", "robots", "set.tech_met", "tablets")
	a.lacks(t, "Med de här svaren ställs sidan inte.")
	a.has(t, "<strong>2</strong>", `value="robots" checked`)

	// Another language, and back to nothing.
	a = c.panel(preview2, a, "to", "de")
	framed(t, a).has(t, `<html lang="de"`)
	a.has(t, `value="robots" checked`)
	c.panel(preview2, a, "reset", "1").lacks(t, `value="robots" checked`, "<strong>2</strong>")

	if after := stored(t, w); !bytes.Equal(before, after) {
		t.Error("the preview has stored something")
	}
	if a := c.post(preview2, "state", "nonsense", "page", "p_job"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("answers that cannot be read: %d", a.status)
	}
	for _, path := range []string{"/s/" + key + "/questionnaires/core/9/preview", "/s/" + key + "/questionnaires/core/x/preview"} {
		if a := c.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

// TestPreviewRefusesWhatTheInterviewRefuses sets a number beyond its limits.
func TestPreviewRefusesWhatTheInterviewRefuses(t *testing.T) {
	w := newWorld(t)
	c := w.as(access.Owner)
	a := c.panel(preview2, c.get(preview2+"?page=p_tasks"), "apply", "1", "set.year_started", "1066", "set.job_kind", "assembly")
	a.has(t, "Svaret går inte att ge här.", `value="1066"`, `value="assembly" selected`)
	a = c.get(preview2)
	a = c.sheet(t, preview2, a, "q.year_started", "1066", "go", "next")
	framed(t, a).has(t, `name="page" value="p_job"`, "1066", `role="alert"`)
}

// TestPreviewOfADraft carries the file along, and leaves the decisions alone.
func TestPreviewOfADraft(t *testing.T) {
	w := newWorld(t)
	c := w.as(access.Owner)
	draft := c.send(next, "ny core.md", core(t, "Vad är viktigast att facket", "Vad är allra viktigast att facket"))
	draft.has(t, `formaction="/staff`+next+`/preview"`)
	form := []string{"name", "ny core.md", "number", "3", "data", carried(t, draft)}
	a := c.post(next+"/preview", form...)
	a.has(t, "Förhandsvisa core v3")
	a = c.panel(next+"/preview", a, "jump", "p_priority")
	framed(t, a).has(t, "allra viktigast")
	if got := hidden(framed(t, a).body); !slices.Contains(got, "ny core.md") || !slices.Contains(got, form[5]) {
		t.Error("the frame does not carry the file")
	}
	if a := w.as(access.Researcher).post(next+"/preview", form...); a.status != http.StatusForbidden {
		t.Errorf("a researcher previews a draft: %d", a.status)
	}
	if a := c.post(next+"/preview", "name", "x.md", "number", "3", "data", "fHN1cnZleXw="); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a broken draft: %d", a.status)
	}
}

// TestPreviewInABrowser goes through the frame by the keyboard alone, without
// scripts, on a phone and on a desk.
func TestPreviewInABrowser(t *testing.T) {
	w := newWorld(t)
	for name, options := range map[string][]browsertest.Option{"phone": {browsertest.Phone(390, 844)}, "desk": {browsertest.Window(1280, 900)}} {
		b := browsertest.Start(t, append(options, browsertest.Language("sv"), browsertest.NoScript())...)
		b.Goto(w.server.URL + "/staff/login")
		b.Fill("#f-email", "owner@example.org")
		b.Fill("#f-password", password)
		b.Follow("main .btn")
		b.Goto(w.server.URL + "/staff" + preview2)
		inFrame := func(expression string) string {
			return b.Evaluate(`(() => { const d = document.querySelector("iframe")?.contentDocument; if (!d?.body) return ""; return String(` + expression + `) })()`)
		}
		if got := inFrame("d.documentElement.clientWidth"); name == "desk" && got != "390" || name == "phone" && len(got) != 3 {
			t.Errorf("%s: the frame is %s px wide", name, got)
		}
		if wide := inFrame("d.documentElement.scrollWidth > d.documentElement.clientWidth"); wide != "false" {
			t.Errorf("%s: the frame has to be scrolled sideways", name)
		}
		inspect(t, b, name, "preview")
		press := func(until string, keys string) {
			t.Helper()
			for range 60 {
				b.Press("\t")
				if inFrame(`(d.activeElement.name || "") + "=" + (d.activeElement.value || "")`) == until {
					b.Press(keys)
					return
				}
			}
			t.Fatalf("%s: Tab does not lead to %s", name, until)
		}
		press("q.job_kind=assembly", " ")
		press("go=next", "\r")
		b.WaitUntil("the next page", func() bool { return inFrame(`d.querySelector("[name=page]")?.value`) == "p_tasks" })
		b.Goto(w.server.URL + "/staff" + preview2 + "?page=p_tech_use&lang=de")
		inspect(t, b, name, "preview-de")
	}
}

// TestPreviewNamesPagesAsTheyAreWritten has a page whose text quotes answers:
// a name's underscores are no marks.
func TestPreviewNamesPagesAsTheyAreWritten(t *testing.T) {
	form := strings.Replace(rosterForm, "| settings |", "| | note | sum | Du har **${n_all}** barn, _${n_old}_ vuxna | You have ${n_all} children | |\n| | integer | n_all | Hur många? | How many? | |\n| | integer | n_old | Hur många vuxna? | How many grown up? | |\n| settings |", 1)
	w := newWorldOf(t, fstest.MapFS{key + "/study.yaml": {Data: []byte(rosterStudy)}, key + "/core.v1.md": {Data: []byte(form)}}, key)
	w.as(access.Researcher).get("/s/"+key+"/questionnaires/core/1/preview").has(t, ">Du har ${n_all} barn, ${n_old} vuxna<")
}
