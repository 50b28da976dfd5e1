package staff

import (
	"time"

	"panelverk/internal/access"
	"panelverk/internal/lang"
	"panelverk/internal/site/respond"
	"panelverk/internal/study"
)

// feedbackPage is the panel's answers as its participants see them. Every role
// may look at it, since every participant does.
type feedbackPage struct {
	*view
	L      *lang.Texts // the words, under the name that respondents' templates have them by
	Page   *respond.FeedbackPage
	Off    bool
	Each   bool
	Frozen string // when the next snapshot is made, "" for none to come
}

func (r *request) showFeedback() error {
	if err := r.may(access.StudyView); err != nil {
		return err
	}
	p := feedbackPage{view: r.view("data"), L: r.t, Off: r.study.Feedback == nil}
	wave := 0
	if w := r.study.Wave(r.Query("wave")); w != nil {
		wave = w.Number
	}
	if !p.Off {
		p.Each = r.study.Feedback.After == study.AfterEach
		fed, err := r.Fieldwork.StaffFeedback(r.ctx(), r.actor, r.study.Key, wave)
		if err != nil {
			return err
		}
		if fed != nil {
			page := respond.DrawFeedback(fed, nil, r.t.Tag)
			p.Page = &page
		}
		if at := r.nextSnapshot(); !at.IsZero() {
			p.Frozen = r.t.DateYear(at.In(r.study.TimeZone))
		}
	}
	return r.show("feedback", nil, p)
}

// nextSnapshot gives when the next wave is frozen, zero for none.
func (r *request) nextSnapshot() time.Time {
	for i := range r.study.Waves {
		if w := &r.study.Waves[i]; r.study.Feeds(w) && r.now.Before(r.study.Over(w)) {
			return r.study.Over(w)
		}
	}
	return time.Time{}
}
