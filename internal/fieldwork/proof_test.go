package fieldwork_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/mail/mailtest"
	"panelverk/internal/store"
)

var sixFigures = regexp.MustCompile(`\b\d{6}\b`)

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return fault.Of(err).Code
}

// answered gives a visit of wave 1 that a device has answered a question of.
func (f *field) answered(token, device string) *fieldwork.Visit {
	f.t.Helper()
	if err := f.Start(ctx, wave1, token, fieldwork.Beginning{Language: "sv", Consent: true}); err != nil {
		f.t.Fatal(err)
	}
	v := f.visit(wave1, token)
	post := interview.Post{Page: "p_job", Device: device, Go: interview.Forward,
		Values: map[string][]string{"year_started": {"2006"}}, Shown: map[string]string{"year_started": ""}}
	if _, err := f.SavePage(ctx, wave1, v, post, "k."+device, store.Web, ""); err != nil {
		f.t.Fatal(err)
	}
	return v
}

// sees tells whether a device may be shown the answer.
func (f *field) sees(at time.Time, token, device string) bool {
	f.t.Helper()
	v := f.visit(at, token)
	if err := f.Recognise(ctx, v, device); err != nil {
		f.t.Fatal(err)
	}
	return v.Doc.Opens("year_started", device)
}

func TestACodeOpensWhatAnotherDeviceGave(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		f.Reaches(true, false)
		server := mailtest.Start(t, mailtest.Options{})
		way := mailer(t, server)
		with := f.token(wave1, f.add(spring, fieldwork.NewParticipant{Name: "Astrid", Email: "astrid@example.org"}), 1)
		without := f.token(wave1, f.add(spring, fieldwork.NewParticipant{Name: "Bo"}), 1)
		for _, token := range []string{with, without} {
			f.answered(token, "d1")
			if err := f.SendCode(ctx, wave1, f.visit(wave1, token), "d2"); err != nil {
				t.Fatalf("asking tells something: %v", err)
			}
			if f.sees(wave1, token, "d2") {
				t.Fatal("asking alone opens the answers")
			}
		}
		code := ""
		for _, m := range f.post(wave1, server, way) {
			if strings.Contains(string(m.Data), "Subject: Din kod") {
				if m.To != "astrid@example.org" || code != "" {
					t.Errorf("a code to %s", m.To)
				}
				code = sixFigures.FindString(string(m.Data))
			}
		}
		if code == "" {
			t.Fatal("no code came")
		}
		prove := func(at time.Time, token, device, typed string) string {
			return codeOf(f.Prove(ctx, at, f.visit(at, token), device, typed))
		}
		if got := prove(wave1, with, "d3", code); got != "proof_wrong" {
			t.Errorf("on a device that did not ask: %q", got)
		}
		if got := prove(wave1.Add(10*time.Minute), with, "d2", code); got != "proof_wrong" {
			t.Errorf("too late: %q", got)
		}
		if got := prove(wave1, with, "d2", code[:3]+" "+code[3:]); got != "" {
			t.Errorf("the right code: %q", got)
		}
		if !f.sees(wave1, with, "d2") || !f.sees(wave1, with, "d1") || f.sees(wave1, with, "d3") {
			t.Error("the wrong devices see the answer")
		}
		if got := prove(wave1, with, "d2", code); got != "proof_wrong" {
			t.Errorf("used twice: %q", got)
		}
		// Five tries for a code, five codes a day, and answering goes on all the same.
		for n := range 5 {
			if got := prove(wave1, without, "d2", "00000"+string(rune('0'+n))); got != "proof_wrong" {
				t.Errorf("guess %d: %q", n, got)
			}
		}
		for n := range 5 {
			if got, want := codeOf(f.SendCode(ctx, wave1, f.visit(wave1, without), "d2")), map[bool]string{true: "proof_codes"}[n == 4]; got != want {
				t.Errorf("code %d: %q, not %q", n+2, got, want)
			}
		}
		if got := codeOf(f.SendCode(ctx, wave1.Add(25*time.Hour), f.visit(wave1, without), "d2")); got != "" {
			t.Errorf("the day after: %q", got)
		}
	})
}

