package expr

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// callPulldata finds the first row of a list whose column equals a value, and
// gives another cell of it: pulldata('list', 'wanted', 'key', value).
func callPulldata(env *Env, n *Node) Value {
	rows, _ := n.table(env)
	if rows == nil {
		return Value{}
	}
	wanted, key, value := n.text(env, 1), n.text(env, 2), n.arg(env, 3)
	for i := range rows.Len() {
		if text, ok := rows.Cell(i, key); ok && compare(OpEq, Text(text), value) {
			text, _ = rows.Cell(i, wanted)
			return Text(text)
		}
	}
	return Value{}
}

// callPosition gives the position of what a predicate is tested on, of a choice
// in its list, or with an argument: of the first node among its like.
func callPosition(env *Env, n *Node) Value {
	if len(n.Args) == 0 {
		if env.item != nil {
			return Num(float64(env.position))
		}
		return Num(float64(max(1, env.Position)))
	}
	nodes := n.Args[0].set(env)
	if len(nodes) == 0 {
		return Num(math.NaN())
	}
	switch d := &nodes[0]; d.kind {
	case item:
		return Num(float64(d.row + 1))
	case element:
		if s := env.Layout.spot(d.name); s != nil && s.repeat && d.at[len(s.repeats)-1] > 0 {
			return Num(float64(d.at[len(s.repeats)-1]))
		}
	}
	return Num(1)
}

func callLast(env *Env, _ *Node) Value {
	if env.item != nil {
		return Num(float64(env.size))
	}
	return Num(1)
}

// callIndex gives the instance of a repeat that the expression is computed in
// (XForms 1.1, section 7.7.5), NaN outside of it.
func callIndex(env *Env, n *Node) Value {
	name := n.Args[0].reference()
	for i, repeat := range env.Layout.Repeats(env.Context) {
		if repeat == name && env.Here[i] > 0 {
			return Num(float64(env.Here[i]))
		}
	}
	return Num(math.NaN())
}

// callIndexedRepeat gives the answer to a question in the named instances of
// the repeats around it; in a repeat around those that are named, the
// expression's own instance is meant.
func callIndexedRepeat(env *Env, n *Node) Value {
	name := n.Args[0].reference()
	s := env.Layout.spot(name)
	if s == nil {
		return Value{}
	}
	own, _ := env.shared(s)
	var at Place
	for level, repeat := range s.repeats {
		at[level] = own[level]
		for i := 1; i+1 < len(n.Args); i += 2 {
			if n.Args[i].reference() != repeat {
				continue
			}
			index := n.num(env, i+1)
			before := at
			before[level] = 0
			if env.Count == nil || !(index >= 1 && index <= float64(env.Count(repeat, before))) || index != math.Trunc(index) {
				return Value{}
			}
			at[level] = int(index)
			own = Place{}
		}
		if at[level] == 0 {
			break
		}
	}
	return Text(env.value(env.expand(nil, name, s, at)).String())
}

// shuffled gives the nodes of a call of randomize.
func (n *Node) shuffled(env *Env) []node {
	if len(n.Args) == 0 {
		return nil
	}
	nodes := n.Args[0].set(env)
	next := env.Random
	if len(n.Args) > 1 {
		next = parkMiller(Seed(n.arg(env, 1)))
	}
	if next == nil {
		return nodes
	}
	out := make([]node, len(nodes))
	for i, j := range order(len(nodes), next) {
		out[i] = nodes[j]
	}
	return out
}

// Seed gives the whole number that randomize begins with: a number without its
// fraction; of any other text the first eight bytes of its SHA-256.
func Seed(v Value) float64 {
	f := v.Number()
	if math.IsNaN(f) {
		sum := sha256.Sum256([]byte(v.String()))
		return float64(int64(binary.BigEndian.Uint64(sum[:]))) //nolint:gosec // the sign bit is wanted
	}
	return math.Trunc(math.Max(math.MinInt64, math.Min(f, math.MaxInt64)))
}

// Shuffle gives the order that randomize with a seed puts n things in: the
// thing that comes i-th is order[i]. It is the inside-out Fisher–Yates shuffle
// with the Park–Miller generator, as in the ODK XForms specification, so that
// other tools give the same order.
func Shuffle(n int, seed float64) []int { return order(n, parkMiller(seed)) }

func order(n int, next func() float64) []int {
	out := make([]int, n)
	for i := range n {
		j := min(i, int(math.Floor(next()*float64(i+1))))
		out[i] = out[j]
		out[j] = i
	}
	return out
}

// parkMiller is the "minimal standard" generator: s' = 16807·s mod (2³¹−1).
func parkMiller(seed float64) func() float64 {
	const modulus = 1<<31 - 1
	s := math.Mod(seed, modulus)
	if s <= 0 {
		s += modulus - 1
	}
	return func() float64 {
		s = math.Mod(s*16807, modulus)
		return (s - 1) / (modulus - 1)
	}
}

func callRandom(env *Env, _ *Node) Value {
	if env.Random == nil {
		return Num(math.NaN())
	}
	return Num(env.Random())
}

// callUUID makes a version 4 UUID (RFC 9562) from the interview's own sequence
// of random numbers, or with an argument a word of so many characters.
func callUUID(env *Env, n *Node) Value {
	if env.Random == nil {
		return Value{}
	}
	if len(n.Args) == 1 {
		const letters, most = "0123456789abcdefghijklmnopqrstuvwxyz", 1000
		var b strings.Builder
		for i, length := 0.0, math.Min(n.num(env, 0), most); i < length; i++ {
			b.WriteByte(letters[int(env.Random()*float64(len(letters)))])
		}
		return Text(b.String())
	}
	var b [16]byte
	for i := range b {
		b[i] = byte(env.Random() * 256)
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return Text(fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:]))
}
