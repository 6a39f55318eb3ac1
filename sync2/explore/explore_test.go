package explore

import (
	"math/bits"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

// increment loses an update if two tasks execute it at once.
func increment(v *Var[int]) { v.Store(v.Load() + 1) }

func raced(e *E) {
	n := NewVar(e, "n", 0)
	for _, name := range []string{"ann", "ben"} {
		e.Go(name, func() { increment(n) })
	}
	e.Join()
}

func locked(e *E) {
	var mu sync2.Mutex
	n := NewVar(e, "n", 0)
	for _, name := range []string{"ann", "ben", "cat"} {
		e.Go(name, func() {
			mu.Lock()
			increment(n)
			mu.Unlock()
		})
	}
	e.Join()
	e.Check(n.Load() == 3, "counted %d", n.Load())
}

func abba(e *E) {
	var a, b sync2.Mutex
	e.Go("ann", func() { a.Lock(); b.Lock(); b.Unlock(); a.Unlock() })
	e.Go("ben", func() { b.Lock(); a.Lock(); a.Unlock(); b.Unlock() })
	e.Join()
}

func abab(e *E) {
	var a, b sync2.Mutex
	for _, name := range []string{"ann", "ben"} {
		e.Go(name, func() { a.Lock(); b.Lock(); b.Unlock(); a.Unlock() })
	}
	e.Join()
}

func TestKinds(t *testing.T) {
	for _, tt := range []struct {
		name    string
		program func(*E)
		want    Kind
	}{
		{"race", raced, KindRace},
		{"locked", locked, KindNone},
		{"abba", abba, KindDeadlock},
		{"abab", abab, KindNone},
	} {
		for _, s := range []struct {
			name string
			opt  Option
		}{{"random", Random(500)}, {"pct", PCT(2, 500)}, {"dfs", DFS()}, {"dpor", DPOR()}} {
			t.Run(tt.name+"/"+s.name, func(t *testing.T) {
				r := Explore(t.Name(), tt.program, s.opt, Runs(2000))
				t.Log(r)
				if r.Failure == nil {
					if tt.want != KindNone {
						t.Errorf("found nothing, want %v", tt.want)
					}
					return
				}
				t.Log(r.Failure.Report())
				if r.Failure.Kind != tt.want {
					t.Errorf("found %v, want %v", r.Failure.Kind, tt.want)
				}
			})
		}
	}
}

// The bound is respected, and all schedules within it are tried. The program itself counts the preemptions.
func TestPreemptions(t *testing.T) {
	program := func(seen map[string]int) func(e *E) {
		return func(e *E) {
			left := map[string]int{"a": 3, "b": 3, "c": 3}
			last, order, preemptions := "", "", 0
			var mu sync.Mutex // for the race detector: nobody ever waits for it
			for _, name := range []string{"a", "b", "c"} {
				e.Go(name, func() {
					for range 3 {
						e.Yield()
						mu.Lock()
						if last != name && left[last] > 0 {
							preemptions++
						}
						last, order = name, order+name
						left[name]--
						mu.Unlock()
					}
				})
			}
			e.Join()
			seen[order] = preemptions
		}
	}
	all := make(map[string]int)
	if r := Explore(t.Name(), program(all), DFS()); !r.Exhausted || r.Bounded {
		t.Fatalf("%v, %+v", r, r)
	}
	for bound := range 4 {
		want := 0
		for _, n := range all {
			if n <= bound {
				want++
			}
		}
		for name, opts := range map[string][]Option{"alone": {Preemptions(bound)}, "with DFS": {DFS(), Preemptions(bound)}} {
			seen := make(map[string]int)
			r := Explore(t.Name(), program(seen), opts...)
			if r.Runs != want || len(seen) != want || r.Exhausted || !r.Bounded {
				t.Errorf("%s, bound %d: saw %d schedules, want %d: %v", name, bound, len(seen), want, r)
			}
		}
	}
}

// A strategy none of whose runs ends is abandoned.
func TestTooLong(t *testing.T) {
	spin := func(e *E) {
		for {
			e.Yield()
		}
	}
	r := Explore(t.Name(), func(e *E) { tasks(e, func() { spin(e) }, func() { spin(e) }) }, DPOR(), Steps(20), Runs(10_000))
	if r.Failure != nil || r.Exhausted || r.Runs != maxCut || r.Cut != maxCut {
		t.Errorf("%+v, want %d runs, all cut", r, maxCut)
	}
}

// A task that spins until another has acted does not keep DPOR from exploring the other.
func TestReductionGoesOnBesideASpin(t *testing.T) {
	r := Explore(t.Name(), func(e *E) {
		flag, data := NewAtomicInt(e, "flag", 0), NewAtomicInt(e, "data", 0)
		tasks(e, func() {
			for flag.Load() == 0 {
				e.Yield()
			}
			e.Check(data.Load() == 1, "the flag came before the data")
		}, func() { flag.Store(1); data.Store(1) })
	}, DPOR(), Steps(50))
	if r.Failure == nil || r.Failure.Kind != KindCheckFailed {
		t.Errorf("%v: %v, want a failed check", r, r.Failure)
	}
}

// The budget is the exact number of runs.
func TestBudget(t *testing.T) {
	for n := 1; n < 200; n += 13 {
		for name, opts := range map[string][]Option{"Random": {Random(n)}, "Runs": {Random(1000), Runs(n)}, "DPOR": {DPOR(), Runs(n)}} {
			runs := 0
			r := Explore(t.Name(), func(e *E) {
				runs++
				var a atomicInt
				a.load()
				three := func() { a.store(1); a.store(2); a.store(3) }
				tasks(e, three, three, three)
			}, opts...)
			repeated := bits.Len(uint(n)) // the first, the second, the fourth and so on
			if r.Runs != n || runs > n+repeated || runs < n {
				t.Errorf("%s: %d runs, and the program was run %d times, want %d and up to %d more", name, r.Runs, runs, n, repeated)
			}
		}
	}
}

// The run that marked the test as failed is reported, not a later one.
func TestFailedTestIsNoticedAtOnce(t *testing.T) {
	for seed := range uint64(20) {
		runs, failedIn := 0, 0
		r := Explore(t.Name(), func(e *E) {
			runs++
			var mu sync.Mutex // for the race detector
			var order []string
			turn := func(name string) func() {
				return func() {
					e.Yield()
					mu.Lock()
					order = append(order, name)
					mu.Unlock()
				}
			}
			e.Go("ann", turn("ann"))
			e.Go("ben", turn("ben"))
			e.Go("cat", turn("cat"))
			e.Join()
			if order[0] == "cat" && order[1] == "ben" && failedIn == 0 {
				failedIn = runs
			}
		}, Random(1000), Seed(seed), func(o *options) { o.failed = func() bool { return failedIn > 0 } })
		if r.Failure == nil || r.Failure.Message != testFailed || runs != failedIn+1 { // one more to record it
			t.Errorf("%v: found %v after %d runs, want it after %d", r, r.Failure, runs, failedIn)
		}
	}
}

// depth returns the number of tasks of the calling task's goroutine that have ended by Goexit.
//
//go:norace
func depth() int { return engine.Current().Thread.Depth }

// Frames of tasks that have ended by Goexit do not pile up on the stacks.
func TestStacksStayShort(t *testing.T) {
	deepest := 0
	r := Explore(t.Name(), func(e *E) {
		e.Go("ann", func() {
			deepest = max(deepest, depth())
			runtime.Goexit()
		})
		e.Go("ben", func() { e.Yield(); runtime.Goexit() })
		e.Join()
	}, Random(1000))
	if r.Failure != nil || deepest == 0 || deepest > engine.MaxDepth {
		t.Errorf("%v: at most %d tasks of a goroutine had ended by Goexit, want some, and at most %d", r, deepest, engine.MaxDepth)
	}
}

// When Explore returns, no goroutine of its tasks is left, not even one about to exit: goleak panics if it finds a
// goroutine with more than a hundred frames, as soon happens where tasks end by Goexit.
func TestThreadsAreGone(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 500 {
		r := Explore(t.Name(), func(e *E) {
			e.Go("ann", func() { descend(120, runtime.Goexit) })
			e.Join()
		}, Runs(1))
		if r.Failure != nil {
			t.Fatal(r.Failure)
		}
		if all := string(stacks()); strings.Contains(all, "frames elided") {
			t.Fatalf("a thread is still there:\n%s", all)
		}
	}
	if after := runtime.NumGoroutine(); after > before+1 { // the exploring goroutine may be about to exit
		t.Errorf("%d goroutines, before it were %d", after, before)
	}
}

func descend(n int, fn func()) {
	if n == 0 {
		fn()
		return
	}
	defer runtime.KeepAlive(n)
	descend(n-1, fn)
}

func stacks() []byte {
	buf := make([]byte, 1<<20)
	return buf[:runtime.Stack(buf, true)]
}
