package main

import (
	"runtime"
	"runtime/debug"
)

type versionCommand struct{}

// Run prints the version, the commit it was built from, and the Go release.
func (versionCommand) Run(c *console) error { //nolint:unparam // kong wants an error of every command
	c.print("panelverk %s, %s %s/%s", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// buildVersion gives the module's version, or the commit where it has none.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	version, commit, dirty := info.Main.Version, "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			commit = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = " with changes"
		}
	}
	switch {
	case version != "" && version != "(devel)":
		return version
	case commit != "":
		return "commit " + commit + dirty
	}
	return "(unknown)"
}
