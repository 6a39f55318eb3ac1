//go:build turnstile_steps

package explore

import (
	"context"
	"errors"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
)

func TestStepsOfWatch(t *testing.T) {
	newer := func(b *bench, version uint64, ok bool) {
		b.e.Check(!ok || version > 1, "version %d is not above 1", version)
	}
	all(t, map[string]script{
		"Set":    func(b *bench, me int) { b.took[me] = 1; b.called++; b.watch.Set(7) },
		"Update": func(b *bench, me int) { b.took[me] = 1; b.watch.Update(func(old int) int { return old + 1 }) },
		"WaitTimeout": func(b *bench, _ int) {
			_, n, ok := b.watch.WaitTimeout(1, soon)
			newer(b, n, ok)
		},
		"WaitContext": func(b *bench, _ int) {
			_, n, err := b.watch.WaitContext(b.ctx, 1)
			newer(b, n, err == nil)
		},
		"Get, Get": func(b *bench, _ int) {
			_, m := b.watch.Get()
			_, n := b.watch.Get()
			b.e.Check(m <= n, "version %d after %d", n, m)
		},
	}, func(b *bench) {
		changes := uint64(0)
		for _, n := range b.took {
			changes += uint64(n)
		}
		v, n := b.watch.Get()
		b.e.Check(b.called > 0 || uint64(v) == 1+changes, "value %d after %d Updates", v, changes)
		b.e.Check(n == 1+changes, "version %d after %d changes", n, changes)
		b.e.Check(b.watch.Waiting() == 0, "%d wait", b.watch.Waiting())
	}, [3]string{"Set", "Update", "WaitTimeout"}, [3]string{"Set", "WaitTimeout", "WaitContext"})
}

func TestStepsOfKeyedMutex(t *testing.T) {
	all(t, map[string]script{
		"Lock": func(b *bench, _ int) { b.keys.Lock("a"); b.enter(true); b.keys.Unlock("a") },
		"TryLock": func(b *bench, _ int) {
			if b.enter(b.keys.TryLock("a")) {
				b.keys.Unlock("a")
			}
		},
		"LockTimeout": func(b *bench, _ int) {
			if b.enter(b.keys.LockTimeout("a", soon)) {
				b.keys.Unlock("a")
			}
		},
		"LockContext": func(b *bench, _ int) {
			if b.enter(b.keys.LockContext(b.ctx, "a") == nil) {
				b.keys.Unlock("a")
			}
		},
		"another key": func(b *bench, _ int) { b.keys.Lock("b"); b.keys.Unlock("b") },
		"look": func(b *bench, _ int) {
			n := b.keys.Len()
			b.e.Check(n <= 1, "%d keys", n)
			b.keys.Waiting("a")
		},
	}, func(b *bench) {
		b.e.Check(b.keys.Len() == 0, "%d keys are left", b.keys.Len())
		b.e.Check(b.keys.TryLock("a") && b.keys.TryLock("b"), "locked, though nobody holds it")
		b.keys.Unlock("a")
		b.e.Check(b.keys.TryLock("a"), "not fit for use afterwards")
	}) // no three of them: the table's steps come on top of those of its locks, which are Mutex's
}

func TestStepsOfFlight(t *testing.T) {
	do := func(b *bench, ctx context.Context) {
		v, _, err := b.fly.Do(ctx, "a", func(context.Context) (int, error) { b.called++; return 7, nil })
		b.e.Check(err == nil && v == 7 || ctx == b.ctx && errors.Is(err, context.Canceled), "%d, %v", v, err)
	}
	all(t, map[string]script{
		"Do":     func(b *bench, _ int) { do(b, context.Background()) },
		"Do ctx": func(b *bench, _ int) { do(b, b.ctx) },
		"Forget": func(b *bench, _ int) { b.fly.Forget("a") },
	}, func(b *bench) { b.e.Check(b.fly.Len() == 0, "%d calls are left", b.fly.Len()) })
}

func TestStepsOfGroup(t *testing.T) {
	nothing := func(context.Context) error { return nil }
	open := func(start func()) {
		defer func() { _, _ = recover().(*sync2.UsageError) }() // a Wait may have returned
		start()
	}
	all(t, map[string]script{
		"Go":          func(b *bench, _ int) { open(func() { b.crew.Go("m", nothing) }) },
		"GoContext":   func(b *bench, _ int) { open(func() { _ = b.crew.GoContext(b.ctx, "m", nothing) }) },
		"WaitTimeout": func(b *bench, _ int) { _ = b.crew.WaitTimeout(soon) },
		"Cancel twice": func(b *bench, _ int) {
			b.crew.Cancel(errOnPurpose)
			b.crew.Cancel(nil)
		},
	}, func(b *bench) {
		err := b.crew.Wait()
		b.e.Check(err == nil || errors.Is(err, errOnPurpose), "%v", err)
	})
}
