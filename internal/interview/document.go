package interview

import (
	"maps"
	"time"
)

// Document is the current state of one interview, derived from its saves in
// the transaction that stores each. Encode gives what the database holds.
type Document struct {
	// Answers holds the value of each answered question in XForms' lexical
	// form: select_multiple and rank as names parted by spaces, dates as
	// 2006-01-02. Answers to questions that are no longer relevant stay here
	// and are left out of every export.
	Answers map[string]string
	// Devices holds, for each answer, which device gave it (secret.Ring.Device
	// of its cookie). A device is shown what it gave itself and nothing else.
	Devices map[string]string
	// Pages holds the pages that were posted, by key: a page was seen when it
	// was posted, by whichever button.
	Pages map[string]Visit
	// Earlier is what the interview was told of earlier waves, by question. It is
	// told once, before the first page is posted, and stands from then on, so
	// that a dataset works the routing out as the respondent saw it. Which device
	// may be shown it follows from Proof. Nil where nothing was told.
	Earlier map[string]Earlier
	Proof   Proof
	// Prefills says what came of the earlier answers that were offered.
	Prefills map[string]Outcome
	// Proven is what the device that looks at the document has proved. It is not
	// stored with it: it belongs to whoever asks.
	Proven Proof
}

// Visit says when a page was posted.
type Visit struct {
	First int64 // unix milliseconds, UTC
	Last  int64 // unix milliseconds, UTC
	Asked bool  // the one friendly reminder was shown
	Done  bool  // it was left forward: one goes on after it
}

// Change is what one save adds: a row of the history.
type Change struct {
	Answers map[string]string `json:"a,omitempty"` // "" clears an answer
	Device  string            `json:"d,omitempty"`
	Page    string            `json:"p,omitempty"` // the page that was posted, "" for none
	Asked   bool              `json:"r,omitempty"` // the page is shown again with the reminder
	Done    bool              `json:"n,omitempty"` // the page was left forward
	Late    map[string]string `json:"l,omitempty"` // answers that arrived when later ones stood already: history, and nothing more
	Sent    bool              `json:"s,omitempty"` // the interview was sent in

	Prefills map[string]Outcome `json:"o,omitempty"`
	Earlier  map[string]Earlier `json:"e,omitempty"` // what the interview is told, with the proof
	Proof    *Proof             `json:"w,omitempty"`
}

// Empty tells whether the change would leave no trace at all.
func (c Change) Empty() bool {
	return len(c.Answers) == 0 && len(c.Late) == 0 && c.Page == "" && len(c.Earlier) == 0 && !c.Sent
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
	d.tell(c)
	if c.Page == "" {
		return
	}
	v, ok := d.Pages[c.Page]
	ms := at.UnixMilli()
	if !ok {
		v.First, v.Last = ms, ms
	}
	v.First, v.Last = min(v.First, ms), max(v.Last, ms) // what was posted without a network comes later
	v.Asked = v.Asked || c.Asked
	v.Done = v.Done || c.Done
	d.Pages[c.Page] = v
}

// tell takes in what a change says of earlier waves. What was told stays.
func (d *Document) tell(c Change) {
	if c.Proof != nil && d.Proof == (Proof{}) {
		d.Earlier, d.Proof = maps.Clone(c.Earlier), Proof{Way: c.Proof.Way, Device: c.Proof.Device}
	}
	if len(c.Prefills) > 0 && d.Prefills == nil {
		d.Prefills = map[string]Outcome{}
	}
	maps.Copy(d.Prefills, c.Prefills)
}

// Clone gives a copy that shares nothing with d.
func (d *Document) Clone() *Document {
	return &Document{Answers: maps.Clone(d.Answers), Devices: maps.Clone(d.Devices), Pages: maps.Clone(d.Pages),
		Earlier: maps.Clone(d.Earlier), Proof: d.Proof, Prefills: maps.Clone(d.Prefills), Proven: d.Proven}
}
