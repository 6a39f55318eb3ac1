//go:build turnstile_steps

package explore

import "testing"

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
