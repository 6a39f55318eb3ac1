package explore

import (
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// named gives p, a primitive, a name.
func named[P any](name string, p P) P {
	trace.Name(p, name)
	return p
}

// A program over the mocks that passes in every schedule, with their verbs that no other test uses.
func TestMocks(t *testing.T) {
	r := Explore(t.Name(), func(e *E) {
		rw, taken, turns := named("rw", new(sync2.RWMutex)), NewAtomic(e, "taken", ""), 0
		var mu sync2.Mutex
		n := NewVar(e, "n", 0)
		for _, name := range []string{"ann", "ben"} {
			e.Go(name, func() {
				if taken.Swap(name) == "" {
					turns++
				}
				if rw.TryLock() {
					mu.Lock()
					n.Update(func(v int) int { return v + 1 })
					mu.Unlock()
					rw.Unlock()
				}
			})
		}
		e.Join()
		e.Check(turns == 1, "%d were the first to swap", turns)
		e.Check(n.Load() == 1 || n.Load() == 2, "%s is %d", n, n.Load())
		e.Check(rw.TryLock() && !rw.TryLock() && !rw.TryRLock(), "locked, though nobody holds it, or twice")
	}, DPOR())
	if r.Failure != nil || !r.Exhausted {
		t.Errorf("%v: %v", r, r.Failure)
	}
}
