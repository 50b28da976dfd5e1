package mail

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

var stockholm = func() *time.Location {
	l, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err)
	}
	return l
}()

// complete has a value for every field.
func complete() Fields {
	return Fields{
		Name: "Åsa Öberg", Study: "Enkät om arbete", Sender: "Samordnaren", Contact: "enkat@example.org, 031-390 06 15",
		Link: "https://enkat.example.org/s/0123456789abcdef?a=1&b=2", Code: "KX4M-7TRQ", Leave: "https://enkat.example.org/l/fedcba9876543210",
		Opens: time.Date(2017, 3, 13, 8, 0, 0, 0, stockholm), Closes: time.Date(2017, 4, 2, 23, 59, 0, 0, stockholm),
		Until: time.Date(2017, 3, 14, 18, 42, 0, 0, stockholm), Minutes: 10,
	}
}

// folder makes the mail folder of a study.
func folder(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys["study/mail/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

const goodInvitation = "Subject: Dags för enkäten\n\nHej {name}!\nSvara här: {link}\n\nSluta: {leave}\n"

func TestEveryKindHasATextInEveryLanguageOfOurPages(t *testing.T) {
	set, problems := Load(fstest.MapFS{}, "study", lang.Tags, Kinds()...)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, kind := range Kinds() {
		for _, tag := range lang.Tags {
			template := set.Template(kind, tag)
			for _, name := range []string{"Åsa", ""} {
				f := complete()
				f.Name = name
				m, err := template.Render(f)
				if err != nil {
					t.Errorf("%s.%s: %v", kind, tag, err)
					continue
				}
				for _, text := range []string{m.Subject, m.Text, m.HTML} {
					if strings.ContainsAny(text, "{}") || strings.Contains(text, " !") || strings.Contains(text, " ,") || strings.Contains(text, "**") {
						t.Errorf("%s.%s: something is left over in %q", kind, tag, text)
					}
					for _, word := range []string{"fack", "union", "gewerkschaft", "metall", "smart factory", "sindik", "синдик", "профспіл", "muungano", "chama cha"} {
						if strings.Contains(strings.ToLower(text), word) {
							t.Errorf("%s.%s tells a passer-by too much: %q", kind, tag, word)
						}
					}
				}
				sms, err := template.RenderSMS(f)
				most := 1
				if !lang.Latin(tag) { // each letter takes twice the room
					most = 2
				}
				if size := Measure(sms); err != nil || size.Segments > most || most == 1 && size.Wide != "" || strings.ContainsAny(sms, "{}") {
					t.Errorf("%s.%s: the SMS %q takes %+v, %v", kind, tag, sms, size, err)
				}
			}
		}
	}
	// Warnings of the built-in texts show where they are read.
	for kind, tags := range builtIns() {
		for tag := range tags {
			if tag == "sr-Cyrl" {
				continue // has no file
			}
			source, err := texts.ReadFile("texts/" + string(kind) + "." + tag + ".md")
			if err != nil {
				t.Fatal(err)
			}
			if _, problems := parse(kind, tag, "", source); len(problems) > 0 {
				t.Errorf("%s.%s: %v", kind, tag, problems)
			}
		}
	}
}

// Serbian in Cyrillic is the Latin text in other letters, fields and addresses as they are.
func TestSerbianInCyrillic(t *testing.T) {
	set, _ := Load(fstest.MapFS{}, "study", []string{"sr-Cyrl", "sr"}, Invitation)
	for _, tag := range []string{"sr-Cyrl", "sr"} {
		m, err := set.Template(Invitation, tag).Render(complete())
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Здраво Åsa Öberg!", "Траје око 10 мин", "Важи до: недеља, 2. априла.", complete().Link, complete().Leave} {
			if !strings.Contains(m.Text, want) {
				t.Errorf("%s: %q is not in %s", tag, want, m.Text)
			}
		}
		if want := "Сада можете да одговорите на анкету"; m.Subject != want {
			t.Errorf("%s: %q, not %q", tag, m.Subject, want)
		}
	}
}

// Whoever wrote the texts is no speaker: nobody may take them for read.
func TestReviewsOfTheBuiltInTexts(t *testing.T) {
	reviewed := map[string]bool{"sv": true, "en": true, "de": true, "sr-Cyrl": true}
	for _, r := range Reviews() {
		reviewed[r.Tag] = true
		if r.Awaits() {
			t.Logf("the built-in messages in %s await the review of a speaker", r.Tag)
		}
	}
	for _, tag := range lang.Tags {
		if !reviewed[tag] {
			t.Errorf("%s has no line in texts/review.yaml", tag)
		}
	}
}

func TestTemplatesThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string
		want       []string // code@line, sorted by line
	}{
		"good":                 {"invitation.sv.md", goodInvitation, nil},
		"Windows":              {"invitation.sv.md", "\ufeff" + strings.ReplaceAll(goodInvitation, "\n", "\r\n"), nil},
		"a link left out":      {"invitation.sv.md", "Subject: Hej\n\nHej {name}! {leave}", []string{"field_missing@0"}},
		"in a reminder":        {"reminder4.sv.md", "Subject: Hej\n\nHej! {leave}", []string{"field_missing@0"}},
		"in a confirmation":    {"confirm.sv.md", "Subject: Hej\n\nHej!", []string{"field_missing@0"}},
		"in the SMS":           {"invitation.sv.md", "Subject: Hej\nSMS: Svara nu!\n\n{link} {leave}", []string{"sms_field_missing@2"}},
		"no way out":           {"invitation.sv.md", "Subject: Hej\n\n{link}", []string{"leave_missing@0"}},
		"unknown fields":       {"invitation.sv.md", "Subject: Hej {nam}\n\nHej\n\n{link} {lnk} {leave}\n- {förnamn}", []string{"unknown_field@1", "unknown_field@5", "unknown_field@6"}},
		"a field elsewhere":    {"thanks.sv.md", "Subject: Tack\n\nDin kod {code}", []string{"field_not_here@3"}},
		"a code to old people": {"address_changed.sv.md", "Subject: Ny adress\n\n{contact} {code} {link}", []string{"field_not_here@3", "field_not_here@3"}},
		"empty subject":        {"thanks.sv.md", "Subject:  \n\nTack!", []string{"subject_empty@1"}},
		"no subject":           {"thanks.sv.md", "Tack!\n\nHej", []string{"subject_missing@1"}},
		"nothing":              {"thanks.sv.md", "", []string{"text_missing@0", "subject_missing@1"}},
		"no text":              {"thanks.sv.md", "Subject: Tack\n", []string{"text_missing@0"}},
		"no empty line":        {"thanks.sv.md", "Subject: Tack\nHej du!\n\nText", []string{"head@2"}},
		"misspelt head":        {"thanks.sv.md", "Subject: Tack\nSMSS: x\n\nText", []string{"head@2"}},
		"a link in public":     {"invitation.sv.md", "Subject: Svara {link}\n\n{link} {leave}", []string{"subject_secret@1"}},
		"a picture":            {"thanks.sv.md", "Subject: Tack\n\n![logga](https://x.example/l.png)", []string{"picture@3"}},
		"where a link goes":    {"thanks.sv.md", "Subject: Tack\n\n[hit](javascript:alert(1)) [dit](www.example.org) [x]({name})", []string{"link_target@3", "link_target@3", "link_target@3"}},
		"open bold":            {"thanks.sv.md", "Subject: Tack\n\n**Tack", []string{"bold_open@3"}},
		"a lone brace":         {"thanks.sv.md", "Subject: Tack\n\n{ hej", []string{"brace@3"}},
		"HTML and headings":    {"thanks.sv.md", "Subject: Tack\n\n# Tack\n<b>Tack</b>", []string{"heading@3", "html@4"}},
		"Latin-1":              {"thanks.sv.md", "Subject: Tack\n\nV\xe4nligen", []string{"encoding@0"}},
		"a long SMS":           {"invitation.sv.md", "Subject: Hej\nSMS: ”Nu” är enkäten om arbete och ny teknik öppen och du kan svara: {link}\n\n{link} {leave}", []string{"sms_wide@2"}},
		"a link in words":      {"invitation.sv.md", "Subject: Hej\nSMS: [Svara]({link})\n\n{link} {leave}", []string{"plain_line@2"}},
		"unknown kind":         {"invitatoin.sv.md", goodInvitation, []string{"unknown_kind@0"}},
		"unknown language":     {"invitation.fi.md", goodInvitation, []string{"unknown_language@0"}},
		"another file":         {"invitation.md", goodInvitation, []string{"file_name@0"}},
		"too many reminders":   {"reminder7.sv.md", goodInvitation, []string{"unknown_kind@0"}},
	} {
		_, problems := Load(folder(map[string]string{c.file: c.text}), "study", []string{"sv"})
		var got []string
		for _, p := range problems {
			if p.File != "mail/"+c.file {
				t.Errorf("%s: a problem in %q", name, p.File)
			}
			got = append(got, strings.TrimPrefix(p.Code, "mail_")+"@"+strings.TrimSpace(strings.Trim(string(rune('0'+p.Row)), " ")))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, not %v: %v", name, got, c.want, problems)
		}
		sayable(t, problems)
	}
}

