package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"panelverk/internal/need"
)

// rulesFile is axe-core below the folder of go.mod; the test command installs it.
const rulesFile = ".ci/node_modules/axe-core/axe.min.js"

// rules gives axe-core's source, "" where it is not installed.
var rules = sync.OnceValue(func() string {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			source, err := os.ReadFile(filepath.Join(dir, rulesFile))
			if err != nil {
				return ""
			}
			return string(source)
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return ""
})

// NeedAxe leaves a test out, or under CI fails it, where axe-core is missing.
func NeedAxe(t testing.TB) {
	t.Helper()
	if rules() == "" {
		need.Missing(t, "axe-core", "npm install --no-save --prefix .ci")
	}
}

// audit runs axe-core over the page: the rules of WCAG 2.0 to 2.2 on levels A
// and AA and axe's best practices. Each violation is a line with its rule and
// the elements. The short run looks at colours alone, which is all that another
// theme changes.
const audit = `(async (short) => {
	document.getAnimations().forEach((a) => a.finish());
	const run = short ? {type: "rule", values: ["color-contrast", "link-in-text-block"]} :
		{type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]};
	const {violations} = await axe.run(document, {runOnly: run, resultTypes: ["violations"], iframes: false,
		...(short ? {} : {rules: {"target-size": {enabled: true}}})});
	return violations.map((v) => v.id + ": " + v.help + "\n" + v.nodes.map((n) => "    " + n.target.join(" ") + "\n      " + n.html.slice(0, 200) +
		"\n      " + n.failureSummary.replace(/\s+/g, " ").slice(0, 300)).join("\n")).join("\n");
})`

// Accessible fails the test for every rule of axe-core that the open page
// breaks, in light and in dark; where says in the message which page it is.
// Frames count too. The page's own scripts stay off if they were.
func (b *Browser) Accessible(where string) {
	b.t.Helper()
	NeedAxe(b.t)
	for _, found := range b.violations() {
		b.t.Errorf("%s, %s", where, found)
	}
}

// AccessibleNow does the same in the theme that the browser prefers alone.
func (b *Browser) AccessibleNow(where string) {
	b.t.Helper()
	NeedAxe(b.t)
	b.scripts(true)
	defer b.scripts(!b.set.noScript)
	for _, found := range b.axe(false) {
		b.t.Errorf("%s: %s", where, found)
	}
}

// violations lists what breaks a rule, after the theme in which it does.
func (b *Browser) violations() (all []string) {
	b.t.Helper()
	b.scripts(true)
	defer b.scripts(!b.set.noScript)
	preferred, other := "light", "dark"
	if b.set.dark {
		preferred, other = other, preferred
	}
	for _, theme := range []string{preferred, other} {
		b.media(theme)
		for _, found := range b.axe(theme == other) {
			all = append(all, theme+": "+found)
		}
	}
	b.media(preferred)
	return all
}

// axe runs the rules in the page and in every frame of it, each in a world of
// its own beside the page's scripts.
func (b *Browser) axe(short bool) []string {
	b.t.Helper()
	found := run(b, "running axe-core", func(ctx context.Context, _ *chromedp.Target) (found []string, err error) {
		tree, err := chromedp.Call(ctx, page.GetFrameTree, cdp.Empty{})
		if err != nil {
			return nil, err
		}
		frames := []*page.FrameTree{tree.FrameTree}
		for len(frames) > 0 {
			frame := frames[0]
			frames = append(frames[1:], frame.ChildFrames...)
			world, err := chromedp.Call(ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frame.Frame.ID, WorldName: "axe"})
			if err != nil {
				return nil, err
			}
			for _, expression := range []string{"if (!globalThis.axe) {" + rules() + "}; ''", fmt.Sprintf("%s(%t)", audit, short)} {
				var said string
				if said, err = chromedp.Run(ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise,
					func(p *runtime.EvaluateParams) { p.ContextID = world.ExecutionContextID })); err != nil {
					return nil, err
				}
				if said != "" {
					found = append(found, said)
				}
			}
		}
		return found, nil
	})
	return found
}

// scripts switches the page's scripts on or off.
func (b *Browser) scripts(on bool) {
	b.t.Helper()
	b.do("switching scripts", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		return tab.Call(ctx, emulation.CommandSetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}, nil)
	}))
}

// Theme makes its owner prefer dark colours, or light ones, from now on.
func (b *Browser) Theme(dark bool) {
	b.t.Helper()
	b.set.dark = dark
	b.media(map[bool]string{true: "dark", false: "light"}[dark])
}

// media sets what colours the visitor prefers, and waits for nothing that is
// still on its way from one to the other.
func (b *Browser) media(colours string) {
	b.t.Helper()
	b.do("setting the preferences", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if err := tab.Call(ctx, emulation.CommandSetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: colours}}}, nil); err != nil {
			return err
		}
		_, err := chromedp.Run(ctx, chromedp.EvaluateAsDevTools[string](`document.getAnimations().forEach((a) => a.finish()), ""`))
		return err
	}))
}
