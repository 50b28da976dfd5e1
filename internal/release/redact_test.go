package release_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"panelverk/internal/access"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/export/dta"
	"panelverk/internal/export/sav"
	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/release"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

const reading = `
profile: reading
title: For a reader
study: words
recipient: lund
languages: [en]
waves: all
formats: [csv, sav, dta]
tier: restricted
quasi: [country]
free_text: redacted
`

var reader = access.Actor{Account: "R", Roles: map[string]access.Role{"words": access.Researcher}}

// said is what the nine people wrote in wave 1, the first of them twice in a repeat too.
var said = []string{
	"My boss Anna Ek calls me on 070-123 45 67.", "Nothing", "Nothing", "More robots", "Ring Bo", "Less pace", "New screens", "No idea", "It is noisy",
}

func pid(n int) string { return fmt.Sprintf("P%02d", n) }

// talkers are nine people who answered two waves of testdata/words.
func talkers(t *testing.T, dsn string) *office {
	t.Helper()
	st, err := store.Open(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	keys, err := secret.NewRing(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	folder, problems := study.Load(os.DirFS("testdata/words"), ".")
	if err := problems.Err("test", "the study"); err != nil {
		t.Fatal(err)
	}
	if err := st.Write(ctx, func(tx *store.Tx) error { return apply(tx, folder) }); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	o := &office{Service: release.New(st, keys, dir), store: st, keys: keys, tmp: dir}
	o.UseProfiles(fstest.MapFS{"reading.yaml": {Data: []byte(reading)}})
	o.Built("build 1")
	for n, why := range said {
		if err := st.Write(ctx, func(tx *store.Tx) error {
			return tx.AddParticipant(store.Participant{PID: pid(n), Study: "words", Label: "L" + pid(n), Language: "en", Cohort: 1, Status: store.Active, CreatedAt: now})
		}); err != nil {
			t.Fatal(err)
		}
		for _, w := range folder.Study.Waves[:2] {
			answers := map[string]string{"country": []string{"se", "se", "de"}[n%3], "place": "57.7 11.9", "jobs": "0"}
			if w.Number == 1 {
				answers["why"] = why
			}
			if n == 0 && w.Number == 1 {
				answers["jobs"], answers["task@1"], answers["task@2"] = "2", "I weld doors", "I look after Ulla"
			}
			o.answer(t, n, w, answers)
		}
	}
	return o
}

// answer stores a whole interview.
func (o *office) answer(t *testing.T, n int, w study.Wave, answers map[string]string) {
	t.Helper()
	id, at := fmt.Sprintf("I%s-%d", pid(n), w.Number), w.Opens.Add(time.Hour)
	if err := o.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.AddInvitation(store.Invitation{ID: id, Study: "words", PID: pid(n), Wave: w.Number, Generation: 1, LinkLookup: "l" + id, CodeLookup: "c" + id, InvitedAt: at}); err != nil {
			return err
		}
		if _, err := tx.StartInterview(store.Interview{ID: id, Study: "words", PID: pid(n), Wave: w.Number, Questionnaire: "core", Version: w.Version,
			Mode: store.Web, Language: []string{"en", "sv"}[n%2], StartedAt: at}); err != nil {
			return err
		}
		for i, page := range []string{"work", "job@1", "job@2"} {
			if _, _, err := tx.AddSave(store.Save{Interview: id, Key: page, At: at.Add(time.Duration(i) * time.Minute), Mode: store.Web,
				Change: interview.Change{Page: page, Done: true, Answers: answers}}); err != nil {
				return err
			}
		}
		return tx.SubmitInterview(id, at.Add(time.Hour))
	}); err != nil {
		t.Fatal(err)
	}
}

