package fieldwork_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

const jobs = "jobs"

var (
	march16 = time.Date(2016, 3, 10, 9, 0, 0, 0, time.UTC) // wave 1 of the study jobs
	sept16  = time.Date(2016, 9, 10, 9, 0, 0, 0, time.UTC) // wave 2
	march17 = time.Date(2017, 3, 10, 9, 0, 0, 0, time.UTC) // wave 3, with version 2
)

// jobsField is the study jobs with one participant.
type jobsField struct {
	*field
	label string
}

func (f *field) jobs(cohort int) *jobsField {
	f.t.Helper()
	folder, problems := study.Load(os.DirFS("testdata/jobs"), ".")
	if err := problems.Err("broken", "the study is broken"); err != nil {
		f.t.Fatal(err)
	}
	if _, err := f.Apply(ctx, march16, boss, folder, fieldwork.ApplyOptions{}); err != nil {
		f.t.Fatal(err)
	}
	at := []time.Time{march16, sept16, march17}[cohort-1]
	labels, err := f.AddParticipants(ctx, at, boss, jobs, []fieldwork.NewParticipant{{Name: "Astrid"}})
	if err != nil {
		f.t.Fatal(err)
	}
	return &jobsField{f, labels[0]}
}

// start presses the start button of a wave on a device.
func (f *jobsField) start(now time.Time, wave int, device string) *fieldwork.Visit {
	f.t.Helper()
	links, err := f.Links(ctx, now, boss, jobs, wave, false)
	if err != nil || len(links) != 1 {
		f.t.Fatal(links, err)
	}
	token := links[0].URL[strings.LastIndex(links[0].URL, "/")+1:]
	in := fieldwork.Beginning{Language: "sv"}
	if device != "" {
		in.Proof = interview.Proof{Way: interview.ByDevice, Device: device}
	}
	if err := f.Start(ctx, now, token, in); err != nil {
		f.t.Fatal(err)
	}
	return f.visit(now, token)
}

// answer posts pages: "job=welder".
func (f *jobsField) answer(now time.Time, v *fieldwork.Visit, device string, answers ...string) {
	f.t.Helper()
	for _, a := range answers {
		name, value, _ := strings.Cut(a, "=")
		if _, err := f.SavePage(ctx, now, v, interview.Post{Page: name, Go: interview.Forward, Device: device,
			Values: map[string][]string{name: {value}}, Shown: map[string]string{name: ""}}, name+value, store.Web, ""); err != nil {
			f.t.Fatal(err)
		}
	}
}

func values(told map[string]interview.Earlier) string {
	var out []string
	for _, name := range []string{"job", "hours", "tasks"} {
		if e, ok := told[name]; ok {
			out = append(out, name+"="+e.Value)
		}
	}
	return strings.Join(out, " ")
}

func TestToldOfEarlierWaves(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		j := f.jobs(1)
		first := j.start(march16, 1, "phone1")
		if len(first.Doc.Earlier) > 0 || first.Interview.Revision != 0 {
			t.Errorf("wave 1 was told %v", first.Doc.Earlier)
		}
		j.answer(march16, first, "phone1", "employed=yes", "job=welder", "hours=40", "tasks=xylophones")

		// Somebody else's device learns nothing, and spoils nothing.
		if v := j.start(sept16, 2, "desk"); len(v.Doc.Earlier) > 0 {
			t.Errorf("the desk was told %v", v.Doc.Earlier)
		}
		if v := j.start(sept16, 2, ""); len(v.Doc.Earlier) > 0 {
			t.Errorf("nobody was told %v", v.Doc.Earlier)
		}
		second := j.start(sept16, 2, "phone1")
		if got := values(second.Doc.Earlier); got != "job=welder hours=40 tasks=xylophones" || second.Doc.Proof.Way != interview.ByDevice {
			t.Fatalf("wave 2 was told %q by %+v", got, second.Doc.Proof)
		}
		if e := second.Doc.Earlier["job"]; e.Wave != 1 || e.At != march16.UnixMilli() {
			t.Errorf("of %+v", e)
		}
		// What was told stands, whatever becomes of the earlier interview.
		j.answer(sept16, j.visit(sept16, f.tokenOf(second)), "phone1", "employed=yes", "job=fitter")
		if v := j.start(sept16, 2, "phone1"); values(v.Doc.Earlier) != values(second.Doc.Earlier) {
			t.Errorf("told again: %v", v.Doc.Earlier)
		}
		var saves []store.Save
		var row store.Interview
		if err := f.store.Read(ctx, func(tx *store.Tx) (err error) {
			if row, err = tx.Interview(second.Invitation.ID); err == nil {
				saves, err = tx.Saves(row.ID)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if store.Replay(saves).Encode() != row.Document {
			t.Errorf("the saves do not lead to %s", row.Document)
		}

		// In wave 3 the job of wave 2 counts; hours is another variable since, and
		// what was left out in wave 2 is that of wave 1.
		third := j.start(march17, 3, "phone1")
		if got := values(third.Doc.Earlier); got != "job=fitter tasks=xylophones" {
			t.Errorf("wave 3 was told %q", got)
		}
		j.backed(t, third)

		if err := f.Leave(ctx, march17, third, fieldwork.LeaveErased); err != nil {
			t.Fatal(err)
		}
		var dump bytes.Buffer
		if err := f.store.DB().Dump(ctx, &dump, march17); err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"xylophones", "phone1"} {
			if strings.Contains(dump.String(), word) {
				t.Errorf("after erasing, %q is still stored", word)
			}
		}
	})
}

