package web

import (
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The pairs of tokens that meet on the pages: letters and what they stand on,
// shapes and what is beside them.
const (
	letters = `ink:ground ink:sheet ink:tint ink:hand-tint ink:wrong-tint soft:ground soft:sheet soft:tint hand-ink:hand-tint
act:ground act:sheet act:tint act:hand-tint act-deep:ground act-deep:sheet act-deep:tint act-deep:hand-tint on-act:act on-act:act-deep
on-solid:chosen on-solid:band wrong:ground wrong:sheet wrong:wrong-tint blue:ground blue:sheet data-3:ground data-3:sheet`
	shapes = `edge:ground edge:sheet edge:tint act:ground act:sheet mark:ground mark:sheet mark:hand-tint wrong:ground wrong:sheet wrong:wrong-tint
on-solid:chosen focus-out:ground focus-out:sheet focus-out:tint data-1:ground data-2:ground data-3:ground data-rest:ground
data-1:sheet data-2:sheet data-3:sheet data-rest:sheet`
)

// TestTokensCanBeTold holds the colours of both themes against WCAG 2.2's 1.4.3
// and 1.4.11: 4.5:1 for letters, 3:1 for shapes that say something.
func TestTokensCanBeTold(t *testing.T) {
	css, err := fs.ReadFile(FS, "static/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, ok := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("the tokens have no dark theme")
	}
	themes := map[string]map[string]string{"light": tokens(light, nil), "dark": tokens(dark, tokens(light, nil))}
	for name, theme := range themes {
		for least, pairs := range map[float64]string{4.5: letters, 3: shapes} {
			for _, pair := range strings.Fields(pairs) {
				a, b, _ := strings.Cut(pair, ":")
				got, err := contrast(theme[a], theme[b], theme)
				if err != nil {
					t.Errorf("%s, %s: %v", name, pair, err)
				} else if got < least {
					t.Errorf("%s: %s on %s has %.2f:1, and needs %.1f", name, a, b, got, least)
				}
			}
		}
	}
	if got, _ := contrast("#777", "#fff", nil); math.Abs(got-4.48) > .01 { // a known figure
		t.Errorf("grey on white has %.2f", got)
	}
}

// tokens reads the custom properties of a piece of CSS over those before it.
func tokens(css string, before map[string]string) map[string]string {
	all := map[string]string{}
	for name, value := range before {
		all[name] = value
	}
	for _, m := range regexp.MustCompile(`--([\w-]+): ([^;]+);`).FindAllStringSubmatch(css, -1) {
		all[m[1]] = m[2]
	}
	return all
}

// contrast gives WCAG's contrast ratio of two colours, written as #rgb, #rrggbb
// or var(--token).
func contrast(a, b string, theme map[string]string) (float64, error) {
	x, err := luminance(a, theme)
	if err != nil {
		return 0, err
	}
	y, err := luminance(b, theme)
	return (max(x, y) + .05) / (min(x, y) + .05), err
}

// luminance gives WCAG's relative luminance of a colour.
func luminance(colour string, theme map[string]string) (float64, error) {
	for strings.HasPrefix(colour, "var(--") {
		colour = theme[strings.TrimSuffix(strings.TrimPrefix(colour, "var(--"), ")")]
	}
	digits := strings.TrimPrefix(colour, "#")
	if len(digits) == 3 {
		digits = fmt.Sprintf("%c%[1]c%c%[2]c%c%[3]c", digits[0], digits[1], digits[2])
	}
	if len(digits) != 6 {
		return 0, fmt.Errorf("%q is no colour", colour)
	}
	sum := 0.0
	for i, weight := range []float64{.2126, .7152, .0722} {
		n, err := strconv.ParseUint(digits[2*i:2*i+2], 16, 8)
		if err != nil {
			return 0, err
		}
		c := float64(n) / 255
		if c <= .04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+.055)/1.055, 2.4)
		}
	}
	return sum, nil
}
