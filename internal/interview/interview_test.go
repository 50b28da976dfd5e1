package interview_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
)

const form = `
| survey |
| | type | name | label | required | relevant | constraint | constraint_message | calculation | parameters | choice_filter | default | appearance |
| | begin group | work | Work | | | | | | | | | field-list |
| | select_one yes_no | has_job | Do you have a job? | yes | | | | | | | | |
| | integer | hours | How many hours? | | ${has_job} = 'yes' | . >= 0 and . <= 100 | Write a number between 0 and 100. | | | | | |
| | decimal | pay | Pay an hour? | | ${has_job} = 'yes' | | | | | | | |
| | calculate | weekly | | | | | | ${hours} * ${pay} | | | | |
| | end group | | | | | | | | | | | |
| | select_multiple tech | met | What have you met? | | | not(selected(., 'none')) or count-selected(.) = 1 | | | | | | |
| | rank tech | order | What matters most? | | | | | | | | | |
| | range | share | How much of the time? | | | | | | start=0 end=100 step=5 | | | |
| | date | day | When? | | | . <= today() | | | | | | |
| | time | clock | At what time? | | | | | | | | | |
| | dateTime | moment | When exactly? | | | | | | | | | |
| | geopoint | place | Where? | | | | | | | | | |
| | text | words | In your own words | | | | | | | | | multiline |
| | acknowledge | consent | Do you agree? | hard | | | | | | | | |
| | select_one region | region | Which region? | | | | | | | | | |
| | select_one town | town | Which town? | | | | | | | in = ${region} | | |
| | note | thanks | Thank you | | | | | | | | | |
| | hidden | source | | | | | | | | | web | |
| choices |
| | list_name | name | label | missing | in |
| | yes_no | yes | Yes | | |
| | yes_no | no | No | | |
| | yes_no | dk | Don't know | dk | |
| | tech | robots | Robots | | |
| | tech | tablets | Tablets | | |
| | tech | none | None | | |
| | tech | refused | Prefer not to say | refused | |
| | region | west | West | | |
| | region | east | East | | |
| | town | gothenburg | Gothenburg | | west |
| | town | stockholm | Stockholm | | east |
| settings |
| | form_id | version |
| | test | 1 |
`

var now = time.Date(2017, 3, 22, 12, 0, 0, 0, time.UTC)

func logic(t testing.TB) *interview.Logic {
	t.Helper()
	book, problems := questionnaire.Read("test.v1.md", []byte(form))
	if len(problems.Errors()) > 0 {
		t.Fatal(problems)
	}
	q, problems := questionnaire.Compile(book)
	if len(problems.Errors()) > 0 {
		t.Fatal(problems)
	}
	return interview.New(q, time.UTC)
}

func empty() *interview.Document {
	d, _ := interview.Decode("")
	return d
}

// post sends one question of its own page, shown blank.
func post(page, question string, values ...string) interview.Post {
	return interview.Post{Page: page, Go: interview.Forward, Device: "d",
		Values: map[string][]string{question: values}, Shown: map[string]string{question: ""}}
}

