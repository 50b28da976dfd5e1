package mail

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Folder writes messages into a directory instead of sending them: for
// rehearsals and for trying things out. It is safe for concurrent use, by
// several processes too.
type Folder struct {
	Dir string // is made where it is not there
	Letterhead
}

// Send writes a message as ID.eml. A message that is sent again is written
// again, as ID.2.eml and so on.
func (f Folder) Send(ctx context.Context, now time.Time, e Envelope) Outcome {
	from, _, raw, err := f.ascii().compose(now, e)
	if err != nil {
		return unsendable(err)
	}
	return f.write(ctx, e.ID, ".eml", append([]byte("Return-Path: <"+from+">\r\n"), raw...))
}

// SendSMS writes a text message as ID.sms.txt, with the number in its first line.
func (f Folder) SendSMS(ctx context.Context, _ time.Time, s SMS) Outcome {
	if !phonePattern.MatchString(s.To) {
		return Outcome{State: Refused, Reason: Address}
	}
	return f.write(ctx, s.ID, ".sms.txt", []byte(s.To+"\n"+s.Text+"\n"))
}

// write puts a file into the directory, whole or not at all.
func (f Folder) write(ctx context.Context, id, ending string, data []byte) Outcome {
	if ctx.Err() != nil {
		return Outcome{State: Deferred, Reason: Stopped, Retry: true}
	}
	if err := f.put(fileName(id), ending, data); err != nil {
		return Outcome{State: Deferred, Reason: Disk, Retry: true}
	}
	return Outcome{State: HandedOver, Reason: Sent}
}

func (f Folder) put(name, ending string, data []byte) error {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return err
	}
	whole, err := os.CreateTemp(f.Dir, ".new-*")
	if err != nil {
		return err
	}
	_, err = whole.Write(data)
	err = errors.Join(err, whole.Close())
	for n := 1; err == nil; n++ {
		numbered := name
		if n > 1 {
			numbered += fmt.Sprintf(".%d", n)
		}
		// A link fails where the name is taken; a renaming would not.
		if err = os.Link(whole.Name(), filepath.Join(f.Dir, numbered+ending)); err == nil {
			break
		}
		if errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	return errors.Join(err, os.Remove(whole.Name()))
}

// fileName makes the name of a file of an id.
func fileName(id string) string {
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.', r == '@':
			return r
		}
		return '_'
	}, id), ".")
}
