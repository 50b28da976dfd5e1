package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"panelverk/exports"
	"panelverk/internal/account"
	"panelverk/internal/db"
	"panelverk/internal/erasures"
	"panelverk/internal/fieldwork"
	"panelverk/internal/intake"
	"panelverk/internal/keyfile"
	"panelverk/internal/release"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

// dataFlags say where the databases and the key are.
type dataFlags struct {
	Dir       string `help:"Data directory: panel.db, keyfile.db and tmp/." default:"./data" placeholder:"DIR"`
	DB        string `name:"db" help:"Panel database: a file or postgres://… (default: DIR/panel.db)." placeholder:"DSN"`
	KeyfileDB string `name:"keyfile-db" help:"Key file database: a file or postgres://… (default: DIR/keyfile.db)." placeholder:"DSN"`
	Erasures  string `help:"The list of erased persons, which every restore needs (default: DIR/erasures.log)." placeholder:"FILE"`
	Key       string `help:"The server's key; it lies outside the data directory (default: DIR.key, beside it)." placeholder:"FILE"`
}

// fill puts the defaults in.
func (f dataFlags) fill() (dataFlags, error) {
	f.Dir = filepath.Clean(f.Dir)
	if f.DB == "" {
		f.DB = filepath.Join(f.Dir, "panel.db")
	}
	if f.KeyfileDB == "" {
		f.KeyfileDB = filepath.Join(f.Dir, "keyfile.db")
	}
	if f.Erasures == "" {
		f.Erasures = filepath.Join(f.Dir, "erasures.log")
	}
	if f.Key == "" {
		abs, err := filepath.Abs(f.Dir)
		if err != nil {
			return f, err
		}
		f.Key = abs + ".key"
	}
	if inside, err := within(f.Key, f.Dir); err != nil || inside {
		return f, errors.Join(err, usage("the key may not lie inside the data directory: whoever copies that would have both. Give --key FILE another place."))
	}
	if f.DB == f.KeyfileDB {
		return f, usage("--db and --keyfile-db name the same database: answers and identities never meet.")
	}
	return f, nil
}

func within(file, dir string) (bool, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return false, err
	}
	file, err = filepath.Abs(file)
	if err != nil {
		return false, err
	}
	rel, err := filepath.Rel(dir, file)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)), nil
}

// exists tells whether a database is there. What a server of its own holds
// always may be.
func exists(dsn string) bool {
	if isServer(dsn) {
		return true
	}
	_, err := os.Stat(strings.TrimPrefix(dsn, "sqlite:"))
	return err == nil
}

// shown gives a DSN without its password.
func shown(dsn string) string {
	if u, err := url.Parse(dsn); err == nil && isServer(dsn) {
		return u.Redacted()
	}
	return dsn
}

func isServer(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// server is everything that is opened, with the operations on it.
type server struct {
	flags      dataFlags
	keys       *secret.Ring
	store      *store.Store
	identities *keyfile.File
	baseURL    string

	fieldwork *fieldwork.Service
	accounts  *account.Service
	release   *release.Service
	intake    *intake.Service

	sending   *sending // nil where nothing is to be sent: a demo
	postEvery time.Duration
}

// checkBase refuses a --base-url that links cannot begin with: they are
// printed on cards, where nobody can put them right.
func checkBase(base string) error {
	if base == "" {
		return nil // a command that makes no links
	}
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return usage("--base-url " + base + " cannot begin a link. Write it as https://panel.example.org, without a path.")
	}
	return nil
}

// open opens the databases and the key. Without create a directory that holds
// none is an error, so that a wrong --dir does not make an empty panel.
func open(ctx context.Context, flags dataFlags, baseURL string, create bool) (*server, error) {
	f, err := flags.fill()
	if err != nil {
		return nil, err
	}
	if !create && !exists(f.DB) {
		return nil, fmt.Errorf("there is no panel in %s: %s is missing. Give --dir, or begin with serve or study apply", f.Dir, shown(f.DB))
	}
	s := &server{flags: f, baseURL: strings.TrimSuffix(baseURL, "/")}
	if err := checkBase(s.baseURL); err != nil {
		return nil, err
	}
	if s.keys, err = loadKey(f); err != nil {
		return nil, err
	}
	for _, dir := range []string{f.Dir, s.tmp()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	if s.store, err = store.Open(ctx, f.DB); err != nil {
		return nil, fmt.Errorf("the panel database: %w", err)
	}
	kd, err := db.Open(ctx, f.KeyfileDB, keyfile.Migrations, keyfile.MigrationsDir)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the key file: %w", err), s.store.Close())
	}
	s.identities = keyfile.Open(kd, s.keys)
	s.fieldwork = fieldwork.New(s.store, s.keys, s.identities, s.baseURL)
	list, err := erasures.Open(f.Erasures, true)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the list of erasures: %w", err), s.close())
	}
	s.fieldwork.KeepErasures(list)
	s.accounts = account.New(s.store, s.keys)
	s.release = release.New(s.store, s.keys, s.tmp())
	s.release.UseProfiles(exports.FS)
	s.release.Built(buildVersion())
	s.intake = intake.New(s.store, s.keys, s.identities)
	return s, nil
}

// loadKey reads the key, and makes one only where there is no database that an
// older key could belong to.
func loadKey(f dataFlags) (*secret.Ring, error) {
	fresh := !isServer(f.DB) && !exists(f.DB) && !isServer(f.KeyfileDB) && !exists(f.KeyfileDB)
	if isServer(f.DB) || isServer(f.KeyfileDB) {
		// Whether a server's database is new is seen only once it is open; the
		// directory says whether this machine has served it before.
		_, err := os.Stat(f.Dir)
		fresh = errors.Is(err, fs.ErrNotExist)
	}
	keys, err := secret.Load(f.Key, fresh)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the key %s is missing. Links, codes and identities cannot be read without it; put it back, or name it with --key", f.Key)
	}
	return keys, err
}

func (s *server) tmp() string { return filepath.Join(s.flags.Dir, "tmp") }

// close closes the databases after what waits to be written.
func (s *server) close() error {
	return errors.Join(s.store.Close(), s.identities.DB().Close())
}

// with opens, does the work and closes.
func with(c *console, flags dataFlags, create bool, do func(*server) error) error {
	s, err := open(c.ctx, flags, "", create)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.close())
}
