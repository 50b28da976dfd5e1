package staff_test

import (
	"archive/zip"
	"io"
	"strings"
	"testing"

	"panelverk/internal/access"
)

// What staff does with one participant, from page to page.
func TestTheLifeOfAParticipant(t *testing.T) {
	w := newWorld(t)
	labels := w.people(early, 2)
	w.answer(labels[0], 3)
	admin, owner := w.as(access.Admin), w.as(access.Owner)
	p := "/s/" + key + "/p/" + labels[0]

	admin.follow(p+"/alter", "language", "en", "paused", "2030-01-02", "pilot", "1").has(t, "Ändringen är sparad", "Provdeltagare", "2030-01-03 00:00", "English")
	admin.post(p+"/alter", "language", "sv", "paused", "2 januari").has(t, "Skriv datumet så här")
	admin.follow(p+"/alter", "language", "sv", "paused", "", "pilot", "").lacks(t, "Provdeltagare", "Paus till")

	admin.post(p+"/identity").has(t, "Ändra kontaktuppgifterna")
	admin.post(p+"/details", "name", "Ny Namnsson", "email", "inte en adress").has(t, "Ny Namnsson", "inte en adress")
	admin.follow(p+"/details", "name", "Ny Namnsson", "email", "ny@example.org").has(t, "Den gamla adressen får ett meddelande", "Länkar och koder vilar till")
	owner.get(p).lacks(t, "Ny Namnsson", "Låt länkarna fungera genast", "Visa kontaktuppgifter")
	admin.follow(p+"/lift", "reason", "ringde").lacks(t, "vilar till")

	admin.follow(p+"/contact", "way", "telephone", "outcome", "promised", "wave", "3", "note", "Ringer på tisdag").has(t, "Telefon: Lovade att svara, Omgång 3").lacks(t, "tisdag")
	admin.post(p+"/identity").has(t, "Ringer på tisdag")

	owner.follow(p+"/merge", "other", strings.ToLower(labels[1])).has(t, "De två är nu en deltagare", "Slogs ihop med en dubblett")
	owner.get("/s/"+key+"/p/"+labels[1]).has(t, "Samma person som "+labels[0])

	owner.post("/s/"+key+"/data/workbook", "promise", "1", "language", "sv")
	out := owner.post(p + "/extract")
	archive, err := zip.NewReader(strings.NewReader(out.body), int64(len(out.body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range archive.File {
		in, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Ny Namnsson", "ny@example.org", "Ringer på tisdag", "workbook"} {
			if !strings.Contains(string(data), want) {
				t.Errorf("%s lacks %q", file.Name, want)
			}
		}
		if file.Name == "index.html" && strings.Contains(string(data), "staff.") {
			t.Errorf("the page lacks a text: %s", text(string(data)))
		}
	}

	owner.follow(p+"/erase").has(t, "Allt om personen är raderat", "Arbetsbok, hämtad", "id i filen: ").lacks(t, "Hämta allt om personen")
	admin.post(p+"/identity").lacks(t, "Ny Namnsson")
}
