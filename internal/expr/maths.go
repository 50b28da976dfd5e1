package expr

import (
	"math"
	"strconv"
	"strings"
)

// The functions of this file are computed step by step, and not by package
// math: no two libraries agree on the last digit of a sine, and the same steps
// are taken in the browser. The conversions float64(a*b) keep the compiler
// from fusing a product with a sum (Go specification, "Floating-point
// operators"), which the browser does not do.

// Logarithm of 2 and π/2, cut so that a product with a small whole number is exact.
const (
	ln2High  = 6.93147180369123816490e-01
	ln2Low   = 1.90821492927058770002e-10
	halfPi1  = 1.57079632673412561417e+00
	halfPi2  = 6.07710050630396597660e-11
	halfPi3  = 2.02226624879595063154e-21
	halfPi   = 1.5707963267948966
	ln10     = 2.302585092994046
	rootHalf = 0.7071067811865476
)

// numeric are the functions of one or two numbers.
func numeric() map[string]*function {
	return map[string]*function{
		"number":  {0, 1, func(env *Env, n *Node) Value { return Num(n.numOrSelf(env)) }},
		"int":     {1, 1, func(env *Env, n *Node) Value { return Num(math.Trunc(n.num(env, 0))) }},
		"round":   {1, 2, callRound},
		"floor":   {1, 1, func(env *Env, n *Node) Value { return Num(math.Floor(n.num(env, 0))) }},
		"ceiling": {1, 1, func(env *Env, n *Node) Value { return Num(math.Ceil(n.num(env, 0))) }},
		"abs":     {1, 1, func(env *Env, n *Node) Value { return Num(math.Abs(n.num(env, 0))) }},
		"sqrt":    {1, 1, func(env *Env, n *Node) Value { return Num(math.Sqrt(n.num(env, 0))) }},
		"pi":      {0, 0, func(*Env, *Node) Value { return Num(2 * halfPi) }},
		"pow":     {2, 2, func(env *Env, n *Node) Value { return Num(power(n.num(env, 0), n.num(env, 1))) }},
		"exp10":   {1, 1, func(env *Env, n *Node) Value { return Num(power(10, n.num(env, 0))) }},
		"exp":     {1, 1, func(env *Env, n *Node) Value { return Num(neat(exponential(n.num(env, 0)))) }},
		"log":     {1, 1, func(env *Env, n *Node) Value { return Num(neat(naturalLog(n.num(env, 0)))) }},
		"log10":   {1, 1, func(env *Env, n *Node) Value { return Num(neat(naturalLog(n.num(env, 0)) / ln10)) }},
		"sin":     {1, 1, func(env *Env, n *Node) Value { return Num(neat(sine(n.num(env, 0)))) }},
		"cos":     {1, 1, func(env *Env, n *Node) Value { return Num(neat(cosine(n.num(env, 0)))) }},
		"tan":     {1, 1, callTangent},
		"asin":    {1, 1, func(env *Env, n *Node) Value { return Num(neat(arcSine(n.num(env, 0)))) }},
		"acos":    {1, 1, func(env *Env, n *Node) Value { return Num(neat(arcCosine(n.num(env, 0)))) }},
		"atan":    {1, 1, func(env *Env, n *Node) Value { return Num(neat(arcTangent(n.num(env, 0)))) }},
		"atan2":   {2, 2, func(env *Env, n *Node) Value { return Num(neat(angle(n.num(env, 0), n.num(env, 1)))) }},
	}
}

// neat takes a number that differs from one of at most 12 digits in the last
// places alone for that number, so that log10(1000) is 3.
func neat(f float64) float64 {
	if a := math.Abs(f); !(a < 1e15) || a < 1e-300 {
		return f
	}
	digits := strconv.FormatFloat(f, 'e', 14, 64) // “2.99999999999999e+00”: 15 digits
	head, _, _ := strings.Cut(digits, "e")
	if !strings.HasSuffix(head, "000") {
		return f
	}
	f, _ = strconv.ParseFloat(digits, 64) // what was written can be read
	return f
}

// series is c0 + z(c1 + z(c2 …)).
func series(z float64, c []float64) float64 {
	sum := 0.0
	for i := len(c) - 1; i >= 0; i-- {
		sum = float64(sum*z) + c[i]
	}
	return sum
}

// The coefficients of the series, computed alike in the browser.
var expSeries, sinSeries, cosSeries, lnSeries, atanSeries = coefficients()

func coefficients() (exp, sin, cos, ln, atan []float64) {
	factorial, sign := 1.0, 1.0
	for i := range 20 {
		if i > 0 {
			factorial *= float64(i)
		}
		exp = append(exp, 1/factorial)
		if i%2 == 0 {
			cos = append(cos, sign/factorial)
			ln = append(ln, 1/float64(i+1))
			atan = append(atan, sign/float64(i+1))
		} else {
			sin = append(sin, sign/factorial)
			sign = -sign
		}
	}
	return exp, sin, cos, ln, atan
}

// naturalLog takes x apart into m·2^k with m about 1, and uses
// ln m = 2 artanh((m−1)/(m+1)).
func naturalLog(x float64) float64 {
	switch {
	case math.IsNaN(x) || x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	case math.IsInf(x, 1):
		return x
	}
	k := 0.0
	for ; x >= 2*rootHalf; k++ {
		x /= 2
	}
	for ; x < rootHalf; k-- {
		x *= 2
	}
	s := (x - 1) / (x + 1)
	return float64(k*ln2High) + (float64(2*s*series(s*s, lnSeries)) + float64(k*ln2Low))
}

