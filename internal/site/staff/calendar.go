package staff

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/study"
)

// calendarPage is what goes out to the panel, day by day.
type calendarPage struct {
	*view
	A       *fieldwork.Ahead
	Clashes []study.Clash
	Feed    string // its address, "" for none
	Form    *form
	Rows    []fieldwork.Planned // of the day that was chosen
	Page    int                 // of those rows, from 1
	Pages   int
	Query   string // of the selection
}

// rowsShown is how many people are on one page of a day.
const rowsShown = 200

// selection reads what was chosen of the calendar.
func (r *request) selection() fieldwork.Selection {
	wave, _ := strconv.Atoi(r.Query("wave")) // what is no wave chooses none
	return fieldwork.Selection{Wave: wave, Message: r.Query("message"), Language: r.Query("language"), Channel: study.Channel(r.Query("channel")), Day: r.Query("day")}
}

func (r *request) showCalendar() error {
	chosen := r.selection()
	ahead, err := r.Fieldwork.Calendar(r.ctx(), r.now, r.actor, r.study.Key, chosen)
	if err != nil {
		return err
	}
	planning, err := r.Fieldwork.Planning(r.ctx(), r.actor, r.study.Key)
	if err != nil {
		return err
	}
	p := calendarPage{view: r.view("calendar"), A: ahead, Clashes: planning.Clashes, Form: r.fresh(), Page: 1}
	if planning.Calendar != "" {
		p.Feed = planning.Calendar + "?lang=" + r.t.Tag
	}
	q := url.Values{}
	for _, name := range []string{"wave", "message", "language", "channel", "day"} {
		p.Form.values.Set(name, r.Query(name))
		if r.Query(name) != "" {
			q.Set(name, r.Query(name))
		}
	}
	p.Query = q.Encode()
	if chosen.Day != "" {
		if err := r.dayRows(&p, chosen); err != nil {
			return err
		}
	}
	return r.show("calendar", nil, p)
}

// dayRows reads one page of the people of a day.
func (r *request) dayRows(p *calendarPage, chosen fieldwork.Selection) error {
	if n, err := strconv.Atoi(r.Query("page")); err == nil && n > 1 {
		p.Page = n
	}
	p.Pages = (p.A.Total + rowsShown - 1) / rowsShown
	skip := (p.Page - 1) * rowsShown
	n := 0
	return r.Fieldwork.EachPlanned(r.ctx(), r.now, r.actor, r.study.Key, chosen, func(_ *study.Study, one fieldwork.Planned) error {
		if n++; n > skip && n <= skip+rowsShown {
			p.Rows = append(p.Rows, one)
		}
		return nil
	})
}

// calendarFile streams the calendar as a table.
func (r *request) calendarFile() error {
	if err := r.may(access.PlanChange); err != nil {
		return err
	}
	v := r.view("")
	r.Header("Content-Disposition", `attachment; filename="`+r.study.Key+`-calendar.csv"`)
	r.Header("Content-Type", "text/csv; charset=utf-8")
	r.Status(http.StatusOK)
	w := csv.NewWriter(r.Writer)
	head := []string{"participant", "day", "time", "time_zone", "wave", "message", "kind", "language", "channel", "condition"}
	if err := w.Write(head); err != nil {
		return err
	}
	err := r.Fieldwork.EachPlanned(r.ctx(), r.now, r.actor, r.study.Key, r.selection(), func(st *study.Study, one fieldwork.Planned) error {
		at := one.At.In(st.TimeZone)
		return w.Write([]string{one.Label, at.Format("2006-01-02"), at.Format("15:04"), st.TimeZone.String(), st.Waves[one.Wave-1].Key, one.Message,
			string(one.Kind), one.Language, string(one.Channel), v.Condition(one.AheadKey)})
	})
	if w.Flush(); err == nil {
		err = w.Error()
	}
	return err
}

