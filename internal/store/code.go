package store

import (
	"panelverk/internal/dataset"
	"panelverk/internal/questionnaire"
)

// Freeze keeps the codes and the names of variables that were assigned to the
// published versions of a study. What is frozen already stays as it is.
func (tx *Tx) Freeze(study string, f dataset.Frozen) error {
	there, err := tx.Frozen(study)
	if err != nil {
		return err
	}
	known := map[any]bool{}
	for _, c := range there.Codes {
		known[c] = true
	}
	for _, r := range there.Roots {
		known[r] = true
	}
	for _, c := range f.Codes {
		if known[c] {
			continue
		}
		if _, err := tx.exec(`INSERT INTO codes (study, list, choice, code) VALUES ($1, $2, $3, $4) ON CONFLICT (study, list, choice) DO NOTHING`,
			study, c.List, c.Choice, c.Code); err != nil {
			return err
		}
	}
	for _, r := range f.Roots {
		if known[r] {
			continue
		}
		if _, err := tx.exec(`INSERT INTO variables (study, questionnaire, number, question, root) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (study, questionnaire, number, question) DO NOTHING`, study, r.Ref.Key, r.Ref.Number, r.Question, r.Name); err != nil {
			return err
		}
	}
	return nil
}

// Roots gives the variable that each question of a published version fills.
func (tx *Tx) Roots(study, key string, number int) (map[string]string, error) {
	rows, err := list(tx, func(row scanner) (dataset.Root, error) {
		var r dataset.Root
		err := row.Scan(&r.Question, &r.Name)
		return r, err
	}, `SELECT question, root FROM variables WHERE study = $1 AND questionnaire = $2 AND number = $3`, study, key, number)
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.Question] = r.Name
	}
	return out, err
}

// Frozen gives the codes by list and code, and the names by version and question.
func (tx *Tx) Frozen(study string) (dataset.Frozen, error) {
	var (
		f   dataset.Frozen
		err error
	)
	f.Codes, err = list(tx, func(row scanner) (questionnaire.CodeRow, error) {
		var c questionnaire.CodeRow
		err := row.Scan(&c.List, &c.Choice, &c.Code)
		return c, err
	}, `SELECT list, choice, code FROM codes WHERE study = $1 ORDER BY list, code`, study)
	if err != nil {
		return f, err
	}
	f.Roots, err = list(tx, func(row scanner) (dataset.Root, error) {
		var r dataset.Root
		err := row.Scan(&r.Ref.Key, &r.Ref.Number, &r.Question, &r.Name)
		return r, err
	}, `SELECT questionnaire, number, question, root FROM variables WHERE study = $1 ORDER BY questionnaire, number, question`, study)
	return f, err
}
