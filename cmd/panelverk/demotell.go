package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/rehearsal"
)

// told is what a demo says when it is ready.
type told struct {
	report   *rehearsal.Report
	links    []fieldwork.Link
	staff    []login
	base     string
	workbook string
}

// demoLinks gives links to the open wave of people who have not begun: one in
// the study's first language, and one in another where there is one.
func demoLinks(ctx context.Context, s *server, now time.Time, r *rehearsal.Report) ([]fieldwork.Link, error) {
	st, err := s.fieldwork.Study(ctx, access.CommandLine(), demoStudy)
	if err != nil {
		return nil, err
	}
	all, err := s.fieldwork.Links(ctx, now, access.CommandLine(), demoStudy, len(r.Waves), false)
	if err != nil {
		return nil, err
	}
	var first, rest []fieldwork.Link
	for _, l := range all {
		switch {
		case !slices.Contains(r.Waiting, l.Label):
		case l.Language == st.DefaultLanguage():
			first = append(first, l)
		case l.Language == "en":
			rest = append([]fieldwork.Link{l}, rest...)
		default:
			rest = append(rest, l)
		}
	}
	switch {
	case len(first) == 0:
		first = rest
	case len(rest) > 0:
		first = []fieldwork.Link{first[0], rest[0]}
	}
	return first[:min(2, len(first))], nil
}

// String writes it: what happened, then what to look at and how.
func (d told) String() string {
	var b strings.Builder
	d.panel(&b)
	last := d.report.Waves[len(d.report.Waves)-1]
	fmt.Fprintf(&b, "\nThe workbook of all waves:\n  %s\n", d.workbook)
	if len(d.links) > 0 {
		fmt.Fprintf(&b, "\nAnswer %s as somebody who has not done so yet:\n", lower(last.Title))
		for _, l := range d.links {
			fmt.Fprintf(&b, "  %s  (%s)\n", l.URL, lang.Name(l.Language))
		}
	}
	fmt.Fprintf(&b, "\nLog in as staff:\n  %s/staff/login\n", d.base)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, l := range d.staff {
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", l.role, l.email, l.password, l.may) //nolint:errcheck // a builder takes everything
	}
	_ = t.Flush() // a builder takes everything
	return strings.TrimSuffix(b.String(), "\n")
}

// panel writes who did what.
func (d told) panel(b *strings.Builder) {
	r := d.report
	fmt.Fprintf(b, "What %d people did; %d withdrew in between:\n", r.People, r.Withdrew)
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, w := range r.Waves {
		if w.Number == r.Waves[0].Number {
			fmt.Fprint(t, "\tasked\tsubmitted\ton paper\tbroke off\tdeclined\tsilent\t\n") //nolint:errcheck // a builder takes everything
		}
		fmt.Fprintf(t, "  %s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", w.Title, w.Asked, w.Submitted, w.Paper, w.BrokeOff, w.Declined, w.Silent()) //nolint:errcheck // a builder takes everything
	}
	_ = t.Flush() // a builder takes everything
	if last := r.Waves[len(r.Waves)-1]; last.Open {
		fmt.Fprintf(b, "  %s is open now.\n", last.Title)
	}
	fmt.Fprintf(b, "  %d pages were sent in %d requests, through the same site that respondents and staff use.\n", r.Pages, r.Requests)
}

// lower writes a title as it stands inside a sentence.
func lower(title string) string {
	if title == "" {
		return title
	}
	return strings.ToLower(title[:1]) + title[1:]
}
