package study

import (
	"slices"
	"time"
)

// Clash is something in a plan that is allowed and probably not meant.
type Clash struct {
	Code    string    // key "clash.<code>" of the page texts
	Wave    string    // its key
	Message string    // the message's key, "" where the wave itself is meant
	Other   string    // of same_day and before_invitation: the other message
	Country string    // whose holiday it is, or for whose participants it is so; "" for all
	Holiday string    // its name
	At      time.Time // when it would happen
}

// The clashes.
const (
	ClashOpensHoliday     = "opens_holiday"
	ClashClosesHoliday    = "closes_holiday"
	ClashAfterClosing     = "after_closing"     // so it is never sent
	ClashNoFreeDay        = "no_free_day"       // nor this
	ClashMoved            = "moved"             // weekdays and holidays move it by more than movedDays
	ClashSameDay          = "same_day"          // two that ask for an answer: the later one waits
	ClashBeforeInvitation = "before_invitation" // so it waits for the invitation
	ClashNotice           = "late_notice"       // a notice that comes when the wave is open
	ClashNoInvitation     = "no_invitation"     // the wave reminds and does not invite
)

// movedDays is how far a message may move without a word.
const movedDays = 3

// Clashes finds what a plan says and can hardly mean, for participants who
// joined before the first wave, of every country whose holidays it leaves out.
func (s *Study) Clashes() []Clash {
	var out []Clash
	if s.Plan == nil {
		return nil
	}
	for _, country := range s.Plan.countries(s) {
		for i := range s.Waves {
			for _, c := range s.clashes(&s.Waves[i], country) {
				general := c
				general.Country = ""
				if !slices.Contains(out, general) && !slices.Contains(out, c) {
					out = append(out, c)
				}
			}
		}
	}
	return out
}

// countries gives "" for participants of no particular country, and each value
// of the attribute by which holidays go.
func (p *Plan) countries(s *Study) []string {
	out := []string{""}
	if a := s.Attribute(p.Holidays.Attribute); a != nil {
		for _, c := range a.Choices {
			out = append(out, c.Name)
		}
	}
	return out
}

func (s *Study) clashes(w *Wave, country string) []Clash {
	m := &Member{Cohort: 1, Channels: []Channel{Email, SMS, Paper}, Waves: map[int]Progress{}}
	if country != "" {
		m.Attributes = map[string]string{s.Plan.Holidays.Attribute: country}
	}
	out := s.onHoliday(w, m, country)
	if s.rules(w).Relative != nil {
		return out // the times are each participant's own
	}
	var planned []Mailing
	invited := false
	for _, message := range s.Plan.Of(w.Key) {
		if message.Kind != Invitation {
			continue
		}
		if mailing, ok := s.mailing(w, m, message); ok {
			m.Waves[w.Number] = Progress{Invited: mailing.At}
			invited = true
		}
	}
	for _, message := range s.Plan.Of(w.Key) {
		c := Clash{Wave: w.Key, Message: message.Key, Country: country}
		if message.Kind == Reminder && !invited {
			c.Code = ClashNoInvitation
			out = append(out, c)
			continue
		}
		mailing, ok := s.mailing(w, m, message)
		if !ok {
			continue
		}
		c.At = mailing.At
		if code := s.misplaced(w, m, mailing); code != "" {
			c.Code = code
			out = append(out, c)
		}
		if other := collides(planned, mailing, s.zone(m)); other != "" && mailing.Lapsed == "" {
			c.Code, c.Other = ClashSameDay, other
			out = append(out, c)
		}
		planned = append(planned, mailing)
	}
	return out
}

// onHoliday finds that a wave opens or closes on a public holiday.
func (s *Study) onHoliday(w *Wave, m *Member, country string) []Clash {
	var out []Clash
	countries := s.Plan.Holidays.Countries
	if country != "" {
		countries = []string{country}
	}
	for _, c := range countries {
		if name := Holiday(c, w.Opens.In(s.zone(m))); name != "" {
			out = append(out, Clash{Code: ClashOpensHoliday, Wave: w.Key, Country: c, Holiday: name, At: w.Opens})
		}
		if name := Holiday(c, w.Closes.In(s.zone(m))); name != "" {
			out = append(out, Clash{Code: ClashClosesHoliday, Wave: w.Key, Country: c, Holiday: name, At: w.Closes})
		}
	}
	return out
}

// misplaced tells what is wrong with the time of one message, "" for nothing.
func (s *Study) misplaced(w *Wave, m *Member, mailing Mailing) string {
	zone, message := s.zone(m), mailing.Message
	from := w.Opens
	if message.Counts == FromClosing {
		from = w.Closes
	}
	invited := m.Waves[w.Number].Invited
	switch {
	case mailing.Lapsed == NoFreeDay:
		return ClashNoFreeDay
	case mailing.Lapsed == AfterClosing:
		return ClashAfterClosing
	case message.Kind == Prenotice && !mailing.At.Before(w.Opens):
		return ClashNotice
	case (message.Kind == Reminder || message.Kind == Closing) && !invited.IsZero() && !mailing.At.After(invited):
		return ClashBeforeInvitation
	case mailing.At.After(Span{Days: movedDays + 1}.After(message.Offset.After(from, zone), zone)):
		return ClashMoved
	}
	return ""
}

// collides gives a message that asks for an answer on the same day, "" for none.
func collides(planned []Mailing, mailing Mailing, zone *time.Location) string {
	if !mailing.Message.asks() {
		return ""
	}
	day := mailing.At.In(zone).Format(time.DateOnly)
	for _, other := range planned {
		if other.Lapsed == "" && other.Message.asks() && other.At.In(zone).Format(time.DateOnly) == day {
			return other.Message.Key
		}
	}
	return ""
}

// String says the clash in a sentence, for the command line.
func (c Clash) String() string {
	day := c.At.Format(Layout)
	said := map[string]string{
		ClashOpensHoliday:     "the wave opens on a public holiday, " + c.Holiday + " (" + day + ")",
		ClashClosesHoliday:    "the wave closes on a public holiday, " + c.Holiday + " (" + day + ")",
		ClashAfterClosing:     c.Message + " would go out at " + day + ", after the wave has closed, so it is never sent",
		ClashNoFreeDay:        c.Message + " finds no day in a month on which it may go out, so it is never sent",
		ClashMoved:            c.Message + " is moved to " + day + " by weekdays and holidays",
		ClashSameDay:          c.Message + " would go out on the same day as " + c.Other + " (" + day + "), so the later one waits",
		ClashBeforeInvitation: c.Message + " would go out before the invitation (" + day + "), so it waits",
		ClashNotice:           c.Message + " comes when the wave is open already (" + day + ")",
		ClashNoInvitation:     c.Message + " is sent in a wave without an invitation",
	}[c.Code]
	said = "wave " + c.Wave + ": " + said
	if c.Country != "" {
		said += ", for " + c.Country
	}
	return said + "."
}
