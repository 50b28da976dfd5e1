package fieldwork

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/interview"
	"panelverk/internal/keyfile"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Holdings is everything that is held on one person, to be handed to that
// person: the one place where who somebody is and what they answered meet. Its
// JSON is what is handed over.
type Holdings struct {
	Study      string            `json:"study"`
	Label      string            `json:"label"`
	Made       time.Time         `json:"made"`
	Language   string            `json:"language"`
	Name       string            `json:"name,omitempty"`
	Email      string            `json:"email,omitempty"`
	Phone      string            `json:"phone,omitempty"`
	Note       string            `json:"note,omitempty"`
	External   string            `json:"external_id,omitempty"`
	Status     string            `json:"status"`
	Attributes []Held            `json:"attributes,omitempty"`
	Former     []HeldFormer      `json:"attributes_before,omitempty"` // kept because releases hold them, the first first
	Consent    *HeldConsent      `json:"consent,omitempty"`
	Agreed     []HeldConsent     `json:"agreed,omitempty"`             // every consent, the newest first, with its text
	Numbers    []time.Time       `json:"own_numbers_chosen,omitempty"` // when; the numbers are not kept
	JoinedAt   time.Time         `json:"joined"`
	Interviews []HeldInterview   `json:"interviews,omitempty"`
	Events     []HeldEvent       `json:"events,omitempty"`
	Messages   []HeldMessage     `json:"messages,omitempty"`
	Contacts   []HeldContact     `json:"contacts,omitempty"`
	Files      []HeldFile        `json:"handed_out,omitempty"` // files of data that hold the person
	Uploads    map[string][]byte `json:"-"`                    // what the person handed in, by its name in the archive
}

// Held is something that is known, in the person's own words where there are some.
type Held struct {
	Name  string `json:"name"`
	Text  string `json:"text,omitempty"` // of the question, or the label
	Value string `json:"value"`
	Said  string `json:"said,omitempty"` // the value in words
}

// HeldFormer is what stood for the person until staff changed it.
type HeldFormer struct {
	Until      time.Time `json:"until"`
	Attributes []Held    `json:"attributes,omitempty"`
}

// HeldConsent is what the person agreed to.
type HeldConsent struct {
	Version  int       `json:"version"`
	Language string    `json:"language"`
	At       time.Time `json:"at"`
	Hash     string    `json:"sha256,omitempty"`
	Text     string    `json:"text,omitempty"`
}

// HeldInterview is what the person answered in a wave.
type HeldInterview struct {
	Wave          int              `json:"wave"`
	Questionnaire string           `json:"questionnaire"`
	Version       int              `json:"version"`
	Mode          string           `json:"mode"`
	StartedAt     time.Time        `json:"started"`
	LastAt        time.Time        `json:"last"`
	SubmittedAt   *time.Time       `json:"submitted,omitempty"`
	Counts        bool             `json:"counts"` // false: a second interview in the wave, kept and not used
	Answers       []Held           `json:"answers,omitempty"`
	Corrections   []HeldCorrection `json:"corrections,omitempty"`
	Redactions    []HeldRedaction  `json:"redactions,omitempty"`
	Saves         []HeldSave       `json:"saves,omitempty"`
}

// HeldSave is one step of an interview's history.
type HeldSave struct {
	At     time.Time        `json:"at"`
	Mode   string           `json:"mode"`
	Change interview.Change `json:"change"`
}

// HeldCorrection is a value that a researcher set right.
type HeldCorrection struct {
	At       time.Time `json:"at"`
	Question string    `json:"question"`
	Old      string    `json:"old"`
	New      string    `json:"new"`
	Reason   string    `json:"reason"`
}

// HeldRedaction is what was decided about an answer in the person's own words.
type HeldRedaction struct {
	At       time.Time `json:"at"`
	Question string    `json:"question"`
	Decision string    `json:"decision"`
	Words    string    `json:"words,omitempty"` // what may leave in its place
}

// HeldEvent is one thing that happened.
type HeldEvent struct {
	At     time.Time `json:"at"`
	Wave   int       `json:"wave,omitempty"`
	Kind   string    `json:"kind"`
	Detail string    `json:"detail,omitempty"`
}

// HeldMessage is a message that was written down for the person.
type HeldMessage struct {
	Planned time.Time  `json:"planned"`
	Handed  *time.Time `json:"handed_over,omitempty"`
	Wave    int        `json:"wave,omitempty"`
	Kind    string     `json:"kind"`
	Channel string     `json:"channel"`
	State   string     `json:"state"`
	Said    []string   `json:"answers_of_servers,omitempty"`
}

