package interview

import (
	"net/url"
	"strings"
	"unicode"

	"panelverk/internal/questionnaire"
)

// What looks wrong with an answer that is kept all the same. A text is a text,
// whatever its appearance says: the person is asked to look once more, and may
// go on.
const (
	noEmail = "no_email" // no address that mail could reach
	noURL   = "no_url"   // no address of a page
	noPhone = "no_phone" // no telephone number
	noDigit = "no_digit" // not a digit, where a number is asked for as a text
)

// doubt gives the code of what looks wrong with a text, "" for nothing.
func doubt(it *questionnaire.Item, value string) string {
	if it.Type != questionnaire.Text || value == "" {
		return ""
	}
	value = strings.TrimSpace(value)
	digits := strings.IndexFunc(value, unicode.IsDigit) >= 0
	switch {
	case it.Appears("email") && !canBeEmail(value):
		return noEmail
	case it.Appears("url") && !canBeURL(value):
		return noURL
	case it.Appears("tel") && (!digits || strings.ContainsRune(value, '@')):
		return noPhone
	case it.Appears("numbers") && !digits:
		return noDigit
	}
	return ""
}

// canBeEmail tells whether a text could be an address: one @ with something
// before it, and a name with a dot after it, without spaces. More cannot be
// told without writing to it.
func canBeEmail(s string) bool {
	before, domain, _ := strings.Cut(s, "@")
	return before != "" && !strings.ContainsAny(s, " ,;\n") && !strings.Contains(domain, "@") && hasDots(domain)
}

// canBeURL tells whether a text could be a page's address, with or without https://.
func canBeURL(s string) bool {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	return err == nil && !strings.ContainsAny(s, " \n") && hasDots(u.Hostname())
}

// hasDots tells whether a name has labels on both sides of each dot, and two at least.
func hasDots(name string) bool {
	labels := strings.Split(name, ".")
	for _, l := range labels {
		if l == "" {
			return false
		}
	}
	return len(labels) > 1
}

// question asks to look once more at what was just written and seems to be no
// answer of its kind. The same text posted again is meant.
func (p *posted) question(view *View) {
	if p.Go != Forward {
		return
	}
	for _, it := range p.page.Items {
		key := view.Key(it.Name)
		value, changed := p.res.Change.Answers[key]
		if !changed || !it.Asks() || value == p.doc.Answers[key] || !view.Relevant(it.Name) {
			continue
		}
		if code := doubt(it, value); code != "" {
			doubted := problem(it, code, p.Values[it.Name])
			doubted.Soft = true
			p.res.Problems = append(p.res.Problems, doubted)
		}
	}
}
