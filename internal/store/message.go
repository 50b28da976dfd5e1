package store

import (
	"time"

	"panelverk/internal/fault"
)

// MessageState is where a message of the ledger stands.
//
//	        written down              worker takes it
//	(plan) ─────────────▶ due ──────────────────────▶ claimed
//	                       │  ▲ lease ran out, or        │
//	   left, answered,     │  │ the server said "later"  ├─▶ handed_over ──▶ bounced
//	   plan changed        │  └── deferred ◀─────────────┤        │
//	                       ▼          │                  └─▶ refused
//	                   cancelled ◀────┘                        │
//	                       ▲                                   ▼
//	                       └────── opted_out (asked to get no more, before or after)
//
// "planned" is not stored: it is what study.Mailings computes and no row is
// there for. What was cancelled with the reason PlanChanged may become due again,
// when the plan wants it at another time. Messages on paper stay due until staff says that they were posted.
type MessageState string

// The states.
const (
	Due        MessageState = "due"
	Claimed    MessageState = "claimed"     // a worker has it until ClaimedUntil
	HandedOver MessageState = "handed_over" // a mail server, a gateway or the post has it
	Deferred   MessageState = "deferred"    // to be tried again at Next
	Bounced    MessageState = "bounced"     // handed over, and came back
	RefusedBy  MessageState = "refused"     // a server will never take it
	OptedOut   MessageState = "opted_out"   // the participant wants no such messages
	Cancelled  MessageState = "cancelled"   // no longer wanted before it was handed over
)

// Message is one row of the ledger.
type Message struct {
	ID           string // also the left part of its Message-ID, so that it is the same at each attempt
	Study        string
	PID          string
	Wave         int    // 0: of none
	Key          string // of the plan's message
	Kind         string
	Template     string
	Channel      string
	Language     string
	State        MessageState
	Reason       string    // a code: why it is refused, bounced or cancelled, or what was said last
	Planned      time.Time // when the plan wanted it
	Ends         time.Time // from when it is worth nothing, zero for never
	Next         time.Time // when it is to be tried
	Attempts     int       // hand-overs that were begun
	Worker       string
	ClaimedUntil time.Time
	Created      time.Time
	Changed      time.Time
	Handed       time.Time
}

// Handover is one attempt to hand a message over.
type Handover struct {
	Message string
	Number  int // from 1
	Worker  string
	Began   time.Time
	Ended   time.Time // zero while it runs
	Outcome string    // handed_over, deferred, refused, ambiguous; "" while it runs
	Code    string    // what it came to, for page texts: "handover.<code>"
	Said    string    // the server's words, without addresses
}

// Ambiguous is the outcome of a hand-over of which nobody knows how it ended.
const Ambiguous = "ambiguous"

// PlanChanged is the reason of what was taken back because the study's plan or
// its waves changed: it counts as not written down, and may be again.
const PlanChanged = "plan_changed"

// ErrNotClaimed says that a message is no longer the worker's: its lease ran
// out, or it was cancelled.
var ErrNotClaimed = fault.New(fault.Conflict, "message_not_claimed", "The message is no longer this worker's.")

const messageColumns = `id, study, pid, wave, message, kind, template, channel, language, state, reason,
	planned_at, ends_at, next_at, attempts, worker, claimed_until, created_at, changed_at, handed_at`

func scanMessage(row scanner) (Message, error) {
	var (
		m                                                      Message
		planned, ends, next, until, created, changed, handedAt int64
	)
	err := row.Scan(&m.ID, &m.Study, &m.PID, &m.Wave, &m.Key, &m.Kind, &m.Template, &m.Channel, &m.Language, &m.State, &m.Reason,
		&planned, &ends, &next, &m.Attempts, &m.Worker, &until, &created, &changed, &handedAt)
	m.Planned, m.Ends, m.Next, m.ClaimedUntil = moment(planned), moment(ends), moment(next), moment(until)
	m.Created, m.Changed, m.Handed = moment(created), moment(changed), moment(handedAt)
	return m, err
}

