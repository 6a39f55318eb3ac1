package sync2

import (
	"context"
	"errors"
	"fmt"

	"github.com/turnstile-go/turnstile/sync2/internal/steps"
)

// A UsageError is what a primitive panics with when it is misused: an unlock by a stranger, a bad argument of a
// constructor, a release past the bound. The primitive stays usable; nothing is half done.
type UsageError struct {
	Op     string // the operation, such as "Mutex.Unlock"
	Reason string // what was wrong, such as "not locked"
}

// Error returns text such as "sync2: Mutex.Unlock: not locked".
func (e *UsageError) Error() string { return "sync2: " + e.Op + ": " + e.Reason }

// misuse panics with a UsageError.
func misuse(op, format string, args ...any) {
	panic(&UsageError{Op: op, Reason: fmt.Sprintf(format, args...)})
}

// Errors that tell why a barrier, an executor or a queue did not do its part.
var (
	// ErrBroken is matched by every error of a broken Barrier and of an Executor whose initializer failed.
	ErrBroken = errors.New("sync2: broken")
	// ErrAborted is the cause of a Barrier that was aborted without another cause.
	ErrAborted = errors.New("sync2: aborted")
	// ErrReset is the cause for those who were waiting when their Barrier was reset.
	ErrReset = errors.New("sync2: reset")
	// ErrTooMany is returned when more permits are asked for than a bounded Semaphore can ever hold.
	ErrTooMany = errors.New("sync2: more permits than the semaphore can hold")
)

// cause returns why ctx ended, nil if it has not.
func cause(ctx context.Context) error {
	steps.Look(ctx)
	if ctx.Err() == nil {
		return nil
	}
	return context.Cause(ctx)
}
