package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/export/csv"
	"panelverk/internal/export/dta"
	"panelverk/internal/export/parquet"
	"panelverk/internal/export/sav"
	"panelverk/internal/export/xlsx"
	"panelverk/internal/fault"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Put takes a file: write gives its bytes and may be called once.
type Put func(name string, write func(io.Writer) error) error

// Progress is told how far the writing of files has come, of total, and at what it
// is: StepReading, StepDocuments, or the name of a file. It may be nil.
type Progress func(step string, done, total int)

// What is being done where it is no file of data.
const (
	StepReading   = "reading"
	StepDocuments = "documents"
)

// whole is how far it has to go; reading takes the first parts of it: once to see what
// may leave, once more for the files.
const (
	whole    = 1000
	measured = 100
	readAll  = 250
	written  = 950
)

// within gives what tells how far a part has come that takes a stretch of the whole.
func (p Progress) within(step string, from, to int) func(done, total int) {
	return func(done, total int) {
		at := to
		if total > 0 {
			at = from + (to-from)*min(done, total)/total
		}
		if p != nil {
			p(step, at, whole)
		}
	}
}

// Order is what data files are wanted.
type Order struct {
	Study    string
	Language string         // of labels and documentation, where no profile says it
	Formats  []study.Format // none for those of the profile
	Profile  *study.Profile // nil for everything as it is, under the ids of the workbook
}

