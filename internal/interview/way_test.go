package interview_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
)

// path is how the browser stands in a whole interview.
type path struct {
	Told []struct {
		Name, Code string
		Soft       bool
	}
	To       string
	Screens  []string
	Next     []string
	Previous []string
	Last     string
	Resume   string
	Answers  map[string]string
}

// lifted is an interview in both engines at once: each page is answered in the
// browser first, and then sent to the server.
type lifted struct {
	t    fataler
	b    *browser
	l    *interview.Logic
	doc  *interview.Document
	at   string
	text string
}

func lift(t fataler, b *browser, l *interview.Logic, text string) *lifted {
	s := &lifted{t: t, b: b, l: l, doc: empty(), text: text}
	var p path
	b.ask(t, message{"logic": json.RawMessage(l.Script().JSON()), "legs": l.Legs(), "given": message{"zone": "UTC", "now": now.UnixMilli()}}, &p)
	s.compare("at first", p)
	return s
}

func (s *lifted) view() *interview.View { return s.l.Current(s.doc, now) }

func keyOf(p *interview.Screen) string {
	if p == nil {
		return ""
	}
	return p.Key
}

// compare holds the browser's way against the server's, and its answers.
func (s *lifted) compare(when string, p path) {
	var want path
	for _, screen := range s.view().Screens {
		want.Screens = append(want.Screens, screen.Key)
		want.Next = append(want.Next, keyOf(s.view().Next(screen.Key)))
		want.Previous = append(want.Previous, keyOf(s.view().Previous(screen.Key)))
	}
	want.Last, want.Resume = keyOf(s.view().Previous("")), keyOf(s.view().Resume(s.doc.Pages))
	want.To, want.Told = p.To, p.Told
	want.Answers = p.Answers
	if got := fmt.Sprintf("%+v", p); got != fmt.Sprintf("%+v", want) {
		s.t.Fatalf("%s the way is\n%+v in the browser and\n%+v on the server\n%v\n%s", when, p, want, s.doc.Answers, s.text)
	}
	for _, it := range s.l.Questionnaire.Questions { // a calculation is stored on the server alone
		if it.Type == questionnaire.Calculate && len(it.Triggers) == 0 || it.Type == questionnaire.Hidden {
			continue
		}
		for in := range s.view().Everywhere(it) {
			if key := in.Key(it.Name); p.Answers[key] != s.doc.Answers[key] {
				s.t.Fatalf("%s %s is %q in the browser and %q on the server\n%s", when, key, p.Answers[key], s.doc.Answers[key], s.text)
			}
		}
	}
}

// field is a question on the page that is open in the browser.
type field struct {
	Name, K, Value string
	Asked, Locked  bool
	Choices        []string
}

func (s *lifted) open() []field {
	var answer struct{ Fields []field }
	s.b.ask(s.t, message{"open": s.at}, &answer)
	return answer.Fields
}

// answer fills the page in: choose gives what is answered to a question, false to
// leave what stands there. What is filtered away by another answer is taken out, as
// page.js does.
func (s *lifted) answer(choose func(field, *questionnaire.Item) (string, bool)) map[string][]string {
	values := map[string]string{}
	for _, f := range s.open() {
		values[f.K] = f.Value
		s.offer(f.K, f.Value)
	}
	for _, f := range s.open() {
		it := s.l.Questionnaire.Question(f.Name)
		for _, now := range s.open() { // as it is by now
			if now.Name == f.Name {
				f = now
			}
		}
		if value, ok := choose(f, it); ok && f.Asked && !f.Locked && !it.ReadOnly {
			values[f.K] = value
			s.offer(f.K, value)
		}
		for again := true; again; {
			again = false
			for _, now := range s.open() {
				names := strings.Fields(values[now.K])
				if it := s.l.Questionnaire.Question(now.Name); it.ChoiceFilter == nil && it.ListFrom == nil {
					continue
				}
				kept := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(now.Choices, n) })
				if len(kept) != len(names) {
					again, values[now.K] = true, strings.Join(kept, " ")
					s.offer(now.K, values[now.K])
				}
			}
		}
	}
	typed := map[string][]string{}
	for _, f := range s.open() {
		if !f.Asked {
			continue
		}
		typed[f.Name] = []string{values[f.K]}
		if s.l.Questionnaire.Question(f.Name).Type == questionnaire.SelectMultiple {
			typed[f.Name] = strings.Fields(values[f.K])
		}
	}
	return typed
}

func (s *lifted) offer(key, value string) {
	s.b.standing(s.t, message{"offer": []string{key, value}})
}

