// Package secret holds the server's key and everything that is derived from it.
//
// The key is 32 random bytes in a file outside both databases. Each purpose
// has a subkey of its own (HKDF-SHA256, RFC 5869), so that none of them tells
// anything about another:
//
//	link    the long token of an invitation's link
//	code    the ten-character code of an invitation on paper
//	lookup  what the database holds in place of a link, a code or an address
//	seal    the identities (AES-256-GCM)
//	export  the ids in files that leave, one key a recipient
//	device  what the database holds in place of a respondent's cookie
//	upload  the words that stand for files that respondents handed in
//	leave   the link by which the reader of a message asks for no more
//	stamp   the time at which a form was given out
//	proof   the codes by which a respondent proves who they are
//	pin     what the database holds in place of a number that somebody chose
//	text    what it holds in place of an answer that somebody has read
//
// Links and codes are computed, not stored: they can be printed again, and a
// reader of the database learns none of them.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const keyBytes = 32

// Crockford's base 32 without I, L, O and U: what people can read aloud.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Ring is the server's key with its subkeys. It is safe for concurrent use.
type Ring struct {
	link, code, lookup, seal, export, device, upload, leave, stamp, proof, pin, text []byte
	aead                                                                             cipher.AEAD
}

// NewRing derives the subkeys of a master key of 32 bytes.
func NewRing(master []byte) (*Ring, error) {
	if len(master) != keyBytes {
		return nil, fmt.Errorf("the key has %d bytes, not %d", len(master), keyBytes)
	}
	r := &Ring{}
	for purpose, into := range map[string]*[]byte{
		"link": &r.link, "code": &r.code, "lookup": &r.lookup, "seal": &r.seal, "export": &r.export, "device": &r.device,
		"upload": &r.upload, "leave": &r.leave, "stamp": &r.stamp, "proof": &r.proof, "pin": &r.pin, "text": &r.text,
	} {
		sub, err := hkdf.Key(sha256.New, master, nil, "panelverk/"+purpose, keyBytes)
		if err != nil {
			return nil, err
		}
		*into = sub
	}
	block, err := aes.NewCipher(r.seal)
	if err != nil {
		return nil, err
	}
	r.aead, err = cipher.NewGCM(block)
	return r, err
}

// Load reads the key file, a line of base64. Where there is none and create is
// set it makes one (mode 0600) and syncs it to disk before it returns.
func Load(path string, create bool) (*Ring, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && create {
		return makeKey(path)
	}
	if err != nil {
		return nil, err
	}
	master, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s is no key file: %w", path, err)
	}
	return NewRing(master)
}

// makeKey writes a new key file beside its final name, syncs it and its folder,
// and only then gives it the name: there is never half a key.
func makeKey(path string) (*Ring, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	master := make([]byte, keyBytes)
	rand.Read(master)
	f, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = fmt.Fprintln(f, base64.StdEncoding.EncodeToString(master))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); err != nil { // fails where another process was first
		return nil, err
	}
	folder, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return nil, err
	}
	return NewRing(master)
}

// Link gives the token in the link of an invitation: 22 characters of URL-safe
// base64 (128 bits). A new generation makes the old link worthless.
func (r *Ring) Link(invitation string, generation int) string {
	return base64.RawURLEncoding.EncodeToString(mac(r.link, invitation, strconv.Itoa(generation))[:16])
}

// Code gives the code of an invitation as it is printed: ten characters
// (50 bits) in two groups of five, "7K2M9-4R9TX".
func (r *Ring) Code(invitation string, generation int) string {
	c := base32(mac(r.code, invitation, strconv.Itoa(generation)), 10)
	return c[:5] + "-" + c[5:]
}

// NormalizeCode gives a typed code as Code wrote it: case, spaces and dashes
// do not count, O reads as 0, I and L as 1. It tells whether it can be a code.
func NormalizeCode(typed string) (string, bool) {
	var b strings.Builder
	for _, c := range strings.ToUpper(typed) {
		switch c {
		case ' ', '-', '\u2013', '\u00a0', '\t', '\n', '\r':
			continue
		case 'O':
			c = '0'
		case 'I', 'L':
			c = '1'
		}
		if !strings.ContainsRune(alphabet, c) {
			return "", false
		}
		b.WriteRune(c)
	}
	c := b.String()
	if len(c) != 10 {
		return "", false
	}
	return c[:5] + "-" + c[5:], true
}

// Lookup gives what the database holds in place of a link's token, a code or
// an address: 32 hexadecimal digits. Kind keeps the name spaces apart.
func (r *Ring) Lookup(kind, value string) string {
	return hex.EncodeToString(mac(r.lookup, kind, value)[:16])
}

// Unsubscribe gives the token of the link by which the reader of a message
// asks for no more of them. It holds the message's id, and can be told from
// one that somebody made up.
func (r *Ring) Unsubscribe(message string) string {
	return message + "-" + base32(mac(r.leave, message), 16)
}

