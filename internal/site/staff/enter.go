package staff

import (
	"net/http"
	"net/url"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/site/respond"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Typing a paper or telephone interview in. The pages are blank: what was
// answered before is never shown, so a page that is left empty changes nothing.

// askEnterPage asks how the interview was given.
type askEnterPage struct {
	*view
	Form  *form
	Label string
	Wave  study.Wave
	Modes []option
}

func (r *request) askEnter() error { return r.askEnterPage(r.fresh()) }

func (r *request) askEnterPage(f *form) error {
	if err := r.may(access.InterviewEnter); err != nil {
		return err
	}
	w, err := r.wave()
	if err != nil {
		return err
	}
	if _, err := r.Fieldwork.Participant(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label")); err != nil {
		return err
	}
	p := askEnterPage{view: r.view("panel"), Form: f, Label: r.Param("label"), Wave: w}
	for _, m := range []store.Mode{store.Paper, store.Telephone} {
		p.Modes = append(p.Modes, option{Value: string(m), Text: r.t.T("staff.enter." + string(m)), More: r.t.T("staff.enter." + string(m) + "_more")})
	}
	return r.show("askenter", f, p)
}

// entry gives the visit of the path: participant, wave and mode.
func (r *request) entry(mode string) (*fieldwork.Visit, error) {
	w, err := r.wave()
	if err != nil {
		return nil, err
	}
	return r.Fieldwork.EntryVisit(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label"), w.Number, store.Mode(mode))
}

// entryAt gives a path of the interview that is being typed in.
func (r *request) entryAt(mode, rest string) string {
	return r.at("/p/" + r.Param("label") + "/enter/" + r.Param("wave") + "/" + mode + rest)
}

func (r *request) startEntry() error {
	f := r.posted()
	if f.Value("mode") == "" {
		f.add("mode", "mode_missing", nil)
		return r.askEnterPage(f)
	}
	v, err := r.entry(f.Value("mode"))
	if f.take(err) {
		return r.askEnterPage(f)
	}
	if err != nil {
		return err
	}
	r.Redirect(http.StatusSeeOther, r.entryAt(f.Value("mode"), r.entryPlace(v)))
	return nil
}

// entryPlace gives where the typing goes on: the first page that was not
// posted, or the end.
func (r *request) entryPlace(v *fieldwork.Visit) string {
	view := v.Logic.Current(v.Doc, r.now)
	if p := view.Resume(v.Doc.Pages); p != nil {
		return "/q/" + url.PathEscape(p.Key)
	}
	return "/end"
}

// entrySheet is a page of questions to type in.
type entrySheet struct {
	*view
	respond.Sheet
	Label    string
	Wave     int
	Mode     string
	Action   string
	Language string // of the questions
	L        *lang.Texts
}

// notEntered tells whether nobody has begun the interview of the path. A GET
// begins none: it asks first.
func (r *request) notEntered() (bool, error) {
	if err := r.may(access.InterviewEnter); err != nil {
		return false, err
	}
	w, err := r.wave()
	if err != nil {
		return false, err
	}
	card, err := r.Fieldwork.Participant(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label"))
	if err != nil || card.Marks[w.Number-1].Mode != "" {
		return false, err
	}
	r.Redirect(http.StatusSeeOther, r.at("/p/"+r.Param("label")+"/enter/"+itoa(w.Number)))
	return true, nil
}

func (r *request) showEntry() error {
	if none, err := r.notEntered(); none || err != nil {
		return err
	}
	v, err := r.entry(r.Param("mode"))
	if err != nil {
		return err
	}
	return r.entrySheet(v, nil, interview.Result{})
}

func (r *request) entrySheet(v *fieldwork.Visit, f url.Values, res interview.Result) error {
	look := v.Logic.Current(v.Doc, r.now)
	p := look.Screen(r.Param("page"))
	if p == nil || !look.Visible(p) {
		r.Redirect(http.StatusSeeOther, r.entryAt(r.Param("mode"), r.entryPlace(v)))
		return nil
	}
	status := http.StatusOK
	if len(res.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	r.Page.Show(r.Context, status, "staff/enter", entrySheet{view: r.view("panel"), Sheet: respond.Draw(v, p, "", v.Language(), f, res, r.now),
		Label: r.Param("label"), Wave: v.Wave.Number, Mode: r.Param("mode"), Action: r.Request.URL.Path, Language: v.Language(), L: lang.For(v.Language())})
	return nil
}

// entryMedia sends a file that the page of questions shows.
func (r *request) entryMedia() error {
	if none, err := r.notEntered(); none || err != nil {
		return err
	}
	v, err := r.entry(r.Param("mode"))
	if err != nil {
		return err
	}
	data, err := r.Fieldwork.Media(r.ctx(), v, r.Param("hash"), r.Param("name"))
	if err == nil {
		respond.SendMedia(r.Context, r.Param("hash"), r.Param("name"), data)
	}
	return err
}

func (r *request) saveEntry() error {
	v, err := r.entry(r.Param("mode"))
	if err != nil {
		return err
	}
	f := r.Request.PostForm
	post := respond.Read(v, f, r.Param("page"), "")
	res, err := r.Fieldwork.SavePage(r.ctx(), r.now, v, post, respond.SaveKey(f), store.Mode(r.Param("mode")), r.actor.Account)
	if err != nil {
		return err
	}
	mode := r.Param("mode")
	switch {
	case len(res.Tampered) > 0:
		return errBody
	case post.Go == interview.Pause && !res.Again:
		return r.done(r.at("/p/"+r.Param("label")), "staff.done.entry_paused")
	case res.Again:
		return r.entrySheet(v, f, res)
	case res.Next == nil:
		r.Redirect(http.StatusSeeOther, r.entryAt(mode, "/end"))
	default:
		r.Redirect(http.StatusSeeOther, r.entryAt(mode, "/q/"+url.PathEscape(res.Next.Key)))
	}
	return nil
}

// endEntryPage is after the last page: send in, or go on later.
type endEntryPage struct {
	*view
	Label, Action, Back string
	Wave                int
	Mode                string
	Problems            []link // pages with something that stands in the way
}

func (r *request) showEndEntry() error {
	if none, err := r.notEntered(); none || err != nil {
		return err
	}
	v, err := r.entry(r.Param("mode"))
	if err != nil {
		return err
	}
	return r.endEntry(v, nil)
}

func (r *request) endEntry(v *fieldwork.Visit, problems []interview.Problem) error {
	p := endEntryPage{view: r.view("panel"), Label: r.Param("label"), Wave: v.Wave.Number, Mode: r.Param("mode"), Action: r.Request.URL.Path,
		Back: r.at("/p/" + r.Param("label"))}
	for _, problem := range problems {
		text, _ := problem.Question.Label.In(r.t.Tag, v.Logic.Questionnaire.Default)
		p.Problems = append(p.Problems, link{URL: r.entryAt(r.Param("mode"), "/q/"+url.PathEscape(problem.Page)), Text: text})
	}
	status := http.StatusOK
	if len(problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	r.Page.Show(r.Context, status, "staff/endenter", p)
	return nil
}

func (r *request) submitEntry() error {
	v, err := r.entry(r.Param("mode"))
	if err != nil {
		return err
	}
	problems, err := r.Fieldwork.Submit(r.ctx(), r.now, v)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return r.endEntry(v, problems)
	}
	return r.done(r.at("/p/"+r.Param("label")), "staff.done.entered")
}
