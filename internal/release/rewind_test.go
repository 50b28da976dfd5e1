package release_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"panelverk/exports"
	"panelverk/internal/access"
	"panelverk/internal/db"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/keyfile"
	"panelverk/internal/panel"
	"panelverk/internal/release"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
	"panelverk/surveys"
)

// factory is Smart Factory with 36 people, of whom most have answered two waves.
type factory struct {
	*release.Service
	t      *testing.T
	store  *store.Store
	keys   *secret.Ring
	field  *fieldwork.Service
	study  *study.Study
	labels []string
}

const smart = "smart-factory"

var (
	line   = access.CommandLine()
	early  = time.Date(2016, 5, 1, 9, 0, 0, 0, time.UTC)
	frozen = time.Date(2017, 3, 22, 9, 0, 0, 0, time.UTC) // in the third field period
)

func (f *factory) must(errs ...error) {
	f.t.Helper()
	for _, err := range errs {
		if err != nil {
			f.t.Fatal(err)
		}
	}
}

func openFactory(t *testing.T, dsn string) *factory {
	t.Helper()
	dir := t.TempDir()
	f := &factory{t: t}
	var err error
	f.store, err = store.Open(ctx, dsn)
	f.must(err)
	t.Cleanup(func() { f.store.Close() })
	names, err := db.Open(ctx, filepath.Join(dir, "keyfile.db"), keyfile.Migrations, keyfile.MigrationsDir)
	f.must(err)
	t.Cleanup(func() { names.Close() })
	f.keys, err = secret.NewRing(bytes.Repeat([]byte{7}, 32))
	f.must(err)
	f.field = fieldwork.New(f.store, f.keys, keyfile.Open(names, f.keys), "https://panel.example.org")
	f.Service = release.New(f.store, f.keys, dir)
	partner, err := exports.FS.ReadFile("smart-factory-partner.yaml")
	f.must(err)
	f.UseProfiles(fstest.MapFS{"smart-factory-partner.yaml": {Data: partner},
		"quick.yaml": {Data: []byte(replace(string(partner), "profile: smart-factory-partner", "profile: quick", "formats: [xlsx, csv, sav, dta, parquet]", "formats: [csv]"))}})
	f.Built("build 1")
	folder, problems := study.Load(surveys.FS, smart)
	f.must(problems.Err("test", "the study"))
	_, err = f.field.Apply(ctx, early, line, folder, fieldwork.ApplyOptions{})
	f.must(err)
	f.study, err = f.field.Study(ctx, line, smart)
	f.must(err)
	f.labels = f.join(early, 36)
	for i, label := range f.labels {
		f.answer(label, 1, f.day(1), true)
		if i%9 != 0 {
			f.answer(label, 2, f.day(2), i != 5)
		}
	}
	return f
}

// day is one on which a wave is open.
func (f *factory) day(wave int) time.Time { return f.study.Waves[wave-1].Opens.Add(26 * time.Hour) }

func (f *factory) join(at time.Time, n int) []string {
	f.t.Helper()
	rows := make([]fieldwork.NewParticipant, n)
	for i := range rows {
		rows[i] = fieldwork.NewParticipant{Name: fmt.Sprintf("Alva Ek %d", i), Email: fmt.Sprintf("alva%d.%d@example.org", i, at.Unix()), Language: "sv",
			Attributes: map[string]string{"country": []string{"SE", "SE", "DE", "RS"}[i%4], "sector": []string{"vehicles", "food", "process"}[i%3]}}
	}
	labels, err := f.field.AddParticipants(ctx, at, line, smart, rows)
	f.must(err)
	return labels
}

// answer types an interview in, by telephone.
func (f *factory) answer(label string, wave int, at time.Time, submit bool) {
	f.t.Helper()
	v, err := f.field.EntryVisit(ctx, at, line, smart, label, wave, store.Telephone)
	f.must(err)
	f.say(v.Invitation.ID, at, map[string]string{"year_started": "1999", "infl_tech": "partly"})
	if submit {
		problems, err := f.field.Submit(ctx, at.Add(time.Minute), v)
		f.must(err, problemsErr(problems))
	}
}

func problemsErr(problems []interview.Problem) error {
	if len(problems) > 0 {
		return fmt.Errorf("%v", problems)
	}
	return nil
}

// say saves answers into an interview, whatever its wave.
func (f *factory) say(id string, at time.Time, answers map[string]string) {
	f.t.Helper()
	f.must(f.store.Write(ctx, func(tx *store.Tx) error {
		inv, err := tx.Invitation(id)
		if err != nil {
			return err
		}
		w, err := tx.Wave(smart, inv.Wave)
		if err != nil {
			return err
		}
		if _, err := tx.StartInterview(store.Interview{ID: id, Study: smart, PID: inv.PID, Wave: inv.Wave, Questionnaire: w.Questionnaire, Version: w.Version,
			Mode: store.Telephone, Language: "sv", StartedAt: at}); err != nil {
			return err
		}
		_, _, err = tx.AddSave(store.Save{Interview: id, Key: secret.NewID(), At: at, Mode: store.Telephone, Change: interview.Change{Answers: answers}})
		return err
	}))
}

