package staff

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/study"
)

// wavesPage is the field periods, to be moved.
type wavesPage struct {
	*view
	O        *fieldwork.Overview
	Closed   []fieldwork.WaveCount
	Cards    []waveCard
	Then     []moment // what follows
	Preview  bool     // Then shows days that are not saved yet
	Timeline *timeline
	Form     *form
}

// waveCard is the form of one wave.
type waveCard struct {
	fieldwork.WaveCount
	Form *form
	Open bool
}

func (r *request) showWaves() error { return r.wavesPage(nil, 0, nil) }

// wavesPage shows the waves; the form of one of them may hold what was typed,
// and a changed study what would follow.
func (r *request) wavesPage(f *form, number int, changed *study.Study) error {
	if err := r.may(access.WaveChange); err != nil {
		return err
	}
	o, err := r.Fieldwork.Overview(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return err
	}
	p := wavesPage{view: r.view("waves"), O: o, Form: f}
	waves := o.Study.Waves
	if changed != nil {
		waves, p.Preview = changed.Waves, true
	}
	for _, w := range o.Waves {
		if w.State == study.Closed {
			p.Closed = append(p.Closed, w)
			continue
		}
		card := waveCard{WaveCount: w, Form: f, Open: w.State == study.Open}
		if f == nil || w.Number != number {
			card.Form = r.fresh("opens", p.ISO(w.Opens), "closes", p.ISO(p.lastDay(w.Wave)))
			card.Form.prefix = wavePrefix(w.Number)
		}
		p.Cards = append(p.Cards, card)
	}
	p.Then = p.follows(waves)
	p.Timeline = p.timeline(waves)
	return r.show("waves", f, p)
}

// follows lists the openings and closings to come.
func (p wavesPage) follows(waves []study.Wave) []moment {
	var out []moment
	for _, w := range waves {
		if p.now.Before(w.Opens) {
			invited := p.O.Waves[w.Number-1].Invited
			out = append(out, moment{When: p.Heading(w.Opens), What: p.T.T("staff.overview.opens_then", "wave", w.Number, "count", invited)})
		}
		if p.now.Before(w.Closes) {
			out = append(out, moment{When: p.Heading(w.Closes), What: p.T.T("staff.overview.closes_then", "wave", w.Number)})
		}
	}
	if len(out) > 0 {
		out[0].Now = true
	}
	return out
}

// wavePrefix keeps the ids of the waves' forms apart.
func wavePrefix(number int) string { return "w" + itoa(number) + "-" }

// Between names the first and the last of the closed waves, for a link.
func (p wavesPage) Between() string {
	if len(p.Closed) == 1 {
		return p.T.T("staff.waves.closed_one", "wave", p.Closed[0].Number)
	}
	if len(p.Closed) == 2 {
		return p.T.T("staff.waves.closed_two", "first", p.Closed[0].Number, "last", p.Closed[1].Number)
	}
	return p.T.T("staff.waves.closed_some", "first", p.Closed[0].Number, "last", p.Closed[len(p.Closed)-1].Number)
}

// Lede tells what can be changed.
func (p wavesPage) Lede() string {
	var said []string
	if len(p.Closed) > 0 {
		said = append(said, p.T.T("staff.waves.lede_closed", "waves", p.Between(), "count", len(p.Closed)))
	}
	for _, c := range p.Cards {
		if c.Open {
			said = append(said, p.T.T("staff.waves.lede_open", "wave", c.Number))
		}
	}
	return strings.Join(said, " ")
}

// Hint tells how a day is typed, and at what time of it a wave opens or closes.
func (p wavesPage) Hint(key string, at time.Time) string {
	return p.T.T("staff.waves."+key, "clock", p.T.Clock(p.local(at)), "today", p.ISO(p.now))
}

