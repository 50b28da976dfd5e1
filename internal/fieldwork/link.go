package fieldwork

import (
	"context"
	"fmt"
	"slices"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/store"
)

// Link is what is handed to a participant for a wave.
type Link struct {
	Label    string
	Language string
	Name     string // "" unless asked for
	URL      string
	Code     string
	State    MarkState
}

// Links gives the links and codes of a wave for those who have not submitted
// it, by label; with names where asked for. It is audited. Links are computed
// anew from the key each time.
func (s *Service) Links(ctx context.Context, now time.Time, actor access.Actor, studyKey string, wave int, withNames bool) ([]Link, error) {
	if err := actor.May(access.LinkCopy, studyKey); err != nil {
		return nil, err
	}
	if withNames {
		if err := actor.May(access.IdentityView, studyKey); err != nil {
			return nil, err
		}
	}
	var out []Link
	pids := map[string]string{}
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		out = nil
		st, err := s.study(tx, studyKey)
		if err != nil {
			return err
		}
		if wave < 1 || wave > len(st.Waves) {
			return errNoWave
		}
		people, err := tx.Participants(studyKey)
		if err != nil {
			return err
		}
		rows, err := s.rows(tx, st, now)
		if err != nil {
			return err
		}
		for _, r := range rows {
			m := r.Marks[wave-1]
			if r.Status != store.Active || m.State != Waiting && m.State != Begun {
				continue
			}
			p := people[slices.IndexFunc(people, func(p store.Participant) bool { return p.Label == r.Label })]
			inv, err := tx.InvitationOf(p.PID, wave)
			if err != nil {
				return err
			}
			pids[r.Label] = p.PID
			out = append(out, Link{Label: r.Label, Language: r.Language, State: m.State, URL: s.url(inv), Code: s.keys.Code(inv.ID, inv.Generation)})
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.LinkCopy), Study: studyKey,
			Object: fmt.Sprintf("wave %d", wave), Detail: fmt.Sprintf("%d links, names %v", len(out), withNames)})
	})
	if err != nil || !withNames {
		return out, err
	}
	for i := range out {
		id, err := s.identities.Get(ctx, pids[out[i].Label])
		if err != nil {
			return nil, err
		}
		out[i].Name = id.Name
	}
	return out, nil
}

func (s *Service) url(inv store.Invitation) string {
	return s.baseURL + "/s/" + s.keys.Link(inv.ID, inv.Generation)
}
