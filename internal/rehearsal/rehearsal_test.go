package rehearsal_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/account"
	"panelverk/internal/db"
	"panelverk/internal/fieldwork"
	"panelverk/internal/intake"
	"panelverk/internal/keyfile"
	"panelverk/internal/panel"
	"panelverk/internal/rehearsal"
	"panelverk/internal/release"
	"panelverk/internal/secret"
	"panelverk/internal/site"
	"panelverk/internal/store"
	"panelverk/internal/study"
	"panelverk/surveys"
	"panelverk/web"
)

const (
	smartFactory = "smart-factory"
	base         = "http://panel.example.org"
)

// Moments in the field periods of Smart Factory.
var (
	inWave2 = time.Date(2016, 10, 24, 20, 0, 0, 0, time.UTC)
	inWave4 = time.Date(2017, 10, 4, 13, 30, 0, 0, time.UTC)
)

// house is the whole site on databases of its own.
type house struct {
	dir     string
	store   *store.Store
	field   *fieldwork.Service
	clock   *rehearsal.Clock
	handler http.Handler
	admin   rehearsal.Admin
	log     *strings.Builder
}

func newHouse(t testing.TB) *house {
	t.Helper()
	return houseOf(t, surveys.FS, smartFactory)
}

// houseOf is a house with the study in a folder, whose key is the folder's name.
func houseOf(t testing.TB, files fs.FS, key string) *house {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	h := &house{dir: dir, clock: rehearsal.NewClock(time.Date(2016, 1, 1, 8, 0, 0, 0, time.UTC)), log: &strings.Builder{}}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	h.store, err = store.Open(ctx, filepath.Join(dir, "panel.db"))
	must(err)
	t.Cleanup(func() { h.store.Close() })
	keys, err := secret.Load(filepath.Join(dir, "key"), true)
	must(err)
	names, err := db.Open(ctx, filepath.Join(dir, "keyfile.db"), keyfile.Migrations, keyfile.MigrationsDir)
	must(err)
	t.Cleanup(func() { names.Close() })
	identities := keyfile.Open(names, keys)
	h.field = fieldwork.New(h.store, keys, identities, base)
	folder, problems := study.Load(files, key)
	must(problems.Err("broken", "the study is broken"))
	_, err = h.field.Apply(ctx, h.clock.Now(), access.CommandLine(), folder, fieldwork.ApplyOptions{})
	must(err)
	accounts := account.New(h.store, keys)
	h.admin = rehearsal.Admin{BaseURL: base, Email: "admin@example.org", Password: "ett tillräckligt långt lösenord"}
	_, err = accounts.Add(ctx, h.clock.Now(), access.CommandLine(), key, access.Admin,
		account.Person{Name: "Astrid Exempel", Email: h.admin.Email, Password: h.admin.Password, Language: "sv"})
	must(err)
	h.handler, err = site.New(site.Deps{Fieldwork: h.field, Accounts: accounts, Release: release.New(h.store, keys, dir),
		Intake: intake.New(h.store, keys, identities), Sessions: store.NewSessionStore(h.store, h.clock.Now),
		Ready: func(context.Context) error { return nil }, Web: web.FS, BaseURL: base,
		Log: slog.New(slog.NewTextHandler(h.log, nil)), Now: h.clock.Now})
	must(err)
	return h
}

// rehearse lets people answer until a moment.
func (h *house) rehearse(t *testing.T, seed uint64, people int, until time.Time) *rehearsal.Report {
	t.Helper()
	done := 0
	r, err := rehearsal.Run(context.Background(), rehearsal.Config{Seed: seed, People: people, Study: smartFactory, Handler: h.handler,
		Clock: h.clock, Field: h.field, Actor: access.CommandLine(), Until: until, Admin: &h.admin, Progress: func(_ string, now, total int) {
			if now < done || now > total {
				t.Errorf("progress went from %d to %d of %d", done, now, total)
			}
			done = now
		}})
	if err != nil {
		t.Fatalf("%v\n%s", err, h.log)
	}
	if h.log.Len() > 0 {
		t.Errorf("the site complained:\n%s", h.log)
	}
	if len(r.GaveUp) > 0 {
		t.Errorf("somebody could not go on: %q", r.GaveUp)
	}
	return r
}

func (h *house) interviews(t *testing.T, wave int) []store.Interview {
	t.Helper()
	var all []store.Interview
	err := h.store.Read(context.Background(), func(tx *store.Tx) (err error) {
		all, err = tx.Interviews(smartFactory, wave)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b store.Interview) int { return a.StartedAt.Compare(b.StartedAt) })
	return all
}

