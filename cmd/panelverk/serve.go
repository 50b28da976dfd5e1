package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"panelverk/internal/site"
	"panelverk/internal/store"
	"panelverk/web"
)

type serveCommand struct {
	dataFlags
	mailFlags
	Listen  string `help:"Address to listen on." default:"127.0.0.1:8080" placeholder:"ADDR"`
	BaseURL string `name:"base-url" help:"How links begin: the address people see (default: http:// and the address listened on)." placeholder:"URL"`
	Dev     bool   `help:"Read templates and static files from ./web for each request; without settings for e-mail, write messages into DIR/outbox."`

	PostEvery time.Duration `name:"post-every" help:"How often to look for messages that are due." default:"30s" placeholder:"TIME"`
}

// How long a request may take: a phone in a poor network sends slowly, and a
// workbook takes its time to write.
const (
	readHeaderTime = 10 * time.Second
	readTime       = 10 * time.Minute
	writeTime      = 10 * time.Minute
	idleTime       = 2 * time.Minute
	shutdownTime   = 20 * time.Second
)

// Run serves until it is told to stop, and lets open requests finish.
func (v *serveCommand) Run(c *console) error {
	listener, err := (&net.ListenConfig{}).Listen(c.ctx, "tcp", v.Listen)
	if err != nil {
		return err
	}
	base := v.BaseURL
	if base == "" {
		base = "http://" + listener.Addr().String()
	}
	if v.PostEvery < time.Second {
		return errors.Join(usage("--post-every takes a time from 1s."), listener.Close())
	}
	config, found, others, err := mailConfig(v.mailFlags, v.Dir)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if others {
		c.say("%s can be read by others and holds passwords: chmod 600", v.file(v.Dir))
	}
	s, err := open(c.ctx, v.dataFlags, base, true)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if s.sending, err = sendingBy(config, found, s.flags.Dir, s.baseURL, v.Dev); err != nil {
		return errors.Join(err, listener.Close(), s.close())
	}
	sends := s.sending.silence == ""
	s.fieldwork.Reaches(sends && s.sending.post.Mail != nil, sends && s.sending.post.SMS != nil)
	s.postEvery = v.PostEvery
	return errors.Join(s.serve(c, listener, v.Dev), s.close())
}

// serve prepares the server and answers requests until c.ctx ends.
func (s *server) serve(c *console, listener net.Listener, dev bool) error {
	log := slog.New(slog.NewTextHandler(c.err, nil))
	handler, err := s.prepare(c, log, dev)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	// What net/http itself has to say holds the addresses of visitors, which are
	// not kept: it is logged at a level that is off.
	h := &http.Server{Handler: handler, ReadHeaderTimeout: readHeaderTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	log.Info("serving", "address", listener.Addr().String(), "base_url", s.baseURL, "version", buildVersion())
	background, end := context.WithCancel(c.ctx)
	swept := make(chan struct{})
	go func() { defer close(swept); s.sweep(background, c.now, log) }()
	defer func() { end(); <-swept }()
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(listener) }()
	stop := s.startPoster(c, log)
	defer stop()
	stopFreezing := s.startFreezing(c, log)
	defer stopFreezing()
	select {
	case err := <-failed:
		return err
	case <-c.ctx.Done():
	}
	log.Info("stopping")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), shutdownTime)
	defer cancel()
	return h.Shutdown(ctx)
}

// startPoster sends messages until the server ends. What it gives waits for what
// the workers have in their hands.
func (s *server) startPoster(c *console, log *slog.Logger) (stop func()) {
	if s.sending == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(c.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		newPoster(s.sending, s.fieldwork, s.postEvery, c.now, log).run(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}

// sweepEvery is how often what an erasure left in the files of the databases is
// looked for: it waits where somebody reads a long export.
const sweepEvery = time.Minute

// sweep ends erasures that had to wait for readers, until ctx ends.
func (s *server) sweep(ctx context.Context, now func() time.Time, log *slog.Logger) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := s.fieldwork.Sweep(ctx, now()); err != nil && ctx.Err() == nil {
			log.Error("removing what an erasure left in the database files", "error", err)
		}
	}
}

