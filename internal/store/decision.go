package store

import (
	"strings"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/questionnaire"
)

// Decision is what was decided, when a version was published, about a question
// that differs from the version before.
type Decision struct {
	Study     string
	Key       string // the questionnaire
	From      int    // the version before
	Number    int    // the version that was published
	Question  string
	Kinds     []questionnaire.ChangeKind
	Verdict   questionnaire.Verdict
	Reason    string
	Stale     []string // the languages whose words stayed while others changed
	Confirmed []string // those of them that the publisher had looked at; see Confirmation for later
	Automatic bool     // nobody stated it
	Account   string
	At        time.Time
}

const decisionColumns = `study, questionnaire, number, question, from_number, kinds, decision, reason, stale, confirmed, automatic, account, at`

func scanDecision(row scanner) (Decision, error) {
	var (
		d                                Decision
		kinds, verdict, stale, confirmed string
		automatic, at                    int64
	)
	err := row.Scan(&d.Study, &d.Key, &d.Number, &d.Question, &d.From, &kinds, &verdict, &d.Reason, &stale, &confirmed, &automatic, &d.Account, &at)
	for _, k := range strings.Fields(kinds) {
		d.Kinds = append(d.Kinds, questionnaire.ChangeKind(k))
	}
	d.Verdict, d.Stale, d.Confirmed = questionnaire.Verdict(verdict), strings.Fields(stale), strings.Fields(confirmed)
	d.Automatic, d.At = automatic != 0, moment(at)
	return d, err
}

// AddDecision stores a decision. One that is there already stays as it is.
func (tx *Tx) AddDecision(d Decision) error {
	kinds := make([]string, len(d.Kinds))
	for i, k := range d.Kinds {
		kinds[i] = string(k)
	}
	automatic := 0
	if d.Automatic {
		automatic = 1
	}
	_, err := tx.exec(`INSERT INTO decisions (`+decisionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (study, questionnaire, number, question) DO NOTHING`,
		d.Study, d.Key, d.Number, d.Question, d.From, strings.Join(kinds, " "), string(d.Verdict), d.Reason,
		strings.Join(d.Stale, " "), strings.Join(d.Confirmed, " "), automatic, d.Account, millis(d.At))
	return err
}

// Decisions gives the decisions of a study by questionnaire, version and question.
func (tx *Tx) Decisions(study string) ([]Decision, error) {
	return list(tx, scanDecision, `SELECT `+decisionColumns+` FROM decisions WHERE study = $1 ORDER BY questionnaire, number, question`, study)
}

// Merging gives by what the versions of a study become variables: what was
// decided and what is frozen.
func (tx *Tx) Merging(study string) ([]dataset.Decision, dataset.Frozen, error) {
	rows, err := tx.Decisions(study)
	if err != nil {
		return nil, dataset.Frozen{}, err
	}
	var decisions []dataset.Decision
	for _, d := range rows {
		decisions = append(decisions, dataset.Decision{Question: d.Question, To: dataset.Ref{Key: d.Key, Number: d.Number}, Verdict: d.Verdict, Reason: d.Reason})
	}
	frozen, err := tx.Frozen(study)
	return decisions, frozen, err
}
