package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/release"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

type releaseCommands struct {
	Build  releaseBuild  `cmd:"" help:"Freeze a release: its package is made, stored, and written into a folder."`
	Verify releaseVerify `cmd:"" help:"Hold releases against their checksums, and make them anew; or a package that somebody has against its own."`
	List   releaseList   `cmd:"" help:"List the releases of a study."`
}

type releaseBuild struct {
	dataFlags
	Study   string `required:"" help:"The study's key." placeholder:"S"`
	Profile string `required:"" help:"How the data are cut: the name of a profile, or its file." placeholder:"P"`
	Who     string `required:"" help:"Who will have the data." placeholder:"WORDS"`
	Country string `required:"" help:"The country where they will be, two letters." placeholder:"SE"`
	Basis   string `help:"Outside the European Economic Area: what the transfer rests on: adequacy, clauses, consent, other." enum:",adequacy,clauses,consent,other" default:"" placeholder:"BASIS"`
	Purpose string `required:"" help:"What the data will be used for." placeholder:"WORDS"`
	Reason  string `help:"Why the restricted tier is let out although fewer than three persons are alike." placeholder:"WORDS"`
	Out     string `help:"Folder to write into." default:"exports/out" placeholder:"DIR"`
}

// Run asks for a release and approves it, as the server's operator, and makes it. Where
// the tier is missed nothing is asked for.
func (r *releaseBuild) Run(c *console) error {
	return with(c, r.dataFlags, false, func(s *server) error {
		p, err := profile(c, s, r.Study, r.Profile)
		if err != nil {
			return err
		}
		if err := writable(r.Out); err != nil { // before anything is frozen
			return err
		}
		actor := access.CommandLine()
		number, err := s.release.Request(c.ctx, c.now(), actor, release.NewRelease{Study: r.Study, Source: string(p.Source), Who: r.Who, Country: r.Country,
			Basis: r.Basis, Purpose: r.Purpose, Promise: true, Approve: true, Reason: r.Reason})
		if err != nil {
			return err
		}
		if err := s.freezeNow(c, r.Study, number); err != nil {
			return err
		}
		name := filepath.Join(r.Out, fmt.Sprintf("%s-release-%d.zip", filepath.Base(r.Study), number))
		if err := writeFile(name, func(w io.Writer) error {
			return s.release.Download(c.ctx, c.now(), actor, r.Study, number, w)
		}); err != nil {
			return err
		}
		c.print("%s", name)
		report, err := s.release.Review(c.ctx, c.now(), actor, r.Study, number)
		if err != nil {
			return err
		}
		c.risk(report)
		c.say("The files hold answers of persons under pseudonyms: personal data. Keep them as such.")
		return nil
	})
}

