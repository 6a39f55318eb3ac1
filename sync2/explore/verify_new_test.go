package explore

import "github.com/turnstile-go/turnstile/sync2"

// newSubjects are those of the subjects that stand for goroutines that work together.
var newSubjects = []subject{
	{
		name: "Watch",
		wide: true,
		make: func(w *world) { w.watch = sync2.NewWatch(1) },
		scripts: map[string]func(*world){
			"Set":    func(w *world) { w.total.Add(1); w.held.Add(1); w.watch.Set(7) },
			"Update": func(w *world) { w.total.Add(1); w.watch.Update(func(old int) int { return old + 1 }) },
			"WaitTimeout": func(w *world) {
				_, n, ok := w.watch.WaitTimeout(1, soon)
				w.newer(n, ok, 1)
			},
			"WaitTimeout for the third": func(w *world) {
				_, n, ok := w.watch.WaitTimeout(2, soon)
				w.newer(n, ok, 2)
			},
			"WaitContext": func(w *world) {
				_, n, err := w.watch.WaitContext(w.ctx, 1)
				w.newer(n, err == nil, 1)
			},
			"Get twice": func(w *world) {
				_, m := w.watch.Get()
				v, n := w.watch.Get()
				w.e.Check(w.held.Load() > 0 || int64(v) == 1+w.total.Load(), "value %d after %d Updates", v, w.total.Load())
				w.e.Check(m <= n, "version %d after %d", n, m)
			},
			"WaitTimeout(0)": func(w *world) {
				_, n, ok := w.watch.WaitTimeout(1, 0)
				w.newer(n, ok, 1)
				w.watch.Waiting()
			},
		},
		check: func(w *world) {
			_, n := w.watch.Get()
			w.e.Check(int64(n) == 1+w.total.Load(), "version %d after %d changes", n, w.total.Load())
			w.e.Check(w.watch.Waiting() == 0, "%d wait", w.watch.Waiting())
		},
	},
}

// newer checks the version that a wait for one above after has returned, with or without success.
func (w *world) newer(version uint64, ok bool, after uint64) {
	w.e.Check(!ok || version > after, "version %d, waited for one after %d", version, after)
	w.e.Check(int64(version) <= 1+w.total.Load(), "version %d of %d", version, 1+w.total.Load())
}
