package interview_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
)

// household counts its persons by an answer.
const household = `
| survey |
| | type | name | label | required | relevant | constraint | calculation | repeat_count | appearance | default | choice_filter |
| | integer | size | How many live here? | | | . >= 0 | | | | | |
| | begin repeat | person | Person | | | | | ${size} | | | |
| | text | first | What is the name? | yes | | | | | | | |
| | begin group | about | About | | | | | | field-list | | |
| | integer | age | How old is ${first}? | | | . <= ${oldest_allowed} | | | | | |
| | text | school | Which school? | | ${age} < 18 | | | | | | |
| | select_one kin | kin | What is ${first} to you? | hard | position(../..) > 1 | | | | | | |
| | calculate | place | | | | | concat(position(../..), ' of ', count(${person})) | | | | |
| | calculate | before | | | | | indexed-repeat(${first}, ${person}, index(${person}) - 1) | | | | |
| | end group | | | | | | | | | | |
| | end repeat | | | | | | | | | | |
| | calculate | oldest_allowed | | | | | 120 | | | | |
| | calculate | years | | | | | sum(${age}) | | | | |
| | select_one ${first} | eldest | Who is the eldest? | | | | | | | | age >= 18 |
| | note | bye | All of ${first} | | | | | | | | |
| choices |
| | list_name | name | label |
| | kin | child | Child |
| | kin | other | Other |
`

// family lets the respondent add children, and pets to each.
const family = `
| survey |
| | type | name | label | relevant | required | calculation | appearance | default |
| | select_one yn | kids | Do you have children? | | | | | |
| | begin repeat | child | Child | ${kids} = 'yes' | | | | |
| | text | name | The name? | | yes | | | |
| | begin repeat | pet | Pet | | | | field-list | |
| | text | animal | Which animal? | | | | | |
| | text | owner | Whose? | | | | | |
| | calculate | tag | | | | concat(${name}, '/', ${animal}, '/', position(..), '/', position(../..)) | | |
| | hidden | born | | | | | | concat('n', position(..)) |
| | end repeat | | | | | | | |
| | integer | age | How old? | | | | | |
| | end repeat | | | | | | | |
| | integer | last | Anything else? | | | | | |
| choices |
| | list_name | name | label |
| | yn | yes | Yes |
| | yn | no | No |
`

func compiled(t testing.TB, text string) *interview.Logic {
	t.Helper()
	book, problems := questionnaire.Read("test.v1.md", []byte(text))
	q, more := questionnaire.Compile(book)
	for _, p := range append(problems, more...).Errors() {
		t.Fatal(p)
	}
	return interview.New(q, now.Location())
}

// sitting is somebody who answers page after page.
type sitting struct {
	t interface {
		Helper()
		Errorf(string, ...any)
		Fatalf(string, ...any)
	}
	l   *interview.Logic
	doc *interview.Document
	at  string
}

func sit(t testing.TB, text string) *sitting {
	s := &sitting{t: t, l: compiled(t, text), doc: &interview.Document{Answers: map[string]string{}, Devices: map[string]string{}, Pages: map[string]interview.Visit{}}}
	s.at = s.view().Next("").Key
	return s
}

func (s *sitting) view() *interview.View { return s.l.Look(s.doc.Answers, now) }

