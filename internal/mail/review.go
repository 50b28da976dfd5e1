package mail

import (
	_ "embed"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"panelverk/internal/lang"
)

//go:embed texts/review.yaml
var reviewFile []byte

// Reviews tells who has read the built-in messages of each language that
// others than its speakers wrote.
func Reviews() []lang.Review {
	var signed map[string]string
	if err := yaml.Unmarshal(reviewFile, &signed); err != nil {
		panic("mail: review.yaml: " + err.Error())
	}
	var out []lang.Review
	for tag, by := range signed {
		out = append(out, lang.Review{File: "internal/mail/texts/review.yaml", Tag: tag, By: by})
	}
	slices.SortFunc(out, func(a, b lang.Review) int { return strings.Compare(a.Tag, b.Tag) })
	return out
}
