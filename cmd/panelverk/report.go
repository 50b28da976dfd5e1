package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"panelverk/internal/fault"
	"panelverk/internal/release"
)

// maxRows is how many rows a grouped problem names; --json names all.
const maxRows = 8

// problems lists problems for people: those that say the same of many rows
// are one line, in the order in which they first come. tell is say or print.
func (c *console) problems(tell func(format string, args ...any), ps fault.Problems) {
	type group struct {
		fault.Problem
		rows []int
	}
	var groups []*group
	at := map[string]*group{}
	for _, p := range ps {
		key := fmt.Sprintf("%s\x00%s\x00%s\x00%s\x00%s\x00%s\x00%s", p.Severity, p.Code, p.File, p.Sheet, p.Column, p.Field, p.Message)
		g := at[key]
		if g == nil {
			g = &group{Problem: p}
			at[key] = g
			groups = append(groups, g)
		}
		if p.Row > 0 {
			g.rows = append(g.rows, p.Row)
		}
	}
	for _, g := range groups {
		if len(g.rows) < 2 {
			tell("%s: %s", g.Severity, g.Problem)
			continue
		}
		place := g.Place
		place.Row = 0
		where := rows(g.rows)
		if s := place.String(); s != "" {
			where = s + ", " + where
		}
		tell("%s: %s: %s", g.Severity, where, g.Message)
	}
}

// rows names rows: "rows 2, 3, 4 and 12 more".
func rows(numbers []int) string {
	var b strings.Builder
	b.WriteString("rows ")
	for i, n := range numbers {
		if i == maxRows {
			fmt.Fprintf(&b, " and %d more", len(numbers)-maxRows)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, n)
	}
	return b.String()
}

// counted gives a number with its noun: "1 wave", "3 waves".
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// json writes one object on one line.
func (c *console) json(v any) error {
	out := json.NewEncoder(c.out)
	out.SetEscapeHTML(false)
	return out.Encode(v)
}

// checked is what --json says of one file.
type checked struct {
	File     string         `json:"file"`
	OK       bool           `json:"ok"`
	Hash     string         `json:"hash,omitempty"`
	Problems fault.Problems `json:"problems"`
}

// terminal tells whether a stream is one that a person looks at.
func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// progress gives a function that draws a bar on a terminal, and one that ends
// it. Elsewhere nothing is drawn.
func (c *console) progress(what string) (step func(done, total int), end func()) {
	if !terminal(c.err) {
		return func(int, int) {}, func() {}
	}
	last := -1
	return func(done, total int) {
			percent := 100
			if total > 0 {
				percent = done * 100 / total
			}
			if percent == last {
				return
			}
			last = percent
			_, _ = fmt.Fprintf(c.err, "\r%s %s %3d %%", what, strings.Repeat("█", percent/5)+strings.Repeat("░", 20-percent/5), percent)
		}, func() {
			if last >= 0 {
				c.say("")
			}
		}
}

// files gives what tells how far the writing of files has come, and what ends it.
func (c *console) files(what string) (step release.Progress, end func()) {
	if !terminal(c.err) {
		return nil, func() {}
	}
	last := ""
	return func(step string, done, total int) {
			doing := "writing " + step
			switch step {
			case release.StepReading:
				doing = "reading the answers"
			case release.StepDocuments:
				doing = "writing the documents"
			}
			percent := done * 100 / max(total, 1)
			line := fmt.Sprintf("%s %s %3d %% %s", what, strings.Repeat("█", percent/5)+strings.Repeat("░", 20-percent/5), percent, doing)
			if line != last {
				last = line
				_, _ = fmt.Fprintf(c.err, "\r\033[K%s", line) // a shorter line leaves nothing of the one before
			}
		}, func() {
			if last != "" {
				c.say("")
			}
		}
}
