package lang

import (
	"strconv"
	"strings"
)

// Number writes a number with the given decimals, the language's decimal mark
// and a narrow no-break space between thousands.
func (t *Texts) Number(f float64, decimals int) string {
	s := strconv.FormatFloat(f, 'f', decimals, 64)
	whole, part, _ := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "\u2212", whole[1:]
	}
	for i := len(whole) - 3; i > 0 && len(whole) > 4; i -= 3 {
		whole = whole[:i] + "\u202f" + whole[i:]
	}
	if part != "" {
		return sign + whole + t.point + part
	}
	return sign + whole
}
