package sync2

import (
	"context"
	"time"
)

// A taskContext is the context of a task. It is the future itself, under another type, so it costs nothing until it is
// used. It ends when the future or its executor is canceled, when the context with which the task was submitted ends,
// and when the task has returned.
type taskContext future

// A stopper is what a taskContext is backed by once it has been used: a context of package context, so that contexts
// derived from it need no goroutine, and context.Cause works.
type stopper struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// context returns the context of f's task.
func (f *future) taskContext() context.Context { return (*taskContext)(f) }

// Deadline implements context.Context.
func (c *taskContext) Deadline() (deadline time.Time, ok bool) { return (*future)(c).base().Deadline() }

// Done implements context.Context.
func (c *taskContext) Done() <-chan struct{} { return c.real().Done() }

// Err implements context.Context.
func (c *taskContext) Err() error {
	s := c.stopper.Load()
	if s != nil {
		if err := s.ctx.Err(); err != nil {
			return err
		}
	}
	switch {
	case (*future)(c).now().settled(): // the goroutine that settled the future is about to end s
		return context.Canceled
	case s != nil:
		return nil
	}
	return (*future)(c).base().Err()
}

// Value implements context.Context. Package context itself uses it, too, to find the context behind c.
func (c *taskContext) Value(key any) any { return c.real().Value(key) }

// String gives contexts derived from this one a readable description.
func (c *taskContext) String() string { return "sync2.Task" }

// real returns the context of package context that c stands for.
func (c *taskContext) real() context.Context { return (*future)(c).stopTask().ctx }

// stopTask returns the stopper of the context of f's task. It takes no lock, because the holder of a lock may use the context.
func (f *future) stopTask() *stopper {
	if s := f.stopper.Load(); s != nil {
		return s
	}
	s := newStopper(f.base())
	if !f.stopper.CompareAndSwap(nil, s) {
		s = f.stopper.Load()
	}
	if !f.hear() { // otherwise the goroutine that settles f ends the context
		s.cancel(context.Canceled)
	}
	return s
}

// base returns the parent of the context of f's task.
func (f *future) base() context.Context {
	var task, of context.Context
	if f.origin != nil {
		task = f.origin.ctx
	}
	if f.executor != nil {
		of = f.executor.ctx
	}
	return newBase(task, of)
}

func newStopper(base context.Context) *stopper {
	s := new(stopper)
	s.ctx, s.cancel = context.WithCancelCause(base)
	return s
}
