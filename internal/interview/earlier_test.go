package interview_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
)

// panelForm asks for the job, and from the second time whether it is the same.
const panelForm = `
| survey |
| | type | name | label | relevant | required | constraint | default |
| | select_one yes_no | employed | Do you work? | | | | |
| | select_one job | job | What do you work as? | ${employed} = 'yes' | yes | | ${last-saved#job} |
| | integer | hours | How many hours? | | yes | . >= 0 and . < 80 | ${last-saved#hours} |
| | text | tasks | What do you do? | | | | ${last-saved#tasks} |
| | select_multiple job | skills | What can you do? | | | | ${last-saved#skills} |
| | text | why | You were a ${last-saved#job}. Why not now? | ${last-saved#job} != '' and ${job} != ${last-saved#job} | | | |
| | text | baseline | Tell about your first job | ${last-saved#job} = '' | | | |
| | calculate | more | | | | | |
| choices |
| | list_name | name | label | missing |
| | yes_no | yes | Yes | |
| | yes_no | no | No | |
| | job | welder | Welder | |
| | job | fitter | Fitter | |
| | job | dk | Don't know | dk |
| | job | refused | Prefer not to say | refused |
`

func panelLogic(t testing.TB, change ...string) *interview.Logic {
	t.Helper()
	book, _ := questionnaire.Read("panel.v1.md", []byte(strings.NewReplacer(change...).Replace(strings.Replace(panelForm,
		"| | calculate | more | | | | | |\n", "", 1))))
	q, problems := questionnaire.Compile(book)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return interview.New(q, time.UTC)
}

// given makes the interview of a wave: "employed=yes job=welder@phone".
func given(t testing.TB, answers string) *interview.Document {
	t.Helper()
	d := empty()
	for _, one := range strings.Fields(answers) {
		name, value, _ := strings.Cut(one, "=")
		value, device, ok := strings.Cut(value, "@")
		if !ok {
			device = "phone"
		}
		d.Apply(interview.Change{Answers: map[string]string{name: strings.ReplaceAll(value, "+", " ")}, Device: device}, now)
	}
	return d
}

func TestWhatAnInterviewIsToldOfEarlierWaves(t *testing.T) {
	l := panelLogic(t)
	other := panelLogic(t, "welder | Welder", "turner | Turner")
	byDevice := interview.Proof{Way: interview.ByDevice, Device: "phone"}
	for _, c := range []struct {
		name      string
		waves     []string // from wave 1 on; "-" has no interview
		proof     interview.Proof
		corrected string // a question of wave 2
		renamed   bool   // the publisher of the present version decided: another variable
		now       *interview.Logic
		want      string
	}{
		{name: "the wave before", waves: []string{"employed=yes job=welder hours=40"}, want: "hours=40@1 job=welder@1"},
		{name: "the latest counts", waves: []string{"hours=40", "hours=35"}, want: "hours=35@2"},
		{name: "a skipped wave", waves: []string{"hours=40", "-"}, want: "hours=40@1"},
		{name: "left blank in between", waves: []string{"hours=40 tasks=weld", "tasks=paint"}, want: "hours=40@1 tasks=paint@2"},
		{name: "somebody new", waves: []string{"-", "-"}, want: ""},
		{name: "routed past in between", waves: []string{"employed=yes job=welder", "employed=no job=fitter"}, want: "job=welder@1"},
		{name: "don't know is no answer to go on from", waves: []string{"employed=yes job=welder", "employed=yes job=dk"}, want: ""},
		{name: "who would not say is not told what they said before", waves: []string{"employed=yes job=welder", "employed=yes job=refused"}, want: ""},
		{name: "erased", waves: []string{""}, want: ""},
		{name: "several", waves: []string{"skills=welder+fitter"}, want: "skills=welder fitter@1"},
		{name: "no proof", waves: []string{"hours=40"}, proof: interview.Proof{Way: "none"}, want: ""},
		{name: "another device", waves: []string{"hours=40@desk tasks=weld"}, want: "tasks=weld@1"},
		{name: "an older answer is not what was said last", waves: []string{"hours=40", "hours=35@desk"}, want: ""},
		{name: "typed in by staff", waves: []string{"hours=40@"}, want: ""},
		{name: "corrected since", waves: []string{"hours=40", "hours=350 tasks=weld"}, corrected: "hours", want: "tasks=weld@2"},
		{name: "another variable", waves: []string{"hours=40 tasks=weld"}, renamed: true, want: "tasks=weld@1"},
		{name: "a choice that is gone", waves: []string{"employed=yes job=welder hours=40"}, now: other, want: "hours=40@1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var past []interview.Past
			for i, answers := range c.waves {
				if answers == "-" {
					continue
				}
				past = append([]interview.Past{{Wave: i + 1, At: now, Logic: l, Doc: given(t, answers),
					Same: func(name string) string {
						if c.renamed && name == "hours" {
							return ""
						}
						return name
					}, Corrected: map[string]bool{c.corrected: c.corrected != "" && i == 1}}}, past...)
			}
			if c.proof == (interview.Proof{}) {
				c.proof = byDevice
			}
			if c.now == nil {
				c.now = l
			}
			var got []string
			told := c.now.Recall(past, c.proof)
			for _, name := range []string{"hours", "job", "skills", "tasks"} {
				if e, ok := told[name]; ok {
					got = append(got, fmt.Sprintf("%s=%s@%d", name, e.Value, e.Wave))
				}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("told %q, want %q", s, c.want)
			}
		})
	}
}