// Unsubscribed gives the message whose reader followed a link of Unsubscribe;
// ok is false for a token that this server never gave out.
func (r *Ring) Unsubscribed(token string) (message string, ok bool) {
	message, _, found := strings.Cut(token, "-")
	return message, found && hmac.Equal([]byte(token), []byte(r.Unsubscribe(message)))
}

// Stamp gives the hidden field that tells when a form was given out. purpose
// names the form: one of another form is worth nothing.
func (r *Ring) Stamp(purpose string, at time.Time) string {
	given := strconv.FormatInt(at.UnixMilli(), 36)
	return given + "-" + base32(mac(r.stamp, purpose, given), 16)
}

// Stamped gives when the form of a Stamp was given out; ok is false for a stamp
// that this server never made for the purpose.
func (r *Ring) Stamped(purpose, stamp string) (at time.Time, ok bool) {
	given, _, _ := strings.Cut(stamp, "-")
	ms, err := strconv.ParseInt(given, 36, 64)
	if err != nil {
		return time.Time{}, false
	}
	at = time.UnixMilli(ms)
	return at, hmac.Equal([]byte(stamp), []byte(r.Stamp(purpose, at)))
}

// ShortKey gives a random key of eight characters (40 bits) for an address
// that people may have to type.
func ShortKey() string { return NewID()[:8] }

// Device gives what an interview's document holds in place of the cookie of
// the device that gave an answer: 16 hexadecimal digits, "" for no cookie.
func (r *Ring) Device(cookie string) string {
	if cookie == "" {
		return ""
	}
	return hex.EncodeToString(mac(r.device, cookie)[:8])
}

// Upload gives the word that stands for a file in an interview: 26 characters
// (130 bits). The same file in the same place has the same word; with another
// person, or at another question, it has another, so that equal files cannot be
// told.
func (r *Ring) Upload(interview, question string, content []byte) string {
	sum := sha256.Sum256(content)
	return base32(mac(r.upload, interview, question, string(sum[:])), 26)
}

// Text gives what the database holds in place of an answer that somebody has read:
// 32 hexadecimal digits. An answer that was changed since has others, and so has the
// same answer of another person or to another question.
func (r *Ring) Text(interview, question, text string) string {
	return hex.EncodeToString(mac(r.text, interview, question, text)[:16])
}

// ExportID gives the id of a participant in the files of one recipient:
// sixteen characters (80 bits). Two recipients' ids do not join.
func (r *Ring) ExportID(study, recipient, pid string) string {
	sub := mac(r.export, study, recipient)
	return base32(mac(sub, pid), 16)
}

// Shift gives by how many days the dates of a person are moved in files for a
// recipient, who knows the person as exportID: −182 to 182, never 0.
func (r *Ring) Shift(recipient, exportID string) int {
	const half = 182
	n := int(binary.BigEndian.Uint64(mac(r.export, "shift", recipient, exportID)) % (2 * half))
	if n < half {
		return n - half
	}
	return n - half + 1
}

// Seal encrypts a text. The row id is bound to it: moved to another row, it
// cannot be opened.
func (r *Ring) Seal(rowID string, text []byte) []byte {
	nonce := make([]byte, r.aead.NonceSize())
	rand.Read(nonce)
	return r.aead.Seal(nonce, nonce, text, []byte(rowID))
}

// Open decrypts what Seal gave for the same row id.
func (r *Ring) Open(rowID string, sealed []byte) ([]byte, error) {
	n := r.aead.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("the sealed text is too short")
	}
	return r.aead.Open(nil, sealed[:n], sealed[n:], []byte(rowID))
}

// NewID gives a random id of 26 characters (130 bits) for a row.
func NewID() string {
	var b [26]byte
	rand.Read(b[:])
	for i := range b {
		b[i] = alphabet[b[i]%32]
	}
	return string(b[:])
}

// NewOrderedID gives an id like NewID's, of which those made later sort after
// the earlier ones, as do those of one moment by their number: 45 bits of
// milliseconds, 30 of the number and 55 random ones. Rows that are added by the
// hundred thousand have such ids: with random ones each row would change a page
// of its own in every index.
func NewOrderedID(at time.Time, number int) string {
	b := []byte(NewID())
	put := func(into []byte, n int64) {
		for i := len(into) - 1; i >= 0; i-- {
			into[i] = alphabet[n%32]
			n /= 32
		}
	}
	put(b[:9], max(at.UnixMilli(), 0))
	put(b[9:15], int64(max(number, 0)))
	return string(b)
}

// NewToken gives a random one-time token of 32 URL-safe characters (192 bits).
func NewToken() string {
	b := make([]byte, 24)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// mac is HMAC-SHA256 over the parts, each with its length before it, so that
// no two lists of parts give the same input.
func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		fmt.Fprintf(h, "%d:", len(p))
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// base32 writes the first n groups of five bits.
func base32(b []byte, n int) string {
	out := make([]byte, n)
	for i := range out {
		bit := i * 5
		v := uint16(b[bit/8]) << 8
		if bit/8+1 < len(b) {
			v |= uint16(b[bit/8+1])
		}
		out[i] = alphabet[v>>(11-bit%8)&31]
	}
	return string(out)
}
