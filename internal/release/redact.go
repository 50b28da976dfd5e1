package release

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// How much of a question is read at a time.
const (
	textsAtOnce = 25
	wordsAtOnce = 12000 // characters; one text is shown whatever its length
)

// allTime is a moment after every other.
var allTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

var errNoTexts = fault.New(fault.NotFound, "texts_not_found", "Nobody has answered such a question in their own words in a wave that has closed.")

// Reading is what people wrote to one question in one wave that has closed, and how
// much of it somebody has read.
type Reading struct {
	Wave     study.Wave
	Question string
	Variable *dataset.Variable // that holds it
	Texts
}

// Text is what one person, or several in the same words, answered. Nothing in it
// tells who they are, or what else they answered.
type Text struct {
	ID       string // of the words with what was decided about them
	Words    string
	Language string // of the interview; "" where nobody said
	Persons  int
	Kind     store.RedactionKind // "" where nobody has read it
	Redacted string              // of LeavesRedacted
	At       time.Time
	Changed  bool // it was read, and then the answer was changed
}

// given is one answer among those that a Text stands for.
type given struct {
	at      dataset.At
	decided store.Redaction
}

// collected is a Text with the answers that it stands for, and its place.
type collected struct {
	Text
	place string
	of    []given
}

// Readings lists the questions that were answered in people's own words, in the
// order of the dataset and wave by wave. It tells of no one, and is not audited.
func (s *Service) Readings(ctx context.Context, now time.Time, actor access.Actor, studyKey string) ([]Reading, error) {
	if err := actor.May(access.TextRead, studyKey); err != nil {
		return nil, err
	}
	type key struct {
		question string
		wave     int
	}
	all, order := map[key]*Reading{}, map[string]int{}
	var out []Reading
	err := s.words(ctx, now, studyKey, func(d *dataset.Dataset, decided *redactions) error {
		for i, v := range d.Variables {
			if _, twice := order[v.Question]; !twice {
				order[v.Question] = i
			}
		}
		return eachText(d, "", 0, func(r *dataset.Record, at dataset.At, v *dataset.Variable, text string) {
			k := key{v.Question, at.Wave}
			if all[k] == nil {
				all[k] = &Reading{Wave: waveOf(d, at.Wave), Question: v.Question}
			}
			one, _ := decided.of(at, v.Question, text)
			all[k].Variable = v
			all[k].count(one.Kind)
		})
	})
	for _, one := range all {
		out = append(out, *one)
	}
	slices.SortFunc(out, func(a, b Reading) int {
		return cmp.Or(cmp.Compare(order[a.Question], order[b.Question]), cmp.Compare(a.Wave.Number, b.Wave.Number))
	})
	return out, err
}

// words reads a study's dataset with what was decided about its texts.
func (s *Service) words(ctx context.Context, now time.Time, studyKey string, do func(*dataset.Dataset, *redactions) error) error {
	return s.dataset(ctx, source{study: studyKey, at: now, recipient: Recipient}, func(tx *store.Tx, d *dataset.Dataset) error {
		decided, err := s.redactions(tx, studyKey, Recipient, now)
		if err != nil {
			return err
		}
		return do(d, decided)
	})
}

func waveOf(d *dataset.Dataset, number int) study.Wave {
	i := slices.IndexFunc(d.Waves, func(w study.Wave) bool { return w.Number == number })
	return d.Waves[i]
}

// eachText gives every text of the waves that have closed, but of those who were
// erased; of one question and wave where they are named.
func eachText(d *dataset.Dataset, question string, wave int, do func(*dataset.Record, dataset.At, *dataset.Variable, string)) error {
	columns := columnsOf(d, func(v *dataset.Variable) bool { return question == "" || v.Question == question })
	if len(columns.long) == 0 && !slices.ContainsFunc(columns.tables, func(t []int) bool { return len(t) > 0 }) {
		return nil
	}
	closed := map[int]bool{}
	for _, w := range d.Waves {
		closed[w.Number] = w.State(d.Now) == study.Closed && (wave == 0 || w.Number == wave)
	}
	for r, err := range d.Rows(nil) {
		if err != nil {
			return err
		}
		columns.each(r, func(at dataset.At, v *dataset.Variable, text string) {
			if closed[at.Wave] {
				do(r, at, v, text)
			}
		})
	}
	return nil
}

