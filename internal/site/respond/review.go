package respond

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
)

// Review is what was answered, part by part.
type Review struct {
	Parts      []ReviewPart
	Unanswered string // "Två frågor saknar svar …", "" where all are answered
	Hidden     bool   // some answers came from another device
	Errors     []SheetError
	Total      int // parts, the review itself included
	Ticks      []string
	Back       string // the last page's key
	Change     string // the words of each row, looked up once
	Blank      string
	Elsewhere  string
}

// ReviewPart is one part of it.
type ReviewPart struct {
	Heading string
	Rows    []ReviewRow
}

// ReviewRow is one question.
type ReviewRow struct {
	Address string // of the question, from the link on
	Page    string // its key
	Label   string
	Answer  []string
	Hidden  bool // answered on another device
}

type reviewView struct {
	frame
	Review
	After string
}

func (s *site) reviewPage(c *gin.Context) {
	if v, ok := s.shown(c); ok {
		s.showReview(c, v, http.StatusOK, nil)
	}
}

func (s *site) reviewPost(c *gin.Context) {
	v, ok := s.begun(c)
	if !ok || !s.form(c, v) {
		return
	}
	problems, err := s.Fieldwork.Submit(c.Request.Context(), s.Now(), v)
	switch {
	case err != nil:
		s.fail(c, v, err)
	case len(problems) > 0:
		s.showReview(c, v, http.StatusUnprocessableEntity, problems)
	default:
		c.Redirect(http.StatusSeeOther, "/s/"+c.Param("token")+"/thanks")
	}
}

func (s *site) showReview(c *gin.Context, v *fieldwork.Visit, status int, problems []interview.Problem) {
	tag := s.tag(c, v)
	d := reviewView{frame: s.frame(c, v, tag, "review.tab"), Review: Summarise(v, s.device(c), tag, problems, s.Now())}
	d.Wrong = len(problems) > 0
	d.After = d.L.T("review.after", "date", d.L.Date(lastDay(v)))
	s.Page.Show(c, status, "respond/review", d)
}

// Summarise gives the review as a device may see it.
func Summarise(v *fieldwork.Visit, device, tag string, problems []interview.Problem, now time.Time) Review {
	l := lang.For(tag)
	pen := &paper{view: v.Logic.Look(v.Doc.Answers, now), logic: v.Logic, doc: v.Doc, device: device, texts: l, tag: tag}
	r := Review{Total: len(v.Logic.Questionnaire.Parts) + 1,
		Change: l.T("review.change"), Blank: l.T("review.none"), Elsewhere: l.T("review.hidden")}
	for n := 1; n <= r.Total; n++ {
		r.Ticks = append(r.Ticks, tick(n, r.Total))
	}
	blank := 0
	for _, part := range v.Logic.Questionnaire.Parts {
		rp := ReviewPart{Heading: l.T("review.part_plain", "count", part.Number)}
		if !part.Label.Empty() {
			rp.Heading = l.T("review.part", "count", part.Number, "label", pen.plain(part.Label))
		}
		for _, page := range part.Pages {
			for _, it := range page.Items {
				if !it.Asks() || !pen.view.Relevant(it.Name) {
					continue
				}
				row := ReviewRow{Address: "/p/" + page.Key + "#q-" + it.Name, Page: page.Key, Label: pen.plain(it.Label), Answer: pen.answer(it)}
				row.Hidden = row.Answer == nil && v.Doc.Answers[it.Name] != ""
				r.Hidden = r.Hidden || row.Hidden
				if row.Answer == nil && !row.Hidden {
					blank++
				}
				rp.Rows = append(rp.Rows, row)
			}
			if pen.view.Visible(page) {
				r.Back = page.Key
			}
		}
		if len(rp.Rows) > 0 {
			r.Parts = append(r.Parts, rp)
		}
	}
	if blank > 0 {
		r.Unanswered = l.T("review.unanswered", "count", blank)
	}
	for _, problem := range problems {
		r.Errors = append(r.Errors, SheetError{ID: pen.pageOf(problem.Question) + "#q-" + problem.Question.Name, Text: pen.summary(problem)})
	}
	return r
}

// lastDay gives the last day on which a visit may answer, in the study's time
// zone. A field period ends at a moment, so the day is the one just before.
func lastDay(v *fieldwork.Visit) time.Time {
	return v.Wave.Closes.Add(-time.Millisecond).In(v.Study.TimeZone)
}

type thanksView struct {
	frame
	Received, NextDate, NextText, Change string
}

func (s *site) thanksPage(c *gin.Context) {
	v, ok := s.visit(c)
	if !ok {
		return
	}
	if !v.Submitted() {
		if v.Gate != fieldwork.GateOpen {
			s.shut(c, v)
			return
		}
		c.Redirect(http.StatusSeeOther, "/s/"+c.Param("token"))
		return
	}
	d := thanksView{frame: s.frame(c, v, s.tag(c, v), "thanks.tab")}
	at := v.Interview.SubmittedAt.In(v.Study.TimeZone)
	d.Received = d.L.T("thanks.received", "date", d.L.DateYear(at), "clock", d.L.Clock(at))
	if v.Next != nil {
		d.NextDate, d.NextText = d.L.DateYear(v.Next.Opens.In(v.Study.TimeZone)), d.L.T("thanks.next_text")
		if v.Next.Number == len(v.Study.Waves) {
			d.NextText = d.L.T("thanks.last_text")
		}
	}
	if v.Gate == fieldwork.GateOpen {
		d.Change = d.L.T("thanks.regret_change", "date", d.L.Date(lastDay(v)))
	}
	s.Page.Show(c, http.StatusOK, "respond/thanks", d)
}
