package study

import (
	"path"
	"slices"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

// Profile says how a partner's release is cut: what of a study leaves, how
// coarse, in which files. It is read from a file in exports/ and checked against
// the variables that a dataset has by Against.
type Profile struct {
	Key       string
	Title     lang.Text
	Study     string // the key of the study
	Recipient string // whose ids the files carry: the same recipient's files can be joined

	Waves     []string // keys; nil for every wave that has closed
	Keep      []string // patterns of variables, "*" for any letters; nil for all
	Drop      []string // patterns of variables that do not leave
	Formats   []Format
	Languages []string // of labels and documents; the first is the one of formats that hold one
	Shape     Shape
	Naming    Naming
	Tier      Tier

	Identifiers []string // variables that name somebody: they never leave
	Quasi       []Quasi  // what somebody may know of a person, and how it is given out
	Sensitive   []string // variables that are looked at for l-diversity
	Suppress    Suppression
	FreeText    FreeText
	Dates       Dates
	Weights     bool
	Paradata    bool // how long, on which device and when in the wave somebody answered

	places map[string]fault.Place // where each entry stands, for what Against finds
}

// Format is a format of data files.
type Format string

// The formats.
const (
	XLSX    Format = "xlsx"
	CSV     Format = "csv"
	SAV     Format = "sav"
	DTA     Format = "dta"
	Parquet Format = "parquet"
)

// Formats lists them, in the order in which they are offered.
var Formats = []Format{XLSX, CSV, SAV, DTA, Parquet}

// Shape is which tables a release holds.
type Shape string

// The shapes.
const (
	LongShape Shape = "long" // a row for each person and wave
	WideShape Shape = "wide" // a row for each person
	BothShape Shape = "both"
)

// Naming is how wide tables name a variable of a wave.
type Naming string

// The ways.
const (
	Suffix Naming = "suffix" // trust_w1
	Prefix Naming = "prefix" // w1_trust
)

// Tier is who may have a release.
type Tier string

// The tiers.
const (
	RestrictedTier Tier = "restricted" // named researchers who have promised what they may do with it
	OpenTier       Tier = "open"       // anybody
)

// K gives how many persons must be alike at least in what may be known of them.
func (t Tier) K() int {
	if t == OpenTier {
		return 5
	}
	return 3
}

// Quasi is one quasi-identifier.
type Quasi struct {
	Variable string // the root's name
	How      Generalisation
	Width    float64           // of bands
	Tail     int               // of bands, top and bottom: how many persons an end holds at least
	Map      map[string]string // of mapped values, by code or by choice; "*" for all others
}

// Generalisation is how coarse a quasi-identifier is given out.
type Generalisation string

// The ways. All but the first lose something.
const (
	Given     Generalisation = "given"
	Banded    Generalisation = "bands"
	TopCoded  Generalisation = "top"
	BottomTop Generalisation = "ends" // top and bottom
	Mapped    Generalisation = "map"
)

// Suppression is what goes where fewer persons are alike than the tier wants.
type Suppression string

// The ways. Without any, such a release is refused.
const (
	NoSuppression   Suppression = "none"
	SuppressCells   Suppression = "cells"   // the fewest values of quasi-identifiers, each −10
	SuppressPersons Suppression = "persons" // cells, and persons whom that does not help
)

// FreeText is what becomes of answers in a person's own words.
type FreeText string

// The ways.
const (
	DropText     FreeText = "drop"
	RedactedText FreeText = "redacted" // those that somebody has read and approved
)

// Dates is how exact dates are.
type Dates string

// The ways.
const (
	GivenDates Dates = "given"
	ShiftDates Dates = "shift" // all dates of a person moved by the same number of days
	MonthDates Dates = "month" // the first of the month
	NoDates    Dates = "wave"  // none: the wave says when
)

// Wants tells whether the profile lets a variable out, by its name and, of a part
// of a question, that of the whole: one of them is kept, none dropped, and none an
// identifier.
func (p *Profile) Wants(names ...string) bool {
	matches := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(pattern string) bool {
			return slices.ContainsFunc(names, func(name string) bool {
				ok, err := path.Match(pattern, name)
				return err == nil && ok
			})
		})
	}
	return (p.Keep == nil || matches(p.Keep)) && !matches(p.Drop) && !matches(p.Identifiers)
}

// Place gives where an entry stands in the file: "waves.w2", "quasi.age".
func (p *Profile) Place(entry string) fault.Place { return p.places[entry] }

// Against gives what is wrong with the profile for a study and the variables
// that its dataset has, by their roots' names: every offence, with its place. A
// profile that names no study is of this one.
func (p *Profile) Against(s *Study, variables []string) fault.Problems {
	var problems fault.Problems
	if p.Study != s.Key && p.Study != "" {
		problems.Add(p.places["study"], "other_study", "The profile is of the study %s.", p.Study).With("value", p.Study).With("near", s.Key)
		return problems
	}
	var keys []string
	for _, w := range s.Waves {
		keys = append(keys, w.Key)
	}
	for _, key := range p.Waves {
		if !slices.Contains(keys, key) {
			known(problems.Add(p.places["waves."+key], "unknown_wave", "The study has no wave %s.%s", key, didYouMean(key, keys)), key, keys)
		}
	}
	for _, tag := range p.Languages {
		if !slices.Contains(s.Languages, tag) {
			known(problems.Add(p.places["languages."+tag], "unknown_language", "The study has no texts in %s.%s", tag, didYouMean(tag, s.Languages)), tag, s.Languages)
		}
	}
	names := func(field string, of []string) {
		for _, name := range of {
			if !slices.Contains(variables, name) {
				known(problems.Add(p.places[field+"."+name], "unknown_variable", "The dataset has no variable %s.%s", name, orList(name, variables)), name, variables)
			}
		}
	}
	names("identifiers", p.Identifiers)
	names("sensitive", p.Sensitive)
	var quasi []string
	for _, q := range p.Quasi {
		quasi = append(quasi, q.Variable)
		if slices.Contains(variables, q.Variable) && !p.Wants(q.Variable) {
			problems.Add(p.places["quasi."+q.Variable], "quasi_dropped", "%s is dropped, so there is nothing to make coarser. Delete one of the two.", q.Variable).With("value", q.Variable)
		}
	}
	names("quasi", quasi)
	for _, list := range []struct {
		field    string
		patterns []string
	}{{"keep", p.Keep}, {"drop", p.Drop}} {
		for _, pattern := range list.patterns {
			if !slices.ContainsFunc(variables, func(v string) bool { ok, err := path.Match(pattern, v); return err == nil && ok }) {
				known(problems.Add(p.places[list.field+"."+pattern], "unknown_variable", "No variable is called %s.%s", pattern, orList(pattern, variables)), pattern, variables)
			}
		}
	}
	problems.Sort()
	return problems
}

// orList is didYouMean for names of which there can be too many to list.
func orList(word string, all []string) string {
	if nearest(word, all) == "" && len(all) > fewKnown {
		return ""
	}
	return didYouMean(word, all)
}
