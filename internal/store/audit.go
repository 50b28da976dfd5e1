package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"panelverk/internal/fault"
)

const auditColumns = `number, at, account, action, study, object, detail, previous, hash`

func scanAudit(row scanner) (AuditRow, error) {
	var (
		a  AuditRow
		at int64
	)
	err := row.Scan(&a.Number, &at, &a.Account, &a.Action, &a.Study, &a.Object, &a.Detail, &a.Previous, &a.Hash)
	a.At = moment(at)
	return a, err
}

// AddAudit adds a row to the chain. Number, Previous and Hash are set here.
func (tx *Tx) AddAudit(a AuditRow) error {
	// The update of the head locks it, so that servers queue up for the next number.
	if err := tx.sql.QueryRowContext(tx.ctx, `INSERT INTO audit_head (id, number, hash) VALUES (1, 1, '')
		ON CONFLICT (id) DO UPDATE SET number = audit_head.number + 1 RETURNING number, hash`).
		Scan(&a.Number, &a.Previous); err != nil {
		return err
	}
	a.Hash = chainHash(a)
	if _, err := tx.exec(`INSERT INTO audit (`+auditColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		a.Number, millis(a.At), a.Account, a.Action, a.Study, a.Object, a.Detail, a.Previous, a.Hash); err != nil {
		return err
	}
	_, err := tx.exec(`UPDATE audit_head SET hash = $1 WHERE id = 1`, a.Hash)
	return err
}

// chainHash is SHA-256 over the fields in the order of the table, each with
// its length in bytes before it.
func chainHash(a AuditRow) string {
	h := sha256.New()
	for _, field := range []string{
		a.Previous, strconv.FormatInt(a.Number, 10), strconv.FormatInt(millis(a.At), 10),
		a.Account, a.Action, a.Study, a.Object, a.Detail,
	} {
		fmt.Fprintf(h, "%d:%s", len(field), field)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// AuditRows gives the newest rows of a study, the newest first; "" asks for
// those of all studies, a limit of 0 for all rows.
func (tx *Tx) AuditRows(study string, limit int) ([]AuditRow, error) {
	if limit <= 0 {
		limit = 1<<31 - 1
	}
	return list(tx, scanAudit, `SELECT `+auditColumns+` FROM audit WHERE $1 = '' OR study = $1 ORDER BY number DESC LIMIT $2`, study, limit)
}

// VerifyAudit walks the chain. The Conflict "audit_broken" names the first row
// that does not fit: changed, removed, put in between, or cut off at the end.
func (tx *Tx) VerifyAudit() error {
	var at AuditRow // the last row that fitted
	err := stream(func(last *AuditRow) ([]AuditRow, error) {
		var from int64
		if last != nil {
			from = last.Number
		}
		return list(tx, scanAudit, `SELECT `+auditColumns+` FROM audit WHERE number > $1 ORDER BY number LIMIT $2`, from, pageRows)
	}, func(a AuditRow) error {
		switch {
		case a.Number != at.Number+1:
			return auditBroken(at.Number+1, "is missing")
		case a.Previous != at.Hash || a.Hash != chainHash(a):
			return auditBroken(a.Number, "was changed")
		}
		at = a
		return nil
	})
	if err != nil {
		return err
	}
	heads, err := list(tx, func(row scanner) (h AuditRow, err error) {
		return h, row.Scan(&h.Number, &h.Hash)
	}, `SELECT number, hash FROM audit_head`)
	if err != nil {
		return err
	}
	head := AuditRow{}
	if len(heads) > 0 {
		head = heads[0]
	}
	switch {
	case head.Number > at.Number:
		return auditBroken(at.Number+1, "is missing")
	case head.Number < at.Number || head.Hash != at.Hash:
		return auditBroken(at.Number, "is not the end of the chain")
	}
	return nil
}

func auditBroken(number int64, what string) error {
	return fault.New(fault.Conflict, "audit_broken", fmt.Sprintf("The audit does not hold: row %d %s.", number, what)).With("row", number)
}
