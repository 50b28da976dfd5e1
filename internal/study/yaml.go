package study

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"panelverk/internal/fault"
)

// wavesLine is where the waves begin: a key at the left margin, as the keys
// of a file written in blocks all are.
var (
	wavesLine = regexp.MustCompile(`^(waves|"waves"|'waves')\s*:`)
	topLine   = regexp.MustCompile(`^[^\s#\-]`)
)

// YAML gives the study.yaml of the study as it stands: Source where no wave was
// changed since it was read, and Source with the waves written anew where some
// were. All the rest of the text, comments included, stays as its authors wrote
// it; comments among the waves are lost. Only waves can be changed.
//
// Fails with Conflict, study_source, where Source does not let itself be
// rewritten so: it is one flow mapping, or no study any more.
func (s *Study) YAML() ([]byte, error) {
	was, r := parse(s.Source)
	if len(r.problems.Errors()) == 0 && slices.EqualFunc(was.Waves, s.Waves, sameWave) {
		return s.Source, nil
	}
	lines := bytes.SplitAfter(s.Source, []byte("\n"))
	from := slices.IndexFunc(lines, wavesLine.Match)
	if from < 0 {
		return nil, fault.New(fault.Conflict, "study_source", "The study's file cannot be rewritten: its waves do not begin on a line of their own.")
	}
	to := len(lines)
	if next := slices.IndexFunc(lines[from+1:], topLine.Match); next >= 0 {
		to = from + 1 + next
	}
	for to > from+1 && isRemark(lines[to-1]) { // what stands before the next key belongs to it
		to--
	}
	var out bytes.Buffer
	out.Write(bytes.Join(lines[:from], nil))
	s.writeWaves(&out)
	out.Write(bytes.Join(lines[to:], nil))

	again, r := parse(out.Bytes())
	if len(r.problems.Errors()) > 0 || !slices.EqualFunc(again.Waves, s.Waves, sameWave) {
		return nil, fault.New(fault.Conflict, "study_source", "The study's file cannot be rewritten with the changed waves.").
			Because(r.problems.Err("study", "the written text does not give the same waves"))
	}
	return out.Bytes(), nil
}

func isRemark(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || line[0] == '#'
}

func (s *Study) writeWaves(out *bytes.Buffer) {
	out.WriteString("waves:\n")
	for _, w := range s.Waves {
		fmt.Fprintf(out, "  - key: %s\n", quoted(w.Key))
		var titles []string
		for _, l := range s.Languages {
			titles = append(titles, l+": "+quoted(w.Title[l]))
		}
		fmt.Fprintf(out, "    title: {%s}\n", strings.Join(titles, ", "))
		fmt.Fprintf(out, "    opens: %s\n", w.Opens.In(s.TimeZone).Format(Layout))
		fmt.Fprintf(out, "    closes: %s\n", w.Closes.In(s.TimeZone).Format(Layout))
		fmt.Fprintf(out, "    questionnaire: %s\n", w.Questionnaire)
		fmt.Fprintf(out, "    version: %d\n", w.Version)
	}
}

// quoted writes a text as JSON does, which is YAML too.
func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}

func sameWave(a, b Wave) bool {
	if len(a.Title) != len(b.Title) {
		return false
	}
	for l, t := range a.Title {
		if b.Title[l] != t {
			return false
		}
	}
	return a.Key == b.Key && a.Number == b.Number && a.Opens.Equal(b.Opens) && a.Closes.Equal(b.Closes) &&
		a.Questionnaire == b.Questionnaire && a.Version == b.Version
}
