package fieldwork

import (
	"context"
	"errors"
	"slices"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/disclosure"
	"panelverk/internal/panel"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Cell is a count that may be too small to be shown.
type Cell struct {
	N      int // 0 where Hidden
	Hidden bool
}

// Outcomes is how the fieldwork of a study came out so far, in figures: no
// person, no answer. Participants who only try the study out are not in it.
//
// The counts are those of the workbook's sheets Participation and Rates: both
// read the panel through dataset.Tally. What concerns taking part alone is
// hidden, where it is small, from those who may not see the participants one
// by one. What could tell of answers or of a person (patterns, attributes,
// pages) is hidden from everybody.
type Outcomes struct {
	Study        *study.Study
	Frame        panel.Frame
	Members      int
	Waves        []WaveOutcome // those that have opened
	Dispositions []DispositionRow
	Panel        []PanelRate
	Patterns     []panel.Tally // those that at least disclosure.Least persons share
	Others       Cell          // persons with any other pattern
	Steps        []Step        // from each wave to the next
}

// DispositionRow is how many people had an outcome in each wave.
type DispositionRow struct {
	panel.Disposition
	Waves []Cell // as Outcomes.Waves
}

// WaveOutcome is one wave in figures.
type WaveOutcome struct {
	study.Wave
	State    study.State
	Invited  int
	Complete Cell
	Partial  Cell
	Cases    Cell // people who have an outcome
	Rates    []panel.Rate
	Hidden   bool // Rates would tell small counts, and are empty
	Days     []Day
	DaysShut bool // Days would tell small counts, and is empty
	Groups   []GroupOutcome
	Pages    []PageOutcome
	Stopped  Cell // began and have not sent in
}

// Day is what happened on a day of the study's calendar.
type Day struct {
	At                          time.Time // its midnight
	Answered, Invited, Reminded int       // interviews sent in; people to whom something was handed over
}

// GroupOutcome is the participation of those who share a value.
type GroupOutcome struct {
	Attribute         string // "" for the language
	Value             string
	Invited, Answered Cell
}

// Measure names a panel rate.
type Measure string

// The measures, in the order they are shown.
const (
	Participation Measure = "participation"
	Conditional   Measure = "conditional"
	Baseline      Measure = "baseline"
	AllWave       Measure = "allwave"
	Reactivated   Measure = "reactivated"
)

// Measures lists them.
func Measures() []Measure {
	return []Measure{Participation, Conditional, Baseline, AllWave, Reactivated}
}

// PanelRate is one rate of a cohort in a wave.
type PanelRate struct {
	Cohort, Wave int
	Measure      Measure
	panel.Fraction
	Hidden bool
}

// Stand is where somebody stands in a wave, for the flow between waves.
type Stand int

// The stands.
const (
	StoodAnswered Stand = iota
	StoodSilent         // part of the wave, and has not answered it
	StoodGone           // had left or died before
	StoodOutside        // not a member yet, or not asked in the wave by the plan
	stands
)

// Step counts how people went from one wave to the next.
type Step struct {
	From, To int // waves
	Moves    [stands][stands]int
	Hidden   bool // some move would be too small to be shown; all are 0
}

// Outcomes counts everything in one pass over the panel; memory does not grow
// with its members.
func (s *Service) Outcomes(ctx context.Context, now time.Time, actor access.Actor, studyKey string) (*Outcomes, error) {
	if err := actor.May(access.ParticipationView, studyKey); err != nil {
		return nil, err
	}
	var out *Outcomes
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		material, err := tx.Material(studyKey, now)
		if err != nil {
			return orElse(err, errNoStudy)
		}
		out, err = tally(tx, material, actor.Can(access.ParticipantList, studyKey))
		return err
	})
	return out, err
}

var errStopped = errors.New("no more members are wanted")