// told gives an interview that was told of wave 1 on the phone.
func told(answers ...string) *interview.Document {
	d := empty()
	earlier := map[string]interview.Earlier{}
	for _, one := range answers {
		name, value, _ := strings.Cut(one, "=")
		earlier[name] = interview.Earlier{Value: value, Wave: 1, At: now.AddDate(-1, 0, 0).UnixMilli()}
	}
	d.Apply(interview.Change{Earlier: earlier, Proof: &interview.Proof{Way: interview.ByDevice, Device: "phone"}}, now)
	return d
}

func TestRoutingByEarlierAnswers(t *testing.T) {
	l := panelLogic(t)
	for _, c := range []struct {
		doc             *interview.Document
		why, baseline   bool
		job, afterwards string
	}{
		{empty(), false, true, "welder", ""},
		{told("job=welder"), false, false, "welder", ""},
		{told("job=welder"), true, false, "fitter", ""},
	} {
		c.doc.Apply(interview.Change{Answers: map[string]string{"employed": "yes", "job": c.job}}, now)
		view := l.Current(c.doc, now)
		if view.Relevant("why") != c.why || view.Relevant("baseline") != c.baseline {
			t.Errorf("job %s, told %v: why %v, baseline %v", c.job, c.doc.Earlier, view.Relevant("why"), view.Relevant("baseline"))
		}
	}
	// What was told stands: a second telling changes nothing.
	d := told("job=welder")
	d.Apply(interview.Change{Earlier: map[string]interview.Earlier{"job": {Value: "fitter"}}, Proof: &interview.Proof{Way: "other"}}, now)
	if d.Earlier["job"].Value != "welder" || d.Proof.Way != interview.ByDevice {
		t.Errorf("told twice: %+v", d)
	}
}

