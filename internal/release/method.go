package release

import (
	"fmt"
	"slices"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/panel"
	"panelverk/internal/study"
)

// notCollected stands where the study has not recorded what a checklist asks.
const notCollected = "not collected"

func (o *documents) frame() panel.Frame { return panel.Frame(o.data.Study.Frame) }

// waves gives the counts of the waves in the release, of everybody who was in them:
// those who were erased or left out of the file among them.
func (o *documents) waves() []dataset.WaveTally {
	return slices.DeleteFunc(slices.Clone(o.cut.tally.Waves), func(w dataset.WaveTally) bool { return !slices.Contains(o.cut.waves, w.Number) })
}

// rate writes an outcome rate with its parts.
func rate(r panel.Rate) string {
	switch r.Why {
	case panel.NoFrame:
		return r.Name + " not computable: no frame"
	case panel.NoCases:
		return r.Name + " not computable: no cases"
	}
	return fmt.Sprintf("%s = %s = %d / %s = %.4f", r.Name, r.Formula, r.Of, short(r.Over), r.Value)
}

// method is the report on how the data came about: what AAPOR asks to be disclosed,
// and the items of CHERRIES (Eysenbach, J Med Internet Res 2004;6(3):e34).
func (o *documents) method() string {
	var b strings.Builder
	s, about := o.data.Study, o.set.about
	fmt.Fprintf(&b, "# %s: method\n\n## Field periods and outcomes\n\n", about.In("en", s.Title))
	for _, w := range o.waves() {
		i := slices.IndexFunc(o.data.Waves, func(x study.Wave) bool { return x.Number == w.Number })
		at := o.data.Waves[i]
		fmt.Fprintf(&b, "### %s\n\n%s to %s, questionnaire %s v%d. Asked %d, started %d, submitted %d.\n\n", about.In("en", at.Title),
			at.Opens.In(s.TimeZone).Format("2006-01-02"), at.Closes.In(s.TimeZone).Format("2006-01-02"), at.Questionnaire, at.Version, w.Invited, w.Started, w.Submitted)
		for _, x := range panel.Dispositions() {
			if n := w.Dispositions[x.Code]; n > 0 {
				fmt.Fprintf(&b, "- %s %s: %d\n", x.Code, x.Name, n)
			}
		}
		b.WriteString("\n")
		for _, r := range w.Rates(o.frame()) {
			fmt.Fprintf(&b, "- %s\n", rate(r))
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "Rates follow AAPOR's Standard Definitions. An interview counts as partial from %s of the applicable questions.\n\n", short(s.Partial))
	fmt.Fprintf(&b, "## What was done to the data\n\n%s\n\n", o.cleaning())
	b.WriteString("## CHERRIES\n\n| Item | |\n|---|---|\n")
	for _, item := range o.cherries() {
		fmt.Fprintf(&b, "| %s | %s |\n", item[0], strings.ReplaceAll(item[1], "|", "/"))
	}
	return b.String()
}

// cherries gives the items of the checklist with what was recorded.
func (o *documents) cherries() [][2]string {
	s, about := o.data.Study, o.set.about
	said := func(text, otherwise string) string {
		if text = strings.TrimSpace(text); text == "" {
			return otherwise
		}
		return text
	}
	recruited := map[study.Frame]string{study.OpenLink: "Open: people joined by a link that could be passed on", study.NamedList: "Closed: a list of persons",
		study.Members: "Closed: everybody enrolled in the panel"}[s.Frame]
	consent := notCollected
	if s.Consent != nil {
		consent = fmt.Sprintf("Asked for before the first question, version %d; the texts are in docs/consent", s.Consent.Version)
	}
	var questions, pages []string
	for _, v := range o.cut.whole.Versions {
		questions = append(questions, fmt.Sprintf("%s v%d: %d", v.Key, v.Number, len(v.Questionnaire.Questions)))
		pages = append(pages, fmt.Sprintf("%s v%d: %d", v.Key, v.Number, len(v.Questionnaire.Pages)))
	}
	var completion []string
	for _, w := range o.waves() {
		completion = append(completion, fmt.Sprintf("wave %d: %d of %d who started", w.Number, w.Submitted, w.Started))
	}
	weights := "None"
	if o.cut.profile.Weights && o.data.Weights() != nil {
		weights = "Cell weights, asked / answered; unweighted is the default"
	}
	return [][2]string{
		{"Target population, sample", said(about.In("en", s.About.Who), notCollected)},
		{"Approval by an ethics board", notCollected},
		{"Informed consent", consent},
		{"Data protection", "Names and answers lie in two databases; files carry ids of the recipient's own"},
		{"Development and testing", notCollected},
		{"Open or closed survey", recruited},
		{"Contact mode", said(contactModes(s), notCollected)},
		{"Advertising the survey", notCollected},
		{"Web or e-mail", "Web pages, and paper or telephone where staff typed answers in"},
		{"Context", "Pages of the panel alone"},
		{"Mandatory or voluntary", "Voluntary"},
		{"Incentives", notCollected},
		{"Time and date", "See the field periods above"},
		{"Randomisation of items", "As each questionnaire says, in docs/questionnaires"},
		{"Adaptive questioning", "As each questionnaire says, in docs/questionnaires"},
		{"Number of items", strings.Join(questions, "; ")},
		{"Number of screens", strings.Join(pages, "; ")},
		{"Completeness check", "Required questions remind once; a question can be left blank"},
		{"Review step", "Answers can be reviewed and changed before they are sent"},
		{"Unique site visitors", notCollected},
		{"View rate", notCollected},
		{"Participation rate", "See the outcomes above"},
		{"Completion rate", strings.Join(completion, "; ")},
		{"Cookies", "A cookie of the first party, of one interview, so that its answers can be shown again"},
		{"IP check", "Not done: no IP address is stored"},
		{"Log file analysis", "Not done"},
		{"Registration", "Each person has a link or code of their own: one interview a wave"},
		{"Handling of incomplete questionnaires", "They are in the data; what was not reached is −4"},
		{"Questionnaires with an atypical timestamp", notCollected},
		{"Statistical correction", weights},
	}
}

// contactModes names the ways in which people were written to.
func contactModes(s *study.Study) string {
	if s.Plan == nil {
		return ""
	}
	var out []string
	for _, m := range s.Plan.Messages {
		for _, c := range m.Channels {
			if !slices.Contains(out, string(c)) {
				out = append(out, string(c))
			}
		}
	}
	return strings.Join(out, ", ")
}
