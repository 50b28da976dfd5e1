package respond_test

import "testing"

// The whole way on plain forms: a number chosen at the start opens the answers on
// another device; the link alone tells nothing, and answering goes on without.
func TestShowingThatItIsYou(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	mine := w.browser(true).get(link.URL).says("Vill du kunna fortsätta på en annan enhet?")
	mine.press("go", "start", "consent", "1", "pin", "1234").isAt(422, "").says("Det numret är lätt att gissa.")
	mine.press("go", "start", "consent", "1", "pin", "8305").isAt(200, "/p/p_job")
	mine.next("q.job_kind", "assembly", "q.year_started", "2006", "q.hours_week", "42")

	other := w.browser(true).get(link.URL).says("Några svar finns redan. De visas inte här förrän du har visat att det är du.")
	other.press("go", "start").get(link.URL+"/review").lacks("2006", "Inte besvarad").says("Svar från en annan enhet visas inte här.")
	other.get(link.URL+"/prove").says("Visa att det är du", "Kod eller eget nummer").lacks("Skicka en kod")
	other.press("go", "", "code", "12").isAt(422, "/prove").says("Skriv sex siffror")
	other.press("go", "", "code", "9183").isAt(422, "/prove").says("Det stämde inte.")
	other.press("go", "", "code", "8305").isAt(200, "").says("Det du har svarat visas nu på den här enheten")
	if other.open(link, "p_job"); other.form.Get("q.year_started") != "2006" {
		t.Errorf("after the proof: %v", other.form)
	}
	if mine.open(link, "p_job"); mine.form.Get("q.year_started") != "2006" {
		t.Error("the first device is cut off")
	}
	// With a way to send, the page offers a code in the same words to everybody.
	w.field.Reaches(true, false)
	third := w.browser(true).get(link.URL + "/prove?lang=en").says("Send a code")
	third.press("go", "send").isAt(200, "/prove").says("If we have an address for you, the code is on its way.")
	w.browser(false).get(link.URL+"/prove").press("go", "", "code", "8305").isAt(409, "/prove").says("Din webbläsare sparar inga kakor")
}

func TestALostLinkIsAnsweredTheSameToEverybody(t *testing.T) {
	w := newWorld(t, wave3)
	b := w.browser(true).get(w.server.URL + "/?lang=sv").says("Har du tappat bort din länk?")
	b.get(w.server.URL + "/link?lang=sv").says("Härifrån kan vi inte skicka någon länk.")
	w.field.Reaches(true, true)
	bodies := map[string]bool{}
	for _, address := range []string{"nobody@example.org", "070-123 45 67"} {
		b.get(w.server.URL+"/link?lang=sv").press("go", "", "address", address).isAt(200, "/link").says("Titta i din inkorg")
		bodies[b.body] = true
	}
	if len(bodies) != 1 {
		t.Error("the answers differ")
	}
	b.get(w.server.URL+"/link?lang=sv").press("go", "", "address", "hej").isAt(422, "/link").says("Skriv en e-postadress eller ett mobilnummer.")
}
