package store

import "time"

// Enrolment is the page of a study on which people ask to take part.
type Enrolment struct {
	Study     string
	Key       string    // the unguessable end of its address
	Published time.Time // zero: it is closed
	Closed    time.Time // when it was closed last
	Flooded   time.Time // when it last turned people away because too many came at once
}

const enrolmentColumns = `study, link_key, published_at, closed_at, flooded_at`

func scanEnrolment(row scanner) (Enrolment, error) {
	var (
		e                          Enrolment
		published, closed, flooded int64
	)
	err := row.Scan(&e.Study, &e.Key, &published, &closed, &flooded)
	e.Published, e.Closed, e.Flooded = moment(published), moment(closed), moment(flooded)
	return e, err
}

// PutEnrolment stores the page of a study. The key of one that is there stays.
func (tx *Tx) PutEnrolment(e Enrolment) error {
	_, err := tx.exec(`INSERT INTO enrolments (`+enrolmentColumns+`, locked) VALUES ($1, $2, $3, $4, $5, 0)
		ON CONFLICT (study) DO UPDATE SET published_at = excluded.published_at, closed_at = excluded.closed_at`,
		e.Study, e.Key, millis(e.Published), millis(e.Closed), millis(e.Flooded))
	return err
}

// Enrolment gives the page of a study.
func (tx *Tx) Enrolment(study string) (Enrolment, error) {
	return one(tx, missing("enrolment"), scanEnrolment, `SELECT `+enrolmentColumns+` FROM enrolments WHERE study = $1`, study)
}

// EnrolmentByKey gives the page with the end of an address.
func (tx *Tx) EnrolmentByKey(key string) (Enrolment, error) {
	return one(tx, missing("enrolment"), scanEnrolment, `SELECT `+enrolmentColumns+` FROM enrolments WHERE link_key = $1`, key)
}

// FloodEnrolment notes that people were turned away because too many came at once.
func (tx *Tx) FloodEnrolment(study string, at time.Time) error {
	return tx.change(missing("enrolment"), `UPDATE enrolments SET flooded_at = $2 WHERE study = $1`, study, millis(at))
}

// LockPlaces makes decisions about the places of a study follow one another,
// on several servers too: of two that overlap, the later one is run again and
// sees what the first did. It comes before places are counted.
func (tx *Tx) LockPlaces(study string) error {
	return tx.change(missing("enrolment"), `UPDATE enrolments SET locked = locked + 1 WHERE study = $1`, study)
}

// JoinCode is a code on paper that holds a place for whoever brings it.
type JoinCode struct {
	ID         string
	Study      string
	CodeLookup string // secret.Ring.Lookup("joincode", code)
	LinkLookup string // secret.Ring.Lookup("joincode-link", token)
	Created    time.Time
	Until      time.Time
	Used       time.Time // zero: not yet
}

const joinCodeColumns = `id, study, code_lookup, link_lookup, created_at, until_at, used_at`

func scanJoinCode(row scanner) (JoinCode, error) {
	var (
		c                    JoinCode
		created, until, used int64
	)
	err := row.Scan(&c.ID, &c.Study, &c.CodeLookup, &c.LinkLookup, &created, &until, &used)
	c.Created, c.Until, c.Used = moment(created), moment(until), moment(used)
	return c, err
}

// AddJoinCode stores a code.
func (tx *Tx) AddJoinCode(c JoinCode) error {
	_, err := tx.exec(`INSERT INTO join_codes (`+joinCodeColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID, c.Study, c.CodeLookup, c.LinkLookup, millis(c.Created), millis(c.Until), millis(c.Used))
	return err
}

// JoinCodes gives the codes of a study in the order they were made.
func (tx *Tx) JoinCodes(study string) ([]JoinCode, error) {
	return list(tx, scanJoinCode, `SELECT `+joinCodeColumns+` FROM join_codes WHERE study = $1 ORDER BY created_at, id`, study)
}

// JoinCodeBy gives the code with the lookup value of its ten characters.
func (tx *Tx) JoinCodeBy(lookup string) (JoinCode, error) {
	return one(tx, missing("joincode"), scanJoinCode, `SELECT `+joinCodeColumns+` FROM join_codes WHERE code_lookup = $1`, lookup)
}

// JoinCodeByLink gives the code with the lookup value of its link's token.
func (tx *Tx) JoinCodeByLink(lookup string) (JoinCode, error) {
	return one(tx, missing("joincode"), scanJoinCode, `SELECT `+joinCodeColumns+` FROM join_codes WHERE link_lookup = $1`, lookup)
}

// UseJoinCode uses a code up; done is false where it was used, or ran out.
func (tx *Tx) UseJoinCode(id string, now time.Time) (done bool, err error) {
	n, err := tx.exec(`UPDATE join_codes SET used_at = $2 WHERE id = $1 AND used_at = 0 AND until_at > $2`, id, millis(now))
	return n == 1, err
}

// EndJoinCodes lets the codes of a study that nobody used run out. It tells how many.
func (tx *Tx) EndJoinCodes(study string, now time.Time) (int, error) {
	n, err := tx.exec(`UPDATE join_codes SET until_at = $2 WHERE study = $1 AND used_at = 0 AND until_at > $2`, study, millis(now))
	return int(n), err
}
