package store

import "panelverk/internal/fault"

// ErrInvited says that the participant has an invitation for the wave already.
var ErrInvited = fault.New(fault.Conflict, "already_invited", "This participant is invited to the wave already.")

const invitationColumns = `id, study, pid, wave, generation, link_lookup, code_lookup, invited_at`

func scanInvitation(row scanner) (Invitation, error) {
	var (
		i       Invitation
		invited int64
	)
	err := row.Scan(&i.ID, &i.Study, &i.PID, &i.Wave, &i.Generation, &i.LinkLookup, &i.CodeLookup, &invited)
	i.InvitedAt = moment(invited)
	return i, err
}

// AddInvitation stores a new invitation. A second one of a participant to the
// same wave gives ErrInvited.
func (tx *Tx) AddInvitation(i Invitation) error {
	return tx.change(ErrInvited, `INSERT INTO invitations (`+invitationColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (pid, wave) DO NOTHING`,
		i.ID, i.Study, i.PID, i.Wave, i.Generation, i.LinkLookup, i.CodeLookup, millis(i.InvitedAt))
}

// UpdateInvitation stores a new generation with its lookups, and the time of inviting.
func (tx *Tx) UpdateInvitation(i Invitation) error {
	return tx.change(missing("invitation"), `UPDATE invitations SET generation = $2, link_lookup = $3, code_lookup = $4,
		invited_at = $5 WHERE id = $1`, i.ID, i.Generation, i.LinkLookup, i.CodeLookup, millis(i.InvitedAt))
}

// Invitation gives an invitation by its id.
func (tx *Tx) Invitation(id string) (Invitation, error) {
	return tx.invitation(`id = $1`, id)
}

// InvitationByLink gives the invitation with the lookup value of a link's token.
func (tx *Tx) InvitationByLink(lookup string) (Invitation, error) {
	return tx.invitation(`link_lookup = $1`, lookup)
}

// InvitationByCode gives the invitation with the lookup value of a code.
func (tx *Tx) InvitationByCode(lookup string) (Invitation, error) {
	return tx.invitation(`code_lookup = $1`, lookup)
}

// InvitationOf gives the invitation of a participant to a wave.
func (tx *Tx) InvitationOf(pid string, wave int) (Invitation, error) {
	return tx.invitation(`pid = $1 AND wave = $2`, pid, wave)
}

func (tx *Tx) invitation(where string, args ...any) (Invitation, error) {
	return one(tx, missing("invitation"), scanInvitation, `SELECT `+invitationColumns+` FROM invitations WHERE `+where, args...)
}

// Invitations gives the invitations to a wave by pid.
func (tx *Tx) Invitations(study string, wave int) ([]Invitation, error) {
	return list(tx, scanInvitation,
		`SELECT `+invitationColumns+` FROM invitations WHERE study = $1 AND wave = $2 ORDER BY pid`, study, wave)
}
