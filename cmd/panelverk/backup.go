package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"panelverk/internal/db"
	"panelverk/internal/erasures"
	"panelverk/internal/fault"
	"panelverk/internal/keyfile"
	"panelverk/internal/store"
)

// The names of the two files of a backup. They are kept apart: neither is
// worth anything to somebody who must not join answers and identities.
const (
	panelBackup   = "panel.jsonl.gz"
	keyfileBackup = "keyfile.jsonl.gz"
)

type backupCommand struct {
	dataFlags
	Out string `required:"" help:"Folder to write into; the names hold the time." placeholder:"DIR"`
}

// Run writes both databases, each as of one moment, while a server goes on.
// The key file is written after the panel, so that every participant of the
// one has an identity in the other.
func (b *backupCommand) Run(c *console) error {
	return with(c, b.dataFlags, false, func(s *server) error {
		if err := os.MkdirAll(b.Out, 0o700); err != nil {
			return err
		}
		now := c.now()
		for _, part := range []struct {
			name string
			db   *db.DB
		}{{panelBackup, s.store.DB()}, {keyfileBackup, s.identities.DB()}} {
			name := filepath.Join(b.Out, now.UTC().Format("20060102T150405Z-")+part.name)
			if err := writeFile(name, func(w io.Writer) error { return dump(c.ctx, part.db, w, now) }); err != nil {
				return err
			}
			c.print("%s", name)
		}
		c.say("The key is not in the backup: %s", s.flags.Key)
		c.say("Keep a copy of it apart from both files. Without it no link works and no identity can be read.")
		c.say("Nor is the list of erasures, which a restore needs: copy %s as often as it grows, and never put an older one in its place.", s.flags.Erasures)
		return nil
	})
}

func dump(ctx context.Context, d *db.DB, w io.Writer, now time.Time) error {
	zip := gzip.NewWriter(w)
	if err := d.Dump(ctx, zip, now); err != nil {
		return err
	}
	return zip.Close()
}

type restoreCommand struct {
	dataFlags
	Panel           string `required:"" help:"The backup of the panel (…-panel.jsonl.gz)." type:"existingfile" placeholder:"FILE"`
	WithoutErasures bool   `name:"without-erasures" help:"Restore although the list of erasures is lost: who was erased since the backup comes back."`

	Keyfile string `required:"" name:"keyfile" help:"The backup of the key file (…-keyfile.jsonl.gz)." type:"existingfile" placeholder:"FILE"`
}

// Run reads both files into databases that are empty or not there. Both are
// read to their end first, so that a damaged one changes nothing.
func (r *restoreCommand) Run(c *console) error {
	f, err := r.fill()
	if err != nil {
		return err
	}
	if _, err := os.Stat(f.Key); err != nil {
		return fmt.Errorf("the key %s is missing: put the one that the backup was made under there, or name it with --key", f.Key)
	}
	if err := r.listed(f); err != nil {
		return err
	}
	for _, name := range []string{r.Panel, r.Keyfile} {
		if err := unzipped(name, db.Check); err != nil {
			c.say("%s:", name)
			return err
		}
	}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return err
	}
	before := []bool{exists(f.DB), exists(f.KeyfileDB)}
	if err := r.load(c.ctx, f); err != nil {
		// What this run made goes again: half a restore must not pass for one.
		for i, dsn := range []string{f.DB, f.KeyfileDB} {
			if !before[i] {
				err = errors.Join(err, removeDatabase(dsn))
			}
		}
		return err
	}
	// Whatever stops this, the next start does it.
	if err := r.replay(c, f); err != nil {
		return fmt.Errorf("the backup is restored, and those who were erased are not erased again: run panelverk serve before anything else: %w", err)
	}
	c.print("restored: %s and %s", shown(f.DB), shown(f.KeyfileDB))
	check := fmt.Sprintf("panelverk doctor --dir %s --key %s", f.Dir, f.Key)
	if r.DB != "" || r.KeyfileDB != "" {
		check += fmt.Sprintf(" --db %s --keyfile-db %s", shown(f.DB), shown(f.KeyfileDB))
	}
	c.say("Check it with: %s", check)
	return nil
}

// listed refuses to restore without the list of erasures, which is the one
// thing that knows who has to be erased again.
func (r *restoreCommand) listed(f dataFlags) error {
	_, err := os.Stat(f.Erasures)
	if errors.Is(err, fs.ErrNotExist) && !r.WithoutErasures {
		return fmt.Errorf("the list of erasures %s is missing. Without it whoever was erased since the backup was made comes back. "+
			"Put it there, or name it with --erasures FILE. If it is lost, say so with --without-erasures", f.Erasures)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// replay erases again whom the list names, and keeps the list where the
// restored server will look for it.
func (r *restoreCommand) replay(c *console, f dataFlags) error {
	own := filepath.Join(f.Dir, "erasures.log")
	if r.Erasures != "" && filepath.Clean(r.Erasures) != filepath.Clean(own) {
		if err := copyErasures(r.Erasures, own); err != nil {
			return err
		}
	}
	return with(c, r.dataFlags, false, func(s *server) error {
		done, err := s.fieldwork.Replay(c.ctx, c.now())
		if err != nil {
			return err
		}
		c.say("%d persons are on the list of erasures; %d of them were in the backup and were erased again.", done.Listed, done.Erased)
		return nil
	})
}

// copyErasures adds what is on one list to another.
func copyErasures(from, to string) error {
	source, err := erasures.Open(from, true)
	if err != nil {
		return err
	}
	all, err := source.All()
	if err != nil {
		return err
	}
	target, err := erasures.Open(to, true)
	if err != nil {
		return err
	}
	return target.Add(all...)
}

// load reads both backups into their databases.
func (r *restoreCommand) load(ctx context.Context, f dataFlags) error {
	panel, err := store.Open(ctx, f.DB)
	if err != nil {
		return err
	}
	key, err := db.Open(ctx, f.KeyfileDB, keyfile.Migrations, keyfile.MigrationsDir)
	if err != nil {
		return errors.Join(err, panel.Close())
	}
	err = unzipped(r.Panel, func(in io.Reader) error { return panel.DB().Load(ctx, in) })
	if err == nil {
		err = unzipped(r.Keyfile, func(in io.Reader) error { return key.Load(ctx, in) })
	}
	return errors.Join(err, panel.Close(), key.Close())
}

// removeDatabase removes the files of a SQLite database.
func removeDatabase(dsn string) error {
	file := strings.TrimPrefix(dsn, "sqlite:")
	var errs []error
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(file + suffix); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// unzipped hands the content of a gzip file to do.
func unzipped(name string, do func(io.Reader) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	zip, err := gzip.NewReader(f)
	if err != nil {
		err = fault.New(fault.Invalid, "backup_unknown", "This is not a backup of Panelverk.").Because(err)
	} else {
		err = do(zip)
	}
	return errors.Join(err, f.Close())
}
