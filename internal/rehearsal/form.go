package rehearsal

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The names of a page's form fields, as the pages write them.
const (
	fieldValue = "q."     // q.NAME: what is typed or chosen
	fieldApart = "apart." // apart.NAME: "don't know" of a rank
	fieldWas   = "was."   // was.NAME: one for each question of the page
	fieldGo    = "go"
	fieldRank  = "rank"

	fieldRoster = "roster" // add, remove NUMBER: on the overview of a repeat
)

// sheet is one page as it came.
type sheet struct {
	url    *url.URL
	status int
	title  string
	tag    string // the language it says it is in
	form   *form  // the first that is posted of the page's main part, nil for none
	main   bool   // while it is read: the main part has begun
	links  []string
	wrong  map[string]bool // questions that are marked
}

// form is a form with its controls in the order of the page.
type form struct {
	action   string
	controls []*control
	asked    []string // names of the questions on it
}

// control is one field or button.
type control struct {
	name, kind, value string // kind: hidden, text, radio, checkbox, select, button
	on                bool   // of radio and checkbox
	options           []string
}

// walk reads a node and what is in it.
func (s *sheet) walk(n *html.Node) {
	if n.DataAtom == atom.Template { // what a script may bring up; nobody sees it here
		return
	}
	if n.Type == html.ElementNode {
		a := attributes(n)
		switch n.DataAtom {
		case atom.Html:
			s.tag = a["lang"]
		case atom.Title:
			s.title = text(n)
		case atom.A:
			s.links = append(s.links, a["href"])
		case atom.Main:
			s.main = true
		case atom.Form:
			if s.form == nil && s.main && strings.EqualFold(a["method"], "post") {
				s.form = &form{action: a["action"]}
			}
		case atom.Div:
			if name, ok := strings.CutPrefix(a["id"], "q-"); ok && slices.Contains(strings.Fields(a["class"]), "bad") {
				s.wrong[name] = true
			}
		case atom.Input, atom.Textarea, atom.Select, atom.Button:
			if _, off := a["disabled"]; s.form != nil && !off {
				s.form.add(n, a)
			}
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s.walk(c)
	}
}

func (f *form) add(n *html.Node, a map[string]string) {
	c := &control{name: a["name"], kind: "text", value: a["value"]}
	switch n.DataAtom {
	case atom.Button:
		c.kind = "button"
	case atom.Textarea:
		c.value = strings.TrimPrefix(text(n), "\n")
	case atom.Select:
		c.kind = "select"
		for o := n.FirstChild; o != nil; o = o.NextSibling {
			if o.DataAtom != atom.Option {
				continue
			}
			oa := attributes(o)
			c.options = append(c.options, oa["value"])
			if _, chosen := oa["selected"]; chosen {
				c.value = oa["value"]
			}
		}
	default:
		if a["type"] == "file" {
			return // nobody has a file at hand
		}
		if t := a["type"]; t == "hidden" || t == "radio" || t == "checkbox" {
			c.kind = t
		}
		_, c.on = a["checked"]
	}
	if name, ok := strings.CutPrefix(c.name, fieldWas); ok {
		f.asked = append(f.asked, name)
	}
	f.controls = append(f.controls, c)
}

// has tells whether the form has a button.
func (f *form) has(name, value string) bool {
	return slices.ContainsFunc(f.controls, func(c *control) bool {
		return c.kind == "button" && c.name == name && (name == "" || c.value == value)
	})
}

// values gives what a browser sends of the form as it is filled in, without
// the button.
func (f *form) values() url.Values {
	v := url.Values{}
	for _, c := range f.controls {
		switch {
		case c.name == "" || c.kind == "button" || (c.kind == "radio" || c.kind == "checkbox") && !c.on:
		default:
			v.Add(c.name, c.value)
		}
	}
	return v
}

// options gives what can be chosen for a name, in order.
func (f *form) options(name string) []string {
	var out []string
	for _, c := range f.controls {
		switch {
		case c.name != name:
		case c.kind == "select":
			out = append(out, c.options...)
		case c.kind == "radio" || c.kind == "checkbox":
			out = append(out, c.value)
		}
	}
	return slices.DeleteFunc(out, func(o string) bool { return o == "" })
}

// filled tells whether something stands in a field or is chosen.
func (f *form) filled(name string) bool {
	return slices.ContainsFunc(f.values()[name], func(v string) bool { return v != "" })
}

// fill chooses, or writes, what is given; nothing given empties the field.
func (f *form) fill(name string, values ...string) {
	for _, c := range f.controls {
		switch {
		case c.name != name || c.kind == "button" || c.kind == "hidden":
		case c.kind == "radio" || c.kind == "checkbox":
			c.on = slices.Contains(values, c.value)
		case len(values) > 0:
			c.value = values[0]
		default:
			c.value = ""
		}
	}
}

// picks gives the choices that a rank offers to add, in order.
func (f *form) picks(question string) []string {
	var out []string
	for _, c := range f.controls {
		if choice, ok := strings.CutPrefix(c.value, question+" add "); ok && c.kind == "button" && c.name == fieldRank {
			out = append(out, choice)
		}
	}
	return out
}

func attributes(n *html.Node) map[string]string {
	a := make(map[string]string, len(n.Attr))
	for _, at := range n.Attr {
		a[at.Key] = at.Val
	}
	return a
}

// text gives the text in a node.
func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(text(c))
	}
	return b.String()
}