// waveDates sends the field periods as a file for a calendar program.
func (r *request) waveDates() error {
	if err := r.may(access.PlanChange); err != nil {
		return err
	}
	return r.download(r.study.Key+".ics", "text/calendar; charset=utf-8", r.study.Calendar(r.t.Tag, r.host(), r.now))
}

// host gives the name of this server, for ids that have to be its own.
func (r *request) host() string {
	u, err := url.Parse(r.BaseURL)
	if err != nil {
		return "localhost"
	}
	return u.Hostname()
}

func (r *request) renewCalendar() error {
	if err := r.Fieldwork.RenewCalendar(r.ctx(), r.now, r.actor, r.study.Key); err != nil {
		return err
	}
	return r.done(r.at("/calendar"), "staff.done.calendar_renewed")
}

// calendarFeed gives the field periods to a calendar program, which cannot log
// in: the address itself is the secret, and there is nothing at it but dates.
func (r *request) calendarFeed() error {
	token, ok := strings.CutSuffix(r.Param("file"), ".ics")
	if !ok {
		return errNoPage
	}
	st, err := r.Fieldwork.CalendarFeed(r.ctx(), r.Param("study"), token)
	if err != nil {
		if fault.Of(err).Kind == fault.NotFound {
			return errNoPage.Because(err)
		}
		return err
	}
	tag := r.Query("lang")
	if !slices.Contains(lang.Tags, tag) {
		tag = st.DefaultLanguage()
	}
	r.Header("Cache-Control", "private, max-age=3600")
	r.Data(http.StatusOK, "text/calendar; charset=utf-8", st.Calendar(tag, r.host(), r.now))
	return nil
}

// Condition says what must still hold for a message to go out, "" for nothing.
func (v *view) Condition(k fieldwork.AheadKey) string {
	var said []string
	if k.Perhaps {
		said = append(said, v.T.T("staff.send.if.perhaps", "wave", k.Wave-1))
	}
	if key := "staff.send.if." + string(k.If); k.If != study.Everybody && v.T.Has(key) && (k.Kind != study.Invitation && k.Kind != study.Thanks) {
		said = append(said, v.T.T(key))
	}
	return strings.Join(said, ", ")
}

// DayLink leads to the people of a day.
func (p calendarPage) DayLink(d fieldwork.AheadDay) string { return p.link("day", p.ISO(d.Day)) }

// PageLink leads to another page of a day's people.
func (p calendarPage) PageLink(n int) string { return p.link("page", itoa(p.Page+n)) }

func (p calendarPage) link(name, value string) string {
	q, _ := url.ParseQuery(p.Query) // it was encoded here
	q.Set(name, value)
	return p.At("/calendar") + "?" + q.Encode()
}

// Whole leads back to all days.
func (p calendarPage) Whole() string {
	q, _ := url.ParseQuery(p.Query) // as above
	q.Del("day")
	return p.At("/calendar") + "?" + q.Encode()
}

// Filters draws what the calendar can be chosen by.
func (p calendarPage) Filters() []field {
	var waves, messages, languages, ways []option
	all := option{Text: p.T.T("staff.send.all")}
	for _, w := range p.A.Study.Waves {
		waves = append(waves, option{Value: itoa(w.Number), Text: p.WaveName(w.Number)})
	}
	if p.A.Study.Plan != nil {
		for _, m := range p.A.Study.Plan.Messages {
			messages = append(messages, option{Value: m.Key, Text: p.MessageName(m.Key, m.Kind)})
		}
	}
	for _, tag := range p.A.Study.Languages {
		languages = append(languages, option{Value: tag, Text: p.LanguageName(tag)})
	}
	for _, c := range study.Channels() {
		ways = append(ways, option{Value: c, Text: p.ChannelName(study.Channel(c))})
	}
	choose := func(name, label string, options []option) field {
		return p.Form.Choose(name, p.T.T(label), "", append([]option{all}, options...))
	}
	return []field{choose("wave", "staff.chart.wave", waves), choose("message", "staff.send.message", messages),
		choose("language", "staff.panel.language", languages), choose("channel", "staff.send.channel", ways)}
}
