package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// AnswersInput is a file of answers and how to read it.
type AnswersInput struct {
	Study      string
	FileName   string
	Data       []byte
	IDColumn   string   // the column that says who answered
	WaveColumn string   // the column that says in which wave
	NA         []string // cells that mean "missing, reason not recorded"; an empty cell always does
	DryRun     bool     // only say what would be stored
}

// AnswersPlan is what a file of answers comes to.
type AnswersPlan struct {
	File            string         `json:"file"`
	OK              bool           `json:"ok"`     // nothing stands in the way
	Stored          bool           `json:"stored"` // it is in the database
	Interviews      int            `json:"interviews"`
	Participants    int            `json:"participants"`     // in the file
	NewParticipants int            `json:"new_participants"` // of them not in the study yet
	Values          int            `json:"values"`           // cells that hold an answer
	Missing         int            `json:"missing"`          // cells of matched columns that hold none
	Waves           []AnswersWave  `json:"waves"`
	Columns         []Match        `json:"columns"`
	Unmatched       []string       `json:"unmatched"` // columns that match no question; they are not read
	Problems        fault.Problems `json:"problems"`

	st     *study.Study
	rows   []answered
	people []*person
}

// AnswersWave counts the interviews of one wave in the file.
type AnswersWave struct {
	Key        string `json:"key"`
	Number     int    `json:"number"`
	Interviews int    `json:"interviews"`
}

// Match says which question a column is.
type Match struct {
	Column   string `json:"column"`
	Question string `json:"question"`
}

// answered is one row as it will be stored.
type answered struct {
	number  int
	who     *person
	wave    *study.Wave
	answers map[string]string
}

// person is a participant by the id in the file.
type person struct {
	id    string
	pid   string
	known bool // the key file has the id already
	fresh bool // not in the study yet
	first int  // the first wave in the file
}

// ImportAnswers reads a file of answers into the waves of a study, as
// interviews of the mode "import" that were submitted when their wave closed
// (now, where it is still open). Columns are matched to the questions of the
// version that the row's wave fields, by name or by variable name, and values
// to choices by name, code or label in any language. Who answered is kept in
// the key file, so that a second file joins; the panel knows a random pid.
//
// Fails with Invalid (answers_refused) where anything does not fit, every
// offence listed by row and column in the plan and in the error; nothing is
// stored then. Broken constraints and answers to questions that would not have
// been asked are warnings.
func (s *Service) ImportAnswers(ctx context.Context, now time.Time, actor access.Actor, in AnswersInput) (*AnswersPlan, error) {
	if err := actor.May(access.DataImport, in.Study); err != nil {
		return nil, err
	}
	t, err := readTable(in.FileName, in.Data)
	if err != nil {
		return &AnswersPlan{File: t.file, Waves: []AnswersWave{}, Columns: []Match{}, Unmatched: []string{}, Problems: fault.Of(err).Problems}, err
	}
	known, err := s.known(ctx, in.Study)
	if err != nil {
		return nil, err
	}
	p := &answersReader{in: in, t: t, now: now, plan: &AnswersPlan{File: t.file, Waves: []AnswersWave{}, Columns: []Match{}, Unmatched: []string{}, Problems: t.warnings}}
	if err := s.store.Read(ctx, func(tx *store.Tx) error { return p.load(tx, known) }); err != nil {
		return nil, err
	}
	p.read()
	p.plan.Problems.Sort()
	if err := p.plan.Problems.Err("answers_refused", "The file does not fit the study. Nothing was stored."); err != nil {
		return p.plan, err
	}
	p.plan.OK = true
	if in.DryRun {
		return p.plan, nil
	}
	if err := s.storeAnswers(ctx, now, actor, p.plan); err != nil {
		return p.plan, err
	}
	p.plan.Stored = true
	return p.plan, nil
}

// answersReader turns a table into a plan.
type answersReader struct {
	in   AnswersInput
	t    *table
	now  time.Time
	plan *AnswersPlan

	logics  map[dataset.Ref]*interview.Logic
	names   map[dataset.Ref]map[string]*questionnaire.Item // by folded name and variable
	codes   map[string]map[int]string                      // question → code in data files → choice
	numbers map[dataset.Ref]map[string]*dataset.Variable   // by question, what it is in data files
	known   map[string]string                              // id in the file → pid
	there   map[int]map[string]bool                        // wave → pids that have an interview
	members map[string]bool                                // pids in the study

	id, wave int            // their columns
	matched  map[string]int // question → column
	readers  map[dataset.Ref]map[int]*reader
	people   map[string]*person
	naUsed   map[string]bool
}

