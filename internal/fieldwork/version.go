package fieldwork

import (
	"context"
	"slices"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/questionnaire"
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

var errNoMedia = fault.New(fault.NotFound, "file_unknown", "There is no such file.")

// VersionFiles gives the files attached to a published version, by name.
func (s *Service) VersionFiles(ctx context.Context, actor access.Actor, studyKey, key string, number int) (map[string][]byte, error) {
	if err := actor.May(access.QuestionnaireView, studyKey); err != nil {
		return nil, err
	}
	var out map[string][]byte
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		var err error
		out, err = tx.VersionFiles(studyKey, key, number)
		return err
	})
	return out, err
}

// Media gives a file that the pages of a visit show. hash is how the address
// names the version: see MediaHash.
func (s *Service) Media(ctx context.Context, v *Visit, hash, name string) ([]byte, error) {
	q := v.Logic.Questionnaire
	if hash != MediaHash(q) || !slices.Contains(q.Media, name) {
		return nil, errNoMedia
	}
	key, number := v.Version()
	var data []byte
	err := s.store.Glance(ctx, func(tx *store.Tx) error {
		var err error
		data, err = tx.VersionFile(v.Study.Key, key, number, name)
		return orElse(err, errNoMedia)
	})
	return data, err
}

// MediaHash names a version in the addresses of its files: what is behind one
// never changes.
func MediaHash(q *questionnaire.Questionnaire) string {
	return strings.TrimPrefix(q.Hash, "sha256:")[:16]
}
