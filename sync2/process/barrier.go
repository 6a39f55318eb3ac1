package process

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Barrier is a rendezvous for a fixed number of goroutines of several processes, its parties, like [sync2.Barrier]:
// each waits until all have arrived. Any of them can abort it. It lives in the process that made it; other processes
// send their requests to that process.
//
// If a process dies while it waits, the barrier breaks: the others get a [sync2.BrokenError] whose cause is an
// [ExitError].
//
// A Barrier is made by [NewBarrier] and must not be copied. A pointer to it can be passed to workers in the argument of
// a function.
//
// In the terminology of the Go memory model, the call of Wait of every party “synchronizes before” the return of Wait of
// each that succeeds, insofar as the processes share memory.
type Barrier struct{ handle }

// NewBarrier returns a barrier for the given number of parties. It panics if parties is less than 1.
func NewBarrier(parties int, opts ...SharedOption) *Barrier {
	if parties < 1 {
		misuse("NewBarrier", "%d parties; must be at least 1", parties)
	}
	b := new(Barrier)
	b.make("NewBarrier", spec{class: classBarrier, size: int64(parties)}, opts)
	return b
}

// Wait waits until all parties have arrived. It returns the caller's index in the order of arrival, from 0, or -1 and a
// [sync2.BrokenError] if the barrier is broken or breaks while Wait waits.
func (b *Barrier) Wait() (index int, err error) {
	return b.index(b.call(context.Background(), "Barrier.Wait", classBarrier, request{verb: verbWait}))
}

// WaitContext is like [Barrier.Wait], but gives up when ctx ends. Giving up breaks the barrier, with the cause of ctx.
// WaitContext panics if ctx is nil.
func (b *Barrier) WaitContext(ctx context.Context) (index int, err error) {
	return b.index(b.callContext(ctx, "Barrier.WaitContext", classBarrier, request{verb: verbWait}))
}

// WaitTimeout is like [Barrier.Wait], but gives up after d. Giving up breaks the barrier, with the cause
// context.DeadlineExceeded. If d is zero or negative, it does not wait.
func (b *Barrier) WaitTimeout(d time.Duration) (index int, err error) {
	return b.index(b.callTimeout(d, "Barrier.WaitTimeout", classBarrier, request{verb: verbWait}))
}

func (b *Barrier) index(r reply, err error) (int, error) {
	if err != nil {
		return -1, err
	}
	return int(r.n), nil
}

// Abort breaks the barrier with the given cause, or [sync2.ErrAborted] if cause is nil. If the barrier is already
// broken, the first cause stands.
func (b *Barrier) Abort(cause error) {
	b.do("Barrier.Abort", classBarrier, request{verb: verbAbort, err: cause})
}

// Reset empties the barrier and repairs it if it is broken. Waiting parties get a [sync2.BrokenError] with the cause
// [sync2.ErrReset].
func (b *Barrier) Reset() { b.do("Barrier.Reset", classBarrier, request{verb: verbReset}) }

// Parties returns the number of parties.
func (b *Barrier) Parties() int { return int(b.target("Barrier.Parties", classBarrier).size) }

// Waiting returns the number of parties that have arrived and are waiting.
func (b *Barrier) Waiting() int {
	return int(b.do("Barrier.Waiting", classBarrier, request{verb: verbWaiting}).n)
}

// Broken reports whether the barrier is broken.
func (b *Barrier) Broken() bool {
	return b.do("Barrier.Broken", classBarrier, request{verb: verbBroken}).ok
}

// String returns text such as "barrier gate: 2 of 3 wait".
func (b *Barrier) String() string { return b.describe(classBarrier) }

// A barrierObject is a Barrier in the process that made it.
type barrierObject struct{ b *sync2.Barrier }

func newBarrierObject(s *spec) object {
	o := &barrierObject{sync2.NewBarrier(int(s.size))}
	if name := cmp.Or(s.title, s.name); name != "" {
		trace.Name(hook.ObjectOf(o.b), name)
	}
	return o
}

func (o *barrierObject) do(ctx context.Context, _ *child, r request) (reply, error) {
	switch r.verb {
	case verbWait:
		var i int
		var err error
		if r.try {
			i, err = o.b.WaitTimeout(0)
		} else {
			i, err = o.b.WaitContext(ctx)
		}
		return reply{ok: err == nil, n: int64(i)}, err
	case verbAbort:
		o.b.Abort(r.err)
	case verbReset:
		o.b.Reset()
	case verbBroken:
		return reply{ok: o.b.Broken()}, nil
	default:
		return reply{n: int64(o.b.Waiting())}, nil
	}
	return reply{}, nil
}

func (o *barrierObject) abandon(*child, error) {}

func (o *barrierObject) String() string {
	if o.b.Broken() {
		return "broken"
	}
	return fmt.Sprintf("%d of %d wait", o.b.Waiting(), o.b.Parties())
}
