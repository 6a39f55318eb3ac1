package explore

import (
	"context"
)

// syncSubjects are the WaitGroup, the Once and the RWMutex.
var syncSubjects = []subject{
	{
		name: "WaitGroup",
		wide: true,
		scripts: map[string]func(*world){
			"Add, Done": func(w *world) { w.group.Add(1); w.group.Done() },
			"Add, Wait": func(w *world) {
				w.group.Add(2)
				w.group.Add(-2)
				w.group.Wait()
			},
			"Go": func(w *world) { w.group.Go(func() { w.late.Add(1) }) },
			"Add, WaitTimeout": func(w *world) {
				w.group.Add(1)
				w.e.Check(!w.group.WaitTimeout(soon), "released at 1 or more")
				w.group.Done()
			},
			"WaitContext": func(w *world) { _ = w.group.WaitContext(w.ctx) },
			"look":        func(w *world) { w.group.Count(); w.group.Waiting(); w.group.WaitTimeout(0) },
		},
		check: func(w *world) {
			w.group.Wait()
			w.e.Check(w.group.Count() == 0 && w.group.Waiting() == 0, "at %d, %d wait", w.group.Count(), w.group.Waiting())
		},
	},
	{
		name: "Once",
		wide: true,
		scripts: map[string]func(*world){
			"Do": func(w *world) { w.once.Do(func() { w.critical(); w.ran() }); w.e.Check(w.once.Done(), "not done") },
			"Do, panics": func(w *world) {
				defer func() { _ = recover(); w.e.Check(w.once.Done(), "not done") }()
				w.once.Do(func() { w.ran(); panic(errPurpose) })
			},
			"succeeds": func(w *world) { w.try(context.Background(), nil) },
			"fails":    func(w *world) { w.try(w.ctx, errPurpose) },
			"gives up": func(w *world) { w.try(w.ctx, nil) },
			"look":     func(w *world) { w.once.Done() },
		},
		check: func(w *world) {
			w.once.Do(w.ran)
			w.e.Check(w.once.Done() && w.total.Load() == 1, "done %v, %d times", w.once.Done(), w.total.Load())
		},
	},
	{
		name: "RWMutex",
		wide: true,
		scripts: map[string]func(*world){
			"Lock":    func(w *world) { w.rw.Lock(); w.critical(); w.rw.Unlock() },
			"RLock":   func(w *world) { w.rw.RLock(); w.reads(); w.rw.RUnlock() },
			"RLocker": func(w *world) { w.rw.RLocker().Lock(); w.reads(); w.rw.RLocker().Unlock() },
			"Lock, Downgrade": func(w *world) {
				w.rw.Lock()
				w.critical()
				w.rw.Downgrade()
				w.reads()
				w.rw.RUnlock()
			},
			"LockTimeout":    func(w *world) { w.write(w.rw.LockTimeout(soon)) },
			"LockContext":    func(w *world) { w.write(w.rw.LockContext(w.ctx) == nil) },
			"TryLock":        func(w *world) { w.write(w.rw.TryLock()) },
			"RLockTimeout":   func(w *world) { w.read(w.rw.RLockTimeout(soon)) },
			"RLockContext":   func(w *world) { w.read(w.rw.RLockContext(w.ctx) == nil) },
			"TryRLock":       func(w *world) { w.read(w.rw.TryRLock()) },
			"look":           func(w *world) { w.rw.Locked(); w.rw.Readers(); w.rw.Waiting() },
			"LockTimeout(0)": func(w *world) { w.write(w.rw.LockTimeout(0)) },
		},
		check: func(w *world) {
			w.e.Check(!w.rw.Locked() && w.rw.Readers() == 0 && w.rw.Waiting() == 0, "locked %v, %d read, %d wait", w.rw.Locked(), w.rw.Readers(), w.rw.Waiting())
			w.e.Check(w.rw.TryLock(), "locked, though nobody holds it")
		},
	},
}

// ran records that a function completed the once.
func (w *world) ran() { w.total.Add(1) }

// try tries to complete the once with a function that returns fails.
func (w *world) try(ctx context.Context, fails error) {
	err := w.once.DoContext(ctx, func(context.Context) error {
		w.critical()
		if fails == nil {
			w.ran()
		}
		return fails
	})
	w.e.Check(err != nil || w.once.Done() && w.total.Load() == 1, "nil, though not done")
}

// reads is a section that excludes writers.
func (w *world) reads() {
	w.e.Check(w.inner == 0, "%d write beside a reader", w.inner)
	w.e.Yield()
	w.e.Check(w.inner == 0, "%d write beside a reader", w.inner)
}

// write writes and unlocks, if it was locked for writing.
func (w *world) write(locked bool) {
	if locked {
		w.critical()
		w.rw.Unlock()
	}
}

// read reads and unlocks, if it was locked for reading.
func (w *world) read(locked bool) {
	if locked {
		w.reads()
		w.rw.RUnlock()
	}
}
