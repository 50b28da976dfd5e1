package browsertest

import (
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// page is what a questionnaire's page is made of, with a script that shows
// whether scripts run.
const pageHTML = `<!doctype html><html lang="sv"><head><title>Fråga 1</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><style>body{color:#000;background:#fff}@media (prefers-color-scheme:dark){body{background:#111;color:#eee}}.off{display:none}.drawn{position:absolute;opacity:0;width:1px;height:1px;left:-9px}</style></head>
<body><p id="js">utan skript</p><p class="off">dold text</p><p id="lang">%s</p>
<form method="post" action="/svar">
<label><input type="radio" name="q1" value="agree"> Stämmer</label><label><input type="radio" name="q1" value="disagree"> Stämmer inte</label>
<label><input type="checkbox" name="q2" value="union" class="drawn"> Facket</label>
<input name="q3" value="förut"><input type="date" name="q4"><select name="q5"><option value="a">A<option value="b">B</select>
<button name="go" value="next">Nästa</button></form>
<a href="#end" id="jump">Till slutet</a><div style="height:1500px"></div><p id="end">slut</p>
<script>document.getElementById("js").textContent = "med skript"</script></body></html>`

// server answers a form post with a cookie and a redirect, as a survey does.
func server(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, pageHTML, r.Header.Get("Accept-Language"))
	})
	mux.HandleFunc("POST /svar", func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"q1", "q2", "q3", "q4", "q5", "go"} {
			http.SetCookie(w, &http.Cookie{Name: name, Value: fmt.Sprintf("%x", r.FormValue(name)), Path: "/", HttpOnly: true})
		}
		http.Redirect(w, r, "/tack?q3="+r.FormValue("q3"), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /tack", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `<!doctype html><title>Tack</title><link rel="icon" href="data:,"><h1>Tack!</h1><p>%d kakor, %s</p>`, len(r.Cookies()), r.FormValue("q3"))
	})
	mux.HandleFunc("GET /gone", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusGone)
		_, _ = fmt.Fprint(w, `<!doctype html><title>Stängd</title><link rel="icon" href="data:,"><p>Undersökningen är stängd.</p>`)
	})
	mux.HandleFunc("GET /broken", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "style-src 'self'")
		_, _ = fmt.Fprint(w, `<!doctype html><title>x</title><link rel="icon" href="data:,"><style>p{color:red}</style><p>x</p>
<img src="/nowhere.png" alt=""><img src="http://localhost:1/pixel.png" alt="">
<script>console.error("said", 7); throw new Error("thrown")</script>`)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestAnswerAPage(t *testing.T) {
	for name, c := range map[string]struct {
		options []Option
		script  string
	}{
		"with scripts":    {[]Option{Phone(390, 844), Language("sv-SE,sv")}, "med skript"},
		"without scripts": {[]Option{Phone(390, 844), Language("sv-SE,sv"), NoScript()}, "utan skript"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := server(t)
			b := Start(t, c.options...)
			b.Goto(srv.URL)
			if got := b.Text("#js"); got != c.script {
				t.Errorf("the page says %q, want %q", got, c.script)
			}
			text := b.VisibleText()
			if !strings.Contains(text, "Stämmer inte") || strings.Contains(text, "dold text") {
				t.Errorf("visible text: %q", text)
			}
			if !strings.HasPrefix(b.Text("#lang"), "sv-SE,sv") {
				t.Errorf("the browser asks for %q", b.Text("#lang"))
			}
			if b.Visible(".off") || !b.Visible("#js") || b.Visible("#nothing") || b.Count("label") != 3 || b.Title() != "Fråga 1" {
				t.Error("Visible, Count or Title is wrong")
			}
			if b.Width() != 390 {
				t.Errorf("the page is %d wide", b.Width())
			}

			b.Click("#jump")
			b.WaitUntil("the address has changed", func() bool { return strings.HasSuffix(b.URL(), "#end") })
			b.Check("input[value=agree]")
			b.Check("input[value=agree]") // choosing twice leaves it chosen
			b.Check("input[value=union]")
			b.Click("input[value=disagree]")
			b.Fill("input[name=q3]", "Åsa & co")
			b.Fill("input[name=q4]", "2017-05-01")
			b.Select("select", "b")
			if b.Value("input[name=q3]") != "Åsa & co" || b.Value("input[name=q4]") != "2017-05-01" || b.Checked("input[value=agree]") {
				t.Error("the form is not filled as told")
			}
			b.Follow("button")
			if b.Status() != http.StatusOK || !strings.Contains(b.URL(), "/tack") || b.Text("h1") != "Tack!" {
				t.Errorf("after the post: %d %s", b.Status(), b.URL())
			}
			want := map[string]string{"q1": "disagree", "q2": "union", "q3": "Åsa & co", "q4": "2017-05-01", "q5": "b", "go": "next"}
			for _, cookie := range b.Cookies() {
				if cookie.Value != fmt.Sprintf("%x", want[cookie.Name]) {
					t.Errorf("%s arrived as %x", cookie.Name, cookie.Value)
				}
			}
			if len(b.Cookies()) != len(want) {
				t.Errorf("there are %d cookies", len(b.Cookies()))
			}

			tab := b.SecondTab()
			tab.Goto(srv.URL + "/tack")
			if got := tab.Text("p"); got != "6 kakor," {
				t.Errorf("the second tab: %q", got)
			}
			tab.ForgetCookies()
			tab.Reload()
			if got := tab.Text("p"); got != "0 kakor," {
				t.Errorf("after throwing the cookies away: %q", got)
			}
			b.Back()
			if b.Title() != "Fråga 1" {
				t.Errorf("back leads to %q", b.Title())
			}
			b.Goto(srv.URL + "/gone")
			if b.Status() != http.StatusGone {
				t.Errorf("a closed survey has status %d", b.Status())
			}
			if !strings.Contains(b.HTML(), "<p>Undersökningen") {
				t.Error(b.HTML())
			}
		})
	}
}

