package explore

import (
	"sync"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
)

// increment loses an update if two tasks do it at once.
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
		{"race", raced, Race},
		{"locked", locked, NoFailure},
		{"abba", abba, Deadlock},
		{"abab", abab, NoFailure},
	} {
		for _, s := range []struct {
			name string
			opt  Option
		}{{"random", Random(500)}, {"pct", PCT(2, 500)}, {"dfs", DFS()}, {"dpor", DPOR()}} {
			t.Run(tt.name+"/"+s.name, func(t *testing.T) {
				r := Explore(t.Name(), tt.program, s.opt, Runs(2000))
				t.Log(r)
				if r.Failure == nil {
					if tt.want != NoFailure {
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

// The bound is kept, and all orders within it are tried. How often a task was put aside is counted by the program.
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
				t.Errorf("%s, bound %d: saw %d orders, want %d: %v", name, bound, len(seen), want, r)
			}
		}
	}
}
