package store

import (
	"encoding/json"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/interview"
)

// ErrNotInPanel says that the participant of an interview has left, so that
// nothing can be saved to it any more.
var ErrNotInPanel = fault.New(fault.Gone, "participant_left", "The participant no longer takes part.")

// AddSave adds one save to the history of an interview and derives the new
// current state in the same transaction. It gives the interview as it is then,
// and whether the save was new: the same key twice is one save, the second
// changes nothing. Somebody who has left the panel gives ErrNotInPanel: what
// was erased never comes back by a page that was still open.
func (tx *Tx) AddSave(s Save) (row Interview, fresh bool, err error) {
	if fresh, err = tx.addSave(s); err != nil || !fresh {
		return tx.notSaved(s, err)
	}
	row, err = tx.derive(s)
	return row, true, err
}

// ErrMoved says that an interview was saved since it was read.
var ErrMoved = fault.New(fault.Conflict, "interview_moved", "The questionnaire was saved at the same time elsewhere. Try again.")

// AddSaveTo does the same where the caller has seen the interview and worked
// out the document that the save leads to. Where the interview has moved on
// since it gives ErrMoved, for the transaction to be undone: what the save
// changes has to be worked out anew.
func (tx *Tx) AddSaveTo(seen Interview, s Save, next string) (row Interview, fresh bool, err error) {
	if fresh, err = tx.addSave(s); err != nil || !fresh {
		return tx.notSaved(s, err)
	}
	n, err := tx.exec(`UPDATE interviews SET document = $2, last_at = CASE WHEN last_at > $3 THEN last_at ELSE $3 END, revision = revision + 1
		WHERE id = $1 AND revision = $4`, seen.ID, next, millis(s.At), seen.Revision)
	if err != nil || n == 0 {
		return Interview{}, false, orMoved(err)
	}
	seen.Document, seen.LastAt, seen.Revision = next, later(seen.LastAt, s.At), seen.Revision+1
	return seen, true, nil
}

func orMoved(err error) error {
	if err == nil {
		err = ErrMoved
	}
	return err
}

// later gives the later of when an interview was last saved and a save's time:
// what was answered without a network comes after what was answered later.
func later(last, at time.Time) time.Time {
	if at = moment(millis(at)); at.After(last) {
		return at
	}
	return last
}

// addSave adds the row of a save; false where it is there already, or may not come.
func (tx *Tx) addSave(s Save) (bool, error) {
	change, err := json.Marshal(s.Change)
	if err != nil {
		return false, err
	}
	n, err := tx.exec(`INSERT INTO saves (interview, save_key, number, at, mode, account, change)
		SELECT $1, $2, i.revision + 1, $3, $4, $5, $6 FROM interviews i JOIN participants p ON p.pid = i.pid
		WHERE i.id = $1 AND p.status = 'active' ON CONFLICT (interview, save_key) DO NOTHING`,
		s.Interview, s.Key, millis(s.At), string(s.Mode), s.Account, string(change))
	return n > 0, err
}

// notSaved tells why a save was not taken in: it is there already, or may not come.
func (tx *Tx) notSaved(s Save, err error) (Interview, bool, error) {
	if err != nil {
		return Interview{}, false, err
	}
	row, err := tx.Interview(s.Interview)
	if err != nil {
		return Interview{}, false, err
	}
	status, err := tx.ParticipantStatus(row.PID)
	if err == nil && status != Active {
		err = ErrNotInPanel
	}
	return row, false, err
}

// derive applies a save to the document that is there.
func (tx *Tx) derive(s Save) (Interview, error) {
	// The update locks the row before the document is read, on either engine.
	row, err := one(tx, missing("interview"), scanInterview, `UPDATE interviews SET revision = revision + 1
		WHERE id = $1 RETURNING `+interviewColumns, s.Interview)
	if err != nil {
		return Interview{}, err
	}
	document, err := interview.Decode(row.Document)
	if err != nil {
		return Interview{}, err
	}
	document.Apply(s.Change, s.At)
	row.Document, row.LastAt = document.Encode(), later(row.LastAt, s.At)
	_, err = tx.exec(`UPDATE interviews SET document = $2, last_at = $3 WHERE id = $1`, row.ID, row.Document, millis(row.LastAt))
	return row, err
}

// Saves gives the history of an interview in its order.
func (tx *Tx) Saves(interviewID string) ([]Save, error) {
	return list(tx, scanSave, `SELECT interview, save_key, at, mode, account, change FROM saves
		WHERE interview = $1 ORDER BY number`, interviewID)
}

func scanSave(row scanner) (Save, error) {
	var (
		s      Save
		at     int64
		change string
	)
	if err := row.Scan(&s.Interview, &s.Key, &at, &s.Mode, &s.Account, &change); err != nil {
		return Save{}, err
	}
	s.At = moment(at)
	return s, json.Unmarshal([]byte(change), &s.Change)
}

// Replay gives the document that a history amounts to. It is what a stored
// document must be equal to.
func Replay(saves []Save) *interview.Document {
	d, err := interview.Decode("")
	if err != nil {
		panic(err) // the empty document always decodes
	}
	for _, s := range saves {
		d.Apply(s.Change, s.At.Truncate(time.Millisecond))
	}
	return d
}
