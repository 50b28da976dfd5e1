package rehearsal

import (
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"panelverk/internal/disclosure"
	"panelverk/internal/fieldwork"
)

// part is one part of a report: lines, then a table whose first row names the
// columns.
type part struct {
	Title string
	Lines []string
	Table [][]string
}

// parts gives the report as both Text and HTML write it.
func (r *Report) parts() []part {
	out := []part{r.summary(), r.people(), r.dispositions(), r.rates(), r.retention(), r.messages(), r.calendar()}
	for _, v := range r.Paths {
		out = append(out, v.questions(), v.unseen())
	}
	return append(out, r.problems())
}

func (r *Report) summary() part {
	p := part{Title: "Rehearsal of " + r.Study}
	verdict := "Nothing unexpected happened."
	if n := len(r.Problems) + len(r.GaveUp) + len(r.Differences); n > 0 {
		verdict = fmt.Sprintf("%d unexpected things happened: see the end.", n)
	}
	p.Lines = append(p.Lines, verdict,
		fmt.Sprintf("%d made-up people, seed %d. Their %.0f days held %d pages of questions and %d requests.", r.People, r.Seed, r.Simulated.Hours()/24, r.Pages, r.Requests),
		fmt.Sprintf("%d left the panel, %d of them with their answers erased; %d asked for no more messages; %d took another language; %d messages came back.",
			r.Withdrew, r.Erased, r.OptedOut, r.Switched, r.Returned))
	return p
}

func (r *Report) people() part {
	p := part{Title: "Who took part", Table: [][]string{{"Wave", "Opens", "Asked", "Began", "Submitted", "On paper", "Came back", "Broke off", "Declined", "Silent", "No link came", "Answered, of asked"}}}
	for _, w := range r.Waves {
		share := ""
		if w.Asked > 0 {
			share = fmt.Sprintf("%.0f %%", 100*float64(w.Submitted)/float64(w.Asked))
		}
		p.Table = append(p.Table, []string{w.Title, w.Opens.In(r.zone).Format(time.DateOnly), fmt.Sprint(w.Asked), fmt.Sprint(w.Started), fmt.Sprint(w.Submitted), fmt.Sprint(w.Paper),
			fmt.Sprint(w.CameBack), fmt.Sprint(w.BrokeOff), fmt.Sprint(w.Declined), fmt.Sprint(w.Silent()), fmt.Sprint(w.Unreached), share})
	}
	return p
}

// cell writes a count that may be too small to be shown.
func cell(c fieldwork.Cell) string {
	if c.Hidden {
		return fmt.Sprintf("under %d", disclosure.Least)
	}
	return fmt.Sprint(c.N)
}

func (r *Report) dispositions() part {
	p := part{Title: "Dispositions (AAPOR)", Table: [][]string{{"Code", "Outcome"}}}
	if r.Outcomes == nil {
		return part{Title: p.Title}
	}
	for _, w := range r.Waves {
		p.Table[0] = append(p.Table[0], w.Title)
	}
	for _, d := range r.Outcomes.Dispositions {
		row := []string{d.Code, d.Name}
		for _, c := range d.Waves {
			row = append(row, cell(c))
		}
		p.Table = append(p.Table, row)
	}
	return p
}

func (r *Report) rates() part {
	p := part{Title: "Outcome rates", Table: [][]string{{"Rate"}}}
	if r.Outcomes == nil {
		return part{Title: p.Title}
	}
	at := map[string]int{}
	for i, w := range r.Outcomes.Waves {
		p.Table[0] = append(p.Table[0], r.Waves[i].Title)
		for _, rate := range w.Rates {
			if at[rate.Name] == 0 {
				at[rate.Name] = len(p.Table)
				p.Table = append(p.Table, append([]string{rate.Name}, make([]string, len(r.Outcomes.Waves))...))
			}
			shown := fmt.Sprintf("%.3f", rate.Value)
			if rate.Why != "" {
				shown = strings.ReplaceAll(string(rate.Why), "_", " ")
			}
			p.Table[at[rate.Name]][i+1] = shown
		}
	}
	return p
}

func (r *Report) retention() part {
	p := part{Title: "Panel rates", Table: [][]string{{"Rate", "Cohort", "Wave", "Of", "Share"}}}
	if r.Outcomes == nil {
		return part{Title: p.Title}
	}
	for _, rate := range r.Outcomes.Panel {
		row := []string{string(rate.Measure), fmt.Sprint(rate.Cohort), fmt.Sprint(rate.Wave), "", ""}
		if rate.Hidden {
			row[3] = cell(fieldwork.Cell{Hidden: true})
		} else if rate.Over > 0 {
			row[3], row[4] = fmt.Sprintf("%d of %d", rate.Of, rate.Over), fmt.Sprintf("%.3f", float64(rate.Of)/float64(rate.Over))
		}
		p.Table = append(p.Table, row)
	}
	return p
}

