package scenarios

import (
	"context"
	"time"
)

// await pauses until holds returns true or ctx ends. A scenario that needs its goroutines in a certain place asks the
// primitive for the number of waiters; to sleep and hope would prove nothing.
func await(ctx context.Context, p Params, holds func() bool) {
	for ctx.Err() == nil && !holds() {
		p.Pause(ctx, 50*time.Millisecond)
	}
}
