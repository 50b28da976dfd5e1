package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"panelverk/internal/access"
)

type exportCommand struct {
	dataFlags
	Study    string   `required:"" help:"The study's key." placeholder:"S"`
	Format   []string `help:"File formats, parted by commas: xlsx." default:"xlsx" enum:"xlsx" placeholder:"xlsx"`
	Out      string   `help:"Folder to write into." default:"exports/out" placeholder:"DIR"`
	Language string   `name:"language" help:"Language of labels and documentation: sv, en or de." default:"en" enum:"sv,en,de" placeholder:"TAG"`
}

// Run writes STUDY.FORMAT for each format.
func (e *exportCommand) Run(c *console) error {
	return with(c, e.dataFlags, false, func(s *server) error {
		for _, format := range e.Format {
			name, err := e.write(c, s, format)
			if err != nil {
				return err
			}
			c.print("%s", name)
		}
		c.say("The files hold answers of persons under pseudonyms: personal data. Keep them as such.")
		return nil
	})
}

// write writes one file and gives its name.
func (e *exportCommand) write(c *console, s *server, format string) (string, error) {
	if err := os.MkdirAll(e.Out, 0o700); err != nil {
		return "", err
	}
	name := filepath.Join(e.Out, filepath.Base(e.Study)+"."+format)
	step, end := c.progress("Writing " + filepath.Base(name))
	defer end()
	return name, writeFile(name, func(w io.Writer) error {
		return s.release.Workbook(c.ctx, c.now(), access.CommandLine(), e.Study, e.Language, w, step)
	})
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