func TestFillEmptiesAField(t *testing.T) {
	b := Start(t)
	b.Goto(server(t).URL)
	b.Fill("input[name=q3]", "")
	if got := b.Value("input[name=q3]"); got != "" {
		t.Errorf("the field still holds %q", got)
	}
}

func TestNoCookies(t *testing.T) {
	srv := server(t)
	b := Start(t, NoCookies())
	b.Goto(srv.URL)
	b.Follow("button")
	if got := b.Text("p"); !strings.HasPrefix(got, "0 kakor") || len(b.Cookies()) != 0 {
		t.Errorf("a browser that refuses cookies sent some: %q", got)
	}
}

func TestScreenshot(t *testing.T) {
	srv := server(t)
	for name, c := range map[string]struct {
		options       []Option
		width, height int
		dark          bool
	}{
		"phone, dark":   {[]Option{Phone(390, 844), Dark(), NoScript()}, 390, 844, true},
		"window, light": {[]Option{Window(1000, 700)}, 1000, 700, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := Start(t, c.options...)
			b.Goto(srv.URL)
			dir := t.TempDir()
			b.Screenshot(filepath.Join(dir, "new", "page.png"))
			b.ScreenshotOfScreen(filepath.Join(dir, "screen.png"))
			width, height, dark := picture(t, filepath.Join(dir, "new", "page.png"))
			if width != c.width || height <= 1500 || dark != c.dark {
				t.Errorf("the page: %d×%d, dark %v", width, height, dark)
			}
			if width, height, _ = picture(t, filepath.Join(dir, "screen.png")); width != c.width || height != c.height {
				t.Errorf("the screen: %d×%d", width, height)
			}
		})
	}
}

// picture gives the size of a PNG file and whether its corner is dark.
func picture(t *testing.T, path string) (width, height int, dark bool) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	img, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	r, _, _, _ := img.At(1, 1).RGBA()
	return img.Bounds().Dx(), img.Bounds().Dy(), r < 0x8000
}

func TestTroublesAreSeen(t *testing.T) {
	b := Start(t)
	b.Goto(server(t).URL + "/broken")
	wanted := []string{"console.error: said 7", "uncaught: Error: thrown", "404 for ", "localhost:1/pixel.png", "violates the following Content Security Policy", "could not be loaded: net::ERR_"}
	b.WaitUntil("all troubles are noted", func() bool {
		seen := b.Troubles()
		return !slices.ContainsFunc(wanted, func(text string) bool {
			return !slices.ContainsFunc(seen, func(s string) bool { return strings.Contains(s, text) })
		})
	})
	for _, text := range wanted {
		b.Expect(text)
	}
	if left := b.Troubles(); len(left) > 0 {
		t.Errorf("not expected: %q", left)
	}
}

func TestOffline(t *testing.T) {
	srv := server(t)
	b := Start(t)
	b.Goto(srv.URL)
	b.Offline(true)
	b.Evaluate(`fetch("/tack").catch(() => document.body.append("kunde inte spara")) && ""`)
	b.WaitText("kunde inte spara")
	b.Expect("ERR_INTERNET_DISCONNECTED")
	b.Offline(false)
	b.Evaluate(`fetch("/tack").then(() => document.body.append("nu är det sparat")) && ""`)
	b.WaitText("nu är det sparat")
}
