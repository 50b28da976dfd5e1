package staff_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"panelverk/internal/lang"
)

// formSources are what finds problems in a handed-in questionnaire, below
// internal: whole folders, or single files.
var formSources = []string{"questionnaire", "expr", "dataset/names.go", "study/fits.go"}

// TestEveryProblemOfAFormHasATitle reads the source for every problem that can
// be found in a questionnaire: a call of Add, Warn or add with the code as its
// second value. One whose code is not written there fails, since nobody could
// tell what it is.
func TestEveryProblemOfAFormHasATitle(t *testing.T) {
	found := map[string]string{}
	for _, source := range formSources {
		names := []string{source}
		if !strings.HasSuffix(source, ".go") {
			var err error
			if names, err = fs.Glob(os.DirFS("../.."), source+"/*.go"); err != nil || len(names) == 0 {
				t.Fatalf("no source in %s: %v", source, err)
			}
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "comparedecide.go") { // which has texts of its own
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path.Join("../..", name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) < 3 {
					return true
				}
				f, ok := call.Fun.(*ast.SelectorExpr)
				if !ok || !slices.Contains([]string{"Add", "Warn", "add"}, f.Sel.Name) {
					return true
				}
				if lit, ok := call.Args[1].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if s, err := strconv.Unquote(lit.Value); err == nil && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == "" {
						found[s] = name
					}
				}
				return true
			})
		}
	}
	if len(found) < 50 || found["cycle"] == "" || found["unknown_function"] == "" || found["not_on_pages_yet"] == "" {
		t.Fatalf("the source is read wrongly: %v", found)
	}
	for _, tag := range []string{"sv", "en", "de"} { // what the others lack is for package lang to tell
		for code, file := range found {
			if !lang.For(tag).Has("form." + code) {
				t.Errorf("%s has no text form.%s, which %s uses", tag, code, file)
			}
		}
		for _, key := range lang.For(tag).Keys() {
			if code, ok := strings.CutPrefix(key, "form."); ok && found[code] == "" {
				t.Errorf("%s has a text for %s, which nothing finds", tag, code)
			}
		}
	}
}
