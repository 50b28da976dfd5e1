package respond

import (
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// Review is what was answered, part by part.
type Review struct {
	Parts      []ReviewPart
	Unanswered string // "Två frågor saknar svar …", "" where all are answered
	Hidden     bool   // some answers came from another device: what is unanswered is not told either
	Errors     []SheetError
	Total      int    // parts, the review itself included
	Foreign    string // as a Sheet's
	Ticks      []string
	Back       string // the last page's key
	Change     string // the words of each row, looked up once
	Blank      string
}

// ReviewPart is one part of it.
type ReviewPart struct {
	Heading string
	Inner   bool // it is an instance of a repeat, in the part before it
	Rows    []ReviewRow
}

// ReviewRow is one question.
type ReviewRow struct {
	Address string // of the question, from the link on
	Page    string // its key
	Label   string
	Lang    string // of the label, where it is not the page's
	Answer  []string
	Hidden  bool // answered on another device: it is not shown
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
	d := reviewView{frame: s.frame(c, v, tag, "review.tab"), Review: Summarise(v, s.device(c, v), tag, problems, s.Now())}
	d.Wrong = len(problems) > 0
	d.After = d.L.T("review.after", "date", d.L.Date(lastDay(v)))
	s.Page.Show(c, status, "respond/review", d)
}

// Summarise gives the review as a device may see it.
func Summarise(v *fieldwork.Visit, device, tag string, problems []interview.Problem, now time.Time) Review {
	l := lang.For(tag)
	whole := v.Logic.Current(v.Doc, now)
	pen := &paper{view: whole, logic: v.Logic, doc: v.Doc, device: device, texts: l, tag: tag, uploads: v.Uploads, zone: v.Study.TimeZone}
	r := Review{Total: len(v.Logic.Questionnaire.Parts) + 1,
		Change: l.T("review.change"), Blank: l.T("review.none")}
	for n := 1; n <= r.Total; n++ {
		r.Ticks = append(r.Ticks, tick(n, r.Total))
	}
	blank := 0
	var groups [][]ReviewPart // a part and its instances
	for _, part := range v.Logic.Questionnaire.Parts {
		parts := []ReviewPart{{Heading: pen.partHeading(part)}}
		instance := ""
		for view, page := range whole.Screens {
			if page.Part != part {
				continue
			}
			pen.view, r.Back = view, page.Key
			if view.Instance() != instance {
				instance = view.Instance()
				parts = append(parts, ReviewPart{Heading: pen.where(), Inner: instance != ""})
			}
			rows := &parts[len(parts)-1].Rows
			if page.Page == nil {
				*rows = append(*rows, pen.listed(page))
				r.Hidden = r.Hidden || (*rows)[len(*rows)-1].Hidden
				continue
			}
			for _, it := range page.Page.Items {
				if !it.Asks() || !view.Relevant(it.Name) {
					continue
				}
				row := ReviewRow{Address: "/p/" + page.Key + "#q-" + it.Name, Page: page.Key, Label: pen.plain(it.Label), Lang: pen.other(it.Label), Answer: pen.answer(it)}
				row.Hidden = row.Answer == nil && v.Doc.Answers[view.Key(it.Name)] != ""
				r.Hidden = r.Hidden || row.Hidden
				if row.Answer == nil && !row.Hidden {
					blank++
				}
				*rows = append(*rows, row)
			}
		}
		groups = append(groups, parts)
	}
	for _, parts := range groups {
		if r.Hidden {
			withhold(parts)
		}
		r.Parts = append(r.Parts, told(parts)...)
	}
	if blank > 0 && !r.Hidden {
		r.Unanswered = l.T("review.unanswered", "count", blank)
	}
	for _, problem := range problems {
		pen.view = whole
		if s := whole.Screen(problem.Page); s != nil {
			pen.view = whole.In(s)
		}
		r.Errors = append(r.Errors, SheetError{ID: problem.Page + "#q-" + problem.Question.Name, Text: pen.summary(problem)})
	}
	r.Foreign = pen.untranslated()
	return r
}

// withhold leaves out all but what this device may see: by what is unanswered
// one could tell what was answered elsewhere.
func withhold(parts []ReviewPart) {
	for i := range parts {
		parts[i].Rows = slices.DeleteFunc(parts[i].Rows, func(row ReviewRow) bool { return row.Answer == nil })
	}
}

// partHeading gives the heading of a part in the review.
func (p *paper) partHeading(part *questionnaire.Part) string {
	if part.Label.Empty() {
		return p.texts.T("review.part_plain", "count", part.Number)
	}
	return p.texts.T("review.part", "count", part.Number, "label", p.plain(part.Label))
}

// told leaves out what has nothing to tell. The heading of a part stays where
// one of its instances has.
func told(parts []ReviewPart) []ReviewPart {
	var out []ReviewPart
	for i, p := range parts {
		if len(p.Rows) > 0 || i == 0 && slices.ContainsFunc(parts, func(p ReviewPart) bool { return len(p.Rows) > 0 }) {
			out = append(out, p)
		}
	}
	return out
}

// lastDay gives the last day on which a visit may answer, in the study's time
// zone. A field period ends at a moment, so the day is the one just before.
func lastDay(v *fieldwork.Visit) time.Time {
	return v.Wave.Closes.Add(-time.Millisecond).In(v.Study.TimeZone)
}

type thanksView struct {
	frame
	Received, NextDate, NextText, Change string
	Feedback                             string // where the panel's answers are shown, "" where they are not
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
	var err error
	if d.Feedback, err = s.feedbackAt(c, v); err != nil {
		s.fail(c, v, err)
		return
	}
	s.Page.Show(c, http.StatusOK, "respond/thanks", d)
}
