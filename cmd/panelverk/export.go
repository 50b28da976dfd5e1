package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/release"
	"panelverk/internal/study"
)

type exportCommand struct {
	dataFlags
	Study    string   `required:"" help:"The study's key." placeholder:"S"`
	Format   []string `help:"File formats, parted by commas: xlsx, csv (with programs for R, SPSS, Stata and Python), sav, dta, parquet. Without any those of the profile, else xlsx." enum:"xlsx,csv,sav,dta,parquet" placeholder:"xlsx"`
	Profile  string   `help:"How the data are cut: the name of a profile, or its file. Without one everything is written." placeholder:"P"`
	Out      string   `help:"Folder to write into." default:"exports/out" placeholder:"DIR"`
	Language string   `name:"language" help:"Language of labels and documentation: sv, en, de, sr-Latn, sr-Cyrl, uk or sw; a profile says its own." default:"en" enum:"sv,en,de,sr-Latn,sr-Cyrl,uk,sw" placeholder:"TAG"`
}

// Run writes STUDY.xlsx, and a file for each table in every other format.
func (e *exportCommand) Run(c *console) error {
	order := release.Order{Study: e.Study, Language: e.Language}
	for _, format := range e.Format {
		order.Formats = append(order.Formats, study.Format(format))
	}
	return with(c, e.dataFlags, false, func(s *server) error {
		switch {
		case e.Profile != "":
			p, err := profile(c, s, e.Study, e.Profile)
			if err != nil {
				return err
			}
			order.Profile = p.Profile
		case len(order.Formats) == 0:
			order.Formats = []study.Format{study.XLSX}
		}
		if err := os.MkdirAll(e.Out, 0o700); err != nil {
			return err
		}
		step, end := c.files("Exporting " + e.Study)
		var wrote []string // named once the bar is gone
		report, err := s.release.Files(c.ctx, c.now(), access.CommandLine(), order, func(name string, write func(io.Writer) error) error {
			name = filepath.Join(e.Out, filepath.Base(name))
			if err := writeFile(name, write); err != nil {
				return err
			}
			wrote = append(wrote, name)
			return nil
		}, step)
		end()
		for _, name := range wrote {
			c.print("%s", name)
		}
		if err != nil {
			return err
		}
		c.risk(report)
		c.say("The files hold answers of persons under pseudonyms: personal data. Keep them as such.")
		return nil
	})
}

// risk tells of the risk of what was written under a profile; nothing without one.
func (c *console) risk(r *release.Report) {
	if r == nil {
		return
	}
	c.say("%d persons, each like %d others at least; %d values suppressed, %d persons left out. It is an indicator: colleagues know answers.",
		r.Persons, max(r.After.K-1, 0), r.Suppressed, r.LeftOut)
	if t := r.Texts; t != nil {
		c.say("%d of %d free texts leave; %d are unread (−10), %d were withheld.", t.Leave(), t.All, t.Unread(), t.Withheld)
	}
}

// profile gives a profile by its name, or of a file of one's own. It fails with every
// offence of such a file, those against the study among them.
func profile(c *console, s *server, studyKey, name string) (*release.Profile, error) {
	if !strings.ContainsAny(name, "./\\") {
		return s.release.Profile(c.ctx, access.CommandLine(), studyKey, name)
	}
	source, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	p, err := s.release.CheckProfile(c.ctx, c.now(), access.CommandLine(), studyKey, filepath.Base(name), source)
	return &release.Profile{Profile: p, Source: source}, err
}

// writeFile writes a file of mode 0600 and puts it in place only once it is
// whole and on the disk: what stood there before stays until then.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+strings.TrimPrefix(filepath.Base(name), ".")+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // after the rename there is nothing to remove
	buffered := bufio.NewWriterSize(f, 1<<16)
	err = write(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("%s was not written: %w", name, err)
	}
	return nil
}