func TestWhatPeopleType(t *testing.T) {
	l := logic(t)
	for _, c := range []struct {
		question, typed, stored, wrong string
	}{
		{"hours", "38", "38", ""},
		{"hours", " 38 ", "38", ""},
		{"hours", "+38", "38", ""},
		{"hours", "007", "7", ""},
		{"hours", "", "", ""},
		{"hours", "38,5", "", "not_whole"},
		{"hours", "trettio", "", "not_a_number"},
		{"hours", "1e3", "", "not_whole"},
		{"hours", "NaN", "", "not_a_number"},
		{"hours", "12345678901234567890", "", "too_big"},
		{"hours", "420", "", "constraint"},
		{"hours", "−1", "", "constraint"},
		{"pay", "12,50", "12.5", ""},
		{"pay", "12.50", "12.5", ""},
		{"pay", "1\u00a0234,5", "1234.5", ""},
		{"pay", "1\u202f234,5", "1234.5", ""},
		{"pay", "1’234.5", "1234.5", ""},
		{"pay", "1,234.5", "1234.5", ""},
		{"pay", "1.234,5", "1234.5", ""},
		{"pay", "1.234.567", "1234567", ""},
		{"pay", "1.234,567.8", "", "not_a_number"},
		{"pay", "1.23,4", "", "not_a_number"},
		{"pay", "1.234", "", "two_ways"},
		{"pay", "-1,234", "", "two_ways"},
		{"pay", "1.2340", "1.234", ""},
		{"pay", "0.125", "0.125", ""},
		{"pay", "1 234,567", "1234.567", ""},
		{"pay", "Inf", "", "not_a_number"},
		{"pay", "0x10", "", "not_a_number"},
		{"share", "35", "35", ""},
		{"share", "101", "", "out_of_range"},
		{"share", "33", "", "off_step"},
		{"day", "2017-02-28", "2017-02-28", ""},
		{"day", "28.2.2017", "2017-02-28", ""},
		{"day", "2017-2-8", "2017-02-08", ""},
		{"day", "20170228", "2017-02-28", ""},
		{"day", "2017-02-31", "", "not_a_date"},
		{"day", "2018-01-01", "", "constraint"},
		{"day", "i går", "", "not_a_date"},
		{"clock", "18.30", "18:30", ""},
		{"clock", "7:05", "07:05", ""},
		{"clock", "18,30", "18:30", ""},
		{"clock", "1830", "18:30", ""},
		{"clock", "25:00", "", "not_a_time"},
		{"place", "57.7089, 11.9746", "57.7089 11.9746 0 0", ""},
		{"place", "57,7089 11,9746", "57.7089 11.9746 0 0", ""},
		{"place", "57.7,11.97", "57.7 11.97 0 0", ""},
		{"place", "−33.9° 18.4° 12 5", "-33.9 18.4 12 5", ""},
		{"place", "91 0", "", "not_a_place"},
		{"place", "Göteborg", "", "not_a_place"},
		{"place", "57.7", "", "not_a_place"},
		{"moment", "2017-03-01T18:30", "2017-03-01T18:30", ""},
		{"words", "  två rader\r\nhär  ", "  två rader\nhär  ", ""},
		{"words", "   ", "", ""},
		{"words", "a\x00b", "", "bad_characters"},
		{"words", "\xff", "", "bad_characters"},
		{"words", strings.Repeat("🦊", interview.MaxText), strings.Repeat("🦊", interview.MaxText), ""},
		{"words", strings.Repeat("a", interview.MaxText+1), "", "too_long"},
		{"met", "robots|tablets", "robots tablets", ""},
		{"met", "tablets|robots", "robots tablets", ""},
		{"met", "none", "none", ""},
		{"met", "none|robots", "", "constraint"},
		{"met", "refused|robots", "", "not_both"},
		{"met", "lasers", "", "tampered"},
		{"order", "tablets robots", "tablets robots", ""},
		{"order", "refused", "refused", ""},
		{"order", "refused robots", "", "not_both"},
		{"order", "robots robots", "", "tampered"},
		{"consent", "OK", "OK", ""},
		{"consent", "", "", "hard_required"},
		{"town", "gothenburg", "gothenburg", ""},
		{"town", "stockholm", "", "tampered"},
	} {
		t.Run(c.question+" "+c.typed[:min(len(c.typed), 24)], func(t *testing.T) {
			doc := empty()
			doc.Answers["has_job"], doc.Answers["region"] = "yes", "west"
			page := c.question
			if it := l.Questionnaire.Question(c.question); it.Parent != nil {
				page = it.Parent.Name
			}
			res := l.Post(doc, post(page, c.question, strings.Split(c.typed, "|")...), now)
			if got := res.Change.Answers[c.question]; got != c.stored {
				t.Errorf("stored %.40q, not %.40q", got, c.stored)
			}
			wrong := ""
			if len(res.Problems) > 0 {
				wrong = res.Problems[0].Code
			}
			if slices.Contains(res.Tampered, c.question) {
				wrong = "tampered"
			}
			if wrong != c.wrong {
				t.Errorf("found %q, not %q", wrong, c.wrong)
			}
			if wrong != "" && res.Change.Done {
				t.Error("the page counts as done with")
			}
		})
	}
}

