package release

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

// maxReason is the most characters that the reason of a correction may have.
const maxReason = 500

var (
	errNoInterview = fault.New(fault.NotFound, "interview_unknown", "Nobody with this id has an interview in this wave.")
	errErased      = fault.New(fault.Gone, "answers_erased", "This person's answers were erased.")
)

// NewCorrection is a value to be set right.
type NewCorrection struct {
	Study    string
	ExportID string   // as in the workbook
	Wave     int      // its number
	Question string   // its name in the questionnaire, or in the workbook; in a repeat with the instance's numbers: age@2
	Values   []string // choices by name or by their code in the workbook; none or "" clears the answer
	Reason   string
}

// Correction is a correction as researchers see it: by export id, never by pid.
type Correction struct {
	ExportID string
	Wave     int
	Question string
	Old, New string // in lexical form: choices by name, "" for none
	Reason   string
	Account  string
	At       time.Time
}

// Correct sets a value right. The original stays in the interview; exports
// carry the newest correction. The value is read as an answer to the question
// would be; constraints may be broken, since a researcher may know better.
// The audit says in which wave and which question, and nothing of whom.
//
// Fails with Invalid (correction_refused: fields question, value, reason),
// NotFound (study, interview) and Gone (answers_erased).
func (s *Service) Correct(ctx context.Context, now time.Time, actor access.Actor, in NewCorrection) error {
	if err := actor.May(access.DataCorrect, in.Study); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		at, err := s.find(tx, in)
		if err != nil {
			return err
		}
		row, err := tx.Version(in.Study, at.Questionnaire, at.Version)
		if err != nil {
			return err
		}
		q, err := row.Compiled()
		if err != nil {
			return err
		}
		as, err := tx.Definition(in.Study)
		if err != nil {
			return err
		}
		data, err := s.input(tx, source{at: now, as: as, recipient: Recipient})
		if err != nil {
			return err
		}
		d, err := dataset.Build(data)
		if err != nil {
			return err
		}
		doc, err := at.Decoded()
		if err != nil {
			return err
		}
		key, value, err := checked(interview.New(q, d.Study.TimeZone).Look(doc.Answers, now), q,
			variables(d, dataset.Ref{Key: at.Questionnaire, Number: at.Version}), in)
		if err != nil {
			return err
		}
		old, err := standing(tx, at, key)
		if err != nil {
			return err
		}
		if old == value {
			var ps fault.Problems
			ps.Add(fault.Place{Field: "value"}, "same_value", "The value is the one that stands already.")
			return ps.Err("correction_refused", "The correction was not stored.")
		}
		if err := tx.AddCorrection(store.Correction{ID: secret.NewID(), Interview: at.ID, Question: key, Old: old, New: value,
			Reason: strings.TrimSpace(in.Reason), Account: actor.Account, At: now}); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.DataCorrect), Study: in.Study,
			Object: fmt.Sprintf("wave %d, question %s", in.Wave, key)})
	})
}

// find gives the interview of an export id and wave.
func (s *Service) find(tx *store.Tx, in NewCorrection) (store.Interview, error) {
	if _, err := tx.Study(in.Study); err != nil {
		return store.Interview{}, err
	}
	want := strings.ToUpper(strings.TrimSpace(in.ExportID))
	var who store.Participant
	if err := tx.EachParticipant(in.Study, func(p store.Participant) error {
		if p.Counts() && s.keys.ExportID(in.Study, Recipient, p.PID) == want {
			who = p
		}
		return nil
	}); err != nil {
		return store.Interview{}, err
	}
	switch who.Status {
	case "":
		return store.Interview{}, errNoInterview
	case store.Erased:
		return store.Interview{}, errErased
	}
	inv, err := tx.InvitationOf(who.PID, in.Wave)
	if err != nil {
		return store.Interview{}, notFound(err, errNoInterview)
	}
	at, err := tx.Interview(inv.ID)
	return at, notFound(err, errNoInterview)
}

