package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/account"
	"panelverk/internal/fieldwork"
	"panelverk/internal/rehearsal"
	"panelverk/internal/secret"
	"panelverk/internal/study"
	"panelverk/surveys"
)

type demoCommand struct {
	Dir     string `help:"Directory for the demo's data; what a demo before left there is replaced." default:"./demo" placeholder:"DIR"`
	Listen  string `help:"Address to listen on; where its port is taken, one of the next." default:"127.0.0.1:8080" placeholder:"ADDR"`
	NoServe bool   `name:"no-serve" help:"Stop when the workbook is written."`
	Seed    uint64 `help:"Another seed gives another panel." default:"1" placeholder:"N"`
	People  int    `help:"How many people take part." default:"36" placeholder:"N"`
	Out     string `help:"Folder to write the workbook into." default:"exports/out" placeholder:"DIR"`
}

const (
	demoStudy  = "smart-factory"
	demoMarker = "demo.txt"
	// demoBefore is how long before its first wave the study is set up.
	demoBefore = 30 * 24 * time.Hour
	maxPeople  = 1000
	portsTried = 30
)

// demoMade is all that a demo puts into its directory, and all that the next
// one removes.
var demoMade = []string{"panel.db", "panel.db-wal", "panel.db-shm", "keyfile.db", "keyfile.db-wal", "keyfile.db-shm", "tmp", "mail", demoMarker}

// Run sets the Smart Factory panel up so that its last wave is open now, lets
// a made-up panel answer it, writes the workbook, and serves.
func (d *demoCommand) Run(c *console) error {
	if d.People < 1 || d.People > maxPeople {
		return usage(fmt.Sprintf("--people takes 1 to %d.", maxPeople))
	}
	began := c.now()
	flags, err := d.fresh(c.ctx)
	if err != nil {
		return err
	}
	base, listener := "http://"+d.Listen, net.Listener(nil)
	if !d.NoServe {
		if listener, err = d.listen(c); err != nil {
			return err
		}
		defer listener.Close() //nolint:errcheck // the server has closed it by then
		base = "http://" + listener.Addr().String()
	}
	s, err := open(c.ctx, flags, base, true)
	if err != nil {
		return err
	}
	err = d.play(c, s, began)
	if err == nil && listener != nil {
		if err = d.mark(base); err == nil {
			err = errors.Join(s.serve(c, listener, false), d.mark(""))
		}
	}
	return errors.Join(err, s.close())
}

// play makes the study, the staff, the panel's answers and the workbook, and
// says where everything is.
func (d *demoCommand) play(c *console, s *server, began time.Time) error {
	folder, err := demoFolder(began)
	if err != nil {
		return err
	}
	clock := rehearsal.NewClock(folder.Study.Waves[0].Opens.Add(-demoBefore))
	if _, err := s.fieldwork.Apply(c.ctx, clock.Now(), access.CommandLine(), folder, fieldwork.ApplyOptions{}); err != nil {
		return err
	}
	staff, err := demoStaff(c.ctx, s, clock.Now())
	if err != nil {
		return err
	}
	report, err := d.rehearse(c, s, clock, staff[admin], began)
	if err != nil {
		return fmt.Errorf("the rehearsal: %w", err)
	}
	workbook, err := d.workbook(c, s, began)
	if err != nil {
		return err
	}
	links, err := demoLinks(c.ctx, s, began, report)
	if err != nil {
		return err
	}
	c.print("%s", told{report: report, links: links, staff: staff, base: s.baseURL, workbook: workbook})
	for _, what := range report.GaveUp {
		c.say("Somebody could not go on: %s.", what)
	}
	if len(report.Never) > 0 {
		c.say("Nobody came to answer: %s.", strings.Join(report.Never, ", "))
	}
	c.say("Made in %.1f seconds.", c.now().Sub(began).Seconds())
	if d.NoServe {
		c.say("The links work once it is served: panelverk serve --dir %s --listen %s", d.Dir, d.Listen)
	} else {
		c.say("Serving. Stop with Ctrl-C.")
	}
	return nil
}

// demoFolder gives the rolling copy of the study: its last wave is open now.
func demoFolder(now time.Time) (*study.Folder, error) {
	folder, problems := study.Load(surveys.FS, demoStudy)
	if err := problems.Err("demo_study", "The study of the demo has problems."); err != nil {
		return nil, err
	}
	folder.Study = folder.Study.Rolling(now)
	source, err := folder.Study.YAML()
	folder.Study.Source = source
	return folder, err
}

// The places of the accounts.
const (
	owner = iota
	admin
	researcher
)

// login is how a member of staff logs in.
type login struct {
	role     access.Role
	study    string
	name     string
	email    string
	password string
	may      string
}

// demoStaff makes an account for each role.
func demoStaff(ctx context.Context, s *server, now time.Time) ([]login, error) {
	staff := []login{
		owner:      {role: access.Owner, study: access.AllStudies, name: "Demo owner", email: "owner@example.org", may: "roles, study, data, audit; no names"},
		admin:      {role: access.Admin, study: demoStudy, name: "Demo admin", email: "admin@example.org", may: "waves, people, links; no answers"},
		researcher: {role: access.Researcher, study: demoStudy, name: "Demo researcher", email: "researcher@example.org", may: "data; no names"},
	}
	for i := range staff {
		if err := addStaff(ctx, s, now, &staff[i]); err != nil {
			return nil, err
		}
	}
	return staff, nil
}

