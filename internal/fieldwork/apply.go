package fieldwork

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// ApplyOptions says how a folder is applied.
type ApplyOptions struct {
	DryRun bool // only say what would change
	Force  bool // also over changes that were made on the pages since
}

// Difference is what applying a folder changes.
type Difference struct {
	New   bool     // the study was not there before
	Lines []string // a sentence for each change, in English
}

// Apply brings a study and its questionnaires into the database, or brings
// the database up to the folder. It refuses, and changes nothing, where a
// published version differs from the file of its number, where a wave that has
// interviews would field another version or vanish, and (without Force) where
// waves were changed on the pages since the folder was last applied.
func (s *Service) Apply(ctx context.Context, now time.Time, actor access.Actor, f *study.Folder, opts ApplyOptions) (*Difference, error) {
	if err := actor.May(access.StudyApply, f.Study.Key); err != nil {
		return nil, err
	}
	d := &Difference{}
	work := func(tx *store.Tx) error {
		*d = Difference{}
		return s.apply(tx, now, actor, f, opts, d)
	}
	if opts.DryRun {
		return d, s.store.Read(ctx, work)
	}
	return d, s.store.Write(ctx, work)
}

func (s *Service) apply(tx *store.Tx, now time.Time, actor access.Actor, f *study.Folder, opts ApplyOptions, d *Difference) error {
	before, err := tx.Study(f.Study.Key)
	d.New = fault.Of(err) != nil && fault.Of(err).Kind == fault.NotFound
	if err != nil && !d.New {
		return err
	}
	var problems fault.Problems
	versions := s.compareVersions(tx, f, d, &problems)
	waves, err := s.compareWaves(tx, f, d, &problems)
	if err != nil {
		return err
	}
	hash := folderHash(f)
	if !d.New && !before.EditedAt.IsZero() && !opts.Force && len(d.Lines) > 0 {
		problems.Add(fault.Place{File: "study.yaml"}, "study_edited",
			"the study was changed on the pages at %s; bring those changes into the file, or apply with --force to undo them", before.EditedAt.UTC().Format(time.RFC3339))
	}
	if err := problems.Err("apply_refused", "The folder cannot be applied. Nothing was changed."); err != nil {
		return err
	}
	if !d.New && before.Hash != hash && len(d.Lines) == 0 {
		d.Lines = append(d.Lines, "texts or settings of the study change")
	}
	if d.New {
		d.Lines = slices.Insert(d.Lines, 0, "study "+f.Study.Key+" is new")
	}
	if opts.DryRun || len(d.Lines) == 0 {
		return nil
	}
	row := store.Study{Key: f.Study.Key, Source: string(f.Study.Source), Consents: map[string]string{}, Hash: hash, AppliedAt: now}
	if f.Study.Consent != nil {
		row.Consents = f.Study.Consent.Texts
	}
	if err := tx.PutStudy(row); err != nil {
		return err
	}
	for _, v := range versions {
		v.PublishedAt = now
		if err := tx.AddVersion(v); err != nil {
			return err
		}
	}
	for _, w := range waves {
		if err := tx.PutWave(w); err != nil {
			return err
		}
	}
	if err := s.inviteAll(tx, f.Study.Key, waves); err != nil {
		return err
	}
	return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.StudyApply), Study: f.Study.Key,
		Object: "study", Detail: fmt.Sprintf("%d changes", len(d.Lines))})
}

