package interview

import (
	"encoding/json"
	"maps"
	"time"
)

// Document is the current state of one interview, derived from its saves in
// the transaction that stores each. Its JSON is what the database holds.
type Document struct {
	// Answers holds the value of each answered question in XForms' lexical
	// form: select_multiple and rank as names parted by spaces, dates as
	// 2006-01-02. Answers to questions that are no longer relevant stay here
	// and are left out of every export.
	Answers map[string]string `json:"a,omitempty"`
	// Devices holds, for each answer, which device gave it (secret.Ring.Device
	// of its cookie). A device is shown what it gave itself and nothing else.
	Devices map[string]string `json:"d,omitempty"`
	// Pages holds the pages that were posted, by key: a page was seen when it
	// was posted, by whichever button.
	Pages map[string]Visit `json:"p,omitempty"`
}

// Visit says when a page was posted.
type Visit struct {
	First int64 `json:"f"`           // unix milliseconds, UTC
	Last  int64 `json:"l"`           // unix milliseconds, UTC
	Asked bool  `json:"r,omitempty"` // the one friendly reminder was shown
	Done  bool  `json:"n,omitempty"` // it was left forward: one goes on after it
}

// Change is what one save adds: a row of the history.
type Change struct {
	Answers map[string]string `json:"a,omitempty"` // "" clears an answer
	Device  string            `json:"d,omitempty"`
	Page    string            `json:"p,omitempty"` // the page that was posted, "" for none
	Asked   bool              `json:"r,omitempty"` // the page is shown again with the reminder
	Done    bool              `json:"n,omitempty"` // the page was left forward
}

// Empty tells whether the change would leave no trace at all.
func (c Change) Empty() bool { return len(c.Answers) == 0 && c.Page == "" }

// Decode reads a stored document; "" is the empty one.
func Decode(stored string) (*Document, error) {
	d := &Document{}
	if stored != "" {
		if err := json.Unmarshal([]byte(stored), d); err != nil {
			return nil, err
		}
	}
	if d.Answers == nil {
		d.Answers = map[string]string{}
	}
	if d.Devices == nil {
		d.Devices = map[string]string{}
	}
	if d.Pages == nil {
		d.Pages = map[string]Visit{}
	}
	return d, nil
}

// Encode gives the stored form: the same document, the same bytes.
func (d *Document) Encode() string {
	b, err := json.Marshal(d)
	if err != nil {
		panic(err) // maps of strings and numbers always encode
	}
	return string(b)
}

// Apply adds one save that was made at the given time.
func (d *Document) Apply(c Change, at time.Time) {
	for name, value := range c.Answers {
		if value == "" {
			delete(d.Answers, name)
			delete(d.Devices, name)
			continue
		}
		d.Answers[name] = value
		if c.Device == "" {
			delete(d.Devices, name)
		} else {
			d.Devices[name] = c.Device
		}
	}
	if c.Page == "" {
		return
	}
	v, ok := d.Pages[c.Page]
	if !ok {
		v.First = at.UnixMilli()
	}
	v.Last = at.UnixMilli()
	v.Asked = v.Asked || c.Asked
	v.Done = v.Done || c.Done
	d.Pages[c.Page] = v
}

// Clone gives a copy that shares nothing with d.
func (d *Document) Clone() *Document {
	return &Document{Answers: maps.Clone(d.Answers), Devices: maps.Clone(d.Devices), Pages: maps.Clone(d.Pages)}
}
