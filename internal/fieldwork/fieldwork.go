// Package fieldwork holds the operations of the field: studies are applied,
// waves are moved, participants join, interviews are answered, on the web or
// typed in by staff.
//
// Each operation takes the time and who asks, authorises, does its work in one
// transaction and audits it there. Respondents are known by the token of
// their link alone; they have no access.Actor.
package fieldwork

import (
	"context"
	"sync"
	"sync/atomic"

	"golang.org/x/time/rate"

	"panelverk/internal/access"
	"panelverk/internal/erasures"
	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/keyfile"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Service is the operations with what they work on. It is safe for concurrent use.
type Service struct {
	store      *store.Store
	keys       *secret.Ring
	identities *keyfile.File
	baseURL    string         // "https://host", without a slash at the end
	erasures   *erasures.List // nil: none is kept

	studies  sync.Map // *study.Study by key and hash: parsed once
	mails    sync.Map // *mail.Set by study's key and hash
	versions sync.Map // *interview.Logic by study, key and number: immutable once published

	variables sync.Map // by study, key and number: the variable that each question fills, frozen once published
	returns   sync.Map // returning by study
	paces     paces

	codes  *rate.Limiter // attempts at codes, over all studies
	floods floods        // forms of people who enrol
	slow   chan struct{} // a place for each number that is worked out
	urgent chan struct{} // something waits that somebody is waiting for
	ways   atomic.Pointer[ways]
}

// New gives the operations. baseURL begins every link that is given out.
func New(st *store.Store, keys *secret.Ring, identities *keyfile.File, baseURL string) *Service {
	return &Service{
		store: st, keys: keys, identities: identities, baseURL: baseURL,
		// A code has 50 bits. At ten attempts a second somebody who guesses
		// finds one of forty codes once in about 90,000 years.
		codes:  rate.NewLimiter(10, 100),
		floods: floods{all: perHour(allHour, allBurst)},
		slow:   make(chan struct{}, digests), urgent: make(chan struct{}, 1),
	}
}

var (
	errNoStudy       = fault.New(fault.NotFound, "study_unknown", "There is no such study.")
	errNoWave        = fault.New(fault.NotFound, "wave_unknown", "The study has no such wave.")
	errNoParticipant = fault.New(fault.NotFound, "participant_unknown", "The study has no such participant.")
)

// study gives a study with its waves as they stand now.
func (s *Service) study(tx *store.Tx, key string) (*study.Study, error) {
	edition, err := tx.Edition(key)
	if err != nil {
		return nil, orElse(err, errNoStudy)
	}
	st, err := s.cachedStudy(tx, key, edition)
	if err != nil {
		return nil, orElse(err, errNoStudy)
	}
	return tx.WithPeriods(st)
}

// parsed gives the study of a row as its file described it.
func (s *Service) parsed(row store.Study) (*study.Study, error) {
	id := row.Key + "@" + row.Edition()
	if st, ok := s.studies.Load(id); ok {
		return st.(*study.Study), nil
	}
	st, err := row.Parsed()
	if err != nil {
		return nil, err
	}
	s.studies.Store(id, st)
	return st, nil
}

// logic gives a published version, compiled.
func (s *Service) logic(tx *store.Tx, st *study.Study, key string, number int) (*interview.Logic, error) {
	id := struct {
		study, key, zone string
		number           int
	}{st.Key, key, st.TimeZone.String(), number}
	if l, ok := s.versions.Load(id); ok {
		return l.(*interview.Logic), nil
	}
	row, err := tx.Version(st.Key, key, number)
	if err != nil {
		return nil, err
	}
	q, err := row.Compiled()
	if err != nil {
		return nil, err
	}
	l := interview.New(q, st.TimeZone)
	s.versions.Store(id, l)
	return l, nil
}

// Studies gives the studies that the actor may view, with their waves as they stand.
func (s *Service) Studies(ctx context.Context, actor access.Actor) ([]*study.Study, error) {
	var out []*study.Study
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Studies()
		if err != nil {
			return err
		}
		for _, row := range rows {
			if !actor.Can(access.StudyView, row.Key) {
				continue
			}
			st, err := s.study(tx, row.Key)
			if err != nil {
				return err
			}
			out = append(out, st)
		}
		return nil
	})
	return out, err
}

// Study gives one study with its waves as they stand now.
func (s *Service) Study(ctx context.Context, actor access.Actor, key string) (*study.Study, error) {
	if err := actor.May(access.StudyView, key); err != nil {
		return nil, err
	}
	var out *study.Study
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		var err error
		out, err = s.study(tx, key)
		return err
	})
	return out, err
}

// Questionnaire gives a published version, compiled.
func (s *Service) Questionnaire(ctx context.Context, actor access.Actor, studyKey, key string, number int) (*interview.Logic, error) {
	if err := actor.May(access.QuestionnaireView, studyKey); err != nil {
		return nil, err
	}
	var out *interview.Logic
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		st, err := s.study(tx, studyKey)
		if err != nil {
			return err
		}
		out, err = s.logic(tx, st, key, number)
		return err
	})
	return out, err
}

// orElse gives instead where err says that a row is absent, err otherwise.
func orElse(err error, instead *fault.Error) error {
	if err != nil && fault.Of(err).Kind == fault.NotFound {
		return instead.Because(err)
	}
	return err
}