func (f *factory) freeze(at time.Time, approve string) store.Release {
	f.t.Helper()
	n, err := f.Request(ctx, at, line, release.NewRelease{Study: smart, Profile: approve, Who: "Göteborgs universitet", Country: "SE", Purpose: "Studier", Promise: true, Approve: true})
	f.must(err)
	_, err = f.Freeze(ctx, func() time.Time { return at }, "worker", nil)
	f.must(err)
	r, err := f.Release(ctx, line, smart, n)
	f.must(err)
	if r.State != store.ReleaseFrozen {
		f.t.Fatalf("%s %s", r.State, r.Freezing.Failure)
	}
	return r
}

func (f *factory) pid(label string) (pid string) {
	f.t.Helper()
	f.must(f.store.Read(ctx, func(tx *store.Tx) error {
		p, err := tx.ParticipantByLabel(smart, label)
		pid = p.PID
		return err
	}))
	return pid
}

func (f *factory) verify(r store.Release) release.Verdict {
	f.t.Helper()
	r, err := f.Release(ctx, line, smart, r.Number)
	f.must(err)
	v, err := f.Verify(ctx, r, nil)
	f.must(err)
	return v
}

// later are the changes after which a release is the same when it is made anew.
var later = []struct {
	name    string
	happens func(f *factory, at time.Time)
}{
	{"a correction", func(f *factory, at time.Time) {
		f.must(f.Correct(ctx, at, line, release.NewCorrection{Study: smart, ExportID: f.keys.ExportID(smart, release.Recipient, f.pid(f.labels[3])), Wave: 1,
			Question: "year_started", Values: []string{"1970"}, Reason: "Mistyped"}))
	}},
	{"people who join", func(f *factory, at time.Time) { f.join(at, 5) }},
	{"answers to an open wave", func(f *factory, at time.Time) { f.answer(f.labels[0], 3, at, true) }},
	{"attributes", func(f *factory, at time.Time) {
		for i, label := range f.labels[:6] {
			_, err := f.field.Alter(ctx, at.Add(time.Duration(i)*time.Minute), line, smart, label, fieldwork.Alteration{Language: "de", Attributes: map[string]string{"country": "KE"}, Pilot: i == 2})
			f.must(err)
		}
		_, err := f.field.Alter(ctx, at.Add(time.Hour), line, smart, f.labels[0], fieldwork.Alteration{Language: "en", Attributes: map[string]string{"country": "UA"}})
		f.must(err)
	}},
	{"a death", func(f *factory, at time.Time) {
		f.must(f.field.RecordOutcome(ctx, at, line, smart, f.labels[7], 0, panel.Died))
	}},
	{"a refusal", func(f *factory, at time.Time) {
		f.must(f.field.RecordOutcome(ctx, at, line, smart, f.labels[9], 2, panel.RefusedByPhone))
	}},
	{"a wave that is opened again, and answers to it", func(f *factory, at time.Time) {
		w := f.study.Waves[1]
		f.must(f.store.Write(ctx, func(tx *store.Tx) error {
			return tx.PutWave(store.Wave{Study: smart, Number: 2, Key: w.Key, Opens: w.Opens, Closes: at.Add(48 * time.Hour), Questionnaire: w.Questionnaire, Version: w.Version})
		}))
		f.answer(f.labels[18], 2, at, true) // who had not answered
		f.answer(f.labels[5], 2, at, true)  // who had broken off
		f.must(f.field.Reopen(ctx, at, line, smart, f.labels[12], 2, "She asked for it"))
		f.answer(f.labels[12], 2, at.Add(time.Hour), false)
	}},
	{"waves that close", func(f *factory, at time.Time) {
		f.must(f.store.Write(ctx, func(tx *store.Tx) error {
			for _, w := range f.study.Waves[2:] {
				if err := tx.PutWave(store.Wave{Study: smart, Number: w.Number, Key: w.Key, Opens: w.Opens.AddDate(0, -2, 0), Closes: frozen.AddDate(0, 0, -1), Questionnaire: w.Questionnaire, Version: w.Version}); err != nil {
					return err
				}
			}
			return nil
		}))
	}},
	{"another study.yaml", func(f *factory, at time.Time) {
		f.must(f.store.Write(ctx, func(tx *store.Tx) error {
			row, err := tx.Study(smart)
			if err != nil {
				return err
			}
			row.Source = strings.NewReplacer("Smart Factory", "Dumb Factory", "  - name: autonomy", "  - name: freedom", "name: SE, code: 1", "name: SE, code: 11").Replace(row.Source)
			for tag := range row.Consents {
				row.Consents[tag] += "\nOne more sentence.\n"
				if err := tx.KeepConsent(store.ConsentText{Study: smart, Version: 9, Language: tag, Hash: "h", Body: row.Consents[tag], Since: at}); err != nil {
					return err
				}
			}
			row.AppliedAt = at
			return tx.PutStudy(row)
		}))
	}},
	{"a new version, with decisions", func(f *factory, at time.Time) {
		f.must(f.store.Write(ctx, func(tx *store.Tx) error {
			w := f.study.Waves[1]
			v, err := tx.Version(smart, w.Questionnaire, w.Version)
			if err != nil {
				return err
			}
			v.Number, v.PublishedAt = 9, at
			if err := tx.AddVersion(v); err != nil {
				return err
			}
			if err := tx.AddDecision(store.Decision{Study: smart, Key: w.Questionnaire, From: 1, Number: w.Version, Question: "infl_tech", Verdict: "new", Reason: "Another question", At: at}); err != nil {
				return err
			}
			return tx.PutWave(store.Wave{Study: smart, Number: 2, Key: w.Key, Opens: w.Opens, Closes: w.Closes, Questionnaire: w.Questionnaire, Version: 9})
		}))
	}},
	{"other releases", func(f *factory, at time.Time) { f.freeze(at, "quick") }},
}

