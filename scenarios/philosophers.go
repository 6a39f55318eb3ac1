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
	Category: Classics,
	Expect:   Deadlock,
	Locks:    true,
	Twin:     "philosophers-order",
	Lesson: "Each philosopher takes the fork on the left and then the one on the right. If all of them take the " +
		"left one at the same time, no fork is left, and everybody waits for a neighbour for ever. It is the " +
		"deadlock of two locks, in a larger cycle.",
	Look: "Each philosopher holds one fork and waits for the next: follow the arrows once around the table.",
	Hints: []string{
		"Count the forks on the table when nobody can go on.",
		"Everybody holds the left fork and waits for the right one. Follow the arrows once around the table.",
		"Each takes the left fork first, so the cycle can close. Let one of them take the right fork first: number " +
			"the forks, and take the lower number first.",
	},
	Params: []Param{{Name: "philosophers", Help: "how many sit at the table", Default: 3, Min: 2, Max: 1000}},
	Run:    func(ctx context.Context, p Params) error { return dine(ctx, p, false) },
})

var _ = register(&Scenario{
	Name:     "philosophers-order",
	Title:    "The dining philosophers, one of them right-handed",
	Category: Classics,
	Expect:   Clean,
	Twin:     "philosophers-deadlock",
	Lesson: "The forks are numbered, and everybody takes the fork with the lower number first; so the last " +
		"philosopher reaches to the right before the left. A wait-for cycle would need somebody who holds a " +
		"higher number and waits for a lower one, and there is nobody.",
	Look: "There is always one who holds two forks and eats, or can get them; the others wait for that one, in a " +
		"chain and not in a cycle.",
	Params: []Param{{Name: "philosophers", Help: "how many sit at the table", Default: 3, Min: 2, Max: 1000}},
	Run:    func(ctx context.Context, p Params) error { return dine(ctx, p, true) },
})

func dine(ctx context.Context, p Params, ordered bool) error {
	n := p.Int("philosophers")
	forks := make([]sync2.Mutex, n)
	for i := range forks {
		trace.Name(&forks[i], fmt.Sprintf("fork-%d", i+1))
	}

	eat := func(first, second *sync2.Mutex) {
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

	var table []*sync2.Goroutine
	for i := range n {
		left, right := i, (i+1)%n
		if ordered && left > right {
			left, right = right, left
		}
		table = append(table, sync2.Go(fmt.Sprintf("philosopher-%d", i+1), func() { eat(&forks[left], &forks[right]) }))
	}
	for _, g := range table {
		g.Join()
	}
	return nil
}
