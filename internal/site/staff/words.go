package staff

import (
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/questionnaire"
)

// wordsPage lists the words of a questionnaire that stayed while another
// language changed, to look at and to confirm.
type wordsPage struct {
	*view
	Form   *form
	Stale  *fieldwork.Stale
	Name   string // of the newest version
	Action string
	Back   string
}

// staleLink adds the way to the stale words of a questionnaire, if it has some.
func (r *request) staleLink(p *questionnairesPage, key string) error {
	stale, err := r.Fieldwork.Stale(r.ctx(), r.actor, r.study.Key, key)
	if err != nil || len(stale.Texts) == 0 {
		return err
	}
	p.Stale = append(p.Stale, link{URL: r.at("/questionnaires/" + key + "/words"),
		Text: r.t.T("staff.words.link", "count", len(stale.Texts), "version", r.t.T("staff.version", "key", key, "number", stale.Number))})
	return nil
}

func (r *request) showWords() error { return r.wordsPage(r.fresh()) }

func (r *request) wordsPage(f *form) error {
	stale, err := r.Fieldwork.Stale(r.ctx(), r.actor, r.study.Key, r.Param("key"))
	if err != nil {
		return err
	}
	base := r.at("/questionnaires/" + stale.Key)
	return r.show("words", f, wordsPage{view: r.view("questionnaires"), Form: f, Stale: stale, Action: base + "/words", Back: r.at("/questionnaires"),
		Name: r.t.T("staff.version", "key", stale.Key, "number", stale.Number)})
}

// confirmWords notes that somebody has looked at what was ticked. A tick is
// QUESTION LANGUAGE.
func (r *request) confirmWords() error {
	f := r.posted()
	var words []fieldwork.Words
	for _, ticked := range f.values["words"] {
		question, language, _ := strings.Cut(ticked, " ")
		words = append(words, fieldwork.Words{Question: question, Language: language})
	}
	err := r.Fieldwork.ConfirmWords(r.ctx(), r.now, r.actor, r.study.Key, r.Param("key"), words)
	if err == nil {
		return r.done(r.at("/questionnaires/"+r.Param("key")+"/words"), "staff.done.words_confirmed")
	}
	if fault.Of(err).Kind == fault.Invalid && f.take(err) {
		return r.wordsPage(f)
	}
	return err
}

// MayConfirm tells whether the actor may confirm words.
func (p wordsPage) MayConfirm() bool { return p.Can(string(access.QuestionnairePublish)) }

// Version names a version of the questionnaire.
func (p wordsPage) Version(number int) string {
	return p.T.T("staff.version", "key", p.Stale.Key, "number", number)
}

// Change parts what differs for the page.
func (p wordsPage) Change(c questionnaire.StaleChange) change { return parted(c.Detail) }
