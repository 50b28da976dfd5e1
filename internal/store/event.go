package store

const eventColumns = `id, study, pid, wave, kind, at, detail, number`

// numbered is an event with its place among those of the participant.
type numbered struct {
	Event
	number int64
}

func scanNumbered(row scanner) (numbered, error) {
	var (
		e  numbered
		at int64
	)
	err := row.Scan(&e.ID, &e.Study, &e.PID, &e.Wave, &e.Kind, &at, &e.Detail, &e.number)
	e.At = moment(at)
	return e, err
}

func scanEvent(row scanner) (Event, error) {
	e, err := scanNumbered(row)
	return e.Event, err
}

// AddEvent stores an event.
func (tx *Tx) AddEvent(e Event) error {
	_, err := tx.exec(`INSERT INTO events (id, study, pid, wave, kind, at, detail, number)
		VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT COALESCE(MAX(number), 0) + 1 FROM events WHERE pid = $3))`,
		e.ID, e.Study, e.PID, e.Wave, e.Kind, millis(e.At), e.Detail)
	return err
}

// EventsOf gives the events of a participant by time; those of one moment in
// the order they were stored.
func (tx *Tx) EventsOf(pid string) ([]Event, error) {
	return list(tx, scanEvent, `SELECT `+eventColumns+` FROM events WHERE pid = $1 ORDER BY at, number`, pid)
}

// Events gives the events of a study by pid and time.
func (tx *Tx) Events(study string) ([]Event, error) {
	return list(tx, scanEvent, `SELECT `+eventColumns+` FROM events WHERE study = $1 ORDER BY pid, at, number`, study)
}

// EachEvent streams the events of a study by pid and time.
func (tx *Tx) EachEvent(study string, do func(Event) error) error {
	return stream(func(last *numbered) ([]numbered, error) {
		var from numbered
		if last != nil {
			from = *last
		}
		return list(tx, scanNumbered, `SELECT `+eventColumns+` FROM events
			WHERE study = $1 AND (pid, at, number) > ($2, $3, $4) ORDER BY pid, at, number LIMIT $5`,
			study, from.PID, millis(from.At), from.number, pageRows)
	}, func(e numbered) error { return do(e.Event) })
}
