package waitq

import (
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A flock is goroutines that stand next to each other in a queue, ask for the same, and give up with the same context.
//
// They share one Waiter, and one of them, the leader, watches the context for all. It waits in a select statement; the
// others wait in the Waiter's cond, at half the memory, and are woken in the order in which they came. With each grant
// the next one is woken: it returns if it has been granted meanwhile, and leads if not. So the one that is granted next
// leads or is awake, always. A flock that has come to its end is not used again.
type flock struct {
	Waiter                 // its ch is the leader's; nil: nobody leads
	done   <-chan struct{} // of the context
	served steps.Uint64    // how many were granted, those who came first; written under the mutex
}

// Shared reports whether a wait with the Limit may be one of those for which ParkTogether is.
func (l *Limit) Shared() bool { return l.done != nil && !hook.Steered() }

// ParkTogether is Park at the end of the queue, asking for n, without a Waiter of the caller's own. It is for those whose
// Limit is Shared. If many come with the same context, most of them take no memory of ours.
func (q *Queue) ParkTogether(n int64, lim *Limit) (granted bool) {
	f := q.join(n, lim.done)
	number := f.served.Load() + uint64(f.more) // of those who came into the flock, from 0
	if number > 0 {
		f.cond.Wait() // lets go of the mutex and does not take it back
		if number < f.served.Load() {
			return true
		}
		q.mu.Lock()
		granted = number < f.served.Load()
		if granted || f.line == nil { // it is disbanded
			q.mu.Unlock()
			return granted
		}
	}
	f.ch = make(chan struct{}, 1)
	if q.lead(f.ch, lim) {
		return true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if number < f.served.Load() {
		return true
	}
	q.emitGiveUps(&f.Waiter, lim)
	f.disband()
	return false
}

// lead lets go of the mutex, and is then like lim.before. It is all that the leader has on its stack while it waits.
//
//go:noinline
func (q *Queue) lead(ch <-chan struct{}, lim *Limit) bool {
	q.mu.Unlock()
	select {
	case <-ch:
		return true
	case <-lim.done:
		return false
	}
}

// join returns the flock at the end of the queue, or a new one there.
//
//go:noinline
func (q *Queue) join(n int64, done <-chan struct{}) *flock {
	if last := q.line.last(); last != nil && last.flock != nil && last.flock.done == done && last.N == n {
		last.more++
		q.line.n++
		return last.flock
	}
	f := &flock{done: done}
	f.N, f.flock = n, f
	f.cond.L = (*handOff)(q)
	q.line.insert(&f.Waiter, false)
	return f
}

// emitGiveUps tells a trace, if it was told that they wait, that all those for whom w stands give up. The mutex must be
// held.
//
//go:noinline
func (q *Queue) emitGiveUps(w *Waiter, lim *Limit) {
	if !q.knows(w) {
		return
	}
	for range 1 + w.more {
		q.Found(trace.KindGiveUp, int64(lim.reason()), 0)
	}
}

// disband makes all of the flock give up. The mutex must be held.
//
//go:noinline
func (f *flock) disband() {
	f.line.n -= int(f.more)
	f.line.remove(&f.Waiter)
	f.cond.Broadcast()
}

// grant takes the first of the flock off the queue. The mutex must be held. It is woken at once: who is woken need not
// wait for the mutex.
func (f *flock) grant() {
	f.served.Add(1)
	if f.ch != nil {
		f.ch <- struct{}{} // has room
		f.ch = nil
	}
	if f.more == 0 {
		f.line.remove(&f.Waiter)
		return
	}
	f.more--
	f.line.n--
	f.cond.Signal()
}
