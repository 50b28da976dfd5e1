package staff

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// panelPage is the participants by label.
type panelPage struct {
	*view
	Rows     []fieldwork.Row
	Waves    []study.Wave
	Active   int
	Asked    string // the label that was looked for and is not there
	Page     int    // from 1
	Pages    int
	Previous string
	Next     string
}

// panelRows is how many participants stand on a page.
const panelRows = 100

func (r *request) showPanel() error {
	rows, err := r.Fieldwork.Participants(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return err
	}
	p := panelPage{view: r.view("panel"), Waves: r.study.Waves}
	asked := strings.ToUpper(strings.TrimSpace(r.Query("q")))
	if i := slices.IndexFunc(rows, func(row fieldwork.Row) bool { return row.Label == asked }); i >= 0 {
		r.Redirect(http.StatusSeeOther, r.at("/p/"+asked))
		return nil
	}
	p.Asked = asked
	for _, row := range rows {
		if row.Status == store.Active {
			p.Active++
		}
	}
	p.turn(r, "/panel", rows)
	return r.show("panel", nil, p)
}

// turn shows one page of the rows.
func (p *panelPage) turn(r *request, path string, rows []fieldwork.Row) {
	p.Pages = max(1, (len(rows)+panelRows-1)/panelRows)
	n, _ := strconv.Atoi(r.Query("page")) // what is no number gives the first page
	p.Page = min(max(1, n), p.Pages)
	p.Rows = rows[(p.Page-1)*panelRows : min(len(rows), p.Page*panelRows)]
	if p.Page > 1 {
		p.Previous = r.at(path + "?page=" + itoa(p.Page-1))
	}
	if p.Page < p.Pages {
		p.Next = r.at(path + "?page=" + itoa(p.Page+1))
	}
}

// Mark gives a row's state in a wave.
func (p panelPage) Mark(row fieldwork.Row, w study.Wave) fieldwork.Mark { return row.Marks[w.Number-1] }

// MarkName names a state in a wave in a word or two.
func (v *view) MarkName(m fieldwork.Mark) string {
	if m.State == fieldwork.Waiting && v.Study.Waves[m.Wave-1].State(v.now) == study.Planned {
		return v.StateName(study.Planned)
	}
	name := v.T.T("staff.mark." + string(m.State))
	if m.State == fieldwork.Done && m.Mode != store.Web {
		return v.T.T("staff.mark.with_mode", "mark", name, "mode", v.T.T("staff.mode."+string(m.Mode)))
	}
	return name
}

// MarkClass gives the class of the tag of a state.
func (v *view) MarkClass(m fieldwork.Mark) string {
	switch m.State {
	case fieldwork.Done:
		return "tag"
	case fieldwork.Begun:
		return "tag todo"
	}
	return "tag plan"
}

// StatusName names what a participant is to the panel.
func (v *view) StatusName(s store.ParticipantStatus) string {
	return v.T.T("staff.status." + string(s))
}

// Attributes gives what is known of a participant, as one line.
func (v *view) Attributes(row fieldwork.Row) string {
	var out []string
	for _, a := range v.Study.Attributes {
		if c := a.Choice(row.Attributes[a.Name]); c != nil {
			out = append(out, v.In(c.Label))
		} else if text := row.Attributes[a.Name]; text != "" {
			out = append(out, text)
		}
	}
	return strings.Join(out, ", ")
}

// Known names what Attributes tells: "Land, Bransch".
func (v *view) Known() string {
	var out []string
	for _, a := range v.Study.Attributes {
		out = append(out, v.In(a.Label))
	}
	return strings.Join(out, ", ")
}

// LanguageName names a language in itself.
func (v *view) LanguageName(tag string) string { return lang.Name(tag) }
