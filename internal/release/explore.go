package release

import (
	"context"
	"sync"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/disclosure"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Explored is what researchers see of a study before they ask for a file: every
// variable with its distribution over the waves that are over, as far as it may
// be shown. It holds no count under disclosure.Least and none from which one
// could be worked out, and can be handed to anybody with the role.
type Explored struct {
	Study     *study.Study
	Waves     []ExploredWave // those that have opened
	Variables []*ExploredVariable
	Tables    []ExploredTable // the repeats

	versions map[dataset.Ref]*questionnaire.Questionnaire
}

// ExploredWave is a wave and whether its answers are shown. Those of a wave that
// is still open are not: two looks before and after an answer would tell it.
type ExploredWave struct {
	study.Wave
	Shown bool
}

// ExploredVariable is one question, attribute or scale with what it was answered.
type ExploredVariable struct {
	*dataset.Variable
	Form    dataset.Form
	Part    lang.Text // the part of the questionnaire that it was last asked in, empty for none
	Repeat  string    // the repeat that it is asked in, "" for none
	Derived bool      // it is worked out of other answers: its values are not told
	Rows    []ExploredRow
	Middles []ExploredMiddle    // as Explored.Waves; nil where none is told
	Changes []ExploredChange    // from each shown wave to the next; nil where it has none
	Options []*ExploredVariable // of a question with several answers, or one that ranks

	in   []bool // as Explored.Waves: the variable is in the wave
	dist *dataset.Distribution
}

// Ranked tells whether the variable is of things that were put in order.
func (v *ExploredVariable) Ranked() bool {
	return len(v.Options) > 0 && v.Options[0].Form == dataset.Ranked
}

// RowKind says what a row counts.
type RowKind string

// The kinds.
const (
	RowValue    RowKind = "value"
	RowOther    RowKind = "other" // any value that has no label
	RowPlace    RowKind = "place"
	RowBand     RowKind = "band"
	RowAnswered RowKind = "answered"
	RowMissing  RowKind = "missing"
	RowAbsent   RowKind = "absent"
)

// ExploredRow counts people over the waves.
type ExploredRow struct {
	Kind    RowKind
	Value   dataset.Value   // of RowValue
	Place   int             // of RowPlace, from 1
	Band    disclosure.Band // of RowBand
	Missing dataset.Missing // of RowMissing
	Cells   []ExploredCell  // as Explored.Waves
}

// ExploredCell is a count. N is 0 where it is hidden, or where the variable is
// not in the wave.
type ExploredCell struct {
	N      int
	Hidden bool
	Out    bool // not in the wave, or the wave is not over
}

// ExploredMiddle is the middle of a wave's answers, told of leastMiddle or more.
type ExploredMiddle struct {
	Told         bool
	Mean, Median float64
	MeanHidden   bool // Mean would give small counts away
}

// ExploredChange is what became of the same people from one wave to the next.
type ExploredChange struct {
	From, To     int // the waves' numbers
	Groups       [][]dataset.Value
	Moves        [][]int // between Groups, the last row and column having no answer; nil where it may not be shown
	Paired       int     // people who answered in both; 0 where it may not be shown
	MedianTold   bool
	Mean, Median float64 // of the change of those
}

// ExploredTable counts the instances of a repeat; N is 0 where it is hidden.
type ExploredTable struct {
	Name, Repeat string
	Label        lang.Text
	N            int
	Hidden       bool
}

// leastMiddle is how many must have answered before a mean or median is told.
const leastMiddle = 10

// Questionnaire gives the version that asked a question.
func (e *Explored) Questionnaire(ref dataset.Ref) *questionnaire.Questionnaire {
	return e.versions[ref]
}

// In tells whether the variable is in a wave, by its place in Explored.Waves.
func (v *ExploredVariable) In(wave int) bool { return v.in[wave] }

// explored keeps what was summarised, by study. Whoever asks while it is worked
// out waits for it.
type explored struct {
	mu sync.Mutex
	of map[string]*Explored
	at map[string]time.Time
}

// fresh is how long a summary is given again without reading the study.
const fresh = time.Minute

// Explore summarises the variables of a study for those who may download its
// data; it looks at most once a minute. No audit row is written: what it gives tells
// of no one, as the pages of outcomes do.
//
// One look is masked, two are not: of a closed wave they differ by whoever was erased
// or corrected in between. A summary that is frozen would go on telling of the erased,
// and one with noise would not agree with the files. Whoever may look may also fetch
// the rows, before and after, so two looks tell them nothing that the file does not;
// the masks are for what is passed on, and the page asks to pass on one look alone.
func (s *Service) Explore(ctx context.Context, now time.Time, actor access.Actor, studyKey string) (*Explored, error) {
	if err := actor.May(access.DataDownload, studyKey); err != nil {
		return nil, err
	}
	s.explored.mu.Lock()
	defer s.explored.mu.Unlock()
	if e := s.explored.of[studyKey]; e != nil && now.Sub(s.explored.at[studyKey]).Abs() < fresh {
		return e, nil
	}
	var out *Explored
	err := s.dataset(ctx, source{study: studyKey, at: now, recipient: Recipient}, func(_ *store.Tx, d *dataset.Dataset) error {
		summary, err := d.Summarise()
		if err != nil {
			return err
		}
		out = explore(d, summary)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if s.explored.of == nil {
		s.explored.of, s.explored.at = map[string]*Explored{}, map[string]time.Time{}
	}
	s.explored.of[studyKey], s.explored.at[studyKey] = out, now
	return out, nil
}