// compareVersions gives the versions that are not published yet.
func (s *Service) compareVersions(tx *store.Tx, f *study.Folder, d *Difference, problems *fault.Problems) []store.Version {
	var fresh []store.Version
	published, err := tx.Versions(f.Study.Key)
	if err != nil {
		problems.Add(fault.Place{}, "internal", "the published versions cannot be read")
		return nil
	}
	for _, v := range f.Versions {
		i := slices.IndexFunc(published, func(p store.Version) bool { return p.Key == v.Key && p.Number == v.Number })
		switch {
		case i < 0:
			d.Lines = append(d.Lines, fmt.Sprintf("questionnaire %s v%d is published", v.Key, v.Number))
			fresh = append(fresh, store.Version{Study: f.Study.Key, Key: v.Key, Number: v.Number,
				Hash: v.Questionnaire.Hash, Sheets: v.Book.Normalised().Markdown(), FileName: v.File, File: v.Data})
		case published[i].Hash != v.Questionnaire.Hash:
			problems.Add(fault.Place{File: v.File}, "version_published",
				"%s v%d is published and cannot change; make it %s.v%d", v.Key, v.Number, v.Key, latest(published, v.Key)+1)
		}
	}
	return fresh
}

func latest(published []store.Version, key string) int {
	n := 0
	for _, p := range published {
		if p.Key == key {
			n = max(n, p.Number)
		}
	}
	return n
}

// compareWaves gives the rows of all waves of the folder.
func (s *Service) compareWaves(tx *store.Tx, f *study.Folder, d *Difference, problems *fault.Problems) ([]store.Wave, error) {
	there, err := tx.Waves(f.Study.Key)
	if err != nil {
		return nil, err
	}
	var rows []store.Wave
	for _, w := range f.Study.Waves {
		row := store.Wave{Study: f.Study.Key, Number: w.Number, Key: w.Key, Opens: w.Opens, Closes: w.Closes,
			Questionnaire: w.Questionnaire, Version: w.Version}
		rows = append(rows, row)
		i := slices.IndexFunc(there, func(t store.Wave) bool { return t.Number == w.Number })
		if i < 0 {
			d.Lines = append(d.Lines, fmt.Sprintf("wave %s is added: %s to %s, %s v%d", w.Key,
				w.Opens.Format(study.Layout), w.Closes.Format(study.Layout), w.Questionnaire, w.Version))
			continue
		}
		if err := compareWave(tx, there[i], row, d, problems); err != nil {
			return nil, err
		}
	}
	for _, t := range there {
		if !slices.ContainsFunc(rows, func(r store.Wave) bool { return r.Number == t.Number }) {
			problems.Add(fault.Place{File: "study.yaml", Field: "waves"}, "wave_gone",
				"wave %s is in the database and not in the file; a wave that was applied stays", t.Key)
		}
	}
	return rows, nil
}

func compareWave(tx *store.Tx, before, after store.Wave, d *Difference, problems *fault.Problems) error {
	if !before.Opens.Equal(after.Opens) || !before.Closes.Equal(after.Closes) {
		d.Lines = append(d.Lines, fmt.Sprintf("wave %s is moved to %s to %s", after.Key,
			after.Opens.Format(study.Layout), after.Closes.Format(study.Layout)))
	}
	if before.Key == after.Key && before.Questionnaire == after.Questionnaire && before.Version == after.Version {
		return nil
	}
	interviews, err := tx.Interviews(after.Study, after.Number)
	if err != nil {
		return err
	}
	if len(interviews) > 0 {
		problems.Add(fault.Place{File: "study.yaml", Field: "waves." + after.Key}, "wave_fielded",
			"wave %s has %d interviews with %s v%d; it keeps its key and its questionnaire", before.Key, len(interviews), before.Questionnaire, before.Version)
		return nil
	}
	d.Lines = append(d.Lines, fmt.Sprintf("wave %s fields %s v%d", after.Key, after.Questionnaire, after.Version))
	return nil
}

// folderHash names the content of a study's folder.
func folderHash(f *study.Folder) string {
	h := sha256.New()
	add := func(s string) { fmt.Fprintf(h, "%d:%s", len(s), s) }
	add(string(f.Study.Source))
	if f.Study.Consent != nil {
		for _, tag := range f.Study.Consent.Texts.Tags() {
			add(tag)
			add(f.Study.Consent.Texts[tag])
		}
	}
	for _, v := range f.Versions {
		add(v.Key)
		add(fmt.Sprint(v.Number))
		add(v.Questionnaire.Hash)
	}
	return hex.EncodeToString(h.Sum(nil))
}
