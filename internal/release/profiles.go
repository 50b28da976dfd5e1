package release

import (
	"io/fs"
	"path"
	"strings"

	"panelverk/internal/fault"
	"panelverk/internal/study"
)

var errNoProfile = fault.New(fault.NotFound, "profile_unknown", "There is no profile of that name.")

// UseProfiles sets the folder whose files are the profiles, "<profile>.yaml" each.
func (s *Service) UseProfiles(folder fs.FS) { s.profiles = folder }

// ReadProfile reads a profile, with every offence and its place.
func ReadProfile(file string, source []byte) (*study.Profile, error) {
	p, problems := study.ReadProfile(file, source)
	return p, problems.Err("profile", "The profile has problems.")
}

// Profile gives a profile and the text of its file by its key; NotFound
// "profile_unknown".
func (s *Service) Profile(key string) (*study.Profile, []byte, error) {
	if s.profiles == nil || strings.ContainsAny(key, `/\`) {
		return nil, nil, errNoProfile
	}
	source, err := fs.ReadFile(s.profiles, key+".yaml")
	if err != nil {
		return nil, nil, errNoProfile.Because(err)
	}
	p, err := ReadProfile(key+".yaml", source)
	return p, source, err
}

// Profiles gives the profiles of a study, by their keys. One that has problems is
// left out: asking for it says which.
func (s *Service) Profiles(studyKey string) []*study.Profile {
	if s.profiles == nil {
		return nil
	}
	files, err := fs.Glob(s.profiles, "*.yaml")
	if err != nil {
		return nil
	}
	var out []*study.Profile
	for _, file := range files {
		if p, _, err := s.Profile(strings.TrimSuffix(path.Base(file), ".yaml")); err == nil && p.Study == studyKey {
			out = append(out, p)
		}
	}
	return out
}
