package store

import "time"

// MessageCount counts messages of a study that stand alike.
type MessageCount struct {
	Wave    int
	Key     string
	Kind    string
	Channel string
	State   MessageState
	Count   int
}

// CountMessages counts the ledger of a study.
func (tx *Tx) CountMessages(study string) ([]MessageCount, error) {
	return list(tx, func(row scanner) (c MessageCount, err error) {
		err = row.Scan(&c.Wave, &c.Key, &c.Kind, &c.Channel, &c.State, &c.Count)
		return c, err
	}, `SELECT wave, message, kind, channel, state, COUNT(*) FROM messages WHERE study = $1
		GROUP BY wave, message, kind, channel, state ORDER BY wave, MIN(planned_at), message, channel, state`, study)
}

// CountAmbiguous counts the hand-overs of a study of which nobody knows how
// they ended.
func (tx *Tx) CountAmbiguous(study string) (int, error) {
	return one(tx, missing("study"), func(row scanner) (n int, err error) {
		err = row.Scan(&n)
		return n, err
	}, `SELECT COUNT(*) FROM handovers WHERE outcome = 'ambiguous' AND message IN (SELECT id FROM messages WHERE study = $1)`, study)
}

// LastHandover gives the newest hand-over of a study that has ended; found is
// false where there is none.
func (tx *Tx) LastHandover(study string) (h Handover, found bool, err error) {
	rows, err := list(tx, scanHandover, `SELECT message, number, worker, began_at, ended_at, outcome, code, said FROM handovers
		WHERE ended_at <> 0 AND message IN (SELECT id FROM messages WHERE study = $1) ORDER BY ended_at DESC, message LIMIT 1`, study)
	if err != nil || len(rows) == 0 {
		return h, false, err
	}
	return rows[0], true, nil
}

// MessageFilter chooses messages of a study. The zero value of a field chooses all.
type MessageFilter struct {
	Wave    int
	Key     string
	Channel string
	State   MessageState
}

// LabelledMessage is a message with the label of its participant, "" where it
// is to somebody who is none yet.
type LabelledMessage struct {
	Message
	Label string
}

// ListMessages gives the messages of a study that a filter chooses, at most so
// many, by label, wave and time.
func (tx *Tx) ListMessages(study string, f MessageFilter, most int) ([]LabelledMessage, error) {
	return list(tx, func(row scanner) (m LabelledMessage, err error) {
		m.Message, err = scanMessage(labelled{row, &m.Label})
		return m, err
	}, `SELECT `+messageColumns+`, COALESCE(label, '') FROM messages
		LEFT JOIN (SELECT pid AS whose, label FROM participants) people ON whose = pid
		WHERE study = $1 AND ($2 = 0 OR wave = $2) AND ($3 = '' OR message = $3) AND ($4 = '' OR channel = $4) AND ($5 = '' OR state = $5)
		ORDER BY COALESCE(label, ''), wave, planned_at, id LIMIT $6`, study, f.Wave, f.Key, f.Channel, string(f.State), most)
}

// labelled scans one column more than a message has.
type labelled struct {
	scanner
	label *string
}

func (l labelled) Scan(into ...any) error { return l.scanner.Scan(append(into, l.label)...) }

// Sending is what was handed over of one message of the plan in a wave.
type Sending struct {
	Wave        int
	Key, Kind   string
	Channel     string
	First, Last time.Time
	Count       int
	Back        int // of these, what came back
}

// Sendings gives what had been handed over in a study before a moment, by wave and
// time. What is to be tried again is not in it.
func (tx *Tx) Sendings(study string, before time.Time) ([]Sending, error) {
	return list(tx, func(row scanner) (s Sending, err error) {
		var first, last int64
		err = row.Scan(&s.Wave, &s.Key, &s.Kind, &s.Channel, &first, &last, &s.Count, &s.Back)
		s.First, s.Last = moment(first), moment(last)
		return s, err
	}, `SELECT wave, message, kind, channel, MIN(handed_at), MAX(handed_at), COUNT(*), SUM(CASE WHEN state = 'bounced' AND changed_at <= $2 THEN 1 ELSE 0 END) FROM messages
		WHERE study = $1 AND handed_at > 0 AND handed_at <= $2 GROUP BY wave, message, kind, channel ORDER BY wave, MIN(handed_at), message, channel`,
		study, millis(before))
}
