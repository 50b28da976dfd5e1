package store

// Member is a participant with everything a dataset is made of.
type Member struct {
	Participant Participant
	Interviews  []Interview  // by wave
	Corrections []Correction // by wave, in the order they were made
	Events      []Event      // by time
	Invitations []Invitation // by wave
}

// memberRows is how many participants EachMember holds at a time.
const memberRows = 200

// EachMember streams the participants of a study by pid, each with what hangs
// on it. Memory stays flat: a range of pids at a time, one query a table,
// merged in order.
func (tx *Tx) EachMember(study string, do func(Member) error) error {
	last := ""
	for {
		people, err := list(tx, scanParticipant, `SELECT `+participantColumns+` FROM participants
			WHERE study = $1 AND pid > $2 ORDER BY pid LIMIT $3`, study, last, memberRows)
		if err != nil || len(people) == 0 {
			return err
		}
		from, to := last, people[len(people)-1].PID
		if err := tx.members(study, from, to, people, do); err != nil {
			return err
		}
		if len(people) < memberRows {
			return nil
		}
		last = to
	}
}

// members reads what hangs on the people, whose pids lie in (from, to].
func (tx *Tx) members(study, from, to string, people []Participant, do func(Member) error) error {
	const among = ` WHERE study = $1 AND pid > $2 AND pid <= $3 ORDER BY pid, `
	interviews, err := list(tx, scanInterview, `SELECT `+interviewColumns+` FROM interviews`+among+`wave`, study, from, to)
	if err != nil {
		return err
	}
	corrections, err := list(tx, scanCorrection, `SELECT `+correctionColumns+` FROM corrections c
		JOIN interviews i ON i.id = c.interview
		WHERE i.study = $1 AND i.pid > $2 AND i.pid <= $3 ORDER BY i.pid, i.wave, c.number`, study, from, to)
	if err != nil {
		return err
	}
	events, err := list(tx, scanEvent, `SELECT `+eventColumns+` FROM events`+among+`at, number`, study, from, to)
	if err != nil {
		return err
	}
	invitations, err := list(tx, scanInvitation, `SELECT `+invitationColumns+` FROM invitations`+among+`wave`, study, from, to)
	if err != nil {
		return err
	}
	for _, p := range people {
		m := Member{Participant: p}
		m.Interviews, interviews = head(interviews, func(i Interview) bool { return i.PID == p.PID })
		for _, i := range m.Interviews {
			var of []Correction
			of, corrections = head(corrections, func(c Correction) bool { return c.Interview == i.ID })
			m.Corrections = append(m.Corrections, of...)
		}
		m.Events, events = head(events, func(e Event) bool { return e.PID == p.PID })
		m.Invitations, invitations = head(invitations, func(i Invitation) bool { return i.PID == p.PID })
		if err := do(m); err != nil {
			return err
		}
	}
	return nil
}

// head cuts off the leading rows that belong.
func head[T any](rows []T, belongs func(T) bool) (first, rest []T) {
	n := 0
	for n < len(rows) && belongs(rows[n]) {
		n++
	}
	return rows[:n:n], rows[n:]
}
