package sync2

import (
	"context"
	"errors"
	"fmt"

	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
)

// A UsageError is the value with which a primitive panics when it is misused: an unlock by a goroutine that does not
// hold the lock, an invalid constructor argument, a release past the bound. The primitive is unchanged and stays
// usable.
type UsageError struct {
	Op     string // the operation, such as "Mutex.Unlock"
	Reason string // what was wrong, such as "not locked"
}

// Error returns text such as "sync2: Mutex.Unlock: not locked".
func (e *UsageError) Error() string { return "sync2: " + e.Op + ": " + e.Reason }

// TraceText returns what traces show: the same as Error.
func (e *UsageError) TraceText() string { return e.Error() }

// misuse panics with a UsageError.
func misuse(op, reason string) { panic(&UsageError{Op: op, Reason: reason}) }

// misusef is like misuse, with a formatted reason. Mutex does not use it, so that programs that use only Mutex do not link
// package fmt.
func misusef(op, format string, args ...any) { misuse(op, fmt.Sprintf(format, args...)) }

// misuseZero panics with a UsageError for an operation on a zero value.
//
//go:noinline
func misuseZero(op, constructor string) { misuse(op, "not made by "+constructor) }

// Errors returned by barriers, executors and semaphores.
var (
	// ErrBroken is matched by every error of a broken Barrier, and of an Executor whose initializer failed.
	ErrBroken = errors.New("sync2: broken")
	// ErrAborted is the cause of a Barrier that was aborted without another cause.
	ErrAborted = errors.New("sync2: aborted")
	// ErrReset is the cause reported to goroutines that were waiting when their Barrier was reset.
	ErrReset = errors.New("sync2: reset")
	// ErrTooMany is returned when more permits are asked for than a bounded Semaphore can ever hold.
	ErrTooMany = errors.New("sync2: more permits than the semaphore can hold")
)

// forever is the limit of a wait without a limit. It never changes.
var forever = waitq.Forever()

// until returns the limit of the operation op that gives up when ctx ends. A nil ctx panics with a [*UsageError]. It calls
// methods of ctx, so no lock may be held and nothing may have changed yet.
func until(ctx context.Context, op string) waitq.Limit {
	checkContext(ctx, op)
	return waitq.Until(ctx)
}

// limit makes lim, which is new, the limit that ends with ctx. It is the rest of until for an operation whose fast path has
// checked whether ctx has ended. It panics with a [*UsageError] of the operation op if ctx is nil.
//
//go:noinline
func limit(ctx context.Context, op string, ended bool, lim *waitq.Limit) {
	checkContext(ctx, op)
	lim.Until(ctx, ended)
}

// checkContext panics with a [*UsageError] of the operation op if ctx is nil.
func checkContext(ctx context.Context, op string) {
	if ctx == nil {
		misuse(op, "the context is nil")
	}
}

// ended returns the error of the operation op, whose ctx has ended. It panics with a [*UsageError] if ctx is nil.
//
//go:noinline
func ended(ctx context.Context, op string) error {
	checkContext(ctx, op)
	lim := waitq.Over(ctx)
	return lim.Cause()
}

// quit ends a wait at l in the given generation, whose context has ended, and returns the result.
//
//go:noinline
func quit(ctx context.Context, l *waitq.NotifyList, q *waitq.Queue, gen uint64) error {
	lim, t := waitq.Over(ctx), waitq.Ticket{Gen: gen}
	return outcome(l.Quit(q, &t, &lim), &lim)
}

// outcome returns nil if a wait was granted what it waited for, and otherwise the error of the limit that ended it. No
// lock may be held.
func outcome(granted bool, lim *waitq.Limit) error {
	if granted {
		return nil
	}
	return lim.Cause()
}
