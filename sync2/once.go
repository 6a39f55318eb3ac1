package sync2

import (
	"context"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Once performs an action once, like sync.Once, but the action can also fail and be tried again.
//
// One caller at a time runs its function while the others wait in FIFO order. When a function succeeds, the Once is
// done for all callers. If it fails, the next waiter runs its own function.
//
// The zero value for a Once is not done. A Once must not be copied after first use. A function that calls Do or
// DoContext of the same Once deadlocks.
//
// In the terminology of the Go memory model, the end of the function that made a Once done “synchronizes before” the
// return of any call of [Once.Do], of any call of [Once.DoContext] that returns nil, and of any call of [Once.Done]
// that returns true. The end of a function that failed “synchronizes before” the start of the next. A DoContext that
// gives up establishes no such relation.
type Once struct {
	done   steps.Uint64 // 1 if it is; the fast path compares with hook.Or1. Written under q's mutex
	runner int64        // the goroutine that runs a function, 0 if none does. Guarded by q's mutex
	q      waitq.Queue  // waits until it is done, or for a turn
}

// Do calls fn if the Once is not done, and marks it done, even if fn panics or calls runtime.Goexit; a panic propagates
// to the caller of that Do. If another caller is running its function, Do waits until the Once is done, or until it is
// its turn to call fn. Do panics if fn is nil.
//
// The end of the function that made the Once done “synchronizes before” the return of Do.
func (o *Once) Do(fn func()) {
	if fn == nil || o.done.Load() != hook.Or1() {
		o.doSlow(fn)
	}
}

// doSlow is outlined so that Do can be inlined.
//
//go:noinline
func (o *Once) doSlow(fn func()) {
	if fn == nil {
		misuse("Once.Do", "the function is nil")
	}
	if turn, _ := o.enter(&forever, "Do"); turn {
		defer o.leave(true, "")
		fn()
	}
}

// DoContext calls fn with ctx if the Once is not done, and marks it done if fn returns nil. If fn returns an error,
// panics or calls runtime.Goexit, the Once stays not done: the error, panic or Goexit is delivered to the caller of
// this DoContext, and the next waiter runs its function. If another caller is running its function, DoContext waits
// until the Once is done and returns nil, until it is its turn to call fn, or until ctx ends and returns its cause. If
// ctx has already ended, DoContext fails even if the Once is done. DoContext panics if ctx or fn is nil.
//
// The end of the function that made the Once done “synchronizes before” a return of nil.
func (o *Once) DoContext(ctx context.Context, fn func(ctx context.Context) error) error {
	if fn == nil {
		misuse("Once.DoContext", "the function is nil")
	}
	ended := waitq.Ended(ctx)
	if !ended && o.done.Load() == hook.Or1() {
		return nil
	}
	var lim waitq.Limit
	limit(ctx, "Once.DoContext", ended, &lim)
	turn, granted := o.enter(&lim, "DoContext")
	if !turn {
		return outcome(granted, &lim)
	}
	done, why := false, "the function did not return"
	defer func() { o.leave(done, why) }()
	err := fn(ctx)
	done, why = err == nil, trace.ErrorText(err)
	return err
}

// Done reports whether the Once is done.
//
// The end of the function that made the Once done “synchronizes before” a return of true.
func (o *Once) Done() bool {
	o.q.PointRead("Done")
	return o.isDone()
}

func (o *Once) isDone() bool { return o.done.Load() != 0 }

// enter waits until it is done or it is the caller's turn to run a function. In the second case the caller must call leave.
func (o *Once) enter(lim *waitq.Limit, verb string) (turn, granted bool) {
	o.q.Point(verb)
	o.lock()
	switch {
	case lim.Canceled():
	case o.isDone():
		o.q.Emit(trace.KindPass, 0)
		granted = true
	case o.runner == 0:
		o.runner = goid.Get()
		o.q.Emit(trace.KindActionBegin, 0)
		turn, granted = true, true
	default:
		w := waitq.NewWaiter(lim)
		o.q.List().Register(&o.q, o, "Do")
		if granted = o.q.Park(w, lim, verb, false); granted {
			turn = w.Tag == itsTurn
			w.Free()
		}
		return turn, granted
	}
	o.q.Unlock()
	return turn, granted
}

// itsTurn is the Tag of a Waiter that was granted its turn. Other waiters were granted because it is done.
const itsTurn = 1

// leave ends the turn of the caller. It is done, or why says why it is not, for a trace.
func (o *Once) leave(done bool, why string) {
	var wakes waitq.WakeList
	o.q.Point("done")
	o.lock()
	o.runner = 0
	if done {
		o.done.Store(1)
	}
	o.q.EmitFor(trace.KindActionEnd, 0, 0, 1-bit(done), why)
	for w := o.q.Front(); w != nil && o.runner == 0; w = o.q.Front() {
		if !done {
			w.Tag, o.runner = itsTurn, w.G
		}
		o.q.Grant(w, &wakes)
		if !done {
			o.q.EmitFor(trace.KindActionBegin, o.runner, 0, 0, "")
		}
	}
	o.q.Unlock()
	wakes.Wake()
}

// lock takes the mutex, and defines o in a running trace.
func (o *Once) lock() {
	o.q.Lock()
	if !hook.On(hook.Trace) {
		return
	}
	how := bit(o.isDone())
	if o.runner != 0 {
		how = 2
	}
	if o.q.Define(trace.ClassOnce, how, nil) {
		o.q.FoundWaiting(o.q.List(), "Do")
	}
}

func (o *Once) traced() *trace.Object { return o.q.Object() }