// post sends the page with answers, NAME VALUE …, and goes where that leads.
func (s *sitting) post(to interview.Direction, answers ...string) interview.Result {
	s.t.Helper()
	in := interview.Post{Page: s.at, Go: to, Device: "phone", Values: map[string][]string{}, Shown: map[string]string{}}
	if word, number, ok := strings.Cut(string(to), " "); ok {
		in.Go = interview.Direction(word)
		in.Instance, _ = strconv.Atoi(number)
	}
	screen := s.view().Screen(s.at)
	if screen == nil {
		s.t.Fatalf("there is no page %s", s.at)
	}
	if screen.Page != nil {
		view := s.view().In(screen)
		for _, it := range screen.Page.Items {
			if it.Asks() && view.Relevant(it.Name) {
				key := view.Key(it.Name)
				in.Shown[it.Name], in.Values[it.Name] = interview.Digest(s.doc.Answers[key]), strings.Fields(s.doc.Answers[key])
				if it.List == nil {
					in.Values[it.Name] = []string{s.doc.Answers[key]}
				}
			}
		}
	}
	for i := 0; i+1 < len(answers); i += 2 {
		in.Values[answers[i]] = []string{answers[i+1]}
		in.Shown[answers[i]] = interview.Digest(s.doc.Answers[s.view().In(screen).Key(answers[i])])
	}
	res := s.l.Post(s.doc, in, now)
	s.doc.Apply(res.Change, now)
	s.at = "review"
	if res.Next != nil {
		s.at = res.Next.Key
	}
	return res
}

func (s *sitting) next(want string, answers ...string) {
	s.t.Helper()
	from := s.at
	if res := s.post(interview.Forward, answers...); s.at != want {
		s.t.Fatalf("after %s comes %s, not %s (problems %v, tampered %v)", from, s.at, want, res.Problems, res.Tampered)
	}
}

func (s *sitting) press(to interview.Direction, want string) {
	s.t.Helper()
	from := s.at
	if s.post(to); s.at != want {
		s.t.Fatalf("%s on %s leads to %s, not %s", to, from, s.at, want)
	}
}

func (s *sitting) has(pairs ...string) {
	s.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if got := s.doc.Answers[pairs[i]]; got != pairs[i+1] {
			s.t.Errorf("%s is %q, not %q", pairs[i], got, pairs[i+1])
		}
	}
}

func TestCountedRepeat(t *testing.T) {
	s := sit(t, household)
	s.next("first@1", "size", "2")
	s.has("person", "1 2")
	s.next("about@1", "first", "Elsa")
	s.next("about@1", "age", "9") // her school comes up
	s.next("first@2", "school", "Ekskolan")
	s.next("first@2") // the reminder
	s.press(interview.Back, "about@1")
	s.next("first@2")
	s.next("about@2", "first", "Olle Ek")
	if res := s.post(interview.Forward, "age", "130"); len(res.Problems) != 2 || res.Problems[0].Code != "constraint" || res.Problems[1].Code != "hard_required" || res.Problems[0].Page != "about@2" {
		t.Fatalf("problems %+v at %s", res.Problems, s.at)
	}
	s.next("eldest", "age", "40", "kin", "child")
	s.has("age@1", "9", "age@2", "40", "years", "49", "place@1", "1 of 2", "place@2", "2 of 2", "before@1", "", "before@2", "Elsa", "school@2", "")
	it := s.l.Questionnaire.Question("eldest")
	choices := s.view().Choices(it)
	if len(choices) != 1 || choices[0].Name != "2" || choices[0].Label["und"] == "" && len(choices[0].Label) != 1 {
		t.Fatalf("choices %+v", choices)
	}
	if res := s.post(interview.Forward, "eldest", "1"); len(res.Tampered) != 1 {
		t.Errorf("the child was taken for the eldest: %+v", res)
	}
	s.at = "eldest"
	s.next("bye", "eldest", "2")
	s.has("eldest", "2")
	if v := s.view().Value("eldest"); v != "Olle Ek" {
		t.Errorf("in expressions the eldest is %q", v)
	}
	if asked, answered := s.view().Applicable(); asked != 8 || answered != 8 {
		t.Errorf("%d of %d answered", answered, asked)
	}
	// Fewer: nothing is lost, nothing of it is asked. More again: it is there.
	s.at = "size"
	s.next("first@1", "size", "1")
	s.has("person", "1", "years", "9", "first@2", "Olle Ek", "age@2", "40")
	if v := s.view(); v.Screen("first@2") == nil || v.Visible(v.Screen("first@2")) || v.Screen("first@99") != nil || v.Screen("first") != nil || v.Screen("size@1") != nil || v.Screen("first@01") != nil {
		t.Error("a page of no instance is taken for one, or one that is gone for none")
	}
	if p := s.l.Check(s.doc, now); len(p) != 0 { // nobody grown up is left: the question is not asked
		t.Errorf("in the way: %+v", p)
	}
	s.at = "size"
	s.next("first@1", "size", "2")
	s.has("years", "49")
	// A count beyond all sense is cut.
	s.at = "size"
	s.post(interview.Forward, "size", "1000000")
	if n := len(s.view().Instances(s.l.Questionnaire.Question("person"))); n != 50 {
		t.Errorf("%d instances", n)
	}
	problems := s.l.Check(s.doc, now)
	if len(problems) != 48 || problems[0].Page != "about@3" || problems[0].Code != "hard_required" {
		t.Errorf("%d problems, the first %+v", len(problems), problems[0])
	}
}

