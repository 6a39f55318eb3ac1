package explore

import (
	"context"
	"errors"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

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
				_, n := w.watch.Get()
				w.e.Check(m <= n, "version %d after %d", n, m)
			},
			"WaitTimeout(0)": func(w *world) {
				_, n, ok := w.watch.WaitTimeout(1, 0)
				w.newer(n, ok, 1)
				w.watch.Waiting()
			},
		},
		check: func(w *world) {
			v, n := w.watch.Get()
			w.e.Check(w.held.Load() > 0 || int64(v) == 1+w.total.Load(), "value %d after %d Updates", v, w.total.Load())
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

func init() {
	scripts := lockScripts(func(w *world) interface {
		Lock()
		Unlock()
		TryLock() bool
		LockTimeout(time.Duration) bool
		LockContext(context.Context) error
		Locked() bool
		Waiting() int
	} {
		return aKey{&w.keys, "a"}
	})
	scripts["look"] = func(w *world) { w.keys.Waiting("a"); w.keys.Locked("a"); w.keys.Len() }
	scripts["another key"] = func(w *world) {
		w.keys.Lock("b")
		n := w.keys.Len()
		w.e.Check(n == 1 || n == 2, "%d keys", n)
		w.keys.Unlock("b")
	}
	subjects = append(subjects, flightSubject(), groupSubject(), subject{
		name: "KeyedMutex", wide: true, scripts: scripts,
		check: func(w *world) {
			w.e.Check(w.keys.Len() == 0, "%d keys are left", w.keys.Len())
			w.e.Check(w.keys.TryLock("a") && w.keys.TryLock("b"), "locked, though nobody holds it")
		},
	})
}

// aKey is one key of a KeyedMutex.
type aKey struct {
	m *sync2.KeyedMutex[string]
	k string
}

func (a aKey) Lock()                                 { a.m.Lock(a.k) }
func (a aKey) Unlock()                               { a.m.Unlock(a.k) }
func (a aKey) TryLock() bool                         { return a.m.TryLock(a.k) }
func (a aKey) LockTimeout(d time.Duration) bool      { return a.m.LockTimeout(a.k, d) }
func (a aKey) LockContext(ctx context.Context) error { return a.m.LockContext(ctx, a.k) }
func (a aKey) Locked() bool                          { return a.m.Locked(a.k) }
func (a aKey) Waiting() int                          { return a.m.Waiting(a.k) }

// flightSubject has scripts in which a call gives the number of those that have begun.
func flightSubject() subject {
	do := func(w *world, ctx context.Context) {
		began := w.total.Load()
		v, shared, err := w.fly.Do(ctx, "a", func(ctx context.Context) (int, error) {
			n := int(w.total.Add(1))
			w.e.Check(ctx.Value(w) == nil, "the context has a value")
			if n == 2 {
				return n, errPurpose
			}
			return n, nil
		})
		switch {
		case err == nil:
			w.e.Check(v > 0 && int64(v) <= w.total.Load(), "result %d of %d", v, w.total.Load())
			w.e.Check(!shared || int64(v) >= began, "the result of call %d, shared, after %d had begun", v, began)
		case ctx == w.ctx:
			w.e.Check(errors.Is(err, context.Canceled) || errors.Is(err, errPurpose), "%v", err)
		default:
			w.e.Check(errors.Is(err, errPurpose), "%v", err)
		}
	}
	return subject{
		name: "Flight", wide: true,
		scripts: map[string]func(*world){
			"Do":             func(w *world) { do(w, context.Background()) },
			"Do with ctx":    func(w *world) { do(w, w.ctx) },
			"Forget and Len": func(w *world) { w.fly.Forget("a"); w.fly.Len() },
		},
		check: func(w *world) { w.e.Check(w.fly.Len() == 0, "%d calls are left", w.fly.Len()) },
	}
}

// groupSubject has a group with one place. Who waits for the group does it with a limit, so that it does not return for the
// others.
func groupSubject() subject {
	member := func(w *world) func(context.Context) error {
		return func(context.Context) error {
			w.critical()
			w.total.Add(1)
			return nil
		}
	}
	return subject{
		name: "Group", wide: true,
		make: func(w *world) { w.crew = sync2.NewGroup(context.Background(), sync2.WithLimit(1)) },
		scripts: map[string]func(*world){
			"Go": func(w *world) { w.open(func() { w.crew.Go("m", member(w)) }) },
			"GoContext": func(w *world) {
				w.open(func() {
					if w.crew.GoContext(w.ctx, "m", member(w)) != nil {
						w.held.Add(-1)
					}
				})
			},
			"TryGo": func(w *world) {
				w.open(func() {
					if !w.crew.TryGo("m", member(w)) {
						w.held.Add(-1)
					}
				})
			},
			"Go and fail": func(w *world) {
				w.open(func() {
					w.crew.Go("f", func(context.Context) error { w.total.Add(1); w.late.Add(1); return errPurpose })
				})
			},
			"WaitTimeout": func(w *world) { w.joined(w.crew.WaitTimeout(soon)) },
			"WaitContext": func(w *world) { w.joined(w.crew.WaitContext(w.ctx)) },
			"Cancel":      func(w *world) { w.late.Add(1); w.crew.Cancel(errPurpose) },
		},
		check: func(w *world) {
			err := w.crew.Wait()
			w.e.Check(w.total.Load() == w.held.Load(), "%d of %d have run", w.total.Load(), w.held.Load())
			w.e.Check(err == nil || w.late.Load() > 0 && errors.Is(err, errPurpose), "%v", err) // no test of testify
			w.e.Check(w.crew.Context().Err() != nil, "its context has not ended")
		},
	}
}

// open starts a member by start, unless a Wait has returned.
func (w *world) open(start func()) {
	defer func() {
		if r := recover(); r != nil {
			_, misuse := r.(*sync2.UsageError)
			w.e.Check(misuse, "%v", r)
			w.held.Add(-1)
		}
	}()
	w.held.Add(1)
	start()
}

// joined checks what a Wait with a limit has returned.
func (w *world) joined(err error) {
	if err == nil {
		w.e.Check(w.crew.Context().Err() != nil, "its context has not ended")
	}
}
