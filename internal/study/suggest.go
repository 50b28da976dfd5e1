package study

import (
	"slices"
	"time"
)

// homes gives the time zone of the countries whose holidays are known, where
// one zone is that of nearly everybody in them.
var homes = map[string]string{"SE": "Europe/Stockholm", "DE": "Europe/Berlin", "RS": "Europe/Belgrade", "UA": "Europe/Kyiv", "KE": "Africa/Nairobi"}

// Suggest gives a plan to begin with, for a study that has none: a notice, an
// invitation, two reminders, a last call and thanks, on working days and at
// hours when people read, and two days of grace. What does not fit into every
// wave is left out. An attribute whose choices are countries says whose holidays
// and clocks count.
func (s *Study) Suggest() *Plan {
	working := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	p := &Plan{Waves: map[string]Rules{}}
	add := func(key string, kind MessageKind, days, hour int, on []time.Weekday) {
		p.Messages = append(p.Messages, Message{Key: key, Kind: kind, Template: string(kind), Counts: usual[kind].from, To: usual[kind].to,
			Offset: Span{Days: days}, At: hour, Weekdays: on, Channels: []Channel{Email}})
	}
	add("prenotice", Prenotice, -4, 10*60, working)
	add("invitation", Invitation, 0, 10*60, working)
	add("reminder1", Reminder, 7, 10*60, working)
	add("reminder2", Reminder, 14, 17*60, []time.Weekday{time.Tuesday, time.Wednesday, time.Thursday})
	add("closing", Closing, -2, 10*60, nil)
	add("thanks", Thanks, 0, -1, nil)
	for _, w := range s.Waves {
		p.Waves[w.Key] = Rules{Grace: Span{Days: 2}}
	}
	s.homes(p)
	with := s.Clone()
	with.Plan = p
	for _, c := range with.Clashes() {
		if c.Code == ClashAfterClosing || c.Code == ClashSameDay || c.Code == ClashBeforeInvitation {
			p.Messages = slices.DeleteFunc(p.Messages, func(m Message) bool { return m.Key == c.Message && m.Kind != Invitation })
		}
	}
	return p
}

// homes sets whose holidays and clocks count.
func (s *Study) homes(p *Plan) {
	for _, a := range s.Attributes {
		zones := map[string]*time.Location{}
		for _, c := range a.Choices {
			if zone, err := time.LoadLocation(homes[c.Name]); err == nil && homes[c.Name] != "" && zone.String() != s.TimeZone.String() {
				zones[c.Name] = zone
			}
		}
		if slices.ContainsFunc(a.Choices, func(c Choice) bool { return homes[c.Name] != "" }) {
			p.Holidays.Attribute = a.Name
			if len(zones) > 0 {
				p.Zones = Zones{Attribute: a.Name, By: zones}
			}
			return
		}
	}
	for _, country := range Countries() {
		if homes[country] == s.TimeZone.String() {
			p.Holidays.Countries = []string{country}
		}
	}
}
