package store

// Visit is everything about an invitation that a page of its respondent
// needs, and no more of it: every page begins with reading one.
type Visit struct {
	Invitation  Invitation  // without its lookups and the time of inviting
	Participant Participant // pid, study, language, status, consent version, and what makes a link rest or lead elsewhere
	Wave        Wave
	Edition     string    // of the study: the same as long as nothing of it was changed
	Interview   Interview // the zero Interview where it has not begun
}

// VisitByLink gives the visit behind the lookup value of a link's token, in
// one query: it is what every page of a respondent begins with.
func (tx *Tx) VisitByLink(lookup string) (Visit, error) {
	return tx.visit(`i.link_lookup = $1`, lookup)
}

// VisitOf gives the visit of a participant to a wave.
func (tx *Tx) VisitOf(pid string, wave int) (Visit, error) {
	return tx.visit(`i.pid = $1 AND i.wave = $2`, pid, wave)
}

func (tx *Tx) visit(where string, args ...any) (Visit, error) {
	return one(tx, missing("invitation"), scanVisit, `SELECT
		i.id, i.study, i.pid, i.wave, i.generation, p.language, p.status, p.consent_version, p.codes_from, p.merged_into,
		w.wave_key, w.opens_at, w.closes_at, w.questionnaire, w.version, s.hash, s.edited_at,
		COALESCE(v.id, ''), COALESCE(v.questionnaire, ''), COALESCE(v.version, 0), COALESCE(v.mode, ''), COALESCE(v.language, ''),
		COALESCE(v.document, ''), COALESCE(v.revision, 0), COALESCE(v.started_at, 0), COALESCE(v.last_at, 0), COALESCE(v.submitted_at, 0)
		FROM invitations i
		JOIN participants p ON p.pid = i.pid
		JOIN waves w ON w.study = i.study AND w.number = i.wave
		JOIN studies s ON s.study = i.study
		LEFT JOIN interviews v ON v.id = i.id
		WHERE `+where, args...)
}

func scanVisit(row scanner) (Visit, error) {
	var (
		v                                       Visit
		opens, closes, started, last, submitted int64
		hash                                    string
		edited, from                            int64
		i, p, w, n                              = &v.Invitation, &v.Participant, &v.Wave, &v.Interview
	)
	err := row.Scan(&i.ID, &i.Study, &i.PID, &i.Wave, &i.Generation, &p.Language, &p.Status, &p.ConsentVersion, &from, &p.MergedInto,
		&w.Key, &opens, &closes, &w.Questionnaire, &w.Version, &hash, &edited,
		&n.ID, &n.Questionnaire, &n.Version, &n.Mode, &n.Language,
		&n.Document, &n.Revision, &started, &last, &submitted)
	if err != nil {
		return Visit{}, err
	}
	v.Edition = edition(hash, edited)
	p.PID, p.Study, p.CodesFrom = i.PID, i.Study, moment(from)
	w.Study, w.Number, w.Opens, w.Closes = i.Study, i.Wave, moment(opens), moment(closes)
	n.Study, n.PID, n.Wave = i.Study, i.PID, i.Wave
	n.StartedAt, n.LastAt, n.SubmittedAt = moment(started), moment(last), moment(submitted)
	return v, nil
}

// ParticipantStatus gives what a participant is to the panel at this moment.
func (tx *Tx) ParticipantStatus(pid string) (ParticipantStatus, error) {
	return one(tx, missing("participant"), func(row scanner) (s ParticipantStatus, err error) {
		err = row.Scan(&s)
		return s, err
	}, `SELECT status FROM participants WHERE pid = $1`, pid)
}
