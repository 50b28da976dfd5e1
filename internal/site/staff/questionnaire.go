package staff

import (
	"slices"
	"strings"

	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
)

// questionnairesPage lists the published versions.
type questionnairesPage struct {
	*view
	Rows  []versionRow
	Next  []link // to hand in the next version of each questionnaire
	Stale []link // to the words of each that nobody has looked at since others changed
}

type versionRow struct {
	Waves   string // that field it
	Count   int    // questions
	Hash    string
	Name    string
	Address string
}

func (r *request) showQuestionnaires() error {
	versions, err := r.Fieldwork.Versions(r.ctx(), r.actor, r.study.Key)
	if err != nil {
		return err
	}
	p := questionnairesPage{view: r.view("questionnaires")}
	for i, v := range versions {
		if i == len(versions)-1 || versions[i+1].Key != v.Key {
			if err := r.staleLink(&p, v.Key); err != nil {
				return err
			}
		}
		logic, err := r.Fieldwork.Questionnaire(r.ctx(), r.actor, r.study.Key, v.Key, v.Number)
		if err != nil {
			return err
		}
		row := versionRow{Hash: v.Hash, Name: r.t.T("staff.version", "key", v.Key, "number", v.Number), Address: r.at("/questionnaires/" + v.Key + "/" + itoa(v.Number))}
		var waves []string
		for _, w := range r.study.Waves {
			if w.Questionnaire == v.Key && w.Version == v.Number {
				waves = append(waves, itoa(w.Number))
			}
		}
		row.Waves = strings.Join(waves, ", ")
		for _, it := range logic.Questionnaire.Questions {
			if it.Asks() {
				row.Count++
			}
		}
		p.Rows = append(p.Rows, row)
		next := link{URL: r.at("/questionnaires/" + v.Key + "/next"), Text: r.t.T("staff.next.title", "version", r.t.T("staff.version", "key", v.Key, "number", v.Number+1))}
		if n := len(p.Next); n > 0 && p.Next[n-1].URL == next.URL { // the versions come by number
			p.Next = p.Next[:n-1]
		}
		p.Next = append(p.Next, next)
	}
	return r.show("questionnaires", nil, p)
}

// questionnairePage is one version to read.
type questionnairePage struct {
	*view
	Q         *questionnaire.Questionnaire
	Version   *store.Version
	Name      string
	Base      string // the address of the page
	Previous  string // the name of the version before, "" for the first
	Lang      string // of the texts
	Languages []link
}

func (r *request) showQuestionnaire() error {
	version, err := r.version()
	if err != nil {
		return err
	}
	versions, err := r.Fieldwork.Versions(r.ctx(), r.actor, r.study.Key)
	if err != nil {
		return err
	}
	logic, err := r.Fieldwork.Questionnaire(r.ctx(), r.actor, r.study.Key, version.Key, version.Number)
	if err != nil {
		return err
	}
	q := logic.Questionnaire
	p := questionnairePage{view: r.view("questionnaires"), Q: q, Lang: r.Query("lang"),
		Name: r.t.T("staff.version", "key", version.Key, "number", version.Number), Version: version,
		Base: r.at("/questionnaires/" + version.Key + "/" + itoa(version.Number))}
	for _, v := range versions { // by number
		if v.Key == version.Key && v.Number < version.Number {
			p.Previous = r.t.T("staff.version", "key", v.Key, "number", v.Number)
		}
	}
	if !slices.Contains(q.Languages, p.Lang) {
		p.Lang = q.Default
		if slices.Contains(q.Languages, r.t.Tag) {
			p.Lang = r.t.Tag
		}
	}
	for _, tag := range q.Languages {
		p.Languages = append(p.Languages, link{URL: "?lang=" + tag, Text: lang.Name(tag), Here: tag == p.Lang})
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
