package explore

import "testing"

func BenchmarkFit(b *testing.B) {
	for _, c := range []struct {
		n    string
		t, o int
	}{{"empty", 0, 0}, {"1x0", 1, 0}, {"3x0", 3, 0}, {"3x1", 3, 1}, {"3x5", 3, 5}, {"3x10", 3, 10}, {"1x15", 1, 15}, {"1x115", 1, 115}} {
		b.Run(c.n, func(b *testing.B) {
			benchmark(b, func(e *E) {
				v := [3]*AtomicInt{NewAtomicInt(e, "a", 0), NewAtomicInt(e, "a", 0), NewAtomicInt(e, "a", 0)}
				for i := range c.t {
					e.Go("task", func() {
						for range c.o {
							v[i].Store(1)
						}
					})
				}
				e.Join()
			}, Random)
		})
	}
}
