package staff

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// questionnairesPage lists the versions that the waves field.
type questionnairesPage struct {
	*view
	Rows []versionRow
}

type versionRow struct {
	Key     string
	Number  int
	Waves   string
	Count   int // questions
	Hash    string
	Name    string
	Address string
}

func (r *request) showQuestionnaires() error {
	if err := r.may(access.QuestionnaireView); err != nil {
		return err
	}
	p := questionnairesPage{view: r.view("questionnaires")}
	for _, w := range r.study.Waves {
		i := slices.IndexFunc(p.Rows, func(v versionRow) bool { return v.Key == w.Questionnaire && v.Number == w.Version })
		if i >= 0 {
			p.Rows[i].Waves += ", " + itoa(w.Number)
			continue
		}
		logic, err := r.Fieldwork.Questionnaire(r.ctx(), r.actor, r.study.Key, w.Questionnaire, w.Version)
		if err != nil {
			return err
		}
		row := versionRow{Key: w.Questionnaire, Number: w.Version, Waves: itoa(w.Number), Hash: logic.Questionnaire.Hash, Name: p.Version(w),
			Address: r.at("/questionnaires/" + w.Questionnaire + "/" + itoa(w.Version))}
		for _, it := range logic.Questionnaire.Questions {
			if it.Asks() {
				row.Count++
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return r.show("questionnaires", nil, p)
}

// questionnairePage is one version to read.
type questionnairePage struct {
	*view
	Q         *questionnaire.Questionnaire
	Name      string
	Lang      string // of the texts
	Languages []link
}

var errNoVersion = errors.New("no wave fields this version")

func (r *request) showQuestionnaire() error {
	number, err := strconv.Atoi(r.Param("version"))
	if err != nil {
		return errNoPage.Because(err)
	}
	if !slices.ContainsFunc(r.study.Waves, func(w study.Wave) bool { return w.Questionnaire == r.Param("key") && w.Version == number }) {
		return errNoPage.Because(errNoVersion)
	}
	logic, err := r.Fieldwork.Questionnaire(r.ctx(), r.actor, r.study.Key, r.Param("key"), number)
	if err != nil {
		return err
	}
	q := logic.Questionnaire
	p := questionnairePage{view: r.view("questionnaires"), Q: q, Lang: r.Query("lang"),
		Name: r.t.T("staff.version", "key", r.Param("key"), "number", number)}
	if !slices.Contains(q.Languages, p.Lang) {
		p.Lang = q.Default
		if slices.Contains(q.Languages, r.t.Tag) {
			p.Lang = r.t.Tag
		}
	}
	for _, tag := range q.Languages {
		p.Languages = append(p.Languages, link{URL: "?lang=" + tag, Text: languageName(tag), Here: tag == p.Lang})
	}
	return r.show("questionnaire", nil, p)
}

// Text gives a text of the questionnaire in the chosen language.
func (p questionnairePage) Text(t lang.Text) string {
	s, _ := t.In(p.Lang, p.Q.Default)
	return s
}

// Code gives the number of a choice in data files, "" where it is assigned later.
func (p questionnairePage) Code(c *questionnaire.Choice) string {
	switch {
	case c.Missing == questionnaire.DontKnow:
		return "−1"
	case c.Missing == questionnaire.Refused:
		return "−2"
	case c.Code != nil:
		return itoa(*c.Code)
	}
	return ""
}

// Asked gives the condition under which an item is asked, "" for always.
func (p questionnairePage) Asked(it *questionnaire.Item) string {
	var out []string
	for ; it != nil; it = it.Parent {
		if it.Relevant != nil {
			out = append(out, it.Relevant.Source)
		}
	}
	slices.Reverse(out)
	return strings.Join(out, " and ")
}