// AddMessage writes a message down, where the ledger has none of the same
// participant, wave and key but one that was taken back with PlanChanged, and
// the participant still takes part and wants to be written to. fresh tells
// whether it did. What was taken back keeps its id.
func (tx *Tx) AddMessage(m Message) (fresh bool, err error) {
	n, err := tx.exec(`INSERT INTO messages (`+messageColumns+`)
		SELECT $1, $2, p.pid, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, '', 0, $15, $15, 0
		FROM participants p WHERE p.pid = $3 AND p.status = 'active' AND p.opted_out_at = 0 AND p.paused_until <= $15
		ON CONFLICT (pid, wave, message) DO UPDATE SET template = excluded.template, kind = excluded.kind, channel = excluded.channel,
			language = excluded.language, state = excluded.state, reason = excluded.reason, planned_at = excluded.planned_at,
			ends_at = excluded.ends_at, next_at = excluded.next_at, created_at = excluded.created_at, changed_at = excluded.changed_at
		WHERE messages.state = 'cancelled' AND messages.reason = 'plan_changed'`,
		m.ID, m.Study, m.PID, m.Wave, m.Key, m.Kind, m.Template, m.Channel, m.Language, string(m.State), m.Reason,
		millis(m.Planned), millis(m.Ends), millis(m.Next), millis(m.Created))
	return n == 1, err
}

// ClaimMessages takes the messages whose time has come for a worker, the
// longest waiting first, at most so many, of those that go by e-mail or as SMS as
// the worker can send them. Until the lease ends nobody else gets them. What a
// study holds is not taken.
func (tx *Tx) ClaimMessages(worker string, now, until time.Time, most int, email, sms bool) ([]Message, error) {
	first, second := "", "" // no channel
	if email {
		first = "email"
	}
	if sms {
		second = "sms"
	}
	// The state is tested again on the row itself: on PostgreSQL another server
	// may have taken it since the inner query looked.
	return list(tx, scanMessage, `UPDATE messages SET state = 'claimed', worker = $1, claimed_until = $2, changed_at = $3
		WHERE state IN ('due', 'deferred') AND id IN (SELECT id FROM messages
			WHERE state IN ('due', 'deferred') AND next_at <= $3 AND channel IN ($5, $6)
				AND study NOT IN (SELECT study FROM studies WHERE held_at <> 0) ORDER BY next_at, id LIMIT $4)
		RETURNING `+messageColumns, worker, millis(until), millis(now), most, first, second)
}

// LapseClaims gives back what workers did not finish within their leases. A
// hand-over that had begun is ambiguous from then on: the message may have
// gone out, and will once more.
func (tx *Tx) LapseClaims(now time.Time) ([]Message, error) {
	lapsed, err := list(tx, scanMessage, `UPDATE messages SET state = 'deferred', next_at = $1, changed_at = $1, worker = ''
		WHERE state = 'claimed' AND claimed_until <= $1 RETURNING `+messageColumns, millis(now))
	if err != nil {
		return nil, err
	}
	for _, m := range lapsed {
		if _, err := tx.exec(`UPDATE handovers SET ended_at = $2, outcome = 'ambiguous', code = 'worker_gone'
			WHERE message = $1 AND ended_at = 0`, m.ID, millis(now)); err != nil {
			return nil, err
		}
	}
	return lapsed, nil
}

// BeginHandover writes down that a worker is about to hand a message over, and
// gives the message as it is then. Fails with ErrNotClaimed where it is no
// longer the worker's, and where its participant has left meanwhile.
func (tx *Tx) BeginHandover(id, worker string, now time.Time) (Message, error) {
	m, err := one(tx, ErrNotClaimed, scanMessage, `UPDATE messages SET attempts = attempts + 1, changed_at = $3
		WHERE id = $1 AND worker = $2 AND state = 'claimed' AND claimed_until > $3
			AND (EXISTS (SELECT 1 FROM participants p WHERE p.pid = messages.pid AND p.status = 'active')
				OR EXISTS (SELECT 1 FROM joiners j WHERE j.pid = messages.pid AND j.state IN ('pending', 'waiting', 'offered')))
		RETURNING `+messageColumns, id, worker, millis(now))
	if err != nil {
		return Message{}, err
	}
	_, err = tx.exec(`INSERT INTO handovers (message, number, worker, began_at, ended_at, outcome, code, said)
		VALUES ($1, $2, $3, $4, 0, '', '', '')`, id, m.Attempts, worker, millis(now))
	return m, err
}