func TestWhatBecomesOfAnOffer(t *testing.T) {
	l := panelLogic(t)
	type step struct {
		said, typed string
		device      string // "phone" where left out
		want        string // the answer then
		outcome     interview.Outcome
		again       bool
	}
	for _, c := range []struct {
		name, question string
		earlier        string
		steps          []step
	}{
		{"confirmed", "hours", "40", []step{{said: "same", want: "40", outcome: interview.Confirmed}}},
		{"an offer alone is no answer", "hours", "40", []step{{again: true, outcome: interview.Passed}, {outcome: interview.Passed}}},
		{"changed", "hours", "40", []step{{said: "new", typed: "35", want: "35", outcome: interview.Changed}}},
		{"written without a mark", "hours", "40", []step{{typed: "35", want: "35", outcome: interview.Changed}}},
		{"what is written counts", "hours", "40", []step{{said: "same", typed: "35", want: "35", outcome: interview.Changed}}},
		{"the same written anew", "hours", "40", []step{{said: "new", typed: "40", want: "40", outcome: interview.Confirmed}}},
		{"changed, to what is not said", "hours", "40", []step{{said: "new", again: true, outcome: interview.Changed}, {said: "new", outcome: interview.Changed}}},
		{"confirmed and left alone", "hours", "40", []step{{said: "same", want: "40", outcome: interview.Confirmed}, {said: "same", want: "40", outcome: interview.Confirmed}}},
		{"first yes, then no", "hours", "40", []step{{said: "same", want: "40", outcome: interview.Confirmed}, {said: "new", typed: "30", want: "30", outcome: interview.Changed}}},
		{"first no, then yes", "hours", "40", []step{{said: "new", typed: "30", want: "30", outcome: interview.Changed}, {said: "same", typed: "30", want: "40", outcome: interview.Confirmed}}},
		{"first yes, then blank", "hours", "40", []step{{said: "same", want: "40", outcome: interview.Confirmed}, {said: "new", again: true, outcome: interview.Changed}}},
		{"nonsense beside a yes", "hours", "40", []step{{said: "same", typed: "forty", again: true}}},
		{"no longer allowed", "hours", "90", []step{{said: "same", again: true}, {said: "new", typed: "50", want: "50", outcome: interview.Changed}}},
		{"declined", "job", "welder", []step{{said: "new", typed: "refused", want: "refused", outcome: interview.Declined}}},
		{"don't know is another answer", "job", "welder", []step{{typed: "dk", want: "dk", outcome: interview.Changed}}},
		{"a choice confirmed", "job", "welder", []step{{said: "same", want: "welder", outcome: interview.Confirmed}}},
		{"several confirmed", "skills", "welder fitter", []step{{said: "same", want: "welder fitter", outcome: interview.Confirmed}}},
		{"a text confirmed", "tasks", "I weld.", []step{{said: "same", want: "I weld.", outcome: interview.Confirmed}}},
		{"another device confirms nothing", "hours", "40", []step{{said: "same", device: "desk", again: true}, {device: "desk", typed: "20", want: "20"}}},
		{"nobody confirms nothing", "hours", "40", []step{{said: "same", device: "none", again: true}}},
		{"changed on another device after all", "hours", "40", []step{{said: "same", want: "40", outcome: interview.Confirmed},
			{device: "desk", typed: "20", want: "20", outcome: interview.Changed}}},
		{"answered where it was not offered", "hours", "40", []step{{device: "desk", typed: "20", want: "20"}, {want: "20"}, {said: "same", want: "40", outcome: interview.Confirmed}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := told(c.question + "=" + c.earlier)
			doc.Apply(interview.Change{Answers: map[string]string{"employed": "yes"}}, now)
			for i, s := range c.steps {
				in := post(c.question, c.question)
				in.Device = "phone"
				if s.device != "" {
					in.Device = strings.TrimPrefix(s.device, "none")
				}
				if s.typed != "" {
					in.Values[c.question] = []string{s.typed}
				}
				if in.Device == doc.Devices[c.question] {
					in.Shown[c.question] = interview.Digest(doc.Answers[c.question])
				}
				if s.device == "" || s.said != "" {
					in.Said = map[string]string{c.question: s.said}
				}
				res := l.Post(doc, in, now)
				doc.Apply(res.Change, now)
				if doc.Answers[c.question] != s.want || doc.Prefills[c.question] != s.outcome || res.Again != s.again {
					t.Fatalf("step %d: %q, %q, again %v; want %q, %q, %v", i+1, doc.Answers[c.question], doc.Prefills[c.question], res.Again, s.want, s.outcome, s.again)
				}
			}
		})
	}
}

// A required question gets its one reminder, and an offer is never in a field.
func TestAnOfferIsNoDefault(t *testing.T) {
	l := panelLogic(t)
	doc := told("hours=40")
	if d := l.Current(doc, now).Default(l.Questionnaire.Question("hours")); d != "" {
		t.Errorf("the field holds %q", d)
	}
	if _, ok := l.Current(doc, now).Offer(doc, l.Questionnaire.Question("hours"), "desk"); ok {
		t.Error("another device is shown the earlier answer")
	}
}

func TestEarlierAnswersAreStored(t *testing.T) {
	d := told("job=welder", `tasks="quoted" åäö`)
	d.Apply(interview.Change{Answers: map[string]string{"job": "welder"}, Device: "phone", Page: "job", Prefills: map[string]interview.Outcome{"job": interview.Confirmed}}, now)
	stored := d.Encode()
	back, err := interview.Decode(stored)
	if err != nil {
		t.Fatal(err)
	}
	if back.Encode() != stored || !maps.Equal(back.Earlier, d.Earlier) || back.Proof != d.Proof || !maps.Equal(back.Prefills, d.Prefills) {
		t.Errorf("stored %s, read %+v", stored, back)
	}
	c := d.Clone()
	c.Prefills["job"], c.Earlier["job"] = interview.Changed, interview.Earlier{}
	if d.Encode() != stored {
		t.Error("a clone shares what it was told")
	}
	if err := back.Read(`{"a":{},"d":{},"p":{}}`); err != nil || len(back.Earlier) > 0 || back.Proof != (interview.Proof{}) || len(back.Prefills) > 0 {
		t.Errorf("read again it keeps %+v, %v", back, err)
	}
	for i := range stored {
		if i > 0 {
			_, _ = interview.Decode(stored[:i]) // an error, never a panic
		}
	}
}