func TestRelevanceAndCalculation(t *testing.T) {
	l := logic(t)
	doc := empty()
	res := l.Post(doc, interview.Post{Page: "work", Go: interview.Forward, Values: map[string][]string{"has_job": {"yes"}}, Shown: map[string]string{"has_job": ""}}, now)
	if !res.Again || len(res.Problems) > 0 {
		t.Fatalf("yes brings follow-ups on the same page, got %+v", res)
	}
	doc.Apply(res.Change, now)
	res = l.Post(doc, interview.Post{Page: "work", Go: interview.Forward,
		Values: map[string][]string{"has_job": {"yes"}, "hours": {"40"}, "pay": {"2,5"}},
		Shown:  map[string]string{"has_job": interview.Digest("yes"), "hours": "", "pay": ""}}, now)
	doc.Apply(res.Change, now)
	if doc.Answers["weekly"] != "100" || res.Next.Key != "met" || !doc.Pages["work"].Done {
		t.Errorf("weekly %q, next %v, pages %v", doc.Answers["weekly"], res.Next.Key, doc.Pages)
	}
	doc.Answers["has_job"] = "no"
	view := l.Look(doc.Answers, now)
	if view.Relevant("hours") || view.Value("hours") != "" || view.Answer("hours") != "" {
		t.Error("hours is still asked")
	}
	if doc.Answers["hours"] != "40" {
		t.Error("and its answer is gone")
	}
	if view.Value("source") != "web" {
		t.Errorf("the hidden default reads %q", view.Value("source"))
	}
}

// What breaks its constraint is not saved, and nothing is worked out from it.
func TestNothingFollowsFromABrokenAnswer(t *testing.T) {
	l, doc := logic(t), empty()
	doc.Answers["has_job"], doc.Answers["hours"], doc.Answers["pay"], doc.Answers["weekly"] = "yes", "40", "2", "80"
	res := l.Post(doc, interview.Post{Page: "work", Go: interview.Forward, Values: map[string][]string{"hours": {"420"}, "pay": {"3"}},
		Shown: map[string]string{"hours": interview.Digest("40"), "pay": interview.Digest("2")}}, now)
	doc.Apply(res.Change, now)
	if len(res.Problems) != 1 || doc.Answers["hours"] != "40" || doc.Answers["weekly"] != "120" {
		t.Errorf("%v stored, problems %v", doc.Answers, res.Problems)
	}
}

func TestOneReminder(t *testing.T) {
	l := logic(t)
	doc := empty()
	blank := interview.Post{Page: "work", Go: interview.Forward, Values: map[string][]string{}, Shown: map[string]string{"has_job": ""}}
	res := l.Post(doc, blank, now)
	if len(res.Problems) != 1 || !res.Problems[0].Soft || !res.Again {
		t.Fatalf("the first press gave %+v", res)
	}
	doc.Apply(res.Change, now)
	if res = l.Post(doc, blank, now); len(res.Problems) != 0 || res.Next.Key != "met" {
		t.Errorf("the second press gave %+v", res)
	}
	for _, way := range []interview.Direction{interview.Back, interview.Pause} {
		blank.Go = way
		if res = l.Post(empty(), blank, now); len(res.Problems) != 0 || res.Next.Key != "work" {
			t.Errorf("%s gave %+v", way, res)
		}
	}
}

// What cannot be saved is told before one goes back or pauses; pressed again
// one goes without it.
func TestNothingTypedIsLostInSilence(t *testing.T) {
	l := logic(t)
	doc := empty()
	doc.Answers["has_job"] = "yes"
	for _, way := range []interview.Direction{interview.Back, interview.Pause} {
		for typed, lost := range map[string]bool{"420": true, "forty": true, "40": false, "": false} {
			in := interview.Post{Page: "work", Go: way, Values: map[string][]string{"hours": {typed}}, Shown: map[string]string{"hours": ""}}
			if res := l.Post(doc, in, now); res.Again != lost || lost && (len(res.Problems) != 1 || !res.Problems[0].Unsaved) {
				t.Errorf("%s with %q gave %+v", way, typed, res)
			}
			in.Told = true
			if res := l.Post(doc, in, now); res.Again || len(res.Problems) > 0 {
				t.Errorf("%s with %q, told, gave %+v", way, typed, res)
			}
		}
	}
}

