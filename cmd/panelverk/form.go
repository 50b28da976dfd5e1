package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/questionnaire"
)

type formCommands struct {
	Check   formCheckCommand   `cmd:"" help:"Check questionnaires (.xlsx, .md or .csv) and list every problem."`
	Convert formConvertCommand `cmd:"" help:"Write a questionnaire in another format, normalised."`
	Diff    formDiffCommand    `cmd:"" help:"Compare two versions of a questionnaire, question by question."`
	Preview formPreviewCommand `cmd:"" help:"Write a questionnaire as a page of HTML, in every language, to read and to print."`
}

type formCheckCommand struct {
	JSON  bool     `name:"json" help:"Print one object a file, one a line."`
	Files []string `arg:"" name:"file" help:"Questionnaires as XLSForm: a workbook, Markdown tables or CSV."`
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
		f.tell(c, name, found)
	}
	if failed {
		return errListed
	}
	return nil
}

// tell says what was found to people: first what has to be mended.
func (f *formCheckCommand) tell(c *console, name string, found checked) {
	errs := found.Problems.Errors()
	warnings := slices.DeleteFunc(slices.Clone(found.Problems), func(p fault.Problem) bool { return p.Severity == fault.SeverityError })
	says := "in order, " + found.Hash
	if !found.OK {
		says = counted(len(errs), "problem")
	}
	if len(warnings) > 0 {
		says += ", " + counted(len(warnings), "warning")
	}
	c.print("%s: %s", name, says)
	c.problems(c.print, errs)
	c.problems(c.print, warnings)
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
			names := dataset.CheckNames(q)
			found.Problems = append(slices.DeleteFunc(found.Problems, func(p fault.Problem) bool { return saidBetter(p, names) }), names...)
			found.Problems = append(found.Problems, q.Advice()...)
		}
	}
	for i := range found.Problems {
		found.Problems[i].File = "" // the object, or the line before, names it
	}
	return found
}

// saidBetter tells whether what compiling says of a variable's name is said in
// names too, with the name that will be used instead.
func saidBetter(p fault.Problem, names fault.Problems) bool {
	return (p.Code == "bad_variable" || p.Code == "long_variable") &&
		slices.ContainsFunc(names, func(n fault.Problem) bool { return n.Code == "variable_name" && n.Place == p.Place })
}

// readBook reads a questionnaire with the files that it refers to.
func readBook(name string) (*questionnaire.Book, fault.Problems) {
	var problems fault.Problems
	data, err := os.ReadFile(name)
	if err != nil {
		problems.Add(fault.Place{}, "unreadable", "The file cannot be read: %v.", err)
		return nil, problems
	}
	book, problems := questionnaire.Read(name, data)
	if len(problems.Errors()) == 0 {
		problems = append(problems, attachFiles(name, book)...)
	}
	return book, problems
}

// attachFiles hands the files that a book refers to into it. For core.v1.xlsx
// the file towns.csv is core.v1.towns.csv beside it, as in a study's folder, or
// towns.csv there or in the folder core.v1-media, as other tools have it.
func attachFiles(name string, book *questionnaire.Book) fault.Problems {
	var problems fault.Problems
	base := strings.TrimSuffix(name, filepath.Ext(name))
	for _, wanted := range book.FileNames() {
		for _, place := range []string{base + "." + wanted, filepath.Join(filepath.Dir(name), wanted), filepath.Join(base+"-media", wanted)} {
			data, err := os.ReadFile(place) //nolint:gosec // the compiler lets no name with a slash pass
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				problems.Add(fault.Place{}, "unreadable", "The attached file cannot be read: %v.", err)
				break
			}
			book.Attach(wanted, data)
			break
		}
	}
	return problems
}

type formConvertCommand struct {
	In    string `arg:"" help:"The questionnaire: .xlsx, .md or .csv."`
	Out   string `arg:"" help:"What is written: a name that ends with .xlsx, .md or .csv."`
	Force bool   `help:"Write over a file that is there."`
}

// Run writes the normalised book. It compiles to the same hash as the one that
// was read; the form itself need not be in order.
func (f *formConvertCommand) Run(c *console) error {
	ending := strings.ToLower(filepath.Ext(f.Out))
	if ending != ".xlsx" && ending != ".md" && ending != ".csv" {
		return usage(fmt.Sprintf("%s: the name of what is written ends with .xlsx, .md or .csv", f.Out))
	}
	book, problems := readBook(f.In)
	if len(problems.Errors()) == 0 {
		_, more := book.Normalise()
		problems = append(problems, more...)
	}
	c.problems(c.say, problems)
	if len(problems.Errors()) > 0 {
		return errListed
	}
	var out []byte
	switch ending {
	case ".md":
		out = []byte(book.Markdown())
	case ".csv":
		out = book.CSV()
	default:
		var err error
		if out, err = book.XLSX(); err != nil {
			return fault.New(fault.Invalid, "not_written", fmt.Sprintf("%s cannot be written as a workbook: %v.", f.In, err))
		}
	}
	if err := writeNew(f.Out, out, f.Force); err != nil {
		return err
	}
	c.print("%s: %s", f.Out, book.Hash())
	return nil
}

// writeNew writes a file that is not there yet, or any with force.
func writeNew(name string, data []byte, force bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(name, flags, 0o644) //nolint:gosec // a questionnaire is no secret
	if errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Conflict, "file_exists", name+" is there already. Give another name, or --force to write over it.")
	}
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}

type formPreviewCommand struct {
	File  string `arg:"" help:"The questionnaire: .xlsx, .md or .csv."`
	Out   string `help:"The file to write; standard output where it is left out."`
	Force bool   `help:"Write over a file that is there."`
}

// Run writes one HTML file without scripts: the pages in every language, with
// the routing in words.
func (f *formPreviewCommand) Run(c *console) error {
	book, problems := readBook(f.File)
	var q *questionnaire.Questionnaire
	if len(problems.Errors()) == 0 {
		var more fault.Problems
		q, more = questionnaire.Compile(book)
		problems = append(problems, more...)
	}
	if q == nil {
		c.problems(c.say, problems)
		return errListed
	}
	name := strings.TrimSuffix(filepath.Base(f.File), filepath.Ext(f.File))
	var page bytes.Buffer
	if err := q.Print(&page, name, book.Files); err != nil {
		return err
	}
	if f.Out == "" {
		c.print("%s", strings.TrimSuffix(page.String(), "\n"))
		return nil
	}
	if err := writeNew(f.Out, page.Bytes(), f.Force); err != nil {
		return err
	}
	c.say("written: %s", f.Out)
	return nil
}