// sayable tells that the pages have words for each problem, in every language.
func sayable(t *testing.T, problems fault.Problems) {
	t.Helper()
	for _, p := range problems {
		for _, tag := range lang.Tags {
			var args []any
			for name, value := range p.Args {
				args = append(args, name, value)
			}
			said := lang.For(tag).T("problem."+p.Code, args...)
			for _, name := range []string{"field", "kind", "near", "said", "language", "languages", "messages", "letters", "room", "wide", "most"} {
				if strings.HasPrefix(said, "problem.") || strings.Contains(said, "{"+name+"}") {
					t.Errorf("%s in %s: %q", p.Code, tag, said)
				}
			}
		}
	}
}

func TestTheNearestFieldIsNamed(t *testing.T) {
	_, problems := Load(folder(map[string]string{"invitation.sv.md": "Subject: Hej\n\n{lnik} {link} {leave}"}), "study", []string{"sv"})
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "Did you mean link?") || problems[0].Row != 3 {
		t.Errorf("%v", problems)
	}
}

func TestLanguagesAreCompleteOrRefused(t *testing.T) {
	for name, c := range map[string]struct {
		files     map[string]string
		languages []string
		used      []Kind
		want      []string // files with a problem
	}{
		"built in":            {nil, []string{"sv", "en", "de-AT"}, []Kind{Invitation, ReminderNumber(6)}, nil},
		"not built in":        {nil, []string{"sv", "fi"}, []Kind{Invitation, ReminderNumber(2)}, []string{"mail/invitation.fi.md", "mail/reminder2.fi.md"}},
		"not used":            {nil, []string{"sv", "fi"}, nil, nil},
		"one of two":          {map[string]string{"invitation.sv.md": goodInvitation}, []string{"sv", "en"}, nil, []string{"mail/invitation.en.md"}},
		"one of the numbered": {map[string]string{"reminder2.sv.md": goodInvitation}, []string{"sv", "en"}, nil, []string{"mail/reminder2.en.md"}},
		"the general one does": {map[string]string{"reminder.sv.md": goodInvitation, "reminder.uk.md": goodInvitation}, []string{"sv", "uk"},
			[]Kind{ReminderNumber(1), ReminderNumber(2)}, nil},
	} {
		_, problems := Load(folder(c.files), "study", c.languages, c.used...)
		var got []string
		for _, p := range problems.Errors() {
			got = append(got, p.File)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, not %v: %v", name, got, c.want, problems)
		}
	}
}

