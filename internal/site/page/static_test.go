package page_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gin-gonic/gin"

	"panelverk/internal/site/page"
	"panelverk/web"
)

// maxScript is how many bytes the respondents' script may take on the way, with
// all that it is to do.
const maxScript = 18000

func squeezed(data []byte) int {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write(data)
	_ = w.Close()
	return b.Len()
}

func TestScriptStaysSmall(t *testing.T) {
	data, err := page.Bundle(web.FS, page.Script)
	if err != nil {
		t.Fatal(err)
	}
	size := squeezed(data)
	t.Logf("%s: %d bytes, %d compressed", page.Script, len(data), size)
	if size > maxScript {
		t.Errorf("the respondents' script takes %d bytes compressed, and may take %d", size, maxScript)
	}
	if bytes.Contains(data, []byte("// ")) {
		t.Error("the script still has its comments")
	}
}

// What is loaded later, to go on without a network, has a limit of its own: it
// stands in nobody's way.
func TestOfflineStaysSmall(t *testing.T) {
	const most = 9000
	data, err := page.Bundle(web.FS, page.Offline)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d bytes, %d compressed", page.Offline, len(data), squeezed(data))
	if squeezed(data) > most {
		t.Errorf("it takes %d bytes compressed, and may take %d", squeezed(data), most)
	}
}

// One source that does not parse, or is not there, keeps the server from starting.
func TestBundleNeedsItsParts(t *testing.T) {
	whole := fstest.MapFS{}
	for _, name := range []string{"expr.js", "expr-more.js", "form.js", "queue.js", "saving.js", "page.js", "comfort.js", "way.js", "lift.js", "tokens.css", "base.css", "staff.css"} {
		whole["static/"+name] = &fstest.MapFile{Data: []byte("(function(){})();")}
	}
	if _, err := page.Bundle(whole, page.Script); err != nil {
		t.Fatal(err)
	}
	whole["static/form.js"] = &fstest.MapFile{Data: []byte("(function(){")}
	if _, err := page.New(whole, false, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), page.Script) {
		t.Errorf("a script that does not parse: %v", err)
	}
	delete(whole, "static/form.js")
	if _, err := page.New(whole, false, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "form.js") {
		t.Errorf("a script that is not there: %v", err)
	}
}

func TestStatic(t *testing.T) {
	script := []byte(`(function(){globalThis.long="` + strings.Repeat("abc ", 300) + `"})()`)
	files := fstest.MapFS{"static/icon.svg": &fstest.MapFile{Data: []byte("<svg/>")}}
	for _, name := range []string{"expr.js", "expr-more.js", "form.js", "queue.js", "saving.js", "page.js", "comfort.js", "way.js", "lift.js", "tokens.css", "base.css", "staff.css"} {
		files["static/"+name] = &fstest.MapFile{}
	}
	files["static/page.js"] = &fstest.MapFile{Data: script}
	for _, name := range []string{"state", "login"} {
		side := map[string]string{"state": "respond", "login": "staff"}[name]
		files["templates/"+side+"/_layout.html"] = &fstest.MapFile{Data: []byte(`{{define "layout"}}{{static "enkat.js"}} {{static "icon.svg"}} {{static "offline.js"}}{{end}}`)}
		files["templates/"+side+"/"+name+".html"] = &fstest.MapFile{Data: []byte(`{{define "title"}}{{end}}{{define "main"}}{{end}}`)}
	}
	pages, err := page.New(files, false, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/static/:hash/:name", pages.Static)
	var addresses bytes.Buffer
	if err := pages.Execute(&addresses, "respond/state", nil); err != nil {
		t.Fatal(err)
	}
	of := strings.Fields(addresses.String())
	enkat, icon, offline := of[0], of[1], of[2]
	get := func(address string, header ...string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, address, nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		engine.ServeHTTP(w, r)
		return w.Result()
	}
	body := func(resp *http.Response) string {
		var r io.Reader = resp.Body
		if resp.StatusCode == http.StatusOK && resp.Header.Get("Content-Encoding") == "gzip" {
			var err error
			if r, err = gzip.NewReader(r); err != nil {
				t.Fatal(err)
			}
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for accept, packed := range map[string]bool{"": false, "gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "gzip; q=0.000, *": false, "identity": false, "gzip;q=1, deflate": true} {
		resp := get(enkat, "Accept-Encoding", accept)
		if got := resp.Header.Get("Content-Encoding"); (got == "gzip") != packed || resp.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q gets %q, Vary %q", accept, got, resp.Header.Get("Vary"))
		}
		if !strings.Contains(body(resp), `"abc abc`) {
			t.Errorf("%q gets another file", accept)
		}
		if resp.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("headers %v", resp.Header)
		}
		if again := get(enkat, "Accept-Encoding", accept, "If-None-Match", resp.Header.Get("Etag")); again.StatusCode != http.StatusNotModified || body(again) != "" {
			t.Errorf("%q is given again: %d", accept, again.StatusCode)
		}
	}
	if resp := get(offline); resp.Header.Get("Service-Worker-Allowed") != "/s/" {
		t.Errorf("the service worker may not work: %v", resp.Header)
	}
	if resp := get(icon, "Accept-Encoding", "gzip"); body(resp) != "<svg/>" || resp.Header.Get("Content-Encoding") != "" {
		t.Errorf("what compression makes larger: %v", resp.Header)
	}
	if resp := get("/static/000000000000/enkat.js"); resp.StatusCode != http.StatusOK || resp.Header.Get("Cache-Control") != "" {
		t.Errorf("the file of another build is kept: %d %v", resp.StatusCode, resp.Header)
	}
	for _, gone := range []string{"/static/x/page.js", "/static/x/nothing.css"} {
		if resp := get(gone); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", gone, resp.StatusCode)
		}
	}
}
