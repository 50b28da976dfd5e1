package lang

import (
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Country is a country with its name in a language.
type Country struct{ Code, Name string } // ISO 3166-1, two letters

// countryCodes are the countries that there are, by code: those of ISO 3166-1 and
// Kosovo, as the tables of Unicode have them, without those that became others.
var countryCodes = sync.OnceValue(func() (codes []string) {
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			if IsCountry(code) {
				codes = append(codes, code)
			}
		}
	}
	return codes
})

// exceptions are codes that are reserved for what is no country, or none any more.
const exceptions = " AC AN CP CQ CS DG EA EZ FQ IC NT PC SU TA UN YU "

// IsCountry tells whether two capital letters are the code of a country.
func IsCountry(code string) bool {
	r, err := language.ParseRegion(code)
	return err == nil && len(code) == 2 && r.String() == code && r.IsCountry() && r.Canonicalize() == r && !strings.Contains(exceptions, " "+code+" ")
}

// Country names a country in the language; the code itself where the tables of
// Unicode know no name.
func (t *Texts) Country(code string) string {
	if r, err := language.ParseRegion(code); err == nil {
		if name := display.Regions(t.tag).Name(r); name != "" {
			return name
		}
	}
	return code
}

// Countries gives all countries in the language, in its alphabet's order.
func (t *Texts) Countries() []Country {
	out := make(countries, 0, len(countryCodes()))
	for _, code := range countryCodes() {
		out = append(out, Country{code, t.Country(code)})
	}
	collate.New(t.tag).Sort(out)
	return out
}

// countries is what collate sorts.
type countries []Country

func (c countries) Len() int           { return len(c) }
func (c countries) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c countries) Bytes(i int) []byte { return []byte(c[i].Name) }
