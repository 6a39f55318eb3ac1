//go:build race

package explore

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
)

// plainCounter counts in plain memory, with a lock or without.
func plainCounter(lock bool) func(*E) {
	return func(e *E) {
		var mu sync2.Mutex
		n := 0
		for _, name := range []string{"ann", "ben", "cat"} {
			e.Go(name, func() {
				if lock {
					mu.Lock()
					defer mu.Unlock()
				}
				e.Yield()
				n++
			})
		}
		e.Join()
		e.Check(n == 3 || !lock, "counted %d", n)
	}
}

// racyPrograms have data races in plain memory.
var racyPrograms = map[string]func(*E){
	"plainCounter": plainCounter(false),
	"oneAfterTheOther": func(e *E) { // the first has ended when the second begins, which does not order them
		n := 0
		for _, name := range []string{"ann", "ben"} {
			e.Go(name, func() { n++ })
		}
		e.Join()
	},
}

// The race detector sees through the scheduling: it reports a race. That would fail this test, so another process
// runs it.
func TestDetectorSeesRaces(t *testing.T) {
	if program := racyPrograms[os.Getenv("EXPLORE_TEST_RACE")]; program != nil {
		Explore(t.Name(), program, Random(20))
		return
	}
	for name := range racyPrograms {
		cmd := exec.Command(os.Args[0], "-test.run=^TestDetectorSeesRaces$")
		cmd.Env = append(os.Environ(), "EXPLORE_TEST_RACE="+name)
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "DATA RACE") || !strings.Contains(string(out), "detector_test.go:") {
			t.Errorf("%s: no race was reported: %v\n%s", name, err, out)
		}
	}
}

// A program without a race is not reported.
func TestDetectorIsRight(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 500
	}
	for _, program := range []func(*E){plainCounter(true), func(e *E) {
		c, wg, once := NewChan[*int](e, "c", 0), named("wg", new(sync2.WaitGroup)), named("once", new(sync2.Once))
		shared := 0
		wg.Go(func() { v := 1; c.Send(&v) })
		wg.Go(func() { v, _ := c.Recv(); *v++ })
		for range 2 {
			wg.Go(func() { once.Do(func() { shared++ }); _ = shared })
		}
		wg.Wait()
		shared++
	}} {
		if r := Explore(t.Name(), program, Random(n/2), Runs(n)); r.Failure != nil {
			t.Fatal(r.Failure.Report())
		}
	}
}