// texts gives what is to be read of a question in wave 1.
func (o *office) texts(t *testing.T, question, show string) *release.TextPage {
	t.Helper()
	p, err := o.Texts(ctx, now, reader, release.TextsWanted{Study: "words", Wave: 1, Question: question, Show: show})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// read decides about texts by their beginnings: the words that leave, "=" as it is, "-" not at all.
func (o *office) read(t *testing.T, question string, decisions map[string]string) {
	t.Helper()
	var in []release.TextDecision
	for _, one := range o.texts(t, question, "all").List {
		for begins, what := range decisions {
			if !strings.HasPrefix(one.Words, begins) {
				continue
			}
			d := release.TextDecision{ID: one.ID, Kind: store.LeavesRedacted, Words: what}
			switch what {
			case "=":
				d.Kind = store.LeavesAsIs
			case "-":
				d.Kind = store.Withheld
			}
			in = append(in, d)
		}
	}
	if len(in) < len(decisions) {
		t.Fatalf("%d texts for %d decisions", len(in), len(decisions))
	}
	if err := o.DecideTexts(ctx, now, reader, "words", 1, question, in); err != nil {
		t.Fatal(err)
	}
}

// cut exports by the profile and gives the files with the report.
func (o *office) cut(t *testing.T) (map[string][]byte, *release.Report) {
	t.Helper()
	p, err := o.Profile(ctx, owner, "words", "reading")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	report, err := o.Files(ctx, now, reader, release.Order{Study: "words", Profile: p.Profile}, func(name string, write func(io.Writer) error) error {
		var b bytes.Buffer
		err := write(&b)
		files[name] = b.Bytes()
		return err
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return files, report
}

// column gives what stands in a column of a table in every row, sorted, with what
// its companion says where there is no text.
func column(t *testing.T, rows [][]string, name, companion string) (out []string) {
	t.Helper()
	at, why := slices.Index(rows[0], name), slices.Index(rows[0], companion)
	if at < 0 || why < 0 {
		t.Fatalf("no column %s or %s among %v", name, companion, rows[0])
	}
	for _, row := range rows[1:] {
		if row[at] == "" {
			row[at] = row[why]
		}
		out = append(out, row[at])
	}
	slices.Sort(out)
	return out
}

// savTexts gives every text of a file.
func savTexts(t *testing.T, data []byte) string {
	t.Helper()
	f, err := sav.Open(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for cells, err := range f.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cells {
			b.WriteString(c.Text + "\n")
		}
	}
	return b.String()
}

func dtaTexts(t *testing.T, data []byte) string {
	t.Helper()
	f, err := dta.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for cells, err := range f.Data() {
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cells {
			b.WriteString(c.Text + "\n")
		}
	}
	return b.String()
}

// Only what somebody has read leaves, in every table and format; what was changed
// since, or was never read, is −10; and somebody who was erased is gone.
func TestTextsLeaveOnceTheyAreRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, dsn string) {
		o := talkers(t, dsn)
		gone := "-10"
		expect := func(what string, files map[string][]byte, why, task []string) {
			t.Helper()
			why = slices.Sorted(slices.Values(why))
			if got := column(t, readCSV(t, files["words_wide.csv"]), "why_w1", "why_s_w1"); !slices.Equal(got, why) {
				t.Errorf("%s: why\n got %q\nwant %q", what, got, why)
			}
			if got := column(t, readCSV(t, files["words_job.csv"]), "task", "task_s"); !slices.Equal(got, task) {
				t.Errorf("%s: task %q, want %q", what, got, task)
			}
		}
		files, report := o.cut(t)
		expect("unread", files, slices.Repeat([]string{gone}, 9), []string{gone, gone})
		if want := (release.Texts{All: 11}); *report.Texts != want {
			t.Errorf("unread: %+v", *report.Texts)
		}
		if slices.Contains(readCSV(t, files["words_wide.csv"])[0], "place_w1") {
			t.Error("a place leaves")
		}

		o.read(t, "why", map[string]string{"My boss": "My boss […] calls me on […].", "Nothing": "=", "More": "=", "Ring": "-"})
		o.read(t, "task", map[string]string{"I weld": "=", "I look": "I look after […]"})
		files, report = o.cut(t)
		why := []string{"My boss […] calls me on […].", "Nothing", "Nothing", "More robots", gone, gone, gone, gone, gone}
		expect("read", files, why, []string{"I look after […]", "I weld doors"})
		if want := (release.Texts{All: 11, AsIs: 4, Redacted: 2, Withheld: 1}); *report.Texts != want || report.Texts.Unread() != 4 {
			t.Errorf("read: %+v", *report.Texts)
		}
		for format, got := range map[string]string{"sav": savTexts(t, files["words_long.sav"]), "dta": dtaTexts(t, files["words_long.dta"])} {
			if !strings.Contains(got, why[0]) || !strings.Contains(got, "More robots") || strings.Contains(got, "Anna") || strings.Contains(got, "Ring Bo") || strings.Contains(got, "noisy") {
				t.Errorf("%s: %s", format, got)
			}
		}

		// Corrected since: unread again, and set back: read.
		correct := func(value string) {
			t.Helper()
			if err := o.Correct(ctx, now, reader, release.NewCorrection{Study: "words", ExportID: o.keys.ExportID("words", release.Recipient, pid(3)), Wave: 1,
				Question: "why", Values: []string{value}, Reason: "Typing error"}); err != nil {
				t.Fatal(err)
			}
		}
		correct("More robots and Eva Lund")
		files, _ = o.cut(t)
		expect("corrected", files, []string{why[0], "Nothing", "Nothing", gone, gone, gone, gone, gone, gone}, []string{"I look after […]", "I weld doors"})
		if list := o.texts(t, "why", "").List; !slices.ContainsFunc(list, func(x release.Text) bool { return x.Changed && x.Words == "More robots and Eva Lund" }) {
			t.Errorf("nothing says that it was changed: %+v", list)
		}
		correct("More robots")
		files, _ = o.cut(t)
		expect("set back", files, why, []string{"I look after […]", "I weld doors"})

		// What is answered anew in a reopened interview is unread too.
		if err := o.store.Write(ctx, func(tx *store.Tx) error {
			if err := tx.ReopenInterview("I"+pid(1)+"-1", now); err != nil {
				return err
			}
			_, _, err := tx.AddSave(store.Save{Interview: "I" + pid(1) + "-1", Key: "anew", At: now, Mode: store.Web, Change: interview.Change{Page: "work", Answers: map[string]string{"why": "Nothing at all"}}})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		files, _ = o.cut(t)
		expect("reopened", files, []string{why[0], "Nothing", "More robots", gone, gone, gone, gone, gone, gone}, []string{"I look after […]", "I weld doors"})

		if err := o.store.Write(ctx, func(tx *store.Tx) error { _, err := tx.Erase(pid(0), now); return err }); err != nil {
			t.Fatal(err)
		}
		files, report = o.cut(t)
		expect("erased", files, []string{"Nothing", "More robots", gone, gone, gone, gone, gone, gone}, nil)
		if report.Texts.All != 8 || report.Texts.Redacted != 0 {
			t.Errorf("erased: %+v", *report.Texts)
		}
		var dump bytes.Buffer
		if err := o.store.DB().Dump(ctx, &dump, now); err != nil {
			t.Fatal(err)
		}
		for _, trace := range []string{"My boss", "I look after"} {
			if bytes.Contains(dump.Bytes(), []byte(trace)) {
				t.Errorf("a backup still says %q", trace)
			}
		}
	})
}

// A frozen release is made anew with what was decided when it was frozen.
func TestVerifyTakesWhatWasDecidedThen(t *testing.T) {
	o := talkers(t, dbtest.SQLite(t))
	o.read(t, "why", map[string]string{"More": "=", "Ring": "Ring […]"})
	n, err := o.Request(ctx, now, reader, release.NewRelease{Study: "words", Profile: "reading", Who: "Lund University", Country: "SE", Purpose: "Reading", Promise: true})
	if err != nil {
		t.Fatal(err)
	}
	if trial, err := o.Try(ctx, now, owner, "words", []byte(reading)); err != nil || trial.Texts == nil || trial.Texts.Unread() != 9 {
		t.Errorf("tried: %+v, %v", trial, err)
	}
	if report, err := o.Review(ctx, now, owner, "words", n); err != nil || report.Texts == nil || report.Texts.Unread() != 9 {
		t.Errorf("%+v, %v", report, err)
	}
	if err := o.Approve(ctx, now, owner, "words", n, "", ""); err != nil {
		t.Fatal(err)
	}
	o.freeze(t)
	was := now
	now = now.Add(time.Hour)
	defer func() { now = was }()
	o.read(t, "why", map[string]string{"More": "-", "Less": "="})
	r, err := o.Release(ctx, owner, "words", n)
	if err != nil {
		t.Fatal(err)
	}
	v, err := o.Verify(ctx, r, nil)
	if err != nil || !v.Same || !v.Content {
		t.Errorf("%+v, %v", v, err)
	}
	files, _ := o.cut(t)
	if got := column(t, readCSV(t, files["words_wide.csv"]), "why_w1", "why_s_w1"); slices.Contains(got, "More robots") || !slices.Contains(got, "Less pace") {
		t.Errorf("now: %q", got)
	}
}

// The reader sees a question at a time, equal texts once, and nothing that tells of
// anybody; the audit holds no word of it.
func TestReadingTexts(t *testing.T) {
	o := talkers(t, dbtest.SQLite(t))
	list, err := o.Readings(ctx, now, owner, "words")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range list {
		got = append(got, fmt.Sprintf("%s %s %d/%d", r.Question, r.Wave.Key, r.Read(), r.All))
	}
	if want := []string{"why w1 0/9", "task w1 0/2"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	page := o.texts(t, "why", "")
	words := map[string]int{}
	for _, one := range page.List {
		words[one.Words] += one.Persons
	}
	if len(page.List) != 9 || words["Nothing"] != 2 || page.Next != "" { // in two languages
		t.Errorf("%+v", page)
	}
	for _, actor := range []access.Actor{admin, {Account: "X", Roles: map[string]access.Role{"words": access.Admin}}} {
		_, err := o.Texts(ctx, now, actor, release.TextsWanted{Study: "words", Wave: 1, Question: "why"})
		if fault.Of(err).Kind != fault.Forbidden || fault.Of(o.DecideTexts(ctx, now, actor, "words", 1, "why", nil)).Kind != fault.Forbidden {
			t.Errorf("%s reads", actor.Account)
		}
	}
	for _, in := range []release.TextsWanted{{Study: "words", Wave: 3, Question: "why"}, {Study: "words", Wave: 1, Question: "country"}, {Study: "words", Wave: 1, Question: "place"}} {
		if _, err := o.Texts(ctx, now, reader, in); fault.Of(err) == nil || fault.Of(err).Code != "texts_not_found" {
			t.Errorf("%+v: %v", in, err)
		}
	}

	id := func(begins string) string {
		i := slices.IndexFunc(page.List, func(x release.Text) bool { return strings.HasPrefix(x.Words, begins) })
		return page.List[i].ID
	}
	err = o.DecideTexts(ctx, now, reader, "words", 1, "why", []release.TextDecision{
		{ID: id("My boss"), Kind: store.LeavesRedacted, Words: " My boss Anna Ek calls me on 070-123 45 67.\r\n"}, {ID: id("Nothing"), Kind: store.LeavesRedacted, Words: " "},
		{ID: id("More"), Kind: "perhaps"}, {ID: "nobody", Kind: store.Withheld}, {ID: id("Ring"), Kind: store.LeavesAsIs}, {ID: id("Less"), Kind: store.LeavesRedacted, Words: strings.Repeat("å", interview.MaxText+1)},
	})
	var codes []string
	for _, p := range fault.Of(err).Problems {
		codes = append(codes, p.Code)
	}
	if want := []string{"text_same", "text_empty", "text_kind", "text_moved", "words_long"}; !slices.Equal(codes, want) {
		t.Errorf("%v, want %v", codes, want)
	}
	if p := o.texts(t, "why", "read"); len(p.List) > 0 || p.Read() != 0 {
		t.Errorf("some were stored all the same: %+v", p)
	}

	ring := id("Ring")
	o.read(t, "why", map[string]string{"Ring": "Ring […]"})
	err = o.DecideTexts(ctx, now, reader, "words", 1, "why", []release.TextDecision{{ID: ring, Kind: store.LeavesAsIs}})
	if e := fault.Of(err); e == nil || e.Problems[0].Code != "text_moved" {
		t.Errorf("what another decided was overwritten unseen: %v", err)
	}
	if p := o.texts(t, "why", "read"); len(p.List) != 1 || p.List[0].Redacted != "Ring […]" || p.Read() != 1 || p.Unread() != 8 {
		t.Errorf("%+v", p)
	}
	var rows []store.AuditRow
	if err := o.store.Read(ctx, func(tx *store.Tx) (err error) { rows, err = tx.AuditRows("words", 0); return err }); err != nil {
		t.Fatal(err)
	}
	if rows[1].Action != "text.read" || rows[1].Object != "wave 1, question why" || rows[1].Detail != "decided: 0 as they are, 1 redacted, 0 withheld" || rows[0].Detail != "looked at 1" {
		t.Errorf("%+v\n%+v", rows[0], rows[1])
	}
	for _, row := range rows {
		if s := fmt.Sprint(row); strings.Contains(s, "Ring") || strings.Contains(s, pid(4)) {
			t.Errorf("the audit says %s", s)
		}
	}
}

// A question in people's own words cannot leave by being called a quasi-identifier.
func TestNoTextLeavesAsAQuasiIdentifier(t *testing.T) {
	o := talkers(t, dbtest.SQLite(t))
	p, err := release.ReadProfile("x.yaml", []byte(strings.Replace(reading, "[country]", "[country, why]", 1)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.Files(ctx, now, reader, release.Order{Study: "words", Profile: p}, nil, nil)
	if e := fault.Of(err); e == nil || len(e.Problems) != 1 || e.Problems[0].Code != "quasi_text" {
		t.Error(err)
	}
}

// Twenty-five texts are shown at a time, and no more than can be read at a stretch.
func TestTextsComeSomeAtATime(t *testing.T) {
	o := talkers(t, dbtest.SQLite(t))
	w := study.Wave{Number: 2, Opens: now.AddDate(0, -2, 0), Version: 2}
	for n := 100; n < 140; n++ {
		if err := o.store.Write(ctx, func(tx *store.Tx) error {
			return tx.AddParticipant(store.Participant{PID: pid(n), Study: "words", Label: "L" + pid(n), Language: "en", Cohort: 1, Status: store.Active, CreatedAt: now})
		}); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("Text %d", n)
		if n >= 137 {
			text = strings.Repeat(text+" ", 900)
		}
		o.answer(t, n, w, map[string]string{"why": text})
	}
	seen, after, sizes := map[string]bool{}, "", []int(nil)
	for range 10 {
		p, err := o.Texts(ctx, now, reader, release.TextsWanted{Study: "words", Wave: 2, Question: "why", After: after})
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range p.List {
			seen[one.Words] = true
		}
		if sizes, after = append(sizes, len(p.List)), p.Next; after == "" {
			break
		}
	}
	if len(seen) != 40 || len(sizes) < 3 || slices.Max(sizes) > 25 {
		t.Errorf("%d texts in %v", len(seen), sizes)
	}
}

func TestPieces(t *testing.T) {
	for _, c := range []struct{ language, text, want, left string }{
		{"sv", "Inget.", "Inget.", "Inget."},
		{"sv", "Min chef Anna Ek ringer. Hon heter Ek.", "Min chef <name Anna Ek> ringer. Hon heter <name Ek>.", "Min chef […] ringer. Hon heter […]."},
		{"sv", "Anna Ek sa det.", "<name Anna Ek> sa det.", "[…] sa det."},
		{"sv", "Jag är på IT. Sedan 2014 har vi 12 robotar.", "Jag är på IT. Sedan <number 2014> har vi <number 12> robotar.", "Jag är på IT. Sedan 2014 har vi 12 robotar."},
		{"sv", "ring 070-123 45 67 eller +46 (0)31 12 34 56", "ring <phone 070-123 45 67> eller <phone +46 (0)31 12 34 56>", "ring […] eller […]"},
		{"sv", "nr 850312-1234, 198503121234", "nr <id 850312-1234>, <id 198503121234>", "nr […], […]"},
		{"en", "Write to bo.ek@example.org or see www.example.org/bo. I'm Bo", "Write to <email bo.ek@example.org> or see <link www.example.org/bo.> I'm <name Bo>", "Write to […] or see […] I'm […]"},
		{"de", "Die neue Maschine von Frau Ek, Tel. 030 1234567", "Die neue Maschine von Frau Ek, Tel. <phone 030 1234567>", "Die neue Maschine von Frau Ek, Tel. […]"},
		{"uk", "Мій начальник Іван каже: Так", "Мій начальник <name Іван> каже: Так", "Мій начальник […] каже: Так"},
		{"en", "Please ask Bo 070-123 45 67", "Please ask <name Bo> <phone 070-123 45 67>", "Please ask […]"},
		{"", "", "", ""},
	} {
		var got strings.Builder
		pieces := release.Pieces(c.text, c.language)
		for _, p := range pieces {
			if p.Hint == "" {
				got.WriteString(p.Text)
			} else {
				fmt.Fprintf(&got, "<%s %s>", p.Hint, p.Text)
			}
		}
		if got.String() != c.want || release.Suggested(pieces) != c.left {
			t.Errorf("%q\n got %s\nwant %s\nleft %s", c.text, got.String(), c.want, release.Suggested(pieces))
		}
	}
}

// Whatever is written, the pieces are the text, and none is empty.
func TestPiecesAreTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("Aa Åb1 23@.,:+-()\nИв[…]”"))).Draw(t, "text")
		var b strings.Builder
		for _, p := range release.Pieces(text, rapid.SampledFrom([]string{"sv", "de", ""}).Draw(t, "language")) {
			if b.WriteString(p.Text); p.Text == "" {
				t.Fatal("an empty piece")
			}
		}
		if b.String() != text {
			t.Fatalf("%q became %q", text, b.String())
		}
	})
}