// writable makes a folder, and fails where no file can be made in it.
func writable(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// freezeNow makes an approved release, and those that were approved before it. Where a
// server has it in hand it waits for that one.
func (s *server) freezeNow(c *console, study string, number int) error {
	step, end := c.files(fmt.Sprintf("Freezing release %d of %s", number, study))
	defer end()
	worker := secret.NewID()
	for {
		did, err := s.release.Freeze(c.ctx, c.now, worker, step)
		one, missing := s.release.Release(context.WithoutCancel(c.ctx), access.CommandLine(), study, number)
		switch err := cmp.Or(err, missing); {
		case err != nil && one.State == store.ReleaseRequested:
			return fmt.Errorf("release %d was not made, and waits for a decision again: %w", number, err)
		case err != nil:
			return fmt.Errorf("release %d was approved and is not frozen: %w", number, err)
		case one.State == store.ReleaseFrozen:
			return nil
		case one.State == store.ReleaseRequested:
			return fmt.Errorf("release %d was not made (%s), and waits for a decision again", number, one.Freezing.Failure)
		case did: // another one, which came before
			continue
		}
		if step != nil {
			step(one.Freezing.Step, one.Freezing.Done, one.Freezing.Total)
		}
		select {
		case <-c.ctx.Done():
			return c.ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

type releaseVerify struct {
	dataFlags
	Study string   `help:"The study's key." placeholder:"S"`
	What  []string `arg:"" optional:"" help:"Numbers of releases of the study, all without any; or packages that somebody has (FILE.zip), for which neither study nor data directory is needed." placeholder:"N"`
}

// Run says of each release what holds, and fails where one does not.
func (r *releaseVerify) Run(c *console) error {
	var numbers []int
	var files []string
	for _, one := range r.What {
		if n, err := strconv.Atoi(one); err == nil {
			numbers = append(numbers, n)
		} else {
			files = append(files, one)
		}
	}
	failed := false
	for _, name := range files {
		err := c.checkBag(name)
		if damaged := fault.Of(err); err != nil && damaged.Kind == fault.Invalid {
			c.say("%s: %s", name, damaged.Message)
			c.problems(c.say, damaged.Problems)
			failed = true
		} else if err != nil {
			return err
		}
	}
	if len(files) > 0 && len(numbers) == 0 {
		if failed {
			return errListed
		}
		return nil
	}
	if r.Study == "" {
		return usage("Give --study S for releases of the server, or the FILE.zip of a package.")
	}
	return with(c, r.dataFlags, false, func(s *server) error {
		all, err := s.releasesOf(c, r.Study, numbers)
		if err != nil {
			return err
		}
		for _, one := range all {
			if one.State != store.ReleaseFrozen {
				c.print("release %d: %s, so there is no package", one.Number, one.State)
				continue
			}
			step, end := c.files(fmt.Sprintf("Making release %d anew", one.Number))
			v, err := s.release.Verify(c.ctx, one, step)
			end()
			if err != nil {
				return err
			}
			c.print("release %d: %s", one.Number, verdict(v))
			for _, id := range v.Purge {
				c.print("release %d: to be deleted by its recipient: %s", one.Number, id)
			}
			failed = failed || !v.OK()
		}
		if failed {
			return errListed
		}
		return nil
	})
}

// checkBag holds a package against its own manifests.
func (c *console) checkBag(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	bag, err := release.CheckBag(f, info.Size())
	if err != nil {
		return err
	}
	c.print("%s: whole, %d files are as %s was made; the content is %s", name, bag.Files, bag.Name, bag.Content)
	return nil
}

func verdict(v release.Verdict) string {
	content := ", content " + v.Release.Content
	switch {
	case v.Taken:
		return "somebody in it was erased, so its files were taken away; the copies that were handed out are its recipient's to mend"
	case !v.Stored:
		return "DAMAGED: the stored bytes have another checksum than " + v.Release.Digest
	case v.Same:
		return "whole, and the same bytes when made anew: " + v.Release.Digest + content
	case v.Content:
		return "whole, and the same content when made anew by " + v.Build + " (it was made by " + v.Release.Build + ")" + content
	case v.Erased+v.Merged > 0:
		return fmt.Sprintf("whole, and not to be made anew: since it was frozen %d persons of the study were erased, and %d turned out to be others", v.Erased, v.Merged) + content
	case v.Why != "":
		return "whole, but it cannot be made anew: " + v.Why
	}
	return "whole, but made anew it holds something else" + content
}

// releasesOf gives the releases of those numbers, or all.
func (s *server) releasesOf(c *console, study string, numbers []int) ([]store.Release, error) {
	if len(numbers) == 0 {
		all, err := s.release.Releases(c.ctx, access.CommandLine(), study)
		if err != nil {
			return nil, err
		}
		for _, one := range all {
			numbers = append(numbers, one.Number)
		}
	}
	var out []store.Release
	for _, n := range numbers {
		one, err := s.release.Release(c.ctx, access.CommandLine(), study, n)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

type releaseList struct {
	dataFlags
	Study string `required:"" help:"The study's key." placeholder:"S"`
}

// Run lists the releases, the newest first.
func (r *releaseList) Run(c *console) error {
	return with(c, r.dataFlags, false, func(s *server) error {
		all, err := s.release.Releases(c.ctx, access.CommandLine(), r.Study)
		if err != nil {
			return err
		}
		rows := [][]string{{"number", "state", "profile", "for", "country", "day", "bytes", "sha256"}}
		for _, one := range all {
			state, at := string(one.State), one.DecidedAt
			if !one.TakenAt.IsZero() {
				state = "taken away"
			}
			if at.IsZero() {
				at = one.RequestedAt
			}
			rows = append(rows, []string{strconv.Itoa(one.Number), state, one.Profile, one.Who, one.Country, at.Format("2006-01-02"), strconv.FormatInt(one.Size, 10), one.Digest})
		}
		c.table(rows)
		return nil
	})
}
