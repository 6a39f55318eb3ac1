package explore

import (
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// Whether two operations commute depends on how they access their object, not on their names.
func TestAccessIsNotTheName(t *testing.T) {
	for access, want := range map[hook.Access]int{hook.AccessRead: 1, hook.AccessWrite: 2} {
		for _, name := range []string{"Load", "Store", "anything"} {
			r := Explore(t.Name(), func(e *E) {
				var a atomicInt
				op := func() { engine.Current().Point(&a.mark, name, access) }
				tasks(e, op, op)
			}, DPOR())
			if !r.Exhausted || r.Traces != want {
				t.Errorf("%s with access %d: %v, want %d traces", name, access, r, want)
			}
		}
	}
}

// Operations that only read a primitive commute.
func TestLooksAreExchanged(t *testing.T) {
	for name, look := range map[string]func(){
		"Event":     func() { looked.ev.IsSet(); looked.ev.Waiting() },
		"Semaphore": func() { looked.sem.Available(); looked.sem.Waiting() },
		"Mutex":     func() { looked.mu.Locked(); looked.mu.Waiting() },
		"Reentrant": func() { looked.re.Held(); looked.re.Owner(); looked.re.Waiting() },
		"Barrier":   func() { looked.b.Waiting(); looked.b.Broken() },
		"Queue":     func() { looked.q.Len(); looked.q.Unfinished(); looked.q.Waiting() },
		"Future":    func() { looked.f.State(); looked.f.Waiting() },
		"Cond":      func() { looked.c.Waiting() },
	} {
		r := Explore(t.Name(), func(e *E) {
			looked = newLooked()
			tasks(e, look, look)
		}, DPOR())
		if !r.Exhausted || r.Traces != 1 {
			t.Errorf("%s: %v, want 1 trace", name, r)
		}
	}
}

// primitives holds one of each.
type primitives struct {
	ev  sync2.Event
	sem *sync2.Semaphore
	mu  sync2.Mutex
	re  sync2.ReentrantLock
	b   *sync2.Barrier
	q   *sync2.Queue[int]
	f   *sync2.Future[int]
	c   *sync2.Cond
}

var looked *primitives // of the current run

func newLooked() *primitives {
	p := &primitives{sem: sync2.NewSemaphore(1), b: sync2.NewBarrier(2), q: sync2.NewQueue[int](1), f: sync2.NewPromise[int]().Future()}
	p.c = sync2.NewCond(&p.mu)
	return p
}
