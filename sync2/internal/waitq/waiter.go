package waitq

import (
	"sync"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Waiter is a place in a [Queue]: that of one goroutine, or of several adjacent ones that ask for the same; see
// [Queue.ParkAlike]. It is all the memory that a waiting goroutine with a context of its own takes, and so is small: 48 bytes.
type Waiter struct {
	next, prev *Waiter

	N int64 // the amount it asks for; the primitive's own

	ch chan struct{} // of the door of a goroutine with a limit; of several, of the one that leads. Nil: there is none

	*Details // nil, if there are none

	session uint32  // the session of the trace that shows that it waits, or 0; guarded by the queue's mutex
	granted bool    // it is off the queue, and will be woken; guarded by the queue's mutex
	gone    parting // of all the goroutines it stands for; guarded by the queue's mutex
	alike   bool    // it may stand for several
	endless bool    // they have no limit
}

// A parting is how the goroutines that a Waiter stands for have left the queue without a grant.
type parting uint8

const (
	stayed  parting = iota // they have not
	gaveUp                 // their context has ended
	refused                // by Refuse
)

// Details has the fields that not every Waiter needs.
type Details struct {
	Tag  uint64 // the primitive's own
	Data any    // the primitive's own
	G    int64  // the goroutine; 0 if that is not known

	bed      *Bed   // of those without a way out
	tasks    *tasks // those of the door
	enqueued bool   // it was enqueued and does not wait yet; guarded by the queue's mutex
	loose    bool   // it was granted before it parked, so its waker may still hold it when it is done

	// Of several:
	more   uint32       // number of goroutines besides the first
	served steps.Uint64 // number of goroutines that were granted, the first to come; written under the mutex
}

// An Own is the Waiter of a single, known goroutine.
type Own struct {
	Waiter
	details Details
}

// A bedded is a Waiter with the Bed in which it sleeps. Nothing else refers to it once it has been woken, so any goroutine
// can reuse it: a Bed belongs to no synctest bubble.
type bedded struct {
	Own
	own Bed
}

var pool = sync.Pool{New: func() any {
	b := new(bedded)
	b.details = Details{Data: b, bed: &b.own}
	return b
}}

// NewWaiter returns a Waiter for the calling goroutine, for one or more calls of Park with lim; nil: without limit.
func NewWaiter(lim *Limit) *Waiter {
	var w *Own
	if lim == nil || lim.Endless() {
		w = &pool.Get().(*bedded).Own
	} else {
		w = new(Own)
	}
	w.Reset(lim)
	return &w.Waiter
}

// Free returns a Waiter of NewWaiter that is no longer in a queue to the pool.
func (w *Waiter) Free() {
	if b, ok := w.Data.(*bedded); ok && w.Reusable() {
		pool.Put(b)
	}
}

// Reset makes w, which is new or Reusable, ready for waits of the calling goroutine with lim; nil: without limit. It is
// for primitives that keep Waiters of their own. Data is kept.
func (w *Own) Reset(lim *Limit) {
	if w.Details == nil {
		w.Details = &w.details
	}
	w.N, w.Tag, w.session = 1, 0, 0
	w.G = goid.Get()
	if lim != nil && !lim.Endless() {
		w.hang(newDoor())
	} else if w.bed == nil {
		w.bed = new(Bed)
	}
}

// plain reports whether w waits in its bed, without a limit.
func (w *Waiter) plain() bool { return w.ch == nil }

// door returns the door at which w waits.
func (w *Waiter) door() door {
	if w.Details == nil {
		return door{ch: w.ch}
	}
	return door{w.ch, w.tasks}
}

// hang makes d the door at which w waits.
func (w *Waiter) hang(d door) {
	w.ch = d.ch
	if w.Details != nil {
		w.tasks = d.tasks
	}
}

// goroutine returns the waiting goroutine, or [trace.UnknownG] if it is not known.
func (w *Waiter) goroutine() int64 {
	if !w.Known() {
		return trace.UnknownG
	}
	return w.G
}

// Known reports whether the waiting goroutine is known, as G.
func (w *Waiter) Known() bool { return w.Details != nil && w.G != 0 }

// size returns the number of goroutines that w stands for.
func (w *Waiter) size() int {
	if w.Details == nil {
		return 1
	}
	return 1 + int(w.more)
}

// Reusable reports whether w, whose last Park returned true, may be used again because nothing else refers to it.
func (w *Waiter) Reusable() bool { return w.plain() && !w.loose }

// A WakeList collects goroutines that were granted what they waited for, to wake them when the queue's mutex has been
// released. The zero value is empty.
type WakeList struct {
	first, last *Waiter // those that are off the queue
	n           int
	few         [2]wakes
	more        []wakes
}

// wakes has the numbers of goroutines to wake in a bed, and at a door; a negative number means all.
type wakes struct {
	bed  *Bed
	n    int
	door door
}

func (l *WakeList) add(w *Waiter) {
	w.next = nil
	if l.last == nil {
		l.first = w
	} else {
		l.last.next = w
	}
	l.last = w
}

// note adds n to be woken in bed, and those at d.
func (l *WakeList) note(bed *Bed, n int, d door) {
	if n == 0 && d.ch == nil {
		return
	}
	if l.n > 0 && n > 0 && d.ch == nil {
		if last := l.at(l.n - 1); last.bed == bed && last.n >= 0 {
			last.n += n
			return
		}
	}
	if l.n < len(l.few) {
		l.few[l.n] = wakes{bed, n, d}
	} else {
		l.more = append(l.more, wakes{bed, n, d})
	}
	l.n++
}

func (l *WakeList) at(i int) *wakes {
	if i < len(l.few) {
		return &l.few[i]
	}
	return &l.more[i-len(l.few)]
}

// Wake wakes all. The queue's mutex must not be held. What came before each grant synchronizes before the return of the
// wait that was granted.
func (l *WakeList) Wake() {
	for w := l.first; w != nil; {
		next := w.next // w is gone as soon as it wakes
		w.next = nil
		if w.plain() {
			w.bed.wakeNext()
		} else {
			w.door().wake()
		}
		w = next
	}
	l.first, l.last = nil, nil
	if l.n == 0 { // as a rule
		return
	}
	for i := range l.n {
		l.at(i).wake()
	}
	*l = WakeList{}
}

func (w *wakes) wake() {
	if w.door.ch != nil && w.n >= 0 {
		w.door.wake()
	}
	if w.bed != nil && w.n != 0 {
		if steps.Instrumented && w.n < 0 && w.bed.tasks != nil { // others may come to sleep there before the intended ones are woken
			hook.Point((*Queue)(w.bed.cond.L.(*handOff)), "wake", hook.AccessWrite)
		}
		w.bed.wake(w.n)
	}
	if w.door.ch != nil && w.n < 0 {
		w.door.open()
	}
}
