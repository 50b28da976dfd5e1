// Package exports holds the profiles that say how a partner's release is cut.
package exports

import "embed"

// FS holds the profiles, one "<profile>.yaml" each, and their manual.
//
//go:embed README.md *.yaml
var FS embed.FS
