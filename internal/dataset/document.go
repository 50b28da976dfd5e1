package dataset

import (
	"encoding/json"

	"panelverk/internal/interview"
)

// stored is what an export reads of an interview's document: the answers, and
// which pages were posted. Which device gave an answer is nobody's business
// here. It is used again for the next document.
type stored struct {
	answers map[string]string
	pages   map[string]bool
}

// read takes in a document. Documents are by far the most that an export
// reads, and are all written by interview.Document.Encode: a scan that keeps to
// that form takes them in ten times as fast as a decoder by reflection.
// Whatever it does not know goes to interview.Decode.
func (s *stored) read(document string) error {
	s.clear()
	if document == "" {
		return nil
	}
	c := scan{text: document}
	if c.document(s) {
		return nil
	}
	d, err := interview.Decode(document)
	if err != nil {
		return err
	}
	s.clear()
	for name, value := range d.Answers {
		s.answers[name] = value
	}
	for page := range d.Pages {
		s.pages[page] = true
	}
	return nil
}

func (s *stored) clear() {
	if s.answers == nil {
		s.answers, s.pages = map[string]string{}, map[string]bool{}
	}
	clear(s.answers)
	clear(s.pages)
}

// scan goes through JSON without white space. Its methods give false at
// anything that they do not expect.
type scan struct {
	text string
	at   int
}

func (c *scan) document(s *stored) bool {
	ok := c.object(func(key string) bool {
		switch key {
		case "a":
			return c.object(func(name string) bool {
				value, ok := c.str()
				s.answers[name] = value
				return ok
			})
		case "p":
			return c.object(func(page string) bool {
				s.pages[page] = true
				return c.skip()
			})
		}
		return c.skip()
	})
	return ok && c.at == len(c.text)
}

func (c *scan) is(b byte) bool {
	if c.at < len(c.text) && c.text[c.at] == b {
		c.at++
		return true
	}
	return false
}

// object calls member at the value of every key, which member has to pass.
func (c *scan) object(member func(key string) bool) bool {
	if !c.is('{') {
		return false
	}
	if c.is('}') {
		return true
	}
	for {
		key, ok := c.str()
		if !ok || !c.is(':') || !member(key) {
			return false
		}
		if c.is('}') {
			return true
		}
		if !c.is(',') {
			return false
		}
	}
}

func (c *scan) str() (string, bool) {
	if !c.is('"') {
		return "", false
	}
	start, escaped := c.at, false
	for ; c.at < len(c.text); c.at++ {
		switch c.text[c.at] {
		case '\\':
			escaped = true
			c.at++
		case '"':
			raw := c.text[start:c.at]
			c.at++
			if !escaped {
				return raw, true
			}
			var s string
			err := json.Unmarshal([]byte(c.text[start-1:c.at]), &s)
			return s, err == nil
		}
	}
	return "", false
}

// skip passes a string, number, literal or object.
func (c *scan) skip() bool {
	if c.at >= len(c.text) {
		return false
	}
	switch c.text[c.at] {
	case '"':
		_, ok := c.str()
		return ok
	case '{':
		return c.object(func(string) bool { return c.skip() })
	case '[':
		return false
	}
	start := c.at
	for c.at < len(c.text) && c.text[c.at] != ',' && c.text[c.at] != '}' {
		c.at++
	}
	return c.at > start
}
