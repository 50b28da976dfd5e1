package expr

import (
	"crypto/md5"  //nolint:gosec // ODK's digest names it; nothing here is kept secret by it
	"crypto/sha1" //nolint:gosec // ODK's digest names it; nothing here is kept secret by it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"math"
	"strings"
	"unicode/utf8"
)

// word gives the first word of a text, and what comes after it.
func word(s string) (first, rest string) {
	s = strings.TrimLeft(s, space)
	if i := strings.IndexAny(s, space); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

func callSelected(env *Env, n *Node) Value {
	wanted := strings.Trim(n.text(env, 1), space)
	for choice, rest := word(n.text(env, 0)); choice != ""; choice, rest = word(rest) {
		if choice == wanted {
			return Bool(true)
		}
	}
	return Bool(false)
}

func callSelectedAt(env *Env, n *Node) Value {
	at := n.num(env, 1)
	for choice, rest := word(n.text(env, 0)); choice != ""; choice, rest = word(rest) {
		if at == 0 {
			return Text(choice)
		}
		at--
	}
	return Value{}
}

func callCountSelected(env *Env, n *Node) Value {
	count := 0.0
	for choice, rest := word(n.text(env, 0)); choice != ""; choice, rest = word(rest) {
		count++
	}
	return Num(count)
}

func callChoiceName(env *Env, n *Node) Value {
	value, question := n.text(env, 0), referenceIn(n.text(env, 1))
	if env.Label == nil || value == "" {
		return Text(value)
	}
	return Text(env.Label(question, value))
}

func callNormalizeSpace(env *Env, n *Node) Value {
	var words []string
	for one, rest := word(n.textOrSelf(env)); one != ""; one, rest = word(rest) {
		words = append(words, one)
	}
	return Text(strings.Join(words, " "))
}

// callSubstr counts characters from 0, the end excluded; a negative number
// counts from the end.
func callSubstr(env *Env, n *Node) Value {
	s := []rune(n.text(env, 0))
	bound := func(f float64) int {
		if f < 0 {
			f += float64(len(s))
		}
		return int(math.Max(0, math.Min(f, float64(len(s)))))
	}
	from, to := n.num(env, 1), float64(len(s))
	if len(n.Args) == 3 {
		to = n.num(env, 2)
	}
	if math.IsNaN(from) || math.IsNaN(to) || bound(from) >= bound(to) {
		return Value{}
	}
	return Text(string(s[bound(from):bound(to)]))
}

// callSubstring is XPath 1.0's: characters count from 1, and the two numbers
// are rounded.
func callSubstring(env *Env, n *Node) Value {
	from, to := roundTo(n.num(env, 1), 0), math.Inf(1)
	if len(n.Args) == 3 {
		to = from + roundTo(n.num(env, 2), 0)
	}
	var b strings.Builder
	at := 0.0
	for _, r := range n.text(env, 0) {
		if at++; at >= from && at < to {
			b.WriteRune(r)
		}
	}
	return Text(b.String())
}

func callSubstringBefore(env *Env, n *Node) Value {
	before, _, found := strings.Cut(n.text(env, 0), n.text(env, 1))
	if !found {
		return Value{}
	}
	return Text(before)
}

func callSubstringAfter(env *Env, n *Node) Value {
	_, after, _ := strings.Cut(n.text(env, 0), n.text(env, 1))
	return Text(after)
}

func callTranslate(env *Env, n *Node) Value {
	from, to := []rune(n.text(env, 1)), []rune(n.text(env, 2))
	return Text(strings.Map(func(r rune) rune {
		for i, f := range from {
			if f == r {
				if i < len(to) {
					return to[i]
				}
				return -1
			}
		}
		return r
	}, n.text(env, 0)))
}

// digests are the algorithms of XForms 1.1, section 7.8.4.
var digests = map[string]func(data string) []byte{
	"MD5": func(s string) []byte {
		sum := md5.Sum([]byte(s)) //nolint:gosec // see the import
		return sum[:]
	},
	"SHA-1": func(s string) []byte {
		sum := sha1.Sum([]byte(s)) //nolint:gosec // see the import
		return sum[:]
	},
	"SHA-256": func(s string) []byte { sum := sha256.Sum256([]byte(s)); return sum[:] },
	"SHA-384": func(s string) []byte { sum := sha512.Sum384([]byte(s)); return sum[:] },
	"SHA-512": func(s string) []byte { sum := sha512.Sum512([]byte(s)); return sum[:] },
}

// callDigest gives "" for an algorithm or an encoding that it does not know.
func callDigest(env *Env, n *Node) Value {
	digest := digests[n.text(env, 1)]
	if digest == nil {
		return Value{}
	}
	encoding := "base64"
	if len(n.Args) == 3 {
		encoding = n.text(env, 2)
	}
	switch encoding {
	case "base64":
		return Text(base64.StdEncoding.EncodeToString(digest(n.text(env, 0))))
	case "hex":
		return Text(hex.EncodeToString(digest(n.text(env, 0))))
	}
	return Value{}
}

// callBase64Decode gives "" for what is not Base64 (RFC 4648, section 4, with
// its padding) or not UTF-8.
func callBase64Decode(env *Env, n *Node) Value {
	packed := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(n.text(env, 0))
	data, err := base64.StdEncoding.DecodeString(packed)
	if err != nil || !utf8.Valid(data) {
		return Value{}
	}
	return Text(string(data))
}
