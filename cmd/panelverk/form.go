package main

import (
	"os"
	"path/filepath"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/questionnaire"
)

type formCommands struct {
	Check formCheckCommand `cmd:"" help:"Check questionnaires (.xlsx or .md) and list every problem."`
	Diff  formDiffCommand  `cmd:"" help:"Compare two versions of a questionnaire, question by question."`
}

type formCheckCommand struct {
	JSON  bool     `name:"json" help:"Print one object a file, one a line."`
	Files []string `arg:"" name:"file" help:"Questionnaires as XLSForm: a workbook or Markdown tables."`
}

// Run checks each file on its own; one that has problems does not hide the next.
func (f *formCheckCommand) Run(c *console) error {
	failed := false
	for _, name := range f.Files {
		found := checkForm(name)
		failed = failed || !found.OK
		if f.JSON {
			if err := c.json(found); err != nil {
				return err
			}
			continue
		}
		if found.OK {
			c.print("%s: in order, %s", name, found.Hash)
		} else {
			c.print("%s: %s", name, counted(len(found.Problems.Errors()), "problem"))
		}
		c.problems(c.print, found.Problems)
	}
	if failed {
		return errListed
	}
	return nil
}

func checkForm(name string) checked {
	found := checked{File: name, Problems: fault.Problems{}}
	book, problems := readBook(name)
	found.Problems = append(found.Problems, problems...)
	if len(problems.Errors()) == 0 {
		q, problems := questionnaire.Compile(book)
		found.Problems = append(found.Problems, problems...)
		if q != nil && len(problems.Errors()) == 0 {
			found.Hash, found.OK = q.Hash, true
			found.Problems = append(found.Problems, dataset.CheckNames(q)...)
		}
	}
	for i := range found.Problems {
		found.Problems[i].File = "" // the object, or the line before, names it
	}
	return found
}

// readBook reads a questionnaire with the files that it refers to, which lie
// beside it: for core.v1.md the file towns.csv is core.v1.towns.csv.
func readBook(name string) (*questionnaire.Book, fault.Problems) {
	var problems fault.Problems
	data, err := os.ReadFile(name)
	if err != nil {
		problems.Add(fault.Place{}, "unreadable", "The file cannot be read: %v.", err)
		return nil, problems
	}
	book, problems := questionnaire.Read(name, data)
	if len(problems.Errors()) > 0 {
		return book, problems
	}
	base := strings.TrimSuffix(name, filepath.Ext(name))
	for _, wanted := range book.FileNames() {
		data, err := os.ReadFile(base + "." + wanted) //nolint:gosec // the operator's own files
		if err != nil {
			continue // Compile says which file is missing
		}
		if book.Files == nil {
			book.Files = make(map[string][]byte)
		}
		book.Files[wanted] = data
	}
	return book, problems
}
