package store

import "time"

// Standing is how far a participant is, for all that is planned ahead: no
// answer is read for it.
type Standing struct {
	Participant Participant
	Progress    []Progress    // by wave
	Events      []Event       // by time: invitations handed over, refusals of a wave and what undoes one
	Messages    []MessageMark // of the ledger
}

// Progress is an interview without what was answered in it.
type Progress struct {
	PID       string
	Wave      int
	Started   time.Time
	Last      time.Time
	Submitted time.Time
}

// MessageMark is a row of the ledger in brief.
type MessageMark struct {
	PID     string
	Wave    int
	Key     string
	Kind    string
	State   MessageState
	Reason  string
	Planned time.Time
	Created time.Time
	Handed  time.Time
	Waits   bool // it has not been handed over, nor is it being handed over at this moment
}

// EachStanding streams the participants of a study by pid, each with how far
// it is. Memory stays flat, as in EachMember.
func (tx *Tx) EachStanding(study string, do func(Standing) error) error {
	for last, more := "", true; more; {
		var err error
		if last, more, err = tx.StandingsAfter(study, last, do); err != nil {
			return err
		}
	}
	return nil
}

// StandingsAfter gives the next of the participants by pid, as many as are held
// at a time: those after a pid, "" for the first. last is where to go on from;
// more tells whether there may be others. Who writes while reading a whole
// panel reads it so, in a transaction each: a long one on SQLite keeps all that
// is written meanwhile in the write-ahead log.
func (tx *Tx) StandingsAfter(study, pid string, do func(Standing) error) (last string, more bool, err error) {
	people, err := list(tx, scanParticipant, `SELECT `+participantColumns+` FROM participants
		WHERE study = $1 AND pid > $2 ORDER BY pid LIMIT $3`, study, pid, memberRows)
	if err != nil || len(people) == 0 {
		return pid, false, err
	}
	last = people[len(people)-1].PID
	return last, len(people) == memberRows, tx.standings(study, pid, last, people, do)
}

// StandingOf gives how far one participant is.
func (tx *Tx) StandingOf(p Participant) (Standing, error) {
	var out Standing
	// Whatever lies between the pid without its last letter and the pid is skipped.
	err := tx.standings(p.Study, p.PID[:len(p.PID)-1], p.PID, []Participant{p}, func(s Standing) error { out = s; return nil })
	return out, err
}

// standings reads what hangs on the people, whose pids lie in (from, to].
func (tx *Tx) standings(study, from, to string, people []Participant, do func(Standing) error) error {
	const among = ` WHERE study = $1 AND pid > $2 AND pid <= $3`
	progress, err := list(tx, scanProgress, `SELECT pid, wave, started_at, last_at, submitted_at FROM interviews`+among+` ORDER BY pid, wave`, study, from, to)
	if err != nil {
		return err
	}
	events, err := list(tx, scanEvent, `SELECT `+eventColumns+` FROM events`+among+`
		AND kind IN ('invited', 'declined', 'refused_by_phone', 'reopened', 'started') ORDER BY pid, at, number`, study, from, to)
	if err != nil {
		return err
	}
	messages, err := list(tx, scanMark, `SELECT pid, wave, message, kind, state, reason, planned_at, created_at, handed_at,
		CASE WHEN `+waiting+` THEN 1 ELSE 0 END FROM messages`+among+` ORDER BY pid, wave, message`, study, from, to)
	if err != nil {
		return err
	}
	for _, p := range people {
		s := Standing{Participant: p}
		progress = skipTo(progress, p.PID, func(r Progress) string { return r.PID })
		s.Progress, progress = head(progress, func(r Progress) bool { return r.PID == p.PID })
		events = skipTo(events, p.PID, func(e Event) string { return e.PID })
		s.Events, events = head(events, func(e Event) bool { return e.PID == p.PID })
		messages = skipTo(messages, p.PID, func(m MessageMark) string { return m.PID })
		s.Messages, messages = head(messages, func(m MessageMark) bool { return m.PID == p.PID })
		if err := do(s); err != nil {
			return err
		}
	}
	return nil
}

// skipTo cuts off rows of pids before one: those of people that are not asked for.
func skipTo[T any](rows []T, pid string, of func(T) string) []T {
	_, rest := head(rows, func(r T) bool { return of(r) < pid })
	return rest
}

func scanProgress(row scanner) (Progress, error) {
	var (
		p                        Progress
		started, last, submitted int64
	)
	err := row.Scan(&p.PID, &p.Wave, &started, &last, &submitted)
	p.Started, p.Last, p.Submitted = moment(started), moment(last), moment(submitted)
	return p, err
}

func scanMark(row scanner) (MessageMark, error) {
	var (
		m                        MessageMark
		planned, created, handed int64
		waits                    int
	)
	err := row.Scan(&m.PID, &m.Wave, &m.Key, &m.Kind, &m.State, &m.Reason, &planned, &created, &handed, &waits)
	m.Planned, m.Created, m.Handed, m.Waits = moment(planned), moment(created), moment(handed), waits == 1
	return m, err
}

// AwaitingMessages gives the participants of a study for whom the ledger holds
// something that has not been handed over, by pid.
func (tx *Tx) AwaitingMessages(study string) ([]Participant, error) {
	return list(tx, scanParticipant, `SELECT `+participantColumns+` FROM participants WHERE study = $1
		AND pid IN (SELECT pid FROM messages WHERE study = $1 AND `+waiting+`) ORDER BY pid`, study)
}
