package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"panelverk/internal/fault"
	"panelverk/internal/keyfile"
	"panelverk/internal/lang"
	"panelverk/internal/mail"
	"panelverk/internal/store"
)

type doctorCommand struct {
	dataFlags
	mailFlags
}

// Run says of each part whether it is in order. All parts are looked at.
func (d *doctorCommand) Run(c *console) error {
	s, err := open(c.ctx, d.dataFlags, "", false)
	if err != nil {
		return err
	}
	ill := 0
	look := func(what string, find func() (string, error)) {
		found, err := find()
		if err != nil {
			ill++
			c.print("✗ %s: %v", what, err)
			return
		}
		c.print("✓ %s: %s", what, found)
	}
	look("panel database", func() (string, error) { return s.panel(c) })
	look("key file and key", func() (string, error) { return s.opened(c) })
	look("audit", func() (string, error) {
		return "the chain is whole", s.store.Read(c.ctx, func(tx *store.Tx) error { return tx.VerifyAudit() })
	})
	look("data directory", s.writable)
	look("key", func() (string, error) {
		info, err := os.Stat(s.flags.Key)
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			err = fmt.Errorf("%s can be read by others: chmod 600", s.flags.Key)
		}
		return s.flags.Key + ", outside the data directory", err
	})
	look("sending messages", d.sending)
	look("translations", translations)
	if err := s.close(); err != nil {
		return err
	}
	if ill > 0 {
		return fmt.Errorf("%d parts are not in order", ill)
	}
	return nil
}

// translations tells which languages of the pages and messages no speaker has
// read yet. Waiting for one is no illness.
func translations() (string, error) {
	var waiting []string
	for _, r := range append(lang.Reviews(), mail.Reviews()...) {
		if r.Awaits() && !slices.Contains(waiting, r.Tag) {
			waiting = append(waiting, r.Tag)
		}
	}
	if waiting == nil {
		return "read by speakers of each language", nil
	}
	return "awaiting a speaker's review: " + strings.Join(waiting, ", ") + " (see the README)", nil
}

// sending tells whether the settings for sending are there and right.
func (d *doctorCommand) sending() (string, error) {
	c, found, others, err := mailConfig(d.mailFlags, d.Dir)
	name := d.file(d.Dir)
	var e *fault.Error
	switch {
	case errors.As(err, &e) && len(e.Problems) > 0:
		text := e.Message
		for _, p := range e.Problems {
			text += "\n  " + p.String()
		}
		return "", errors.New(text)
	case err != nil:
		return "", err
	case !found:
		return "nothing is sent: there is no " + name, nil
	case others:
		return "", fmt.Errorf("%s can be read by others and holds passwords: chmod 600", name)
	}
	ways := "no e-mail"
	if c.SMTP != nil {
		ways = "e-mail through " + c.SMTP.Host
	}
	if c.SMS != nil {
		ways += ", SMS"
	}
	if c.Maildir != "" {
		if _, err := os.Stat(filepath.Join(c.Maildir, "new")); err != nil {
			return "", fmt.Errorf("the folder for returned messages: %w", err)
		}
	}
	return name + ", " + ways, nil
}

// panel counts what the panel database holds.
func (s *server) panel(c *console) (string, error) {
	studies, people := 0, 0
	err := s.store.Read(c.ctx, func(tx *store.Tx) error {
		all, err := tx.Studies()
		if err != nil {
			return err
		}
		studies = len(all)
		for _, st := range all {
			err = errors.Join(err, tx.EachParticipant(st.Key, func(store.Participant) error { people++; return nil }))
		}
		return err
	})
	return fmt.Sprintf("%s, %d studies, %d participants", s.store.DB().Engine(), studies, people), err
}

// opened opens the seal of every identity: with another key none opens.
func (s *server) opened(c *console) (string, error) {
	identities := 0
	err := s.store.Read(c.ctx, func(tx *store.Tx) error {
		all, err := tx.Studies()
		for _, st := range all {
			err = errors.Join(err, s.identities.Each(c.ctx, st.Key, func(keyfile.Identity) error { identities++; return nil }))
		}
		return err
	})
	return fmt.Sprintf("%s, %d identities open with the key", s.identities.DB().Engine(), identities), err
}

// writable tries the disk with a megabyte.
func (s *server) writable() (string, error) {
	f, err := os.CreateTemp(s.tmp(), "doctor-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(make([]byte, 1<<20))
	err = errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
	abs, _ := filepath.Abs(s.flags.Dir) // fails only where the working directory is gone
	return abs + " can be written", err
}
