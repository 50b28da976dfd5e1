package respond_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"panelverk/internal/interview"
	"panelverk/internal/site/browsertest"
	"panelverk/internal/store"
)

// rosterForm lets somebody add children and their pets, counts the household,
// and asks about one of the children.
const rosterForm = `
| survey |
| | type | name | label::Svenska (sv) | label::English (en) | hint::Svenska (sv) | hint::English (en) | required | relevant | repeat_count | appearance |
| | begin repeat | child | Barn | Child | Lägg till de barn som bor hos dig. | Add the children who live with you. | | | | |
| | text | name | Vad heter barnet? | What is the child's name? | | | yes | | | |
| | begin repeat | pet | Husdjur | Pet | | | | | | field-list |
| | text | animal | Vilket djur har ${name}? | Which animal does ${name} have? | | | | | | |
| | integer | legs | Hur många ben? | How many legs? | | | | | | |
| | end repeat | | | | | | | | | |
| | integer | age | Hur gammalt är barnet? | How old is the child? | | | | | | |
| | end repeat | | | | | | | | | |
| | select_one ${name} | eldest | Vem är äldst? | Who is the eldest? | | | | | | |
| | integer | jobs | Hur många jobb har du? | How many jobs have you? | | | | | | |
| | begin repeat | job | Jobb | Job | | | | | ${jobs} | field-list |
| | text | title | Vad gör du? | What do you do? | | | | | | |
| | integer | hours | Timmar i veckan? | Hours a week? | | | hard | | | |
| | end repeat | | | | | | | | | |
| | note | sum | Barnen är ${name}. | The children are ${name}. | | | | | | |
| settings |
| | form_title | default_language |
| | Hushåll | Svenska (sv) |
`

func rosterWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, study: smartFactory, now: wave3, dir: t.TempDir(), server: httptest.NewServer(nil)}
	t.Cleanup(w.server.Close)
	w.open()
	w.apply(fstest.MapFS{"study.yaml": {Data: []byte(fileStudy)}, "core.v1.md": {Data: []byte(rosterForm)}})
	return w
}

func (b *browser) at(page string) *browser {
	b.t.Helper()
	return b.isAt(200, "/p/"+page)
}

func (b *browser) silent(texts ...string) *browser {
	b.t.Helper()
	for _, text := range texts {
		if strings.Contains(b.body, text) {
			b.t.Errorf("%s says %q:\n%s", b.url.Path, text, b.body)
		}
	}
	return b
}

func TestRosterOnThePages(t *testing.T) {
	w := rosterWorld(t)
	link := w.invite(1)
	b := w.browser(true)
	b.get(link.URL).press("go", "start").at("child").says("Barn", "Lägg till de barn", "Du har inte lagt till något än.", "Lägg till", "Klar, gå vidare")
	b.press("go", "lang:en").at("child").says("Child", "You have not added anything yet.", "Add", "Done, go on")
	b.press("go", "lang:sv").at("child")
	b.press("go", "help").isAt(200, "/help").get(link.URL + "/p/child")
	b.press("roster", "add").at("name@1").says("Barn 1", "Vad heter barnet?")
	b.next().isAt(422, "/p/name@1").says("saknar svar")
	b.next("q.name", "**Elsa** & co").at("pet@1").says("Barn 1: **Elsa** & co", "Husdjur")
	b.press("roster", "add").at("pet@1.1").says("Barn 1: **Elsa** & co · Husdjur 1", "Vilket djur har **Elsa** & co?").silent("Lägg till de barn")
}

