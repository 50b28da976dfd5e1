package respond_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"panelverk/internal/site/browsertest"
)

// wave4 is a Sunday in the last field period of Smart Factory.
var wave4 = time.Date(2017, 10, 1, 9, 30, 0, 0, time.UTC)

// shots is where pictures of every page are written, "" for nowhere.
var shots = os.Getenv("PANELVERK_SCREENSHOTS")

// shoot looks at the page that is open: a picture of it where they are wanted,
// and whether it keeps the rules of accessibility in light and dark.
func shoot(b *browsertest.Browser, set string, n *int, name string) {
	b.Accessible(set + ", " + name)
	if shots == "" {
		return
	}
	*n++
	b.Screenshot(filepath.Join(shots, fmt.Sprintf("%s-%02d-%s.png", set, *n, name)))
}

// TestAnswerWave4OnAPhone answers the last wave in Swedish on a phone's
// screen, stops in the middle, comes back by the same link and sends it in.
func TestAnswerWave4OnAPhone(t *testing.T) {
	for name, options := range map[string][]browsertest.Option{
		"with scripts":    {},
		"without scripts": {browsertest.NoScript()},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, wave4)
			link := w.invite(4)
			b := browsertest.Start(t, append(options, browsertest.Phone(390, 844), browsertest.Language("sv"))...)
			set, n := strings.ReplaceAll(name, " ", "-"), 0
			b.Goto(link.URL)
			shoot(b, set, &n, "start")
			b.Check("#consent")
			b.Follow(".acts .btn")
			pages, paused := 0, false
			for ; !strings.HasSuffix(b.URL(), "/review"); pages++ {
				if pages > 60 {
					t.Fatalf("no review after %d pages; at %s", pages, b.URL())
				}
				if b.Width() > 390 {
					t.Errorf("%s is %d px wide on a screen of 390", b.URL(), b.Width())
				}
				for before := ""; before != questions(b); { // what answers bring up is answered too
					before = questions(b)
					answerPage(b)
				}
				shoot(b, set, &n, b.URL()[strings.LastIndex(b.URL(), "/")+1:])
				if pages == 6 && !paused {
					paused = true
					stopAndResume(t, b, link.URL)
					answerPage(b)
				}
				b.Follow(".acts button[value=next]")
				w.now = w.now.Add(20 * time.Second)
			}
			shoot(b, set, &n, "review")
			if text := b.VisibleText(); strings.Contains(text, "Besvarad\n") || strings.Contains(text, "Inte besvarad") {
				t.Errorf("the review hides or lacks answers:\n%s", text)
			}
			b.Follow(".acts .btn")
			b.WaitText("Tack! Dina svar är inskickade.")
			shoot(b, set, &n, "thanks")
			d := w.document(4)
			if len(d.Answers) < 30 {
				t.Errorf("only %d answers are stored: %v", len(d.Answers), d.Answers)
			}
		})
	}
}

// stopAndResume pauses, leaves, opens the link again and goes on where it stopped.
func stopAndResume(t *testing.T, b *browsertest.Browser, link string) {
	t.Helper()
	b.Follow(".acts button[value=pause]")
	b.WaitText("Sparat. Fortsätt med samma länk")
	b.Goto("about:blank")
	b.Goto(link)
	if text := b.Text(".acts .btn"); text != "Fortsätt där du slutade" {
		t.Fatalf("the button says %q", text)
	}
	b.Follow(".acts .btn")
}

// questions names the questions that the page asks at this moment.
func questions(b *browsertest.Browser) string {
	return b.Evaluate(`[...document.querySelectorAll("[name^='was.']")].map((e) => e.name).join(" ")`)
}

// answerPage gives an answer to everything on the page: the second choice of
// every scale, a number where one is typed, the first two of a ranking.
func answerPage(b *browsertest.Browser) {
	doc, err := html.Parse(strings.NewReader(b.HTML()))
	if err != nil {
		panic(err)
	}
	choices, order := map[string][]string{}, []string{}
	var inputs, ranks []string
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Data == "template" { // it waits for an answer
			return
		}
		a := map[string]string{}
		for _, at := range n.Attr {
			a[at.Key] = at.Val
		}
		name := a["name"]
		switch {
		case n.Data == "input" && (a["type"] == "radio" || a["type"] == "checkbox") && strings.HasPrefix(name, "q."):
			if choices[name] == nil {
				order = append(order, name)
			}
			choices[name] = append(choices[name], a["value"])
		case (n.Data == "input" || n.Data == "textarea") && strings.HasPrefix(name, "q.") && a["type"] != "hidden":
			inputs = append(inputs, name)
		case n.Data == "button" && name == "rank" && strings.Contains(a["value"], " add "):
			ranks = append(ranks, a["value"])
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	for _, name := range order {
		b.Check(fmt.Sprintf("input[name=%q][value=%q]", name, choices[name][min(1, len(choices[name])-1)]))
	}
	for _, name := range inputs {
		b.Fill(fmt.Sprintf("[name=%q]", name), typed[strings.TrimPrefix(name, "q.")])
	}
	for i, press := range ranks {
		if i < 2 {
			button := fmt.Sprintf("button[value=%q]", press) // with scripts the page stays, without them another one comes
			b.Click(button)
			b.WaitUntil("the choice is ranked", func() bool { return b.Count(button) == 0 })
		}
	}
}

// typed is what is written into the inputs of Smart Factory.
var typed = map[string]string{
	"year_started": "2006", "hours_week": "42", "tech_share": "60", "train_hours": "7,5", "last_talks": "2017-08-28",
	"open_effect": "Jag slipper de tyngsta lyften, men allt mäts.",
}
