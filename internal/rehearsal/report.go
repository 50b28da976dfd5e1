package rehearsal

import (
	"slices"
	"time"

	"panelverk/internal/fieldwork"
	"panelverk/internal/store"
)

// Report is what came of a rehearsal, as the people in it saw it. It names
// nobody but in Waiting, and is the same for the same seed.
type Report struct {
	Study     string
	Seed      uint64
	Waves     []WaveReport // those that opened
	People    int
	Withdrew  int           // left the panel on the page for it
	Erased    int           // of these, had their answers erased
	OptedOut  int           // asked for no more messages
	Switched  int           // took another language
	Returned  int           // messages that came back
	Pages     int           // pages of questions that were sent
	Requests  int           // requests made, redirects followed included
	Simulated time.Duration // from the first thing anybody did to the last

	// Waiting holds the labels of those who took part so far, are asked in the
	// wave that is open at the end, and have not opened their link.
	Waiting []string
	// Never names the questions that nobody answered, as "core v2: agree_data",
	// in the order of the questionnaires.
	Never []string
	// Outcomes is how the fieldwork came out, as staff sees it.
	Outcomes *fieldwork.Outcomes
	// Paths is what was seen of each version.
	Paths []VersionPaths

	// What the calendar said before each wave against what the ledger holds:
	// Agreed messages were written down at the very moment; Spared were not,
	// because their reader had done something; Pushed waited for another one.
	Agreed, Spared, Pushed int
	// Differences are those that nothing explains.
	Differences []string

	// GaveUp holds what somebody could not get past: a sign of a defect.
	GaveUp []string
	// Problems holds everything that ought not to have happened, each once.
	Problems []string

	zone *time.Location // the study's
}

// problem takes note of something that ought not to have happened.
func (r *Report) problem(what string) {
	if !slices.Contains(r.Problems, what) {
		r.Problems = append(r.Problems, what)
	}
}

// Unexpected tells whether anything happened that ought not to.
func (r *Report) Unexpected() bool { return len(r.Problems)+len(r.GaveUp)+len(r.Differences) > 0 }

// WaveReport is one wave in counts of people.
type WaveReport struct {
	Number    int
	Title     string // in English where the study has it
	Opens     time.Time
	Closes    time.Time
	Asked     int // have an invitation
	Started   int // pressed the start button
	Submitted int // on paper too
	Paper     int // of these, typed in by staff
	Declined  int // said that they do not take part this time
	BrokeOff  int // started and have not come back
	CameBack  int // paused and went on later
	Unreached int // wanted to answer, and no message with a link came in time
	Reminders int // pages shown again because something was left blank
	Mistakes  int // pages shown again because an answer did not fit
	Open      bool
	Messages  []Sent // in the order of the plan
}

// Silent is how many did nothing at all.
func (w WaveReport) Silent() int { return w.Asked - w.Started - w.Declined }

// Sent is what came of one message of the plan in a wave.
type Sent struct {
	Key                                  string
	Planned                              int // by the calendar before the wave
	Written                              int // in the ledger
	Email, SMS, Paper                    int // handed over, those that came back included
	Bounced, Refused, OptedOut, Canceled int
	First, Last                          time.Time // when it was to go out
	Languages                            map[string]int
}

func (s *Sent) when(at time.Time) {
	if s.First.IsZero() || at.Before(s.First) {
		s.First = at
	}
	if at.After(s.Last) {
		s.Last = at
	}
}

func (s *Sent) count(m store.Message) {
	s.Written++
	s.when(m.Created)
	switch m.State {
	case store.Bounced:
		s.Bounced++
	case store.RefusedBy:
		s.Refused++
	case store.OptedOut:
		s.OptedOut++
	case store.Cancelled:
		s.Canceled++
	}
	if m.Handed.IsZero() {
		return
	}
	s.Languages[m.Language]++
	switch m.Channel {
	case "sms":
		s.SMS++
	case "paper":
		s.Paper++
	default:
		s.Email++
	}
}