// Files writes data files, from one snapshot of the database. It is audited before the
// first byte. With a profile it gives the report on what leaves, and fails, with
// nothing written, where the profile does not fit the study (every offence) and
// where its tier is missed: Conflict "tier_missed".
func (s *Service) Files(ctx context.Context, now time.Time, actor access.Actor, o Order, put Put, progress Progress) (*Report, error) {
	if err := actor.May(access.DataDownload, o.Study); err != nil {
		return nil, err
	}
	recipient, what := Recipient, "files"
	if o.Profile != nil {
		recipient, what = o.Profile.Recipient, "files by the profile "+o.Profile.Key
	}
	var report *Report
	if o.Profile != nil { // refused before anything is said to have gone out
		if err := s.cut(ctx, source{study: o.Study, at: now}, o.Profile, nil, func(_ *store.Tx, c *cutting, before []earlier) error {
			if report = c.measure(before); !report.Passes() {
				return c.missed(report, before)
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	people := map[string]bool{}
	if err := s.noted(ctx, now, actor, o.Study, recipient, what, func(tx *store.Tx) ([]string, error) {
		clear(people)
		return s.counted(tx, o.Study, recipient, people)
	}); err != nil {
		return nil, err
	}
	write := func(c *cutting, d *dataset.Dataset) error {
		set := fileSet{data: d, formats: o.Formats, shape: study.BothShape, about: about(d, o.Language, now), tmp: s.tmp, stem: o.Study + "_"}
		if o.Profile != nil {
			set.shape, set.about.Languages = o.Profile.Shape, o.Profile.Languages
			set.risk = disclosed(c, report, "", o.Profile.Languages[0])
			if len(o.Formats) == 0 {
				set.formats = o.Profile.Formats
			}
		}
		return set.write(ctx, put, progress)
	}
	from := source{study: o.Study, at: now, recipient: recipient, people: people}
	if o.Profile == nil {
		return nil, s.dataset(ctx, from, func(_ *store.Tx, d *dataset.Dataset) error { return write(nil, d) })
	}
	from.first = progress.within(StepReading, 0, measured)
	return report, s.cut(ctx, from, o.Profile, nil, func(_ *store.Tx, c *cutting, before []earlier) error {
		if report = c.measure(before); !report.Passes() {
			return c.missed(report, before)
		}
		return write(c, c.dataset())
	})
}

// cut reads a study's dataset under a recipient's ids, with what earlier releases
// told of the same persons, and hands it to do within one snapshot. of is the release
// that is made, as it was decided, nil for none. Of texts what was decided until
// from.at counts.
func (s *Service) cut(ctx context.Context, from source, p *study.Profile, of *store.Release, do func(*store.Tx, *cutting, []earlier) error) error {
	from.recipient = p.Recipient
	if of != nil {
		var err error
		if from.as, err = of.Defined(); err != nil {
			return err
		}
	}
	return s.dataset(ctx, from, func(tx *store.Tx, d *dataset.Dataset) error {
		var redacted *redactions
		if p.FreeText == study.RedactedText {
			var err error
			if redacted, err = s.redactions(tx, from.study, p.Recipient, from.at); err != nil {
				return err
			}
		}
		c, err := newCutting(d, p, func(id string) int { return s.keys.Shift(p.Recipient, id) }, redacted)
		if err != nil {
			return err
		}
		before, err := s.earlier(tx, from.study, p.Recipient, of)
		if err != nil {
			return err
		}
		return do(tx, c, before)
	})
}

// missed is the refusal of a cut that misses its tier: whom it endangers, and what
// would help.
func (c *cutting) missed(r *Report, before []earlier) error {
	r.Proposals = c.propose(before)
	var problems fault.Problems
	for _, one := range r.AtRisk {
		problems.Add(fault.Place{Field: one.ID}, "at_risk", "%d alike, the tier wants %d: %s.", one.Alike, r.K, strings.Join(one.Values, ", "))
	}
	for _, p := range r.Proposals {
		problems.Warn(fault.Place{Field: "proposal"}, "proposal", "This would keep the tier: %s.", p)
	}
	message := fmt.Sprintf("%d of %d persons are like too few others for the %s tier, which wants %d who are alike.", len(r.AtRisk), r.Persons, r.Tier, r.K)
	if r.Persons == 0 {
		message = fmt.Sprintf("Nobody would be in the file: no %d persons are alike, which the %s tier wants.", r.K, r.Tier)
	}
	return &fault.Error{Kind: fault.Invalid, Code: "tier_missed", Problems: problems, Message: message}
}

// String says a proposal in words of the profile.
func (p Proposal) String() string {
	var steps []string
	for _, s := range p.Steps {
		switch {
		case s.Variable == "":
			steps = append(steps, "waves: ["+strings.Join(s.Waves, ", ")+"]")
		case s.Way == study.Banded:
			steps = append(steps, fmt.Sprintf("%s in bands of %s", s.Variable, short(s.Width)))
		case s.Way == study.Mapped:
			steps = append(steps, s.Variable+" with the choices of few put together")
		default:
			steps = append(steps, "drop "+s.Variable)
		}
	}
	if p.Suppressed > 0 {
		steps = append(steps, fmt.Sprintf("suppress: cells (%d)", p.Suppressed))
	}
	return strings.Join(steps, "; ")
}

// about is what every file says of itself.
func about(d *dataset.Dataset, language string, now time.Time) *export.About {
	languages := []string{language}
	for _, tag := range d.Study.Languages {
		if tag != language {
			languages = append(languages, tag)
		}
	}
	return &export.About{Study: d.Study.Key, Title: d.Study.Title, Languages: languages, Now: now, Remarks: []string{
		"Pseudonymous personal data: the ids are the recipient's own, but equal answers can be recognised. Keep it as such.",
		"A value that is missing says why: −1 don't know, −2 refused, −3 left blank, −4 not reached, −5 not in this version or wave, −6 no interview, −7 not asked, −8 not applicable, −9 not recorded, −10 suppressed, −11 withdrawn, −12 not yet a member.",
	}}
}

// fileSet is the data files of one cut.
type fileSet struct {
	data         *dataset.Dataset
	formats      []study.Format
	shape        study.Shape
	about        *export.About
	tmp          string
	stem         string // before the names of the tables
	folder       string // of data files, "" or with a slash at the end
	syntax       string // of programs
	collected    *export.Collection
	descriptions []csv.File
	risk         *xlsx.Disclosure // of a cut
	citation     string
}

// sources gives the tables that the shape wants.
func (f *fileSet) sources() []export.Source {
	var out []export.Source
	if f.shape != study.WideShape {
		out = append(out, export.Long(f.data))
	}
	if f.shape != study.LongShape {
		out = append(out, export.Wide(f.data))
	}
	return append(out, export.Repeats(f.data)...)
}

// collect reads the dataset into tables; close removes them.
func (f *fileSet) collect(ctx context.Context, progress Progress) error {
	var err error
	f.collected, err = export.Collect(ctx, f.data, f.tmp, progress.within(StepReading, measured, readAll), f.sources()...)
	return err
}

func (f *fileSet) close() error {
	if f.collected == nil {
		return nil
	}
	return f.collected.Close()
}

// write writes all data files, reading the dataset once for all formats but the
// workbook, which reads it by itself.
func (f *fileSet) write(ctx context.Context, put Put, progress Progress) (err error) {
	if f.collected == nil && slices.ContainsFunc(f.formats, func(format study.Format) bool { return format != study.XLSX }) {
		if err := f.collect(ctx, progress); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.close()) }()
	}
	parts, tables := 0, len(f.sources())
	for _, format := range f.formats {
		if parts++; format != study.XLSX {
			parts += tables - 1
		}
	}
	part := 0
	next := func(name string) func(done, total int) { // each file the same: who waits wants to see it move
		part++
		return progress.within(path.Base(name), readAll+(written-readAll)*(part-1)/parts, readAll+(written-readAll)*part/parts)
	}
	for _, format := range f.formats {
		if format == study.XLSX {
			name := f.folder + strings.TrimSuffix(f.stem, "_") + ".xlsx"
			if err := put(name, func(w io.Writer) error {
				return xlsx.Write(ctx, w, f.data, xlsx.Options{TempDir: f.tmp, Now: f.about.Now, Language: f.about.Language(), Progress: next(name),
					Hide: hideSmall, Disclosure: f.risk, Citation: f.citation})
			}); err != nil {
				return err
			}
			continue
		}
		for _, t := range f.collected.Tables {
			if err := f.table(ctx, put, format, t, next); err != nil {
				return err
			}
		}
	}
	if len(f.descriptions) == 0 {
		return nil
	}
	return put(f.folder+f.stem+"datapackage.json", func(w io.Writer) error { return csv.Describe(w, f.about, f.descriptions) })
}

// table writes one table in one format; of CSV the programs that read it too.
func (f *fileSet) table(ctx context.Context, put Put, format study.Format, t *export.Table, next func(string) func(done, total int)) error {
	name := f.stem + t.Name
	watched := t.With(ctx, next(name+"."+string(format)))
	writers := map[study.Format]func(io.Writer) error{
		study.SAV:     func(w io.Writer) error { return sav.Write(w, watched, f.about) },
		study.DTA:     func(w io.Writer) error { return dta.Write(w, watched, f.about) },
		study.Parquet: func(w io.Writer) error { return parquet.Write(w, watched, f.about) },
	}
	if format != study.CSV {
		return put(f.folder+name+"."+string(format), writers[format])
	}
	sum, size := sha256.New(), counter(0)
	file := name + ".csv"
	if err := put(f.folder+file, func(w io.Writer) error { return csv.Write(io.MultiWriter(w, sum, &size), watched) }); err != nil {
		return err
	}
	f.descriptions = append(f.descriptions, csv.File{Path: file, Table: t, SHA256: hex.EncodeToString(sum.Sum(nil)), Bytes: int64(size)})
	folder, flat := "", file
	if f.syntax != f.folder {
		folder = "../" + f.folder
	}
	if csv.Lined(t) {
		flat = name + csv.FlatMark + ".csv"
		if err := put(f.folder+flat, func(w io.Writer) error { return csv.WriteFlat(w, t.With(ctx, nil)) }); err != nil {
			return err
		}
	}
	for _, program := range []struct {
		ending, file string
		write        func(io.Writer, *export.Table, *export.About, string) error
	}{{"R", file, csv.R}, {"sps", flat, csv.SPSS}, {"do", file, csv.Stata}, {"py", file, csv.Python}} {
		if err := put(f.syntax+name+"."+program.ending, func(w io.Writer) error { return program.write(w, t, f.about, folder+program.file) }); err != nil {
			return err
		}
	}
	return nil
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
