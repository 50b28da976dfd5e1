// Package web holds the templates and the static files of the pages.
package web

import "embed"

// FS holds templates/ and static/.
//
// all: keeps the files whose names begin with an underscore.
//
//go:embed all:templates all:static
var FS embed.FS
