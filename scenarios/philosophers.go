package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "philosophers-deadlock",
	Title:    "The dining philosophers, all left-handed",
	Category: CategoryClassics,
	Expect:   ExpectDeadlock,
	Locks:    true,
	Twin:     "philosophers-order",
	Lesson: "Each philosopher takes the fork on the left and then the one on the right. If all of them take the left " +
		"one at the same time, no fork is left, and everybody waits for a neighbor forever. It is the deadlock of two " +
		"locks in a larger cycle.",
	Look: "Each philosopher holds one fork and waits for the next: follow the arrows once around the table.",
	Hints: []string{
		"Count the forks on the table when nobody can go on.",
		"Everybody holds the left fork and waits for the right one. Follow the arrows once around the table.",
		"Each takes the left fork first, so the cycle can close. Let one of them take the right fork first: number " +
			"the forks, and take the lower number first.",
	},
	Params: []Param{{Name: "philosophers", Help: "number of philosophers at the table", Default: 3, Min: 2, Max: 1000}},
	Run:    runPhilosophersDeadlock,
})

var _ = register(&Scenario{
	Name:     "philosophers-order",
	Title:    "The dining philosophers, one of them right-handed",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "philosophers-deadlock",
	Lesson: "The forks are numbered, and everybody takes the fork with the lower number first; so the last " +
		"philosopher reaches to the right before the left. A wait-for cycle would need somebody who holds a higher " +
		"number and waits for a lower one, and nobody does.",
	Look: "There is always a philosopher who has two forks and eats, or can get them; the others wait in a chain for " +
		"that one, not in a cycle.",
	Params: []Param{{Name: "philosophers", Help: "number of philosophers at the table", Default: 3, Min: 2, Max: 1000}},
	Run:    runPhilosophersOrder,
})

func runPhilosophersDeadlock(ctx context.Context, p Params) error {
	forks := layForks(p)
	n := len(forks)
	start(n, "philosopher", func(i int) { dine(ctx, p, n, &forks[i], &forks[(i+1)%n]) }).Join()
	return nil
}

func runPhilosophersOrder(ctx context.Context, p Params) error {
	forks := layForks(p)
	n := len(forks)
	start(n, "philosopher", func(i int) {
		// The fork with the lower number first: for the last philosopher that is the one on the right.
		first, second := min(i, (i+1)%n), max(i, (i+1)%n)
		dine(ctx, p, n, &forks[first], &forks[second])
	}).Join()
	return nil
}

// layForks returns one fork for each philosopher.
func layForks(p Params) []sync2.Mutex {
	forks := make([]sync2.Mutex, p.Int("philosophers"))
	for i := range forks {
		trace.Name(&forks[i], fmt.Sprintf("fork-%d", i+1))
	}
	return forks
}

// dine takes one fork and then the other, and eats, at a table of n.
func dine(ctx context.Context, p Params, n int, first, second *sync2.Mutex) {
	if first.LockContext(ctx) != nil {
		return
	}
	defer first.Unlock()
	p.Pause(ctx, 2700*time.Millisecond/time.Duration(n))
	if second.LockContext(ctx) != nil {
		return
	}
	defer second.Unlock()
	trace.Log("eats")
	p.Pause(ctx, 1800*time.Millisecond/time.Duration(n))
}
