package store

import (
	"context"
	"database/sql"
)

// TxOf gives a Tx in a transaction that a test began itself.
func TxOf(tx *sql.Tx) *Tx { return &Tx{ctx: context.Background(), sql: tx} }
