package fieldwork

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Publication is a questionnaire file that is to become a version.
type Publication struct {
	Study     string
	Key       string // of the questionnaire
	Number    int    // the latest version's and one, or the first
	FileName  string
	Data      []byte
	Files     map[string][]byte // attached to it, by name
	Decisions []questionnaire.Decision
	DryRun    bool // only say what would be published
}

// Review is what a publisher has to see before publishing.
type Review struct {
	Key        string
	Number     int
	Hash       string
	Book       *questionnaire.Book       // the file as it was written, to name cells by; nil where it cannot be read
	Published  bool                      // the same content is published under this number already
	Before     int                       // the version that it is compared with; 0: it is the first
	Comparison *questionnaire.Comparison // nil for the first
	Answers    []store.VersionUse        // the interviews so far, of all versions of the questionnaire
	Decisions  []questionnaire.Decision  // what would be stored, or was
	Problems   fault.Problems            // of the file and of the decisions
	Files      []Attached                // the files that it refers to

	History   []Decided   // of two published versions: what was decided on the way from one to the other
	Confirmed []Confirmed // and which words that had stayed were looked at
}

// Publish makes a file a version of a study's questionnaire: it is compared
// with the version before, every question that differs is decided about, codes
// and names of variables are frozen, and all of that is stored at once.
//
// The files that it refers to are those handed in with it; what was not is taken
// from the version before.
//
// It refuses, with every problem listed, a file with errors, a question that
// nobody decided about, and a reused code that was declared comparable; with
// the Conflict "version_published" other content under a number that is taken,
// and with "version_order" a number that is not the next. The review is given
// beside the error, and with a dry run without any. The same content once more
// changes nothing.
func (s *Service) Publish(ctx context.Context, now time.Time, actor access.Actor, p Publication) (*Review, error) {
	if err := actor.May(access.QuestionnairePublish, p.Study); err != nil {
		return nil, err
	}
	book, q, files, problems, err := s.compile(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := problems.Err("questionnaire_problems", "The questionnaire has problems. Nothing was published."); err != nil {
		return &Review{Key: p.Key, Number: p.Number, Book: book, Problems: problems, Files: files}, err
	}
	var review *Review
	work := func(tx *store.Tx) error {
		review = &Review{Key: p.Key, Number: p.Number, Hash: q.Hash, Book: book, Problems: slices.Clone(problems), Files: files}
		v := store.Version{Study: p.Study, Key: p.Key, Number: p.Number, Hash: q.Hash, Sheets: book.Normalised().Markdown(),
			FileName: p.FileName, File: p.Data, Files: book.Files, PublishedAt: now}
		return s.publish(tx, actor, v, q, p, review)
	}
	if p.DryRun {
		return review, s.store.Read(ctx, work)
	}
	err = s.store.Write(ctx, work)
	return review, err
}

func (s *Service) publish(tx *store.Tx, actor access.Actor, v store.Version, q *questionnaire.Questionnaire, p Publication, review *Review) error {
	st, err := s.study(tx, p.Study)
	if err != nil {
		return err
	}
	published, err := tx.Versions(p.Study)
	if err != nil {
		return err
	}
	next := latest(published, p.Key) + 1
	if i := slices.IndexFunc(published, func(x store.Version) bool { return x.Key == p.Key && x.Number == p.Number }); i >= 0 {
		if review.Published = published[i].Hash == q.Hash; !review.Published {
			return fault.New(fault.Conflict, "version_published",
				fmt.Sprintf("%s v%d is published and cannot change: make it v%d.", p.Key, p.Number, next)).With("next", next)
		}
	} else if p.Number != next {
		return fault.New(fault.Conflict, "version_order", fmt.Sprintf("The next version of %s is v%d.", p.Key, next)).With("next", next)
	}
	review.Problems = append(review.Problems, study.CheckVersion(st, study.Version{Key: p.Key, Number: p.Number, File: p.FileName, Questionnaire: q})...)
	if review.Answers, err = answersOf(tx, p.Study, p.Key); err != nil {
		return err
	}
	earlier, err := versionsBefore(published, p.Key, p.Number)
	if err != nil {
		return err
	}
	stated := slices.Clone(p.Decisions)
	if review.Published { // what was decided stands
		if stated, err = decidedOn(tx, p.Study, p.Key, p.Number); err != nil {
			return err
		}
	}
	review.compare(earlier, q, stated, !review.Published)
	if err := review.Problems.Err("publish_refused", "The version cannot be published. Nothing was changed."); err != nil || p.DryRun || review.Published {
		return err
	}
	if err := tx.AddVersion(v); err != nil {
		return err
	}
	if err := review.store(tx, v, actor); err != nil {
		return err
	}
	if err := freeze(tx, p.Study); err != nil {
		return err
	}
	return tx.AddAudit(store.AuditRow{At: v.PublishedAt, Account: actor.Account, Action: string(access.QuestionnairePublish), Study: p.Study,
		Object: fmt.Sprintf("%s v%d", p.Key, p.Number), Detail: review.summary()})
}

// earlierVersion is a published version that a new one is compared with.
type earlierVersion struct {
	number int
	q      *questionnaire.Questionnaire
}

// versionsBefore gives the versions of a questionnaire below a number, compiled.
func versionsBefore(published []store.Version, key string, number int) ([]earlierVersion, error) {
	var out []earlierVersion
	for _, v := range published { // by number
		if v.Key != key || v.Number >= number {
			continue
		}
		q, err := v.Compiled()
		if err != nil {
			return nil, err
		}
		out = append(out, earlierVersion{v.Number, q})
	}
	return out, nil
}

// compare fills in the comparison with the version before, and the decisions.
func (r *Review) compare(earlier []earlierVersion, q *questionnaire.Questionnaire, stated []questionnaire.Decision, every bool) {
	if len(earlier) == 0 {
		for _, d := range stated {
			r.Problems.Add(fault.Place{Field: "decisions." + d.Question}, "decision_unknown", "%s v%d is the first version: there is nothing to decide.", r.Key, r.Number)
		}
		return
	}
	var before []*questionnaire.Questionnaire
	for _, e := range earlier {
		before = append(before, e.q)
	}
	last := len(earlier) - 1
	r.Before = earlier[last].number
	r.Comparison = questionnaire.Compare(before[last], q, before[:last]...)
	decisions, problems := r.Comparison.Decide(stated, every)
	r.Decisions, r.Problems = decisions, append(r.Problems, problems...)
}

// store keeps the decisions.
func (r *Review) store(tx *store.Tx, v store.Version, actor access.Actor) error {
	for _, d := range r.Decisions {
		diff := r.Comparison.Question(d.Question)
		if err := tx.AddDecision(store.Decision{Study: v.Study, Key: v.Key, From: r.Before, Number: v.Number, Question: d.Question, Kinds: diff.Kinds,
			Verdict: d.Verdict, Reason: d.Reason, Stale: diff.Stale, Confirmed: d.Confirmed, Automatic: d.Automatic, Account: actor.Account,
			At: v.PublishedAt}); err != nil {
			return err
		}
	}
	return nil
}

// summary counts the decisions for the audit.
func (r *Review) summary() string {
	count := map[questionnaire.Verdict]int{}
	for _, d := range r.Decisions {
		count[d.Verdict]++
	}
	return fmt.Sprintf("%d same, %d new, %d gone", count[questionnaire.SameVariable], count[questionnaire.NewVariable], count[questionnaire.GoneVariable])
}

// lines tells of each decision in a sentence.
func (r *Review) lines() []string {
	says := map[questionnaire.Verdict]string{
		questionnaire.SameVariable: "remains the same variable", questionnaire.NewVariable: "is a new variable", questionnaire.GoneVariable: "is asked no more",
	}
	var out []string
	for _, d := range r.Decisions {
		var kinds []string
		for _, k := range r.Comparison.Question(d.Question).Kinds {
			kinds = append(kinds, string(k))
		}
		line := fmt.Sprintf("%s v%d: %s (%s) %s", r.Key, r.Number, d.Question, strings.Join(kinds, ", "), says[d.Verdict])
		if d.Automatic {
			line += ", by rule"
		}
		out = append(out, line)
	}
	return out
}

// freeze assigns codes and names to whatever is published and has none.
func freeze(tx *store.Tx, studyKey string) error {
	st, err := tx.Defined(studyKey)
	if err != nil {
		return err
	}
	published, err := tx.Versions(studyKey)
	if err != nil {
		return err
	}
	versions := map[dataset.Ref]*questionnaire.Questionnaire{}
	for _, v := range published {
		if versions[dataset.Ref{Key: v.Key, Number: v.Number}], err = v.Compiled(); err != nil {
			return err
		}
	}
	decisions, frozen, err := tx.Merging(studyKey)
	if err != nil {
		return err
	}
	if frozen, err = dataset.Freeze(st, versions, decisions, frozen); err != nil {
		return err
	}
	return tx.Freeze(studyKey, frozen)
}

// answersOf counts the interviews of all versions of a questionnaire.
func answersOf(tx *store.Tx, studyKey, key string) ([]store.VersionUse, error) {
	uses, err := tx.VersionUses(studyKey)
	return slices.DeleteFunc(uses, func(u store.VersionUse) bool { return u.Key != key }), err
}

// decidedOn gives what was decided when a version was published.
func decidedOn(tx *store.Tx, studyKey, key string, number int) ([]questionnaire.Decision, error) {
	rows, err := tx.Decisions(studyKey)
	var out []questionnaire.Decision
	for _, d := range rows {
		if d.Key == key && d.Number == number {
			out = append(out, questionnaire.Decision{Question: d.Question, Verdict: d.Verdict, Reason: d.Reason, Confirmed: d.Confirmed, Automatic: d.Automatic})
		}
	}
	return out, err
}