// EndHandover writes down what a hand-over came to, and where the message
// stands then: handed over, refused, or deferred until next. A message that
// lapsed meanwhile keeps its row for another attempt unless this one is known
// to have arrived.
func (tx *Tx) EndHandover(h Handover, state MessageState, next time.Time) error {
	if _, err := tx.exec(`UPDATE handovers SET ended_at = $3, outcome = $4, code = $5, said = $6 WHERE message = $1 AND number = $2`,
		h.Message, h.Number, millis(h.Ended), h.Outcome, h.Code, h.Said); err != nil {
		return err
	}
	handed := int64(0)
	if state == HandedOver {
		handed = millis(h.Ended)
	}
	// In a lapsed message's place another worker may be at it: only an arrival counts.
	_, err := tx.exec(`UPDATE messages SET state = $2, reason = $3, next_at = $4, changed_at = $5, handed_at = $6, worker = '', claimed_until = 0
		WHERE id = $1 AND (state = 'claimed' AND worker = $7 OR $2 = 'handed_over' AND state IN ('deferred', 'due'))`,
		h.Message, string(state), h.Code, millis(next), millis(h.Ended), handed, h.Worker)
	return err
}

// ReleaseClaim gives a claimed message back untried, to be taken at next. One
// whose hand-over has begun stays claimed until the lease ends.
func (tx *Tx) ReleaseClaim(id, worker string, now, next time.Time) error {
	_, err := tx.exec(`UPDATE messages SET state = CASE WHEN attempts = 0 THEN 'due' ELSE 'deferred' END, next_at = $4, changed_at = $3,
		worker = '', claimed_until = 0 WHERE id = $1 AND worker = $2 AND state = 'claimed'
			AND NOT EXISTS (SELECT 1 FROM handovers h WHERE h.message = messages.id AND h.ended_at = 0)`, id, worker, millis(now), millis(next))
	return err
}

// SetMessageState moves a message on by what came from outside: a bounce, an
// opting out, a letter that was posted. from are the states it may be in; where
// it is in none of them, nothing changes and done is false.
func (tx *Tx) SetMessageState(id string, to MessageState, reason string, now time.Time, from ...MessageState) (done bool, err error) {
	for _, f := range from {
		handed := `handed_at`
		if to == HandedOver {
			handed = `$4`
		}
		n, err := tx.exec(`UPDATE messages SET state = $2, reason = $3, changed_at = $4, handed_at = `+handed+`, worker = '', claimed_until = 0
			WHERE id = $1 AND state = $5`, id, string(to), reason, millis(now), string(f))
		if err != nil || n == 1 {
			return n == 1, err
		}
	}
	return false, nil
}

// waiting is true of what has not been handed over, and is not being handed
// over at this moment.
const waiting = `(state IN ('due', 'deferred') OR state = 'claimed' AND NOT EXISTS
	(SELECT 1 FROM handovers h WHERE h.message = messages.id AND h.ended_at = 0))`

// CancelMessages cancels what waits for a participant in a wave. What a worker
// has in its hands is cancelled too, unless the hand-over has begun. It tells
// how many.
func (tx *Tx) CancelMessages(pid string, wave int, reason string, now time.Time) (int, error) {
	n, err := tx.exec(`UPDATE messages SET state = 'cancelled', reason = $3, changed_at = $4, worker = '', claimed_until = 0
		WHERE pid = $1 AND wave = $2 AND `+waiting, pid, wave, reason, millis(now))
	return int(n), err
}

