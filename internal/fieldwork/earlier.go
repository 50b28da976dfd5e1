package fieldwork

import (
	"context"
	"time"

	"panelverk/internal/interview"
	"panelverk/internal/store"
)

// toldKey names the save by which an interview is told of earlier waves: there
// is one at most.
const toldKey = "told"

// tell gives an interview the earlier answers that its questionnaire reads and
// the proof opens. It happens before the first page is posted or never: told
// later, questions would fall away that were answered already.
func (s *Service) tell(tx *store.Tx, v *Visit, now time.Time, proof interview.Proof) error {
	if !v.Logic.Recalls() || proof == (interview.Proof{}) {
		return nil
	}
	row, err := tx.Interview(v.Invitation.ID)
	if err != nil {
		return err
	}
	doc, err := row.Decoded()
	if err != nil || doc.Proof != (interview.Proof{}) || len(doc.Pages) > 0 {
		return err
	}
	past, err := s.past(tx, v, row)
	if err != nil {
		return err
	}
	told := v.Logic.Recall(past, proof)
	if len(told) == 0 {
		return nil
	}
	_, _, err = tx.AddSave(store.Save{Interview: row.ID, Key: toldKey, At: now, Mode: row.Mode, Change: interview.Change{Earlier: told, Proof: &proof}})
	return err
}

// past gives the earlier interviews of the participant with the questionnaire,
// the latest first.
func (s *Service) past(tx *store.Tx, v *Visit, row store.Interview) ([]interview.Past, error) {
	rows, err := tx.InterviewsBefore(row)
	if err != nil {
		return nil, err
	}
	here, err := s.roots(tx, row.Study, row.Questionnaire, row.Version)
	if err != nil {
		return nil, err
	}
	var out []interview.Past
	for _, r := range rows {
		p := interview.Past{Wave: r.Wave, At: r.LastAt, Corrected: map[string]bool{}}
		if p.Logic, err = s.logic(tx, v.Study, r.Questionnaire, r.Version); err != nil {
			return nil, err
		}
		if p.Doc, err = r.Decoded(); err != nil {
			return nil, err
		}
		there, err := s.roots(tx, r.Study, r.Questionnaire, r.Version)
		if err != nil {
			return nil, err
		}
		p.Same = func(question string) string { return sameVariable(here, there, question) }
		corrections, err := tx.CorrectionsOf(r.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range corrections {
			p.Corrected[c.Question] = true
		}
		out = append(out, p)
	}
	return out, nil
}

// sameVariable gives the question of an earlier version that fills the same
// variable as one of the present version: it goes by what was decided when the
// versions were published. What fills none (hidden values) goes by its name.
func sameVariable(here, there map[string]string, question string) string {
	root, known := here[question]
	if !known {
		if _, other := there[question]; other {
			return ""
		}
		return question
	}
	for name, r := range there {
		if r == root {
			return name
		}
	}
	return ""
}

// roots gives the variable that each question of a published version fills.
func (s *Service) roots(tx *store.Tx, study, key string, number int) (map[string]string, error) {
	id := struct {
		study, key string
		number     int
	}{study, key, number}
	if r, ok := s.variables.Load(id); ok {
		return r.(map[string]string), nil
	}
	r, err := tx.Roots(study, key, number)
	if err == nil {
		s.variables.Store(id, r)
	}
	return r, err
}

// returning is until when a device has to be remembered, by wave.
type returning struct {
	asked time.Time
	waves []store.Wave // those that read earlier answers
}

// askedAnew is how old may be what is known of which waves read earlier
// answers: start pages ask for it, and it changes when a version is published.
const askedAnew = time.Minute

// Returns gives until when a device has to be remembered so that it can prove
// itself in later waves: the close of the last one that reads answers to this
// questionnaire. The zero time says that none does.
func (s *Service) Returns(ctx context.Context, now time.Time, v *Visit) (until time.Time, err error) {
	if len(v.Study.Waves) < 2 {
		return time.Time{}, nil
	}
	known, _ := s.returns.Load(v.Study.Key)
	r, ok := known.(returning)
	if !ok || now.Sub(r.asked).Abs() > askedAnew {
		if r, err = s.reading(ctx, now, v); err != nil {
			return time.Time{}, err
		}
		s.returns.Store(v.Study.Key, r)
	}
	key := v.Wave.Questionnaire
	if v.Begun() {
		key = v.Interview.Questionnaire
	}
	for _, w := range r.waves {
		if w.Number > v.Wave.Number && w.Questionnaire == key && w.Closes.After(until) {
			until = w.Closes
		}
	}
	return until, nil
}

// reading finds the waves of a study whose version reads earlier answers.
func (s *Service) reading(ctx context.Context, now time.Time, v *Visit) (returning, error) {
	r := returning{asked: now}
	err := s.store.Glance(ctx, func(tx *store.Tx) error {
		waves, err := tx.Waves(v.Study.Key)
		if err != nil {
			return err
		}
		for _, w := range waves {
			logic, err := s.logic(tx, v.Study, w.Questionnaire, w.Version)
			if err != nil {
				return err
			}
			if logic.Recalls() {
				r.waves = append(r.waves, w)
			}
		}
		return nil
	})
	return r, err
}

// DeviceName gives a name for the cookie by which a device is remembered for
// one participant. Each has its own, so that a household's device ties nobody
// to anybody else.
func (s *Service) DeviceName(v *Visit) string { return s.keys.Lookup("own", v.Participant.PID)[:12] }
