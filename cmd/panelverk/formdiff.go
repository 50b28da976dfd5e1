package main

import (
	"fmt"
	"strings"

	"panelverk/internal/fault"
	"panelverk/internal/questionnaire"
)

type formDiffCommand struct {
	JSON bool   `name:"json" help:"Print the comparison as one object."`
	Old  string `arg:"" name:"old" help:"The version before."`
	New  string `arg:"" name:"new" help:"The version after."`
}

// compared is what --json says.
type compared struct {
	Old     string `json:"old"`
	New     string `json:"new"`
	OK      bool   `json:"ok"` // both files are in order and no code is reused
	OldHash string `json:"old_hash,omitempty"`
	NewHash string `json:"new_hash,omitempty"`
	*questionnaire.Comparison
	Problems fault.Problems `json:"problems"`
}

// Run tells question by question what differs. The exit status is 0 where the
// files could be compared, be they the same or not, and 3 where one of them has
// problems or a code stands for something else than before.
func (f *formDiffCommand) Run(c *console) error {
	found := compared{Old: f.Old, New: f.New, Problems: fault.Problems{}}
	old, new := compiledForm(f.Old, &found.Problems), compiledForm(f.New, &found.Problems)
	if old != nil && new != nil {
		found.OldHash, found.NewHash = old.Hash, new.Hash
		found.Comparison = questionnaire.Compare(old, new)
		for _, d := range found.Reused() {
			for _, x := range d.Details {
				if x.Aspect != questionnaire.AspectReused {
					continue
				}
				at := fault.Place{File: f.New, Sheet: "choices"}
				if choice := d.New.List.Choice(x.Choice); choice != nil {
					at.Row = choice.Row
				}
				found.Problems.Add(at, "code_reused", "In %s, “%s” became “%s”: the same code stands for something else. Give what is new a name and a code of its own.",
					d.Question, x.Before, x.After)
			}
		}
	}
	found.OK = len(found.Problems.Errors()) == 0
	if f.JSON {
		if err := c.json(found); err != nil {
			return err
		}
	} else {
		if found.Comparison != nil {
			found.tell(c)
		}
		c.problems(c.print, found.Problems.Errors())
	}
	if !found.OK {
		return errListed
	}
	return nil
}

// compiledForm compiles a file; nil where it has problems. Warnings are for
// form check to tell.
func compiledForm(name string, problems *fault.Problems) *questionnaire.Questionnaire {
	book, ps := readBook(name)
	var q *questionnaire.Questionnaire
	if len(ps.Errors()) == 0 {
		var more fault.Problems
		q, more = questionnaire.Compile(book)
		ps = append(ps, more...)
	}
	for _, p := range ps.Errors() {
		p.File = name
		*problems = append(*problems, p)
	}
	return q
}

var verdictWords = map[questionnaire.Verdict]string{
	questionnaire.SameVariable: "suggested: same variable", questionnaire.NewVariable: "suggested: new variable",
	questionnaire.GoneVariable: "its series ends",
}

// tell writes the comparison for people.
func (f compared) tell(c *console) {
	differ := 0
	for _, d := range f.Questions {
		if !d.Identical() {
			differ++
		}
	}
	c.print("%s → %s: %d of %d questions differ", f.Old, f.New, differ, len(f.Questions))
	if len(f.LanguagesAdded) > 0 {
		c.print("languages added: %s", strings.Join(f.LanguagesAdded, ", "))
	}
	if len(f.LanguagesRemoved) > 0 {
		c.print("languages removed: %s", strings.Join(f.LanguagesRemoved, ", "))
	}
	for _, d := range f.Questions {
		if d.Identical() {
			continue
		}
		var kinds []string
		for _, k := range d.Kinds {
			kinds = append(kinds, string(k))
		}
		head := d.Question + ": " + strings.Join(kinds, ", ")
		if d.CodeReused {
			head += ", A CODE IS REUSED"
		}
		if words := verdictWords[d.Suggested]; words != "" {
			head += " – " + words
		}
		c.print("\n%s", head)
		for _, x := range d.Details {
			c.print("    %s", detailLine(x))
		}
		if len(d.Stale) > 0 {
			c.print("    not changed in %s: look at these words too", strings.Join(d.Stale, ", "))
		}
		if d.Why != "" {
			c.print("    %s", d.Why)
		}
	}
}

// detailLine writes one thing that differs: label (sv): “Hur?” → “Hur mycket?”.
func detailLine(x questionnaire.Detail) string {
	what := strings.ReplaceAll(string(x.Aspect), "_", " ")
	if x.Choice != "" {
		what += " " + x.Choice
	}
	if x.Language != "" {
		what += " (" + x.Language + ")"
	}
	shown := func(s string) string {
		if s == "" {
			return "nothing"
		}
		return "“" + s + "”"
	}
	return fmt.Sprintf("%s: %s → %s", what, shown(x.Before), shown(x.After))
}
