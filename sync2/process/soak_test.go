package process

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/turnstile-go/turnstile/internal/soak"
	"github.com/turnstile-go/turnstile/sync2"
)

var (
	soakSquare = Register("soak square", func(_ context.Context, n int) (int, error) { return n * n, nil })
	soakCrash  = Register("soak crash", func(context.Context, int) (int, error) { panic("on purpose") })
)

// Bursts of tasks run in workers, and now and then one of them crashes and is replaced.
func TestSoak(t *testing.T) {
	soak.Run(t, "tasks", func(ctx context.Context, done func(int)) error {
		e := NewExecutor(2)
		defer e.Shutdown()
		for round := 0; ctx.Err() == nil; round++ {
			fs := make([]*sync2.Future[int], 100)
			for i := range fs {
				fs[i] = Submit(e, soakSquare, i)
			}
			for i, f := range fs {
				if n, err := f.Result(); err != nil || n != i*i {
					return fmt.Errorf("the square of %d is %d, %w", i, n, err)
				}
			}
			done(len(fs))
			if round%100 == 0 {
				if _, err := Submit(e, soakCrash, 0).Result(); err == nil {
					return errors.New("a task that crashes succeeds")
				}
			}
		}
		return nil
	})
}
