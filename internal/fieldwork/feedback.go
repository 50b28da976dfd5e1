package fieldwork

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/disclosure"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Feedback is what participants are shown of the panel: one snapshot a wave,
// worked out once, when the wave is over for everybody (its time of grace
// included), and frozen as groups of at least five without anybody's id. It
// never changes again: not when an interview is opened again, corrected or typed
// in late, not when the wave is prolonged, and not when somebody is erased. What
// it holds is of no person any more, while a second version beside the first
// would tell what the erased person had answered.

// fedQuestion is a question in a snapshot.
type fedQuestion struct {
	Name   string              `json:"name"`
	Values []string            `json:"values"` // the answers in their order, by choice or number
	Shares []disclosure.Share  `json:"shares,omitempty"`
	Why    disclosure.Withheld `json:"why,omitempty"`
}

// snapshot is the content of store.Snapshot.
type snapshot struct {
	Questionnaire string        `json:"questionnaire"`
	Version       int           `json:"version"`
	Questions     []fedQuestion `json:"questions"`
}

// FreezeFeedback makes the snapshots of all waves that are over and have none
// yet, and tells how many. It may run as often as one likes.
func (s *Service) FreezeFeedback(ctx context.Context, now time.Time) (made int, err error) {
	var due []*study.Study
	if err := s.store.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Studies()
		if err != nil {
			return err
		}
		for _, row := range rows {
			st, err := s.study(tx, row.Key)
			if err != nil {
				return err
			}
			if st.Feedback == nil {
				continue
			}
			done, err := tx.Snapshots(st.Key)
			if err != nil {
				return err
			}
			for i := range st.Waves {
				if toFreeze(st, &st.Waves[i], done, now) {
					due = append(due, st)
					break
				}
			}
		}
		return nil
	}); err != nil {
		return 0, err
	}
	for _, st := range due {
		n, err := s.freezeStudy(ctx, now, st.Key)
		if made += n; err != nil {
			return made, err
		}
	}
	return made, nil
}

// toFreeze tells whether a wave is over and has no snapshot yet.
func toFreeze(st *study.Study, w *study.Wave, done []store.Snapshot, now time.Time) bool {
	return st.Feeds(w) && !now.Before(st.Over(w)) && !slices.ContainsFunc(done, func(d store.Snapshot) bool { return d.Wave == w.Number })
}

func (s *Service) freezeStudy(ctx context.Context, now time.Time, key string) (made int, err error) {
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		made = 0
		st, err := s.study(tx, key)
		if err != nil || st.Feedback == nil {
			return err
		}
		done, err := tx.Snapshots(key)
		if err != nil {
			return err
		}
		for i := range st.Waves {
			w := &st.Waves[i]
			if !toFreeze(st, w, done, now) {
				continue
			}
			content, err := s.distributions(tx, st, w)
			if err != nil {
				return err
			}
			text, err := json.Marshal(content)
			if err != nil {
				return err
			}
			fresh, err := tx.FreezeSnapshot(store.Snapshot{Study: key, Wave: w.Number, MadeAt: now, Content: string(text)})
			if err != nil {
				return err
			}
			if fresh {
				made++
			}
		}
		return nil
	})
	return made, err
}

// distributions works out the snapshot of a wave: of the interviews that were sent in,
// of participants who count, the answers to questions that were asked of them.
func (s *Service) distributions(tx *store.Tx, st *study.Study, w *study.Wave) (*snapshot, error) {
	out := &snapshot{Questionnaire: w.Questionnaire, Version: w.Version}
	logic, err := s.logic(tx, st, w.Questionnaire, w.Version)
	if err != nil {
		return nil, err
	}
	counts := map[string]map[string]int{}
	for _, name := range st.Feedback.Questions {
		it := logic.Questionnaire.Question(name)
		if it == nil || !study.FeedsBack(it) {
			continue
		}
		out.Questions = append(out.Questions, fedQuestion{Name: name, Values: points(it)})
		counts[name] = map[string]int{}
	}
	interviews, err := tx.Interviews(st.Key, w.Number)
	if err != nil {
		return nil, err
	}
	for _, in := range interviews {
		p, err := tx.Participant(in.PID)
		if err != nil {
			return nil, err
		}
		if in.SubmittedAt.IsZero() || p.Status == store.Erased || p.Pilot || !p.Counts() || in.Questionnaire != w.Questionnaire {
			continue
		}
		if err := s.add(tx, st, in, counts); err != nil {
			return nil, err
		}
	}
	for i := range out.Questions {
		q := &out.Questions[i]
		row := make([]int, len(q.Values))
		for j, value := range q.Values {
			row[j] = counts[q.Name][value]
		}
		q.Shares, q.Why = disclosure.Shares(row, st.Feedback.Ordered(q.Name))
	}
	return out, nil
}

// add counts the answers of one interview, as they were corrected.
func (s *Service) add(tx *store.Tx, st *study.Study, in store.Interview, counts map[string]map[string]int) error {
	logic, err := s.logic(tx, st, in.Questionnaire, in.Version)
	if err != nil {
		return err
	}
	doc, err := in.Decoded()
	if err != nil {
		return err
	}
	corrections, err := tx.CorrectionsOf(in.ID)
	if err != nil {
		return err
	}
	for _, c := range corrections {
		doc.Answers[c.Question] = c.New
	}
	view := logic.Current(doc, in.SubmittedAt)
	for name := range counts {
		if it := logic.Questionnaire.Question(name); it != nil && view.Relevant(name) {
			counts[name][point(it, doc.Answers[name])]++
		}
	}
	return nil
}