const cascade = `
| survey |
| | type | name | label | required | relevant | choice_filter | default | read_only | appearance |
| | begin group | place | Place | | | | | | field-list |
| | select_one region | region | Which region? | | | | | | |
| | select_one town | town | Which town in ${region}? | hard | | in = ${region} | | | |
| | end group | | | | | | | | |
| | date | day | When? | | | | today() | | |
| | text | number | Number of the study | | | | A-17 | yes | |
| | hidden | began | | | | | today() | | |
| choices |
| | list_name | name | label | in |
| | region | west | West | |
| | region | east | East | |
| | region | north | North | |
| | town | gothenburg | Gothenburg | west |
| | town | stockholm | Stockholm | east |
| settings |
| | form_id | version |
| | cascade | 1 |
`

// A list that depends on an answer of the same page: it is asked once there is
// something to choose, and again when the choices are others.
func TestChoicesThatDependOnThePage(t *testing.T) {
	book, _ := questionnaire.Read("cascade.v1.md", []byte(cascade))
	q, problems := questionnaire.Compile(book)
	if len(problems.Errors()) > 0 {
		t.Fatal(problems)
	}
	l, doc := interview.New(q, time.UTC), empty()
	send := func(region, town string) interview.Result {
		in := interview.Post{Page: "place", Go: interview.Forward, Values: map[string][]string{"region": {region}},
			Shown: map[string]string{"region": interview.Digest(doc.Answers["region"])}}
		if l.Look(doc.Answers, now).Relevant("town") {
			in.Values["town"], in.Shown["town"] = []string{town}, interview.Digest(doc.Answers["town"])
		}
		res := l.Post(doc, in, now)
		doc.Apply(res.Change, now)
		return res
	}
	if l.Look(doc.Answers, now).Relevant("town") || len(l.Check(doc, now)) > 0 {
		t.Error("a town is asked for though there is none to choose")
	}
	if res := send("west", ""); !res.Again {
		t.Errorf("the towns of the west are not shown: %+v", res)
	}
	if res := send("west", "gothenburg"); res.Again || doc.Answers["town"] != "gothenburg" {
		t.Errorf("a town of the west gave %+v", res)
	}
	if res := send("east", "gothenburg"); !res.Again || doc.Answers["town"] != "" {
		t.Errorf("the towns of the east are not shown: %+v, %v", res, doc.Answers)
	}
	if res := send("north", ""); res.Again || res.Next == nil {
		t.Errorf("the north has no towns, and gave %+v", res)
	}
	doc.Answers["region"], doc.Answers["town"] = "west", "stockholm"
	if problems := l.Check(doc, now); len(problems) != 1 || problems[0].Question.Name != "town" {
		t.Errorf("a town of another region may be sent in: %v", problems)
	}
}

func TestDefaults(t *testing.T) {
	book, _ := questionnaire.Read("cascade.v1.md", []byte(cascade))
	q, _ := questionnaire.Compile(book)
	l := interview.New(q, time.UTC)
	if got := l.Look(nil, now).Default(q.Question("day")); got != "2017-03-22" {
		t.Errorf("today is %q", got)
	}
	res := l.Post(empty(), interview.Post{Page: "number", Go: interview.Forward, Values: map[string][]string{"number": {"B-1"}}, Shown: map[string]string{"number": ""}}, now)
	if a := res.Change.Answers; a["number"] != "A-17" || a["began"] != "2017-03-22" {
		t.Errorf("saved %v", a)
	}
}

func TestHardNeedsStopSubmission(t *testing.T) {
	l := logic(t)
	doc := empty()
	if problems := l.Check(doc, now); len(problems) != 1 || problems[0].Question.Name != "consent" {
		t.Errorf("an empty interview has %v", problems)
	}
	doc.Answers["consent"] = "OK"
	if problems := l.Check(doc, now); len(problems) != 0 {
		t.Errorf("a consented one has %v", problems)
	}
}

