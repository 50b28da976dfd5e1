package fieldwork

import (
	"context"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/store"
)

var errNoVersion = fault.New(fault.NotFound, "version_unknown", "The study has no such version of the questionnaire.")

// Version gives a published version with its file as it was given.
func (s *Service) Version(ctx context.Context, actor access.Actor, studyKey, key string, number int) (*store.Version, error) {
	if err := actor.May(access.QuestionnaireView, studyKey); err != nil {
		return nil, err
	}
	var out store.Version
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		var err error
		if out, err = tx.Version(studyKey, key, number); err != nil {
			return orElse(err, errNoVersion)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// Versions gives all published versions of a study, by questionnaire and number.
func (s *Service) Versions(ctx context.Context, actor access.Actor, studyKey string) ([]store.Version, error) {
	if err := actor.May(access.QuestionnaireView, studyKey); err != nil {
		return nil, err
	}
	var out []store.Version
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		var err error
		out, err = tx.Versions(studyKey)
		return err
	})
	return out, err
}
