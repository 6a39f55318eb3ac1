package sync2

import (
	"context"
)

// An ExecutorOption configures an Executor: see [NewExecutor].
type ExecutorOption func(*Executor)

// WithInitializer makes each worker call f once, before its first task. If f returns an error, panics or calls
// runtime.Goexit, the executor is broken: every task that has not started, and every task submitted later, fails with a
// [BrokenError] whose cause is the error of f, or a [PanicError]. WithInitializer panics if f is nil.
func WithInitializer(f func() error) ExecutorOption {
	if f == nil {
		misuse("WithInitializer", "the function is nil")
	}
	return func(e *Executor) { e.initializer = f }
}

// defaultPrefix is the prefix of the names of workers of an executor without a name.
const defaultPrefix = "worker"

// WithName names the workers prefix-1, prefix-2 and so on.
func WithName(prefix string) ExecutorOption {
	return func(e *Executor) { e.prefix = prefix }
}

// WithContext gives the contexts of all tasks the values and the deadline of ctx. When ctx ends, the executor is
// canceled with the cause of ctx, as by [Executor.Cancel]. WithContext panics if ctx is nil.
func WithContext(ctx context.Context) ExecutorOption {
	checkContext(ctx, "WithContext")
	return func(e *Executor) { e.ctx = ctx }
}

// WithQueue makes [Submit] wait while n tasks are queued. A task that an idle worker, or one not yet started, is about
// to take does not count as queued; so with n == 0 the executor accepts no more tasks than it has workers. Without this
// option the queue is unbounded. WithQueue panics if n is negative.
func WithQueue(n int) ExecutorOption {
	if n < 0 {
		misusef("WithQueue", "a queue of %d; must not be negative", n)
	}
	return func(e *Executor) { e.room = n }
}