// HeldContact is an attempt of staff to reach the person.
type HeldContact struct {
	At      time.Time `json:"at"`
	Wave    int       `json:"wave,omitempty"`
	Way     string    `json:"way"`
	Outcome string    `json:"outcome"`
	Note    string    `json:"note,omitempty"`
}

// HeldFile is a file of data that was handed out with the person in it.
type HeldFile struct {
	At        time.Time `json:"at"`
	Recipient string    `json:"recipient"`
	What      string    `json:"what"`
}

// Extract gives everything that is held on a participant, and on the rows that
// turned out to be the same person. It is audited.
func (s *Service) Extract(ctx context.Context, now time.Time, actor access.Actor, studyKey, label string) (*Holdings, error) {
	if err := actor.May(access.ParticipantExtract, studyKey); err != nil {
		return nil, err
	}
	var people []store.Participant
	if err := s.store.Write(ctx, func(tx *store.Tx) error {
		p, err := tx.ParticipantByLabel(studyKey, label)
		if err != nil {
			return orElse(err, errNoParticipant)
		}
		if p.Status == store.Erased || p.MergedInto != "" {
			return errAway
		}
		same, err := tx.MergedInto(p.PID)
		if err != nil {
			return err
		}
		people = append([]store.Participant{p}, same...)
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.ParticipantExtract), Study: studyKey, Object: "one participant"})
	}); err != nil {
		return nil, err
	}
	id, err := s.identities.Get(ctx, people[0].PID)
	if err != nil && !isMissing(err) {
		return nil, err
	}
	notes, err := s.identities.Notes(ctx, people[0].PID)
	if err != nil {
		return nil, err
	}
	var out *Holdings
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		out, err = s.holdings(tx, now, people, id, notes)
		return err
	})
	return out, err
}

func (s *Service) holdings(tx *store.Tx, now time.Time, people []store.Participant, id keyfile.Identity, notes map[string]string) (*Holdings, error) {
	p := people[0]
	st, err := s.study(tx, p.Study)
	if err != nil {
		return nil, err
	}
	h := &Holdings{Study: p.Study, Label: p.Label, Made: now, Language: p.Language, Status: string(p.Status), JoinedAt: p.CreatedAt,
		Name: id.Name, Email: id.Email, Phone: id.Phone, Note: id.Note, External: id.External, Uploads: map[string][]byte{}}
	h.Attributes = heldAttributes(st, p.Attributes, p.Language)
	if p.ConsentVersion > 0 {
		h.Consent = &HeldConsent{Version: p.ConsentVersion, Language: p.ConsentLanguage, At: p.ConsentAt}
	}
	agreed, err := agreements(tx, st, p)
	if err != nil {
		return nil, err
	}
	for _, a := range agreed {
		h.Agreed = append(h.Agreed, HeldConsent(a))
	}
	pins, err := tx.PINs(p.PID)
	if err != nil {
		return nil, err
	}
	for _, pin := range pins {
		h.Numbers = append(h.Numbers, pin.SetAt)
	}
	for _, one := range people {
		if err := s.held(tx, h, one, st, notes); err != nil {
			return nil, err
		}
		for _, w := range st.Waves {
			if err := s.heldInterview(tx, h, one, w.Number); err != nil {
				return nil, err
			}
		}
	}
	files, err := s.handedOut(tx, p)
	if err != nil {
		return nil, err
	}
	for _, d := range files {
		h.Files = append(h.Files, HeldFile{d.At, d.Recipient, d.What})
	}
	slices.SortStableFunc(h.Interviews, func(a, b HeldInterview) int { return a.Wave - b.Wave })
	return h, nil
}

// heldAttributes gives attributes in the words of a language, in the study's order.
func heldAttributes(st *study.Study, given map[string]string, language string) (out []Held) {
	for _, a := range st.Attributes {
		if value := given[a.Name]; value != "" {
			held := Held{Name: a.Name, Value: value}
			held.Text, _ = a.Label.In(language, st.DefaultLanguage())
			if c := a.Choice(value); c != nil {
				held.Said, _ = c.Label.In(language, st.DefaultLanguage())
			}
			out = append(out, held)
		}
	}
	return out
}

