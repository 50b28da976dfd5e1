package secret

import (
	"crypto/hmac"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// The cost of a number that somebody chose: argon2id with 19 MiB, two passes
// and one lane (RFC 9106; the least that OWASP recommends). Four figures are
// soon tried out whatever a try costs: what keeps them is that the result is
// keyed, so that nobody can try without the server's key.
const (
	pinMemory  = 19 * 1024 // KiB
	pinTime    = 2
	pinThreads = 1
)

// ProofCode gives the n-th code by which a participant proves who they are: six
// figures. It is computed for the message that carries it and again when it is
// typed, and never stored.
func (r *Ring) ProofCode(pid string, n int) string {
	sum := mac(r.proof, pid, fmt.Sprint(n))
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(sum)%1_000_000)
}

// SameCode compares two codes in a time that tells nothing of where they differ.
func SameCode(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }

// PIN gives what the database holds in place of a number that a participant
// chose: 32 hexadecimal digits. It takes about a twentieth of a second and
// 19 MiB; the caller bounds how many are worked out at once.
func (r *Ring) PIN(pid, pin string) string {
	slow := argon2.IDKey([]byte(pin), mac(r.pin, "salt", pid)[:16], pinTime, pinMemory, pinThreads, 32)
	return hex.EncodeToString(mac(r.pin, pid, string(slow))[:16])
}
