// Package page renders the pages of both sides and decides, in one place,
// which HTTP status an error gets.
//
// A page is a file templates/<side>/<name>.html. It is parsed together with
// the layout of its side (templates/<side>/_layout.html) and every other file
// of the side whose name begins with an underscore; it defines "title" and
// "main". Start-up fails on a template that does not parse.
package page

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

// Renderer holds the parsed templates and the static files. It is safe for
// concurrent use.
type Renderer struct {
	fsys  fs.FS
	dev   bool
	log   *slog.Logger
	pages map[string]*template.Template
	files map[string]static
	funcs template.FuncMap
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// New parses every template under fsys and reads its static files. With dev
// set both are read anew for each request, from a file system on disk.
func New(fsys fs.FS, dev bool, log *slog.Logger) (*Renderer, error) {
	r := &Renderer{fsys: fsys, dev: dev, log: log}
	r.funcs = template.FuncMap{"static": r.address, "dict": dict, "add": func(a, b int) int { return a + b }}
	if err := r.read(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Renderer) read() error {
	files, err := readStatic(r.fsys)
	if err != nil {
		return err
	}
	r.files = files
	r.pages = map[string]*template.Template{}
	for _, side := range []string{"respond", "staff"} {
		if err := r.parse(side); err != nil {
			return err
		}
	}
	return nil
}

func (r *Renderer) parse(side string) error {
	names, err := fs.Glob(r.fsys, "templates/"+side+"/*.html")
	if err != nil {
		return err
	}
	shared, err := fs.Glob(r.fsys, "templates/common/*.html")
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			shared = append(shared, name)
		}
	}
	common := template.New(side).Option("missingkey=error").Funcs(r.funcs)
	if len(shared) > 0 {
		if common, err = common.ParseFS(r.fsys, shared...); err != nil {
			return fmt.Errorf("templates of %s: %w", side, err)
		}
	}
	for _, name := range names {
		base := path.Base(name)
		if strings.HasPrefix(base, "_") {
			continue
		}
		t, err := common.Clone()
		if err == nil {
			t, err = t.ParseFS(r.fsys, name) // last: it may have a layout of its own
		}
		if err != nil {
			return fmt.Errorf("template %s: %w", name, err)
		}
		for _, block := range []string{"layout", "title", "main"} {
			if t.Lookup(block) == nil {
				return fmt.Errorf("template %s: no block %q", name, block)
			}
		}
		r.pages[side+"/"+strings.TrimSuffix(base, ".html")] = t
	}
	return nil
}

// Show renders the page name ("staff/login") with the data and writes it with
// the status. A page that fails is logged and answered with a plain 500.
func (r *Renderer) Show(c *gin.Context, status int, name string, data any) {
	if r.dev {
		fresh, err := New(r.fsys, false, r.log)
		if err != nil {
			r.log.Error("template", "page", name, "error", err)
			c.String(http.StatusInternalServerError, err.Error())
			return
		}
		r = fresh
	}
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := r.Execute(b, name, data); err != nil {
		r.log.Error("template", "page", name, "error", err)
		c.String(http.StatusInternalServerError, "Something went wrong on our side.")
		return
	}
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
}

// Part renders one block of the page name, "title" or "main", into w.
func (r *Renderer) Part(w io.Writer, name, block string, data any) error {
	t, ok := r.pages[name]
	if !ok {
		return fmt.Errorf("no page %q", name)
	}
	return t.ExecuteTemplate(w, block, data)
}

// Execute renders the page name with the data into w.
func (r *Renderer) Execute(w io.Writer, name string, data any) error {
	t, ok := r.pages[name]
	if !ok {
		return fmt.Errorf("no page %q", name)
	}
	return t.ExecuteTemplate(w, "layout", data)
}

// Status gives the HTTP status of an error: the one place that decides it.
func Status(err error) int {
	switch fault.Of(err).Kind {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Conflict:
		return http.StatusConflict
	case fault.Gone:
		return http.StatusGone
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Full:
		return http.StatusInsufficientStorage
	}
	return http.StatusInternalServerError
}

// Sentence gives what to tell people of an error, in their language: the text
// "fault.<code>" where there is one, else the error's own sentence. What is
// unexpected gives a neutral sentence; Log writes the rest.
func Sentence(t *lang.Texts, err error) string {
	e := fault.Of(err)
	return translated(t, "fault."+e.Code, e.Message, e.Args)
}

// ProblemSentence does the same for one problem ("problem.<code>").
func ProblemSentence(t *lang.Texts, p fault.Problem) string {
	return translated(t, "problem."+p.Code, p.Message, p.Args)
}

func translated(t *lang.Texts, key, message string, values map[string]any) string {
	if !t.Has(key) && !lang.For("en").Has(key) {
		return message
	}
	args := make([]any, 0, 2*len(values))
	for name, v := range values {
		args = append(args, name, v)
	}
	return t.T(key, args...)
}

// Log writes an unexpected error with the request's id. Of an expected one it
// writes the code alone, at the debug level: its sentences may repeat what
// somebody typed.
func (r *Renderer) Log(c *gin.Context, err error) {
	e := fault.Of(err)
	if e.Kind == fault.Internal || e.Kind == fault.Full {
		r.log.ErrorContext(c.Request.Context(), "request failed", "request", c.GetString("request"), "route", c.FullPath(), "error", err)
		return
	}
	r.log.DebugContext(c.Request.Context(), "request refused", "request", c.GetString("request"), "route", c.FullPath(), "code", e.Code)
}

// LogPanic writes a panic with the request's id and where it happened.
func (r *Renderer) LogPanic(c *gin.Context, p any) {
	r.log.Error("panic", "request", c.GetString("request"), "route", c.FullPath(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
}

// dict makes a map of names and values in turn, to hand several things to a
// template.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d values", len(pairs))
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}
