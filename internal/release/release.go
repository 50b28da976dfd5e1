// Package release lets data out: the longitudinal workbook of a study, and
// the corrections that researchers make to single values.
//
// What leaves carries export ids, never the inner pid, and rows in the order
// of those ids: neither the order of joining nor another recipient's file can
// be read off it. Every handing over is audited before the first byte is
// written.
package release

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/export/xlsx"
	"panelverk/internal/fault"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

// Recipient is whose ids the workbook carries that staff download.
const Recipient = "workbook"

// Service is the operations with what they work on. It is safe for concurrent use.
type Service struct {
	store *store.Store
	keys  *secret.Ring
	tmp   string

	profiles fs.FS  // nil: there are none
	build    string // names the build, in what it makes

	wanted   chan struct{} // a release was approved
	trying   chan struct{} // risks that are worked out
	explored explored
}

// New gives the operations. tmp is the folder for temporary files of exports.
func New(st *store.Store, keys *secret.Ring, tmp string) *Service {
	return &Service{store: st, keys: keys, tmp: tmp, wanted: make(chan struct{}, 1), trying: make(chan struct{}, atOnce)}
}

// Built names the build that this is: two packages of one build have the same bytes.
func (s *Service) Built(build string) { s.build = build }

// Workbook writes the study's longitudinal workbook with texts in the given
// language, from one snapshot of the database. Memory does not grow with the
// answers. progress may be nil; it is told how many members are done.
func (s *Service) Workbook(ctx context.Context, now time.Time, actor access.Actor, studyKey, language string, w io.Writer, progress func(done, total int)) error {
	people := map[string]bool{}
	if err := s.noted(ctx, now, actor, studyKey, Recipient, "workbook", func(tx *store.Tx) ([]string, error) {
		clear(people)
		return s.counted(tx, studyKey, Recipient, people)
	}); err != nil {
		return err
	}
	return s.dataset(ctx, source{study: studyKey, at: now, recipient: Recipient, people: people}, func(_ *store.Tx, d *dataset.Dataset) error {
		return xlsx.Write(ctx, w, d, xlsx.Options{TempDir: s.tmp, Now: now, Language: language, Progress: progress,
			Hide: hideSmall})
	})
}

// noted authorises a download, audits it and writes down whom it will hold, by
// their export ids: whoever is erased later can be told which files have gone
// out with them. whom runs in the same transaction.
func (s *Service) noted(ctx context.Context, now time.Time, actor access.Actor, studyKey, recipient, what string, whom func(*store.Tx) ([]string, error)) error {
	if err := actor.May(access.DataDownload, studyKey); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Study(studyKey); err != nil {
			return err
		}
		ids, err := whom(tx)
		if err != nil {
			return err
		}
		slices.Sort(ids)
		if err := tx.AddDownload(store.Download{ID: secret.NewID(), Study: studyKey, Recipient: recipient, What: what, Account: actor.Account, At: now}, slices.Compact(ids)); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.DataDownload), Study: studyKey, Object: what})
	})
}

// counted puts everybody who counts into people, by pid, and gives the export
// ids of those who were not erased: of the others a file holds no more than
// that they were there.
func (s *Service) counted(tx *store.Tx, studyKey, recipient string, people map[string]bool) (ids []string, err error) {
	err = tx.EachParticipant(studyKey, func(p store.Participant) error {
		if !p.Counts() {
			return nil
		}
		people[p.PID] = true
		if p.Status != store.Erased {
			ids = append(ids, s.keys.ExportID(studyKey, recipient, p.PID))
		}
		return nil
	})
	return ids, err
}

// source says of what a dataset is made.
type source struct {
	study     string
	at        time.Time         // what came later is not in it
	as        *store.Definition // the study as it stood then; nil for as it stands
	recipient string            // whose ids
	people    map[string]bool   // by pid; nil for everybody who counted
	first     func(done, total int)
}

// dataset builds the dataset of a source and hands it to do, within one snapshot.
func (s *Service) dataset(ctx context.Context, of source, do func(*store.Tx, *dataset.Dataset) error) error {
	return s.store.Read(ctx, func(tx *store.Tx) error {
		if of.as == nil {
			var err error
			if of.as, err = tx.Definition(of.study); err != nil {
				return err
			}
		}
		in, err := s.input(tx, of)
		if err != nil {
			return err
		}
		d, err := dataset.Build(in)
		if err != nil {
			return err
		}
		return do(tx, d)
	})
}

// input gives what the dataset is made of.
func (s *Service) input(tx *store.Tx, of source) (dataset.Input, error) {
	material, err := tx.MaterialOf(of.as, of.at)
	if err != nil {
		return dataset.Input{}, err
	}
	type key struct{ export, pid string }
	var keys []key
	if err := tx.EachParticipant(of.as.Key, func(p store.Participant) error {
		p, there := material.Participant(p)
		if there && (of.people[p.PID] || of.people == nil && p.Counts()) {
			keys = append(keys, key{s.keys.ExportID(of.as.Key, of.recipient, p.PID), p.PID})
		}
		return nil
	}); err != nil {
		return dataset.Input{}, err
	}
	slices.SortFunc(keys, func(a, b key) int { return strings.Compare(a.export, b.export) })
	pids := make([]string, len(keys))
	for i, k := range keys {
		pids[i] = k.pid
	}
	in := material.Input
	in.Total = len(pids)
	reading := of.first
	in.Members = func(yield func(dataset.Member, error) bool) {
		told := reading // of the first time alone: writers tell by themselves
		reading = nil
		n := 0
		s.members(tx, material, of.recipient, pids, func(m dataset.Member, err error) bool {
			if n++; told != nil && (n%50 == 0 || n == len(pids)) {
				told(n, len(pids))
			}
			return yield(m, err)
		})
	}
	return in, nil
}

var errStopped = errors.New("no more members are wanted")

// members hands the members to yield under their export ids, in the order of
// the pids.
func (s *Service) members(tx *store.Tx, material *store.Material, recipient string, pids []string, yield func(dataset.Member, error) bool) {
	key := material.Input.Study.Key
	err := tx.MembersOf(key, pids, func(m store.Member) error {
		m, err := material.Rewind(tx, m)
		if err != nil {
			return err
		}
		if !yield(material.Member(m, s.keys.ExportID(key, recipient, m.Participant.PID)), nil) {
			return errStopped
		}
		return nil
	})
	if err != nil && !errors.Is(err, errStopped) {
		yield(dataset.Member{}, err)
	}
}

// notFound gives instead where err says that a row is absent, err otherwise.
func notFound(err error, instead *fault.Error) error {
	if err != nil && fault.Of(err).Kind == fault.NotFound {
		return instead.Because(err)
	}
	return err
}
