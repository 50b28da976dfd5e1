package main

import (
	"os"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/intake"
)

type importCommands struct {
	Answers      importAnswersCommand      `cmd:"" help:"Import answers that were collected elsewhere as waves of a study."`
	Participants importParticipantsCommand `cmd:"" help:"Add the people of a list to a panel."`
}

type importAnswersCommand struct {
	dataFlags
	Study      string   `required:"" help:"The study's key." placeholder:"S"`
	File       string   `required:"" help:"CSV or .xlsx with one row for each person and wave." type:"existingfile" placeholder:"F"`
	IDColumn   string   `required:"" name:"id-column" help:"The column that says who answered." placeholder:"C"`
	WaveColumn string   `required:"" name:"wave-column" help:"The column that says in which wave." placeholder:"C"`
	NA         []string `name:"na" help:"A cell that means missing, reason not recorded; may be given several times." placeholder:"TOKEN" sep:"none"`
	DryRun     bool     `help:"Only say what would be stored."`
	JSON       bool     `name:"json" help:"Print the plan as one object."`
}

// Run reads the file, and stores all of it or nothing.
func (i *importAnswersCommand) Run(c *console) error {
	data, err := os.ReadFile(i.File)
	if err != nil {
		return err
	}
	return with(c, i.dataFlags, false, func(s *server) error {
		plan, err := s.intake.ImportAnswers(c.ctx, c.now(), access.CommandLine(), intake.AnswersInput{Study: i.Study, FileName: i.File, Data: data,
			IDColumn: i.IDColumn, WaveColumn: i.WaveColumn, NA: i.NA, DryRun: i.DryRun})
		if plan == nil {
			return err
		}
		if i.JSON {
			if plan.Problems == nil {
				plan.Problems = fault.Problems{}
			}
			return listed(err, c.json(plan))
		}
		for _, m := range plan.Columns {
			if !strings.EqualFold(m.Column, m.Question) {
				c.print("column %s is the question %s", m.Column, m.Question)
			}
		}
		if len(plan.Unmatched) > 0 {
			c.print("columns that match no question and are not read: %s", strings.Join(plan.Unmatched, ", "))
		}
		c.problems(c.print, plan.Problems)
		if err != nil {
			c.say("%s", fault.Of(err).Message)
			return listed(err, nil)
		}
		for _, w := range plan.Waves {
			c.print("wave %s: %s", w.Key, counted(w.Interviews, "interview"))
		}
		c.print("%s of %s (%d of them new), %s, %d missing", counted(plan.Interviews, "interview"), counted(plan.Participants, "participant"),
			plan.NewParticipants, counted(plan.Values, "value"), plan.Missing)
		if i.DryRun {
			c.say("Nothing was stored: this was a dry run.")
		} else {
			c.say("Stored.")
		}
		return nil
	})
}

// listed gives an Invalid error as one whose problems have been shown.
func listed(err, writing error) error {
	if err != nil && fault.Of(err).Kind == fault.Invalid {
		return errListed
	}
	if err != nil {
		return err
	}
	return writing
}

type importParticipantsCommand struct {
	dataFlags
	Study  string `required:"" help:"The study's key." placeholder:"S"`
	File   string `required:"" help:"CSV or .xlsx with columns such as name, email, phone, language, note and the study's attributes." type:"existingfile" placeholder:"F"`
	DryRun bool   `help:"Only say what would happen."`
	JSON   bool   `name:"json" help:"Print the plan as one object."`
}

// Run says what adding the people does, and adds all of them or nobody.
func (i *importParticipantsCommand) Run(c *console) error {
	data, err := os.ReadFile(i.File)
	if err != nil {
		return err
	}
	return with(c, i.dataFlags, false, func(s *server) error {
		plan, err := s.intake.PlanParticipants(c.ctx, access.CommandLine(), i.Study, i.File, data)
		if plan == nil {
			return err
		}
		added := 0
		if err == nil && !i.DryRun && plan.Add > 0 {
			var labels []string
			labels, err = s.fieldwork.AddParticipants(c.ctx, c.now(), access.CommandLine(), i.Study, newParticipants(plan))
			added = len(labels)
		}
		if i.JSON {
			if plan.Problems == nil {
				plan.Problems = fault.Problems{}
			}
			return listed(err, c.json(struct {
				*intake.ParticipantPlan
				Added int `json:"added"`
			}{plan, added}))
		}
		if len(plan.Unmatched) > 0 {
			c.print("columns that are not read: %s", strings.Join(plan.Unmatched, ", "))
		}
		c.problems(c.print, plan.Problems)
		switch {
		case err != nil && !plan.OK:
			c.say("%s", fault.Of(err).Message)
		case err != nil:
			return err
		case i.DryRun:
			c.print("%s", plan.Confirmation())
			c.say("Nobody was added: this was a dry run.")
		default:
			c.print("%s added", counted(added, "participant"))
		}
		return listed(err, nil)
	})
}

// newParticipants gives the rows of a list as the field takes them.
func newParticipants(plan *intake.ParticipantPlan) []fieldwork.NewParticipant {
	var out []fieldwork.NewParticipant
	for _, p := range plan.Rows {
		out = append(out, fieldwork.NewParticipant{Name: p.Name, Email: p.Email, Phone: p.Phone, Note: p.Note, Language: p.Language, Attributes: p.Attributes})
	}
	return out
}
