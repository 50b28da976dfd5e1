package mail_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"panelverk/internal/mail"
)

const wholeConfig = `# how messages leave
smtp:
  host: mail.example.org
  port: 587
  security: starttls
  user: panel
  password_file: smtp.password
  per_second: 5
  per_hour: 1000
  connections: 2
  timeout: 45s
sender:
  name: Enkäten
  address: enkat@example.org
  reply_to: svar@example.org
  bounce: studs@example.org
sms:
  url: https://sms.example.org/send
  kind: json
  headers:
    Authorization: Bearer 123
  body: '{"to": "{to}", "text": "{text}"}'
  success: [200, 202]
bounces:
  maildir: bounces
`

func files(name string) ([]byte, error) {
	if name == "/srv/panel/smtp.password" {
		return []byte("hemligt\n"), nil
	}
	return nil, errors.New("no such file")
}

func TestReadConfig(t *testing.T) {
	c, problems := mail.ReadConfig("/srv/panel/mail.yaml", []byte(wholeConfig), files)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if s := c.SMTP; s.Host != "mail.example.org" || s.Port != 587 || s.Password != "hemligt" || s.PerHour != 1000 || s.Timeout != 45*time.Second || s.FromName != "Enkäten" || s.Bounce != "studs@example.org" {
		t.Errorf("%+v", s)
	}
	if s := c.SMS; s.Headers["Authorization"] != "Bearer 123" || len(s.Success) != 2 {
		t.Errorf("%+v", s)
	}
	if c.Maildir != "/srv/panel/bounces" {
		t.Error(c.Maildir)
	}
}

// Everything that is wrong is told at once, each with its line, and no problem
// repeats a password.
func TestConfigProblems(t *testing.T) {
	for _, c := range []struct {
		name, from, to string
		want           string // the codes with their lines
	}{
		{"a port that is none, and an unknown name", "port: 587", "prot: 587", "mail_port:2 mail_config_name:4"},
		{"a word for a number", "per_hour: 1000", "per_hour: many", "mail_config_number:9"},
		{"no encryption to elsewhere", "security: starttls", "security: none", "mail_in_the_clear:5"},
		{"a password twice", "user: panel", "password: hemligt\n  user: panel", "mail_config_both:8"},
		{"a password file that is not there", "smtp.password", "smtp.pass", "mail_login:6 mail_config_secret:7"},
		{"an address that is none", "enkat@example.org", "enkat", "mail_address:14"},
		{"a setting that stands twice", "port: 587", "port: 587\n  port: 465", "mail_config_twice:5"},
		{"a gateway in the clear", "https://sms", "http://sms", "sms_https:18"},
		{"a body that is no JSON", `'{"to": "{to}", "text": "{text}"}'`, `'{to} {text}'`, "sms_json:22"},
		{"a wait without a unit", "timeout: 45s", "timeout: 45", "mail_config_wait:11"},
		{"broken YAML: the parser tells where the part begins", "  port: 587", "\tport: 587", "mail_yaml:3"},
		{"an empty file", wholeConfig, "# nothing\n", "mail_config_empty:0"},
		{"neither way", wholeConfig, "sender: {name: x}\n", "mail_config_nothing:0"},
		{"a list for names", "bounces:\n  maildir: bounces", "bounces: [maildir]", "mail_config_mapping:24"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(wholeConfig, c.from, c.to, 1)
			if text == wholeConfig {
				t.Fatal("nothing was replaced")
			}
			_, problems := mail.ReadConfig("/srv/panel/mail.yaml", []byte(text), files)
			var got []string
			for _, p := range problems {
				got = append(got, p.Code+":"+strconv.Itoa(p.Row))
				if strings.Contains(p.String(), "hemligt") || strings.Contains(p.String(), "Bearer") {
					t.Errorf("a problem tells a secret: %s", p)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %s, want %s\n%v", strings.Join(got, " "), c.want, problems)
			}
		})
	}
}
