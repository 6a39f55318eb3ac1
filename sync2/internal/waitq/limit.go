package waitq

import (
	"context"
	"time"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Limit determines when a wait gives up: when a context ends, after a duration, or never. It must not be copied once a wait
// has used it.
//
// The methods of a context are the caller's code: they may panic, block, or call any method of the primitive. So [Until]
// and [Limit.Cause], which call them, must be called without any lock; everything in between uses only the context's
// done channel, which Until has kept.
type Limit struct {
	ctx   context.Context // nil: none
	done  <-chan struct{} // of ctx; nil: it never ends
	ended bool            // ctx had ended when Until looked
	timed bool
	no    bool             // the wait was refused
	d     time.Duration    // the duration; with a ctx, its deadline as the time since 1970. 0: none, or no trace is running
	timer <-chan time.Time // made by the first wait; never pooled, since a timer belongs to its synctest bubble
}

// Forever returns the Limit that never ends.
func Forever() Limit { return Limit{} }

// Ended reports whether ctx has ended, so that a wait with it must fail. It calls methods of ctx, so no lock may be held.
// A nil context counts as ended: so a fast path, which must not be taken then, need not check for it.
func Ended(ctx context.Context) bool {
	if ctx == nil {
		return true
	}
	steps.CheckContext(ctx)
	if ctx.Err() != nil {
		return true
	}
	if t := kindOf(ctx); t == canceling || t == timing || t == endless {
		return false // of these, Done is closed if and only if Err says so
	}
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

// The kinds of contexts whose Done need not be called. All three calls take twice as long as one.
var (
	endless   = kindOf(context.Background())
	canceling = kindOf(newContext(context.WithCancel(context.Background())))
	timing    = kindOf(newContext(context.WithTimeout(context.Background(), 0))) // no timer is made
)

func newContext(ctx context.Context, end context.CancelFunc) context.Context {
	end()
	return ctx
}

// kindOf returns a value that is the same for contexts of the same type: the first word of an interface value. Package
// reflect would do as well, but importers of sync2 can do without it.
func kindOf(ctx context.Context) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&ctx)) //nolint:gosec // an interface value is two words, of which only the first is read, and compared
}

// Until returns the Limit that ends with ctx. It calls methods of ctx, so no lock may be held.
func Until(ctx context.Context) (l Limit) {
	l.Until(ctx, Ended(ctx))
	return l
}

// Until makes l, which is new, the Limit that ends with ctx; ended reports whether ctx has ended. No lock may be held. A
// Limit returned by value would be on the stack twice while its goroutine waits.
//
//go:noinline
func (l *Limit) Until(ctx context.Context, ended bool) {
	l.ctx, l.ended = ctx, ended
	if !ended {
		l.done = ctx.Done()
	}
	if hook.Enabled() {
		l.watched()
	}
}

// Over returns the Limit of ctx, which has ended.
func Over(ctx context.Context) Limit { return Limit{ctx: ctx, ended: true} }

// watched completes an Until if there is an observer.
//
//go:noinline
func (l *Limit) watched() {
	if hook.On(hook.Trace) {
		if due, ok := l.ctx.Deadline(); ok {
			l.d = time.Duration(due.UnixNano())
		}
	}
	hook.Uses(l.ctx)
}

// Within returns the Limit that ends d after the first wait.
func Within(d time.Duration) Limit { return Limit{d: d, timed: true} }

// Done returns the context's done channel, or nil if the context never ends or there is none.
func (l *Limit) Done() <-chan struct{} { return l.done }

// Ended reports whether the context of the Limit had ended when [Until] looked.
func (l *Limit) Ended() bool { return l.ended }

// Canceled reports whether the context of the Limit has ended. A lock may be held.
func (l *Limit) Canceled() bool {
	if l.ended {
		return true
	}
	if l.done == nil {
		return false
	}
	steps.CheckContext(l.ctx)
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// Instant reports whether the Limit is a duration of zero or less, so that nothing may wait for it.
func (l *Limit) Instant() bool { return l.timed && l.d <= 0 }

// Timed reports whether the Limit is a duration.
func (l *Limit) Timed() bool { return l.timed }

// Cause returns the error of a wait that the Limit has ended. It calls methods of the context, so no lock may be held.
func (l *Limit) Cause() error {
	if l.ctx == nil {
		return context.DeadlineExceeded
	}
	return endedError(l.ctx)
}

// Refused reports whether the last wait, which was not granted, ended because it was refused. A wait without a limit cannot
// end in any other way.
func (l *Limit) Refused() bool { return l.no || l.Endless() }

// Refuse records that the last wait was refused, as Refused reports.
func (l *Limit) Refuse() {
	if !l.Endless() { // it may be shared
		l.no = true
	}
}

// Endless reports whether the Limit never ends.
func (l *Limit) Endless() bool { return !l.timed && l.done == nil && !l.ended }

// before waits for ch or for the end of the Limit, and reports whether it was ch. It is a separate function because the
// frame of a select statement is large, and a waiting goroutine should need little stack.
//
//go:noinline
func (l *Limit) before(ch <-chan struct{}) bool {
	if l.timed && l.timer == nil {
		l.timer = time.After(l.d)
	}
	select {
	case <-ch:
		return true
	case <-l.done: // nil if the Limit is a duration
	case <-l.timer:
	}
	return false
}

// expire records that the time is over, for waits that may follow: the value of the timer's channel has been received.
func (l *Limit) expire() {
	if l.timed {
		l.d, l.timer = 0, nil
	}
}

// reason returns the trace's reason for a wait that the Limit has ended. A lock may be held: it calls no method of the
// context, but knows whether the deadline has passed.
func (l *Limit) reason() trace.Reason {
	if l.timed || l.d != 0 && time.Now().UnixNano() >= int64(l.d) {
		return trace.ReasonTimedOut
	}
	return trace.ReasonCanceled
}

// An EndedError is the error of a wait whose context ended with a cause of its own. Its text is that of the cause,
// and it matches both.
type EndedError struct {
	err   error // what the context's Err returned, or context.Canceled
	cause error
}

// Error returns the text of the cause.
func (e *EndedError) Error() string { return e.cause.Error() }

// TraceText implements [trace.Texter].
func (e *EndedError) TraceText() string { return trace.ErrorText(e.cause) }

// Unwrap returns the error of the context and the cause.
func (e *EndedError) Unwrap() []error { return []error{e.err, e.cause} }

// endedError returns the error of a wait that the end of ctx has ended. Only the context's Err says whether it was a
// deadline. The cause is the caller's: none of its methods is called, and it may not even be comparable.
func endedError(ctx context.Context) error {
	err := ctx.Err()
	cause := context.Cause(ctx)
	if err == nil {
		err = context.Canceled // its Done is closed
	}
	if cause == nil {
		cause = err
	}
	for _, usual := range [...]error{context.Canceled, context.DeadlineExceeded} {
		if err == usual && cause == usual { //nolint:errorlint // identical values are meant
			return usual
		}
	}
	return &EndedError{err, cause}
}

// ReasonOf returns the trace's reason for a wait that failed with err, the error of a Limit.
func ReasonOf(err error) trace.Reason {
	if ended, ok := err.(*EndedError); ok { //nolint:errorlint // no method of a cause is called
		err = ended.err
	}
	if err == context.DeadlineExceeded { //nolint:errorlint // no method of a cause is called
		return trace.ReasonTimedOut
	}
	return trace.ReasonCanceled
}