func TestRosterOnAnotherDevice(t *testing.T) {
	w := rosterWorld(t)
	link := w.invite(1)
	b := w.browser(true)
	b.get(link.URL).press("go", "start").press("roster", "add").next("q.name", "Elsa").next().next("q.age", "9").at("child").says("Barn 1: Elsa", "Lägg till en till")
	other := w.browser(true)
	other.get(link.URL).press("go", "start").at("child").silent("Elsa", "Barn 1").says("Det du har lagt till på en annan enhet visas inte här.")
	other.press("roster", "add").at("name@2").says("Barn 2").next("q.name", "Olle").next().next("q.age", "7").at("child").says("Barn 2: Olle").silent("Elsa")
	other.next().at("eldest").says("Barn 1", "Olle").silent("Elsa")
	other.next("q.eldest", "2").next().at("sum").says("Barnen är Olle.").next()
	other.says("Barn 2: Olle").silent("Elsa")
	none := w.browser(false)
	none.get(link.URL).press("go", "start")
	none.get(link.URL+"/p/child").silent("Elsa", "Olle").press("roster", "add").at("name@3").next("q.name", "Siri").at("pet@3").silent("Siri")
	if d := w.document(1); d.Answers["child"] != "1 2 3" || d.Answers["eldest"] != "2" || d.Answers["name@3"] != "Siri" || d.Devices["name@3"] != "" || d.Devices["child@1"] == d.Devices["child@2"] {
		t.Errorf("stored: %v, given by %v", d.Answers, d.Devices)
	}
}

func TestRosterIsSavedOnceAndChecked(t *testing.T) {
	w := rosterWorld(t)
	link := w.invite(1)
	b := w.browser(true)
	b.get(link.URL).press("go", "start").next().at("jobs") // nobody to be the eldest
	b.next("q.jobs", "2").at("job@1").says("Jobb 1 av 2")
	form := b.form
	b.next("q.title", "svetsar").isAt(422, "/p/job@1").says("behöver ett svar")
	b.form = form
	b.next("q.title", "svetsar", "q.hours", "30").at("job@2").says("Jobb 2 av 2")
	b.get(link.URL+"/review").says("Jobb 1 av 2: svetsar", "Inga tillagda")
	b.press("go", "submit").isAt(422, "/review").says("En sak behöver rättas", "Timmar i veckan?")
	if !strings.Contains(b.body, "/p/job@2#q-hours") {
		t.Error("the review does not lead to the instance")
	}
	b.get(link.URL+"/p/job@2").next("q.hours", "10").at("sum")
	b.get(link.URL+"/p/job@3").isAt(200, "/p/sum") // there is no such instance; on goes where one stopped
	b.get(link.URL+"/review").press("go", "submit").isAt(200, "/thanks")
	if d := w.document(1); d.Answers["job"] != "1 2" || d.Answers["hours@2"] != "10" {
		t.Errorf("stored: %v", d.Answers)
	}
}

// TestRosterPagesAreTheTemplates compares a page from its stencil with the
// same page through its template, for two instances.
func TestRosterPagesAreTheTemplates(t *testing.T) {
	w := rosterWorld(t)
	link := w.invite(1)
	b := w.browser(true)
	b.get(link.URL).press("go", "start").next().next("q.jobs", "3").next("q.title", "svetsar", "q.hours", "30").next("q.title", "målare", "q.hours", "5").at("job@3")
	for _, page := range []string{"job@1", "job@2", "job@3"} {
		b.get(link.URL + "/p/" + page).at(page)
		if !strings.Contains(b.body, `action="`+b.url.Path+`"`) {
			t.Errorf("the form of %s goes elsewhere", page)
		}
		b.says("Jobb " + page[len(page)-1:] + " av 3")
	}
	b.get(link.URL + "/p/job@1").says("Jobb 1 av 3: svetsar").silent("målare")
	b.get(link.URL + "/p/job@2").says("Jobb 2 av 3: målare").silent("svetsar")
}

