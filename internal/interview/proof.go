package interview

import (
	"slices"
	"strings"

	"panelverk/internal/questionnaire"
)

// Way is a way of proving that earlier answers are one's own.
type Way string

// The ways. A further one is a further constant and a case in Sees.
const (
	ByDevice Way = "device" // the device gave the answers itself, which its cookie shows
	ByCode   Way = "code"   // a code came to the address that the key file holds: all is the person's own
	ByPIN    Way = "pin"    // a number chosen on another device: it opens what the devices that share it gave
)

// Proof says how somebody has shown that earlier answers are their own, and on
// which device they may be seen. A link alone proves nothing, so the zero
// Proof opens nothing.
type Proof struct {
	Way    Way    `json:"way,omitempty"`
	Device string `json:"device,omitempty"` // secret.Ring.Device of the cookie
	With   string `json:"-"`                // of ByPIN: the devices that share the number, parted by spaces; never stored
}

// Sees tells whether the proof opens what a device gave; "" is what was given
// without a cookie, or typed in by staff.
func (p Proof) Sees(device string) bool {
	switch {
	case p.Device == "":
		return false
	case p.Way == ByCode:
		return true
	case p.Way == ByPIN && device != "" && slices.Contains(strings.Fields(p.With), device):
		return true
	}
	return p.Way != "" && device == p.Device
}

// Opens tells whether the proof opens an answer in a document; what was worked
// out, where it opens all that was answered.
func (p Proof) Opens(doc *Document, it *questionnaire.Item, of *questionnaire.Questionnaire) bool {
	if it.Asks() {
		return p.Sees(doc.Devices[it.Name])
	}
	for name := range doc.Answers {
		if other := of.Question(name); other != nil && other.Asks() && !p.Sees(doc.Devices[name]) {
			return false
		}
	}
	return p.Device != ""
}

// Opens tells whether a device may be shown the answer with a key: it gave it
// itself, or has proved that it is the person's own.
func (d *Document) Opens(key, device string) bool {
	return device != "" && (d.Devices[key] == device || d.Proven.Device == device && d.Proven.Sees(d.Devices[key]))
}

// Tells tells whether a device may be shown what the interview was told of
// earlier waves.
func (d *Document) Tells(device string) bool {
	return device != "" && (d.Proof.Device == device || d.Proof.Device != "" && d.Proven.Device == device && d.Proven.Sees(d.Proof.Device))
}

// Foreign tells whether the document holds anything that another device gave
// or was told, or nothing at all: then it matters what a device has proved.
func (d *Document) Foreign(device string) bool {
	if len(d.Devices) == 0 || len(d.Answers) == 0 || d.Proof.Device != "" && d.Proof.Device != device {
		return true
	}
	for _, by := range d.Devices {
		if by != device {
			return true
		}
	}
	return false
}