func TestAStudysOwnTextComesFirst(t *testing.T) {
	set, problems := Load(folder(map[string]string{
		"reminder.sv.md": "Subject: Allmän\n\n{link} {leave}", "reminder2.sv.md": "Subject: Andra\n\n{link} {leave}",
	}), "study", []string{"sv"})
	if set == nil {
		t.Fatal(problems)
	}
	for kind, want := range map[Kind]string{ReminderNumber(1): "Allmän", ReminderNumber(2): "Andra", Invitation: "Nu kan du svara på enkäten"} {
		m, err := set.Template(kind, "fi").Render(complete())
		if err != nil || m.Subject != want || m.Tag != "sv" {
			t.Errorf("%s: %q in %q, %v", kind, m.Subject, m.Tag, err)
		}
	}
	if !set.Template(ReminderNumber(2), "sv").HasSMS() {
		t.Error("the built-in SMS is not used where the study has none")
	}
}

func TestRender(t *testing.T) {
	template, problems := parse(Invitation, "sv", "x.md", []byte(`Subject: {study}: svara, {name}

Hej {name}!
Andra raden & <b>mer</b> \*\* \{

- **Först** {link}
- [Sluta]({leave})

- Fråga [oss](mailto:a@b.example)
  eller läs https://x.example/a_b?c=d&e=f.

1. Ett
2) Två
Hälsningar`))
	if len(problems.Errors()) > 0 {
		t.Fatal(problems)
	}
	f := complete()
	f.Name = "*Åsa* **[x](https://evil.example)**\r\nBcc: a@b\u202e <script>alert(1)</script> {link}"
	m, err := template.Render(f)
	if err != nil {
		t.Fatal(err)
	}
	name := "*Åsa* **[x](https://evil.example)** Bcc: a@b <script>alert(1)</script> {link}"
	if want := "Enkät om arbete: svara, " + name; m.Subject != want {
		t.Errorf("the subject %q", m.Subject)
	}
	want := "Hej " + name + `!
Andra raden & <b>mer</b> ** {

- Först ` + f.Link + `
- Sluta: ` + f.Leave + `
- Fråga oss: a@b.example eller läs https://x.example/a_b?c=d&e=f.

1. Ett
2. Två Hälsningar
`
	if m.Text != want {
		t.Errorf("the text\n%s\nnot\n%s", m.Text, want)
	}
	for _, part := range []string{
		`<html lang="sv">`, `&lt;script&gt;alert(1)&lt;/script&gt; {link}!<br>`, `Andra raden &amp; &lt;b&gt;mer&lt;/b&gt; ** {</p>`,
		`<li><strong>Först</strong> <a href="https://enkat.example.org/s/0123456789abcdef?a=1&amp;b=2">https://enkat.example.org/s/0123456789abcdef?a=1&amp;b=2</a></li>`,
		`<a href="https://enkat.example.org/l/fedcba9876543210">Sluta</a>`, `<a href="mailto:a@b.example">oss</a>`,
		`<a href="https://x.example/a_b?c=d&amp;e=f">https://x.example/a_b?c=d&amp;e=f</a>.`, "<ol>\n<li>Ett</li>", `<meta name="color-scheme" content="light dark">`,
	} {
		if !strings.Contains(m.HTML, part) {
			t.Errorf("the document lacks %s:\n%s", part, m.HTML)
		}
	}
	for _, part := range []string{"<script", "evil.example\"", "<img", "src=", "@import"} {
		if strings.Contains(m.HTML, part) {
			t.Errorf("the document holds %s", part)
		}
	}
}

