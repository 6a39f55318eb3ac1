package sync2

import (
	"runtime/debug"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// onPanic is the function given to OnPanic.
var onPanic atomic.Pointer[func(*PanicError)]

// OnPanic registers f to be called with every panic that this package recovers and that has no caller to propagate to:
// a panic in a function given to [Future.OnDone]; in the function of a [Flight] after every caller has given up; or in
// a method of a context, or of its cause, when the end of that context cancels an [Executor] or tasks queued there.
// OnPanic replaces the function registered before; nil, the default, discards such panics. A program should call it
// once, when it starts, to log panics that would otherwise go unnoticed.
//
// f is called in the goroutine that panicked, with no lock held, and possibly in several goroutines at once. A panic in
// f is recovered and discarded.
//
// A running trace also records the panic of a callback.
func OnPanic(f func(*PanicError)) {
	if f == nil {
		onPanic.Store(nil)
		return
	}
	onPanic.Store(&f)
}

// lost reports a panic that has no caller to propagate to.
func lost(p *PanicError) {
	f := onPanic.Load()
	if f == nil {
		return
	}
	defer func() { _ = recover() }()
	(*f)(p)
}

// A callback is a function of the caller's, to be called once the future f is settled and nothing is locked.
type callback struct {
	f  *future
	fn func()
}

// call calls the function; if that panics, the panic ends here.
func (c callback) call() {
	defer func() {
		if r := recover(); r != nil {
			p := &PanicError{Value: r, Stack: debug.Stack()}
			defer lost(p) // however emitting an event ends
			c.f.tellLost(p)
		}
	}()
	c.fn()
}

// tellLost emits the panic of a callback.
func (f *future) tellLost(p *PanicError) {
	if !hook.On(hook.Trace) {
		return
	}
	text := p.valueText()
	f.lock("OnDone")
	f.q.EmitFor(trace.KindPanic, 0, 0, 0, text)
	f.unlock()
}
