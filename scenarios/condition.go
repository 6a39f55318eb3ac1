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
	Name:     "condition",
	Title:    "Consumers wait for a resource, a producer tells them all",
	Category: CategoryPrimitives,
	Programs: []int{49},
	Expect:   ExpectClean,
	Lesson: "A Cond is a waiting room that belongs to a lock. A goroutine that finds the condition false waits " +
		"there and releases the lock meanwhile; a goroutine that changes the state notifies the waiters. Being " +
		"notified is not enough: each waiter has to lock again and check the condition before it continues.",
	Look: "The consumers go through the lock into the waiting room, which leaves the lock free for the producer. " +
		"After Broadcast they stand in the queue for the lock, and go in one at a time.",
	Params: []Param{
		{Name: "consumers", Help: "number of consumers that wait for the resource", Default: 2, Min: 1, Max: 1000},
	},
	Run: runCondition,
})

func runCondition(ctx context.Context, p Params) error {
	n := p.Int("consumers")
	var lock sync2.Mutex // guards exists, consumed and early
	exists, consumed, early := false, 0, 0
	produced := sync2.NewCond(&lock)
	trace.Name(&lock, "resource-lock")
	trace.Name(produced, "resource-exists")

	all := start(n, "consumer", func(i int) {
		p.Pause(ctx, spread(1200*time.Millisecond, i, n))
		if lock.LockContext(ctx) != nil {
			return
		}
		defer lock.Unlock()

		// WaitFor looks at the state with the lock held, waits if need be, and looks again. It returns with the
		// lock held, so what it has seen still holds in the next line.
		if produced.WaitForContext(ctx, func() bool { return exists }) != nil {
			return
		}
		if !exists {
			early++
		}
		consumed++
		trace.Log("uses the resource")
		p.Pause(ctx, 1200*time.Millisecond/time.Duration(n))
	})

	// The producer needs the same lock, and gets it although all the others are waiting.
	all = append(all, sync2.Go("producer", func() {
		p.Pause(ctx, 1800*time.Millisecond)
		if lock.LockContext(ctx) != nil {
			return
		}
		defer lock.Unlock()
		exists = true
		trace.Log("the resource exists")

		// Broadcast, since there is enough for all of them. For a thing that only one can have, Signal would do.
		produced.Broadcast()
		p.Pause(ctx, 800*time.Millisecond)
	}))
	all.Join()

	switch {
	case early > 0:
		return errors.New("the resource was used before it existed")
	case consumed != n || produced.Waiting() > 0:
		return fmt.Errorf("%d of %d used the resource, and %d still wait for it", consumed, n, produced.Waiting())
	}
	return nil
}
