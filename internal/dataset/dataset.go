// Package dataset turns the answers of all waves into one labelled dataset.
//
// Build looks at the study and the questionnaire versions alone: it decides
// which variables there are, what they are called, which codes their values
// have and which variable a question of a version fills. Rows then reads the
// members once, one at a time, and gives each as cells: one row a wave (long)
// and one row in all (wide). Nothing is kept between members, so memory does
// not grow with their number.
//
// A cell that holds no value says why, by one of twelve missing codes. Where
// several fit, the first of −11, −12, −6, −5, −8, −4, −3 is taken. Answers to
// questions that were not relevant given the other stored answers are never
// given out.
package dataset

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/panel"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// Ref names a published questionnaire version: core v3.
type Ref struct {
	Key    string
	Number int
}

// Status is what a participant is to the panel.
type Status string

// The statuses.
const (
	Active Status = "active"
	Left   Status = "left"
	Erased Status = "erased"
	Dead   Status = "dead"
)

// Imported is the mode of interviews that were collected elsewhere: why one of
// their answers is missing is not known (−9).
const Imported = "import"

// Input is what a dataset is made of.
type Input struct {
	Study    *study.Study
	Versions map[Ref]*questionnaire.Questionnaire // every version that a wave fields or an interview used
	// Decisions says what the publisher of a version decided about a changed
	// question. Without a decision questions are one variable when they are comparable.
	Decisions []Decision
	// Frozen is what was assigned when the versions were published; of a version
	// that it does not know codes and names are worked out.
	Frozen Frozen
	// Members gives the participants in the order of the rows, each once. It
	// must give the same each time it is called.
	Members iter.Seq2[Member, error]
	Total   int       // how many members there are, for progress; 0: not known
	Now     time.Time // a wave is in the dataset once it has opened
}

// Decision is what a publisher decided about a question that changed.
type Decision struct {
	Question string
	To       Ref // the version in which it is different
	Verdict  questionnaire.Verdict
	Reason   string
}

// Member is one participant with everything that was answered.
type Member struct {
	ExportID   string
	Attributes map[string]string
	Cohort     int // the number of the wave entered at
	Status     Status
	LeftAt     time.Time     // of Left and Erased
	Invited    []int         // the waves with an invitation that was handed over
	Unasked    []int         // the waves in which the study's plan did not ask the participant
	Events     []panel.Event // of all waves
	Interviews []Interview   // one a wave at most
}

// Interview is the answering of one wave.
type Interview struct {
	Wave                           int
	Ref                            Ref
	Mode                           string
	Language                       string
	Document                       string // an interview.Document as JSON
	StartedAt, LastAt, SubmittedAt time.Time
	Corrections                    map[string]string // the value that stands, by question; "" clears
	Log                            []Correction      // every correction, in the order they were made
}

// Dataset is the plan of a dataset and the way to its rows. It is not safe
// for concurrent use.
type Dataset struct {
	Study     *study.Study
	Now       time.Time
	Waves     []study.Wave // those that have opened, in order
	Versions  []Version    // those whose questions are variables, in the order they were fielded
	Variables []*Variable  // constants first, then those that vary with the wave, then those of the tables
	Tables    []*Table     // one for each repeat
	Changes   []Change     // what differs between versions, in the order of the questionnaire
	Notes     []Note
	Total     int

	members  iter.Seq2[Member, error]
	frame    panel.Frame
	plans    map[Ref]*plan
	long     []Column
	wide     []Column
	varying  int // where the varying columns of a long row start
	constant []*Variable
	vary     []*Variable
	scored   []*score
	weigher  *weigher // nil where the study has no weights
	derived  []string // the names of the study's scales, and last that of the weight
	cut      *cutting // nil where nothing was cut
}

// Version is a questionnaire version in the dataset.
type Version struct {
	Ref
	Questionnaire *questionnaire.Questionnaire
	Waves         []int
}

// Note is something a reader of the codebook has to know.
type Note struct {
	Variable string
	Code     string // snake_case: "renamed", "split", "code_changed"
	Message  string // in English
}

// Build plans the dataset. It fails with every wave whose questionnaire
// version is not given.
func Build(in Input) (*Dataset, error) {
	d := &Dataset{
		Study: in.Study, Now: in.Now, Total: in.Total, members: in.Members,
		frame: panel.Frame(in.Study.Frame), plans: map[Ref]*plan{},
	}
	for _, w := range in.Study.Waves {
		if w.State(in.Now) != study.Planned {
			d.Waves = append(d.Waves, w)
		}
	}
	slices.SortStableFunc(d.Waves, func(a, b study.Wave) int { return cmp.Compare(a.Number, b.Number) })
	if err := d.order(in.Versions); err != nil {
		return nil, err
	}
	d.constants()
	segments, _ := d.segments(in.Decisions, in.Frozen)
	d.variables(segments)
	d.Changes = d.compare(segments, in.Decisions)
	d.lay()
	for _, v := range d.Versions {
		d.plans[v.Ref] = d.plan(v, segments)
	}
	return d, nil
}

// order lists the versions: first those that waves field, in the order of the
// waves, because codes and names are given in that order and must not change
// when something is added later; then those that only interviews used.
func (d *Dataset) order(versions map[Ref]*questionnaire.Questionnaire) error {
	var problems fault.Problems
	at := map[Ref]int{}
	for _, w := range d.Waves {
		ref := Ref{w.Questionnaire, w.Version}
		q, ok := versions[ref]
		if !ok {
			problems.Add(fault.Place{Field: "waves." + w.Key}, "version_missing",
				"Wave %s fields %s v%d, which was not found. Publish it, or correct the wave.", w.Key, ref.Key, ref.Number)
			continue
		}
		if i, seen := at[ref]; seen {
			d.Versions[i].Waves = append(d.Versions[i].Waves, w.Number)
			continue
		}
		at[ref] = len(d.Versions)
		d.Versions = append(d.Versions, Version{Ref: ref, Questionnaire: q, Waves: []int{w.Number}})
	}
	var rest []Ref
	planned := map[Ref]bool{}
	for _, w := range d.Study.Waves {
		planned[Ref{w.Questionnaire, w.Version}] = true
	}
	for ref := range versions {
		if _, seen := at[ref]; !seen && !planned[ref] {
			rest = append(rest, ref)
		}
	}
	slices.SortFunc(rest, func(a, b Ref) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Number, b.Number))
	})
	for _, ref := range rest {
		d.Versions = append(d.Versions, Version{Ref: ref, Questionnaire: versions[ref]})
	}
	return problems.Err("versions_missing", "The dataset cannot be built: questionnaire versions are missing.")
}

// Long gives the columns of a long row: the constants, then wave, then what
// varies with the wave.
func (d *Dataset) Long() []Column { return d.long }

// Wide gives the columns of a wide row: the constants, then every varying
// variable once a wave.
func (d *Dataset) Wide() []Column { return d.wide }

// In tells whether a variable can have values in a wave: it describes the
// interview, or its question is in the version that the wave fields.
func (d *Dataset) In(v *Variable, wave int) bool {
	if v.Question == "" {
		return true
	}
	for _, s := range v.Sources {
		for _, version := range d.Versions {
			if version.Ref == s.Ref && slices.Contains(version.Waves, wave) {
				return true
			}
		}
	}
	return false
}
