package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/rehearsal"
	"panelverk/internal/study"
	"panelverk/surveys"
)

type rehearseCommand struct {
	Study     string `arg:"" optional:"" help:"A built-in study, or a study's folder." placeholder:"STUDY"`
	All       bool   `help:"Each of the built-in studies."`
	Seed      uint64 `help:"Another seed gives another panel; the same gives the same." default:"1" placeholder:"N"`
	People    int    `help:"How many people take part." default:"36" placeholder:"N"`
	Out       string `help:"Directory for the results, one folder a study; what a rehearsal before left there is replaced." default:"./rehearsal" placeholder:"DIR"`
	Behaviour string `help:"YAML file of what people do: see surveys/README.md." placeholder:"FILE"`
}

const (
	rehearsalMarker = "rehearsal.txt"
	rehearsalBase   = "https://panel.example.org" // a name for documentation
)

// rehearsalMade is all that a rehearsal puts into a study's folder, and all that
// the next one removes.
var rehearsalMade = []string{"data", "data.key", "mail", "report.html", "report.txt", rehearsalMarker}

var errUnexpected = errors.New("something unexpected happened: the report tells what")

// Run rehearses the studies one after the other.
func (r *rehearseCommand) Run(c *console) error {
	if r.People < 1 || r.People > maxPeople {
		return usage(fmt.Sprintf("--people takes 1 to %d.", maxPeople))
	}
	if r.All == (r.Study != "") {
		return usage("name one study, or give --all.")
	}
	behaviour := rehearsal.Usual()
	if r.Behaviour != "" {
		data, err := os.ReadFile(r.Behaviour)
		if err != nil {
			return err
		}
		if behaviour, err = rehearsal.ParseBehaviour(data); err != nil {
			return err
		}
	}
	folders, err := r.folders()
	if err != nil {
		return err
	}
	var failed error
	for _, f := range folders {
		report, err := r.one(c, f, &behaviour)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Study.Key, err)
		}
		if report.Unexpected() {
			failed = errUnexpected
		}
	}
	return failed
}

// folders reads the studies that are meant.
func (r *rehearseCommand) folders() ([]*study.Folder, error) {
	from, names := fs.FS(surveys.FS), []string{r.Study}
	if r.All {
		entries, err := fs.ReadDir(from, ".")
		if err != nil {
			return nil, err
		}
		names = nil
		for _, e := range entries {
			names = append(names, e.Name())
		}
	} else if _, err := fs.Stat(from, r.Study); err != nil {
		if _, err := os.Stat(filepath.Join(r.Study, "study.yaml")); err != nil {
			return nil, usage(r.Study + " is no built-in study, and no folder with a study.yaml.")
		}
		from, names = os.DirFS(r.Study), []string{"."}
	}
	var out []*study.Folder
	var all fault.Problems
	for _, name := range names {
		folder, problems := study.Load(from, name)
		if folder == nil {
			all = append(all, problems...)
			continue
		}
		out = append(out, folder)
	}
	return out, all.Err("study_problems", "The study's folder has problems.")
}

// fresh gives the folder of a study's rehearsal, emptied of the one before. A
// folder that holds anything else is left alone: no panel in use is touched.
func (r *rehearseCommand) fresh(key string) (string, error) {
	dir := filepath.Join(r.Out, key)
	for _, d := range []string{r.Out, dir} {
		for _, name := range []string{"panel.db", "keyfile.db"} {
			if _, err := os.Lstat(filepath.Join(d, name)); !errors.Is(err, fs.ErrNotExist) {
				return "", errors.Join(fmt.Errorf("%s holds a panel (%s), which a rehearsal does not touch. Give --out a new directory", d, name), err)
			}
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if marked := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == rehearsalMarker }); len(entries) > 0 && !marked {
		return "", fmt.Errorf("%s is not empty, and no rehearsal made it. Give --out a new directory", dir)
	}
	for _, name := range rehearsalMade {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return dir, os.WriteFile(filepath.Join(dir, rehearsalMarker), []byte("This folder was made by panelverk rehearse. The next rehearsal replaces what is in it.\n"), 0o600)
}

// one rehearses a study, in databases of its own and under a key of its own.
func (r *rehearseCommand) one(c *console, folder *study.Folder, behaviour *rehearsal.Behaviour) (report *rehearsal.Report, err error) {
	began := c.now()
	dir, err := r.fresh(folder.Study.Key)
	if err != nil {
		return nil, err
	}
	if len(folder.Study.Waves) == 0 {
		return nil, fault.New(fault.Invalid, "nothing_to_rehearse", "The study has no waves.")
	}
	s, err := open(c.ctx, dataFlags{Dir: filepath.Join(dir, "data")}, rehearsalBase, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	clock := rehearsal.NewClock(folder.Study.Waves[0].Opens.Add(-demoBefore))
	if _, err := s.fieldwork.Apply(c.ctx, clock.Now(), access.CommandLine(), folder, fieldwork.ApplyOptions{}); err != nil {
		return nil, err
	}
	admin := login{role: access.Admin, study: folder.Study.Key, name: "Admin", email: "admin@example.org"}
	if err := addStaff(c.ctx, s, clock.Now(), &admin); err != nil {
		return nil, err
	}
	then := *c
	then.now = clock.Now
	complaints := &lines{}
	handler, err := s.site(&then, slog.New(slog.NewTextHandler(complaints, &slog.HandlerOptions{Level: slog.LevelError})), false)
	if err != nil {
		return nil, err
	}
	c.say("%d made-up people answer %s, from %s on.", r.People, folder.Study.Key, clock.Now().Format(time.DateOnly))
	step, end := c.progress("Answering")
	report, err = rehearsal.Run(c.ctx, rehearsal.Config{
		Seed: r.Seed, People: r.People, Study: folder.Study.Key, Handler: handler, Clock: clock, Field: s.fieldwork, Actor: access.CommandLine(),
		Behaviour: behaviour, Store: s.store, BaseURL: s.baseURL, Mail: filepath.Join(dir, "mail"), Patient: true,
		Admin:    &rehearsal.Admin{BaseURL: s.baseURL, Email: admin.email, Password: admin.password},
		Progress: func(_ string, done, total int) { step(done, total) },
	})
	end()
	if err != nil {
		return nil, err
	}
	if complaints.n > 0 {
		report.Problems = append(report.Problems, fmt.Sprintf("The site logged %d errors, the first: %s", complaints.n, complaints.first))
	}
	return report, r.results(c, s, dir, folder.Study.Key, clock.Now(), report, began)
}

// results writes the exports and the report.
func (r *rehearseCommand) results(c *console, s *server, dir, key string, now time.Time, report *rehearsal.Report, began time.Time) error {
	workbook := filepath.Join(dir, "data", key+".xlsx")
	err := writeFile(workbook, func(w io.Writer) error {
		return s.release.Workbook(c.ctx, now, access.CommandLine(), key, "en", w, nil)
	})
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, "report.html"), report.HTML); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, "report.txt"), report.Text); err != nil {
		return err
	}
	if err := report.Text(c.out); err != nil {
		return err
	}
	c.say("The report is %s, the workbook %s. Made in %.1f seconds.", filepath.Join(dir, "report.html"), workbook, c.now().Sub(began).Seconds())
	return nil
}

// lines counts the lines that are written to it, and keeps the first.
type lines struct {
	n     int
	first string
}

// Write is io.Writer's: a log writes a line at a time.
func (l *lines) Write(p []byte) (int, error) {
	if l.n++; l.n == 1 {
		l.first = string(p)
	}
	return len(p), nil
}
