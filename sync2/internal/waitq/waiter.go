package waitq

import (
	"sync"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A Waiter is one goroutine's place in a [Queue], or that of several in a [Herd].
//
// It parks in one of three ways. Without a limit, on a sync.Cond of its own: that allocates nothing, and a Waiter of
// this kind is pooled, since it is out of everybody's hands once it has been woken. With a limit, on a channel made
// for this wait; such a Waiter is never reused, because its waker may still hold it when it has given up. Under an
// explorer, wherever the explorer says.
//
// A sync.Cond is durably blocking in every synctest bubble, wherever it was made. A channel is so only in its own
// bubble, and that is why channels are never pooled.
type Waiter struct {
	next, prev *Waiter
	line       *Line // in which it waits

	N    int64  // how much it asks for; the primitive's own
	Tag  uint64 // the primitive's own
	Data any    // the primitive's own
	G    int64  // its goroutine; 0 if it stands for several

	told    uint32      // the session of the trace that was told that it waits, or 0; guarded by the queue's mutex
	coming  bool        // it was enlisted and has not come to wait; guarded by the queue's mutex
	loose   bool        // it was granted before it parked, so its waker may still hold it when it is done
	granted bool        // it is off the queue, and will be woken; guarded by the queue's mutex
	more    uint32      // how many goroutines it stands for in a herd, beside the first
	woken   atomic.Bool // the waker's last touch before the wake: what orders the two for the race detector
	cond    sync.Cond   // L lets go of the queue's mutex and does not take it back
	ch      chan struct{}
	task    hook.Task

	herd  *Herd  // for which it stands, nil: none
	flock *flock // the same
}

var pool = sync.Pool{New: func() any { return new(Waiter) }}

// NewWaiter returns a Waiter for the calling goroutine, for one or more calls of Park with lim; nil: without limit.
func NewWaiter(lim *Limit) *Waiter {
	if hook.Steered() || lim != nil && !lim.none() {
		w := new(Waiter)
		w.Reset(lim)
		return w
	}
	w := pool.Get().(*Waiter)
	w.N, w.G = 1, goid.Get()
	return w
}

// Free gives a Waiter back that no queue holds any more.
func (w *Waiter) Free() {
	if !w.Reusable() {
		return
	}
	w.Tag, w.Data, w.G, w.told = 0, nil, 0, 0
	w.cond.L = nil
	pool.Put(w)
}

// Reset makes w, which is new or Reusable, ready for waits of the calling goroutine with lim; nil: without limit. It is
// for primitives that keep Waiters of their own. Data stays.
func (w *Waiter) Reset(lim *Limit) {
	w.N, w.Tag, w.told = 1, 0, 0
	w.G = goid.Get()
	steered := hook.Steered()
	if steered {
		w.task = hook.Explored()
	}
	if w.task == nil && (steered || lim != nil && !lim.none()) {
		w.ch = make(chan struct{}, 1)
	}
}

// plain reports whether w waits in its cond, for no more than to be granted.
func (w *Waiter) plain() bool { return w.ch == nil && w.task == nil }

// Reusable reports whether w, whose last Park returned nil, is out of everybody else's hands and may serve again.
func (w *Waiter) Reusable() bool { return w.plain() && !w.loose }

// Granted reports whether the Waiter has been granted what it waited for. The queue's mutex must be held.
func (w *Waiter) Granted() bool { return w.granted }

// wake lets a granted Waiter run. The queue's mutex need not be held.
func (w *Waiter) wake() {
	switch {
	case w.task != nil:
		w.task.Ready()
	case w.ch != nil:
		w.ch <- struct{}{} // has room: a Waiter is woken once for each Park
	default:
		if raced {
			w.woken.Store(true)
		}
		w.cond.Signal()
	}
}

// Wakes collects granted Waiters, to be woken when the queue's mutex has been released.
type Wakes struct {
	first, last *Waiter
	herd        *Herd
	woken       int // so many of the herd
}

func (b *Wakes) add(w *Waiter) {
	w.next = nil
	if b.last == nil {
		b.first = w
	} else {
		b.last.next = w
	}
	b.last = w
}

// Wake wakes all, those of a herd last, and else in the order in which they were granted. Each grant synchronizes before
// the return of its Park.
func (b *Wakes) Wake() {
	for w := b.first; w != nil; {
		next := w.next // w is gone as soon as it wakes
		w.next = nil
		w.wake()
		w = next
	}
	if b.woken > 0 {
		b.herd.wake(b.woken)
	}
	*b = Wakes{}
}