// press leaves the page in both engines.
func (s *lifted) press(when string, typed map[string][]string, to interview.Direction, number int) {
	in := interview.Post{Page: s.at, Go: to, Device: "phone", Values: typed, Shown: map[string]string{}, Drawn: map[string]bool{}, Instance: number, Told: true}
	screen := s.view().Screen(s.at)
	for name := range typed {
		in.Shown[name], in.Drawn[name] = interview.Digest(s.doc.Answers[s.view().In(screen).Key(name)]), true
	}
	var p path
	s.b.ask(s.t, message{"step": message{"at": s.at, "typed": typed, "go": to, "number": number}}, &p)
	res := s.l.Post(s.doc, in, now)
	if len(res.Tampered) > 0 {
		s.t.Fatalf("%s: the server takes %v for tampered\n%v\n%s", when, res.Tampered, typed, s.text)
	}
	s.doc.Apply(res.Change, now)
	when = fmt.Sprintf("%s, after %s %d on %s with %v", when, to, number, s.at, typed)
	s.compare(when, p)
	if to == interview.Forward {
		var told []string
		for _, one := range res.Problems {
			told = append(told, one.Question.Name+" "+one.Code)
		}
		var got []string
		for _, one := range p.Told {
			got = append(got, one.Name+" "+one.Code)
		}
		if fmt.Sprint(told) != fmt.Sprint(got) {
			s.t.Fatalf("%s the browser tells of %v, the server of %v\n%s", when, got, told, s.text)
		}
	}
	if next := keyOf(res.Next); p.To != next {
		s.t.Fatalf("%s the browser goes to %q, the server to %q (%v)\n%s", when, p.To, next, res.Problems, s.text)
	}
	if p.To != "" {
		s.at = p.To
	}
}

// walk answers and presses at random for a while.
func (s *lifted) walk(t *rapid.T, a *author) {
	if first := s.view().Next(""); first != nil {
		s.at = first.Key
	} else {
		return
	}
	for i := range rapid.IntRange(1, 14).Draw(t, "pages") {
		when := fmt.Sprintf("step %d", i)
		screen := s.view().Screen(s.at)
		if screen.Page == nil {
			numbers := strings.Fields(s.doc.Answers[s.at])
			switch press := rapid.IntRange(0, 6).Draw(t, "press"); {
			case press < 3:
				s.press(when, nil, interview.Add, 0)
			case press == 3 && len(numbers) > 0:
				n, err := strconv.Atoi(rapid.SampledFrom(numbers).Draw(t, "instance"))
				if err != nil {
					t.Fatal(err)
				}
				at := s.at
				s.press(when, nil, interview.Remove, n)
				if a.chance(2) && s.at == at {
					s.press(when, nil, interview.Restore, n)
				}
			case press == 4:
				s.press(when, nil, interview.Back, 0)
			default:
				s.press(when, nil, interview.Forward, 0)
			}
			continue
		}
		typed := s.answer(func(f field, it *questionnaire.Item) (string, bool) {
			if a.chance(4) {
				return "", false
			}
			return a.choice(it, standing{Choices: f.Choices}), true
		})
		to := interview.Forward
		if a.chance(6) {
			to = interview.Back
		}
		s.press(when, typed, to, 0)
	}
}

// The browser goes through a generated questionnaire with repeats, counted and
// added, in each other and filtered, by the pages that the server would show.
func TestBrowserGoesTheServersWay(t *testing.T) {
	b := startBrowser(t)
	rapid.Check(t, func(t *rapid.T) {
		a := &author{t: t, kinds: map[string]string{}, repeats: true}
		q, text := a.questionnaire()
		lift(t, b, interview.New(q, now.Location()), text).walk(t, a)
	})
}

// And through those that people have written.
func TestBrowserGoesTheServersWayThroughHouses(t *testing.T) {
	b := startBrowser(t)
	for name, text := range map[string]string{"household": household, "family": family, "waiting": waiting} {
		t.Run(name, func(t *testing.T) {
			l := compiled(t, text)
			rapid.Check(t, func(t *rapid.T) {
				a := &author{t: t, kinds: map[string]string{}}
				for _, it := range l.Questionnaire.Questions {
					a.kinds[it.Name] = string(it.Type)
				}
				lift(t, b, l, text).walk(t, a)
			})
		})
	}
}

// waiting has what waits for a change, defaults, and a repeat that some
// instances of another have.
const waiting = `
| survey |
| | type | name | label | relevant | required | calculation | trigger | repeat_count | default | read_only | choice_filter |
| | integer | n | How many? | | yes | | | | 2 | | |
| | calculate | stamp | | | | concat('n', ${n}) | ${n} | | | | |
| | text | copy | Write it again | ${n} > 1 | | concat(${n}, '!') | ${n} | | | | |
| | begin repeat | house | House | | | | | ${n} | | | |
| | text | street | Street | | hard | | | | | | |
| | begin repeat | room | Room | position(..) > 1 and ${street} != '' | | | | | | | |
| | text | colour | Colour | | | | | | concat('c', position(..)) | | |
| | end repeat | | | | | | | | | | |
| | integer | floors | Floors | ${street} = 'a' | | | | | | | |
| | end repeat | | | | | | | | | | |
| | select_one ${street} | best | Which is best? | | | | | | | | |
| | select_multiple ${street} | fine | Which are fine? | ${best} != '' | | | | | | | |
| | text | sure | Surely ${best}? | ${best} = 'a' | | | | | | | |
| | note | end | The end of ${stamp} | ${stamp} != 'n1' | | | | | | | |
`
