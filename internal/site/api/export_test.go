package api

import "strings"

// Paths gives the routes as the description writes them.
func Paths() (out []string) {
	names := strings.NewReplacer(":study", "{study}", ":number", "{number}", ":file", "data.{format}")
	for _, rt := range routes {
		out = append(out, Root+names.Replace(rt.path))
	}
	return out
}
