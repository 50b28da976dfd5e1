package store

import (
	"time"

	"panelverk/internal/access"
	"panelverk/internal/interview"
)

// Times are bound as BIGINT, unix milliseconds in UTC; 0 stands for "not yet"
// and is the zero time.Time here.

// Study is a study as it was applied.
type Study struct {
	Key       string
	Source    string            // study.yaml as it was applied
	Consents  map[string]string // the consent text, Markdown, by language
	Hash      string            // of the folder that was applied
	AppliedAt time.Time
	EditedAt  time.Time         // the last change on the pages since; zero for none
	Mail      map[string]string // its own texts of messages, by file name: "invitation.sv.md"
	Plan      string            // the plan of messages as it was edited on the pages since, as study.Plan.YAML writes it; "" as in Source
}

// Version is a published questionnaire version. It is never changed.
type Version struct {
	Study       string
	Key         string // "core"
	Number      int
	Hash        string
	Sheets      string // the normalised sheets as Markdown tables
	FileName    string
	File        []byte            // exactly as given
	Files       map[string][]byte // attached to it, by name; only for AddVersion, see VersionFiles
	PublishedAt time.Time
}

// Wave is a point of measurement with its field period as it stands now.
type Wave struct {
	Study         string
	Number        int // from 1
	Key           string
	Opens, Closes time.Time // [Opens, Closes)
	Questionnaire string
	Version       int
}

// ParticipantStatus is what a participant is to the panel.
type ParticipantStatus string

// The statuses.
const (
	Active ParticipantStatus = "active"
	Left   ParticipantStatus = "left"   // stopped; the answers stay
	Erased ParticipantStatus = "erased" // stopped; the answers are gone, a tombstone is left
	Dead   ParticipantStatus = "dead"
)

// Participant is a panel member. Who it is stands in the key file alone.
type Participant struct {
	PID             string
	Study           string
	Label           string // "7K2M", unique in the study: what staff lists show
	Language        string
	Cohort          int // the number of the wave entered at, from 1
	Attributes      map[string]string
	Status          ParticipantStatus
	ConsentVersion  int // 0: none yet
	ConsentLanguage string
	ConsentAt       time.Time
	CreatedAt       time.Time
	LeftAt          time.Time
	Channels        []string  // by which the key file has an address: "email", "sms"; an address that bounced for good is not counted
	Pilot           bool      // tries the study out: never in the data, never in the rates
	PausedUntil     time.Time // until then nothing is sent and nothing asked; zero for no pause
	OptedOutAt      time.Time // asked to get no more messages; zero for not
	CodesFrom       time.Time // links and codes rest until then, after a change of address
	MergedInto      string    // the pid of the participant that this one turned out to be; "" for a person of its own
}

// Counts tells whether a participant belongs to the data, the rates and the
// counts: those who try the study out do not, nor a row whose person has another.
func (p Participant) Counts() bool { return !p.Pilot && p.MergedInto == "" }

// Invitation is participant × wave.
type Invitation struct {
	ID         string
	Study      string
	PID        string
	Wave       int
	Generation int    // from 1; a new one makes older links worthless
	LinkLookup string // secret.Ring.Lookup("link", token)
	CodeLookup string // secret.Ring.Lookup("code", code)
	InvitedAt  time.Time
}

// Mode says how an interview, or one save of it, was given.
type Mode string

// The modes.
const (
	Web       Mode = "web"
	Paper     Mode = "paper"
	Telephone Mode = "telephone"
	Imported  Mode = "import"
)

// Interview is the answering of an invitation. Its id is the invitation's.
type Interview struct {
	ID            string
	Study         string
	PID           string
	Wave          int
	Questionnaire string
	Version       int
	Mode          Mode
	Language      string
	Document      string // interview.Document as JSON
	Revision      int64  // counts the saves
	StartedAt     time.Time
	LastAt        time.Time
	SubmittedAt   time.Time
	ImportedAt    time.Time // of answers that were collected elsewhere: when they came here
}

// Save is one row of an interview's history.
type Save struct {
	Interview string
	Key       string // the same key twice is one save
	At        time.Time
	Mode      Mode
	Account   string // the member of staff who typed it in, "" for the respondent
	Change    interview.Change
}

// Correction is a value set right by a researcher; the original stays in the document.
type Correction struct {
	ID        string
	Interview string
	Question  string
	Old, New  string
	Reason    string
	Account   string
	At        time.Time
}

// Event is one thing that happened to a participant, the source of dispositions.
type Event struct {
	ID     string
	Study  string
	PID    string
	Wave   int    // 0: not of one wave
	Kind   string // a panel.EventKind
	At     time.Time
	Detail string // never personal data
}

// AuditRow is one thing that staff did. It holds no pid and no personal data
// of respondents. Rows form a chain of hashes.
type AuditRow struct {
	Number   int64
	At       time.Time
	Account  string
	Action   string
	Study    string
	Object   string // what it was done to, in words safe to keep: "wave 3", "core v2"
	Detail   string
	Previous string // hash of the row before, hex
	Hash     string // SHA-256 over the previous hash and the fields, hex
}

// Account is a member of staff.
type Account struct {
	ID           string
	Email        string // lower case, unique
	Name         string
	PasswordHash string // argon2id in PHC form, "" until set
	Language     string
	CreatedAt    time.Time
	DisabledAt   time.Time
	Roles        map[string]access.Role // by study key or access.AllStudies
}

// OneTime is a link that works once: the first start, an invitation, a forgotten password.
type OneTime struct {
	Lookup    string // secret.Ring.Lookup("onetime", token)
	Purpose   string // "setup", "invite", "reset"
	Account   string // of a reset
	Email     string // of an invite; may be ""
	Study     string // of an invite
	Role      access.Role
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
}
