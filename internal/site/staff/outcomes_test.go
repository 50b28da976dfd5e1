package staff_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/panel"
	"panelverk/internal/release"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
	"panelverk/surveys"
)

// tiny is a questionnaire of four questions on two pages.
const tiny = `| survey |
| | type | name | label::sv | label::en | label::de | label::sr-Latn | label::sr-Cyrl | label::uk | label::sw | appearance |
| | begin_group | work | Arbete | Work | Arbeit | Posao | Посао | Робота | Kazi | field-list |
| | integer | hours | Timmar | Hours | Stunden | Sati | Сати | Години | Saa | |
| | integer | days | Dagar | Days | Tage | Dani | Дани | Дні | Siku | |
| | end_group | | | | | | | | | |
| | begin_group | home | Hemma | Home | Zuhause | Kuća | Кућа | Дім | Nyumbani | field-list |
| | integer | rooms | Rum | Rooms | Zimmer | Sobe | Собе | Кімнати | Vyumba | |
| | integer | pets | Husdjur | Pets | Haustiere | Ljubimci | Љубимци | Тварини | Wanyama | |
| | end_group | | | | | | | | | |
`

// listed gives Smart Factory with the tiny questionnaire and a named list.
func listed(t *testing.T, frame string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(surveys.FS, key, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(surveys.FS, path)
		switch {
		case strings.HasSuffix(path, "core.v1.md"):
			data = []byte(tiny)
		case strings.HasSuffix(path, "core.v2.md"):
			return nil
		case strings.HasSuffix(path, "study.yaml"):
			data = bytes.ReplaceAll(data, []byte("frame: open_link"), []byte("frame: "+frame))
			before, rest, _ := bytes.Cut(data, []byte("\nscales:")) // of questions that tiny has not
			_, after, _ := bytes.Cut(rest, []byte("\nweights:"))
			data = slices.Concat(before, []byte("\nweights:"), after)
			data, _, _ = bytes.Cut(data, []byte("\ndecisions:")) // of version 2
			data, _, _ = bytes.Cut(data, []byte("\nfeedback:"))  // on questions that tiny has not
			data = bytes.ReplaceAll(data, []byte("version: 2"), []byte("version: 1"))
		}
		files[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// happened is what is written into the database for one participant and wave.
type happened struct {
	label  string
	wave   int
	pages  int // that were answered, on the web
	submit bool
	events []panel.EventKind
	start  time.Duration // after the opening
	pace   time.Duration // a page
}

// write stores what happened, as the respondent's pages and the ledger would.
func (w *world) write(hs ...happened) {
	w.t.Helper()
	st, err := w.field.Study(ctx, access.CommandLine(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range hs {
		err := w.store.Write(ctx, func(tx *store.Tx) error {
			p, err := tx.ParticipantByLabel(key, h.label)
			if err != nil {
				return err
			}
			at := st.Waves[h.wave-1].Opens.Add(26*time.Hour + h.start)
			for _, kind := range h.events {
				if err := tx.AddEvent(store.Event{ID: secret.NewID(), Study: key, PID: p.PID, Wave: h.wave, Kind: string(kind), At: at}); err != nil {
					return err
				}
				at = at.Add(time.Hour)
			}
			if h.pages == 0 && !h.submit {
				return nil
			}
			inv, err := tx.InvitationOf(p.PID, h.wave)
			if err != nil {
				return err
			}
			if _, err := tx.StartInterview(store.Interview{ID: inv.ID, Study: key, PID: p.PID, Wave: h.wave, Questionnaire: "core", Version: 1,
				Mode: store.Web, Language: "sv", StartedAt: at, LastAt: at}); err != nil {
				return err
			}
			for i, answers := range []map[string]string{{"hours": "38", "days": "5"}, {"rooms": "3", "pets": "1"}} {
				if at = at.Add(h.pace); i >= h.pages {
					break
				}
				if _, _, err := tx.AddSave(store.Save{Interview: inv.ID, Key: fmt.Sprint(i), At: at, Mode: store.Web,
					Change: interview.Change{Answers: answers, Page: []string{"work", "home"}[i], Done: true}}); err != nil {
					return err
				}
			}
			if !h.submit {
				return nil
			}
			if err := tx.SubmitInterview(inv.ID, at); err != nil {
				return err
			}
			return tx.AddEvent(store.Event{ID: secret.NewID(), Study: key, PID: p.PID, Wave: h.wave, Kind: string(panel.Submitted), At: at})
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// checked fields wave 2 of a named list so that it comes out as the check
// figures have it: (I,P,R,NC,O,UH,UO;NE) = (4,2,1,1,1,1,1;1).
func checked(t *testing.T) *world {
	w := newWorldOf(t, listed(t, "named_list"), key)
	second := time.Date(2016, 8, 1, 9, 0, 0, 0, time.UTC) // between waves 1 and 2
	old, fresh := w.people(early, 2), w.strangers(second, 10)
	var hs []happened
	for _, label := range append(slices.Clone(old), fresh...) {
		hs = append(hs, happened{label: label, wave: 2, events: []panel.EventKind{panel.Invited}})
	}
	at := func(i int) *happened { return &hs[i] }
	// A silent member of wave 1 is a non-contact (NC); one of the new ones, nobody knows (UH).
	at(1).pages, at(1).submit = 2, true
	for i := 2; i <= 4; i++ {
		at(i).pages, at(i).submit = 2, true
	}
	at(5).pages, at(6).pages = 1, 1
	at(7).events = append(at(7).events, panel.RefusedByPhone)
	at(8).events = append(at(8).events, panel.Died)
	at(9).events = append(at(9).events, panel.Unreachable)
	at(10).events = append(at(10).events, panel.Ineligible)
	w.write(hs...)
	// Who only tries the study out counts nowhere.
	pilot := w.strangers(second, 1)[0]
	w.pilot(pilot)
	w.write(happened{label: pilot, wave: 2, pages: 2, submit: true})
	w.now = time.Date(2017, 1, 10, 9, 0, 0, 0, time.UTC)
	return w
}

// strangers adds people with addresses of their own.
func (w *world) strangers(at time.Time, n int) []string {
	w.t.Helper()
	rows := make([]fieldwork.NewParticipant, n)
	for i := range rows {
		rows[i] = fieldwork.NewParticipant{Name: "Bo Lind " + strconv.Itoa(i), Email: secret.NewID() + "@example.org", Language: "sv", Attributes: map[string]string{"country": "DE", "sector": "food"}}
	}
	labels, err := w.field.AddParticipants(ctx, at, access.CommandLine(), key, rows)
	if err != nil {
		w.t.Fatal(err)
	}
	return labels
}

func (w *world) pilot(label string) {
	w.t.Helper()
	if err := w.store.Write(ctx, func(tx *store.Tx) error {
		p, err := tx.ParticipantByLabel(key, label)
		if err != nil {
			return err
		}
		p.Pilot = true
		return tx.UpdateParticipant(p)
	}); err != nil {
		w.t.Fatal(err)
	}
}

// file downloads a table, by its first column.
func (c *client) file(address string) [][]string {
	c.t.Helper()
	a := c.get(address)
	if a.status != 200 || a.header.Get("Content-Type") != "text/csv; charset=utf-8" {
		c.t.Fatalf("%s: %d %s", address, a.status, a.header.Get("Content-Type"))
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
	if err != nil {
		c.t.Fatal(err)
	}
	return rows
}

// TestCheckFiguresReachThePage goes the whole way: events and answers in a
// database, the page, the file, and the workbook.
func TestCheckFiguresReachThePage(t *testing.T) {
	w := checked(t)
	c := w.as(access.Admin)
	c.get("/s/"+key+"/outcomes/2").has(t, "Omgång 2: 4 av 12 har svarat", "2 till har svarat på minst 50 %", "RR1", "36,4 %", "I / (K &#43; U)")
	want := map[string]string{
		"RR1": "0.3636", "RR2": "0.5455", "RR3": "0.3704", "RR4": "0.5556", "RR5": "0.4444", "RR6": "0.6667",
		"COOP1": "0.5000", "COOP2": "0.7500", "COOP3": "0.5714", "COOP4": "0.8571",
		"REF1": "0.0909", "REF2": "0.0926", "REF3": "0.1111", "CON1": "0.7273", "CON2": "0.7407", "CON3": "0.8889", "e": "0.9000",
	}
	rates := c.file("/s/" + key + "/outcomes/file/rates?wave=2")
	for _, row := range rates[1:] {
		if row[5] != want[row[0]] {
			t.Errorf("%s is %s, want %s", row[0], row[5], want[row[0]])
		}
	}
	if len(rates) != 18 || !slices.Equal(rates[3][3:5], []string{"4", "10.8"}) {
		t.Errorf("%d rows; RR3 is made of %v", len(rates), rates[3])
	}

	counts := c.file("/s/" + key + "/outcomes/file/dispositions")
	wanted := map[string]string{"1.1": "4", "1.2": "2", "2.11": "1", "2.20": "1", "2.31": "1", "3.19": "1", "3.30": "1", "4.10": "1", "": "12"}
	for _, row := range counts[1:] {
		if row[1] == "3.11" || row[1] == "3.19" && row[3] == "" { // wave 1 alone
			continue
		}
		if row[3] != wanted[row[1]] {
			t.Errorf("outcome %s in wave 2: %s, want %s", row[1], row[3], wanted[row[1]])
		}
		delete(wanted, row[1])
	}
	if len(wanted) > 0 {
		t.Errorf("outcomes that are not on the page: %v", wanted)
	}
	w.sameInWorkbook(counts, rates)
}

// sameInWorkbook holds the page's files beside the sheets of the workbook.
func (w *world) sameInWorkbook(counts, rates [][]string) {
	w.t.Helper()
	keys, err := secret.NewRing(bytes.Repeat([]byte{5}, 32))
	if err != nil {
		w.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := release.New(w.store, keys, w.t.TempDir()).Workbook(ctx, w.now, access.CommandLine(), key, "en", &b, nil); err != nil {
		w.t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b, excelize.Options{RawCellValue: true})
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	sheet := func(name string) map[string][]string {
		rows, err := f.GetRows(name)
		if err != nil {
			w.t.Fatal(err)
		}
		out := map[string][]string{}
		for _, row := range rows {
			if len(row) > 2 && out[row[0]] == nil {
				out[row[0]] = row[2:]
			}
		}
		return out
	}
	seen := 0
	for _, row := range counts[1 : len(counts)-1] {
		if have := sheet("Participation")[row[1]]; !slices.Equal(have, row[2:]) {
			w.t.Errorf("outcome %s: the workbook has %v, the page %v", row[1], have, row[2:])
		}
		seen++
	}
	for _, row := range rates[1:] {
		have := sheet("Rates")[row[0]]
		if len(have) < 2 {
			w.t.Errorf("the workbook has no %s in wave 2: %v", row[0], have)
			continue
		}
		if v, err := strconv.ParseFloat(have[1], 64); err != nil || strconv.FormatFloat(v, 'f', 4, 64) != row[5] {
			w.t.Errorf("%s: the workbook has %s, the page %s", row[0], have[1], row[5])
		}
		seen++
	}
	if seen < 25 {
		w.t.Errorf("only %d figures were compared", seen)
	}
}

// TestOpenLinkHasNoResponseRate: nobody knows how many saw the link.
func TestOpenLinkHasNoResponseRate(t *testing.T) {
	w := newWorld(t)
	labels := w.people(early, 8)
	for _, label := range labels[:6] {
		w.answer(label, 1)
		w.answer(label, 2)
	}
	c := w.as(access.Owner)
	for _, row := range c.file("/s/" + key + "/outcomes/file/rates?wave=1")[1:] {
		if row[5] != "går inte att räkna ut: ingen ram" {
			t.Errorf("%s in the wave of entry is %s", row[0], row[5])
		}
	}
	for _, row := range c.file("/s/" + key + "/outcomes/file/rates?wave=2")[1:] {
		if row[0] == "RR1" && row[5] != "0.7500" {
			t.Errorf("RR1 of wave 2 is %s, want 6 of 8", row[5])
		}
	}
}

// TestPanelPage holds a hand-counted panel beside the page: six answered all
// three waves, one left after the first, one came back in the third.
func TestPanelPage(t *testing.T) {
	w := newWorldOf(t, listed(t, "members"), key)
	labels := w.people(early, 8)
	paths := []string{"111", "111", "111", "111", "111", "111", "100", "101"}
	for i, path := range paths {
		for wave, mark := range path {
			if mark == '1' {
				w.write(happened{label: labels[i], wave: wave + 1, pages: 2, submit: true})
			}
		}
	}
	c := w.as(access.Admin)
	got := c.file("/s/" + key + "/outcomes/file/retention")
	for i, want := range [][]string{
		{"1", "8/8", "–", "8/8", "8/8", "–"},
		{"2", "6/8", "6/8", "6/8", "6/8", "–"}, // nobody could come back yet: the fraction has no denominator
		{"3", "7/8", "6/6", "7/8", "6/8", "1/2"},
	} {
		if !slices.Equal(got[i+1][1:], want) {
			t.Errorf("wave %d: %v, want %v", i+1, got[i+1][1:], want)
		}
	}
	flow := c.file("/s/" + key + "/outcomes/file/flow")
	var moves []string
	for _, row := range flow[1:] {
		moves = append(moves, strings.Join(row[1:2], "")+">"+row[3]+" "+row[4])
	}
	if want := []string{"Svarade>Svarade 6", "Svarade>Svarade inte 2", "Svarade>Svarade 6", "Svarade inte>Svarade 1", "Svarade inte>Svarade inte 1"}; !slices.Equal(moves, want) {
		t.Errorf("the flow is %v, want %v", moves, want)
	}
	// Two patterns that one person has each hide the third: their sum is not told.
	page := c.get("/s/" + key + "/outcomes")
	page.lacks(t, "100.", "101.")
	for _, row := range c.file("/s/" + key + "/outcomes/file/patterns")[1:] {
		if row[0] == "111." && row[1] == "6" {
			t.Errorf("6 of 8 are told: the others are 2")
		}
	}
}

// TestResearchersDoNotSeeSmallCounts: who may not list the participants gets
// no count from one to four, in no table.
func TestResearchersDoNotSeeSmallCounts(t *testing.T) {
	w := checked(t)
	c := w.as(access.Researcher)
	c.get("/s/"+key+"/outcomes/2").has(t, "Andelarna visas inte").lacksTable(t, "rates")
	for _, name := range []string{"dispositions", "retention", "flow", "patterns"} {
		for _, row := range c.file("/s/" + key + "/outcomes/file/" + name)[1:] {
			for i, value := range row[1:] {
				value, _, _ = strings.Cut(value, "/")
				if name == "retention" && i == 0 || name == "dispositions" && i == 0 {
					continue // the wave, the code
				}
				if n, err := strconv.Atoi(value); err == nil && n > 0 && n < 5 {
					t.Errorf("%s tells %d: %v", name, n, row)
				}
			}
		}
	}
}

// lacksTable holds that a page has no file of a table.
func (a answered) lacksTable(t *testing.T, name string) {
	t.Helper()
	a.lacks(t, "/outcomes/file/"+name)
}

// TestPagesTellOfFiveAtLeast: the times and the break-offs of a page are told
// once enough people have them.
func TestPagesTellOfFiveAtLeast(t *testing.T) {
	w := newWorldOf(t, listed(t, "members"), key)
	labels := w.people(early, 16)
	for i, label := range labels[:4] {
		w.write(happened{label: label, wave: 3, pages: 2, submit: true, pace: time.Duration(i+1) * time.Minute})
	}
	c := w.as(access.Admin)
	c.get("/s/"+key+"/outcomes/3").has(t, "Färre än fem har svarat på webben", "Alla som började på webben har skickat in")
	w.write(happened{label: labels[4], wave: 3, pages: 2, submit: true, pace: 5 * time.Minute})
	for _, label := range labels[5:9] {
		w.write(happened{label: label, wave: 3, pages: 1, pace: 3 * time.Minute})
	}
	c.get("/s/"+key+"/outcomes/3").has(t, "Färre än fem har börjat utan att skicka in")
	w.write(happened{label: labels[9], wave: 3, pages: 1, pace: 3 * time.Minute})
	rows := c.file("/s/" + key + "/outcomes/file/minutes?wave=3")
	// Ten on the first page with 1, 2, 3 (six times), 4 and 5 minutes; five on the second.
	for i, want := range [][]string{{"1. Arbete", "3.04", "3.04", "3.04"}, {"2. Hemma", "2.04", "3.04", "4.04"}} {
		if !slices.Equal(rows[i+1], want) {
			t.Errorf("%v, want %v", rows[i+1], want)
		}
	}
	stopped := c.file("/s/" + key + "/outcomes/file/stopped?wave=3")
	if len(stopped) != 2 || !slices.Equal(stopped[1], []string{"1. Arbete", "5"}) {
		t.Errorf("stopped: %v", stopped)
	}
	groups := c.file("/s/" + key + "/outcomes/file/groups?wave=3")
	for _, row := range groups[1:] {
		if row[0] == "Språk" && row[2] != "dold" {
			t.Errorf("16 people in three languages, 10 of them answered: %v", row)
		}
	}
}

// TestWorkList is the people still to reach, by label for the owner and with
// names, once noted, for the admin.
func TestWorkList(t *testing.T) {
	w := newWorld(t)
	labels := w.people(early, 5)
	w.answer(labels[0], 3)
	w.pilot(labels[1])
	if err := w.store.Write(ctx, func(tx *store.Tx) error {
		st, err := tx.Defined(key)
		if err != nil {
			return err
		}
		opens := st.Waves[2].Opens
		for i, state := range map[int]store.MessageState{2: store.HandedOver, 3: store.HandedOver, 4: store.Bounced} {
			p, err := tx.ParticipantByLabel(key, labels[i])
			if err != nil {
				return err
			}
			m := store.Message{ID: secret.NewID(), Study: key, PID: p.PID, Wave: 3, Key: "invitation", Kind: string(study.Invitation), Template: "invitation",
				Channel: string(study.Email), Language: "sv", State: store.Due, Planned: opens, Next: opens, Created: opens}
			if _, err := tx.AddMessage(m); err != nil {
				return err
			}
			if _, err := tx.SetMessageState(m.ID, state, "", opens.Add(time.Duration(i)*time.Hour), store.Due); err != nil {
				return err
			}
			if err := tx.AddEvent(store.Event{ID: secret.NewID(), Study: key, PID: p.PID, Wave: 3, Kind: string(panel.Invited), At: opens.Add(time.Duration(i) * time.Hour)}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	list := "/s/" + key + "/missing/3"
	byLabel := w.as(access.Owner).get(list)
	byLabel.has(t, "3 har inte svarat", labels[2], labels[3], labels[4], "Meddelandet kom inte fram", "Inbjudan, e-post", "lämnades över")
	byLabel.lacks(t, labels[0], labels[1], "Alva Ek", "Visa namn")
	if at := strings.Index(byLabel.body, labels[4]); at > strings.Index(byLabel.body, labels[2]) || at > strings.Index(byLabel.body, labels[3]) {
		t.Error("whom messages do not reach does not come first")
	}
	c := w.as(access.Admin)
	c.get(list).has(t, "Visa namn").lacks(t, "Alva Ek")
	before := w.looks()
	named := c.post(list, "order", "sent")
	named.has(t, "Alva Ek 2", "Alva Ek 3", "Alva Ek 4")
	if strings.Index(named.body, "Alva Ek 2") > strings.Index(named.body, "Alva Ek 3") {
		t.Error("whom nobody has written to for longest does not come first")
	}
	if n := w.looks() - before; n != 1 {
		t.Errorf("one view of the names is noted %d times", n)
	}
}

// looks counts how often the audit says that contact details were opened.
func (w *world) looks() int {
	w.t.Helper()
	n := 0
	if err := w.store.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.AuditRows(key, 1000)
		for _, row := range rows {
			if row.Action == string(access.IdentityView) {
				n++
			}
		}
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return n
}
