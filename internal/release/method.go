package release

import (
	"cmp"
	"slices"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/disclosure"
	"panelverk/internal/lang"
	"panelverk/internal/panel"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

func (o *documents) frame() panel.Frame { return panel.Frame(o.data.Study.Frame) }

// method is the report on how the data came about: what AAPOR asks to be disclosed,
// and the items of CHERRIES (Eysenbach, J Med Internet Res 2004;6(3):e34).
func (w *writing) method() *paper {
	p := &paper{tag: w.tag, title: w.t("method.title", "title", w.title()), toc: 2}
	p.say(w.t("method.lede", "number", w.release.Number, "day", w.day(w.release.DecidedAt)), w.t("method.whom", "persons", w.whole(w.report.Persons)), w.t("small"))
	w.project(p)
	w.people(p)
	w.modes(p)
	w.periods(p)
	w.versions(p)
	w.messages(p)
	w.outcomes(p)
	w.panelRates(p)
	w.patterns(p)
	w.stops(p)
	w.checks(p)
	w.scales(p)
	w.weighting(p)
	w.corrections(p)
	p.head(2, w.t("treated"))
	p.list(w.treated())
	w.cherries(p)
	return p
}

// project tells who asked whom, and why.
func (w *writing) project(p *paper) {
	s := w.data.Study
	p.head(2, w.t("project"))
	rows := [][]string{{w.t("who"), w.says(s.About.Who)}, {w.t("why"), w.says(s.About.Why)}, {w.t("promised"), w.says(s.About.Answers)}, {w.t("controller"), w.says(s.Controller)},
		{w.word("workbook.contact"), w.contact()}, {w.word("workbook.cite"), w.citation()}, {w.t("funding"), w.funding()}, {w.t("ethics"), w.says(w.cited().Ethics)}}
	p.table(2, []string{w.t("about"), w.t("value")}, slices.DeleteFunc(rows, func(row []string) bool { return row[1] == "" }))
}

func (w *writing) contact() string {
	c := w.data.Study.Contact
	return strings.Join(slices.DeleteFunc([]string{w.says(c.Role), c.Email, c.Phone}, func(s string) bool { return s == "" }), ", ")
}

// people tells where the participants came from, and what became of them.
func (w *writing) people(p *paper) {
	s := w.data.Study
	p.head(2, w.t("sample"))
	p.say(w.t("frame."+string(s.Frame)), w.t("size", "min", s.Panel.Min, "max", s.Panel.Max))
	var names []string
	for _, a := range s.Attributes {
		names = append(names, cmp.Or(w.says(a.Label), a.Name))
	}
	if len(names) > 0 {
		p.say(w.t("attributes", "names", strings.Join(names, ", ")))
	}
	t := &w.cut.tally
	all := []dataset.Status{dataset.Active, dataset.Left, dataset.Erased, dataset.Dead}
	var counts []int
	for _, status := range all {
		counts = append(counts, t.Status[status])
	}
	hidden, none := hideOne(counts)
	if none {
		return
	}
	var rows [][]string
	for i, status := range all {
		if counts[i] > 0 && !hidden[i] {
			rows = append(rows, []string{w.word("data.member." + string(status)), w.whole(counts[i])})
		}
	}
	if slices.Contains(hidden, true) && len(rows) > 0 {
		rows = append(rows, []string{w.t("others"), hiddenMark})
	}
	if len(rows) == 0 {
		p.say(w.t("members") + ": " + w.whole(t.Members) + ".")
		return
	}
	p.table(1, []string{w.t("members"), w.word("workbook.persons")}, append(rows, []string{w.word("workbook.sum"), w.whole(t.Members)}))
}

// modes tells how, and in which languages, people answered.
func (w *writing) modes(p *paper) {
	s := w.data.Study
	p.head(2, w.t("mode"))
	var languages []string
	for _, tag := range s.Languages {
		languages = append(languages, lang.Name(tag))
	}
	p.say(w.t("mode.text", "languages", strings.Join(languages, ", ")), w.t("mode.staff"))
	for _, name := range []string{"mode", "language"} {
		i := slices.IndexFunc(w.cut.whole.Variables, func(v *dataset.Variable) bool { return v.Name == name && v.Question == "" })
		if i >= 0 {
			p.say(w.used(w.cut.whole.Variables[i]))
		}
	}
}

// used names the values of a variable that enough people share in some wave. How
// many they are would tell how many began and have not sent in.
func (w *writing) used(v *dataset.Variable) string {
	var names []string
	for _, value := range v.Values {
		n := 0
		for i := range w.data.Waves {
			count, _ := w.facts.panel.Code(v, w.facts.waves[i].at, value.Code)
			n = max(n, count)
		}
		if n >= disclosure.Least {
			names = append(names, w.says(value.Label))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return w.t("mode.used", "what", w.says(v.Label), "names", strings.Join(names, ", "))
}

// periods tells of each wave when it was, with which version, and how many answered.
func (w *writing) periods(p *paper) {
	p.head(2, w.word("workbook.waves"))
	var rows [][]string
	for i, at := range w.data.Waves {
		f := &w.facts.waves[i]
		minutes := hiddenMark
		if n, quartiles := w.facts.panel.Minutes(f.at); n >= leastMeasured {
			minutes = w.words.Number(quartiles[1], 0)
		}
		rows = append(rows, []string{w.wave(at), w.period(at.Opens, at.Closes.Add(-1)), ref(dataset.Ref{Key: at.Questionnaire, Number: at.Version}),
			w.figure(f.asked), w.figure(f.complete), minutes})
	}
	p.table(3, []string{w.word("workbook.wave"), w.t("period"), w.word("workbook.version"), w.word("workbook.asked"), w.word("workbook.submitted"), w.t("minutes")}, rows)
	p.say(w.t("minutes.text", "minutes", w.data.Study.Minutes))
}

// versions tells what changed between the versions of the questionnaire.
func (w *writing) versions(p *paper) {
	p.head(2, w.t("versions"))
	var rows [][]string
	for i := range w.data.Changes {
		c := &w.data.Changes[i]
		var kinds []string
		for _, k := range c.Kinds {
			kinds = append(kinds, w.word("workbook.change."+string(k)))
		}
		decided := ""
		if c.Decision != "" {
			decided = w.word("workbook.decision." + string(c.Decision))
		}
		if c.Reason != "" {
			decided += ": " + w.reason(c.Reason)
		}
		rows = append(rows, []string{named(c.Question), ref(c.From) + " → " + ref(c.To), strings.Join(kinds, ", "), decided})
	}
	if len(rows) == 0 {
		p.say(w.word("workbook.nochange"))
		return
	}
	p.say(w.t("versions.text"))
	p.table(4, []string{w.word("workbook.question"), w.word("workbook.inversion"), w.word("workbook.changed"), w.word("workbook.decision")}, rows)
}

// messages tells what was sent, and when.
func (w *writing) messages(p *paper) {
	p.head(2, w.t("messages"))
	var rows [][]string
	for _, s := range w.facts.sendings {
		i := w.documents.wave(s.Wave)
		if i < 0 || !w.ofPlan(s.Key) {
			continue
		}
		rows = append(rows, []string{w.wave(w.data.Waves[i]), w.word("staff.work.kind." + s.Kind), w.word("staff.work.channel." + s.Channel),
			w.period(s.First, s.Last), w.sent(i, s), w.fewer(s.Back)})
	}
	if len(rows) == 0 {
		p.say(w.t("messages.none"))
		return
	}
	p.say(w.t("messages.text"))
	p.table(4, []string{w.word("workbook.wave"), w.t("message"), w.t("channel"), w.t("period"), w.t("sent"), w.t("back")}, rows)
}

// sent gives how many got a message. Thanks are for those who have answered, and the
// others for whoever has not: neither may tell of fewer than five.
func (w *writing) sent(i int, s store.Sending) string {
	f := &w.facts.waves[i]
	if tooFew(s.Count) || tooFew(f.asked.n-s.Count) || study.MessageKind(s.Kind) == study.Thanks && f.complete.hidden {
		return hiddenMark
	}
	return w.whole(s.Count)
}

// ofPlan tells whether a message is one of the study's plan: others are asked for by
// those who get them.
func (w *writing) ofPlan(key string) bool {
	plan := w.data.Study.Plan
	return plan != nil && slices.ContainsFunc(plan.Messages, func(m study.Message) bool { return m.Key == key })
}
