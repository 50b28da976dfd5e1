package keyfile

import (
	"log/slog"
	"strings"
)

// Identity is who a participant is. Printing or logging one shows the pid alone.
type Identity struct {
	PID   string
	Study string
	Name  string
	Email string
	Phone string
	Note  string // workplace, union club: what the co-ordinator knows the person by
	// External is the id that another system knows the person by: a file of
	// answers that is imported names people so.
	External string
}

// contents is what is sealed: the identity without what the row says anyway.
type contents struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
	Note  string `json:"note,omitempty"`

	External string `json:"external,omitempty"`
}

// String gives the pid alone, so that no message can name a person by accident.
func (i Identity) String() string { return "identity of " + i.PID }

// GoString is String, for %#v.
func (i Identity) GoString() string { return i.String() }

// LogValue is String, for slog.
func (i Identity) LogValue() slog.Value { return slog.StringValue(i.String()) }

// phoneDigits is how many digits, from the end, tell two numbers apart. A
// number is written with and without its country's prefix (+46 70-123 45 67,
// 070-123 45 67): these digits are the same in both.
const phoneDigits = 9

// NormalizeEmail gives an address as it is compared: without space around it
// and in lower case, "" where it cannot be one.
func NormalizeEmail(typed string) string {
	address := strings.ToLower(strings.TrimSpace(typed))
	if at := strings.LastIndexByte(address, '@'); at < 1 || at == len(address)-1 || strings.ContainsAny(address, " \t\r\n") {
		return ""
	}
	return address
}

// NormalizePhone gives a telephone number as it is compared: its last nine
// digits, "" where it cannot be one.
func NormalizePhone(typed string) string {
	var digits []rune
	for _, c := range typed {
		switch {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case strings.ContainsRune("+-–/(). \u00a0\t", c):
		default:
			return ""
		}
	}
	digits = []rune(strings.TrimLeft(string(digits), "0"))
	if len(digits) < 5 {
		return ""
	}
	return string(digits[max(0, len(digits)-phoneDigits):])
}
