package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "relock",
	Title:    "Take a lock you already hold",
	Category: CategoryPrimitives,
	Programs: []int{47},
	Expect:   ExpectClean,
	Twin:     "relock-plain",
	Lesson: "A function that holds a lock calls another that takes the same lock. With a plain Mutex the goroutine " +
		"would wait for itself forever. A ReentrantLock has an owner and counts: its owner may lock it again, and it is " +
		"free once it has been unlocked as many times as it was locked.",
	Look: "The owner's badge counts up while it goes in and down while it comes out. The neighbor waits at the door " +
		"through all of that, and gets in when the depth is back at 0.",
	Params: []Param{
		{Name: "depth", Help: "number of times the owner takes the lock", Default: 2, Min: 1, Max: 1000},
	},
	Run: runRelock,
})

func runRelock(ctx context.Context, p Params) error {
	depth := p.Int("depth")

	// First the plain Mutex. Locking it again would mean waiting for oneself, so this only tries; that must fail.
	var plain sync2.Mutex
	trace.Name(&plain, "plain-lock")
	plain.Lock()
	again := plain.TryLock()
	trace.Log("a plain lock tried again by its holder: %t", again)
	p.Pause(ctx, 600*time.Millisecond)
	plain.Unlock()
	if again {
		return errors.New("a plain Mutex was taken twice")
	}

	var lock sync2.ReentrantLock
	trace.Name(&lock, "reentrant-lock")
	var inside sync2.Event
	trace.Name(&inside, "owner-is-inside")

	// The owner goes deeper with every call, as a method that calls a method that calls a method.
	within, deepest := 0, 0 // guarded by lock
	var enter func(levels int)
	enter = func(levels int) {
		if levels == 0 || lock.LockContext(ctx) != nil {
			return
		}
		defer lock.Unlock()
		within++
		deepest = max(deepest, lock.Depth())
		inside.Set()
		trace.Log("holds the lock, depth %d", lock.Depth())
		p.Pause(ctx, 2*time.Second/time.Duration(depth))
		enter(levels - 1)
		p.Pause(ctx, 2*time.Second/time.Duration(depth))
		within--
	}
	left := 0
	owner := sync2.Go("owner", func() {
		enter(depth)
		left = lock.Depth()
	})

	// The neighbor comes while the owner is inside. It may go in only when the last Unlock has freed the lock.
	early := false
	neighbor := sync2.Go("neighbor", func() {
		if inside.WaitContext(ctx) != nil || lock.LockContext(ctx) != nil {
			return
		}
		early = within != 0
		p.Pause(ctx, 500*time.Millisecond)
		lock.Unlock()
	})
	owner.Join()
	neighbor.Join()

	switch {
	case deepest != depth || left != 0:
		return fmt.Errorf("the owner held the lock %d deep, and %d at the end", deepest, left)
	case early:
		return errors.New("the neighbor got in while the owner was inside")
	}
	return nil
}
