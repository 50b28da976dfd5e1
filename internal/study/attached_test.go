package study_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"panelverk/internal/fault"
	"panelverk/internal/study"
)

const townForm = "| survey |\n| | type | name | label::en |\n| | select_one_from_file towns.csv | town | Where do you live? |\n"

func TestLoadAttachesFiles(t *testing.T) {
	files := fstest.MapFS{
		"study.yaml":         {Data: []byte(good)},
		"core.v1.md":         {Data: []byte(townForm)},
		"core.v1.towns.csv":  {Data: []byte("name,label\ngbg,Göteborg\n")},
		"core.v2.md":         {Data: []byte(townForm)},
		"core.v2.towns.csv":  {Data: []byte("name,label\ngbg,Göteborg\nsthlm,Stockholm\n")},
		"towns.csv":          {Data: []byte("of nobody")},
		"core.v1.rivers.csv": {Data: []byte("name,label\n")},
	}
	f, ps := study.Load(files, ".")
	if f == nil || len(ps) != 1 || ps[0].File != "core.v1.rivers.csv" || ps[0].Code != "not_read" {
		t.Fatalf("problems: %v", ps)
	}
	one, two := f.Version("core", 1), f.Version("core", 2)
	if n, m := len(one.Questionnaire.Question("town").List.Choices), len(two.Questionnaire.Question("town").List.Choices); n != 1 || m != 2 {
		t.Errorf("%d and %d towns", n, m)
	}
	if one.Questionnaire.Hash == two.Questionnaire.Hash || one.Book.Hash() != one.Questionnaire.Hash {
		t.Error("the files are not part of the hash")
	}
}

func TestLoadWantsTheFilesThatAreReferredTo(t *testing.T) {
	f, ps := study.Load(fstest.MapFS{"study.yaml": {Data: []byte(good)}, "core.v1.md": {Data: []byte(townForm)}, "core.v2.md": {Data: []byte(form)}}, ".")
	if f != nil || !slices.ContainsFunc(ps.Errors(), func(p fault.Problem) bool { return p.Code == "missing_file" && p.File == "core.v1.md" && p.Row == 2 }) {
		t.Errorf("problems: %v", ps)
	}
	outside := "| survey |\n| | type | name | label::en |\n| | select_one_from_file ../secret.csv | town | Where? |\n"
	f, ps = study.Load(fstest.MapFS{"s/study.yaml": {Data: []byte(good)}, "s/core.v1.md": {Data: []byte(outside)}, "s/core.v2.md": {Data: []byte(form)}, "secret.csv": {Data: []byte("name,label\na,A\n")}}, "s")
	if f != nil || !slices.ContainsFunc(ps.Errors(), func(p fault.Problem) bool { return p.Code == "bad_file_name" }) {
		t.Errorf("a file of another folder: %v", ps)
	}
}

// What the form check accepts and the pages cannot show is refused in a study.
func TestLoadRefusesWhatPagesCannotShow(t *testing.T) {
	md := "| survey |\n| | type | name | label::en | media::image::en |\n| | text | name | Name | |\n| | geopoint | where | Where? | |\n| | begin_repeat | people | Who? | |\n| | text | first | First name | |\n| | end_repeat | | | |\n| | note | n | See | ${name} |\n"
	f, ps := study.Load(fstest.MapFS{"study.yaml": {Data: []byte(good)}, "core.v1.md": {Data: []byte(md)}, "core.v2.md": {Data: []byte("| survey |\n| | type | name | label::en | calculation |\n| | calculate | a | | 1 |\n")}}, ".")
	var got []string
	for _, p := range ps.Errors() {
		got = append(got, fmt.Sprintf("%s %s %d", p.Code, p.File, p.Row))
	}
	want := []string{"not_on_pages_yet core.v1.md 7", "missing_language core.v2.md 0", "shows_nothing core.v2.md 0"}
	if f != nil || !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}
