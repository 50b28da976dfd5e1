package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A release on the command line: asked for, approved and made in one, or not at all.
func TestReleasesOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	data, out := filepath.Join(dir, "data"), filepath.Join(dir, "out")
	all, err := os.ReadFile(filepath.Join(males, "males.csv"))
	if err != nil {
		t.Fatal(err)
	}
	few := write(t, filepath.Join(dir, "few.csv"), strings.Join(strings.SplitAfter(string(all), "\n")[:161], ""))
	must(t, "study", "apply", "--dir", data, "--yes", males)
	must(t, "import", "answers", "--dir", data, "--study", "union-wage", "--file", few, "--id-column", "nr", "--wave-column", "year", "--na", "NA")
	profile := write(t, filepath.Join(dir, "own.yaml"), `
profile: own
title: Own
study: union-wage
recipient: lund
languages: [en]
waves: ["1980", "1981"]
formats: [csv, xlsx]
tier: restricted
quasi: [ethn, school]
suppress: none
`)
	build := []string{"release", "build", "--dir", data, "--study", "union-wage", "--profile", profile, "--who", "Lund", "--country", "SE", "--purpose", "Wages", "--out", out}
	if status, _, talk := command("", build...); status != exitProblems || !strings.Contains(talk, "tier wants 3") {
		t.Errorf("status %d, %s", status, talk)
	}
	if list := must(t, "release", "list", "--dir", data, "--study", "union-wage"); strings.Count(list, "\n") != 1 {
		t.Errorf("a release that missed its tier is left behind:\n%s", list)
	}
	file := strings.TrimSpace(must(t, append(build, "--reason", "They are known by name")...))
	if got := must(t, "release", "verify", "--dir", data, "--study", "union-wage"); !strings.Contains(got, "release 1: whole, and the same bytes") {
		t.Error(got)
	}
	// Whoever has the package alone needs no data directory.
	got := must(t, "release", "verify", file)
	if _, content, _ := strings.Cut(got, "the content is "); len(strings.TrimSpace(content)) != 64 {
		t.Error(got)
	}
	bytes, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bytes[len(bytes)/3]++
	broken := write(t, filepath.Join(dir, "broken.zip"), string(bytes))
	if status, _, talk := command("", "release", "verify", broken); status != exitProblems {
		t.Errorf("a damaged package: status %d, %s", status, talk)
	}
	if status, out, talk := command("", "release", "verify", broken, file); status != exitProblems || !strings.Contains(talk, broken) || !strings.Contains(out, "whole") {
		t.Errorf("a damaged package beside a whole one: status %d, %s%s", status, out, talk)
	}
	if status, _, talk := command("", "release", "list", "--dir", data, "--study", "wages"); status != exitFailed || !strings.Contains(talk, "no such study") {
		t.Errorf("releases of no study: status %d, %s", status, talk)
	}
	// A folder that cannot be written into is told of before anything is frozen.
	taken := write(t, filepath.Join(dir, "taken"), "")
	if status, _, talk := command("", append(build, "--reason", "They are known by name", "--out", taken)...); status != exitFailed || !strings.Contains(talk, taken) {
		t.Errorf("a file for a folder: status %d, %s", status, talk)
	}
	if list := must(t, "release", "list", "--dir", data, "--study", "union-wage"); strings.Count(list, "\n") != 2 {
		t.Errorf("a release whose package nobody could have got was frozen:\n%s", list)
	}
	// Offences of the text and against the study are told at once, by the file's name.
	wrong := write(t, filepath.Join(dir, "wrong.yaml"), "profile: own\ntitle: Own\nstudy: union-wage\nrecipient: lund\nlanguages: [en]\nwaves: [w9]\nformats: [csv]\ntier: secret\nquasi: [nosuch]\n")
	status, _, talk := command("", "export", "--dir", data, "--study", "union-wage", "--profile", wrong, "--out", out)
	if status != exitProblems || strings.Count(talk, "wrong.yaml, row") != 3 {
		t.Errorf("a profile with three offences: status %d, %s", status, talk)
	}
	if status, _, _ := command("", "release", "verify"); status != exitUsage {
		t.Errorf("neither study nor file: status %d", status)
	}
}