func TestANumberOpensWhatItsDevicesGaveAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		token := f.token(wave1, f.add(spring, fieldwork.NewParticipant{Name: "Astrid"}), 1)
		// Somebody with a copied link is first, and chooses a number.
		v := f.visit(wave1, token)
		if err := f.ChoosePIN(ctx, wave1, v, "thief", "4711"); err != nil {
			t.Fatal(err)
		}
		f.answered(token, "d1")
		if err := f.ChoosePIN(ctx, wave1, v, "d1", "8305"); err != nil {
			t.Fatal(err)
		}
		for _, easy := range []string{"0000", "1234", "4321", "1212", "1998", "2580", "12a4", "123"} {
			if got := codeOf(f.ChoosePIN(ctx, wave1, v, "d1", easy)); got != "pin_easy" && got != "pin_form" {
				t.Errorf("%s: %q", easy, got)
			}
		}
		if err := f.Prove(ctx, wave1, v, "thief2", "4711"); err != nil || f.sees(wave1, token, "thief2") || f.sees(wave1, token, "thief") {
			t.Errorf("a number chosen with a copied link opens the answers (%v)", err)
		}
		if err := f.Prove(ctx, wave1, v, "d2", "8305"); err != nil || !f.sees(wave1, token, "d2") {
			t.Errorf("the right number does not open them (%v)", err)
		}
		// Whoever guesses gets five tries, then rests that double, up to a month; a
		// number of one's own in between changes nothing.
		tries, at := 0, wave1
		for at.Before(wave1.Add(24 * time.Hour)) {
			if codeOf(f.Prove(ctx, at, v, "thief", "9999")) == "proof_wrong" {
				tries++
			}
			_ = f.Prove(ctx, at, v, "thief", "4711")
			at = at.Add(10 * time.Minute)
		}
		if tries < 5 || tries > 12 {
			t.Errorf("%d guesses in a day", tries)
		}
		if got := codeOf(f.Prove(ctx, at, v, "d3", "8305")); got != "proof_rests" {
			t.Errorf("while it rests: %q", got)
		}
		if _, err := f.SavePage(ctx, at, f.visit(at, token), interview.Post{Page: "p_job", Device: "d3", Go: interview.Forward,
			Values: map[string][]string{"hours_week": {"40"}}, Shown: map[string]string{"hours_week": ""}}, "rest", store.Web, ""); err != nil {
			t.Errorf("answering rests too: %v", err)
		}
		// Erasing wants the proof where there is one.
		stranger := f.visit(at, token)
		if got := codeOf(f.Leave(ctx, at, stranger, fieldwork.LeaveErased)); got != "proof_needed" {
			t.Errorf("erasing with the link alone: %q", got)
		}
	})
}

func TestALostLinkIsSentToItsOwnerAlone(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		f.Reaches(true, false)
		server := mailtest.Start(t, mailtest.Options{})
		way := mailer(t, server)
		token := f.token(wave1, f.add(spring, fieldwork.NewParticipant{Name: "Astrid", Email: "astrid@example.org"}), 1)
		gone := f.token(wave1, f.add(spring, fieldwork.NewParticipant{Name: "Bo", Email: "bo@example.org"}), 1)
		if err := f.Leave(ctx, wave1, f.visit(wave1, gone), fieldwork.LeaveKeep); err != nil {
			t.Fatal(err)
		}
		for _, address := range []string{"Astrid@example.org ", "bo@example.org", "nobody@example.org", "astrid@example.org"} {
			if err := f.Renew(ctx, wave1, address); err != nil {
				t.Errorf("%s: %v", address, err)
			}
		}
		if len(f.ledger()) != 0 {
			t.Error("the answer waited for the looking up")
		}
		if err := f.SendLinks(ctx, wave1); err != nil {
			t.Fatal(err)
		}
		got := f.post(wave1, server, way)
		if len(got) != 1 || got[0].To != "astrid@example.org" || !strings.Contains(strings.ReplaceAll(string(got[0].Data), "=\r\n", ""), token) {
			t.Errorf("sent: %v", got)
		}
		if got := codeOf(f.Renew(ctx, wave1, "neither")); got != "renew_form" {
			t.Errorf("no address: %q", got)
		}
	})
}
