package respond

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/store"
)

// Leaving goes over three pages: the ways; for the two that end it all, what
// that means, to be confirmed; and a receipt. A pause needs no confirmation: the
// receipt has a button that ends it. Everything works with the link of any wave,
// open or closed, and for those who left and let their answers stay.

// The ways that are a pause, as the form says them.
const (
	pauseUntil  = "pause" // until a day
	pauseToNext = "next"  // until the next wave opens
)

// usualPause is how long a pause the form offers.
const usualPause = 14 * 24 * time.Hour

type leaveView struct {
	frame
	How     string // what was chosen
	Missing bool
	When    bool   // the day cannot be taken
	Open    bool   // the wave can be skipped
	Next    string // the day on which the next wave opens, "" where none does
	Day     string // until when a pause is offered, 2017-04-02
	Paused  string // the day on which a pause ends, "" without one
}

// mayLeave gives the visit of somebody who may look at the ways, or has
// answered the request itself.
func (s *site) mayLeave(c *gin.Context) (*fieldwork.Visit, *fieldwork.Parting, bool) {
	v, ok := s.visit(c)
	if !ok {
		return nil, nil, false
	}
	if v.Gate == fieldwork.GateResting {
		s.shut(c, v)
		return nil, nil, false
	}
	p, err := s.Fieldwork.Parting(c.Request.Context(), s.Now(), v)
	if err != nil {
		s.fail(c, v, err)
		return nil, nil, false
	}
	return v, p, true
}

// leavePage works also when the wave is closed: one may leave at any time.
func (s *site) leavePage(c *gin.Context) {
	v, p, ok := s.mayLeave(c)
	if !ok {
		return
	}
	if p.Status != store.Active {
		s.showReceipt(c, v, p)
		return
	}
	s.showLeave(c, v, p, http.StatusOK, leaveView{})
}

func (s *site) showLeave(c *gin.Context, v *fieldwork.Visit, p *fieldwork.Parting, status int, d leaveView) {
	next, err := s.Fieldwork.Coming(c.Request.Context(), s.Now(), v)
	if err != nil {
		s.fail(c, v, err)
		return
	}
	d.frame = s.frame(c, v, s.tag(c, v), "leave.tab")
	d.Open, d.Wrong = v.Gate == fieldwork.GateOpen && !v.Submitted(), d.Missing || d.When
	if d.Day == "" {
		d.Day = s.Now().Add(usualPause).In(v.Study.TimeZone).Format(time.DateOnly)
	}
	if next != nil {
		d.Next = d.L.DateYear(next.Opens.In(v.Study.TimeZone))
	}
	if !p.Paused.IsZero() {
		d.Paused = d.L.DateYear(p.Paused.In(v.Study.TimeZone))
	}
	s.Page.Show(c, status, "respond/leave", d)
}

