package interview

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The stored form of a Document is JSON without white space:
//
//	{"a":{"QUESTION":"ANSWER",…},          answers
//	 "d":{"DEVICE":"QUESTION QUESTION",…}, who gave them, device by device
//	 "p":{"PAGE":[FIRST,TOOK,FLAGS],…},    pages: unix ms, ms until the last post, 1 asked + 2 done
//	 "e":{"QUESTION":["ANSWER",WAVE,AT],…}, what it was told of earlier waves: the wave's number, unix ms
//	 "o":{"QUESTION":"OUTCOME",…},         what came of what was offered
//	 "w":["WAY","DEVICE"]}                 the proof
//
// The last three are left out where the interview was told nothing.
//
// Keys are sorted: the same document, the same bytes. It is read and written
// at every page of every interview and forty thousand times in an export, so
// both are done by hand; encoding/json takes ten times as long.

const (
	flagAsked = 1
	flagDone  = 2
)

// Decode reads a stored document; "" is the empty one.
func Decode(stored string) (*Document, error) {
	d := &Document{}
	return d, d.Read(stored)
}

// Read puts a stored document in place of d, whose maps are used again.
func (d *Document) Read(stored string) error {
	if d.Answers == nil {
		d.Answers, d.Devices, d.Pages = map[string]string{}, map[string]string{}, map[string]Visit{}
	}
	clear(d.Answers)
	clear(d.Devices)
	clear(d.Pages)
	d.Earlier, d.Proof, d.Prefills, d.Proven = nil, Proof{}, nil, Proof{}
	if stored == "" {
		return nil
	}
	s := scan{text: stored}
	if !s.document(d) || s.at != len(stored) {
		return fmt.Errorf("a stored document cannot be read at byte %d of %d", s.at, len(stored))
	}
	return nil
}

// Encode gives the stored form.
func (d *Document) Encode() string {
	b := make([]byte, 0, 64+40*len(d.Answers)+48*len(d.Pages))
	b = append(b, `{"a":{`...)
	for i, name := range slices.Sorted(maps.Keys(d.Answers)) {
		b = member(b, i, name)
		b = quote(b, d.Answers[name])
	}
	b = append(b, `},"d":{`...)
	gave := map[string][]string{}
	for name, device := range d.Devices {
		gave[device] = append(gave[device], name)
	}
	for i, device := range slices.Sorted(maps.Keys(gave)) {
		slices.Sort(gave[device])
		b = member(b, i, device)
		b = quote(b, strings.Join(gave[device], " "))
	}
	b = append(b, `},"p":{`...)
	for i, page := range slices.Sorted(maps.Keys(d.Pages)) {
		v := d.Pages[page]
		flags := int64(0)
		if v.Asked {
			flags |= flagAsked
		}
		if v.Done {
			flags |= flagDone
		}
		b = append(member(b, i, page), '[')
		b = append(strconv.AppendInt(b, v.First, 10), ',')
		b = append(strconv.AppendInt(b, v.Last-v.First, 10), ',')
		b = append(strconv.AppendInt(b, flags, 10), ']')
	}
	b = append(b, '}')
	if d.Proof != (Proof{}) {
		b = d.encodeEarlier(b)
	}
	return string(append(b, '}'))
}

func (d *Document) encodeEarlier(b []byte) []byte {
	b = append(b, `,"e":{`...)
	for i, name := range slices.Sorted(maps.Keys(d.Earlier)) {
		e := d.Earlier[name]
		b = append(quote(append(member(b, i, name), '['), e.Value), ',')
		b = append(strconv.AppendInt(b, int64(e.Wave), 10), ',')
		b = append(strconv.AppendInt(b, e.At, 10), ']')
	}
	b = append(b, `},"o":{`...)
	for i, name := range slices.Sorted(maps.Keys(d.Prefills)) {
		b = quote(member(b, i, name), string(d.Prefills[name]))
	}
	b = quote(append(b, `},"w":[`...), string(d.Proof.Way))
	return append(quote(append(b, ','), d.Proof.Device), ']')
}

