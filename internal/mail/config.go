package mail

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"panelverk/internal/fault"
)

// Config is what a server's mail.yaml says: which mail server and which SMS
// gateway take the messages, who they come from, and where those arrive that
// come back. It holds passwords: it is never stored and never logged.
type Config struct {
	SMTP    *Settings        // nil: no e-mail is sent
	SMS     *GatewaySettings // nil: no text messages are sent
	Sender  Letterhead
	Maildir string // a folder that what comes back is delivered into; "" for none
}

// ReadConfig reads a mail.yaml and lists everything that is wrong with it, each
// with its line. readFile reads a file that a password stands in; a name that is
// not absolute counts from the folder of the file. The Config is of use only
// where no problem is an error.
func ReadConfig(file string, source []byte, readFile func(string) ([]byte, error)) (Config, fault.Problems) {
	r := &configReader{file: file, readFile: readFile, lines: map[string]int{}}
	var root yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(source)).Decode(&root); err != nil && !errors.Is(err, io.EOF) {
		r.problems.Add(fault.Place{File: file, Row: yamlLine(err)}, "mail_yaml", "The file is no YAML that can be read. Check the indentation, the colons and the quotation marks.")
		return Config{}, r.problems
	}
	if len(root.Content) == 0 {
		r.problems.Add(fault.Place{File: file}, "mail_config_empty", "The file is empty.")
		return Config{}, r.problems
	}
	return r.config(root.Content[0]), r.problems
}

var yamlLinePattern = regexp.MustCompile(`line (\d+)`)

// yamlLine finds the line in what the parser says: its words would quote the file.
func yamlLine(err error) int {
	if m := yamlLinePattern.FindStringSubmatch(err.Error()); m != nil {
		n, _ := strconv.Atoi(m[1]) // digits
		return n
	}
	return 0
}

type configReader struct {
	file     string
	readFile func(string) ([]byte, error)
	lines    map[string]int // by path
	problems fault.Problems
}

// section is one part of the file with its values by name.
type section struct {
	r      *configReader
	path   string
	values map[string]*yaml.Node
}

func (r *configReader) at(path string) fault.Place {
	line := r.lines[path]
	if line == 0 { // a value that is missing: the part that it is missing in
		parent, _, _ := strings.Cut(path, ".")
		line = r.lines[parent]
	}
	return fault.Place{File: r.file, Row: line, Field: path}
}

// section reads a mapping that may have these names.
func (r *configReader) section(path string, n *yaml.Node, allowed ...string) section {
	s := section{r: r, path: path, values: map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		r.problems.Add(fault.Place{File: r.file, Row: n.Line, Field: path}, "mail_config_mapping", "Here stand names with values: %s.", strings.Join(allowed, ", "))
		return s
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		at := fault.Place{File: r.file, Row: name.Line, Field: s.sub(name.Value)}
		switch {
		case !slices.Contains(allowed, name.Value):
			r.problems.Add(at, "mail_config_name", "There is no setting %s here.%s", name.Value, didYouMean(name.Value, allowed)).
				With("name", name.Value).With("near", nearest(name.Value, allowed))
		case s.values[name.Value] != nil:
			r.problems.Add(at, "mail_config_twice", "The setting %s stands twice.", name.Value).With("name", name.Value)
		default:
			s.values[name.Value], r.lines[at.Field] = value, name.Line
		}
	}
	return s
}

func (s section) sub(name string) string {
	if s.path == "" {
		return name
	}
	return s.path + "." + name
}

func (s section) text(name string) string {
	n := s.values[name]
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		s.r.problems.Add(s.r.at(s.sub(name)), "mail_config_text", "Here stands one value.")
		return ""
	}
	if n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

func (s section) number(name string) int {
	text := s.text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		s.r.problems.Add(s.r.at(s.sub(name)), "mail_config_number", "Here stands a whole number.")
	}
	return n
}

// wait reads a time to wait: "45s", "2m".
func (s section) wait(name string) time.Duration {
	text := s.text(name)
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second || d > 10*time.Minute {
		s.r.problems.Add(s.r.at(s.sub(name)), "mail_config_wait", "Here stands a time from 1s to 10m, such as 30s.")
	}
	return d
}

