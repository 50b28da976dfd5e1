package release

import (
	"slices"
	"strings"

	"panelverk/internal/panel"
	"panelverk/internal/study"
)

// cherriesGroups are the groups of the checklist with how many items each has
// (Eysenbach G, J Med Internet Res 2004;6(3):e34, table 1; corrected 2012;14(1):e8).
var cherriesGroups = []struct {
	key   string
	items []string
}{
	{"design", []string{"design"}},
	{"ethics", []string{"approval", "consent", "protection"}},
	{"development", []string{"testing"}},
	{"recruitment", []string{"open", "contact", "advertising"}},
	{"administration", []string{"web", "context", "mandatory", "incentives", "time", "randomisation", "adaptive", "items", "screens", "completeness", "review"}},
	{"rates", []string{"visitors", "view", "participation", "completion"}},
	{"multiple", []string{"cookies", "ip", "log", "registration"}},
	{"analysis", []string{"incomplete", "timestamp", "correction"}},
}

// cherries gives the items of the checklist with what was recorded, "not collected"
// where nothing was.
func (w *writing) cherries(p *paper) {
	p.head(2, "CHERRIES")
	p.say(w.t("cherries.text"))
	said := w.recorded()
	var rows [][]string
	n := 0
	for _, group := range cherriesGroups {
		for _, item := range group.items {
			n++
			text := strings.TrimSpace(said[item])
			if text == "" {
				text = w.t("notcollected")
			}
			rows = append(rows, []string{short(float64(n)), w.t("cherries.group." + group.key), w.t("cherries." + item), text})
		}
	}
	p.table(4, []string{"", w.t("cherries.group"), w.t("cherries.item"), w.t("cherries.said")}, rows)
}

// recorded gives what is known of the items.
func (w *writing) recorded() map[string]string {
	s := w.data.Study
	see := func(key string) string { return w.t("see", "section", key) }
	perVersion := func(of func(form) string) string {
		var out []string
		for _, v := range w.data.Versions {
			if len(v.Waves) > 0 {
				out = append(out, ref(v.Ref)+": "+of(formOf(v.Questionnaire)))
			}
		}
		return strings.Join(out, "; ")
	}
	out := map[string]string{
		"design":        strings.Join([]string{w.says(s.About.Who), w.says(s.About.Why), w.t("frame." + string(s.Frame))}, " "),
		"approval":      w.says(w.cited().Ethics),
		"protection":    w.t("said.protection"),
		"open":          w.t("said.open." + string(s.Frame)),
		"contact":       w.channels(),
		"web":           w.t("mode.web") + " " + w.t("mode.staff"),
		"context":       w.t("said.context"),
		"mandatory":     w.t("said.mandatory"),
		"time":          see(w.word("workbook.waves")),
		"randomisation": w.t("said.random", "questions", perVersion(func(f form) string { return w.whole(f.random) })),
		"adaptive":      w.t("said.routed", "questions", perVersion(func(f form) string { return w.word("staff.outcomes.of", "of", f.routed, "over", f.questions) })),
		"items":         perVersion(func(f form) string { return w.whole(f.questions) }),
		"screens":       perVersion(func(f form) string { return w.whole(f.pages) }),
		"completeness":  w.t("checks.text"),
		"review":        w.t("said.review"),
		"visitors":      w.t("said.visitors"),
		"view":          w.t("said.visitors"),
		"participation": see(w.word("workbook.rates")) + " " + see(w.word("workbook.panelrates")),
		"completion":    w.completion(),
		"cookies":       w.t("said.cookies"),
		"ip":            w.t("said.ip"),
		"log":           w.t("said.log"),
		"registration":  w.t("said.registration"),
		"incomplete":    w.t("said.incomplete", "share", w.words.Number(100*s.Partial, 0)),
		"timestamp":     w.t("said.timestamp"),
		"correction":    w.word("workbook.weights.none"),
	}
	if s.Consent != nil {
		out["consent"] = w.t("said.consent", "minutes", s.Minutes)
	}
	switch {
	case w.weighted():
		out["correction"] = w.word("workbook.weights.why")
	case s.Weighting != nil:
		out["correction"] = w.t("weights.left")
	}
	return out
}

// completion tells how many of those who began have sent in.
func (w *writing) completion() string {
	var out []string
	for i, at := range w.data.Waves {
		f := &w.facts.waves[i]
		text := hiddenMark
		if !f.completed.hidden && f.completed.n > 0 {
			text = w.word("staff.outcomes.part", "of", w.whole(f.complete.n), "over", w.whole(f.completed.n), "share", w.percent(float64(f.complete.n)/float64(f.completed.n)))
		}
		out = append(out, w.wave(at)+": "+text)
	}
	return strings.Join(out, "; ")
}

// channels names the ways in which people were written to.
func (w *writing) channels() string {
	var out []string
	add := func(channel string) {
		if name := w.word("staff.work.channel." + channel); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, s := range w.facts.sendings {
		if w.ofPlan(s.Key) {
			add(s.Channel)
		}
	}
	if plan := w.data.Study.Plan; plan != nil && len(out) == 0 {
		for _, m := range plan.Messages {
			for _, c := range m.Channels {
				add(string(c))
			}
		}
	}
	text := strings.Join(out, ", ")
	if w.frame() == panel.Frame(study.OpenLink) {
		text = strings.TrimSpace(w.t("said.link") + " " + text)
	}
	return text
}
