// Command panelverk serves panel surveys and does everything that is done
// beside the pages: studies are applied, answers imported, data exported,
// backups made.
//
// Standard output is for results, standard error for progress and talk. Exit
// status: 0 done, 1 failed, 2 wrong usage, 3 the input has problems, all of
// them listed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // time zones, for machines that have none
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"panelverk/internal/fault"
)

// The exit statuses.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitProblems = 3
)

// commands is the whole command line; its flags are a contract.
type commands struct {
	Serve    serveCommand    `cmd:"" help:"Serve the pages."`
	Demo     demoCommand     `cmd:"" help:"Play a whole study with a made-up panel, write its workbook, and serve it."`
	Rehearse rehearseCommand `cmd:"" help:"Play a study's whole calendar with a made-up panel, messages included, and report."`
	Study    studyCommands   `cmd:"" help:"Make, check, apply and list studies."`
	Form     formCommands    `cmd:"" help:"Check questionnaires."`
	Import   importCommands  `cmd:"" help:"Import answers that were collected elsewhere, or a list of participants."`
	Export   exportCommand   `cmd:"" help:"Write a study's data into files."`
	Release  releaseCommands `cmd:"" help:"Freeze, verify and list releases: packages that are handed over."`
	Bounce   bounceCommand   `cmd:"" help:"Take in one message that came back, from standard input: a pipe for the mail server."`
	Backup   backupCommand   `cmd:"" help:"Write a backup of the panel and one of the key file."`
	Restore  restoreCommand  `cmd:"" help:"Read backups into new databases."`
	Doctor   doctorCommand   `cmd:"" help:"Say whether everything a server needs is in order."`
	User     userCommands    `cmd:"" help:"Manage the accounts of staff."`
	Version  versionCommand  `cmd:"" help:"Say which version this is."`
}

// console is where a command talks, and what time it is.
type console struct {
	ctx context.Context
	in  io.Reader
	out io.Writer // results
	err io.Writer // progress and talk
	now func() time.Time

	lost error // a result that could not be written, such as into a full disk
}

// say writes talk. That nobody hears it stops nothing.
func (c *console) say(format string, args ...any) { _, _ = fmt.Fprintf(c.err, format+"\n", args...) }

// print writes a result. A command whose results are lost has failed.
func (c *console) print(format string, args ...any) {
	if _, err := fmt.Fprintf(c.out, format+"\n", args...); err != nil && c.lost == nil {
		c.lost = err
	}
}

// table writes rows in columns, the first row being their names.
func (c *console) table(rows [][]string) {
	width := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", width[i]+2-utf8.RuneCountInString(cell)))
			}
		}
		c.print("%s", line.String())
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(os.Args[1:], &console{ctx: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr, now: time.Now}))
}

// leave is how kong's own end of the program (after --help) is caught.
type leave int

// run runs one command line and gives the exit status.
func run(args []string, c *console) (status int) {
	defer func() {
		if p := recover(); p != nil {
			code, ok := p.(leave)
			if !ok {
				panic(p)
			}
			status = int(code)
		}
	}()
	parser, err := kong.New(&commands{}, kong.Name("panelverk"), kong.Writers(c.out, c.err),
		kong.Description("Panel surveys for research projects: the same people, the same questions, several points in time."),
		kong.Exit(func(code int) { panic(leave(code)) }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Bind(c))
	if err != nil {
		c.say("panelverk: %v", err)
		return exitFailed
	}
	command, err := parser.Parse(args)
	if err != nil {
		c.say("panelverk: %v", err)
		c.say("Try: panelverk --help")
		return exitUsage
	}
	err = command.Run()
	if err == nil && c.lost != nil {
		err = fmt.Errorf("the results could not be written: %w", c.lost)
	}
	return c.exit(err)
}

// usage is an error in how a command was called.
type usage string

func (u usage) Error() string { return string(u) }

// errListed says that the input has problems and that they have been listed.
var errListed = errors.New("the input has problems")

// errAgain says that a command failed, and was told, in a way that may be
// different in a while.
var errAgain = errors.New("try again later")

// exit tells an error and gives its exit status. A fault is said in its own
// words; the cause of anything else is shown in full, since whoever runs a
// command is the server's operator.
func (c *console) exit(err error) int {
	var wrong usage
	switch e := fault.Of(err); {
	case err == nil:
		return exitDone
	case errors.Is(err, errListed):
		return exitProblems
	case errors.Is(err, errAgain):
		return exitAgain
	case errors.As(err, &wrong):
		c.say("panelverk: %v", wrong)
		return exitUsage
	case e.Kind == fault.Invalid:
		c.say("panelverk: %s", e.Message)
		c.problems(c.say, e.Problems)
		return exitProblems
	case e.Kind == fault.Internal:
		c.say("panelverk: %v", err)
		return exitFailed
	default:
		c.say("panelverk: %s", e.Message)
		c.problems(c.say, e.Problems)
		return exitFailed
	}
}