// Whatever is posted, in whatever order, the page never stores what breaks a
// type or a rule, never loses an answer that was not touched, and always has
// somewhere to go.
func TestAnyPostKeepsTheRules(t *testing.T) {
	l := logic(t)
	q := l.Questionnaire
	anything := rapid.OneOf(rapid.SampledFrom([]string{"", "yes", "no", "dk", "12", "-3", "1,5", "robots", "none", "refused", "2017-03-01", "OK", "west", "gothenburg", "stockholm", "\x00"}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		doc := empty()
		for range rapid.IntRange(1, 12).Draw(t, "posts") {
			page := q.Pages[rapid.IntRange(0, len(q.Pages)-1).Draw(t, "page")]
			in := interview.Post{Page: page.Key, Device: "d", Values: map[string][]string{}, Shown: map[string]string{},
				Go: rapid.SampledFrom([]interview.Direction{interview.Forward, interview.Back, interview.Pause, interview.Stay}).Draw(t, "go")}
			for _, it := range page.Items {
				if rapid.Bool().Draw(t, "shown") {
					in.Shown[it.Name] = rapid.SampledFrom([]string{"", interview.Digest(doc.Answers[it.Name])}).Draw(t, "was")
					in.Values[it.Name] = rapid.SliceOfN(anything, 0, 3).Draw(t, "typed")
				}
			}
			before := maps.Clone(doc.Answers)
			res := l.Post(doc, in, now)
			if !maps.Equal(before, doc.Answers) {
				t.Fatal("Post changed the document")
			}
			if res.Next == nil && res.Again {
				t.Fatal("nowhere to go")
			}
			doc.Apply(res.Change, now)
			for name, value := range before {
				if _, posted := in.Shown[name]; !posted && doc.Answers[name] != value && q.Question(name).Asks() {
					t.Fatalf("%s was not posted and changed from %q to %q", name, value, doc.Answers[name])
				}
			}
		}
		again, err := interview.Decode(doc.Encode())
		if err != nil || again.Encode() != doc.Encode() {
			t.Fatalf("the document does not come back: %v", err)
		}
		view := l.Look(doc.Answers, now)
		for name, value := range doc.Answers {
			it := q.Question(name)
			if it == nil || !it.Asks() && it.Type != questionnaire.Calculate {
				t.Fatalf("an answer to %q, which is no question", name)
			}
			if it.Type == questionnaire.Integer && strings.Trim(value, "-0123456789") != "" {
				t.Fatalf("%s holds %q", name, value)
			}
		}
		if asked, answered := view.Applicable(); answered > asked {
			t.Fatalf("%d of %d answered", answered, asked)
		}
	})
}

func BenchmarkPost(b *testing.B) {
	l := logic(b)
	doc := empty()
	in := interview.Post{Page: "work", Go: interview.Forward, Values: map[string][]string{"has_job": {"yes"}, "hours": {"40"}, "pay": {"2,5"}},
		Shown: map[string]string{"has_job": "", "hours": "", "pay": ""}}
	for b.Loop() {
		l.Post(doc, in, now)
	}
}

const looked = `
| survey |
| | type | name | label | calculation |
| | select_one town | town | Which town? | |
| | calculate | county | | instance('town')/root/item[name = ${town}]/county |
| | calculate | spoken | | instance('town')/root/item[name = ${town}]/label |
| | calculate | people | | pulldata('towns', 'people', 'key', ${town}) |
| | calculate | coin | | once(random()) |
| choices |
| | list_name | name | label | county |
| | town | gbg | Gothenburg | Västra Götaland |
| | town | mmo | Malmö | Skåne |
`

// What instance() and pulldata() look up is there, and chance stays what it was.
func TestLookingUp(t *testing.T) {
	book, problems := questionnaire.Read("looked.v1.md", []byte(looked))
	book.Files = map[string][]byte{"towns.csv": []byte("key,people\ngbg,600000\nmmo,360000\n")}
	if len(problems.Errors()) > 0 {
		t.Fatal(problems)
	}
	q, problems := questionnaire.Compile(book)
	if len(problems.Errors()) > 0 {
		t.Fatal(problems)
	}
	l, doc := interview.New(q, time.UTC), empty()
	res := l.Post(doc, post("town", "town", "mmo"), now)
	doc.Apply(res.Change, now)
	for name, want := range map[string]string{"county": "Skåne", "spoken": "Malmö", "people": "360000"} {
		if doc.Answers[name] != want {
			t.Errorf("%s is %q, not %q", name, doc.Answers[name], want)
		}
	}
	coin := doc.Answers["coin"]
	if coin == "" || coin == "NaN" {
		t.Fatalf("the coin shows %q", coin)
	}
	changed := post("town", "town", "gbg")
	changed.Shown["town"] = interview.Digest("mmo")
	res = l.Post(doc, changed, now.Add(time.Hour))
	doc.Apply(res.Change, now.Add(time.Hour))
	if doc.Answers["county"] != "Västra Götaland" || doc.Answers["coin"] != coin {
		t.Errorf("an hour later: %v", doc.Answers)
	}
}

