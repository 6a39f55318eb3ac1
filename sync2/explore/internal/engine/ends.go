package engine

import (
	"context"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A ContextObject is the end of a context, as an object on which tasks operate.
type ContextObject struct {
	mark   atomic.Uint32
	Parent *ContextObject // nil: none
	ended  bool           // by an operation, or by the time of the run
}

// Mark implements [hook.Object].
func (c *ContextObject) Mark() *atomic.Uint32 { return &c.mark }

// ObjectName returns the object's name, unless a trace has a better one.
func (c *ContextObject) ObjectName() string { return "context" }

// MarkEnded records that the context is about to end.
//
//go:norace
func (c *ContextObject) MarkEnded() { c.ended = true }

// ContextObjectKey is the key of a context's object among its values.
type ContextObjectKey struct{}

// ContextObjectOf returns the end of ctx if the explorer ends it, or a context that ctx was made from, and nil otherwise.
func ContextObjectOf(ctx context.Context) *ContextObject {
	c, _ := ctx.Value(ContextObjectKey{}).(*ContextObject)
	return c
}

// A CtxEnd is what the explorer knows about the context that limits a wait or an operation. Only the task that uses
// the context calls its methods, since they may be the program's own.
type CtxEnd struct {
	done <-chan struct{} // nil: it never ends, or there is none
	End  *ContextObject  // nil: the explorer does not control it
}

// EndOf returns the end of ctx, which may be nil.
//
//go:norace
func EndOf(ctx context.Context) CtxEnd {
	if ctx == nil {
		return CtxEnd{}
	}
	done := ctx.Done()
	if done == nil {
		return CtxEnd{}
	}
	return CtxEnd{done, ContextObjectOf(ctx)}
}

// Over reports whether the context has ended.
//
//go:norace
func (c CtxEnd) Over() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// unordered reports whether the context, which has ended, ended other than by an operation.
//
//go:norace
func (c CtxEnd) unordered() bool {
	for end := c.End; end != nil; end = end.Parent {
		if end.ended {
			return false
		}
	}
	return true
}

// numberCtx numbers all contexts whose end ends this one.
func (x *Execution) numberCtx(ctx CtxEnd, t *Task) {
	for c := ctx.End; c != nil; c = c.Parent {
		x.number(t, c)
	}
}

// touchCtx records that the step reads the context.
func (x *Execution) touchCtx(ctx CtxEnd, t *Task) {
	for c := ctx.End; c != nil; c = c.Parent {
		x.touch(x.number(t, c), hook.AccessRead)
	}
}

// checkCtx fails the run if ctx, which may be nil, ends by the wall clock. None does if the standard library asks the explorer
// for the time.
//
//go:norace
func (t *Task) checkCtx(ctx context.Context) {
	if ctx == nil || Patched {
		return
	}
	if _, ok := ctx.Deadline(); ok {
		t.Fail(&Fault{Kind: FaultBadProgram, Task: t.Name, Message: "a wait with a context of package context that has a deadline; use E.WithTimeout"})
	}
}
