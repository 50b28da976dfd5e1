package main

import (
	"bufio"
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

type studyCommands struct {
	New   studyNewCommand   `cmd:"" help:"Write a small, commented study folder to begin with."`
	Check studyCheckCommand `cmd:"" help:"Check study folders and list every problem."`
	Apply studyApplyCommand `cmd:"" help:"Show what a study folder would change, and apply it."`
	List  studyListCommand  `cmd:"" help:"List the studies of the server and their waves."`
}

//go:embed template
var templates embed.FS

type studyNewCommand struct {
	StudyKey string `arg:"" name:"key" help:"The study's key: small letters, digits and -."`
	Out      string `help:"The new folder (default: KEY)." placeholder:"DIR"`
}

var studyKey = regexp.MustCompile(`^[a-z][a-z0-9]*([-_][a-z0-9]+)*$`)

// Run writes the folder; one that is there already is not touched. The waves
// lie half a year apart, the first on the Monday four weeks on.
func (n *studyNewCommand) Run(c *console) error {
	if !studyKey.MatchString(n.StudyKey) || len(n.StudyKey) > 40 {
		return usage("a study's key has up to 40 small letters and digits, with - or _ between words: my-study")
	}
	dir := n.Out
	if dir == "" {
		dir = n.StudyKey
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s is there already; nothing was written", dir))
	}
	type wave struct{ Key, Title, Opens, Closes string }
	values := struct {
		Key   string
		Waves []wave
	}{Key: n.StudyKey}
	monday := c.now().AddDate(0, 0, 28)
	for monday.Weekday() != time.Monday {
		monday = monday.AddDate(0, 0, 1)
	}
	for i := 1; i <= 2; i++ {
		values.Waves = append(values.Waves, wave{Key: fmt.Sprintf("w%d", i), Title: fmt.Sprintf("Wave %d", i),
			Opens: monday.Format(time.DateOnly) + " 08:00", Closes: monday.AddDate(0, 0, 20).Format(time.DateOnly) + " 23:59"})
		monday = monday.AddDate(0, 0, 26*7)
	}
	for from, to := range map[string]string{"study.yaml": "study.yaml", "core.v1.md": "core.v1.md", "consent.v1.en.md": "consent/consent.v1.en.md"} {
		text, err := templates.ReadFile("template/" + from)
		if err != nil {
			return err
		}
		if from == "study.yaml" {
			var b bytes.Buffer
			if err := template.Must(template.New(from).Parse(string(text))).Execute(&b, values); err != nil {
				return err
			}
			text = b.Bytes()
		}
		name := filepath.Join(dir, filepath.FromSlash(to))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // a study's files are no secret
			return err
		}
		if err := os.WriteFile(name, text, 0o644); err != nil { //nolint:gosec // a study's files are no secret
			return err
		}
		c.print("%s", name)
	}
	return nil
}

type studyCheckCommand struct {
	JSON bool     `name:"json" help:"Print one object a folder, one a line."`
	Dirs []string `arg:"" name:"dir" help:"Study folders."`
}

// Run checks each folder on its own.
func (s *studyCheckCommand) Run(c *console) error {
	failed := false
	for _, dir := range s.Dirs {
		folder, problems := loadStudy(dir)
		found := checked{File: dir, OK: folder != nil, Problems: problems}
		failed = failed || !found.OK
		if s.JSON {
			if found.Problems == nil {
				found.Problems = fault.Problems{}
			}
			if err := c.json(found); err != nil {
				return err
			}
			continue
		}
		if folder != nil {
			c.print("%s: in order, study %s, %s, %s", dir, folder.Study.Key,
				counted(len(folder.Study.Waves), "wave"), counted(len(folder.Versions), "questionnaire version"))
		} else {
			c.print("%s: %s", dir, counted(len(problems.Errors()), "problem"))
		}
		c.problems(c.print, problems)
	}
	if failed {
		return errListed
	}
	return nil
}