// backed holds that a backup carries what was told.
func (f *jobsField) backed(t *testing.T, v *fieldwork.Visit) {
	t.Helper()
	var dump bytes.Buffer
	if err := f.store.DB().Dump(ctx, &dump, march17); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(dump.String(), "xylophones") || !strings.Contains(dump.String(), "phone1") {
		t.Error("the backup lacks what was answered")
	}
	other, err := store.Open(ctx, dbtest.SQLite(t))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.DB().Load(ctx, &dump); err != nil {
		t.Fatal(err)
	}
	if err := other.Read(ctx, func(tx *store.Tx) error {
		row, err := tx.Interview(v.Invitation.ID)
		if err != nil {
			return err
		}
		d, err := row.Decoded()
		if err == nil && values(d.Earlier) != values(v.Doc.Earlier) {
			t.Errorf("loaded it was told %v", d.Earlier)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestToldAtTheBeginningOrNever(t *testing.T) {
	f := open(t, dbtest.SQLite(t))
	j := f.jobs(1)
	j.answer(march16, j.start(march16, 1, "phone1"), "phone1", "employed=yes", "job=welder")
	j.answer(sept16, j.start(sept16, 2, "desk"), "desk", "employed=yes")
	if v := j.start(sept16, 2, "phone1"); len(v.Doc.Earlier) > 0 {
		t.Errorf("told in the middle: %v", v.Doc.Earlier)
	}
	// A paper interview that staff types in reads no stored answer.
	v, err := f.EntryVisit(ctx, march17, access.Actor{Account: "A", Roles: map[string]access.Role{jobs: access.Admin}}, jobs, j.label, 3, store.Paper)
	if err != nil || len(v.Doc.Earlier) > 0 || !v.Logic.Current(v.Doc, march17).Relevant("first") {
		t.Errorf("staff was told %+v, %v", v, err)
	}
}

func TestSomebodyNewSeesTheBaseline(t *testing.T) {
	f := open(t, dbtest.SQLite(t))
	j := f.jobs(2)
	v := j.start(sept16, 2, "phone1")
	if len(v.Doc.Earlier) > 0 || !v.Logic.Current(v.Doc, sept16).Relevant("first") {
		t.Errorf("told %v", v.Doc.Earlier)
	}
}

func TestHowLongADeviceIsNeeded(t *testing.T) {
	f := open(t, dbtest.SQLite(t))
	j := f.jobs(1)
	closes := time.Date(2017, 3, 31, 22, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		at    time.Time
		wave  int
		until time.Time
	}{{march16, 1, closes}, {sept16, 2, closes}, {march17, 3, time.Time{}}} {
		v := j.start(c.at, c.wave, "")
		until, err := f.Returns(ctx, c.at, v)
		if err != nil || until.Sub(c.until).Abs() > time.Hour {
			t.Errorf("wave %d: until %v, %v; want %v", c.wave, until, err, c.until)
		}
	}
	f.mustApply(spring)
	label := f.add(spring, fieldwork.NewParticipant{Name: "Astrid"})
	if until, err := f.Returns(ctx, wave1, f.visit(wave1, f.token(wave1, label, 1))); err != nil || !until.IsZero() {
		t.Errorf("a study that asks nothing of earlier waves: %v, %v", until, err)
	}
}
