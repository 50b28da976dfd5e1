package page

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzip"
)

// minCompressed is the length from which compression is worth a thought, in
// bytes: what is shorter goes in one packet anyhow.
const minCompressed = 1000

// maxPadding is the most random bytes that a compressed answer is made longer by.
const maxPadding = 48

// packLevel makes pages as small as gzip's usual level does, in little more than
// half the time.
const packLevel = 5

var packers = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(io.Discard, packLevel)
	if err != nil {
		panic(err) // a level that is none
	}
	return w
}}

// Compressed compresses respondents' pages and JSON for browsers that take gzip.
//
// What is secret on these pages (answers, the link's token) is compressed
// together with what an address or a form says, so the length could tell whether
// a guess in the latter occurs in the former (BREACH). Three things stand against
// that. Who does not know the token can make no browser ask for the page. No GET
// puts anything of its address on the page but what is on a fixed list, and the
// forms of other sites are refused before they are read. And each answer is made
// longer by a random number of bytes, in the name that a gzip header may hold
// (RFC 1952, section 2.3.1), which browsers throw away. Staff pages hold more and
// echo what is searched for: they are not compressed.
func Compressed(c *gin.Context) {
	if !takes(c.GetHeader("Accept-Encoding"), "gzip") {
		c.Writer.Header().Add("Vary", "Accept-Encoding")
		return
	}
	w := &packing{ResponseWriter: c.Writer}
	c.Writer = w
	defer func() {
		w.close()
		c.Writer = w.ResponseWriter
	}()
	c.Next()
}

// packing is a response that decides at its first bytes whether it is compressed.
type packing struct {
	gin.ResponseWriter
	begun bool
	gzip  *gzip.Writer // nil for an answer as it is
}

func (w *packing) Write(data []byte) (int, error) {
	w.begin(len(data))
	if w.gzip == nil {
		return w.ResponseWriter.Write(data)
	}
	return w.gzip.Write(data)
}

func (w *packing) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

func (w *packing) begin(length int) {
	if w.begun {
		return
	}
	w.begun = true
	h := w.Header()
	kind := h.Get("Content-Type")
	if !strings.HasPrefix(kind, "text/html") && !strings.HasPrefix(kind, "application/json") || h.Get("Content-Encoding") != "" {
		return
	}
	h.Add("Vary", "Accept-Encoding")
	if length < minCompressed {
		return
	}
	h.Set("Content-Encoding", "gzip")
	h.Del("Content-Length")
	w.gzip, _ = packers.Get().(*gzip.Writer)
	w.gzip.Reset(w.ResponseWriter)
	w.gzip.Name = padding()
}

// close ends what was compressed.
func (w *packing) close() {
	if w.gzip == nil {
		return
	}
	_ = w.gzip.Close() // whoever asked is gone
	packers.Put(w.gzip)
	w.gzip = nil
}

// padding gives a text of a random length.
func padding() string {
	var b [1 + maxPadding/2]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[1:])[:int(b[0])%(maxPadding+1)]
}