// held adds what was done with a person.
func (s *Service) held(tx *store.Tx, h *Holdings, p store.Participant, st *study.Study, notes map[string]string) error {
	formers, err := tx.FormersOf(p.PID)
	if err != nil {
		return err
	}
	for _, f := range formers {
		h.Former = append(h.Former, HeldFormer{f.Until, heldAttributes(st, f.Attributes, h.Language)})
	}
	events, err := tx.EventsOf(p.PID)
	if err != nil {
		return err
	}
	for _, e := range events {
		h.Events = append(h.Events, HeldEvent{e.At, e.Wave, e.Kind, e.Detail})
	}
	contacts, err := tx.ContactsOf(p.PID)
	if err != nil {
		return err
	}
	for _, c := range contacts {
		h.Contacts = append(h.Contacts, HeldContact{c.At, c.Wave, c.Way, c.Outcome, notes[c.ID]})
	}
	messages, err := tx.MessagesOf(p.PID)
	if err != nil {
		return err
	}
	for _, m := range messages {
		held := HeldMessage{Planned: m.Planned, Handed: orNil(m.Handed), Wave: m.Wave, Kind: m.Kind, Channel: m.Channel, State: string(m.State)}
		tries, err := tx.HandoversOf(m.ID)
		if err != nil {
			return err
		}
		for _, try := range tries {
			if try.Said != "" {
				held.Said = append(held.Said, try.Said)
			}
		}
		h.Messages = append(h.Messages, held)
	}
	return nil
}

// heldInterview adds the interview of a wave, where there is one.
func (s *Service) heldInterview(tx *store.Tx, h *Holdings, p store.Participant, wave int) error {
	row, err := tx.VisitOf(p.PID, wave)
	if isMissing(err) || err == nil && row.Interview.ID == "" {
		return nil
	}
	if err != nil {
		return err
	}
	in := row.Interview
	st, err := s.cachedStudy(tx, p.Study, row.Edition)
	if err != nil {
		return err
	}
	logic, err := s.logic(tx, st, in.Questionnaire, in.Version)
	if err != nil {
		return err
	}
	doc, err := in.Decoded()
	if err != nil {
		return err
	}
	out := HeldInterview{Wave: wave, Questionnaire: in.Questionnaire, Version: in.Version, Mode: string(in.Mode), StartedAt: in.StartedAt, LastAt: in.LastAt,
		SubmittedAt: orNil(in.SubmittedAt), Counts: p.Counts(), Answers: answers(logic, doc, in.Language)}
	corrections, err := tx.CorrectionsOf(in.ID)
	if err != nil {
		return err
	}
	for _, c := range corrections {
		out.Corrections = append(out.Corrections, HeldCorrection{c.At, c.Question, c.Old, c.New, c.Reason})
	}
	redactions, err := tx.RedactionsOf(in.ID)
	if err != nil {
		return err
	}
	for _, r := range redactions {
		out.Redactions = append(out.Redactions, HeldRedaction{r.At, r.Question, string(r.Kind), r.Words})
	}
	saves, err := tx.Saves(in.ID)
	if err != nil {
		return err
	}
	for _, save := range saves {
		out.Saves = append(out.Saves, HeldSave{save.At, string(save.Mode), save.Change})
	}
	files, err := tx.Uploads(in.ID)
	if err != nil {
		return err
	}
	for _, u := range files {
		var data bytes.Buffer
		if err := tx.WriteUpload(u.Token, &data); err != nil {
			return err
		}
		h.Uploads[u.Token] = data.Bytes()
	}
	h.Interviews = append(h.Interviews, out)
	return nil
}

// answers gives the answers of a document in the order of the questionnaire,
// in words of a language. What belongs to no question any more comes last.
func answers(logic *interview.Logic, doc *interview.Document, language string) []Held {
	q := logic.Questionnaire
	order := map[string]int{}
	for i, it := range q.Questions {
		order[it.Name] = i + 1
	}
	var out []Held
	for key, value := range doc.Answers {
		held := Held{Name: key, Value: value}
		name, _, _ := strings.Cut(key, "@")
		if it := q.Question(name); it != nil {
			held.Text, _ = it.Label.In(language, q.Default)
			if it.List != nil {
				var words []string
				for _, v := range strings.Fields(value) {
					if c := it.List.Choice(v); c != nil {
						word, _ := c.Label.In(language, q.Default)
						words = append(words, word)
					}
				}
				held.Said = strings.Join(words, ", ")
			}
		}
		out = append(out, held)
	}
	slices.SortFunc(out, func(a, b Held) int {
		at := func(h Held) int {
			name, _, _ := strings.Cut(h.Name, "@")
			if n := order[name]; n > 0 {
				return n
			}
			return len(order) + 1
		}
		if n := at(a) - at(b); n != 0 {
			return n
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// orNil gives a time, nil for none.
func orNil(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
