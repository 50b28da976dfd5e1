package interview_test

import (
	"fmt"
	"testing"
	"time"

	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
)

const pacedForm = `
| survey |
| | type | name | label | repeat_count |
| | text | first | First | |
| | begin_repeat | child | Child | |
| | text | name | Name | |
| | text | age | Age | |
| | end_repeat | | | |
| | text | last | Last | |
| settings |
| | form_id | version |
| | paced | 1 |
`

// satThrough is an interview whose pages were posted so many seconds after its start,
// by key, and which was sent in after so many.
func satThrough(person string, submitted int, posts map[string]int) interview.Sitting {
	at := func(seconds int) time.Time { return now.Add(time.Duration(seconds) * time.Second) }
	s := interview.Sitting{Person: person, Started: now, Submitted: at(submitted), Pages: map[string]interview.Visit{}}
	for key, seconds := range posts {
		s.Pages[key] = interview.Visit{First: at(seconds).UnixMilli(), Last: at(seconds + 3600).UnixMilli()}
	}
	return s
}

func TestPaceIsTheMedianOfThePagesToCome(t *testing.T) {
	book, problems := questionnaire.Read("paced.v1.md", []byte(pacedForm))
	q, more := questionnaire.Compile(book)
	if problems = append(problems, more...); len(problems.Errors()) > 0 {
		t.Fatal(problems)
	}
	l := interview.New(q, time.UTC)
	var keys []string
	for _, p := range q.Pages {
		keys = append(keys, p.Key)
	}
	if len(keys) != 4 {
		t.Fatalf("pages %q", keys)
	}
	first, name, age, last := keys[0], keys[1], keys[2], keys[3]
	usual := map[string]int{first: 60, name + "@1": 90, age + "@1": 120, name + "@2": 150, age + "@2": 180, "child": 200, last: 260}
	repeated := func(n int, one func(i int) interview.Sitting) (out []interview.Sitting) {
		for i := range n {
			out = append(out, one(i))
		}
		return out
	}
	usually := func(i int) interview.Sitting { return satThrough(fmt.Sprint(i), 320, usual) }
	for _, c := range []struct {
		what     string
		sittings []interview.Sitting
		page     string
		left     int // -1: nobody can tell
	}{
		{"nobody", nil, first, -1},
		{"nine people", repeated(9, usually), first, -1},
		{"nine people, one of them often", append(repeated(9, usually), usually(3), usually(3)), first, -1},
		{"nine people, and one who posted no page", append(repeated(9, usually), satThrough("x", 900, nil)), first, -1},
		{"nine people, and one who has not sent in", append(repeated(9, usually), interview.Sitting{Person: "x", Started: now, Pages: usually(0).Pages}), first, -1},
		{"ten people, the whole 5:20", repeated(10, usually), first, 5},
		{"after the first page 4:20", repeated(10, usually), name, 4},
		{"an instance counts as its page", repeated(10, usually), name + "@7", 4},
		{"from the second page of the repeat 3:20", repeated(10, usually), age + "@1", 3},
		{"from its overview 2:20", repeated(10, usually), "child", 2},
		{"from the last page 2:00", repeated(10, usually), last, 2},
		{"a page that there is not", repeated(10, usually), "elsewhere", -1},
		{"less than a minute", repeated(10, func(i int) interview.Sitting {
			return satThrough(fmt.Sprint(i), 59, map[string]int{first: 1, last: 20})
		}), first, 0},
		{"a minute and a half is two", repeated(10, func(i int) interview.Sitting {
			return satThrough(fmt.Sprint(i), 90, map[string]int{first: 1, last: 20})
		}), first, 2},
		{"a pause on the way is left out", repeated(10, func(i int) interview.Sitting {
			return satThrough(fmt.Sprint(i), 9000+40, map[string]int{first: 80, last: 9000})
		}), first, 2},
		{"five minutes to the second are no pause", repeated(10, func(i int) interview.Sitting { return satThrough(fmt.Sprint(i), 301, map[string]int{last: 300}) }), first, 5},
		{"one who takes long moves nobody", append(repeated(9, usually), satThrough("slow", 1170, map[string]int{first: 290, last: 580, "child": 870})), first, 5},
		{"the middle of an even number lies between", append(repeated(5, func(i int) interview.Sitting { return satThrough(fmt.Sprint(i), 60, map[string]int{last: 30}) }),
			repeated(5, func(i int) interview.Sitting {
				return satThrough(fmt.Sprint("slow", i), 300, map[string]int{last: 150})
			})...), first, 3},
		{"only the last interview of a person counts", append(repeated(10, usually), repeated(10, func(i int) interview.Sitting {
			return satThrough(fmt.Sprint(i), 10, map[string]int{first: 5})
		})...), first, 5},
		{"a page that is gone from the version", append(repeated(9, usually), satThrough("x", 320, map[string]int{"gone": 100, last: 200})), last, 2},
	} {
		t.Run(c.what, func(t *testing.T) {
			pace := l.Pace(c.sittings)
			left, known := pace.Left(c.page)
			if !known {
				left = -1
			}
			if left != c.left {
				t.Errorf("%d minutes left, not %d", left, c.left)
			}
			if whole, known := pace.Whole(); c.page == first && (known != (c.left >= 0) || known && whole != c.left) {
				t.Errorf("the whole takes %d (%v), not %d", whole, known, c.left)
			}
		})
	}
}
