// Package site is the whole web site: the respondents' pages at the root, the
// staff pages under /staff, the API for programs under /api, and what all of them share: headers, sessions,
// protection against foreign forms, request ids and logs.
package site

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"

	"panelverk/internal/account"
	"panelverk/internal/fieldwork"
	"panelverk/internal/intake"
	"panelverk/internal/release"
	"panelverk/internal/secret"
	"panelverk/internal/site/api"
	"panelverk/internal/site/page"
	"panelverk/internal/site/respond"
	"panelverk/internal/site/staff"
)

// Deps is what the site needs. Web holds templates/ and static/.
type Deps struct {
	Fieldwork *fieldwork.Service
	Accounts  *account.Service
	Release   *release.Service
	Intake    *intake.Service
	Sessions  scs.CtxStore
	Ready     func(context.Context) error // whether the databases answer
	Web       fs.FS
	Dev       bool // templates and static files are read anew for each request
	BaseURL   string
	Log       *slog.Logger
	Now       func() time.Time
	Sending   staff.Sending
}

// New gives the site. It fails where a template does not parse.
func New(d Deps) (http.Handler, error) {
	pages, err := page.New(d.Web, d.Dev, d.Log)
	if err != nil {
		return nil, err
	}
	secure := strings.HasPrefix(d.BaseURL, "https://")
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.UseRawPath = false
	var otherwise respond.Otherwise
	engine.Use(requestID, logged(d.Log, d.Now), recovered(pages, &otherwise), sameOrigin(d.BaseURL, &otherwise))
	engine.GET("/static/:hash/:name", pages.Static)
	engine.GET("/healthz", func(c *gin.Context) {
		if err := d.Ready(c.Request.Context()); err != nil {
			pages.Log(c, err)
			c.String(http.StatusServiceUnavailable, "not ready\n")
			return
		}
		c.String(http.StatusOK, "ok\n")
	})
	engine.GET("/robots.txt", func(c *gin.Context) { c.String(http.StatusOK, "User-agent: *\nDisallow: /\n") })
	otherwise = respond.Register(engine, respond.Deps{Fieldwork: d.Fieldwork, Page: pages, Log: d.Log, Now: d.Now, Dev: d.Dev, Secure: secure})

	sessions := scs.New()
	sessions.Store = d.Sessions
	sessions.HashTokenInStore = true
	sessions.Lifetime = 12 * time.Hour
	sessions.IdleTimeout = 2 * time.Hour
	sessions.Cookie.Name = "panelverk"
	sessions.Cookie.Path = "/staff"
	sessions.Cookie.Secure = secure
	sessions.Cookie.Persist = false // it goes when the browser is closed
	sessions.Cookie.SameSite = http.SameSiteLaxMode
	unknownToStaff := staff.Register(engine.Group("/staff"), staff.Deps{Accounts: d.Accounts, Fieldwork: d.Fieldwork, Release: d.Release, Intake: d.Intake,
		Sessions: sessions, Page: pages, Now: d.Now, BaseURL: d.BaseURL, Sending: d.Sending})

	unknownToPrograms := api.Register(engine.Group(api.Root), api.Deps{Accounts: d.Accounts, Fieldwork: d.Fieldwork, Release: d.Release, Page: pages, Now: d.Now})

	unknown := func(c *gin.Context) {
		if api.Is(c.Request) {
			unknownToPrograms(c)
			return
		}
		if isStaff(c.Request) {
			unknownToStaff(c)
			return
		}
		otherwise.Unknown(c)
	}
	engine.NoRoute(unknown)
	engine.NoMethod(unknown)

	withSession := sessions.LoadAndSave(engine)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers(w.Header()) // here, since the router redirects some requests by itself
		// Respondents have no session: nothing of theirs is looked up or set.
		if isStaff(r) {
			withSession.ServeHTTP(w, r)
			return
		}
		engine.ServeHTTP(w, r)
	}), nil
}

func isStaff(r *http.Request) bool {
	return r.URL.Path == "/staff" || strings.HasPrefix(r.URL.Path, "/staff/")
}

// sameOrigin refuses forms that another site sends. A browser that knows
// Sec-Fetch-Site says so itself. One that does not (Safari before 16.4) sends
// "Origin: null" with our own forms, because our pages tell no referrer
// (Fetch, "append a request Origin header"); that passes: a respondent's form
// needs the token in its path, and the staff's cookie is SameSite=Lax.
func sameOrigin(baseURL string, otherwise *respond.Otherwise) gin.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	if u, err := url.Parse(baseURL); err == nil {
		// The Host header may be a proxy's own. What is no origin is compared
		// with the Host header alone.
		_ = protection.AddTrustedOrigin(u.Scheme + "://" + u.Host)
	}
	return func(c *gin.Context) {
		h := c.Request.Header
		if h.Get("Sec-Fetch-Site") == "" && h.Get("Origin") == "null" {
			return
		}
		if protection.Check(c.Request) != nil {
			otherwise.Foreign(c)
			c.Abort()
		}
	}
}

// requestID gives each request an id, for the log and for people to quote.
func requestID(c *gin.Context) {
	c.Set("request", secret.NewID()[:8])
}

// logged writes a line for each request: the route, never the path, which
// holds tokens and labels.
func logged(log *slog.Logger, now func() time.Time) gin.HandlerFunc {
	return func(c *gin.Context) {
		began := now()
		c.Next()
		level := slog.LevelDebug
		if c.Writer.Status() >= http.StatusInternalServerError {
			level = slog.LevelError
		}
		if !log.Enabled(c.Request.Context(), level) {
			return
		}
		log.Log(c.Request.Context(), level, "request", "request", c.GetString("request"), "method", c.Request.Method,
			"route", c.FullPath(), "status", c.Writer.Status(), "took", now().Sub(began))
	}
}

// recovered answers a panic with a neutral page and logs it.
func recovered(pages *page.Renderer, otherwise *respond.Otherwise) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			if p := recover(); p != nil {
				if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(p)
				}
				pages.LogPanic(c, p)
				if !c.Writer.Written() {
					otherwise.Failed(c)
				}
				c.Abort()
			}
		}()
		c.Next()
	}
}

// headers sets what every answer carries. Nothing is loaded from elsewhere,
// nothing is kept, and no address of ours is told to others.
func headers(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; worker-src 'self'; img-src 'self' data:; media-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("X-Robots-Tag", "noindex, nofollow")
}
