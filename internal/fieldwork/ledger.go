package fieldwork

import (
	"context"
	"fmt"
	"slices"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/mail"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Ledger is what was written down to be sent in a study, in figures.
type Ledger struct {
	Held      time.Time // since when nothing is sent, zero where it is
	Lines     []LedgerLine
	Ambiguous int         // hand-overs of which nobody knows how they ended
	Trouble   mail.Reason // why the last hand-over failed, where it would meet every message; "" otherwise
	Letters   int         // on paper, to be printed and posted
}

// LedgerLine is one message of the plan in one wave.
type LedgerLine struct {
	Wave      int
	Key, Kind string
	Counts    map[store.MessageState]int
	Total     int
}

// Ledger counts the messages of a study.
func (s *Service) Ledger(ctx context.Context, actor access.Actor, studyKey string) (*Ledger, error) {
	if err := actor.May(access.MessageView, studyKey); err != nil {
		return nil, err
	}
	var out *Ledger
	err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		out = &Ledger{}
		if out.Held, err = tx.Held(studyKey); err != nil {
			return orElse(err, errNoStudy)
		}
		if out.Ambiguous, err = tx.CountAmbiguous(studyKey); err != nil {
			return err
		}
		last, found, err := tx.LastHandover(studyKey)
		if err != nil {
			return err
		}
		if reason := mail.Reason(last.Code); found && meetsAll(reason) {
			out.Trouble = reason
		}
		counts, err := tx.CountMessages(studyKey)
		for _, c := range counts {
			out.count(c)
		}
		return err
	})
	return out, err
}

// count adds to the line of a message: its channels stand together.
func (l *Ledger) count(c store.MessageCount) {
	if askedFor(store.Message{Kind: c.Kind}) { // of no plan
		return
	}
	i := slices.IndexFunc(l.Lines, func(line LedgerLine) bool { return line.Wave == c.Wave && line.Key == c.Key })
	if i < 0 {
		i = len(l.Lines)
		l.Lines = append(l.Lines, LedgerLine{Wave: c.Wave, Key: c.Key, Kind: c.Kind, Counts: map[store.MessageState]int{}})
	}
	l.Lines[i].Counts[c.State] += c.Count
	l.Lines[i].Total += c.Count
	if c.Channel == string(study.Paper) && c.State == store.Due {
		l.Letters += c.Count
	}
}

// mostListed is how many messages a list holds.
const mostListed = 1000

// Messages lists the messages of a study that a filter chooses, by label. more
// tells that there are others.
func (s *Service) Messages(ctx context.Context, actor access.Actor, studyKey string, f store.MessageFilter) (out []store.LabelledMessage, more bool, err error) {
	if err := actor.May(access.MessageView, studyKey); err != nil {
		return nil, false, err
	}
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		out, err = tx.ListMessages(studyKey, f, mostListed+1)
		return err
	})
	if len(out) > mostListed {
		out, more = out[:mostListed], true
	}
	for i := range out {
		out[i].PID = ""
	}
	return out, more, err
}

// SentMessage is a message to a participant with the attempts at it.
type SentMessage struct {
	store.Message // without its pid
	Attempts      []store.Handover
	Again         bool // it failed, and can be sent again
}

// MessagesTo gives the messages to one participant in the order of the plan.
func (s *Service) MessagesTo(ctx context.Context, now time.Time, actor access.Actor, studyKey, label string) ([]SentMessage, error) {
	if err := actor.May(access.MessageView, studyKey); err != nil {
		return nil, err
	}
	var out []SentMessage
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		out = nil
		p, err := tx.ParticipantByLabel(studyKey, label)
		if err != nil {
			return orElse(err, errNoParticipant)
		}
		messages, err := tx.MessagesOf(p.PID)
		if err != nil {
			return err
		}
		for _, m := range messages {
			attempts, err := tx.HandoversOf(m.ID)
			if err != nil {
				return err
			}
			m.PID = ""
			out = append(out, SentMessage{Message: m, Attempts: attempts, Again: failed(m, now) && p.Status == store.Active && p.OptedOutAt.IsZero()})
		}
		return nil
	})
	return out, err
}

// failed tells whether a message did not get through and still means something.
func failed(m store.Message, now time.Time) bool {
	return (m.State == store.RefusedBy || m.State == store.Bounced) && (m.Ends.IsZero() || now.Before(m.Ends))
}

var (
	errNotAgain = fault.New(fault.Conflict, "message_not_again", "The message cannot be sent again: it got through, or its time is over.")
	errNoKind   = fault.New(fault.NotFound, "message_kind_unknown", "There is no such message.")
	errNoMail   = fault.New(fault.Conflict, "no_mail_server", "This server has no settings for e-mail.")
	errNoWay    = fault.New(fault.Conflict, "message_no_address", "The participant has no address of this kind. Mend it first.")
)

// SendAgain lets a message that was refused or came back be sent once more,
// after the address was mended. It keeps its id.
func (s *Service) SendAgain(ctx context.Context, now time.Time, actor access.Actor, studyKey, label, message string) error {
	if err := actor.May(access.MessageChange, studyKey); err != nil {
		return err
	}
	var p store.Participant
	err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		p, err = tx.ParticipantByLabel(studyKey, label)
		return orElse(err, errNoParticipant)
	})
	if err != nil {
		return err
	}
	id, err := s.identities.Get(ctx, p.PID)
	if err != nil && !isMissing(err) {
		return err
	}
	ways := reach(id.Email, id.Phone)
	return s.store.Write(ctx, func(tx *store.Tx) error {
		m, err := tx.Message(message)
		if err != nil || m.PID != p.PID {
			return orElse(err, errNotAgain)
		}
		if p, err = tx.Participant(p.PID); err != nil {
			return err
		}
		if !failed(m, now) || p.Status != store.Active || !p.OptedOutAt.IsZero() {
			return errNotAgain
		}
		if !slices.Contains(ways, m.Channel) {
			return errNoWay
		}
		if !slices.Contains(p.Channels, m.Channel) {
			p.Channels = append(p.Channels, m.Channel)
			if err := tx.UpdateParticipant(p); err != nil {
				return err
			}
		}
		done, err := tx.SetMessageState(m.ID, store.Due, "again", now, store.RefusedBy, store.Bounced)
		if err != nil {
			return err
		}
		if !done {
			return errNotAgain
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.MessageChange), Study: studyKey,
			Object: fmt.Sprintf("wave %d, %s", m.Wave, m.Key), Detail: "sent again"})
	})
}

// HoldMessages stops all sending of a study, or lets it go on. While it is
// held nothing is written down and nothing handed over; what is being handed
// over at that moment goes out.
func (s *Service) HoldMessages(ctx context.Context, now time.Time, actor access.Actor, studyKey string, hold bool) error {
	if err := actor.May(access.MessageChange, studyKey); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		held, err := tx.Held(studyKey)
		if err != nil {
			return orElse(err, errNoStudy)
		}
		if hold == !held.IsZero() {
			return nil
		}
		since, detail := time.Time{}, "sending goes on"
		if hold {
			since, detail = now, "sending held"
		}
		if err := tx.Hold(studyKey, since); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.MessageChange), Study: studyKey, Object: "messages", Detail: detail})
	})
}
