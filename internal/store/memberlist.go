package store

import (
	"slices"
	"strconv"
	"strings"
)

// MembersOf streams the given participants of a study in the order of their
// pids in the list, each with what hangs on it. Memory stays flat: some pids
// at a time, one query a table. A pid that is not in the study is passed over.
//
// An export needs this in place of EachMember: two recipients whose files were
// both in the order of the pids could join them row by row.
func (tx *Tx) MembersOf(study string, pids []string, do func(Member) error) error {
	for some := range slices.Chunk(pids, memberRows) {
		members, err := tx.someMembers(study, some)
		if err != nil {
			return err
		}
		for _, pid := range some {
			if m, ok := members[pid]; ok {
				if err := do(*m); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// someMembers reads a few participants with one query a table.
func (tx *Tx) someMembers(study string, pids []string) (map[string]*Member, error) {
	marks, args := make([]string, len(pids)), []any{study}
	for i, pid := range pids {
		marks[i] = "$" + strconv.Itoa(i+2)
		args = append(args, pid)
	}
	among := ` IN (` + strings.Join(marks, ", ") + `)`
	people, err := list(tx, scanParticipant, `SELECT `+participantColumns+` FROM participants WHERE study = $1 AND pid`+among, args...)
	if err != nil {
		return nil, err
	}
	members := make(map[string]*Member, len(people))
	for _, p := range people {
		members[p.PID] = &Member{Participant: p}
	}
	interviews, err := list(tx, scanInterview, `SELECT `+interviewColumns+` FROM interviews
		WHERE study = $1 AND pid`+among+` ORDER BY pid, wave`, args...)
	if err != nil {
		return nil, err
	}
	owner := make(map[string]*Member, len(interviews))
	for _, i := range interviews {
		m := members[i.PID]
		m.Interviews, owner[i.ID] = append(m.Interviews, i), m
	}
	corrections, err := list(tx, scanCorrection, `SELECT `+correctionColumns+` FROM corrections c
		JOIN interviews i ON i.id = c.interview WHERE i.study = $1 AND i.pid`+among+` ORDER BY i.pid, i.wave, c.number`, args...)
	if err != nil {
		return nil, err
	}
	for _, c := range corrections {
		m := owner[c.Interview]
		m.Corrections = append(m.Corrections, c)
	}
	events, err := list(tx, scanEvent, `SELECT `+eventColumns+` FROM events WHERE study = $1 AND pid`+among+` ORDER BY pid, at, number`, args...)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		if m := members[e.PID]; m != nil {
			m.Events = append(m.Events, e)
		}
	}
	invitations, err := list(tx, scanInvitation, `SELECT `+invitationColumns+` FROM invitations
		WHERE study = $1 AND pid`+among+` ORDER BY pid, wave`, args...)
	if err != nil {
		return nil, err
	}
	for _, i := range invitations {
		if m := members[i.PID]; m != nil {
			m.Invitations = append(m.Invitations, i)
		}
	}
	return members, nil
}
