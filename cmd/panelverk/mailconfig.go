package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"

	"panelverk/internal/fieldwork"
	"panelverk/internal/mail"
)

// mailFlags say where the settings for sending messages are.
type mailFlags struct {
	Mail string `help:"Settings for e-mail and SMS (default: DIR/mail.yaml; README.md says what stands there)." placeholder:"FILE"`
}

func (f mailFlags) file(dir string) string {
	if f.Mail == "" {
		return filepath.Join(dir, "mail.yaml")
	}
	return f.Mail
}

// mailConfig reads the settings for sending. found is false where there is no
// file and none was named. open tells that others on this machine can read it.
func mailConfig(f mailFlags, dir string) (c mail.Config, found, open bool, err error) {
	name := f.file(dir)
	source, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && f.Mail == "" {
		return c, false, false, nil
	}
	if err != nil {
		return c, false, false, fmt.Errorf("the settings for sending messages: %w", err)
	}
	if info, err := os.Stat(name); err == nil {
		open = info.Mode().Perm()&0o077 != 0
	}
	c, problems := mail.ReadConfig(name, source, os.ReadFile)
	return c, true, open, problems.Err("mail_settings", "The settings for sending messages have problems.")
}

// The reasons why a server sends nothing, for page texts.
const (
	silentNoFile = "no_file"    // there is no mail.yaml
	silentLocal  = "local_base" // links would lead to this machine alone
)

// sending is how the messages of a server leave it.
type sending struct {
	post    fieldwork.Post
	silence string // why nothing is sent by itself, "" where it is
	server  string // the mail server's name, for people
	gateway string // the SMS gateway's
	maildir mail.Maildir
	bounce  string // the return address without a token
	workers int
	close   func()
}

// outbox is the folder that messages are written into while things are tried out.
const outbox = "outbox"

// sendingBy prepares what a mail.yaml says. With dev and without the file,
// messages are written into DIR/outbox. Without dev nothing is sent while links
// begin with an address that leads to the reader's own machine.
func sendingBy(c mail.Config, found bool, dir, baseURL string, dev bool) (*sending, error) {
	s := &sending{close: func() {}, workers: 1, bounce: c.Sender.Bounce, maildir: mail.Maildir{Dir: c.Maildir}}
	host := "localhost"
	if u, err := url.Parse(baseURL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	s.post.Domain = host
	if net.ParseIP(host) != nil {
		s.post.Domain = "panelverk.local" // the part of a Message-ID after the @ is a name
	}
	switch {
	case !found && dev:
		letterhead := mail.Letterhead{FromName: "Panelverk", From: "panelverk@example.org", Bounce: "bounces@example.org"}
		folder := mail.Folder{Dir: filepath.Join(dir, outbox), Letterhead: letterhead}
		s.post.Mail, s.post.SMS, s.server, s.gateway = folder, folder, outbox, outbox
		return s, nil
	case !found:
		s.silence = silentNoFile
		return s, nil
	case isLocal(host) && !dev:
		s.silence = silentLocal
	}
	if c.SMTP != nil {
		smtp, err := mail.NewSMTP(*c.SMTP)
		if err != nil {
			return nil, err
		}
		s.post.Mail, s.server, s.close, s.workers = smtp, smtp.Host(), smtp.Close, max(c.SMTP.Connections, 1)
	}
	if c.SMS != nil {
		gateway, err := mail.NewGateway(*c.SMS)
		if err != nil {
			return nil, err
		}
		s.post.SMS, s.gateway = gateway, gateway.Host()
	}
	return s, nil
}

// isLocal tells whether a host is the machine of whoever follows a link to it.
func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}