// TestRosterOnAPhone adds, changes and removes as a person does.
func TestRosterOnAPhone(t *testing.T) {
	for name, options := range map[string][]browsertest.Option{
		"with scripts":    {browsertest.Phone(390, 844), browsertest.Language("sv")},
		"without scripts": {browsertest.NoScript(), browsertest.Phone(390, 844), browsertest.Language("sv")},
		"on a desk":       {browsertest.Phone(1280, 900), browsertest.Language("en")},
	} {
		t.Run(name, func(t *testing.T) {
			w := rosterWorld(t)
			link := w.invite(1)
			b := browsertest.Start(t, options...)
			set, n := "roster-"+strings.ReplaceAll(name, " ", "-"), 0
			b.Goto(link.URL)
			b.Follow(".acts .btn")
			shoot(b, set, &n, "empty")
			for i, child := range []string{"Elsa", "Olle", "Siri"} {
				b.Follow(`button[value="add"]`)
				shoot(b, set, &n, "name")
				b.Fill(`[name="q.name"]`, child)
				b.Follow(".acts button[value=next]")
				if i == 0 {
					b.Follow(`button[value="add"]`)
					b.Fill(`[name="q.animal"]`, "Katt")
					b.Fill(`[name="q.legs"]`, "4")
					shoot(b, set, &n, "pet")
					b.Follow(".acts button[value=next]")
					shoot(b, set, &n, "pets")
				}
				b.Follow(".acts button[value=next]")
				b.Fill(`[name="q.age"]`, fmt.Sprint(9-i))
				b.Follow(".acts button[value=next]")
			}
			shoot(b, set, &n, "three")
			b.Follow(`button[value="remove 2"]`)
			shoot(b, set, &n, "removed")
			if text := b.VisibleText(); strings.Contains(text, "2: Olle") || !strings.Contains(text, "2: Siri") {
				t.Errorf("after the removal:\n%s", text)
			}
			b.Follow(`button[value="restore 2"]`)
			b.Follow(`button[value="remove 3"]`)
			b.Follow(`a[href="./name@2"]`)
			b.Fill(`[name="q.name"]`, "Olof")
			b.Follow(".acts button[value=next]")
			b.Follow(".acts button[value=next]")
			b.Follow(".acts button[value=next]")
			b.Follow(".acts button[value=next]")
			shoot(b, set, &n, "eldest")
			b.Check(`input[name="q.eldest"][value="1"]`)
			b.Follow(".acts button[value=next]")
			b.Fill(`[name="q.jobs"]`, "1")
			b.Follow(".acts button[value=next]")
			b.Fill(`[name="q.title"]`, "svetsar")
			b.Fill(`[name="q.hours"]`, "40")
			shoot(b, set, &n, "job")
			b.Follow(".acts button[value=next]")
			b.Follow(".acts button[value=next]")
			shoot(b, set, &n, "review")
			if b.Width() > 1280 {
				t.Errorf("%d px wide", b.Width())
			}
			b.Follow(".acts .btn")
			d := w.document(1)
			for key, value := range map[string]string{"child": "1 2", "child@3": "removed", "name@1": "Elsa", "name@2": "Olof", "name@3": "Siri",
				"pet@1": "1", "animal@1.1": "Katt", "legs@1.1": "4", "age@2": "8", "eldest": "1", "job": "1", "hours@1": "40"} {
				if d.Answers[key] != value {
					t.Errorf("%s is %q, not %q", key, d.Answers[key], value)
				}
			}
		})
	}
}

// TestRosterPressedTwice sends the same press twice: one instance.
func TestRosterPressedTwice(t *testing.T) {
	w := rosterWorld(t)
	link := w.invite(1)
	b := w.browser(true)
	b.get(link.URL).press("go", "start")
	form, action, at := b.form, b.action, b.url
	b.press("roster", "add").at("name@1")
	b.form, b.action, b.url = form, action, at
	b.press("roster", "add")
	if d := w.document(1); d.Answers["child"] != "1" {
		t.Errorf("two instances for one press: %v", d.Answers)
	}
	err := w.store.Read(context.Background(), func(tx *store.Tx) error {
		all, err := tx.Interviews(smartFactory, 1)
		if err == nil && len(all) == 1 {
			if _, err := interview.Decode(all[0].Document); err != nil {
				t.Error(err)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
