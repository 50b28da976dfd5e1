package store

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"
)

// ReleaseState is how far a release has come.
type ReleaseState string

// The states.
const (
	ReleaseRequested ReleaseState = "requested"
	ReleaseMaking    ReleaseState = "making" // approved; its package is made in the background
	ReleaseRefused   ReleaseState = "refused"
	ReleaseFrozen    ReleaseState = "frozen"
)

// Release is a package of data that somebody asked for, without its bytes.
type Release struct {
	Study     string
	Number    int // from 1, within the study
	State     ReleaseState
	Profile   string // its key
	Source    string // its text
	Recipient string // whose ids the files carry: the profile's
	Who       string // the recipient in words
	Country   string // ISO 3166-1, two letters
	Basis     string // on which personal data may go to that country; "" where none is needed
	Purpose   string

	RequestedBy string
	RequestedAt time.Time
	DecidedBy   string
	DecidedAt   time.Time // of a frozen one: the moment whose data it holds
	Reason      string    // of a refusal; of an approval in spite of the risk

	Report   string    // of the risk, JSON
	Manifest string    // the checksums of the files, as in the package
	Digest   string    // SHA-256 of the package, hex
	Content  string    // SHA-256 of the tables, whatever format they are in, hex
	Build    string    // the build that made it
	Size     int64     // bytes
	TakenAt  time.Time // when the bytes were taken away, because somebody in it was erased

	Definition string   // the study as it stood when it was decided: a Definition, JSON
	Freezing   Freezing // while it is made, and where it was not
}

const (
	releaseColumns = `r.study, r.number, CASE WHEN f.failure = '' THEN 'making' ELSE r.state END, r.profile, r.source, r.recipient, r.who, r.country,
	r.basis, r.purpose, r.requested_by, r.requested_at, r.decided_by, r.decided_at, r.reason, r.report, r.manifest, r.digest, r.content, r.build,
	r.size, r.taken_at, r.definition, COALESCE(f.step, ''), COALESCE(f.done, 0), COALESCE(f.total, 0), COALESCE(f.failure, '')`
	releaseTables = `releases r LEFT JOIN freezings f ON f.study = r.study AND f.number = r.number`
)

// listedColumns are releaseColumns without what is long: a study's definition alone has
// 60 kB.
var listedColumns = strings.NewReplacer("r.source", "''", "r.report", "''", "r.manifest", "''", "r.definition", "''").Replace(releaseColumns)

func scanRelease(row scanner) (Release, error) {
	var (
		r                         Release
		requested, decided, taken int64
	)
	err := row.Scan(&r.Study, &r.Number, &r.State, &r.Profile, &r.Source, &r.Recipient, &r.Who, &r.Country, &r.Basis, &r.Purpose, &r.RequestedBy, &requested,
		&r.DecidedBy, &decided, &r.Reason, &r.Report, &r.Manifest, &r.Digest, &r.Content, &r.Build, &r.Size, &taken,
		&r.Definition, &r.Freezing.Step, &r.Freezing.Done, &r.Freezing.Total, &r.Freezing.Failure)
	r.RequestedAt, r.DecidedAt, r.TakenAt = moment(requested), moment(decided), moment(taken)
	return r, err
}

// AddRelease stores what was asked for under the study's next number, and gives it.
func (tx *Tx) AddRelease(r Release) (number int, err error) {
	number, err = one(tx, missing("release"), func(row scanner) (n int, err error) { err = row.Scan(&n); return n, err },
		`SELECT COALESCE(MAX(number), 0) + 1 FROM releases WHERE study = $1`, r.Study)
	if err != nil {
		return 0, err
	}
	_, err = tx.exec(`INSERT INTO releases (study, number, state, profile, source, recipient, who, country, basis, purpose, requested_by, requested_at,
		decided_by, decided_at, reason, report, manifest, digest, content, build, size, taken_at) VALUES ($1, $2, 'requested', $3, $4, $5, $6, $7, $8, $9, $10, $11, '', 0, '', '', '', '', '', '', 0, 0)`,
		r.Study, number, r.Profile, r.Source, r.Recipient, r.Who, r.Country, r.Basis, r.Purpose, r.RequestedBy, millis(r.RequestedAt))
	return number, err
}

