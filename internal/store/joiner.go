package store

import "time"

// JoinerState is how far somebody is who asked to take part.
//
//	asked ──▶ pending ──confirmed──▶ joined (a participant from then on)
//	             │ all places taken       ▲ confirmed
//	             └──────▶ waiting ──▶ offered ──time ran out──▶ lapsed
//
// gone is who is to be removed: asked to, or has no such address. echo is no
// person: somebody typed an address that was known already, see fieldwork.Enrol.
type JoinerState string

// The states.
const (
	JoinerPending JoinerState = "pending"
	JoinerWaiting JoinerState = "waiting"
	JoinerOffered JoinerState = "offered" // a place is kept until Until
	JoinerLapsed  JoinerState = "lapsed"
	Joined        JoinerState = "joined"
	JoinerGone    JoinerState = "gone"
	JoinerEcho    JoinerState = "echo"
)

// Joiner is somebody who asked to take part and is known by an address that
// lies in the key file under PID.
type Joiner struct {
	ID             string
	Study          string
	PID            string // of the participant to be
	Label          string
	Address        string // the keyed lookup value of the address to confirm; "" once joined
	LinkLookup     string // secret.Ring.Lookup("join", token)
	State          JoinerState
	Channel        string // of the address: "email", "sms"
	Language       string
	Attributes     map[string]string
	ConsentVersion int // that was ticked
	Sent           int // messages to confirm
	Offered        int // places that were offered
	Created        time.Time
	Asked          time.Time // when a message to confirm was last asked for
	Until          time.Time // how long the link holds, or the place is kept
	WaitingSince   time.Time
	Changed        time.Time
}

const joinerColumns = `id, study, pid, label, address, link_lookup, state, channel, language, attributes, consent_version,
	sent, offered, created_at, asked_at, until_at, waiting_since, changed_at`

func scanJoiner(row scanner) (Joiner, error) {
	var (
		j                                       Joiner
		attributes                              string
		created, asked, until, waiting, changed int64
	)
	if err := row.Scan(&j.ID, &j.Study, &j.PID, &j.Label, &j.Address, &j.LinkLookup, &j.State, &j.Channel, &j.Language, &attributes,
		&j.ConsentVersion, &j.Sent, &j.Offered, &created, &asked, &until, &waiting, &changed); err != nil {
		return Joiner{}, err
	}
	j.Created, j.Asked, j.Until, j.WaitingSince, j.Changed = moment(created), moment(asked), moment(until), moment(waiting), moment(changed)
	var err error
	j.Attributes, err = decode(attributes)
	return j, err
}

// AddJoiner stores somebody who asked to take part.
func (tx *Tx) AddJoiner(j Joiner) error {
	attributes, err := encode(j.Attributes)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO joiners (`+joinerColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		j.ID, j.Study, j.PID, j.Label, j.Address, j.LinkLookup, string(j.State), j.Channel, j.Language, attributes, j.ConsentVersion,
		j.Sent, j.Offered, millis(j.Created), millis(j.Asked), millis(j.Until), millis(j.WaitingSince), millis(j.Changed))
	return err
}

// UpdateJoiner stores what may change: all but id, study, pid, the link and the
// time of asking first.
func (tx *Tx) UpdateJoiner(j Joiner) error {
	attributes, err := encode(j.Attributes)
	if err != nil {
		return err
	}
	return tx.change(missing("joiner"), `UPDATE joiners SET label = $2, address = $3, state = $4, channel = $5, language = $6, attributes = $7,
		consent_version = $8, sent = $9, offered = $10, asked_at = $11, until_at = $12, waiting_since = $13, changed_at = $14 WHERE id = $1`,
		j.ID, j.Label, j.Address, string(j.State), j.Channel, j.Language, attributes,
		j.ConsentVersion, j.Sent, j.Offered, millis(j.Asked), millis(j.Until), millis(j.WaitingSince), millis(j.Changed))
}

// JoinerByLink gives the joiner with the lookup value of a link's token.
func (tx *Tx) JoinerByLink(lookup string) (Joiner, error) {
	return tx.joiner(`link_lookup = $1`, lookup)
}

// JoinerByPID gives the joiner who has, or will have, a pid.
func (tx *Tx) JoinerByPID(pid string) (Joiner, error) { return tx.joiner(`pid = $1`, pid) }

// JoinerByAddress gives the joiner of a study with the lookup value of an
// address that is not a participant's yet.
func (tx *Tx) JoinerByAddress(study, lookup string) (Joiner, error) {
	return tx.joiner(`study = $1 AND address = $2 AND state IN ('pending', 'waiting', 'offered', 'lapsed')`, study, lookup)
}

func (tx *Tx) joiner(where string, args ...any) (Joiner, error) {
	return one(tx, missing("joiner"), scanJoiner, `SELECT `+joinerColumns+` FROM joiners WHERE `+where, args...)
}

// Joiners gives those of a study who are in one of the states, the longest
// waiting first, then by the time they asked.
func (tx *Tx) Joiners(study string, states ...JoinerState) ([]Joiner, error) {
	var out []Joiner
	for _, state := range states {
		some, err := list(tx, scanJoiner, `SELECT `+joinerColumns+` FROM joiners
			WHERE study = $1 AND state = $2 ORDER BY waiting_since, created_at, id`, study, string(state))
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// CountJoiners gives how many of a study are in each state.
func (tx *Tx) CountJoiners(study string) (map[JoinerState]int, error) {
	type counted struct {
		state JoinerState
		n     int
	}
	rows, err := list(tx, func(row scanner) (c counted, err error) { err = row.Scan(&c.state, &c.n); return c, err },
		`SELECT state, COUNT(*) FROM joiners WHERE study = $1 GROUP BY state`, study)
	out := map[JoinerState]int{}
	for _, c := range rows {
		out[c.state] = c.n
	}
	return out, err
}

// ForgetJoiner removes a joiner who did not become a participant, and all
// messages to them.
func (tx *Tx) ForgetJoiner(j Joiner) error {
	for _, statement := range []string{
		`DELETE FROM handovers WHERE message IN (SELECT id FROM messages WHERE pid = $1)`,
		`DELETE FROM messages WHERE pid = $1`,
		`DELETE FROM joiners WHERE pid = $1`,
	} {
		if _, err := tx.exec(statement, j.PID); err != nil {
			return err
		}
	}
	return nil
}

// AddJoinerMessage writes a message to a joiner down, as AddMessage does for a
// participant.
func (tx *Tx) AddJoinerMessage(m Message) (fresh bool, err error) {
	n, err := tx.exec(`INSERT INTO messages (`+messageColumns+`)
		SELECT $1, $2, j.pid, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, '', 0, $15, $15, 0
		FROM joiners j WHERE j.pid = $3 AND j.state <> 'gone'
		ON CONFLICT (pid, wave, message) DO NOTHING`,
		m.ID, m.Study, m.PID, m.Wave, m.Key, m.Kind, m.Template, m.Channel, m.Language, string(m.State), m.Reason,
		millis(m.Planned), millis(m.Ends), millis(m.Next), millis(m.Created))
	return n == 1, err
}
