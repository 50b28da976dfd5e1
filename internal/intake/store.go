package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/keyfile"
	"panelverk/internal/panel"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// errChanged says that somebody changed the study between plan and storing.
var errChanged = fault.New(fault.Conflict, "study_changed",
	"The study or its interviews were changed while the file was read. Nothing was stored. Try again.")

// saveKey marks the one save of an imported interview.
const saveKey = "import"

// storeAnswers stores a plan in one transaction. The key file is written
// first, and by pid: what a crash in between leaves there is used by the next
// import of the same ids.
func (s *Service) storeAnswers(ctx context.Context, now time.Time, actor access.Actor, plan *AnswersPlan) error {
	if err := s.remember(ctx, now, plan); err != nil {
		return err
	}
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		waves, err := unchanged(tx, plan.st)
		if err != nil {
			return err
		}
		invitations, err := s.addPeople(tx, now, plan, waves)
		if err != nil {
			return err
		}
		for _, r := range plan.rows {
			if err := s.addInterview(tx, now, actor, plan.st, r, invitations[r.who.pid][r.wave.Number]); err != nil {
				return err
			}
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.DataImport), Study: plan.st.Key,
			Object: "answers", Detail: fmt.Sprintf("%d interviews in %d waves, %d new participants", plan.Interviews, len(plan.Waves), plan.NewParticipants)})
	})
	if err != nil {
		return errors.Join(err, s.forget(context.WithoutCancel(ctx), plan))
	}
	return nil
}

// known gives the pids of those whom the key file knows by an id of a file.
func (s *Service) known(ctx context.Context, studyKey string) (map[string]string, error) {
	pids := map[string]string{}
	err := s.identities.Each(ctx, studyKey, func(id keyfile.Identity) error {
		if id.External != "" {
			pids[id.External] = id.PID
		}
		return nil
	})
	return pids, err
}

// remember writes the ids of the file that are new into the key file.
func (s *Service) remember(ctx context.Context, now time.Time, plan *AnswersPlan) error {
	var ids []keyfile.Identity
	for _, who := range plan.people {
		if !who.known {
			ids = append(ids, keyfile.Identity{PID: who.pid, Study: plan.st.Key, External: who.id})
		}
	}
	return s.identities.Put(ctx, now, ids...)
}

// forget takes back what remember wrote.
func (s *Service) forget(ctx context.Context, plan *AnswersPlan) error {
	var errs []error
	for _, who := range plan.people {
		if !who.known {
			errs = append(errs, s.identities.Delete(ctx, who.pid))
		}
	}
	return errors.Join(errs...)
}

// unchanged gives the waves where they still field what the plan was made for.
func unchanged(tx *store.Tx, st *study.Study) ([]store.Wave, error) {
	rows, err := tx.Waves(st.Key)
	if err != nil {
		return nil, err
	}
	same := len(rows) == len(st.Waves) && !slices.ContainsFunc(rows, func(row store.Wave) bool {
		w := st.Wave(row.Key)
		return w == nil || w.Number != row.Number || w.Questionnaire != row.Questionnaire || w.Version != row.Version
	})
	if !same {
		return nil, errChanged
	}
	return rows, nil
}

// addPeople stores who is new, moves the cohort of those who answered earlier
// than was known, and gives everybody's invitations by pid and wave: one for
// each wave from the cohort on, as for participants who join by any other way.
func (s *Service) addPeople(tx *store.Tx, now time.Time, plan *AnswersPlan, waves []store.Wave) (map[string]map[int]string, error) {
	there := map[string]store.Participant{}
	labels := map[string]bool{}
	if err := tx.EachParticipant(plan.st.Key, func(p store.Participant) error {
		there[p.PID], labels[p.Label] = p, true
		return nil
	}); err != nil {
		return nil, err
	}
	invitations := map[string]map[int]string{}
	for _, w := range waves {
		rows, err := tx.Invitations(plan.st.Key, w.Number)
		if err != nil {
			return nil, err
		}
		for _, inv := range rows {
			if invitations[inv.PID] == nil {
				invitations[inv.PID] = map[int]string{}
			}
			invitations[inv.PID][w.Number] = inv.ID
		}
	}
	for _, who := range plan.people {
		p, known := there[who.pid]
		switch {
		case !known:
			p = store.Participant{PID: who.pid, Study: plan.st.Key, Label: newLabel(labels), Language: plan.st.DefaultLanguage(),
				Cohort: who.first, Status: store.Active, CreatedAt: now}
			if err := tx.AddParticipant(p); err != nil {
				return nil, err
			}
		case who.first < p.Cohort:
			if err := tx.KeepFormer(p, now); err != nil {
				return nil, err
			}
			p.Cohort = who.first
			if err := tx.UpdateParticipant(p); err != nil {
				return nil, err
			}
		}
		if invitations[who.pid] == nil {
			invitations[who.pid] = map[int]string{}
		}
		if err := s.invite(tx, p, waves, invitations[who.pid]); err != nil {
			return nil, err
		}
	}
	return invitations, nil
}

// newLabel draws a label that nobody in the study has.
func newLabel(taken map[string]bool) string {
	for {
		label := secret.NewID()[:4]
		if !taken[label] {
			taken[label] = true
			return label
		}
	}
}

// invite adds the invitations that a participant lacks.
func (s *Service) invite(tx *store.Tx, p store.Participant, waves []store.Wave, have map[int]string) error {
	for _, w := range waves {
		if w.Number < p.Cohort || have[w.Number] != "" {
			continue
		}
		inv := store.Invitation{ID: secret.NewID(), Study: p.Study, PID: p.PID, Wave: w.Number, Generation: 1}
		inv.LinkLookup = s.keys.Lookup("link", s.keys.Link(inv.ID, inv.Generation))
		inv.CodeLookup = s.keys.Lookup("code", s.keys.Code(inv.ID, inv.Generation))
		if err := tx.AddInvitation(inv); err != nil {
			return err
		}
		have[w.Number] = inv.ID
	}
	return nil
}

// addInterview stores one row: an interview of the mode "import" with one save.
// No page counts as posted, so that a blank cell is "missing, reason not
// recorded" and not "seen and left blank".
func (s *Service) addInterview(tx *store.Tx, now time.Time, actor access.Actor, st *study.Study, r answered, id string) error {
	if _, err := tx.Interview(id); err == nil {
		return errChanged
	} else if fault.Of(err).Kind != fault.NotFound {
		return err
	}
	at := submittedAt(r.wave, now)
	if _, err := tx.StartInterview(store.Interview{ID: id, Study: st.Key, PID: r.who.pid, Wave: r.wave.Number,
		Questionnaire: r.wave.Questionnaire, Version: r.wave.Version, Mode: store.Imported, Language: st.DefaultLanguage(), StartedAt: at, ImportedAt: now}); err != nil {
		return err
	}
	if _, _, err := tx.AddSave(store.Save{Interview: id, Key: saveKey, At: at, Mode: store.Imported, Account: actor.Account,
		Change: interview.Change{Answers: r.answers}}); err != nil {
		return err
	}
	if err := tx.AddEvent(store.Event{ID: secret.NewID(), Study: st.Key, PID: r.who.pid, Wave: r.wave.Number,
		Kind: string(panel.Submitted), At: at, Detail: "imported"}); err != nil {
		return err
	}
	return tx.SubmitInterview(id, at)
}
