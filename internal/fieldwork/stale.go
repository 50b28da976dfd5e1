package fieldwork

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
)

// Stale is what of a questionnaire's newest version is stale; see
// questionnaire.StaleText.
type Stale struct {
	Key       string
	Number    int // the newest version
	Languages []string
	Default   string
	Texts     []StaleText
}

// StaleText is one stale text with the version in which others changed.
type StaleText struct {
	questionnaire.StaleText
	Since int
}

// Words names the words of a question in a language.
type Words struct{ Question, Language string }

// Stale gives the texts of the newest version of a questionnaire that stayed
// while other languages changed, in whichever version that was, and that nobody
// has confirmed since.
func (s *Service) Stale(ctx context.Context, actor access.Actor, studyKey, key string) (*Stale, error) {
	if err := actor.May(access.QuestionnaireView, studyKey); err != nil {
		return nil, err
	}
	var out *Stale
	err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = stale(tx, studyKey, key)
		return err
	})
	return out, err
}

func stale(tx *store.Tx, studyKey, key string) (*Stale, error) {
	published, err := tx.Versions(studyKey)
	if err != nil {
		return nil, err
	}
	number := latest(published, key)
	if number == 0 {
		return nil, errNoVersion
	}
	all, err := versionsBefore(published, key, number+1)
	if err != nil {
		return nil, err
	}
	done, err := confirmedWords(tx, studyKey, key)
	if err != nil {
		return nil, err
	}
	versions := make([]*questionnaire.Questionnaire, len(all))
	for i, v := range all {
		versions[i] = v.q
	}
	newest := versions[len(versions)-1]
	out := &Stale{Key: key, Number: number, Languages: newest.Languages, Default: newest.Default}
	for _, t := range questionnaire.StaleTexts(versions, func(i int, question, language string) bool {
		return done[all[i].number][Words{question, language}]
	}) {
		out.Texts = append(out.Texts, StaleText{t, all[t.Since].number})
	}
	return out, nil
}

// confirmedWords gives by version the words that were looked at, when it was
// published or later.
func confirmedWords(tx *store.Tx, studyKey, key string) (map[int]map[Words]bool, error) {
	out := map[int]map[Words]bool{}
	add := func(number int, w Words) {
		if out[number] == nil {
			out[number] = map[Words]bool{}
		}
		out[number][w] = true
	}
	decisions, err := tx.Decisions(studyKey)
	if err != nil {
		return nil, err
	}
	for _, d := range decisions {
		for _, tag := range d.Confirmed {
			if d.Key == key {
				add(d.Number, Words{d.Question, tag})
			}
		}
	}
	confirmations, err := tx.Confirmations(studyKey)
	for _, c := range confirmations {
		if c.Key == key {
			add(c.Number, Words{c.Question, c.Language})
		}
	}
	return out, err
}

var (
	errNoWords      = fault.New(fault.NotFound, "words_unknown", "The newest version has no such words.")
	errNothingTaken = fault.New(fault.Invalid, "nothing_ticked", "Tick what you have looked at.")
)

// ConfirmWords notes that somebody has looked at words of the newest version of
// a questionnaire that stayed while other languages changed, and keeps them.
// Words that are not stale, or no more, change nothing.
func (s *Service) ConfirmWords(ctx context.Context, now time.Time, actor access.Actor, studyKey, key string, words []Words) error {
	if err := actor.May(access.QuestionnairePublish, studyKey); err != nil {
		return err
	}
	if len(words) == 0 {
		return errNothingTaken
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		there, err := stale(tx, studyKey, key)
		if err != nil {
			return err
		}
		var names []string
		for _, w := range words {
			if !slices.Contains(there.Languages, w.Language) {
				return errNoWords
			}
			if !slices.ContainsFunc(there.Texts, func(t StaleText) bool { return t.Question.Name == w.Question && t.Language == w.Language }) {
				continue
			}
			if err := tx.AddConfirmation(store.Confirmation{Study: studyKey, Key: key, Number: there.Number, Question: w.Question,
				Language: w.Language, Account: actor.Account, At: now}); err != nil {
				return err
			}
			names = append(names, w.Question+" "+w.Language)
		}
		if len(names) == 0 {
			return nil
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.QuestionnairePublish), Study: studyKey,
			Object: fmt.Sprintf("%s v%d", key, there.Number), Detail: "words confirmed: " + strings.Join(names, ", ")})
	})
}