func (s *site) leavePost(c *gin.Context) {
	v, p, ok := s.mayLeave(c)
	if !ok || !s.form(c, v) {
		return
	}
	if p.Status != store.Active {
		s.showReceipt(c, v, p)
		return
	}
	ctx, now, f := c.Request.Context(), s.Now(), c.Request.PostForm
	how, day := f.Get("how"), f.Get("day")
	var err error
	switch how {
	case string(fieldwork.LeaveKeep), string(fieldwork.LeaveErased):
		c.Redirect(http.StatusSeeOther, "/s/"+c.Param("token")+"/leave/"+how+s.ask(c, v))
		return
	case string(fieldwork.SkipWave):
		err = s.Fieldwork.Leave(ctx, now, v, fieldwork.SkipWave)
	case pauseUntil:
		until, wrong := time.ParseInLocation(time.DateOnly, interview.Day(day), v.Study.TimeZone)
		if wrong != nil {
			s.showLeave(c, v, p, http.StatusUnprocessableEntity, leaveView{How: how, When: true, Day: day})
			return
		}
		err = s.Fieldwork.Pause(ctx, now, v, until)
	case pauseToNext:
		next, failed := s.Fieldwork.Coming(ctx, now, v)
		if err = failed; err == nil && next != nil {
			err = s.Fieldwork.Pause(ctx, now, v, next.Opens)
		}
	default:
		s.showLeave(c, v, p, http.StatusUnprocessableEntity, leaveView{Missing: true})
		return
	}
	if e := fault.Of(err); e != nil && e.Code == "pause_when" {
		s.showLeave(c, v, p, http.StatusUnprocessableEntity, leaveView{How: how, When: true, Day: day})
		return
	}
	if err != nil {
		s.fail(c, v, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/s/"+c.Param("token")+"/receipt"+s.ask(c, v))
}

// ask gives what keeps a page in the language of the one before it.
func (s *site) ask(c *gin.Context, v *fieldwork.Visit) string {
	return "?lang=" + s.tag(c, v)
}

type sureView struct {
	frame
	How      string
	Keep     bool
	Proved   bool   // this device has proved itself, or there is nothing to prove
	Missing  bool   // and it has not, and the box was not ticked
	Answered bool   // there are answers, so that they can be taken along
	Prove    string // where one proves oneself, "" for nowhere
	Files    handedOut
}

// sureGet shows what leaving means, to be confirmed.
func (s *site) sureGet(c *gin.Context) {
	if v, p, ok := s.mayLeave(c); ok {
		s.showSure(c, v, p, http.StatusOK)
	}
}

func (s *site) showSure(c *gin.Context, v *fieldwork.Visit, p *fieldwork.Parting, status int) {
	how := fieldwork.Leaving(c.Param("how"))
	switch {
	case how != fieldwork.LeaveKeep && how != fieldwork.LeaveErased:
		c.Status(http.StatusNotFound)
		s.unknown(c)
		return
	case p.Status != store.Active && (p.Status != store.Left || how == fieldwork.LeaveKeep):
		s.showReceipt(c, v, p)
		return
	}
	own, err := s.Fieldwork.Own(c.Request.Context(), s.Now(), v, s.proof(c, v))
	if err != nil {
		s.fail(c, v, err)
		return
	}
	d := sureView{frame: s.frame(c, v, s.tag(c, v), "leave.tab"), How: string(how), Keep: how == fieldwork.LeaveKeep,
		Proved: own.All(), Answered: len(own.Interviews) > 0, Missing: status != http.StatusOK}
	d.Wrong = d.Missing
	if !d.Proved {
		d.Prove = s.proveAt(d.frame, toErase)
	}
	d.Files = s.days(d.frame, v, p)
	s.Page.Show(c, status, "respond/leavesure", d)
}

// handedOut is the files that were handed out, an entry a day.
type handedOut []handedOutOn

type handedOutOn struct {
	Day         string
	first, last int // their numbers
}

// Count gives how many files they are.
func (h handedOut) Count() int { return h[len(h)-1].last }

// Numbers says which they are: 3, or 3–5.
func (h handedOutOn) Numbers() string {
	if h.first == h.last {
		return strconv.Itoa(h.first)
	}
	return fmt.Sprintf("%d–%d", h.first, h.last)
}

// days gives when files were handed out; those of one day are one line.
func (s *site) days(f frame, v *fieldwork.Visit, p *fieldwork.Parting) handedOut {
	var out handedOut
	for i, at := range p.Files {
		day := f.L.DateYear(at.In(v.Study.TimeZone))
		if len(out) == 0 || out[len(out)-1].Day != day {
			out = append(out, handedOutOn{Day: day, first: i + 1})
		}
		out[len(out)-1].last = i + 1
	}
	return out
}

func (s *site) surePost(c *gin.Context) {
	v, p, ok := s.mayLeave(c)
	if !ok || !s.form(c, v) {
		return
	}
	how := fieldwork.Leaving(c.Param("how"))
	if how != fieldwork.LeaveKeep && how != fieldwork.LeaveErased || p.Status == store.Erased {
		s.showSure(c, v, p, http.StatusOK)
		return
	}
	tag := s.tag(c, v) // of what is erased no language is left
	if how == fieldwork.LeaveErased && !c.Request.PostForm.Has("mine") {
		own, err := s.Fieldwork.Own(c.Request.Context(), s.Now(), v, s.proof(c, v))
		if err != nil {
			s.fail(c, v, err)
			return
		}
		if !own.All() {
			s.showSure(c, v, p, http.StatusUnprocessableEntity)
			return
		}
	}
	s.handoff.take(c.Param("token"), s.Now()) // nothing of before is shown any more
	s.proof(c, v)
	err := s.Fieldwork.Leave(c.Request.Context(), s.Now(), v, how)
	if e := fault.Of(err); e != nil && e.Code == "proof_needed" {
		c.Redirect(http.StatusSeeOther, s.proveAt(s.frame(c, v, tag, "leave.tab"), toErase))
		return
	}
	if err != nil {
		s.fail(c, v, err)
		return
	}
	s.forget(c, v)
	c.Redirect(http.StatusSeeOther, "/s/"+c.Param("token")+"/receipt?lang="+tag)
}

type receiptView struct {
	frame
	State   string // left, erased, paused, skipped
	When    string // the day it happened, or until which a pause goes
	Files   handedOut
	Next    string // the day on which the next wave opens
	Can     bool   // the questionnaire is open all the same
	CanLeft bool   // the answers may still be erased
}

// receiptPage tells how somebody stands who paused or left, at any time after.
func (s *site) receiptPage(c *gin.Context) {
	v, p, ok := s.mayLeave(c)
	if !ok {
		return
	}
	if p.Status == store.Active && p.Paused.IsZero() && !p.Skipped {
		c.Redirect(http.StatusSeeOther, "/s/"+c.Param("token")+"/leave"+s.ask(c, v))
		return
	}
	s.showReceipt(c, v, p)
}

func (s *site) showReceipt(c *gin.Context, v *fieldwork.Visit, p *fieldwork.Parting) {
	d := receiptView{frame: s.frame(c, v, s.tag(c, v), "leave.tab"), Can: v.Gate == fieldwork.GateOpen && !v.Submitted()}
	day := func(at time.Time) string { return d.L.DateYear(at.In(v.Study.TimeZone)) }
	switch {
	case p.Status == store.Left:
		d.State, d.When, d.CanLeft = "left", day(p.LeftAt), true
	case p.Status != store.Active:
		d.State, d.When, d.Footer = "erased", day(p.LeftAt), false
	case p.Skipped && p.Paused.IsZero():
		d.State = "skipped"
	default:
		d.State, d.When = "paused", day(p.Paused)
	}
	if d.State == "left" || d.State == "erased" {
		d.Files = s.days(d.frame, v, p)
	}
	if d.State == "skipped" {
		next, err := s.Fieldwork.Coming(c.Request.Context(), s.Now(), v)
		if err != nil {
			s.fail(c, v, err)
			return
		}
		if next != nil {
			d.Next = day(next.Opens)
		}
	}
	s.Page.Show(c, http.StatusOK, "respond/receipt", d)
}

// resumePost ends a pause.
func (s *site) resumePost(c *gin.Context) {
	v, ok := s.visit(c)
	if !ok || !s.form(c, v) {
		return
	}
	if err := s.Fieldwork.Resume(c.Request.Context(), s.Now(), v); err != nil {
		s.fail(c, v, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/s/"+c.Param("token")+"/leave"+s.ask(c, v))
}
