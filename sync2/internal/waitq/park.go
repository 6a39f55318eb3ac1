package waitq

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A wait parks on one of two things: a bed, for goroutines that stay until they are woken, or a door, for goroutines
// that may give up before. Neither decides anything: grants and giving up are decided under the mutex of the Queue, before
// any goroutine is woken.
//
// Under an explorer a goroutine parks in its task, and the place only records which task to wake.

// A Bed is where goroutines without a limit sleep: a sync.Cond, which allocates nothing, wakes in FIFO order, and is
// durably blocking in every synctest bubble, wherever it was made. The zero value is ready.
type Bed struct {
	order order
	cond  sync.Cond // L releases the queue's mutex, and a woken goroutine does not take it again
	tasks *tasks    // those of an explorer; nil: none
}

// A SharedBed is a Bed for all goroutines that call JoinAlike in the same queue. They can only be refused all at once. The
// zero value is ready.
type SharedBed struct {
	Bed
	came uint64 // number of goroutines that have gone to sleep here; guarded by the queue's mutex

	// left is 0, or one more than the number of them that were granted before the others were refused. A goroutine that was
	// refused sees it when woken, and for one that was granted it makes no difference.
	left atomic.Uint64
}

// handOff is the Locker of a Bed.
type handOff Queue

func (h *handOff) Lock()   {}
func (h *handOff) Unlock() { (*Queue)(h).unlockToPark() }

// A wait in a Bed b of q is written out as follows, since every frame counts on the stack of a waiting goroutine, and
// every call on the way there:
//
//	if !b.of(q).explored(q, verb) {
//		b.cond.Wait() // releases the mutex
//	}
//	b.order.after()

// of returns b, for goroutines of q: a Waiter that is used again may be in another queue than before. The mutex must be held.
func (b *Bed) of(q *Queue) *Bed {
	if b.cond.L != (*handOff)(q) {
		b.cond.L = (*handOff)(q)
	}
	return b
}

// explored waits under an explorer, and releases the mutex; it reports whether there is one.
func (b *Bed) explored(q *Queue, verb string) bool {
	return hook.On(hook.Explore) && b.asTask(q, verb)
}

// asTask is outlined so that explored can be inlined.
//
//go:noinline
//go:norace
func (b *Bed) asTask(q *Queue, verb string) bool {
	t := hook.Explored()
	if t == nil {
		return false
	}
	if b.tasks == nil {
		b.tasks = new(tasks)
	}
	b.tasks.add(t)
	q.unlockToPark()
	t.Park(q, verb, nil, 0, false)
	return true
}

// wake wakes the first n, or all if n is less than 0.
func (b *Bed) wake(n int) {
	if n < 0 {
		b.order.before()
		for b.ready() {
		}
		b.cond.Broadcast()
		return
	}
	for range n {
		b.wakeNext()
	}
}

// wakeNext wakes the first.
func (b *Bed) wakeNext() {
	b.order.before()
	if !b.ready() {
		b.cond.Signal()
	}
}

// ready releases the first of the tasks that sleep there. Tasks take turns, so one may find it empty while another, in its
// turn, becomes the first; the race detector must not see that.
//
//go:norace
func (b *Bed) ready() bool { return b.tasks != nil && b.tasks.next() }

// A Pending is a wait that has begun and is left to the caller, which must wait for one of the two channels and, if it is
// Ended, give up by the method that the returning method names. Its zero value means that there is no such wait.
//
// It exists to save memory. A select statement takes more stack than everything else; with the frames of this package on
// top of it, three in a hundred waiting goroutines need a larger stack, which takes as much additional memory as the
// channel. Under an observer, no wait is left to the caller.
type Pending struct {
	Woken, Ended <-chan struct{}
	N            uint64  // the generation, in a NotifyList
	W            *Waiter // the place, in a Queue
}

// inside reports whether a trace or an explorer is running.
func inside() bool { return hook.Enabled() || hook.On(hook.Explore) }

// A door is where goroutines wait that may leave before they are woken. The zero value is not a door.
//
// It is a channel, made for this wait: a channel is durably blocking only in the synctest bubble in which it was made,
// so it is never reused.
type door struct {
	ch    chan struct{}
	tasks *tasks // those of an explorer; nil: there is no explorer
}

func newDoor() door {
	d := door{ch: make(chan struct{}, 1)}
	if hook.On(hook.Explore) {
		d.tasks = new(tasks)
	}
	return d
}

// wait waits to be woken or for the end of lim, and reports whether it was woken. If not, take or drop must follow, under
// the mutex or later. The mutex must be held; wait returns without it.
func (d door) wait(q *Queue, lim *Limit, verb string) (woken bool) {
	t := hook.Explored()
	if t != nil {
		d.tasks.add(t)
	}
	q.unlockToPark()
	if t != nil {
		return t.Park(q, verb, lim.ctx, lim.d, lim.timed)
	}
	return lim.before(d.ch)
}

// take takes a wake that is certain to come.
func (d door) take(q *Queue) {
	t := hook.Explored()
	if t == nil {
		<-d.ch
		return
	}
	select {
	case _, one := <-d.ch:
		if one { // it came before t has ever waited here
			return
		}
	default:
		d.tasks.remove(t)
		d.tasks.add(t)
	}
	t.Park(q, "", nil, 0, false) // it returns at once if the wake has come
}

// drop makes sure that the calling goroutine, which has left, is not woken. The mutex must be held.
func (d door) drop() {
	if t := hook.Explored(); t != nil {
		d.tasks.remove(t)
	}
}

// wake wakes a goroutine that waits or is about to wait.
func (d door) wake() {
	if !d.tasks.ready() {
		d.ch <- struct{}{} // has room: it is done once
	}
}

// opened reports whether open woke a goroutine that was woken there.
func (d door) opened() bool {
	select {
	case _, one := <-d.ch:
		return !one
	default:
		return false
	}
}

// open wakes all goroutines that wait there or ever will.
func (d door) open() {
	for d.tasks.ready() {
	}
	close(d.ch)
}

// tasks has the tasks of an explorer that wait somewhere, in order. A nil one is empty. Only one task runs at a time,
// and there is no switch here: they need no other synchronization.
type tasks struct{ all []hook.Task }

//go:norace
func (ts *tasks) add(t hook.Task) { ts.all = append(ts.all, t) }

//go:norace
func (ts *tasks) remove(t hook.Task) {
	if i := slices.Index(ts.all, t); i >= 0 {
		ts.all = slices.Delete(ts.all, i, i+1)
	}
}

// ready releases the first, and reports whether there was one.
//
//go:norace
func (ts *tasks) ready() bool { return ts != nil && ts.next() }

// next is outlined so that ready can be inlined: as a rule there is no explorer.
//
//go:norace
func (ts *tasks) next() bool {
	if len(ts.all) == 0 {
		return false
	}
	t := ts.all[0]
	if ts.all[0] = nil; len(ts.all) == 1 {
		ts.all = ts.all[:0] // and not behind it, where there is less room
	} else {
		ts.all = ts.all[1:]
	}
	t.Ready()
	return true
}
