package fieldwork

import (
	"strconv"
	"strings"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/mail"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Some messages go out since their reader asked for them, a moment ago, on a
// page: they belong to no plan and no wave, are not held back by a pause or an
// opting out, and come before all that waits.

// foremost is when such a message is to be tried: before everything else.
var foremost = time.UnixMilli(1)

// askedFor tells whether a message was asked for by its reader.
func askedFor(m store.Message) bool {
	return m.Kind == string(mail.Code) || m.Kind == string(mail.Link)
}

// askedKey gives the key of such a message: which one of its kind it is.
func askedKey(kind mail.Kind, id string) string { return string(kind) + "." + id }

// askedFields fills in what such a message carries. The code is worked out here,
// at the hand-over, and stands nowhere else.
func (s *Service) askedFields(tx *store.Tx, st *study.Study, p store.Participant, m store.Message, f *mail.Fields) error {
	f.Leave = ""
	if m.Kind == string(mail.Link) {
		return s.ownLink(tx, st, p, m.Created, f)
	}
	number, err := strconv.Atoi(strings.TrimPrefix(m.Key, askedKey(mail.Code, "")))
	if err != nil {
		return fault.New(fault.Internal, "message_key", "The key of a message cannot be read.").Because(err)
	}
	f.Code = s.keys.ProofCode(p.PID, number)
	return nil
}

// hurry tells whoever hands messages over that somebody is waiting.
func (s *Service) hurry() {
	select {
	case s.urgent <- struct{}{}:
	default: // it has been told
	}
}

// Urgent gives a value whenever something is to be handed over at once.
func (s *Service) Urgent() <-chan struct{} { return s.urgent }
