package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "lock-convoy",
	Title:    "A queue that never dissolves",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Lesson: "Several goroutines need a lock often but briefly, and usually find it free. Then one holds it for a long " +
		"time, and the others queue up. If the lock is handed over in strict order, the queue never dissolves: a " +
		"goroutine that comes back finds others ahead of it, so each turn costs a wait and a wake-up, forever. A lock " +
		"that allows barging dissolves the queue.",
	Look: "In the first act the lock is handed from one to the next, around and around, long after the slow turn. In " +
		"the second, the worker that gets the lock takes many turns in a row before the next has woken up. The log " +
		"counts how often the lock changes hands.",
	Params: []Param{
		{Name: "workers", Help: "number of workers that need the lock", Default: 4, Min: 1, Max: 1000},
		{Name: "turns", Help: "number of times that each of them needs it", Default: 8, Min: 1, Max: 100},
	},
	Run: runLockConvoy,
})

func runLockConvoy(ctx context.Context, p Params) error {
	// A semaphore with one permit is a lock that is strictly first come, first served: a permit released while
	// goroutines wait goes to the one that has waited longest.
	inOrder := sync2.NewBoundedSemaphore(1)
	trace.Name(inOrder, "handed-over")
	strict, err := convoy(ctx, p, "strict", inOrder.AcquireContext, inOrder.Release)
	if err != nil {
		return err
	}
	p.Pause(ctx, 600*time.Millisecond)

	// A Mutex lets running goroutines barge in. One that was woken and finds the lock taken again goes back to the front
	// of the line, and is next once it has waited for a millisecond; many turns fit into that time.
	var barging sync2.Mutex
	trace.Name(&barging, "up-for-grabs")
	loose, err := convoy(ctx, p, "loose", barging.LockContext, barging.Unlock)
	if err != nil {
		return err
	}
	total := p.Int("workers") * p.Int("turns")
	trace.Log("of %d turns, the lock changed hands in %d in strict order, and in %d with barging", total, strict, loose)
	return nil
}

// convoy lets workers take turns with a lock, the first of which is slow. It returns the number of times that the lock went from one
// worker to another.
func convoy(ctx context.Context, p Params, act string, lock func(context.Context) error, unlock func()) (changes int, err error) {
	n, turns := p.Int("workers"), p.Int("turns")
	taken, last, inside, most := 0, -1, 0, 0 // guarded by the lock

	// The slow turn: main stays inside until all others have come and wait.
	if err := lock(ctx); err != nil {
		return 0, err
	}
	var workers []*sync2.Goroutine
	for i := range n {
		workers = append(workers, sync2.Go(fmt.Sprintf("%s-%d", act, i+1), func() {
			p.Pause(ctx, spread(800*time.Millisecond, i, n))
			for range turns {
				if lock(ctx) != nil {
					return
				}
				inside++
				most = max(most, inside)
				if last != i {
					changes++
				}
				last = i
				taken++
				inside--
				unlock() // and at once back for the next turn
			}
		}))
	}
	p.Pause(ctx, 1300*time.Millisecond)
	begin := time.Now()
	unlock()
	for _, w := range workers {
		w.Join()
	}
	took := time.Since(begin)

	switch {
	case ctx.Err() != nil:
		return changes, context.Cause(ctx)
	case taken != n*turns || most > 1:
		return changes, fmt.Errorf("%d of %d turns were taken, by up to %d workers at the same time", taken, n*turns, most)
	}
	trace.Log("%d turns in %v, the lock changed hands %d times", taken, took.Round(time.Microsecond), changes)
	return changes, nil
}
