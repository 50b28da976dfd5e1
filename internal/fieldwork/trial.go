package fieldwork

import (
	"context"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// trialID is the invitation of a trial, which nobody has: orders by lot go by it.
const trialID = "trial"

// Trial gives a published version to try out, as a visit that belongs to nobody:
// there is no participant and no interview, and nothing of it is ever stored.
func (s *Service) Trial(ctx context.Context, actor access.Actor, studyKey, key string, number int) (*Visit, error) {
	if err := actor.May(access.QuestionnaireView, studyKey); err != nil {
		return nil, err
	}
	var v *Visit
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		st, err := s.study(tx, studyKey)
		if err != nil {
			return orElse(err, errNoStudy)
		}
		logic, err := s.logic(tx, st, key, number)
		if err != nil {
			return orElse(err, errNoVersion)
		}
		v = trial(st, logic, key, number)
		return nil
	})
	return v, err
}

// TrialOfDraft does the same with a file that is not published, for who may
// publish it. A file with problems is refused with all of them.
func (s *Service) TrialOfDraft(ctx context.Context, actor access.Actor, p Publication) (*Visit, error) {
	if err := actor.May(access.QuestionnairePublish, p.Study); err != nil {
		return nil, err
	}
	_, q, _, problems, err := s.compile(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := problems.Err("questionnaire_problems", "The questionnaire has problems. Nothing was published."); err != nil {
		return nil, err
	}
	var v *Visit
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		st, err := s.study(tx, p.Study)
		if err != nil {
			return orElse(err, errNoStudy)
		}
		problems = append(problems, study.CheckVersion(st, study.Version{Key: p.Key, Number: p.Number, File: p.FileName, Questionnaire: q})...)
		if err := problems.Err("publish_refused", "The version cannot be published. Nothing was changed."); err != nil {
			return err
		}
		v = trial(st, interview.New(q, st.TimeZone), p.Key, p.Number)
		return nil
	})
	return v, err
}

// trial makes the visit. Its wave is one that fields the version, else the
// last: pages name its last day.
func trial(st *study.Study, logic *interview.Logic, key string, number int) *Visit {
	v := &Visit{Study: st, Invitation: store.Invitation{ID: trialID, Study: st.Key}, Logic: logic, Gate: GateOpen}
	for _, w := range st.Waves {
		if v.Wave.Number == 0 || v.Wave.Questionnaire != key || v.Wave.Version != number {
			v.Wave = w
		}
	}
	v.Wave.Questionnaire, v.Wave.Version = key, number
	v.Doc, _ = interview.Decode("") // the empty document has nothing that cannot be read
	return v
}

// Recall puts in place of a trial's answers those that a page of it carried:
// what Encode gave. Other text is refused with the Invalid "trial_unreadable".
func (v *Visit) Recall(carried string) error {
	doc, err := interview.Decode(carried)
	if err != nil || v.Invitation.ID != trialID {
		return errTrial.Because(err)
	}
	v.Doc = doc
	return nil
}

var errTrial = fault.New(fault.Invalid, "trial_unreadable", "The preview's answers cannot be read. Begin again.")
