package fieldwork

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// OwnDevice stands, in the documents of Own, for whoever is shown them: of each
// answer that a proof opens it is the device.
const OwnDevice = "own"

// Own is what participants have answered, in all waves, as far as they have
// proved that it is theirs.
type Own struct {
	Study      *study.Study
	Made       time.Time
	Agreed     []Agreed     // the newest first
	Interviews []OwnAnswers // by wave
	Hidden     int          // answers that the proof does not open
	codes      map[listChoice]int
}

type listChoice struct{ list, choice string }

// OwnAnswers is the interview of one wave.
type OwnAnswers struct {
	*Visit     // its document says OwnDevice of what is opened; of other answers no device is known
	Hidden int // answers that are not opened
}

// Opened tells whether there is an answer with a key that the proof opens.
func (i OwnAnswers) Opened(key string) bool {
	return i.Doc.Answers[key] != "" && i.Doc.Devices[key] == OwnDevice
}

// All tells whether the proof opens everything there is.
func (o *Own) All() bool { return o.Hidden == 0 }

// Own gives what the participant of a visit has answered, as far as the proof
// opens it. It changes nothing.
func (s *Service) Own(ctx context.Context, now time.Time, v *Visit, proof interview.Proof) (*Own, error) {
	out := &Own{Study: v.Study, Made: now}
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		*out = Own{Study: v.Study, Made: now, codes: map[listChoice]int{}}
		frozen, err := tx.Frozen(v.Study.Key)
		if err != nil {
			return err
		}
		for _, row := range frozen.Codes {
			out.codes[listChoice{row.List, row.Choice}] = row.Code
		}
		if out.Agreed, err = agreements(tx, v.Study, v.Participant); err != nil {
			return err
		}
		people, err := tx.MergedInto(v.Participant.PID)
		if err != nil {
			return err
		}
		for _, p := range append(people, v.Participant) {
			if p.Status == store.Erased { // that there were interviews is all that is left of them
				continue
			}
			rows, err := tx.InterviewsOf(p.PID)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if err := s.ownAnswers(tx, now, row, proof, out); err != nil {
					return err
				}
			}
		}
		slices.SortStableFunc(out.Interviews, func(a, b OwnAnswers) int { return a.Wave.Number - b.Wave.Number })
		return nil
	})
	return out, err
}

// ownAnswers adds an interview, with what the proof opens marked as OwnDevice's.
func (s *Service) ownAnswers(tx *store.Tx, now time.Time, row store.Interview, proof interview.Proof, out *Own) error {
	found, err := tx.VisitOf(row.PID, row.Wave)
	if err != nil {
		return err
	}
	v, err := s.look(tx, now, found)
	if err != nil {
		return err
	}
	own, doc := OwnAnswers{Visit: v}, v.Doc.Clone()
	for key := range doc.Answers {
		name, _ := interview.Split(key)
		switch it := v.Logic.Questionnaire.Question(name); {
		case proof.Sees(doc.Devices[key]):
			doc.Devices[key] = OwnDevice
		case it != nil && it.Asks() && !it.Group:
			own.Hidden++
			fallthrough
		default:
			delete(doc.Devices, key)
		}
	}
	told := doc.Proof
	doc.Proof = interview.Proof{}
	if told != doc.Proof && proof.Sees(told.Device) {
		doc.Proof = interview.Proof{Way: interview.ByDevice, Device: OwnDevice}
	}
	v.Doc = doc
	out.Interviews, out.Hidden = append(out.Interviews, own), out.Hidden+own.Hidden
	return nil
}

// Takeaway is what participants take away of their answers. Its JSON is what
// is handed to them; surveys/README.md describes it, and its keys stay.
type Takeaway struct {
	Format    string         `json:"format"` // TakeawayFormat
	Survey    string         `json:"survey"` // the neutral title
	Language  string         `json:"language"`
	Made      time.Time      `json:"made"`
	Consents  []TakenConsent `json:"consents"`
	Waves     []TakenWave    `json:"waves"`
	NotOpened int            `json:"answers_not_opened"` // this device has not proved that they are the person's own
	Missing   []TakenMissing `json:"missing_codes"`
}

// TakeawayFormat names the format of a Takeaway and its version.
const TakeawayFormat = "panelverk-own-answers/1"

// TakenConsent is a consent that was given.
type TakenConsent struct {
	Version  int       `json:"version"`
	Language string    `json:"language"`
	Agreed   time.Time `json:"agreed"`
	Hash     string    `json:"sha256,omitempty"`
	Text     string    `json:"text,omitempty"`
}

