package rehearsal

import (
	"strings"
	"testing"
)

const goodMail = "Return-Path: <returned+abc@example.org>\r\nTo: <asa@example.org>\r\nFrom: \"Enkät\" <enkat@example.org>\r\nMessage-ID: <m1@panel.example.org>\r\n" +
	"Subject: =?utf-8?q?Dags_f=C3=B6r_enk=C3=A4ten?=\r\nContent-Language: sv\r\nList-Unsubscribe: <https://panel.example.org/u/T>\r\n" +
	"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=edge\r\n\r\n" +
	"--edge\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
	"Hej =C3=85sa! Svara h=C3=A4r (https://panel.example.org/s/TOK=\r\nEN). Sluta: https://panel.example.org/u/T.\r\n" +
	"--edge\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
	"<style>p { color: red }</style><p>Hej <a href=\"https://panel.example.org/s/TOKEN\">här</a> <a href=\"https://panel.example.org/u/T\">sluta</a></p>\r\n--edge--\r\n"

func TestMailIsReadAsAMailProgramDoes(t *testing.T) {
	l, err := readMail([]byte(goodMail))
	if err != nil || l.to != "asa@example.org" || l.from != "returned+abc@example.org" || l.subject != "Dags för enkäten" || l.tag != "sv" || !l.press ||
		l.answer() != "https://panel.example.org/s/TOKEN" || l.leave != "https://panel.example.org/u/T" || !strings.Contains(l.text, "Hej Åsa!") {
		t.Errorf("%+v, %v", l, err)
	}
	for name, c := range map[string]struct{ from, to, says string }{
		"a field left in the text":     {"Hej =C3=85sa!", "Hej {name}!", "a field was left"},
		"a field left in the HTML":     {"<p>Hej", "<p>Hej {namn}", "a field was left"},
		"another link in the HTML":     {`href="https://panel.example.org/s/TOKEN"`, `href="https://panel.example.org/s/OTHER"`, "a link of its HTML"},
		"no link in the HTML":          {`<a href="https://panel.example.org/u/T">sluta</a>`, "", "a link of its text"},
		"no subject":                   {"=?utf-8?q?Dags_f=C3=B6r_enk=C3=A4ten?=", "", "its subject"},
		"nobody it is for":             {"To: <asa@example.org>\r\n", "", "its reader"},
		"nobody it is from":            {"From: \"Enkät\" <enkat@example.org>", "From: nobody", "its sender"},
		"a body that cannot be parted": {"boundary=edge", "boundary=other", "its body"},
		"a body of another type":       {"multipart/alternative; boundary=edge", "application/pdf", "its body"},
	} {
		bad := strings.Replace(goodMail, c.from, c.to, 1)
		if bad == goodMail {
			t.Fatalf("%s: nothing is changed", name)
		}
		if _, err := readMail([]byte(bad)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSMSIsRead(t *testing.T) {
	l, err := readSMS([]byte("+46701740605\nHej! Svara: https://panel.example.org/s/TOKEN\n"))
	if err != nil || l.to != "+46701740605" || l.answer() != "https://panel.example.org/s/TOKEN" {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := readSMS([]byte("+46701740605\nHej {name}!\n")); err == nil {
		t.Error("a field that was left in it is not seen")
	}
}