// tally reads the panel. open says that small counts of participation may be shown.
func tally(tx *store.Tx, material *store.Material, open bool) (*Outcomes, error) {
	in := material.Input
	var current store.Member // the member whose record Rows gives
	in.Members = func(yield func(dataset.Member, error) bool) {
		err := tx.EachMember(in.Study.Key, func(m store.Member) error {
			if !m.Participant.Counts() {
				return nil
			}
			current = m
			if !yield(material.Member(m, m.Participant.PID), nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(dataset.Member{}, err)
		}
	}
	d, err := dataset.Build(in)
	if err != nil {
		return nil, err
	}
	var counts dataset.Tally
	more := newCounting(d)
	for record, err := range d.Rows(&counts) {
		if err == nil {
			err = more.add(&current, record)
		}
		if err != nil {
			return nil, err
		}
	}
	out := &Outcomes{Study: d.Study, Frame: panel.Frame(d.Study.Frame), Members: counts.Members}
	for i, w := range d.Waves {
		at := more.outcome(i, open)
		at.Wave, at.State = w, w.State(in.Now)
		at.Invited = counts.Waves[i].Invited
		out.Waves = append(out.Waves, at)
	}
	out.dispositions(&counts, open)
	out.panel(&counts.Retention, open)
	out.patterns(&counts.Retention)
	out.Steps = more.flow(open)
	return out, nil
}

// dispositions gives the outcomes of each wave and the rates that follow.
func (o *Outcomes) dispositions(t *dataset.Tally, open bool) {
	for _, d := range panel.Dispositions() {
		o.Dispositions = append(o.Dispositions, DispositionRow{Disposition: d, Waves: make([]Cell, len(o.Waves))})
	}
	for i, w := range t.Waves {
		at := &o.Waves[i]
		rows := make([][]int, len(o.Dispositions))
		for j, d := range o.Dispositions {
			n := w.Dispositions[d.Code]
			rows[j] = []int{n}
			at.Cases.N += n
		}
		hidden := disclosure.Hidden{Rows: make([]bool, len(rows))}
		if !open {
			hidden = disclosure.Hide(rows, disclosure.Least)
		}
		for j := range rows {
			o.Dispositions[j].Waves[i] = cell(rows[j][0], hidden.Rows[j] || hidden.All)
			switch o.Dispositions[j].Group {
			case panel.Complete:
				at.Complete = o.Dispositions[j].Waves[i]
			case panel.Partial:
				at.Partial = o.Dispositions[j].Waves[i]
			}
		}
		at.Cases = cell(at.Cases.N, hidden.All)
		if at.Hidden = hidden.Any(); !at.Hidden {
			at.Rates = w.Rates(o.Frame)
		}
	}
}

func cell(n int, hidden bool) Cell {
	if hidden {
		return Cell{Hidden: true}
	}
	return Cell{N: n}
}

// panel gives the panel rates. Where small counts are hidden, a cohort's could
// be worked out from the others': the cohorts of a wave are hidden together.
func (o *Outcomes) panel(r *panel.Retention, open bool) {
	type place struct {
		wave    int
		measure Measure
	}
	together := map[place][]int{} // indexes of o.Panel
	for _, cohort := range r.Cohorts() {
		for _, w := range r.Rates(cohort) {
			if !slices.ContainsFunc(o.Waves, func(at WaveOutcome) bool { return at.Number == w.Wave }) {
				continue
			}
			for i, f := range []panel.Fraction{w.Participation, w.Conditional, w.Baseline, w.AllWave, w.Reactivated} {
				if f.Over == 0 {
					continue // nobody to count: a first wave has no retention
				}
				at := place{w.Wave, Measures()[i]}
				together[at] = append(together[at], len(o.Panel))
				o.Panel = append(o.Panel, PanelRate{Cohort: cohort, Wave: w.Wave, Measure: at.measure, Fraction: f})
			}
		}
	}
	if open {
		return
	}
	for _, indexes := range together {
		var rows [][]int
		for _, i := range indexes {
			rows = append(rows, []int{o.Panel[i].Of, o.Panel[i].Over})
		}
		hidden := disclosure.Hide(rows, disclosure.Least)
		for j, i := range indexes {
			if hidden.Rows[j] || hidden.All {
				o.Panel[i].Fraction, o.Panel[i].Hidden = panel.Fraction{}, true
			}
		}
	}
}

// patterns keeps the patterns that enough people share. The others stand
// together, and how many they are is not told.
func (o *Outcomes) patterns(r *panel.Retention) {
	all := r.Patterns()
	rows := make([][]int, len(all))
	for i, p := range all {
		rows[i] = []int{p.N}
	}
	hidden := disclosure.Hide(rows, disclosure.Least)
	others := 0
	for i, p := range all {
		if hidden.Rows[i] {
			others += p.N
		} else {
			o.Patterns = append(o.Patterns, p)
		}
	}
	o.Others = cell(others, hidden.All)
}
