package release

import "panelverk/internal/store"

// earlier gives what the frozen releases of a study have told of persons, under
// the ids of the recipient of a new one: those decided before it, whatever their
// numbers. of is nil where the new one is not decided yet.
func (s *Service) earlier(tx *store.Tx, studyKey, recipient string, of *store.Release) ([]earlier, error) {
	all, err := tx.Releases(studyKey)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	ids := map[string]string{} // by pid; of somebody who turned out to be another, that one's
	if err := tx.EachParticipant(studyKey, func(p store.Participant) error {
		pid := p.PID
		if p.MergedInto != "" {
			pid = p.MergedInto
		}
		ids[p.PID] = s.keys.ExportID(studyKey, recipient, pid)
		return nil
	}); err != nil {
		return nil, err
	}
	var out []earlier
	for _, r := range all {
		if r.State != store.ReleaseFrozen || of != nil && !goesBefore(r, *of) {
			continue
		}
		people, err := tx.ReleasePeople(studyKey, r.Number)
		if err != nil {
			return nil, err
		}
		e := earlier{number: r.Number, recipient: r.Recipient, same: r.Recipient == recipient, keys: map[string][]string{}}
		for _, p := range people {
			if p.Keys != nil {
				e.keys[ids[p.PID]] = p.Keys
			}
		}
		out = append(out, e)
	}
	return out, nil
}

// goesBefore tells whether a release was decided before another.
func goesBefore(a, b store.Release) bool {
	if a.DecidedAt.Equal(b.DecidedAt) {
		return a.Number < b.Number
	}
	return a.DecidedAt.Before(b.DecidedAt)
}
