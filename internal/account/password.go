package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"panelverk/internal/fault"
)

// The cost of a new hash: argon2id with 19 MiB, two passes and one lane.
// A stored hash names its own, so that these may rise.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonThreads = 1
	argonSalt    = 16
	argonKey     = 32
)

// hashers bounds how many hashes are worked out at once, and with it the
// memory that a flood of log-ins can take.
const hashers = 2

// The lengths of a password, in characters.
const (
	minPassword = 12
	maxPassword = 256
)

// commonText holds words that the commonest passwords are made of, one a line.
//
//go:embed common.txt
var commonText string

var common = func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if word := strings.TrimSpace(line); word != "" {
			words[word] = true
		}
	}
	return words
}()

// nobody is a hash that no password has: it is checked where there is no
// account, so that the answer takes as long.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// hasher works out and checks password hashes, a few at a time.
type hasher struct{ slots chan struct{} }

func newHasher() hasher { return hasher{slots: make(chan struct{}, hashers)} }

func (h hasher) take(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hash gives the PHC string of a password
// (github.com/P-H-C/phc-string-format). It waits for its turn, at most until
// ctx ends.
func (h hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.take(ctx); err != nil {
		return "", err
	}
	defer func() { <-h.slots }()
	salt := make([]byte, argonSalt)
	rand.Read(salt)
	key := argon2.IDKey([]byte(norm.NFC.String(password)), salt, argonTime, argonMemory, argonThreads, argonKey)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads,
		b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// matches tells whether the password has the stored hash. An empty hash never
// matches and takes as long as any other.
func (h hasher) matches(ctx context.Context, stored, password string) (bool, error) {
	known := stored != ""
	if !known {
		stored = nobody
	}
	p, err := parseHash(stored)
	if err != nil {
		return false, err
	}
	if err := h.take(ctx); err != nil {
		return false, err
	}
	defer func() { <-h.slots }()
	key := argon2.IDKey([]byte(norm.NFC.String(password)), p.salt, p.time, p.memory, p.threads, uint32(len(p.key))) //nolint:gosec // 32 bytes, see parseHash
	return subtle.ConstantTimeCompare(key, p.key) == 1 && known, nil
}

type phc struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
}

func parseHash(stored string) (phc, error) {
	var p phc
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, errors.New("the stored password hash is not argon2id in PHC form")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil {
		return p, fmt.Errorf("the stored password hash has no parameters: %w", err)
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return p, fmt.Errorf("the salt of the stored password hash: %w", err)
	}
	if p.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(p.key) < 16 || p.time == 0 || p.threads == 0 {
		return p, errors.New("the stored password hash is damaged")
	}
	return p, nil
}

// checkPassword adds what speaks against a password. There are no rules on
// its composition: length counts, and that it is not among the first guesses.
func checkPassword(ps *fault.Problems, field, password, email string) {
	at := fault.Place{Field: field}
	n := utf8.RuneCountInString(password)
	switch {
	case n == 0:
		ps.Add(at, "password_missing", "Write a password of at least %d characters.", minPassword)
	case n < minPassword:
		ps.Add(at, "password_short", "You wrote %d characters. Write at least %d.", n, minPassword).With("count", n).With("min", minPassword)
	case n > maxPassword:
		ps.Add(at, "password_long", "Write at most %d characters.", maxPassword).With("max", maxPassword)
	case isEmail(password, email):
		ps.Add(at, "password_is_email", "The password is your e-mail address. Choose another one.")
	case isCommon(password):
		ps.Add(at, "password_common", "Many people use this password, and it is guessed first. Choose another one.")
	}
}

func isEmail(password, email string) bool {
	local, _, _ := strings.Cut(email, "@")
	p := strings.ToLower(password)
	return email != "" && (p == email || p == local)
}

// isCommon tells whether a password is one of the first guesses: a common word
// with figures or signs at its ends, a run of neighbours ("123456789012"), or
// something short said again and again ("abcabcabcabc").
func isCommon(password string) bool {
	p := strings.ToLower(norm.NFC.String(password))
	if common[p] || common[strings.TrimFunc(p, func(r rune) bool { return !unicode.IsLetter(r) })] {
		return true
	}
	runes := []rune(p)
	for period := 1; period <= 4; period++ {
		if repeats(runes, period) {
			return true
		}
	}
	return runs(runes)
}

func repeats(p []rune, period int) bool {
	for i := period; i < len(p); i++ {
		if p[i] != p[i-period] {
			return false
		}
	}
	return true
}

// keyboard holds the rows that fingers run along.
var keyboard = []string{"12345678901234567890", "09876543210987654321", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopåasdfghjklöäzxcvbnm", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopüasdfghjklöäyxcvbnm"}

func runs(p []rune) bool {
	for _, row := range keyboard {
		if strings.Contains(row, string(p)) {
			return true
		}
	}
	return false
}
