package need

import (
	"fmt"
	"runtime"
	"testing"
)

// recorder stands in for a test, to see how it would have ended.
type recorder struct {
	testing.TB
	ended string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.ended = "failed: " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Skipf(format string, args ...any) {
	r.ended = "skipped: " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestMissing(t *testing.T) {
	for _, c := range []struct{ ci, want string }{
		{"", "skipped: left out: Chromium is missing; to run this test: apt-get install chromium"},
		{"false", "skipped: left out: Chromium is missing; to run this test: apt-get install chromium"},
		{"true", "failed: Chromium is missing, and nothing may be left out here: apt-get install chromium"},
		{"1", "failed: Chromium is missing, and nothing may be left out here: apt-get install chromium"},
	} {
		t.Setenv("CI", c.ci)
		r := &recorder{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			Missing(r, "Chromium", "apt-get install chromium")
			r.ended = "went on"
		}()
		<-done
		if r.ended != c.want {
			t.Errorf("CI=%q: %s\nwant %s", c.ci, r.ended, c.want)
		}
	}
}
