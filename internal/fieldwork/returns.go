package fieldwork

import (
	"context"
	"strings"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/mail"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

var errNoMessage = fault.New(fault.NotFound, "message_unknown", "The link does not work. Check that you got the whole of it.")

// Returned takes in one message that came back. A message that will never
// arrive is marked so in the ledger, and its participant is known from then on
// to have no working address of its kind; a complaint ends all messages. What
// belongs to no message of ours, or says nothing of one, changes nothing; known
// tells whether it did. The same twice changes nothing more.
func (s *Service) Returned(ctx context.Context, now time.Time, b mail.Bounce) (known bool, err error) {
	id := strings.ToUpper(b.Token)
	if id == "" {
		id, _, _ = strings.Cut(b.MessageID, "@")
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		known = false
		m, err := tx.Message(id)
		if isMissing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		switch b.Return {
		case mail.Permanent, mail.Temporary:
			known, err = tx.SetMessageState(id, store.Bounced, string(b.Reason), now, store.HandedOver, store.Deferred) // what is deferred may have arrived: nobody knew
			if err != nil || !known || b.Return == mail.Temporary {
				return err
			}
			return unreachable(tx, m, now)
		case mail.Complaint:
			known = true
			return stopMessages(tx, m.PID, now)
		}
		return nil
	})
	return known, err
}

// Stopping gives the study and the language of a message whose reader follows
// the link to get no more of them. It changes nothing.
func (s *Service) Stopping(ctx context.Context, token string) (st *study.Study, language string, err error) {
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		m, err := s.unsubscribed(tx, token)
		if err != nil {
			return err
		}
		st, err = s.study(tx, m.Study)
		language = m.Language
		return err
	})
	return st, language, err
}

// StopMessages ends all messages to the reader of one: the link in it was
// pressed, or a mail program did so at the reader's wish (RFC 8058). The
// participant stays in the panel and can answer by the links there are. Who is
// no participant yet leaves the waiting list, and is forgotten.
func (s *Service) StopMessages(ctx context.Context, now time.Time, token string) error {
	return s.store.Write(ctx, func(tx *store.Tx) error {
		m, err := s.unsubscribed(tx, token)
		if err != nil {
			return err
		}
		return stopMessages(tx, m.PID, now)
	})
}

func (s *Service) unsubscribed(tx *store.Tx, token string) (store.Message, error) {
	id, ok := s.keys.Unsubscribed(token)
	if !ok {
		return store.Message{}, errNoMessage
	}
	m, err := tx.Message(id)
	if err != nil {
		return m, orElse(err, errNoMessage)
	}
	return m, nil
}

func stopMessages(tx *store.Tx, pid string, now time.Time) error {
	p, err := tx.Participant(pid)
	if isMissing(err) { // somebody on the waiting list, or who has not confirmed
		j, err := tx.JoinerByPID(pid)
		if err != nil {
			return orElse(err, errNoMessage)
		}
		return leaveList(tx, j, now)
	}
	if err != nil || !p.OptedOutAt.IsZero() {
		return err
	}
	p.OptedOutAt = now
	if err := tx.UpdateParticipant(p); err != nil {
		return err
	}
	_, err = tx.StopMessages(pid, store.OptedOut, "opted_out", now)
	return err
}
