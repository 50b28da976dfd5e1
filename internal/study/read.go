package study

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

// maxSource bounds a study.yaml: a hundred times what a large study needs.
const maxSource = 1 << 20

// reader walks the tree of one YAML file and collects every offence. YAML's
// own guesses about types are not used: each value is read as the text that
// was written, so that a wave may be called 1980 and a choice no.
type reader struct {
	file      string
	languages []string
	problems  fault.Problems
	waveRows  []int            // where each wave names its version
	wheres    map[string]value // where the plan says who is asked in a wave, by the wave's key
	decided   []value          // where each decision stands
	periods   map[string]value // where the waves say when they open and close
	scaled    []scaledItem     // where scales name questions
}

// value is a node with its dotted path in the file; lists count from 1, as
// waves do. A nil node stands for a key that is not there, or has no value.
type value struct {
	node         ast.Node
	path         string
	line, column int
}

// add notes an offence and gives it, to take values at once (With).
func (r *reader) add(v value, code, format string, args ...any) *fault.Problem {
	return r.problems.Add(r.place(v), code, format, args...)
}

func (r *reader) place(v value) fault.Place {
	p := fault.Place{File: r.file, Row: v.line, Field: v.path}
	if v.column > 0 {
		p.Column = strconv.Itoa(v.column)
	}
	return p
}

// root parses the file and gives its one document, with a nil node where that failed.
func (r *reader) root(source []byte) value {
	if len(source) > maxSource {
		r.add(value{}, "too_large", "The file is larger than %d KB. A study file holds the study's description only.", maxSource>>10)
		return value{}
	}
	if !utf8.Valid(source) {
		r.add(value{}, "encoding", "The file is not UTF-8. Save it with the encoding UTF-8.")
		return value{}
	}
	source = bytes.TrimPrefix(source, []byte("\ufeff")) // editors on Windows begin a file with it
	file, err := parser.ParseBytes(source, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		v, why := value{}, "the text cannot be read"
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) {
			v, why = at(syntax.Token), syntax.Message
		}
		if row := tabbed(source); row > 0 && strings.Contains(why, "'\t'") {
			r.add(value{line: row, column: 1}, "yaml_tab", "The row begins with a tab. YAML counts spaces: write spaces instead.")
			return value{}
		}
		r.add(v, "yaml_syntax", "This is not YAML: %s. Often a colon, a quotation mark or the indentation of this line or the one before is wrong.", why)
		return value{}
	}
	var docs []*ast.DocumentNode
	for _, d := range file.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType && d.Body.Type() != ast.NullType {
			docs = append(docs, d)
		}
	}
	switch len(docs) {
	case 1:
		return value{node: docs[0].Body}
	case 0:
		r.add(value{}, "empty", "The file is empty.")
	default:
		r.add(at(docs[1].Body.GetToken()), "yaml_documents", "The file holds several documents. Write one study a file, without --- between.")
	}
	return value{}
}

// tabbed gives the first row that is moved in with a tab, 0 for none.
func tabbed(source []byte) int {
	row := 0
	for line := range bytes.Lines(source) {
		row++
		if blank := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]; bytes.ContainsRune(blank, '\t') {
			return row
		}
	}
	return 0
}

// at gives a place without a node: that of a token.
func at(tk *token.Token) value {
	if tk == nil || tk.Position == nil {
		return value{}
	}
	return value{line: tk.Position.Line, column: tk.Position.Column}
}

// child gives a node within another, at the place of its own token, or at
// where it is known to be at least.
func child(node ast.Node, path string, where value) value {
	v := value{path: path, line: where.line, column: where.column}
	if node == nil || node.Type() == ast.NullType {
		return v
	}
	v.node = node
	switch node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
		// the token of these is a colon or a dash; the key says better where they are
	default:
		if p := at(node.GetToken()); p.line > 0 {
			v.line, v.column = p.line, p.column
		}
	}
	return v
}

// fields is a mapping of which every key is known. Where a key is missing, its
// reader reports that and gets a value without node.
type fields struct {
	r      *reader
	at     value
	keys   map[string]value
	absent bool // there is no mapping: reported already, and its keys are not missed
}

