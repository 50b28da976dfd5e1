package staff

import (
	"cmp"
	"slices"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/study"
)

// workPage is the people still to reach in a wave.
type workPage struct {
	*view
	Wave    study.Wave
	Rows    []fieldwork.Reach
	Names   bool // they are shown, and that they were is noted
	Order   string
	Begun   int
	Trouble int
}

// orders gives the ways to sort the work-list. The first is the operation's own:
// whom messages do not reach, then who has begun.
var orders = []struct {
	name string
	cmp  func(a, b fieldwork.Reach) int
}{
	{"urgent", nil},
	{"name", func(a, b fieldwork.Reach) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.Label, b.Label))
	}},
	{"sent", func(a, b fieldwork.Reach) int { return a.Last.Compare(b.Last) }},
	{"contacts", func(a, b fieldwork.Reach) int { return a.Contacts - b.Contacts }},
	{"state", func(a, b fieldwork.Reach) int { return strings.Compare(string(a.Mark.State), string(b.Mark.State)) }},
}

func (r *request) showMissing() error { return r.workList(r.Query("order"), false) }

// showMissingNames shows the list with names. It is a post: it leaves a trace.
func (r *request) showMissingNames() error { return r.workList(r.PostForm("order"), true) }

func (r *request) workList(order string, names bool) error {
	w, err := r.wave()
	if err != nil {
		return err
	}
	rows, err := r.Fieldwork.WorkList(r.ctx(), r.now, r.actor, r.study.Key, w.Number, names)
	if err != nil {
		return err
	}
	p := workPage{view: r.view("panel"), Wave: w, Rows: rows, Names: names, Order: orders[0].name}
	for _, row := range rows {
		if row.Mark.State == fieldwork.Begun {
			p.Begun++
		}
		if row.Trouble != fieldwork.NoTrouble {
			p.Trouble++
		}
	}
	for _, o := range orders {
		if o.name == order && o.cmp != nil {
			p.Order = order
			slices.SortStableFunc(p.Rows, o.cmp)
		}
	}
	return r.show("missing", nil, p)
}

// Orders gives the ways to sort, to choose from.
func (p workPage) Orders() []option {
	var out []option
	for _, o := range orders {
		if o.name == "name" && !p.Names {
			out = append(out, option{Value: o.name, Text: p.T.T("staff.work.order.label")})
			continue
		}
		out = append(out, option{Value: o.name, Text: p.T.T("staff.work.order." + o.name)})
	}
	return out
}

// MayName tells whether the actor may see who the people are.
func (p workPage) MayName() bool { return p.Can(string(access.IdentityView)) }

// SentWhat tells what was last done to reach somebody: "Påminnelse, e-post".
func (p workPage) SentWhat(r fieldwork.Reach) string {
	s := r.Sent
	switch {
	case s == nil && r.Last.IsZero():
		return p.T.T("staff.work.nothing_sent")
	case s == nil: // handed over before there was a ledger of it
		return p.Stamp(r.Last)
	}
	return p.T.T("staff.work.sent", "kind", p.T.T("staff.work.kind."+string(s.Kind)), "channel", p.T.T("staff.work.channel."+string(s.Channel)))
}

// SentHow tells what became of it and when.
func (p workPage) SentHow(s *fieldwork.Sent) string {
	if s == nil {
		return ""
	}
	return p.T.T("staff.work.outcome", "state", p.T.T("staff.work.state."+string(s.State)), "when", p.Stamp(s.At))
}

// TroubleName tells why messages do not reach somebody.
func (p workPage) TroubleName(t fieldwork.Trouble) string {
	return p.T.T("staff.work.trouble." + string(t))
}
