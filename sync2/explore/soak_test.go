package explore

import (
	"context"
	"fmt"
	"testing"

	"github.com/turnstile-go/turnstile/internal/soak"
	"github.com/turnstile-go/turnstile/sync2"
)

// Correct programs and a faulty one are explored repeatedly, each time with other seeds.
func TestSoak(t *testing.T) {
	holds := func(e *E) {
		var mu sync2.Mutex
		v := NewAtomicInt(e, "v", 0)
		for range 3 {
			e.Go("task", func() {
				mu.Lock()
				v.Store(v.Load() + 1)
				mu.Unlock()
			})
		}
		e.Join()
		e.Check(v.Load() == 3, "a sum is lost")
	}
	fails := func(e *E) {
		v := NewAtomicInt(e, "v", 0)
		for range 2 {
			e.Go("task", func() { v.Store(v.Load() + 1) })
		}
		e.Join()
		e.Check(v.Load() == 2, "a sum is lost")
	}
	soak.Run(t, "schedules", func(ctx context.Context, done func(int)) error {
		for seed := uint64(1); ctx.Err() == nil; seed++ {
			r := Explore("holds", holds, Random(1000), Runs(1000), Seed(seed))
			if r.Failure != nil {
				return fmt.Errorf("a program that holds fails: %s", r.Failure.Message)
			}
			done(r.Runs)
			if r = Explore("fails", fails, Random(1000), Runs(1000), Seed(seed)); r.Failure == nil {
				return fmt.Errorf("a program that fails holds in %d schedules", r.Runs)
			}
			done(r.Runs)
		}
		return nil
	})
}
