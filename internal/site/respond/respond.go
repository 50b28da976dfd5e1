// Package respond is the respondents' pages: start, one page of questions at a
// time, a review, thanks, and what to say when a link does not open anything.
//
// Every page is plain HTML that works without scripts and, going forward,
// without cookies. A GET changes nothing. The token of the link is in the path
// and is never logged. A device sees the answers that it gave itself, which it
// proves by a cookie that the start button set; see fieldwork and
// interview.Document.
package respond

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/site/page"
	"panelverk/internal/store"
)

// maxForm is how large a posted page may be.
const maxForm = 2 << 20

var errUnreadable = fault.New(fault.Invalid, "form_unreadable", "What was sent cannot be read.")

// Deps is what the pages need.
type Deps struct {
	Fieldwork *fieldwork.Service
	Page      *page.Renderer
	Log       *slog.Logger
	Now       func() time.Time
	Dev       bool // templates change while the server runs: nothing of them is kept
	Secure    bool // the site is reached by https: cookies say so
}

type site struct {
	Deps
	stencils stencils
	handoff  handoff
}

// Otherwise is what to answer where no route of a respondent does: kind pages
// in the visitor's language, without a link.
type Otherwise struct {
	Unknown gin.HandlerFunc // no such address, or none for this method; the status is set already
	Foreign gin.HandlerFunc // a form of another site
	Failed  gin.HandlerFunc // a panic, which has been logged
}

// Register adds the respondents' routes.
func Register(engine gin.IRouter, d Deps) Otherwise {
	s := &site{Deps: d}
	r := engine.Group("", page.Compressed)
	r.GET("/", s.codePage)
	r.POST("/", s.codePost)
	r.GET("/link", s.renewPage)
	r.POST("/link", s.renewPost)
	r.GET("/u/:token", s.stopPage)
	r.POST("/u/:token", s.stopPost)
	r.GET("/join", s.joinCodePage)
	r.POST("/join", s.joinCodePost)
	r.GET("/join/:key", s.joinForm)
	r.POST("/join/:key", s.joinPost)
	r.GET("/join/:key/sent", s.joinSent)
	r.GET("/join/confirm/:token", s.confirmPage)
	r.POST("/join/confirm/:token", s.confirmPost)
	r.GET("/join/code/:token", s.withCode)
	r.POST("/join/code/:token", s.withCodePost)
	g := r.Group("/s/:token")
	g.GET("", s.startPage)
	g.POST("", s.startPost)
	g.GET("/p/:page", s.questionsPage)
	g.POST("/p/:page", s.questionsPost)
	g.POST("/saves", s.saves)
	g.GET("/file/:question", s.ownFile)
	g.GET("/media/:hash/:name", s.mediaFile)
	g.HEAD("/media/:hash/:name", s.mediaFile)
	g.GET("/whole", s.whole)
	g.GET("/review", s.reviewPage)
	g.POST("/review", s.reviewPost)
	g.GET("/thanks", s.thanksPage)
	g.GET("/prove", s.provePage)
	g.POST("/prove", s.provePost)
	g.GET("/leave", s.leavePage)
	g.POST("/leave", s.leavePost)
	g.GET("/leave/:how", s.sureGet)
	g.POST("/leave/:how", s.surePost)
	g.GET("/receipt", s.receiptPage)
	g.POST("/receipt", s.resumePost)
	g.GET("/answers", s.ownPage)
	g.GET("/feedback", s.feedbackPage)
	g.GET("/answers/:file", s.ownFilePage)
	g.GET("/info", s.infoPage)
	g.GET("/info/:version", s.agreedPage)
	g.GET("/help", s.helpPage)
	return Otherwise{Unknown: s.unknown, Foreign: s.foreign, Failed: s.failed}
}

// frame is what every page of a respondent has.
type frame struct {
	L      *lang.Texts
	Lang   string
	Tab    string // the window's title, before " – Enkät"
	Public string // the neutral title of the study
	Path   string // "/s/TOKEN", "" without a link
	Ask    string // "?lang=de" where the page is in another language than the visit
	Wrong  bool   // the page tells of errors
	Saves  bool   // help and information are buttons that save the page first
	Footer bool
	Role   string // of whom to ask: a role, never a name
	Trial  *Trial // staff tries the questionnaire out; nil for a respondent
}

