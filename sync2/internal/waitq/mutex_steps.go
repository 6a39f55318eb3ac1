//go:build turnstile_steps

package waitq

import (
	"sync"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// Mutex guards the internals of the primitives. Here an explorer decides which goroutine gets it.
type Mutex struct {
	mark atomic.Uint32
	held bool
	mu   sync.Mutex // the real mutex; never contended by goroutines that an explorer schedules
}

// Mark implements [hook.Object].
func (m *Mutex) Mark() *atomic.Uint32 { return &m.mark }

// Lock takes the mutex.
func (m *Mutex) Lock() {
	t := hook.Explored()
	if t != nil {
		t.When(m, "Lock", m.free)
	}
	m.mu.Lock()
	m.held = t != nil
}

// Unlock releases the mutex.
func (m *Mutex) Unlock() {
	if t := hook.Explored(); t != nil {
		t.Point(m, "Unlock", hook.AccessRelease)
	}
	m.held = false
	m.mu.Unlock()
}

// free reports whether the mutex is free. The explorer calls it while no task runs.
//
//go:norace
func (m *Mutex) free() bool { return !m.held }

// Lock takes the mutex. An explorer need not try to poll whether it is free.
func (q *Queue) Lock() { q.mu.Lock() }
