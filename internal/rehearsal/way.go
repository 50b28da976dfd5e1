package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"panelverk/internal/fieldwork"
	"panelverk/internal/mail"
)

// Way is how messages get from the plan to people. A rehearsal writes them into
// a folder; one that tries faults sends them to a mail server.
type Way interface {
	// Work writes down what is due and hands over what can be, as a server does
	// that is awake at that moment. It tells how many messages were new.
	Work(ctx context.Context, now time.Time) (written int, err error)
	// Arrived gives what has come since it was asked last.
	Arrived() ([]Arrival, error)
}

// Arrival is a message as it came: with the header Return-Path, which the last
// server adds, or a text message with its number in the first line.
type Arrival struct {
	Raw []byte
	SMS bool
}

// intoFolder is the way into a folder.
type intoFolder struct {
	stage  *stage
	folder mail.Folder
	read   map[string]bool // its files
	rounds int
}

// batch is how many messages are handed over at a time.
const batch = 100

// Work is Way's.
func (f *intoFolder) Work(ctx context.Context, now time.Time) (written int, err error) {
	if written, err = f.stage.Field.Schedule(ctx, now); err != nil {
		return written, err
	}
	way := fieldwork.Post{Mail: f.folder, SMS: f.folder, Domain: Domain}
	for {
		f.rounds++
		done, err := f.stage.Field.HandOver(ctx, f.stage.Clock.Now, way, fmt.Sprint("rehearsal ", f.rounds), batch)
		if err != nil || done.Claimed < batch {
			return written, err
		}
	}
}

// Arrived is Way's: the files that are new.
func (f *intoFolder) Arrived() ([]Arrival, error) {
	entries, err := os.ReadDir(f.folder.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []Arrival
	for _, e := range entries {
		name := e.Name()
		if f.read[name] || !e.Type().IsRegular() || strings.HasPrefix(name, ".") {
			continue
		}
		f.read[name] = true
		raw, err := os.ReadFile(filepath.Join(f.folder.Dir, name))
		if err != nil {
			return nil, err
		}
		out = append(out, Arrival{Raw: raw, SMS: strings.HasSuffix(name, ".sms.txt")})
	}
	return out, err
}
