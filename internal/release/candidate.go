package release

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/lang"
	"panelverk/internal/study"
)

// Candidate is a variable that a profile can let out, or not.
type Candidate struct {
	*ExploredVariable
	Text     bool                   // in people's own words: free_text says whether it leaves
	Paradata bool                   // paradata says whether it leaves
	Ways     []study.Generalisation // in which it can leave as a quasi-identifier; nil where it cannot be one
}

// Candidates gives what a profile of a study can name: its questions, attributes and
// scales, with their wording, in the order of the questionnaire.
func (s *Service) Candidates(ctx context.Context, now time.Time, actor access.Actor, studyKey string) ([]Candidate, error) {
	if err := actor.May(access.ProfileChange, studyKey); err != nil {
		return nil, err
	}
	e, err := s.Explore(ctx, now, actor, studyKey)
	if err != nil {
		return nil, err
	}
	var out []Candidate
	for _, v := range e.Variables {
		c := Candidate{ExploredVariable: v, Text: free(v.Variable), Paradata: paradata(v.Variable)}
		switch {
		case c.Text, c.Paradata, v.Repeat != "", v.Role != dataset.Whole && v.Role != dataset.List, v.Name == "id":
		case v.Kind != dataset.Number:
			c.Ways = []study.Generalisation{study.Given}
		case len(v.Values) > 0:
			c.Ways = []study.Generalisation{study.Given, study.Mapped, study.TopCoded, study.BottomTop}
		default:
			c.Ways = []study.Generalisation{study.Given, study.Banded, study.TopCoded, study.BottomTop, study.Mapped}
		}
		out = append(out, c)
	}
	return out, nil
}

// ProposeProfile gives a profile to begin with: all waves that have closed, for named
// researchers, days as months, nothing in people's own words, and what somebody
// is likely to know of a person as quasi-identifiers. Nothing is stored. language
// is that of whoever asks.
func (s *Service) ProposeProfile(ctx context.Context, now time.Time, actor access.Actor, st *study.Study, language string) (*study.Profile, error) {
	candidates, err := s.Candidates(ctx, now, actor, st.Key)
	if err != nil {
		return nil, err
	}
	all, err := s.Profiles(ctx, actor, st.Key)
	if err != nil {
		return nil, err
	}
	p := &study.Profile{Title: lang.Text{}, Study: st.Key, Recipient: "partner", Formats: slices.Clone(study.Formats), Shape: study.BothShape,
		Naming: study.Suffix, Tier: study.RestrictedTier, Suppress: study.SuppressPersons, FreeText: study.DropText, Dates: study.MonthDates}
	stem := st.Key
	if len(stem) > 30 {
		stem = "profile"
	}
	for n := 1; p.Key == "" || slices.ContainsFunc(all, func(other Profile) bool { return other.Key == p.Key }); n++ {
		p.Key = stem + "-" + strconv.Itoa(n)
	}
	for _, tag := range []string{"en", language, st.DefaultLanguage()} {
		if slices.Contains(st.Languages, tag) && !slices.Contains(p.Languages, tag) {
			p.Languages = append(p.Languages, tag)
			p.Title[tag] = st.Title[tag]
		}
	}
	for _, c := range candidates {
		switch {
		case c.Text && names(c.Name, identifying):
			p.Identifiers = append(p.Identifiers, c.Name)
		case c.Ways == nil || len(p.Quasi) == mostLikely:
		case !c.Varying && c.Question != "" && c.Kind == dataset.Number, (names(c.Name, recognising) || slices.Contains(jobs, strings.ToLower(c.Name))) && c.Kind == dataset.Number:
			p.Quasi = append(p.Quasi, UsualQuasi(c))
		}
	}
	return p, nil
}

// mostLikely is how many quasi-identifiers are proposed: with each more, fewer
// persons are alike.
const mostLikely = 5

// UsualQuasi gives a quasi-identifier out as is usual for its kind.
func UsualQuasi(c Candidate) study.Quasi {
	q := study.Quasi{Variable: c.Name, How: study.Given, Tail: study.LeastTail}
	switch {
	case len(c.Values) > 0:
	case names(c.Name, counted):
		q.How = study.TopCoded
	default:
		q.How, q.Width = study.Banded, 10
	}
	return q
}

// What variables are called that colleagues, or a register, know of a person; that
// name the person; and that count what few have many of.
var (
	recognising = strings.Fields(`age alder alter born birth fodd fodelsear geburtsjahr sex gender kon geschlecht country land region county lan municipality kommun
		city ort town place occupation yrke beruf profession trade education utbildning bildung workplace firm size sector bransch industry branche marital civil
		children barn kinder household hushall nationality started employed years`)
	identifying = strings.Fields(`email mail epost phone tel telephone telefon mobile mobil name namn firstname lastname surname fornamn efternamn address adress street
		personnummer pnr ssn`)
	counted = strings.Fields("children barn kinder household hushall size")
)

// jobs are names of variables that tell somebody's work: a part of the name alone
// would not, as in job_satisfaction.
var jobs = strings.Fields("job job_kind job_type job_title job_class")

// names tells whether a part of a variable's name is one of those words.
func names(name string, words []string) bool {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.ContainsFunc(parts, func(part string) bool { return slices.Contains(words, part) })
}
