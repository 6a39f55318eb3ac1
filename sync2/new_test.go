package sync2_test

import (
	"context"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// Watch, KeyedMutex, Flight and Group, for the tests that go through everything.

// newVerbs are for TestHostileContexts and its like.
func newVerbs() []contextVerb {
	return []contextVerb{
		{"Watch.WaitContext", watchRig},
		{"KeyedMutex.LockContext", keyedMutexRig},
	}
}

// newBubbleVerbs are for TestEveryVerbInBubbles.
func newBubbleVerbs() []verb {
	return []verb{watchVerb(), keyedMutexVerb()}
}

func watchRig() rig {
	w, after := sync2.NewWatch(1), uint64(0)
	return rig{
		call:  func(ctx context.Context) error { _, _, err := w.WaitContext(ctx, after); return err },
		touch: func() { w.Get(); w.Waiting(); w.WaitTimeout(after, 0) },
		block: func() { _, after = w.Get() },
		free:  func() { w.Set(2) },
		calls: w.Waiting,
	}
}

func keyedMutexRig() rig {
	var m sync2.KeyedMutex[string]
	return rig{
		call: func(ctx context.Context) error {
			err := m.LockContext(ctx, "a")
			if err == nil {
				m.Unlock("a")
			}
			return err
		},
		touch: func() {
			m.Len()
			m.Locked("b")
			if m.Locked("a"); m.Waiting("a") == 0 && m.TryLock("a") {
				m.Unlock("a")
			}
		},
		block: func() { m.Lock("a") },
		free:  func() { m.Unlock("a") },
		calls: func() int { return m.Waiting("a") },
	}
}

func keyedMutexVerb() verb {
	var m sync2.KeyedMutex[int]
	return verb{
		name: "KeyedMutex.Lock", prepare: func() { m.TryLock(7) }, wake: func() { m.Unlock(7) },
		plain:   func() { m.Lock(7) },
		ctx:     func(ctx context.Context) error { return m.LockContext(ctx, 7) },
		timeout: func(d time.Duration) bool { return m.LockTimeout(7, d) },
	}
}

func watchVerb() verb {
	w, after := sync2.NewWatch(1), uint64(0)
	return verb{
		name: "Watch.Wait", prepare: func() { _, after = w.Get() }, wake: func() { w.Set(2) },
		plain:   func() { w.Wait(after) },
		ctx:     func(ctx context.Context) error { _, _, err := w.WaitContext(ctx, after); return err },
		timeout: func(d time.Duration) bool { _, _, ok := w.WaitTimeout(after, d); return ok },
	}
}
