package respond

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"panelverk/internal/disclosure"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
)

// FeedbackPage is the panel's answers of one wave as participants see them.
type FeedbackPage struct {
	Intro     string
	When      string
	Questions []FeedbackQuestion
	Others    []FeedbackWave
}

// FeedbackQuestion is one question: the panel's distribution, and one's own answers.
type FeedbackQuestion struct {
	Label string
	Why   string // why there is no distribution, "" where there is one
	Total string
	Bars  []FeedbackBar
	Own   []FeedbackOwn // over the waves; empty where they are not to be shown
}

// FeedbackBar is one group of answers.
type FeedbackBar struct {
	Label string
	Count string
	Width int  // of 100
	Yours bool // one's own answer in this wave is in it
}

// FeedbackOwn is one's own answer in one wave.
type FeedbackOwn struct {
	Wave, Answer string
	Now          bool // the wave of the distribution
}

// FeedbackWave is another wave that can be looked at.
type FeedbackWave struct {
	Title, Key string
	Number     int
}

// DrawFeedback gives a snapshot in words of a language; own is nil where nobody's
// answers stand beside it.
func DrawFeedback(f *fieldwork.Fed, own *fieldwork.Own, tag string) FeedbackPage {
	l, st := lang.For(tag), f.Study
	in := func(t lang.Text) string {
		text, _ := t.In(tag, st.DefaultLanguage())
		return text
	}
	d := FeedbackPage{When: l.T("feedback.when", "wave", in(f.Wave.Title), "date", l.DateYear(f.Made.In(st.TimeZone)))}
	if st.Feedback != nil {
		d.Intro = in(st.Feedback.Intro)
	}
	for _, w := range f.Others {
		d.Others = append(d.Others, FeedbackWave{in(w.Title), w.Key, w.Number})
	}
	for _, q := range f.Questions {
		if q.Item == nil {
			continue
		}
		one := FeedbackQuestion{Label: in(q.Item.Label), Total: l.T("feedback.answers", "count", q.Total)}
		switch q.Why {
		case disclosure.TooFew:
			one.Why = l.T("feedback.few")
		case disclosure.TooAlike:
			one.Why = l.T("feedback.alike")
		}
		yours := ""
		if own != nil {
			for _, a := range own.Answered(q.Name) {
				one.Own = append(one.Own, FeedbackOwn{Wave: in(a.Wave.Title), Answer: fieldwork.Label(a.Item, a.Value, tag, a.Fallback), Now: a.Wave.Number == f.Wave.Number})
				if a.Wave.Number == f.Wave.Number {
					yours = a.Value
				}
			}
		}
		for _, share := range q.Shares {
			bar := FeedbackBar{Count: l.T("feedback.of", "count", share.Count, "total", q.Total), Width: 100 * share.Count / q.Total}
			var labels []string
			for _, v := range share.Values {
				labels = append(labels, fieldwork.Label(q.Item, v, tag, st.DefaultLanguage()))
				bar.Yours = bar.Yours || v == yours
			}
			switch n := len(labels); {
			case share.Rest:
				bar.Label = l.T("feedback.rest", "labels", strings.Join(labels, ", "))
			case n > 1:
				bar.Label = l.T("feedback.span", "low", labels[0], "high", labels[n-1])
			default:
				bar.Label = labels[0]
			}
			one.Bars = append(one.Bars, bar)
		}
		d.Questions = append(d.Questions, one)
	}
	return d
}

type feedbackView struct {
	frame
	FeedbackPage
	Hidden bool   // some own answers are not opened
	Prove  string // where one proves that they are one's own
}

// feedbackPage shows the panel's frozen answers beside one's own. The panel's are
// the same for everybody with a link; one's own want a proof.
func (s *site) feedbackPage(c *gin.Context) {
	v, own, ok := s.owned(c)
	if !ok {
		return
	}
	wave, _ := strconv.Atoi(c.Query("wave")) // what is no number is the newest
	fed, err := s.Fieldwork.Feedback(c.Request.Context(), v, wave)
	if err != nil {
		s.fail(c, v, err)
		return
	}
	if fed == nil {
		c.Status(http.StatusNotFound)
		s.unknown(c)
		return
	}
	tag := s.tag(c, v)
	d := feedbackView{frame: s.frame(c, v, tag, "feedback.tab"), FeedbackPage: DrawFeedback(fed, own, tag), Hidden: own.Hidden > 0}
	if d.Hidden {
		d.Prove = s.proveAt(d.frame, toFeedback)
	}
	s.Page.Show(c, http.StatusOK, "respond/feedback", d)
}

// feedbackAt gives where a participant sees the panel's answers, "" where there
// are none yet.
func (s *site) feedbackAt(c *gin.Context, v *fieldwork.Visit) (string, error) {
	fed, err := s.Fieldwork.Feedback(c.Request.Context(), v, 0)
	if fed == nil || err != nil {
		return "", err
	}
	return "/s/" + c.Param("token") + "/feedback", nil
}
