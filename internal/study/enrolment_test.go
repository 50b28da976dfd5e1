package study_test

import (
	"strings"
	"testing"
	"time"

	"panelverk/internal/lang"
	"panelverk/internal/study"
)

// joinable is the good study with a consent and an attribute.
const joinable = good + `consent: {version: 1, file: consent/consent.v1}
attributes:
  - name: country
    label: Country
    choices: [{name: SE, label: Sweden}, {name: DE, label: Germany}]
`

func TestEnrolment(t *testing.T) {
	s, ps := study.Parse([]byte(joinable+`enrolment:
  opens: 2017-03-01 08:00
  closes: 2017-03-31 23:59
  cap: 40
  ask: [email, name]
  attributes: [country]
  quotas: {country: {DE: 10, SE: 30}}
  waiting: automatic
  hold: 3d
`), lang.Text{"en": "Yes."})
	if s == nil {
		t.Fatal(ps)
	}
	e := s.Enrolment
	if e.Cap != 40 || !e.Email || e.Phone || !e.Name || e.Waiting != study.WaitingAutomatic || e.Hold != (study.Span{Days: 3}) ||
		len(e.Quotas) != 2 || e.Quotas[0] != (study.Quota{Attribute: "country", Value: "SE", Most: 30}) || !e.Required("country") || e.Required("sector") {
		t.Errorf("read as %+v", e)
	}
	for at, want := range map[string]study.State{"2017-03-01 07:59": study.Planned, "2017-03-01 08:00": study.Open, "2017-03-31 23:58": study.Open, "2017-03-31 23:59": study.Closed} {
		now, err := study.ParseTime(at, s.TimeZone)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.State(now.In(time.UTC)); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
	again, err := s.YAML()
	if err != nil || !strings.Contains(string(again), "waiting: automatic") {
		t.Errorf("written back without the enrolment: %v", err)
	}
	if s, _ := study.Parse([]byte(good), nil); s.Enrolment != nil {
		t.Error("a study without the key has an enrolment")
	}
}

func TestEnrolmentReportsEveryProblem(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing said":     {"enrolment: {waiting: none}", "enrolment.ask missing_key, enrolment.closes missing_key"},
		"no address":       {"enrolment: {closes: 2017-03-31 23:59, ask: [name]}", "enrolment.ask enrolment_ask"},
		"unknown ways":     {"enrolment: {closes: 2017-03-31 23:59, ask: [fax]}", "enrolment.ask[1] enrolment_ask"},
		"closes before":    {"enrolment: {opens: 2017-04-01 08:00, closes: 2017-03-31 23:59, ask: [email]}", "enrolment.closes enrolment_closes"},
		"a foreign quota":  {"enrolment: {closes: 2017-03-31 23:59, ask: [email], quotas: {country: {SE: 1}}}", "enrolment.quotas.country unknown_key"},
		"a foreign value":  {"enrolment: {closes: 2017-03-31 23:59, ask: [email], attributes: [country], quotas: {country: {FR: 1}}}", "enrolment.quotas.country.FR unknown_key"},
		"no such list":     {"enrolment: {closes: 2017-03-31 23:59, ask: [email], waiting: perhaps}", "enrolment.waiting waiting"},
		"no time to wait":  {"enrolment: {closes: 2017-03-31 23:59, ask: [email], hold: 0}", "enrolment.hold span"},
		"no attribute":     {"enrolment: {closes: 2017-03-31 23:59, ask: [email], attributes: [sector]}", "enrolment.attributes[1] attribute"},
		"nobody may join":  {"enrolment: {closes: 2017-03-31 23:59, ask: [email], cap: 0}", "enrolment.cap number"},
		"a misspelt key":   {"enrolment: {closes: 2017-03-31 23:59, ask: [email], kap: 3}", "enrolment.kap unknown_key"},
		"twice the e-mail": {"enrolment: {closes: 2017-03-31 23:59, ask: [email, email]}", "enrolment.ask[2] duplicate"},
	} {
		_, ps := study.Parse([]byte(joinable+c.text+"\n"), lang.Text{"en": "Yes."})
		var got []string
		for _, p := range ps {
			got = append(got, p.Field+" "+p.Code)
		}
		if !sameSet(got, strings.Split(c.want, ", ")) {
			t.Errorf("%s: %v, want %s", name, ps, c.want)
		}
	}
	if _, ps := study.Parse([]byte(strings.Replace(joinable, "consent: {version: 1, file: consent/consent.v1}\n", "", 1)+"enrolment: {closes: 2017-03-31 23:59, ask: [email]}\n"), nil); len(ps) != 1 || ps[0].Code != "enrolment_consent" {
		t.Errorf("without a consent: %v", ps)
	}
}
