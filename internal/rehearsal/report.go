package rehearsal

import (
	"time"
)

// Report is what came of a rehearsal, as the people in it saw it.
type Report struct {
	Waves     []WaveReport // those that opened
	People    int
	Withdrew  int           // left the panel on the page for it
	Pages     int           // pages of questions that were sent
	Requests  int           // requests made, redirects followed included
	Simulated time.Duration // from the first thing anybody did to the last

	// Waiting holds the labels of those who took part so far, are asked in the
	// wave that is open at the end, and have not opened their link.
	Waiting []string
	// Never names the questions that nobody answered, as "core v2: agree_data",
	// in the order of the questionnaires.
	Never []string
	// GaveUp holds what somebody could not get past: a sign of a defect.
	GaveUp []string
}

// WaveReport is one wave in counts of people.
type WaveReport struct {
	Number    int
	Title     string // in English where the study has it
	Asked     int    // got a link
	Started   int    // pressed the start button
	Submitted int    // on paper too
	Paper     int    // of these, typed in by staff
	Declined  int    // said that they do not take part this time
	BrokeOff  int    // started and have not come back
	CameBack  int    // paused and went on later
	Reminders int    // pages shown again because something was left blank
	Mistakes  int    // pages shown again because an answer did not fit
	Open      bool
}

// Silent is how many did nothing at all.
func (w WaveReport) Silent() int { return w.Asked - w.Started - w.Declined }
