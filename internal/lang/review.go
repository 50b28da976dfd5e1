package lang

// reviewKey is the key under which a file of texts says who has read it.
const reviewKey = "review"

// Awaiting is what a text says until one of the language's speakers has signed
// it with a name and a date ("Milica Petrović, 2026-12-01").
const Awaiting = "awaiting"

// Review tells who has read a file of translated texts.
type Review struct {
	File string // from the top of the repository
	Tag  string
	By   string // a name and a date; Awaiting while nobody has
}

// Awaits tells whether nobody has signed yet.
func (r Review) Awaits() bool { return r.By == Awaiting || r.By == "" }

// Reviews lists the files of our pages that a speaker has read or has to read.
// The languages that the project itself writes have no review. Serbian in
// Cyrillic follows from Latin and is not listed.
func Reviews() []Review {
	var out []Review
	for _, tag := range Tags {
		out = append(out, catalogue(tag).reviews...)
	}
	return out
}
