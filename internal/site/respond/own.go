package respond

import (
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
)

// ownView is somebody's own answers, on a page or in a file of its own.
type ownView struct {
	frame
	File    bool   // it is a file: nothing of it leads back to the site
	Made    string // when it was put together
	Agreed  []agreement
	Waves   []ownWave
	Hidden  string // how many answers this device does not open, "" for none
	Nothing bool   // there are no answers
	Prove   string // where one proves that the others are one's own too
}

// agreement is a consent that was given.
type agreement struct {
	When     string
	Said     string // version and language in words
	Tag      string // of its text
	Body     template.HTML
	Address  string // of its page, "" where the text is not known
	Present  bool   // it is the text in force, in the language of the page
	Version  int
	Language string
}

// ownWave is the answers of one wave.
type ownWave struct {
	Title, When string
	Parts       []ReviewPart
}

func (s *site) agreed(f frame, v *fieldwork.Visit, all []fieldwork.Agreed) []agreement {
	var out []agreement
	for _, a := range all {
		one := agreement{When: f.L.DateYear(a.At.In(v.Study.TimeZone)), Tag: a.Language, Version: a.Version, Language: lang.Name(a.Language),
			Said: f.L.T("rights.version", "count", a.Version, "language", lang.Name(a.Language))}
		if a.Text != "" {
			one.Body = prose(a.Text)
			one.Address = f.Path + "/info/" + strconv.Itoa(a.Version) + f.Ask
		}
		c := v.Study.Consent
		one.Present = c != nil && a.Version == c.Version && a.Hash == c.Hash(f.Lang)
		out = append(out, one)
	}
	return out
}

// owned gives the answers that the request has proved to be its own, or has
// answered the request itself.
func (s *site) owned(c *gin.Context) (*fieldwork.Visit, *fieldwork.Own, bool) {
	v, ok := s.visit(c)
	if !ok {
		return nil, nil, false
	}
	if v.Gate == fieldwork.GateResting {
		s.shut(c, v)
		return nil, nil, false
	}
	own, err := s.Fieldwork.Own(c.Request.Context(), s.Now(), v, s.proof(c, v))
	if err != nil {
		s.fail(c, v, err)
		return nil, nil, false
	}
	return v, own, true
}

func (s *site) ownView(c *gin.Context, v *fieldwork.Visit, own *fieldwork.Own) ownView {
	tag := s.tag(c, v)
	d := ownView{frame: s.frame(c, v, tag, "rights.own_tab"), Nothing: len(own.Interviews) == 0}
	d.Agreed = s.agreed(d.frame, v, own.Agreed)
	made := own.Made.In(v.Study.TimeZone)
	d.Made = d.L.T("rights.made", "date", d.L.DateYear(made), "clock", d.L.Clock(made))
	if own.Hidden > 0 {
		d.Hidden = d.L.T("rights.hidden", "count", own.Hidden)
		d.Prove = s.proveAt(d.frame, toAnswers)
	}
	for _, i := range own.Interviews {
		w := ownWave{When: d.L.T("rights.begun", "date", d.L.DateYear(i.Interview.StartedAt.In(v.Study.TimeZone)))}
		w.Title, _ = i.Wave.Title.In(tag, v.Study.DefaultLanguage())
		if i.Submitted() {
			w.When = d.L.T("rights.sent", "date", d.L.DateYear(i.Interview.SubmittedAt.In(v.Study.TimeZone)))
		}
		w.Parts = Summarise(i.Visit, fieldwork.OwnDevice, tag, nil, i.Interview.LastAt).Parts
		if i.Hidden > 0 { // which questions were asked tells what was answered to others
			w.Parts = answeredHere(w.Parts)
		}
		d.Waves = append(d.Waves, w)
	}
	return d
}

// answeredHere leaves the questions whose answers are shown.
func answeredHere(parts []ReviewPart) []ReviewPart {
	var out []ReviewPart
	for _, p := range parts {
		p.Rows = slices.DeleteFunc(p.Rows, func(r ReviewRow) bool { return r.Answer == nil })
		if len(p.Rows) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// ownPage shows one's own answers of all waves.
func (s *site) ownPage(c *gin.Context) {
	if v, own, ok := s.owned(c); ok {
		s.Page.Show(c, http.StatusOK, "respond/own", s.ownView(c, v, own))
	}
}

// ownFilePage gives the same as a file: a page of its own, or JSON. Its name
// tells nobody what it is about.
func (s *site) ownFilePage(c *gin.Context) {
	name := c.Param("file")
	if name != "answers.html" && name != "answers.json" {
		c.Status(http.StatusNotFound)
		s.unknown(c)
		return
	}
	v, own, ok := s.owned(c)
	if !ok {
		return
	}
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	if name == "answers.html" {
		d := s.ownView(c, v, own)
		d.File = true
		s.Page.Show(c, http.StatusOK, "respond/ownfile", d)
		return
	}
	c.Header("Content-Type", "application/json; charset=utf-8")
	c.Status(http.StatusOK)
	e := json.NewEncoder(c.Writer)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(own.Takeaway(s.tag(c, v))); err != nil {
		s.Log.DebugContext(c.Request.Context(), "own answers were not taken", "request", c.GetString("request"))
	}
}

// infoView is the information about the study, with what this person agreed to.
type infoView struct {
	textView
	Agreed  []agreement // the newest first
	Newer   bool        // there is a newer text than the one agreed to
	Version int         // of the text below
	Old     *agreement  // the page is this text, as it was agreed to
}

func (s *site) infoPage(c *gin.Context) {
	v, d, ok := s.information(c)
	if !ok {
		return
	}
	if consent := v.Study.Consent; consent != nil {
		text, _ := consent.Texts.In(d.Lang, v.Study.DefaultLanguage())
		d.Body, d.Version = prose(text), consent.Version
		d.Newer = len(d.Agreed) > 0 && d.Agreed[0].Version < consent.Version
	}
	d.Titled = titled(d.Body)
	s.Page.Show(c, http.StatusOK, "respond/info", d)
}

// agreedPage shows a text as it was when somebody agreed to it.
func (s *site) agreedPage(c *gin.Context) {
	v, d, ok := s.information(c)
	if !ok {
		return
	}
	for i := range d.Agreed {
		if a := &d.Agreed[i]; strconv.Itoa(a.Version) == c.Param("version") && a.Body != "" {
			d.Old, d.Body, d.Titled = a, a.Body, titled(a.Body)
			d.Newer = v.Study.Consent != nil && a.Version < v.Study.Consent.Version
			s.Page.Show(c, http.StatusOK, "respond/info", d)
			return
		}
	}
	c.Status(http.StatusNotFound)
	s.unknown(c)
}

func (s *site) information(c *gin.Context) (*fieldwork.Visit, infoView, bool) {
	v, ok := s.visit(c)
	if !ok {
		return nil, infoView{}, false
	}
	all, err := s.Fieldwork.Agreements(c.Request.Context(), v)
	if err != nil {
		s.fail(c, v, err)
		return nil, infoView{}, false
	}
	d := infoView{textView: s.aside(c, v, s.tag(c, v), "info.tab")}
	d.Agreed = s.agreed(d.frame, v, all)
	return v, d, true
}
