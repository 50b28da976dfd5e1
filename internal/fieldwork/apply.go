package fieldwork

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/questionnaire"
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
	versions, err := s.compareVersions(tx, f, d, &problems)
	if err != nil {
		return err
	}
	waves, err := s.compareWaves(tx, f, d, &problems)
	if err != nil {
		return err
	}
	present, err := s.comparePlan(tx, f, d)
	if err != nil {
		return err
	}
	if err := compareConsents(tx, f.Study, present, d, &problems); err != nil {
		return err
	}
	_, wrong := Texts(f.Study, f.Mail)
	problems = append(problems, wrong...)
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
	if err := putStudy(tx, f, hash, now, present, before.AppliedAt); err != nil {
		return err
	}
	for _, v := range versions {
		v.row.PublishedAt = now
		if err := tx.AddVersion(v.row); err != nil {
			return err
		}
		if err := v.review.store(tx, v.row, actor); err != nil {
			return err
		}
	}
	for _, w := range waves {
		if err := tx.PutWave(w); err != nil {
			return err
		}
	}
	if err := freeze(tx, f.Study.Key); err != nil {
		return err
	}
	if err := s.inviteAll(tx, f.Study.Key, waves); err != nil {
		return err
	}
	if present != nil {
		after, err := s.study(tx, f.Study.Key)
		if err != nil {
			return err
		}
		if _, err := s.replan(tx, present, after, now); err != nil {
			return err
		}
	}
	return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.StudyApply), Study: f.Study.Key,
		Object: "study", Detail: fmt.Sprintf("%d changes", len(d.Lines))})
}

// putStudy stores the study of a folder, and keeps its consent texts. present is
// the study as it stood since a moment, nil where it is new: its texts were in
// force, perhaps before texts were kept.
func putStudy(tx *store.Tx, f *study.Folder, hash string, now time.Time, present *study.Study, since time.Time) error {
	row := store.Study{Key: f.Study.Key, Source: string(f.Study.Source), Consents: map[string]string{}, Mail: f.Mail, Hash: hash, AppliedAt: now}
	if f.Study.Consent != nil {
		row.Consents = f.Study.Consent.Texts
	}
	if present != nil {
		if err := keepConsents(tx, present, since); err != nil {
			return err
		}
	}
	if err := tx.PutStudy(row); err != nil {
		return err
	}
	return keepConsents(tx, f.Study, now)
}

// comparePlan tells what the file does to the plan as it stands, and gives the
// study as it stands; nil where it is new.
func (s *Service) comparePlan(tx *store.Tx, f *study.Folder, d *Difference) (*study.Study, error) {
	if d.New {
		return nil, nil
	}
	present, err := s.study(tx, f.Study.Key)
	if err != nil {
		return nil, err
	}
	for _, e := range study.Edits(f.Study, present.Plan, f.Study.Plan) {
		d.Lines = append(d.Lines, e.String())
	}
	return present, nil
}

// reviewed is a version that is published, or only decided about, by applying.
type reviewed struct {
	row    store.Version
	review *Review
}

