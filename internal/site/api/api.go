// Package api is what programs ask for: the frozen releases of a study, with a
// token of somebody who may download them. It reads and changes nothing but the
// notes of what was handed out.
//
// openapi.json describes it, and a test keeps the two the same. Whoever asks
// says who they are in the header Authorization (Bearer, RFC 6750) and there
// alone: no cookie is read, no token in an address, and no page of another site
// may ask (no CORS). Errors are application/problem+json (RFC 9457) with the code
// of the fault. Every answer has a strong ETag; Cache-Control stays no-store,
// since what comes is personal data: a program that keeps its copy asks with
// If-None-Match, and nothing between keeps another.
package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"panelverk/internal/access"
	"panelverk/internal/account"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/release"
	"panelverk/internal/site/page"
)

// Root is where the API begins.
const Root = "/api"

// Description is the OpenAPI 3.1 description that is served.
//
//go:embed openapi.json
var Description []byte

// Deps is what the API works with.
type Deps struct {
	Accounts  *account.Service
	Fieldwork *fieldwork.Service
	Release   *release.Service
	Page      *page.Renderer
	Now       func() time.Time
}

type site struct{ Deps }

// request is one question with who asks, and when.
type request struct {
	*gin.Context
	*site
	now   time.Time
	actor access.Actor
}

// route is one address. Open ones ask for no token.
type route struct {
	path   string
	open   bool
	handle func(*request) error
}

var routes = []route{
	{"/v1/openapi.json", true, (*request).description},
	{"/v1/studies", false, (*request).studies},
	{"/v1/studies/:study/releases", false, (*request).releases},
	{"/v1/studies/:study/releases/:number", false, (*request).release},
	{"/v1/studies/:study/releases/:number/:file", false, (*request).data},
}

var (
	errNoAddress = fault.New(fault.NotFound, "address_not_found", "There is no such address. "+Root+"/v1/openapi.json lists those there are.")
	errMethod    = fault.New(fault.Invalid, "method_not_allowed", "The API is read with GET and HEAD.")
	errNoBearer  = fault.New(fault.Unauthenticated, "token_missing", "Send a token in the header Authorization: Bearer pv_….")
	errNumber    = fault.New(fault.NotFound, "release_not_found", "There is no such release.")
)

// Register adds the API to the router, which stands under Root. It gives what
// answers where nothing is: the status is set already.
func Register(r gin.IRouter, d Deps) (unknown gin.HandlerFunc) {
	s := &site{Deps: d}
	for _, rt := range routes {
		r.GET(rt.path, s.run(rt))
		r.HEAD(rt.path, s.run(rt))
	}
	return func(c *gin.Context) {
		if c.Writer.Status() == http.StatusMethodNotAllowed {
			s.tell(c, http.StatusMethodNotAllowed, errMethod)
			return
		}
		s.fail(c, errNoAddress)
	}
}

// Is tells whether a request is for the API.
func Is(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, Root+"/") }

func (s *site) run(rt route) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			if p := recover(); p != nil {
				if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(p)
				}
				s.Page.LogPanic(c, p)
				if !c.Writer.Written() {
					s.tell(c, http.StatusInternalServerError, fault.Of(errPanic))
				}
			}
		}()
		r := &request{Context: c, site: s, now: s.Now()}
		err := r.identify(rt)
		if err == nil {
			err = rt.handle(r)
		}
		if err != nil {
			s.fail(c, err)
		}
	}
}

// identify reads the token, if the route asks for one.
func (r *request) identify(rt route) (err error) {
	if rt.open {
		return nil
	}
	scheme, token, _ := strings.Cut(r.GetHeader("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return errNoBearer
	}
	r.actor, err = r.Accounts.Bearer(r.Request.Context(), r.now, strings.TrimSpace(token))
	return err
}

// number gives the release of the path.
func (r *request) number() (int, error) {
	n, err := strconv.Atoi(r.Param("number"))
	if err != nil || n < 1 || strconv.Itoa(n) != r.Param("number") {
		return 0, errNumber
	}
	return n, nil
}

// json answers with a value; its ETag is of its bytes.
func (r *request) json(value any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return err
	}
	r.send(b.Bytes())
	return nil
}

func (r *request) send(body []byte) {
	sum := sha256.Sum256(body)
	r.Header("Content-Type", "application/json")
	r.Header("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	r.Request.Header.Del("If-Match")
	r.Request.Header.Del("Range") // no part of it is of use
	http.ServeContent(r.Writer, r.Request, "", time.Time{}, bytes.NewReader(body))
}

func (r *request) description() error {
	r.send(Description)
	return nil
}
