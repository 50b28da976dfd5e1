package fieldwork

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// errEdited says that a study changed while somebody worked on it.
var errEdited = fault.New(fault.Conflict, "study_edited_meanwhile",
	"Somebody changed the study meanwhile. Nothing was saved: look at what it says now, and make your change again.")

// Planning is a study with its plan, ready to be edited.
type Planning struct {
	Study    *study.Study // its waves and its plan as they stand
	Edition  string       // to be handed to ChangePlan
	Texts    []string     // the names of the texts that messages can have
	Clashes  []study.Clash
	Calendar string // the address of the feed of the field periods, "" for none
}

// Planning gives the plan of a study to be edited.
func (s *Service) Planning(ctx context.Context, actor access.Actor, studyKey string) (*Planning, error) {
	if err := actor.May(access.PlanChange, studyKey); err != nil {
		return nil, err
	}
	var out *Planning
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		st, err := s.study(tx, studyKey)
		if err != nil {
			return err
		}
		row, err := tx.Study(studyKey)
		if err != nil {
			return err
		}
		feed, err := s.feed(tx, studyKey)
		if err != nil {
			return err
		}
		out = &Planning{Study: st, Edition: row.Edition(), Texts: textNames(), Clashes: st.Clashes(), Calendar: feed}
		return nil
	})
	return out, err
}

// ChangePlan puts another plan in a study's place, nil for none, and brings the
// ledger up to it in the same transaction: what waits and is no longer wanted by
// now is taken back. edition is the study's as the plan was worked out from; the
// study is another one by now: Conflict, study_edited_meanwhile. A plan whose
// texts are missing is refused with all that is wrong.
func (s *Service) ChangePlan(ctx context.Context, now time.Time, actor access.Actor, studyKey string, plan *study.Plan, edition string) error {
	if err := actor.May(access.PlanChange, studyKey); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		before, err := s.study(tx, studyKey)
		if err != nil {
			return err
		}
		row, err := tx.Study(studyKey)
		if err != nil {
			return err
		}
		if row.Edition() != edition {
			return errEdited
		}
		after := before.Clone()
		after.Plan = plan
		if err := sound(row, after); err != nil {
			return err
		}
		edits := study.Edits(before, before.Plan, plan)
		if len(edits) == 0 {
			return nil
		}
		text, err := planText(row, after)
		if err != nil {
			return err
		}
		if err := tx.PutPlan(studyKey, text, now); err != nil {
			return err
		}
		taken, err := s.replan(tx, before, after, now)
		if err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.PlanChange), Study: studyKey,
			Object: "plan", Detail: fmt.Sprintf("%d changes, %d messages taken back", len(edits), taken)})
	})
}

// sound refuses a plan whose messages lack texts, or whose waves lie over each
// other without its relative periods.
func sound(row store.Study, st *study.Study) error {
	_, problems := Texts(st, row.Mail)
	problems = append(problems.Errors(), st.CheckPeriods()...)
	return problems.Err("plan_refused", "The plan cannot be saved like this.")
}

// planText gives what is stored of a plan: nothing where it is that of the file.
func planText(row store.Study, st *study.Study) (string, error) {
	row.Plan = ""
	file, err := row.Parsed()
	if err != nil {
		return "", err
	}
	if st.Plan == nil {
		st = st.Clone()
		st.Plan = &study.Plan{}
	}
	text := st.Plan.YAML(st)
	if file.Plan != nil && bytes.Equal(file.Plan.YAML(st), text) {
		return "", nil
	}
	return string(text), nil
}

// replan brings the ledger up to a study that changed: what waits and is not
// wanted by now is taken back, to be written down anew if its time comes, and
// the rest takes on its new channel and text. It tells how many were taken back.
func (s *Service) replan(tx *store.Tx, before, after *study.Study, now time.Time) (taken int, err error) {
	people, err := tx.AwaitingMessages(after.Key)
	if err != nil {
		return 0, err
	}
	for _, p := range people {
		row, err := tx.StandingOf(p)
		if err != nil {
			return 0, err
		}
		m, err := s.member(tx, after, row)
		if err != nil {
			return 0, err
		}
		for _, c := range study.Changes(before, after, m, now) {
			switch {
			case c.TakenBack:
				done, err := tx.TakeBack(p.PID, c.Wave, c.Key, now)
				if err != nil {
					return 0, err
				}
				if done {
					taken++
				}
			case c.Waits && c.Fate == study.Alters:
				err := tx.AlterMessage(store.Message{PID: p.PID, Wave: c.Wave, Key: c.Key, Template: c.Is.Message.Template,
					Channel: string(c.Is.Channel), Language: c.Is.Language, Ends: c.Is.Ends}, now)
				if err != nil {
					return 0, err
				}
			}
		}
	}
	return taken, nil
}