// DecideRelease stores what became of a request: refused, or frozen once its package
// is made. It fails with NotFound where it was decided before.
func (tx *Tx) DecideRelease(r Release) error {
	return tx.change(missing("release"), `UPDATE releases SET state = $3, decided_by = $4, decided_at = $5, reason = $6, report = $7, manifest = $8,
		digest = $9, content = $10, build = $11, size = $12 WHERE study = $1 AND number = $2 AND state = 'requested'`,
		r.Study, r.Number, string(r.State), r.DecidedBy, millis(r.DecidedAt), r.Reason, r.Report, r.Manifest, r.Digest, r.Content, r.Build, r.Size)
}

// Releases gives those of a study, the newest first, without Source, Report, Manifest
// and Definition.
func (tx *Tx) Releases(study string) ([]Release, error) {
	return list(tx, scanRelease, `SELECT `+listedColumns+` FROM `+releaseTables+` WHERE r.study = $1 ORDER BY r.number DESC`, study)
}

// Release gives one.
func (tx *Tx) Release(study string, number int) (Release, error) {
	return one(tx, missing("release"), scanRelease, `SELECT `+releaseColumns+` FROM `+releaseTables+` WHERE r.study = $1 AND r.number = $2`, study, number)
}

// AddReleaseBytes stores the bytes of a release, one row of them in memory at a time.
func (tx *Tx) AddReleaseBytes(study string, number int, r io.Reader) error {
	part := make([]byte, partBytes)
	for n := 1; ; n++ {
		size, err := io.ReadFull(r, part)
		if size > 0 {
			if _, err := tx.exec(`INSERT INTO release_parts (study, number, part, data) VALUES ($1, $2, $3, $4)`, study, number, n, part[:size]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// ReleasePartBytes is how many bytes each piece of a release has but the last.
const ReleasePartBytes = partBytes

// ReleasePart gives a piece of a release's bytes, from 1; nil after the last.
func (tx *Tx) ReleasePart(study string, number, part int) ([]byte, error) {
	rows, err := list(tx, scanBytes, `SELECT data FROM release_parts WHERE study = $1 AND number = $2 AND part = $3`, study, number, part)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// Known is what a release tells of a person that others may know.
type Known struct {
	PID  string
	Keys []string // nil once the person was erased
}

// AddReleasePeople stores who is in a release.
func (tx *Tx) AddReleasePeople(study string, number int, people []Known) error {
	for _, p := range people {
		keys, err := json.Marshal(p.Keys)
		if err != nil {
			return err
		}
		if _, err := tx.exec(`INSERT INTO release_people (study, number, pid, known) VALUES ($1, $2, $3, $4)`, study, number, p.PID, string(keys)); err != nil {
			return err
		}
	}
	return nil
}

// ReleasePeople gives who is in a release.
func (tx *Tx) ReleasePeople(study string, number int) ([]Known, error) {
	return list(tx, func(row scanner) (Known, error) {
		var (
			k    Known
			text string
		)
		if err := row.Scan(&k.PID, &text); err != nil || text == "" {
			return k, err
		}
		return k, json.Unmarshal([]byte(text), &k.Keys)
	}, `SELECT pid, known FROM release_people WHERE study = $1 AND number = $2 ORDER BY pid`, study, number)
}

// takeReleases takes away the bytes of every release that holds a person, and what
// they told of the person. That there was such a release stays, and who was in it:
// its recipient has to be told whom to delete.
func (tx *Tx) takeReleases(pid string, at time.Time) error {
	for _, statement := range []string{
		`DELETE FROM release_parts WHERE EXISTS (SELECT 1 FROM release_people p WHERE p.pid = $1 AND p.study = release_parts.study AND p.number = release_parts.number)`,
		`UPDATE release_people SET known = '' WHERE pid = $1`,
	} {
		if _, err := tx.exec(statement, pid); err != nil {
			return err
		}
	}
	_, err := tx.exec(`UPDATE releases SET taken_at = $2 WHERE taken_at = 0
		AND EXISTS (SELECT 1 FROM release_people p WHERE p.pid = $1 AND p.study = releases.study AND p.number = releases.number)`, pid, millis(at))
	return err
}