// loadStudy reads a folder with the warnings on what its questions become in
// data files: their names, once for all versions, and what a version does to
// the variables of the one before.
func loadStudy(dir string) (*study.Folder, fault.Problems) {
	folder, problems := study.Load(os.DirFS(dir), ".")
	if folder == nil {
		return nil, problems
	}
	_, texts := fieldwork.Texts(folder.Study, folder.Mail)
	problems = append(problems, texts...)
	if len(texts.Errors()) > 0 {
		return nil, problems
	}
	for _, clash := range folder.Study.Clashes() {
		problems.Warn(fault.Place{File: study.FileName, Field: "plan"}, clash.Code, "%s", clash)
	}
	told := map[string]bool{}
	in := dataset.Input{Study: folder.Study, Versions: map[dataset.Ref]*questionnaire.Questionnaire{}}
	for _, w := range folder.Study.Waves {
		in.Now = w.Closes // of the last one: all waves count
	}
	for _, v := range folder.Versions {
		in.Versions[dataset.Ref{Key: v.Key, Number: v.Number}] = v.Questionnaire
		for _, p := range dataset.CheckNames(v.Questionnaire) {
			if p.File = v.File; !told[p.Message] {
				told[p.Message] = true
				problems = append(problems, p)
			}
		}
	}
	for _, one := range folder.Decisions {
		in.Decisions = append(in.Decisions, dataset.Decision{Question: one.Question, To: dataset.Ref{Key: one.Questionnaire, Number: one.Version},
			Verdict: one.Verdict, Reason: one.Reason})
	}
	d, err := dataset.Build(in)
	if err != nil {
		return folder, problems // a wave without its version has been told
	}
	for _, note := range d.Notes {
		if note.Code != "renamed" { // CheckNames tells of names
			problems.Warn(fault.Place{}, note.Code, "%s", note.Message)
		}
	}
	return folder, problems
}

type studyApplyCommand struct {
	dataFlags
	Folder string `arg:"" name:"folder" help:"The study's folder." type:"existingdir"`
	DryRun bool   `help:"Only show what would change."`
	Yes    bool   `help:"Apply without asking."`
	Force  bool   `help:"Also over changes that were made on the pages since."`
}

// Run shows what would change, asks, and applies.
func (a *studyApplyCommand) Run(c *console) error {
	folder, problems := loadStudy(a.Folder)
	if folder == nil {
		return problems.Err("study_problems", "The study's folder has problems. Nothing was changed.")
	}
	c.problems(c.say, problems)
	return with(c, a.dataFlags, !a.DryRun, func(s *server) error {
		apply := func(dry bool) (*fieldwork.Difference, error) {
			return s.fieldwork.Apply(c.ctx, c.now(), access.CommandLine(), folder, fieldwork.ApplyOptions{DryRun: dry, Force: a.Force})
		}
		d, err := apply(true)
		if err != nil {
			return err
		}
		if len(d.Lines) == 0 {
			c.print("%s: nothing changes", folder.Study.Key)
			return nil
		}
		for _, line := range d.Lines {
			c.print("%s", line)
		}
		if a.DryRun {
			c.say("Nothing was changed: this was a dry run.")
			return nil
		}
		if !a.Yes {
			if err := c.confirm("Apply this?"); err != nil {
				return err
			}
		}
		if _, err := apply(false); err != nil {
			return err
		}
		c.say("Study %s is applied.", folder.Study.Key)
		return nil
	})
}

// confirm asks for a yes. Where nobody can answer it asks for --yes instead.
func (c *console) confirm(question string) error {
	if !terminal(c.in) {
		return usage("nobody can be asked here: give --yes")
	}
	_, _ = fmt.Fprintf(c.err, "%s [y/N] ", question)    // unheard, it is answered by no
	answer, _ := bufio.NewReader(c.in).ReadString('\n') // the end of the input is a no
	if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
		return errors.New("nothing was changed")
	}
	return nil
}

type studyListCommand struct {
	dataFlags
}

// Run lists each study with its waves.
func (l *studyListCommand) Run(c *console) error {
	return with(c, l.dataFlags, false, func(s *server) error {
		all, err := s.fieldwork.Studies(c.ctx, access.CommandLine())
		if err != nil {
			return err
		}
		rows := [][]string{{"STUDY", "WAVE", "STATE", "OPENS", "CLOSES", "QUESTIONNAIRE"}}
		for _, st := range all {
			for _, w := range st.Waves {
				rows = append(rows, []string{st.Key, w.Key, string(w.State(c.now())), w.Opens.In(st.TimeZone).Format(study.Layout),
					w.Closes.In(st.TimeZone).Format(study.Layout), fmt.Sprintf("%s v%d", w.Questionnaire, w.Version)})
			}
		}
		c.table(rows)
		return nil
	})
}