func TestAddAndRemove(t *testing.T) {
	s := sit(t, family)
	s.next("child", "kids", "yes")
	s.press(interview.Add, "name@1")
	s.has("child", "1", "child@1", "added")
	s.next("pet@1", "name", "Elsa")
	s.press(interview.Add, "pet@1.1")
	s.next("pet@1", "animal", "cat")
	s.has("tag@1.1", "Elsa/cat/1/1", "born@1.1", "n1", "pet@1", "1")
	s.press(interview.Add, "pet@1.2")
	s.next("pet@1", "animal", "dog")
	s.press(interview.Back, "name@1")
	s.press(interview.Back, "child")
	s.press(interview.Back, "kids")
	s.next("child")
	s.next("pet@1") // what is not finished comes before what follows
	s.next("age@1")
	s.press(interview.Back, "pet@1")
	s.next("age@1")
	s.next("child", "age", "9")
	s.press(interview.Add, "name@2")
	s.press(interview.Pause, "name@2")
	if at := s.view().Resume(s.doc.Pages); at == nil || at.Key != "name@2" {
		t.Errorf("one goes on at %v", at)
	}
	s.next("name@2") // the reminder
	s.next("pet@2")
	s.press(interview.Forward, "age@2")
	s.next("child")
	s.press(interview.Add, "name@3")
	s.at = "child"
	s.press("remove 1", "child")
	s.has("child", "2 3", "child@1", "removed", "name@1", "Elsa", "tag@1.2", "Elsa/dog/2/1")
	// Typed on a page of it that was still open: kept, and back to the overview.
	s.at = "age@1"
	s.next("child", "age", "10")
	s.has("age@1", "10")
	s.press("restore 1", "child")
	s.has("child", "1 2 3")
	s.press("remove 3", "child")
	s.press("remove 3", "child")
	s.press(interview.Add, "name@4") // no number comes twice
	s.has("child", "1 2 4")
	s.at = "child"
	s.next("name@4") // not finished
	s.next("name@4")
	s.next("pet@4")
	s.next("age@4")
	s.next("child")
	s.next("last")
	s.press(interview.Back, "child")
	s.at = "kids"
	s.next("last", "kids", "no")
	s.has("name@1", "Elsa", "child", "1 2 4")
	if n := s.view().Instances(s.l.Questionnaire.Question("child")); len(n) != 0 {
		t.Errorf("%d children of somebody without", len(n))
	}
	s.next("review", "last", "1")
	if got := s.view().Previous(""); got == nil || got.Key != "last" {
		t.Errorf("before the review comes %v", got)
	}
	s.at = "kids"
	s.next("child", "kids", "yes")
}

func TestNoMoreThanThereIsRoomFor(t *testing.T) {
	s := sit(t, family)
	s.next("child", "kids", "yes")
	for i := range 51 {
		s.at = "child"
		s.post(interview.Add)
		if n := len(strings.Fields(s.doc.Answers["child"])); n != min(i+1, 50) {
			t.Fatalf("%d instances after %d presses", n, i+1)
		}
	}
}