func (r *Report) messages() part {
	p := part{Title: "What was sent", Table: [][]string{{"Wave", "Message", "Planned", "Written", "E-mail", "SMS", "Paper", "Came back", "Refused", "Cancelled", "Not wanted", "First", "Last", "Languages"}}}
	for _, w := range r.Waves {
		for _, m := range w.Messages {
			var tags []string
			for _, tag := range slices.Sorted(maps.Keys(m.Languages)) {
				tags = append(tags, fmt.Sprintf("%s %d", tag, m.Languages[tag]))
			}
			row := []string{w.Title, m.Key}
			for _, n := range []int{m.Planned, m.Written, m.Email, m.SMS, m.Paper, m.Bounced, m.Refused, m.Canceled, m.OptedOut} {
				row = append(row, fmt.Sprint(n))
			}
			p.Table = append(p.Table, append(row, r.stamp(m.First), r.stamp(m.Last), strings.Join(tags, ", ")))
		}
	}
	if r.Erased > 0 {
		p.Lines = append(p.Lines, "What was sent to those who were erased is gone from the ledger, and not counted as written.")
	}
	if len(p.Table) == 1 {
		p.Table, p.Lines = nil, []string{"The study has no plan of messages: links were handed out."}
	}
	return p
}

// stamp writes a time on the study's clocks.
func (r *Report) stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(r.zone).Format("2006-01-02 15:04")
}

func (r *Report) calendar() part {
	if r.Agreed+r.Spared+r.Pushed+len(r.Differences) == 0 {
		return part{Title: "The calendar against what happened", Lines: []string{"The calendar had nothing to say."}}
	}
	return part{Title: "The calendar against what happened", Lines: append([]string{
		fmt.Sprintf("%d messages went out at the very moment that the calendar said before the wave.", r.Agreed),
		fmt.Sprintf("%d did not go out, since their reader had answered, left or asked for no more by then; %d waited for another message or gave way to it.", r.Spared, r.Pushed),
		fmt.Sprintf("%d differ.", len(r.Differences))}, r.Differences...)}
}

func (v VersionPaths) questions() part {
	p := part{Title: "Questions of " + v.Name, Table: [][]string{{"Question", "Asked if", "Came to", "Answered", "Choices that nobody took"}}}
	var empty []string
	for _, page := range v.Pages {
		if page.N == 0 {
			empty = append(empty, page.Key)
		}
	}
	if len(empty) > 0 {
		p.Lines = append(p.Lines, "Nobody came to the pages "+strings.Join(empty, ", ")+".")
	} else {
		p.Lines = append(p.Lines, fmt.Sprintf("Each of the %d pages was reached.", len(v.Pages)))
	}
	for _, q := range v.Questions {
		condition := ""
		if q.If {
			condition = "yes"
		}
		p.Table = append(p.Table, []string{q.Name, condition, fmt.Sprint(q.Reached), fmt.Sprint(q.Answered), strings.Join(q.Unchosen, ", ")})
	}
	return p
}

func (v VersionPaths) unseen() part {
	p := part{Title: "Translations of " + v.Name + " that nobody saw"}
	for _, u := range v.Unseen {
		p.Lines = append(p.Lines, u.Language+": "+strings.Join(u.Questions, ", "))
	}
	if len(p.Lines) == 0 {
		p.Lines = []string{"Every question was shown in every language."}
	}
	return p
}

func (r *Report) problems() part {
	p := part{Title: "What ought not to have happened"}
	for _, what := range r.GaveUp {
		p.Lines = append(p.Lines, "Somebody could not go on: "+what)
	}
	p.Lines = append(p.Lines, r.Problems...)
	if len(r.Differences) > 0 {
		p.Lines = append(p.Lines, fmt.Sprintf("The calendar and the ledger differ in %d places: see above.", len(r.Differences)))
	}
	if len(p.Lines) == 0 {
		p.Lines = []string{"Nothing."}
	}
	return p
}

// Text writes the report for a terminal.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	for _, p := range r.parts() {
		fmt.Fprintf(&b, "%s\n", p.Title)
		for _, line := range p.Lines {
			fmt.Fprintf(&b, "  %s\n", line)
		}
		columns(&b, p.Table)
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, strings.TrimSuffix(b.String(), "\n"))
	return err
}

// columns writes a table: numbers stand to the right.
func columns(b *strings.Builder, rows [][]string) {
	width := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			space := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if cell != "" && strings.Trim(cell, "0123456789") == "" {
				line.WriteString("  " + space + cell)
			} else {
				line.WriteString("  " + cell + space)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

var page = template.Must(template.New("report").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rehearsal of {{.Study}}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.75rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; }
div { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ddd; }
td.n { text-align: right; }
</style>
</head>
<body>
{{range $i, $p := .Parts}}{{if $i}}<h2>{{.Title}}</h2>{{else}}<h1>{{.Title}}</h1>{{end}}
{{range .Lines}}<p>{{.}}</p>
{{end}}{{if .Table}}<div><table>
<thead><tr>{{range index .Table 0}}<th scope="col">{{.}}</th>{{end}}</tr></thead>
<tbody>
{{range slice .Table 1}}<tr>{{range .}}<td{{if $.Number .}} class="n"{{end}}>{{.}}</td>{{end}}</tr>
{{end}}</tbody>
</table></div>
{{end}}{{end}}</body>
</html>
`))

// shown is what the page is written from.
type shown struct {
	Study string
	Parts []part
}

// Number tells whether a cell is a whole number.
func (shown) Number(cell string) bool { return cell != "" && strings.Trim(cell, "0123456789") == "" }

// HTML writes the report as a page that needs nothing else.
func (r *Report) HTML(w io.Writer) error { return page.Execute(w, shown{r.Study, r.parts()}) }
