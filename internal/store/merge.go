package store

import "time"

// TakeOver gives the interview of an invitation of one participant to another
// who has none that counts in the wave: the two exchange their invitations, so
// that both stay whole and both links go on leading somewhere. What the one had
// in the wave the other has from then on.
func (tx *Tx) TakeOver(from, to string, wave int) error {
	// An invitation is unique by participant and wave on either engine, row by
	// row: a third participant holds one of them for the moment.
	if _, err := tx.exec(`INSERT INTO participants (`+participantColumns+`)
		SELECT pid || '~', study, label || '~', language, cohort, '{}', 'left', 0, '', 0, created_at, 0, '', 0, 0, 0, 0, pid
		FROM participants WHERE pid = $1`, from); err != nil {
		return err
	}
	for _, move := range [][2]string{{from, from + "~"}, {to, from}, {from + "~", to}} {
		for _, statement := range []string{
			`UPDATE invitations SET pid = $2 WHERE pid = $1 AND wave = $3`,
			`UPDATE interviews SET pid = $2 WHERE pid = $1 AND wave = $3`,
		} {
			if _, err := tx.exec(statement, move[0], move[1], wave); err != nil {
				return err
			}
		}
	}
	_, err := tx.exec(`DELETE FROM participants WHERE pid = $1`, from+"~")
	return err
}

// MoveHistory gives the events, the contacts and those messages of one
// participant that were handed over to another. Messages that the other had too
// stay where they are.
func (tx *Tx) MoveHistory(from, to string) error {
	for _, statement := range []string{
		`UPDATE events SET number = number + (SELECT COALESCE(MAX(number), 0) FROM events WHERE pid = $2), pid = $2 WHERE pid = $1`,
		`UPDATE contacts SET pid = $2 WHERE pid = $1`,
		`UPDATE messages SET pid = $2 WHERE pid = $1 AND state IN ('handed_over', 'bounced', 'refused')
			AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.pid = $2 AND m.wave = messages.wave AND m.message = messages.message)`,
		`UPDATE participants SET merged_into = $2 WHERE merged_into = $1`,
	} {
		if _, err := tx.exec(statement, from, to); err != nil {
			return err
		}
	}
	return nil
}

// OpenInvitations gives the invitations of a participant to waves that have not
// closed and whose interview was not submitted, by wave.
func (tx *Tx) OpenInvitations(pid string, now time.Time) ([]Invitation, error) {
	return list(tx, scanInvitation, `SELECT `+invitationColumns+` FROM invitations i WHERE pid = $1
		AND NOT EXISTS (SELECT 1 FROM interviews v WHERE v.id = i.id AND v.submitted_at > 0)
		AND EXISTS (SELECT 1 FROM waves w WHERE w.study = i.study AND w.number = i.wave AND w.closes_at > $2) ORDER BY wave`, pid, millis(now))
}
