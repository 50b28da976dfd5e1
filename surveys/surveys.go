// Package surveys holds the study folders that are built into the program.
// How a folder is written stands in README.md.
package surveys

import "embed"

// FS holds one folder a study: "smart-factory/study.yaml" and what lies beside it.
//
//go:embed */*
var FS embed.FS
