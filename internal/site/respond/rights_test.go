package respond_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/store"
	"panelverk/internal/study"
	"panelverk/surveys"
)

// folder gives the files of Smart Factory, to be changed.
func folder(t testing.TB) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	if err := fs.WalkDir(surveys.FS, smartFactory, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(surveys.FS, path)
		out[path] = &fstest.MapFile{Data: data}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// bringIn brings a changed folder in.
func (w *world) bringIn(fsys fs.FS) error {
	w.t.Helper()
	f, problems := study.Load(fsys, smartFactory)
	if err := problems.Err("broken", "the folder is broken"); err != nil {
		return err
	}
	_, err := w.field.Apply(context.Background(), w.now, access.CommandLine(), f, fieldwork.ApplyOptions{})
	return err
}

// second gives the consent of Smart Factory as version 2, with a sentence of its own.
func second(t testing.TB, languages ...string) fstest.MapFS {
	t.Helper()
	files := folder(t)
	yaml := files[smartFactory+"/study.yaml"]
	text := strings.Replace(string(yaml.Data), "consent/consent.v1", "consent/consent.v2", 1)
	at := strings.Index(text, "\nconsent:")
	yaml.Data = []byte(text[:at] + strings.Replace(text[at:], "version: 1", "version: 2", 1))
	for _, tag := range languages {
		old := files[smartFactory+"/consent/consent.v1."+tag+".md"].Data
		files[smartFactory+"/consent/consent.v2."+tag+".md"] = &fstest.MapFile{Data: append([]byte(strings.Clone(string(old))), "\nDen nya meningen i version 2.\n"...)}
	}
	return files
}

// What somebody agreed to can be read for as long as they take part, whatever
// has become of the folder since; a newer text is asked about at the next start.
func TestWhatWasAgreedToIsKept(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.browser(true).get(link.URL + "/info").says("Det är frivilligt")
	if strings.Contains(b.body, "Du sa ja") {
		t.Error("nobody has agreed yet")
	}
	b = w.start(link, true)
	b.get(link.URL+"/info").says("Du sa ja till den här texten onsdag 22 mars 2017.", "Version 1, Svenska")
	b.get(link.URL+"/info?lang=en").says("You agreed on Wednesday 22 March 2017.", "Version 1, Svenska", "Read the text that you agreed to")

	changed := folder(t)
	at := smartFactory + "/consent/consent.v1.sv.md"
	changed[at] = &fstest.MapFile{Data: append(slices.Clone(changed[at].Data), "\nEn rättelse.\n"...)}
	err := w.bringIn(changed)
	if problems := fault.Of(err).Problems; len(problems) != 1 || problems[0].Code != "consent_agreed" || problems[0].File != "consent/consent.v1.sv.md" {
		t.Errorf("a text that was agreed to was changed: %v", err)
	}
	// German nobody has agreed to.
	german := folder(t)
	at = smartFactory + "/consent/consent.v1.de.md"
	german[at] = &fstest.MapFile{Data: append(slices.Clone(german[at].Data), "\nEine Korrektur.\n"...)}
	if err := w.bringIn(german); err != nil {
		t.Error(err)
	}

	w.now = w.now.Add(24 * time.Hour)
	if err := w.bringIn(second(t, w.languages()...)); err != nil {
		t.Fatal(err)
	}
	b.get(link.URL+"/p/p_job").isAt(200, "").says("Informationen är ny sedan du sa ja.")
	b.get(link.URL+"/info").says("Sedan dess finns en nyare text, version 2", "Den nya meningen i version 2.", "Version 1, Svenska")
	b.get(link.URL+"/info/1").says("Så här stod det när du sa ja onsdag 22 mars 2017.", "Det finns en nyare text.").lacks("Den nya meningen")
	b.get(link.URL+"/info/2").isAt(404, "/info/2")
	stale := w.browser(true).get(link.URL)
	stale.form.Set("read", "0123")
	stale.press("go", "start", "consent", "1").isAt(409, "").says("Texten har ändrats medan du läste.")
	b.get(link.URL).press("go", "start", "consent", "1").isAt(200, "/p/p_job")
	b.get(link.URL+"/info").says("Du sa ja till den här texten torsdag 23 mars 2017.", "Det här har du sagt ja till")
	b.get(link.URL + "/info/1").says("Så här stod det")
	err = w.bringIn(folder(t))
	if problems := fault.Of(err).Problems; len(problems) != 1 || problems[0].Code != "consent_older" {
		t.Errorf("a version was taken back: %v", err)
	}
}

// languages gives those of the study.
func (w *world) languages() (tags []string) {
	w.t.Helper()
	st, err := w.field.Study(context.Background(), access.CommandLine(), smartFactory)
	if err != nil {
		w.t.Fatal(err)
	}
	return st.Languages
}

// The check says which language has no text, and which lags behind.
func TestConsentTextsThatLagBehind(t *testing.T) {
	files := second(t, "sv", "en")
	_, problems := study.Load(files, smartFactory)
	found := map[string]string{}
	for _, p := range problems {
		if strings.HasPrefix(p.File, "consent/") {
			found[p.File] = p.Code
		}
	}
	if found["consent/consent.v2.de.md"] != "consent_behind" || found["consent/consent.v2.sv.md"] != "" {
		t.Errorf("found %v", found)
	}
}

func TestPausing(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.browser(true).get(link.URL+"/leave").says("Ta en paus", "Inga meddelanden förrän nästa gång", "måndag 25 september 2017")
	b.press("how", "pause", "day", "2017-03-22").isAt(422, "/leave").says("Välj en dag från i morgon")
	b.press("how", "pause", "day", "2019-01-01").isAt(422, "/leave")
	b.press("how", "pause", "day", "i morgon").isAt(422, "/leave")
	b.press("how", "pause", "day", "2017-04-01").isAt(200, "/receipt").says("Du har paus till lördag 1 april 2017.", "Avsluta pausen")
	if p := w.people(); p[0].PausedUntil.In(time.UTC) != time.Date(2017, 3, 31, 22, 0, 0, 0, time.UTC) {
		t.Errorf("paused until %v", p[0].PausedUntil)
	}
	b.get(link.URL + "/leave").says("Du har paus till lördag 1 april 2017.")
	b.get(link.URL+"/receipt").press("", "").isAt(200, "/leave").lacks("Du har paus")
	if p := w.people(); !p[0].PausedUntil.IsZero() {
		t.Error("the pause was not ended")
	}
	b.press("how", "next").isAt(200, "/receipt").says("Du har paus till måndag 25 september 2017.")
	b.press("", "").press("how", "wave").isAt(200, "/receipt").says("Du hoppar över den här gången.", "måndag 25 september 2017", "Svara ändå")
	b.get(link.URL).press("go", "start", "consent", "1").isAt(200, "/p/p_job")
	b.get(link.URL+"/receipt").isAt(200, "/leave")
}

func (w *world) people() (out []store.Participant) {
	w.t.Helper()
	if err := w.store.Read(context.Background(), func(tx *store.Tx) (err error) {
		out, err = tx.Participants(smartFactory)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// Who stops and keeps the answers in may have them erased by the same link
// later, on any device; the receipt says where they are.
func TestLeavingInTwoSteps(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	b.next("q.job_kind", "assembly", "q.year_started", "2006", "q.hours_week", "42")
	w.handOut(link)
	b.get(link.URL+"/leave").press("how", "keep").says("Fil 1, onsdag 22 mars 2017", "Filerna blir kvar").press("", "").isAt(200, "/receipt").says("Du deltar inte längre.", "Fil 1")
	b.get(link.URL + "/leave/keep").says("Du deltar inte längre.")
	w.handOutAs(link, "d2") // more files of one day are one line
	other := w.browser(true)
	w.now = w.now.AddDate(1, 0, 0)
	w.handOutAs(link, "d3")
	other.get(link.URL+"/leave/erase").says("Är det du?", "ska be mottagarna ta bort dina svar", "Fil 1–2, onsdag 22 mars 2017", "Fil 3, torsdag 22 mars 2018")
	other.press("mine", "1").isAt(200, "/receipt").says("Dina svar är raderade.", "Fil 1–2, onsdag 22 mars 2017")
	other.get(link.URL + "/answers").says("Du har inte svarat på något än.")
	other.get(link.URL + "/leave").says("Dina svar är raderade.")
	if strings.Contains(w.log.String(), "2006") {
		t.Error("the log holds an answer")
	}
}

// handOut notes a file that holds the participant of a link.
func (w *world) handOut(link fieldwork.Link) {
	w.t.Helper()
	w.handOutAs(link, "d1")
}

func (w *world) handOutAs(link fieldwork.Link, id string) {
	w.t.Helper()
	ctx := context.Background()
	if err := w.store.Write(ctx, func(tx *store.Tx) error {
		p, err := tx.ParticipantByLabel(smartFactory, link.Label)
		if err != nil {
			return err
		}
		return tx.AddDownload(store.Download{ID: id, Study: smartFactory, Recipient: "uni", What: "workbook", Account: "a", At: w.now},
			[]string{w.keys.ExportID(smartFactory, "uni", p.PID)})
	}); err != nil {
		w.t.Fatal(err)
	}
}

// One's own answers are shown and handed out to the device that gave them, and
// to nobody else who has the link.
func TestTakingOnesAnswersAlong(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	b.next("q.job_kind", "assembly", "q.year_started", "2006", "q.hours_week", "42")
	b.get(link.URL+"/answers").says("2006", "Montering", "Version 1, Svenska", "Påbörjat onsdag 22 mars 2017, inte inskickat")
	page := b.get(link.URL+"/answers/answers.html?lang=en").says("2006", "Assembly", "Your consent")
	if strings.Contains(page.source, link.URL) || strings.Contains(page.source, "/static/") {
		t.Error("the file leads back to the link")
	}
	head := b.header(link.URL + "/answers/answers.json")
	if head.Get("Content-Disposition") != `attachment; filename="answers.json"` || !strings.HasPrefix(head.Get("Content-Type"), "application/json") {
		t.Errorf("headers: %v", head)
	}
	b.get(link.URL + "/answers/answers.json")
	var got fieldwork.Takeaway
	if err := json.Unmarshal([]byte(b.source), &got); err != nil {
		t.Fatal(err)
	}
	answers := map[string]fieldwork.TakenAnswer{}
	for _, a := range got.Waves[0].Answers {
		answers[a.Question] = a
	}
	job := answers["job_kind"]
	if got.Format != "panelverk-own-answers/1" || job.Value != "assembly" || len(job.Choices) != 1 || job.Choices[0].Code == nil || job.Choices[0].Label != "Montering" {
		t.Errorf("taken along: %+v", job)
	}
	if a := answers["task_repeat"]; a.Missing != -4 || a.Value != "" {
		t.Errorf("what was not reached: %+v", a)
	}
	if len(got.Consents) != 1 || !strings.Contains(got.Consents[0].Text, "Det är frivilligt") || got.NotOpened != 0 {
		t.Errorf("consents %+v, %d not opened", got.Consents, got.NotOpened)
	}
	for _, address := range []string{"/answers", "/answers/answers.html", "/answers/answers.json"} {
		other := w.browser(true).get(link.URL + address)
		if other.status != http.StatusOK || strings.Contains(other.source, "2006") || strings.Contains(other.source, "Montering") || strings.Contains(other.source, `"assembly"`) {
			t.Errorf("%s: a link alone shows answers (%d)", address, other.status)
		}
	}
	w.browser(true).get(link.URL+"/answers").says("3 svar är lämnade på en annan enhet").lacks("Vad arbetar du mest med?", "Del 1")
	b.get(link.URL+"/answers/answers.pdf").isAt(404, "/answers/answers.pdf")
}
