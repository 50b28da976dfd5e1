package release

import (
	"context"
	"slices"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/disclosure"
	"panelverk/internal/interview"
	"panelverk/internal/panel"
	"panelverk/internal/store"
)

// hiddenMark stands for a count that is not told.
const hiddenMark = "·"

// told is a count of persons as the documents tell it.
type told struct {
	n      int
	hidden bool
	least  int // of a hidden one: there are so many at least; 0: nothing can be said
}

// facts is what the documents tell in figures, whatever their language. What is of
// the fieldwork counts the whole panel, those who are not in the file among them:
// otherwise the rates would be those of whoever stayed. What is of variables counts
// the file.
type facts struct {
	counts    *dataset.Counts
	sizes     map[*dataset.Variable][]dataset.Sizes // of numbers without labels, as Dataset.Waves
	corrected []int                                 // values, as Dataset.Waves
	panel     *dataset.Counts                       // of the whole dataset
	waves     []waveFacts                           // as Dataset.Waves
	patterns  []panel.Tally
	others    told // persons with a pattern that is not told
	sendings  []store.Sending
	agreed    map[int]bool // versions of the consent that somebody in the file agreed to
}

// waveFacts is the fieldwork of one wave.
type waveFacts struct {
	tally     dataset.WaveTally
	at        int // its index in the whole dataset
	asked     told
	complete  told
	rates     []toldRate
	outcomes  map[string]told // by code
	completed told            // of those who began, who have sent in: complete.n of completed.n
	stopped   []int           // by page: those who left the questionnaire after it; the last are those who left none
}

// toldRate is an outcome rate, or what can be said of it.
type toldRate struct {
	panel.Rate
	hidden bool
	least  float64 // of a hidden one: it is this high at least, in steps of five per cent; 0: nothing can be said
}

// find reads what is to be told: those in the file, and the whole panel, once each.
func (o *documents) find(ctx context.Context) error {
	f := &facts{counts: dataset.NewCounts(o.data), panel: dataset.NewCounts(o.cut.whole), sizes: map[*dataset.Variable][]dataset.Sizes{},
		corrected: make([]int, len(o.data.Waves)), agreed: map[int]bool{}}
	o.facts = f
	varying := 0 // where the varying columns of a long row start
	for i, c := range o.data.Long() {
		if c.Name == "wave" {
			varying = i + 1
		}
		if c.Variable.Varying && c.Variable.Kind == dataset.Number && len(c.Variable.Values) == 0 {
			f.sizes[c.Variable] = make([]dataset.Sizes, len(o.data.Waves))
		}
	}
	for r, err := range o.data.Rows(nil) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		f.counts.Add(r)
		for w, row := range r.Long {
			for i, c := range o.data.Long()[varying:] {
				if sizes := f.sizes[c.Variable]; sizes != nil && row[varying+i].Missing == 0 {
					sizes[w].Add(row[varying+i].Number)
				}
			}
		}
		for _, c := range r.Corrected {
			if w := o.wave(c.Wave); w >= 0 {
				f.corrected[w]++
			}
		}
	}
	for r, err := range o.cut.whole.Rows(nil) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		f.panel.Add(r)
	}
	for at, w := range o.cut.tally.Waves {
		if i := o.wave(w.Number); i >= 0 {
			f.waves = append(f.waves, o.waveFacts(i, at, w))
		}
	}
	o.findPatterns()
	return o.findRows(ctx)
}

// wave gives the index of a wave of the file by its number, −1 of another.
func (o *documents) wave(number int) int {
	for i, w := range o.data.Waves {
		if w.Number == number {
			return i
		}
	}
	return -1
}