// addStaff makes an account, and a password for it.
func addStaff(ctx context.Context, s *server, now time.Time, l *login) error {
	word := strings.ToLower(secret.NewID())
	l.password = word[:4] + "-" + word[4:8] + "-" + word[8:12] + "-" + word[12:16]
	_, err := s.accounts.Add(ctx, now, access.CommandLine(), l.study, l.role,
		account.Person{Name: l.name, Email: l.email, Password: l.password, Language: "en"})
	return err
}

// rehearse lets the panel answer until now, through the site under a clock of
// its own.
func (d *demoCommand) rehearse(c *console, s *server, clock *rehearsal.Clock, admin login, until time.Time) (*rehearsal.Report, error) {
	then := *c
	then.now = clock.Now
	handler, err := s.site(&then, slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelError})), false)
	if err != nil {
		return nil, err
	}
	c.say("%d made-up people answer %s, as if from %s until today.", d.People, demoStudy, clock.Now().Format(time.DateOnly))
	step, end := c.progress("Answering")
	defer end()
	last := ""
	return rehearsal.Run(c.ctx, rehearsal.Config{
		Seed: d.Seed, People: d.People, Study: demoStudy, Handler: handler, Clock: clock, Field: s.fieldwork, Actor: access.CommandLine(), Until: until,
		Store: s.store, BaseURL: s.baseURL, Mail: filepath.Join(d.Dir, "mail"),
		Admin: &rehearsal.Admin{BaseURL: s.baseURL, Email: admin.email, Password: admin.password},
		Progress: func(what string, done, total int) {
			step(done, total)
			if what != last && !terminal(c.err) {
				last = what
				c.say("%s opens: %d of %d interviews done", what, done, total)
			}
		},
	})
}

func (d *demoCommand) workbook(c *console, s *server, now time.Time) (string, error) {
	if err := os.MkdirAll(d.Out, 0o700); err != nil {
		return "", err
	}
	name := filepath.Join(d.Out, demoStudy+".xlsx")
	step, end := c.progress("Writing   ")
	defer end()
	return name, writeFile(name, func(w io.Writer) error {
		return s.release.Workbook(c.ctx, now, access.CommandLine(), demoStudy, "en", w, step)
	})
}

// fresh gives the flags of an empty data directory. What a demo made before is
// removed; a directory that holds anything else is left alone.
func (d *demoCommand) fresh(ctx context.Context) (dataFlags, error) {
	flags, err := dataFlags{Dir: d.Dir}.fill()
	if err != nil {
		return flags, err
	}
	entries, err := os.ReadDir(d.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return flags, err
	}
	marker, err := os.ReadFile(filepath.Join(d.Dir, demoMarker))
	if err != nil && len(entries) > 0 {
		return flags, fmt.Errorf("%s is not empty, and no demo made it. Give --dir a new directory", d.Dir)
	}
	if _, at, ok := strings.Cut(string(marker), servedAt); ok && answers(ctx, strings.TrimSpace(at)) {
		return flags, fmt.Errorf("a demo is being served from %s at %s. Stop it first, or give --dir another directory", d.Dir, strings.TrimSpace(at))
	}
	for _, name := range demoMade {
		if err := os.RemoveAll(filepath.Join(d.Dir, name)); err != nil {
			return flags, err
		}
	}
	if err := os.MkdirAll(d.Dir, 0o700); err != nil {
		return flags, err
	}
	return flags, d.mark("")
}

// servedAt stands before the address in the marker of a demo that is served.
const servedAt = "Served at: "

// mark says in the directory that a demo made it, and where it is served.
func (d *demoCommand) mark(address string) error {
	text := "This directory was made by panelverk demo. The next demo replaces what is in it.\n"
	if address != "" {
		text += servedAt + address + "\n"
	}
	return os.WriteFile(filepath.Join(d.Dir, demoMarker), []byte(text), 0o600)
}

// answers tells whether a server of ours answers at an address.
func answers(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/healthz", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
}

// listen listens on the address, or where its port is taken on the next that
// is free.
func (d *demoCommand) listen(c *console) (net.Listener, error) {
	host, port, err := net.SplitHostPort(d.Listen)
	first, bad := strconv.Atoi(port)
	if err != nil || bad != nil {
		return nil, usage(fmt.Sprintf("--listen takes an address and a port, such as 127.0.0.1:8080, not %s.", d.Listen))
	}
	for n := range portsTried {
		listener, taken := (&net.ListenConfig{}).Listen(c.ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(first+n)))
		if taken == nil {
			if n > 0 {
				c.say("Port %d cannot be used (%v); the demo takes %d.", first, err, first+n)
			}
			return listener, nil
		}
		if n == 0 {
			err = taken
		}
	}
	return nil, err
}
