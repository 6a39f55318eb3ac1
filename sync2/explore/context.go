package explore

import (
	"context"
	"sync/atomic"
)

// An endable is a context whose end is an operation.
type endable struct{ mark atomic.Uint32 }

// Mark implements [hook.Object].
func (c *endable) Mark() *atomic.Uint32 { return &c.mark }

// numberCtx returns the number of the endable that ctx is or comes from, 0 if there is none.
func (x *execution) numberCtx(t *task, ctx context.Context) int32 {
	if c, ok := ctx.Value(endableKey{}).(*endable); ok {
		return x.number(t, c)
	}
	return 0
}

type endableKey struct{}

// checkCtx fails the run if ctx has a deadline by the clock on the wall.
func (x *execution) checkCtx(ctx context.Context) {}
