package staff_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/release"
	"panelverk/internal/site/browsertest"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// released is a panel of 36 in three countries, of whom all have answered two
// waves that are over.
func released(t *testing.T) *world {
	w := newWorld(t)
	var rows []fieldwork.NewParticipant
	for i := range 36 {
		rows = append(rows, fieldwork.NewParticipant{Name: "Alva Ek " + string(rune('A'+i)), Language: "sv",
			Attributes: map[string]string{"country": []string{"SE", "SE", "DE", "RS"}[i%4], "sector": []string{"vehicles", "food", "process"}[i%3]}})
	}
	labels, err := w.field.AddParticipants(ctx, early, access.CommandLine(), key, rows)
	if err != nil {
		t.Fatal(err)
	}
	for i, label := range labels {
		w.answer(label, 1)
		if i%9 != 0 {
			w.answer(label, 2)
		}
	}
	return w
}

func (w *world) request(profile string) {
	w.t.Helper()
	actor := access.Actor{Account: w.ids[access.Researcher], Roles: map[string]access.Role{key: access.Researcher}}
	if _, err := w.release.Request(ctx, w.now, actor, release.NewRelease{Study: key, Profile: profile, Who: "Göteborgs universitet", Country: "SE",
		Purpose: "Studera inflytande över ny teknik", Promise: true}); err != nil {
		w.t.Fatal(err)
	}
}

// freeze makes what was approved, as a server does in the background.
func (w *world) freeze() {
	w.t.Helper()
	for {
		did, err := w.release.Freeze(ctx, func() time.Time { return w.now }, "worker", nil)
		if err != nil {
			w.t.Fatal(err)
		}
		if !did {
			return
		}
	}
}

// TestAReleaseGoesFromRequestToFile walks the whole way on the pages: 36 people
// pass the restricted tier; the open one is refused, with two changes that pass.
func TestAReleaseGoesFromRequestToFile(t *testing.T) {
	w := released(t)
	researcher, owner := w.as(access.Researcher), w.as(access.Owner)
	base := "/s/" + key + "/releases"
	a := researcher.post(base, "profile", "smart-factory-partner", "who", "Nairobi", "country", "ke", "purpose", "Jämföra länder", "promise", "1")
	if a.status != 422 {
		t.Fatal(a.status)
	}
	a.has(t, "Landet ligger utanför EU och EES")
	a = researcher.post(base, "source", "profile: x\ntier: secret\n", "who", "Nairobi", "country", "KE", "basis", "clauses", "purpose", "Jämföra länder", "promise", "1")
	a.has(t, "Profilen har fel", "Rad 2:")
	if a = researcher.post(base, "profile", "smart-factory-partner", "who", "Nairobi", "country", "KE", "basis", "clauses", "purpose", "Jämföra länder", "promise", "1"); a.status != 303 {
		t.Fatalf("%d: %s", a.status, text(a.body))
	}
	if a = owner.post(base + "/1/approve"); a.status != 409 { // without having looked
		t.Errorf("%d: %s", a.status, text(a.body))
	}
	a = owner.get(base + "/1")
	a.has(t, "Väntar på beslut", "Standardavtalsklausuler", "k är en indikator: arbetskamrater känner till svar, och mönstret av deltagande går inte att dölja", "Inom gränsen")
	_, seen, _ := strings.Cut(a.body, `name="seen" value="`)
	seen, _, _ = strings.Cut(seen, `"`)
	if a = owner.post(base+"/1/approve", "seen", seen); a.status != 303 {
		t.Fatalf("%d: %s", a.status, text(a.body))
	}
	researcher.get(base+"/1").has(t, "Görs nu")
	w.freeze()
	a = researcher.follow(base + "/1/file")
	if _, err := zip.NewReader(bytes.NewReader([]byte(a.body)), int64(len(a.body))); err != nil {
		t.Errorf("%d, %d bytes: %v", a.status, len(a.body), err)
	}
	w.goesOn(researcher, base+"/1/file", a)

	w.request("smart-factory-open")
	a = owner.get(base + "/2")
	a.has(t, "Utanför gränsen", "kan inte lämnas ut öppet", "Det här skulle klara gränsen")
	if strings.Count(a.body, "<ol><li><ul>") != 1 || !strings.Contains(a.body, "</ul></li><li><ul>") {
		t.Errorf("not two proposals: %s", text(a.body))
	}
	report, err := w.release.Review(ctx, w.now, access.CommandLine(), key, 2)
	if err != nil || report.Persons != 36 || len(report.AtRisk) == 0 || len(report.Proposals) != 2 {
		t.Fatalf("%+v, %v", report, err)
	}
	profile, err := w.release.Profile(ctx, access.CommandLine(), key, "smart-factory-open")
	if err != nil {
		t.Fatal(err)
	}
	for _, proposal := range report.Proposals {
		order := release.Order{Study: key, Formats: []study.Format{study.CSV}, Profile: proposal.Apply(*profile.Profile)}
		after, err := w.release.Files(ctx, w.now, access.CommandLine(), order, func(_ string, write func(io.Writer) error) error { return write(io.Discard) }, nil)
		if err != nil || after.After.K < 5 {
			t.Errorf("%s does not pass: %v", proposal, err)
		}
	}
	if a = owner.post(base + "/2/approve"); a.status != 422 {
		t.Errorf("the open tier was let out: %d", a.status)
	}
	owner.post(base+"/2/refuse").has(t, "Skriv varför")
	if a = owner.post(base+"/2/refuse", "why", "Gör grupperna större"); a.status != 303 {
		t.Errorf("%d: %s", a.status, text(a.body))
	}
	researcher.get(base).has(t, "2 leveranser", "Avslagen", "Godkänd")
}