// waveFacts counts a wave. What is told first leaves less to be told later: how many
// were asked, how many answered, the rates in their order, then the other outcomes.
func (o *documents) waveFacts(i, at int, t dataset.WaveTally) waveFacts {
	w := waveFacts{tally: t, at: at, outcomes: map[string]told{}}
	cases := newCases(t)
	tell := func(of ...func(outcomeCase) bool) told {
		return told{n: cases.count(of[0]), hidden: !cases.tell(of...)}
	}
	is := func(codes ...string) func(outcomeCase) bool {
		return func(c outcomeCase) bool { return slices.Contains(codes, c.code) }
	}
	w.asked = tell(func(outcomeCase) bool { return true })
	if code := panel.IsComplete.Code; cases.alone(code) {
		w.complete = tell(is(code))
	} else {
		w.complete = told{n: t.Dispositions[code], hidden: true}
	}
	if rest := w.asked.n - w.complete.n; w.complete.hidden && !w.asked.hidden && rest < disclosure.Least && w.complete.n >= leastMeasured {
		w.complete.least = w.asked.n - disclosure.Least + 1
	}
	for _, r := range t.Rates(o.frame()) {
		w.rates = append(w.rates, cases.rate(r))
	}
	for _, d := range panel.Dispositions() {
		one := told{n: t.Dispositions[d.Code], hidden: true}
		if one.n == 0 {
			one.hidden = false
		} else if cases.alone(d.Code) {
			one = tell(is(d.Code))
		}
		w.outcomes[d.Code] = one
	}
	began := is(panel.IsComplete.Code, panel.IsPartial.Code, panel.BreakOff.Code)
	if w.completed = (told{hidden: true}); !w.complete.hidden && cases.whole {
		w.completed = tell(began)
	}
	for _, v := range o.data.Versions {
		if at := o.data.Waves[i]; v.Key == at.Questionnaire && v.Number == at.Version {
			w.stopped = make([]int, len(v.Questionnaire.Pages)+1)
		}
	}
	return w
}

// findPatterns counts the patterns of participation in the waves of the file.
func (o *documents) findPatterns() {
	var all []panel.Tally
	for _, p := range o.cut.tally.Retention.Patterns() {
		pattern := o.cut.pattern(p.Pattern)
		if i := slices.IndexFunc(all, func(t panel.Tally) bool { return t.Pattern == pattern }); i >= 0 {
			all[i].N += p.N
		} else {
			all = append(all, panel.Tally{Pattern: pattern, N: p.N})
		}
	}
	slices.SortStableFunc(all, func(a, b panel.Tally) int { return b.N - a.N })
	rows := make([][]int, len(all))
	for i, p := range all {
		rows[i] = []int{p.N}
	}
	hidden := disclosure.Hide(rows, disclosure.Least)
	o.facts.others.hidden = hidden.All
	for i, p := range all {
		if hidden.Rows[i] {
			o.facts.others.n += p.N
		} else {
			o.facts.patterns = append(o.facts.patterns, p)
		}
	}
}

// findRows reads what no dataset has: messages, agreements, and where people stopped.
func (o *documents) findRows(ctx context.Context) (err error) {
	if o.facts.sendings, err = o.tx.Sendings(o.release.Study, o.release.DecidedAt); err != nil {
		return err
	}
	in := map[string]bool{}
	for _, one := range o.cut.staying() {
		in[one.id] = true
	}
	if err := o.tx.EachAgreement(o.release.Study, o.release.DecidedAt, func(pid string, version int) error {
		if in[o.exportID(pid)] {
			o.facts.agreed[version] = true
		}
		return nil
	}); err != nil {
		return err
	}
	as, err := o.release.Defined()
	if err == nil && as == nil {
		as, err = o.tx.Definition(o.release.Study)
	}
	if err != nil {
		return err
	}
	material, err := o.tx.MaterialOf(as, o.release.DecidedAt)
	if err != nil {
		return err
	}
	var doc interview.Document
	return o.tx.EachMember(o.release.Study, func(m store.Member) error {
		if m, err = material.Rewind(o.tx, m); err != nil {
			return err
		}
		if !m.Participant.Counts() || m.Participant.Status == store.Erased {
			return ctx.Err()
		}
		for _, row := range m.Interviews {
			i := o.wave(row.Wave)
			if i < 0 || !row.SubmittedAt.IsZero() || row.Mode != store.Web {
				continue
			}
			if err := doc.Read(row.Document); err != nil {
				return err
			}
			o.stoppedAt(i, &doc)
		}
		return ctx.Err()
	})
}

// stoppedAt counts the last page that somebody left who has not sent in.
func (o *documents) stoppedAt(i int, doc *interview.Document) {
	f, wave := &o.facts.waves[i], o.data.Waves[i]
	last, latest := len(f.stopped)-1, int64(0)
	for _, v := range o.data.Versions {
		if v.Key != wave.Questionnaire || v.Number != wave.Version {
			continue
		}
		for n, page := range v.Questionnaire.Pages {
			for key, visit := range doc.Pages {
				if name, _, _ := strings.Cut(key, "@"); name == page.Key && visit.Last >= latest && visit.First <= o.release.DecidedAt.UnixMilli() {
					last, latest = n, visit.Last
				}
			}
		}
	}
	if last >= 0 {
		f.stopped[last]++
	}
}