// Direction is that of the page's language, for HTML's dir.
func (f frame) Direction() string { return lang.Direction(f.Lang) }

func (s *site) frame(c *gin.Context, v *fieldwork.Visit, tag, tab string) frame {
	l := lang.For(tag)
	role, _ := v.Study.Contact.Role.In(tag, v.Study.DefaultLanguage())
	f := frame{L: l, Lang: tag, Tab: l.T(tab), Public: fieldwork.PublicTitle(v.Study, tag), Path: "/s/" + c.Param("token"), Footer: true, Role: role}
	if tag != v.Language() {
		f.Ask = "?lang=" + tag
	}
	return f
}

// visit gives the visit of the request's token, and false after it has
// answered the request itself: an unknown link, a closed wave, somebody who left.
func (s *site) visit(c *gin.Context) (*fieldwork.Visit, bool) {
	v, err := s.Fieldwork.Visit(c.Request.Context(), s.Now(), c.Param("token"))
	if err != nil {
		s.fail(c, nil, err)
		return nil, false
	}
	return v, s.recognise(c, v)
}

// open does the same, and also wants the wave to be open.
func (s *site) open(c *gin.Context) (*fieldwork.Visit, bool) {
	v, ok := s.visit(c)
	if ok && v.Gate != fieldwork.GateOpen {
		s.shut(c, v)
		return nil, false
	}
	return v, ok
}

// begun does the same, and sends whoever has not pressed the start button there.
func (s *site) begun(c *gin.Context) (*fieldwork.Visit, bool) {
	v, ok := s.open(c)
	if ok && (!v.Begun() || v.ConsentNeeded()) {
		c.Redirect(http.StatusSeeOther, "/s/"+c.Param("token"))
		return nil, false
	}
	return v, ok
}

// form reads a posted form; false after it has answered that it is too large
// or no form at all. v is nil where no link is known.
func (s *site) form(c *gin.Context, v *fieldwork.Visit) bool {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxForm)
	if err := c.Request.ParseForm(); err != nil {
		s.fail(c, v, errUnreadable.Because(err))
		return false
	}
	return true
}

// state is a page that only tells something.
type state struct {
	frame
	Title, Text, More string
	CodeLink          bool
	Erase             bool   // who left may still have the answers erased
	Wipe              bool   // nothing more will be answered: the device forgets what it keeps
	Again             bool   // a way back to the questionnaire
	Request           string // the number to quote
	Feedback          string // where the panel's answers are shown, "" where they are not
}

// shut tells that the link opens nothing now, and what to do.
func (s *site) shut(c *gin.Context, v *fieldwork.Visit) {
	tag := s.tag(c, v)
	d := state{frame: s.frame(c, v, tag, "respond.tab")}
	l, zone := d.L, v.Study.TimeZone
	status := http.StatusGone
	switch v.Gate {
	case fieldwork.GatePlanned:
		at := v.Wave.Opens.In(zone)
		status = http.StatusConflict
		d.Title, d.Text = l.T("state.planned_title"), l.T("state.planned_text", "date", l.Date(at), "clock", l.Clock(at))
		if !v.Wave.Opens.After(s.Now()) { // it waits for something of their own
			d.Text = l.T("state.planned_later")
		}
	case fieldwork.GateResting:
		status = http.StatusConflict
		d.Title, d.Text = l.T("state.rest_title"), s.rested(l, v.Participant.CodesFrom.In(zone), s.Now().In(zone))
		d.More = l.T("state.rest_why")
		if v.Begun() && !v.Submitted() {
			d.More += " " + l.T("state.rest_saved")
		}
	case fieldwork.GateUnasked:
		status = http.StatusOK
		d.Title, d.Text = l.T("state.unasked_title"), l.T("state.unasked_text")
		if v.Next != nil {
			d.More = l.T("state.unasked_next", "date", l.DateYear(v.Next.Opens.In(zone)))
		}
	case fieldwork.GateLeft:
		d.Wipe = true
		d.Title, d.Text = l.T("state.left_title"), l.T("state.left_text")
		d.Erase = v.Participant.Status == store.Left
	default:
		d.Wipe = true
		d.Title, d.Text = l.T("state.closed_title"), l.T("state.closed_last")
		if v.Next != nil {
			d.Text = l.T("state.closed_next", "date", l.DateYear(v.Next.Opens.In(zone)))
		}
		if v.Begun() && !v.Submitted() {
			d.More = l.T("state.closed_saved")
			if c.Request.Method == http.MethodPost {
				d.More = l.T("state.closed_late")
			}
		}
	}
	if v.Gate == fieldwork.GateClosed {
		var err error
		if d.Feedback, err = s.feedbackAt(c, v); err != nil {
			s.fail(c, v, err)
			return
		}
	}
	s.Page.Show(c, status, "respond/state", d)
}

