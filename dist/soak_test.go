package dist

import (
	"context"
	"fmt"
	"testing"

	"github.com/turnstile-go/turnstile/internal/soak"
)

// Locks are taken, and items put, taken and done, on an engine that keeps its data on disk.
func TestSoak(t *testing.T) {
	soak.Run(t, "locks and items", func(ctx context.Context, done func(int)) error {
		space := open(t, WithDir(t.TempDir()))
		lock := space.Mutex("soak")
		queue, err := NewQueue[int](space, "soak", Capacity(10))
		if err != nil {
			return err
		}
		for ctx.Err() == nil {
			held, err := lock.LockContext(t.Context())
			if err != nil {
				return err
			}
			if err := held.Unlock(); err != nil {
				return err
			}
			if err := queue.Put(1); err != nil {
				return err
			}
			item, err := queue.GetContext(t.Context())
			if err != nil {
				return err
			}
			if item.Value != 1 {
				return fmt.Errorf("%d came of 1", item.Value)
			}
			if err := item.Done(); err != nil {
				return err
			}
			done(1)
		}
		return nil
	})
}
