package sync2_test

import (
	"context"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// Watch, KeyedMutex, Flight and Group, for the tests that cover every primitive.

// togetherVerbs are for TestHostileContexts and its like.
func togetherVerbs() []contextVerb {
	return []contextVerb{
		{"Watch.WaitContext", watchRig},
		{"KeyedMutex.LockContext", keyedMutexRig},
		{"Flight.Do", flightRig},
		{"Group.WaitContext", groupRig},
		{"Group.GoContext", groupGoRig},
	}
}

// togetherBubbleVerbs are for TestEveryVerbInBubbles.
func togetherBubbleVerbs() []verb {
	return []verb{watchVerb(), keyedMutexVerb(), flightVerb(), groupVerb(), groupGoVerb()}
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

func flightRig() rig {
	var f sync2.Flight[string, int]
	var gate sync2.Event
	gate.Set()
	return rig{
		call: func(ctx context.Context) error {
			_, _, err := f.Do(ctx, "a", func(context.Context) (int, error) { gate.Wait(); return 1, nil })
			return err
		},
		touch: func() { f.Len(); f.Forget("b") },
		block: gate.Clear,
		free:  gate.Set,
	}
}

func flightVerb() verb {
	var f sync2.Flight[int, int]
	var gate sync2.Event
	do := func(ctx context.Context) error {
		_, _, err := f.Do(ctx, 7, func(context.Context) (int, error) { gate.Wait(); return 1, nil })
		return err
	}
	return verb{
		name: "Flight.Do", prepare: gate.Clear, plain: func() { _ = do(context.Background()) }, ctx: do, wake: gate.Set, after: gate.Set,
	}
}

func groupRig() rig {
	var gate sync2.Event
	gate.Set()
	g := sync2.NewGroup(context.Background())
	return rig{
		call:  g.WaitContext,
		touch: func() { g.Context(); _ = g.WaitTimeout(-1) },
		block: func() {
			gate.Clear()
			g.Go("member", func(context.Context) error { gate.Wait(); return nil })
		},
		free: gate.Set,
	}
}

func groupGoRig() rig {
	g := sync2.NewGroup(context.Background(), sync2.WithLimit(1))
	var gate sync2.Event
	return rig{
		call: func(ctx context.Context) error {
			return g.GoContext(ctx, "member", func(context.Context) error { return nil })
		},
		touch: func() { g.Context(); g.TryGo("another", func(context.Context) error { return nil }) },
		block: func() { g.Go("member", func(context.Context) error { gate.Wait(); return nil }) },
		free:  gate.Set,
	}
}

func groupVerb() verb {
	var gate sync2.Event
	var g *sync2.Group
	return verb{
		name: "Group.Wait", wake: gate.Set, after: gate.Set,
		prepare: func() {
			gate.Clear()
			g = sync2.NewGroup(context.Background())
			g.Go("member", func(context.Context) error { gate.Wait(); return nil })
		},
		plain:   func() { _ = g.Wait() },
		ctx:     func(ctx context.Context) error { return g.WaitContext(ctx) },
		timeout: func(d time.Duration) bool { return g.WaitTimeout(d) == nil },
	}
}

func groupGoVerb() verb {
	var gate sync2.Event
	var g *sync2.Group
	nothing := func(context.Context) error { return nil }
	return verb{
		name: "Group.Go", wake: gate.Set, after: func() { gate.Set(); _ = g.Wait() },
		prepare: func() {
			gate.Clear()
			g = sync2.NewGroup(context.Background(), sync2.WithLimit(1))
			g.Go("member", func(context.Context) error { gate.Wait(); return nil })
		},
		plain: func() { g.Go("other", nothing) },
		ctx:   func(ctx context.Context) error { return g.GoContext(ctx, "other", nothing) },
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
