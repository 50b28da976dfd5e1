package staff_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"panelverk/internal/lang"
)

// shown are the packages whose errors a staff page can show, below internal;
// of a package with a list, only these files can.
var shown = map[string][]string{
	"access": nil, "account": nil, "fieldwork": nil, "interview": nil, "keyfile": nil, "release": nil, "store": nil, "site/staff": nil,
	"intake": {"participants.go", "table.go"}, "study": {"times.go"}, "dataset": {"dataset.go"},
	"questionnaire": {"comparedecide.go"},
}

// unseen are the files and codes that only the command line meets.
var unseen = []string{"fieldwork/apply.go", "fault.audit_broken", "release/bag.go"}

// code is what a code of several words looks like.
var code = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)+$`)

// TestEveryCodeHasAText reads the source for the codes of errors and problems
// and looks each of them up in every language of the staff pages.
func TestEveryCodeHasAText(t *testing.T) {
	found := map[string]string{} // text key → file
	for folder, only := range shown {
		names, err := fs.Glob(os.DirFS("../../"+folder), "*.go")
		if err != nil || len(names) == 0 {
			t.Fatalf("no source in %s: %v", folder, err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") || len(only) > 0 && !slices.Contains(only, name) || slices.Contains(unseen, folder+"/"+name) {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path.Join("../..", folder, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					if key := codeOf(call); key != "" {
						found[key] = folder + "/" + name
					}
				}
				return true
			})
		}
	}
	for _, known := range []string{"problem.bad_attribute", "problem.password_short", "problem.windows_1252", "fault.wave_closed", "fault.participants_refused"} {
		if found[known] == "" {
			t.Errorf("the source is read wrongly: %s was not found", known)
		}
	}
	for _, tag := range []string{"sv", "en", "de"} {
		keys := lang.For(tag).Keys()
		for key, file := range found {
			if !slices.Contains(keys, key) && !slices.Contains(unseen, key) {
				t.Errorf("%s has no text %s, which %s uses", tag, key, file)
			}
		}
	}
}

// codeOf gives the key of the text that a call makes necessary, "" for none:
// fault.New(kind, code, …), ps.Err(code, …), and whatever adds a problem, which
// is called Add, Warn, add or problem.
func codeOf(call *ast.CallExpr) string {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	prefix, words := "problem.", call.Args
	switch f.Sel.Name {
	case "New":
		if from, ok := f.X.(*ast.Ident); !ok || from.Name != "fault" || len(words) < 2 {
			return ""
		}
		prefix, words = "fault.", words[1:2]
	case "Err":
		prefix = "fault."
	case "Add", "Warn", "add", "problem":
	default:
		return ""
	}
	for _, w := range words {
		lit, ok := w.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			continue
		}
		if s, err := strconv.Unquote(lit.Value); err == nil && (code.MatchString(s) || prefix == "fault." || len(words) > 2 && isWord(s)) {
			return prefix + s
		}
	}
	return ""
}

// isWord tells a code of one word from a sentence and from a field's name.
func isWord(s string) bool { return s == "nobody" || s == "encoding" }