// TestAReleaseStaysWhatItWas freezes a release, changes whatever there is, and makes
// the release anew: the same bytes.
func TestAReleaseStaysWhatItWas(t *testing.T) {
	f := openFactory(t, dbtest.SQLite(t))
	waits, err := f.Request(ctx, frozen, line, release.NewRelease{Study: smart, Profile: "smart-factory-partner", Who: "Lunds universitet", Country: "SE", Purpose: "Studier", Promise: true})
	f.must(err)
	r := f.freeze(frozen, "smart-factory-partner")
	quick := f.freeze(frozen.Add(time.Minute), "quick") // after each change
	at := frozen.Add(time.Hour)
	f.must(f.Approve(ctx, at, line, smart, waits, "", "Known by name")) // a lower number, decided later
	_, err = f.Freeze(ctx, func() time.Time { return at }, "worker", nil)
	f.must(err)
	for _, c := range later {
		at = at.Add(time.Hour)
		c.happens(f, at)
		if v := f.verify(quick); !v.Same || !v.OK() {
			t.Fatalf("after %s it is another: content %t, %q", c.name, v.Content, v.Why)
		}
	}
	if v := f.verify(r); !v.Same || !v.OK() {
		t.Fatalf("with all formats it is another: content %t, %q", v.Content, v.Why)
	}
	// What was not kept with its time is seen.
	id := ""
	f.must(f.store.Write(ctx, func(tx *store.Tx) error {
		rows, err := tx.InterviewsOf(f.pid(f.labels[20]))
		if err != nil {
			return err
		}
		id = rows[len(rows)-1].ID
		_, _, err = tx.AddSave(store.Save{Interview: id, Key: "forged", At: f.day(1), Mode: store.Web, Change: interview.Change{Answers: map[string]string{"infl_tech": "very_large"}}})
		return err
	}))
	if v := f.verify(r); v.Same || v.Content || v.OK() || !v.Stored {
		t.Errorf("an answer that was put in with an older time is not seen: same %t, content %t", v.Same, v.Content)
	}
}

// What cannot be taken back is told.
func TestWhatCannotBeMadeAnewIsTold(t *testing.T) {
	for _, c := range []struct {
		name           string
		happens        func(f *factory)
		erased, merged int
	}{
		{"somebody outside the release is erased", func(f *factory) {
			f.must(f.field.EraseParticipant(ctx, frozen.Add(time.Hour), line, smart, f.labels[36]))
		}, 1, 0},
		{"two are one", func(f *factory) {
			f.must(f.field.Merge(ctx, frozen.Add(time.Hour), line, smart, f.labels[1], f.labels[36]))
		}, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := openFactory(t, dbtest.SQLite(t))
			f.labels = append(f.labels, f.join(frozen.AddDate(0, 0, -1), 1)...)
			r := f.freeze(frozen, "smart-factory-partner")
			c.happens(f)
			v := f.verify(r)
			if v.Taken || !v.Stored || v.Erased != c.erased || v.Merged != c.merged || !v.OK() {
				t.Errorf("taken %t, stored %t, same %t, erased %d, merged %d, %q", v.Taken, v.Stored, v.Same, v.Erased, v.Merged, v.Why)
			}
		})
	}
}

// Answers that were collected elsewhere come with the time of their wave, and are not
// in what was frozen before they came.
func TestWhatIsImportedLaterIsInNoEarlierRelease(t *testing.T) {
	o := open(t, 74) // of the last man the first two years
	o.profiles(t)
	frozen := func(at time.Time) store.Release {
		n, err := o.Request(ctx, at, researcher, asked("late"))
		if err == nil {
			err = o.Approve(ctx, at, owner, "union-wage", n, "", "Known by name")
		}
		if err != nil {
			t.Fatal(err)
		}
		o.freeze(t)
		return o.release(t, n)
	}
	r := frozen(now)
	o.imports(t, 80, now.Add(time.Hour))
	if v, err := o.Verify(ctx, r, nil); err != nil || !v.Same {
		t.Errorf("content %t, %q, %v", v.Content, v.Why, err)
	}
	if frozen(now.Add(2*time.Hour)).Content == r.Content {
		t.Error("the later release holds nothing new")
	}
}
