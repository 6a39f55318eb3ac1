package scenarios

import (
	"context"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "abba-deadlock",
	Title:    "Two locks, taken in opposite orders",
	Category: CategoryClassics,
	Expect:   ExpectDeadlock,
	Locks:    true,
	Twin:     "abba-ordered",
	Lesson: "One goroutine takes lock A and then lock B, the other B and then A. If each gets its first lock before " +
		"either gets its second, each waits for what the other holds, and neither can ever proceed. Most of the time " +
		"nothing goes wrong, which is what makes it dangerous.",
	Look: "Both goroutines stand at a door, each of them the holder of the room that the other wants to enter: a " +
		"wait-for cycle.",
	Hints: []string{
		"Draw for each goroutine an arrow from the lock that it holds to the lock that it waits for.",
		"ann takes lock-a and then lock-b. Look at the order in which ben takes them.",
		"If each has its first lock, each waits for the other's. Let both take lock-a first: with one order for all " +
			"locks no cycle can close.",
	},
	Run: runABBADeadlock,
})

var _ = register(&Scenario{
	Name:     "abba-ordered",
	Title:    "Two locks, always taken in the same order",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "abba-deadlock",
	Lesson: "A goroutine that needs both locks takes A first. Then no goroutine " +
		"that holds B can be waiting for A, and the cycle cannot close. A " +
		"fixed order of all locks is the simplest way to rule out deadlocks.",
	Look: "The second goroutine waits at the door of A and holds nothing meanwhile; the first goes through both " +
		"rooms and comes out.",
	Run: runABBAOrdered,
})

func runABBADeadlock(ctx context.Context, p Params) error {
	var a, b sync2.Mutex
	trace.Name(&a, "lock-a")
	trace.Name(&b, "lock-b")

	// Each takes first the lock that is nearer.
	ann := sync2.Go("ann", func() { holdBoth(ctx, p, &a, &b) })
	ben := sync2.Go("ben", func() { holdBoth(ctx, p, &b, &a) })
	ann.Join()
	ben.Join()
	return nil
}

func runABBAOrdered(ctx context.Context, p Params) error {
	var a, b sync2.Mutex
	trace.Name(&a, "lock-a")
	trace.Name(&b, "lock-b")

	// Both keep to one order: a before b.
	ann := sync2.Go("ann", func() { holdBoth(ctx, p, &a, &b) })
	ben := sync2.Go("ben", func() { holdBoth(ctx, p, &a, &b) })
	ann.Join()
	ben.Join()
	return nil
}

// holdBoth takes two locks, first before second, and holds them for a while.
func holdBoth(ctx context.Context, p Params, first, second *sync2.Mutex) {
	if first.LockContext(ctx) != nil {
		return
	}
	defer first.Unlock()
	p.Pause(ctx, time.Second) // long enough for the other to take its first lock
	if second.LockContext(ctx) != nil {
		return
	}
	defer second.Unlock()
	p.Pause(ctx, 600*time.Millisecond)
}
