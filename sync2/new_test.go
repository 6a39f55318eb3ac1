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
	}
}

// newBubbleVerbs are for TestEveryVerbInBubbles.
func newBubbleVerbs() []verb {
	return []verb{watchVerb()}
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

func watchVerb() verb {
	w, after := sync2.NewWatch(1), uint64(0)
	return verb{
		name: "Watch.Wait", prepare: func() { _, after = w.Get() }, wake: func() { w.Set(2) },
		plain:   func() { w.Wait(after) },
		ctx:     func(ctx context.Context) error { _, _, err := w.WaitContext(ctx, after); return err },
		timeout: func(d time.Duration) bool { _, _, ok := w.WaitTimeout(after, d); return ok },
	}
}
