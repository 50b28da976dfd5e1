package mail

import "strings"

// prefixes are the calling codes of the countries whose clocks and holidays are
// known (ITU-T E.164), with what begins a number inside the country.
var prefixes = map[string]struct{ code, trunk string }{
	"SE": {"46", "0"}, "DE": {"49", "0"}, "RS": {"381", "0"}, "UA": {"380", "0"}, "KE": {"254", "0"},
}

// Number gives a telephone number as gateways want it, "+46701740605", of one
// as people write it. country, ISO 3166-1, says whose numbers are meant where
// none stands in it. ok is false where it is no number, or nobody knows of
// which country.
func Number(typed, country string) (number string, ok bool) {
	digits := strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '9' || c == '+':
			return c
		case strings.ContainsRune(" \t-–/().\u00a0", c):
			return -1
		}
		return '?'
	}, strings.ReplaceAll(typed, "(0)", "")) // +46 (0)70-…
	home := prefixes[country]
	switch {
	case strings.HasPrefix(digits, "00"):
		digits = "+" + digits[2:]
	case home.code != "" && strings.HasPrefix(digits, home.trunk):
		digits = "+" + home.code + strings.TrimPrefix(digits, home.trunk)
	}
	return digits, phonePattern.MatchString(digits)
}