// goesOn fetches the rest of a download that broke off, which is noted once, and asks
// for it an hour later, when it is another one.
func (w *world) goesOn(c *client, path string, whole answered) {
	w.t.Helper()
	part := func() answered {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address(path), nil)
		if err != nil {
			w.t.Fatal(err)
		}
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", len(whole.body)-1000))
		r.Header.Set("If-Range", whole.header.Get("ETag"))
		return c.do(r)
	}
	noted := func() (n int) {
		rows, err := w.accounts.Audit(ctx, access.CommandLine(), key, 0)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range rows {
			if r.Action == string(access.ReleaseDownload) {
				n++
			}
		}
		return n
	}
	for i, want := range []int{1, 2} {
		rest := part()
		if rest.status != http.StatusPartialContent || rest.body != whole.body[len(whole.body)-1000:] {
			w.t.Errorf("the rest: %d, %d bytes", rest.status, len(rest.body))
		}
		if got := noted(); got != want {
			w.t.Errorf("%d hours later: %d downloads are noted, want %d", i, got, want)
		}
		w.now = w.now.Add(61 * time.Minute)
	}
}

func (w *world) approve(number int) {
	w.t.Helper()
	if err := w.release.Approve(ctx, w.now, access.CommandLine(), key, number, "", ""); err != nil {
		w.t.Fatal(err)
	}
}

// inEveryState adds releases 4, which was not made, 5, which was refused, and 6, which
// is being made by a worker that says how far it is.
func (w *world) inEveryState() {
	w.t.Helper()
	for n := 4; n <= 6; n++ {
		w.request("smart-factory-partner")
	}
	must := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	must(w.release.Refuse(ctx, w.now, access.CommandLine(), key, 5, "Frågan om löner behövs inte för ändamålet."))
	for _, n := range []int{4, 6} {
		w.approve(n)
		must(w.store.Write(ctx, func(tx *store.Tx) error {
			r, _, ok, err := tx.ClaimFreezing("worker", w.now, w.now.Add(time.Hour))
			switch {
			case err != nil || !ok:
				return errors.Join(err, errors.New("nothing to claim"))
			case n == 4:
				return tx.FailFreezing(r, "worker", "release_moved")
			}
			return tx.KeepFreezing(r, "worker", store.Freezing{Step: "smart-factory_long.sav", Done: 430, Total: 1000}, w.now.Add(time.Hour))
		}))
	}
}

// TestAReleaseIsWatchedWhileItIsMade stays on the page until the package is there.
func TestAReleaseIsWatchedWhileItIsMade(t *testing.T) {
	w := released(t)
	w.request("smart-factory-partner")
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	b.Goto(w.server.URL + "/staff/login")
	b.Fill("#f-email", "owner@example.org")
	b.Fill("#f-password", password)
	b.Follow("main .btn")
	b.Goto(w.server.URL + "/staff/s/" + key + "/releases/1")
	b.Follow("form[action$=approve] .btn")
	if text := b.Text("main"); !strings.Contains(text, "Står i kö") || !strings.Contains(text, "Du kan stänga sidan") {
		t.Fatal(text)
	}
	var shown []string
	if _, err := w.release.Freeze(ctx, func() time.Time { return w.now }, "worker", func(step string, _, _ int) {
		if len(shown) == 0 && strings.HasSuffix(step, ".csv") { // the first file after the workbook
			deadline := time.Now().Add(15 * time.Second)
			for len(shown) == 0 && time.Now().Before(deadline) {
				if text := b.Text("main"); strings.Contains(text, "Skriver smart-factory") {
					shown = append(shown, text)
				}
				time.Sleep(50 * time.Millisecond)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if len(shown) == 0 {
		t.Error("the page does not say what is being written")
	}
	b.WaitText("Leverans 1: Godkänd")
}

// TestReleasePages looks at the pages in a browser.
func TestReleasePages(t *testing.T) {
	w := released(t)
	for _, profile := range []string{"smart-factory-partner", "smart-factory-open", "smart-factory-partner"} {
		w.request(profile)
	}
	w.approve(1)
	w.freeze()
	w.inEveryState()
	base := w.server.URL + "/staff/s/" + key + "/releases"
	for name, options := range map[string][]browsertest.Option{
		"phone": {browsertest.Phone(390, 844)}, "desk": {browsertest.Window(1280, 900)}, "phone-dark": {browsertest.Phone(390, 844), browsertest.Dark()},
	} {
		if os.Getenv("PANELVERK_SCREENSHOTS") == "" && name != "phone" {
			continue
		}
		for role, paths := range map[access.Role][]string{access.Researcher: {"", "/new", "/1", "/2"}, access.Owner: {"", "/1", "/2", "/3", "/4", "/5", "/6"}} {
			b := browsertest.Start(t, append(options, browsertest.Language("sv"), browsertest.NoScript())...)
			b.Goto(w.server.URL + "/staff/login")
			b.Fill("#f-email", string(role)+"@example.org")
			b.Fill("#f-password", password)
			b.Follow("main .btn")
			for _, path := range paths {
				b.Goto(base + path)
				inspect(t, b, name, string(role)+"-releases"+strings.ReplaceAll(path, "/", "-"))
			}
			if role == access.Researcher {
				b.Expect("422")
				b.Goto(base + "/new")
				b.Follow("main .btn")
				inspect(t, b, name, "researcher-releases-wrong")
			}
		}
	}
}