// points gives the answers that a question can have, "don't know" and the like
// aside, in their order.
func points(it *questionnaire.Item) []string {
	var out []string
	if it.Type == questionnaire.Range {
		for n := it.RangeStart; n <= it.RangeEnd+it.RangeStep/1e6; n += it.RangeStep {
			out = append(out, step(n))
		}
		return out
	}
	for _, c := range it.List.Choices {
		if c.Missing == questionnaire.Substantive && !slices.Contains(out, c.Name) {
			out = append(out, c.Name)
		}
	}
	return out
}

// point gives which of the points an answer is, as it stands among them.
func point(it *questionnaire.Item, value string) string {
	if n, err := strconv.ParseFloat(value, 64); err == nil && it.Type == questionnaire.Range {
		return step(n)
	}
	return value
}

func step(n float64) string { return strconv.FormatFloat(math.Round(n*1e6)/1e6, 'f', -1, 64) }

// Fed is the snapshot of a wave, with the questions in words.
type Fed struct {
	Study     *study.Study
	Wave      study.Wave
	Made      time.Time
	Questions []FedQuestion
	Others    []study.Wave // the other waves that there is a snapshot of
}

// FedQuestion is a question with the panel's distribution.
type FedQuestion struct {
	Name   string
	Item   *questionnaire.Item // as the wave asked it
	Shares []FedShare
	Why    disclosure.Withheld
	Total  int
}

// FedShare is one group of answers.
type FedShare struct {
	Values []string
	Count  int
	Rest   bool
}

// Label gives an answer to the question in words of a language.
func Label(it *questionnaire.Item, value string, tag, fallback string) string {
	if it.List != nil {
		if c := it.List.Choice(value); c != nil {
			text, _ := c.Label.In(tag, fallback)
			return text
		}
	}
	if n, err := strconv.ParseFloat(value, 64); err == nil {
		_, decimals, _ := strings.Cut(step(n), ".")
		return lang.For(tag).Number(n, len(decimals))
	}
	return value
}

// Feedback gives the snapshot of a wave for the participants of a visit's study,
// 0 for the newest; nil where there is none.
func (s *Service) Feedback(ctx context.Context, v *Visit, wave int) (out *Fed, err error) {
	if v.Study.Feedback == nil {
		return nil, nil
	}
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		out, err = s.fed(tx, v.Study.Key, wave)
		return err
	})
	return out, err
}

// StaffFeedback gives the same for staff, who see what every participant does.
func (s *Service) StaffFeedback(ctx context.Context, actor access.Actor, studyKey string, wave int) (out *Fed, err error) {
	if err := actor.May(access.StudyView, studyKey); err != nil {
		return nil, err
	}
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		out, err = s.fed(tx, studyKey, wave)
		return err
	})
	return out, err
}

func (s *Service) fed(tx *store.Tx, studyKey string, wave int) (*Fed, error) {
	rows, err := tx.Snapshots(studyKey)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	st, err := s.study(tx, studyKey)
	if err != nil {
		return nil, err
	}
	at := len(rows) - 1
	if i := slices.IndexFunc(rows, func(r store.Snapshot) bool { return r.Wave == wave }); i >= 0 {
		at = i
	}
	out := &Fed{Study: st, Made: rows[at].MadeAt}
	for i, r := range rows {
		if r.Wave < 1 || r.Wave > len(st.Waves) {
			continue
		}
		if w := st.Waves[r.Wave-1]; i == at {
			out.Wave = w
		} else {
			out.Others = append(out.Others, w)
		}
	}
	var content snapshot
	if err := json.Unmarshal([]byte(rows[at].Content), &content); err != nil {
		return nil, err
	}
	logic, err := s.logic(tx, st, content.Questionnaire, content.Version)
	if err != nil {
		return nil, err
	}
	for _, q := range content.Questions {
		one := FedQuestion{Name: q.Name, Item: logic.Questionnaire.Question(q.Name), Why: q.Why}
		for _, share := range q.Shares {
			f := FedShare{Count: share.Count, Rest: share.Rest}
			for _, c := range share.Choices {
				f.Values = append(f.Values, q.Values[c])
			}
			one.Shares, one.Total = append(one.Shares, f), one.Total+f.Count
		}
		out.Questions = append(out.Questions, one)
	}
	return out, nil
}

// Answered gives the own answer to a question in each wave in which this device
// opens one, in order.
func (o *Own) Answered(question string) []OwnPoint {
	var out []OwnPoint
	for _, i := range o.Interviews {
		it := i.Logic.Questionnaire.Question(question)
		if it == nil || i.Doc.Devices[question] != OwnDevice || !i.Logic.Current(i.Doc, i.Interview.LastAt).Relevant(question) {
			continue
		}
		out = append(out, OwnPoint{Wave: i.Wave, Item: it, Fallback: i.Logic.Questionnaire.Default, Value: point(it, i.Doc.Answers[question])})
	}
	return out
}

// OwnPoint is the own answer to a question in a wave.
type OwnPoint struct {
	Wave     study.Wave
	Item     *questionnaire.Item // as it was asked then
	Fallback string              // the questionnaire's own language
	Value    string
}
