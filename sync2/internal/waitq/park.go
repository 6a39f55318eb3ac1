package waitq

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// What a wait parks on. There are two places: a bed, for those who stay until they are woken, and a door, for those who
// may leave before. Neither decides anything: who is granted what, and who has given up, is decided under the mutex of the
// Queue, before anybody is woken.
//
// Under an explorer a goroutine parks where that says, and the place only keeps which task to wake.

// A Bed is where goroutines sleep that wait without a limit: a sync.Cond, which allocates nothing, wakes in the order in
// which they came, and is durably blocking in every synctest bubble, wherever it was made. The zero value is ready.
type Bed struct {
	order order
	cond  sync.Cond // L lets go of the queue's mutex, and the one who is woken does not take it back
	tasks *tasks    // those of an explorer; nil: none
}

// A SharedBed is a Bed in which all sleep who JoinAlike in the same queue, and who can only be refused all together. The zero
// value is ready.
type SharedBed struct {
	Bed
	came uint64 // how many have come to sleep here; guarded by the queue's mutex

	// left is 0, or one more than how many of them were granted before the others were refused. Whoever was refused finds it
	// so when woken, and to whoever was granted it makes no difference.
	left atomic.Uint64
}

// handOff is the Locker of a Bed.
type handOff Queue

func (h *handOff) Lock()   {}
func (h *handOff) Unlock() { (*Queue)(h).unlockToPark() }

// Where somebody waits in a Bed b of q, this is written out, since every frame counts on the stack of a goroutine that
// waits, and every call on the way there:
//
//	if !b.of(q).explored(q, verb) {
//		b.cond.Wait() // lets go of the mutex
//	}
//	b.order.after()

// of returns b, for goroutines of q: a Waiter that is used again may be in another queue than before. The mutex must be held.
func (b *Bed) of(q *Queue) *Bed {
	if b.cond.L != (*handOff)(q) {
		b.cond.L = (*handOff)(q)
	}
	return b
}

// explored waits under an explorer, and lets go of the mutex; it reports whether there is one.
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

// ready is that of the tasks that sleep there. Tasks take turns, so that one may find that there are none while another, in its
// turn, comes to be the first; the race detector must not see that.
//
//go:norace
func (b *Bed) ready() bool { return b.tasks != nil && b.tasks.next() }

// A Pending is a wait that has begun and is left to the caller, who must wait for one of the two channels, and give up, by
// the way that the method names which returned it, if it is Ended. Its zero value is no such wait.
//
// It exists for the memory. A select statement takes more of the stack than all else; with the frames of this package on
// top of it, some of those who wait, three in a hundred, need a larger stack, and then each waits with as much more
// memory as for the channel. While somebody watches or explores, no wait is left to the caller.
type Pending struct {
	Woken, Ended <-chan struct{}
	N            uint64  // the generation, in a NotifyList
	W            *Waiter // the place, in a Queue
}

// inside reports whether somebody watches or explores.
func inside() bool { return hook.Watched() || hook.On(hook.Explore) }

// A door is where goroutines wait that may leave before they are woken. The zero value is no door.
//
// It is a channel, made for this wait: a channel is durably blocking only in the synctest bubble in which it was made,
// so that none is ever kept for another.
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
// the mutex or after it. The mutex must be held; wait returns without it.
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

// wake wakes one that waits, or will.
func (d door) wake() {
	if !d.tasks.ready() {
		d.ch <- struct{}{} // has room: it is done once
	}
}

// opened reports whether one that was woken there was so by open.
func (d door) opened() bool {
	select {
	case _, one := <-d.ch:
		return !one
	default:
		return false
	}
}

// open wakes all who wait, and all who will.
func (d door) open() {
	for d.tasks.ready() {
	}
	close(d.ch)
}

// tasks are those of an explorer that wait somewhere, in order. A nil one is empty. Only one task runs at a time, and
// none comes between here: that is all the synchronization they need.
type tasks struct{ all []hook.Task }

//go:norace
func (ts *tasks) add(t hook.Task) { ts.all = append(ts.all, t) }

//go:norace
func (ts *tasks) remove(t hook.Task) {
	if i := slices.Index(ts.all, t); i >= 0 {
		ts.all = slices.Delete(ts.all, i, i+1)
	}
}

// ready lets the first go on, and reports whether there was one.
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
