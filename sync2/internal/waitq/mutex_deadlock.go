//go:build deadlock && !turnstile_steps

package waitq

import (
	"sync"
	"sync/atomic"
)

// A Locker is the implementation of a [Mutex] in a build with the tag deadlock.
type Locker interface {
	sync.Locker
	TryLock() bool
}

// NewLocker makes the implementation of a [Mutex] on first use. Package deadlocked sets it while the program is
// initialized. That package is not among those that sync2 imports, so go-deadlock stays out of the go.mod of modules
// that import sync2.
var NewLocker = func() Locker { return new(sync.Mutex) }

// Mutex guards the internals of the primitives; here it can be one that is checked. The zero value is an unlocked mutex.
//
// With go-deadlock's own tag deadlock_synctest its mutexes are durably blocking in synctest bubbles. They consist of a
// channel then, so a primitive must not be used in more than one bubble.
type Mutex struct{ locker atomic.Pointer[Locker] }

// Lock locks m.
func (m *Mutex) Lock() { m.get().Lock() }

// TryLock tries to lock m and reports whether it succeeded.
func (m *Mutex) TryLock() bool { return m.get().TryLock() }

// Unlock unlocks m.
func (m *Mutex) Unlock() { m.get().Unlock() }

func (m *Mutex) get() Locker {
	l := m.locker.Load()
	if l == nil {
		made := NewLocker()
		m.locker.CompareAndSwap(nil, &made)
		l = m.locker.Load()
	}
	return *l
}

// Lock takes the mutex. It does not first try whether the mutex is free: go-deadlock checks the order of Lock, not of TryLock.
func (q *Queue) Lock() { q.mu.Lock() }