func member(b []byte, i int, key string) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return append(quote(b, key), ':')
}

// quote writes a JSON string.
func quote(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			text, err := json.Marshal(s) // also puts invalid UTF-8 right
			if err != nil {
				panic(err) // a string always encodes
			}
			return append(b, text...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// scan goes through JSON without white space. Its methods give false at
// anything that Encode does not write.
type scan struct {
	text string
	at   int
}

func (s *scan) document(d *Document) bool {
	return s.object(func(part string) bool {
		switch part {
		case "a":
			return s.object(func(name string) bool {
				value, ok := s.str()
				d.Answers[name] = value
				return ok
			})
		case "d":
			return s.object(func(device string) bool {
				names, ok := s.str()
				for name := range strings.FieldsSeq(names) {
					d.Devices[name] = device
				}
				return ok
			})
		case "p":
			return s.object(func(page string) bool {
				v, ok := s.visit()
				d.Pages[page] = v
				return ok
			})
		}
		return s.earlier(d, part)
	})
}

// earlier reads the parts about earlier waves.
func (s *scan) earlier(d *Document, part string) bool {
	switch part {
	case "e":
		d.Earlier = map[string]Earlier{}
		return s.object(func(name string) bool {
			e, ok := s.told()
			d.Earlier[name] = e
			return ok
		})
	case "o":
		return s.object(func(name string) bool {
			outcome, ok := s.str()
			if d.Prefills == nil {
				d.Prefills = map[string]Outcome{}
			}
			d.Prefills[name] = Outcome(outcome)
			return ok
		})
	case "w":
		if !s.is('[') {
			return false
		}
		way, ok := s.str()
		if !ok || !s.is(',') {
			return false
		}
		device, ok := s.str()
		d.Proof = Proof{Way: Way(way), Device: device}
		return ok && s.is(']')
	}
	return false
}

func (s *scan) told() (e Earlier, ok bool) {
	if !s.is('[') {
		return e, false
	}
	if e.Value, ok = s.str(); !ok || !s.is(',') {
		return e, false
	}
	wave, ok := s.integer()
	if e.Wave = int(wave); !ok || !s.is(',') {
		return e, false
	}
	e.At, ok = s.integer()
	return e, ok && s.is(']')
}

func (s *scan) visit() (Visit, bool) {
	var n [3]int64
	for i := range n {
		if !s.is("[,,"[i]) {
			return Visit{}, false
		}
		var ok bool
		if n[i], ok = s.integer(); !ok {
			return Visit{}, false
		}
	}
	return Visit{First: n[0], Last: n[0] + n[1], Asked: n[2]&flagAsked != 0, Done: n[2]&flagDone != 0}, s.is(']')
}

func (s *scan) integer() (int64, bool) {
	start := s.at
	for s.at < len(s.text) && (s.text[s.at] == '-' || s.text[s.at] >= '0' && s.text[s.at] <= '9') {
		s.at++
	}
	n, err := strconv.ParseInt(s.text[start:s.at], 10, 64)
	return n, err == nil
}

func (s *scan) is(b byte) bool {
	if s.at < len(s.text) && s.text[s.at] == b {
		s.at++
		return true
	}
	return false
}

// object calls value at the value of every key; value has to pass it.
func (s *scan) object(value func(key string) bool) bool {
	if !s.is('{') {
		return false
	}
	if s.is('}') {
		return true
	}
	for {
		key, ok := s.str()
		if !ok || !s.is(':') || !value(key) {
			return false
		}
		if s.is('}') {
			return true
		}
		if !s.is(',') {
			return false
		}
	}
}

func (s *scan) str() (string, bool) {
	if !s.is('"') {
		return "", false
	}
	start, escaped := s.at, false
	for ; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '\\':
			escaped = true
			s.at++
		case '"':
			raw := s.text[start:s.at]
			s.at++
			if !escaped {
				return raw, true
			}
			var text string
			err := json.Unmarshal([]byte(s.text[start-1:s.at]), &text)
			return text, err == nil
		}
	}
	return "", false
}
