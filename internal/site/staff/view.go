package staff

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"panelverk/internal/access"
	"panelverk/internal/lang"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// view is what every page shows around its own matter.
type view struct {
	T       *lang.Texts
	Account *store.Account // nil for nobody
	Study   *study.Study   // nil outside of a study
	Section string         // the section that the page belongs to
	Done    string         // what was just done, "" for nothing
	Wrong   bool           // the page shows what is wrong with a form
	actor   access.Actor
	now     time.Time
	zone    *time.Location // of the clocks outside of a study; nil for UTC
}

// view gives the frame of a page in a section ("" for none).
func (r *request) view(section string) *view {
	v := &view{T: r.t, Account: r.account, Study: r.study, Section: section, actor: r.actor, now: r.now}
	if r.account == nil {
		return v
	}
	if key := r.Sessions.PopString(r.ctx(), sessionDone); key != "" {
		v.Done = r.t.T(key)
	}
	return v
}

// frame gives the frame of the page that embeds it.
func (v *view) frame() *view { return v }

// link is one entry of the navigation.
type link struct {
	URL, Text string
	Here      bool
}

// sections lists the parts of a study, each with what one must be allowed.
var sections = []struct {
	name, path string
	need       access.Action
}{
	{"overview", "", access.ParticipationView},
	{"outcomes", "/outcomes", access.ParticipationView},
	{"waves", "/waves", access.WaveChange},
	{"plan", "/plan", access.PlanChange},
	{"calendar", "/calendar", access.PlanChange},
	{"messages", "/messages", access.MessageView},
	{"panel", "/panel", access.ParticipantList},
	{"enrolment", "/enrolment", access.EnrolmentChange},
	{"links", "/links", access.LinkCopy},
	{"questionnaires", "/questionnaires", access.QuestionnaireView},
	{"data", "/data", access.DataDownload},
	{"releases", "/releases", access.ReleaseView},
}

// Nav gives the sections that the actor may use.
func (v *view) Nav() []link {
	var out []link
	if v.Account == nil {
		return nil
	}
	if v.Study != nil {
		for _, s := range sections {
			if v.actor.Can(s.need, v.Study.Key) && (s.name != "enrolment" || v.Study.Enrolment != nil) {
				out = append(out, link{root + "/s/" + v.Study.Key + s.path, v.T.T("staff.nav." + s.name), s.name == v.Section})
			}
		}
		return out
	}
	out = append(out, link{root + "/", v.T.T("staff.nav.studies"), v.Section == "studies"})
	if v.Owner() {
		out = append(out, link{root + "/people", v.T.T("staff.nav.people"), v.Section == "people"},
			link{root + "/audit", v.T.T("staff.nav.audit"), v.Section == "audit"})
	}
	return append(out, link{root + "/account", v.T.T("staff.nav.account"), v.Section == "account"})
}

// Owner tells whether the actor is owner of all studies or of one.
func (v *view) Owner() bool {
	for _, role := range v.actor.Roles {
		if role == access.Owner {
			return true
		}
	}
	return false
}

// Can tells whether the actor may do an action in the study of the page.
func (v *view) Can(do string) bool {
	return v.Study != nil && v.actor.Can(access.Action(do), v.Study.Key)
}

// Role names the actor's role in the study of the page.
func (v *view) Role() string {
	key := access.AllStudies
	if v.Study != nil {
		key = v.Study.Key
	}
	if role := v.actor.Role(key); role != "" {
		return v.RoleName(role)
	}
	return ""
}

// RoleName names a role.
func (v *view) RoleName(role access.Role) string { return v.T.T("role." + string(role)) }

// Promise says what the role does and does not see, "" outside of a study.
func (v *view) Promise() string {
	if v.Study == nil || v.Account == nil {
		return ""
	}
	if role := v.actor.Role(v.Study.Key); role != "" {
		return v.T.T("staff.promise." + string(role))
	}
	return ""
}

