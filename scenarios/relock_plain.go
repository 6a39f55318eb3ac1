package scenarios

import (
	"context"
	"errors"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "relock-plain",
	Title:    "Waiting for oneself",
	Category: CategoryPrimitives,
	Programs: []int{47},
	Expect:   ExpectDeadlock,
	Locks:    true,
	Twin:     "relock",
	Lesson: "A Mutex does not know who holds it, only that somebody does. If a function that holds it calls " +
		"another that locks it again, the goroutine waits for an Unlock that only it could perform. It happens " +
		"under every schedule, and yet it is often found late, because the call that does it is rarely made.",
	Look: "The owner is in the room and at the same time stands at its door: a cycle of one. The neighbor behind " +
		"it did nothing wrong and waits forever too.",
	Hints: []string{
		"Find out who holds the lock that the owner waits for.",
		"closeAccount holds the lock. Look at the first thing that the last function it calls does.",
		"withdraw locks the Mutex that its caller already holds. Let both call a third function that expects the lock to " +
			"be held, or use a ReentrantLock.",
	},
	Run: runRelockPlain,
})

func runRelockPlain(ctx context.Context, p Params) error {
	var lock sync2.Mutex // guards balance
	trace.Name(&lock, "plain-lock")
	balance := 100

	// Each of the two methods of the account takes the lock, as a method that may be called from outside has to.
	withdraw := func(amount int) {
		if lock.LockContext(ctx) != nil {
			return
		}
		defer lock.Unlock()
		balance -= amount
	}
	var tried bool
	closeAccount := func() {
		if lock.LockContext(ctx) != nil {
			return
		}
		defer lock.Unlock()
		p.Pause(ctx, 800*time.Millisecond)

		// Trying is harmless. The answer is no, as it would be for any goroutine.
		tried = lock.TryLock()
		trace.Log("tried the lock that it holds: %t", tried)
		p.Pause(ctx, 800*time.Millisecond)

		// But this call, which looks just as harmless, never returns.
		withdraw(balance)
	}

	owner := sync2.Go("owner", closeAccount)
	neighbor := sync2.Go("neighbor", func() {
		p.Pause(ctx, 2400*time.Millisecond)
		withdraw(10)
	})
	owner.Join()
	neighbor.Join()

	if tried {
		return errors.New("a plain Mutex was taken twice")
	}
	return nil
}
