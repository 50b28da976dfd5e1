package intake

import (
	"maps"
	"slices"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
	"panelverk/internal/secret"
	"panelverk/internal/study"
)

func (p *answersReader) problem(r row, column int, code, format string, args ...any) {
	p.plan.Problems.Add(p.t.place(r.number, column), code, format, args...)
}

// person gives the participant of an id in the file. One that the key file
// knows from an earlier file joins.
func (p *answersReader) person(id string, w *study.Wave) *person {
	who := p.people[id]
	if who == nil {
		who = &person{id: id, pid: p.known[id], first: w.Number}
		if who.known = who.pid != ""; !who.known {
			who.pid = secret.NewID()
		}
		// An id that is in the key file alone was left by an import that broke
		// off between the two databases: it goes on with the same pid.
		who.fresh = !p.members[who.pid]
		p.people[id] = who
		p.plan.people = append(p.plan.people, who)
	}
	who.first = min(who.first, w.Number)
	return who
}

// row reads the answers of one row.
func (p *answersReader) row(r row, who *person, w *study.Wave) {
	if p.there[w.Number][who.pid] {
		p.problem(r, p.id, "interview_exists", "This id has an interview in wave %s already. An import adds interviews and never changes one.", w.Key)
		return
	}
	ref := refOf(w)
	answers := map[string]string{}
	for column, cell := range r.cells {
		if column == p.id || column == p.wave {
			continue
		}
		rd := p.readers[ref][column]
		missing := clean(cell) == ""
		if slices.Contains(p.in.NA, clean(cell)) {
			missing, p.naUsed[clean(cell)] = true, true
		}
		switch {
		case rd == nil:
			if p.columnMatches(column) && !missing {
				p.problem(r, column, "not_in_version", "%s v%d, which wave %s fields, has no such question.", ref.Key, ref.Number, w.Key)
			}
			continue
		case missing:
			p.plan.Missing++
			continue
		}
		value, code, message := rd.read(cell)
		if code != "" {
			p.problem(r, column, code, "%s", message)
			continue
		}
		if v := p.numbers[ref][rd.question.Name]; v != nil && v.Reserved(value) {
			p.problem(r, column, "reserved_value", "%s means in data files that an answer is missing, and cannot be a value of this question. If it means that here too, name it with --na=%s.", value, value)
			continue
		}
		if value != "" {
			answers[rd.question.Name] = value
			p.plan.Values++
		}
	}
	p.check(r, w, p.logics[ref], answers)
	p.plan.rows = append(p.plan.rows, answered{number: r.number, who: who, wave: w, answers: answers})
}

// columnMatches tells whether a column is a question in any version.
func (p *answersReader) columnMatches(column int) bool {
	for _, c := range p.matched {
		if c == column {
			return true
		}
	}
	return false
}

// check warns of what the questionnaire itself would not have let through, and
// adds the calculations.
func (p *answersReader) check(r row, w *study.Wave, logic *interview.Logic, answers map[string]string) {
	at := submittedAt(w, p.now)
	view := logic.Look(answers, at)
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		it, column := logic.Questionnaire.Question(name), p.matched[name]
		switch {
		case !view.Relevant(name):
			p.plan.Problems.Warn(p.t.place(r.number, column), "not_relevant",
				"By the other answers of the row this question would not have been asked. The answer is kept and not exported.")
		case !view.Holds(it, answers[name]):
			p.plan.Problems.Warn(p.t.place(r.number, column), "constraint", "“%s” breaks the questionnaire's rule.%s", short(r.cells[column]), rule(it))
		case !offered(view, it, answers[name]):
			p.plan.Problems.Warn(p.t.place(r.number, column), "filtered_choice",
				"“%s” would not have been offered, by the other answers of the row.", short(r.cells[column]))
		}
	}
	for name, value := range view.Calculations() {
		if value != "" {
			answers[name] = value
		}
	}
}

// rule gives the questionnaire's message for a broken constraint, with a space before it.
func rule(it *questionnaire.Item) string {
	if text, _ := it.ConstraintMessage.In("en"); text != "" {
		return " " + text
	}
	return ""
}

// offered tells whether the choice filter lets every chosen choice through.
func offered(view *interview.View, it *questionnaire.Item, value string) bool {
	if it.ChoiceFilter == nil {
		return true
	}
	_, code := interview.Parse(it, view.Choices(it), splitNames(it, value))
	return code == ""
}

// submittedAt gives the moment at which an imported interview counts as
// submitted: when its wave closed, or now where it is still open.
func submittedAt(w *study.Wave, now time.Time) time.Time {
	if w.Closes.Before(now) {
		return w.Closes
	}
	return now
}

// sum counts what the plan holds.
func (p *answersReader) sum() {
	counts := map[int]int{}
	for _, r := range p.plan.rows {
		counts[r.wave.Number]++
	}
	for _, w := range p.plan.st.Waves {
		if counts[w.Number] > 0 {
			p.plan.Waves = append(p.plan.Waves, AnswersWave{Key: w.Key, Number: w.Number, Interviews: counts[w.Number]})
		}
	}
	p.plan.Interviews, p.plan.Participants = len(p.plan.rows), len(p.plan.people)
	for _, who := range p.plan.people {
		if who.fresh {
			p.plan.NewParticipants++
		}
	}
	for _, token := range p.in.NA {
		if token != "" && !p.naUsed[token] {
			p.plan.Problems.Warn(fault.Place{File: p.t.file, Sheet: p.t.sheet}, "na_unused", "No cell holds “%s”, which was to mean missing.", short(token))
		}
	}
}
