package db

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// WaitQueued waits until so many works stand in the queue.
func WaitQueued(d *DB, n int) {
	for len(d.queue) < n {
		time.Sleep(time.Millisecond)
	}
}

// HashOf gives the hash that a dump of this body ends with.
func HashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