// compareVersions gives the versions that are not published yet, each compared
// with the one before it and decided about: as the file says, else by rule.
func (s *Service) compareVersions(tx *store.Tx, f *study.Folder, d *Difference, problems *fault.Problems) ([]reviewed, error) {
	published, err := tx.Versions(f.Study.Key)
	if err != nil {
		return nil, err
	}
	frozen, err := tx.Frozen(f.Study.Key)
	if err != nil {
		return nil, err
	}
	var out []reviewed
	fresh := map[string][]earlierVersion{}
	for _, v := range f.Versions {
		r := reviewed{store.Version{Study: f.Study.Key, Key: v.Key, Number: v.Number, Hash: v.Questionnaire.Hash,
			Sheets: v.Book.Normalised().Markdown(), FileName: v.File, File: v.Data, Files: v.Book.Files}, &Review{Key: v.Key, Number: v.Number, Hash: v.Questionnaire.Hash}}
		stated := f.Study.DecisionsOn(v.Key, v.Number)
		i := slices.IndexFunc(published, func(p store.Version) bool { return p.Key == v.Key && p.Number == v.Number })
		switch {
		case i < 0:
			d.Lines = append(d.Lines, fmt.Sprintf("questionnaire %s v%d is published", v.Key, v.Number))
		case published[i].Hash != v.Questionnaire.Hash:
			problems.Add(fault.Place{File: v.File}, "version_published",
				"%s v%d is published and cannot change; make it %s.v%d", v.Key, v.Number, v.Key, latest(published, v.Key)+1)
			continue
		case slices.ContainsFunc(frozen.Roots, func(root dataset.Root) bool { return root.Ref == dataset.Ref{Key: v.Key, Number: v.Number} }):
			if err := decidedOtherwise(tx, v, f.Study.Key, stated, problems); err != nil {
				return nil, err
			}
			continue
		case len(stated) == 0: // published before decisions were stored
			continue
		}
		earlier, err := versionsBefore(published, v.Key, v.Number)
		if err != nil {
			return nil, err
		}
		for _, e := range fresh[v.Key] {
			if e.number < v.Number {
				earlier = append(earlier, e)
			}
		}
		slices.SortFunc(earlier, func(a, b earlierVersion) int { return a.number - b.number })
		if i < 0 {
			fresh[v.Key] = append(fresh[v.Key], earlierVersion{v.Number, v.Questionnaire})
		}
		r.review.compare(earlier, v.Questionnaire, stated, false)
		for _, p := range r.review.Problems.Errors() {
			p.File = v.File
			*problems = append(*problems, p)
		}
		d.Lines = append(d.Lines, r.review.lines()...)
		out = append(out, r)
	}
	return out, nil
}

// decidedOtherwise refuses decisions that differ from those under which a
// version was published: data were handed out by them.
func decidedOtherwise(tx *store.Tx, v study.Version, studyKey string, stated []questionnaire.Decision, problems *fault.Problems) error {
	stored, err := decidedOn(tx, studyKey, v.Key, v.Number)
	if err != nil {
		return err
	}
	for _, d := range stated {
		was := questionnaire.SameVariable // of a question that does not differ nothing is stored
		if i := slices.IndexFunc(stored, func(s questionnaire.Decision) bool { return s.Question == d.Question }); i >= 0 {
			was = stored[i].Verdict
		}
		if was != d.Verdict {
			problems.Add(fault.Place{File: study.FileName, Field: "decisions." + d.Question}, "decision_fixed",
				"%s v%d was published with the decision “%s” on %s, which stands; the file says “%s”", v.Key, v.Number, was, d.Question, d.Verdict)
		}
	}
	return nil
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

// compareConsents refuses a consent text that differs from the one of its
// version that people agreed to, and tells of new texts.
func compareConsents(tx *store.Tx, st *study.Study, present *study.Study, d *Difference, problems *fault.Problems) error {
	if st.Consent == nil || present == nil || present.Consent == nil {
		return nil
	}
	now, was := st.Consent, present.Consent
	if now.Version < was.Version {
		problems.Add(fault.Place{File: study.FileName, Field: "consent.version"}, "consent_older",
			"version %d of the consent text is in force; a version is never taken back: make the text version %d", was.Version, was.Version+1)
		return nil
	}
	if now.Version > was.Version {
		d.Lines = append(d.Lines, fmt.Sprintf("the consent text is version %d; everybody is asked again at their next start", now.Version))
		return nil
	}
	for _, tag := range now.Texts.Tags() {
		if was.Texts[tag] == "" || was.Texts[tag] == now.Texts[tag] {
			continue
		}
		agreed, err := tx.Agreed(st.Key, now.Version, tag)
		if err != nil {
			return err
		}
		if agreed {
			problems.Add(fault.Place{File: now.File + "." + tag + ".md"}, "consent_agreed",
				"people have agreed to version %d in %s, and it cannot change; put the text as it was back, and the new one into a version %d", now.Version, tag, now.Version+1)
			continue
		}
		d.Lines = append(d.Lines, fmt.Sprintf("the consent text of version %d changes in %s, to which nobody has agreed", now.Version, tag))
	}
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
	for _, name := range slices.Sorted(maps.Keys(f.Mail)) {
		add(name)
		add(f.Mail[name])
	}
	for _, v := range f.Versions {
		add(v.Key)
		add(fmt.Sprint(v.Number))
		add(v.Questionnaire.Hash)
	}
	return hex.EncodeToString(h.Sum(nil))
}
