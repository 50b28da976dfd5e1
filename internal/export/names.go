package export

import (
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/fault"
)

// maxName is the longest name of a variable: that of Stata. SPSS takes 64 bytes.
const maxName = 32

// CheckNames refuses columns whose names SPSS and Stata would not both take,
// and names every one: they are 1 to 32 letters a to z, digits and underscores,
// begin with a letter, are no reserved words, and differ in more than capitals.
func CheckNames(columns []dataset.Column) error {
	var problems fault.Problems
	seen := map[string]string{}
	for i, c := range columns {
		at, low := fault.Place{Field: "columns", Row: i + 1, Column: c.Name}, strings.ToLower(c.Name)
		switch other, twice := seen[low]; {
		case c.Name == "" || len(c.Name) > maxName:
			problems.Add(at, "variable_name", "The name %q has to be 1 to %d characters long.", c.Name, maxName)
		case !plainName(low):
			problems.Add(at, "variable_name", "The name %q may hold the letters a to z, digits and underscores only, and begins with a letter.", c.Name)
		case dataset.ReservedName(c.Name):
			problems.Add(at, "variable_reserved", "The name %q is a reserved word of SPSS or Stata.", c.Name)
		case twice:
			problems.Add(at, "variable_clash", "The name %q is taken by %q; capitals make no difference.", c.Name, other)
		}
		seen[low] = c.Name
	}
	return problems.Err("variable_names", "Some names of variables cannot stand in data files.")
}

func plainName(low string) bool {
	for i := range len(low) {
		letter := low[i] >= 'a' && low[i] <= 'z'
		if !letter && (i == 0 || low[i] != '_' && (low[i] < '0' || low[i] > '9')) {
			return false
		}
	}
	return true
}