// load reads what the file is compared with.
func (p *answersReader) load(tx *store.Tx, known map[string]string) error {
	st, err := tx.Defined(p.in.Study)
	if err != nil {
		return err
	}
	p.plan.st, p.known = st, known
	p.logics = map[dataset.Ref]*interview.Logic{}
	compiled := map[dataset.Ref]*questionnaire.Questionnaire{}
	for _, w := range st.Waves {
		ref := dataset.Ref{Key: w.Questionnaire, Number: w.Version}
		if p.logics[ref] != nil {
			continue
		}
		v, err := tx.Version(st.Key, ref.Key, ref.Number)
		if err != nil {
			return err
		}
		q, err := v.Compiled()
		if err != nil {
			return err
		}
		p.logics[ref], compiled[ref] = interview.New(q, p.plan.st.TimeZone), q
	}
	p.there, p.members = map[int]map[string]bool{}, map[string]bool{}
	for _, w := range st.Waves {
		p.there[w.Number] = map[string]bool{}
		interviews, err := tx.Interviews(st.Key, w.Number)
		if err != nil {
			return err
		}
		for _, i := range interviews {
			p.there[w.Number][i.PID] = true
		}
	}
	if err := tx.EachParticipant(st.Key, func(m store.Participant) error {
		p.members[m.PID] = true
		return nil
	}); err != nil {
		return err
	}
	decisions, frozen, err := tx.Merging(st.Key)
	if err != nil {
		return err
	}
	return p.variables(dataset.Input{Study: st, Versions: compiled, Decisions: decisions, Frozen: frozen, Now: p.now})
}

// variables learns the names and codes that the study's data files use, so
// that what was exported can be read.
func (p *answersReader) variables(in dataset.Input) error {
	p.names, p.codes = map[dataset.Ref]map[string]*questionnaire.Item{}, map[string]map[int]string{}
	p.numbers = map[dataset.Ref]map[string]*dataset.Variable{}
	d, err := dataset.Build(in)
	if err != nil {
		return err
	}
	for ref, q := range in.Versions {
		p.names[ref], p.numbers[ref] = map[string]*questionnaire.Item{}, map[string]*dataset.Variable{}
		for _, it := range q.Questions {
			if it.Variable != "" {
				p.names[ref][fold(it.Variable)] = it
			}
		}
	}
	for _, v := range d.Variables {
		if v.Role != dataset.Whole && v.Role != dataset.List {
			continue // an indicator's values are 0 and 1, not those of the list
		}
		for _, src := range v.Sources {
			p.numbers[src.Ref][v.Question] = v
			if names := p.names[src.Ref]; names[fold(v.Name)] == nil {
				names[fold(v.Name)] = src.Item
			}
		}
		if p.codes[v.Question] == nil {
			p.codes[v.Question] = map[int]string{}
		}
		for _, value := range v.Values {
			p.codes[v.Question][value.Code] = value.Name
		}
	}
	for ref, q := range in.Versions { // a name goes before another question's variable
		for _, it := range q.Questions {
			p.names[ref][fold(it.Name)] = it
		}
	}
	return nil
}

// read fills the plan.
func (p *answersReader) read() {
	if !p.columns() {
		return
	}
	waves := p.rowWaves()
	p.match(waves)
	p.people, p.naUsed = map[string]*person{}, map[string]bool{}
	seen := map[[2]string]int{}
	for i, r := range p.t.rows {
		id := clean(r.cells[p.id])
		if id == "" || slices.Contains(p.in.NA, id) {
			p.problem(r, p.id, "no_id", "The row does not say who answered.")
			continue
		}
		if waves[i] == nil {
			continue
		}
		key := [2]string{id, waves[i].Key}
		if first, twice := seen[key]; twice {
			p.problem(r, p.id, "duplicate_row", "Row %d has the same id and wave.", first)
			continue
		}
		seen[key] = r.number
		p.row(r, p.person(id, waves[i]), waves[i])
	}
	p.sum()
}

// columns finds the id's and the wave's column.
func (p *answersReader) columns() bool {
	find := func(name, flag string) int {
		i := p.t.column(name)
		if i < 0 {
			p.plan.Problems.Add(fault.Place{File: p.t.file, Sheet: p.t.sheet, Column: name}, "no_column",
				"There is no column “%s” for %s. The columns are: %s.", short(name), flag, strings.Join(p.t.header, ", "))
		}
		return i
	}
	p.id, p.wave = find(p.in.IDColumn, "the id"), find(p.in.WaveColumn, "the wave")
	if p.id >= 0 && p.id == p.wave {
		p.plan.Problems.Add(p.t.place(0, p.id), "same_column", "The id and the wave cannot be the same column.")
		return false
	}
	return p.id >= 0 && p.wave >= 0
}