// TestNothingIsLost adds, removes, takes back and answers at random: every
// answer that was acknowledged is in the document, and no number stands for
// two instances.
func TestNothingIsLost(t *testing.T) {
	l := compiled(t, family)
	rapid.Check(t, func(t *rapid.T) {
		s := &sitting{t: t, l: l, doc: &interview.Document{Answers: map[string]string{}, Devices: map[string]string{}, Pages: map[string]interview.Visit{}}, at: "kids"}
		s.post(interview.Forward, "kids", "yes")
		given, born := map[string]string{}, map[string]bool{}
		for step := range rapid.IntRange(1, 60).Draw(t, "steps") {
			var pages []string
			for _, sc := range s.view().Screens {
				pages = append(pages, sc.Key)
			}
			s.at = rapid.SampledFrom(pages[1:]).Draw(t, "page")
			before := maps.Clone(s.doc.Answers)
			screen := s.view().Screen(s.at)
			if screen.Page == nil {
				numbers := strings.Fields(s.doc.Answers[interview.At(screen.Repeat.Name, screen.Instance)])
				presses := []interview.Direction{interview.Add, interview.Forward, interview.Back, "restore 1", "restore 2", "remove 1", "remove 99"}
				if len(numbers) > 0 {
					presses = append(presses, interview.Direction("remove "+rapid.SampledFrom(numbers).Draw(t, "which")))
				}
				press := rapid.SampledFrom(presses).Draw(t, "press")
				s.post(press)
				for key, value := range s.doc.Answers {
					if _, known := before[key]; value == "added" && !known {
						if born[key] {
							t.Fatalf("%s was there before", key)
						}
						born[key] = true
					}
				}
			} else {
				view := s.view().In(screen)
				for _, it := range screen.Page.Items {
					if it.Asks() && it.Name != "kids" {
						value := fmt.Sprint(step + 1)
						s.post(rapid.SampledFrom([]interview.Direction{interview.Forward, interview.Back}).Draw(t, "go"), it.Name, value)
						given[view.Key(it.Name)] = value
						break
					}
				}
			}
			for key, value := range given {
				if s.doc.Answers[key] != value {
					t.Fatalf("%s was answered with %s and is %q", key, value, s.doc.Answers[key])
				}
			}
			for key, value := range s.doc.Answers {
				if name, _ := interview.Split(key); name == "child" || name == "pet" {
					if numbers := strings.Fields(value); len(slices.Compact(slices.Sorted(slices.Values(numbers)))) != len(numbers) {
						t.Fatalf("%s lists %s", key, value)
					}
				}
			}
			back, err := interview.Decode(s.doc.Encode())
			if err != nil || !maps.Equal(back.Answers, s.doc.Answers) || !maps.Equal(back.Devices, s.doc.Devices) {
				t.Fatalf("stored and read: %v %v", err, back)
			}
		}
	})
}

// BenchmarkRosterStep posts a page of the 25th of 50 persons.
func BenchmarkRosterStep(b *testing.B) {
	s := sit(b, household)
	s.post(interview.Forward, "size", "50")
	for i := range 50 {
		s.doc.Answers[fmt.Sprintf("first@%d", i+1)], s.doc.Answers[fmt.Sprintf("age@%d", i+1)] = fmt.Sprint("Person ", i+1), fmt.Sprint(i+1)
	}
	in := interview.Post{Page: "about@25", Go: interview.Forward, Device: "phone", Shown: map[string]string{"age": "x"}, Values: map[string][]string{"age": {"33"}}}
	for b.Loop() {
		if res := s.l.Post(s.doc, in, now); res.Change.Answers["age@25"] != "33" {
			b.Fatal(res)
		}
	}
}