// TakenWave is the interview of a wave. Where the proof does not open all of it,
// its answers are those that it opens, and no word of the other questions.
type TakenWave struct {
	Wave          string        `json:"wave"`
	Title         string        `json:"title"`
	Questionnaire string        `json:"questionnaire"`
	Version       int           `json:"version"`
	Mode          string        `json:"mode"`
	Started       time.Time     `json:"started"`
	Submitted     *time.Time    `json:"submitted"`
	Answers       []TakenAnswer `json:"answers"`
}

// TakenAnswer is the answer to one question, or why there is none.
type TakenAnswer struct {
	Question string          `json:"question"`
	Instance string          `json:"instance,omitempty"` // of a repeat: the numbers of the instance, "2" or "1.3"
	Type     string          `json:"type"`
	Text     string          `json:"text"`
	Value    string          `json:"value,omitempty"`
	Choices  []TakenChoice   `json:"choices,omitempty"`
	Missing  dataset.Missing `json:"missing,omitempty"`
}

// TakenChoice is a choice that was chosen.
type TakenChoice struct {
	Name  string `json:"name"`
	Code  *int   `json:"code,omitempty"` // in data files
	Label string `json:"label"`
}

// TakenMissing says what a missing code means.
type TakenMissing struct {
	Code  dataset.Missing `json:"code"`
	Means string          `json:"means"`
}

// Takeaway gives the answers in words of a language, for machines.
func (o *Own) Takeaway(tag string) Takeaway {
	in := func(t lang.Text) string {
		text, _ := t.In(tag, o.Study.DefaultLanguage())
		return text
	}
	out := Takeaway{Format: TakeawayFormat, Survey: PublicTitle(o.Study, tag), Language: tag, Made: o.Made.UTC(), NotOpened: o.Hidden,
		Consents: []TakenConsent{}, Waves: []TakenWave{}}
	for _, a := range o.Agreed {
		out.Consents = append(out.Consents, TakenConsent{a.Version, a.Language, a.At.UTC(), a.Hash, a.Text})
	}
	used := map[dataset.Missing]bool{}
	for _, i := range o.Interviews {
		w := TakenWave{Wave: i.Wave.Key, Title: in(i.Wave.Title), Questionnaire: i.Interview.Questionnaire, Version: i.Interview.Version,
			Mode: string(i.Interview.Mode), Started: i.Interview.StartedAt.UTC(), Submitted: orNil(i.Interview.SubmittedAt.UTC()), Answers: []TakenAnswer{}}
		view := i.Logic.Current(i.Doc, i.Interview.LastAt)
		for _, it := range i.Logic.Questionnaire.Questions {
			if !it.Asks() {
				continue
			}
			for at := range view.Everywhere(it) {
				if i.Hidden > 0 && !i.Opened(at.Key(it.Name)) { // which questions were asked tells what was answered to others
					continue
				}
				a := o.taken(i, at, it, tag)
				used[a.Missing] = true
				w.Answers = append(w.Answers, a)
			}
		}
		out.Waves = append(out.Waves, w)
	}
	delete(used, 0)
	for _, m := range slices.Backward(slices.Sorted(maps.Keys(used))) {
		out.Missing = append(out.Missing, TakenMissing{m, in(m.Label())})
	}
	return out
}

// taken gives the answer to a question in one instance.
func (o *Own) taken(i OwnAnswers, at *interview.View, it *questionnaire.Item, tag string) TakenAnswer {
	key := at.Key(it.Name)
	_, instance := interview.Split(key)
	text, _ := it.Label.In(tag, i.Logic.Questionnaire.Default)
	a := TakenAnswer{Question: it.Name, Instance: instance, Type: string(it.Type), Text: text}
	value := i.Doc.Answers[key]
	_, posted := i.Doc.Pages[at.PageOf(it)]
	switch {
	case !at.Relevant(it.Name):
		a.Missing = dataset.NotApplicable
	case value != "":
		a.Value = value
	case posted || i.Submitted():
		a.Missing = dataset.Blank
	default:
		a.Missing = dataset.NotReached
	}
	if a.Value == "" || it.List == nil {
		return a
	}
	for name := range strings.FieldsSeq(value) {
		c := it.List.Choice(name)
		if c == nil {
			continue
		}
		label, _ := c.Label.In(tag, i.Logic.Questionnaire.Default)
		one := TakenChoice{Name: name, Label: label}
		switch c.Missing {
		case questionnaire.DontKnow:
			a.Missing = dataset.DontKnow
		case questionnaire.Refused:
			a.Missing = dataset.Refused
		default:
			if code, ok := o.codes[listChoice{it.List.Name, name}]; ok {
				one.Code = &code
			}
		}
		a.Choices = append(a.Choices, one)
	}
	return a
}