// secret reads a value that may stand in a file of its own: name_file.
func (s section) secret(name string) string {
	value, file := s.text(name), s.text(name+"_file")
	if file == "" {
		return value
	}
	at := s.r.at(s.sub(name + "_file"))
	if value != "" {
		s.r.problems.Add(at, "mail_config_both", "Give %s or %s_file, not both.", name, name).With("name", name)
		return value
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(s.r.file), file)
	}
	content, err := s.r.readFile(file)
	if err != nil {
		s.r.problems.Add(at, "mail_config_secret", "The file with the password cannot be read.")
		return ""
	}
	if value = strings.TrimRight(string(content), "\r\n"); value == "" {
		s.r.problems.Add(at, "mail_config_secret_empty", "The file with the password is empty.")
	}
	return value
}

func (r *configReader) config(n *yaml.Node) Config {
	var c Config
	top := r.section("", n, "smtp", "sender", "sms", "bounces")
	if v := top.values["sender"]; v != nil {
		s := r.section("sender", v, "name", "address", "reply_to", "bounce")
		c.Sender = Letterhead{FromName: s.text("name"), From: s.text("address"), ReplyTo: s.text("reply_to"), Bounce: s.text("bounce")}
	}
	if v := top.values["smtp"]; v != nil {
		c.SMTP = r.smtp(v, c.Sender)
	} else if top.values["sms"] == nil {
		r.problems.Add(fault.Place{File: r.file, Field: "smtp"}, "mail_config_nothing", "The file names neither a mail server (smtp) nor an SMS gateway (sms).")
	}
	if v := top.values["sms"]; v != nil {
		c.SMS = r.sms(v)
	}
	if v := top.values["bounces"]; v != nil {
		if c.Maildir = r.section("bounces", v, "maildir").text("maildir"); c.Maildir != "" && !filepath.IsAbs(c.Maildir) {
			c.Maildir = filepath.Join(filepath.Dir(r.file), c.Maildir)
		}
	}
	r.problems.Sort()
	return c
}

func (r *configReader) smtp(n *yaml.Node, sender Letterhead) *Settings {
	s := r.section("smtp", n, "host", "port", "security", "user", "password", "password_file", "hello", "per_second", "per_hour", "connections", "timeout")
	out := &Settings{Host: s.text("host"), Port: s.number("port"), Security: Security(s.text("security")), User: s.text("user"), Password: s.secret("password"),
		Hello: s.text("hello"), Letterhead: sender, PerSecond: s.number("per_second"), PerHour: s.number("per_hour"), Connections: s.number("connections"), Timeout: s.wait("timeout")}
	r.take(out.Check(), "smtp", map[string]string{"from": "sender.address", "from_name": "sender.name", "reply_to": "sender.reply_to", "bounce": "sender.bounce"})
	return out
}

func (r *configReader) sms(n *yaml.Node) *GatewaySettings {
	s := r.section("sms", n, "url", "method", "kind", "headers", "body", "success", "says", "per_second", "per_hour", "timeout")
	out := &GatewaySettings{URL: s.text("url"), Method: s.text("method"), Kind: BodyKind(s.text("kind")), Body: s.text("body"), Says: s.text("says"),
		PerSecond: s.number("per_second"), PerHour: s.number("per_hour"), Timeout: s.wait("timeout"), Headers: map[string]string{}}
	if v := s.values["headers"]; v != nil && v.Decode(&out.Headers) != nil {
		r.problems.Add(r.at("sms.headers"), "mail_config_headers", "Headers stand as names with one value each.")
	}
	if v := s.values["success"]; v != nil && v.Decode(&out.Success) != nil {
		r.problems.Add(r.at("sms.success"), "mail_config_success", "Here stands a list of statuses, such as [200, 202].")
	}
	r.take(out.Check(), "sms", nil)
	return out
}

// take puts problems that settings have with themselves at their lines.
func (r *configReader) take(found fault.Problems, part string, elsewhere map[string]string) {
	for _, p := range found {
		path := elsewhere[p.Field]
		if path == "" {
			path = part + "." + p.Field
		}
		p.Place = r.at(path)
		r.problems = append(r.problems, p)
	}
}