func TestMissingValuesAreAllNamed(t *testing.T) {
	set, _ := Load(fstest.MapFS{}, "study", []string{"sv"})
	_, err := set.Template(Invitation, "sv").Render(Fields{Link: "javascript:alert(1)", Sender: "x", Contact: "y"})
	var got []string
	for _, p := range fault.Of(err).Problems {
		got = append(got, p.Field+" "+strings.TrimPrefix(p.Code, "mail_"))
	}
	if want := []string{"closes value_missing", "leave value_missing", "link value_address", "minutes value_missing"}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}

func TestDatesInWords(t *testing.T) {
	f := complete()
	for tag, want := range map[string][3]string{ // opens, closes, until
		"sv":      {"måndag 13 mars", "söndag 2 april", "tisdag 14 mars kl. 18.42"},
		"de":      {"Montag, 13. März", "Sonntag, 2. April", "Dienstag, 14. März um 18.42 Uhr"},
		"uk":      {"понеділок, 13 березня", "неділя, 2 квітня", "вівторок, 14 березня о 18:42"},
		"sr-Cyrl": {"понедељак, 13. марта", "недеља, 2. априла", "уторак, 14. марта у 18.42"},
		"fi":      {"2017-03-13", "2017-04-02 23:59", "2017-03-14 18:42"},
	} {
		if got := [3]string{f.value("opens", tag), f.value("closes", tag), f.value("until", tag)}; got != want {
			t.Errorf("%s: %q, not %q", tag, got, want)
		}
	}
}

