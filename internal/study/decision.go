package study

import (
	"slices"
	"strings"

	"panelverk/internal/fault"
	"panelverk/internal/questionnaire"
)

// verdicts are the allowed values of "decision".
var verdicts = []string{string(questionnaire.SameVariable), string(questionnaire.NewVariable), string(questionnaire.GoneVariable)}

// decisions reads what the file decides about questions that changed.
func (f fields) decisions() []Decision {
	var out []Decision
	for _, v := range f.r.list(f.get("decisions")) {
		m := f.r.mapping(v, "questionnaire", "version", "question", "decision", "reason")
		d := Decision{Questionnaire: m.key("questionnaire", 30), Version: m.integer("version", 1, maxVersion)}
		d.Question, _, _ = m.text("question")
		verdict, at, ok := m.text("decision")
		if ok && !slices.Contains(verdicts, verdict) {
			f.r.add(at, "decision", "The decision says %s. Write same, new or gone.", verdict)
		}
		d.Verdict = questionnaire.Verdict(verdict)
		d.Reason, _, _ = m.text("reason")
		f.r.decided = append(f.r.decided, v)
		out = append(out, d)
	}
	return out
}

// decisions checks what is decided against what differs between the versions
// of the folder.
func (l *loader) decisions() {
	decided := func(key string, number int, question string) value {
		i := slices.IndexFunc(l.study.Decisions, func(d Decision) bool {
			return d.Questionnaire == key && d.Version == number && d.Question == question
		})
		if i < 0 {
			return value{}
		}
		return l.r.decided[i]
	}
	for i, d := range l.study.Decisions {
		name := versionName(d.Questionnaire, d.Version)
		first := !slices.ContainsFunc(l.found, func(v Version) bool { return v.Key == d.Questionnaire && v.Number < d.Version })
		switch known := slices.ContainsFunc(l.found, func(v Version) bool { return versionName(v.Key, v.Number) == name }); {
		case d.Questionnaire == "" || d.Version == 0 || slices.Contains(l.broken, name):
		case !known:
			l.r.add(l.r.decided[i], "missing_version", "There is no file %s.md or %s.xlsx to decide about.", name, name)
		case first:
			l.r.add(l.r.decided[i], "decision_unknown", "%s is the first version: there is nothing to compare it with.", name)
		}
	}
	var earlier []*questionnaire.Questionnaire // of the same questionnaire, as l.found is sorted
	for i, v := range l.found {
		if i == 0 || l.found[i-1].Key != v.Key {
			earlier = nil
		}
		if n := len(earlier); n > 0 {
			decisions, problems := questionnaire.Compare(earlier[n-1], v.Questionnaire, earlier[:n-1]...).Decide(l.study.DecisionsOn(v.Key, v.Number), false)
			for _, d := range decisions {
				if d.Automatic {
					d.Reason = ""
				}
				l.decided = append(l.decided, Decision{v.Key, v.Number, d.Question, d.Verdict, d.Reason})
			}
			for _, p := range problems {
				place := fault.Place{File: v.File, Sheet: "survey"}
				question := strings.TrimPrefix(p.Field, "decisions.")
				if it := v.Questionnaire.Question(question); it != nil {
					place.Row = it.Row
				}
				if at := decided(v.Key, v.Number, question); at.node != nil {
					place = l.r.place(at)
				}
				p.Place = place
				l.r.problems = append(l.r.problems, p)
			}
		}
		earlier = append(earlier, v.Questionnaire)
	}
}
