package fieldwork

import (
	"context"

	"panelverk/internal/access"
	"panelverk/internal/store"
)

// Notes gives the notes of the contacts with a participant, by the contact's
// id. They are shown along with the identity, whose look is audited.
func (s *Service) Notes(ctx context.Context, actor access.Actor, studyKey, label string) (map[string]string, error) {
	if err := actor.May(access.IdentityView, studyKey); err != nil {
		return nil, err
	}
	var p store.Participant
	if err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		p, err = tx.ParticipantByLabel(studyKey, label)
		return orElse(err, errNoParticipant)
	}); err != nil {
		return nil, err
	}
	return s.identities.Notes(ctx, p.PID)
}
