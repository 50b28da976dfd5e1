package rich

import (
	"regexp"
	"strconv"
	"strings"
)

var colour = regexp.MustCompile(`(?i)(?:^|[\s;"'])color\s*[:=]\s*["']?\s*(#[0-9a-f]{6}|#[0-9a-f]{3}|[a-z]+)`)

// named are the colours that people write by name, as classes of base.css.
var named = map[string]string{
	"red": "c-red", "crimson": "c-red", "darkred": "c-red", "maroon": "c-red", "tomato": "c-red", "pink": "c-purple",
	"orange": "c-amber", "darkorange": "c-amber", "gold": "c-amber", "yellow": "c-amber", "brown": "c-amber",
	"green": "c-green", "darkgreen": "c-green", "lime": "c-green", "olive": "c-green", "teal": "c-green",
	"blue": "c-blue", "darkblue": "c-blue", "navy": "c-blue", "royalblue": "c-blue", "cyan": "c-blue", "lightblue": "c-blue",
	"purple": "c-purple", "magenta": "c-purple", "fuchsia": "c-purple", "violet": "c-purple", "indigo": "c-purple",
	"grey": "c-grey", "gray": "c-grey", "darkgray": "c-grey", "silver": "c-grey",
}

// colourOf gives the class of the colour that a tag asks for, "" for none or
// the ordinary ink.
func colourOf(attributes string) string {
	m := colour.FindStringSubmatch(attributes)
	if m == nil {
		return ""
	}
	word := strings.ToLower(m[1])
	if word[0] != '#' {
		return named[word]
	}
	if len(word) == 4 {
		word = string([]byte{'#', word[1], word[1], word[2], word[2], word[3], word[3]})
	}
	n, _ := strconv.ParseInt(word[1:], 16, 32)
	return nearest(int(n>>16), int(n>>8&255), int(n&255))
}

// nearest gives the class of the hue nearest to a colour.
func nearest(r, g, b int) string {
	high, low := max(r, g, b), min(r, g, b)
	spread := high - low
	if spread < 32 {
		if high < 48 {
			return "" // black
		}
		return "c-grey"
	}
	var hue int // degrees
	switch high {
	case r:
		hue = (60*(g-b)/spread + 360) % 360
	case g:
		hue = 60*(b-r)/spread + 120
	default:
		hue = 60*(r-g)/spread + 240
	}
	switch {
	case hue < 20 || hue >= 345:
		return "c-red"
	case hue < 70:
		return "c-amber"
	case hue < 175:
		return "c-green"
	case hue < 260:
		return "c-blue"
	}
	return "c-purple"
}
