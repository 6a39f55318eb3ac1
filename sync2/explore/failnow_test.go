package explore

import (
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A task may fail the test as tests do, also with FailNow, which ends only the task; the run then ends, and its
// schedule is printed.
func TestTaskFailsTest(t *testing.T) {
	for name, fail := range map[string]func(f *fakeTB){
		"Fatalf": func(f *fakeTB) { f.Fatalf("no good") },
		"Errorf": func(f *fakeTB) { f.fatal = "no good" },
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeTB{TB: t, dir: t.TempDir()}
			done := make(chan struct{})
			go func() {
				defer close(done)
				Test(f, func(e *E) {
					n := NewAtomicInt(e, "n", 0)
					e.Go("ann", func() { n.Add(1) })
					e.Go("ben", func() {
						if n.Load() == 1 {
							fail(f)
						}
					})
					e.Join()
				}, Random(50))
			}()
			<-done
			if err := trace.Start(trace.NewRecorder(1)); err != nil {
				t.Fatalf("the trace of the failure runs still: %v", err)
			}
			trace.Stop()
			first, rest, _ := strings.Cut(f.fatal, "\n")
			if !strings.Contains(first, "the program failed the test by itself") || !strings.Contains(first, "[replay: "+search.TokenPrefix) ||
				!strings.Contains(rest, "ben") {
				t.Errorf("it failed with %q", f.fatal)
			}
		})
	}
}
