package sync2

import (
	"context"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A KeyedMutex is a set of mutual exclusion locks, one for each key, such as an account, a file name or an order
// number. Locks of different keys are independent of each other.
//
// The zero value for a KeyedMutex has no key locked. A KeyedMutex must not be copied after first use. A key takes
// memory only while it is held or waited for. Every method that takes a key panics with a [*UsageError] if the key is
// not equal to itself, like NaN, and panics as a map does if the key cannot be compared.
//
// For speed, a running goroutine may lock a key ahead of its waiters. But no waiter starves: once the first waiter has
// waited for 1 ms, the next Unlock hands the key to it.
//
// In the terminology of the Go memory model, for each key the n'th call to [KeyedMutex.Unlock] “synchronizes before” the
// return of the m'th successful call to Lock, LockContext, LockTimeout or TryLock for any n < m. A call that fails
// establishes no such relation, nor do calls with different keys.
type KeyedMutex[K comparable] struct {
	table steps.Pointer[keyTable[K]] // nil until the first use
	q     waitq.Queue                // the identity in traces, and the mutex for that; nothing waits in it
}

// Lock locks k. If k is already locked, Lock waits until it is free.
//
// The preceding Unlock of k “synchronizes before” the return of Lock.
func (m *KeyedMutex[K]) Lock(k K) {
	s, h := m.shard(k, "KeyedMutex.Lock")
	if e, free := s.take(h, k, true); !free {
		m.lock(s, m.joined(s, e, h, k), &forever, "Lock")
	}
}

// LockContext is like [KeyedMutex.Lock], but gives up when ctx ends and then returns its cause. If ctx has already
// ended, it fails even if k is free. LockContext panics if ctx is nil.
func (m *KeyedMutex[K]) LockContext(ctx context.Context, k K) error {
	checkContext(ctx, "KeyedMutex.LockContext")
	s, h := m.shard(k, "KeyedMutex.LockContext")
	ended := waitq.Ended(ctx)
	if !ended {
		if _, free := s.take(h, k, false); free { // otherwise join it later, after methods of ctx, which may panic
			return nil
		}
	}
	var lim waitq.Limit
	lim.Until(ctx, ended)
	return outcome(m.lock(s, m.join(s, h, k), &lim, "LockContext"), &lim)
}

// LockTimeout is like [KeyedMutex.Lock], but gives up after d and then returns false. If d is zero or negative, it does
// not wait.
func (m *KeyedMutex[K]) LockTimeout(k K, d time.Duration) bool {
	s, h := m.shard(k, "KeyedMutex.LockTimeout")
	e, free := s.take(h, k, true)
	if free {
		return true
	}
	lim := waitq.Within(d)
	return m.lock(s, m.joined(s, e, h, k), &lim, "LockTimeout")
}

// TryLock locks k if it is free, and reports whether it did.
//
// A call that returns false establishes no “synchronizes before” relation.
func (m *KeyedMutex[K]) TryLock(k K) bool {
	s, h := m.shard(k, "KeyedMutex.TryLock")
	e, free := s.take(h, k, true)
	if free {
		return true
	}
	e = m.joined(s, e, h, k)
	ok := e.lock.fast() || e.lock.try(0, trace.ClassMutex, "TryLock")
	if !ok {
		s.leave(e, 1)
	}
	return ok
}

// Unlock unlocks k. It may be called by any goroutine. Unlock panics if k is not locked.
//
// Unlock “synchronizes before” the return of the next call that locks k.
func (m *KeyedMutex[K]) Unlock(k K) {
	s, h := m.shard(k, "KeyedMutex.Unlock")
	e, free := s.free(h, k)
	if free {
		return
	}
	if e != nil {
		m.introduce(e)
	} else if e = m.find(s, h, k); e == nil { // there may have been an observer, which is gone
		misuse("KeyedMutex.Unlock", "not locked")
	}
	if !e.lock.unlock(trace.ClassMutex) {
		s.leave(e, 1)
		misuse("KeyedMutex.Unlock", "not locked")
	}
	s.leave(e, 2) // one that free has added, and one of the holder
}

// Locked reports whether k is locked.
func (m *KeyedMutex[K]) Locked(k K) bool {
	s, h := m.shard(k, "KeyedMutex.Locked")
	e := m.find(s, h, k)
	if e == nil {
		return false
	}
	defer s.leave(e, 1)
	e.lock.q.PointRead("Locked")
	return e.lock.state.Load()&held != 0
}

// Waiting returns the number of goroutines waiting for k.
func (m *KeyedMutex[K]) Waiting(k K) int {
	s, h := m.shard(k, "KeyedMutex.Waiting")
	e := m.find(s, h, k)
	if e == nil {
		return 0
	}
	defer s.leave(e, 1)
	return e.lock.waiting()
}

// Len returns the number of keys that are held or waited for. While other goroutines lock and unlock, each key is
// counted as it was at some moment during the call.
func (m *KeyedMutex[K]) Len() int {
	m.q.Point("Len")
	t := m.table.Load()
	if t == nil {
		return 0
	}
	n := 0
	if hook.Enabled() { // an explored operation on a key begins before it takes effect, so the count is not enough
		for _, e := range t.watched() {
			e.lock.q.PointRead("Len")
			if e.lock.state.Load()&(held|waiters|woken) != 0 {
				n++
			}
		}
		return n
	}
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		n += int(s.used - s.idle)
		s.mu.Unlock()
	}
	return n
}

// lock waits for the key of e, which the caller has joined.
func (m *KeyedMutex[K]) lock(s *keyShard[K], e *keyEntry[K], lim *waitq.Limit, verb string) (granted bool) {
	if !lim.Ended() && e.lock.fast() {
		return true
	}
	if granted = e.lock.wait(0, lim, &mutexKind, verb); !granted {
		s.leave(e, 1)
	}
	return granted
}

// introduce defines m in a running trace, and the key of e as a Mutex that belongs to it.
func (m *KeyedMutex[K]) introduce(e *keyEntry[K]) {
	if hook.On(hook.Trace) && e.lock.q.Object().Session() == 0 {
		m.introduceSlow(e)
	}
}

func (m *KeyedMutex[K]) introduceSlow(e *keyEntry[K]) {
	text := describe(e.key) // before anything is locked, because it may call the caller's code
	m.q.Lock()
	m.q.Define(trace.ClassKeyedMutex, 0, nil)
	name := m.q.Object().ShownName() + "[" + text + "]"
	m.q.Unlock()
	e.lock.q.Lock()
	defer e.lock.q.Unlock()
	if e.lock.q.Object().GivenName() == "" {
		trace.Name(e.lock.q.Object(), name)
	}
	e.lock.define(trace.ClassMutex, m.q.Object())
}

// traced returns the identity of the KeyedMutex in traces.
func (m *KeyedMutex[K]) traced() *trace.Object { return m.q.Object() }
