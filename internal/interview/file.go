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
func handIn(it *questionnaire.Item, in Post, doc *Document, res *Result, answers map[string]string, wrong map[string]Problem) {
	value := doc.Answers[it.Name]
	switch f, given := in.Files[it.Name]; {
	case in.Removed == it.Name && value != "" && in.Shown[it.Name] == Digest(value):
		value = ""
	case !given:
	case f.Fault != "":
		wrong[it.Name] = unsaved(it, f.Fault, []string{f.Name})
	default:
		value = f.Token
	}
	if value != doc.Answers[it.Name] {
		answers[it.Name], res.Change.Answers[it.Name] = value, value
	}
}