// mapping reads v as a mapping that has no other keys than the allowed ones.
func (r *reader) mapping(v value, allowed ...string) fields {
	f := fields{r: r, at: v, keys: map[string]value{}}
	m, ok := v.node.(ast.MapNode)
	if !ok {
		f.absent = true
		if v.node != nil {
			r.add(v, "not_a_mapping", "Write keys and values here: %s.", strings.Join(allowed, ", "))
		}
		return f
	}
	for it := m.MapRange(); it.Next(); {
		tk := it.Key().GetToken()
		key := tk.Value
		here := at(tk)
		here.path = join(v.path, key)
		c := child(it.Value(), here.path, here)
		if first, twice := f.keys[key]; twice {
			r.add(here, "duplicate_key", "%s is here twice, first on row %d. Keep one of them.", key, first.line).With("value", key).With("first", first.line)
			continue
		}
		if !slices.Contains(allowed, key) {
			known(r.add(here, "unknown_key", "%s is no key that is read here.%s", key, didYouMean(key, allowed)), key, allowed)
			if key = strings.ToLower(key); slices.Contains(allowed, key) && f.keys[key].node == nil {
				f.keys[key] = c // it is said once, not a second time that it is missing
			}
			continue
		}
		f.keys[key] = c
	}
	return f
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// get gives the value of a key, and reports where it is missing or empty.
func (f fields) get(key string) value {
	v, ok := f.keys[key]
	if v.node == nil && !f.absent {
		if !ok {
			v = value{path: join(f.at.path, key), line: f.at.line, column: f.at.column}
		}
		f.r.add(v, "missing_key", "%s is missing.", key).With("value", key)
	}
	return v
}

// has tells whether a key has a value.
func (f fields) has(key string) bool { return f.keys[key].node != nil }

// sub reads a required mapping within the mapping.
func (f fields) sub(key string, allowed ...string) fields {
	return f.r.mapping(f.get(key), allowed...)
}

// list reads v as a sequence.
func (r *reader) list(v value) []value {
	if v.node == nil {
		return nil
	}
	s, ok := v.node.(*ast.SequenceNode)
	if !ok {
		r.add(v, "not_a_list", "Write a list here: each entry on a line of its own after a dash, or all of them within [ ].")
		return nil
	}
	if len(s.Values) == 0 {
		r.add(v, "empty", "The list is empty.")
	}
	var out []value
	for i, n := range s.Values {
		where := v
		if m, ok := n.(ast.MapNode); ok {
			if it := m.MapRange(); it.Next() {
				where = at(it.Key().GetToken())
			}
		}
		c := child(n, fmt.Sprintf("%s[%d]", v.path, i+1), where)
		if c.node == nil {
			r.add(c, "empty", "This entry of the list is empty.")
			continue
		}
		out = append(out, c)
	}
	return out
}

// scalar reads v as one piece of text, as it was written.
func (r *reader) scalar(v value) (string, bool) {
	var s string
	switch n := v.node.(type) {
	case nil:
		return "", false
	case *ast.StringNode:
		s = n.Value
	case *ast.LiteralNode:
		s = n.Value.Value
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		r.add(v, "unsupported", "Anchors (&), aliases (*) and tags (!) are not read in a study file. Write the value out.")
		return "", false
	case ast.ScalarNode:
		s = n.GetToken().Value
	default:
		r.add(v, "not_a_text", "Write a single value here, not a list or a mapping.")
		return "", false
	}
	if s = strings.TrimSpace(s); s == "" {
		r.add(v, "empty", "This value is empty.")
		return "", false
	}
	return s, true
}

// text reads a required text.
func (f fields) text(key string) (string, value, bool) {
	v := f.get(key)
	s, ok := f.r.scalar(v)
	return s, v, ok
}

// integer reads a required whole number within bounds; 0 where it is not one.
func (f fields) integer(key string, low, high int) int {
	s, v, ok := f.text(key)
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		f.r.add(v, "number", "%s says %s. Write a whole number from %d to %d.", key, s, low, high).With("value", s).With("low", low).With("high", high)
		return 0
	}
	return n
}

// texts reads a required text in every language of the study. Where the study
// has one language, the text may stand alone.
func (f fields) texts(key string) lang.Text { return f.r.textsOf(f.get(key)) }

// textsOf reads v as a text in every language.
func (r *reader) textsOf(v value) lang.Text {
	langs := r.languages
	if v.node == nil || len(langs) == 0 { // without languages, that is the offence to report
		return nil
	}
	if _, ok := v.node.(ast.MapNode); !ok {
		s, ok := r.scalar(v)
		if !ok {
			return nil
		}
		if len(langs) != 1 {
			r.add(v, "missing_language", "Write one text for each language: %s.", strings.Join(langs, ", "))
			return nil
		}
		return lang.Text{langs[0]: s}
	}
	m := r.mapping(v, langs...)
	out := lang.Text{}
	var missing []string
	for _, l := range langs {
		if !m.has(l) {
			missing = append(missing, l)
			continue
		}
		if s, ok := r.scalar(m.keys[l]); ok {
			out[l] = s
		}
	}
	if len(missing) > 0 {
		r.add(v, "missing_language", "The text is missing in %s.", strings.Join(missing, ", "))
	}
	return out
}

// didYouMean gives " Did you mean x?" for the nearest known word, and all known
// words where none is near.
func didYouMean(word string, known []string) string {
	if best := nearest(word, known); best != "" {
		return " Did you mean " + best + "?"
	}
	return " It can be: " + strings.Join(known, ", ") + "."
}

// nearest gives the known word that is most like one that was written, "" where
// none is near.
func nearest(word string, known []string) string {
	best, least := "", len(word)/3+1
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d <= least {
			best, least = k, d-1
		}
	}
	return best
}

// fewKnown is how many words can be listed to choose from.
const fewKnown = 12

// known gives a problem what a translated text says of an unknown word: the word,
// the one that may have been meant, or, where there are few, all that are known.
func known(p *fault.Problem, word string, all []string) {
	p.With("value", word)
	if best := nearest(word, all); best != "" {
		p.With("near", best)
	} else if len(all) <= fewKnown {
		p.With("known", strings.Join(all, ", "))
	}
}

// distance counts the letters to add, drop or replace to make b of a (Levenshtein).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(y)]
}