// TextsWanted is which texts are to be read.
type TextsWanted struct {
	Study    string
	Wave     int
	Question string
	Show     string // "read", "all"; those that nobody has read otherwise
	After    string // the place of the last one that was shown
}

// TextPage is some texts of a question in a wave, and how far their reading has come.
type TextPage struct {
	Reading
	List []Text
	Next string // the place to go on after, "" at the end
}

// Texts gives what people wrote to a question in a wave, some at a time. The order
// is no one's: who stands first at one question does not at another. It is audited.
// Fails with NotFound "texts_not_found".
func (s *Service) Texts(ctx context.Context, now time.Time, actor access.Actor, in TextsWanted) (*TextPage, error) {
	if err := actor.May(access.TextRead, in.Study); err != nil {
		return nil, err
	}
	reading, all, err := s.collect(ctx, now, in.Study, in.Wave, in.Question)
	if err != nil {
		return nil, err
	}
	out, length, persons := &TextPage{Reading: *reading}, 0, 0
	for _, one := range all {
		if one.place <= in.After || in.Show != "all" && (one.Kind != "") != (in.Show == "read") {
			continue
		}
		if length += utf8.RuneCountInString(one.Words); len(out.List) == textsAtOnce || len(out.List) > 0 && length > wordsAtOnce {
			out.Next, _, _ = strings.Cut(out.List[len(out.List)-1].ID, ".")
			break
		}
		out.List, persons = append(out.List, one.Text), persons+one.Persons
	}
	return out, s.store.Write(ctx, func(tx *store.Tx) error {
		return s.auditTexts(tx, now, actor, in.Study, in.Wave, in.Question, fmt.Sprintf("looked at %d", persons))
	})
}

func (s *Service) auditTexts(tx *store.Tx, now time.Time, actor access.Actor, studyKey string, wave int, question, detail string) error {
	return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.TextRead), Study: studyKey,
		Object: fmt.Sprintf("wave %d, question %s", wave, question), Detail: detail})
}

// collect gives the texts of a question in a wave, each once, in the order of their
// places.
func (s *Service) collect(ctx context.Context, now time.Time, studyKey string, wave int, question string) (*Reading, []*collected, error) {
	var reading *Reading
	all := map[string]*collected{}
	err := s.words(ctx, now, studyKey, func(d *dataset.Dataset, decided *redactions) error {
		language := interviewLanguage(d)
		return eachText(d, question, wave, func(r *dataset.Record, at dataset.At, v *dataset.Variable, text string) {
			if reading == nil {
				reading = &Reading{Wave: waveOf(d, wave), Question: question, Variable: v}
			}
			one, changed := decided.of(at, question, text)
			reading.count(one.Kind)
			tag := language(r, wave)
			place := s.keys.Text(fmt.Sprintf("%s wave %d %s", studyKey, wave, tag), question, text)
			id := place + "." + s.keys.Text(place, string(one.Kind), one.Words)[:8]
			if all[id] == nil {
				all[id] = &collected{place: place, Text: Text{ID: id, Words: text, Language: tag, Kind: one.Kind, Redacted: one.Words, At: one.At}}
			}
			to := all[id]
			to.Persons, to.Changed, to.of = to.Persons+1, to.Changed || changed, append(to.of, given{at, one})
		})
	})
	if err == nil && reading == nil {
		err = errNoTexts
	}
	var out []*collected
	for _, one := range all {
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b *collected) int { return cmp.Compare(a.ID, b.ID) })
	return reading, out, err
}

// interviewLanguage gives in which language somebody answered a wave, as the
// dataset tells it.
func interviewLanguage(d *dataset.Dataset) func(*dataset.Record, int) string {
	at := slices.IndexFunc(d.Long(), func(c dataset.Column) bool { return c.Variable.Question == "" && c.Name == "interview_lang" })
	return func(r *dataset.Record, wave int) string {
		i := slices.IndexFunc(d.Waves, func(w study.Wave) bool { return w.Number == wave })
		if x := r.Long[i][at]; x.Missing == 0 {
			return d.Study.Languages[int(x.Number)-1]
		}
		return ""
	}
}

// TextDecision is what somebody who has read a text decides about it.
type TextDecision struct {
	ID    string // of a Text
	Kind  store.RedactionKind
	Words string // of LeavesRedacted: what leaves
}

