package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "philosophers-waiter",
	Title:    "The dining philosophers, and a waiter who keeps one of them standing",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Lesson: "All philosophers are left-handed, as in philosophers-deadlock, but a waiter seats them, and never all " +
		"of them at the same time. So at least one fork lies beside only one of them, who gets two forks, eats and " +
		"leaves. The wait-for cycle needs everybody in it; a semaphore with one permit too few is enough to break it.",
	Look: "The semaphore called waiter has one permit fewer than there are philosophers. One of them stands and waits " +
		"for a seat, and among those seated one always has both forks or can get them.",
	Params: []Param{
		{Name: "philosophers", Help: "number of philosophers who come to dinner", Default: 3, Min: 3, Max: 1000},
	},
	Run: runWaiter,
})

func runWaiter(ctx context.Context, p Params) error {
	n := p.Int("philosophers")
	forks := make([]sync2.Mutex, n)
	for i := range forks {
		trace.Name(&forks[i], fmt.Sprintf("fork-%d", i+1))
	}
	waiter := sync2.NewBoundedSemaphore(n - 1)
	trace.Name(waiter, "waiter")

	// The waiter's notes: who sits, and who has eaten.
	var pad sync2.Mutex // guards seated, most and meals
	trace.Name(&pad, "pad")
	seated, most, meals := 0, 0, 0
	note := func(sits, eats int) {
		pad.Lock()
		defer pad.Unlock()
		seated += sits
		most = max(most, seated)
		meals += eats
	}

	dine := func(left, right *sync2.Mutex) {
		if waiter.AcquireContext(ctx) != nil {
			return
		}
		defer waiter.Release()
		note(1, 0)
		defer note(-1, 0)

		// Everybody takes the left fork first. That led to the deadlock; here the cycle always lacks somebody.
		if left.LockContext(ctx) != nil {
			return
		}
		defer left.Unlock()
		p.Pause(ctx, 2700*time.Millisecond/time.Duration(n))
		if right.LockContext(ctx) != nil {
			return
		}
		defer right.Unlock()
		note(0, 1)
		trace.Log("eats")
		p.Pause(ctx, 1800*time.Millisecond/time.Duration(n))
	}

	var table []*sync2.Goroutine
	for i := range n {
		table = append(table, sync2.Go(fmt.Sprintf("philosopher-%d", i+1), func() { dine(&forks[i], &forks[(i+1)%n]) }))
	}
	for _, g := range table {
		g.Join()
	}

	switch {
	case most >= n:
		return fmt.Errorf("all %d sat at the table at the same time", n)
	case meals != n || seated != 0:
		return fmt.Errorf("%d of %d have eaten, and %d still sit there", meals, n, seated)
	}
	return nil
}