// StopMessages ends what waits for a participant in all waves, as CancelMessages
// does, with the state that says why: Cancelled or OptedOut.
func (tx *Tx) StopMessages(pid string, to MessageState, reason string, now time.Time) (int, error) {
	n, err := tx.exec(`UPDATE messages SET state = $2, reason = $3, changed_at = $4, worker = '', claimed_until = 0
		WHERE pid = $1 AND `+waiting, pid, string(to), reason, millis(now))
	return int(n), err
}

// WakeMessages lets what was put off until a moment, the end of a pause, go out now.
func (tx *Tx) WakeMessages(pid string, putOff, now time.Time) error {
	_, err := tx.exec(`UPDATE messages SET next_at = $3, changed_at = $3 WHERE pid = $1 AND next_at = $2 AND state IN ('due', 'deferred')`,
		pid, millis(putOff), millis(now))
	return err
}

// TakeBack cancels one message that waits, with the reason PlanChanged. done is
// false where it no longer waits.
func (tx *Tx) TakeBack(pid string, wave int, key string, now time.Time) (done bool, err error) {
	n, err := tx.exec(`UPDATE messages SET state = 'cancelled', reason = $4, changed_at = $5, worker = '', claimed_until = 0
		WHERE pid = $1 AND wave = $2 AND message = $3 AND `+waiting, pid, wave, key, PlanChanged, millis(now))
	return n == 1, err
}

// AlterMessage gives one message that waits the text, the channel and the end
// of m, which names it by participant, wave and key.
func (tx *Tx) AlterMessage(m Message, now time.Time) error {
	_, err := tx.exec(`UPDATE messages SET template = $4, channel = $5, language = $6, ends_at = $7, changed_at = $8
		WHERE pid = $1 AND wave = $2 AND message = $3 AND `+waiting, m.PID, m.Wave, m.Key, m.Template, m.Channel, m.Language, millis(m.Ends), millis(now))
	return err
}

// Message gives a message of the ledger.
func (tx *Tx) Message(id string) (Message, error) {
	return one(tx, missing("message"), scanMessage, `SELECT `+messageColumns+` FROM messages WHERE id = $1`, id)
}

// MessagesOf gives the messages to a participant in the order they were planned.
func (tx *Tx) MessagesOf(pid string) ([]Message, error) {
	return list(tx, scanMessage, `SELECT `+messageColumns+` FROM messages WHERE pid = $1 ORDER BY planned_at, id`, pid)
}

// EachMessage streams the ledger of a study by time.
func (tx *Tx) EachMessage(study string, do func(Message) error) error {
	return stream(func(last *Message) ([]Message, error) {
		at, id := int64(-1<<62), ""
		if last != nil {
			at, id = millis(last.Planned), last.ID
		}
		return list(tx, scanMessage, `SELECT `+messageColumns+` FROM messages
			WHERE study = $1 AND (planned_at, id) > ($2, $3) ORDER BY planned_at, id LIMIT $4`, study, at, id, pageRows)
	}, do)
}

// HandoversOf gives the attempts at a message in their order.
func (tx *Tx) HandoversOf(message string) ([]Handover, error) {
	return list(tx, scanHandover, `SELECT message, number, worker, began_at, ended_at, outcome, code, said FROM handovers
		WHERE message = $1 ORDER BY number`, message)
}

func scanHandover(row scanner) (Handover, error) {
	var (
		h            Handover
		began, ended int64
	)
	err := row.Scan(&h.Message, &h.Number, &h.Worker, &began, &ended, &h.Outcome, &h.Code, &h.Said)
	h.Began, h.Ended = moment(began), moment(ended)
	return h, err
}

// AddNotice writes a message down that does not come of the plan but of what
// was done to the participant: it goes to those as well who are paused or asked
// for no more messages.
func (tx *Tx) AddNotice(m Message) error {
	_, err := tx.exec(`INSERT INTO messages (`+messageColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, '', 0, $15, $15, 0) ON CONFLICT (pid, wave, message) DO NOTHING`,
		m.ID, m.Study, m.PID, m.Wave, m.Key, m.Kind, m.Template, m.Channel, m.Language, string(m.State), m.Reason,
		millis(m.Planned), millis(m.Ends), millis(m.Next), millis(m.Created))
	return err
}