// rowWaves finds each row's wave, nil where there is none.
func (p *answersReader) rowWaves() []*study.Wave {
	out := make([]*study.Wave, len(p.t.rows))
	for i, r := range p.t.rows {
		cell := r.cells[p.wave]
		w := findWave(p.plan.st, cell)
		switch {
		case clean(cell) == "":
			p.problem(r, p.wave, "no_wave", "The row does not say in which wave it was answered.")
		case w == nil:
			p.problem(r, p.wave, "unknown_wave", "“%s” is no wave of the study. Its waves are: %s.", short(cell), strings.Join(waveKeys(p.plan.st), ", "))
		case w.State(p.now) == study.Planned:
			p.problem(r, p.wave, "wave_planned", "Wave %s has not opened yet: nobody can have answered it.", w.Key)
		default:
			out[i] = w
		}
	}
	return out
}

// findWave finds a wave by its key, else by its number, else by its title in
// any language.
func findWave(st *study.Study, cell string) *study.Wave {
	word := fold(wholeNumber(cell))
	for _, fits := range []func(study.Wave) bool{
		func(w study.Wave) bool { return fold(w.Key) == word },
		func(w study.Wave) bool { return fmt.Sprint(w.Number) == word },
		func(w study.Wave) bool {
			for _, title := range w.Title {
				if fold(title) == word {
					return true
				}
			}
			return false
		},
	} {
		if i := slices.IndexFunc(st.Waves, fits); i >= 0 && word != "" {
			return &st.Waves[i]
		}
	}
	return nil
}

func waveKeys(st *study.Study) []string {
	var keys []string
	for _, w := range st.Waves {
		keys = append(keys, w.Key)
	}
	return keys
}

// match finds the question of each column, in every version that the waves of
// the file field, and names the columns that are none.
func (p *answersReader) match(waves []*study.Wave) {
	p.readers, p.matched = map[dataset.Ref]map[int]*reader{}, map[string]int{}
	for _, w := range waves {
		if w != nil {
			p.readers[refOf(w)] = map[int]*reader{}
		}
	}
	for column, header := range p.t.header {
		if column == p.id || column == p.wave {
			continue
		}
		found, calculated, repeated := "", false, false
		for _, ref := range sortedRefs(p.readers) {
			it := p.names[ref][fold(header)]
			switch {
			case it == nil || it.Type == questionnaire.Note:
			case it.Repeat || it.InRepeat() != nil || it.ListFrom != nil:
				repeated = true
			case it.Type == questionnaire.Calculate:
				calculated = true
			default:
				found = it.Name
				p.readers[ref][column] = newReader(it, p.t, p.codes[it.Name])
			}
		}
		switch {
		case repeated:
			p.plan.Problems.Add(p.t.place(0, column), "repeat_not_read", "%s is asked in a repeat, or about one. An import has one row for each person and wave, and cannot take such answers: remove the column.", header)
			continue
		case found != "":
			if other, twice := p.matched[found]; twice {
				p.plan.Problems.Add(p.t.place(0, column), "question_twice", "The columns %s and %s are both the question %s. Remove one of them.", p.t.header[other], header, found)
			}
			p.matched[found] = column
			p.plan.Columns = append(p.plan.Columns, Match{Column: header, Question: found})
			continue
		case calculated:
			p.plan.Problems.Warn(p.t.place(0, column), "calculated", "This is a calculation: it is worked out from the answers and not read from the file.")
		}
		p.plan.Unmatched = append(p.plan.Unmatched, header)
	}
	if len(p.matched) == 0 && len(p.readers) > 0 {
		p.plan.Problems.Add(fault.Place{File: p.t.file, Sheet: p.t.sheet}, "no_question", "No column has the name of a question of the questionnaire.")
	}
}

func refOf(w *study.Wave) dataset.Ref { return dataset.Ref{Key: w.Questionnaire, Number: w.Version} }

// sortedRefs gives the versions in a fixed order.
func sortedRefs(m map[dataset.Ref]map[int]*reader) []dataset.Ref {
	var refs []dataset.Ref
	for ref := range m {
		refs = append(refs, ref)
	}
	slices.SortFunc(refs, func(a, b dataset.Ref) int {
		if c := strings.Compare(a.Key, b.Key); c != 0 {
			return c
		}
		return a.Number - b.Number
	})
	return refs
}
