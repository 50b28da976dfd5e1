package fieldwork

import (
	"context"
	"slices"

	"panelverk/internal/keyfile"
	"panelverk/internal/panel"
	"panelverk/internal/store"
)

// reachable brings the panel in line with the key file where a participant is
// known to have no address at all: those who were added before messages could
// be sent have one all the same. An address that was found not to work stays
// out. It tells how many participants it found a way to.
func (s *Service) reachable(ctx context.Context, studyKey string) (found int, err error) {
	without := map[string]bool{}
	if err := s.store.Read(ctx, func(tx *store.Tx) error {
		return tx.EachParticipant(studyKey, func(p store.Participant) error {
			if p.Status == store.Active && len(p.Channels) == 0 {
				without[p.PID] = true
			}
			return nil
		})
	}); err != nil || len(without) == 0 {
		return 0, err
	}
	ways := map[string][]string{}
	if err := s.identities.Each(ctx, studyKey, func(id keyfile.Identity) error {
		if channels := reach(id.Email, id.Phone); without[id.PID] && len(channels) > 0 {
			ways[id.PID] = channels
		}
		return nil
	}); err != nil {
		return 0, err
	}
	for pid, channels := range ways {
		err := s.store.Write(ctx, func(tx *store.Tx) error {
			p, err := tx.Participant(pid)
			if err != nil || len(p.Channels) > 0 {
				return err
			}
			events, err := tx.EventsOf(pid)
			if err != nil {
				return err
			}
			p.Channels = slices.DeleteFunc(slices.Clone(channels), func(c string) bool {
				return slices.ContainsFunc(events, func(e store.Event) bool { return panel.EventKind(e.Kind) == panel.Unreachable && e.Detail == c })
			})
			if len(p.Channels) == 0 {
				return nil
			}
			found++
			return tx.UpdateParticipant(p)
		})
		if err != nil {
			return found, err
		}
	}
	return found, nil
}