// rested says from when a link works again: within a day, so tomorrow or today.
func (s *site) rested(l *lang.Texts, from, now time.Time) string {
	if from.YearDay() == now.YearDay() {
		return l.T("state.rest_today", "clock", l.Clock(from))
	}
	return l.T("state.rest_tomorrow", "clock", l.Clock(from))
}

// fail answers a request that went wrong, in words that say what to do.
func (s *site) fail(c *gin.Context, v *fieldwork.Visit, err error) {
	s.Page.Log(c, err)
	s.tell(c, v, err)
}

// tell is fail for what has been logged.
func (s *site) tell(c *gin.Context, v *fieldwork.Visit, err error) {
	d := s.bare(c)
	if v != nil {
		d.frame = s.frame(c, v, s.tag(c, v), "respond.tab")
		d.Footer = false
	}
	l := d.L
	switch fault.Of(err).Kind {
	case fault.NotFound:
		d.Title, d.Text, d.CodeLink = l.T("state.unknown_title"), l.T("state.unknown_text"), true
	case fault.Full:
		d.Title, d.Text, d.Request = l.T("state.not_saved_title"), l.T("state.not_saved_text"), c.GetString("request")
	case fault.Internal:
		d.Title, d.Text, d.Request = l.T("state.error_title"), l.T("state.error_text"), c.GetString("request")
		if c.Request.Method == http.MethodPost {
			d.Title, d.Text = l.T("state.not_saved_title"), l.T("state.not_saved_text")
		}
	default:
		d.Title = page.Sentence(l, err)
		d.Again = v != nil
		if errors.Is(err, errUnreadable) {
			d.Title, d.Text = l.T("state.not_saved_title"), d.Title
		}
	}
	s.Page.Show(c, page.Status(err), "respond/state", d)
}

// bare is a page for somebody whose link is not known, in the language that
// the browser asks for.
func (s *site) bare(c *gin.Context) state {
	tag := lang.Choose(c.GetHeader("Accept-Language"), lang.Tags)
	l := lang.For(tag)
	return state{frame: frame{L: l, Lang: tag, Tab: l.T("respond.tab"), Public: l.T("respond.tab")}}
}

func (s *site) unknown(c *gin.Context) {
	d := s.bare(c)
	d.Title, d.Text, d.CodeLink = d.L.T("state.unknown_title"), d.L.T("state.unknown_text"), true
	s.Page.Show(c, c.Writer.Status(), "respond/state", d)
}

func (s *site) foreign(c *gin.Context) {
	d := s.bare(c)
	d.Title, d.Text = d.L.T("state.tampered_title"), d.L.T("state.tampered_text")
	s.Page.Show(c, http.StatusForbidden, "respond/state", d)
}

var errPanicked = fault.New(fault.Internal, "internal", "Something went wrong on our side.")

func (s *site) failed(c *gin.Context) { s.tell(c, nil, errPanicked) }

// tag gives the language to answer in: one asked for in the address, else the visit's.
func (s *site) tag(c *gin.Context, v *fieldwork.Visit) string {
	if want := c.Query("lang"); slices.Contains(v.Study.Languages, want) {
		return want
	}
	return v.Language()
}
