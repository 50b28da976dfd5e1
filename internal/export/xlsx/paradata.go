package xlsx

import (
	"panelverk/internal/dataset"
	"panelverk/internal/lang/rich"
)

// writeParadata writes how the interviews were given, wave by wave. Days and
// hours are not among it: dataset says why.
func (b *book) writeParadata() error {
	columns := max(2+len(b.d.Waves), 4)
	widths := []float64{22, 40}
	for len(widths) < columns {
		widths = append(widths, 10)
	}
	s, err := b.open("Paradata", layout{widths: widths, portrait: true, noGrid: true, onePage: true})
	if err != nil {
		return err
	}
	return firstError(
		func() error { return s.remark(b.word("para.why"), columns) },
		func() error { return s.heading(b.word("minutes"), columns) },
		func() error { return s.add(b.style.head, b.waveHeads(" ", " ")...) },
		func() error { return b.minutes(s) },
		func() error {
			for _, name := range []string{"mode", "interview_lang", "version"} {
				if err := b.described(s, name, columns); err != nil {
					return err
				}
			}
			return nil
		},
		s.close,
	)
}

func (b *book) minutes(s *sheet) error {
	rows := [][]any{{"", b.word("n")}, {"", b.word("q1")}, {"", b.word("median")}, {"", b.word("q3")}}
	for w := range b.d.Waves {
		n, quartiles := b.counts.Minutes(w)
		rows[0] = append(rows[0], n)
		for i, q := range quartiles {
			if n == 0 {
				rows[i+1] = append(rows[i+1], "")
			} else {
				rows[i+1] = append(rows[i+1], styledNumber(b.style.one, q))
			}
		}
	}
	for _, row := range rows {
		if err := s.add(b.style.text, row...); err != nil {
			return err
		}
	}
	return nil
}

// described counts the values of one of the variables about interviews. What
// occurs in no wave has no row.
func (b *book) described(s *sheet, name string, columns int) error {
	v := b.variableOf(name, "")
	if v == nil {
		return nil // a release may leave it out
	}
	if err := s.heading(b.word(name), columns); err != nil {
		return err
	}
	if err := s.add(b.style.head, b.waveHeads(b.word("code"), b.word("label"))...); err != nil {
		return err
	}
	found := false
	row := func(code, label any, count func(w int) int) error {
		values, sum := []any{code, label}, 0
		for w := range b.d.Waves {
			n := count(w)
			values, sum = append(values, n), sum+n
		}
		if sum == 0 {
			return nil
		}
		found = true
		return s.add(b.style.text, values...)
	}
	for _, value := range v.Values {
		if err := row(b.style.left.whole(value.Code), rich.Plain(b.in(value.Label)), func(w int) int {
			n, _ := b.counts.Code(v, w, value.Code)
			return n
		}); err != nil {
			return err
		}
	}
	if err := row(b.style.left.whole(int(dataset.NotRecorded)), b.in(dataset.NotRecorded.Label()), func(w int) int { return b.counts.Missing(v, w, dataset.NotRecorded) }); err != nil {
		return err
	}
	if !found {
		return s.add(b.style.lede, "", styled(b.style.lede, b.word("none")))
	}
	return nil
}
