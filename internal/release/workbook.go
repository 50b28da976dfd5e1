package release

import (
	"strings"

	"panelverk/internal/disclosure"
	"panelverk/internal/export/xlsx"
)

// hideSmall hides the small cells of the workbook's tables of persons.
func hideSmall(counts [][]int) [][]bool { return disclosure.Crossed(counts, disclosure.Least) }

// disclosed gives what a cut workbook tells of the risk. That it is there makes the
// workbook keep back from its log whatever the cut keeps back.
func disclosed(c *cutting, r *Report, reason, tag string) *xlsx.Disclosure {
	p := c.profile
	d := &xlsx.Disclosure{Profile: p.Key, Tier: string(p.Tier), Recipient: p.Recipient, Keys: r.Keys, Wanted: r.K, Reason: reason,
		Rows: r.After.N, Classes: r.After.Classes, K: r.After.K, Unique: r.After.Unique, Violations: r.After.Violations,
		Max: r.After.Max, Expected: r.After.Expected, Global: r.After.Global, AtRisk: r.After.AtRisk}
	for _, one := range r.Diversity {
		d.Diversity = append(d.Diversity, xlsx.Diversity{Variable: one.Variable, L: one.Least})
	}
	for _, sentence := range c.treatment(tag, r).sentences() {
		d.Done = append(d.Done, strings.ReplaceAll(sentence, "`", ""))
	}
	return d
}
