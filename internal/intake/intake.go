// Package intake takes data in: answers that were collected elsewhere enter
// as waves (ImportAnswers), and lists of people become participants
// (PlanParticipants).
//
// Both read CSV or the first sheet of an .xlsx workbook, say by row and column
// everything that does not fit, and store nothing unless all of it fits or the
// user has said what to do with the rest.
package intake

import (
	"panelverk/internal/keyfile"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

// Service is the operations with what they work on. It is safe for concurrent use.
type Service struct {
	store      *store.Store
	keys       *secret.Ring
	identities *keyfile.File
}

// New gives the operations.
func New(st *store.Store, keys *secret.Ring, identities *keyfile.File) *Service {
	return &Service{store: st, keys: keys, identities: identities}
}
