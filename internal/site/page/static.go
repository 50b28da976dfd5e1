package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/gin-gonic/gin"
	"github.com/tdewolff/minify/v2/js"
)

// Script is the one script of the respondents' pages.
const Script = "enkat.js"

// Offline is what they load once a page can be used, to go on without a network.
// It is their service worker too.
const Offline = "offline.js"

// bundles are the files that browsers get in one piece, each put together of
// others in this order. Those others are not served by themselves.
//
// A script of a bundle is a function that is called at once. It knows the ones
// before it by what they set on globalThis, and runs where there is no document
// too: one of them is also the respondents' service worker.
var bundles = map[string][]string{
	Script:      {"expr.js", "form.js", "queue.js", "saving.js", "page.js", "comfort.js"},
	Offline:     {"way.js", "lift.js"},
	"enkat.css": {"tokens.css", "base.css"},
	"desk.css":  {"tokens.css", "base.css", "staff.css"},
}

// mathCall finds calls that the minifier would write as something shorter and
// not the same: Math.trunc(x) as x|0, Math.sqrt(x) as x**.5, which differ for
// NaN, -0 and what is large. Math["trunc"](x) it leaves.
var mathCall = regexp.MustCompile(`\bMath\.(\w+)\(`)

// workerScope is where that script may be a service worker.
const workerScope = "/s/"

// ecma is the edition of ECMAScript that the minifier may write: some of the
// phones are old.
const ecma = 2018

var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".ico": "image/x-icon", ".png": "image/png", ".txt": "text/plain; charset=utf-8",
}

// static is a file as browsers get it.
type static struct {
	data   []byte
	packed func() []packed // from the smallest; worked out when it is first asked for
	kind   string
	hash   string
}

// packed is a file in a content coding of RFC 9110, section 8.4.1.
type packed struct {
	coding string
	data   []byte
}

// readStatic reads the static files: the bundles, and what is in none of them.
func readStatic(fsys fs.FS) (map[string]static, error) {
	names, err := fs.Glob(fsys, "static/*")
	if err != nil {
		return nil, err
	}
	served, parts := slices.Collect(maps.Keys(bundles)), slices.Concat(slices.Collect(maps.Values(bundles))...)
	for _, name := range names {
		if base := path.Base(name); !slices.Contains(parts, base) {
			served = append(served, base)
		}
	}
	files := map[string]static{}
	for _, name := range served {
		data, err := Served(fsys, name)
		if err != nil {
			return nil, err
		}
		files[name] = newStatic(name, data)
	}
	return files, nil
}

func newStatic(name string, data []byte) static {
	sum := sha256.Sum256(data)
	return static{data: data, kind: kinds[path.Ext(name)], hash: hex.EncodeToString(sum[:6]), packed: sync.OnceValue(func() []packed {
		var smaller []packed
		for _, p := range []packed{{"br", dense(data)}, {"gzip", pack(data)}} {
			if len(p.data) < len(data) {
				smaller = append(smaller, p)
			}
		}
		return smaller
	})}
}

// dense gives data as Brotli (RFC 7932), which browsers take over https.
func dense(data []byte) []byte {
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, brotli.BestCompression)
	_, _ = w.Write(data) // into memory
	_ = w.Close()
	return b.Bytes()
}

// pack gives data as gzip (RFC 1952), which all browsers take.
func pack(data []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // a level that is none
	}
	_, _ = w.Write(data) // into memory
	_ = w.Close()
	return b.Bytes()
}

// Served gives a static file or a bundle as browsers get it, before it is
// compressed: scripts minified. It fails where a part is missing or is no script.
func Served(fsys fs.FS, name string) ([]byte, error) {
	parts, ok := bundles[name]
	if !ok {
		parts = []string{name}
	}
	var all bytes.Buffer
	for _, part := range parts {
		data, err := fs.ReadFile(fsys, "static/"+part)
		if err != nil {
			return nil, err
		}
		all.Write(data)
		if ok {
			all.WriteByte('\n')
		}
	}
	if path.Ext(name) != ".js" {
		return all.Bytes(), nil
	}
	script := mathCall.ReplaceAll(all.Bytes(), []byte(`Math["$1"](`))
	var slim bytes.Buffer
	if err := (&js.Minifier{Version: ecma}).Minify(nil, &slim, bytes.NewReader(script), nil); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return slim.Bytes(), nil
}

// address gives the URL of a static file; its hash lets browsers keep it for ever.
func (r *Renderer) address(name string) (string, error) {
	f, ok := r.files[name]
	if !ok {
		return "", fmt.Errorf("no static file %q", name)
	}
	return "/static/" + f.hash + "/" + name, nil
}

// Static serves /static/:hash/:name. A file under another hash than its own is
// that of another build: it is given, but not to be kept.
func (r *Renderer) Static(c *gin.Context) {
	dev := r.dev
	if dev {
		if fresh, err := New(r.fsys, false, r.log); err == nil {
			r = fresh
		}
	}
	f, ok := r.files[c.Param("name")]
	if !ok {
		c.Status(http.StatusNotFound)
		return
	}
	if c.Param("hash") == f.hash {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
	}
	if c.Param("name") == Offline {
		c.Header("Service-Worker-Allowed", workerScope)
	}
	data, tag := f.data, f.hash
	var smaller []packed
	if !dev { // a file that changes all the time costs more to pack than to send
		smaller = f.packed()
	}
	if smaller != nil {
		c.Header("Vary", "Accept-Encoding")
	}
	for _, p := range smaller {
		if takes(c.GetHeader("Accept-Encoding"), p.coding) {
			c.Header("Content-Encoding", p.coding)
			data, tag = p.data, f.hash+"-"+p.coding
			break
		}
	}
	tag = `"` + tag + `"`
	c.Header("Etag", tag)
	if strings.Contains(c.GetHeader("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		return
	}
	c.Data(http.StatusOK, f.kind, data)
}

// takes reads an Accept-Encoding header (RFC 9110, section 12.5.3): whether a
// coding is named in it and not refused with q=0.
func takes(header, wanted string) bool {
	for one := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(one, ";")
		if strings.EqualFold(strings.TrimSpace(coding), wanted) {
			q := strings.TrimSpace(weight)
			return strings.Trim(strings.TrimPrefix(strings.ToLower(q), "q="), "0.") != "" || q == ""
		}
	}
	return false
}