// DecideTexts stores what was decided about texts of a question in a wave, all or
// none. Fails with every offence (Invalid, texts_refused): fields "d.<ID>" and
// "w.<ID>"; text_moved says that the answer was changed meanwhile, or that
// somebody else has decided about it.
func (s *Service) DecideTexts(ctx context.Context, now time.Time, actor access.Actor, studyKey string, wave int, question string, in []TextDecision) error {
	if err := actor.May(access.TextRead, studyKey); err != nil {
		return err
	}
	_, all, err := s.collect(ctx, now, studyKey, wave, question)
	if err != nil {
		return err
	}
	byID := map[string]*collected{}
	for _, one := range all {
		byID[one.ID] = one
	}
	var problems fault.Problems
	for i := range in {
		in[i].check(byID[in[i].ID], &problems)
	}
	in = slices.DeleteFunc(in, func(one TextDecision) bool {
		text := byID[one.ID]
		return text != nil && text.Kind == one.Kind && text.Redacted == one.Words // decided so already
	})
	if err := problems.Err("texts_refused", "Nothing was stored."); err != nil || len(in) == 0 {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		pids := map[string]string{}
		if err := tx.EachParticipant(studyKey, func(p store.Participant) error {
			if p.Counts() && p.Status != store.Erased {
				pids[s.keys.ExportID(studyKey, Recipient, p.PID)] = p.PID
			}
			return nil
		}); err != nil {
			return err
		}
		decided, err := s.redactions(tx, studyKey, Recipient, allTime)
		if err != nil {
			return err
		}
		counts, problems := map[store.RedactionKind]int{}, fault.Problems{}
		for _, one := range in {
			text := byID[one.ID]
			for _, g := range text.of {
				if stands, _ := decided.of(g.at, question, text.Words); stands != g.decided || pids[g.at.ID] == "" {
					moved(&problems, one.ID)
					continue
				}
				if err := s.decide(tx, now, actor, pids[g.at.ID], g.at, question, text.Words, one); err != nil {
					return err
				}
				counts[one.Kind]++
			}
		}
		if err := problems.Err("texts_refused", "Nothing was stored."); err != nil {
			return err
		}
		return s.auditTexts(tx, now, actor, studyKey, wave, question, fmt.Sprintf("decided: %d as they are, %d redacted, %d withheld",
			counts[store.LeavesAsIs], counts[store.LeavesRedacted], counts[store.Withheld]))
	})
}

func moved(problems *fault.Problems, id string) {
	problems.Add(fault.Place{Field: "d." + id}, "text_moved", "The answer was changed meanwhile, or somebody else has decided about it. Look at it again.")
}

// check finds what is wrong with a decision about a text, which is nil where it is
// no longer there. Forms send lines that end in CR LF.
func (in *TextDecision) check(text *collected, problems *fault.Problems) {
	in.Words = strings.TrimSpace(strings.ReplaceAll(in.Words, "\r\n", "\n"))
	at := fault.Place{Field: "w." + in.ID}
	switch {
	case text == nil:
		moved(problems, in.ID)
	case in.Kind == store.LeavesAsIs || in.Kind == store.Withheld:
		in.Words = ""
	case in.Kind != store.LeavesRedacted:
		problems.Add(fault.Place{Field: "d." + in.ID}, "text_kind", "Choose what becomes of the text.")
	case in.Words == "":
		problems.Add(at, "text_empty", "Nothing is left of the text. Write what leaves, or choose that it does not.")
	case in.Words == strings.TrimSpace(strings.ReplaceAll(text.Words, "\r\n", "\n")):
		problems.Add(at, "text_same", "Nothing was changed. Take out what nobody should see, or let the text leave as it is.")
	case utf8.RuneCountInString(in.Words) > interview.MaxText:
		problems.Add(at, "words_long", "Write %d characters at most.", interview.MaxText)
	}
}

// decide stores a decision about one answer.
func (s *Service) decide(tx *store.Tx, now time.Time, actor access.Actor, pid string, at dataset.At, question, text string, in TextDecision) error {
	invited, err := tx.InvitationOf(pid, at.Wave)
	if err != nil {
		return err
	}
	key := at.Key(question)
	return tx.AddRedaction(store.Redaction{Interview: invited.ID, Question: key, Digest: s.keys.Text(invited.ID, key, text), Kind: in.Kind, Words: in.Words,
		Account: actor.Account, At: now})
}