// prepare does what a start has to do before the first request: temporary
// files of a run before are removed, the two databases are reconciled, and the
// first owner gets a link.
func (s *server) prepare(c *console, log *slog.Logger, dev bool) (http.Handler, error) {
	// What a server holds is small and what a request throws away is not: at Go's
	// usual setting a fifth of the processor's time went into collecting garbage.
	debug.SetGCPercent(400)
	if err := empty(s.tmp()); err != nil {
		return nil, err
	}
	replayed, err := s.fieldwork.Replay(c.ctx, c.now())
	if err != nil {
		return nil, fmt.Errorf("erasing whom the list of erasures names: %w", err)
	}
	if replayed.Erased > 0 {
		log.Warn("erased persons of whom something was still here", "count", replayed.Erased)
	}
	if err := s.reconcile(c.ctx, c.now(), log); err != nil {
		return nil, err
	}
	handler, err := s.site(c, log, dev)
	if err != nil {
		return nil, err
	}
	token, needed, err := s.accounts.Setup(c.ctx, c.now())
	if err != nil {
		return nil, err
	}
	if needed {
		c.print("Nobody owns this server yet. Open this link once, within a day, to become its owner:")
		c.print("%s/staff/setup/%s", s.baseURL, token)
	}
	return handler, nil
}

// site gives the web site.
func (s *server) site(c *console, log *slog.Logger, dev bool) (http.Handler, error) {
	files := fs.FS(web.FS)
	if dev {
		files = os.DirFS("web")
	}
	// Sessions go by the clock of this machine, which the one who keeps them reads
	// by itself, also where the site's own clock is another.
	sessions := store.NewSessionStore(s.store, time.Now)
	return site.New(site.Deps{
		Fieldwork: s.fieldwork, Accounts: s.accounts, Release: s.release, Intake: s.intake,
		Sending: s.told(), Sessions: sessions, Ready: s.ready, Web: files, Dev: dev, BaseURL: s.baseURL, Log: log, Now: c.now,
	})
}

// ready tells whether both databases answer.
func (s *server) ready(ctx context.Context) error {
	if err := s.store.Read(ctx, func(tx *store.Tx) error { _, err := tx.Studies(); return err }); err != nil {
		return fmt.Errorf("the panel database: %w", err)
	}
	if _, err := s.identities.PIDs(ctx, ""); err != nil {
		return fmt.Errorf("the key file: %w", err)
	}
	return nil
}

// reconcile mends what a crash left between the two databases: identities
// without a participant are removed. A participant without an identity cannot
// come of a crash, since identities are written first; it is told.
func (s *server) reconcile(ctx context.Context, now time.Time, log *slog.Logger) error {
	done, err := s.fieldwork.Reconcile(ctx, now)
	if err != nil {
		return fmt.Errorf("comparing the panel with the key file: %w", err)
	}
	if done.Removed > 0 {
		log.Warn("removed identities without a participant, left by a crash", "count", done.Removed)
	}
	if done.Foreign > 0 {
		log.Error("most identities have no participant, and were left alone: is this the panel database that belongs to the key file?", "count", done.Foreign)
	}
	var studies []store.Study
	if err := s.store.Read(ctx, func(tx *store.Tx) (err error) { studies, err = tx.Studies(); return err }); err != nil {
		return err
	}
	for _, st := range studies {
		pids, err := s.identities.PIDs(ctx, st.Key)
		if err != nil {
			return err
		}
		known := make(map[string]bool, len(pids))
		for _, pid := range pids {
			known[pid] = true
		}
		missing := 0
		if err := s.store.Read(ctx, func(tx *store.Tx) error {
			return tx.EachParticipant(st.Key, func(p store.Participant) error {
				if !known[p.PID] && p.Status != store.Erased {
					missing++
				}
				return nil
			})
		}); err != nil {
			return err
		}
		if missing > 0 {
			log.Error("participants without an identity: is this the key file that belongs to the panel?", "study", st.Key, "count", missing)
		}
	}
	return nil
}

// empty removes what a run before left in a folder.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			errs = append(errs, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(errs...)
}
