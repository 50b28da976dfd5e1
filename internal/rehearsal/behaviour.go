package rehearsal

import (
	"maps"
	"slices"

	"github.com/goccy/go-yaml"

	"panelverk/internal/fault"
)

// Behaviour says what made-up people do. All figures are shares from 0 to 1.
// Those of people are of the whole panel; of a share above 0 there is at least
// one person in a panel of twelve or more, so that everything named happens. A
// file names them as fields does.
type Behaviour struct {
	// Answers is, by wave, the share of those who neither dropped out nor have
	// anything else planned who answer; the last holds for all waves after.
	Answers []float64

	// Of people.
	DropsOut   float64 // stop answering after a wave, without a word
	Skips      float64 // leave one wave out without a word
	Declines   float64 // leave one wave out and say so on the page
	BreaksOff  float64 // stop in the middle of one wave
	Pauses     float64 // stop in the middle of one wave and come back
	Paper      float64 // answer one wave on paper, and staff types it in
	Leaves     float64 // leave the panel, and their answers stay
	Erases     float64 // leave the panel, and have their answers erased
	Late       float64 // join before the second wave
	LateOpen   float64 // join while the second wave is open
	Bounces    float64 // have an e-mail address that does not exist
	Full       float64 // have a mailbox that is full when the first invitation comes
	OptsOut    float64 // want no more messages, by the button of their mail program
	Switches   float64 // answer in another language from the second wave on
	NoCookies  float64 // have a browser that keeps no cookies
	TypesCode  float64 // of interviews: begun by the code and not by the link
	Blank      float64 // of questions: passed over
	BlankText  float64 // of open questions: passed over
	DontKnow   float64 // of questions that offer it: answered so
	PrefersNot float64 // the same of "prefer not to say"
}

// Usual is what people do where nothing else is said: a panel in which
// everything happens that a rehearsal knows.
func Usual() Behaviour {
	b := Demo()
	b.Answers = []float64{0.97, 0.94, 0.92, 0.9}
	b.Skips, b.Declines = 0.06, 0.06
	b.Erases, b.LateOpen, b.Bounces, b.Full, b.OptsOut, b.Switches = 0.03, 0.03, 0.06, 0.03, 0.03, 0.06
	return b
}

// Demo is a panel that answers well, to show what one looks like.
func Demo() Behaviour {
	return Behaviour{Answers: []float64{1}, DropsOut: 4. / 36, Skips: 2. / 36, Declines: 3. / 36, BreaksOff: 3. / 36, Pauses: 4. / 36, Paper: 1. / 36,
		Leaves: 1. / 36, Late: 2. / 36, NoCookies: 1. / 18, TypesCode: 1. / 6, Blank: 0.02, BlankText: 0.55, DontKnow: 0.03, PrefersNot: 0.014}
}

// fields gives the figures by their names in a file.
func (b *Behaviour) fields() map[string]*float64 {
	return map[string]*float64{"drops_out": &b.DropsOut, "skips": &b.Skips, "declines": &b.Declines, "breaks_off": &b.BreaksOff,
		"pauses": &b.Pauses, "paper": &b.Paper, "leaves": &b.Leaves, "erases": &b.Erases, "late": &b.Late, "late_open": &b.LateOpen,
		"bounces": &b.Bounces, "full": &b.Full, "opts_out": &b.OptsOut, "switches": &b.Switches, "no_cookies": &b.NoCookies,
		"types_code": &b.TypesCode, "blank": &b.Blank, "blank_text": &b.BlankText, "dont_know": &b.DontKnow, "prefers_not": &b.PrefersNot}
}

// ParseBehaviour reads a file of behaviour, in YAML: names with shares, and
// answers with a list of them. What it leaves out is as Usual. It fails with
// everything that is wrong.
func ParseBehaviour(data []byte) (Behaviour, error) {
	const wrong = "The file of behaviour cannot be used."
	b := Usual()
	var (
		ps     fault.Problems
		values map[string]any
	)
	if err := yaml.Unmarshal(data, &values); err != nil {
		ps.Add(fault.Place{}, "behaviour_yaml", "This is no list of names and shares: %s", yaml.FormatError(err, false, false))
		return b, ps.Err("behaviour_wrong", wrong)
	}
	share := func(name string, value any) float64 {
		var x float64
		switch v := value.(type) {
		case float64:
			x = v
		case uint64:
			x = float64(v)
		default:
			x = -1
		}
		if !(x >= 0 && x <= 1) { // so that what is not a number is refused too
			ps.Add(fault.Place{Field: name}, "behaviour_share", "%s is a share: a number from 0 to 1.", name)
		}
		return x
	}
	fields := b.fields()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list, isList := values[name].([]any)
		switch field := fields[name]; {
		case field != nil:
			*field = share(name, values[name])
		case name != "answers":
			ps.Add(fault.Place{Field: name}, "behaviour_field", "Nothing is called %s.", name)
		case !isList || len(list) == 0:
			ps.Add(fault.Place{Field: name}, "behaviour_answers", "answers takes a list of shares, one a wave.")
		default:
			b.Answers = nil
			for _, v := range list {
				b.Answers = append(b.Answers, share(name, v))
			}
		}
	}
	if sum := b.DropsOut + b.Skips + b.Declines + b.BreaksOff + b.Pauses + b.Paper + b.Leaves + b.Erases + b.Late + b.LateOpen; sum > 1 && len(ps) == 0 {
		ps.Add(fault.Place{}, "behaviour_sum", "Nobody does two of these: drops_out, skips, declines, breaks_off, pauses, paper, leaves, erases, late and late_open come to %.2f together, more than 1.", sum)
	}
	return b, ps.Err("behaviour_wrong", wrong)
}

// answers gives the share of a wave, from 0.
func (b *Behaviour) answers(wave int) float64 { return b.Answers[min(wave, len(b.Answers)-1)] }

// some gives how many of a panel a share is.
func some(share float64, people int) int {
	n := int(share*float64(people) + 0.5)
	if share > 0 && people >= 12 {
		n = max(1, n)
	}
	return n
}