// At gives a path in the study of the page.
func (v *view) At(path string) string { return root + "/s/" + v.Study.Key + path }

// StudyTitle gives the study's title in the language of the page, "" outside
// of a study.
func (v *view) StudyTitle() string { return v.titleOf(v.Study) }

func (v *view) titleOf(st *study.Study) string {
	if st == nil {
		return ""
	}
	return v.In(st.Title)
}

// In gives a text in the language of the page or the nearest there is.
func (v *view) In(text lang.Text) string {
	fallbacks := []string{"en"}
	if v.Study != nil {
		fallbacks = append(fallbacks, v.Study.DefaultLanguage())
	}
	s, _ := text.In(v.T.Tag, fallbacks...)
	return s
}

// WaveName names a wave: "Omgång 3".
func (v *view) WaveName(number int) string { return v.T.T("staff.wave", "number", number) }

// local gives a moment on the study's clocks; outside of a study, on those of
// the first study that the actor sees.
func (v *view) local(at time.Time) time.Time {
	switch {
	case v.Study != nil:
		return at.In(v.Study.TimeZone)
	case v.zone != nil:
		return at.In(v.zone)
	}
	return at.UTC()
}

// Zone names the clocks that local tells the time by.
func (v *view) Zone() string { return v.local(v.now).Location().String() }

// Day writes a day: without its year where that is this year.
func (v *view) Day(at time.Time) string {
	at = v.local(at)
	if at.Year() == v.local(v.now).Year() {
		return v.T.Date(at)
	}
	return v.T.DateYear(at)
}

// Heading writes a day and the time of day as a line of its own begins.
func (v *view) Heading(at time.Time) string {
	s := v.Day(at) + " " + v.T.Clock(v.local(at))
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// ISO writes a date as it is typed.
func (v *view) ISO(at time.Time) string { return v.local(at).Format(time.DateOnly) }

// Stamp writes a date and time for a list.
func (v *view) Stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return v.local(at).Format("2006-01-02 15:04")
}

// Period writes a field period.
func (v *view) Period(w study.Wave) string { return v.T.Span(v.local(w.Opens), v.lastDay(w)) }

// lastDay gives a moment on the last day of a wave, which is open until just
// before Closes.
func (v *view) lastDay(w study.Wave) time.Time { return v.local(w.Closes.Add(-time.Second)) }

// days gives how many days of the calendar lie between now and a moment.
func (v *view) days(at time.Time) int {
	day := func(t time.Time) time.Time {
		t = v.local(t)
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	return int(day(at).Sub(day(v.now)) / (24 * time.Hour))
}

// When tells how far off a moment is, in days: "i dag", "om elva dagar",
// "för två dagar sedan".
func (v *view) When(at time.Time) string {
	switch n := v.days(at); {
	case n == 0:
		return v.T.T("staff.when.today")
	case n == 1:
		return v.T.T("staff.when.tomorrow")
	case n == -1:
		return v.T.T("staff.when.yesterday")
	case n > 0:
		return v.T.T("staff.when.in", "count", n, "number", v.number(n))
	default:
		return v.T.T("staff.when.ago", "count", -n, "number", v.number(-n))
	}
}

// LastISO writes the last day of a wave as it is typed.
func (v *view) LastISO(w study.Wave) string { return v.ISO(v.lastDay(w)) }

// StateOf gives where a wave stands.
func (v *view) StateOf(w study.Wave) string { return string(w.State(v.now)) }

// number writes a number from two to twelve as a word, others in figures.
func (v *view) number(n int) string {
	if words := strings.Fields(v.T.T("staff.numbers")); n >= 2 && n-2 < len(words) {
		return words[n-2]
	}
	return strconv.Itoa(n)
}

// StateName names where a wave stands, in one word.
func (v *view) StateName(s study.State) string { return v.T.T("staff.state." + string(s)) }
