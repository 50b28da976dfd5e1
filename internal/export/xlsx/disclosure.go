package xlsx

import (
	"strconv"
	"strings"
)

// Disclosure is what was found out about how easily persons of a release could be
// recognised, and what was done about it. What is empty is left out.
type Disclosure struct {
	Profile, Tier, Recipient string
	Keys                     []string // what somebody may know of a person: names of variables
	Wanted                   int      // the k that the tier asks for
	Reason                   string   // the owner's, where the release falls short of it

	Rows, Classes, K, Unique, Violations int
	Max, Expected, Global, AtRisk        float64
	Diversity                            []Diversity
	Done                                 []string // what was made coarser, suppressed or left out, a line each
}

// Diversity is the distinct l-diversity of a sensitive variable.
type Diversity struct {
	Variable string
	L        int
}

// writeDisclosure writes the figures, or that there are none.
func (b *book) writeDisclosure() error {
	s, err := b.open("Disclosure", layout{widths: []float64{50, 70}, portrait: true, noGrid: true, onePage: true})
	if err != nil {
		return err
	}
	if err := s.remark(b.word("disclosure.indicator"), 2); err != nil {
		return err
	}
	d := b.options.Disclosure
	if d == nil {
		return firstError(func() error { s.skip(); return s.remark(b.word("disclosure.none"), 2) }, s.close)
	}
	told := func(key, text string) error {
		if text == "" {
			return nil
		}
		return s.addHigh(b.style.wrap, s.height([]any{b.word(key), text}), b.strong(b.word(key)), text)
	}
	return firstError(
		func() error { return s.heading(b.word("disclosure.release"), 2) },
		func() error { return told("disclosure.profile", d.Profile) },
		func() error { return told("disclosure.tier", d.Tier) },
		func() error { return told("disclosure.recipient", d.Recipient) },
		func() error { return told("disclosure.keys", strings.Join(d.Keys, ", ")) },
		func() error { return told("disclosure.wanted", strconv.Itoa(d.Wanted)) },
		func() error { return told("disclosure.override", d.Reason) },
		func() error { return s.heading(b.word("disclosure.figures"), 2) },
		func() error { return b.riskFigures(s, d) },
		func() error {
			if len(d.Done) == 0 {
				return nil
			}
			if err := s.heading(b.word("disclosure.done"), 2); err != nil {
				return err
			}
			for _, line := range d.Done {
				if err := s.remark(line, 2); err != nil {
					return err
				}
			}
			return nil
		},
		s.close,
	)
}

func (b *book) riskFigures(s *sheet, d *Disclosure) error {
	left := b.style.left
	for _, f := range []struct {
		key   string
		value any
	}{
		{"risk.n", left.whole(d.Rows)}, {"risk.classes", left.whole(d.Classes)}, {"risk.k", left.whole(d.K)}, {"risk.unique", left.whole(d.Unique)},
		{"risk.violations", left.whole(d.Violations)}, {"risk.max", left.number(d.Max)}, {"risk.expected", left.number(d.Expected)},
		{"risk.global", left.number(d.Global)}, {"risk.atrisk", left.number(d.AtRisk)},
	} {
		if err := s.add(b.style.wrap, b.strong(b.word(f.key)), f.value); err != nil {
			return err
		}
	}
	for _, one := range d.Diversity {
		if err := s.add(b.style.wrap, b.strong(b.word("risk.diversity", "variable", one.Variable)), left.whole(one.L)); err != nil {
			return err
		}
	}
	return nil
}
