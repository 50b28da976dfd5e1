package fieldwork

import (
	"context"
	"fmt"
	"slices"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/panel"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

var errConsentChanged = fault.New(fault.Conflict, "consent_changed", "The text has changed while you were reading. Read it again, and tick the box if you agree.")

// Agreed is one consent that a participant gave, with the text as it was shown.
type Agreed struct {
	Version  int
	Language string
	At       time.Time
	Hash     string // "" and no text where it was given before texts were kept and has been replaced since
	Text     string // Markdown
}

// keepConsents keeps the consent texts of a study for good, in every language.
func keepConsents(tx *store.Tx, st *study.Study, now time.Time) error {
	if st.Consent == nil {
		return nil
	}
	for _, tag := range st.Consent.Texts.Tags() {
		if err := keepConsent(tx, st, tag, now); err != nil {
			return err
		}
	}
	return nil
}

func keepConsent(tx *store.Tx, st *study.Study, tag string, now time.Time) error {
	return tx.KeepConsent(store.ConsentText{Study: st.Key, Version: st.Consent.Version, Language: tag,
		Hash: st.Consent.Hash(tag), Body: st.Consent.Texts[tag], Since: now})
}

// agree notes that a participant agreed, to the version, in the language and
// at the time that the participant's row says.
func agree(tx *store.Tx, st *study.Study, p store.Participant, wave int) error {
	a := store.Agreement{PID: p.PID, Version: p.ConsentVersion, Language: p.ConsentLanguage, Hash: st.Consent.Hash(p.ConsentLanguage), At: p.ConsentAt}
	if a.Version == st.Consent.Version {
		if err := keepConsent(tx, st, a.Language, a.At); err != nil {
			return err
		}
	} else { // the box was ticked before the address was confirmed, and there is a newer text since
		texts, err := tx.ConsentTexts(st.Key)
		if err != nil {
			return err
		}
		a.Hash = consentHash(texts, a.Version, a.Language)
	}
	if err := tx.AddAgreement(a); err != nil {
		return err
	}
	return tx.AddEvent(store.Event{ID: secret.NewID(), Study: st.Key, PID: p.PID, Wave: wave, Kind: string(panel.ConsentGiven), At: p.ConsentAt,
		Detail: fmt.Sprintf("version %d, %s", p.ConsentVersion, p.ConsentLanguage)})
}

// consentHash gives the hash of the first text of a version in a language, ""
// where none was kept.
func consentHash(texts []store.ConsentText, version int, language string) string {
	for _, t := range texts {
		if t.Version == version && t.Language == language {
			return t.Hash
		}
	}
	return ""
}

// Agreements gives what a participant agreed to, the newest first.
func (s *Service) Agreements(ctx context.Context, v *Visit) (out []Agreed, err error) {
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		out, err = agreements(tx, v.Study, v.Participant)
		return err
	})
	return out, err
}

func agreements(tx *store.Tx, st *study.Study, p store.Participant) ([]Agreed, error) {
	people, err := tx.MergedInto(p.PID)
	if err != nil {
		return nil, err
	}
	var out []Agreed
	for _, one := range append(people, p) {
		rows, err := tx.AgreementsOf(one.PID)
		if err != nil {
			return nil, err
		}
		for _, a := range rows {
			text, err := tx.ConsentText(st.Key, a.Version, a.Language, a.Hash)
			if err != nil && !isMissing(err) {
				return nil, err
			}
			out = append(out, Agreed{a.Version, a.Language, a.At, a.Hash, text.Body})
		}
	}
	known := slices.ContainsFunc(out, func(a Agreed) bool { return a.Version == p.ConsentVersion })
	if p.ConsentVersion > 0 && p.ConsentLanguage != "" && !known { // given before agreements were kept
		texts, err := tx.ConsentTexts(st.Key)
		if err != nil {
			return nil, err
		}
		if c := st.Consent; c != nil {
			texts = append(texts, store.ConsentText{Version: c.Version, Language: p.ConsentLanguage, Hash: c.Hash(p.ConsentLanguage), Body: c.Texts[p.ConsentLanguage]})
		}
		a := Agreed{Version: p.ConsentVersion, Language: p.ConsentLanguage, At: p.ConsentAt, Hash: consentHash(texts, p.ConsentVersion, p.ConsentLanguage)}
		if i := slices.IndexFunc(texts, func(t store.ConsentText) bool { return t.Hash == a.Hash && t.Language == a.Language }); i >= 0 {
			a.Text = texts[i].Body
		}
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b Agreed) int { return b.Version - a.Version })
	return out, nil
}
