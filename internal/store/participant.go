package store

import (
	"strings"

	"panelverk/internal/fault"
)

// ErrLabelTaken says that another participant of the study has the label. The
// caller draws another one and tries again in the same transaction.
var ErrLabelTaken = fault.New(fault.Conflict, "label_taken", "Another participant has this label.")

const participantColumns = `pid, study, label, language, cohort, attributes, status,
	consent_version, consent_language, consent_at, created_at, left_at, channels, pilot, paused_until, opted_out_at, codes_from, merged_into`

func scanParticipant(row scanner) (Participant, error) {
	var (
		p                             Participant
		attributes                    string
		consent, created, left        int64
		channels                      string
		pilot, paused, optedOut, from int64
	)
	if err := row.Scan(&p.PID, &p.Study, &p.Label, &p.Language, &p.Cohort, &attributes, &p.Status,
		&p.ConsentVersion, &p.ConsentLanguage, &consent, &created, &left, &channels, &pilot, &paused, &optedOut, &from, &p.MergedInto); err != nil {
		return Participant{}, err
	}
	p.ConsentAt, p.CreatedAt, p.LeftAt = moment(consent), moment(created), moment(left)
	p.PausedUntil, p.OptedOutAt, p.CodesFrom = moment(paused), moment(optedOut), moment(from)
	p.Pilot = pilot != 0
	if channels != "" {
		p.Channels = strings.Fields(channels)
	}
	var err error
	p.Attributes, err = decode(attributes)
	return p, err
}

// AddParticipant stores a new participant. A label that is taken gives ErrLabelTaken.
func (tx *Tx) AddParticipant(p Participant) error {
	attributes, err := encode(p.Attributes)
	if err != nil {
		return err
	}
	return tx.change(ErrLabelTaken, `INSERT INTO participants (`+participantColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) ON CONFLICT (study, label) DO NOTHING`,
		p.PID, p.Study, p.Label, p.Language, p.Cohort, attributes, string(p.Status),
		p.ConsentVersion, p.ConsentLanguage, millis(p.ConsentAt), millis(p.CreatedAt), millis(p.LeftAt),
		strings.Join(p.Channels, " "), number(p.Pilot), millis(p.PausedUntil), millis(p.OptedOutAt), millis(p.CodesFrom), p.MergedInto)
}

// UpdateParticipant stores what may change of a participant: all but pid,
// study, label and the time of entry.
func (tx *Tx) UpdateParticipant(p Participant) error {
	attributes, err := encode(p.Attributes)
	if err != nil {
		return err
	}
	return tx.change(missing("participant"), `UPDATE participants SET language = $2, cohort = $3, attributes = $4,
		status = $5, consent_version = $6, consent_language = $7, consent_at = $8, left_at = $9,
		channels = $10, pilot = $11, paused_until = $12, opted_out_at = $13, codes_from = $14, merged_into = $15 WHERE pid = $1`,
		p.PID, p.Language, p.Cohort, attributes, string(p.Status),
		p.ConsentVersion, p.ConsentLanguage, millis(p.ConsentAt), millis(p.LeftAt),
		strings.Join(p.Channels, " "), number(p.Pilot), millis(p.PausedUntil), millis(p.OptedOutAt), millis(p.CodesFrom), p.MergedInto)
}

// Participant gives a participant by pid.
func (tx *Tx) Participant(pid string) (Participant, error) {
	return one(tx, missing("participant"), scanParticipant, `SELECT `+participantColumns+` FROM participants WHERE pid = $1`, pid)
}

// ParticipantByLabel gives a participant by the label that staff lists show.
func (tx *Tx) ParticipantByLabel(study, label string) (Participant, error) {
	return one(tx, missing("participant"), scanParticipant,
		`SELECT `+participantColumns+` FROM participants WHERE study = $1 AND label = $2`, study, label)
}

// Participants gives the participants of a study by time of entry and pid.
func (tx *Tx) Participants(study string) ([]Participant, error) {
	return list(tx, scanParticipant,
		`SELECT `+participantColumns+` FROM participants WHERE study = $1 ORDER BY created_at, pid`, study)
}

// MergedInto gives the tombstones whose person a participant turned out to be.
func (tx *Tx) MergedInto(pid string) ([]Participant, error) {
	return list(tx, scanParticipant, `SELECT `+participantColumns+` FROM participants WHERE merged_into = $1 ORDER BY pid`, pid)
}

// CountActive gives how many take part in a study, those who try it out not counted.
func (tx *Tx) CountActive(study string) (int, error) {
	return tx.count(`SELECT COUNT(*) FROM participants WHERE study = $1 AND status = 'active' AND pilot = 0`, study)
}

// EachParticipant streams the participants of a study in the order of Participants.
func (tx *Tx) EachParticipant(study string, do func(Participant) error) error {
	return stream(func(last *Participant) ([]Participant, error) {
		var from Participant
		after := int64(-1 << 62) // before every time
		if last != nil {
			from, after = *last, millis(last.CreatedAt)
		}
		return list(tx, scanParticipant, `SELECT `+participantColumns+` FROM participants
			WHERE study = $1 AND (created_at, pid) > ($2, $3) ORDER BY created_at, pid LIMIT $4`,
			study, after, from.PID, pageRows)
	}, do)
}

// number gives a yes or no as both engines hold it.
func number(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