func TestMeasure(t *testing.T) {
	for text, want := range map[string]Size{
		"":                                     {0, 160, 0, ""},
		"Hej åäö ÅÄÖ é ü ß @ § £":              {23, 160, 1, ""},
		"€[]":                                  {6, 160, 1, ""},
		strings.Repeat("a", 160):               {160, 160, 1, ""},
		strings.Repeat("a", 161):               {161, 160, 2, ""},
		strings.Repeat("a", 306):               {306, 160, 2, ""},
		strings.Repeat("a", 307):               {307, 160, 3, ""},
		strings.Repeat("a", 152) + "€aaaaaaaa": {162, 160, 2, ""},
		strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152): {306, 160, 3, ""}, // the sign is not parted
		"„Hej“ – Žiga":          {12, 70, 1, "„“–Ž"},
		strings.Repeat("ж", 70): {70, 70, 1, "ж"},
		strings.Repeat("ж", 71): {71, 70, 2, "ж"},
		strings.Repeat("🙂", 36): {72, 70, 2, "🙂"},
	} {
		if got := Measure(text); got != want {
			t.Errorf("%q: %+v, not %+v", text, got, want)
		}
	}
}

func TestEveryReasonHasWords(t *testing.T) {
	for _, reason := range Reasons() {
		for _, tag := range lang.Tags {
			if got := (Outcome{Reason: reason, Code: 550}).Words(tag, "mail.example.org"); strings.HasPrefix(got, "mail.") || strings.ContainsAny(got, "{}") {
				t.Errorf("%s in %s: %q", reason, tag, got)
			}
		}
	}
}

func TestServersWordsNameNobody(t *testing.T) {
	for said, want := range map[string]string{
		"<anna.svensson@example.com>: unknown":           "<…>: unknown",
		"550 Anna.Svensson is not known":                 "550 … is not known",
		"no such user: 'anna.svensson@example.com'":      "no such user: …'",
		"\"anna svensson\"@example.com o'hara@x.example": "… …",
		"anna.svensson anna.svensson anna.svensson":      "… … …",
		"user=ANNA.SVENSSON@EXAMPLE.COM":                 "…",
		"anna.svenssons and 5.1.1 stay, but @ does not":  "anna.svenssons and 5.1.1 stay, but … does not",
		"åanna.svensson stays as it is":                  "åanna.svensson stays as it is",
	} {
		if got := withoutAddresses(said, "anna.svensson@example.com", "bo@example.com"); got != want {
			t.Errorf("%q: %q, not %q", said, got, want)
		}
	}
	if got := withoutAddresses(strings.Repeat("ä", 5000)); len([]rune(got)) != maxSaid+1 {
		t.Errorf("%d letters are kept", len([]rune(got)))
	}
}
