package release

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

var (
	errNoProfile    = fault.New(fault.NotFound, "profile_unknown", "There is no profile of that name.")
	errProfileMoved = fault.New(fault.Conflict, "profile_moved", "Somebody has changed the profile meanwhile. Nothing was saved.")
)

// pasted is the file that the offences of a text without one are in.
const pasted = "profile.yaml"

// maxProfile bounds the text of a profile: many times what a large study needs.
const maxProfile = 128 << 10

// Profile is a profile with its text: a file of the server, or one that somebody
// made on the pages.
type Profile struct {
	*study.Profile
	Source  []byte
	Version int    // of one that was made, from 1; 0 for a file of the server
	Account string // whose version it is
	At      time.Time
}

// UseProfiles sets the folder whose files are the profiles, "<profile>.yaml" each.
func (s *Service) UseProfiles(folder fs.FS) { s.profiles = folder }

// ReadProfile reads a profile, with every offence and its place.
func ReadProfile(file string, source []byte) (*study.Profile, error) {
	p, problems := study.ReadProfile(file, source)
	return p, problems.Err("profile", "The profile has problems.")
}

// served gives a file of the server by its key.
func (s *Service) served(key string) (*Profile, error) {
	if s.profiles == nil || strings.ContainsAny(key, `/\`) {
		return nil, errNoProfile
	}
	source, err := fs.ReadFile(s.profiles, key+".yaml")
	if err != nil {
		return nil, errNoProfile.Because(err)
	}
	p, err := ReadProfile(key+".yaml", source)
	return &Profile{Profile: p, Source: source}, err
}

// Profile gives a profile of a study by its key, as it stands now; NotFound
// "profile_unknown", also where it is a file of the server for another study.
func (s *Service) Profile(ctx context.Context, actor access.Actor, studyKey, key string) (*Profile, error) {
	if err := actor.May(access.ReleaseView, studyKey); err != nil {
		return nil, err
	}
	one, err := s.served(key)
	if err == nil && one.Study != studyKey && one.Study != "" {
		return nil, errNoProfile
	}
	if !errors.Is(err, errNoProfile) {
		return one, err
	}
	return one, s.store.Read(ctx, func(tx *store.Tx) error {
		versions, err := tx.ProfileVersions(studyKey, key)
		if err != nil {
			return err
		}
		if len(versions) == 0 || versions[0].Source == "" {
			return errNoProfile
		}
		one, err = made(versions[0])
		return err
	})
}

// made reads a version that somebody made.
func made(v store.Profile) (*Profile, error) {
	p, err := ReadProfile(v.Key+".yaml", []byte(v.Source))
	return &Profile{Profile: p, Source: []byte(v.Source), Version: v.Version, Account: v.Account, At: v.At}, err
}

// Profiles gives the profiles of a study, by their keys. One that has problems is
// left out: asking for it says which.
func (s *Service) Profiles(ctx context.Context, actor access.Actor, studyKey string) ([]Profile, error) {
	if err := actor.May(access.ReleaseView, studyKey); err != nil {
		return nil, err
	}
	var out []Profile
	if s.profiles != nil {
		files, err := fs.Glob(s.profiles, "*.yaml")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if p, err := s.served(strings.TrimSuffix(path.Base(file), ".yaml")); err == nil && p.Study == studyKey {
				out = append(out, *p)
			}
		}
	}
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		all, err := tx.Profiles(studyKey)
		for _, v := range all {
			if p, err := made(v); err == nil && v.Source != "" {
				out = append(out, *p)
			}
		}
		return err
	})
	slices.SortStableFunc(out, func(a, b Profile) int { return strings.Compare(a.Key, b.Key) })
	return out, err
}

// ProfileVersions gives every version of a profile that was made on the pages, the
// latest first; none of a file of the server.
func (s *Service) ProfileVersions(ctx context.Context, actor access.Actor, studyKey, key string) (out []store.Profile, err error) {
	if err := actor.May(access.ReleaseView, studyKey); err != nil {
		return nil, err
	}
	return out, s.store.Read(ctx, func(tx *store.Tx) error {
		out, err = tx.ProfileVersions(studyKey, key)
		return err
	})
}

// NewProfile is a profile that is to be kept.
type NewProfile struct {
	Study  string
	Source string
	Base   string // the key of the profile that it was made of, and
	At     int    // its version: saving under the same key fails where it is not the latest
}

// SaveProfile keeps a profile, or a new version of one, and gives its key. It fails
// with every offence, those against the study among them; but a wave that has not
// closed yet may stand in it.
func (s *Service) SaveProfile(ctx context.Context, now time.Time, actor access.Actor, in NewProfile) (key string, err error) {
	if err := actor.May(access.ProfileChange, in.Study); err != nil {
		return "", err
	}
	return key, s.store.Write(ctx, func(tx *store.Tx) error {
		p, problems, err := fitting(tx, now, in.Study, pasted, []byte(in.Source))
		if err != nil {
			return err
		}
		problems = slices.DeleteFunc(problems, func(one fault.Problem) bool { return one.Code == "wave_open" || one.Code == "no_wave" })
		var versions []store.Profile
		if p != nil && p.Key != "" {
			if versions, err = tx.ProfileVersions(in.Study, p.Key); err != nil {
				return err
			}
			_, err = s.served(p.Key)
			taken := !errors.Is(err, errNoProfile)
			if taken || p.Key != in.Base && len(versions) > 0 && versions[0].Source != "" {
				problems.Add(fault.Place{Field: "profile"}, "profile_taken", "There is a profile called %s already. Choose another name.", p.Key).With("value", p.Key)
			}
		}
		if err := problems.Err("profile", "The profile has problems."); err != nil {
			return err
		}
		latest := 0
		if len(versions) > 0 {
			latest = versions[0].Version
		}
		if p.Key == in.Base && latest != in.At {
			return errProfileMoved
		}
		key = p.Key
		return s.keep(tx, now, actor, store.Profile{Study: in.Study, Key: key, Version: latest + 1, Source: in.Source, Account: actor.Account, At: now})
	})
}

// TakeProfile takes a profile away that was made on the pages. Releases that were
// asked for with it keep its text.
func (s *Service) TakeProfile(ctx context.Context, now time.Time, actor access.Actor, studyKey, key string) error {
	if err := actor.May(access.ProfileChange, studyKey); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		versions, err := tx.ProfileVersions(studyKey, key)
		if err != nil {
			return err
		}
		if len(versions) == 0 || versions[0].Source == "" {
			return errNoProfile
		}
		return s.keep(tx, now, actor, store.Profile{Study: studyKey, Key: key, Version: versions[0].Version + 1, Account: actor.Account, At: now})
	})
}

func (s *Service) keep(tx *store.Tx, now time.Time, actor access.Actor, p store.Profile) error {
	detail := fmt.Sprintf("version %d", p.Version)
	if p.Source == "" {
		detail = "taken away"
	}
	return errors.Join(tx.AddProfile(p),
		tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.ProfileChange), Study: p.Study, Object: "profile " + p.Key, Detail: detail}))
}

// CheckProfile reads the text of a profile, by the name of its file, against a study:
// every offence at once, in the file, against the study and against its variables. What could be read is
// given too, nil where nothing could.
func (s *Service) CheckProfile(ctx context.Context, now time.Time, actor access.Actor, studyKey, file string, source []byte) (p *study.Profile, err error) {
	if err := actor.May(access.ReleaseView, studyKey); err != nil {
		return nil, err
	}
	return p, s.store.Read(ctx, func(tx *store.Tx) error {
		var problems fault.Problems
		if p, problems, err = fitting(tx, now, studyKey, file, source); err != nil {
			return err
		}
		return problems.Err("profile", "The profile has problems.")
	})
}

// fitting is CheckProfile within a transaction.
func fitting(tx *store.Tx, now time.Time, studyKey, file string, text []byte) (*study.Profile, fault.Problems, error) {
	var problems fault.Problems
	if len(text) > maxProfile {
		problems.Add(fault.Place{}, "profile_large", "The profile is larger than %d kB.", maxProfile>>10).With("value", maxProfile>>10)
		return nil, problems, nil
	}
	p, problems := study.DraftProfile(file, text)
	if p == nil {
		return nil, problems, nil
	}
	as, err := tx.Definition(studyKey)
	if err != nil {
		return nil, nil, err
	}
	material, err := tx.MaterialOf(as, now)
	if err != nil {
		return nil, nil, err
	}
	d, err := dataset.Build(material.Input) // without members: what there is to cut, not of whom
	if err != nil {
		return nil, nil, err
	}
	problems = append(problems, (&cutting{profile: p, whole: d}).check()...)
	problems.Sort()
	return p, problems, nil
}
