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

// topLine is where a key begins at the left margin, as the keys of a file
// written in blocks all do.
var topLine = regexp.MustCompile(`^[^\s#\-]`)

// YAML gives the study.yaml of the study as it stands: Source where neither
// waves nor plan were changed since it was read, and Source with what was
// changed written anew. All the rest of the text, comments included, stays as
// its authors wrote it; comments among what is written anew are lost. Only the
// waves and the plan can be changed.
//
// Fails with Conflict, study_source, where Source does not let itself be
// rewritten so: it is one flow mapping, or no study any more.
func (s *Study) YAML() ([]byte, error) {
	was, r := parse(s.Source)
	sound := len(r.problems.Errors()) == 0
	out := s.Source
	if !sound || !slices.EqualFunc(was.Waves, s.Waves, sameWave) {
		var text bytes.Buffer
		s.writeWaves(&text)
		var ok bool
		if out, ok = rewritten(out, "waves", text.Bytes()); !ok {
			return nil, fault.New(fault.Conflict, "study_source", "The study's file cannot be rewritten: its waves do not begin on a line of their own.")
		}
	}
	if !sound || !samePlan(was, s) {
		var text []byte
		if s.Plan != nil {
			text = s.Plan.YAML(s)
		}
		var ok bool
		if out, ok = rewritten(out, "plan", text); !ok {
			out = slices.Concat(bytes.TrimRight(out, "\n"), []byte("\n\n"), text)
		}
	}
	again, r := parse(out)
	if len(r.problems.Errors()) > 0 || !slices.EqualFunc(again.Waves, s.Waves, sameWave) || !samePlan(again, s) {
		return nil, fault.New(fault.Conflict, "study_source", "The study's file cannot be rewritten with what was changed.").
			Because(r.problems.Err("study", "the written text does not give the same waves and plan"))
	}
	return out, nil
}

// rewritten gives a source with another text for one key at the left margin;
// ok is false where that key does not begin a line.
func rewritten(source []byte, key string, text []byte) (out []byte, ok bool) {
	begins := regexp.MustCompile(`^(` + key + `|"` + key + `"|'` + key + `')\s*:`)
	lines := bytes.SplitAfter(source, []byte("\n"))
	from := slices.IndexFunc(lines, begins.Match)
	if from < 0 {
		return source, false
	}
	to := len(lines)
	if next := slices.IndexFunc(lines[from+1:], topLine.Match); next >= 0 {
		to = from + 1 + next
	}
	for to > from+1 && isRemark(lines[to-1]) { // what stands before the next key belongs to it
		to--
	}
	return slices.Concat(bytes.Join(lines[:from], nil), text, bytes.Join(lines[to:], nil)), true
}

// samePlan tells whether two studies have the same plan: whether it is written
// the same.
func samePlan(a, b *Study) bool {
	if a.Plan == nil || b.Plan == nil {
		return a.Plan == b.Plan
	}
	return bytes.Equal(a.Plan.YAML(a), b.Plan.YAML(b))
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
