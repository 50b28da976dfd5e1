package interview

import "panelverk/internal/questionnaire"

// Way is a way of proving that earlier answers are one's own.
type Way string

// ByDevice: the device gave the answers itself, which its cookie shows. A
// further way, such as a code by mail, is a further constant and a case in Opens.
const ByDevice Way = "device"

// Proof says how somebody has shown that earlier answers are their own, and on
// which device they may be seen. A link alone proves nothing, so the zero
// Proof opens nothing.
type Proof struct {
	Way    Way    `json:"way,omitempty"`
	Device string `json:"device,omitempty"` // secret.Ring.Device of the cookie
}

// Opens tells whether the proof opens an answer in a document. A device opens
// what it gave itself; what was worked out, where it gave all that was answered.
func (p Proof) Opens(doc *Document, it *questionnaire.Item, of *questionnaire.Questionnaire) bool {
	if p.Way != ByDevice || p.Device == "" {
		return false
	}
	if it.Asks() {
		return doc.Devices[it.Name] == p.Device
	}
	for name := range doc.Answers {
		if other := of.Question(name); other != nil && other.Asks() && doc.Devices[name] != p.Device {
			return false
		}
	}
	return true
}

// Shows tells whether a device may be shown what was told by this proof.
func (p Proof) Shows(device string) bool { return device != "" && device == p.Device }