func exponential(x float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case x > 710:
		return math.Inf(1)
	case x < -746:
		return 0
	}
	k := math.Floor(float64(x/(ln2High+ln2Low)) + 0.5)
	r := (x - float64(k*ln2High)) - float64(k*ln2Low)
	y := series(r, expSeries)
	for ; k > 0; k-- {
		y *= 2
	}
	for ; k < 0; k++ {
		y /= 2
	}
	return y
}

// power multiplies for whole exponents, so that these are as exact as can be.
func power(x, y float64) float64 {
	switch {
	case y == 0 || x == 1:
		return 1
	case y == math.Trunc(y) && !math.IsInf(y, 0):
		result := 1.0
		for n := math.Abs(y); n > 0; n = math.Floor(n / 2) {
			if math.Mod(n, 2) == 1 {
				result *= x
			}
			x *= x
		}
		if y < 0 {
			result = 1 / result
		}
		return result
	case x < 0:
		return math.NaN()
	}
	return neat(exponential(float64(y * naturalLog(x))))
}

// sineAt is the sine of x plus a number of quarter turns.
func sineAt(x, quarters float64) float64 {
	k := math.Floor(float64(x/halfPi) + 0.5)
	r := ((x - float64(k*halfPi1)) - float64(k*halfPi2)) - float64(k*halfPi3)
	z := r * r
	switch math.Mod(math.Mod(k+quarters, 4)+4, 4) {
	case 0:
		return r * series(z, sinSeries)
	case 1:
		return series(z, cosSeries)
	case 2:
		return -r * series(z, sinSeries)
	case 3:
		return -series(z, cosSeries)
	default:
		return math.NaN()
	}
}

func sine(x float64) float64 { return sineAt(x, 0) }

func cosine(x float64) float64 { return sineAt(x, 1) }

// arcTangent halves the angle until the series is short.
func arcTangent(x float64) float64 {
	if x < 0 {
		return -arcTangent(-x)
	}
	if x > 1 {
		return halfPi - arcTangent(1/x)
	}
	for range 2 {
		x /= 1 + math.Sqrt(1+float64(x*x))
	}
	return 4 * x * series(x*x, atanSeries)
}

// angle is the angle of the point (x, y), from −π to π.
func angle(y, x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsNaN(y):
		return math.NaN()
	case y < 0:
		return -angle(-y, x)
	case y == 0 && x == 0:
		return 0
	case x == 0:
		return halfPi
	case x < 0:
		return 2*halfPi - arcTangent(y/-x)
	}
	return arcTangent(y / x)
}

func arcSine(x float64) float64 { return angle(x, math.Sqrt((1-x)*(1+x))) }

func arcCosine(x float64) float64 { return angle(math.Sqrt((1-x)*(1+x)), x) }

// roundTo rounds halves up, as XPath 1.0 does, to a number of places.
func roundTo(f, places float64) float64 {
	places = math.Trunc(places)
	switch {
	case math.IsNaN(f) || math.IsNaN(places):
		return math.NaN()
	case math.IsInf(f, 0) || f == 0 || places > 300:
		return f
	case places < -308:
		return 0
	}
	scale := 1.0
	for range int(math.Abs(places)) {
		scale *= 10
	}
	x := f / scale
	if places > 0 {
		x = f * scale
	}
	if math.IsInf(x, 0) {
		return f // so many places are all there are
	}
	whole := math.Floor(x)
	if x-whole >= 0.5 {
		whole++
	}
	if whole == 0 && x < 0 {
		return math.Copysign(0, -1)
	}
	if places > 0 {
		return whole / scale
	}
	return whole * scale
}

// earthRadius is that of the ball that area and distance take the earth for, in metres.
const earthRadius = 6_378_100

type point struct{ latitude, longitude float64 } // in radians

// points reads the arguments as points, "latitude longitude altitude accuracy"
// each; one text may hold several with semicolons between. It fails where one
// is no point on earth.
func (n *Node) points(env *Env) ([]point, bool) {
	var out []point
	for _, text := range n.texts(env, 0) {
		for one := range strings.SplitSeq(strings.TrimSuffix(strings.Trim(text, space), ";"), ";") {
			latitude, rest := word(one)
			longitude, _ := word(rest)
			p := point{numberOf(latitude), numberOf(longitude)}
			if !(math.Abs(p.latitude) <= 90) || !(math.Abs(p.longitude) <= 180) {
				return nil, false
			}
			out = append(out, point{p.latitude * halfPi / 90, p.longitude * halfPi / 90})
		}
	}
	return out, true
}

// callDistance adds up the great circles from point to point, in metres to the
// centimetre, by the haversine formula.
func callDistance(env *Env, n *Node) Value {
	points, ok := n.points(env)
	if !ok {
		return Num(math.NaN())
	}
	sum := 0.0
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		up, along := sine((b.latitude-a.latitude)/2), sine((b.longitude-a.longitude)/2)
		h := float64(up*up) + float64(cosine(a.latitude)*cosine(b.latitude)*along*along)
		sum += float64(2 * earthRadius * arcSine(math.Sqrt(math.Min(1, h))))
	}
	return Num(roundTo(sum, 2))
}

// callArea gives the area that the points go around, in square metres, as of a
// polygon on a ball.
func callArea(env *Env, n *Node) Value {
	points, ok := n.points(env)
	if !ok {
		return Num(math.NaN())
	}
	sum := 0.0
	for i, a := range points {
		b := points[(i+1)%len(points)]
		sum += float64((b.longitude - a.longitude) * (2 + sine(a.latitude) + sine(b.latitude)))
	}
	if len(points) < 3 {
		sum = 0
	}
	return Num(roundTo(math.Abs(sum*earthRadius*earthRadius/2), 2))
}
