package sync2

import (
	"runtime/debug"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// onPanic is what OnPanic was given.
var onPanic atomic.Pointer[func(*PanicError)]

// OnPanic makes f be called with every panic that goes no further, since there is nobody to whom it could go: one in a
// function that was given to [Future.OnDone]; in the function of a [Flight] when every caller has given up; or in a method of
// a context, or of its cause, when its end cancels an [Executor] or tasks that wait there. It takes the place of what was
// given before; nil, as it is at first, means that nobody is told. A program should call it once, when it starts, to log what
// it would never hear of otherwise.
//
// f is called in the goroutine that panicked, when nothing is locked, and possibly in several at once. A panic in f goes no
// further, and nobody is told of it.
//
// A running trace tells of the panic of a callback, too.
func OnPanic(f func(*PanicError)) {
	if f == nil {
		onPanic.Store(nil)
		return
	}
	onPanic.Store(&f)
}

// lost tells whoever wants to know of a panic that goes no further.
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
			defer lost(p) // whatever telling a trace comes to
			c.f.tellLost(p)
		}
	}()
	c.fn()
}

// tellLost tells a running trace of the panic of a callback.
func (f *future) tellLost(p *PanicError) {
	if !hook.On(hook.Trace) {
		return
	}
	text := p.valueText()
	f.lock("OnDone")
	f.q.EmitFor(trace.KindPanic, 0, 0, 0, text)
	f.unlock()
}