// answers gives everything that was answered, in the order of the clock,
// without what is random by design: ids, labels, links, cookies.
func (h *house) answers(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for wave := 1; wave <= 4; wave++ {
		for _, in := range h.interviews(t, wave) {
			doc, err := in.Decoded()
			if err != nil {
				t.Fatal(err)
			}
			b.WriteString(in.Language + " " + in.StartedAt.String() + " " + in.SubmittedAt.String())
			for _, name := range slices.Sorted(maps.Keys(doc.Answers)) {
				b.WriteString("; " + name + "=" + doc.Answers[name])
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func TestSameSeedSameAnswers(t *testing.T) {
	t.Parallel()
	first, again, other := newHouse(t), newHouse(t), newHouse(t)
	first.rehearse(t, 7, 12, inWave2)
	again.rehearse(t, 7, 12, inWave2)
	other.rehearse(t, 8, 12, inWave2)
	if n := strings.Count(first.answers(t), "\n"); n < 15 {
		t.Fatalf("only %d interviews were begun", n)
	}
	if a, b := first.answers(t), again.answers(t); a != b {
		t.Errorf("the same seed gave other answers:\n%s\n\n%s", a, b)
	}
	if first.answers(t) == other.answers(t) {
		t.Error("another seed gave the same answers")
	}
}

func TestPanelOf36(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.rehearse(t, 1, 36, inWave4)
	t.Logf("%d requests, %d pages, %v simulated, waiting %v", r.Requests, r.Pages, r.Simulated, r.Waiting)
	for _, w := range r.Waves {
		t.Logf("%+v silent=%d", w, w.Silent())
	}
	if len(r.Never) > 0 {
		t.Errorf("nobody answered %q", r.Never)
	}
	h.countsAgree(t, r)
	h.nothingBreaksItsConstraint(t)
	if n := r.Waves[3].Submitted; n != r.Waves[3].Asked/2 {
		t.Errorf("%d of %d have answered wave 4, not half", n, r.Waves[3].Asked)
	}
	if len(r.Waiting) < 3 {
		t.Errorf("only %d people still have wave 4 before them", len(r.Waiting))
	}
}

// countsAgree compares the report with what the database holds.
func (h *house) countsAgree(t *testing.T, r *rehearsal.Report) {
	t.Helper()
	o, err := h.field.Overview(context.Background(), inWave4, access.CommandLine(), smartFactory)
	if err != nil {
		t.Fatal(err)
	}
	if o.Active+o.Left != r.People || o.Left != r.Withdrew || r.Withdrew != 1 {
		t.Errorf("%d active and %d left; the report says %d people of whom %d withdrew", o.Active, o.Left, r.People, r.Withdrew)
	}
	declined, paper := map[int]int{}, map[int]int{}
	for _, w := range o.Waves {
		for _, in := range h.interviews(t, w.Number) {
			if in.Mode == store.Paper {
				paper[w.Number]++
			}
		}
	}
	if paper[2] != 1 {
		t.Errorf("%d paper interviews in wave 2", paper[2])
	}
	if err := h.store.Read(context.Background(), func(tx *store.Tx) error {
		return tx.EachEvent(smartFactory, func(e store.Event) error {
			if panel.EventKind(e.Kind) == panel.Declined {
				declined[e.Wave]++
			}
			return nil
		})
	}); err != nil {
		t.Fatal(err)
	}
	for i, w := range o.Waves {
		got := r.Waves[i]
		if got.Started != w.Started || got.Submitted != w.Answered || got.BrokeOff != w.Started-w.Answered || got.Declined != declined[w.Number] || got.Asked != w.Invited || got.Paper != paper[w.Number] {
			t.Errorf("wave %d: the report says %+v, the database %d asked, %d started, %d submitted, %d declined",
				w.Number, got, w.Invited, w.Started, w.Answered, declined[w.Number])
		}
		if w.Number < 4 && (got.Submitted < 24 || got.BrokeOff == 0 || got.Declined == 0 || w.Number > 1 && got.Silent() == 0) {
			t.Errorf("wave %d does not look like a panel's: %+v", w.Number, got)
		}
	}
}

func TestRefusesWhatCannotBeRehearsed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, change := range map[string]func(*rehearsal.Config){
		"nobody":           func(c *rehearsal.Config) { c.People = 0 },
		"before the waves": func(c *rehearsal.Config) { c.Until = time.Date(2016, 5, 1, 0, 0, 0, 0, time.UTC) },
		"unknown study":    func(c *rehearsal.Config) { c.Study = "smart-office" },
	} {
		c := rehearsal.Config{Seed: 1, People: 2, Study: smartFactory, Handler: h.handler, Clock: h.clock, Field: h.field, Actor: access.CommandLine(), Until: inWave2}
		change(&c)
		if _, err := rehearsal.Run(context.Background(), c); err == nil {
			t.Errorf("%s: it ran", name)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := rehearsal.Config{Seed: 1, People: 4, Study: smartFactory, Handler: h.handler, Clock: h.clock, Field: h.field, Actor: access.CommandLine(), Until: inWave2,
		Progress: func(string, int, int) { cancel() }}
	if _, err := rehearsal.Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("a rehearsal that is stopped gives %v", err)
	}
}

// TestTellsOfASiteThatFails lets the site fail in the middle: the rehearsal
// stops with what went wrong.
func TestTellsOfASiteThatFails(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	requests := 0
	broken := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests++; requests > 30 {
			http.Error(w, "no", http.StatusInternalServerError)
			return
		}
		h.handler.ServeHTTP(w, r)
	})
	_, err := rehearsal.Run(context.Background(), rehearsal.Config{Seed: 1, People: 4, Study: smartFactory, Handler: broken, Clock: h.clock, Field: h.field,
		Actor: access.CommandLine(), Until: inWave2})
	if err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("it ended with %v", err)
	}
}

func (h *house) nothingBreaksItsConstraint(t *testing.T) {
	t.Helper()
	for wave := 1; wave <= 4; wave++ {
		for _, in := range h.interviews(t, wave) {
			logic, err := h.field.Questionnaire(context.Background(), access.CommandLine(), smartFactory, in.Questionnaire, in.Version)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := in.Decoded()
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range logic.Check(doc, in.LastAt) {
				t.Errorf("wave %d: %s=%q: %s", wave, p.Question.Name, doc.Answers[p.Question.Name], p.Code)
			}
			if in.LastAt.Before(in.StartedAt) || in.LastAt.After(inWave4) {
				t.Errorf("wave %d: an interview from %v to %v", wave, in.StartedAt, in.LastAt)
			}
		}
	}
}