// moveWave stores a field period, or shows what would follow from it.
func (r *request) moveWave() error {
	if err := r.may(access.WaveChange); err != nil {
		return err
	}
	w, err := r.wave()
	if err != nil {
		return err
	}
	f := r.posted()
	f.prefix = wavePrefix(w.Number)
	v := &view{Study: r.study}
	opens := w.Opens
	if w.State(r.now) == study.Planned {
		opens = r.typedDay(f, "opens", w.Opens, v.ISO(w.Opens), w.Opens)
	}
	closes := r.typedDay(f, "closes", w.Closes, v.ISO(v.lastDay(w)), v.lastDay(w))
	if f.Bad() {
		return r.wavesPage(f, w.Number, nil)
	}
	if f.Value("do") == "preview" {
		changed := r.study.Clone()
		changed.Waves[w.Number-1].Opens, changed.Waves[w.Number-1].Closes = opens, closes
		return r.wavesPage(f, w.Number, changed)
	}
	if r.study.Plan != nil && f.Value("do") != "confirmed" {
		o, err := r.Fieldwork.MoveOutlook(r.ctx(), r.now, r.actor, r.study.Key, w.Number, opens, closes)
		if f.take(err) {
			return r.wavesPage(f, w.Number, nil)
		}
		if err != nil {
			return err
		}
		if !o.Total.Quiet() {
			hidden := []option{{Text: "opens", Value: f.Value("opens")}, {Text: "closes", Value: f.Value("closes")}}
			return r.outlookPage(o, r.at(fmt.Sprintf("/waves/%d", w.Number)), hidden, &o.Study.Waves[w.Number-1])
		}
	}
	err = r.Fieldwork.MoveWave(r.ctx(), r.now, r.actor, r.study.Key, w.Number, opens, closes)
	if f.take(err) {
		return r.wavesPage(f, w.Number, nil)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/waves"), "staff.done.wave_moved")
}

// typedDay reads a day that was typed; the time of day stays what it was. A
// day that was not touched gives the moment as it stands, to the millisecond.
// shown is what the form showed, at a moment on that day.
func (r *request) typedDay(f *form, name string, stands time.Time, shown string, at time.Time) time.Time {
	typed := strings.TrimSpace(f.Value(name))
	if typed == shown {
		return stands
	}
	clock := stands.In(r.study.TimeZone).Format("15:04")
	day, err := study.ParseTime(typed+" "+clock, r.study.TimeZone)
	if err != nil {
		code := fault.Of(err).Code
		if typed == "" {
			code = "date_missing"
		} else if code == "time_format" {
			code = "date_format"
		}
		f.add(name, code, map[string]any{"value": typed})
		return stands
	}
	// A wave that closes at midnight has its last day the day before.
	if stands.In(r.study.TimeZone).Format(time.DateOnly) != at.In(r.study.TimeZone).Format(time.DateOnly) {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// confirmPage asks before something that cannot be taken back.
type confirmPage struct {
	*view
	Head, Text, Do string
	Action, Back   string
	Hidden         []option // fields that go on with the answer
	Form           *form
	Reason         string // the label of a reason that must be given, "" for none
	ReasonHint     string
}

func (r *request) askWave(what string, wants study.State) error {
	if err := r.may(access.WaveChange); err != nil {
		return err
	}
	w, err := r.wave()
	if err != nil {
		return err
	}
	if w.State(r.now) != wants {
		return fault.New(fault.Conflict, "wave_state_changed", "The wave has opened or closed meanwhile.")
	}
	return r.confirmWave(what, w, r.fresh())
}

func (r *request) confirmWave(what string, w study.Wave, f *form) error {
	o, err := r.Fieldwork.Overview(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return err
	}
	v := r.view("waves")
	c := o.Waves[w.Number-1]
	return r.show("confirm", f, confirmPage{
		view: v, Form: f,
		Head:   r.t.T("staff.waves."+what+"_head", "wave", w.Number),
		Text:   r.t.T("staff.waves."+what+"_text", "wave", w.Number, "count", c.Invited, "waiting", c.Waiting(), "opens", v.Day(w.Opens), "closes", v.Day(v.lastDay(w))),
		Do:     r.t.T("staff.waves."+what+"_do", "wave", w.Number),
		Action: r.at(fmt.Sprintf("/waves/%d/%s", w.Number, what)), Back: r.at("/waves"),
	})
}

func (r *request) askOpenWave() error  { return r.askWave("open", study.Planned) }
func (r *request) askCloseWave() error { return r.askWave("close", study.Open) }

func (r *request) openWave() error {
	w, err := r.wave()
	if err != nil {
		return err
	}
	f := r.posted()
	err = r.Fieldwork.OpenWaveNow(r.ctx(), r.now, r.actor, r.study.Key, w.Number)
	if f.take(err) {
		return r.confirmWave("open", w, f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/waves"), "staff.done.wave_opened")
}

func (r *request) closeWave() error {
	w, err := r.wave()
	if err != nil {
		return err
	}
	f := r.posted()
	err = r.Fieldwork.CloseWaveNow(r.ctx(), r.now, r.actor, r.study.Key, w.Number)
	if f.take(err) {
		return r.confirmWave("close", w, f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/waves"), "staff.done.wave_closed")
}

// timeline is the waves as bars over the years.
type timeline struct {
	Title string
	Axis  string
	Bars  []bar
	Years []mark
}

type bar struct {
	Path string
	X    int
	Text string
	Open bool // to come: drawn hollow
}

// timeline draws waves from the first January to the last New Year.
func (v *view) timeline(waves []study.Wave) *timeline {
	if len(waves) == 0 {
		return nil
	}
	const left, right = 4, 356
	first := v.local(slices.MinFunc(waves, func(a, b study.Wave) int { return a.Opens.Compare(b.Opens) }).Opens).Year()
	last := v.lastDay(slices.MaxFunc(waves, func(a, b study.Wave) int { return a.Closes.Compare(b.Closes) })).Year()
	from := time.Date(first, 1, 1, 0, 0, 0, 0, v.Study.TimeZone)
	whole := time.Date(last+1, 1, 1, 0, 0, 0, 0, v.Study.TimeZone).Sub(from)
	x := func(at time.Time) int { return left + int(float64(right-left)*float64(at.Sub(from))/float64(whole)) }
	t := &timeline{Title: v.T.T("staff.waves.timeline", "count", len(waves), "first", first, "last", last), Axis: fmt.Sprintf("M%d 44H%d", left, right)}
	every := (last-first)/8 + 1 // years under the axis, eight at most
	for y := first; y <= last; y++ {
		at := x(time.Date(y, 1, 1, 0, 0, 0, 0, v.Study.TimeZone))
		t.Axis += fmt.Sprintf("M%d 38V50", at)
		if (y-first)%every == 0 {
			t.Years = append(t.Years, mark{at, 70, itoa(y)})
		}
	}
	t.Axis += fmt.Sprintf("M%d 38V50", right)
	for _, w := range waves {
		a, b := x(w.Opens), x(w.Closes)
		b = max(b, a+5)
		t.Bars = append(t.Bars, bar{Path: fmt.Sprintf("M%d 36H%dV52H%dZ", a, b, a), X: (a + b) / 2, Text: itoa(w.Number), Open: v.now.Before(w.Opens)})
	}
	return t
}
