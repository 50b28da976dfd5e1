package interview

import (
	"panelverk/internal/questionnaire"
	"panelverk/internal/upload"
)

// File is a file that was handed in for a question: judged, and not stored yet.
type File struct {
	Name  string      // what it is called on the device
	Fault string      // why it was not taken, a code of package upload; "" for a file that is in order
	Token string      // what the answer becomes, "" with a fault
	Kept  upload.Kept // its bytes as they are to be stored
}

// handIn takes what a page says of a question that asks for a file: a new one,
// the wish to take the stored one back, or nothing. Only a page that was shown
// with the stored file can take it back.
func (p *posted) handIn(it *questionnaire.Item, key string) {
	value := p.doc.Answers[key]
	switch f, given := p.Files[key]; {
	case p.Removed == it.Name && value != "" && p.Shown[it.Name] == Digest(value):
		value = ""
	case !given:
	case f.Fault != "":
		p.wrong[it.Name] = unsaved(it, f.Fault, []string{f.Name})
	default:
		value = f.Token
	}
	if value != p.doc.Answers[key] {
		p.set(key, value)
	}
}