// checked reads the value as an answer to the question, and lists everything
// that is wrong with the correction. It gives the key of the answer.
func checked(view *interview.View, q *questionnaire.Questionnaire, known []*dataset.Variable, in NewCorrection) (key, value string, err error) {
	var ps fault.Problems
	name, instance := interview.Split(strings.TrimSpace(in.Question))
	it, v := question(q, known, name)
	if it == nil || !it.Asks() {
		ps.Add(fault.Place{Field: "question"}, "question_unknown", "The questionnaire of this wave asks no question %s.", name)
	} else if at := standsIn(view, it, instance); at == nil {
		ps.Add(fault.Place{Field: "question"}, "instance_unknown", "Write which instance is meant, by its number in the workbook: %s@1. In a repeat within a repeat, %s@1.2.", it.Name, it.Name).With("name", it.Name)
	} else {
		key = at.Key(it.Name)
		list := at.Choices(it)
		if it.List != nil && it.ListFrom == nil {
			list = it.List.Choices // whatever its filter says
		}
		var code string
		typed := strings.Join(in.Values, " ")
		switch value, code = interview.Parse(it, list, choices(it, v, in.Values)); {
		case code != "":
			ps.Add(fault.Place{Field: "value"}, code, "The value does not fit the question, which is of the type %s.", it.Type).
				With("typed", typed).With("low", plain(it.RangeStart)).With("high", plain(it.RangeEnd))
		case v != nil && v.Reserved(value):
			ps.Add(fault.Place{Field: "value"}, "reserved_value", "%s means in data files that an answer is missing.", value).With("value", value)
		}
	}
	switch n := utf8.RuneCountInString(strings.TrimSpace(in.Reason)); {
	case n == 0:
		ps.Add(fault.Place{Field: "reason"}, "reason_missing", "Say why the value is corrected.")
	case n > maxReason:
		ps.Add(fault.Place{Field: "reason"}, "reason_long", "The reason has more than %d characters.", maxReason)
	}
	return key, value, ps.Err("correction_refused", "The correction was not stored.")
}

// standsIn gives the view of the instance that a question is asked in, nil where
// there is no such instance.
func standsIn(view *interview.View, it *questionnaire.Item, instance string) *interview.View {
	for in := range view.Everywhere(it) {
		if in.Instance() == instance {
			return in
		}
	}
	return nil
}

// variables gives the variables that hold a question of the version as a whole.
func variables(d *dataset.Dataset, ref dataset.Ref) []*dataset.Variable {
	var out []*dataset.Variable
	for _, v := range d.Variables {
		asked := slices.ContainsFunc(v.Sources, func(src dataset.Source) bool { return src.Ref == ref })
		if asked && (v.Role == dataset.Whole || v.Role == dataset.List) {
			out = append(out, v)
		}
	}
	return out
}

// question finds a question by its name, or by its name in data files, and its
// variable, which a rank has none of.
func question(q *questionnaire.Questionnaire, known []*dataset.Variable, name string) (*questionnaire.Item, *dataset.Variable) {
	name = strings.TrimSpace(name)
	it := q.Question(name)
	for _, it2 := range q.Questions {
		if it == nil && strings.EqualFold(it2.Name, name) {
			it = it2
		}
	}
	for _, v := range known {
		if it == nil && strings.EqualFold(v.Name, name) || it != nil && v.Question == it.Name {
			return q.Question(v.Question), v
		}
	}
	return it, nil
}

// choices gives values as a form would post them. A choice may be written by
// its name or by the code that it has in data files, −1 and −2 included.
func choices(it *questionnaire.Item, v *dataset.Variable, typed []string) []string {
	if it.List == nil {
		return typed
	}
	var words []string
	for _, s := range typed {
		if it.Type == questionnaire.SelectOne {
			words = append(words, strings.TrimSpace(s))
			continue
		}
		words = append(words, strings.FieldsFunc(s, func(c rune) bool { return c == ' ' || c == ',' || c == ';' })...)
	}
	for i, word := range words {
		code, err := strconv.Atoi(strings.Replace(word, "−", "-", 1))
		if err != nil || it.List.Choice(word) != nil {
			continue
		}
		for _, c := range it.List.Choices {
			if c.Missing == questionnaire.DontKnow && code == int(dataset.DontKnow) || c.Missing == questionnaire.Refused && code == int(dataset.Refused) {
				words[i] = c.Name
			}
		}
		if v == nil {
			continue
		}
		for _, value := range v.Values {
			if value.Code == code && it.List.Choice(value.Name) != nil {
				words[i] = value.Name
			}
		}
	}
	return words
}

func plain(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// standing gives the value that a question has now, corrections included.
func standing(tx *store.Tx, at store.Interview, question string) (string, error) {
	doc, err := at.Decoded()
	if err != nil {
		return "", err
	}
	corrections, err := tx.CorrectionsOf(at.ID)
	if err != nil {
		return "", err
	}
	value := doc.Answers[question]
	for _, c := range corrections {
		if c.Question == question {
			value = c.New
		}
	}
	return value, nil
}

// Corrections lists the corrections of a study, the newest first.
func (s *Service) Corrections(ctx context.Context, actor access.Actor, studyKey string) ([]Correction, error) {
	if err := actor.May(access.DataDownload, studyKey); err != nil {
		return nil, err
	}
	var out []Correction
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Corrections(studyKey)
		if err != nil {
			return err
		}
		for _, c := range rows {
			at, err := tx.Interview(c.Interview)
			if err != nil {
				return err
			}
			out = append(out, Correction{ExportID: s.keys.ExportID(studyKey, Recipient, at.PID), Wave: at.Wave, Question: c.Question,
				Old: c.Old, New: c.New, Reason: c.Reason, Account: c.Account, At: c.At})
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b Correction) int { return b.At.Compare(a.At) })
	return out, err
}