const drawn = `
| survey |
| | type | name | label | parameters | calculation | trigger | read_only |
| | select_one town | town | Which town? | randomize=true | | | |
| | select_one town | again | And before that? | randomize=true, seed=42 | | | ${town} = 'gbg' |
| | text | word | A word | | | | |
| | calculate | echo | | | concat(${word}, '-', ${town}) | ${town} | |
| choices |
| | list_name | name | label | missing |
| | town | gbg | Gothenburg | |
| | town | mmo | Malmö | |
| | town | ume | Umeå | |
| | town | lla | Luleå | |
| | town | dk | Don't know | dk |
`

func TestOrdersByLotTriggersAndLocks(t *testing.T) {
	book, _ := questionnaire.Read("drawn.v1.md", []byte(drawn))
	q, problems := questionnaire.Compile(book)
	if len(problems.Errors()) > 0 {
		t.Fatal(problems)
	}
	if un := q.Unshown(); len(un) > 0 {
		t.Fatalf("the pages cannot show %v", un[0].Name)
	}
	l, doc := interview.New(q, time.UTC), empty()
	order := func(question, own string) string {
		var names []string
		for _, c := range l.Look(doc.Answers, now).Shown(q.Question(question), own) {
			names = append(names, c.Name)
		}
		if names[len(names)-1] != "dk" || len(names) != 5 {
			t.Fatalf("the order is %v", names)
		}
		return strings.Join(names, " ")
	}
	orders := map[string]bool{}
	for _, own := range strings.Split("abcdefghijklmnopqrst", "") {
		first := order("town", own)
		if again := order("town", own); again != first {
			t.Fatalf("another look gives %s after %s", again, first)
		}
		orders[first] = true
	}
	if len(orders) < 5 {
		t.Errorf("twenty interviews see %d orders", len(orders))
	}
	if order("again", "a") != order("again", "b") {
		t.Error("one seed gives two orders")
	}

	send := func(in interview.Post) {
		doc.Apply(l.Post(doc, in, now).Change, now)
	}
	send(post("word", "word", "hej"))
	if doc.Answers["echo"] != "" {
		t.Errorf("worked out before its trigger: %q", doc.Answers["echo"])
	}
	send(post("town", "town", "gbg"))
	changed := post("word", "word", "hopp")
	changed.Shown["word"] = interview.Digest("hej")
	send(changed)
	if doc.Answers["echo"] != "hej-gbg" {
		t.Errorf("echo is %q", doc.Answers["echo"])
	}
	send(post("again", "again", "mmo"))
	if doc.Answers["again"] != "" {
		t.Error("a locked question took an answer")
	}
}

// The study's clocks decide which day it is, and the program notes by itself
// when an interview began and ended.
func TestTheStudysClocks(t *testing.T) {
	book, _ := questionnaire.Read("clocks.v1.md", []byte(`
| survey |
| | type | name | label | calculation |
| | start | start | | |
| | end | end | | |
| | today | today | | |
| | deviceid | device | | |
| | text | word | A word | |
| | calculate | day | | string(today()) |
`))
	q, problems := questionnaire.Compile(book)
	if len(problems.Errors()) > 0 || len(q.Unshown()) > 0 {
		t.Fatal(problems, q.Unshown())
	}
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	l, doc := interview.New(q, stockholm), empty()
	night := time.Date(2017, 3, 21, 23, 30, 0, 0, time.UTC) // half past midnight in Stockholm
	doc.Apply(l.Post(doc, post("word", "word", "hej"), night).Change, night)
	want := map[string]string{"start": "2017-03-22T00:30:00.000+01:00", "end": "2017-03-22T00:30:00.000+01:00", "today": "2017-03-22", "device": "d", "day": "2017-03-22"}
	for name, value := range want {
		if doc.Answers[name] != value {
			t.Errorf("%s is %q, not %q", name, doc.Answers[name], value)
		}
	}
	later := post("word", "word", "hopp")
	later.Shown["word"], later.Device = interview.Digest("hej"), "other"
	doc.Apply(l.Post(doc, later, night.Add(24*time.Hour)).Change, night.Add(24*time.Hour))
	if doc.Answers["start"] != want["start"] || doc.Answers["end"] != "2017-03-23T00:30:00.000+01:00" || doc.Answers["device"] != "d" {
		t.Errorf("a day later: %v", doc.Answers)
	}
}
