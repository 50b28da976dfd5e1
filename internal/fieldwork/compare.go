package fieldwork

import (
	"context"
	"slices"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/store"
)

// Decided is a stored decision with the name of who made it.
type Decided struct {
	store.Decision
	By string // "" for the server's command line
}

// Confirmed is a stored confirmation with the name of who made it. What was
// ticked when a version was published is among them.
type Confirmed struct {
	store.Confirmation
	By string // "" for the server's command line
}

var errSameVersion = fault.New(fault.Invalid, "versions_alike", "Choose two different versions.")

// Compare gives what differs between two published versions of a questionnaire,
// whichever is named first, how many answers there are, and everything that was
// decided and confirmed on the way from the older to the newer. from 0 stands for
// the version before the other; Before is then 0 where there is none.
func (s *Service) Compare(ctx context.Context, actor access.Actor, studyKey, key string, from, to int) (*Review, error) {
	if err := actor.May(access.QuestionnaireView, studyKey); err != nil {
		return nil, err
	}
	if from == to {
		return nil, errSameVersion
	}
	if from > to {
		from, to = to, from
	}
	var review *Review
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		published, err := tx.Versions(studyKey)
		if err != nil {
			return err
		}
		v, err := tx.Version(studyKey, key, to)
		if err != nil {
			return orElse(err, errNoVersion)
		}
		q, err := v.Compiled()
		if err != nil {
			return err
		}
		earlier, err := versionsBefore(published, key, to)
		if err != nil {
			return err
		}
		if from > 0 {
			i := slices.IndexFunc(earlier, func(e earlierVersion) bool { return e.number == from })
			if i < 0 {
				return errNoVersion
			}
			earlier = earlier[:i+1]
		}
		review = &Review{Key: key, Number: to, Hash: v.Hash, Published: true}
		review.compare(earlier, q, nil, false)
		review.Problems, review.Decisions = nil, nil
		if err := review.recall(tx, studyKey); err != nil {
			return err
		}
		review.Answers, err = answersOf(tx, studyKey, key)
		return err
	})
	return review, err
}

// recall fills in what was decided and confirmed between the two versions.
func (r *Review) recall(tx *store.Tx, studyKey string) error {
	names := namer{tx: tx, known: map[string]string{"": ""}}
	between := func(key string, number int) bool { return key == r.Key && number > r.Before && number <= r.Number }
	decisions, err := tx.Decisions(studyKey)
	if err != nil {
		return err
	}
	for _, d := range decisions {
		if !between(d.Key, d.Number) {
			continue
		}
		by, err := names.name(d.Account)
		if err != nil {
			return err
		}
		r.History = append(r.History, Decided{d, by})
		for _, tag := range d.Confirmed {
			r.Confirmed = append(r.Confirmed, Confirmed{store.Confirmation{Study: d.Study, Key: d.Key, Number: d.Number, Question: d.Question,
				Language: tag, Account: d.Account, At: d.At}, by})
		}
	}
	confirmations, err := tx.Confirmations(studyKey)
	if err != nil {
		return err
	}
	for _, c := range confirmations {
		if !between(c.Key, c.Number) {
			continue
		}
		by, err := names.name(c.Account)
		if err != nil {
			return err
		}
		r.Confirmed = append(r.Confirmed, Confirmed{c, by})
	}
	return nil
}

// namer gives the names of accounts, each looked up once.
type namer struct {
	tx    *store.Tx
	known map[string]string // by account
}

func (n namer) name(account string) (string, error) {
	if name, ok := n.known[account]; ok {
		return name, nil
	}
	a, err := n.tx.Account(account)
	if err != nil {
		return "", err
	}
	n.known[account] = a.Name
	return a.Name, nil
}

// Decisions gives everything that publishers decided about a study's questions.
func (s *Service) Decisions(ctx context.Context, actor access.Actor, studyKey string) ([]store.Decision, error) {
	if err := actor.May(access.QuestionnaireView, studyKey); err != nil {
		return nil, err
	}
	var out []store.Decision
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		if _, err := tx.Study(studyKey); err != nil {
			return orElse(err, errNoStudy)
		}
		var err error
		out, err = tx.Decisions(studyKey)
		return err
	})
	return out, err
}
