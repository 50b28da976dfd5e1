package page_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
	"github.com/gin-gonic/gin"

	"panelverk/internal/site/page"
	"panelverk/web"
)

// What the respondents' script may take on the way, with all that it is to do:
// over https with Brotli, and with gzip where there is nothing else.
const (
	maxScript = 18_000
	maxGzip   = 20_000
)

// sources gives the names of the real static files.
func sources(t *testing.T) []string {
	t.Helper()
	found, err := fs.Glob(web.FS, "static/*")
	if err != nil || len(found) < 5 {
		t.Fatal(found, err)
	}
	for i, name := range found {
		found[i] = path.Base(name)
	}
	return found
}

func TestScriptStaysSmall(t *testing.T) {
	data, err := page.Served(web.FS, page.Script)
	if err != nil {
		t.Fatal(err)
	}
	var dense, packed bytes.Buffer
	w := brotli.NewWriterLevel(&dense, brotli.BestCompression)
	_, _ = w.Write(data)
	_ = w.Close()
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	_, _ = z.Write(data)
	_ = z.Close()
	t.Logf("%s: %d bytes, %d with Brotli, %d with gzip", page.Script, len(data), dense.Len(), packed.Len())
	if dense.Len() > maxScript || packed.Len() > maxGzip {
		t.Errorf("the respondents' script takes %d bytes with Brotli and %d with gzip, and may take %d and %d", dense.Len(), packed.Len(), maxScript, maxGzip)
	}
	if bytes.Contains(data, []byte("// ")) {
		t.Error("the script still has its comments")
	}
}

// What is loaded later, to go on without a network, has a limit of its own: it
// stands in nobody's way.
func TestOfflineStaysSmall(t *testing.T) {
	const most = 9_000
	data, err := page.Served(web.FS, page.Offline)
	if err != nil {
		t.Fatal(err)
	}
	var dense bytes.Buffer
	w := brotli.NewWriterLevel(&dense, brotli.BestCompression)
	_, _ = w.Write(data)
	_ = w.Close()
	t.Logf("%s: %d bytes, %d with Brotli", page.Offline, len(data), dense.Len())
	if dense.Len() > most {
		t.Errorf("it takes %d bytes with Brotli, and may take %d", dense.Len(), most)
	}
}

// One source that does not parse, or is not there, keeps the server from starting.
func TestBundleNeedsItsParts(t *testing.T) {
	whole := fstest.MapFS{}
	for _, name := range sources(t) {
		whole["static/"+name] = &fstest.MapFile{Data: []byte("(function(){})();")}
	}
	if _, err := page.Served(whole, page.Script); err != nil {
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
	files := fstest.MapFS{}
	for _, name := range sources(t) {
		files["static/"+name] = &fstest.MapFile{}
	}
	files["static/icon.svg"] = &fstest.MapFile{Data: []byte("<svg/>")}
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
	get := func(address string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, address, nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		engine.ServeHTTP(w, r)
		return w
	}
	body := func(resp *httptest.ResponseRecorder) string {
		var r io.Reader = resp.Body
		if resp.Code == http.StatusOK && resp.Header().Get("Content-Encoding") == "gzip" {
			var err error
			if r, err = gzip.NewReader(r); err != nil {
				t.Fatal(err)
			}
		}
		if resp.Code == http.StatusOK && resp.Header().Get("Content-Encoding") == "br" {
			r = brotli.NewReader(resp.Body)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for accept, coding := range map[string]string{"": "", "gzip": "gzip", "br, GZIP;q=0.5": "br", "GZIP;q=0.5, zstd": "gzip", "gzip;q=0": "", "gzip; q=0.000, *": "", "identity": "", "gzip;q=1, br; q=0": "gzip"} {
		resp := get(enkat, "Accept-Encoding", accept)
		if got := resp.Header().Get("Content-Encoding"); got != coding || resp.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q gets %q, Vary %q", accept, got, resp.Header().Get("Vary"))
		}
		if !strings.Contains(body(resp), `"abc abc`) {
			t.Errorf("%q gets another file", accept)
		}
		if resp.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("headers %v", resp.Header())
		}
		if again := get(enkat, "Accept-Encoding", accept, "If-None-Match", resp.Header().Get("Etag")); again.Code != http.StatusNotModified || body(again) != "" {
			t.Errorf("%q is given again: %d", accept, again.Code)
		}
	}
	if resp := get(offline); resp.Header().Get("Service-Worker-Allowed") != "/s/" {
		t.Errorf("the service worker may not work: %v", resp.Header())
	}
	if resp := get(icon, "Accept-Encoding", "gzip"); body(resp) != "<svg/>" || resp.Header().Get("Content-Encoding") != "" {
		t.Errorf("what compression makes larger: %v", resp.Header())
	}
	if resp := get("/static/000000000000/enkat.js"); resp.Code != http.StatusOK || resp.Header().Get("Cache-Control") != "" {
		t.Errorf("the file of another build is kept: %d %v", resp.Code, resp.Header())
	}
	for _, gone := range []string{"/static/x/page.js", "/static/x/nothing.css"} {
		if resp := get(gone); resp.Code != http.StatusNotFound {
			t.Errorf("%s: %d", gone, resp.Code)
		}
	}
}
